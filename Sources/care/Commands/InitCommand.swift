import ArgumentParser
import CareEngine
import CareValues
import Glibc

/// `care init`
struct InitCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Make care.json and a first rule here.",
        discussion: """
            Examples:
              care init
              care init --zone Asia/Shanghai

            Writes care.json and rules/thanks.json; a file that is there already is left as it is.
            """)

    @Option(help: "The project's time zone.") var zone = "UTC"

    func execute(_ console: Console) async throws -> Int32 {
        guard Zones.system.zone(named: zone) != nil else {
            throw CommandFailure.usage("--zone '\(zone)' is no time zone", help: "An IANA name: Europe/Paris.")
        }
        mkdir(console.resolved("rules"), 0o755)
        var made: [String] = []
        for (name, text) in [("care.json", FirstFiles.environment(zone: zone)), ("rules/thanks.json", FirstFiles.rule)]
        {
            let path = console.resolved(name)
            if Files.isFile(path) {
                console.line("\(name) is there already; left as it is.")
                continue
            }
            try write(text, to: path, name: name)
            made.append(name)
        }
        if !made.isEmpty { console.line("Made \(made.joined(separator: " and ")).") }
        console.line("Next: care check, then care import customers FILE")
        return ExitCode.fine
    }

    private func write(_ text: String, to path: String, name: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw CommandFailure("\(name) cannot be made: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard bytes.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == bytes.count else {
            throw CommandFailure("\(name) cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}

/// What `care init` writes.
enum FirstFiles {
    static func environment(zone: String) -> String {
        """
        {
          "timeZone": "\(zone)",
          "store": "care.sqlite",
          "destinations": {
            "crm": { "type": "webhook", "url": "http://127.0.0.1:8421/crm", "secret": "env:CARE_SECRET", "allowPrivateAddresses": true }
          }
        }

        """
    }

    static let rule = """
        {
          "attributes": { "name": { "type": "string", "pii": true } },
          "events": { "purchase": { "properties": { "amount": { "type": "number" } } } },
          "traits": { "purchases": { "count": { "event": "purchase" } } },
          "campaigns": {
            "first-purchase-thanks": {
              "description": "Thank for the first purchase",
              "trigger": { "event": "purchase", "where": { "==": [{ "var": "purchases" }, 1] } },
              "reentry": "once",
              "actions": [{ "send": "crm", "type": "care.thanks", "data": { "customer": "{{customer.id}}" } }]
            }
          }
        }

        """
}

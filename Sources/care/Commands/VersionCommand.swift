import ArgumentParser
import CareValues

/// `care version`
struct VersionCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "The version of care and of what it uses.",
        discussion: """
            Examples:
              care version
              care version --format json
            """)

    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let zones = Zones.system.version
        switch format {
        case .text: console.line("care \(Version.number), zone data \(zones)")
        case .json: console.json(.object(["care": .string(Version.number), "zoneData": .string(zones)]))
        }
        return ExitCode.fine
    }
}

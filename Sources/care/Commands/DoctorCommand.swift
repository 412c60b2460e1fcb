import ArgumentParser
import CareValues

/// `care doctor`
struct DoctorCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Whether store, clock, zones, destinations, disk and service are well.",
        discussion: """
            Examples:
              care doctor
              care doctor --quick --offline
              care doctor --format json --strict

            Reads every page of the store and all of every customer unless --quick, and looks up the names of destinations
            unless --offline. Worst first, with what to do. Exit 1 when something fails; with --strict also when something
            is warned about.
            """)

    @Flag(help: "Do not read every page of the store, nor every customer.") var quick = false
    @Flag(help: "Do not look up names of hosts.") var offline = false
    @Flag(help: "Exit 1 for warnings too.") var strict = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let report = Doctor(workspace: workspace, isQuick: quick, isOffline: offline).report()
        switch format {
        case .text: console.writeOutput(report.text(Style(console)))
        case .json: console.json(report.json)
        }
        return report.problems > 0 || strict && report.warnings > 0 ? ExitCode.findings : ExitCode.fine
    }
}

/// What `care doctor` found.
struct DoctorReport {
    /// How a thing is.
    enum State: String {
        case fail = "FAIL"
        case warning = "warn"
        case fine = "ok"
    }

    /// One thing that was looked at.
    struct Item {
        var state: State
        var subject: String
        /// What is so, its consequence and its remedy.
        var text: String
    }

    private(set) var items: [Item] = []

    /// Adds what was found.
    mutating func add(_ state: State, _ subject: String, _ text: String) {
        items.append(Item(state: state, subject: subject, text: text))
    }

    var problems: Int { items.count { $0.state == .fail } }
    var warnings: Int { items.count { $0.state == .warning } }

    func text(_ style: Style) -> String {
        var parts: [String] = []
        if problems > 0 { parts.append(counted(problems, "problem")) }
        if warnings > 0 { parts.append(counted(warnings, "warning")) }
        let head = parts.isEmpty ? "All is well." : parts.joined(separator: ", ") + ", the rest is fine."
        var table = Table([.left, .left, .left])
        for state in [State.fail, .warning, .fine] {
            for item in items where item.state == state { table.add([state.rawValue, item.subject, item.text]) }
        }
        return ([style.bold(head)] + table.lines()).joined(separator: "\n") + "\n"
    }

    var json: JSONValue {
        let list = items.map { item in
            JSONValue.object(
                JSONObject(uniqueMembers: [
                    ("state", .string(item.state.rawValue.lowercased())), ("subject", .string(item.subject)),
                    ("text", .string(item.text)),
                ]))
        }
        return .object(
            JSONObject(uniqueMembers: [
                ("problems", .number(Double(problems))), ("warnings", .number(Double(warnings))),
                ("items", .array(list)),
            ]))
    }
}

import ArgumentParser
import CareDispatch
import CareStore
import CareStoreSQLite
import CareValues

/// `care destinations list|enable|disable`
struct DestinationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destinations", abstract: "Where deliveries go, and whether they get there.",
        discussion: """
            Examples:
              care destinations list
              care destinations enable helpdesk
              care destinations disable crm --reason maintenance
            """,
        subcommands: [DestinationsListCommand.self, DestinationsEnableCommand.self, DestinationsDisableCommand.self])
}

/// `care destinations list`
struct DestinationsListCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Every destination: its state, what lies there, what failed last.",
        discussion: """
            Examples:
              care destinations list
              care destinations list --format json
            """)

    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let now = console.now()
        let known = workspace.environment.destinations
        let rows =
            workspace.hasStore
            ? try workspace.readableStore().read { try DestinationStanding.all(known, in: $0, now: now) }
            : known.map { DestinationStanding(name: $0.name, type: $0.type) }
        let view = DestinationListView(rows: rows, zone: workspace.environment.timeZone)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        return ExitCode.fine
    }
}

/// `care destinations enable NAME`
struct DestinationsEnableCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable", abstract: "Deliver to a destination again: what is parked for it waits.",
        discussion: """
            Examples:
              care destinations enable helpdesk

            Those whose answer was lost stay parked: care deliveries list --unknown. Of a destination that fails it closes
            the breaker.
            """)

    @Argument(help: "Its name in care.json.") var name: String
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?

    var change: Change? { Change(action: "destinations.enable", object: name) }

    func carryOut(_ workspace: Workspace) throws -> Int32 {
        let console = workspace.console
        let store = try workspace.writableStore(owner: "care destinations", consequence: "nothing was changed")
        let line = try store.write { store in
            let isDisabled = try store.disabledDestinations().contains { $0.name == name }
            if !isDisabled {
                try workspace.requireDestination(name, in: store)
                guard try DestinationStanding.isFailing(name, in: store) else {
                    throw CommandFailure("destination \(name) is not disabled; nothing was changed")
                }
            }
            var parked = DeliveryFilter(states: [.parked])
            parked.destination = name
            let before = try store.deliveryCounts(parked)[.parked] ?? 0
            try store.switchDestination(name, disabledReason: nil, now: console.now())
            guard isDisabled else { return "The breaker of \(name) is closed; what is due is tried at once." }
            let left = try store.deliveryCounts(parked)[.parked] ?? 0
            var line = "\(name) is enabled"
            if before > left { line += "; \(counted(before - left, "delivery waits", "deliveries wait")) again" }
            if left > 0 { line += "; \(grouped(left)) \(left == 1 ? "stays" : "stay") parked, the answer was lost" }
            return line + "."
        }
        try store.close()
        console.line(line)
        console.line(workspace.whatSends)
        return ExitCode.fine
    }
}

/// `care destinations disable NAME`
struct DestinationsDisableCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Deliver nothing to a destination: what waits for it, and what comes, is parked.",
        discussion: """
            Examples:
              care destinations disable crm
              care destinations disable crm --reason maintenance
            """)

    @Argument(help: "Its name in care.json.") var name: String
    @Option(help: "Why, in a few words.") var reason = "by hand"
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?

    var change: Change? { Change(action: "destinations.disable", object: name) }

    func carryOut(_ workspace: Workspace) throws -> Int32 {
        let console = workspace.console
        guard !reason.isEmpty, reason.utf8.count <= 200, !reason.utf8.contains(where: { $0 < 0x20 }) else {
            throw CommandFailure.usage("--reason is one line of 1 to 200 bytes")
        }
        let store = try workspace.writableStore(owner: "care destinations", consequence: "nothing was changed")
        let time = TimeText(zone: workspace.environment.timeZone)
        let line = try store.write { store in
            if let disabled = try store.disabledDestinations().first(where: { $0.name == name }) {
                throw CommandFailure(
                    "destination \(name) is disabled since \(time.short(disabled.since)) (\(disabled.reason)); nothing was changed"
                )
            }
            try workspace.requireDestination(name, in: store)
            var waiting = DeliveryFilter(states: [.waiting])
            waiting.destination = name
            let count = try store.deliveryCounts(waiting)[.waiting] ?? 0
            try store.switchDestination(name, disabledReason: reason, now: console.now())
            return "\(name) is disabled (\(reason)); "
                + (count == 0 ? "nothing waited for it." : "\(counted(count, "delivery is", "deliveries are")) parked.")
        }
        try store.close()
        console.line(line)
        console.line("To undo it: care destinations enable \(name)")
        return ExitCode.fine
    }
}

extension Workspace {
    /// - Throws: ``CommandFailure`` when neither `care.json` nor the outbox knows a destination of that name.
    func requireDestination(_ name: String, in store: any StoreSnapshot) throws {
        let known = environment.destinations.map(\.name)
        if known.contains(name) { return }
        if try store.destinationQueues().contains(where: { $0.destination == name }) { return }
        throw unknownDestination(name)
    }

    /// The refusal of a destination that `care.json` does not name.
    func unknownDestination(_ name: String) -> CommandFailure {
        let known = environment.destinations.map(\.name)
        let help =
            nearest(name, in: known).map { "Did you mean '\($0)'?" }
            ?? (known.isEmpty ? "care.json names none." : "There are: \(known.joined(separator: ", "))")
        return .usage("no destination '\(name)' in care.json", help: help)
    }
}

import ArgumentParser
import CareStore
import CareStoreSQLite
import CareValues

/// `care deliveries list|show|redrive|cancel`
struct DeliveriesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries", abstract: "What was ordered, where it stands, what was tried.",
        discussion: """
            Examples:
              care deliveries list
              care deliveries list --state waiting,parked
              care deliveries list --campaign birthday-gold --follow
              care deliveries show dlv_4qasbmse
              care deliveries redrive dlv_2omq7ibn
              care deliveries cancel --campaign win-back
            """,
        subcommands: [
            DeliveriesListCommand.self, DeliveriesShowCommand.self, DeliveriesRedriveCommand.self,
            DeliveriesCancelCommand.self,
        ])
}

/// `care deliveries list`
struct DeliveriesListCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Deliveries, newest decision first.",
        discussion: """
            Examples:
              care deliveries list
              care deliveries list --state delivered --limit 20
              care deliveries list --campaign birthday-gold --since P1D
              care deliveries list --unknown
              care deliveries list --destination crm --follow

            Without --state all that are not delivered or cancelled; with --follow all, and what changes until Ctrl-C.
            """)

    @OptionGroup var filter: DeliveryFilterOptions
    @Option(help: "At most so many; with --follow the newest so many are watched.") var limit = 100
    @Flag(help: "Go on printing what changes, looked for every second, until Ctrl-C.") var follow = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json; with --follow a line of JSON for each change.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        guard (1...100_000).contains(limit) else { throw CommandFailure.usage("--limit is 1 to 100000, not \(limit)") }
        let workspace = try Workspace.open(config: config, console: console)
        var wanted = try filter.filter(workspace)
        if wanted.states.isEmpty, !follow, wanted.answerLost == nil {
            wanted.states = [.waiting, .sending, .dead, .parked]
        }
        let store = try workspace.readableStore()
        if follow { return try self.follow(wanted, store, workspace, console) }
        let view = try store.read { snapshot in
            var whole = wanted
            whole.states = []
            let counts = try filter.isEmpty ? snapshot.deliveryCounts() : snapshot.deliveryCounts(whole)
            return DeliveryListView(
                deliveries: try snapshot.deliveries(wanted, limit: limit), limit: limit, counts: counts, filter: wanted,
                filterText: filter.text, disabled: Set(try snapshot.disabledDestinations().map(\.name)),
                clock: try snapshot.clock ?? console.now(), zone: workspace.environment.timeZone)
        }
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        return ExitCode.fine
    }

    private func follow(
        _ wanted: DeliveryFilter, _ store: SQLiteStore, _ workspace: Workspace, _ console: Console
    ) throws -> Int32 {
        Interruption.watch()
        var follower = DeliveryFollower(states: wanted.states, zone: workspace.environment.timeZone)
        var all = wanted
        all.states = []
        while !Interruption.isRequested {
            let found = try store.read { try $0.deliveries(all, limit: limit) }
            for change in follower.changes(found) {
                switch format {
                case .text: console.line(follower.line(change, at: console.now()))
                case .json: console.json(.object(JSONObject(uniqueMembers: change.jsonMembers)))
                }
            }
            // Nobody reads any more: a pipe's other end has gone.
            guard console.outputFailure() == nil else { break }
            Pause.sleep(milliseconds: 1_000) { Interruption.isRequested }
        }
        return ExitCode.fine
    }
}

/// `care deliveries show ID`
struct DeliveriesShowCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One delivery and its attempts.",
        discussion: """
            Examples:
              care deliveries show dlv_4qasbmse
              care deliveries show dlv_4qasbmse --show-pii

            What the message says of the customer is masked unless --show-pii.
            """)

    @Argument(help: "Its id, or a beginning of it that only it has.") var id: String
    @Flag(help: "Show address and payload as they are: they may hold personal data.") var showPii = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let store = try workspace.readableStore()
        let view = try store.read { snapshot in
            let delivery = try DeliveryLookup.one(id, in: snapshot)
            return DeliveryView(
                delivery: delivery, attempts: try snapshot.attempts(of: delivery.order.id),
                isDisabled: try snapshot.disabledDestinations().contains { $0.name == delivery.order.destination },
                zone: workspace.environment.timeZone, showsPII: showPii)
        }
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        return ExitCode.fine
    }
}

/// Finds deliveries by the beginning of their id.
enum DeliveryLookup {
    /// The one delivery whose id begins so. - Throws: ``CommandFailure`` when none or several do.
    static func one(_ beginning: String, in store: any StoreSnapshot) throws -> StoredDelivery {
        let prefix = beginning.hasPrefix("dlv_") ? beginning : "dlv_" + beginning
        let found = try store.deliveries(idPrefix: prefix, limit: 2)
        guard let first = found.first else {
            throw CommandFailure("no delivery's id begins with '\(prefix)'", help: "See: care deliveries list")
        }
        guard found.count == 1 else {
            throw CommandFailure("several deliveries' ids begin with '\(prefix)'", help: "Give more of it.")
        }
        return first
    }
}

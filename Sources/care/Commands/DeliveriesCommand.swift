import ArgumentParser
import CareStore
import CareStoreSQLite
import CareValues

/// `care deliveries list|show|redrive`
struct DeliveriesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries", abstract: "What was ordered, where it stands, what was tried.",
        discussion: """
            Examples:
              care deliveries list
              care deliveries list --state waiting,parked
              care deliveries show dlv_4qasbmse
              care deliveries redrive dlv_2omq7ibn
            """,
        subcommands: [DeliveriesListCommand.self, DeliveriesShowCommand.self, DeliveriesRedriveCommand.self])
}

/// `care deliveries list`
struct DeliveriesListCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Deliveries, newest decision first.",
        discussion: """
            Examples:
              care deliveries list
              care deliveries list --state delivered --limit 20

            Without --state all that are not delivered or cancelled.
            """)

    @Option(help: "waiting, sending, delivered, dead, parked, cancelled; several with commas.") var state: String?
    @Option(help: "At most so many.") var limit = 100
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        guard (1...100_000).contains(limit) else { throw CommandFailure.usage("--limit is 1 to 100000, not \(limit)") }
        let states = try states()
        let workspace = try Workspace.open(config: config, console: console)
        let store = try workspace.readableStore()
        let (deliveries, counts) = try store.read { snapshot in
            (try snapshot.deliveries(states: states, limit: limit), try snapshot.deliveryCounts())
        }
        let view = DeliveryListView(
            deliveries: deliveries, counts: counts, states: states, zone: workspace.environment.timeZone)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        return ExitCode.fine
    }

    private func states() throws -> [DeliveryState] {
        guard let state else { return [.waiting, .sending, .dead, .parked] }
        return try state.split(separator: ",").map { word in
            let name = String(word.filter { $0 != " " })
            if let state = DeliveryState(rawValue: name) { return state }
            let known = DeliveryState.allCases.map(\.rawValue)
            let help = nearest(name, in: known).map { "Did you mean '\($0)'?" }
            throw CommandFailure.usage(
                "no state '\(name)'", help: help ?? "There are: \(known.joined(separator: ", "))")
        }
    }
}

/// `care deliveries show ID`
struct DeliveriesShowCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One delivery and its attempts.",
        discussion: """
            Examples:
              care deliveries show dlv_4qasbmse
              care deliveries show dlv_4qasbmse --data
            """)

    @Argument(help: "Its id, or a beginning of it that only it has.") var id: String
    @Flag(help: "Show the payload too: it may hold personal data.") var data = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let store = try workspace.readableStore()
        let (delivery, attempts) = try store.read { snapshot in
            let delivery = try DeliveryLookup.one(id, in: snapshot)
            return (delivery, try snapshot.attempts(of: delivery.order.id))
        }
        let view = DeliveryView(
            delivery: delivery, attempts: attempts, zone: workspace.environment.timeZone, showsData: data)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        return ExitCode.fine
    }
}

/// `care deliveries redrive ID...`
struct DeliveriesRedriveCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "redrive", abstract: "Put dead or parked deliveries back to waiting.",
        discussion: """
            Examples:
              care deliveries redrive dlv_2omq7ibn
              care deliveries redrive dlv_2omq7ibn --enable

            It goes out with the next care tick or by care serve, under the same id. An expired one stays dead.
            """)

    @Argument(help: "Ids, or beginnings of them that only they have.") var id: [String]
    @Flag(help: "Enable the destination again, if 410 Gone disabled it: all that is parked for it goes out.")
    var enable = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let store = try workspace.writableStore(owner: "care deliveries", consequence: "nothing was changed")
        let now = console.now()
        let redriven = try store.write { transaction in
            try id.map { id in
                let delivery = try DeliveryLookup.one(id, in: transaction)
                try redrive(delivery, now: now, time: TimeText(zone: workspace.environment.timeZone), in: transaction)
                return delivery
            }
        }
        try store.close()
        for delivery in redriven {
            console.line("\(delivery.order.id.text) waits again, for \(delivery.order.destination).")
        }
        console.line("Next: care tick")
        return ExitCode.fine
    }

    private func redrive(
        _ delivery: StoredDelivery, now: Timestamp, time: TimeText, in transaction: any StoreTransaction
    ) throws {
        let id = delivery.order.id.text
        guard delivery.state == .dead || delivery.state == .parked else {
            throw CommandFailure("\(id) is \(delivery.state.rawValue), neither dead nor parked; nothing was changed")
        }
        // Expiry is of the decision clock, which a store that is run with --at keeps in the past.
        let clock = try transaction.clock ?? now
        if let expiresAt = delivery.order.expiresAt, expiresAt <= clock {
            throw CommandFailure("\(id) expired \(time.full(expiresAt)); nothing was changed")
        }
        let name = delivery.order.destination
        if let disabled = try transaction.disabledDestinations().first(where: { $0.name == name }) {
            guard enable else {
                throw CommandFailure(
                    "destination \(name) is disabled since \(time.short(disabled.since)) (\(disabled.reason)); nothing was changed",
                    help: "Correct its URL, then add --enable: what is parked goes out.")
            }
            try transaction.setDestination(name, disabled: false, since: now, reason: "")
        }
        try transaction.setDelivery(delivery.order.id, state: .waiting, nextAttemptAt: now, reason: "redriven")
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

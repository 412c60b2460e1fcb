import ArgumentParser
import CareStore
import CareStoreSQLite
import CareValues

/// `care deliveries cancel ID... | --campaign C …`
struct DeliveriesCancelCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Take back what is not delivered yet.",
        discussion: """
            Examples:
              care deliveries cancel dlv_2omq7ibn
              care deliveries cancel --campaign win-back
              care deliveries cancel --campaign win-back --yes --reason 'wrong coupon'

            Waiting and parked ones are cancelled, and it is recorded; the decisions in the ledger stay: nothing is
            decided anew. By options it first says how many they are; --yes does it. What was delivered is delivered.
            """)

    /// The states that can be cancelled.
    private static let states: Set<DeliveryState> = [.waiting, .sending, .parked]

    @Argument(help: "Ids, or beginnings of them that only they have.") var id: [String] = []
    @OptionGroup var filter: DeliveryFilterOptions
    @Option(help: "Why, in a few words, kept with each.") var reason = "by hand"
    @Flag(help: "Do it, instead of saying how many they are.") var yes = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?

    var change: Change? {
        id.isEmpty && !yes ? nil : Change(action: "deliveries.cancel", object: filter.object(orIDs: id))
    }

    func carryOut(_ workspace: Workspace) throws -> Int32 {
        let console = workspace.console
        guard !reason.isEmpty, reason.utf8.count <= 200, !reason.utf8.contains(where: { $0 < 0x20 }) else {
            throw CommandFailure.usage("--reason is one line of 1 to 200 bytes")
        }
        if !id.isEmpty || yes {
            let store = try workspace.writableStore(owner: "care deliveries", consequence: "nothing was changed")
            var affected: [DeliveryID] = []
            let lines = try store.write { try cancel(in: $0, workspace, &affected) }
            // An attempt under way is not called back, and none begins any more.
            if !affected.isEmpty { _ = workspace.service?.revoke(affected, 0) }
            try store.close()
            for line in lines { console.line(line) }
            return ExitCode.fine
        }
        let lines = try workspace.readableStore().read { store in
            guard
                case .filtered(let wanted) = try DeliverySelection.read(
                    id, filter, command: "cancel", workspace, in: store)
            else { return [String]() }
            let counts = try counts(selected(wanted), in: store)
            guard !counts.isEmpty else { return [nothing] }
            return [
                "\(counted(total(counts), "delivery", "deliveries"))\(filter.text) would be cancelled: \(text(counts)). Nothing was changed.",
                "To do it, add --yes",
            ]
        }
        for line in lines { console.line(line) }
        return ExitCode.fine
    }

    private var nothing: String { "No delivery\(filter.text) is waiting or parked: there is nothing to cancel." }

    private func selected(_ filter: DeliveryFilter) -> DeliveryFilter {
        var filter = filter
        filter.states = filter.states.isEmpty ? Self.states : filter.states.intersection(Self.states)
        return filter
    }

    private func counts(_ chosen: DeliveryFilter, in store: any StoreSnapshot) throws -> [DeliveryState: Int] {
        chosen.states.isEmpty ? [:] : try store.deliveryCounts(chosen).filter { $0.value > 0 }
    }

    private func total(_ counts: [DeliveryState: Int]) -> Int { counts.values.reduce(0, +) }

    /// `10 waiting, 2 parked`
    private func text(_ counts: [DeliveryState: Int]) -> String {
        DeliveryState.allCases.compactMap { state in counts[state].map { "\(grouped($0)) \(state.rawValue)" } }
            .joined(separator: ", ")
    }

    /// - Parameter affected: gets those that were claimed: a service may be at work on them.
    private func cancel(
        in store: any StoreTransaction, _ workspace: Workspace, _ affected: inout [DeliveryID]
    ) throws -> [String] {
        switch try DeliverySelection.read(id, filter, command: "cancel", workspace, in: store) {
        case .named(let deliveries):
            for delivery in deliveries where !Self.states.contains(delivery.state) {
                throw CommandFailure(
                    "\(delivery.order.id.text) is \(delivery.state.rawValue), not waiting or parked; nothing was changed"
                )
            }
            var named = DeliveryFilter()
            named.ids = deliveries.map(\.order.id)
            affected = try store.cancel(named, reason: reason).claimed
            return deliveries.map { "\($0.order.id.text) is cancelled: it does not go to \($0.order.destination)." }
        case .filtered(let wanted):
            let chosen = selected(wanted)
            let counts = try counts(chosen, in: store)
            guard !counts.isEmpty else { return [nothing] }
            affected = try store.cancel(chosen, reason: reason).claimed
            let isOne = total(counts) == 1
            return [
                "\(counted(total(counts), "delivery", "deliveries"))\(filter.text) \(isOne ? "is" : "are") cancelled: \(text(counts))."
            ]
        }
    }
}

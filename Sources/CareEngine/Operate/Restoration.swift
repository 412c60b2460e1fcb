import CareDecisions
import CareStore
import CareValues

/// What must be settled in a store that was restored from a backup, before anything of it is sent.
///
/// A backup does not know what happened after it was made: what lay in its outbox may have been sent since, and what
/// was decided since is not in its ledger.
public enum Restoration {
    /// What of the outbox may have been sent already, for one destination.
    public struct Unsure: Sendable, Hashable {
        /// The destination's name.
        public var destination: String
        /// How many deliveries.
        public var count: Int
        /// Whether they were parked: a receiver there cannot tell a repetition. Else they go out under their ids.
        public var isParked: Bool
    }

    /// The reason of what is parked.
    static let reason = "answer lost: restored from a backup"
    /// How many deliveries are parked in one transaction.
    static let batch = 1_000

    /// Gives back what was being sent, and parks what waits where a receiver could not tell that it comes again.
    ///
    /// What is for a disabled destination is parked already, and would go out when that is enabled: where a receiver
    /// could not tell, it stays parked then too.
    ///
    /// - Parameter repeatsSafely: whether receivers at the destination of that name know ids.
    /// - Returns: what waited or was being sent, or would when its destination is enabled, by destination's name.
    public static func settleOutbox(
        of store: any CareStore, repeatsSafely: (String) -> Bool
    ) throws -> [Unsure] {
        _ = try store.write { try $0.rescueExpiredLeases(now: .distantFuture) }
        var waiting: [String: Int] = [:]
        for queue in try store.read({ try $0.destinationQueues() }) where queue.count > 0 {
            switch queue.state {
            case .waiting: waiting[queue.destination, default: 0] += queue.count
            // Perhaps all of these stay parked as it is.
            case .parked: waiting[queue.destination, default: 0] += 0
            default: break
            }
        }
        var unsure: [Unsure] = []
        for (name, count) in waiting.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            let isParked = !repeatsSafely(name)
            let settled = isParked ? try park(all: name, in: store) : count
            if settled > 0 { unsure.append(Unsure(destination: name, count: settled, isParked: isParked)) }
        }
        return unsure
    }

    /// Parks what waits for a destination or is parked because it is disabled, so that enabling it returns none of it;
    /// how many.
    private static func park(all destination: String, in store: any CareStore) throws -> Int {
        let filter = DeliveryFilter(states: [.waiting, .parked], destination: destination, answerLost: false)
        var count = 0
        var found: [StoredDelivery] = []
        repeat {
            found = try store.write { transaction in
                let found = try transaction.deliveries(filter, limit: batch)
                for delivery in found { try transaction.parkLost(delivery.order.id, reason: reason) }
                return found
            }
            count += found.count
        } while !found.isEmpty
        return count
    }

    /// Takes everything that falls due up to `last` as sent: of each action that would be done the ledger gets
    /// `skip restored`.
    ///
    /// - Parameter progress: hears that so many more customers were looked at.
    /// - Returns: what was decided, by outcome. - Throws: ``StoreError``; ``EngineError``.
    public static func passOver(
        in store: any CareStore, through last: Timestamp, zones: any ZoneDirectory, progress: (Int) -> Void = { _ in }
    ) throws -> [Outcome: Int] {
        guard try store.read({ try $0.activeRuleSet() }) != nil else { return [:] }
        let rules = try store.read { try RulesInForce(in: $0, zones: zones) }
        let clock = DecisionClock(realNow: { last })
        var decisions: [Outcome: Int] = [:]
        var cursor: String?
        while true {
            var ids: [String] = []
            try store.read { snapshot in
                try snapshot.scanCustomers(wakeUpBefore: nil, after: cursor, through: nil) { id, _, _, _ in
                    ids.append(id)
                    return ids.count < batch
                }
            }
            guard let next = ids.last else { break }
            cursor = next
            try store.write { transaction in
                var writer = CustomerWriter(transaction, rules: rules, clock: clock)
                // Nothing is decided about one who cannot be read, here or later: care doctor names it.
                for id in ids { _ = try writer.passing(id) { try $0.passOver(customer: id, through: last) } }
                try writer.finish()
                decisions.merge(writer.summary.decisions, uniquingKeysWith: +)
            }
            progress(ids.count)
        }
        try store.write { try $0.advanceClock(to: last) }
        return decisions
    }
}

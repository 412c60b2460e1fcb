import CareDecisions
import CareLogic
import CareStore
import CareValues

/// How long things are kept; nil: for ever.
public struct Retention: Sendable, Hashable {
    /// Facts: older ones are folded into what they come to.
    public var facts: ISODuration?
    /// Decisions in the ledger.
    public var decisions: ISODuration?
    /// Deliveries that are delivered, dead or cancelled, with what they said.
    public var deliveries: ISODuration?

    /// Everything for ever, unless said.
    public init(facts: ISODuration? = nil, decisions: ISODuration? = nil, deliveries: ISODuration? = nil) {
        self.facts = facts
        self.decisions = decisions
        self.deliveries = deliveries
    }

    /// Whether nothing ever goes.
    public var isEmpty: Bool { facts == nil && decisions == nil && deliveries == nil }
}

/// Lets go what is older than the retention says.
///
/// Facts are folded into a ``FactBase``, one customer after another: attributes and traits are what they were. Kept are
/// facts that a window may still count, calls of `api` triggers, whose keys hold for ever, and all of a customer whose
/// traits would not be the same afterwards. What caps, re-entry and once-only occurrences need is in the customer's row
/// and is not touched.
public struct Pruner: Sendable {
    /// What went, or would go.
    public struct Summary: Sendable, Hashable {
        /// Facts before this instant; nil: they are kept for ever.
        public var factsBefore: Timestamp?
        /// Decisions before this instant; nil: they are kept for ever. Not later than the longest cap looks back.
        public var decisionsBefore: Timestamp?
        /// Deliveries decided before this instant; nil: they are kept for ever.
        public var deliveriesBefore: Timestamp?
        /// Facts folded, and of how many customers.
        public var facts = 0
        /// Customers whose facts were folded.
        public var customers = 0
        /// Customers whose facts were left, because a trait is over its limit or would differ, or the row is of older
        /// rules.
        public var customersLeft = 0
        /// Decisions gone.
        public var decisions = 0
        /// Deliveries gone.
        public var deliveries = 0
        /// Whether it was ended before everybody was looked at.
        public var isInterrupted = false
        /// The last customer that was looked at, to go on after; nil: nobody was.
        public var cursor: String?

        /// Nothing.
        public init() {}
    }

    /// The note that says before when facts are folded, in milliseconds: older ones that come are too old.
    static let note = "pruned.before"
    /// How many customers one transaction holds.
    static let batch = 200
    /// How many deliveries one transaction looks at.
    static let deliveryBatch = 5_000

    private let store: any CareStore
    private let zones: any ZoneDirectory

    /// A pruner of `store`.
    public init(store: any CareStore, zones: any ZoneDirectory) {
        self.store = store
        self.zones = zones
    }

    /// Before when a store's facts are folded; nil: none are.
    public static func factsBefore(in store: any StoreSnapshot) throws -> Timestamp? {
        try store.note(note).flatMap { Int64($0) }.map { Timestamp(milliseconds: $0) }
    }

    /// Lets go what is old.
    ///
    /// - Parameters:
    ///   - now: of the decision clock.
    ///   - writes: false: it is only counted.
    ///   - after: only customers after this one, to go on where a run was ended.
    ///   - progress: hears that so many more customers were looked at; false: it is to end.
    /// - Throws: ``StoreError``; ``EngineError``.
    public func run(
        _ retention: Retention, at now: Timestamp, zone: Zone, writes: Bool = true, after: String? = nil,
        progress: (Int) -> Bool = { _ in true }
    ) throws -> Summary {
        var summary = Summary()
        guard try store.read({ try $0.activeRuleSet() }) != nil else { return summary }
        let rules = try store.read { try RulesInForce(in: $0, zones: zones) }
        func horizon(_ duration: ISODuration?) -> Timestamp? {
            duration.map { zone.startOfDay(zone.date(at: zone.advance(now, by: $0.negated))) }
        }
        summary.factsBefore = try horizon(retention.facts).map { horizon in
            // What was folded once stays folded.
            max(horizon, try store.read { try Self.factsBefore(in: $0) } ?? horizon)
        }
        summary.deliveriesBefore = horizon(retention.deliveries)
        summary.decisionsBefore = horizon(retention.decisions).map { horizon in
            min(horizon, now.advanced(byMilliseconds: -Int64(rules.current.actDays + 1) * 86_400_000))
        }
        if after == nil, let before = summary.deliveriesBefore { try pruneDeliveries(before, writes, &summary) }
        guard summary.factsBefore != nil || summary.decisionsBefore != nil else { return summary }
        if writes, let before = summary.factsBefore {
            try store.write { try $0.setNote(Self.note, String(before.milliseconds)) }
        }
        var cursor = after
        while true {
            var ids: [String] = []
            try store.read { snapshot in
                try snapshot.scanCustomers(wakeUpBefore: nil, after: cursor, through: nil) { id, _, _, _ in
                    ids.append(id)
                    return ids.count < Self.batch
                }
            }
            guard let last = ids.last else { break }
            cursor = last
            summary.cursor = last
            if writes {
                let before = summary
                do {
                    try store.write { try prune(ids, rules, now, in: $0, writing: $0, &summary) }
                } catch {
                    summary = before
                    throw error
                }
            } else {
                try store.read { try prune(ids, rules, now, in: $0, writing: nil, &summary) }
            }
            guard progress(ids.count) else {
                summary.isInterrupted = true
                break
            }
        }
        return summary
    }

    private func prune(
        _ ids: [String], _ rules: RulesInForce, _ now: Timestamp, in store: any StoreSnapshot,
        writing transaction: (any StoreTransaction)?, _ summary: inout Summary
    ) throws {
        for id in ids {
            if let horizon = summary.factsBefore, let stored = try store.customer(id) {
                try fold(stored, horizon, rules, now, in: store, writing: transaction, &summary)
            }
            guard let horizon = summary.decisionsBefore else { continue }
            if let transaction {
                summary.decisions += try transaction.pruneDecisions(of: id, before: horizon)
            } else {
                summary.decisions += try store.ledger(of: id, campaign: nil).count { $0.now < horizon }
            }
        }
    }

    private func fold(
        _ stored: StoredCustomer, _ horizon: Timestamp, _ rules: RulesInForce, _ now: Timestamp,
        in store: any StoreSnapshot, writing transaction: (any StoreTransaction)?, _ summary: inout Summary
    ) throws {
        let schema = rules.current.active.rules.schema
        func goes(_ fact: Fact) -> Bool {
            guard fact.time < horizon else { return false }
            switch fact {
            case .attributes: return true
            case .event(let event):
                // A base is folded into the next one. A call's key must be known for ever.
                if event.type.isEmpty { return true }
                if event.source == "api" { return false }
                guard let longest = schema.longestWindow(over: event.type) else { return true }
                return event.time.advanced(byMilliseconds: longest) <= now
            }
        }
        let facts = try store.facts(of: stored.id, receivedUntil: nil)
        let pruned = facts.filter(goes)
        // A base alone is what it is.
        guard pruned.contains(where: { FactBase($0) == nil }) else { return }
        guard stored.epoch == rules.current.active.epoch else {
            summary.customersLeft += 1
            return
        }
        guard let base = FactBase(folding: pruned, until: horizon, schema: schema) else {
            summary.customersLeft += 1
            return
        }
        var before = FactCache.rebuilt(from: facts, schema: schema)
        var after = FactCache.rebuilt(from: [base.fact] + facts.filter { !goes($0) }, schema: schema)
        before.prune(now: now, schema: schema)
        after.prune(now: now, schema: schema)
        guard before == after else {
            summary.customersLeft += 1
            return
        }
        summary.facts += pruned.count { FactBase($0) == nil }
        summary.customers += 1
        _ = try transaction?.foldFacts(of: stored.id, into: base.fact, where: goes)
    }

    private func pruneDeliveries(_ horizon: Timestamp, _ writes: Bool, _ summary: inout Summary) throws {
        guard writes else {
            let filter = DeliveryFilter(states: Set(DeliveryState.allCases.filter(\.isOver)), decidedUntil: horizon)
            summary.deliveries = try store.read { try $0.deliveryCounts(filter) }.values.reduce(0, +)
            return
        }
        var cursor: Int64? = 0
        while let after = cursor {
            let (count, next) = try store.write {
                try $0.pruneDeliveries(before: horizon, after: after, limit: Self.deliveryBatch)
            }
            summary.deliveries += count
            cursor = next
        }
    }
}

extension Fact {
    /// Whether it only stands for facts that were folded.
    public var isBase: Bool { FactBase(self) != nil }
}

extension ISODuration {
    /// As long into the other direction.
    fileprivate var negated: ISODuration {
        ISODuration(months: -months, days: -days, milliseconds: -milliseconds)
    }
}

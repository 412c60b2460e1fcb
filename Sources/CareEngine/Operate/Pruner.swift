import CareDecisions
import CareLogic
import CareRules
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
        /// Decisions before this instant; nil: they are kept for ever. Not later than the longest cap and the longest backfill
        /// of the rules look back.
        public var decisionsBefore: Timestamp?
        /// Deliveries decided before this instant; nil: they are kept for ever.
        public var deliveriesBefore: Timestamp?
        /// Facts folded, and of how many customers.
        public var facts = 0
        /// Customers whose facts were folded.
        public var customers = 0
        /// Customers whose facts were left, because a trait is over its limit or would differ, the row is of older rules,
        /// or something of theirs cannot be read.
        public var customersLeft = 0
        /// Decisions gone.
        public var decisions = 0
        /// Deliveries gone.
        public var deliveries = 0
        /// Whether it was ended before everybody was looked at.
        public var isInterrupted = false
        /// Where it was ended.
        public var place = Place()

        /// Nothing.
        public init() {}
    }

    /// Where a run stands, to go on there.
    public struct Place: Sendable, Hashable {
        /// The number of the last delivery that was looked at; nil: all were.
        public var delivery: Int64? = 0
        /// The last customer that was looked at; nil: nobody was.
        public var customer: String?

        /// The beginning.
        public init() {}
    }

    /// The note that says before when facts are folded, in milliseconds: older ones that come are too old.
    static let note = "pruned.before"
    /// The note that says before when decisions are gone, in milliseconds.
    static let decisionsNote = "pruned.decisions"
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

    /// Before when a store's decisions are gone; nil: none are. What happened before may have been decided on, and nobody
    /// knows any more.
    static func decisionsBefore(in store: any StoreSnapshot) throws -> Timestamp? {
        try store.note(decisionsNote).flatMap { Int64($0) }.map { Timestamp(milliseconds: $0) }
    }

    /// Lets go what is old.
    ///
    /// - Parameters:
    ///   - now: of the decision clock.
    ///   - writes: false: it is only counted.
    ///   - after: where a run was ended, to go on there.
    ///   - progress: hears that so many more customers were looked at, 0 after a part of the deliveries; false: it is to
    ///     end.
    /// - Throws: ``StoreError``; ``EngineError``.
    public func run(
        _ retention: Retention, at now: Timestamp, zone: Zone, writes: Bool = true, after: Place = Place(),
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
            let counted = now.advanced(byMilliseconds: -Int64(rules.current.actDays + 1) * 86_400_000)
            return min(horizon, counted, Self.backfillsFrom(rules.current.active.rules, now, zone) ?? horizon)
        }
        summary.place = after
        if let before = summary.deliveriesBefore, after.delivery != nil {
            guard try pruneDeliveries(before, writes, &summary, progress) else {
                summary.isInterrupted = true
                return summary
            }
        }
        summary.place.delivery = nil
        guard summary.factsBefore != nil || summary.decisionsBefore != nil else { return summary }
        if writes { try note(summary) }
        var cursor = after.customer
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
            summary.place.customer = last
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

    /// From when on a campaign that is new to the rules may make up for events: what is decided of them is asked of the
    /// ledger. nil: none does.
    private static func backfillsFrom(_ rules: RuleSet, _ now: Timestamp, _ zone: Zone) -> Timestamp? {
        rules.campaigns.compactMap { campaign -> Timestamp? in
            guard case .within(let duration)? = campaign.terms.backfill else { return nil }
            // A day more, because a customer's zone may be any.
            return zone.advance(now, by: duration.negated).advanced(byMilliseconds: -86_400_000)
        }.min()
    }

    /// Remembers before when facts and decisions go, before any does.
    private func note(_ summary: Summary) throws {
        let known = try store.read { (try $0.note(Self.note), try Self.decisionsBefore(in: $0)) }
        let facts = summary.factsBefore.map { String($0.milliseconds) } ?? known.0
        let decisions = summary.decisionsBefore.map { max($0, known.1 ?? $0) } ?? known.1
        guard facts != known.0 || decisions != known.1 else { return }
        try store.write { transaction in
            try transaction.setNote(Self.note, facts)
            try transaction.setNote(Self.decisionsNote, decisions.map { String($0.milliseconds) })
        }
    }

    private func prune(
        _ ids: [String], _ rules: RulesInForce, _ now: Timestamp, in store: any StoreSnapshot,
        writing transaction: (any StoreTransaction)?, _ summary: inout Summary
    ) throws {
        for id in ids {
            do {
                try prune(id, rules, now, in: store, writing: transaction, &summary)
            } catch let error as StoreError where error.code == .unreadable {
                // Both parts read all of the customer before they write any.
                summary.customersLeft += 1
            }
        }
    }

    private func prune(
        _ id: String, _ rules: RulesInForce, _ now: Timestamp, in store: any StoreSnapshot,
        writing transaction: (any StoreTransaction)?, _ summary: inout Summary
    ) throws {
        if let horizon = summary.factsBefore, let stored = try store.customer(id) {
            try fold(stored, horizon, rules, now, in: store, writing: transaction, &summary)
        }
        guard let horizon = summary.decisionsBefore else { return }
        if let transaction {
            summary.decisions += try transaction.pruneDecisions(of: id, before: horizon)
        } else {
            summary.decisions += try store.ledger(of: id, campaign: nil).count { $0.now < horizon }
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

    /// Lets deliveries go, a part at a time; false: it is to end.
    private func pruneDeliveries(
        _ horizon: Timestamp, _ writes: Bool, _ summary: inout Summary, _ progress: (Int) -> Bool
    ) throws -> Bool {
        guard writes else {
            let filter = DeliveryFilter(states: Set(DeliveryState.allCases.filter(\.isOver)), decidedUntil: horizon)
            summary.deliveries = try store.read { try $0.deliveryCounts(filter) }.values.reduce(0, +)
            return true
        }
        while let after = summary.place.delivery {
            let (count, next) = try store.write {
                try $0.pruneDeliveries(before: horizon, after: after, limit: Self.deliveryBatch)
            }
            summary.deliveries += count
            summary.place.delivery = next
            guard progress(0) else { return false }
        }
        return true
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

import CareDecisions
import CareLogic
import CareStore
import CareValues

/// One transaction's work on customers: facts in, decisions out, all of it committed together.
///
/// Lives inside one `store.write`; call ``finish()`` before it ends.
public struct CustomerWriter {
    /// What the work has done so far.
    public struct Summary: Sendable, Hashable {
        /// Facts stored.
        public var factsStored = 0
        /// Facts that were stored before, and did nothing.
        public var factsKnown = 0
        /// Final decisions and others, by outcome.
        public var decisions: [Outcome: Int] = [:]
        /// Acts by campaign.
        public var actsByCampaign: [String: Int] = [:]
        /// Reasons of what was not done.
        public var reasons: [Reason: Int] = [:]
        /// Entries begun.
        public var entered = 0

        /// Nothing done.
        public init() {}

        /// How many rows the ledger got.
        public var decided: Int { decisions.values.reduce(0, +) }
    }

    private let transaction: any StoreTransaction
    private let rules: RulesInForce
    private let clock: DecisionClock
    private let realNow: Timestamp
    private var counters: [CounterName: Int] = [:]
    private var newestAsOf: Timestamp?
    /// What the work has done so far.
    public private(set) var summary = Summary()

    private struct CounterName: Hashable {
        var kind: CounterKind
        var name: String
        var day: CivilDate
    }

    /// Work in `transaction` under the rules in force.
    public init(_ transaction: any StoreTransaction, rules: RulesInForce, clock: DecisionClock) {
        self.transaction = transaction
        self.rules = rules
        self.clock = clock
        realNow = clock.now()
    }

    /// One request: stores its facts and decides what they and the time until `clock` ask for.
    ///
    /// Facts that are stored already do nothing. The request's `receivedAt` is the next free millisecond of the
    /// customer from `receivedAt` on.
    /// - Parameters:
    ///   - facts: what the request says; their own `receivedAt` is replaced.
    ///   - receivedAt: when it came.
    ///   - advancesFirst: whether what is due before `receivedAt` is decided before the facts are known, as if each
    ///     had been seen to when it was due.
    public mutating func receive(
        _ facts: [Fact], customer id: String, at receivedAt: Timestamp, advancesFirst: Bool
    ) throws {
        let stored = try transaction.customer(id)
        var loaded = try stored.map { try load($0) }
        var outcome = loaded?.outcome ?? TouchOutcome()
        var at = receivedAt
        if let row = loaded?.row {
            if advancesFirst { at = max(at, row.asOf) }
            if let last = row.lastReceivedAt, last >= at { at = last.advanced(byMilliseconds: 1) }
        }
        let received = facts.map { $0.received(at: at) }
        let laterEvents = try laterEvents(than: received, of: id, row: loaded?.row)
        var fresh: [Fact] = []
        for fact in received {
            if try transaction.append(fact, of: id) {
                fresh.append(fact)
                count(fact)
            } else {
                summary.factsKnown += 1
            }
        }
        summary.factsStored += fresh.count
        guard !fresh.isEmpty else {
            // Nothing new: the customer is not touched, unless an activation must be written down.
            if let loaded, let stored, loaded.isBroughtUp { try save(loaded.row, stored: stored, outcome: outcome) }
            return
        }
        let decider = rules.current
        var row = loaded?.row ?? decider.newRow(customer: id, asOf: at)
        loaded = nil
        if advancesFirst, stored != nil, let wakeUp = outcome.wakeUp, wakeUp <= at {
            let advanced: TouchOutcome
            (row, advanced) = advance(row, until: at, wakeUp: wakeUp)
            outcome.merge(advanced)
        }
        let decided: TouchOutcome
        (row, decided) = decider.touch(row, facts: fresh, laterEvents: laterEvents, clock: at)
        outcome.merge(decided)
        try save(row, stored: stored, outcome: outcome, id: id)
    }

    /// Decides what is due for a stored customer at or before `clock`.
    public mutating func advance(customer id: String, until clock: Timestamp) throws {
        guard let stored = try transaction.customer(id) else { return }
        let loaded = try load(stored)
        var outcome = loaded.outcome
        guard loaded.isBroughtUp || (outcome.wakeUp ?? .distantFuture) <= clock else { return }
        var row = loaded.row
        if let wakeUp = outcome.wakeUp, wakeUp <= clock {
            let decided: TouchOutcome
            (row, decided) = rules.current.touch(row, clock: clock)
            outcome.merge(decided)
        }
        try save(row, stored: stored, outcome: outcome)
    }

    /// Takes facts in as history: stored with the `receivedAt` they carry; nothing fires, nothing exits.
    ///
    /// - Parameter asOf: the clock of a customer that this creates.
    public mutating func absorb(_ facts: [Fact], customer id: String, asOf: Timestamp) throws {
        let stored = try transaction.customer(id)
        let loaded = try stored.map { try load($0) }
        var fresh: [Fact] = []
        for fact in facts {
            if try transaction.append(fact, of: id) {
                fresh.append(fact)
                count(fact)
            } else {
                summary.factsKnown += 1
            }
        }
        summary.factsStored += fresh.count
        guard !fresh.isEmpty || stored == nil || loaded?.isBroughtUp == true else { return }
        let decider = rules.current
        var row = loaded?.row ?? decider.newRow(customer: id, asOf: asOf)
        decider.absorb(fresh, into: &row)
        var outcome = loaded?.outcome ?? TouchOutcome()
        outcome.wakeUp = decider.wakeUp(of: row)
        try save(row, stored: stored, outcome: outcome, id: id)
    }

    /// The attributes and traits of a customer as they are, or nil when there is none: for what an import compares.
    public func cache(ofCustomer id: String) throws -> FactCache? {
        guard let stored = try transaction.customer(id) else { return nil }
        return try load(stored).row.cache
    }

    /// Writes the counters and the store's clock.
    public mutating func finish() throws {
        if !counters.isEmpty {
            try transaction.add(
                counters.map { CounterIncrement(kind: $0.kind, name: $0.name, day: $0.day, count: $1) })
            counters = [:]
        }
        if let newestAsOf { try transaction.advanceClock(to: newestAsOf) }
    }

    // MARK: Parts

    private func load(_ stored: StoredCustomer) throws -> LoadedCustomer {
        try stored.row.withUnsafeBytes {
            try rules.load(id: stored.id, epoch: stored.epoch, wakeUp: stored.wakeUp, bytes: $0, from: transaction)
        }
    }

    /// Decides what falls due up to `until`, each at its own instant, as a service that never slept would have.
    private func advance(_ row: consuming CustomerRow, until: Timestamp, wakeUp: Timestamp) -> (
        row: CustomerRow, outcome: TouchOutcome
    ) {
        var row = row
        var all = TouchOutcome()
        var next: Timestamp? = wakeUp
        // An instant that is exactly the request's belongs to the touch that knows its facts.
        while let instant = next, instant < until {
            let outcome: TouchOutcome
            (row, outcome) = rules.current.touch(row, clock: instant)
            all.merge(outcome)
            next = outcome.wakeUp
        }
        all.wakeUp = next
        return (row, all)
    }

    /// Stored events that are later than the oldest of `facts`: only asked for when one of them is late.
    private func laterEvents(than facts: [Fact], of id: String, row: CustomerRow?) throws -> [Event] {
        guard let newest = row?.cache.newestEventTime else { return [] }
        var oldest = Timestamp.distantFuture
        for case .event(let event) in facts { oldest = min(oldest, event.time) }
        guard oldest < newest else { return [] }
        return try transaction.facts(of: id, receivedUntil: nil).compactMap {
            if case .event(let event) = $0, event.time > oldest { event } else { nil }
        }
    }

    private mutating func save(
        _ row: consuming CustomerRow, stored: StoredCustomer?, outcome: TouchOutcome, id: String? = nil
    ) throws {
        let epoch = rules.current.active.epoch
        newestAsOf = max(newestAsOf ?? row.asOf, row.asOf)
        try transaction.save(
            id: stored?.id ?? row.customer, wakeUp: storedWakeUp(outcome.wakeUp, asOf: row.asOf, before: stored),
            epoch: epoch,
            row: RowCodec.encode(row, schema: rules.current.active.rules.schema),
            expectedVersion: stored?.version ?? 0)
        for decision in outcome.decisions { try write(decision, epoch: epoch) }
        guard !outcome.decisions.isEmpty || !outcome.entered.isEmpty || !outcome.whereFalse.isEmpty
            || !outcome.conditionFalse.isEmpty
        else { return }
        let day = Zone.utc.date(at: row.asOf)
        for name in outcome.entered { counters[CounterName(kind: .entry, name: name, day: day), default: 0] += 1 }
        for name in outcome.whereFalse {
            counters[CounterName(kind: .whereFalse, name: name, day: day), default: 0] += 1
        }
        for name in outcome.conditionFalse {
            counters[CounterName(kind: .conditionFalse, name: name, day: day), default: 0] += 1
        }
        summary.entered += outcome.entered.count
    }

    /// The wake-up to store: never later than the row's own, perhaps earlier.
    ///
    /// A wake-up that only moves back is left where it is: the customer is then looked at once in vain, instead of
    /// the index being rewritten at a random place with every event that prolongs a wait. Measured: it doubles intake.
    private func storedWakeUp(_ wakeUp: Timestamp?, asOf: Timestamp, before: StoredCustomer?) -> Timestamp? {
        guard let old = before?.wakeUp, old > asOf, old < wakeUp ?? .distantFuture else { return wakeUp }
        return old
    }

    private mutating func write(_ decision: Decision, epoch: Int64) throws {
        let key = decision.key.text
        let id = DeliveryID(hashing: key)
        try transaction.append(
            LedgerEntry(
                key: id, number: decision.number, customer: decision.key.customer, campaign: decision.key.campaign,
                occurrence: decision.key.occurrence, step: decision.key.step, action: decision.key.action,
                outcome: decision.outcome.rawValue, reason: decision.reason?.rawValue ?? "", now: decision.now,
                due: decision.due, epoch: epoch, inputs: JSONValue.object(decision.inputs).canonicalText))
        summary.decisions[decision.outcome, default: 0] += 1
        if let reason = decision.reason { summary.reasons[reason, default: 0] += 1 }
        guard let order = decision.order else { return }
        summary.actsByCampaign[decision.key.campaign, default: 0] += 1
        try transaction.enqueue(
            NewDelivery(
                id: id, customer: decision.key.customer, campaign: decision.key.campaign, key: key,
                destination: order.destination, address: order.address, type: order.type,
                data: order.data.canonicalText, decidedAt: decision.now, expiresAt: order.expiresAt),
            firstAttemptAt: realNow)
    }

    private mutating func count(_ fact: Fact) {
        guard case .event(let event) = fact else { return }
        counters[CounterName(kind: .event, name: event.type, day: Zone.utc.date(at: event.time)), default: 0] += 1
    }
}

extension Fact {
    /// The same fact, received at `instant`.
    func received(at instant: Timestamp) -> Fact {
        switch self {
        case .event(var event):
            event.receivedAt = instant
            return .event(event)
        case .attributes(var fact):
            fact.receivedAt = instant
            if !fact.hasOwnTime { fact.time = instant }
            return .attributes(fact)
        }
    }
}

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
        /// Customers' rows written.
        public var customersSaved = 0
        /// Decisions that the ledger had already, and that were dropped: each is a defect of this program.
        public var duplicates = 0
        /// Facts about customers who were erased, which were not stored.
        public var factsErased = 0
        /// Facts older than what is folded, which were not stored.
        public var factsTooOld = 0
        /// Deliveries cancelled because the customer took a consent back: no attempt at them may begin any more.
        public var revoked: [DeliveryID] = []
        /// The earliest wake-up among the customers written; nil: none of them waits.
        public var nextWakeUp: Timestamp?
        /// Customers of whom something stored cannot be read: nothing was done about them.
        public var unreadable: [UnreadableCustomer] = []

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
    /// The zones of the customers written, where ticks go by them.
    private var zones: Set<String> = []
    /// Who was erased, as far as it has been asked for.
    private var erasures: Erasures?
    /// Before when facts are too old, once it has been asked for; nil inside: none are.
    private var factsBefore: Timestamp??
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
    /// - Returns: for each fact whether it is new.
    @discardableResult
    public mutating func receive(
        _ facts: [Fact], customer id: String, at receivedAt: Timestamp, advancesFirst: Bool
    ) throws -> [Bool] {
        let stored = try transaction.customer(id)
        if try stored == nil && refuses(facts.count, of: id) { return facts.map { _ in false } }
        var loaded = try stored.map { try load($0) }
        let decider = rules.current
        let at = decider.receivedAt(receivedAt, row: loaded?.row, advancesFirst: advancesFirst)
        let horizon = try foldedBefore()
        let received = facts.map { $0.received(at: at) }
        guard received.allSatisfy({ $0.time >= horizon }) else {
            return try receiveYoung(received, than: horizon, customer: id, at: receivedAt, advancesFirst: advancesFirst)
        }
        let laterEvents = try laterEvents(than: received, of: id, row: loaded?.row)
        var isNew: [Bool] = []
        let fresh = try append(received, of: id, isNew: &isNew)
        guard !fresh.isEmpty else {
            // Nothing new: the customer is not touched, unless an activation must be written down.
            if let loaded, let stored, loaded.isBroughtUp { try save(loaded.row, stored, loaded.outcome) }
            return isNew
        }
        let prepared = decider.received(
            fresh, id: id, at: at, loaded: loaded.take(), before: stored, laterEvents: laterEvents,
            advancesFirst: advancesFirst)
        try save(prepared)
        return isNew
    }

    /// Runs `body`, which is about one customer; false: what is stored of it cannot be read, which is noted and costs
    /// nobody else anything. All that ``receive(_:customer:at:advancesFirst:)``, ``advance(customer:until:)``,
    /// ``passOver(customer:through:)`` and ``apply(_:customer:until:)`` read of a customer they read before they write.
    mutating func passing(_ id: String, _ body: (inout CustomerWriter) throws -> Void) throws -> Bool {
        do {
            try body(&self)
            return true
        } catch {
            guard let detail = UnreadableCustomer.detail(of: error) else { throw error }
            summary.unreadable.append(UnreadableCustomer(place: try transaction.place(of: id) ?? 0, detail: detail))
            return false
        }
    }

    /// Decides what is due for a stored customer at or before `clock`; one that cannot be read is looked at again an
    /// hour later.
    mutating func advanceOrPutOff(customer id: String, until clock: Timestamp) throws {
        guard try !passing(id, { try $0.advance(customer: id, until: clock) }) else { return }
        try transaction.putOff(
            customer: id, dueBy: clock, to: clock.advanced(byMilliseconds: UnreadableCustomer.pauseMilliseconds))
    }

    /// Decides what is due for a stored customer at or before `clock`.
    public mutating func advance(customer id: String, until clock: Timestamp) throws {
        guard let stored = try transaction.customer(id) else { return }
        let loaded = try load(stored)
        var outcome = loaded.outcome
        let isDue = (outcome.wakeUp ?? .distantFuture) <= clock || rules.current.hasTick(loaded.row, through: clock)
        guard loaded.isBroughtUp || isDue else { return }
        var row = loaded.row
        if isDue {
            let decided: TouchOutcome
            (row, decided) = rules.current.touch(row, clock: clock)
            outcome.merge(decided)
        }
        try save(row, stored, outcome)
    }

    /// Decides what falls due for a stored customer up to `last`, each at its own instant, and sends nothing of it: it is
    /// taken as sent by a store that is lost. What would be an act is `skip restored`; it counts as one for caps and
    /// re-entry.
    mutating func passOver(customer id: String, through last: Timestamp) throws {
        guard let stored = try transaction.customer(id) else { return }
        let loaded = try load(stored)
        var outcome = loaded.outcome
        var row = loaded.row
        if let next = rules.current.nextDue(of: row, wakeUp: outcome.wakeUp), next <= last {
            let decided: TouchOutcome
            (row, decided) = rules.current.advance(row, until: last.advanced(byMilliseconds: 1), wakeUp: next)
            outcome.merge(decided)
        }
        guard loaded.isBroughtUp || !outcome.decisions.isEmpty || row != loaded.row else { return }
        for index in outcome.decisions.indices where outcome.decisions[index].outcome == .act {
            outcome.decisions[index].outcome = .skip
            outcome.decisions[index].reason = .restored
            outcome.decisions[index].order = nil
        }
        try save(row, stored, outcome)
    }

    /// Decides of what is due for a stored customer at `clock` only what a plan holds.
    ///
    /// - Returns: what became of each key, and the customer afterwards; nil: there is no such customer.
    public mutating func apply(
        _ planned: [PlannedDecision], customer id: String, until clock: Timestamp
    ) throws -> (answers: [DecisionKey: ApplyAnswer], row: CustomerRow)? {
        guard let stored = try transaction.customer(id) else { return nil }
        let loaded = try load(stored)
        let (row, decided, answers) = rules.current.apply(planned, to: loaded.row, clock: clock)
        var outcome = loaded.outcome
        outcome.merge(decided)
        try save(row, stored, outcome)
        return (answers, row)
    }

    /// Takes facts in as history: stored with the `receivedAt` they carry; nothing fires, nothing exits.
    ///
    /// - Parameter asOf: the clock of a customer that this creates.
    public mutating func absorb(_ facts: [Fact], customer id: String, asOf: Timestamp) throws {
        let stored = try transaction.customer(id)
        if try stored == nil && refuses(facts.count, of: id) { return }
        let facts = try young(facts)
        guard !facts.isEmpty else { return }
        let loaded = try stored.map { try load($0) }
        let fresh = try append(facts, of: id)
        guard !fresh.isEmpty || stored == nil || loaded?.isBroughtUp == true else { return }
        try save(rules.current.absorbed(fresh, id: id, asOf: asOf, loaded: loaded, before: stored))
    }

    /// Takes in history that this transaction has stored already.
    mutating func absorbStored(_ facts: [Fact], customer id: String, asOf: Timestamp) throws {
        let stored = try transaction.customer(id)
        let loaded = try stored.map { try load($0) }
        // A cache that had to be rebuilt has seen them.
        let unseen = loaded?.isBroughtUp == true ? [] : facts
        try save(rules.current.absorbed(unseen, id: id, asOf: asOf, loaded: loaded, before: stored))
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
        if !zones.isEmpty { try transaction.noteZones(zones) }
    }

    // MARK: Parts

    private func load(_ stored: StoredCustomer) throws -> LoadedCustomer {
        try stored.row.withUnsafeBytes {
            try rules.load(id: stored.id, epoch: stored.epoch, wakeUp: stored.wakeUp, bytes: $0, from: transaction)
        }
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

    /// The facts among these that are not older than what is folded; the others are counted and not stored.
    mutating func young(_ facts: [Fact]) throws -> [Fact] {
        let horizon = try foldedBefore()
        let young = facts.filter { $0.time >= horizon }
        summary.factsTooOld += facts.count - young.count
        return young
    }

    /// As ``receive(_:customer:at:advancesFirst:)``, where some facts are too old: these are counted and not stored.
    private mutating func receiveYoung(
        _ facts: [Fact], than horizon: Timestamp, customer id: String, at receivedAt: Timestamp, advancesFirst: Bool
    ) throws -> [Bool] {
        let young = facts.filter { $0.time >= horizon }
        summary.factsTooOld += facts.count - young.count
        var isNew =
            young.isEmpty
            ? [] : try receive(young, customer: id, at: receivedAt, advancesFirst: advancesFirst)
        return facts.map { $0.time >= horizon ? isNew.removeFirst() : false }
    }

    /// Before when facts are folded, and too old to be stored; the distant past: none are.
    mutating func foldedBefore() throws -> Timestamp {
        if let known = factsBefore { return known ?? .distantPast }
        let read = try Pruner.factsBefore(in: transaction)
        factsBefore = .some(read)
        return read ?? .distantPast
    }

    /// Whether a customer that is not stored was erased: so many facts about it are counted and not stored.
    mutating func refuses(_ facts: Int, of id: String) throws -> Bool {
        guard try knownErasures().isErased(id, in: transaction) else { return false }
        summary.factsErased += facts
        return true
    }

    private mutating func knownErasures() throws -> Erasures {
        if let erasures { return erasures }
        let read = try Erasures(in: transaction)
        erasures = read
        return read
    }

    /// Stores `facts`; returns those that were not stored before.
    mutating func append(_ facts: [Fact], of id: String) throws -> [Fact] {
        var isNew: [Bool] = []
        return try append(facts, of: id, isNew: &isNew)
    }

    private mutating func append(_ facts: [Fact], of id: String, isNew: inout [Bool]) throws -> [Fact] {
        var fresh: [Fact] = []
        for fact in facts {
            isNew.append(try transaction.append(fact, of: id))
            if isNew[isNew.endIndex - 1] {
                fresh.append(fact)
                count(fact)
            } else {
                summary.factsKnown += 1
            }
        }
        summary.factsStored += fresh.count
        return fresh
    }

    private mutating func save(_ row: CustomerRow, _ stored: StoredCustomer, _ outcome: TouchOutcome) throws {
        try save(
            PreparedCustomer(row, id: stored.id, outcome: outcome, before: stored, decider: rules.current))
    }

    /// Writes a customer's row and what was decided about it.
    mutating func save(_ prepared: PreparedCustomer) throws {
        newestAsOf = max(newestAsOf ?? prepared.asOf, prepared.asOf)
        if let zone = prepared.zone { zones.insert(zone) }
        try transaction.save(
            id: prepared.id, wakeUp: prepared.wakeUp, epoch: rules.current.active.epoch, row: prepared.row,
            expectedVersion: prepared.version)
        summary.customersSaved += 1
        if let wakeUp = prepared.wakeUp { summary.nextWakeUp = min(summary.nextWakeUp ?? wakeUp, wakeUp) }
        if let refused = prepared.refusedConsents { try revoke(of: prepared.id, refused: refused) }
        if !prepared.lines.isEmpty {
            let generation = try knownErasures().generation(of: prepared.id, in: transaction)
            for line in prepared.lines { try write(generation == 1 ? line : line.keyed(generation: generation)) }
        }
        guard
            !prepared.entered.isEmpty || !prepared.whereFalse.isEmpty || !prepared.conditionFalse.isEmpty
                || !prepared.passedOver.isEmpty
                || !prepared.goals.isEmpty
        else { return }
        let day = Zone.utc.date(at: prepared.asOf)
        for name in prepared.entered { counters[CounterName(kind: .entry, name: name, day: day), default: 0] += 1 }
        for name in prepared.whereFalse {
            counters[CounterName(kind: .whereFalse, name: name, day: day), default: 0] += 1
        }
        for name in prepared.conditionFalse {
            counters[CounterName(kind: .conditionFalse, name: name, day: day), default: 0] += 1
        }
        for goal in prepared.goals {
            let kind = goal.isHeldOut ? CounterKind.goalHeldOut : .goal
            counters[CounterName(kind: kind, name: goal.campaign, day: day), default: 0] += 1
        }
        for (name, count) in prepared.passedOver {
            counters[CounterName(kind: .passedOver, name: name, day: day), default: 0] += count
        }
        summary.entered += prepared.entered.count
    }

    /// Cancels what the customer was to get by a channel that is no longer agreed to, parked and dead ones too: they
    /// would go out when somebody enables the destination or redrives them.
    ///
    /// What this touch itself orders was decided with the consent as it is now, and is not in the outbox yet.
    private mutating func revoke(of id: String, refused: Set<String>) throws {
        for delivery in try transaction.pendingDeliveries(of: id)
        where delivery.order.consents.contains(where: refused.contains) {
            try transaction.setDelivery(
                delivery.order.id, state: .cancelled, nextAttemptAt: realNow, reason: "consent withdrawn")
            if delivery.state == .sending { summary.revoked.append(delivery.order.id) }
        }
    }

    private mutating func write(_ line: PreparedCustomer.Line) throws {
        do {
            try transaction.append(line.entry)
        } catch let error as StoreError where error.code == .duplicateDecision {
            // The ledger is right: what is decided stays decided, and one customer's trouble is not the batch's.
            summary.duplicates += 1
            return
        }
        summary.decisions[line.outcome, default: 0] += 1
        if let reason = line.reason { summary.reasons[reason, default: 0] += 1 }
        guard let delivery = line.delivery else { return }
        summary.actsByCampaign[delivery.campaign, default: 0] += 1
        try transaction.enqueue(delivery, firstAttemptAt: realNow)
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

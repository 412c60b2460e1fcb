import CareDecisions
import CareLogic
import CareStore
import CareValues

/// What a customer's row becomes, encoded, with all that is to be written beside it: no store is needed to make one.
struct PreparedCustomer: Sendable {
    /// A decision as the store takes it, and what it orders.
    struct Line: Sendable {
        var outcome: Outcome
        var reason: Reason?
        var entry: LedgerEntry
        var delivery: NewDelivery?
    }

    var id: String
    /// The version of the row it is made from; 0: there was none.
    var version: Int64
    var asOf: Timestamp
    var wakeUp: Timestamp?
    var row: [UInt8]
    var lines: [Line]
    /// Campaigns entered, and those whose `where` or condition was false: one name for each occurrence.
    var entered: [String]
    var whereFalse: [String]
    var conditionFalse: [String]
    /// Ticks that a later one took the place of, by campaign.
    var passedOver: [String: Int]
    /// The name of the customer's zone, where ticks go by it; else nil.
    var zone: String?
    /// Goals that the facts have reached.
    var goals: [ReachedGoal]
    /// The consents that the customer does not give, where one was taken back; else nil.
    var refusedConsents: Set<String>?

    /// `row` and what was decided about it, under the rules of `decider`.
    init(_ row: CustomerRow, id: String, outcome: TouchOutcome, before: StoredCustomer?, decider: Decider) {
        let epoch = decider.active.epoch
        self.id = id
        version = before?.version ?? 0
        asOf = row.asOf
        wakeUp = Self.storedWakeUp(outcome.wakeUp, asOf: row.asOf, before: before)
        self.row = RowCodec.encode(row, schema: decider.active.rules.schema)
        let schema = decider.active.rules.schema
        let language = schema.languageAttribute.flatMap { row.cache.attribute($0, schema: schema).text } ?? ""
        lines = outcome.decisions.map { Line($0, epoch: epoch, language: language) }
        entered = outcome.entered
        whereFalse = outcome.whereFalse
        conditionFalse = outcome.conditionFalse
        passedOver = outcome.passedOver
        zone = decider.hasTicks ? decider.zone(of: row).name : nil
        goals = outcome.goals
        refusedConsents = outcome.withdrawsConsent ? decider.refusedConsents(of: row) : nil
    }

    /// The wake-up to store: never later than the row's own, perhaps earlier.
    ///
    /// A wake-up that only moves back is left where it is: the customer is then looked at once in vain, instead of
    /// the index being rewritten at a random place with every event that prolongs a wait. Measured: it doubles intake.
    private static func storedWakeUp(_ wakeUp: Timestamp?, asOf: Timestamp, before: StoredCustomer?) -> Timestamp? {
        guard let old = before?.wakeUp, old > asOf, old < wakeUp ?? .distantFuture else { return wakeUp }
        return old
    }
}

extension PreparedCustomer.Line {
    init(_ decision: Decision, epoch: Int64, language: String) {
        let key = decision.key.text
        let id = DeliveryID(hashing: key)
        outcome = decision.outcome
        reason = decision.reason
        entry = LedgerEntry(
            key: id, number: decision.number, customer: decision.key.customer, campaign: decision.key.campaign,
            occurrence: decision.key.occurrence, step: decision.key.step, action: decision.key.action,
            outcome: decision.outcome.rawValue, reason: decision.reason?.rawValue ?? "", now: decision.now,
            due: decision.due, epoch: epoch, inputs: JSONValue.object(decision.inputs).canonicalText)
        delivery = decision.order.map { order in
            NewDelivery(
                id: id, customer: decision.key.customer, campaign: decision.key.campaign, key: key,
                destination: order.destination, address: order.address, type: order.type,
                data: order.data.canonicalText, decidedAt: decision.now, expiresAt: order.expiresAt,
                language: language, quietTimes: order.quietTimes, consents: order.consents)
        }
    }
}

extension PreparedCustomer.Line {
    /// The same under the key of a customer's later generation.
    func keyed(generation: Int) -> PreparedCustomer.Line {
        let key = DecisionKey(
            campaign: entry.campaign, customer: entry.customer, occurrence: entry.occurrence, step: entry.step,
            action: entry.action
        ).text(generation: generation)
        var line = self
        line.entry.key = DeliveryID(hashing: key)
        line.delivery?.id = line.entry.key
        line.delivery?.key = key
        return line
    }
}

/// One request about one customer, decided without the store.
extension Decider {
    /// The instant a request is received at: the customer's next free millisecond from `receivedAt` on.
    ///
    /// - Parameter advancesFirst: whether the customer's own clock counts, when it is later.
    func receivedAt(_ receivedAt: Timestamp, row: CustomerRow?, advancesFirst: Bool) -> Timestamp {
        guard let row else { return receivedAt }
        let at = advancesFirst ? max(receivedAt, row.asOf) : receivedAt
        guard let last = row.lastReceivedAt, last >= at else { return at }
        return last.advanced(byMilliseconds: 1)
    }

    /// The customer after a request of `facts`, none of them stored before, all received at `at`.
    ///
    /// - Parameters:
    ///   - loaded: the customer before, or nil: nobody has heard of it.
    ///   - advancesFirst: whether what is due before `at` is decided before the facts are known.
    func received(
        _ facts: [Fact], id: String, at: Timestamp, loaded: consuming LoadedCustomer?, before: StoredCustomer?,
        laterEvents: [Event], advancesFirst: Bool
    ) -> PreparedCustomer {
        var outcome = loaded?.outcome ?? TouchOutcome()
        var row = loaded?.row ?? newRow(customer: id, asOf: at)
        loaded = nil
        if advancesFirst, before != nil, let wakeUp = nextDue(of: row, wakeUp: outcome.wakeUp), wakeUp <= at {
            let advanced: TouchOutcome
            (row, advanced) = advance(row, until: at, wakeUp: wakeUp)
            outcome.merge(advanced)
        }
        let decided: TouchOutcome
        (row, decided) = touch(row, facts: facts, laterEvents: laterEvents, clock: at)
        outcome.merge(decided)
        return PreparedCustomer(row, id: id, outcome: outcome, before: before, decider: self)
    }

    /// The customer after `facts` of history, none of them known to `loaded`.
    ///
    /// - Parameter asOf: the clock of a customer that this creates.
    func absorbed(
        _ facts: [Fact], id: String, asOf: Timestamp, loaded: consuming LoadedCustomer?, before: StoredCustomer?
    ) -> PreparedCustomer {
        var outcome = loaded?.outcome ?? TouchOutcome()
        var row = loaded?.row ?? newRow(customer: id, asOf: asOf)
        loaded = nil
        if absorb(facts, into: &row) { outcome.withdrawsConsent = true }
        outcome.wakeUp = wakeUp(of: row)
        return PreparedCustomer(row, id: id, outcome: outcome, before: before, decider: self)
    }

    /// Decides what falls due up to `until`, each at its own instant, as a service that never slept would have.
    func advance(
        _ row: consuming CustomerRow, until: Timestamp, wakeUp: Timestamp
    ) -> (
        row: CustomerRow, outcome: TouchOutcome
    ) {
        var row = row
        var all = TouchOutcome()
        var next: Timestamp? = wakeUp
        // An instant that is exactly the request's belongs to the touch that knows its facts.
        while let instant = next, instant < until {
            let outcome: TouchOutcome
            (row, outcome) = touch(row, clock: instant)
            all.merge(outcome)
            next = nextDue(of: row, wakeUp: outcome.wakeUp)
        }
        return (row, all)
    }
}

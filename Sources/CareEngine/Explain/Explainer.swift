import CareDecisions
import CareLogic
import CarePlanning
import CareRules
import CareStore
import CareValues

/// Answers why, or why not, from a store: reads the row, the ledger and the outbox; writes nothing.
public enum Explainer {
    /// Why there is nothing to explain.
    public enum Refusal: Error, Sendable, Hashable {
        /// The store has no such customer.
        case unknownCustomer
        /// The rules have no such campaign; the names there are, by name.
        case unknownCampaign(known: [String])
    }

    /// What is asked for.
    public struct Question: Sendable {
        /// The customer's id.
        public var customer: String
        /// The campaign's name.
        public var campaign: String
        /// As of when; nil: the store's clock.
        public var at: Timestamp?
        /// Whether personal attributes are shown.
        public var showsPII: Bool

        /// A question about a customer and a campaign.
        public init(customer: String, campaign: String, at: Timestamp? = nil, showsPII: Bool = false) {
            self.customer = customer
            self.campaign = campaign
            self.at = at
            self.showsPII = showsPII
        }
    }

    /// What a campaign of `candidate` did, does and will do for a customer, at the store's clock or as of an instant.
    ///
    /// An instant before the store's clock shows what was known then: facts received by then, the rules in force then,
    /// the ledger so far. What was under way is told by the ledger; one after it shows what time alone will bring.
    /// - Throws: ``Refusal``; ``StoreError``; ``EngineError``.
    public static func explain(
        _ question: Question, _ candidate: CandidateRules, in store: any StoreSnapshot, zones: any ZoneDirectory,
        realNow: Timestamp
    ) throws -> Explanation {
        guard let stored = try store.customer(question.customer) else { throw Refusal.unknownCustomer }
        let clock = try store.clock ?? realNow
        let rules = try Activation.foreseen(candidate, at: clock, in: store, zones: zones).rules
        var row = try stored.row.withUnsafeBytes {
            try rules.load(id: stored.id, epoch: stored.epoch, wakeUp: stored.wakeUp, bytes: $0, from: store).row
        }
        // Conditions are read as of the store's clock; what is due by then and not decided is still to come.
        row.asOf = max(row.asOf, clock)
        let ledger = try store.ledger(of: question.customer, campaign: nil)
        var decider = rules.current
        var shown = row
        let looksBack = question.at.map { $0 < row.asOf } ?? false
        if let at = question.at {
            if looksBack {
                decider = try rules.decider(inForceAt: at, in: store)
                shown = try rules.row(of: question.customer, asOf: at, ledger: ledger, under: decider, in: store)
            } else {
                shown.asOf = at
            }
        }
        guard let index = decider.active.rules.index(ofCampaign: question.campaign) else {
            throw Refusal.unknownCampaign(known: decider.active.rules.campaigns.map(\.name))
        }
        let identity = decider.active.rules.campaigns[index].identity
        let entries = ledger.filter { $0.campaign == identity && (!looksBack || $0.now <= shown.asOf) }
        var explanation = Explanation(
            row: shown, campaign: index, decider: decider, now: shown.asOf, fingerprint: rules.fingerprint,
            past: try entries.map { try pastDecision($0, store) }, showsPII: question.showsPII)
        explanation.looksBack = looksBack
        explanation.eventLook = try eventLook(index, entries, shown, decider, rules, question, in: store)
        if looksBack, let rules = try store.ruleSet(epoch: decider.active.epoch) {
            explanation.fingerprint = rules.fingerprint
        }
        if let last = entries.last(where: { $0.number == 0 }) {
            explanation.inputs = try inputs(of: last, now: row, rules, question, in: store)
        }
        return explanation
    }

    /// The newest event that the campaign's trigger asks for, where it began nothing.
    private static func eventLook(
        _ index: Int, _ ledger: [LedgerEntry], _ row: CustomerRow, _ decider: Decider, _ rules: RulesInForce,
        _ question: Question, in store: any StoreSnapshot
    ) throws -> EventLook? {
        let campaign = decider.active.rules.campaigns[index]
        guard case .event(let types) = campaign.trigger else { return nil }
        var newest: Event?
        for fact in try store.facts(of: row.customer, receivedUntil: row.asOf) {
            guard case .event(let event) = fact, types.contains(event.type), event.time <= row.asOf,
                newest.map({ $0.receivedAt <= event.receivedAt }) ?? true
            else { continue }
            newest = event
        }
        guard let event = newest else { return nil }
        let key = CanonicalJSON.array(of: [event.source, event.id])
        guard !ledger.contains(where: { $0.occurrence == key }),
            !row.memory.entries.contains(where: { $0.campaign == campaign.identity && $0.occurrence == key }),
            !row.memory.waiting.contains(where: {
                $0.occurrence.campaign == campaign.identity && $0.occurrence.key == key
            })
        else { return nil }
        let then = try rules.row(
            of: row.customer, asOf: max(event.receivedAt, event.time), ledger: [], under: decider, in: store)
        return EventLook(event, campaign: index, row: then, decider: decider, showsPII: question.showsPII)
    }

    /// What a decision's campaign reads: as it was known at the decision, and as it is now.
    private static func inputs(
        of entry: LedgerEntry, now row: CustomerRow, _ rules: RulesInForce, _ question: Question,
        in store: any StoreSnapshot
    ) throws -> [Explanation.Input] {
        let decider = entry.epoch > 0 ? try rules.decider(ofEpoch: entry.epoch, in: store) : rules.current
        guard let index = decider.active.rules.index(ofIdentity: entry.campaign) else { return [] }
        let then = try rules.row(of: entry.customer, asOf: entry.now, ledger: [], under: decider, in: store)
        let schema = decider.active.rules.schema
        let current = rules.current.active.rules.schema
        let context = decider.context(of: then)
        let nowContext = rules.current.context(of: row)
        return decider.active.rules.campaigns[index].namesRead(in: schema).map { name in
            let isPII =
                schema.attributeIndex(name).map { schema.attributes[$0].isPII }
                ?? schema.traitIndex(name).map(schema.isPersonal) ?? false
            func text(_ schema: Schema, _ context: EvaluationContext) -> String {
                let value = StoreCheck.value(name, schema, context)
                if value.isMissing { return "missing" }
                return isPII && !question.showsPII
                    ? PersonalText.masked(value.text ?? "") : value.jsonValue.canonicalText
            }
            return Explanation.Input(name: name, then: text(schema, context), now: text(current, nowContext))
        }
    }

    /// Which cap, pause or window stopped it, from the inputs.
    private static func cause(of entry: LedgerEntry) -> String {
        guard case .object(let inputs)? = JSONValue(storedText: entry.inputs) else { return "" }
        if inputs["paused"] != nil { return "campaign paused" }
        for kind in ["pause", "cap", "window"] {
            if case .string(let name)? = inputs[kind] { return "\(kind) \(name)" }
        }
        return ""
    }

    static func pastDecision(
        _ entry: LedgerEntry, _ store: any StoreSnapshot
    ) throws
        -> Explanation.PastDecision
    {
        var delivery: String?
        var id = ""
        if entry.outcome == Outcome.act.rawValue {
            id = entry.key.text
            if let stored = try store.deliveries(idPrefix: id, limit: 1).first {
                delivery = stored.state.rawValue + (stored.reason.isEmpty ? "" : " (\(stored.reason))")
            }
        }
        return Explanation.PastDecision(
            now: entry.now, due: entry.due, occurrence: entry.occurrence, step: entry.step, action: entry.action,
            outcome: entry.outcome, reason: entry.reason, delivery: delivery, deliveryID: id, epoch: entry.epoch,
            cause: cause(of: entry))
    }
}

extension RulesInForce {
    /// The rules that were in force at an instant: of the newest activation at or before it, else of the first.
    func decider(inForceAt instant: Timestamp, in store: any StoreSnapshot) throws -> Decider {
        guard var epoch = try store.activeRuleSet()?.epoch else { return current }
        while epoch > 1 {
            let decider = try self.decider(ofEpoch: epoch, in: store)
            if decider.active.activatedAt <= instant { return decider }
            epoch -= 1
        }
        return try decider(ofEpoch: epoch, in: store)
    }

    /// A customer as it was known at an instant: the facts received by then, and from the ledger its last acts.
    func row(
        of customer: String, asOf instant: Timestamp, ledger: [LedgerEntry], under decider: Decider,
        in store: any StoreSnapshot
    ) throws -> CustomerRow {
        let schema = decider.active.rules.schema
        var row = decider.newRow(customer: customer, asOf: instant)
        let facts = try store.facts(of: customer, receivedUntil: instant).filter { $0.time <= instant }
        row.cache = FactCache.rebuilt(from: facts, schema: schema)
        for entry in ledger where entry.outcome == Outcome.act.rawValue && entry.now <= instant {
            guard
                let act = decider.active.rules.countedAct(
                    campaign: entry.campaign, step: entry.step, action: entry.action)
            else { continue }
            row.acts.add(tags: act.tags, destination: act.destination, at: entry.now)
        }
        return row
    }
}

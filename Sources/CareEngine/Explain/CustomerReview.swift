import CareDecisions
import CareLogic
import CarePlanning
import CareRules
import CareStore
import CareValues

/// One customer as a person looks at it: what is known, how every campaign stands, what has happened.
public struct CustomerReview: Sendable {
    /// An attribute or a trait.
    public struct Known: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Its value as people may see it; nil: missing.
        public var text: String?
        /// Whether it is marked `pii`.
        public var isPersonal: Bool
        /// Whether it is hidden here.
        public var isMasked: Bool
        /// Since when it is so, of an attribute whose fact is among the recent ones.
        public var since: Timestamp?
        /// The instant it is, where it is one.
        public var instant: Timestamp?
    }
    /// Something that happened: a fact or a decision, with its place to go on from.
    public enum Happening: Sendable, Hashable {
        /// An event or an attribute change.
        case fact(place: Int64, Fact)
        /// A decision, and the delivery that it ordered.
        case decision(place: Int64, LedgerEntry, StoredDelivery?)

        /// When it was: an event's time, a decision's `now`.
        public var at: Timestamp {
            switch self {
            case .fact(_, let fact): fact.time
            case .decision(_, let entry, _): entry.now
            }
        }

        /// The same as people may see it. Of attributes a page knows by itself which are personal.
        fileprivate func masked(by mask: PersonalMask) -> Happening {
            switch self {
            case .fact(let place, .event(let event)): .fact(place: place, .event(mask.masked(event)))
            case .fact(_, .attributes): self
            case .decision(let place, let entry, let delivery):
                .decision(place: place, mask.masked(entry), delivery)
            }
        }
    }
    /// The places to go on from for older ones.
    public struct Older: Sendable, Hashable {
        /// Facts before this place; nil: from the newest.
        public var fact: Int64?
        /// Decisions before this place; nil: from the newest.
        public var decision: Int64?

        /// Older than these places.
        public init(fact: Int64? = nil, decision: Int64? = nil) {
            self.fact = fact
            self.decision = decision
        }
    }

    /// The customer's id.
    public var customer: String
    /// The clock it is looked at.
    public var now: Timestamp
    /// The customer's zone.
    public var zone: Zone
    /// When something may next fall due; nil: not before a new fact.
    public var wakeUp: Timestamp?
    /// The attributes that are declared, by name.
    public var attributes: [Known]
    /// The traits that are declared, by name.
    public var traits: [Known]
    /// The segments, by name; nil: membership cannot be told.
    public var segments: [(name: String, isMember: Bool?)]
    /// How every campaign stands, by priority, then name; without foresight.
    public var explanations: [Explanation]
    /// What has happened, newest first.
    public var happenings: [Happening]
    /// Where older ones begin; nil: there are none.
    public var older: Older?
}

extension Explainer {
    /// How many of what happened are looked at to tell what an attribute is so since.
    private static let recentFacts = 200
    /// How far back the ledger is looked at for each campaign's last answers.
    private static let recentDecisions = 400

    /// One customer under the rules in force, at the store's clock.
    ///
    /// What is read does not grow with the customer's history.
    /// - Parameters:
    ///   - older: where to go on in what has happened.
    ///   - limit: how many happenings, at most.
    /// - Throws: ``Refusal/unknownCustomer``; ``StoreError``; ``EngineError``.
    public static func review(
        of customer: String, showsPII: Bool, older: CustomerReview.Older = CustomerReview.Older(), limit: Int,
        under rules: RulesInForce, in store: any StoreSnapshot, realNow: Timestamp
    ) throws -> CustomerReview {
        guard let stored = try store.customer(customer) else { throw Refusal.unknownCustomer }
        var row = try stored.row.withUnsafeBytes {
            try rules.load(id: stored.id, epoch: stored.epoch, wakeUp: stored.wakeUp, bytes: $0, from: store).row
        }
        row.asOf = max(row.asOf, try store.clock ?? realNow)
        let decider = rules.current
        let context = decider.context(of: row)
        let facts = try store.recentFacts(of: customer, before: nil, limit: max(recentFacts, limit + 1))
        let ledger = try store.recentLedger(of: customer, before: nil, limit: max(recentDecisions, limit + 1))
        let campaigns = decider.active.rules.campaigns
        let order = campaigns.indices.sorted {
            (-campaigns[$0].priority, campaigns[$0].name) < (-campaigns[$1].priority, campaigns[$1].name)
        }
        let explanations = try order.map { index in
            let past = ledger.filter { $0.entry.campaign == campaigns[index].identity }.prefix(4).reversed()
            return Explanation(
                row: row, campaign: index, decider: decider, now: row.asOf, fingerprint: rules.fingerprint,
                past: try past.map { try pastDecision($0.entry, store) },
                showsPII: showsPII, foresees: false)
        }
        var review = CustomerReview(
            customer: customer, now: row.asOf, zone: context.zone, wakeUp: stored.wakeUp, attributes: [], traits: [],
            segments: [], explanations: explanations, happenings: [], older: nil)
        review.describe(context, facts.map(\.fact), showsPII: showsPII)
        try review.tell(older, limit: limit, facts: facts, ledger: ledger, in: store)
        if !showsPII { review.happenings = review.happenings.map { $0.masked(by: PersonalMask(context)) } }
        return review
    }
}

extension CustomerReview {
    /// Fills in what is known.
    fileprivate mutating func describe(_ context: EvaluationContext, _ facts: [Fact], showsPII: Bool) {
        let schema = context.schema
        var since: [String: Timestamp] = [:]
        // What came with many others was taken in, and says nothing of when it became so.
        for case .attributes(let fact) in facts where fact.values.count <= 3 {
            for member in fact.values.members where since[member.name].map({ $0 < fact.time }) ?? true {
                since[member.name] = fact.time
            }
        }
        attributes = schema.attributes.enumerated().map { index, attribute in
            let value = context.cache.attribute(index, schema: schema)
            return Known(
                attribute.name, value, isPersonal: attribute.isPII, showsPII: showsPII, since: since[attribute.name])
        }
        traits = schema.traits.indices.filter { !schema.traits[$0].isHidden }.map { index in
            let value = StoreCheck.value(schema.traits[index].name, schema, context)
            let isPersonal = schema.isPersonal(trait: index)
            return Known(schema.traits[index].name, value, isPersonal: isPersonal, showsPII: showsPII, since: nil)
        }
        segments = schema.segments.indices.map { index in
            (schema.segments[index].name, (try? schema.segment(index, context))?.isMember)
        }
    }

    /// Fills in what has happened: the newest of both chains, as many as go on one page.
    fileprivate mutating func tell(
        _ from: Older, limit: Int, facts: [(place: Int64, fact: Fact)], ledger: [(place: Int64, entry: LedgerEntry)],
        in store: any StoreSnapshot
    ) throws {
        let facts = from.fact == nil ? facts : try store.recentFacts(of: customer, before: from.fact, limit: limit + 1)
        let ledger =
            from.decision == nil
            ? ledger : try store.recentLedger(of: customer, before: from.decision, limit: limit + 1)
        // Each chain is told in its own order, so that none is passed over where clocks differ.
        var (fact, decision) = (0, 0)
        var told: [Happening] = []
        while told.count < limit, fact < facts.count || decision < ledger.count {
            let isFact =
                decision >= ledger.count
                || fact < facts.count && facts[fact].fact.receivedAt > ledger[decision].entry.now
            if isFact {
                told.append(.fact(place: facts[fact].place, facts[fact].fact))
                fact += 1
            } else {
                told.append(.decision(place: ledger[decision].place, ledger[decision].entry, nil))
                decision += 1
            }
        }
        if fact < facts.count || decision < ledger.count {
            older = Older(
                fact: fact > 0 ? facts[fact - 1].place : from.fact,
                decision: decision > 0 ? ledger[decision - 1].place : from.decision)
        }
        var orders = DeliveryFilter()
        for case .decision(_, let entry, _) in told where entry.outcome == Outcome.act.rawValue {
            orders.ids.append(entry.key)
        }
        if !orders.ids.isEmpty {
            let found = try store.deliveries(orders, limit: orders.ids.count)
            let byID = Dictionary(found.map { ($0.order.id, $0) }, uniquingKeysWith: { first, _ in first })
            told = told.map { happening in
                guard case .decision(let place, let entry, _) = happening else { return happening }
                return .decision(place: place, entry, byID[entry.key])
            }
        }
        happenings = told.enumerated().sorted { ($1.element.at, $0.offset) < ($0.element.at, $1.offset) }.map(\.element)
    }
}

extension CustomerReview.Known {
    fileprivate init(_ name: String, _ value: LogicValue, isPersonal: Bool, showsPII: Bool, since: Timestamp?) {
        self.name = name
        self.isPersonal = isPersonal
        self.since = since
        guard let text = value.text else {
            isMasked = false
            return
        }
        isMasked = isPersonal && !showsPII
        self.text = isMasked ? PersonalText.masked(text) : text
        if case .instant(let instant) = value, !isMasked { self.instant = instant }
    }
}

extension RulesInForce {
    /// What a list shows of a stored customer: what is known, by the newest declarations, and how many entries live.
    /// Nothing is decided. - Throws: ``EngineError/unreadableRow``.
    public func glance(
        at stored: StoredCustomer, in store: any StoreSnapshot
    ) throws -> (cache: FactCache, entries: Int) {
        try stored.row.withUnsafeBytes { bytes in
            let loaded = try load(id: stored.id, epoch: stored.epoch, wakeUp: stored.wakeUp, bytes: bytes, from: store)
            return (loaded.row.cache, loaded.row.memory.entries.count(where: \.lives))
        }
    }
}

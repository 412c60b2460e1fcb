import CareLogic
import CareRules
import CareValues

/// Decides: the one pure function that live service, dry run, simulation and tests call.
///
/// Reads a row, the rules in force and what the request says; no clock, no randomness, no disk.
public final class Decider: Sendable {
    /// The rules in force.
    public let active: ActiveRules
    /// Their campaigns, at hand: what is copied of a rule set is counted part by part.
    let campaigns: [Campaign]
    /// The policies of all campaigns, likewise.
    let policies: Policies
    /// Where each campaign lies among them, by identity.
    private let places: [String: Int]
    /// Whether nothing but a fact changes what a campaign's `where` and condition say, and its trigger fires at its own
    /// instants: who does not match now does not in a period without facts.
    let isSteady: [Bool]
    /// Whether that is so of each local day by itself: of the clock its conditions read the date alone, or nothing. Not
    /// where the campaign has a zone of its own.
    let isSteadyByDay: [Bool]
    /// Whether neither a campaign's `where` nor its condition reads what is kept with the entry, nor the condition the event.
    let isPlainAtEntry: [Bool]
    /// Whether a campaign's first step is due with the occurrence that begins an entry, and no other occurrence of the
    /// campaign that is due at the same instant can come between.
    let firstStepFollows: [Bool]
    /// Which campaigns an event of a type can begin, by type; indexes of campaigns, highest priority first.
    let campaignsByEventType: [String: [Int]]
    /// Which campaigns a change of an attribute can begin, by attribute index.
    let campaignsByChangedAttribute: [Int: [Int]]
    /// The segments and traits that triggers watch.
    let watches: [Watch]
    /// The campaigns whose trigger has instants of its own: anniversaries, dates and inactivity.
    let timedCampaigns: [Int]
    /// The campaigns on schedules and holidays, whose ticks wake nobody: scans touch the customers.
    let scannedCampaigns: [Int]
    /// The regions whose holiday a campaign on one may be, by campaign.
    let holidayRegions: [Int: [HolidayRegion]]
    /// The attributes, zone included, that a timed or scanned campaign's instants are reckoned from.
    let timedAttributes: Set<String>
    /// The timed and scanned campaigns by what their instants are reckoned from.
    let timedGroups: [TimedGroup]
    /// Those of them whose instants an event of a type can move, by type.
    let timedGroupsByEventType: [String: [Int]]
    /// The places among ``timedCampaigns`` of those whose instants an event of a type can move, by type.
    let timedPlacesByEventType: [String: [Int]]
    /// The steady campaigns whose `where` or condition an event of a type can turn, by type.
    let steadyByEventType: [String: [Int]]
    /// Whether a timed campaign's next instant moves by facts and by its own firing alone, in the order of
    /// ``timedCampaigns``: not where it watches a trait that moves with time.
    let keepsInstants: [Bool]
    /// How many days back the caps count acts; 0: there is no cap, and acts are not kept.
    public let actDays: Int

    /// Every campaign's `where` and condition, and what is watched, as steps for one customer.
    let conditions: ScalarProgram
    /// The places of each campaign's `where` and condition among ``conditions``; nil: it has none.
    let conditionPlaces: [(where: Int?, condition: Int?)]

    /// A decider for the rules in force.
    public init(_ active: ActiveRules) {
        self.active = active
        var byEvent: [String: [Int]] = [:]
        var byChange: [Int: [Int]] = [:]
        var timed: [Int] = []
        var scanned: [Int] = []
        var attributes: Set<String> = []
        var timedByEvent: [String: [Int]] = [:]
        var watches: [Watch] = []
        func watch(_ kind: WatchedState.Kind, _ place: Int, _ name: String, _ hash: UInt64, _ campaign: Int) {
            if let known = watches.firstIndex(where: { $0.kind == kind && $0.index == place }) {
                watches[known].campaigns.append(campaign)
            } else {
                watches.append(
                    Watch(kind: kind, index: place, name: name, definitionHash: hash, campaigns: [campaign]))
            }
        }
        func note(_ of: WatchedValue, at campaign: Int) {
            timed.append(campaign)
            switch of {
            case .attribute(let attribute): attributes.insert(active.rules.schema.attributes[attribute].name)
            case .trait(let trait):
                let inputs = active.rules.schema.inputs(ofTrait: trait)
                for type in inputs.eventTypes.sorted() { timedByEvent[type, default: []].append(campaign) }
                for index in inputs.attributes { attributes.insert(active.rules.schema.attributes[index].name) }
            }
        }
        let campaigns = active.rules.campaigns
        self.campaigns = campaigns
        policies = active.rules.policies
        places = Dictionary(
            campaigns.enumerated().map { ($1.identity, $0) }, uniquingKeysWith: { first, _ in first })
        isSteady = campaigns.map { Self.isSteady($0, active.rules.schema.movesWithTime) }
        isSteadyByDay = campaigns.enumerated().map { index, campaign in
            active.campaignZones[index] == nil && Self.isSteady(campaign, active.rules.schema.movesWithinDay)
        }
        isPlainAtEntry = campaigns.map { campaign in
            let condition = campaign.condition?.uses
            return !(campaign.triggerWhere?.uses.entry ?? false) && !(condition?.entry ?? false)
                && !(condition?.event ?? false)
        }
        firstStepFollows = campaigns.map { ($0.steps.first?.isAtOnce ?? false) && !$0.trigger.mayCoincide }
        // One fact's triggers fire in the order of decisions: priority, then name.
        let order = campaigns.indices.sorted {
            (-campaigns[$0].priority, $0) < (-campaigns[$1].priority, $1)
        }
        for index in order {
            switch campaigns[index].trigger {
            case .event(let types):
                for type in types { byEvent[type, default: []].append(index) }
            case .change(let change):
                switch change.of {
                case .attribute(let attribute): byChange[attribute, default: []].append(index)
                case .trait(let trait): watch(.trait, trait, change.name, change.definitionHash, index)
                }
            case .segment(let trigger):
                watch(.segment, trigger.segment, trigger.name, trigger.definitionHash, index)
            case .api:
                byEvent[campaigns[index].identity, default: []].append(index)
            case .anniversary(let anniversary):
                note(anniversary.of, at: index)
            case .date(let date):
                note(date.of, at: index)
            case .holiday(let holiday):
                scanned.append(index)
                if case .attribute(_, let name) = holiday.region { attributes.insert(name) }
            case .schedule:
                scanned.append(index)
            case .inactivity(let inactivity):
                timed.append(index)
                for type in inactivity.types { timedByEvent[type, default: []].append(index) }
                if let since = inactivity.orSince { attributes.insert(active.rules.schema.attributes[since].name) }
            }
        }
        if let zone = active.rules.schema.zoneAttribute { attributes.insert(active.rules.schema.attributes[zone].name) }
        campaignsByEventType = byEvent
        campaignsByChangedAttribute = byChange
        timedCampaigns = timed
        keepsInstants = timed.map { index in
            let watched: WatchedValue?
            switch campaigns[index].trigger {
            case .anniversary(let trigger): watched = trigger.of
            case .date(let trigger): watched = trigger.of
            default: watched = nil
            }
            guard case .trait(let trait)? = watched else { return true }
            return !active.rules.schema.movesWithTime(trait: trait)
        }
        scannedCampaigns = scanned
        var regions: [Int: [HolidayRegion]] = [:]
        for index in scanned {
            guard case .holiday(let trigger) = campaigns[index].trigger else { continue }
            switch trigger.region {
            case .code(let code): regions[index] = active.holidays.region(code).map { [$0] } ?? []
            case .attribute: regions[index] = active.holidays.regions.filter { $0.keeps(trigger.name) }
            }
        }
        holidayRegions = regions
        timedAttributes = attributes
        let groups = TimedGroup.all(campaigns, timed: timed, scanned: scanned, haveZones: active.hasCampaignZones)
        timedGroups = groups
        timedGroupsByEventType = timedByEvent.mapValues { indexes in
            groups.indices.filter { place in groups[place].members.contains { indexes.contains($0.campaign) } }
        }
        timedPlacesByEventType = timedByEvent.mapValues { indexes in
            indexes.compactMap { timed.firstIndex(of: $0) }
        }
        var turning: [String: [Int]] = [:]
        for index in campaigns.indices where isSteady[index] {
            let parts = [campaigns[index].triggerWhere, campaigns[index].condition].compactMap { $0 }
            let types = parts.reduce(into: Set<String>()) {
                $0.formUnion(active.rules.schema.inputs(of: $1).eventTypes)
            }
            for type in types.sorted() { turning[type, default: []].append(index) }
        }
        steadyByEventType = turning
        actDays = active.rules.policies.actDays
        var expressions: [Expression] = []
        func place(_ expression: Expression?) -> Int? {
            guard let expression else { return nil }
            expressions.append(expression)
            return expressions.count - 1
        }
        conditionPlaces = campaigns.map { (place($0.triggerWhere), place($0.condition)) }
        for index in watches.indices where watches[index].kind == .segment {
            let segment = watches[index].index
            guard !active.rules.schema.movesWithTime(segment: segment) else { continue }
            watches[index].steadyPlace = place(active.rules.schema.segments[segment].condition)
        }
        self.watches = watches
        conditions = ScalarProgram(BatchProgram(conditions: expressions, schema: active.rules.schema))
    }

    /// The position of the campaign of that identity, or nil.
    func index(ofIdentity identity: String) -> Int? { places[identity] }

    /// The campaign of that identity in the rules in force, or nil.
    public func campaign(ofIdentity identity: String) -> Campaign? { places[identity].map { campaigns[$0] } }

    private static func isSteady(_ campaign: Campaign, _ moves: (Expression) -> Bool) -> Bool {
        switch campaign.trigger {
        case .event, .api, .change, .segment: return false
        case .inactivity(let trigger): if trigger.spread != nil || trigger.every != nil { return false }
        case .schedule(let trigger): if trigger.spread != nil { return false }
        case .anniversary, .date, .holiday: break
        }
        guard !campaign.terms.needsApproval else { return false }
        return [campaign.triggerWhere, campaign.condition].allSatisfy { condition in
            guard let condition else { return true }
            return !condition.uses.entry && !condition.uses.event && !moves(condition)
        }
    }

    /// A customer nobody has heard of before: `asOf` is its first request.
    public func newRow(customer: String, asOf: Timestamp) -> CustomerRow {
        CustomerRow(
            customer: customer, asOf: asOf, cache: FactCache(schema: active.rules.schema), memory: Memory())
    }

    /// One touch: the facts of one request, then everything due at or before `clock`.
    ///
    /// - Parameters:
    ///   - row: the customer before; of this rule set's epoch.
    ///   - facts: what one request says, with one `receivedAt`; not stored before.
    ///   - laterEvents: stored events of the customer that are later than the oldest event among `facts`, by time:
    ///     what a late event's entry must be exited by.
    ///   - clock: what is due at or before it is decided.
    ///   - approves: whether what needs approval is taken as approved: what a plan does.
    /// - Returns: the customer after, and what was decided.
    public func touch(
        _ row: consuming CustomerRow, facts: [Fact] = [], laterEvents: [Event] = [], clock: Timestamp,
        approves: Bool = false
    ) -> (row: CustomerRow, outcome: TouchOutcome) {
        var session = Session(decider: self, row: row, clock: clock)
        if approves { session.takes = .everything(approves: true) }
        session.receive(facts, laterEvents: laterEvents)
        session.run(retryErrors: !facts.isEmpty)
        return session.finish()
    }

    /// The same without facts, for one customer again and again: what is known of its next instants is handed on.
    ///
    /// - Parameter instants: empty at first; belongs to the customer, and to touches that follow one another.
    public func touch(
        _ row: consuming CustomerRow, clock: Timestamp, approves: Bool, instants: inout NextInstants
    ) -> (row: CustomerRow, outcome: TouchOutcome) {
        var session = Session(decider: self, row: row, clock: clock)
        if approves { session.takes = .everything(approves: true) }
        session.nextInstants = instants.due
        instants.due = []
        session.run(retryErrors: false)
        instants.due = session.nextInstants
        return session.finish()
    }

    /// When the customer must be looked at next, after `row.asOf`; nil: not before a new fact.
    public func wakeUp(of row: CustomerRow) -> Timestamp? {
        var session = Session(decider: self, row: row, clock: row.asOf)
        return session.nextWakeUp()
    }

    /// Takes facts in as history: attributes and traits see them, nothing fires, nothing exits.
    ///
    /// - Returns: whether a consent was taken back.
    @discardableResult
    public func absorb(_ facts: [Fact], into row: inout CustomerRow) -> Bool {
        let schema = active.rules.schema
        var withdrawsConsent = false
        for fact in facts {
            switch fact {
            case .event(let event): row.cache.apply(event, schema: schema)
            case .attributes(let fact):
                let changes = row.cache.apply(fact, schema: schema)
                if ConsentGate.withdraws(changes, schema: schema) { withdrawsConsent = true }
            }
        }
        if !watches.isEmpty {
            var session = Session(decider: self, row: row, clock: row.asOf)
            session.rememberSilently()
            row = session.row
        }
        row.cache.prune(now: row.asOf, schema: schema)
        return withdrawsConsent
    }

    /// The names of the consent attributes that the customer of `row` has not granted.
    public func refusedConsents(of row: CustomerRow) -> Set<String> {
        ConsentGate.refused(cache: row.cache, schema: active.rules.schema)
    }
}

extension Trigger {
    /// Whether several of its occurrences can be due at one instant, as of two offsets.
    fileprivate var mayCoincide: Bool {
        switch self {
        case .anniversary(let trigger): trigger.offsets.count > 1
        case .date(let trigger): trigger.offsets.count > 1
        case .event, .api, .change, .segment, .inactivity, .holiday, .schedule: false
        }
    }
}

/// When the timed campaigns fall due next for one customer, as far as touches have found out.
public struct NextInstants: Sendable {
    /// By place among the decider's timed campaigns; empty: nothing is known.
    var due: [Timestamp] = []

    /// Nothing known.
    public init() {}
}

/// What one touch decided.
public struct TouchOutcome: Sendable, Hashable {
    /// The decisions in the order taken.
    public var decisions: [Decision] = []
    /// Campaigns entered, by name, one for each entry.
    public var entered: [String] = []
    /// Campaigns whose `where` was false, by name, one for each occurrence.
    public var whereFalse: [String] = []
    /// Campaigns whose condition was false at entry, by name, one for each occurrence.
    public var conditionFalse: [String] = []
    /// Ticks of schedules and holidays that were passed over, because a later one was due too; by campaign.
    public var passedOver: [String: Int] = [:]
    /// The occurrences whose `where` or condition was false.
    public var notMatching: Set<DecidedOccurrence> = []
    /// The goals that the facts have reached, one for each entry.
    public var goals: [ReachedGoal] = []
    /// Whether the facts took a consent back: what is ordered and not sent yet is to be looked at.
    public var withdrawsConsent = false
    /// When the customer must be looked at next; nil: not before a new fact.
    public var wakeUp: Timestamp?

    /// Nothing decided.
    public init() {}
}

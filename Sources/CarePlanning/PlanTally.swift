import CareDecisions
import CareRules
import CareValues

/// The sums of a plan, gathered customer by customer and merged from several threads.
public struct PlanTally: Sendable {
    /// One step of one campaign, on one ground.
    public struct StepKey: Sendable, Hashable {
        /// The campaign's name.
        public var campaign: String
        /// The step's name.
        public var step: String
        /// What it rests on.
        public var basis: PlanBasis

        /// That step of that campaign, on that ground.
        public init(campaign: String, step: String, basis: PlanBasis) {
            self.campaign = campaign
            self.step = step
            self.basis = basis
        }
    }
    /// What became of a step's actions. due = act + held + suppress + skip.
    public struct StepCounts: Sendable, Hashable {
        /// Actions that go out.
        public var act = 0
        /// Actions that a gate holds at the end of the period, or that could not be decided; they are tried again.
        public var held = 0
        /// Actions that a gate refuses.
        public var suppress = 0
        /// Actions whose time or ground has gone.
        public var skip = 0
        /// Acts by destination.
        public var destinations: [String: Int] = [:]
        /// No actions.
        public init() {}

        fileprivate mutating func addAct(to destination: String) {
            act += 1
            destinations[destination, default: 0] += 1
        }

        fileprivate mutating func add(_ other: StepCounts) {
            act += other.act
            held += other.held
            suppress += other.suppress
            skip += other.skip
            destinations.merge(other.destinations, uniquingKeysWith: +)
        }

        /// Actions that were due.
        public var due: Int { act + held + suppress + skip }
    }

    /// Per step.
    public var steps: [StepKey: StepCounts] = [:]
    /// Entries by campaign.
    public var entered: [String: Int] = [:]
    /// Reasons of suppressed and skipped actions: `reason` to campaign to count.
    public var reasons: [Reason: [String: Int]] = [:]
    /// Reasons of what is held at the end of the period, errors included.
    public var heldReasons: [Reason: [String: Int]] = [:]
    /// Refusals at entry, by reason, then campaign.
    public var notEntered: [Reason: [String: Int]] = [:]
    /// Entries that end without another action, by reason, then campaign.
    public var ended: [Reason: [String: Int]] = [:]
    /// Occurrences whose `where` or condition is false, by campaign.
    public var notMatching: [String: Int] = [:]
    /// Entries that were under way before the period, by campaign: of campaigns that cannot be foreseen.
    public var running: [String: Int] = [:]
    /// Acts by date in the project's zone.
    public var actsByDay: [CivilDate: Int] = [:]
    /// Acts by destination and hour: hours since the epoch in the project's wall time.
    public var actsByHour: [String: [Int64: Int]] = [:]
    /// The customers with the most acts, most first, then by id; at most ``topCount``.
    public var contactedMost: [(customer: String, acts: Int)] = []
    /// How many customers were looked at.
    public var customers = 0
    /// How many of them columns alone have told that nothing is decided for.
    public var passedOver = 0

    /// How many customers ``contactedMost`` names.
    public static let topCount = 3

    /// No sums.
    public init() {}

    /// Adds one customer's forecast. Only `campaign`'s decisions, when it is named.
    public mutating func add(_ forecast: CustomerForecast, customer: String, campaign: String?, zone: Zone) {
        for name in forecast.entered where campaign == nil || campaign == name { entered[name, default: 0] += 1 }
        for name in forecast.notMatching where campaign == nil || campaign == name {
            notMatching[name, default: 0] += 1
        }
        var acts = 0
        forecast.forEachLast { decision, basis in
            guard campaign == nil || campaign == decision.key.campaign else { return }
            if decision.outcome == .act { acts += 1 }
            add(decision, basis, zone: zone)
        }
        if acts > 0 { note(customer: customer, acts: acts) }
    }

    private mutating func add(_ decision: Decision, _ basis: PlanBasis, zone: Zone) {
        let name = decision.key.campaign
        guard !decision.key.step.isEmpty else {
            guard let reason = decision.reason else { return }
            switch reason {
            case .exited, .condition, .displaced, .campaignRemoved, .erased:
                ended[reason, default: [:]][name, default: 0] += 1
            default:
                notEntered[reason, default: [:]][name, default: 0] += 1
            }
            return
        }
        if decision.isAlternative || decision.reason == .notChosen { return }
        let key = StepKey(campaign: name, step: decision.key.step, basis: basis)
        switch decision.outcome {
        case .act:
            steps[key, default: StepCounts()].addAct(to: decision.destination)
            let local = zone.local(decision.now)
            actsByDay[local.date, default: 0] += 1
            actsByHour[decision.destination, default: [:]][local.wallMilliseconds / 3_600_000, default: 0] += 1
        case .error, .hold:
            steps[key, default: StepCounts()].held += 1
        case .suppress:
            steps[key, default: StepCounts()].suppress += 1
        case .skip:
            steps[key, default: StepCounts()].skip += 1
        }
        guard let reason = decision.reason else { return }
        if decision.outcome.isFinal {
            reasons[reason, default: [:]][name, default: 0] += 1
        } else {
            heldReasons[reason, default: [:]][name, default: 0] += 1
        }
    }

    private mutating func note(customer: String, acts: Int) {
        if contactedMost.count == Self.topCount, let least = contactedMost.last, least.acts >= acts {
            if least.acts > acts || least.customer <= customer { return }
        }
        let place =
            contactedMost.firstIndex { acts > $0.acts || (acts == $0.acts && customer < $0.customer) }
            ?? contactedMost.endIndex
        contactedMost.insert((customer, acts), at: place)
        if contactedMost.count > Self.topCount { contactedMost.removeLast() }
    }

    /// Adds the sums of another part of the customers.
    public mutating func merge(_ other: PlanTally) {
        for (key, counts) in other.steps { steps[key, default: StepCounts()].add(counts) }
        entered.merge(other.entered, uniquingKeysWith: +)
        let add = { (left: [String: Int], right: [String: Int]) in left.merging(right, uniquingKeysWith: +) }
        reasons.merge(other.reasons, uniquingKeysWith: add)
        heldReasons.merge(other.heldReasons, uniquingKeysWith: add)
        notEntered.merge(other.notEntered, uniquingKeysWith: add)
        ended.merge(other.ended, uniquingKeysWith: add)
        notMatching.merge(other.notMatching, uniquingKeysWith: +)
        running.merge(other.running, uniquingKeysWith: +)
        actsByDay.merge(other.actsByDay, uniquingKeysWith: +)
        actsByHour.merge(other.actsByHour) { $0.merging($1, uniquingKeysWith: +) }
        for top in other.contactedMost { note(customer: top.customer, acts: top.acts) }
        customers += other.customers
        passedOver += other.passedOver
    }

    /// The same sums, those of campaigns that were renamed under their names: `names` by identity.
    public func named(_ names: [String: String]) -> PlanTally {
        guard !names.isEmpty else { return self }
        func named(_ counts: [String: Int]) -> [String: Int] {
            Dictionary(counts.map { (names[$0.key] ?? $0.key, $0.value) }, uniquingKeysWith: +)
        }
        var tally = self
        tally.steps = [:]
        for (key, counts) in steps {
            let key = StepKey(campaign: names[key.campaign] ?? key.campaign, step: key.step, basis: key.basis)
            tally.steps[key, default: StepCounts()].add(counts)
        }
        tally.entered = named(entered)
        tally.reasons = reasons.mapValues(named)
        tally.heldReasons = heldReasons.mapValues(named)
        tally.notEntered = notEntered.mapValues(named)
        tally.ended = ended.mapValues(named)
        tally.notMatching = named(notMatching)
        tally.running = named(running)
        return tally
    }

    /// The sums over all steps.
    public var total: StepCounts {
        var total = StepCounts()
        for counts in steps.values {
            total.act += counts.act
            total.held += counts.held
            total.suppress += counts.suppress
            total.skip += counts.skip
            total.destinations.merge(counts.destinations, uniquingKeysWith: +)
        }
        return total
    }
}

extension CustomerForecast {
    /// The last decision of each key, in the order of those: what the period ends with.
    public var lastDecisions: [Decision] {
        var last: [Decision] = []
        forEachLast { decision, _ in last.append(decision) }
        return last
    }

    /// Hands out the last decision of each key, and what it rests on.
    public func forEachLast(_ visit: (Decision, PlanBasis) -> Void) {
        var last: [DecisionKey: Int]?
        if decisions.contains(where: { !$0.outcome.isFinal }) {
            var places: [DecisionKey: Int] = [:]
            for (index, decision) in decisions.enumerated() { places[decision.key] = index }
            last = places
        }
        for (index, decision) in decisions.enumerated() where last == nil || last?[decision.key] == index {
            // What bringing a row up has decided has no ground of its own: its entries were under way.
            visit(decision, index < bases.count ? bases[index] : .running)
        }
    }
}

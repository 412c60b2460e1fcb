import CareDecisions
import CareEngine
import CarePlanning
import CareRules
import CareStore
import CareThreads
import CareValues

/// A plan as pages show it: its sums, and what comes first.
struct PlannedPeriod: Sendable {
    /// What goes out at one minute of one step.
    struct Upcoming: Sendable, Hashable {
        /// When, to the minute.
        var at: Timestamp
        /// The campaign's name.
        var campaign: String
        var step: String
        var destination: String
        var basis: PlanBasis
        /// How many customers.
        var customers: Int
    }
    /// What waits for an approval.
    struct Approval: Sendable, Hashable {
        var campaign: String
        var acts: Int
        var suppressed: Int
        /// When the first of it is due.
        var firstAt: Timestamp?
    }

    var plan: Plan
    var days: Int
    /// The soonest first, of the next two days.
    var upcoming: [Upcoming]
    /// The soonest first of each campaign, by name: at most five.
    var firstOf: [String: [Upcoming]] = [:]
    /// The first due instant of each campaign, by name: acts only.
    var firstActs: [String: Timestamp]
    var approvals: [Approval]
    /// Names of days off and make-up workdays in the regions that the rules name.
    var dayNames: [CivilDate: String] = [:]
    /// How long it took, in milliseconds of the real clock.
    var milliseconds: Int64
    /// When it was made, of the real clock.
    var madeAt: Timestamp
}

extension PlannedPeriod {
    /// A plan for `days` from now on. Nil: there are no customers.
    static func make(_ source: ConsoleSource, days: Int) throws -> PlannedPeriod? {
        let started = source.clock.now()
        let candidate = source.rules()
        let collected = Lock(Collected())
        let zone = candidate.zone
        var observer = PlanRunner.Observer()
        observer.decided = { _, decisions in
            collected.withLock { collected in
                for (decision, basis) in decisions { collected.add(decision, basis) }
            }
        }
        let runner = PlanRunner(
            store: source.store, zones: source.zones, realNow: source.clock.decisionNow, observer: observer)
        let plan: Plan
        do {
            plan = try runner.plan(candidate, PlanRunner.Request(days: days), threads: 1)
        } catch EngineError.noRules {
            return nil
        }
        guard plan.customers > 0 else { return nil }
        let names = Dictionary(
            plan.campaigns.map { ($0.identity, $0.name) }, uniquingKeysWith: { first, _ in first })
        let all = collected.withLock { $0 }
        let horizon = plan.from.advanced(byMilliseconds: 2 * 86_400_000)
        let coming = all.groups.map { key, count in
            Upcoming(
                at: key.at, campaign: names[key.campaign] ?? key.campaign, step: key.step,
                destination: key.destination, basis: key.basis, customers: count)
        }.sorted { ($0.at, $0.campaign, $0.step, $0.destination) < ($1.at, $1.campaign, $1.step, $1.destination) }
        let upcoming = Array(coming.prefix { $0.at < horizon })
        var firstOf: [String: [Upcoming]] = [:]
        for next in coming where firstOf[next.campaign, default: []].count < 5 {
            firstOf[next.campaign, default: []].append(next)
        }
        var first: [String: Timestamp] = [:]
        for (key, _) in all.groups {
            let name = names[key.campaign] ?? key.campaign
            first[name] = min(first[name] ?? .distantFuture, key.at)
        }
        let approvals = plan.campaigns.filter(\.needsApproval).compactMap { facts -> Approval? in
            let counts = plan.tally.steps.filter { $0.key.campaign == facts.name }.values
            let acts = counts.reduce(0) { $0 + $1.act }
            guard acts > 0 else { return nil }
            return Approval(
                campaign: facts.name, acts: acts, suppressed: counts.reduce(0) { $0 + $1.suppress + $1.skip },
                firstAt: first[facts.name])
        }
        var period = PlannedPeriod(
            plan: plan, days: days, upcoming: upcoming, firstActs: first, approvals: approvals,
            milliseconds: source.clock.now().milliseconds(since: started), madeAt: source.clock.now())
        period.firstOf = firstOf
        period.nameDays(candidate, zone: zone)
        return period
    }

    /// Names the holidays of the regions that triggers and windows name themselves.
    private mutating func nameDays(_ candidate: CandidateRules, zone: Zone) {
        var codes = Set(candidate.rules.policies.windows.compactMap(\.holidays))
        for campaign in candidate.rules.campaigns {
            if case .holiday(let trigger) = campaign.trigger, case .code(let code) = trigger.region {
                codes.insert(code)
            }
        }
        let (from, until) = (zone.date(at: plan.from), zone.date(at: plan.until).advanced(byDays: 1))
        for region in codes.sorted().compactMap(candidate.holidays.region) {
            for name in region.names {
                for date in region.dates(of: name, from: from, until: until) where dayNames[date.date] == nil {
                    dayNames[date.date] = name.replacing("-", with: " ")
                }
            }
        }
    }

    /// Acts by minute and step, with bounds on how many are told apart.
    private struct Collected: Sendable {
        struct Key: Hashable {
            var at: Timestamp
            var campaign: String
            var step: String
            var destination: String
            var basis: PlanBasis
        }
        var groups: [Key: Int] = [:]

        mutating func add(_ decision: Decision, _ basis: PlanBasis) {
            guard decision.outcome == .act, !decision.isAlternative else { return }
            let minute = decision.now.milliseconds - ((decision.now.milliseconds % 60_000) + 60_000) % 60_000
            let key = Key(
                at: Timestamp(milliseconds: minute), campaign: decision.key.campaign, step: decision.key.step,
                destination: decision.destination, basis: basis)
            if groups[key] != nil || groups.count < 100_000 { groups[key, default: 0] += 1 }
        }
    }
}

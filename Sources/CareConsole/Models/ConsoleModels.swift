import CareDecisions
import CareEngine
import CarePlanning
import CareRules
import CareStore
import CareValues

/// Gathers what each page shows, from the store and the rules in force. Any thread.
final class ConsoleModels: Sendable {
    let source: ConsoleSource
    let sums = DaySums()
    let plans: Board<Int, PlannedPeriod>
    let funnels: Board<String, FunnelStages>
    private let ruleTests: Board<String, RuleTestResults>

    /// How many days the plan of the overview has.
    static let plannedDays = 14
    /// How many rows a list has.
    static let pageSize = 50

    init(_ source: ConsoleSource) {
        self.source = source
        let now: @Sendable () -> Timestamp = { source.clock.now() }
        let queue = BoardQueue()
        plans = Board(now: now, queue: queue) { days in try PlannedPeriod.make(source, days: days) }
        funnels = Board(now: now, queue: queue, freshFor: 600_000) { campaign in
            try FunnelStages.make(source, campaign: campaign)
        }
        let kept = KeptRuleTests()
        // They read no store and are short: they need not wait behind the scans. Nothing tells when a file of tests is
        // another, so the files are looked at again soon; only where one is are the tests run anew.
        ruleTests = Board(now: now, queue: BoardQueue(), freshFor: 5_000) { _ in kept.results(source) }
    }

    /// What pages read of the store at once.
    struct Look {
        let store: any StoreSnapshot
        let rules: RulesInForce?
        /// The decision clock: never before the store's.
        let now: Timestamp

        var set: RuleSet? { rules?.current.active.rules }
        var epoch: Int64 { rules?.current.active.epoch ?? 0 }

        /// A campaign's name by its identity.
        func name(_ identity: String) -> String {
            guard let set, let index = set.index(ofIdentity: identity) else { return identity }
            return set.campaigns[index].name
        }

        /// A campaign's identity by its name; a name that no campaign has stands for itself.
        func identity(_ name: String) -> String {
            guard let set, let index = set.index(ofCampaign: name) else { return name }
            return set.campaigns[index].identity
        }

        var names: [String: String] {
            Dictionary((set?.campaigns ?? []).map { ($0.identity, $0.name) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// Runs `body` on one snapshot under the rules in force.
    func look<Result>(_ body: (Look) throws -> Result) throws -> Result {
        try source.store.read { store in
            let rules: RulesInForce?
            do {
                rules = try RulesInForce(in: store, zones: source.zones, known: source.rules())
            } catch EngineError.noRules {
                rules = nil
            }
            let now = max(try store.clock ?? .distantPast, source.clock.decisionNow)
            return try body(Look(store: store, rules: rules, now: now))
        }
    }

    /// The project's zone.
    var zone: Zone { source.rules().zone }

    // MARK: Around every page

    /// What stands around a page, but for who looks at it.
    struct Frame: Sendable {
        var campaigns: Int?
        var deadLetters: Int
        var epoch: Int64?
        var fingerprint: String
        var now: Timestamp
    }

    func frame() throws -> Frame {
        try look { look in
            Frame(
                campaigns: look.set?.campaigns.count, deadLetters: try look.store.deliveryCounts()[.dead] ?? 0,
                epoch: look.rules?.current.active.epoch, fingerprint: look.rules?.fingerprint ?? "", now: look.now)
        }
    }

    // MARK: Overview

    func overview() throws -> OverviewModel {
        let plan = try planState(days: Self.plannedDays)
        return try look { look in
            let zone = zone
            let today = zone.date(at: look.now)
            var model = OverviewModel(now: look.now, plan: plan)
            let days = try sums.sums(
                through: today, count: model.pastDays, zone: zone, today: today, readAt: source.clock.now(),
                in: look.store)
            let todays = days.last?.sums ?? []
            model.sums = todays.byOutcome()
            model.parts = parts(todays, look)
            model.destinations = try DestinationHealth.all(source, in: look.store)
            model.outboxWaiting = model.destinations.reduce(0) { $0 + $1.waiting }
            model.oldestWaiting = model.destinations.compactMap(\.oldestWaiting).min()
            let delivered = try look.store.deliverySums(decidedFrom: zone.startOfDay(today))
            model.deliveredToday = delivered.states[.delivered] ?? 0
            model.deliveredAtOnce = delivered.deliveredAtOnce
            model.bars = bars(days, plan, today: today)
            try count(&model, look, today: Zone.utc.date(at: look.now))
            model.needs = needs(model, look, todays: todays)
            return model
        }
    }

    private func parts(_ sums: [LedgerSum], _ look: Look) -> [ShownOutcome: [OverviewModel.Part]] {
        var counts: [ShownOutcome: [String: Int]] = [:]
        for sum in sums {
            guard let outcome = ShownOutcome(rawValue: sum.outcome) else { continue }
            counts[outcome, default: [:]][outcome == .act ? look.name(sum.campaign) : sum.reason, default: 0] +=
                sum.count
        }
        return Dictionary(
            uniqueKeysWithValues: counts.map { outcome, counts in
                (
                    outcome,
                    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                        OverviewModel.Part(name: $0.key, count: $0.value, isReason: outcome != .act)
                    }
                )
            })
    }

    /// The past days by outcome, and behind them the planned ones; today has both.
    private func bars(
        _ days: [(date: CivilDate, sums: [LedgerSum])], _ plan: PlanState, today: CivilDate
    ) -> [VolumeChart.Bar] {
        var planned: [CivilDate: Int] = [:]
        if case .ready(let period) = plan { planned = period.plan.tally.actsByDay }
        func bar(_ date: CivilDate) -> VolumeChart.Bar {
            VolumeChart.Bar(date: date, isToday: date == today)
        }
        var bars = days.map { day in
            var bar = bar(day.date)
            bar.counts = day.sums.byOutcome()
            if day.date == today { bar.planned = planned[today] ?? 0 }
            return bar
        }
        for offset in 1...Self.plannedDays {
            var bar = bar(today.advanced(byDays: offset))
            bar.planned = planned[bar.date] ?? 0
            bars.append(bar)
        }
        return bars
    }

    /// Goals of a week, and what cannot be foreseen; both are counted by UTC days.
    private func count(_ model: inout OverviewModel, _ look: Look, today: CivilDate) throws {
        var unforeseen = 0
        for campaign in look.set?.campaigns ?? [] {
            if campaign.terms.goal != nil {
                model.goalsIn7Days += try look.store.count(
                    .goal, name: campaign.identity, from: today.advanced(byDays: -6), until: today.advanced(byDays: 1))
            }
            if !PlanBasis(campaign.trigger).isForeseeable {
                unforeseen += try look.store.count(
                    .entry, name: campaign.identity, from: today.advanced(byDays: -27), until: today.advanced(byDays: 1)
                )
            }
        }
        model.unforeseenPerDay = (unforeseen + 14) / 28
    }

    private func needs(_ model: OverviewModel, _ look: Look, todays: [LedgerSum]) -> [OverviewModel.Need] {
        var needs: [OverviewModel.Need] = []
        if let refusal = source.refusal() {
            needs.append(.refusedRules(findings: refusal.diagnostics.count, at: refusal.at))
        }
        for row in model.destinations where !row.isWell && (row.state != .unknown || row.waiting + row.parked > 0) {
            needs.append(.destination(row))
        }
        let dead = model.destinations.filter { $0.dead > 0 }
        if !dead.isEmpty {
            needs.append(
                .deadLetters(
                    count: dead.reduce(0) { $0 + $1.dead },
                    byDestination: dead.sorted { ($1.dead, $0.name) < ($0.dead, $1.name) }.map { ($0.name, $0.dead) }))
        }
        let errors = todays.filter { $0.outcome == "error" }
        if !errors.isEmpty {
            needs.append(
                .errors(
                    count: errors.reduce(0) { $0 + $1.count }, reasons: Set(errors.map(\.reason)).sorted()))
        }
        if let lost = try? look.store.deliveryCounts(DeliveryFilter(states: [.parked], answerLost: true))[.parked],
            lost > 0
        {
            needs.append(.parkedLost(count: lost))
        }
        if case .ready(let period) = model.plan {
            let approved = source.approvedCampaigns()
            for approval in period.approvals where !approved.contains(approval.campaign) {
                needs.append(.approval(campaign: approval.campaign, acts: approval.acts, firstAt: approval.firstAt))
            }
        }
        return needs
    }

    /// The plan of so many days, one of ``PlanModel/lengths``.
    func planState(days: Int) throws -> PlanState {
        let epoch = try source.store.read { try $0.activeRuleSet()?.epoch ?? 0 }
        return plans.state(days, epoch: epoch)
    }

    /// How the tests beside the rules stand under those in force.
    func testState() throws -> RuleTestState {
        let epoch = try source.store.read { try $0.activeRuleSet()?.epoch ?? 0 }
        return ruleTests.state(source.rulesName, epoch: epoch)
    }

    /// Looks at the files of tests anew before they are shown again.
    func forgetTests() { ruleTests.forget(source.rulesName) }

    /// Whether there is something to look at: else the first steps are shown.
    func welcome() throws -> WelcomeModel? {
        try look { look in
            let customers = try look.store.customerCount
            let campaigns = look.set?.campaigns.count ?? 0
            guard customers == 0 || campaigns == 0 else { return nil }
            return WelcomeModel(
                storeName: source.storeName, rulesName: source.rulesName, campaigns: campaigns, customers: customers,
                destinations: source.destinations.map(\.name))
        }
    }
}

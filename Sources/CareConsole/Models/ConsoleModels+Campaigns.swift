import CareDecisions
import CareEngine
import CarePlanning
import CareRules
import CareStore
import CareValues

/// Campaigns and plans.
extension ConsoleModels {
    func campaigns(_ filter: CampaignsModel.Filter, _ voice: Voice) throws -> CampaignsModel {
        let tests = try testState()
        let plan = try planState(days: Self.plannedDays)
        return try look { look in
            let today = zone.date(at: look.now)
            let days = try sums.sums(
                through: today, count: 28, zone: zone, today: today, readAt: source.clock.now(), in: look.store)
            let campaigns = (look.set?.campaigns ?? []).sorted { (-$0.priority, $0.name) < (-$1.priority, $1.name) }
            var firstActs: [String: Timestamp] = [:]
            if case .ready(let period) = plan { firstActs = period.firstActs }
            let words = look.set.map { RuleWords(rules: $0, voice: voice) }
            let rows = campaigns.map { campaign -> CampaignsModel.Row in
                var acts = [Int](repeating: 0, count: 14)
                var total: [ShownOutcome: Int] = [:]
                for (place, day) in days.enumerated() {
                    let own = day.sums.byOutcome(campaign: campaign.identity)
                    acts[place / 2] += own[.act] ?? 0
                    total.merge(own, uniquingKeysWith: +)
                }
                return CampaignsModel.Row(
                    name: campaign.name, description: campaign.description,
                    starts: words?.starts(campaign.trigger) ?? "", tags: campaign.tags,
                    needsApproval: campaign.terms.needsApproval, isPaused: campaign.terms.isPaused, acts: acts,
                    sums: total, next: firstActs[campaign.name],
                    startsOnEvent: !PlanBasis(campaign.trigger).isForeseeable,
                    tests: tests.value?.state(of: campaign.identity))
            }
            return CampaignsModel(
                now: look.now, rows: rows.filter { fits($0, filter) }, all: rows.count,
                epoch: look.rules?.current.active.epoch, tags: Set(rows.flatMap(\.tags)).sorted(), filter: filter,
                rulesName: source.rulesName, activatedAt: look.rules?.current.active.activatedAt,
                isPlanKnown: { if case .ready = plan { true } else { false } }(),
                waiting: rows.count(where: \.needsApproval), paused: rows.count(where: \.isPaused),
                withErrors: rows.count { ($0.sums[.error] ?? 0) > 0 },
                withFailingTests: rows.count { if case .failed? = $0.tests { true } else { false } }, tests: tests)
        }
    }

    private func fits(_ row: CampaignsModel.Row, _ filter: CampaignsModel.Filter) -> Bool {
        if let tag = filter.tag, !row.tags.contains(tag) { return false }
        if let text = filter.text?.lowercased(), !text.isEmpty,
            !(row.name + " " + row.description).lowercased().contains(text)
        {
            return false
        }
        switch filter.state {
        case "active": return !row.isPaused
        case "paused": return row.isPaused
        case "approval": return row.needsApproval
        case "errors": return (row.sums[.error] ?? 0) > 0
        case "tests":
            switch row.tests {
            case .failed?, .unreadable?: return true
            case .passed?, .untested?, nil: return false
            }
        case "silent": return row.acts.allSatisfy { $0 == 0 }
        default: return true
        }
    }

    /// Nil: the rules have no campaign of that name.
    func campaign(_ name: String) throws -> CampaignModel? {
        let tests = try testState()
        let plan = try planState(days: Self.plannedDays)
        let known: (CampaignModel, Int64)? = try look { look in
            guard let set = look.set, let index = set.index(ofCampaign: name) else { return nil }
            let campaign = set.campaigns[index]
            let today = zone.date(at: look.now)
            let days = try sums.sums(
                through: today, count: 28, zone: zone, today: today, readAt: source.clock.now(), in: look.store)
            var reasons: [String: Int] = [:]
            var total: [ShownOutcome: Int] = [:]
            for sum in days.flatMap(\.sums) where sum.campaign == campaign.identity {
                reasons[sum.outcome + "/" + sum.reason, default: 0] += sum.count
                if let outcome = ShownOutcome(rawValue: sum.outcome) { total[outcome, default: 0] += sum.count }
            }
            let order = ShownOutcome.ledger
            let answers = reasons.compactMap { key, count -> (outcome: ShownOutcome, reason: String, count: Int)? in
                let parts = key.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                return ShownOutcome(rawValue: parts[0]).map { ($0, parts.count > 1 ? parts[1] : "", count) }
            }.sorted {
                (order.firstIndex(of: $0.outcome) ?? 9, $1.count, $0.reason)
                    < (order.firstIndex(of: $1.outcome) ?? 9, $0.count, $1.reason)
            }
            var upcoming: [PlannedPeriod.Upcoming] = []
            if case .ready(let period) = plan { upcoming = period.firstOf[name] ?? [] }
            let utc = Zone.utc.date(at: look.now)
            return (
                CampaignModel(
                    now: look.now, campaign: campaign, rules: set, funnel: .underWay, tests: tests,
                    bars: days.map { day in
                        var bar = VolumeChart.Bar(date: day.date, isToday: day.date == today)
                        bar.counts = day.sums.byOutcome(campaign: campaign.identity)
                        return bar
                    },
                    effect: try effect(campaign, look, today: utc), upcoming: upcoming, plan: plan,
                    entries28: try look.store.count(
                        .entry, name: campaign.identity, from: utc.advanced(byDays: -27), until: utc.advanced(byDays: 1)
                    ),
                    sums: total, reasons: answers, start: look.rules?.current.active.starts[index], file: nil),
                look.epoch
            )
        }
        guard let (found, epoch) = known else { return nil }
        var model = found
        model.funnel = funnels.state(name, epoch: epoch)
        return model
    }

    /// What a holdout shows: the goals of both sides since the campaign began.
    ///
    /// Entries whose goal can still be reached are counted, so that the difference is rather too small than too large.
    private func effect(_ campaign: Campaign, _ look: Look, today: CivilDate) throws -> CampaignModel.Effect? {
        guard let goal = campaign.terms.goal, campaign.gates.holdout != nil else { return nil }
        let all = try look.store.ledgerSums(from: .distantPast, until: .distantFuture, campaign: campaign.identity)
        let (from, until) = (CivilDate(dayNumber: 0), today.advanced(byDays: 1))
        return CampaignModel.Effect(
            written: all.reduce(0) { $0 + ($1.outcome == "act" ? $1.count : 0) },
            writtenGoals: try look.store.count(.goal, name: campaign.identity, from: from, until: until),
            heldOut: all.reduce(0) { $0 + ($1.reason == "holdout" ? $1.count : 0) },
            heldOutGoals: try look.store.count(.goalHeldOut, name: campaign.identity, from: from, until: until),
            within: goal.within, types: goal.types)
    }

    /// - Parameter days: one of ``PlanModel/lengths``.
    func plan(days: Int, _ voice: Voice) throws -> PlanModel {
        let state = try planState(days: days)
        var model = PlanModel(days: days, state: state)
        for settings in source.destinations {
            if let rate = settings.attemptsPerSecond { model.rates[settings.name] = rate }
        }
        guard case .ready(let period) = state else { return model }
        let set = try look { $0.set }
        if let set {
            let words = RuleWords(rules: set, voice: voice)
            for campaign in set.campaigns { model.starts[campaign.name] = words.starts(campaign.trigger) }
        }
        model.rows = rows(period, model)
        model.approved = source.approvedCampaigns().intersection(period.approvals.map(\.campaign))
        return model
    }

    /// One row for each campaign and ground; entries stand with the first of a campaign's rows.
    private func rows(_ period: PlannedPeriod, _ model: PlanModel) -> [PlanModel.Row] {
        let tally = period.plan.tally
        var rows: [PlanModel.Row] = []
        for facts in period.plan.campaigns {
            var isFirst = true
            let bases = PlanBasis.allCases.filter { basis in
                tally.steps.contains { $0.key.campaign == facts.name && $0.key.basis == basis }
            }
            for basis in bases {
                var counts = PlanTally.StepCounts()
                for (key, step) in tally.steps where key.campaign == facts.name && key.basis == basis {
                    counts.act += step.act
                    counts.held += step.held
                    counts.suppress += step.suppress
                    counts.skip += step.skip
                    counts.destinations.merge(step.destinations, uniquingKeysWith: +)
                }
                let reasons = bases.count > 1 && !isFirst ? [:] : tally.reasons.compactMapValues { $0[facts.name] }
                rows.append(
                    PlanModel.Row(
                        campaign: facts.name, needsApproval: facts.needsApproval, basis: basis,
                        entered: isFirst ? (facts.basis.isForeseeable ? tally.entered[facts.name] ?? 0 : nil) : 0,
                        counts: counts, reasons: reasons, starts: model.starts[facts.name] ?? ""))
                isFirst = false
            }
        }
        return rows.sorted { ($0.basis, $1.counts.due, $0.campaign) < ($1.basis, $0.counts.due, $1.campaign) }
    }
}

extension FunnelStages {
    /// Asks every customer. Nil: the rules have no such campaign, or there are no customers.
    static func make(_ source: ConsoleSource, campaign: String) throws -> FunnelStages? {
        let candidate = source.rules()
        guard candidate.rules.index(ofCampaign: campaign) != nil else { return nil }
        let result = try FunnelRunner(store: source.store, zones: source.zones, realNow: source.clock.decisionNow).run(
            campaign, candidate, PlanRunner.Request(days: 30), threads: 1)
        guard result.funnel.customers > 0 else { return nil }
        return FunnelStages(
            stages: result.funnel.counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            customers: result.funnel.customers, isForeseen: result.isForeseen, from: result.from, until: result.until)
    }
}

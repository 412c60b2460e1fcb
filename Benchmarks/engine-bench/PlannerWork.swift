import CareCalendar
import CareEngine
import CarePlanning
import CareRules
import CareStore
import CareValues

/// What the planner is measured at: horizons, differences, backtests.
extension Bench {
    /// The rules of `count` campaigns.
    static func candidate(_ count: Int, edited: Bool = false) throws -> CandidateRules {
        let text = HundredCampaigns.text(count, edited: edited)
        let loaded = RuleSetLoader.load(
            [RuleSource(file: "hundred.json", bytes: Array(text.utf8))], destinations: nil,
            holidays: ShippedHolidays.table)
        guard let rules = loaded.ruleSet else {
            for diagnostic in loaded.diagnostics { print(diagnostic.rendered(colour: false)) }
            throw StoreError(.io, "the benchmark's rules do not load")
        }
        return CandidateRules(rules: rules, zone: .utc, holidays: ShippedHolidays.table)
    }

    /// One plan.
    func planned(
        _ candidate: CandidateRules, days: Int, threads: Int = 2
    ) throws -> (plan: Plan, seconds: Double, processor: Double) {
        var plan: Plan?
        let before = processorSeconds()
        let seconds = try measure {
            plan = try PlanRunner(store: store, zones: zones, realNow: now).plan(
                candidate, PlanRunner.Request(at: now, days: days), threads: threads)
        }
        guard let plan else { throw StoreError(.io, "no plan") }
        return (plan, seconds, processorSeconds() - before)
    }

    /// Rules in force, planned for today and for 30 days; one campaign beside a hundred.
    mutating func horizon(_ report: inout Report) throws {
        // First one campaign by itself, in force, its rows brought up: as the hundred are afterwards.
        let one = try Self.candidate(1)
        try activate(one)
        let single = try planned(one, days: 30)
        let hundred = try Self.candidate(100)
        try activate(hundred)
        let peer = try TodayPeer(folder: folder, rules: HundredCampaigns.text(100), customers: customers)
        var today: [(plan: Plan, seconds: Double, processor: Double)] = []
        var theirs: [Double] = []
        for _ in 0..<3 {
            today.append(try planned(hundred, days: 1))
            if let peer { theirs.append(try peer.run().seconds) }
        }
        let tally = today[0].plan.tally
        let seconds = today.map(\.seconds).sorted()[1]
        report.add(
            "today's plan, 100 campaigns (\(tally.total.act) acts, \(tally.passedOver) passed over)", seconds, "s",
            target: "DuckDB's")
        report.add("  processor time", today.map(\.processor).sorted()[1], "s", target: "")
        if !theirs.isEmpty {
            report.add("  DuckDB, the 100 conditions from its own file", theirs.sorted()[1], "s", target: "")
            report.add("  beside DuckDB", seconds / theirs.sorted()[1], "×", target: "1 ×")
        }
        let month = try planned(hundred, days: 30)
        report.add(
            "30 days, 100 campaigns (\(month.plan.tally.total.due) due)", month.seconds, "s", target: "20 s")
        report.add("  processor time", month.processor, "s", target: "")
        report.add("peak memory up to here", peakMegabytes(), "MB", target: "500 MB")
        report.add("30 days, 1 campaign (\(single.plan.tally.total.due) due)", single.seconds, "s", target: "")
        report.add("  100 campaigns beside it", month.seconds / single.seconds, "×", target: "10 ×")
        let other = try Self.candidate(100, edited: true)
        let edited = try planned(other, days: 30)
        report.add("30 days, 100 campaigns, one edited", edited.seconds, "s", target: "")
        var differing = 0
        let compared = try measure {
            differing = try DiffRunner(store: store, zones: zones, realNow: now).diff(
                hundred, other, at: now, days: 30, threads: 2
            ).diff.total.differing
        }
        report.add("diff of that campaign, 30 days (\(differing) differ)", compared, "s", target: "")
        report.add("  beside one plan of the edited rules", compared / edited.seconds, "×", target: "1.3 ×")
        report.add("  beside one plan of the rules in force", compared / month.seconds, "×", target: "1.3 ×")
    }

    /// Puts rules in force and brings every row up, so that plans find them so.
    mutating func activate(_ candidate: CandidateRules) throws {
        let zones = self.zones
        let now = self.now
        rules = try store.write { try Activation.activate(candidate, at: now, in: $0, zones: zones).rules }
        _ = try Ticker(store: store, clock: clock, recoveryRate: 1_000_000, pause: { _ in true }).tick(rules)
        try store.checkpoint()
    }
}

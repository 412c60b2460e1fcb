import BenchPopulation
import CareCalendar
import CareDecisions
import CareEngine
import CarePlanning
import CareRules
import CareStore
import CareStoreSQLite
import CareValues
import Foundation

/// Today's plan of a hundred campaigns that have the hundred conditions, from the store, beside DuckDB answering them from
/// its own file.
struct PlanWork {
    /// What begins the campaigns.
    enum Triggers: String, CaseIterable {
        /// Of ten, four on birthdays and dates that have passed, one weekly, each on another day of the week, five on events
        /// and changes.
        case mixed = "a mix of triggers"
        /// Each daily at an hour: it falls due for all who match.
        case daily = "each daily"
    }

    let folder: String
    let customers: Int
    let conditions = BenchRules.conditions(100)

    /// A rule file in which each condition is a campaign's.
    private func rules(_ triggers: Triggers) throws -> RuleSet {
        let campaigns = conditions.enumerated().map { index, condition in
            """
            "p\(1000 + index)": { "trigger": { \(trigger(index, triggers)) }, "condition": \(condition),
              "actions": [{ "send": "crm", "type": "care.looked", "data": {} }] }
            """
        }
        let text =
            "{ \"attributes\": { \(BenchRules.attributes) }, \"campaigns\": { \(campaigns.joined(separator: ",\n")) } }"
        let loaded = RuleSetLoader.load([RuleSource(file: "plan.json", bytes: Array(text.utf8))], destinations: nil)
        guard let rules = loaded.ruleSet else {
            throw Peer.Failure(description: loaded.diagnostics.prefix(3).map { $0.rendered(colour: false) }.joined())
        }
        return rules
    }

    private func trigger(_ index: Int, _ triggers: Triggers) -> String {
        let round = index / 10
        if triggers == .daily { return #""schedule": { "cron": "0 10 * * *" }"# }
        switch index % 10 {
        case 0, 1: return #""anniversary": { "of": "birthday", "offset": "-P\#(index % 30)D", "at": "09:30" }"#
        case 2: return #""date": { "of": "lastPurchaseAt", "offset": "P\#(30 + round * 10)D" }"#
        case 3: return #""date": { "of": "lastActivityAt", "offset": "P\#(14 + round * 7)D" }"#
        case 4: return #""schedule": { "cron": "0 10 * * \#((round + 1) % 7)" }"#
        case 5, 6: return #""event": "purchase""#
        case 7: return #""event": "login""#
        case 8: return #""event": "complaint""#
        default: return #""change": { "of": "\#(round % 2 == 0 ? "tier" : "country")" }"#
        }
    }

    func measure(_ report: inout Report, _ peers: Peers) throws {
        let store = try SQLiteStore(path: folder + "/store.sqlite", access: .readWrite(owner: "eval-bench"))
        let others = try peers.frames("duckdb-file", conditions, threads: 2)
        defer { for peer in others { peer.end() } }
        for triggers in Triggers.allCases {
            let candidate = CandidateRules(rules: try rules(triggers), zone: .utc)
            let clock = DecisionClock.system.starting(at: ColumnWork.now)
            let active = try store.write {
                try Activation.activate(candidate, at: ColumnWork.now, in: $0, zones: SystemZones()).rules
            }
            _ = try Ticker(store: store, clock: clock, recoveryRate: 1_000_000, pause: { _ in true }).tick(active)
            try store.checkpoint()
            let runner = PlanRunner(store: store, zones: SystemZones(), realNow: ColumnWork.now)
            var acts = 0
            // A plan in which all who match are decided on takes minutes.
            let turns = try Turns(
                others, count: triggers == .daily ? 1 : 3, runs: 1,
                {
                    let plan = try runner.plan(candidate, PlanRunner.Request(at: ColumnWork.now, days: 1), threads: 2)
                    acts = plan.tally.total.act
                })
            report.add(
                "today's plan, \(triggers.rawValue)", amount: 100 * Double(customers), unit: "campaigns × customers/s",
                care: turns.care, peers: turns.peers, targets: ["duckdb-file": "1.0"])
            report.add("  actions", value: Double(acts), unit: "", target: "")
        }
        try store.close()
    }
}

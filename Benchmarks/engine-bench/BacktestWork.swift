import CareCalendar
import CareEngine
import CarePlanning
import CareStore
import CareStoreSQLite
import CareValues

/// Replays: a tenth of the population with a history, ten events each over so many days.
struct BacktestWork {
    let bench: Bench
    let store: SQLiteStore
    let customers: Int
    let days: Int

    init(_ bench: Bench, days: Int) throws {
        self.bench = bench
        self.days = days
        customers = max(1_000, bench.customers / 10)
        store = try SQLiteStore(
            path: bench.folder + "/history-\(days).sqlite", access: .readWrite(owner: "engine-bench"))
        guard try store.read({ try $0.customerCount }) < customers else { return }
        let clock = DecisionClock.system.starting(at: Population.now)
        let rules = try store.write {
            try Activation.activate(bench.candidate, at: Population.now, in: $0, zones: bench.zones).rules
        }
        for start in stride(from: 0, to: customers, by: 5_000) {
            try store.write { transaction in
                var writer = CustomerWriter(transaction, rules: rules, clock: clock)
                for row in start..<min(start + 5_000, customers) {
                    try writer.absorb(
                        Population.history(row, days: days), customer: Population.id(row), asOf: Population.now)
                }
                try writer.finish()
            }
        }
        try store.checkpoint()
    }

    /// The whole past replayed; the median of three.
    func measure(_ report: inout Report) throws {
        let now = Population.now
        var facts = 0
        var acts = 0
        var times: [(seconds: Double, processor: Double)] = []
        for _ in 0..<3 {
            let before = bench.processorSeconds()
            let seconds = try bench.measure {
                let result = try BacktestRunner(store: store, zones: bench.zones).run(
                    bench.candidate,
                    BacktestRunner.Request(
                        from: now.advanced(byMilliseconds: -Int64(days) * 86_400_000), until: now,
                        outcome: Backtest.Outcome(types: ["purchase"], within: ISODuration(days: 30)),
                        complaints: ["complaint"]), threads: 2)
                facts = result.backtest.facts
                acts = result.backtest.acts
            }
            times.append((seconds, bench.processorSeconds() - before))
        }
        let median = times.sorted { $0.seconds < $1.seconds }[1]
        report.add(
            "backtest, 20 campaigns, \(days) days, \(facts) facts (\(acts) messages)", median.seconds, "s", target: "")
        report.add("  processor time a fact", median.processor / Double(facts) * 1_000_000, "µs", target: "")
        report.add("  facts replayed", Double(facts) / median.seconds, "/s", target: "167,000 /s")
        try store.close()
    }
}

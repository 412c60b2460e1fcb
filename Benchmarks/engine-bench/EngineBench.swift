import CareCalendar
import CareDecisions
import CareEngine
import CarePlanning
import CareRules
import CareStore
import CareStoreSQLite
import CareValues
import Foundation

/// Measures the engine on a stored population: plan, ticks, intake of events and of history.
///
///     engine-bench [--scale 1] [--json FILE] [--folder DIR] [--only plan|ticks|intake|backtest|horizon]
///     engine-bench --rules FILE
///
/// Scale 1 is 1,000,000 customers. The store lives in a temporary folder unless one is named; a named one is kept,
/// so that a second run spares the making of it.
@main
struct EngineBench {
    static func main() throws {
        let options = Options(CommandLine.arguments.dropFirst())
        if let rules = options.rules {
            return try Campaigns.text.write(toFile: rules, atomically: true, encoding: .utf8)
        }
        let customers = max(1_000, Int(1_000_000 * options.scale))
        print("\(customers) customers, 20 campaigns, \(ProcessInfo.processInfo.activeProcessorCount) cores")
        let folder =
            options.folder
            ?? FileManager.default.temporaryDirectory.appendingPathComponent("care-bench-\(getpid())").path
        defer { if options.folder == nil { try? FileManager.default.removeItem(atPath: folder) } }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var report = Report()
        var bench = try Bench(folder: folder, customers: customers)
        if options.only != "backtest" { try bench.fill(&report) }
        if options.wants("plan") { try bench.plan(&report) }
        if options.wants("ticks") { try bench.idleTick(&report) }
        if options.wants("intake") { try bench.intake(&report) }
        if options.wants("ticks") { try bench.dueTick(&report) }
        if options.wants("backtest") {
            for days in [1_550, 90] { try BacktestWork(bench, days: days).measure(&report) }
        }
        if options.wants("horizon") { try bench.horizon(&report) }
        try bench.close()
        report.print()
        if let json = options.json { try report.json.write(toFile: json, atomically: true, encoding: .utf8) }
    }
}

/// What the command line says.
struct Options {
    var scale = 1.0
    var json: String?
    var folder: String?
    var only: String?
    /// Where to write the twenty campaigns instead of measuring: for the measuring of imports by the command.
    var rules: String?

    func wants(_ work: String) -> Bool { only.map { $0 == work } ?? true }

    init(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let option = rest.popFirst() {
            switch option {
            case "--scale": scale = rest.popFirst().flatMap(Double.init) ?? 1
            case "--json": json = rest.popFirst()
            case "--rules": rules = rest.popFirst()
            case "--only": only = rest.popFirst()
            case "--folder": folder = rest.popFirst()
            default: break
            }
        }
    }
}

/// The figures, as a table and as JSON.
struct Report {
    struct Row {
        var name: String
        var value: Double
        var unit: String
        var target: String
    }
    private(set) var rows: [Row] = []

    mutating func add(_ name: String, _ value: Double, _ unit: String, target: String) {
        rows.append(Row(name: name, value: value, unit: unit, target: target))
    }

    func print() {
        for row in rows {
            let value = String(format: row.value < 100 ? "%.2f" : "%.0f", row.value)
            Swift.print(
                row.name.padding(toLength: 52, withPad: " ", startingAt: 0)
                    + String(repeating: " ", count: max(0, 10 - value.count)) + value + " " + row.unit
                    + (row.target.isEmpty ? "" : "   (target \(row.target))"))
        }
    }

    var json: String {
        JSONValue.array(
            rows.map {
                .object([
                    "name": .string($0.name), "value": .number($0.value), "unit": .string($0.unit),
                    "target": .string($0.target),
                ])
            }
        ).canonicalText + "\n"
    }
}

/// One measured work after the other on one store.
struct Bench {
    let zones = SystemZones()
    let folder: String
    let customers: Int
    let store: SQLiteStore
    let candidate: CandidateRules
    /// The population's now, or the store's clock where an earlier run has gone on from there.
    let now: Timestamp
    let clock: DecisionClock
    var rules: RulesInForce

    init(folder: String, customers: Int) throws {
        self.folder = folder
        self.customers = customers
        store = try SQLiteStore(path: folder + "/bench.sqlite", access: .readWrite(owner: "engine-bench"))
        let loaded = RuleSetLoader.load(
            [RuleSource(file: "bench.json", bytes: Array(Campaigns.text.utf8))], destinations: nil)
        guard let ruleSet = loaded.ruleSet else {
            for diagnostic in loaded.diagnostics { print(diagnostic.rendered(colour: false)) }
            throw StoreError(.io, "the benchmark's rules do not load")
        }
        let candidate = CandidateRules(rules: ruleSet, zone: .utc)
        self.candidate = candidate
        let now = max(Population.now, try store.read { try $0.clock } ?? Population.now)
        self.now = now
        clock = DecisionClock.system.starting(at: now)
        let zones = self.zones
        rules = try store.write {
            try Activation.activate(candidate, at: now, in: $0, zones: zones).rules
        }
    }

    /// Stores the population as history, unless the folder has it already.
    mutating func fill(_ report: inout Report) throws {
        guard try store.read({ try $0.customerCount }) < customers else { return }
        var facts = 0
        let seconds = try measure {
            for start in stride(from: 0, to: customers, by: 20_000) {
                try store.write { transaction in
                    var writer = CustomerWriter(transaction, rules: rules, clock: clock)
                    for row in start..<min(start + 20_000, customers) {
                        try writer.absorb(Population.facts(row), customer: Population.id(row), asOf: Population.now)
                    }
                    try writer.finish()
                    facts += writer.summary.factsStored
                }
            }
            try store.checkpoint()
        }
        report.add("history absorbed, facts/s (attributes, purchase, login)", Double(facts) / seconds, "/s", target: "")
    }

    func plan(_ report: inout Report) throws {
        for threads in [1, 2] {
            var acts = 0
            let times = try (0..<3).map { _ in
                try measure {
                    let plan = try PlanRunner(store: store, zones: zones, realNow: now).plan(
                        candidate, PlanRunner.Request(at: now, days: 7), threads: threads)
                    acts = plan.tally.total.act
                }
            }
            report.add(
                "plan of 7 days, \(threads) threads (\(acts) acts)", times.sorted()[1], "s",
                target: threads == 2 ? "3 s" : "")
        }
        // Rules that are not in force yet: every row is looked at.
        let edited = Campaigns.text.replacingOccurrences(of: "\"-P7D\"", with: "\"-P8D\"")
        let loaded = RuleSetLoader.load(
            [RuleSource(file: "edited.json", bytes: Array(edited.utf8))], destinations: nil)
        if let ruleSet = loaded.ruleSet {
            for usesColumns in [true, false] {
                var plan: Plan?
                let seconds = try measure {
                    plan = try PlanRunner(store: store, zones: zones, realNow: now).plan(
                        CandidateRules(rules: ruleSet, zone: .utc),
                        PlanRunner.Request(at: now, days: 7, usesColumns: usesColumns), threads: 2)
                }
                let (acts, passedOver) = (plan?.tally.total.act ?? 0, plan?.tally.passedOver ?? 0)
                report.add(
                    "the same of edited rules, \(passedOver) passed over (\(acts) acts)", seconds, "s", target: "")
            }
        }
        report.add("peak memory up to here", peakMegabytes(), "MB", target: "500 MB")
    }

    func idleTick(_ report: inout Report) throws {
        let ticker = Ticker(store: store, clock: clock, recoveryRate: 1_000_000, pause: { _ in true })
        _ = try ticker.tick(rules)
        let times = try (0..<21).map { _ in try measure { _ = try ticker.tick(rules) } }
        report.add("tick with none due", times.sorted()[10] * 1000, "ms", target: "5 ms")
    }

    /// Events received now, one request each, 2,000 in a transaction as in an import.
    func intake(_ report: inout Report) throws {
        let count = max(2_000, customers / 5)
        let lines = Population.events(count, customers: customers, from: now)
        var decided = 0
        let seconds = try measure {
            for start in stride(from: 0, to: count, by: 2_000) {
                try store.write { transaction in
                    var writer = CustomerWriter(transaction, rules: rules, clock: clock)
                    for line in lines[start..<min(start + 2_000, count)] {
                        try writer.receive(
                            [line.fact], customer: line.customer, at: line.fact.time, advancesFirst: false)
                    }
                    try writer.finish()
                    decided += writer.summary.decided
                }
            }
        }
        report.add("events decided and committed, no file", Double(count) / seconds, "/s", target: "20,000 /s")
        report.add("  ledger rows per event", Double(decided) / Double(count), "", target: "0.2")
        try store.checkpoint()
    }

    /// Ticks at instants where some, and ten times as many, are due.
    func dueTick(_ report: inout Report) throws {
        var now = try store.read { try $0.clock } ?? Population.now
        for _ in 0..<2 {
            guard let next = try store.read({ try $0.nextWakeUp() }) else { return }
            now = max(next, now)
            let ticker = Ticker(
                store: store, clock: DecisionClock.system.starting(at: now), recoveryRate: 1_000_000,
                pause: { _ in true })
            var due = 0
            let seconds = try measure { due = try ticker.tick(rules).customersDue }
            report.add("tick with \(due) due", seconds * 1000, "ms", target: "")
            report.add("  per due customer", seconds / Double(max(1, due)) * 1_000_000, "µs", target: "")
        }
    }

    func close() throws { try store.close() }

    func measure(_ work: () throws -> Void) rethrows -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        try work()
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    }

    /// What this process has used of all processors: where others work beside it, a firmer figure than time.
    func processorSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    func peakMegabytes() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }
}

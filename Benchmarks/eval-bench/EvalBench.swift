import BenchPopulation
import Foundation

/// Measures the evaluation of conditions: over a population in columns, for one customer at a time, from the store, over
/// windows of events, and the compiling of rules; beside it, in turns, C by hand, Polars and DuckDB.
///
///     eval-bench [--scale 1] [--json FILE] [--only columns|scalar|store|plan|windows|compile] [--folder DIR]
///                [--peers DIR] [--python FILE]
///     eval-bench --count steps|walk --rounds N      only evaluates, for a tool that counts instructions
///
/// Scale 1 is 1,000,000 customers and 5,000,000 events. A named folder is kept, so that a second run spares the making
/// of its data. Without the peers' folder or their Python only Care is measured.
@main
struct EvalBench {
    static func main() throws {
        let options = Options(CommandLine.arguments.dropFirst())
        if let form = options.count { return try ColumnWork.evaluate(form, rounds: options.rounds) }
        let customers = max(5_000, Int(1_000_000 * options.scale))
        let folder = options.folder ?? NSTemporaryDirectory() + "/care-eval-\(getpid())"
        defer { if options.folder == nil { try? FileManager.default.removeItem(atPath: folder) } }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        print(
            "\(customers) customers, \(ProcessInfo.processInfo.activeProcessorCount) cores; median of \(Turns.count) turns"
        )
        var report = Report()
        let peers = try Peers(options: options, folder: folder, customers: customers)
        if options.wants("columns") || options.wants("scalar") {
            for count in [20, 100] {
                let work = try ColumnWork(conditions: BenchRules.conditions(count), customers: customers)
                if options.wants("columns") { try work.measure(&report, peers) }
                if count == 20, options.wants("scalar") { try work.measureScalar(&report, peers) }
            }
        }
        if options.wants("store") { try StoreWork(folder: folder, customers: customers).measure(&report, peers) }
        if options.wants("plan") {
            if !options.wants("store") { try StoreWork(folder: folder, customers: customers).store.close() }
            try PlanWork(folder: folder, customers: customers).measure(&report, peers)
        }
        if options.wants("windows") { try WindowWork(customers: customers).measure(&report, peers) }
        if options.wants("compile") { try CompileWork.measure(&report) }
        report.print()
        if let json = options.json { try report.json.write(toFile: json, atomically: true, encoding: .utf8) }
        if report.hasWrongHits { exit(1) }
    }
}

/// What the command line says.
struct Options {
    var scale = 1.0
    var json: String?
    var only: String?
    var folder: String?
    /// Evaluate in this form and measure nothing.
    var count: String?
    var rounds = 1
    /// The folder of the peers' scripts.
    var peers = ProcessInfo.processInfo.environment["CARE_BENCH_PEERS"]
    /// A Python with numpy, pyarrow, polars and duckdb.
    var python = ProcessInfo.processInfo.environment["CARE_BENCH_PYTHON"]

    func wants(_ work: String) -> Bool { only.map { $0 == work } ?? true }

    init(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let option = rest.popFirst() {
            switch option {
            case "--scale": scale = rest.popFirst().flatMap(Double.init) ?? 1
            case "--json": json = rest.popFirst()
            case "--only": only = rest.popFirst()
            case "--folder": folder = rest.popFirst()
            case "--count": count = rest.popFirst()
            case "--rounds": rounds = rest.popFirst().flatMap(Int.init) ?? 1
            case "--peers": peers = rest.popFirst()
            case "--python": python = rest.popFirst()
            default: break
            }
        }
    }
}

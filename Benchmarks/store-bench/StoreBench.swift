import CareStore
import CareStoreSQLite
import Glibc

/// Measures the SQLite store, or fills the ledger of one that is there, for others who measure:
///
///     store-bench [--scale S] [--customers N] [--events N] [--folder PATH] [--json FILE]
///     store-bench --fill-ledger ROWS --store FILE --customers N
///
/// Scale 1 is 1,000,000 customers and 300,000 events. Prints a table, and writes the same figures as JSON to FILE. The
/// store it makes in PATH is removed at the end; that of `--store` stays.
@main
struct StoreBench {
    var customers = 1_000_000
    var events = 300_000
    var folder = "."
    var json: String?
    var ledgerRows: Int?
    var storePath: String?

    static func main() throws {
        var bench = StoreBench()
        guard bench.read(CommandLine.arguments.dropFirst()) else {
            print("usage: store-bench [--scale S] [--customers N] [--events N] [--folder PATH] [--json FILE]")
            print("       store-bench --fill-ledger ROWS --store FILE --customers N")
            exit(64)
        }
        if let rows = bench.ledgerRows, let path = bench.storePath {
            return try LedgerFill.run(path: path, rows: rows, customers: bench.customers)
        }
        let path = bench.folder + "/store-bench-\(getpid()).sqlite"
        defer { for suffix in ["", "-wal", "-shm", ".lock"] { unlink(path + suffix) } }
        var report = Report()
        let store = try SQLiteStore(path: path, access: .readWrite(owner: "store-bench"))
        var work = Workloads(store: store, customers: bench.customers)
        try work.fill(&report)
        try work.questions(&report)
        try work.scans(&report)
        try work.pointReads(&report)
        try work.intake(events: bench.events, &report)
        try work.delivery(&report)
        try work.history(events: bench.events, &report)
        try work.activation(&report)
        try report.measure("close, log written back") {
            try store.close()
            return 1
        }
        report.note("file size, MB", fileSize(path) / 1_000_000)
        report.note("peak memory of all, MB", peakMemoryMegabytes())
        print(report.table)
        if let json = bench.json { try report.write(to: json) }
    }

    private mutating func read(_ arguments: ArraySlice<String>) -> Bool {
        var rest = arguments
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { return false }
            switch name {
            case "--scale":
                guard let scale = Double(value), scale > 0, scale <= 1_000 else { return false }
                customers = max(1_000, Int(1_000_000 * scale))
                events = max(1_000, Int(300_000 * scale))
            case "--fill-ledger": ledgerRows = Int(value)
            case "--store": storePath = value
            case "--customers": customers = Int(value) ?? customers
            case "--events": events = Int(value) ?? events
            case "--folder": folder = value
            case "--json": json = value
            default: return false
            }
        }
        guard (ledgerRows == nil) == (storePath == nil), ledgerRows ?? 1 > 0 else { return false }
        return customers >= 1000 && events >= 1000
    }
}

/// The size of a file in bytes, 0 when there is none.
func fileSize(_ path: String) -> Double {
    var information = stat()
    return stat(path, &information) == 0 ? Double(information.st_size) : 0
}

/// The most memory this process has held so far.
func peakMemoryMegabytes() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1024
}

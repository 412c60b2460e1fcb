import BenchPopulation
import CareCalendar
import CareDecisions
import CareEngine
import CareLogic
import CareStore
import CareStoreSQLite
import CareThreads
import CareValues
import Foundation

/// A hundred conditions over every customer of a store, reading included.
struct StoreWork {
    let customers: Int
    let conditions = BenchRules.conditions(100)
    let store: SQLiteStore
    let program: BatchProgram

    init(folder: String, customers: Int) throws {
        self.customers = customers
        let ruleSet = try ColumnWork.rules(conditions)
        program = BatchProgram(conditions: ruleSet.campaigns.compactMap(\.condition), schema: ruleSet.schema)
        store = try SQLiteStore(path: folder + "/store.sqlite", access: .readWrite(owner: "eval-bench"))
        guard try store.read({ try $0.customerCount }) < customers else { return }
        let clock = DecisionClock.system.starting(at: ColumnWork.now)
        let rules = try store.write {
            try Activation.activate(
                CandidateRules(rules: ruleSet, zone: .utc), at: ColumnWork.now, in: $0, zones: SystemZones()
            ).rules
        }
        for start in stride(from: 0, to: customers, by: 20_000) {
            try store.write { transaction in
                var writer = CustomerWriter(transaction, rules: rules, clock: clock)
                for row in start..<min(start + 20_000, customers) {
                    let fact = AttributeFact(
                        values: ColumnWork.values(row), time: ColumnWork.now, receivedAt: ColumnWork.now,
                        hasOwnTime: true)
                    try writer.absorb([.attributes(fact)], customer: "c\(row + 1)", asOf: ColumnWork.now)
                }
                try writer.finish()
            }
        }
        try store.checkpoint()
    }

    private func hits(threads: Int) throws -> [Int] {
        let cuts = threads > 1 ? try store.read { try $0.customerCuts(parts: threads) } : []
        let bounds: [String?] = [nil] + cuts.map { $0 } + [nil]
        let results = Lock<[Int: Result<[Int], any Error>]>([:])
        let (program, store) = (program, store)
        let work: @Sendable (Int) -> Void = { part in
            let result = Result { () throws -> [Int] in
                var builder = ColumnBuilder(for: program, now: ColumnWork.now)
                var scratch = BatchScratch(for: program)
                try store.read { snapshot in
                    try snapshot.scanCustomers(
                        wakeUpBefore: nil, after: bounds[part], through: bounds[part + 1]
                    ) { _, _, _, bytes in
                        _ = try builder.append(stored: RowCodec.glance(at: bytes).cache) { _ in .utc }
                        if builder.isFull { program.evaluate(builder.block(), &scratch) { _ in nil } }
                        return true
                    }
                    if builder.count > 0 { program.evaluate(builder.block(), &scratch) { _ in nil } }
                }
                return scratch.hits
            }
            results.withLock { $0[part] = result }
        }
        let workers = (1..<(bounds.count - 1)).map { part in Worker { work(part) } }
        work(0)
        for (part, worker) in workers.enumerated() { if let worker { worker.join() } else { work(part + 1) } }
        let parts = try results.withLock { results in try results.values.map { try $0.get() } }
        return conditions.indices.map { index in parts.reduce(0) { $0 + $1[index] } }
    }

    func measure(_ report: inout Report, _ peers: Peers) throws {
        let own = try hits(threads: 2)
        let expected = customers == 1_000_000 ? BenchRules.hitsOf100 : own
        report.check("from the store", "care", hits: own, expected: expected)
        let others = try peers.frames("duckdb-file", conditions, threads: 2)
        defer { for peer in others { peer.end() } }
        let turns = try Turns(others, { _ = try hits(threads: 2) }) {
            report.check("from the store", $0.name, hits: $1, expected: expected)
        }
        report.add(
            "100 rules from the store, two cores", amount: 100 * Double(customers), unit: "evaluations/s",
            care: turns.care, peers: turns.peers, targets: ["care": "1.0 s", "duckdb-file": "1.5"])
        try store.close()
    }
}

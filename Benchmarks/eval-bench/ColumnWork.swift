import BenchPopulation
import CareLogic
import CareRules
import CareThreads
import CareValues
import Foundation

/// The conditions over a population that lies in columns.
struct ColumnWork {
    static let now = Timestamp(seconds: Int64(Population.today) * 86_400 + 9 * 3600)

    let conditions: [String]
    let customers: Int
    let schema: Schema
    let expressions: [CareLogic.Expression]
    let program: BatchProgram
    let blocks: [ColumnBlock]

    init(conditions: [String], customers: Int) throws {
        self.conditions = conditions
        self.customers = customers
        let rules = try Self.rules(conditions)
        schema = rules.schema
        expressions = rules.campaigns.compactMap(\.condition)
        program = BatchProgram(conditions: expressions, schema: schema)
        var builder = ColumnBuilder(for: program, now: Self.now)
        var blocks: [ColumnBlock] = []
        for row in 0..<customers {
            builder.append(Self.cache(row, schema), zone: .utc)
            if builder.isFull { blocks.append(builder.block()) }
        }
        if builder.count > 0 { blocks.append(builder.block()) }
        self.blocks = blocks
    }

    static func rules(_ conditions: [String]) throws -> RuleSet {
        let text = BenchRules.ruleFile(conditions)
        let loaded = RuleSetLoader.load([RuleSource(file: "bench.json", bytes: Array(text.utf8))], destinations: nil)
        guard let rules = loaded.ruleSet else {
            throw Peer.Failure(description: loaded.diagnostics.prefix(3).map { $0.rendered(colour: false) }.joined())
        }
        return rules
    }

    /// What one fact says of a customer.
    static func values(_ row: Int) -> JSONObject {
        let customer = Population.customer(row)
        var values: JSONObject = [
            "tier": .string(Population.tiers[customer.tier]),
            "country": .string(Population.countries[customer.country]),
            "city": .string(Population.cities[customer.city]), "orders90d": .number(Double(customer.orders)),
            "spend90d": .number(customer.spend), "openComplaints": .number(Double(customer.complaints)),
            "consentEmail": .bool(customer.consentEmail), "vip": .bool(customer.isVIP),
        ]
        if let birthday = customer.birthday { values["birthday"] = .string(birthday.text) }
        if let instant = customer.lastPurchaseAt { values["lastPurchaseAt"] = .string(instant.iso8601) }
        if let instant = customer.lastActivityAt { values["lastActivityAt"] = .string(instant.iso8601) }
        if let nps = customer.nps { values["nps"] = .number(Double(nps)) }
        return values
    }

    static func cache(_ row: Int, _ schema: Schema) -> FactCache {
        var cache = FactCache(schema: schema)
        _ = cache.apply(
            AttributeFact(values: values(row), time: now, receivedAt: now, hasOwnTime: true), schema: schema)
        return cache
    }

    private var expected: [Int]? {
        guard customers == 1_000_000 else { return nil }
        return conditions.count == 20 ? BenchRules.hitsOf20 : BenchRules.hitsOf100
    }

    /// The hits, with so many threads.
    func hits(threads: Int) -> [Int] {
        let results = Lock([[Int]](repeating: [], count: threads))
        let (program, blocks) = (program, blocks)
        let work: @Sendable (Int) -> Void = { part in
            var scratch = BatchScratch(for: program)
            let end = blocks.count * (part + 1) / threads
            for index in (blocks.count * part / threads)..<end {
                program.evaluate(blocks[index], next: index + 1 < end ? blocks[index + 1] : nil, &scratch) { _ in nil }
            }
            let hits = scratch.hits
            results.withLock { $0[part] = hits }
        }
        let workers = (1..<threads).map { part in Worker { work(part) } }
        work(0)
        for (part, worker) in workers.enumerated() { if let worker { worker.join() } else { work(part + 1) } }
        return results.withLock { parts in parts[0].indices.map { index in parts.reduce(0) { $0 + $1[index] } } }
    }

    func measure(_ report: inout Report, _ peers: Peers) throws {
        let name = "\(conditions.count) rules"
        let amount = Double(conditions.count) * Double(customers)
        let own = hits(threads: 1)
        let expected = expected ?? own
        report.check(name, "care", hits: own, expected: expected)
        var single: [Double] = []
        for threads in [1, 2] {
            var others = try peers.kernel(conditions, threads: threads)
            others += try peers.frames("polars", conditions, threads: threads)
            if threads == 1 { others += try peers.frames("duckdb", conditions, threads: 1) }
            defer { for peer in others { peer.end() } }
            let work = "\(name), \(threads == 1 ? "one core" : "two cores")"
            let turns = try Turns(others, { _ = hits(threads: threads) }) {
                report.check(work, $0.name, hits: $1, expected: expected)
            }
            report.add(
                work, amount: amount, unit: "evaluations/s", care: turns.care, peers: turns.peers,
                targets: threads > 1
                    ? [:]
                    : conditions.count == 20
                        ? ["C columns": "0.6", "polars": "4"] : ["C columns": "0.5", "polars": "5"])
            if threads == 1 {
                single = turns.care.sorted()
            } else {
                let both = turns.care.sorted()
                report.add(
                    "\(name), two cores over one", value: single[single.count / 2] / both[both.count / 2], unit: "×",
                    target: "1.7")
            }
        }
        let bytes = blocks.reduce(0.0) { $0 + $1.bytesPerCustomer * Double($1.count) } / Double(customers)
        report.add(
            "\(name), \(program.columns.count) columns, bytes a customer", value: bytes, unit: "B", target: "32")
    }
}

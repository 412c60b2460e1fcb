import CareLogic
import CareValues
import Testing

/// Totals straight from events are those of the customers' states.
@Suite struct EventWindowsTests {
    static let declarations = #"""
        { "events": { "buy": { "properties": { "amount": { "type": "number" } } } },
          "traits": {
            "lately": { "count": { "event": "buy", "within": "P2D" } },
            "before": { "count": { "event": ["buy", "visit"], "between": ["P9D", "P2D"] } },
            "spent": { "sum": { "event": "buy", "property": "amount", "within": "P5D" } } } }
        """#
    static let conditions = [
        #"{ ">=": [{ "var": "lately" }, 2] }"#, #"{ "==": [{ "var": "before" }, 3] }"#,
        #"{ ">": [{ "var": "spent" }, 20.3] }"#,
        #"{ "and": [{ "==": [{ "var": "lately" }, 0] }, { "==": [{ "var": "spent" }, 0.1] }] }"#,
    ]
    static let now = Timestamp(iso8601: "2026-03-10T09:00:00Z") ?? .distantPast
    static let day: Int64 = 86_400_000

    /// One event as a column row.
    struct Row {
        var customer: Int
        var type: String
        var ago: Int64
        var amount: Double?
    }

    static func program(_ schema: Schema, _ texts: [String] = conditions) throws -> BatchProgram {
        let expressions = try texts.map { text in
            let document = try JSONDocument(file: "c.json", bytes: Array(text.utf8), limits: .ruleFile)
            var diagnostics: [Diagnostic] = []
            return try #require(
                schema.compile(
                    document.root, in: document, scope: .none, expecting: .condition, diagnostics: &diagnostics))
        }
        return BatchProgram(conditions: expressions, schema: schema, keepsAnswers: true)
    }

    /// The answers of each customer to each condition; nil: the program is not one of windows.
    static func answers(
        _ rows: [Row], customers: Int, _ program: BatchProgram
    ) throws -> (hits: [[Bool]], failures: [Int])? {
        guard var windows = EventWindows(for: program, customers: customers, now: now) else { return nil }
        let codes = rows.map { row in UInt8(windows.types.firstIndex(of: row.type) ?? 200) }
        let ids = rows.map { Int32($0.customer) }
        let times = rows.map { now.milliseconds - $0.ago }
        let amounts = rows.map { row in row.amount.flatMap { FixedDecimal($0) }.map { Int64($0.units) } ?? .min }
        ids.withUnsafeBufferPointer { ids in
            times.withUnsafeBufferPointer { times in
                codes.withUnsafeBufferPointer { codes in
                    amounts.withUnsafeBufferPointer { amounts in
                        windows.add(.init(customers: ids, times: times, types: codes, amounts: amounts))
                    }
                }
            }
        }
        var scratch = BatchScratch(for: program)
        var hits: [[Bool]] = []
        windows.blocks(of: program, zone: .utc) { first, block in
            #expect(first == hits.count)
            program.evaluate(block, &scratch) { _ in nil }
            for row in 0..<block.count {
                hits.append(program.conditions.indices.map { program.answer($0, at: row, scratch) })
            }
        }
        return (hits, scratch.failures)
    }

    @Test(arguments: seeds(10)) func `events in whatever order give what states give`(seed: UInt64) throws {
        let schema = try schema(Self.declarations)
        let program = try Self.program(schema)
        var random = SplitMix64(seed: seed)
        let customers = 40
        // Both sides of each bound, and all between.
        let ages = [0, 2, 5, 9].flatMap { [max(0, $0 * Self.day - 1), $0 * Self.day, $0 * Self.day + 1] }
        let rows = (0..<500).map { _ -> Row in
            let ago =
                Bool.random(using: &random)
                ? ages.randomElement(using: &random) ?? 0
                : Int64.random(in: 0...(10 * Self.day), using: &random)
            return Row(
                customer: Int.random(in: 0..<customers, using: &random),
                type: ["buy", "buy", "visit", "other"].randomElement(using: &random) ?? "buy", ago: ago,
                amount: [nil, 0.1, 0.2, 20, 1e9 / 3].randomElement(using: &random) ?? nil)
        }
        let hits = try #require(try Self.answers(rows, customers: customers, program)).hits
        var caches = Array(repeating: FactCache(schema: schema), count: customers)
        for (index, row) in rows.enumerated() {
            caches[row.customer].apply(
                Event(
                    type: row.type, source: "s", id: "\(index)", time: Self.now.advanced(byMilliseconds: -row.ago),
                    receivedAt: Self.now, properties: row.amount.map { ["amount": .number($0)] } ?? [:]),
                schema: schema)
        }
        var found = 0
        for (customer, cache) in caches.enumerated() {
            let context = EvaluationContext(schema: schema, cache: cache, customer: "", now: Self.now, zone: .utc)
            for (index, condition) in program.conditions.enumerated() {
                let answer = try condition.isTrue(context).isTrue
                found += answer ? 1 : 0
                #expect(hits[customer][index] == answer, "customer \(customer), \(Self.conditions[index])")
            }
        }
        #expect(found > 0)
    }

    @Test func `an event counts from its time on, up to the end of the window`() throws {
        let schema = try schema(Self.declarations)
        let program = try Self.program(schema, [#"{ "==": [{ "var": "lately" }, 1] }"#])
        for (ago, counts) in [(-1, false), (0, true), (2 * Self.day - 1, true), (2 * Self.day, false)] {
            let row = Row(customer: 0, type: "buy", ago: ago, amount: nil)
            #expect(try #require(try Self.answers([row], customers: 1, program)).hits == [[counts]], "\(ago)")
        }
    }

    @Test func `a total beyond its room is told, not wrong`() throws {
        let schema = try schema(Self.declarations)
        let program = try Self.program(schema, [#"{ ">": [{ "var": "lately" }, 1] }"#])
        let row = Row(customer: 1, type: "buy", ago: 1, amount: nil)
        for (count, isOver) in [(65_535, false), (65_536, true)] {
            let answers = try Self.answers(Array(repeating: row, count: count), customers: 3, program)
            let (hits, failures) = try #require(answers)
            #expect(hits == [[false], [!isOver], [false]])
            #expect(failures == [isOver ? 1 : 0])
        }
    }

    @Test func `what events alone do not tell is refused`() throws {
        let schema = try schema(
            #"""
            { "attributes": { "n": { "type": "number" } },
              "events": { "buy": { "properties": { "amount": { "type": "number" } } } },
              "traits": {
                "lately": { "count": { "event": "buy", "within": "P2D" } },
                "all": { "count": { "event": "buy" } },
                "month": { "count": { "event": "buy", "calendar": "month" } },
                "big": { "count": { "event": "buy", "within": "P2D", "where": { ">": [{ "var": "event.amount" }, 9] } } },
                "last": { "last": { "event": "buy", "within": "P2D" } } } }
            """#)
        for (name, isRefused) in [("lately", false), ("all", true), ("month", true), ("big", true), ("n", true)] {
            let program = try Self.program(schema, [#"{ ">": [{ "var": "\#(name)" }, 1] }"#])
            let answers = try Self.answers([], customers: 1, program)
            #expect((answers == nil) == isRefused, "\(name)")
        }
    }
}

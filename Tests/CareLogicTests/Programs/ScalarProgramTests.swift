import CareLogic
import CareValues
import Testing

/// Where steps for one customer leave the way of the walk.
@Suite struct ScalarProgramTests {
    static let declarations = #"""
        { "attributes": { "n": { "type": "number" }, "m": { "type": "number" }, "s": { "type": "string" },
            "flag": { "type": "boolean" } },
          "traits": {
            "anything": { "last": { "event": "visit", "property": "x" } },
            "spent": { "sum": { "event": "buy", "property": "amount", "within": "P5D" } } } }
        """#
    static let now = EventWindowsTests.now

    private func answers(
        _ text: String, _ values: JSONObject, events: [Event] = []
    ) throws -> (stepped: Bool?, alone: Bool?, walked: Bool?, count: Int) {
        let schema = try schema(Self.declarations)
        let program = try EventWindowsTests.program(schema, [text])
        let steps = ScalarProgram(program)
        var cache = FactCache(schema: schema)
        _ = cache.apply(
            AttributeFact(values: values, time: Self.now, receivedAt: Self.now, hasOwnTime: true), schema: schema)
        for event in events { cache.apply(event, schema: schema) }
        let context = EvaluationContext(schema: schema, cache: cache, customer: "c", now: Self.now, zone: .utc)
        var frame = ScalarFrame(for: steps)
        return (
            try? steps.isTrue(0, context, &frame), try? steps.isTrue(0, context),
            try? program.conditions[0].isTrue(context).isTrue, steps.stepCount
        )
    }

    /// So many comparisons, of sums of fifty.
    private func sums(_ count: Int) -> String {
        let sum = Array(repeating: #"{ "var": "n" }"#, count: 50).joined(separator: ",")
        let parts = (0..<count).map { #"{ ">": [{ "+": [\#(sum), { "var": "m" }] }, \#($0)] }"# }
        return #"{ "and": [\#(parts.joined(separator: ","))] }"#
    }

    @Test func `a condition that would be too long is walked`() throws {
        for (count, hasSteps) in [(3, true), (200, false)] {
            for n in [0.0, 4.0] {
                let answers = try answers(sums(count), ["n": .number(n), "m": .number(0.5)])
                #expect((answers.count > 0) == hasSteps)
                #expect(answers.walked == (n == 4))
                #expect(answers.stepped == answers.walked && answers.alone == answers.walked)
            }
        }
    }

    @Test func `thousands of operands neither crash nor change the answer`() throws {
        let many = (0..<20_000).map(String.init).joined(separator: ",")
        let branches = (0..<2_000).map { #"{ "==": [{ "var": "n" }, \#($0)] }, \#($0)"# }.joined(separator: ",")
        let texts = [
            #"{ ">": [{ "+": [{ "var": "n" }, \#(many)] }, 199990004] }"#,
            #"{ "if": [\#(branches), false] }"#, #"{ ">": [{ "if": [\#(branches), -1] }, 4] }"#,
        ]
        for text in texts {
            for (n, expected) in [(3.0, text != texts[1] ? false : true), (5, true)] {
                let answers = try answers(text, ["n": .number(n)])
                #expect(answers.walked == expected)
                #expect(answers.stepped == answers.walked)
            }
        }
    }

    @Test func `what cannot be evaluated fails where its order says so`() throws {
        let visit = Event(
            type: "visit", source: "s", id: "1", time: Self.now, receivedAt: Self.now, properties: ["x": "text"])
        let fails = #"{ "<": [{ "var": "anything" }, 3] }"#
        let known = #"{ "var": "flag" }"#
        // The first operand decides, or the failing one comes first.
        let cases: [(String, Bool, Bool?)] = [
            (#"{ "and": [\#(known), \#(fails)] }"#, false, false), (#"{ "and": [\#(known), \#(fails)] }"#, true, nil),
            (#"{ "and": [\#(fails), \#(known)] }"#, false, nil), (#"{ "or": [\#(known), \#(fails)] }"#, true, true),
            (#"{ "or": [\#(fails), \#(known)] }"#, true, nil),
        ]
        for (text, flag, expected) in cases {
            let answers = try answers(text, ["flag": .bool(flag)], events: [visit])
            #expect(answers.stepped == expected, "\(text) \(flag)")
            #expect(answers.alone == expected && answers.walked == expected, "\(text) \(flag)")
        }
    }

    @Test func `numbers in use are not overwritten by the conditions of others`() throws {
        let text = #"""
            { "<": [{ "+": [{ "var": "n" }, 1] },
              { "if": [{ ">": [{ "*": [{ "var": "m" }, 2] }, { "+": [{ "var": "n" }, 5] }] }, { "var": "m" }, 0] }] }
            """#
        for (n, m) in [(1.0, 4.0), (1, 3), (1, 2.5), (9, 20), (-3, 1)] {
            let answers = try answers(text, ["n": .number(n), "m": .number(m)])
            #expect(answers.stepped == (n + 1 < (m * 2 > n + 5 ? m : 0)))
            #expect(answers.walked == answers.stepped)
        }
    }
}

/// Days of a year on which something can return.
@Suite struct MomentTestTests {
    static let spans: [(String, String, Int, [Int], [Int])] = [
        ("2026-01-01", "2026-01-03", 3, [1, 2, 3], [4, 366]),
        ("2025-12-31", "2026-01-01", 2, [366, 1], [365, 2]),
        ("2026-02-27", "2026-02-28", 3, [58, 59, 60], [61]),
        ("2026-03-01", "2026-03-01", 2, [60, 61], [59]),
        ("2026-03-02", "2026-03-02", 1, [62], [60, 61]),
        ("2026-01-01", "2026-12-31", 366, [60], []), ("2024-01-01", "2030-01-01", 366, [1], []),
    ]

    @Test(arguments: spans) func `a span of days touches 29 February by its neighbours`(
        _ from: String, _ through: String, _ count: Int, _ inside: [Int], _ outside: [Int]
    ) throws {
        let days = MomentTest.yearDays(
            from: try #require(CivilDate(text: from)), through: try #require(CivilDate(text: through)))
        #expect(days.count == count)
        #expect(days.isSuperset(of: inside))
        #expect(days.isDisjoint(with: outside))
    }
}

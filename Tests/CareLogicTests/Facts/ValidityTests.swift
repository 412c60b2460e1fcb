import CareLogic
import CareValues
import Testing

/// How long an answer holds: until the comparison turns, not until its operands move.
@Suite struct ValidityTests {
    static func isTrue(
        _ condition: String, joined: String, at now: String
    ) throws -> (isTrue: Bool, validUntil: Timestamp) {
        let text = #"{ "attributes": { "on": { "type": "date" }, "n": { "type": "number" } }, "if": \#(condition) }"#
        let document = try JSONDocument(file: "t.json", bytes: Array(text.utf8), limits: .ruleFile)
        var builder = SchemaBuilder()
        builder.add(
            attributes: document.root["attributes"].map { $0.members.map { ($0.key, $0.value) } } ?? [], events: [],
            traits: [], segments: [])
        var diagnostics: [Diagnostic] = []
        let schema = try #require(builder.build(diagnostics: &diagnostics))
        let node = try #require(document.root["if"])
        let expression = schema.compile(
            node, in: document, scope: .none, expecting: .condition, diagnostics: &diagnostics)
        #expect(diagnostics.isEmpty, "\(diagnostics.map(\.message))")
        let instant = try #require(Timestamp(iso8601: now))
        var cache = FactCache(schema: schema)
        _ = cache.apply(
            AttributeFact(
                values: ["on": .string(joined)], time: .distantPast, receivedAt: .distantPast, hasOwnTime: true),
            schema: schema)
        return try #require(expression).isTrue(
            EvaluationContext(schema: schema, cache: cache, customer: "c1", now: instant, zone: .utc))
    }

    struct Case: CustomTestStringConvertible {
        var condition: String
        var now: String
        var isTrue: Bool
        /// nil: for ever.
        var until: String?
        var testDescription: String { "\(condition) at \(now)" }
    }

    static let over = #"{ ">": [{ "days_since": [{ "var": "on" }] }, 180] }"#
    static let cases = [
        Case(condition: over, now: "2026-03-01T10:00:00Z", isTrue: false, until: "2026-07-02T00:00:00.000Z"),
        Case(condition: over, now: "2026-07-01T23:59:59.999Z", isTrue: false, until: "2026-07-02T00:00:00.000Z"),
        Case(condition: over, now: "2026-07-02T00:00:00Z", isTrue: true, until: nil),
        Case(
            condition: #"{ "<=": [{ "days_since": [{ "var": "on" }] }, 180] }"#, now: "2026-07-01T12:00:00Z",
            isTrue: true, until: "2026-07-02T00:00:00.000Z"),
        Case(
            condition: #"{ "==": [{ "days_since": [{ "var": "on" }] }, 10] }"#, now: "2026-01-11T12:00:00Z",
            isTrue: false, until: "2026-01-12T00:00:00.000Z"),
        Case(
            condition: #"{ "==": [{ "days_since": [{ "var": "on" }] }, 10] }"#, now: "2026-01-12T12:00:00Z",
            isTrue: true, until: "2026-01-13T00:00:00.000Z"),
        Case(
            condition: #"{ "<": [{ "days_until": [{ "var": "on" }] }, -180] }"#, now: "2026-07-01T12:00:00Z",
            isTrue: false, until: "2026-07-02T00:00:00.000Z"),
        Case(
            condition: #"{ "within": [{ "var": "on" }, "P7D"] }"#, now: "2026-01-08T23:59:59.999Z", isTrue: true,
            until: "2026-01-09T00:00:00.000Z"),
        Case(
            condition: #"{ "within": [{ "var": "on" }, "P7D"] }"#, now: "2026-01-09T00:00:00Z", isTrue: false,
            until: nil),
        // What decides a conjunction for good makes the rest irrelevant.
        Case(condition: #"{ "and": [\#(over), false] }"#, now: "2026-03-01T10:00:00Z", isTrue: false, until: nil),
        Case(condition: #"{ "or": [\#(over), true] }"#, now: "2026-03-01T10:00:00Z", isTrue: true, until: nil),
        // A missing operand does not match, and time does not bring it.
        Case(condition: #"{ ">": [{ "var": "n" }, 6] }"#, now: "2026-03-01T10:00:00Z", isTrue: false, until: nil),
        Case(condition: #"{ "<=": [{ "var": "n" }, 6] }"#, now: "2026-03-01T10:00:00Z", isTrue: false, until: nil),
        Case(
            condition: #"{ "!": [{ "<=": [{ "var": "n" }, 6] }] }"#, now: "2026-03-01T10:00:00Z", isTrue: false,
            until: nil),
        Case(condition: #"{ "==": [{ "var": "n" }, null] }"#, now: "2026-03-01T10:00:00Z", isTrue: true, until: nil),
    ]

    @Test(arguments: cases) func `an answer says until when it holds`(_ test: Case) throws {
        let answer = try Self.isTrue(test.condition, joined: "2026-01-02", at: test.now)
        #expect(answer.isTrue == test.isTrue)
        #expect(answer.validUntil == test.until.flatMap { Timestamp(iso8601: $0) } ?? .distantFuture)
    }
}

import CareLogic
import CareValues
import Testing

/// `age` and `days_until_birthday` of birthdays in both calendars, and until when their answers hold.
@Suite struct BirthdayOperatorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var born: String
        var condition: String
        var on: String
        var isTrue: Bool
        /// The date until which it holds; nil: for ever.
        var until: String?
        var testDescription: String { "\(born) \(condition) on \(on)" }
    }

    static func age(_ operation: String, _ count: Int) -> String {
        #"{ "\#(operation)": [{ "age": { "var": "born" } }, \#(count)] }"#
    }

    static func days(_ operation: String, _ count: Int) -> String {
        #"{ "\#(operation)": [{ "days_until_birthday": { "var": "born" } }, \#(count)] }"#
    }

    /// 6/15 of 1958 was 31 July; it is 20 July in 2024, 9 July in 2025, 28 July in 2026, 18 July in 2027.
    static let cases = [
        // Ages are Gregorian in both.
        Case(
            born: "chinese:1958-06-15", condition: age(">=", 68), on: "2026-07-30", isTrue: false, until: "2026-07-31"),
        Case(born: "chinese:1958-06-15", condition: age(">=", 68), on: "2026-07-31", isTrue: true, until: nil),
        Case(born: "chinese:--06-15", condition: age(">=", 0), on: "2026-07-31", isTrue: false, until: nil),
        Case(born: "2008-02-29", condition: age(">=", 18), on: "2026-02-28", isTrue: false, until: "2026-03-01"),
        // Returns are those of its own calendar.
        Case(born: "chinese:1958-06-15", condition: days("==", 0), on: "2026-07-28", isTrue: true, until: "2026-07-29"),
        Case(
            born: "chinese:1958-06-15", condition: days("==", 354), on: "2026-07-29", isTrue: true, until: "2026-07-30"),
        Case(
            born: "chinese:1958-06-15", condition: days("<=", 7), on: "2026-07-20", isTrue: false, until: "2026-07-21"),
        Case(born: "chinese:--06-15", condition: days("<=", 7), on: "2026-07-21", isTrue: true, until: "2026-07-29"),
        // In 2025 there is none.
        Case(
            born: "chinese:1958-11-25", condition: days("==", 377), on: "2025-01-01", isTrue: true, until: "2025-01-02"),
        // The 30th of a month without it, and a leap month.
        Case(born: "chinese:--12-30", condition: days("==", 0), on: "2025-01-28", isTrue: true, until: "2025-01-29"),
        Case(born: "chinese:--06L-15", condition: days("==", 0), on: "2025-07-09", isTrue: true, until: "2025-07-10"),
        Case(born: "chinese:--06L-15", condition: days("==", 0), on: "2025-08-08", isTrue: false, until: "2026-07-28"),
        // Only a year with a leap month is that long: the next begins on 18 July 2027.
        Case(
            born: "chinese:1958-06-15", condition: days(">", 380), on: "2025-07-10", isTrue: true, until: "2025-07-13"),
        Case(
            born: "chinese:1958-06-15", condition: days(">", 380), on: "2026-01-01", isTrue: false, until: "2027-07-19"),
        // Only in the year after a 29 February are there 366 dates to it: one looks again before.
        Case(born: "1990-01-02", condition: days(">=", 365), on: "2026-03-01", isTrue: false, until: "2028-01-03"),
        Case(born: "1990-01-02", condition: days(">=", 365), on: "2025-03-01", isTrue: false, until: "2027-01-23"),
    ]

    @Test(arguments: cases) func `a birthday is counted in its calendar, and an answer holds until it turns`(
        _ test: Case
    ) throws {
        let text = #"{ "attributes": { "born": { "type": "birthday" } }, "if": \#(test.condition) }"#
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
        var cache = FactCache(schema: schema)
        _ = cache.apply(
            AttributeFact(
                values: ["born": .string(test.born)], time: .distantPast, receivedAt: .distantPast, hasOwnTime: true),
            schema: schema)
        let now = try #require(Timestamp(iso8601: test.on + "T12:00:00Z"))
        let answer = try #require(expression).isTrue(
            EvaluationContext(schema: schema, cache: cache, customer: "c1", now: now, zone: .utc))
        #expect(answer.isTrue == test.isTrue)
        let until = test.until.flatMap { Timestamp(iso8601: $0 + "T00:00:00Z") }
        #expect(answer.validUntil == until ?? .distantFuture)
    }
}

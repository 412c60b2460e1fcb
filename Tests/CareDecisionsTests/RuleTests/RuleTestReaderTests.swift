import CareCalendar
import CareRules
import CareValues
import Testing

@testable import CarePlanning

/// What a file of rule tests may say, and what is said of mistakes in it.
struct RuleTestReaderTests {
    static let zones = SystemZones()

    /// Reads a text against the rules of the stories.
    static func read(_ text: String) throws -> (tests: RuleTestFile?, diagnostics: [Diagnostic]) {
        let zone = try #require(zones.zone(named: "Asia/Shanghai"))
        let rules = try World.load(Rules.file([Rules.winBack, Rules.firstPurchase, call].joined(separator: ",")))
        return RuleTestReader.read(
            file: "a.tests.json", bytes: Array(text.utf8), rules: rules, zone: zone, zones: zones)
    }

    static let call = """
        "recall": { "trigger": { "api": {} }, "actions": [{ "send": "crm", "type": "care.recall", "data": {} }] }
        """

    /// A file with one test of one line.
    static func line(_ members: String) -> String {
        #"{ "tests": { "t": { "start": "2026-01-01", "story": ["# + "\n{ " + members + " } ] } } }"
    }

    @Test(arguments: [
        ("{ \"tests\": {} }", "test.no-tests", "1:12"),
        ("{ }", "test.missing-key", "1:1"),
        ("[]", "test.wrong-type", "1:1"),
        ("{ \"tests\": { \"t\": {} } }", "test.missing-key", "1:19"),
        ("{ \"test\": {} }", "test.unknown-key", "1:3"),
        ("{ \"tests\": { \"t\": { \"story\": [] } } }", "test.wrong-type", "1:30"),
        (
            "{ \"campaigns\": [], \"tests\": { \"t\": { \"story\": [{ \"at\": \"2026-01-01\", \"expect\": \"nothing\" }] } } }",
            "test.no-campaign", "1:16"
        ),
        (
            "{ \"campaigns\": \"win-bak\", \"tests\": { \"t\": { \"story\": [{ \"at\": \"2026-01-01\", \"expect\": \"nothing\" }] } } }",
            "test.unknown-campaign", "1:16"
        ),
        (
            "{ \"timeZone\": \"Mars\", \"tests\": { \"t\": { \"story\": [{ \"at\": \"2026-01-01\", \"expect\": \"nothing\" }] } } }",
            "test.unknown-zone", "1:15"
        ),
        ("{ \"tests\": { ", "json.syntax", "1:12"),
    ]) func `a mistake at the head is found at its place`(text: String, code: String, place: String) throws {
        let (tests, diagnostics) = try Self.read(text)
        #expect(tests == nil)
        #expect(diagnostics.contains { $0.code == code && "\($0.line):\($0.column)" == place }, "\(diagnostics)")
    }

    @Test(arguments: [
        (#""expect": "nothing""#, "test.missing-key", 1),
        (#""at": "soon", "expect": "nothing""#, "test.bad-time", 9),
        (#""at": "2026-02-30", "expect": "nothing""#, "test.bad-time", 9),
        (#""at": "2025-12-31", "expect": "nothing""#, "test.time-order", 9),
        (#""at": "2126-12-31", "expect": "nothing""#, "test.limit", 9),
        (#""at": "2026-01-02""#, "test.empty-line", 1),
        (#""at": "2026-01-02", "event": "purchase""#, "test.expects-nothing", 31),
        (#""at": "2026-01-02", "event": "purchase", "set": {}, "expect": "nothing""#, "test.conflict", 1),
        (#""at": "2026-01-02", "set": { "teir": "gold" }, "expect": "nothing""#, "test.unknown-attribute", 32),
        (#""at": "2026-01-02", "set": { "tier": 3 }, "expect": "nothing""#, "test.type-mismatch", 40),
        (
            #""at": "2026-01-02", "event": "purchase", "with": { "amount": "x" }, "expect": "nothing""#,
            "test.type-mismatch", 64
        ),
        (#""at": "2026-01-02", "call": "win-back", "expect": "nothing""#, "test.not-callable", 31),
        (#""at": "2026-01-02", "call": "recall", "id": "1", "expect": "nothing""#, "test.conflict", 41),
        (#""at": "2026-01-02", "evnt": "purchase", "expect": "nothing""#, "test.unknown-key", 23),
        (#""at": "2026-01-02", "expect": "win-back act now""#, "test.bad-expectation", 33),
        (#""at": "2026-01-02", "expect": "win-back acts""#, "test.bad-expectation", 33),
        (#""at": "2026-01-02", "expect": "win-back hold""#, "test.bad-expectation", 33),
        (#""at": "2026-01-02", "expect": "win-back hold holdout""#, "test.bad-expectation", 33),
        (#""at": "2026-01-02", "expect": "win-bak/hello act""#, "test.unknown-campaign", 33),
        (#""at": "2026-01-02", "expect": "win-back/helo act""#, "test.unknown-step", 33),
        (#""at": "2026-01-02", "expect": "win-back/hello/2 act""#, "test.unknown-action", 33),
        (#""at": "2026-01-02", "expect": { "decision": "win-back skip exited", "to": "x" }"#, "test.conflict", 71),
        (#""at": "2026-01-02", "sleepUntil": "2026-01-01", "expect": "nothing""#, "test.time-order", 37),
        (
            #""at": "2026-01-02", "activate": { "campaigns": { "win-back": { "tags": 3 } } }, "expect": "nothing""#,
            "test.bad-rules", 35
        ),
    ]) func `a mistake in a line is found at its place`(members: String, code: String, column: Int) throws {
        let (tests, diagnostics) = try Self.read(Self.line(members))
        #expect(tests == nil)
        let found = diagnostics.filter { $0.severity == .error }.map { "\($0.code) \($0.line):\($0.column)" }
        // The story itself is a line above; what concerns it as a whole stands there.
        let line = code == "test.expects-nothing" ? 1 : 2
        let at = code == "test.expects-nothing" ? 53 : column
        #expect(found.contains("\(code) \(line):\(at)"), "\(found)")
    }

    @Test func `customers that are not there are named`() throws {
        let text = """
            { "customers": { "ann": {}, "bob": {} }, "tests": { "t": { "story": [
              { "at": "2026-01-02", "customer": "anna", "event": "purchase", "expect": "nothing" },
              { "at": "2026-01-03", "event": "purchase", "expect": "nothing" } ] } } }
            """
        let found = try Self.read(text).diagnostics.map { "\($0.line):\($0.column) \($0.code) \($0.help ?? "")" }
        #expect(
            found == [
                "2:37 test.unknown-customer did you mean 'ann'?", "3:3 test.missing-key add \"customer\": \"ann\"",
            ])
    }

    @Test func `a thousand lines are read, one more is refused`() throws {
        for count in [1_000, 1_001] {
            let lines = Array(repeating: #"{ "at": "2026-01-02", "expect": "nothing" }"#, count: count)
            let text = #"{ "tests": { "t": { "story": ["# + lines.joined(separator: ",") + "] } } }"
            #expect(try Self.read(text).diagnostics.contains { $0.code == "test.limit" } == (count > 1_000))
        }
    }
}

/// The times of rule tests.
struct RuleTestTimeTests {
    private static func read(
        _ text: String, after previous: String? = nil, zone: String = "Europe/Berlin"
    ) throws
        -> String
    {
        let zone = try #require(RuleTestReaderTests.zones.zone(named: zone))
        let time = RuleTestTime(
            zone: zone, zones: RuleTestReaderTests.zones, previous: try previous.map { try World.instant($0, zone) })
        do {
            return try time.read(text).iso8601
        } catch {
            return error.message
        }
    }

    @Test(arguments: [
        ("2026-05-22 17:30", "2026-05-22T15:30:00.000Z"),
        ("2026-05-22 17:30:15", "2026-05-22T15:30:15.000Z"),
        ("2026-05-22", "2026-05-21T22:00:00.000Z"),
        ("Fri 2026-05-22 17:30", "2026-05-22T15:30:00.000Z"),
        ("Sat 2026-05-22 17:30", "2026-05-22 is a Fri, not a Sat"),
        ("2026-05-22 17:30 America/New_York", "2026-05-22T21:30:00.000Z"),
        ("2026-05-22 17:30 America/Nowhere", "no time zone 'America/Nowhere'"),
        ("2026-03-29 02:30", "there is no 02:30 on 2026-03-29 in Europe/Berlin: the clock is set forward over it"),
        ("2026-10-25 02:30", "2026-10-25T00:30:00.000Z"),
        ("08:15", "2026-05-21T06:15:00.000Z"), ("+P1D", "2026-05-22T10:00:00.000Z"),
        ("+PT10M", "2026-05-21T10:10:00.000Z"), ("+-P1D", "'+-P1D' is no duration to add"),
        ("", "'' is no time"), ("25:00", "'25:00' is no time"),
        ("2026-05-22 17:30 x", "'2026-05-22 17:30 x' is no time"),
        ("2026-13-01", "'2026-13-01' is no date"),
    ]) func `are wall times, times of the same day, or later ones`(text: String, answer: String) throws {
        #expect(try Self.read(text, after: "2026-05-21 12:00") == answer)
    }

    @Test func `nothing before means no day and nothing to add to`() throws {
        #expect(try Self.read("17:30") == "'17:30' has no date, and no line before it has one")
        #expect(try Self.read("+P1D") == "'+P1D' counts from the line before, and there is none")
    }
}

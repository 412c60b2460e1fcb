import CareRules
import CareValues
import Testing

/// Input that nobody writes by hand: a clear finding each, without much time or memory.
struct HostileInputTests {
    static func campaign(_ members: String) -> String {
        "{ \"campaigns\": { \"c\": { \"trigger\": { \"event\": \"e\" }, \(members), "
            + "\"actions\": [{ \"send\": \"crm\", \"type\": \"t\" }] } } }"
    }

    static func nested(_ depth: Int) -> String {
        String(repeating: "{\"!\":[", count: depth) + "true" + String(repeating: "]}", count: depth)
    }

    /// What is read, and the code of the one finding it must have.
    static let cases: [(String, String, String)] = [
        ("a condition nested 10,000 deep", campaign("\"condition\": \(nested(10_000))"), "json.too-deep"),
        ("a condition nested 40 deep", campaign("\"condition\": \(nested(40))"), "json.too-deep"),
        ("a number out of range", campaign("\"priority\": 1e999"), "json.number-out-of-range"),
        ("a name of 10 MB", "{ \"segments\": { \"\(String(repeating: "x", count: 10 << 20))\": 5, \"y\": 5 } }", ""),
        (
            "a condition that is a text of 10 MB",
            campaign("\"condition\": \"\(String(repeating: "x", count: 10 << 20))\""), ""
        ),
        ("a description of 10 MB", campaign("\"description\": \"\(String(repeating: "x", count: 10 << 20))\""), ""),
        (
            "a file of 17 MB", campaign("\"description\": \"\(String(repeating: "x", count: 17 << 20))\""),
            "json.too-large"
        ),
        (
            "a date that is none", campaign("\"condition\": { \"within\": [\"2026-02-30\", \"P1D\"] }"),
            "rule.type-mismatch"
        ),
        (
            "'within' of nothing", campaign("\"condition\": { \"within\": [\"2026-02-20\", \"P0D\"] }"),
            "rule.bad-duration"
        ),
        (
            "'within' going back", campaign("\"condition\": { \"within\": [\"2026-02-20\", \"-P1D\"] }"),
            "rule.bad-duration"
        ),
        ("a duration beyond any", campaign("\"maxLateness\": \"P999999999999999999999D\""), "rule.bad-duration"),
        (
            "segments in a circle",
            "{ \"segments\": { \"a\": { \"segment\": \"b\" }, \"b\": { \"segment\": \"a\" } } }", "rule.circular"
        ),
        (
            "traits in a circle",
            "{ \"traits\": { \"a\": { \"value\": { \"var\": \"b\" } }, \"b\": { \"value\": { \"var\": \"a\" } } } }",
            "rule.circular"
        ),
        ("half a surrogate", campaign("\"description\": \"\\ud800\""), "json.syntax"),
        ("no value at all", "", "json.syntax"),
        (
            "a list of a million", campaign("\"tags\": [\(String(repeating: "\"x\",", count: 999_999))\"x\"]"),
            "rule.limit"
        ),
    ]

    @Test func `gets a clear finding each`() {
        for (name, text, code) in Self.cases {
            let result = Samples.load(text)
            let codes = Set(result.diagnostics.filter { $0.severity == .error }.map(\.code))
            if code.isEmpty {
                #expect(result.diagnostics.count <= RuleLimits.findings, "\(name)")
            } else {
                #expect(codes == [code], "\(name)")
                #expect(result.ruleSet == nil, "\(name)")
            }
            for finding in result.diagnostics {
                #expect(finding.rendered().utf8.count < 3_000_000 && finding.sourceLine.utf8.count <= 4_100, "\(name)")
            }
        }
    }

    @Test func `10,000 campaigns are more than there may be`() {
        let campaigns = (0..<10_000).map {
            "\"c\($0)\":{\"trigger\":{\"event\":\"e\"},\"actions\":[{\"send\":\"crm\",\"type\":\"t\"}]}"
        }
        let result = Samples.load("{\"campaigns\":{\(campaigns.joined(separator: ","))}}")
        #expect(result.diagnostics.map(\.code) == ["rule.limit"])
        #expect(result.ruleSet == nil)
    }

    @Test func `20,000 mistakes in one line are told up to a limit, and are not usable`() {
        let keys = (0..<20_000).map { "\"k\($0)\":1" }
        let result = Samples.load("{\(keys.joined(separator: ","))}")
        #expect(result.diagnostics.count == RuleLimits.findings)
        #expect(result.ruleSet == nil)
    }
}

import CareRules
import CareValues
import Testing

@testable import CarePlanning

/// Which campaigns a rule test is about, and how the tests of each stand.
@Suite struct RuleTestResultsTests {
    private static let purchase = #""at": "2026-01-02 12:00", "event": "purchase", "with": { "orderId": "o1" }"#

    private static func results(_ files: [String]) throws -> RuleTestResults {
        let rules = try World.load(Rules.winBackAndFirstPurchase)
        let zone = try #require(World.zones.zone(named: "Asia/Shanghai"))
        let world = RuleTestRun.World(zones: World.zones, holidays: .empty)
        var results = RuleTestResults()
        for (number, text) in files.enumerated() {
            results.run(file: "\(number).tests.json", bytes: Array(text.utf8), rules: rules, zone: zone, in: world)
        }
        return results
    }

    private static func words(_ state: RuleTestResults.State) -> String {
        switch state {
        case .untested: "untested"
        case .passed(let count): "\(count) passed"
        case .failed(let failed, let all, let first): "\(failed) of \(all) failed, first \(first.name)"
        case .unreadable(let file): "\(file.file) unreadable"
        }
    }

    @Test func `a test is about the campaigns that it names, else about those of which it expects something`() throws {
        let results = try Self.results([
            """
            { "tests": {
              "thanks": { "story": [{ \(Self.purchase), "expect": "first-purchase-thanks/thanks act" }] },
              "not yet silent": { "campaigns": "win-back", "story": [{ \(Self.purchase), "expect": "nothing" }] } } }
            """
        ])
        #expect(results.unreadable.isEmpty)
        #expect(results.results.map(\.campaigns) == [["first-purchase-thanks"], ["win-back"]])
        #expect(results.results(of: "win-back").map(\.name) == ["not yet silent"])
        #expect(Self.words(results.state(of: "win-back")) == "1 passed")
        #expect(Self.words(results.state(of: "nobody's")) == "untested")
    }

    @Test func `a test that fails is also about the campaign that nobody expected`() throws {
        let results = try Self.results([
            """
            { "tests": {
              "thanks and nothing else": { "story": [
                { \(Self.purchase), "expect": "first-purchase-thanks/thanks act" },
                { "at": "2026-03-20 12:00", "expect": "nothing" }] },
              "thanks": { "story": [{ \(Self.purchase), "expect": "first-purchase-thanks/thanks act" }] } } }
            """
        ])
        #expect(results.results.first?.campaigns == ["first-purchase-thanks", "win-back"])
        #expect(
            Self.words(results.state(of: "first-purchase-thanks")) == "1 of 2 failed, first thanks and nothing else")
        #expect(Self.words(results.state(of: "win-back")) == "1 of 1 failed, first thanks and nothing else")
    }

    @Test func `a file that cannot be read concerns the campaigns that it names, and hides no failure`() throws {
        let mistaken = """
            { "tests": { "t": { "story": [{ \(Self.purchase), "expect": "win-back/helo act" }] } } }
            """
        var results = try Self.results([mistaken, "{ \"campaigns\": \"first-purchase-thanks\" "])
        #expect(results.results.isEmpty)
        #expect(results.unreadable.map(\.campaigns) == [["win-back"], ["first-purchase-thanks"]])
        #expect(Self.words(results.state(of: "win-back")) == "0.tests.json unreadable")
        #expect(Self.words(results.state(of: "first-purchase-thanks")) == "1.tests.json unreadable")
        guard case .mistake(let finding)? = results.unreadable.first?.reason else {
            Issue.record("the first has a mistake")
            return
        }
        #expect(finding.code == "test.unknown-step")

        results = try Self.results([
            mistaken,
            "{ \"tests\": { \"never\": { \"story\": [{ \(Self.purchase), \"expect\": \"win-back/hello act\" }] } } }",
        ])
        #expect(Self.words(results.state(of: "win-back")) == "1 of 1 failed, first never")
    }

    @Test func `a file that the system does not give concerns no campaign by itself`() throws {
        var results = try Self.results([])
        results.refuse(file: "a.tests.json", reason: "Permission denied")
        #expect(results.unreadable.map(\.file) == ["a.tests.json"])
        #expect(Self.words(results.state(of: "win-back")) == "untested")
    }
}

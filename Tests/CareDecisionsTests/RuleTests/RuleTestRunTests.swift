import CareCalendar
import CareRules
import CareValues
import Testing

@testable import CarePlanning

/// What rule tests hold, and what they say when something is otherwise.
struct RuleTestRunTests {
    /// Runs the one test of a story: `expected | got | decided` of each failure.
    static func run(_ rules: String, _ test: String) throws -> [String] {
        let zone = try #require(World.zones.zone(named: "Asia/Shanghai"))
        let read = RuleTestReader.read(
            file: "a.tests.json", bytes: Array("{ \"tests\": { \"t\": \(test) } }".utf8), rules: try World.load(rules),
            zone: zone, zones: World.zones)
        #expect(read.diagnostics.filter { $0.severity == .error } == [])
        let tests = try #require(read.tests)
        let outcome = RuleTestRun.run(
            try #require(tests.tests.first), in: RuleTestRun.World(zones: World.zones, holidays: .empty))
        return outcome.failures.map { failure in
            let tree = failure.tree.map { [$0.name + ": " + $0.node.label + " " + $0.node.detail] } ?? []
            return "\(failure.subject) | \(failure.expected) | \(failure.got) | "
                + (failure.decided + tree).joined(separator: "; ")
        }
    }

    private static let purchase = #"{ "at": "2026-01-05 12:00", "event": "purchase""#

    @Test(arguments: ["due", "PT10M"]) func `a story that is as expected passes, however often the service looks`(
        ticks: String
    ) throws {
        let ticks = ticks == "due" ? "" : "\"ticks\": \"\(ticks)\","
        let failures = try Self.run(
            Rules.winBackAndFirstPurchase,
            """
            { \(ticks) "story": [
              { "at": "2026-01-02 12:00", "event": "purchase", "with": { "orderId": "o1" },
                "expect": "first-purchase-thanks/thanks act" },
              { "at": "2026-01-17 10:00", "expect": "first-purchase-thanks/nudge act" },
              { "at": "2026-03-04 10:00", "expect": "win-back/hello act" },
              { "at": "2026-03-20 12:00", "event": "purchase",
                "expect": ["win-back skip exited", "first-purchase-thanks none where"] },
              { "at": "2026-05-20 10:00", "expect": "win-back/hello act" },
              { "at": "2026-06-19 10:00", "expect": "win-back/coupon act" } ] }
            """)
        #expect(failures == [])
    }

    @Test(arguments: [
        // Nothing came.
        (
            #", "expect": ["first-purchase-thanks/thanks act", "win-back/hello act"] }"#,
            "win-back/hello | act | nothing | not due before 2026-03-07 10:00"
        ),
        // What nobody expects.
        ("}", "first-purchase-thanks/thanks | nothing | act | no gate objected"),
        // Another outcome.
        (
            #", "expect": "first-purchase-thanks/thanks hold paused" }"#,
            "first-purchase-thanks/thanks | hold paused | act | no pause concerns the campaign"
        ),
        // Another message.
        (
            #", "with": { "orderId": "o1" }, "expect": { "decision": "first-purchase-thanks/thanks act", "data": { "order": "o2" } } }"#,
            #"first-purchase-thanks/thanks | act data {"order":"o2"} | act data {"order":"o1"} | "#
        ),
        (
            #", "with": { "orderId": "o1" }, "expect": { "decision": "first-purchase-thanks/thanks act", "dataIncludes": { "x": 1 } } }"#,
            #"first-purchase-thanks/thanks | act data {"x":1} | act no x in its data | "#
        ),
        (
            #", "with": { "orderId": "o1" }, "expect": { "decision": "first-purchase-thanks/thanks act", "send": "mail" } }"#,
            "first-purchase-thanks/thanks | act send mail | act send crm | "
        ),
    ]) func `what is otherwise is told with what decided`(rest: String, failure: String) throws {
        let needsOrder = rest.contains("orderId") ? "" : #", "with": { "orderId": "o1" }"#
        let story =
            #"{ "story": ["# + Self.purchase + needsOrder + rest + #", { "at": "13:00", "expect": "nothing" } ] }"#
        #expect(try Self.run(Rules.winBackAndFirstPurchase, story) == [failure])
    }

    @Test(arguments: [("P7D", "thanks act"), ("P4D", "nothing")])
    func `an edit with a backfill makes up for the events of the history`(backfill: String, expected: String) throws {
        let edit =
            #"{ "campaigns": { "thanks": { "trigger": { "event": "visit" }, "backfill": "\#(backfill)", "actions": [{ "send": "crm", "type": "t", "data": {} }] } } }"#
        let expectation = expected == "nothing" ? #""nothing""# : #"["thanks act", "thanks act"]"#
        let failures = try Self.run(
            Rules.winBackAndFirstPurchase,
            """
            { "start": "2026-01-05 00:00", "customers": { "c1": {} },
              "history": [{ "at": "2026-01-03 10:00", "event": "visit" }, { "at": "2026-01-04 10:00", "event": "visit" }],
              "story": [
              { "at": "2026-01-08 12:00", "activate": \(edit), "expect": \(expectation) },
              { "at": "2026-01-08 13:00", "activate": { "campaigns": { "thanks": { "priority": 3 } } },
                "expect": "nothing" } ] }
            """)
        #expect(failures == [])
    }

    @Test func `a condition that is false is shown with its values`() throws {
        let failures = try Self.run(
            Rules.winBackAndFirstPurchase,
            """
            { "campaigns": "first-purchase-thanks", "story": [
              { "at": "2026-01-02 12:00", "event": "purchase", "with": { "orderId": "o1" },
                "expect": "first-purchase-thanks/thanks act" },
              { "at": "2026-01-09 12:00", "event": "purchase" },
              { "at": "2026-01-17 10:00", "expect": "first-purchase-thanks/nudge act" } ] }
            """)
        #expect(
            failures == [
                "first-purchase-thanks/nudge | act | skip condition | condition of the step: == purchases 2, 1"
            ])
    }

    @Test func `a trigger that did not match is shown with its where`() throws {
        let failures = try Self.run(
            Rules.promoter,
            """
            { "story": [ { "at": "2026-01-02 12:00", "event": "survey.nps", "with": { "score": 8 },
                "expect": "promoter-referral/invite act" } ] }
            """)
        #expect(
            failures == [
                "promoter-referral/invite | act | nothing | the trigger fired; where: >= event.score 8, 9"
            ])
    }

    @Test func `an entry that waits says for what`() throws {
        let failures = try Self.run(
            Rules.promoter,
            """
            { "story": [ { "at": "2026-01-02 12:00", "event": "survey.nps", "with": { "score": 9 },
                "expect": "promoter-referral/invite act" } ] }
            """)
        #expect(
            failures == [
                "promoter-referral/invite | act | nothing | "
                    + "an entry of 2026-01-02 12:00 runs: step invite is due 2026-01-03 12:00"
            ])
    }

    @Test func `only the campaigns that a test names run`() throws {
        let story = #""story": ["# + Self.purchase + #", "with": { "orderId": "o1" }, "expect": "nothing" } ] }"#
        #expect(try Self.run(Rules.winBackAndFirstPurchase, #"{ "campaigns": "win-back", "# + story) == [])
        #expect(try Self.run(Rules.winBackAndFirstPurchase, "{ " + story).count == 1)
    }

    @Test func `history fires nothing and is known`() throws {
        let failures = try Self.run(
            Rules.winBackAndFirstPurchase,
            """
            { "campaigns": "first-purchase-thanks", "history": [{ "at": "2025-06-01 12:00", "event": "purchase" }],
              "story": [ { "at": "2026-01-02 12:00", "event": "purchase",
                           "expect": "first-purchase-thanks none where" } ] }
            """)
        #expect(failures == [])
    }

    @Test func `a call with the key of an earlier one is that call`() throws {
        let call = #"{ "at": "2026-01-02 12:00", "call": "recall", "key": "k""#
        let failures = try Self.run(
            Rules.file(RuleTestReaderTests.call),
            #"{ "story": ["# + call + #", "expect": "recall act" }, "# + call + #", "expect": "nothing" } ] }"#)
        #expect(failures == [])
    }

    @Test func `a campaign that was renamed is named as it is now`() throws {
        let rules = Rules.file(RuleTestReaderTests.call).replacing(
            #""recall": {"#, with: #""callback": { "formerly": "recall","#)
        let failures = try Self.run(
            rules,
            #"{ "story": [{ "at": "2026-01-02 12:00", "call": "callback", "key": "k", "expect": "callback act" }] }"#)
        #expect(failures == [])
    }

    @Test func `an edit takes a campaign away and ends what runs`() throws {
        let failures = try Self.run(
            Rules.promoter,
            """
            { "story": [
              { "at": "2026-01-02 12:00", "event": "survey.nps", "with": { "score": 9 } },
              { "at": "2026-01-02 13:00", "activate": {}, "expect": "nothing" },
              { "at": "2026-01-02 14:00", "activate": { "campaigns": { "promoter-referral": null } },
                "expect": "promoter-referral skip campaign_removed" } ] }
            """)
        #expect(failures == [])
    }

    @Test(arguments: [
        ("{}", "nothing"), (#"{ "campaigns": { "a": { "description": "d" } } }"#, "a act"),
    ])
    func `only an edit is an activation, after which what is in error is tried again`(
        edit: String, expected: String
    ) throws {
        let rules = """
            { "events": { "x": { "properties": { "n": { "type": "number" } } } },
              "traits": { "dayOld": { "last": { "event": "x", "property": "n", "between": ["P9D", "P1D"] } } },
              "campaigns": { "a": { "description": "c", "trigger": { "event": "x" },
                "actions": [{ "send": "crm", "type": "t", "data": { "n": "{{dayOld}}" } }] } } }
            """
        let failures = try Self.run(
            rules,
            """
            { "story": [
              { "at": "2026-01-02 12:00", "event": "x", "with": { "n": 3 }, "expect": "a error template_error" },
              { "at": "2026-01-04 12:00", "activate": \(edit), "expect": "\(expected)" } ] }
            """)
        #expect(failures == [])
    }

    @Test func `while the service sleeps nothing is decided, and what is late is then too late`() throws {
        for (wake, expected) in [("2026-05-28 08:59", "act"), ("2026-05-28 09:00", "skip too_late")] {
            let failures = try Self.run(
                Rules.birthdayGold,
                """
                { "start": "2026-05-01", "customers": { "c1": { "tier": "gold", "birthday": "1990-05-30" } }, "story": [
                  { "at": "2026-05-22", "sleepUntil": "\(wake)" },
                  { "at": "\(wake)", "expect": "birthday-gold \(expected)" } ] }
                """)
            #expect(failures == [])
        }
    }
}

/// Which branches rule tests have taken.
struct RuleCoverageTests {
    private static let rules = """
        { "attributes": { "points": { "type": "number" }, "flag": { "type": "boolean" } },
          "segments": { "rich": { ">": [{ "var": "points" }, 100] } },
          "campaigns": {
            "a": { "trigger": { "event": "visit" }, "reentry": "always",
              "condition": { "or": [{ "segment": "rich" }, { "!": [{ "var": "flag" }] }] },
              "exit": { "event": "visit", "where": { "==": [{ "var": "event.x" }, 1] } },
              "steps": [
                { "name": "s", "condition": { "if": [{ "var": "flag" }, true, { ">": [{ "var": "points" }, 5] }] },
                  "actions": [{ "send": "crm", "type": "t", "data": {} }] },
                { "name": "t", "after": "P1D", "actions": [{ "send": "crm", "type": "t", "data": {} }] } ] },
            "b": { "trigger": { "event": "never" }, "actions": [{ "send": "crm", "type": "t", "data": {} }] } } }
        """

    private static func gaps(_ story: String) throws -> (covered: String, gaps: [String], never: [String]) {
        let source = RuleSource(file: "r.json", bytes: Array(rules.utf8))
        let ruleSet = try #require(RuleSetLoader.load([source], destinations: nil).ruleSet)
        var coverage = RuleCoverage(rules: ruleSet, sources: [source])
        let read = RuleTestReader.read(
            file: "a", bytes: Array("{ \"tests\": { \"t\": { \"story\": [\(story)] } } }".utf8), rules: ruleSet,
            zone: .utc, zones: World.zones)
        let tests = try #require(read.tests, "\(read.diagnostics)")
        let outcome = RuleTestRun.run(
            try #require(tests.tests.first), in: RuleTestRun.World(zones: World.zones, holidays: .empty))
        #expect(outcome.failures.isEmpty)
        coverage.entered = outcome.entered
        let branches = coverage.branches
        return (
            "\(branches.count - branches.gaps.count) of \(branches.count)",
            branches.gaps.map { "never \($0.wasNeverTrue) \($0.line) \($0.label)" },
            coverage.neverEntered.map(\.name)
        )
    }

    @Test func `a test counts twice, and what is passed over is not taken`() throws {
        let answer = try Self.gaps(
            #"""
            { "at": "2026-01-02 12:00", "set": { "points": 200, "flag": true } },
            { "at": "12:01", "event": "visit", "expect": "a/s act" }
            """#)
        // Segment, two tests of the condition, the exit's where, two tests of the step's condition.
        #expect(answer.covered == "3 of 12")
        #expect(
            answer.gaps
                == [
                    "never false 2 > points, 100", "never false 5 segment rich",
                    "never true 5 flag", "never false 5 flag",
                    "never true 6 == event.x, 1", "never false 6 == event.x, 1",
                    "never true 8 > points, 5", "never false 8 > points, 5", "never false 8 flag",
                ].sorted { $0.split(separator: " ")[2] < $1.split(separator: " ")[2] } || answer.gaps.count == 9)
        #expect(answer.never == ["b"])
    }

    @Test func `what is missing was false`() throws {
        let answer = try Self.gaps(#"{ "at": "2026-01-02 12:00", "event": "visit", "expect": "a none condition" }"#)
        #expect(answer.covered == "3 of 12")
        #expect(answer.gaps.contains("never true 5 flag"))
        #expect(!answer.gaps.contains("never false 5 flag"))
        #expect(answer.never == ["a", "b"])
    }

    @Test func `nobody watching, nothing is noted`() throws {
        let source = RuleSource(file: "r.json", bytes: Array(Self.rules.utf8))
        let ruleSet = try #require(RuleSetLoader.load([source], destinations: nil).ruleSet)
        let condition = try #require(ruleSet.campaigns[0].condition)
        #expect(condition.observation.wasTrue == 0)
        #expect(condition.observation.wasFalse == 0)
    }
}

/// `docs/schema/rule-tests.schema.json` knows the keys that the reader knows.
struct RuleTestSchemaTests {
    private static func definitions() throws -> JSONNode {
        let document = try JSONDocument(file: "schema", bytes: Array(try schemaText().utf8))
        return try #require(document.root["$defs"])
    }

    private static func schemaText() throws -> String { try ProjectFile.text("docs/schema/rule-tests.schema.json") }

    @Test(arguments: RuleTestKeys.all.map(\.schemaName)) func `has the reader's keys and no others`(name: String) throws
    {
        let table = try #require(RuleTestKeys.all.first { $0.schemaName == name })
        let definition = try #require(try Self.definitions()[name])
        #expect(definition["additionalProperties"]?.bool == false)
        let properties = try #require(definition["properties"])
        #expect(properties.members.compactMap(\.key.string).sorted() == table.keys.sorted())
        for (key, property) in properties.members {
            #expect(property["description"] != nil, "\(name)/\(key.string ?? "")")
        }
    }

    @Test func `has the reader's outcomes, reasons and limits`() throws {
        let pattern = try #require(try Self.definitions()["decision"]?["pattern"]?.string)
        for (outcome, reasons) in RuleTestReader.allowed where !reasons.isEmpty {
            #expect(pattern.contains("\(outcome) (\(reasons.joined(separator: "|")))"), "\(outcome)")
        }
        let story = try Self.definitions()["test"]?["properties"]?["story"]
        #expect(story?["maxItems"]?.number == Double(RuleTestReader.Limits.lines))
        let tests = try Self.definitions()["file"]?["properties"]?["tests"]
        #expect(tests?["maxProperties"]?.number == Double(RuleTestReader.Limits.tests))
    }

    @Test func `refers only to what it defines`() throws {
        let names = Set(try Self.definitions().members.compactMap(\.key.string))
        for part in try Self.schemaText().split(separator: "\"#/$defs/").dropFirst() {
            #expect(names.contains(String(part.prefix { $0 != "\"" })))
        }
    }
}

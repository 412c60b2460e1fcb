import CareRules
import CareValues
import Testing

/// What `care check` prints for each kind of broken file, whole.
struct BadInputTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var expected: String
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "not JSON", text: "{\n  \"campaigns\": { \"c\": }\n}",
            expected: """
                t.json:2:23: error: a value is missing before this bracket [json.syntax]
                    2 |   "campaigns": { "c": }
                      |                       ^
                """),
        Case(
            name: "unknown key",
            text: Samples.campaign(#""trigger": { "event": "purchase" }, "priorty": 5"#),
            expected: """
                t.json:1:61: error: unknown key 'priorty' in a campaign [rule.unknown-key]
                    1 | { "campaigns": { "c": { "trigger": { "event": "purchase" }, "priorty": 5, "actions": [{ "...
                      |                                                             ^~~~~~~~~  did you mean 'priority'?
                """),
        Case(
            name: "unknown operator",
            text: "{ \"segments\": {\n  \"s\": { \"iff\": [{ \"segment\": \"vip\" }, true, false] } } }",
            expected: """
                t.json:2:10: error: unknown operator 'iff' [rule.unknown-operator]
                    2 |   "s": { "iff": [{ "segment": "vip" }, true, false] } } }
                      |          ^~~~~  did you mean 'if'?
                """),
        Case(
            name: "wrong type", text: "{ \"segments\": {\n  \"s\": { \"<\": [{ \"var\": \"tier\" }, 5] } } }",
            expected: """
                t.json:2:35: error: tier is ordinal, 5 is a number [rule.type-mismatch]
                    2 |   "s": { "<": [{ "var": "tier" }, 5] } } }
                      |                                   ^  use a tier: "gold"
                """),
        Case(
            name: "unknown attribute",
            text: "{ \"segments\": {\n  \"s\": { \"==\": [{ \"var\": \"teir\" }, \"silver\"] } } }",
            expected: """
                t.json:2:26: error: unknown attribute or trait 'teir' [rule.unknown-name]
                    2 |   "s": { "==": [{ "var": "teir" }, "silver"] } } }
                      |                          ^~~~~~  did you mean 'tier'?
                """),
        Case(
            name: "bad duration",
            text:
                "{ \"campaigns\": { \"c\": {\n  \"trigger\": { \"inactivity\": { \"of\": \"purchase\", \"for\": \"60D\" } },\n"
                + "  \"actions\": [{ \"send\": \"crm\", \"type\": \"t\" }] } } }",
            expected: """
                t.json:2:57: error: '60D' is not a duration [rule.bad-duration]
                    2 |   "trigger": { "inactivity": { "of": "purchase", "for": "60D" } },
                      |                                                         ^~~~~  did you mean 'P60D'?
                """),
        Case(
            name: "missing destination",
            text: "{ \"campaigns\": { \"c\": { \"trigger\": { \"event\": \"purchase\" },\n"
                + "  \"actions\": [{ \"send\": \"crmm\", \"type\": \"care.winback.hello\" }] } } }",
            expected: """
                t.json:2:25: error: care.json defines no destination 'crmm' [rule.unknown-destination]
                    2 |   "actions": [{ "send": "crmm", "type": "care.winback.hello" }] } } }
                      |                         ^~~~~~  did you mean 'crm'?
                """),
        Case(
            name: "circular segments",
            text: "{ \"segments\": {\n  \"a\": { \"segment\": \"b\" },\n  \"b\": { \"!\": { \"segment\": \"a\" } } } }",
            expected: """
                t.json:3:28: error: segment 'a' is part of its own condition [rule.circular]
                    3 |   "b": { "!": { "segment": "a" } } } }
                      |                            ^~~  via a → b → a
                """),
    ]

    @Test(arguments: cases) func `prints the place, the code, the sentence, the line and the help`(_ test: Case) {
        let result = RuleSetLoader.load(
            [
                RuleSource(file: "base.json", bytes: Array(Samples.base.utf8)),
                RuleSource(file: "t.json", bytes: Array(test.text.utf8)),
            ],
            destinations: Samples.destinations)
        #expect(result.diagnostics.rendered() == test.expected)
        #expect(result.ruleSet == nil)
    }

    @Test func `a campaign in two files is a finding at the second, which names the first`() {
        let first =
            "{ \"campaigns\": {\n  \"win-back\": { \"trigger\": { \"event\": \"a\" }, \"actions\": [{ \"send\": \"crm\", \"type\": \"t\" }] } } }"
        let result = Samples.load(first, first)
        #expect(
            result.diagnostics.rendered() == """
                2.json:2:3: error: a second campaign is named 'win-back' [rule.duplicate-name]
                    2 |   "win-back": { "trigger": { "event": "a" }, "actions": [{ "send": "crm", "type": "t" }] ...
                      |   ^~~~~~~~~~  the first is at 1.json:2:3
                """)
        #expect(result.ruleSet == nil)
    }

    @Test func `a name twice in one object is the reader's finding, once`() {
        let text =
            #"{ "campaigns": { "c": { "trigger": { "event": "a" }, "actions": [{ "send": "crm", "type": "t" }] }, "c": { "trigger": { "event": "a" }, "actions": [{ "send": "crm", "type": "t" }] } } }"#
        let result = Samples.load(text)
        #expect(result.diagnostics.map(\.code) == ["json.duplicate-key"])
        #expect(result.diagnostics.map(\.message) == ["the name 'c' is used twice in one object"])
    }

    @Test func `all findings of all files come in one run, by file and place`() {
        let result = RuleSetLoader.load(
            [
                RuleSource(file: "z.json", bytes: Array(#"{ "campaign": {} }"#.utf8)),
                RuleSource(file: "a.json", bytes: Array(Samples.base.utf8)),
                RuleSource(file: "m.json", bytes: Array("{,}".utf8)),
                RuleSource(
                    file: "b.json",
                    bytes: Array(
                        """
                        { "campaigns": { "c": { "trigger": { "evnt": "purchase" },
                          "condition": { "segment": "vipp" },
                          "steps": [{ "after": "7D", "at": "9:00", "actions": [{ "send": "crmm" }] }] } } }
                        """.utf8)),
            ], destinations: Samples.destinations)
        #expect(
            result.diagnostics.map { "\($0.file):\($0.line):\($0.column) \($0.code)" } == [
                "b.json:1:36 rule.missing-key", "b.json:1:38 rule.unknown-key", "b.json:2:29 rule.unknown-segment",
                "b.json:3:24 rule.bad-duration", "b.json:3:36 rule.bad-time", "b.json:3:56 rule.missing-key",
                "b.json:3:66 rule.unknown-destination", "m.json:1:2 json.syntax", "z.json:1:3 rule.unknown-key",
            ])
    }

    @Test func `what a file that cannot be read may declare is not called unknown`() {
        let broken = RuleSource(file: "base.json", bytes: Array((Samples.base + "}").utf8))
        let text = #"{ "segments": { "s": { "==": [{ "var": "tier" }, "gold"] } } }"#
        let result = RuleSetLoader.load(
            [broken, RuleSource(file: "t.json", bytes: Array(text.utf8))], destinations: nil)
        #expect(result.diagnostics.map(\.file) == ["base.json"])
        #expect(result.ruleSet == nil)
    }

    @Test func `the caret stands under the token behind wide characters, the column counts characters`() {
        let text = """
            { "campaigns": { "c": {
              "description": "银卡专享", "priority": "5",
              "trigger": { "event": "purchase" }, "actions": [{ "send": "crm", "type": "t" }] } } }
            """
        #expect(
            Samples.load(text).diagnostics.rendered() == """
                1.json:2:38: error: priority must be a whole number, not text [rule.wrong-type]
                    2 |   "description": "银卡专享", "priority": "5",
                      |                                          ^~~  for example 50
                """)
    }
}

import CareValues
import Testing

@testable import CareRules

/// Findings in policies, and in what campaigns, steps and actions say to the gates.
struct PolicyFindingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var file: String
        var expected: [Expected]
        var testDescription: String { name }
    }

    static func policies(_ members: String) -> String { "{ \"policies\": { \(members) } }" }
    static func step(_ members: String) -> String {
        """
        { "policies": { "windows": { "business": { "days": ["mon"], "from": "09:00", "until": "18:00" } } },
          "campaigns": { "c": { "trigger": { "event": "purchase" }, "steps": [
            { \(members), "actions": [{ "send": "crm", "type": "t" }] }] } } }
        """
    }

    static let policyCases = [
        Case(
            name: "two quiet hours",
            file: policies(
                #""quietHours": [{ "from": "21:00", "until": "08:00" }, { "from": "12:00", "until": "13:00", "then": "suppress", "destinations": ["crm"] }]"#
            ), expected: []),
        Case(
            name: "quiet hours without an end", file: policies(#""quietHours": 1️⃣{ "from": "21:00" }"#),
            expected: [.error("1️⃣", "rule.missing-key", "quietHours needs 'until'", help: #"add "until": "08:00""#)]),
        Case(
            name: "quiet hours of a destination that is none",
            file: policies(#""quietHours": { "from": "21:00", "until": "08:00", "destinations": [1️⃣"cmr"] }"#),
            expected: [
                .error(
                    "1️⃣", "rule.unknown-destination", "care.json defines no destination 'cmr'",
                    help: "did you mean 'crm'?")
            ]),
        Case(
            name: "an effect that is none",
            file: policies(#""quietHours": { "from": "21:00", "until": "08:00", "then": 1️⃣"wait" }"#),
            expected: [.error("1️⃣", "rule.wrong-value", "then must be 'hold' or 'suppress', not 'wait'")]),
        Case(
            name: "quiet hours that are text", file: policies(#""quietHours": 1️⃣"21:00""#),
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "'quietHours' must be an object or a list of objects, not text",
                    help: "for example [{ … }]")
            ]),
        Case(
            name: "a day that is none",
            file: policies(#""windows": { "w": { "days": ["mon", 1️⃣"tues"], "from": "09:00", "until": "18:00" } }"#),
            expected: [
                .error(
                    "1️⃣", "rule.wrong-value",
                    "a day must be 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' or 'sun', not 'tues'",
                    help: "did you mean 'tue'?")
            ]),
        Case(
            name: "a window without days is open every day",
            file: policies(#""windows": { "w": { "from": "09:00", "until": "18:00" } }"#), expected: []),
        Case(
            name: "a cap without a name, a limit and a period", file: policies(#""caps": [1️⃣{}]"#),
            expected: [
                .error("1️⃣", "rule.missing-key", "a cap needs 'max'", help: #"add "max": 2"#),
                .error("1️⃣", "rule.missing-key", "a cap needs 'name'", help: #"add "name": "marketing""#),
                .error("1️⃣", "rule.missing-key", "a cap needs 'per'", help: #"add "per": { "rolling": "P7D" }"#),
            ]),
        Case(
            name: "two caps of one name",
            file: policies(
                #""caps": [{ "name": "m", "max": 1, "per": { "rolling": "P7D" } }, { "name": 1️⃣"m", "max": 1, "per": { "calendar": "day" } }]"#
            ),
            expected: [.error("1️⃣", "rule.duplicate-name", "a second cap is named 'm'", help: "give it another name")]),
        Case(
            name: "a period of two kinds",
            file: policies(#""caps": [{ "name": "m", "max": 1, "per": { "rolling": "P7D", 1️⃣"calendar": "day" } }]"#),
            expected: [
                .error(
                    "1️⃣", "rule.conflict", "per has both 'rolling' and 'calendar'",
                    help: "write two caps: both must pass")
            ]),
        Case(
            name: "a period that is none",
            file: policies(#""caps": [{ "name": "m", "max": 1, "per": { "calendar": 1️⃣"weeks" } }]"#),
            expected: [
                .error(
                    "1️⃣", "rule.wrong-value",
                    "calendar must be 'day', 'week', 'month', 'quarter' or 'year', not 'weeks'",
                    help: "did you mean 'week'?")
            ]),
        Case(
            name: "a limit that is not whole",
            file: policies(#""caps": [{ "name": "m", "max": 1️⃣1.5, "per": { "rolling": "P7D" } }]"#),
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "max must be a whole number between 0 and 1000000", help: "for example 2")
            ]),
        Case(
            name: "a cap of nothing",
            file: policies(#""caps": [{ "name": "m", "max": 1️⃣0, "per": { "rolling": "P7D" } }]"#),
            expected: [
                .warning(
                    "1️⃣", "rule.unreachable", "a cap of 0 lets nothing through that it binds",
                    help: "let it be 1 or more, or take the campaigns out")
            ]),
        Case(
            name: "a rolling period of no time",
            file: policies(#""caps": [{ "name": "m", "max": 1, "per": { "rolling": 1️⃣"P0D" } }]"#),
            expected: [
                .error("1️⃣", "rule.bad-duration", "rolling must be longer than nothing", help: #"for example "P7D""#)
            ]),
        Case(
            name: "a pause without its condition and effect", file: policies(#""pauses": [1️⃣{ "name": "p" }]"#),
            expected: [
                .error("1️⃣", "rule.missing-key", "a pause needs 'then'", help: #"add "then": "hold""#),
                .error(
                    "1️⃣", "rule.missing-key", "a pause needs 'when'", help: #"add "when": { "var": "doNotContact" }"#),
            ]),
        Case(
            name: "a pause that reads the entry",
            file: policies(#""pauses": [{ "name": "p", "when": { "var": 1️⃣"entry.x" }, "then": "hold" }]"#),
            expected: [
                .error(
                    "1️⃣", "rule.entry-not-allowed", "'entry.x' is not known here",
                    help: "entry.* is read in campaigns, not in traits, segments and policies")
            ]),
    ]

    static let gateCases = [
        Case(
            name: "a window that is none", file: step(#""window": 1️⃣"busines""#),
            expected: [
                .error("1️⃣", "rule.unknown-window", "no window 'busines' is defined", help: "did you mean 'business'?")
            ]),
        Case(
            name: "countIn without a wait", file: step(#""countIn": 1️⃣"business""#),
            expected: [
                .error(
                    "1️⃣", "rule.conflict", "'countIn' counts a wait, and the step has none",
                    help: #"add "sinceEntry": "PT2H" or "after": "PT2H""#)
            ]),
        Case(
            name: "countIn with a wait in days", file: step(#""after": "P1D", "countIn": 1️⃣"business""#),
            expected: [
                .error(
                    "1️⃣", "rule.conflict", "'countIn' counts hours: the wait must be written PT…",
                    help: #"write "PT2H", or take 'countIn' out and add "window": "business""#)
            ]),
        Case(
            name: "countIn of the longest wait", file: step(#""after": "PT2000H", "countIn": "business""#), expected: []
        ),
        Case(
            name: "countIn of a longer wait", file: step(#""after": "PT2000H1S", "countIn": 1️⃣"business""#),
            expected: [
                .error(
                    "1️⃣", "rule.limit", "a wait that counts in a window is at most PT2000H",
                    help: #"write a wait in days, and add "window": "business""#)
            ]),
        Case(
            name: "quiet hours of a campaign",
            file: Samples.campaign(#""trigger": { "event": "purchase" }, "quietHours": 1️⃣"off""#),
            expected: [
                .error(
                    "1️⃣", "rule.wrong-value", "quietHours of a campaign must be 'ignore'",
                    help: "take it out: the quiet hours of 'policies' bind it then")
            ]),
        Case(
            name: "a holdout above one", file: Samples.campaign(#""trigger": { "event": "purchase" }, "holdout": 1️⃣10"#),
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "the fraction of a holdout must be a number from 0 to 1",
                    help: "0.1 holds out every tenth customer")
            ]),
        Case(
            name: "a holdout without a fraction",
            file: Samples.campaign(#""trigger": { "event": "purchase" }, "holdout": 1️⃣{ "salt": "x" }"#),
            expected: [.error("1️⃣", "rule.missing-key", "holdout needs 'fraction'", help: #"add "fraction": 0.1"#)]),
        Case(
            name: "a flag that is text",
            file: Samples.campaign(#""trigger": { "event": "purchase" }, "caps": { "counts": 1️⃣"no" }"#),
            expected: [
                .error("1️⃣", "rule.wrong-type", "counts must be true or false, not text", help: "for example true")
            ]),
        Case(
            name: "a group without a name",
            file: Samples.campaign(#""trigger": { "event": "purchase" }, "group": 1️⃣"""#),
            expected: [.error("1️⃣", "rule.wrong-type", "group must not be empty", help: #"for example "retention""#)]),
    ]

    @Test(arguments: policyCases + gateCases) func `tells what is wrong`(_ test: Case) {
        expectFindings(in: test.file, test.expected)
    }

    @Test func `a tag that no campaign has is most often a slip`() {
        let campaign =
            #""campaigns": { "c": { "trigger": { "event": "purchase" }, "tags": ["marketing"], "actions": [{ "send": "crm", "type": "t" }] } }"#
        expectFindings(
            in: """
                { "policies": {
                    "caps": [{ "name": "c", "tags": [1️⃣"markting", "marketing", "later"], "max": 2, "per": { "rolling": "P7D" } }],
                    "pauses": [{ "name": "p", "when": true, "tags": ["marketing"], "then": "hold" }] }, \(campaign) }
                """,
            [
                .warning(
                    "1️⃣", "rule.unknown-tag", "no campaign has the tag 'markting'", help: "did you mean 'marketing'?")
            ])
    }

    @Test func `a broken window is one finding, not one more for each step that names it`() {
        expectFindings(
            in: Self.step(#""window": "business""#).replacing(#""until": "18:00""#, with: #""until": 1️⃣"18""#),
            [
                .error(
                    "1️⃣", "rule.bad-time", "'18' is not a time of day",
                    help: "write HH:MM on the 24-hour clock: \"09:00\", \"18:30\"")
            ])
    }
}

import Testing

/// Broken campaigns, steps and actions, each with its whole finding.
struct CampaignFindingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var file: String
        var expected: [Expected]
        var testDescription: String { name }
    }

    static func event(_ members: String) -> String {
        Samples.campaign(#""trigger": { "event": "purchase" }, "# + members)
    }

    static func steps(_ steps: String) -> String {
        #"{ "campaigns": { "c": { "trigger": { "event": "purchase" }, "reentry": "always", "steps": \#(steps) } } }"#
    }

    static func actions(_ actions: String) -> String {
        #"{ "campaigns": { "c": { "trigger": { "event": "purchase" }, "actions": \#(actions) } } }"#
    }

    static let send = #""send": "crm", "type": "t""#
    static let one = #""actions": [{ "send": "crm", "type": "t" }]"#

    static let reentries = [
        Case(
            name: "another word", file: event(#""reentry": 1️⃣"ones""#),
            expected: [
                .error(
                    "1️⃣", "rule.bad-reentry",
                    "reentry must be 'always', 'once' or 'afterExit' or a cooldown, not 'ones'",
                    help: "did you mean 'once'?")
            ]),
        Case(
            name: "the word cooldown", file: event(#""reentry": 1️⃣"cooldown""#),
            expected: [
                .error(
                    "1️⃣", "rule.bad-reentry",
                    "reentry must be 'always', 'once' or 'afterExit' or a cooldown, not 'cooldown'",
                    help: "write \"afterExit\", or { \"cooldown\": \"P30D\" }")
            ]),
        Case(
            name: "a number", file: event(#""reentry": 1️⃣1"#),
            expected: [
                .error(
                    "1️⃣", "rule.bad-reentry",
                    "reentry must be 'always', 'once' or 'afterExit' or a cooldown, not a number",
                    help: "write \"afterExit\", or { \"cooldown\": \"P30D\" }")
            ]),
        Case(
            name: "no cooldown", file: event(#""reentry": 1️⃣{ "since": 2️⃣"exit" }"#),
            expected: [
                .error("1️⃣", "rule.bad-reentry", "reentry needs 'cooldown'", help: "write { \"cooldown\": \"P30D\" }"),
                .error("2️⃣", "rule.wrong-value", "since must be 'entry' or 'act', not 'exit'"),
            ]),
    ]

    static let parts = [
        Case(
            name: "priority is a fraction", file: event(#""priority": 1️⃣1.5"#),
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "priority must be a whole number between -1000000 and 1000000",
                    help: "for example 50; higher goes first")
            ]),
        Case(
            name: "description is a number", file: event(#""description": 1️⃣1"#),
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "the description must be text, not a number",
                    help: "for example \"Thank for the first purchase\"")
            ]),
        Case(
            name: "tags is a text", file: event(#""tags": 1️⃣"marketing""#),
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "tags must be a list of texts, not text",
                    help: "for example [\"marketing\"]")
            ]),
        Case(
            name: "a tag twice", file: event(#""tags": ["a", 1️⃣"a"]"#),
            expected: [.error("1️⃣", "rule.duplicate-name", "'a' stands twice in tags", help: "take one out")]),
        Case(
            name: "lateness is a word", file: event(#""maxLateness": 1️⃣"never""#),
            expected: [
                .error(
                    "1️⃣", "rule.bad-duration", "'never' is not a duration",
                    help: "write an ISO 8601 duration: \"P2D\", \"P7D\" seven days, \"PT2H\" two hours, \"P1M\" a month"
                )
            ]),
        Case(
            name: "exit without anything", file: event(#""exit": 1️⃣{}"#),
            expected: [
                .error(
                    "1️⃣", "rule.missing-key", "an exit needs 'event' or 'condition'", help: "add \"event\": \"purchase\""
                )
            ]),
        Case(
            name: "exit with both",
            file: event(#""exit": [{ "event": "purchase" }, { "event": "purchase", 1️⃣"condition": true }]"#),
            expected: [
                .error(
                    "1️⃣", "rule.conflict", "an exit has both 'event' and 'condition'",
                    help: "write two exits in a list: any one suffices; 'where' narrows an event")
            ]),
        Case(
            name: "a condition that is text", file: event(#""condition": 1️⃣"tier >= gold""#),
            expected: [
                .error(
                    "1️⃣", "rule.type-mismatch", "a condition must be true or false, \"tier >= gold\" is a string",
                    help: #"write an operator: { ">=": [{ "var": "tier" }, "gold"] }"#)
            ]),
        Case(
            name: "a condition that is a name", file: event(#""condition": 1️⃣"tier""#),
            expected: [
                .error(
                    "1️⃣", "rule.type-mismatch", "a condition must be true or false, \"tier\" is a string",
                    help: #"{ "var": "tier" } reads it"#)
            ]),
        Case(
            name: "exit with a condition and a where", file: event(#""exit": { "condition": true, "where": 1️⃣true }"#),
            expected: [
                .error(
                    "1️⃣", "rule.conflict", "an exit has both 'condition' and 'where'",
                    help: "'where' belongs to 'event'; join the two by \"and\" in 'condition'")
            ]),
        Case(
            name: "a name with a dot",
            file: #"{ "campaigns": { 1️⃣"win.back": { "trigger": { "event": "purchase" }, \#(one) } } }"#,
            expected: [.error("1️⃣", "rule.bad-name", "the name of a campaign holds a '.'", help: "write 'win-back'")]),
        Case(
            name: "no name", file: #"{ "campaigns": { 1️⃣"": { "trigger": { "event": "purchase" }, \#(one) } } }"#,
            expected: [
                .error("1️⃣", "rule.bad-name", "a campaign has an empty name", help: "any Unicode text without '.'")
            ]),
        Case(
            name: "steps and actions", file: event(#""steps": []"#).replacing("\"actions\"", with: "1️⃣\"actions\""),
            expected: [
                .error(
                    "1️⃣", "rule.conflict", "campaign 'c' has both 'steps' and 'actions'",
                    help: "move the actions into a step of their own")
            ]),
        Case(
            name: "a section that is a list", file: #"{ "campaigns": 1️⃣[] }"#,
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "'campaigns' must be an object, not a list",
                    help: "for example { \"campaigns\": { … } }")
            ]),
        Case(
            name: "a file that is a list", file: "1️⃣[]",
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "a rule file must be an object, not a list",
                    help: "for example { \"campaigns\": { … } }")
            ]),
        Case(
            name: "an attribute of a trait's name", file: #"{ "attributes": { 1️⃣"purchases": { "type": "number" } } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.duplicate-name", "a trait is named 'purchases' too: \"var\" could not tell them apart",
                    help: "that one is at base.json:15:5")
            ]),
        Case(
            name: "a segment twice", file: #"{ "segments": { 1️⃣"vip": true } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.duplicate-name", "a second segment is named 'vip'",
                    help: "the first is at base.json:18:17")
            ]),
    ]

    static let stepCases = [
        Case(
            name: "no steps", file: steps("1️⃣[]"),
            expected: [.error("1️⃣", "rule.wrong-type", "'steps' must not be an empty list", help: "add a step")]),
        Case(
            name: "steps is an object", file: steps("1️⃣{}"),
            expected: [
                .error("1️⃣", "rule.wrong-type", "'steps' must be a list, not an object", help: "for example [{ … }]")
            ]),
        Case(
            name: "a step without actions", file: steps(#"[1️⃣{ "name": "a" }]"#),
            expected: [
                .error(
                    "1️⃣", "rule.missing-key", "a step needs 'actions'",
                    help: "add \"actions\": [{ \"send\": \"crm\", \"type\": \"care.hello\" }]")
            ]),
        Case(
            name: "two steps of one name", file: steps(#"[{ "name": "a", \#(one) }, { "name": 1️⃣"a", \#(one) }]"#),
            expected: [.error("1️⃣", "rule.duplicate-step", "a second step is named 'a'", help: "give it another name")]),
        Case(
            name: "a name that is another's position", file: steps(#"[{ "name": "2", \#(one) }, 1️⃣{ \#(one) }]"#),
            expected: [
                .error(
                    "1️⃣", "rule.duplicate-step", "a second step is named '2'",
                    help: "its name is its position: give it another")
            ]),
        Case(
            name: "two unnamed steps",
            file: steps(#"[{ \#(one) }, { "name": "a", \#(one) }, 1️⃣{ \#(one) }, { \#(one) }]"#),
            expected: [
                .warning(
                    "1️⃣", "rule.unnamed", "two steps have no name",
                    help: "name them: their place in the list is their identity, and moving one would change it")
            ]),
        Case(name: "one unnamed step", file: steps(#"[{ \#(one) }, { "name": "a", \#(one) }]"#), expected: []),
        Case(
            name: "after and sinceEntry", file: steps(#"[{ "after": "P1D", 1️⃣"sinceEntry": "P2D", \#(one) }]"#),
            expected: [
                .error(
                    "1️⃣", "rule.conflict", "a step has both 'after' and 'sinceEntry'",
                    help: "'after' waits since the step before has ended, 'sinceEntry' since the entry")
            ]),
        Case(
            name: "an unknown segment in a step", file: steps(#"[{ "condition": { "segment": 1️⃣"vipp" }, \#(one) }]"#),
            expected: [.error("1️⃣", "rule.unknown-segment", "unknown segment 'vipp'", help: "did you mean 'vip'?")]),
    ]

    static let actionCases = [
        Case(
            name: "no actions", file: actions("1️⃣[]"),
            expected: [.error("1️⃣", "rule.wrong-type", "'actions' must not be an empty list", help: "add an action")]),
        Case(
            name: "an empty action", file: actions("[1️⃣{}]"),
            expected: [
                .error("1️⃣", "rule.missing-key", "an action needs 'send'", help: "add \"send\": \"crm\""),
                .error("1️⃣", "rule.missing-key", "an action needs 'type'", help: "add \"type\": \"care.hello\""),
            ]),
        Case(
            name: "two actions of one name", file: actions(#"[{ "name": "a", \#(send) }, { "name": 1️⃣"a", \#(send) }]"#),
            expected: [
                .error("1️⃣", "rule.duplicate-action", "a second action is named 'a'", help: "give it another name")
            ]),
        Case(
            name: "two unnamed actions", file: actions(#"[{ \#(send) }, 1️⃣{ \#(send) }]"#),
            expected: [
                .warning(
                    "1️⃣", "rule.unnamed", "two actions have no name",
                    help: "name them: their place in the list is their identity, and moving one would change it")
            ]),
        Case(
            name: "another audience", file: actions(#"[{ "audience": 1️⃣"staf", \#(send) }]"#),
            expected: [
                .error(
                    "1️⃣", "rule.wrong-value", "audience must be 'customer' or 'staff', not 'staf'",
                    help: "did you mean 'staff'?")
            ]),
        Case(
            name: "an unknown destination far away", file: actions(#"[{ "send": 1️⃣"warehouse-7", "type": "t" }]"#),
            expected: [
                .error(
                    "1️⃣", "rule.unknown-destination", "care.json defines no destination 'warehouse-7'",
                    help: "it defines crm, helpdesk, tasks")
            ]),
        Case(
            name: "a choice of nothing", file: actions(#"[{ "firstOf": 1️⃣[] }]"#),
            expected: [.error("1️⃣", "rule.wrong-type", "'firstOf' must not be an empty list", help: "add an action")]),
        Case(
            name: "a choice that is an action too",
            file: actions(#"[{ "firstOf": [{ "send": "crm", "type": "t" }], 1️⃣"send": "crm" }]"#),
            expected: [
                .error(
                    "1️⃣", "rule.unknown-key", "unknown key 'send' in a choice of actions",
                    help: "a choice of actions may have name, firstOf")
            ]),
        Case(
            name: "a choice inside a choice",
            file: actions(#"[{ "firstOf": [{ 1️⃣"firstOf": [], "send": "crm", "type": "t" }] }]"#),
            expected: [
                .error(
                    "1️⃣", "rule.unknown-key", "unknown key 'firstOf' in an action",
                    help: "an action may have name, send, to, type, data, consent, audience, condition")
            ]),
        Case(
            name: "two alternatives of one name",
            file: actions(
                #"[{ "name": "n", "send": "crm", "type": "t" }, { "firstOf": [{ "name": 1️⃣"n", "send": "crm", "type": "t" }] }]"#
            ),
            expected: [
                .error("1️⃣", "rule.duplicate-action", "a second action is named 'n'", help: "give it another name")
            ]),
        Case(
            name: "a consent of no attribute", file: actions(#"[{ "send": "crm", "type": "t", "consent": 1️⃣"email" }]"#),
            expected: [
                .error(
                    "1️⃣", "rule.unknown-consent", "no attribute is a consent of the channel 'email'",
                    help: "declare one: { \"type\": \"consent\", \"channel\": \"email\" }")
            ]),
    ]

    @Test(arguments: reentries + parts + stepCases + actionCases) func `tells what is wrong`(_ test: Case) {
        expectFindings(in: test.file, test.expected)
    }

    @Test func `a list longer than its limit is one finding`() {
        let many = Array(repeating: #"{ "send": "crm", "type": "t" }"#, count: 51).joined(separator: ",")
        expectFindings(
            in: Self.actions("1️⃣[\(many)]"),
            [.error("1️⃣", "rule.limit", "51 actions of a campaign: at most 50 are allowed", help: "split it up")])
    }

    @Test func `an empty environment has no destinations`() {
        expectFindings(
            in: Self.actions(#"[{ "send": 1️⃣"crm", "type": "t" }]"#),
            [
                .error(
                    "1️⃣", "rule.unknown-destination", "care.json defines no destination 'crm'",
                    help: "care.json defines no destinations at all")
            ], destinations: [])
    }

    @Test func `without an environment destinations are not checked`() {
        expectFindings(in: Self.actions(#"[{ "send": "anything", "type": "t" }]"#), [], destinations: nil)
    }
}

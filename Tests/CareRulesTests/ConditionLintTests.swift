import Testing

@testable import CareRules

/// Conditions that come out the same for everybody.
struct ConditionLintTests {
    static func segment(_ condition: String) -> String { #"{ "segments": { "s": \#(condition) } }"# }

    static let always: [(String, String?)] = [
        (#"{ "and": [{ "segment": "vip" }, { 1️⃣">=": [{ "var": "purchases" }, 0] }] }"#, "purchases is 0 or more"),
        (#"{ "or": [{ "segment": "vip" }, { 1️⃣"<": [{ "bucket": ["x"] }, 1] }] }"#, "bucket is from 0 to less than 1"),
        (#"{ 1️⃣"==": [{ "var": "points" }, { "var": "points" }] }"#, nil),
        (#"{ 1️⃣">=": [{ "var": "purchases" }, { "var": "purchases" }] }"#, nil),
        (#"{ 1️⃣"<": [1, 2] }"#, nil),
        (#"{ 1️⃣"or": [true, { "segment": "vip" }] }"#, "one of its parts is 'true'"),
        (
            #"{ 1️⃣"or": [{ ">": [{ "var": "purchases" }, 5] }, { "<=": [{ "var": "purchases" }, 5] }] }"#,
            "one of the two always holds: purchases is more than 5, purchases is at most 5"
        ),
        (
            #"{ 1️⃣"or": [{ "==": [{ "var": "points" }, null] }, { "!=": [{ "var": "points" }, null] }] }"#,
            "one of the two always holds: points is missing, points is there"
        ),
        (
            #"{ "if": [{ 1️⃣">": [{ "var": "purchases" }, -1] }, { "segment": "vip" }, false] }"#,
            "purchases is 0 or more"
        ),
    ]

    @Test(arguments: always) func `always true`(condition: String, help: String?) {
        expectFindings(
            in: Self.segment(condition), [.warning("1️⃣", "rule.always-true", "this is always true", help: help)])
    }

    static let never: [(String, String?)] = [
        (#"{ "or": [{ "segment": "vip" }, { 1️⃣"<": [{ "var": "purchases" }, 0] }] }"#, "purchases is 0 or more"),
        (
            #"{ "or": [{ "segment": "vip" }, { 1️⃣">": [{ "days_until_birthday": { "var": "birthday" } }, 366] }] }"#,
            "days_until_birthday birthday is from 0 to 366"
        ),
        (#"{ 1️⃣"<": [{ "var": "points" }, { "var": "points" }] }"#, nil),
        (#"{ 1️⃣"in": [{ "var": "country" }, []] }"#, nil),
        (#"{ 1️⃣"<": [{ "var": "tier" }, "bronze"] }"#, "tier is one of bronze, silver, gold, platinum"),
        (#"{ 1️⃣"and": [{ "segment": "vip" }, false] }"#, "one of its parts is 'false'"),
    ]

    @Test(arguments: never) func `never true`(condition: String, help: String?) {
        expectFindings(
            in: Self.segment(condition), [.warning("1️⃣", "rule.never-true", "this is never true", help: help)])
    }

    @Test func `the innermost constant part is named, once`() {
        expectFindings(
            in: Self.segment(#"{ "!": [{ 1️⃣"==": [1, 1] }] }"#),
            [.warning("1️⃣", "rule.always-true", "this is always true")])
    }

    @Test(arguments: [
        // Who has no tier, no points, is not met by either.
        #"{ ">=": [{ "var": "tier" }, "bronze"] }"#,
        #"{ "or": [{ ">": [{ "var": "points" }, 5] }, { "<=": [{ "var": "points" }, 5] }] }"#,
        #"{ "or": [{ ">": [{ "var": "purchases" }, 5] }, { "<": [{ "var": "purchases" }, 5] }] }"#,
        #"{ ">=": [{ "var": "points" }, { "var": "points" }] }"#,
        #"{ ">": [{ "var": "purchases" }, 0] }"#, #"{ "<": [{ "var": "purchases" }, 1] }"#,
        #"{ "or": [{ "var": "optedOut" }, { "segment": "vip" }] }"#,
        #"{ ">=": [{ "age": { "var": "birthday" } }, 18] }"#,
        #"{ "and": [{ "!=": [{ "var": "tier" }, null] }, { "!=": [{ "var": "tier" }, "gold"] }] }"#,
        #"{ "some": [["a"], { "==": [{ "var": "" }, "b"] }] }"#, #"{ "==": [{ "var": ["points", 0] }, 0] }"#,
        "true", "false",
    ]) func `what can come out either way is passed over`(condition: String) {
        expectFindings(in: Self.segment(condition), [])
    }

    @Test func `a segment whose parts exclude each other has no member`() {
        expectFindings(
            in: Self.segment(#"{ 1️⃣"and": [{ "segment": "vip" }, { "<": [{ "var": "tier" }, "gold"] }] }"#),
            [
                .warning(
                    "1️⃣", "rule.never-true", "segment 's' never has a member",
                    help: "never both: vip is gold or above, tier is silver or below")
            ])
    }

    @Test func `the trigger's own demands count too`() {
        expectFindings(
            in: Samples.campaign(
                #""trigger": { "event": "purchase", "where": { "==": [{ "var": "purchases" }, 1] } }, "condition": { 1️⃣">=": [{ "var": "purchases" }, 2] }"#
            ),
            [
                .warning(
                    "1️⃣", "rule.never-fires", "campaign 'c' can never fire",
                    help: "never both: purchases is 1, purchases is at least 2")
            ])
        expectFindings(
            in: Samples.campaign(
                #""trigger": { "segment": { "entered": "vip" } }, "condition": { 1️⃣"==": [{ "var": "tier" }, "silver"] }"#
            ),
            [
                .warning(
                    "1️⃣", "rule.never-fires", "campaign 'c' can never fire",
                    help: "never both: vip is gold or above, tier is silver")
            ])
        expectFindings(
            in: Samples.campaign(
                #""trigger": { "change": { "of": "tier", "to": ["bronze", "silver"] } }, "condition": { 1️⃣"segment": "vip" }"#
            ),
            [
                .warning(
                    "1️⃣", "rule.never-fires", "campaign 'c' can never fire",
                    help: "never both: tier is silver or below, vip is gold or above")
            ])
        expectFindings(
            in: Samples.campaign(#""trigger": { "change": { "of": "tier", "from": "gold", "to": 1️⃣"gold" } }"#),
            [
                .warning(
                    "1️⃣", "rule.never-fires", "campaign 'c' can never fire",
                    help: "a change from a value to itself is none")
            ])
        expectFindings(
            in: Samples.campaign(
                #""trigger": { "segment": { "left": "vip" } }, "condition": { "==": [{ "var": "tier" }, "silver"] }"#),
            [])
    }

    @Test func `a step and an action are asked together with the campaign`() {
        let actions = """
            "steps": [{ "name": "a", "condition": { 1️⃣"==": [{ "var": "tier" }, "silver"] }, "actions": [{ "send": "crm", "type": "t" }] },
              { "name": "b", "actions": [{ "name": "x", "send": "crm", "type": "t", "condition": { 2️⃣"<": [{ "var": "tier" }, "gold"] } }] }]
            """
        expectFindings(
            in: Samples.campaign(
                #""trigger": { "change": { "of": "points" } }, "condition": { "segment": "vip" }"#, actions: actions),
            [
                .warning(
                    "1️⃣", "rule.never-true", "the step is never run",
                    help: "never both: vip is gold or above, tier is silver"),
                .warning(
                    "2️⃣", "rule.never-true", "the action is never done",
                    help: "never both: vip is gold or above, tier is silver or below"),
            ])
    }

    @Test func `pauses and the 'where' of traits are looked at`() {
        expectFindings(
            in: """
                { "traits": { "t": { "count": { "event": "purchase", "where": { 1️⃣"<": [2, 1] } } } },
                  "policies": { "pauses": [{ "name": "p", "when": { 2️⃣">=": [{ "var": "purchases" }, 0] }, "then": "hold" }] } }
                """,
            [
                .warning("1️⃣", "rule.never-true", "this is never true"),
                .warning("2️⃣", "rule.always-true", "this is always true", help: "purchases is 0 or more"),
            ])
    }

    @Test(arguments: [
        #"{ "and": [{ "!=": [{ "var": "tier" }, null] }, { "!=": [{ "var": "tier" }, "gold"] }] }"#,
        #"{ "and": [{ ">": [{ "var": "points" }, 3] }, { "!=": [{ "var": "points" }, 7] }] }"#,
    ]) func `'!=' is not warned about where the value is asked for beside it`(condition: String) {
        expectFindings(in: Self.segment(condition), [])
    }

    @Test func `nor where the trigger would not have fired without it`() {
        expectFindings(
            in: Samples.campaign(
                #""trigger": { "anniversary": { "of": "birthday" } }, "condition": { "!=": [{ "var": "birthday" }, "2000-02-29"] }"#
            ),
            [])
    }

    @Test(arguments: [
        #""attributes": { "since": { "type": "date", "default": 1️⃣"1970-01-01" } }"#,
        #""attributes": { "born": { "type": "birthday", "default": 1️⃣"1900-01-01" } }"#,
    ]) func `a default that stands for not known is a warning`(section: String) {
        let date = section.contains("1970") ? "1970-01-01" : "1900-01-01"
        expectFindings(
            in: "{ \(section) }",
            [
                .warning(
                    "1️⃣", "rule.sentinel-date",
                    "\(date) stands for \"not known\" in many systems, and greets nobody",
                    help: "take the default out: what is not known is missing")
            ])
    }

    @Test func `the first purchase of several steps comes once, and need not say so`() {
        expectFindings(
            in: Samples.campaign(
                #""trigger": { "event": "purchase", "where": { "==": [{ "var": "purchases" }, 1] } }"#,
                actions: LintTests.two), [])
    }
}

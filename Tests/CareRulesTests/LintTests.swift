import Testing

@testable import CareRules

/// Warnings: what may be meant, and often is not.
struct LintTests {
    static let two =
        #""steps": [{ "name": "a", "actions": [{ "send": "crm", "type": "t" }] }, { "name": "b", "after": "P1D", "actions": [{ "send": "crm", "type": "t" }] }]"#

    @Test func `a campaign on events of several steps should say whether one enters again`() {
        expectFindings(
            in: #"{ "campaigns": { 1️⃣"c": { "trigger": { "event": "purchase" }, \#(Self.two) } } }"#,
            [
                .warning(
                    "1️⃣", "rule.reentry-not-said", "campaign 'c' has several steps and starts anew at every event",
                    help: "say \"reentry\": \"afterExit\", or \"always\" if that is meant; 'entryKey' counts per value")
            ])
    }

    @Test(arguments: [
        #""trigger": { "event": "purchase" }, "reentry": "always""#,
        #""trigger": { "event": "purchase" }, "entryKey": { "var": "event.amount" }"#,
        #""trigger": { "change": { "of": "tier" } }"#,
    ]) func `who says it, or has no events, is not warned`(members: String) {
        expectFindings(in: #"{ "campaigns": { "c": { \#(members), \#(Self.two) } } }"#, [])
    }

    static func segment(_ condition: String) -> String { #"{ "segments": { "s": \#(condition) } }"# }

    @Test func `'!=' over an attribute that may be missing is true without it`() {
        expectFindings(
            in: Self.segment(#"{ "!=": [{ "var": 1️⃣"tier" }, "gold"] }"#),
            [
                .warning(
                    "1️⃣", "rule.missing-value", "'tier' may be missing, and '!=' is then true",
                    help: "give it a 'default', or add { \"!=\": [{ \"var\": \"tier\" }, null] }")
            ])
    }

    @Test func `'!' over a flag that may be missing can be compared with false`() {
        expectFindings(
            in:
                #"{ "attributes": { "flag": { "type": "boolean" } }, "segments": { "x": { "!": [{ "var": 1️⃣"flag" }] } } }"#,
            [
                .warning(
                    "1️⃣", "rule.missing-value", "'flag' may be missing, and '!' of it never matches then",
                    help: "give it a 'default', or compare: { \"==\": [{ \"var\": \"flag\" }, false] }")
            ])
    }

    @Test(arguments: ["birthday", "firstPurchaseAt", "tier"])
    func `'!' over what may be missing never matches without it`(name: String) {
        expectFindings(
            in: Self.segment(#"{ "or": [{ "segment": "vip" }, { "!": [{ "var": 1️⃣"\#(name)" }] }] }"#),
            [
                .warning(
                    "1️⃣", "rule.missing-value", "'\(name)' may be missing, and '!' of it never matches then",
                    help: "give it a 'default', or ask for it: { \"==\": [{ \"var\": \"\(name)\" }, null] }")
            ])
    }

    @Test(arguments: [
        #"{ "!": [{ "var": "optedOut" }] }"#, #"{ "!": { "segment": "vip" } }"#,
        #"{ "!=": [{ "var": "purchases" }, 1] }"#,
        #"{ "!=": [{ "var": "tier" }, null] }"#, #"{ "==": [{ "var": "tier" }, "gold"] }"#,
    ]) func `what cannot be missing, or asks for it, is not warned about`(condition: String) {
        expectFindings(in: Self.segment(condition), [])
    }

    @Test(arguments: [
        (#"{ "and": [{ "segment": "vip" }, 1️⃣"gold"] }"#, "and", "a string"),
        (#"{ "or": [{ "segment": "vip" }, { "and": [true, 1️⃣5] }] }"#, "and", "a number"),
        (#"{ "!": [{ "or": [{ "segment": "vip" }, 1️⃣["gold"]] }] }"#, "or", "a list"),
        (#"{ "!": 1️⃣"gold" }"#, "!", "a string"),
    ]) func `what and, or and '!' put together in a condition is true or false`(
        condition: String, name: String, kind: String
    ) {
        expectFindings(
            in: Self.segment(condition),
            [
                .error(
                    "1️⃣", "rule.type-mismatch",
                    "what '\(name)' asks in a condition must be true or false, not \(kind)",
                    help: #"write an operator: { ">=": [{ "var": "tier" }, "gold"] }"#)
            ])
    }

    @Test func `a value may fall back on a text`() {
        expectFindings(
            in: Samples.campaign(
                #""trigger": { "event": "purchase" }"#
            ).replacing(
                #""type": "t""#,
                with: #""type": "t", "data": { "to": { "$value": { "or": [{ "var": "tier" }, "friend"] } } }"#), [])
    }

    static let never: [(String, String)] = [
        (
            #"{ 1️⃣"and": [{ "segment": "vip" }, { "==": [{ "var": "tier" }, "bronze"] }] }"#,
            "vip is gold or above, tier is bronze"
        ),
        (
            #"{ 1️⃣"and": [{ "<": [{ "var": "tier" }, "gold"] }, { "and": [true, { "segment": "vip" }] }] }"#,
            "tier is silver or below, vip is gold or above"
        ),
        (
            #"{ 1️⃣"and": [{ "in": [{ "var": "country" }, ["de"]] }, { "==": ["fr", { "var": "country" }] }] }"#,
            "country is de, country is fr"
        ),
        (
            #"{ 1️⃣"and": [{ ">": [{ "var": "points" }, 5] }, { "<": [{ "var": "points" }, 5] }] }"#,
            "points is more than 5, points is less than 5"
        ),
        (
            #"{ 1️⃣"and": [{ ">": [{ "var": "purchases" }, 2] }, { "<": [{ "var": "purchases" }, 3] }] }"#,
            "purchases is more than 2, purchases is less than 3"
        ),
        (
            #"{ 1️⃣"and": [{ "var": "optedOut" }, { "!": [{ "var": "optedOut" }] }] }"#,
            "optedOut is true, optedOut is false"
        ),
        (
            #"{ 1️⃣"and": [{ "==": [{ "var": "name" }, "a"] }, { "in": [{ "var": "name" }, ["b", "c"]] }] }"#,
            "name is a, name is b or c"
        ),
        (
            #"{ 1️⃣"and": [{ "segment": "vip" }, { "or": [{ "==": [{ "var": "tier" }, "bronze"] }, { "==": [{ "var": "tier" }, "silver"] }] }] }"#,
            "vip is gold or above, tier is bronze"
        ),
        (
            #"{ 1️⃣"and": [{ "==": [{ "var": "points" }, null] }, { ">": [{ "var": "points" }, 3] }] }"#,
            "points is missing, points is more than 3"
        ),
        (
            #"{ 1️⃣"and": [{ ">": [{ "var": "tier" }, "gold"] }, { "<=": ["gold", { "var": "tier" }] }, { "<": [{ "var": "tier" }, "platinum"] }] }"#,
            "tier is platinum, tier is gold or below"
        ),
    ]

    @Test(arguments: never) func `a condition that no customer can meet`(condition: String, phrase: String) {
        expectFindings(
            in: Samples.campaign(#""trigger": { "event": "purchase" }, "condition": "# + condition),
            [.warning("1️⃣", "rule.never-fires", "campaign 'c' can never fire", help: "never both: " + phrase)])
    }

    @Test(arguments: [
        #"{ "and": [{ "segment": "vip" }, { "==": [{ "var": "tier" }, "gold"] }] }"#,
        #"{ "or": [{ "segment": "vip" }, { "==": [{ "var": "tier" }, "bronze"] }] }"#,
        #"{ "and": [{ "segment": "vip" }, { "!": { "==": [{ "var": "tier" }, "bronze"] } }] }"#,
        #"{ "and": [{ ">": [{ "var": "points" }, 3] }, { "<": [{ "var": "points" }, 5] }] }"#,
        #"{ "and": [{ ">": [{ "var": "points" }, 5] }, { "<": [{ "var": "purchases" }, 3] }] }"#,
    ]) func `is not said of what can be met, or is not understood`(condition: String) {
        expectFindings(in: Samples.campaign(#""trigger": { "event": "purchase" }, "condition": "# + condition), [])
    }

    @Test func `segments built on each other twice over are looked into once`() {
        // Taken apart each time they are named, these would be 2⁴⁰ segments.
        var segments = [#""s0": { "segment": "vip" }"#]
        for level in 1...40 {
            segments.append(
                #""s\#(level)": { "and": [{ "segment": "s\#(level - 1)" }, { "segment": "s\#(level - 1)" }] }"#)
        }
        let text = """
            { "segments": { \(segments.joined(separator: ", ")) }, "campaigns": { "c": {
              "trigger": { "event": "purchase" }, "condition": { "segment": "s40" }, "actions": [{ "send": "crm", "type": "t" }] } } }
            """
        let result = Samples.load(Samples.base, text)
        #expect(result.diagnostics.filter { $0.code != "rule.limit" } == [])
    }

    @Test func `circles among segments end the search too`() {
        let text = """
            { "segments": { "a": { "and": [{ "segment": "b" }, { "segment": "b" }] }, "b": { "and": [{ "segment": "a" }, { "segment": "a" }] } },
              "campaigns": { "c": { "trigger": { "event": "purchase" }, "condition": { "segment": "a" }, "actions": [{ "send": "crm", "type": "t" }] } } }
            """
        let result = Samples.load(Samples.base, text)
        #expect(Set(result.diagnostics.map(\.code)) == ["rule.circular"])
    }

    static let slips: [(String, String, Bool)] = [
        ("purchase", "purchse", true), ("purchase", "purchasse", true), ("purchase", "purchaes", true),
        ("purchase", "burchase", true), ("purchase", "purchase", false), ("purchase", "prchse", false),
        ("complaint.opened", "complaint.reopened", false), ("a", "b", true), ("", "a", true), ("ab", "ba", true),
        ("abc", "cba", false),
    ]

    @Test(arguments: slips) func `one slip is one letter more, less, other, or two swapped`(
        left: String, right: String, isSlip: Bool
    ) {
        #expect(isOneSlipAway(left, right) == isSlip)
        #expect(isOneSlipAway(right, left) == isSlip)
    }
}

import CareValues
import Testing

@testable import CareRules

/// Warnings about what gates make impossible.
struct GateLintTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var policies: String
        var campaign: String
        var expected: [Expected]
        var testDescription: String { name }
    }

    static let night = #""quietHours": { "from": "21:00", "until": "08:00" }"#
    static let office = #""windows": { "business": { "from": "09:00", "until": "18:00" } }"#

    static func quiet(
        _ mark: String, _ time: String, help: String = "it would wait until 08:00: choose a time outside them"
    )
        -> Expected
    {
        .warning(mark, "rule.at-in-quiet-hours", "\(time) lies in the quiet hours 21:00 until 08:00", help: help)
    }

    static func steps(
        _ members: String, actions: String = #"[{ "send": "crm", "type": "t" }]"#, campaign: String = ""
    ) -> String {
        #"\#(campaign) "trigger": { "event": "purchase" }, "steps": [{ \#(members) "actions": \#(actions) }]"#
    }

    static let cases = [
        Case(
            name: "the first quiet moment", policies: night, campaign: steps(#""at": 1️⃣"21:00","#),
            expected: [quiet("1️⃣", "21:00")]),
        Case(
            name: "the last quiet moment", policies: night, campaign: steps(#""at": 1️⃣"07:59:59","#),
            expected: [quiet("1️⃣", "07:59:59")]),
        Case(name: "the end of quiet hours", policies: night, campaign: steps(#""at": "08:00","#), expected: []),
        Case(name: "before quiet hours", policies: night, campaign: steps(#""at": "20:59:59","#), expected: []),
        Case(
            name: "quiet hours that suppress",
            policies: #""quietHours": { "from": "21:00", "until": "08:00", "then": "suppress" }"#,
            campaign: steps(#""at": 1️⃣"23:00","#),
            expected: [quiet("1️⃣", "23:00", help: "it would never go out: choose a time outside them")]),
        Case(
            name: "quiet hours of another destination",
            policies: #""quietHours": { "from": "21:00", "until": "08:00", "destinations": ["helpdesk"] }"#,
            campaign: steps(#""at": "23:00","#), expected: []),
        Case(
            name: "quiet hours that are none", policies: #""quietHours": { "from": "08:00", "until": "08:00" }"#,
            campaign: steps(#""at": "08:00","#), expected: []),
        Case(
            name: "an action for staff", policies: night,
            campaign: steps(#""at": "23:00","#, actions: #"[{ "send": "crm", "audience": "staff", "type": "t" }]"#),
            expected: []),
        Case(
            name: "a campaign that ignores them", policies: night,
            campaign: steps(#""at": "23:00","#, campaign: #""quietHours": "ignore","#), expected: []),
        Case(
            name: "the trigger's time", policies: night,
            campaign:
                #""trigger": { "anniversary": { "of": "birthday", "at": 1️⃣"06:00" } }, "actions": [{ "send": "crm", "type": "t" }]"#,
            expected: [quiet("1️⃣", "06:00")]),
        Case(
            name: "the policies' time", policies: night + #", "at": "07:00""#,
            campaign:
                #""trigger": { 1️⃣"anniversary": { "of": "birthday" } }, "actions": [{ "send": "crm", "type": "t" }]"#,
            expected: [quiet("1️⃣", "07:00")]),
        Case(
            name: "the trigger's time, and a step with a wait", policies: night,
            campaign:
                #""trigger": { "anniversary": { "of": "birthday", "at": "06:00" } }, "steps": [{ "after": "PT4H", "actions": [{ "send": "crm", "type": "t" }] }]"#,
            expected: []),
        Case(
            name: "a time outside the window", policies: office,
            campaign: steps(#""window": "business", "at": 1️⃣"18:00","#),
            expected: [
                .warning(
                    "1️⃣", "rule.at-outside-window", "18:00 lies outside the window 'business', 09:00 until 18:00",
                    help: "choose a time inside it: the step waits for a day on which both are so")
            ]),
        Case(
            name: "a time inside the window", policies: office,
            campaign: steps(#""window": "business", "at": "09:00","#), expected: []),
        Case(
            name: "more at once than a cap lets through",
            policies: #""caps": [{ "name": "day", "max": 1, "per": { "calendar": "day" } }]"#,
            campaign: steps(
                "",
                actions: #"1️⃣[{ "name": "a", "send": "crm", "type": "t" }, { "name": "b", "send": "crm", "type": "t" }]"#
            ),
            expected: [
                .warning(
                    "1️⃣", "rule.unreachable", "the step orders 2 messages at once, and the cap 'day' lets 1 through",
                    help: "the others would never go out")
            ]),
        Case(
            name: "as many as a cap lets through",
            policies: #""caps": [{ "name": "day", "max": 2, "per": { "calendar": "day" } }]"#,
            campaign: steps(
                "",
                actions: #"[{ "name": "a", "send": "crm", "type": "t" }, { "name": "b", "send": "crm", "type": "t" }]"#),
            expected: []),
        Case(
            name: "one of two, by condition",
            policies: #""caps": [{ "name": "day", "max": 1, "per": { "calendar": "day" } }]"#,
            campaign: steps(
                "",
                actions:
                    #"[{ "name": "a", "condition": { "var": "optedOut" }, "send": "crm", "type": "t" }, { "name": "b", "send": "crm", "type": "t" }]"#
            ),
            expected: []),
        Case(
            name: "a holdout of everybody", policies: "", campaign: steps("", campaign: #""holdout": 1️⃣1,"#),
            expected: [
                .warning(
                    "1️⃣", "rule.unreachable", "the holdout is everybody: nobody is ever acted on",
                    help: "0.1 holds out every tenth customer")
            ]),
    ]

    @Test(arguments: cases) func `warns of what gates make impossible, and of nothing else`(_ test: Case) {
        expectFindings(
            in: "{ \"policies\": { \(test.policies) }, \"campaigns\": { \"c\": { \(test.campaign) } } }", test.expected)
    }
}

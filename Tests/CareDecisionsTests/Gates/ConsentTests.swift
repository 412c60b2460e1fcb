import CareDecisions
import CareValues
import Testing

/// Gates `no_consent` and `no_address`, and the choice among actions that hangs on them.
@Suite struct ConsentTests {
    static let mail = #""send": "mail", "to": { "var": "email" }, "consent": "email", "type": "t""#

    static func log(
        _ rules: String, _ values: JSONObject, then later: JSONObject? = nil
    ) throws -> [String] {
        var world = try World(rules: rules, start: "2026-05-01 00:00")
        if !values.members.isEmpty { try world.set(values, at: "2026-05-01 09:00") }
        try world.event("hello", at: "2026-05-10 10:00")
        if let later { try world.set(later, at: "2026-05-10 11:00") }
        try world.pass(until: "2026-06-30 00:00")
        return world.actionLog
    }

    static let consents: [(JSONObject, String)] = [
        (["email": "a@b.example", "emailConsent": "granted"], "act"),
        (["email": "a@b.example", "emailConsent": "denied"], "suppress no_consent"),
        (["email": "a@b.example"], "suppress no_consent"),
        (["email": "a@b.example", "smsConsent": "granted"], "suppress no_consent"),
        (["emailConsent": "granted"], "suppress no_address"),
        (["email": "", "emailConsent": "granted"], "suppress no_address"),
        ([:], "suppress no_consent"),
    ]

    @Test(arguments: consents)
    func `a channel needs consent, missing is denied, and then an address`(
        values: JSONObject, expected: String
    ) throws {
        let rules = GateRules.file(GateRules.oneAction("hello", action: Self.mail))
        #expect(try Self.log(rules, values) == ["05-10 10:00 hello/1/1 \(expected)"])
    }

    @Test func `an action for staff needs no consent`() throws {
        let rules = GateRules.file(GateRules.oneAction("hello", action: Self.mail + #", "audience": "staff""#))
        #expect(try Self.log(rules, ["email": "a@b.example"]) == ["05-10 10:00 hello/1/1 act"])
    }

    @Test func `consent given afterwards brings nothing back: suppress is final, and the entry goes on`() throws {
        let rules = GateRules.file(
            """
            "hello": { "trigger": { "event": "hello" }, "steps": [
              { "name": "a", "actions": [{ \(Self.mail) }] },
              { "name": "b", "after": "P1D", "actions": [{ \(Self.mail) }] } ] }
            """)
        #expect(
            try Self.log(rules, ["email": "a@b.example"], then: ["emailConsent": "granted"]) == [
                "05-10 10:00 hello/a/1 suppress no_consent", "05-11 10:00 hello/b/1 act",
            ])
    }

    // MARK: firstOf

    static func choice(_ members: String = "", policies: String = "") -> String {
        GateRules.file(
            """
            "hello": { \(members) "trigger": { "event": "hello" }, "actions": [
              { "name": "desk", "send": "desk", "audience": "staff", "type": "t" },
              { "name": "notice", "firstOf": [
                { "name": "gold", "condition": { "segment": "vip" }, "send": "crm", "type": "t" },
                { \(Self.mail) }, { "send": "sms", "to": { "var": "mobile" }, "consent": "sms", "type": "t" } ] } ] }
            """, policies: policies)
    }

    static let choices: [(JSONObject, [String])] = [
        (["tier": "gold"], ["gold act", "notice.2 suppress not_chosen", "notice.3 suppress not_chosen"]),
        (
            ["tier": "silver", "email": "a@b.example", "emailConsent": "granted"],
            ["gold skip condition", "notice.2 act", "notice.3 suppress not_chosen"]
        ),
        (
            ["emailConsent": "granted", "mobile": "1", "smsConsent": "granted"],
            ["gold skip condition", "notice.2 suppress no_address", "notice.3 act"]
        ),
        (
            ["emailConsent": "granted", "mobile": "1"],
            ["gold skip condition", "notice.2 suppress no_address", "notice.3 suppress no_consent"]
        ),
    ]

    @Test(arguments: choices)
    func `of a choice the first that condition, consent and address allow is done, and the others are recorded with it`(
        values: JSONObject, expected: [String]
    ) throws {
        #expect(
            try Self.log(Self.choice(), values)
                == (["desk act"] + expected).map { "05-10 10:00 hello/1/" + $0 })
    }

    @Test func `a gate after the choice refuses the chosen one, and no other is taken for it`() throws {
        let capped = #""caps": [{ "name": "none", "destinations": ["crm"], "max": 0, "per": { "calendar": "day" } }]"#
        #expect(
            try Self.log(Self.choice(policies: capped), ["tier": "gold", "mobile": "1", "smsConsent": "granted"]) == [
                "05-10 10:00 hello/1/desk act", "05-10 10:00 hello/1/gold suppress frequency_cap",
                "05-10 10:00 hello/1/notice.2 suppress not_chosen", "05-10 10:00 hello/1/notice.3 suppress not_chosen",
            ])
    }

    static let stop = #""pauses": [{ "name": "stop", "when": { "var": "doNotContact" }, "then": "hold" }]"#

    @Test func `after a hold the choice is made anew, and stays under the name last held until then`() throws {
        let values: JSONObject = ["tier": "gold", "doNotContact": .bool(true), "mobile": "1", "smsConsent": "granted"]
        #expect(
            try Self.log(
                Self.choice(policies: Self.stop), values, then: ["tier": "silver", "doNotContact": .bool(false)]) == [
                    "05-10 10:00 hello/1/desk act", "05-10 10:00 hello/1/gold hold paused",
                    "05-10 11:00 hello/1/gold skip condition", "05-10 11:00 hello/1/notice.2 suppress no_consent",
                    "05-10 11:00 hello/1/notice.3 act",
                ])
        #expect(
            try Self.log(Self.choice(policies: Self.stop), values, then: ["tier": "silver"]).suffix(2) == [
                "05-10 10:00 hello/1/gold hold paused", "05-13 10:00 hello/1/gold skip too_late",
            ])
    }

    @Test
    func
        `too late, a false condition of the step and the end of the entry give a choice one row, under its first name`()
        throws
    {
        let held = Self.choice(
            #""exit": { "condition": { "==": [{ "var": "tier" }, "bronze"] } },"#, policies: Self.stop)
        let exited = try Self.log(held, ["doNotContact": .bool(true), "tier": "gold"], then: ["tier": "bronze"])
        #expect(exited.last == "05-10 11:00 hello/1/gold skip exited")
        #expect(exited.count == 3)

        let rules = GateRules.file(
            """
            "hello": { "trigger": { "event": "hello" }, "steps": [{ "name": "s", "condition": { "segment": "vip" },
              "actions": [{ "firstOf": [{ "name": "x", "send": "crm", "type": "t" },
                { "name": "y", "send": "crm", "type": "t" }] }] }] }
            """)
        #expect(try Self.log(rules, [:]) == ["05-10 10:00 hello/s/x skip condition"])
    }
}

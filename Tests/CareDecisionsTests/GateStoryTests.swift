import CareDecisions
import CareValues
import Testing

/// Stories in which gates hold, refuse and let go, each run at every due instant, by ticks of ten minutes, and as a
/// plan.
@Suite struct GateStoryTests {
    static let paces = StoryTests.paces
    static let ladderAndBirthday = GateRules.file(GateRules.ladder() + "," + GateRules.birthdayGold)
    static let ladder = GateRules.file(GateRules.ladder())

    /// A customer of Shanghai with an address, of this tier, whose birthday is 30 May.
    static func customer(_ tier: JSONValue, rules: String, pace: World.Pace) throws -> World {
        var world = try World(rules: rules, start: "2026-05-01 00:00", pace: pace)
        try world.set(
            [
                "tier": tier, "birthday": "1990-05-30", "email": "lin@example.com", "mobile": "13900000000",
                "emailConsent": "granted", "smsConsent": "granted",
            ], at: "2026-05-01 09:00")
        return world
    }

    @Test(arguments: paces)
    func
        `a complaint is answered at once, escalated in office hours, and holds the birthday greeting until it is resolved`(
            pace: World.Pace
        ) throws
    {
        var world = try Self.customer("gold", rules: Self.ladderAndBirthday, pace: pace)
        try world.event("complaint.opened", ["ticketId": "1"], at: "2026-05-22 17:30")
        try world.event("complaint.resolved", ["ticketId": "1"], at: "2026-05-25 11:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.actionLog == [
                "05-22 17:30 complaint-ladder/ack/customer act", "05-22 17:30 complaint-ladder/ack/desk act",
                "05-23 09:00 birthday-gold/1/1 hold paused", "05-25 09:00 complaint-ladder/escalate/1 skip condition",
                "05-25 10:30 complaint-ladder/escalate-vip/1 act", "05-25 11:00 complaint-ladder skip exited",
                "05-25 11:00 birthday-gold/1/1 act",
            ])
    }

    @Test(arguments: paces)
    func `a greeting held by a complaint that stays open is given up as too late`(pace: World.Pace) throws {
        var world = try Self.customer("gold", rules: Self.ladderAndBirthday, pace: pace)
        try world.event("complaint.opened", ["ticketId": "1"], at: "2026-05-22 17:30")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log.suffix(4) == [
                "05-25 09:00 complaint-ladder/escalate skip condition", "05-25 10:30 complaint-ladder/escalate-vip act",
                "05-25 17:30 complaint-ladder/follow-up act", "05-28 09:00 birthday-gold/1 skip too_late",
            ])
    }

    @Test(arguments: paces)
    func `two complaints are two ladders, and quiet hours are ignored where the campaign says so`(
        pace: World.Pace
    ) throws {
        var world = try Self.customer("silver", rules: Self.ladder, pace: pace)
        try world.event("complaint.opened", ["ticketId": "1"], at: "2026-05-22 17:30")
        try world.event("complaint.opened", ["ticketId": "2"], at: "2026-05-22 22:30")
        try world.event("complaint.resolved", ["ticketId": "2"], at: "2026-05-23 11:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.actionLog == [
                "05-22 17:30 complaint-ladder/ack/customer act", "05-22 17:30 complaint-ladder/ack/desk act",
                "05-22 22:30 complaint-ladder/ack/customer act", "05-22 22:30 complaint-ladder/ack/desk act",
                "05-23 11:00 complaint-ladder skip exited", "05-25 09:00 complaint-ladder/escalate/1 act",
                "05-25 10:30 complaint-ladder/escalate-vip/1 skip condition",
                "05-25 17:30 complaint-ladder/follow-up/1 act",
            ])
    }

    @Test(arguments: paces)
    func `thanks for a purchase late in the evening wait for the morning, and a second purchase skips the nudge`(
        pace: World.Pace
    ) throws {
        var world = try World(
            rules: GateRules.file(Rules.firstPurchase), start: "2026-01-01 00:00", pace: pace)
        try world.event("purchase", ["orderId": "o1"], at: "2026-01-05 23:00")
        try world.event("purchase", ["orderId": "o2"], at: "2026-01-05 23:30")
        try world.pass(until: "2026-03-01 00:00")
        #expect(
            world.log == [
                "01-05 23:00 first-purchase-thanks/thanks hold quiet_hours",
                "01-06 08:00 first-purchase-thanks/thanks act",
                "01-20 10:00 first-purchase-thanks/nudge skip condition",
            ])
    }

    @Test(arguments: paces)
    func `a detractor is called when the office opens, and asked again a week after the call`(
        pace: World.Pace
    ) throws {
        let rules = GateRules.file(
            """
            "nps-detractor": {
              "trigger": { "event": "survey.nps", "where": { "<=": [{ "var": "event.score" }, 6] } },
              "tags": ["service"], "reentry": { "cooldown": "P30D" }, "group": "retention", "priority": 85,
              "steps": [
                { "name": "call", "window": "business", "actions": [{ "send": "tasks", "audience": "staff",
                  "type": "care.nps.call", "data": { "owner": "{{ownerId}}" } }] },
                { "name": "again", "after": "P7D", "at": "10:00",
                  "condition": { "==": [{ "var": "openComplaints" }, 0] },
                  "actions": [{ "send": "mail", "to": { "var": "email" }, "consent": "email",
                    "type": "care.nps.again", "data": {} }] } ] }
            """)
        var world = try Self.customer("silver", rules: rules, pace: pace)
        try world.event("survey.nps", ["score": .number(3)], at: "2026-05-22 18:30")
        try world.pass(until: "2026-06-30 00:00")
        #expect(world.log == ["05-25 09:00 nps-detractor/call act", "06-01 10:00 nps-detractor/again act"])
    }

    @Test(arguments: paces)
    func `of two campaigns within one cap the one that was due first acts, also when one tick decides both`(
        pace: World.Pace
    ) throws {
        let rules = GateRules.file(
            """
            "win-back": { "trigger": { "inactivity": { "of": "purchase", "for": "P60D", "at": "10:01" } },
              "tags": ["marketing"], "actions": [{ "send": "crm", "type": "care.hello" }] },
            "birthday": { "trigger": { "anniversary": { "of": "birthday", "at": "10:07" } }, "tags": ["marketing"],
              "priority": 60, "actions": [{ "send": "crm", "type": "care.birthday" }] }
            """,
            policies: #""caps": [{ "name": "week", "tags": ["marketing"], "max": 1, "per": { "rolling": "P7D" } }]"#)
        var world = try World(rules: rules, start: "2026-01-01 00:00", pace: pace)
        try world.set(["birthday": "--03-04"], at: "2026-01-02 09:00")
        try world.event("purchase", at: "2026-01-02 12:00")
        try world.pass(until: "2026-03-04 10:10")
        #expect(world.log == ["03-04 10:01 win-back/1 act", "03-04 10:07 birthday/1 suppress frequency_cap"])
        #expect(world.decisions.last?.inputs["cap"] == .string("week"))
    }

    struct Hour: CustomTestStringConvertible {
        var at: String
        var expected: [String]
        var testDescription: String { at }
    }

    static let hours = [
        Hour(at: "07:59", expected: ["05-23 07:59 b/1 hold quiet_hours", "05-23 08:00 b/1 act"]),
        Hour(at: "08:00", expected: ["05-23 08:00 b/1 act"]), Hour(at: "20:59", expected: ["05-23 20:59 b/1 act"]),
        Hour(at: "21:00", expected: ["05-23 21:00 b/1 hold quiet_hours", "05-24 00:00 b/1 skip too_late"]),
    ]

    @Test(arguments: hours, paces)
    func `a greeting in quiet hours waits for their end, or is given up at the end of its day`(
        _ hour: Hour, pace: World.Pace
    ) throws {
        let rules = GateRules.file(
            """
            "b": { "trigger": { "anniversary": { "of": "birthday", "at": "\(hour.at)" } },
              "actions": [{ "send": "crm", "type": "care.b" }] }
            """)
        var world = try World(rules: rules, start: "2026-05-01 00:00", pace: pace)
        try world.set(["birthday": "--05-23"], at: "2026-05-02 09:00")
        try world.pass(until: "2026-05-30 00:00")
        // By ticks of ten minutes what falls due at :59 is noticed at the hour, and decided as of its instant.
        #expect(world.log == hour.expected)
    }

    @Test(arguments: paces, [false, true])
    func `an escalation that counts office hours survives an edit that leaves the steps as they are`(
        pace: World.Pace, moved: Bool
    ) throws {
        var world = try Self.customer("gold", rules: Self.ladder, pace: pace)
        try world.event("complaint.opened", ["ticketId": "1"], at: "2026-05-22 17:30")
        let other =
            #", { "name": "escalate-vip-2", "sinceEntry": "P9D", "actions": [{ "send": "desk", "type": "x" }] }"#
        try world.activate(GateRules.file(GateRules.ladder(last: moved ? other : "")), at: "2026-05-25 09:30")
        try world.pass(until: "2026-05-25 12:00")
        #expect(world.log.last == "05-25 10:30 complaint-ladder/escalate-vip act")
    }

    @Test(arguments: paces)
    func `a step moved to the end of the list is still due when its own wait is over`(pace: World.Pace) throws {
        let last =
            #"{ "name": "escalate-vip", "sinceEntry": "PT2H", "countIn": "business", "condition": { "segment": "vip" },"#
        var moved = GateRules.ladder(
            last: "," + last
                + #" "actions": [{ "send": "escalations", "audience": "staff", "type": "care.complaint.escalated", "data": { "ticket": "{{entry.ticketId}}", "vip": true } }] }"#
        )
        // The first of the two of that name goes.
        if let start = moved.firstRange(of: #"{ "name": "escalate-vip""#)?.lowerBound,
            let end = moved.firstRange(of: #"{ "name": "escalate","#)?.lowerBound
        {
            moved.removeSubrange(start..<end)
        }
        var world = try Self.customer("gold", rules: Self.ladder, pace: pace)
        try world.event("complaint.opened", ["ticketId": "1"], at: "2026-05-22 17:30")
        try world.activate(GateRules.file(moved), at: "2026-05-25 09:30")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log.suffix(3) == [
                "05-25 09:00 complaint-ladder/escalate skip condition", "05-25 10:30 complaint-ladder/escalate-vip act",
                "05-25 17:30 complaint-ladder/follow-up act",
            ])
    }

    @Test(arguments: paces)
    func `a step put in before the one done last is left out, whatever is edited after`(pace: World.Pace) throws {
        var world = try Self.customer("gold", rules: Self.ladder, pace: pace)
        try world.event("complaint.opened", ["ticketId": "1"], at: "2026-05-22 17:30")
        let call = """
            { "name": "call", "sinceEntry": "PT1H", "actions": [{ "send": "desk", "audience": "staff", "type": "c" }] },
            """
        let edited = GateRules.file(GateRules.ladder(inserted: call))
        try world.activate(edited, at: "2026-05-25 09:30")
        try world.activate(edited, at: "2026-05-25 09:40")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log.suffix(3) == [
                "05-25 09:00 complaint-ladder/escalate skip condition", "05-25 10:30 complaint-ladder/escalate-vip act",
                "05-25 17:30 complaint-ladder/follow-up act",
            ])
    }

    @Test(arguments: paces)
    func `a renamed escalation is not done again`(pace: World.Pace) throws {
        var world = try Self.customer("silver", rules: Self.ladder, pace: pace)
        try world.event("complaint.opened", ["ticketId": "1"], at: "2026-05-22 17:30")
        try world.activate(GateRules.file(GateRules.ladder(escalate: "escalate-desk")), at: "2026-05-25 09:30")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log.suffix(3) == [
                "05-25 09:00 complaint-ladder/escalate act", "05-25 10:30 complaint-ladder/escalate-vip skip condition",
                "05-25 17:30 complaint-ladder/follow-up act",
            ])
    }

    @Test(arguments: paces)
    func `a removed ladder ends, and does not go on when it comes back`(pace: World.Pace) throws {
        var world = try Self.customer("gold", rules: Self.ladder, pace: pace)
        try world.event("complaint.opened", ["ticketId": "1"], at: "2026-05-22 17:30")
        try world.activate(GateRules.file(""), at: "2026-05-25 09:31")
        try world.activate(Self.ladder, at: "2026-05-25 09:35")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log.suffix(2) == [
                "05-25 09:00 complaint-ladder/escalate skip condition",
                "05-25 09:31 complaint-ladder skip campaign_removed",
            ])
    }

    @Test(arguments: paces)
    func `a cap that holds lets one go after the other, the one due first before the other`(pace: World.Pace) throws {
        let rules = GateRules.file(
            ["a", "b", "z"].map { GateRules.oneAction($0, #""maxLateness": "P40D""#) }.joined(separator: ","),
            policies: """
                "quietHours": { "from": "21:00", "until": "08:00" },
                "caps": [{ "name": "week", "max": 1, "per": { "rolling": "P7D" }, "then": "hold" }]
                """)
        var world = try World(rules: rules, start: "2026-04-01 00:00", pace: pace)
        try world.event("z", at: "2026-05-01 10:00")
        try world.event("b", at: "2026-05-02 10:00")
        try world.event("a", at: "2026-05-03 10:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log == [
                "05-01 10:00 z/1 act", "05-02 10:00 b/1 hold frequency_cap", "05-03 10:00 a/1 hold frequency_cap",
                "05-08 00:00 b/1 hold quiet_hours", "05-08 00:00 a/1 hold quiet_hours", "05-08 08:00 b/1 act",
                "05-08 08:00 a/1 hold frequency_cap", "05-15 00:00 a/1 hold quiet_hours", "05-15 08:00 a/1 act",
            ])
        #expect(world.decisions.filter { $0.key.campaign == "a" }.map(\.number) == [1, 2, 3, 4, 0])
    }

    static let recall = GateRules.file(
        """
        "recall-notice": { "trigger": { "event": "recall" }, "tags": ["service"],
          "actions": [{ "firstOf": [
            { "name": "mail", "send": "mail", "to": { "var": "email" }, "consent": "email", "type": "care.notice" },
            { "name": "sms", "send": "sms", "to": { "var": "mobile" }, "consent": "sms", "type": "care.notice" },
            { "name": "call", "send": "tasks", "audience": "staff", "type": "care.notice.call",
              "data": { "owner": "{{ownerId}}" } } ] }] }
        """)

    @Test(arguments: paces)
    func `a notice held overnight takes the other channel when consent to the first is withdrawn`(
        pace: World.Pace
    ) throws {
        var world = try Self.customer("gold", rules: Self.recall, pace: pace)
        try world.event("recall", at: "2026-05-10 22:00")
        try world.set(["emailConsent": "denied"], at: "2026-05-11 07:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.actionLog == [
                "05-10 22:00 recall-notice/1/mail hold quiet_hours",
                "05-11 08:00 recall-notice/1/mail suppress no_consent", "05-11 08:00 recall-notice/1/sms act",
                "05-11 08:00 recall-notice/1/call suppress not_chosen",
            ])
    }

    @Test(arguments: paces)
    func `an action in error waits for quiet hours like any other, and errs again after them`(
        pace: World.Pace
    ) throws {
        let rules = GateRules.file(
            GateRules.oneAction("welcome", action: #""send": "crm", "type": "t", "data": { "to": "{{addr}}" }"#))
        var known = try World(rules: rules, start: "2026-05-01 00:00", pace: pace)
        try known.event("welcome", at: "2026-05-10 10:00")
        try known.set(["addr": "1 Main Street"], at: "2026-05-11 09:00")
        try known.activate(rules, at: "2026-05-12 22:00")
        try known.pass(until: "2026-05-20 00:00")
        #expect(known.log == ["05-10 10:00 welcome/1 error template_error", "05-11 09:00 welcome/1 act"])

        var unknown = try World(rules: rules, start: "2026-05-01 00:00", pace: pace)
        try unknown.event("welcome", at: "2026-05-10 10:00")
        try unknown.activate(rules, at: "2026-05-12 22:00")
        try unknown.pass(until: "2026-05-20 00:00")
        #expect(
            unknown.log == [
                "05-10 10:00 welcome/1 error template_error", "05-12 22:00 welcome/1 hold quiet_hours",
                "05-13 08:00 welcome/1 error template_error", "05-13 10:00 welcome/1 skip too_late",
            ])
    }
}

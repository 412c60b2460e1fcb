import CareDecisions
import CareValues
import Testing

/// `backfill`: who is let in at an activation beside those whom the trigger finds after it.
@Suite struct BackfillTests {
    static let paces = StoryTests.paces

    static func vip(_ from: String, _ more: String = #""backfill": "members","#, at: String = "") -> String {
        GateRules.file(
            """
            "vip-hello": { \(more) "trigger": { "segment": { "entered": "vip" \(at) } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: ""
        ).replacing(#"[{ "var": "tier" }, "gold"]"#, with: #"[{ "var": "tier" }, "\#(from)"]"#)
    }

    /// A customer of a tier under rules without the campaign.
    static func member(_ tier: JSONValue, pace: World.Pace) throws -> World {
        var world = try World(rules: GateRules.file("", policies: ""), start: "2026-04-01 00:00", pace: pace)
        try world.set(["tier": tier], at: "2026-04-02 09:00")
        return world
    }

    @Test(arguments: paces, [("gold", ["05-04 12:00 vip-hello/1 act"]), ("silver", ["05-11 12:00 vip-hello/1 act"])])
    func `members are let in at the activation, and at a wider definition those who were none before`(
        pace: World.Pace, customer: (tier: String, log: [String])
    ) throws {
        var world = try Self.member(.string(customer.tier), pace: pace)
        try world.activate(Self.vip("gold"), at: "2026-05-04 12:00")
        try world.activate(Self.vip("silver"), at: "2026-05-11 12:00")
        // An edit of something else lets nobody in.
        try world.activate(Self.vip("silver", #""backfill": "members", "priority": 5,"#), at: "2026-05-12 12:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(world.log == customer.log)
        #expect(world.decisions.map(\.key.occurrence) == ["vip+#1"])
    }

    @Test(arguments: paces)
    func `without it a member enters nothing, and who leaves and enters again does`(pace: World.Pace) throws {
        var world = try Self.member("gold", pace: pace)
        try world.activate(Self.vip("gold", ""), at: "2026-05-04 12:00")
        try world.set(["tier": "bronze"], at: "2026-05-05 12:00")
        try world.set(["tier": "gold"], at: "2026-05-06 12:00")
        #expect(world.log == ["05-06 12:00 vip-hello/1 act"])
    }

    @Test func `two campaigns that let a member in at a wall time speak of one entering`() throws {
        let two = GateRules.file(
            """
            "a": { "backfill": "members", "trigger": { "segment": { "entered": "vip", "at": "18:00" } },
              "actions": [{ "send": "crm", "type": "t" }] },
            "b": { "backfill": "members", "trigger": { "segment": { "entered": "vip", "at": "19:00" } },
              "actions": [{ "send": "crm", "type": "t" }] },
            "c": { "backfill": "members", "trigger": { "segment": { "entered": "vip" } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
        var world = try Self.member("gold", pace: .everyDueInstant)
        try world.activate(two, at: "2026-05-04 12:00")
        try world.set(["tier": "bronze"], at: "2026-05-05 12:00")
        try world.set(["tier": "gold"], at: "2026-05-06 12:00")
        try world.pass(until: "2026-05-07 00:00")
        #expect(
            world.decisions.map { "\($0.key.campaign) \($0.key.occurrence)" } == [
                "c vip+#1", "a vip+#1", "b vip+#1", "c vip+#2", "a vip+#2", "b vip+#2",
            ])
    }

    @Test(arguments: paces)
    func `a member let in who leaves and enters again has another occurrence`(pace: World.Pace) throws {
        var world = try Self.member("gold", pace: pace)
        try world.activate(Self.vip("gold"), at: "2026-05-04 12:00")
        try world.set(["tier": "bronze"], at: "2026-05-05 12:00")
        try world.set(["tier": "gold"], at: "2026-05-06 12:00")
        #expect(world.decisions.map(\.key.occurrence) == ["vip+#1", "vip+#2"])
    }

    @Test(arguments: paces)
    func `they are let in at the trigger's wall time, and not when they have left by then`(pace: World.Pace) throws {
        let at = #", "at": "09:00""#
        var stays = try Self.member("gold", pace: pace)
        try stays.activate(Self.vip("gold", at: at), at: "2026-05-04 12:00")
        try stays.pass(until: "2026-05-06 00:00")
        #expect(stays.log == ["05-05 09:00 vip-hello/1 act"])
        var leaves = try Self.member("gold", pace: pace)
        try leaves.activate(Self.vip("gold", at: at), at: "2026-05-04 12:00")
        try leaves.set(["tier": "bronze"], at: "2026-05-05 08:59")
        try leaves.pass(until: "2026-05-06 00:00")
        #expect(leaves.log == [])
    }

    @Test(arguments: paces)
    func `they are let in when the campaign becomes active, and not when they have left by then`(
        pace: World.Pace
    ) throws {
        let more = #""backfill": "members", "activeFrom": "2026-05-10","#
        var stays = try Self.member("gold", pace: pace)
        try stays.activate(Self.vip("gold", more), at: "2026-05-04 12:00")
        try stays.pass(until: "2026-05-12 00:00")
        #expect(stays.log == ["05-10 00:00 vip-hello/1 act"])
        var leaves = try Self.member("gold", pace: pace)
        try leaves.activate(Self.vip("gold", more), at: "2026-05-04 12:00")
        try leaves.set(["tier": "bronze"], at: "2026-05-09 23:59")
        try leaves.pass(until: "2026-05-12 00:00")
        #expect(leaves.log == [])
    }

    static func birthday(_ more: String) -> String {
        GateRules.file(
            """
            "b": { \(more) "trigger": { "anniversary": { "of": "birthday", "at": "09:00" } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
    }

    struct Due: CustomTestStringConvertible {
        var birthday: String
        var more: String
        var greets: Bool
        var testDescription: String { "\(birthday) \(more)" }
    }

    static let dues = [
        // Activated on 10 May 12:00: a week before is 3 May 12:00.
        Due(birthday: "--05-03", more: #""backfill": "P7D","#, greets: false),
        Due(birthday: "--05-04", more: #""backfill": "P7D","#, greets: true),
        Due(birthday: "--05-10", more: #""backfill": "P7D","#, greets: true),
        Due(birthday: "--05-10", more: "", greets: false),
        Due(birthday: "--05-04", more: #""backfill": "P7D", "activeFrom": "2026-05-05","#, greets: false),
        Due(birthday: "--05-05", more: #""backfill": "P7D", "activeFrom": "2026-05-05","#, greets: true),
        Due(birthday: "--05-05", more: #""backfill": "P7D", "paused": true,"#, greets: false),
        // To the millisecond.
        Due(birthday: "--05-10", more: #""backfill": "PT3H","#, greets: true),
        Due(birthday: "--05-10", more: #""backfill": "PT2H59M","#, greets: false),
    ]

    @Test(arguments: dues, paces)
    func `occurrences due within the time before are made up for, due and in time from the activation`(
        _ test: Due, pace: World.Pace
    ) throws {
        var world = try World(rules: GateRules.file("", policies: ""), start: "2026-04-01 00:00", pace: pace)
        try world.set(["birthday": .string(test.birthday)], at: "2026-04-02 09:00")
        try world.activate(Self.birthday(test.more), at: "2026-05-10 12:00")
        try world.pass(until: "2026-06-10 12:00")
        #expect(world.log == (test.greets ? ["05-10 12:00 b/1 act"] : []))
    }

    @Test func `lateness counts from the activation`() throws {
        // A hold of quiet hours would be over after the day of the birthday, and is not after that of the activation.
        let rules = Self.birthday(#""backfill": "P7D","#).replacing(
            #""policies": {  }"#, with: #""policies": { "quietHours": { "from": "12:00", "until": "13:00" } }"#)
        var world = try World(rules: GateRules.file("", policies: ""), start: "2026-04-01 00:00")
        try world.set(["birthday": "--05-05"], at: "2026-04-02 09:00")
        try world.activate(rules, at: "2026-05-10 12:00")
        try world.pass(until: "2026-05-12 00:00")
        #expect(world.log == ["05-10 12:00 b/1 hold quiet_hours", "05-10 13:00 b/1 act"])
    }

    @Test(arguments: paces)
    func `what was decided is not decided again`(pace: World.Pace) throws {
        var world = try World(rules: Self.birthday(""), start: "2026-04-01 00:00", pace: pace)
        try world.set(["birthday": "--05-05"], at: "2026-04-02 09:00")
        try world.activate(Self.birthday(#""backfill": "P30D","#), at: "2026-05-10 12:00")
        try world.activate(Self.birthday(#""backfill": "P60D","#), at: "2026-05-20 12:00")
        try world.pass(until: "2026-06-10 12:00")
        #expect(world.log == ["05-05 09:00 b/1 act"])
    }

    @Test(arguments: paces)
    func `what fell due in a pause is made up for when the campaign goes on with a backfill`(pace: World.Pace) throws {
        var world = try World(rules: Self.birthday(""), start: "2026-04-01 00:00", pace: pace)
        try world.set(["birthday": "--05-05"], at: "2026-04-02 09:00")
        try world.activate(Self.birthday(#""paused": true,"#), at: "2026-05-01 12:00")
        try world.activate(Self.birthday(#""backfill": "P7D","#), at: "2026-05-10 12:00")
        #expect(world.log == ["05-10 12:00 b/1 act"])
    }

    static func silence(_ more: String) -> String {
        GateRules.file(
            """
            "quiet": { \(more) "trigger": { "inactivity": { "of": "purchase", "for": "P30D" } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
    }

    @Test(arguments: paces, [("P10D", 1), ("P9D", 0)])
    func `a silence complete within the time before is made up for`(
        pace: World.Pace, backfill: (length: String, count: Int)
    ) throws {
        var world = try World(rules: GateRules.file("", policies: ""), start: "2026-04-01 00:00", pace: pace)
        try world.event("purchase", at: "2026-04-02 09:00")
        try world.activate(Self.silence("\"backfill\": \"\(backfill.length)\","), at: "2026-05-12 08:59")
        try world.pass(until: "2026-06-10 12:00")
        #expect(world.log.count == backfill.count)
    }

    @Test(arguments: paces)
    func `a silence made up for is spread from the activation`(pace: World.Pace) throws {
        let rules = Self.silence(#""backfill": "P60D","#).replacing(
            #""for": "P30D" }"#, with: #""for": "P30D", "spread": "P9D" }"#)
        var world = try World(rules: GateRules.file("", policies: ""), start: "2026-04-01 00:00", pace: pace)
        try world.event("purchase", at: "2026-04-02 09:00")
        // Complete on 2 May; spread from then it would be due before the activation, or late.
        try world.activate(rules, at: "2026-05-20 12:00")
        try world.pass(until: "2026-06-30 12:00")
        let share = Bucket.share(of: ["spread:quiet", "c1"])
        let day = 20 + Int(share * 9)
        #expect(world.log == ["05-\(day) 12:00 quiet/1 act"])
    }

    @Test(arguments: paces)
    func `an event whose entry runs, or waits, begins no second one`(pace: World.Pace) throws {
        func later(_ more: String) -> String {
            GateRules.file(
                """
                "c": { \(more) "trigger": { "event": "complaint.opened" },
                  "steps": [{ "name": "ask", "after": "P3D", "actions": [{ "send": "crm", "type": "t" }] }] }
                """, policies: "")
        }
        var world = try World(rules: later(""), start: "2026-05-01 00:00", pace: pace)
        try world.event("complaint.opened", at: "2026-05-09 12:00")
        try world.activate(later(#""backfill": "P7D","#), at: "2026-05-10 12:00")
        try world.pass(until: "2026-06-10 12:00")
        #expect(world.log == ["05-12 12:00 c/ask act"])
    }

    @Test(arguments: paces, [("P2D", 1), ("P1D", 0)])
    func `the last tick within the time before is made up for`(
        pace: World.Pace, backfill: (length: String, count: Int)
    ) throws {
        func weekly(_ more: String) -> String {
            GateRules.file(
                """
                "w": { \(more) "trigger": { "schedule": { "cron": "0 10 * * mon", "zone": "customer" } },
                  "actions": [{ "send": "crm", "type": "t" }] }
                """, policies: "")
        }
        var world = try World(rules: GateRules.file("", policies: ""), start: "2026-04-01 00:00", pace: pace)
        try world.set(["tier": "gold"], at: "2026-04-02 09:00")
        // Wednesday: the tick was on Monday at ten.
        try world.activate(weekly("\"backfill\": \"\(backfill.length)\","), at: "2026-05-06 09:59")
        try world.pass(until: "2026-05-10 12:00")
        #expect(world.log == (backfill.count == 1 ? ["05-06 09:59 w/1 act"] : []))
    }

    static func complaint(_ more: String) -> String {
        GateRules.file(
            """
            "c": { \(more) "trigger": { "event": "complaint.opened" }, "entryKey": { "var": "event.ticketId" },
              "exit": { "event": "complaint.resolved",
                "where": { "==": [{ "var": "event.ticketId" }, { "var": "entry.ticketId" }] } },
              "steps": [
                { "name": "call", "actions": [{ "send": "crm", "type": "t" }] },
                { "name": "again", "after": "P1D", "actions": [{ "send": "crm", "type": "t" }] } ] }
            """, policies: "")
    }

    @Test(arguments: paces)
    func `events within the time before begin entries, which later events exit`(pace: World.Pace) throws {
        var world = try World(rules: GateRules.file("", policies: ""), start: "2026-04-01 00:00", pace: pace)
        try world.event("complaint.opened", ["ticketId": "old"], at: "2026-05-03 11:59")
        try world.event("complaint.opened", ["ticketId": "a"], at: "2026-05-03 12:00")
        try world.event("complaint.opened", ["ticketId": "b"], at: "2026-05-04 12:00")
        try world.event("complaint.resolved", ["ticketId": "b"], at: "2026-05-05 12:00")
        try world.activate(Self.complaint(#""backfill": "P7D","#), at: "2026-05-10 12:00")
        try world.activate(Self.complaint(#""backfill": "P8D","#), at: "2026-05-12 12:00")
        try world.pass(until: "2026-06-10 12:00")
        #expect(
            world.log == [
                "05-10 12:00 c/call act", "05-10 12:00 c skip exited", "05-11 12:00 c/again act",
            ])
    }

    @Test(arguments: paces)
    func `an edit does not make up for events that were decided before it`(pace: World.Pace) throws {
        var world = try World(rules: Self.complaint(""), start: "2026-04-01 00:00", pace: pace)
        try world.event("complaint.opened", ["ticketId": "a"], at: "2026-05-08 12:00")
        try world.activate(Self.complaint(#""backfill": "P7D","#), at: "2026-05-10 12:00")
        try world.pass(until: "2026-06-10 12:00")
        #expect(world.log == ["05-08 12:00 c/call act", "05-09 12:00 c/again act"])
    }
}

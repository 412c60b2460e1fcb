import CareDecisions
import CareValues
import Testing

/// `zone` of a campaign: a fallback for customers who have none, or one for all.
@Suite struct CampaignZoneTests {
    static let paces = StoryTests.paces

    static func rules(_ zone: String) -> String {
        GateRules.file(
            """
            "c": { \(zone) "trigger": { "anniversary": { "of": "birthday", "at": "09:00" } }, "steps": [
              { "name": "a", "actions": [{ "send": "crm", "type": "t" }] },
              { "name": "b", "after": "P1D", "at": "20:00", "actions": [{ "send": "crm", "type": "t" }] } ] }
            """, policies: #""quietHours": { "from": "21:00", "until": "08:00" }"#)
    }

    struct Case: CustomTestStringConvertible {
        var zone: String
        var customer: JSONValue
        /// The project's wall time, Shanghai.
        var log: [String]
        var testDescription: String { "\(zone) \(customer)" }
    }

    static let cases = [
        // New York is twelve hours behind Shanghai in May.
        Case(zone: "", customer: .null, log: ["05-20 09:00 c/a act", "05-21 20:00 c/b act"]),
        Case(
            zone: #""zone": "America/New_York","#, customer: .null,
            log: ["05-20 21:00 c/a act", "05-22 08:00 c/b act"]),
        Case(
            zone: #""zone": "America/New_York","#, customer: "Asia/Shanghai",
            log: ["05-20 09:00 c/a act", "05-21 20:00 c/b act"]),
        Case(
            zone: #""zone": "America/New_York","#, customer: "Mars/Olympus",
            log: ["05-20 21:00 c/a act", "05-22 08:00 c/b act"]),
        // Fixed, it says when the campaign acts; the customer sleeps where it lives.
        Case(
            zone: #""zone": { "fixed": "America/New_York" },"#, customer: "Asia/Shanghai",
            log: ["05-20 21:00 c/a hold quiet_hours", "05-21 08:00 c/a act", "05-22 08:00 c/b act"]),
        Case(
            zone: #""zone": { "fixed": "Asia/Shanghai" },"#, customer: "America/New_York",
            log: [
                "05-20 09:00 c/a hold quiet_hours", "05-20 20:00 c/a act", "05-21 20:00 c/b act",
            ]),
    ]

    @Test(arguments: cases, paces)
    func `wall times are read in the customer's zone, else the campaign's, else the project's, or in a fixed one`(
        _ test: Case, pace: World.Pace
    ) throws {
        var world = try World(rules: Self.rules(test.zone), start: "2026-05-01 00:00", pace: pace)
        try world.set(["birthday": "--05-20", "timeZone": test.customer], at: "2026-05-02 12:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(world.log == test.log)
    }

    @Test func `an unknown zone of a customer is told in the ledger with the zone that was used`() throws {
        var world = try World(rules: Self.rules(#""zone": "America/New_York","#), start: "2026-05-01 00:00")
        try world.set(["birthday": "--05-20", "timeZone": "Mars/Olympus"], at: "2026-05-02 12:00")
        try world.pass(until: "2026-05-21 00:00")
        #expect(
            world.decisions.map { $0.inputs["warning"] } == [.string("unknown zone, used America/New_York")])
    }

    /// Exits that read the date: it is that of the campaign's zone, where it is still the day before.
    static func exits(_ exit: String) -> String {
        GateRules.file(
            """
            "c": { "zone": { "fixed": "America/New_York" }, "trigger": { "event": "e" }, "exit": { \(exit) },
              "steps": [
              { "name": "a", "actions": [{ "send": "crm", "type": "t" }] },
              { "name": "b", "sinceEntry": "P9D", "actions": [{ "send": "crm", "type": "t" }] } ] }
            """, policies: "")
    }

    @Test(
        arguments: [
            #""event": "x", "where": { "==": [{ "today": [] }, { "var": "joinedOn" }] }"#,
            #""condition": { "and": [{ "==": [{ "today": [] }, { "var": "joinedOn" }] }, { "==": [{ "var": "addr" }, "x"] }] }"#,
        ], [("2026-05-03", true), ("2026-05-04", false)])
    func `exits read the campaign's clock`(exit: String, day: (joinedOn: String, exits: Bool)) throws {
        var world = try World(rules: Self.exits(exit), start: "2026-05-01 00:00")
        try world.set(["joinedOn": .string(day.joinedOn), "timeZone": "Asia/Shanghai"], at: "2026-05-01 09:00")
        try world.event("e", at: "2026-05-02 10:00")
        // 09:00 of 4 May in Shanghai is the evening of 3 May in New York.
        try world.set(["addr": "x"], at: "2026-05-04 09:00")
        try world.event("x", at: "2026-05-04 09:01")
        try world.set(["addr": "y"], at: "2026-05-04 09:02")
        #expect(world.log.contains { $0.hasSuffix("c skip exited") } == day.exits)
    }

    @Test(arguments: [("2026-05-03", true), ("2026-05-04", false)])
    func `a later event exits a late one's entry on the campaign's clock`(day: String, exits: Bool) throws {
        let rules = Self.exits(#""event": "x", "where": { "==": [{ "today": [] }, { "var": "joinedOn" }] }"#)
        var world = try World(rules: rules, start: "2026-05-01 00:00")
        try world.set(["joinedOn": .string(day), "timeZone": "Asia/Shanghai"], at: "2026-05-01 09:00")
        try world.event("x", at: "2026-05-04 08:59")
        try world.event("e", at: "2026-05-04 09:00", happened: "2026-05-04 08:00")
        #expect(world.log == (exits ? ["05-04 09:00 c skip exited"] : ["05-04 09:00 c/a act"]))
    }

    @Test(arguments: paces)
    func `a customer who moves does not move a campaign of a fixed zone`(pace: World.Pace) throws {
        var world = try World(
            rules: Self.rules(#""zone": { "fixed": "Asia/Shanghai" },"#), start: "2026-05-01 00:00", pace: pace)
        try world.set(["birthday": "--05-20", "timeZone": "Asia/Shanghai"], at: "2026-05-02 12:00")
        try world.set(["timeZone": "Asia/Tokyo"], at: "2026-05-20 08:30")
        try world.pass(until: "2026-05-20 12:00")
        #expect(world.log == ["05-20 09:00 c/a act"])
    }
}

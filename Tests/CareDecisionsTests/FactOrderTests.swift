import CareDecisions
import CareValues
import Testing

/// Facts that come late, together, out of order or ahead of their time.
@Suite struct FactOrderTests {
    static let paces = StoryTests.paces

    static let ladder = GateRules.file(
        """
        "c": { "trigger": { "event": "opened" }, "exit": { "event": "closed" }, "steps": [
          { "name": "a", "actions": [{ "send": "crm", "type": "t" }] },
          { "name": "b", "sinceEntry": "P1D", "actions": [{ "send": "crm", "type": "t" }] } ] }
        """, policies: "")

    @Test(arguments: paces, [("2026-05-18 09:59:59", false), ("2026-05-18 10:00", true), ("2026-05-18 10:01", true)])
    func `an event exits an entry unless it happened before the event that began it`(
        pace: World.Pace, closed: (happened: String, exits: Bool)
    ) throws {
        var world = try World(rules: Self.ladder, start: "2026-05-01 00:00", pace: pace)
        try world.event("opened", at: "2026-05-18 10:00")
        try world.event("closed", at: "2026-05-18 10:05", happened: closed.happened)
        try world.pass(until: "2026-05-20 00:00")
        #expect(world.log.last == (closed.exits ? "05-18 10:05 c skip exited" : "05-19 10:00 c/b act"))
    }

    @Test(arguments: [("2026-05-18 10:59", true), ("2026-05-18 11:00", false), ("2026-05-18 11:01", false)])
    func `stored events that are later than a late one exit at once what it begins`(opened: String, exits: Bool) throws
    {
        var world = try World(rules: Self.ladder, start: "2026-05-01 00:00")
        try world.event("closed", at: "2026-05-18 11:05", happened: "2026-05-18 11:00")
        try world.event("opened", at: "2026-05-18 11:10", happened: opened)
        #expect(world.log == (exits ? ["05-18 11:10 c skip exited"] : ["05-18 11:10 c/a act"]))
    }

    @Test func `the event that began an entry does not exit it`() throws {
        let rules = Self.ladder.replacing(#""exit": { "event": "closed" }"#, with: #""exit": { "event": "opened" }"#)
        var world = try World(rules: rules, start: "2026-05-01 00:00")
        try world.event("opened", at: "2026-05-18 10:00")
        #expect(world.log == ["05-18 10:00 c/a act"])
        try world.event("opened", at: "2026-05-18 11:00")
        #expect(world.log.dropFirst() == ["05-18 11:00 c skip exited", "05-18 11:00 c/a act"])
    }

    @Test(arguments: paces)
    func `waits count from when an event was received, lateness from when it happened`(pace: World.Pace) throws {
        var world = try World(rules: Self.ladder, start: "2026-05-01 00:00", pace: pace)
        try world.event("opened", at: "2026-05-18 10:00", happened: "2026-05-16 08:00")
        try world.pass(until: "2026-05-30 00:00")
        #expect(world.log == ["05-18 10:00 c/a act", "05-19 10:00 c/b act"])
        try world.event("opened", at: "2026-06-01 08:00", happened: "2026-05-29 08:00")
        #expect(world.log.last == "06-01 08:00 c skip too_late")
    }

    static let tierChange = GateRules.file(
        """
        "c": { "trigger": { "change": { "of": "tier" } }, "actions": [
          { "send": "crm", "type": "t", "data": { "from": "{{entry.from}}", "to": "{{entry.to}}" } }] }
        """, policies: "")

    static func tier(_ value: JSONValue, _ time: Timestamp) -> Fact {
        .attributes(AttributeFact(values: ["tier": value], time: time, receivedAt: time, hasOwnTime: true))
    }

    @Test func `the facts of one request apply by their time, then by position`() throws {
        var world = try World(rules: Self.tierChange, start: "2026-05-01 00:00")
        let first = try world.instant("2026-05-10 08:00")
        let second = try world.instant("2026-05-10 09:00")
        try world.request(
            [Self.tier("gold", second), Self.tier("bronze", first), Self.tier("platinum", second)],
            at: "2026-05-10 10:00")
        #expect(
            world.decisions.map { $0.order?.data } == [
                .object(["from": "bronze", "to": "gold"]), .object(["from": "gold", "to": "platinum"]),
            ])
    }

    @Test(arguments: [
        ("2026-05-10 08:59", "gold", 0), ("2026-05-10 09:00", "silver", 1), ("2026-05-10 09:01", "silver", 1),
    ])
    func `the newest by its time is the current one, of equal times the one received later`(
        time: String, current: String, changes: Int
    ) throws {
        var world = try World(rules: Self.tierChange, start: "2026-05-01 00:00")
        try world.request([Self.tier("gold", try world.instant("2026-05-10 09:00"))], at: "2026-05-10 10:00")
        try world.request([Self.tier("silver", try world.instant(time))], at: "2026-05-10 11:00")
        let schema = world.decider.active.rules.schema
        let index = try #require(schema.attributeIndex("tier"))
        #expect(world.row?.cache.attribute(index, schema: schema).text == current)
        #expect(world.log.count == changes)
    }

    @Test func `attributes set with one time in one request are one fact: a condition sees all of them`() throws {
        let rules = GateRules.file(
            """
            "c": { "trigger": { "change": { "of": "tier", "from": null } }, "condition": { "!=": [{ "var": "addr" }, null] },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
        var world = try World(rules: rules, start: "2026-05-01 00:00")
        try world.set(["tier": "gold", "addr": "1 Main Street"], at: "2026-05-10 10:00")
        #expect(world.log == ["05-10 10:00 c/1 act"])
    }

    @Test(arguments: paces)
    func `an attribute ahead of the clock takes effect at its time`(pace: World.Pace) throws {
        var world = try World(rules: Self.tierChange, start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "silver"], at: "2026-05-09 10:00")
        try world.request([Self.tier("gold", try world.instant("2026-05-10 10:10"))], at: "2026-05-10 10:00")
        #expect(world.log == [])
        try world.pass(until: "2026-05-11 00:00")
        #expect(world.log == ["05-10 10:10 c/1 act"])
    }

    @Test(arguments: paces)
    func `nothing is sent against a fact of the same or an earlier request`(pace: World.Pace) throws {
        // The step is due at 10:00 sharp, and so is the exit: the fact is known to the touch that decides it.
        var world = try World(rules: Self.ladder, start: "2026-05-01 00:00", pace: pace)
        try world.event("opened", at: "2026-05-18 10:00")
        try world.event("closed", at: "2026-05-19 10:00")
        #expect(world.log == ["05-18 10:00 c/a act", "05-19 10:00 c skip exited"])
    }
}

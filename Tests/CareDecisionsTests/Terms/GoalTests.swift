import CareDecisions
import CareValues
import Testing

/// `goal`: what an entry is to lead to. Recorded, decides nothing.
@Suite struct GoalTests {
    static func rules(
        _ goal: String = #""goal": { "event": "purchase", "within": "P14D" },"#, _ more: String = ""
    )
        -> String
    {
        GateRules.file(
            """
            "c": { \(goal) \(more) "trigger": { "event": "e" }, "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
    }

    @Test(
        arguments: [
            ("2026-05-15 09:59", nil, 1), ("2026-05-15 10:00", nil, 0), ("2026-05-01 10:00", "2026-05-01 09:59", 0),
            ("2026-05-01 11:00", "2026-05-01 10:00", 1),
        ] as [(String, String?, Int)])
    func `an event reaches the goal from the entry's own event on, and before so long after the entry`(
        at: String, happened: String?, count: Int
    ) throws {
        var world = try World(rules: Self.rules(), start: "2026-05-01 00:00")
        try world.event("e", at: "2026-05-01 10:00")
        try world.event("purchase", at: at, happened: happened)
        #expect(world.goals.count == count)
    }

    @Test func `it is recorded once for each entry, after the entry is over too, and ends nothing`() throws {
        var world = try World(rules: Self.rules(), start: "2026-05-01 00:00")
        try world.event("e", at: "2026-05-01 10:00", id: "one")
        try world.event("e", at: "2026-05-02 10:00", id: "two")
        try world.event("purchase", at: "2026-05-15 23:00")
        try world.event("purchase", at: "2026-05-15 23:30")
        try world.event("e", at: "2026-05-16 10:00", id: "three")
        #expect(world.goals.map(\.occurrence) == [#"["test","two"]"#])
        #expect(world.log.count == 3)
        #expect(world.row?.memory.goals.map(\.occurrence) == [#"["test","three"]"#], "what is over is forgotten")
    }

    @Test(arguments: [(999, "0"), (1_000, "1")])
    func `of one customer a thousand goals are awaited, the newest`(known: Int, oldest: String) throws {
        var world = try World(
            rules: Self.rules(#""goal": { "event": "purchase", "within": "P30Y" },"#), start: "2026-05-01 00:00")
        try world.event("other", at: "2026-05-01 10:00")
        let now = try world.instant("2026-05-01 10:01")
        var row = try #require(world.row)
        row.memory.goals = (0..<known).map {
            AwaitedGoal(campaign: "c", occurrence: "\($0)", instant: now, since: now, values: [:])
        }
        let event = Event(type: "e", source: "test", id: "e", time: now, receivedAt: now, properties: [:])
        let goals = world.decider.touch(row, facts: [.event(event)], clock: now).row.memory.goals
        #expect(goals.count == 1_000)
        #expect(goals.first?.occurrence == oldest)
        #expect(goals.last?.occurrence == #"["test","e"]"#)
    }

    @Test func `where reads the event and the entry`() throws {
        let goal = #"""
            "goal": { "event": ["purchase", "order"], "within": "P14D",
              "where": { "==": [{ "var": "event.sku" }, { "var": "entry.sku" }] } },
            """#
        var world = try World(rules: Self.rules(goal), start: "2026-05-01 00:00")
        try world.event("e", ["sku": "a"], at: "2026-05-01 10:00")
        try world.event("order", ["sku": "b"], at: "2026-05-02 10:00")
        #expect(world.goals.isEmpty)
        try world.event("order", ["sku": "a"], at: "2026-05-03 10:00")
        #expect(world.goals.count == 1)
    }

    @Test(arguments: [(0.0, false), (1.0, true)])
    func `it says whether the customer is held out`(fraction: Double, isHeldOut: Bool) throws {
        var world = try World(
            rules: Self.rules(#""goal": { "event": "purchase", "within": "P14D" },"#, "\"holdout\": \(fraction),"),
            start: "2026-05-01 00:00")
        try world.event("e", at: "2026-05-01 10:00")
        try world.event("purchase", at: "2026-05-02 10:00")
        #expect(world.goals.map(\.isHeldOut) == [isHeldOut])
    }

    @Test func `an edit of the goal makes no other campaign, and counts for entries that run`() throws {
        var world = try World(rules: Self.rules(), start: "2026-05-01 00:00")
        try world.event("e", at: "2026-05-01 10:00")
        let start = world.decider.active.starts[0]
        try world.activate(
            Self.rules(#""goal": { "event": "visit", "within": "P30D" },"#), at: "2026-05-10 00:00")
        #expect(world.decider.active.starts[0] == start)
        try world.event("purchase", at: "2026-05-11 10:00")
        try world.event("visit", at: "2026-05-30 10:00")
        #expect(world.goals.count == 1)
    }
}

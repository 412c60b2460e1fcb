import CareDecisions
import CareValues
import Testing

/// How late each trigger's occurrence may be unless the campaign says so, on both sides of the boundary.
@Suite struct LatenessDefaultTests {
    struct Case: CustomTestStringConvertible {
        var trigger: String
        /// The last second in time, and the first that is late.
        var inTime: String
        var late: String
        var testDescription: String { trigger }
    }

    // The customer is silent from 10 May 10:00 on for a day, and then no longer a visitor of that day.
    static let cases = [
        Case(
            trigger: #""segment": { "left": "visited" }"#, inTime: "2026-05-12 09:59:59", late: "2026-05-12 10:00"),
        Case(
            trigger: #""change": { "of": "visits1d" }"#, inTime: "2026-05-12 09:59:59", late: "2026-05-12 10:00"),
        Case(
            trigger: #""inactivity": { "of": "visit", "for": "P1D" }"#, inTime: "2026-05-12 09:59:59",
            late: "2026-05-12 10:00"),
        Case(
            trigger: #""date": { "of": "joinedOn", "at": "10:00" }"#, inTime: "2026-05-11 23:59:59",
            late: "2026-05-12 00:00"),
        Case(
            trigger: #""anniversary": { "of": "birthday", "at": "10:00" }"#, inTime: "2026-05-11 23:59:59",
            late: "2026-05-12 00:00"),
    ]

    static func world(_ trigger: String, _ members: String = "") throws -> World {
        let rules = GateRules.file(
            """
            "c": { \(members) "trigger": { \(trigger) }, "steps": [
              { "name": "a", "actions": [{ "send": "crm", "type": "t" }] },
              { "name": "b", "after": "P1D", "actions": [{ "send": "crm", "type": "t" }] } ] }
            """, policies: ""
        ).replacing(
            #""segments": {"#, with: #""segments": { "visited": { ">": [{ "var": "visits1d" }, 0] },"#)
        var world = try World(rules: rules, start: "2026-05-01 00:00")
        try world.set(["birthday": "--05-11", "joinedOn": "2026-05-11"], at: "2026-05-02 10:00")
        try world.event("visit", at: "2026-05-10 10:00")
        if trigger.contains("change") {
            // Its rise at the visit is a change too.
            #expect(world.log == ["05-10 10:00 c/a act"])
        }
        return world
    }

    @Test(arguments: cases) func `in time until then`(_ test: Case) throws {
        var early = try Self.world(test.trigger)
        try early.tick(at: test.inTime)
        #expect(early.log.contains { $0.contains("05-11 23:59:59 c/a act") || $0.contains("09:59:59 c/a act") })
        var late = try Self.world(test.trigger)
        try late.tick(at: test.late)
        #expect(late.log.last { !$0.contains("c/b") }?.hasSuffix(" c skip too_late") ?? false)
    }

    @Test func `later steps have none, unless maxLateness says one for every step`() throws {
        let trigger = Self.cases[3].trigger
        var free = try Self.world(trigger)
        try free.tick(at: "2026-05-11 10:00")
        try free.tick(at: "2026-07-30 10:00")
        #expect(free.log == ["05-11 10:00 c/a act", "07-30 10:00 c/b act"])
        for (tick, outcome) in [("2026-05-14 09:59:59", "act"), ("2026-05-14 10:00", "skip too_late")] {
            var bound = try Self.world(trigger, #""maxLateness": "P2D","#)
            try bound.tick(at: "2026-05-11 10:00")
            try bound.tick(at: tick)
            #expect(bound.log.last?.hasSuffix("c/b \(outcome)") ?? false)
        }
        var never = try Self.world(trigger, #""maxLateness": "none","#)
        try never.tick(at: "2026-12-30 10:00")
        #expect(never.log == ["12-30 10:00 c/a act"])
    }

}

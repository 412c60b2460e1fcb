import CareDecisions
import CareValues
import Testing

/// Gate `paused`.
@Suite struct PauseTests {
    static func world(
        _ pauses: String, _ campaigns: String = GateRules.oneAction("hello", #""tags": ["marketing"]"#)
    )
        throws -> World
    {
        try World(
            rules: GateRules.file(campaigns, policies: "\"pauses\": [\(pauses)]"), start: "2026-05-01 00:00")
    }

    @Test func `a pause binds campaigns with one of its tags, and all when it names none`() throws {
        let campaigns = [
            GateRules.oneAction("a", #""tags": ["marketing", "x"]"#), GateRules.oneAction("b", #""tags": ["service"]"#),
            GateRules.oneAction("c"),
        ].joined(separator: ",")
        let when = #""when": { "var": "doNotContact" }, "then": "suppress""#
        for (tags, paused) in [
            (#", "tags": ["marketing"]"#, ["a"]), (#", "tags": ["x", "service"]"#, ["a", "b"]), ("", ["a", "b", "c"]),
        ] {
            var world = try Self.world("{ \"name\": \"p\", \(when)\(tags) }", campaigns)
            try world.set(["doNotContact": .bool(true)], at: "2026-05-02 09:00")
            for name in ["a", "b", "c"] { try world.event(name, at: "2026-05-10 10:00") }
            #expect(world.decisions.filter { $0.reason == .paused }.map(\.key.campaign) == paused)
            #expect(world.decisions.filter { $0.outcome == .act }.count == 3 - paused.count)
        }
    }

    @Test func `do-not-contact suppresses for good, and does not bind actions for staff`() throws {
        var world = try Self.world(
            #"{ "name": "do-not-contact", "when": { "var": "doNotContact" }, "then": "suppress" }"#,
            """
            "hello": { "trigger": { "event": "hello" }, "actions": [
              { "name": "customer", "send": "crm", "type": "t" },
              { "name": "desk", "send": "desk", "audience": "staff", "type": "t" }] }
            """)
        try world.set(["doNotContact": .bool(true)], at: "2026-05-02 09:00")
        try world.event("hello", at: "2026-05-10 10:00")
        try world.set(["doNotContact": .bool(false)], at: "2026-05-10 11:00")
        try world.pass(until: "2026-06-01 00:00")
        #expect(
            world.actionLog == ["05-10 10:00 hello/1/customer suppress paused", "05-10 10:00 hello/1/desk act"])
        #expect(world.decisions.first?.inputs["pause"] == .string("do-not-contact"))
    }

    @Test func `the first pause of the list that holds is the reason`() throws {
        var world = try Self.world(
            """
            { "name": "one", "when": { ">": [{ "var": "visits1d" }, 5] }, "then": "hold" },
            { "name": "two", "when": { ">": [{ "var": "visits1d" }, 0] }, "then": "suppress" },
            { "name": "three", "when": { "var": "doNotContact" }, "then": "hold" }
            """)
        try world.set(["doNotContact": .bool(true)], at: "2026-05-02 09:00")
        try world.event("visit", at: "2026-05-10 09:00")
        try world.event("hello", at: "2026-05-10 10:00")
        #expect(world.log == ["05-10 10:00 hello/1 suppress paused"])
        #expect(world.decisions.first?.inputs["pause"] == .string("two"))
    }

    @Test func `a pause opens when its condition can change through time alone`() throws {
        var world = try Self.world(#"{ "name": "busy", "when": { ">": [{ "var": "visits1d" }, 0] }, "then": "hold" }"#)
        try world.event("visit", at: "2026-05-10 09:00")
        try world.event("hello", at: "2026-05-10 10:00")
        try world.pass(until: "2026-06-01 00:00")
        #expect(world.log == ["05-10 10:00 hello/1 hold paused", "05-11 09:00 hello/1 act"])
    }

    @Test func `a fact that moves the wake-up of a pause gives a new row`() throws {
        var world = try Self.world(#"{ "name": "busy", "when": { ">": [{ "var": "visits1d" }, 0] }, "then": "hold" }"#)
        try world.event("visit", at: "2026-05-10 09:00")
        try world.event("hello", at: "2026-05-10 10:00")
        try world.event("visit", at: "2026-05-10 20:00")
        try world.pass(until: "2026-06-01 00:00")
        // The first visit leaves the window on the 11th at nine; the count is then 1, until eight in the evening.
        #expect(world.log.first == "05-10 10:00 hello/1 hold paused")
        #expect(world.log.last == "05-11 20:00 hello/1 act")
        #expect(world.log.dropFirst().dropLast().allSatisfy { $0.hasSuffix("hold paused") })
    }

    @Test func `a pause whose condition is missing does not hold`() throws {
        var world = try Self.world(
            #"{ "name": "away", "when": { "<": [{ "now": [] }, { "var": "pausedUntil" }] }, "then": "suppress" }"#)
        try world.event("hello", at: "2026-05-10 10:00")
        try world.set(["pausedUntil": "2026-05-20T00:00:00Z"], at: "2026-05-11 10:00")
        try world.event("hello", at: "2026-05-12 10:00")
        #expect(world.log == ["05-10 10:00 hello/1 act", "05-12 10:00 hello/1 suppress paused"])
    }
}

import CareDecisions
import CareValues
import Testing

/// `approval` and the carrying out of a plan: only its keys, and only if they end as it says.
@Suite struct ApprovalTests {
    static let paces = StoryTests.paces

    static func renewal(_ more: String = "") -> String {
        GateRules.file(
            """
            "renewal": { "approval": true, \(more)
              "trigger": { "date": { "of": "joinedOn", "offset": ["-P7D", "-P1D"], "at": "10:00" } },
              "steps": [
              { "name": "a", "actions": [{ "send": "crm", "type": "t", "data": { "tier": "{{tier}}" } }] },
              { "name": "b", "after": "P2D", "actions": [{ "send": "crm", "type": "t" }] } ] }
            """, policies: "")
    }

    static func world(_ rules: String, _ pace: World.Pace) throws -> World {
        var world = try World(rules: rules, start: "2026-05-01 00:00", pace: pace)
        try world.set(["joinedOn": "2026-05-30", "tier": "gold"], at: "2026-05-02 09:00")
        return world
    }

    static func text(_ answer: ApplyAnswer) -> String {
        switch answer {
        case .applied: "applied"
        case .held(let decision): "held \(decision.reason?.rawValue ?? "")"
        case .refused(let decision):
            "refused" + (decision.map { " \($0.outcome.rawValue) \($0.reason?.rawValue ?? "")" } ?? "")
        case .passedOver: "passed over"
        }
    }

    @Test(arguments: paces)
    func `a plan is applied: what is due enters, the rest is not due yet, and what nobody applies is too late`(
        pace: World.Pace
    ) throws {
        let rules = GateRules.file(
            """
            "renewal": { "approval": true,
              "trigger": { "date": { "of": "joinedOn", "offset": ["-P7D", "-P1D"], "at": "10:00" } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
        var world = try Self.world(rules, pace)
        let plan = try world.plan(days: 7, at: "2026-05-23 09:00")
        #expect(plan.map(\.outcome) == [.act, .act])
        #expect(try world.apply(plan, at: "2026-05-23 09:30") == [.passedOver, .passedOver])
        #expect(try world.apply(plan, at: "2026-05-23 15:00").map(Self.text) == ["applied", "passed over"])
        #expect(try world.apply(plan, at: "2026-05-23 15:01") == [.passedOver, .passedOver])
        try world.pass(until: "2026-06-30 00:00")
        #expect(world.log == ["05-23 15:00 renewal/1 act", "05-30 00:00 renewal skip too_late"])

        var nobody = try Self.world(rules, pace)
        try nobody.pass(until: "2026-06-30 00:00")
        #expect(nobody.log == ["05-24 00:00 renewal skip too_late", "05-30 00:00 renewal skip too_late"])
        #expect(nobody.decisions.map(\.key.occurrence) == ["2026-05-30/1", "2026-05-30/2"])
    }

    @Test(arguments: paces)
    func `the steps after the first follow by themselves`(pace: World.Pace) throws {
        var world = try Self.world(Self.renewal(), pace)
        let plan = try world.plan(days: 1, at: "2026-05-23 09:00")
        _ = try world.apply(plan, at: "2026-05-23 11:00")
        try world.pass(until: "2026-05-29 00:00")
        #expect(world.log == ["05-23 11:00 renewal/a act", "05-25 11:00 renewal/b act"])
    }

    @Test(arguments: paces)
    func `a key whose decision ends otherwise is refused, and stays due`(pace: World.Pace) throws {
        var world = try Self.world(Self.renewal(), pace)
        let plan = try world.plan(days: 1, at: "2026-05-23 09:00")
        // The body reads the tier.
        try world.set(["tier": "platinum"], at: "2026-05-23 10:30")
        #expect(try world.apply(plan, at: "2026-05-23 11:00").map(Self.text) == ["refused act "])
        #expect(world.log == [])
        let again = try world.plan(days: 1, at: "2026-05-23 12:00")
        #expect(again.map(\.outcome) == [.act])
        #expect(try world.apply(again, at: "2026-05-23 12:30").map(Self.text) == ["applied"])
        #expect(world.log == ["05-23 12:30 renewal/a act"])
    }

    static let conditioned = GateRules.file(
        """
        "renewal": { "approval": true, "trigger": { "date": { "of": "joinedOn", "at": "10:00" } },
          "condition": { "segment": "vip" }, "actions": [{ "send": "crm", "type": "t" }] }
        """, policies: "")

    @Test(arguments: paces)
    func `so is one whose condition is false by then`(pace: World.Pace) throws {
        var world = try Self.world(Self.conditioned, pace)
        let plan = try world.plan(days: 1, at: "2026-05-30 09:00")
        try world.set(["tier": "bronze"], at: "2026-05-30 10:30")
        #expect(try world.apply(plan, at: "2026-05-30 11:00") == [.refused(nil)])
        try world.pass(until: "2026-06-01 00:00")
        #expect(world.log == ["05-31 00:00 renewal skip too_late"], "it waited on")
    }

    @Test func `a hold is not an end: it is approved, and goes out when the gate opens`() throws {
        let quiet = Self.conditioned.replacing(
            #""policies": {  }"#, with: #""policies": { "quietHours": { "from": "11:00", "until": "12:00" } }"#)
        var world = try Self.world(quiet, .everyDueInstant)
        let plan = try world.plan(days: 1, at: "2026-05-30 09:00")
        #expect(try world.apply(plan, at: "2026-05-30 11:00").map(Self.text) == ["held quiet_hours"])
        try world.pass(until: "2026-06-01 00:00")
        #expect(world.log == ["05-30 11:00 renewal/1 hold quiet_hours", "05-30 12:00 renewal/1 act"])
    }

    static let plain = GateRules.file(
        """
        "a": { "trigger": { "date": { "of": "joinedOn", "at": "10:00" } }, "steps": [
          { "name": "one", "actions": [{ "send": "crm", "type": "t" }] },
          { "name": "two", "sinceEntry": "PT2H", "actions": [{ "send": "crm", "type": "t" }] } ] },
        "b": { "trigger": { "date": { "of": "joinedOn", "at": "10:00" } }, "maxLateness": "PT6H",
          "actions": [{ "send": "crm", "type": "t" }] }
        """, policies: "")

    @Test(arguments: paces)
    func `a plan takes only its keys of campaigns without approval too: what else is due stays due`(
        pace: World.Pace
    ) throws {
        var world = try Self.world(Self.plain, pace)
        let plan = try world.plan(days: 1, at: "2026-05-30 09:59").filter { $0.key.campaign == "a" }
        #expect(plan.map(\.key.step) == ["one", "two"])
        // At 10:00 nobody else looks: the service sleeps.
        #expect(try world.apply([plan[0]], at: "2026-05-30 10:00").map(Self.text) == ["applied"])
        #expect(world.log == ["05-30 10:00 a/one act"])
        // Five minutes late it is decided as of its instant, like anything due.
        try world.tick(at: "2026-05-30 10:05")
        #expect(world.log == ["05-30 10:00 a/one act", "05-30 10:00 b/1 act"])
    }

    @Test(arguments: [("2026-05-30 15:59", "act"), ("2026-05-30 16:00", "skip too_late")])
    func `what stays due is late from when it was due`(tick: String, outcome: String) throws {
        var world = try Self.world(Self.plain, .everyDueInstant)
        let plan = try world.plan(days: 1, at: "2026-05-30 09:59").filter { $0.key.campaign == "a" }
        _ = try world.apply([plan[0]], at: "2026-05-30 10:00")
        try world.tick(at: tick)
        #expect(world.log.contains { $0.hasSuffix("b/1 \(outcome)") || $0.hasSuffix("b \(outcome)") })
    }

    @Test func `a step that a plan passes over is late from when it was due`() throws {
        let rules = Self.plain.replacing(
            #""at": "10:00" } }, "steps""#, with: #""at": "10:00" } }, "maxLateness": "PT3H", "steps""#)
        var world = try Self.world(rules, .everyDueInstant)
        let plan = try world.plan(days: 1, at: "2026-05-30 09:59")
        let one = plan.filter { $0.key.step == "one" }
        let other = plan.filter { $0.key.campaign == "b" }
        _ = try world.apply(one, at: "2026-05-30 10:00")
        // 12:00: the second step is due, and this plan is not about it.
        _ = try world.apply(other, at: "2026-05-30 12:30", asleep: true)
        try world.tick(at: "2026-05-30 15:00")
        #expect(
            world.log == [
                "05-30 10:00 a/one act", "05-30 12:30 b/1 act", "05-30 15:00 a/two skip too_late",
            ])
    }

    @Test(arguments: paces)
    func `an event waits for approval, its where asked when it came`(pace: World.Pace) throws {
        let rules = GateRules.file(
            """
            "c": { "approval": true, "trigger": { "event": "e", "where": { "==": [{ "var": "tier" }, "gold"] } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
        var world = try Self.world(rules, pace)
        try world.event("e", at: "2026-05-10 10:00")
        try world.set(["tier": "silver"], at: "2026-05-10 11:00")
        try world.event("e", at: "2026-05-10 12:00")
        let plan = try world.plan(days: 1, at: "2026-05-10 13:00")
        #expect(try world.apply(plan, at: "2026-05-10 14:00").map(Self.text) == ["applied"])
        #expect(world.log == ["05-10 14:00 c/1 act"])
    }

    @Test(
        arguments: paces,
        [
            // Mother's Day of 2026 is on 10 May in both; the UK's was in March.
            ("US", "US"), ("DE", "DE"), ("UK", nil), ("nowhere", nil),
        ] as [(String, String?)])
    func `a holiday that waits is that of the region the customer has now`(
        pace: World.Pace, move: (to: String, entry: String?)
    ) throws {
        let rules = #"""
            { "attributes": { "country": { "type": "string" } },
              "campaigns": { "moms": { "approval": true,
                "trigger": { "holiday": { "name": "mothers-day", "region": { "var": "country" }, "at": "09:00" } },
                "actions": [{ "send": "crm", "type": "t", "data": { "of": "{{entry.region}}" } }] } } }
            """#
        var world = try World(rules: rules, start: "2026-05-01 00:00", pace: pace)
        try world.set(["country": "US"], at: "2026-05-02 09:00")
        try world.pass(until: "2026-05-10 10:00")
        #expect(world.row?.memory.waiting.count == 1)
        try world.set(["country": .string(move.to)], at: "2026-05-10 11:00")
        let waiting = world.row?.memory.waiting.map { $0.occurrence.values["region"] }
        #expect(waiting == (move.entry.map { [.string($0)] } ?? []))
        let plan = try world.plan(days: 1, at: "2026-05-10 12:00")
        _ = try world.apply(plan, at: "2026-05-10 13:00")
        #expect(world.log == (move.entry == nil ? [] : ["05-10 13:00 moms/1 act"]))
        #expect(world.decisions.first?.order?.data == move.entry.map { .object(["of": .string($0)]) })
    }

    @Test(arguments: paces)
    func `a segment left, a value changed or a silence broken takes away what waits for approval`(
        pace: World.Pace
    ) throws {
        let rules = GateRules.file(
            """
            "s": { "approval": true, "trigger": { "segment": { "entered": "vip" } },
              "actions": [{ "send": "crm", "type": "t" }] },
            "t": { "approval": true, "trigger": { "change": { "of": "tier", "to": "platinum" } },
              "actions": [{ "send": "crm", "type": "t" }] },
            "i": { "approval": true, "trigger": { "inactivity": { "of": "visit", "for": "P1D" } },
              "actions": [{ "send": "crm", "type": "t" }] },
            "d": { "approval": true, "trigger": { "date": { "of": "joinedOn", "at": "10:00" } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
        var world = try World(rules: rules, start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "silver"], at: "2026-05-02 09:00")
        try world.event("visit", at: "2026-05-02 10:00")
        try world.set(["tier": "platinum", "joinedOn": "2026-05-03"], at: "2026-05-03 09:30")
        let plan = try world.plan(days: 1, at: "2026-05-03 10:30")
        #expect(plan.map(\.key.campaign).sorted() == ["d", "i", "s", "t"])
        try world.event("visit", at: "2026-05-03 11:00")
        try world.set(["tier": "bronze", "joinedOn": "2026-07-01"], at: "2026-05-03 12:00")
        _ = try world.apply(plan, at: "2026-05-03 13:00")
        try world.pass(until: "2026-05-04 10:30")
        #expect(world.log == [], "no row")
    }
}

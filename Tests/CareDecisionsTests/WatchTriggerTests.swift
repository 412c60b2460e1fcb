import CareDecisions
import CareValues
import Testing

/// Triggers that watch: a segment entered or left, a trait that changes, an attribute that changes with a wall time.
@Suite struct WatchTriggerTests {
    static let paces: [World.Pace] = [.everyDueInstant, .every(minutes: 10)]

    /// A file with the segments `vip`, `asleep` (no purchase for 30 days) and `buyer` (a purchase in the last 10 days).
    static func rules(_ campaigns: String, vip: String = "gold", extra: String = "") -> String {
        """
        {
          "attributes": {
            "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold", "platinum"] },
            "timeZone": { "type": "zone" }
          },
          "traits": {
            "purchases": { "count": { "event": "purchase" } },
            "purchases10d": { "count": { "event": "purchase", "within": "P10D" } },
            "lastPurchaseAt": { "last": { "event": "purchase" } }
          },
          "segments": {
            "vip": { ">=": [{ "var": "tier" }, "\(vip)"] },
            "buyer": { ">": [{ "var": "purchases10d" }, 0] },
            "asleep": { ">": [{ "days_since": [{ "var": "lastPurchaseAt" }] }, 30] }\(extra)
          },
          "campaigns": { \(campaigns) }
        }
        """
    }

    static func campaign(_ name: String, _ trigger: String, _ rest: String = "") -> String {
        """
        "\(name)": { "trigger": \(trigger), \(rest)
          "actions": [{ "send": "crm", "type": "t", "data": {} }] }
        """
    }

    static let vip = rules(
        campaign("in", #"{ "segment": { "entered": "vip" } }"#) + ","
            + campaign("out", #"{ "segment": { "left": "vip" } }"#))

    @Test(arguments: paces)
    func `a new customer enters the segments it is in, and each crossing counts`(pace: World.Pace) throws {
        var world = try World(rules: Self.vip, start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "gold"], at: "2026-05-02 10:00")
        try world.set(["tier": "platinum"], at: "2026-05-03 10:00")
        try world.set(["tier": "silver"], at: "2026-05-04 10:00")
        try world.set(["tier": "gold"], at: "2026-05-05 10:00")
        #expect(world.log == ["05-02 10:00 in/1 act", "05-04 10:00 out/1 act", "05-05 10:00 in/1 act"])
        #expect(world.decisions.map(\.key.occurrence) == ["vip+#1", "vip-#1", "vip+#2"])
    }

    @Test func `a new customer outside a segment does not leave it`() throws {
        var world = try World(rules: Self.vip, start: "2026-05-01 00:00")
        try world.set(["tier": "silver"], at: "2026-05-02 10:00")
        #expect(world.log.isEmpty)
    }

    @Test(arguments: paces)
    func `time alone carries into a segment, at its instant`(pace: World.Pace) throws {
        let rules = Self.rules(Self.campaign("hello", #"{ "segment": { "entered": "asleep" } }"#))
        var world = try World(rules: rules, start: "2026-01-01 00:00", pace: pace)
        try world.event("purchase", at: "2026-01-02 12:00")
        try world.pass(until: "2026-03-30 00:00")
        // 30 days on is 1 February; more than 30 from the midnight after.
        #expect(world.log == ["02-02 00:00 hello/1 act"])
    }

    @Test func `a crossing noticed late is due when it was, and too late a day after`() throws {
        let rules = Self.rules(Self.campaign("hello", #"{ "segment": { "entered": "asleep" } }"#))
        for (tick, expected) in [
            ("2026-02-02 23:59", "02-02 23:59 hello/1 act"), ("2026-02-03 00:00", "02-03 00:00 hello skip too_late"),
        ] {
            var world = try World(rules: rules, start: "2026-01-01 00:00")
            try world.event("purchase", at: "2026-01-02 12:00")
            try world.tick(at: tick)
            #expect(world.log == [expected])
            #expect(world.decisions.first?.due == (try world.instant("2026-02-02 00:00")))
        }
    }

    @Test func `an unrelated fact before the pass leaves a crossing its own instant, a related one takes it away`()
        throws
    {
        let rules = Self.rules(Self.campaign("hello", #"{ "segment": { "entered": "asleep" } }"#))
        for (fact, expected) in [("page.viewed", ["02-02 09:00 hello/1 act"]), ("purchase", [])] {
            var world = try World(rules: rules, start: "2026-01-01 00:00", pace: .every(minutes: 100_000))
            try world.event("purchase", at: "2026-01-02 12:00")
            try world.event(fact, at: "2026-02-02 09:00")
            #expect(world.log == expected)
        }
    }

    @Test(arguments: paces)
    func `both ends of a window are crossings`(pace: World.Pace) throws {
        let rules = Self.rules(
            Self.campaign("in", #"{ "segment": { "entered": "buyer" } }"#) + ","
                + Self.campaign("out", #"{ "segment": { "left": "buyer" } }"#))
        var world = try World(rules: rules, start: "2026-01-01 00:00", pace: pace)
        try world.event("page.viewed", at: "2026-01-01 12:00")
        try world.event("purchase", at: "2026-01-02 12:00")
        try world.event("purchase", at: "2026-01-10 12:00")
        try world.pass(until: "2026-03-30 00:00")
        #expect(world.log == ["01-02 12:00 in/1 act", "01-20 12:00 out/1 act"])
    }

    @Test(arguments: paces)
    func `a crossing waits for its wall time, and is nothing when it is no longer so`(pace: World.Pace) throws {
        let rules = Self.rules(Self.campaign("hello", #"{ "segment": { "entered": "asleep", "at": "10:00" } }"#))
        for (fact, expected) in [("page.viewed", ["02-02 10:00 hello/1 act"]), ("purchase", [])] {
            var world = try World(rules: rules, start: "2026-01-01 00:00", pace: pace)
            try world.event("purchase", at: "2026-01-02 12:00")
            try world.event(fact, at: "2026-02-02 08:00")
            try world.pass(until: "2026-02-20 00:00")
            #expect(world.log == expected)
        }
    }

    @Test(arguments: paces)
    func `a change of an attribute waits for its wall time, a second change takes its place`(pace: World.Pace) throws {
        let rules = Self.rules(
            Self.campaign("down", #"{ "change": { "of": "tier", "direction": "down", "at": "10:00" } }"#))
        var world = try World(rules: rules, start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "gold"], at: "2026-05-01 09:00")
        try world.set(["tier": "silver"], at: "2026-05-02 11:00")
        try world.set(["tier": "gold"], at: "2026-05-02 12:00")
        try world.set(["tier": "silver"], at: "2026-05-02 13:00")
        try world.set(["tier": "bronze"], at: "2026-05-04 10:00")
        try world.set(["tier": "silver"], at: "2026-05-04 10:01")
        try world.pass(until: "2026-06-01 00:00")
        #expect(world.log == ["05-03 10:00 down/1 act", "05-04 10:00 down/1 act"])
        #expect(world.decisions.first?.key.occurrence.hasPrefix("tier:gold>silver@2026-05-02T05:00") == true)
    }

    @Test(arguments: paces)
    func `a moved zone reckons the wall time anew`(pace: World.Pace) throws {
        let rules = Self.rules(Self.campaign("in", #"{ "segment": { "entered": "vip", "at": "10:00" } }"#))
        var world = try World(rules: rules, start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "gold", "timeZone": "America/New_York"], at: "2026-05-02 12:00")
        // 22:00 in Shanghai is 10:00 in New York; in Shanghai 10:00 is the next morning.
        try world.set(["timeZone": "Asia/Shanghai"], at: "2026-05-02 20:00")
        try world.pass(until: "2026-06-01 00:00")
        #expect(world.log == ["05-03 10:00 in/1 act"])
    }

    @Test(arguments: paces)
    func `a wall time that a move puts into the past is due at that moment`(pace: World.Pace) throws {
        let rules = Self.rules(
            Self.campaign("in", #"{ "segment": { "entered": "vip", "at": "10:00" } }"#, #""maxLateness": "PT1H","#))
        var world = try World(rules: rules, start: "2026-05-01 00:00", pace: pace)
        // Half past eight in Shanghai is the evening before in New York: due at 22:00 Shanghai's time.
        try world.set(["tier": "gold", "timeZone": "America/New_York"], at: "2026-05-02 08:30")
        try world.set(["timeZone": "Asia/Shanghai"], at: "2026-05-02 20:00")
        try world.pass(until: "2026-06-01 00:00")
        #expect(world.log == ["05-02 20:00 in/1 act"])
    }

    @Test(arguments: paces)
    func `the first value of a trait is no change`(pace: World.Pace) throws {
        let rules = Self.rules(
            Self.campaign("more", #"{ "change": { "of": "purchases10d", "direction": "up" } }"#) + ","
                + Self.campaign("none", #"{ "change": { "of": "purchases10d", "to": 0 } }"#))
        var world = try World(rules: rules, start: "2026-01-01 00:00", pace: pace)
        try world.event("purchase", at: "2026-01-02 12:00")
        try world.event("purchase", at: "2026-01-05 12:00")
        try world.pass(until: "2026-02-01 00:00")
        #expect(world.log == ["01-05 12:00 more/1 act", "01-15 12:00 none/1 act"])
        #expect(world.decisions.map(\.key.occurrence) == ["purchases10d#1", "purchases10d#3"])
    }

    // MARK: Edits

    @Test(arguments: paces)
    func `an activation begins with the state then, an edit of a definition too`(pace: World.Pace) throws {
        var world = try World(rules: Self.rules(""), start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "gold"], at: "2026-05-02 10:00")
        try world.activate(Self.vip, at: "2026-05-03 10:00")
        try world.set(["tier": "silver"], at: "2026-05-04 10:00")
        // Widened to silver: a member by the edit alone enters nothing.
        let widened = Self.vip.replacing("\"gold\"] }", with: "\"silver\"] }")
        try world.activate(widened, at: "2026-05-05 10:00")
        try world.set(["tier": "bronze"], at: "2026-05-06 10:00")
        try world.set(["tier": "silver"], at: "2026-05-07 10:00")
        #expect(world.log == ["05-04 10:00 out/1 act", "05-06 10:00 out/1 act", "05-07 10:00 in/1 act"])
        #expect(world.decisions.map(\.key.occurrence) == ["vip-#1", "vip-#2", "vip+#1"])
    }

    @Test func `an edit of something else keeps the watch going`() throws {
        var world = try World(rules: Self.vip, start: "2026-05-01 00:00")
        try world.set(["tier": "silver"], at: "2026-05-02 10:00")
        try world.activate(Self.vip.replacing("P10D", with: "P11D"), at: "2026-05-03 10:00")
        try world.set(["tier": "gold"], at: "2026-05-04 10:00")
        #expect(world.log == ["05-04 10:00 in/1 act"])
    }

    @Test func `history sets what is watched silently`() throws {
        let world = try World(rules: Self.vip, start: "2026-05-01 00:00")
        let decider = world.decider
        let now = try world.instant("2026-05-02 00:00")
        var row = decider.newRow(customer: "c1", asOf: now)
        decider.absorb(
            [.attributes(AttributeFact(values: ["tier": "gold"], time: now, receivedAt: now, hasOwnTime: true))],
            into: &row)
        let (later, outcome) = decider.touch(row, clock: now.advanced(byMilliseconds: 86_400_000))
        #expect(outcome.decisions.isEmpty)
        let left = now.advanced(byMilliseconds: 2 * 86_400_000)
        let (_, after) = decider.touch(
            later,
            facts: [
                .attributes(AttributeFact(values: ["tier": "silver"], time: left, receivedAt: left, hasOwnTime: false))
            ], clock: left)
        #expect(after.decisions.map(\.key.campaign) == ["out"])
    }
}

import CareDecisions
import CareRules
import CareValues
import Testing

/// Schedules: ticks on a wall clock, once each, moved by a zone, spread over customers.
@Suite struct ScheduleTriggerTests {
    static let paces: [World.Pace] = [.everyDueInstant, .every(minutes: 10)]

    static func rules(_ schedule: String, _ rest: String = "") -> String {
        Rules.file(
            """
            "s": { "trigger": { "schedule": \(schedule) }, \(rest)
              "actions": [{ "send": "crm", "type": "t", "data": {} }] }
            """)
    }

    static let daily = rules(#"{ "cron": "0 10 * * *" }"#)

    static func keys(_ world: World) -> [String] { world.decisions.map(\.key.occurrence) }

    @Test(arguments: paces) func `each tick fires once, at its wall time, under its name`(pace: World.Pace) throws {
        var world = try World(rules: Self.daily, start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "gold"], at: "2026-05-01 09:00")
        try world.pass(until: "2026-05-03 09:50")
        #expect(world.log == ["05-01 10:00 s/1 act", "05-02 10:00 s/1 act"])
        #expect(Self.keys(world) == ["2026-05-01T10:00", "2026-05-02T10:00"])
    }

    @Test(arguments: [("2026-05-01 09:59", ["05-01 10:00 s/1 act"]), ("2026-05-01 10:00", [])])
    func `a tick before a customer was known is nothing`(known: String, log: [String]) throws {
        var world = try World(rules: Self.daily, start: "2026-05-01 00:00")
        try world.set(["tier": "gold"], at: known)
        try world.pass(until: "2026-05-02 09:50")
        #expect(world.log == log)
    }

    @Test(arguments: [("2026-05-01 09:59", ["05-01 10:00 s/1 act"]), ("2026-05-01 10:00", [])])
    func `a tick at or before the activation is nothing`(activated: String, log: [String]) throws {
        var world = try World(rules: Rules.base, start: "2026-05-01 00:00")
        try world.set(["tier": "gold"], at: "2026-05-01 09:00")
        try world.activate(Self.daily, at: activated)
        try world.pass(until: "2026-05-02 09:50")
        #expect(world.log == log)
    }

    @Test func `of several ticks the last is decided and the others are counted`() throws {
        var world = try World(rules: Self.daily, start: "2026-05-01 00:00", pace: .every(minutes: 1_000_000))
        try world.set(["tier": "gold"], at: "2026-05-01 09:00")
        try world.tick(at: "2026-05-05 12:00")
        #expect(world.log == ["05-05 12:00 s/1 act"])
        #expect(Self.keys(world) == ["2026-05-05T10:00"])
        #expect(world.passedOver == ["s": 4])
    }

    @Test(arguments: [("2026-05-01 23:59", "05-01 23:59 s/1 act"), ("2026-05-02 00:00", "05-02 00:00 s skip too_late")])
    func `a tick is in time until the end of its local date`(tick: String, line: String) throws {
        var world = try World(rules: Self.daily, start: "2026-05-01 00:00", pace: .every(minutes: 1_000_000))
        try world.set(["tier": "gold"], at: "2026-05-01 09:00")
        try world.tick(at: tick)
        #expect(world.log == [line])
    }

    @Test(arguments: [("2026-05-01 10:15", "05-01 10:00 s/1 act"), ("2026-05-01 10:16", "05-01 10:16 s/1 act")])
    func `a clock a quarter of an hour past the tick decides as of the tick`(tick: String, line: String) throws {
        var world = try World(rules: Self.daily, start: "2026-05-01 00:00", pace: .every(minutes: 1_000_000))
        try world.set(["tier": "gold"], at: "2026-05-01 09:00")
        try world.tick(at: tick)
        #expect(world.log == [line])
    }

    @Test func `a tick wakes nobody`() throws {
        let world = try World(rules: Self.daily, start: "2026-05-01 00:00")
        let row = world.decider.newRow(customer: "c1", asOf: try world.instant("2026-05-01 09:00"))
        let (after, outcome) = world.decider.touch(row, clock: try world.instant("2026-05-01 09:30"))
        #expect(outcome.wakeUp == nil)
        #expect(world.decider.nextTick(of: after) == (try world.instant("2026-05-01 10:00")))
        #expect(!world.decider.hasTick(after, through: try world.instant("2026-05-01 09:59")))
        #expect(world.decider.hasTick(after, through: try world.instant("2026-05-01 10:00")))
    }

    @Test(arguments: [("silver", 0, ["s"]), ("gold", 1, [])])
    func `a false condition leaves no row, and the tick is over`(tier: String, acts: Int, counted: [String]) throws {
        var world = try World(
            rules: Self.rules(#"{ "cron": "0 10 * * *" }"#, #""condition": { "segment": "vip" },"#),
            start: "2026-05-01 00:00")
        try world.set(["tier": .string(tier)], at: "2026-05-01 09:00")
        try world.pass(until: "2026-05-01 10:30")
        try world.set(["tier": "platinum"], at: "2026-05-01 11:00")
        #expect(world.decisions.count == acts)
        #expect(world.conditionFalse == counted)
    }

    // MARK: Zones

    @Test func `a project's clock ticks for everybody at once`() throws {
        for (zone, at) in [("customer", "05-01 22:00"), ("project", "05-01 10:00")] {
            var world = try World(
                rules: Self.rules(#"{ "cron": "0 10 * * *", "zone": "\#(zone)" }"#), start: "2026-05-01 00:00")
            try world.set(["timeZone": "America/New_York"], at: "2026-05-01 09:00")
            try world.pass(until: "2026-05-01 22:00")
            #expect(world.log == ["\(at) s/1 act"])
            #expect(Self.keys(world) == ["2026-05-01T10:00"])
        }
    }

    @Test(arguments: ["2026-05-03 10:00:12", "2026-05-03 11:00"])
    func `story 32: a move brings the tick that the old clock had not come to, at once`(moved: String) throws {
        for viewed in [nil, "2026-05-03 10:00:05"] {
            var world = try World(rules: Self.daily, start: "2026-05-01 00:00", pace: .everyDueInstant)
            try world.set(["tier": "gold", "timeZone": "America/New_York"], at: "2026-05-01 09:00")
            if let viewed { try world.event("page.viewed", at: viewed) }
            try world.set(["timeZone": "Asia/Shanghai"], at: moved)
            try world.pass(until: "2026-05-04 09:00")
            #expect(world.log == ["05-01 22:00 s/1 act", "05-02 22:00 s/1 act", "\(moved.dropFirst(5)) s/1 act"])
            #expect(Self.keys(world).last == "2026-05-03T10:00")
        }
    }

    @Test(arguments: paces) func `story 32: the same tick does not come once more in another zone`(
        pace: World.Pace
    ) throws {
        var world = try World(rules: Self.daily, start: "2026-05-02 12:00", pace: pace)
        try world.set(["tier": "gold", "timeZone": "Asia/Shanghai"], at: "2026-05-02 13:00")
        try world.set(["timeZone": "America/New_York"], at: "2026-05-03 12:00")
        try world.pass(until: "2026-05-04 21:50")
        #expect(world.log == ["05-03 10:00 s/1 act"])
        try world.pass(until: "2026-05-04 22:00")
        #expect(Self.keys(world) == ["2026-05-03T10:00", "2026-05-04T10:00"])
    }

    @Test func `a move after the tick's day brings nothing`() throws {
        var world = try World(rules: Self.daily, start: "2026-05-01 00:00")
        try world.set(["timeZone": "America/New_York"], at: "2026-05-03 23:00")
        try world.set(["timeZone": "Asia/Shanghai"], at: "2026-05-04 00:00")
        #expect(world.log == [])
    }

    @Test(arguments: [("2026-03-08 16:00", ["2026-03-08T02:30"]), ("2026-03-07 14:30", [])])
    func `a time in a gap fires at its end`(until: String, keys: [String]) throws {
        // Shanghai's 15:00 is New York's 03:00 on 8 March, when the clock goes from 02:00 to 03:00.
        var world = try World(rules: Self.rules(#"{ "cron": "0,15,30 2 8 3 *" }"#), start: "2026-03-01 00:00")
        try world.set(["timeZone": "America/New_York"], at: "2026-03-02 09:00")
        try world.pass(until: until)
        #expect(Self.keys(world) == keys)
        if !keys.isEmpty { #expect(world.log == ["03-08 15:00 s/1 act"]) }
    }

    @Test func `a time that comes twice fires once`() throws {
        var world = try World(rules: Self.rules(#"{ "cron": "30 1 * 11 *" }"#), start: "2026-10-01 00:00")
        try world.set(["timeZone": "America/New_York"], at: "2026-10-31 20:00")
        try world.pass(until: "2026-11-02 14:00")
        #expect(Self.keys(world) == ["2026-11-01T01:30"])
        #expect(world.log == ["11-01 13:30 s/1 act"])
    }

    // MARK: Spread

    static func spread(_ spread: String, _ rest: String = "") -> String {
        rules(#"{ "cron": "0 10 * * *", "spread": "\#(spread)" }"#, rest)
    }

    /// The delay of `c1`: a share of XXH64 over the campaign's salt.
    static var share: Double { Bucket.share(of: ["spread:s", "c1"]) }

    @Test(arguments: paces) func `a spread delays by a stable share`(pace: World.Pace) throws {
        var world = try World(rules: Self.spread("PT10H"), start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "gold"], at: "2026-05-01 09:00")
        try world.pass(until: "2026-05-03 00:00")
        let delay = Int64(Self.share * 36_000_000)
        #expect(
            world.decisions.map(\.due) == [
                try world.instant("2026-05-01 10:00").advanced(byMilliseconds: delay),
                try world.instant("2026-05-02 10:00").advanced(byMilliseconds: delay),
            ])
        #expect(Self.keys(world) == ["2026-05-01T10:00", "2026-05-02T10:00"])
    }

    @Test func `whole days move whole days`() throws {
        var world = try World(
            rules: Self.rules(#"{ "cron": "0 10 1 * *", "spread": "P20D" }"#), start: "2026-04-30 00:00")
        try world.set(["tier": "gold"], at: "2026-04-30 09:00")
        try world.pass(until: "2026-05-31 00:00")
        let day = 1 + Int(Self.share * 20)
        #expect(world.log == ["05-\(day < 10 ? "0" : "")\(day) 10:00 s/1 act"])
    }

    @Test func `only those wait who match at the tick, and they must match again when it fires`() throws {
        let cases: [(before: String, after: String, acts: Int, counted: [String])] = [
            ("gold", "gold", 1, []), ("gold", "silver", 0, ["s"]), ("silver", "gold", 0, ["s"]),
        ]
        for test in cases {
            var world = try World(
                rules: Self.rules(
                    #"{ "cron": "0 10 1 * *", "spread": "PT10H" }"#, #""condition": { "segment": "vip" },"#),
                start: "2026-04-30 00:00")
            try world.set(["tier": .string(test.before)], at: "2026-05-01 09:00")
            try world.set(["tier": .string(test.after)], at: "2026-05-01 10:01")
            try world.pass(until: "2026-05-02 00:00")
            #expect(world.decisions.filter { $0.outcome == .act }.count == test.acts, "\(test)")
            #expect(world.conditionFalse == test.counted, "\(test)")
        }
        #expect(Self.share * 600 > 2, "the customer waits longer than the change takes")
    }
}

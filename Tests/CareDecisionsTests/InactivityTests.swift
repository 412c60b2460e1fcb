import CareDecisions
import CareRules
import CareValues
import Testing

/// The trigger `inactivity`: silences of several event types, since a date, repeated and spread.
@Suite struct InactivityTests {
    static let paces: [World.Pace] = [.everyDueInstant, .every(minutes: 10)]

    static func rules(_ inactivity: String, _ rest: String = "") -> String {
        """
        {
          "attributes": {
            "joinedOn": { "type": "date" }, "joinedAt": { "type": "instant" }, "timeZone": { "type": "zone" },
            "tier": { "type": "ordinal", "values": ["silver", "gold"] }
          },
          "campaigns": { "quiet": { "trigger": { "inactivity": \(inactivity) }, \(rest)
            "actions": [{ "send": "crm", "type": "t",
              "data": { "since": "{{entry.since}}", "n": { "$value": { "var": "entry.repeat" } } } }] } }
        }
        """
    }

    static let monthly = rules(#"{ "of": "visit", "for": "P30D", "every": "P30D", "at": "09:00" }"#)

    @Test(arguments: paces)
    func `a silence is repeated while it lasts, on the grid of its beginning also after an edit of every`(
        pace: World.Pace
    ) throws {
        var world = try World(rules: Self.monthly, start: "2026-01-01 00:00", pace: pace)
        try world.event("visit", at: "2026-01-02 12:00")
        try world.pass(until: "2026-05-05 11:00")
        // As the simulation sees the same months.
        let acts = ["02-02", "03-04", "04-03", "05-03", "06-02", "08-01", "09-30"].map { "\($0) 09:00 quiet/1 act" }
        #expect(world.log == Array(acts[..<4]))
        try world.activate(
            Self.rules(#"{ "of": "visit", "for": "P30D", "every": "P60D", "at": "09:00" }"#), at: "2026-05-05 12:00")
        let planned = world.forecast(days: 160).decisions.map(\.key)
        try world.pass(until: "2026-10-10 00:00")
        #expect(world.log == acts)
        #expect(world.decisions.suffix(3).map(\.key) == planned)
        #expect(
            world.decisions.map(\.key.occurrence) == (1...7).map { "2026-01-02T04:00:00.000Z#\($0)" },
            "each firing of one silence has the next number")
        #expect(world.decisions.last?.order?.data == ["n": .number(7), "since": "2026-01-02T04:00:00.000Z"])
    }

    @Test(arguments: paces)
    func `an edit of for greets nobody of the same silence a second time`(pace: World.Pace) throws {
        var world = try World(
            rules: Self.rules(#"{ "of": "visit", "for": "P30D" }"#), start: "2026-01-01 00:00", pace: pace)
        try world.event("visit", at: "2026-01-02 12:00")
        try world.pass(until: "2026-02-05 12:00")
        try world.activate(Self.rules(#"{ "of": "visit", "for": "P45D" }"#), at: "2026-02-05 12:00")
        try world.pass(until: "2026-06-01 00:00")
        #expect(world.log == ["02-01 12:00 quiet/1 act"])
        // With repetitions the first one is not fired again either: 16 February is passed over.
        try world.activate(
            Self.rules(#"{ "of": "visit", "for": "P155D", "every": "P30D" }"#), at: "2026-06-02 00:00")
        try world.pass(until: "2026-08-01 00:00")
        #expect(world.log == ["02-01 12:00 quiet/1 act", "07-06 12:00 quiet/1 act"])
        try world.event("visit", at: "2026-08-02 12:00")
        try world.activate(Self.rules(#"{ "of": "visit", "for": "P10D" }"#), at: "2026-08-03 00:00")
        try world.pass(until: "2026-12-01 00:00")
        #expect(world.log.last == "08-12 12:00 quiet/1 act", "a new silence")
        #expect(world.decisions.last?.key.occurrence == "2026-08-02T04:00:00.000Z#1")
    }

    @Test(arguments: paces)
    func `an event of any of the types breaks it, a moment before it is complete`(pace: World.Pace) throws {
        let rules = Self.rules(#"{ "of": ["visit", "purchase"], "for": "P10D", "at": "10:00" }"#)
        var world = try World(rules: rules, start: "2026-01-01 00:00", pace: pace)
        try world.event("visit", at: "2026-01-02 12:00")
        try world.event("other", at: "2026-01-05 12:00")
        try world.event("purchase", at: "2026-01-13 09:59:59")
        try world.pass(until: "2026-02-28 00:00")
        #expect(world.log == ["01-23 10:00 quiet/1 act"])
        var late = try World(rules: rules, start: "2026-01-01 00:00", pace: pace)
        try late.event("visit", at: "2026-01-02 12:00")
        try late.event("purchase", at: "2026-01-13 10:00")
        #expect(late.log == [], "what is due at the instant of a fact is decided after it")
        try late.pass(until: "2026-01-23 12:00")
        #expect(late.log == ["01-23 10:00 quiet/1 act"])
    }

    @Test(arguments: [(at: "2026-01-31 11:59:59", fires: true), (at: "2026-01-31 12:00", fires: false)])
    func `a silence complete at or before the campaign's start does not fire, and its next repetition does`(
        at: String, fires: Bool
    ) throws {
        var world = try World(rules: Rules.base, start: "2026-01-01 00:00")
        try world.event("visit", at: "2026-01-01 12:00")
        try world.activate(Self.rules(#"{ "of": "visit", "for": "P30D" }"#), at: at)
        try world.pass(until: "2026-12-01 00:00")
        #expect(world.log == (fires ? ["01-31 12:00 quiet/1 act"] : []))
        var again = try World(rules: Rules.base, start: "2026-01-01 00:00")
        try again.event("visit", at: "2026-01-01 12:00")
        try again.activate(Self.rules(#"{ "of": "visit", "for": "P30D", "every": "P10D" }"#), at: at)
        try again.pass(until: "2026-02-11 00:00")
        #expect(again.decisions.first?.key.occurrence == "2026-01-01T04:00:00.000Z#1")
        #expect(again.log.last == "02-10 12:00 quiet/1 act")
        #expect(again.log.count == (fires ? 2 : 1))
    }

    @Test func `months are counted from the beginning of the silence, clamped once`() throws {
        var world = try World(
            rules: Self.rules(#"{ "of": "visit", "for": "P1M", "every": "P1M", "at": "10:00" }"#),
            start: "2026-01-01 00:00")
        try world.event("visit", at: "2026-01-31 09:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(world.log.map { $0.prefix(5) } == ["02-28", "03-31", "04-30", "05-31"])
    }

    @Test func `after a downtime what is still in time is sent, the rest recorded`() throws {
        var world = try World(
            rules: Self.rules(#"{ "of": "visit", "for": "P10D", "every": "P10D" }"#), start: "2026-01-01 00:00")
        try world.event("visit", at: "2026-01-01 12:00")
        try world.tick(at: "2026-02-01 11:00")
        #expect(
            world.log == [
                "02-01 11:00 quiet skip too_late", "02-01 11:00 quiet skip too_late", "02-01 11:00 quiet/1 act",
            ])
        #expect(
            world.decisions.map(\.key.occurrence) == (1...3).map { "2026-01-01T04:00:00.000Z#\($0)" })
    }

    // MARK: Since a date

    static let since = rules(#"{ "of": "visit", "for": "P7D", "orSince": "joinedOn", "at": "10:00" }"#)

    @Test(arguments: paces)
    func `who never did it is silent since the date, until the first time`(pace: World.Pace) throws {
        var world = try World(rules: Self.since, start: "2026-01-01 00:00", pace: pace)
        try world.set(["joinedOn": "2026-01-05"], at: "2026-01-05 15:00")
        try world.pass(until: "2026-01-20 00:00")
        #expect(world.log == ["01-12 10:00 quiet/1 act"])
        #expect(world.decisions.first?.key.occurrence == "2026-01-05#1")
        #expect(world.decisions.first?.order?.data == ["n": .number(1), "since": "2026-01-05"])
        try world.event("visit", at: "2026-01-20 12:00")
        try world.set(["joinedOn": "2026-01-25"], at: "2026-01-21 12:00")
        try world.pass(until: "2026-03-20 00:00")
        #expect(world.log == ["01-12 10:00 quiet/1 act", "01-28 10:00 quiet/1 act"], "then the visits count")
    }

    @Test func `without the date, or without the key, who never did it is not silent`() throws {
        var world = try World(rules: Self.since, start: "2026-01-01 00:00")
        try world.set(["tier": "gold"], at: "2026-01-05 15:00")
        try world.pass(until: "2026-03-20 00:00")
        var other = try World(rules: Self.rules(#"{ "of": "visit", "for": "P7D" }"#), start: "2026-01-01 00:00")
        try other.set(["joinedOn": "2026-01-05"], at: "2026-01-05 15:00")
        try other.pass(until: "2026-03-20 00:00")
        #expect(world.log + other.log == [])
    }

    @Test(arguments: [(known: "2026-01-13 09:59", count: 1), (known: "2026-01-13 10:00", count: 0)])
    func `a date known late is due at once while it is in time`(known: String, count: Int) throws {
        var world = try World(rules: Self.since, start: "2026-01-01 00:00")
        try world.set(["tier": "gold"], at: "2026-01-02 12:00")
        try world.set(["joinedOn": "2026-01-05"], at: known)
        try world.pass(until: "2026-03-20 00:00")
        #expect(world.log == (count == 1 ? ["01-13 09:59 quiet/1 act"] : []))
    }

    @Test func `a corrected date is another silence, and the old one again is not`() throws {
        var world = try World(
            rules: Self.rules(
                #"{ "of": "visit", "for": "P7D", "orSince": "joinedOn", "at": "10:00" }"#, #""maxLateness": "P5D","#),
            start: "2026-01-01 00:00")
        try world.set(["joinedOn": "2026-01-05"], at: "2026-01-05 15:00")
        try world.set(["joinedOn": "2026-01-06"], at: "2026-01-12 12:00")
        try world.set(["joinedOn": "2026-01-05"], at: "2026-01-13 12:00")
        try world.set(["joinedOn": "2026-01-06"], at: "2026-01-14 12:00")
        try world.pass(until: "2026-03-20 00:00")
        #expect(world.decisions.map(\.key.occurrence) == ["2026-01-05#1", "2026-01-06#1"])
    }

    @Test func `a date that stands for unknown is refused, and an instant is one`() throws {
        var world = try World(
            rules: Self.rules(#"{ "of": "visit", "for": "P7D", "orSince": "joinedOn", "every": "P1Y" }"#),
            start: "2026-01-01 00:00")
        try world.set(["joinedOn": "1970-01-01"], at: "2026-01-05 15:00")
        try world.pass(until: "2026-03-20 00:00")
        #expect(world.log == ["01-08 00:00 quiet suppress sentinel_date"])
        var instant = try World(
            rules: Self.rules(#"{ "of": "visit", "for": "PT2H", "orSince": "joinedAt" }"#), start: "2026-01-01 00:00")
        try instant.set(["joinedAt": "2026-01-05T07:00:00Z"], at: "2026-01-05 15:30")
        try instant.pass(until: "2026-03-20 00:00")
        #expect(instant.log == ["01-05 17:00 quiet/1 act"])
        #expect(instant.decisions.first?.key.occurrence == "2026-01-05T07:00:00.000Z#1")
    }

    // MARK: A moved zone

    @Test(arguments: paces)
    func `a moved zone fires no firing a second time, and brings what it makes due`(pace: World.Pace) throws {
        var world = try World(rules: Self.monthly, start: "2026-01-01 00:00", pace: pace)
        try world.event("visit", at: "2026-01-02 12:00")
        // In New York 09:00 after 90 days has been, in Shanghai it is still to come.
        try world.set(["timeZone": "America/New_York"], at: "2026-04-02 22:00")
        try world.set(["timeZone": "Asia/Shanghai"], at: "2026-04-02 23:00")
        try world.set(["timeZone": "America/New_York"], at: "2026-04-03 09:30")
        try world.pass(until: "2026-05-10 00:00")
        #expect(
            world.log == [
                "02-02 09:00 quiet/1 act", "03-04 09:00 quiet/1 act", "04-02 22:00 quiet/1 act",
                "05-02 21:00 quiet/1 act",
            ])
    }

    // MARK: Spread

    static let spread = rules(#"{ "of": "visit", "for": "P10D", "at": "10:00", "spread": "P5D" }"#)

    /// The salt and the arithmetic are promised to those who want to foresee a delay.
    private static func days(of customer: String) -> Int32 {
        Int32(Bucket.share(of: ["spread:quiet", customer]) * 5)
    }

    @Test(arguments: paces)
    func `a spread of days moves whole days, the same each time`(pace: World.Pace) throws {
        var world = try World(rules: Self.spread, start: "2026-01-01 00:00", pace: pace)
        try world.event("visit", at: "2026-01-02 12:00")
        try world.event("visit", at: "2026-02-02 12:00")
        try world.pass(until: "2026-03-02 00:00")
        let days = Self.days(of: "c1")
        #expect(days > 0, "else this test shows nothing")
        let expected = ["2026-01-13", "2026-02-13"].map { text in
            "\((CivilDate(text: text)?.advanced(byDays: Int(days)).text ?? "").dropFirst(5)) 10:00 quiet/1 act"
        }
        #expect(world.log == expected)
    }

    @Test func `a spread of hours moves a part of them`() throws {
        var world = try World(
            rules: Self.rules(#"{ "of": "visit", "for": "P10D", "spread": "PT2H" }"#), start: "2026-01-01 00:00")
        try world.event("visit", at: "2026-01-02 12:00")
        try world.pass(until: "2026-03-02 00:00")
        let delay = Int64(Bucket.share(of: ["spread:quiet", "c1"]) * 7_200_000)
        #expect(world.decisions.map(\.now) == [try world.instant("2026-01-12 12:00").advanced(byMilliseconds: delay)])
    }

    @Test func `shares are even: of many customers each day of the spread has about as many`() {
        var counts = [Int](repeating: 0, count: 5)
        for number in 1...5_000 { counts[Int(Self.days(of: "c\(number)"))] += 1 }
        #expect(counts.allSatisfy { (900...1_100).contains($0) }, "\(counts)")
    }

    @Test(arguments: paces)
    func `what waits for its part is dropped without a row when the silence ends`(pace: World.Pace) throws {
        var world = try World(rules: Self.spread, start: "2026-01-01 00:00", pace: pace)
        try world.event("visit", at: "2026-01-02 12:00")
        let days = Int(Self.days(of: "c1"))
        let day = try #require(CivilDate(text: "2026-01-13")).advanced(byDays: days).text
        try world.pass(until: "2026-01-13 10:30")
        #expect(world.row?.memory.delayed.count == 1)
        try world.event("visit", at: "\(day) 09:59")
        try world.pass(until: "\(day) 12:00")
        #expect(world.log == [])
        #expect(world.row?.memory.delayed.isEmpty == true)
    }

    @Test func `what waits is reckoned anew in a moved zone, and lateness counts from its own instant`() throws {
        var world = try World(rules: Self.spread, start: "2026-01-01 00:00")
        try world.event("visit", at: "2026-01-02 12:00")
        try world.pass(until: "2026-01-13 11:00")
        try world.set(["timeZone": "America/New_York"], at: "2026-01-13 11:30")
        let days = Int64(Self.days(of: "c1"))
        try world.pass(until: "2026-02-13 00:00")
        // In New York the first 10:00 after the ten days is that of 12 January, 23:00 in Shanghai.
        let newYork = try #require(World.zones.zone(named: "America/New_York"))
        let due = try #require(world.decisions.first?.now)
        #expect(newYork.local(due).time.text == "10:00")
        #expect(world.log.count == 1)
        #expect(due.milliseconds(since: try world.instant("2026-01-12 23:00")) == days * 86_400_000)

        var down = try World(rules: Self.spread, start: "2026-01-01 00:00")
        try down.event("visit", at: "2026-01-02 12:00")
        let day = try #require(CivilDate(text: "2026-01-13")).advanced(byDays: Int(days) + 1).text
        try down.tick(at: "\(day) 09:59")
        #expect(down.log.first?.hasSuffix("quiet/1 act") == true)
        var late = try World(rules: Self.spread, start: "2026-01-01 00:00")
        try late.event("visit", at: "2026-01-02 12:00")
        try late.tick(at: "\(day) 10:00")
        #expect(late.log.first?.hasSuffix("quiet skip too_late") == true)
    }

    @Test func `what waits ends with its campaign, and with a row`() throws {
        var world = try World(rules: Self.spread, start: "2026-01-01 00:00")
        try world.event("visit", at: "2026-01-02 12:00")
        try world.pass(until: "2026-01-13 10:30")
        try world.activate(Rules.base, at: "2026-01-13 11:00")
        #expect(world.log == ["01-13 11:00 quiet skip campaign_removed"])
    }
}

import CareDecisions
import CareRules
import CareValues
import Testing

/// Holidays: the region's day, the customer's clock, once a year of the holiday's own calendar.
@Suite struct HolidayTriggerTests {
    static let paces: [World.Pace] = [.everyDueInstant, .every(minutes: 10)]

    static func rules(_ holiday: String, _ rest: String = "") -> String {
        """
        { "attributes": { "country": { "type": "string" }, "timeZone": { "type": "zone" } },
          "campaigns": { "h": { "trigger": { "holiday": \(holiday) }, \(rest)
            "actions": [{ "send": "crm", "type": "t", "data": { "what": "{{entry.holiday}} {{entry.region}} {{entry.date}}" } }] } } }
        """
    }

    static let mothersDay = rules(#"{ "name": "mothers-day", "region": { "var": "country" }, "at": "10:00" }"#)

    @Test(arguments: paces) func `a holiday is greeted at its wall time, with an offset before`(pace: World.Pace) throws
    {
        var world = try World(
            rules: Self.rules(#"{ "name": "mid-autumn", "region": "CN", "offset": ["-P1D", "P0D"], "at": "10:00" }"#),
            start: "2026-05-01 00:00", pace: pace)
        try world.set(["country": "CN"], at: "2026-05-01 09:00")
        try world.pass(until: "2027-05-01 00:00")
        #expect(world.log == ["09-24 10:00 h/1 act", "09-25 10:00 h/1 act"])
        #expect(world.decisions.map(\.key.occurrence) == ["mid-autumn/2026/1", "mid-autumn/2026/2"])
        #expect(world.decisions[0].order?.data == ["what": "mid-autumn CN 2026-09-25"])
    }

    @Test func `new year's eve belongs to the lunar year that ends, and policies say the time`() throws {
        var world = try World(
            rules: Self.rules(#"{ "name": "spring-festival-eve", "region": "CN" }"#), start: "2026-01-01 00:00")
        try world.set(["country": "CN"], at: "2026-01-01 09:00")
        try world.pass(until: "2027-02-10 00:00")
        #expect(world.decisions.map(\.key.occurrence) == ["spring-festival-eve/2025/1", "spring-festival-eve/2026/1"])
        #expect(world.log == ["02-16 09:00 h/1 act", "02-05 09:00 h/1 act"])
    }

    @Test(arguments: [
        ("UK", ["03-15 10:00 h/1 act"]), ("US", ["05-10 10:00 h/1 act"]), ("de", ["05-10 10:00 h/1 act"]),
        ("nowhere", []), ("", []),
    ])
    func `an attribute names the region`(country: String, log: [String]) throws {
        var world = try World(rules: Self.mothersDay, start: "2026-01-01 00:00")
        try world.set(
            country.isEmpty ? ["timeZone": "Asia/Shanghai"] : ["country": .string(country)], at: "2026-01-02 09:00")
        try world.pass(until: "2026-12-31 00:00")
        #expect(world.log == log)
    }

    @Test func `another region brings its day, and no second greeting in one year`() throws {
        var world = try World(rules: Self.mothersDay, start: "2026-01-01 00:00")
        try world.set(["country": "UK"], at: "2026-01-02 09:00")
        try world.set(["country": "US"], at: "2026-04-02 09:00")
        try world.pass(until: "2027-01-01 00:00")
        #expect(world.log == ["03-15 10:00 h/1 act"])
    }

    @Test(arguments: [
        ("2026-05-10 23:59", ["05-10 23:59 h/1 act"]), ("2026-05-11 00:00", []),
        ("2026-05-10 09:00", ["05-10 10:00 h/1 act"]),
    ])
    func `a region that becomes known on the day greets at once, if still in time`(known: String, log: [String]) throws
    {
        var world = try World(rules: Self.mothersDay, start: "2026-01-01 00:00")
        try world.set(["timeZone": "Asia/Shanghai"], at: "2026-01-02 09:00")
        try world.set(["country": "US"], at: known)
        try world.pass(until: "2026-12-31 00:00")
        #expect(world.log == log)
    }

    @Test(arguments: paces) func `a moved zone brings the day at once, and not twice`(pace: World.Pace) throws {
        var world = try World(rules: Self.mothersDay, start: "2026-01-01 00:00", pace: pace)
        try world.set(["country": "US", "timeZone": "America/New_York"], at: "2026-01-02 09:00")
        try world.event("page.viewed", at: "2026-05-10 10:30")
        try world.set(["timeZone": "Asia/Shanghai"], at: "2026-05-10 11:00")
        try world.set(["timeZone": "America/New_York"], at: "2026-05-10 12:00")
        try world.pass(until: "2026-12-31 00:00")
        #expect(world.log == ["05-10 11:00 h/1 act"])
    }

    @Test(arguments: [("2026-09-24 23:59", "09-24 23:59 h/1 act"), ("2026-09-25 00:00", "09-25 00:00 h skip too_late")])
    func `a greeting is in time until the end of the date it is due on`(tick: String, line: String) throws {
        var world = try World(
            rules: Self.rules(#"{ "name": "mid-autumn", "region": "CN", "offset": "-P1D", "at": "10:00" }"#),
            start: "2026-09-01 00:00", pace: .every(minutes: 1_000_000))
        try world.set(["country": "CN"], at: "2026-09-02 09:00")
        try world.tick(at: tick)
        #expect(world.log == [line])
    }

    @Test func `of several instants the last is decided and the others are counted`() throws {
        var world = try World(
            rules: Self.rules(
                #"{ "name": "mid-autumn", "region": "CN", "offset": ["-P7D", "P0D", "-P1D"], "at": "10:00" }"#),
            start: "2026-09-01 00:00", pace: .every(minutes: 1_000_000))
        try world.set(["country": "CN"], at: "2026-09-02 09:00")
        try world.tick(at: "2026-09-25 11:00")
        #expect(world.decisions.map(\.key.occurrence) == ["mid-autumn/2026/2"])
        #expect(world.passedOver == ["h": 2])
    }

    @Test func `an edited offset greets nobody twice`() throws {
        func holiday(_ offset: String) -> String {
            Self.rules(#"{ "name": "mid-autumn", "region": "CN", "offset": "\#(offset)", "at": "10:00" }"#)
        }
        var world = try World(rules: holiday("-P1D"), start: "2026-09-01 00:00")
        try world.set(["country": "CN"], at: "2026-09-02 09:00")
        try world.activate(holiday("P0D"), at: "2026-09-24 12:00")
        try world.pass(until: "2026-12-31 00:00")
        #expect(world.log == ["09-24 10:00 h/1 act"])
    }
}

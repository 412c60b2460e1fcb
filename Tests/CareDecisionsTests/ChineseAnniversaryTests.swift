import CareDecisions
import CareValues
import Testing

/// Anniversaries in the Chinese calendar. Its dates were taken from lunar_python 1.4.8.
@Suite struct ChineseAnniversaryTests {
    static let paces: [World.Pace] = [.everyDueInstant, .every(minutes: 10)]

    static func rules(_ settings: String = "", of: String = "birthday", _ rest: String = "") -> String {
        """
        {
          "attributes": {
            "birthday": { "type": "birthday" }, "joinedOn": { "type": "date" }, "bookedAt": { "type": "instant" },
            "timeZone": { "type": "zone" }
          },
          "campaigns": { "moon": { "trigger": { "anniversary": { "of": "\(of)", "at": "09:00"\(settings) } }, \(rest)
            "actions": [{ "send": "crm", "type": "t",
              "data": { "on": "{{entry.date}}", "years": { "$value": { "var": "entry.years" } } } }] } }
        }
        """
    }

    /// The days of the acts and their occurrences, with the year.
    static func acts(_ world: World) -> [String] {
        world.decisions.filter { $0.outcome == .act }.map {
            "\(world.zone.date(at: $0.now).text) \($0.key.occurrence)"
        }
    }

    static func life(
        _ birthday: JSONValue, _ rules: String, until: String, pace: World.Pace = .everyDueInstant
    ) throws
        -> World
    {
        var world = try World(rules: rules, start: "2024-01-01 00:00", pace: pace)
        try world.set(["birthday": birthday], at: "2024-01-01 08:00")
        try world.pass(until: until)
        return world
    }

    @Test(arguments: paces)
    func `a Chinese birthday returns in its own calendar, under the year of that calendar`(pace: World.Pace) throws {
        let world = try Self.life("chinese:1958-06-15", Self.rules(), until: "2027-01-01 00:00", pace: pace)
        #expect(Self.acts(world) == ["2024-07-20 2024/1", "2025-07-09 2025/1", "2026-07-28 2026/1"])
        #expect(world.decisions.first?.order?.data == ["on": "2024-07-20", "years": .number(66)])
    }

    @Test(arguments: paces)
    func `a birthday falls twice in one Gregorian year and never in the next`(pace: World.Pace) throws {
        var world = try World(rules: Self.rules(), start: "2024-01-01 00:00", pace: pace)
        try world.set(["birthday": "chinese:1958-11-25"], at: "2024-01-01 08:00")
        try world.pass(until: "2026-12-31 00:00")
        #expect(Self.acts(world) == ["2024-01-06 2023/1", "2024-12-25 2024/1", "2026-01-13 2025/1"])
        #expect(
            world.decisions.map(\.order?.data) == [
                ["on": "2024-01-06", "years": .number(65)], ["on": "2024-12-25", "years": .number(66)],
                ["on": "2026-01-13", "years": .number(67)],
            ])
    }

    @Test func `the year of an anniversary is its own, not that of the send`() throws {
        // 1/1 of 2026 is 17 February; a month before it the year 2025 has not ended.
        let world = try Self.life(
            "chinese:1958-01-01", Self.rules(#", "offset": ["-P30D", "P0D"]"#), until: "2025-03-01 00:00")
        #expect(
            Self.acts(world) == [
                "2024-01-11 2024/1", "2024-02-10 2024/2", "2024-12-30 2025/1", "2025-01-29 2025/2",
            ])
    }

    // MARK: From one calendar to the other

    @Test func `a Gregorian date is kept in the Chinese calendar, and a Chinese one in the Gregorian`() throws {
        // 1958-07-31 was 6/15 of the Chinese calendar.
        let chinese = #", "calendar": "chinese""#
        #expect(ChineseCalendar.date(of: try #require(CivilDate(text: "1958-07-31")))?.text == "1958-06-15")
        let lunar = try Self.life("1958-07-31", Self.rules(chinese), until: "2026-01-01 00:00")
        #expect(Self.acts(lunar) == ["2024-07-20 2024/1", "2025-07-09 2025/1"])
        let solar = try Self.life(
            "chinese:1958-06-15", Self.rules(#", "calendar": "gregorian""#), until: "2026-01-01 00:00")
        #expect(Self.acts(solar) == ["2024-07-31 2024/1", "2025-07-31 2025/1"])
        for (name, value) in [("joinedOn", "1958-07-31"), ("bookedAt", "1958-07-30T16:00:00Z")] {
            var world = try World(rules: Self.rules(chinese, of: name), start: "2024-01-01 00:00")
            try world.set([name: .string(value)], at: "2024-01-01 08:00")
            try world.pass(until: "2025-01-01 00:00")
            #expect(Self.acts(world) == ["2024-07-20 2024/1"], "\(name)")
        }
    }

    @Test(arguments: [
        ("--07-31", "own", 1), ("--07-31", "gregorian", 1), ("--07-31", "chinese", 0), ("chinese:--06-15", "own", 1),
        ("chinese:--06-15", "chinese", 1), ("chinese:--06-15", "gregorian", 0), ("1899-07-31", "chinese", 0),
        ("1899-07-31", "own", 1),
    ])
    func `a birthday without a year, or before the table, has no anniversary in another calendar`(
        birthday: String, calendar: String, count: Int
    ) throws {
        let world = try Self.life(
            .string(birthday), Self.rules(#", "calendar": "\#(calendar)""#), until: "2025-01-01 00:00")
        #expect(world.decisions.count == count)
        if birthday.contains("--"), case .object(let data)? = world.decisions.first?.order?.data {
            #expect(data["years"] == JSONValue.null)
        }
    }

    // MARK: What a year lacks

    struct Setting: Sendable, CustomTestStringConvertible {
        var birthday: String
        var settings: String
        var days: [String]
        var testDescription: String { "\(birthday) \(settings)" }
    }

    /// The sixth month of 2025 is doubled, that of 2024 and 2026 is not. In 2024 the twelfth month has 29 days (as in
    /// 2025), and in 2023 30; the sixth month of 2025 has 30, its leap month 29.
    static let settings = [
        Setting(birthday: "chinese:--06L-15", settings: "", days: ["2024-07-20", "2025-07-09", "2026-07-28"]),
        Setting(
            birthday: "chinese:--06L-15", settings: #", "leapMonth": "ordinary""#,
            days: ["2024-07-20", "2025-07-09", "2026-07-28"]),
        Setting(
            birthday: "chinese:--06L-15", settings: #", "leapMonth": "leap""#,
            days: ["2024-07-20", "2025-08-08", "2026-07-28"]),
        Setting(
            birthday: "chinese:--06-15", settings: #", "leapMonth": "leap""#,
            days: ["2024-07-20", "2025-07-09", "2026-07-28"]),
        Setting(
            birthday: "chinese:--06L-30", settings: #", "leapMonth": "leap""#,
            days: ["2024-08-03", "2025-08-22", "2026-08-12"]),
        Setting(
            birthday: "chinese:--06L-30", settings: #", "leapMonth": "leap", "shortMonth": "nextDay""#,
            days: ["2024-08-04", "2025-08-23", "2026-08-12"]),
        Setting(
            birthday: "chinese:--06L-30", settings: #", "leapMonth": "leap", "shortMonth": "skip""#,
            days: ["2026-08-12"]),
        Setting(birthday: "chinese:--12-30", settings: "", days: ["2024-02-09", "2025-01-28", "2026-02-16"]),
        Setting(
            birthday: "chinese:--12-30", settings: #", "shortMonth": "lastDay""#,
            days: ["2024-02-09", "2025-01-28", "2026-02-16"]),
        Setting(
            birthday: "chinese:--12-30", settings: #", "shortMonth": "nextDay""#,
            days: ["2024-02-09", "2025-01-29", "2026-02-17"]),
        Setting(birthday: "chinese:--12-30", settings: #", "shortMonth": "skip""#, days: ["2024-02-09"]),
        Setting(
            birthday: "chinese:--12-29", settings: #", "shortMonth": "skip""#,
            days: ["2024-02-08", "2025-01-28", "2026-02-16"]),
    ]

    @Test(arguments: settings)
    func `leap months and the 30th are kept as the rule says`(_ test: Setting) throws {
        let world = try Self.life(.string(test.birthday), Self.rules(test.settings), until: "2027-01-01 00:00")
        #expect(Self.acts(world).map { String($0.prefix(10)) } == test.days)
    }

    @Test func `a 30th that is kept on the next day belongs to its own year`() throws {
        let world = try Self.life(
            "chinese:--12-30", Self.rules(#", "shortMonth": "nextDay""#), until: "2025-12-31 00:00")
        #expect(Self.acts(world) == ["2024-02-09 2023/1", "2025-01-29 2024/1"])
    }

    @Test func `after years without a 30th it comes again`() throws {
        // From 2025 on the next twelfth month of 30 days is that of 2029.
        var world = try World(rules: Self.rules(#", "shortMonth": "skip""#), start: "2024-03-01 00:00")
        try world.set(["birthday": "chinese:--12-30"], at: "2024-03-02 00:00")
        try world.pass(until: "2030-12-31 00:00")
        #expect(Self.acts(world) == ["2030-02-02 2029/1"])
    }

    @Test func `the table's last year is greeted, and then no more`() throws {
        var world = try World(rules: Self.rules(), start: "2099-03-01 00:00")
        try world.set(["birthday": "chinese:1958-12-01"], at: "2099-03-02 00:00")
        try world.pass(until: "2110-12-31 00:00")
        #expect(world.decisions.map(\.key.occurrence) == ["2099/1", "2100/1"])
    }

    // MARK: Corrections

    @Test(arguments: paces)
    func `a date corrected after the greeting does not greet twice in that year of its calendar`(
        pace: World.Pace
    )
        throws
    {
        var world = try World(rules: Self.rules(), start: "2026-01-01 00:00", pace: pace)
        try world.set(["birthday": "chinese:1958-11-25"], at: "2026-01-02 00:00")
        try world.pass(until: "2026-01-14 00:00")
        // Still of the year 2025, which ends on 16 February.
        try world.set(["birthday": "chinese:1958-12-20"], at: "2026-01-15 00:00")
        try world.pass(until: "2026-02-20 00:00")
        // Of the year 2026, in the same Gregorian year.
        try world.set(["birthday": "chinese:1958-03-10"], at: "2026-02-21 00:00")
        try world.pass(until: "2026-06-01 00:00")
        // And the same day, written in the other calendar.
        try world.set(["birthday": "1958-06-28"], at: "2026-06-02 00:00")
        try world.pass(until: "2026-12-31 00:00")
        #expect(Self.acts(world) == ["2026-01-13 2025/1", "2026-04-26 2026/1"])
    }

    @Test(arguments: [("2026-07-28 23:59", 1), ("2026-07-29 00:00", 0)])
    func `a birthday known late is due at once until the end of its local day`(known: String, count: Int) throws {
        var world = try World(rules: Self.rules(), start: "2026-01-01 00:00")
        try world.set(["timeZone": "Asia/Shanghai"], at: "2026-01-01 08:00")
        try world.set(["birthday": "chinese:1958-06-15"], at: known)
        try world.pass(until: "2026-12-31 00:00")
        #expect(Self.acts(world) == (count == 1 ? ["2026-07-28 2026/1"] : []))
    }

    @Test func `a sentinel date is refused in the other calendar too`() throws {
        let world = try Self.life("1970-01-01", Self.rules(#", "calendar": "chinese""#), until: "2025-01-30 00:00")
        // 11/24 of the year 1969.
        #expect(world.log == ["01-05 09:00 moon suppress sentinel_date", "12-24 09:00 moon suppress sentinel_date"])
    }
}

import CareCalendar
import CareValues
import Testing

/// The holidays that ship: their days, one by one where they are known, and their text.
@Suite struct ShippedHolidaysTests {
    static let days: [(region: String, holiday: String, year: Int, date: String?)] = [
        ("CN", "mid-autumn", 2026, "2026-09-25"), ("CN", "spring-festival", 2026, "2026-02-17"),
        // The lunar year that ends.
        ("CN", "spring-festival-eve", 2025, "2026-02-16"), ("CN", "qingming", 2026, "2026-04-05"),
        ("US", "thanksgiving", 2026, "2026-11-26"), ("US", "juneteenth", 2020, nil),
        ("US", "juneteenth", 2021, "2021-06-19"),
        ("UK", "mothers-day", 2026, "2026-03-15"), ("us", "mothers-day", 2026, "2026-05-10"),
        ("GB-SCT", "summer-bank", 2026, "2026-08-03"), ("GB-SCT", "boxing-day", 2026, "2026-12-26"),
        ("GB", "summer-bank", 2026, "2026-08-31"), ("GB", "early-may", 2020, "2020-05-08"),
        ("DE", "whit-monday", 2026, "2026-05-25"), ("DE-BY", "corpus-christi", 2026, "2026-06-04"),
        ("DE", "corpus-christi", 2026, nil), ("DE-SN", "repentance-day", 2026, "2026-11-18"),
        ("JP", "emperors-birthday", 2018, "2018-12-23"), ("JP", "emperors-birthday", 2019, nil),
        ("JP", "emperors-birthday", 2020, "2020-02-23"), ("JP", "vernal-equinox-day", 2026, "2026-03-20"),
    ]

    @Test(arguments: days)
    func `a holiday is on its day`(region: String, holiday: String, year: Int, date: String?) throws {
        #expect(try #require(ShippedHolidays.table.region(region)).date(of: holiday, year: year)?.text == date)
    }

    static let kinds: [(String, String, DayKind)] = [
        ("CN", "2026-02-14", .makeUpWorkday), ("CN", "2026-02-15", .dayOff), ("CN", "2026-02-23", .dayOff),
        ("CN", "2026-02-24", .ordinary), ("CN", "2026-02-28", .makeUpWorkday), ("CN", "2027-02-08", .dayOff),
        ("CN", "2027-02-09", .ordinary), ("US", "2026-07-03", .dayOff), ("US", "2026-07-02", .ordinary),
        ("GB", "2026-12-28", .dayOff), ("GB-SCT", "2026-04-06", .ordinary), ("GB", "2026-04-06", .dayOff),
        ("DE-BY", "2026-01-06", .dayOff), ("DE-BE", "2026-01-06", .ordinary), ("JP", "2026-09-22", .dayOff),
        ("JP", "2026-05-06", .dayOff), ("JP", "2026-05-07", .ordinary),
    ]

    @Test(arguments: kinds)
    func `a day is off, worked to make up for one, or neither`(region: String, day: String, kind: DayKind) throws {
        let date = try #require(CivilDate(text: day))
        #expect(try #require(ShippedHolidays.table.region(region)).kind(of: date) == kind)
    }

    @Test func `the table comes back from its text, and so does a part of it`() throws {
        let table = ShippedHolidays.table
        let again = try #require(HolidayTable(canonicalText: table.canonicalText()))
        #expect(again.regions.map(\.definition) == table.regions.map(\.definition))
        #expect(again.canonicalText() == table.canonicalText())
        let part = try #require(HolidayTable(canonicalText: table.canonicalText(codes: ["uk", "DE-BY", "nowhere"])))
        #expect(part.codes == ["DE-BY", "GB"])
        #expect(table.canonicalText(codes: ["nowhere"]) == "")
        #expect(HolidayTable(canonicalText: "")?.codes == [])
        #expect(HolidayTable(canonicalText: "{}") == nil)
    }
}

import CareValues
import Testing

@Suite struct HolidayRegionTests {
    static func date(_ text: String) throws -> CivilDate {
        try #require(CivilDate(text: text))
    }

    static func span(
        _ text: String, plus: Int = 0, years: ClosedRange<Int> = 1...9999, off: [Int] = [0],
        _ observed: HolidaySpan.Observed = .no
    ) throws -> HolidaySpan {
        HolidaySpan(
            day: try #require(HolidayDay(text: text)), plus: plus, years: years, daysOff: off, observed: observed)
    }

    static func off(_ region: HolidayRegion, from: String, until: String) throws -> [String] {
        let (first, end) = (try date(from), try date(until))
        return (Int(first.dayNumber)..<Int(end.dayNumber)).map { CivilDate(dayNumber: Int32($0)) }
            .filter { region.kind(of: $0) == .dayOff }.map(\.text)
    }

    @Test func `a day off on a weekend is also kept on the nearest weekday, over the year's end too`() throws {
        var definition = HolidayRegion.Definition(code: "X")
        definition.holidays = [
            "new-year": [try Self.span("01-01", .nearestWeekday)], "fourth": [try Self.span("07-04", .nearestWeekday)],
        ]
        let region = HolidayRegion(definition)
        #expect(try Self.off(region, from: "2026-07-01", until: "2027-01-01") == ["2026-07-03", "2026-07-04"])
        #expect(
            try Self.off(region, from: "2027-06-01", until: "2028-01-01") == ["2027-07-04", "2027-07-05", "2027-12-31"])
        #expect(try Self.off(region, from: "2028-01-01", until: "2028-02-01") == ["2028-01-01"])
    }

    @Test func `two days off on one weekend take the two weekdays after it`() throws {
        var definition = HolidayRegion.Definition(code: "X")
        definition.holidays = [
            "christmas": [try Self.span("12-25", .nextWeekday)], "boxing-day": [try Self.span("12-26", .nextWeekday)],
        ]
        let region = HolidayRegion(definition)
        // Saturday and Sunday.
        #expect(
            try Self.off(region, from: "2027-12-01", until: "2028-01-01")
                == ["2027-12-25", "2027-12-26", "2027-12-27", "2027-12-28"])
        // Sunday and Monday.
        #expect(
            try Self.off(region, from: "2022-12-01", until: "2023-01-01") == ["2022-12-25", "2022-12-26", "2022-12-27"])
        // Friday and Saturday.
        #expect(
            try Self.off(region, from: "2026-12-01", until: "2027-01-01") == ["2026-12-25", "2026-12-26", "2026-12-28"])
    }

    @Test func `a Sunday's day off goes past its neighbours, and a day between two is off`() throws {
        var definition = HolidayRegion.Definition(code: "X")
        definition.holidays = [
            "third": [try Self.span("05-03", .afterSunday)], "fourth": [try Self.span("05-04", .afterSunday)],
            "fifth": [try Self.span("05-05", .afterSunday)],
            "aged": [try Self.span("3rd monday of september", .afterSunday)],
            "autumn": [try Self.span("autumnal-equinox-japan", .afterSunday)],
        ]
        definition.bridge = true
        let region = HolidayRegion(definition)
        #expect(
            try Self.off(region, from: "2026-01-01", until: "2027-01-01")
                == ["2026-05-03", "2026-05-04", "2026-05-05", "2026-05-06", "2026-09-21", "2026-09-22", "2026-09-23"])
    }

    @Test func `published days replace the rules of their year, and only of that`() throws {
        var definition = HolidayRegion.Definition(code: "X")
        definition.holidays = ["new-year": [try Self.span("01-01")]]
        definition.published = [
            2026: HolidayRegion.PublishedYear(off: [try Self.date("2026-01-02")], work: [try Self.date("2026-01-04")])
        ]
        let region = HolidayRegion(definition)
        #expect(region.kind(of: try Self.date("2025-01-01")) == .dayOff)
        #expect(region.kind(of: try Self.date("2026-01-01")) == .ordinary)
        #expect(region.kind(of: try Self.date("2026-01-02")) == .dayOff)
        #expect(region.kind(of: try Self.date("2026-01-04")) == .makeUpWorkday)
        #expect(region.kind(of: try Self.date("2027-01-01")) == .dayOff)
        #expect(region.publishedThrough == 2026)
        // The holiday itself is where it was.
        #expect(region.date(of: "new-year", year: 2026)?.text == "2026-01-01")
    }

    @Test func `years beyond those written out are reckoned the same`() throws {
        var definition = HolidayRegion.Definition(code: "X")
        definition.holidays = ["new-year": [try Self.span("01-01", .nearestWeekday)]]
        definition.since = 1990
        let region = HolidayRegion(definition)
        // 1 January 2101 and 2011 are Saturdays, that of 1989 a Sunday.
        for day in ["2100-12-31", "2101-01-01", "2010-12-31", "2011-01-01", "1990-01-01"] {
            #expect(region.kind(of: try Self.date(day)) == .dayOff)
        }
        #expect(region.kind(of: try Self.date("1989-01-02")) == .ordinary)
    }

    @Test func `gives the returns of a holiday with the years of its own calendar`() throws {
        var definition = HolidayRegion.Definition(code: "X")
        definition.holidays = [
            "laba": [try Self.span("chinese 12-08", off: [])],
            "emperor": [try Self.span("12-23", years: 1989...2018), try Self.span("02-23", years: 2020...9999)],
            "black-friday": [try Self.span("4th thursday of november", plus: 1, off: [])],
        ]
        let region = HolidayRegion(definition)
        let laba = region.dates(of: "laba", from: try Self.date("2026-01-01"), until: try Self.date("2028-01-04"))
        #expect(laba.map { "\($0.date.text) \($0.year)" } == ["2026-01-26 2025", "2027-01-15 2026"])
        let emperor = region.dates(of: "emperor", from: try Self.date("2018-01-01"), until: try Self.date("2021-01-01"))
        #expect(emperor.map(\.date.text) == ["2018-12-23", "2020-02-23"])
        #expect(region.date(of: "black-friday", year: 2026)?.text == "2026-11-27")
        #expect(region.date(of: "white-friday", year: 2026) == nil)
        let day = try Self.date("2026-11-27")
        #expect(region.dates(of: "black-friday", from: day, until: day.advanced(byDays: 1)).count == 1)
        #expect(region.dates(of: "black-friday", from: day.advanced(byDays: 1), until: day.advanced(byDays: 2)).isEmpty)
        #expect(region.dates(of: "black-friday", from: day, until: day).isEmpty)
        #expect(region.kind(of: day) == .ordinary)
    }

    @Test func `a table finds a region by any of its codes, small or capital`() {
        var britain = HolidayRegion.Definition(code: "GB")
        britain.also = ["UK", "ZZ"]
        let table = HolidayTable([
            HolidayRegion(HolidayRegion.Definition(code: "ZZ")), HolidayRegion(britain),
            HolidayRegion(HolidayRegion.Definition(code: "our-shop")),
        ])
        for (code, found) in [("GB", "GB"), ("gb", "GB"), ("uk", "GB"), ("Our-Shop", "our-shop"), ("ZZ", "ZZ")] {
            #expect(table.region(code)?.code == found)
        }
        #expect(table.region("FR") == nil)
        #expect(table.codes == ["GB", "ZZ", "our-shop"])
        #expect(HolidayTable.empty.region("GB") == nil)
    }
}

import CareValues
import Testing

@Suite struct CalendarPeriodTests {
    @Test(arguments: [
        (CalendarPeriod.day, "2026-05-17", "2026-05-17", "2026-05-18"),
        (.week, "2026-05-17", "2026-05-11", "2026-05-18"), (.week, "2026-05-18", "2026-05-18", "2026-05-25"),
        (.week, "1970-01-01", "1969-12-29", "1970-01-05"),
        (.month, "2026-05-01", "2026-05-01", "2026-06-01"), (.month, "2026-04-30", "2026-04-01", "2026-05-01"),
        (.month, "2028-02-29", "2028-02-01", "2028-03-01"), (.month, "2026-12-31", "2026-12-01", "2027-01-01"),
        (.quarter, "2026-03-31", "2026-01-01", "2026-04-01"), (.quarter, "2026-04-01", "2026-04-01", "2026-07-01"),
        (.quarter, "2026-11-15", "2026-10-01", "2027-01-01"),
        (.year, "2026-12-31", "2026-01-01", "2027-01-01"), (.year, "2027-01-01", "2027-01-01", "2028-01-01"),
    ])
    func `every date lies in one period`(period: CalendarPeriod, date: String, from: String, until: String) throws {
        let dates = period.dates(around: try #require(CivilDate(text: date)))
        #expect(dates.from.text == from)
        #expect(dates.until.text == until)
    }

    @Test(arguments: CalendarPeriod.allCases)
    func `periods follow one another without gap, and none is longer than it says`(period: CalendarPeriod) throws {
        var date = try #require(CivilDate(text: "2023-11-20"))
        let end = try #require(CivilDate(text: "2029-03-01"))
        var before = period.dates(around: date)
        while date < end {
            date = date.advanced(byDays: 1)
            let dates = period.dates(around: date)
            #expect(dates.from <= date && date < dates.until)
            #expect(dates.from == before.from || dates.from == before.until)
            #expect(Int(dates.until.dayNumber - dates.from.dayNumber) <= period.maximumDays)
            before = dates
        }
    }
}

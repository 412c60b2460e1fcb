import CareValues
import Testing

@Suite struct HolidayDayTests {
    struct Found: Sendable {
        let text: String
        let year: Int
        let date: String?
    }

    static let days = [
        Found(text: "12-25", year: 2026, date: "2026-12-25"), Found(text: "02-29", year: 2028, date: "2028-02-29"),
        Found(text: "02-29", year: 2026, date: nil),
        Found(text: "1st monday of june", year: 2026, date: "2026-06-01"),
        Found(text: "3rd monday of january", year: 2026, date: "2026-01-19"),
        Found(text: "4th thursday of november", year: 2026, date: "2026-11-26"),
        Found(text: "5th sunday of may", year: 2026, date: "2026-05-31"),
        Found(text: "5th sunday of june", year: 2026, date: nil),
        Found(text: "last monday of may", year: 2026, date: "2026-05-25"),
        Found(text: "last sunday of may", year: 2026, date: "2026-05-31"),
        Found(text: "last thursday of december", year: 2026, date: "2026-12-31"),
        Found(text: "last monday of february", year: 2027, date: "2027-02-22"),
        Found(text: "wednesday before 11-23", year: 2026, date: "2026-11-18"),
        Found(text: "monday before 11-23", year: 2026, date: "2026-11-16"),
        Found(text: "sunday before 11-23", year: 2026, date: "2026-11-22"),
        Found(text: "monday before 01-01", year: 2026, date: "2025-12-29"),
        Found(text: "easter", year: 1818, date: "1818-03-22"), Found(text: "easter", year: 1943, date: "1943-04-25"),
        Found(text: "easter", year: 2024, date: "2024-03-31"), Found(text: "easter", year: 2026, date: "2026-04-05"),
        Found(text: "easter", year: 2038, date: "2038-04-25"), Found(text: "easter", year: 2285, date: "2285-03-22"),
        Found(text: "easter", year: 1582, date: nil),
        Found(text: "chinese 08-15", year: 2026, date: "2026-09-25"),
        Found(text: "chinese 12-last", year: 2023, date: "2024-02-09"),
        Found(text: "chinese 12-last", year: 2024, date: "2025-01-28"),
        Found(text: "chinese 12-30", year: 2024, date: nil), Found(text: "chinese 01-01", year: 2101, date: nil),
        Found(text: "qingming", year: 2025, date: "2025-04-04"),
        Found(text: "qingming", year: 2026, date: "2026-04-05"),
        Found(text: "qingming", year: 1901, date: "1901-04-05"), Found(text: "qingming", year: 2101, date: nil),
        Found(text: "winter-solstice", year: 2025, date: "2025-12-21"),
        Found(text: "winter-solstice", year: 2026, date: "2026-12-22"),
        Found(text: "vernal-equinox-japan", year: 2026, date: "2026-03-20"),
        Found(text: "autumnal-equinox-japan", year: 2026, date: "2026-09-23"),
        Found(text: "autumnal-equinox-japan", year: 2024, date: "2024-09-22"),
    ]

    @Test(arguments: days) func `finds the day of a year`(_ found: Found) throws {
        let day = try #require(HolidayDay(text: found.text))
        #expect(day.date(in: found.year)?.text == found.date)
        #expect(day.text == found.text)
    }

    @Test(arguments: [
        "", " ", "1225", "13-01", "02-30", "2-30", "12-25 ", "0th monday of may", "6th monday of may",
        "3rd monday in may",
        "3rd mon of may", "3rd monday of", "monday before 02-29", "monday after 01-01", "chinese", "chinese 13-01",
        "chinese 00-01", "chinese 01-31", "chinese 1-1", "chinese 12-Last", "chinese 13-last", "Easter",
        "easter monday",
        "last last of last", "of of of of", "chinese-08-15", "12-é5", "a b c d e",
    ])
    func `refuses what is no day of a year`(text: String) {
        #expect(HolidayDay(text: text) == nil)
    }

    @Test(arguments: [Int.min, 0, 1, 1582, 1900, 9999, 10_000, Int.max]) func `any year can be asked`(year: Int) throws
    {
        for text in Self.days.map(\.text) {
            _ = try #require(HolidayDay(text: text)).date(in: year)
        }
    }

    @Test func `a list has its dates`() throws {
        let dates = try ["2025-05-20", "2027-05-21"].map { try #require(CivilDate(text: $0)) }
        let day = HolidayDay.dates(dates)
        #expect((2024...2028).map { day.date(in: $0)?.text } == [nil, "2025-05-20", nil, "2027-05-21", nil])
        #expect(day.text == "2025-05-20 2027-05-21")
    }
}

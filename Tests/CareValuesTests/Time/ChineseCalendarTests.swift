import CareValues
import Testing

@Suite struct ChineseCalendarTests {
    struct Pair: Sendable {
        let civil: String
        let chinese: ChineseDate
    }

    /// New years, months around leap months, the last days of long and short months.
    static let pairs = [
        Pair(civil: "1901-01-01", chinese: ChineseDate(year: 1900, month: 11, day: 11)),
        Pair(civil: "1901-02-19", chinese: ChineseDate(year: 1901, month: 1, day: 1)),
        Pair(civil: "1916-02-03", chinese: ChineseDate(year: 1916, month: 1, day: 1)),
        Pair(civil: "2023-03-21", chinese: ChineseDate(year: 2023, month: 2, day: 30)),
        Pair(civil: "2023-03-22", chinese: ChineseDate(year: 2023, month: 2, isLeapMonth: true, day: 1)),
        Pair(civil: "2023-04-19", chinese: ChineseDate(year: 2023, month: 2, isLeapMonth: true, day: 29)),
        Pair(civil: "2023-04-20", chinese: ChineseDate(year: 2023, month: 3, day: 1)),
        Pair(civil: "2024-02-09", chinese: ChineseDate(year: 2023, month: 12, day: 30)),
        Pair(civil: "2025-01-28", chinese: ChineseDate(year: 2024, month: 12, day: 29)),
        Pair(civil: "2025-01-29", chinese: ChineseDate(year: 2025, month: 1, day: 1)),
        Pair(civil: "2025-06-25", chinese: ChineseDate(year: 2025, month: 6, day: 1)),
        Pair(civil: "2025-07-25", chinese: ChineseDate(year: 2025, month: 6, isLeapMonth: true, day: 1)),
        Pair(civil: "2025-08-23", chinese: ChineseDate(year: 2025, month: 7, day: 1)),
        Pair(civil: "2026-09-25", chinese: ChineseDate(year: 2026, month: 8, day: 15)),
        Pair(civil: "2033-12-22", chinese: ChineseDate(year: 2033, month: 11, isLeapMonth: true, day: 1)),
        Pair(civil: "2034-01-20", chinese: ChineseDate(year: 2033, month: 12, day: 1)),
        Pair(civil: "2057-09-29", chinese: ChineseDate(year: 2057, month: 9, day: 1)),
        Pair(civil: "2100-12-31", chinese: ChineseDate(year: 2100, month: 12, day: 1)),
        Pair(civil: "2101-01-28", chinese: ChineseDate(year: 2100, month: 12, day: 29)),
    ]

    @Test(arguments: pairs) func `turns a day into a Chinese date and back`(_ pair: Pair) throws {
        let civil = try #require(CivilDate(text: pair.civil))
        #expect(ChineseCalendar.date(of: civil) == pair.chinese)
        #expect(ChineseCalendar.civil(pair.chinese) == civil)
    }

    @Test func `every day of the table is one date, in order`() throws {
        var civil = try #require(CivilDate(year: 1900, month: 1, day: 31))
        var count = 0
        for year in ChineseCalendar.years {
            let leap = ChineseCalendar.leapMonth(of: year)
            for month in 1...12 {
                for isLeap in leap == month ? [false, true] : [false] {
                    let length = try #require(ChineseCalendar.length(ofMonth: month, isLeap: isLeap, year: year))
                    try #require(length == 29 || length == 30)
                    for day in 1...length {
                        let date = ChineseDate(year: year, month: month, isLeapMonth: isLeap, day: day)
                        guard ChineseCalendar.date(of: civil) == date, ChineseCalendar.civil(date) == civil else {
                            Issue.record("\(date.text) \(civil.text)")
                            return
                        }
                        civil = civil.advanced(byDays: 1)
                        count += 1
                    }
                }
            }
        }
        #expect(count == 73_412)
        #expect(civil.text == "2101-01-29")
    }

    /// Year and the month the leap month follows.
    static let leapMonths =
        "1903:5 1906:4 1909:2 1911:6 1914:5 1917:2 1919:7 1922:5 1925:4 1928:2 1930:6 1933:5 1936:3 1938:7 1941:6 "
        + "1944:4 1947:2 1949:7 1952:5 1955:3 1957:8 1960:6 1963:4 1966:3 1968:7 1971:5 1974:4 1976:8 1979:6 1982:4 "
        + "1984:10 1987:6 1990:5 1993:3 1995:8 1998:5 2001:4 2004:2 2006:7 2009:5 2012:4 2014:9 2017:6 2020:4 2023:2 "
        + "2025:6 2028:5 2031:3 2033:11 2036:6 2039:5 2042:2 2044:7 2047:5 2050:3 2052:8 2055:6 2058:4 2061:3 2063:7 "
        + "2066:5 2069:4 2071:8 2074:6 2077:4 2080:3 2082:7 2085:5 2088:4 2090:8 2093:6 2096:4 2099:2"

    @Test func `knows the leap months of two centuries`() {
        let found = (1901...2100).compactMap { year in ChineseCalendar.leapMonth(of: year).map { "\(year):\($0)" } }
        #expect(found.joined(separator: " ") == Self.leapMonths)
    }

    @Test(arguments: [
        ChineseDate(year: 2024, month: 12, day: 30), ChineseDate(year: 2025, month: 5, isLeapMonth: true, day: 1),
        ChineseDate(year: 2025, month: 6, isLeapMonth: true, day: 30), ChineseDate(year: 2024, month: 1, day: 0),
        ChineseDate(year: 2024, month: 1, isLeapMonth: true, day: 1), ChineseDate(year: 2024, month: 0, day: 1),
        ChineseDate(year: 2024, month: 13, day: 1), ChineseDate(year: 1899, month: 12, day: 1),
        ChineseDate(year: 2101, month: 1, day: 1), ChineseDate(year: .max, month: .max, day: .max),
        ChineseDate(year: .min, month: .min, day: .min), ChineseDate(year: 2024, month: 0, isLeapMonth: true, day: 1),
    ])
    func `there is no such date`(_ date: ChineseDate) {
        #expect(ChineseCalendar.civil(date) == nil)
    }

    @Test(arguments: ["1900-01-30", "2101-01-29", "0001-01-01", "9999-12-31"])
    func `knows nothing outside of its years`(text: String) throws {
        #expect(ChineseCalendar.date(of: try #require(CivilDate(text: text))) == nil)
    }

    @Test func `writes a date with its leap month`() {
        #expect(ChineseDate(year: 2025, month: 6, isLeapMonth: true, day: 1).text == "2025-06L-01")
        #expect(ChineseDate(year: 2026, month: 8, day: 15).text == "2026-08-15")
    }
}

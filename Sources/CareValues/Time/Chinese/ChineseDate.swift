/// A date of the Chinese calendar: 农历.
@frozen
public struct ChineseDate: Sendable, Hashable {
    /// The year, by the Gregorian year in which it begins: 2026 begins on 17 February 2026.
    public var year: Int
    /// 1...12.
    public var month: Int
    /// Whether it is the leap month that follows the ordinary month of that number: 闰月.
    public var isLeapMonth: Bool
    /// 1...30.
    public var day: Int

    /// That date, whether or not there is one: ``ChineseCalendar`` knows.
    @inlinable
    public init(year: Int, month: Int, isLeapMonth: Bool = false, day: Int) {
        self.year = year
        self.month = month
        self.isLeapMonth = isLeapMonth
        self.day = day
    }

    /// `2026-08-15`; `2025-06L-01` in a leap month.
    public var text: String {
        padded(year, 4) + "-" + padded(month, 2) + (isLeapMonth ? "L-" : "-") + padded(day, 2)
    }
}

/// The Chinese calendar of the years 1900 to 2100, by a table.
///
/// Covers the days from 1900-01-31 to 2101-01-28, both included; what lies outside is nil. A conversion takes some
/// nanoseconds and allocates nothing.
public enum ChineseCalendar {
    /// The years of the table, each whole.
    public static let years = ChineseYears.first...(ChineseYears.first + ChineseYears.words.count - 1)

    /// The months of one year, unpacked.
    private struct Year {
        let word: UInt32
        let number: Int

        init?(_ number: Int) {
            guard ChineseCalendar.years.contains(number) else { return nil }
            self.number = number
            word = ChineseYears.words[number - ChineseYears.first]
        }

        /// 0 when there is none.
        var leapMonth: Int { Int(word >> 13 & 0xF) }
        var monthCount: Int { leapMonth == 0 ? 12 : 13 }
        var newYear: CivilDate {
            CivilDate(uncheckedYear: number, month: 1, day: 1).advanced(byDays: Int(word >> 17 & 0x3F))
        }

        /// Days of the month at `index`, counted from 0, leap month included.
        func length(at index: Int) -> Int { 29 + Int(word >> UInt32(index) & 1) }

        /// Days from the year's first to the first of the month at `index`.
        func daysBefore(_ index: Int) -> Int {
            29 * index + (word & (1 << UInt32(index) - 1)).nonzeroBitCount
        }

        /// Where a month stands in the year; nil: this year has no such leap month.
        func index(ofMonth month: Int, isLeap: Bool) -> Int? {
            if isLeap { return month == leapMonth && month > 0 ? month : nil }
            return leapMonth != 0 && month > leapMonth ? month : month - 1
        }
    }

    /// The number of the ordinary month that the leap month of `year` follows; nil: it has none, or it is outside.
    public static func leapMonth(of year: Int) -> Int? {
        Year(year).flatMap { $0.leapMonth == 0 ? nil : $0.leapMonth }
    }

    /// Days of a month, 29 or 30; nil: there is no such month, or it is outside.
    public static func length(ofMonth month: Int, isLeap: Bool = false, year: Int) -> Int? {
        guard (1...12).contains(month), let year = Year(year), let index = year.index(ofMonth: month, isLeap: isLeap)
        else { return nil }
        return year.length(at: index)
    }

    /// The first day of `year`, 春节; nil: it is outside.
    public static func newYear(_ year: Int) -> CivilDate? {
        Year(year)?.newYear
    }

    /// The day of the Gregorian calendar that `date` is; nil: there is no such date, or it is outside.
    public static func civil(_ date: ChineseDate) -> CivilDate? {
        guard (1...12).contains(date.month), let year = Year(date.year),
            let index = year.index(ofMonth: date.month, isLeap: date.isLeapMonth),
            date.day >= 1, date.day <= year.length(at: index)
        else { return nil }
        return year.newYear.advanced(byDays: year.daysBefore(index) + date.day - 1)
    }

    /// The date of the Chinese calendar that `civil` is; nil: it is outside.
    public static func date(of civil: CivilDate) -> ChineseDate? {
        let number = civil.components.year
        // New Year lies between 21 January and 21 February.
        for candidate in [number, number - 1] {
            guard let year = Year(candidate), civil >= year.newYear else { continue }
            let days = Int(civil.dayNumber) - Int(year.newYear.dayNumber)
            var index = min(days / 29, year.monthCount - 1)
            while index > 0, year.daysBefore(index) > days { index -= 1 }
            let day = days - year.daysBefore(index) + 1
            guard day <= year.length(at: index) else { return nil }
            let leap = year.leapMonth
            return ChineseDate(
                year: candidate, month: leap != 0 && index >= leap ? index : index + 1,
                isLeapMonth: leap != 0 && index == leap, day: day)
        }
        return nil
    }
}

/// The yearly return of a day of the Chinese calendar.
///
/// Custom decides what the calendar leaves open: who was born in a leap month keeps the ordinary month of that number
/// unless the leap month is asked for in years that have it, and a 30th that a month lacks is kept as said.
public struct ChineseReturn: Sendable, Hashable {
    /// What the 30th is in a month of 29 days.
    public enum ShortMonth: Sendable, Hashable {
        /// The 29th.
        case lastDay
        /// The first of the month that follows.
        case nextDay
        /// Nothing.
        case skip
    }
    /// 1...12.
    public var month: Int
    /// Whether it is kept in the leap month where a year has it.
    public var prefersLeapMonth: Bool
    /// 1...30.
    public var day: Int
    /// What happens to a 30th.
    public var shortMonth: ShortMonth

    /// The return of the day `day` of `month`.
    public init(month: Int, prefersLeapMonth: Bool = false, day: Int, shortMonth: ShortMonth = .lastDay) {
        self.month = month
        self.prefersLeapMonth = prefersLeapMonth
        self.day = day
        self.shortMonth = shortMonth
    }

    /// The day on which it is kept in `year`; nil: it is skipped, or the year is outside of ``ChineseCalendar/years``.
    public func civil(in year: Int) -> CivilDate? {
        let isLeap = prefersLeapMonth && ChineseCalendar.leapMonth(of: year) == month
        if let civil = ChineseCalendar.civil(ChineseDate(year: year, month: month, isLeapMonth: isLeap, day: day)) {
            return civil
        }
        guard day == 30, shortMonth != .skip else { return nil }
        let last = ChineseCalendar.civil(ChineseDate(year: year, month: month, isLeapMonth: isLeap, day: 29))
        return shortMonth == .lastDay ? last : last?.advanced(byDays: 1)
    }
}

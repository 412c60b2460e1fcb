/// How the day of a holiday is found in a year.
public enum HolidayDay: Sendable, Hashable {
    /// The same day of the Gregorian calendar; 29 February only in years that have it.
    case date(month: Int, day: Int)
    /// The `nth` (1...5; -1 the last) `weekday` (1 Monday ... 7 Sunday) of `month`.
    case weekday(Int, nth: Int, month: Int)
    /// The last `weekday` (1 Monday ... 7 Sunday) before that day, the day itself not included.
    case weekdayBefore(Int, month: Int, day: Int)
    /// Easter Sunday of the western churches.
    case easter
    /// A day of the Chinese calendar, always of the ordinary month; day nil: the month's last, the 29th or 30th.
    case chinese(month: Int, day: Int?)
    /// A day that the sun's longitude decides.
    case solar(SolarDay)
    /// Dates one by one, at most one of each year, ascending.
    case dates([CivilDate])

    /// The day in `year`, which is a year of the Chinese calendar for ``chinese(month:day:)``; nil: there is none, or
    /// it is not known.
    public func date(in year: Int) -> CivilDate? {
        switch self {
        case .date(let month, let day):
            return CivilDate(year: year, month: month, day: day)
        case .weekday(let weekday, let nth, let month):
            guard (1...9999).contains(year) else { return nil }
            let first = CivilDate(uncheckedYear: year, month: month, day: 1)
            let length = CivilDate.length(ofMonth: month, year: year)
            let earliest = 1 + (weekday - first.isoWeekday + 7) % 7
            let day = nth > 0 ? earliest + (nth - 1) * 7 : earliest + (length - earliest) / 7 * 7
            return CivilDate(year: year, month: month, day: day)
        case .weekdayBefore(let weekday, let month, let day):
            guard let bound = CivilDate(year: year, month: month, day: day) else { return nil }
            return bound.advanced(byDays: -1 - (bound.isoWeekday - 1 - weekday + 7) % 7)
        case .easter:
            return HolidayDay.easterSunday(year)
        case .chinese(let month, let day):
            guard let last = ChineseCalendar.length(ofMonth: month, year: year) else { return nil }
            return ChineseCalendar.civil(ChineseDate(year: year, month: month, day: day ?? last))
        case .solar(let day):
            return day.date(in: year)
        case .dates(let dates):
            return dates.first { $0.components.year == year }
        }
    }

    /// Easter Sunday of the Gregorian calendar in `year`; nil outside 1583...9999.
    ///
    /// Source of the formula: the anonymous Gregorian algorithm, Nature 13 (1876) 487, as in J. Meeus, "Astronomical
    /// Algorithms", chapter 8.
    static func easterSunday(_ year: Int) -> CivilDate? {
        guard (1583...9999).contains(year) else { return nil }
        let golden = year % 19
        let (century, inCentury) = (year / 100, year % 100)
        let correction = (century - (century + 8) / 25 + 1) / 3
        let epact = (19 * golden + century - century / 4 - correction + 15) % 30
        let toSunday = (32 + 2 * (century % 4) + 2 * (inCentury / 4) - epact - inCentury % 4) % 7
        let late = (golden + 11 * epact + 22 * toSunday) / 451
        let number = epact + toSunday - 7 * late + 114
        return CivilDate(year: year, month: number / 31, day: number % 31 + 1)
    }
}

/// A day of the year that follows the sun.
///
/// The instants are a tropical year apart, nearly; the day is that of a straight line in the years given. The line's
/// two constants are fitted: it meets every day of those years in two independent almanacs (see
/// `Scripts/integration/calendars.sh`), which the instants themselves, some minutes off, would not.
public enum SolarDay: String, Sendable, Hashable, CaseIterable {
    /// 清明, the sun at 15° by Beijing's clock: 4 to 6 April, 1901...2100.
    case qingming
    /// 冬至, the sun at 270° by Beijing's clock: 21 to 23 December, 1901...2100.
    case winterSolstice = "winter-solstice"
    /// 春分の日, the sun at 0° by Tokyo's clock: 20 or 21 March, 1949...2099.
    case vernalEquinoxJapan = "vernal-equinox-japan"
    /// 秋分の日, the sun at 180° by Tokyo's clock: 22 to 24 September, 1949...2099.
    case autumnalEquinoxJapan = "autumnal-equinox-japan"

    /// The day in `year`; nil outside the years given.
    public func date(in year: Int) -> CivilDate? {
        // In millionths of a day: the day of the month in 1900, and how much later it is each year.
        let (years, month, base, step) =
            switch self {
            case .qingming: (1901...2100, 4, 5_589_814, 242_188)
            case .winterSolstice: (1901...2100, 12, 22_626_166, 242_719)
            case .vernalEquinoxJapan: (1949...2099, 3, 21_439_424, 242_424)
            case .autumnalEquinoxJapan: (1949...2099, 9, 23_878_985, 242_105)
            }
        guard years.contains(year) else { return nil }
        // 1900 and 2100 have no 29 February.
        let leapDays = (year - 1900) / 4 - (year == 2100 ? 1 : 0)
        return CivilDate(year: year, month: month, day: (base + step * (year - 1900)) / 1_000_000 - leapDays)
    }
}

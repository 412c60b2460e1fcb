/// A date of the proleptic Gregorian calendar, without a zone.
@frozen
public struct CivilDate: Sendable, Hashable, Comparable {
    /// Days since 1970-01-01; negative before.
    public var dayNumber: Int32

    /// The date `dayNumber` days after 1970-01-01.
    @inlinable
    public init(dayNumber: Int32) {
        self.dayNumber = dayNumber
    }

    /// The date of `year`, `month` (1...12) and `day` (1...length of the month), or nil when there is no such date
    /// or the year lies outside 1...9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CivilDate.length(ofMonth: month, year: year)
        else { return nil }
        self.init(uncheckedYear: year, month: month, day: day)
    }

    /// Source of the formula: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    init(uncheckedYear year: Int, month: Int, day: Int) {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        self.dayNumber = Int32(truncatingIfNeeded: era * 146_097 + dayOfEra - 719_468)
    }

    /// Year, month 1...12 and day 1...31.
    ///
    /// Source of the formula: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    public var components: (year: Int, month: Int, day: Int) {
        let shifted = Int(dayNumber) + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthPart = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthPart + 2) / 5 + 1
        let month = monthPart < 10 ? monthPart + 3 : monthPart - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// The year of the day `day` days after 1970-01-01, which must fit an `Int32`; else the nearest that does.
    static func year(ofDay day: Int64) -> Int {
        CivilDate(dayNumber: Int32(clamping: day)).components.year
    }

    /// 1 (Monday) ... 7 (Sunday), as ISO 8601 counts them.
    public var isoWeekday: Int {
        let remainder = (Int(dayNumber) + 3) % 7
        return (remainder < 0 ? remainder + 7 : remainder) + 1
    }

    /// Whether `year` has a 29 February.
    public static func isLeap(year: Int) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// Days of `month` (1...12) in `year`.
    public static func length(ofMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: isLeap(year: year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    @inlinable
    public static func < (left: CivilDate, right: CivilDate) -> Bool {
        left.dayNumber < right.dayNumber
    }

    /// The date `days` later (negative: earlier).
    @inlinable
    public func advanced(byDays days: Int) -> CivilDate {
        CivilDate(dayNumber: Int32(clamping: Int(dayNumber) + days))
    }

    /// The same day of the month `months` later (negative: earlier), clamped to that month's last day.
    public func advanced(byMonths months: Int) -> CivilDate {
        let (year, month, day) = components
        let index = year * 12 + (month - 1) + months
        let newYear = index >= 0 ? index / 12 : (index - 11) / 12
        // Beyond this the day number would leave Int32; far outside of every instant there is.
        guard newYear.magnitude < 5_000_000 else { return CivilDate(dayNumber: newYear < 0 ? .min : .max) }
        let newMonth = index - newYear * 12 + 1
        return CivilDate(
            uncheckedYear: newYear, month: newMonth,
            day: min(day, CivilDate.length(ofMonth: newMonth, year: newYear)))
    }

    /// `YYYY-MM-DD`.
    public var text: String {
        let (year, month, day) = components
        guard (0...9999).contains(year) else {
            return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2)
        }
        return String(unsafeUninitializedCapacity: 10) { bytes in
            Digits.put(year: year, month: month, day: day, into: bytes)
            return 10
        }
    }
}

/// `number` in decimal, at least `width` digits, zeros in front.
package func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number.magnitude)
    let zeros = String(repeating: "0", count: max(0, width - digits.count))
    return (number < 0 ? "-" : "") + zeros + digits
}

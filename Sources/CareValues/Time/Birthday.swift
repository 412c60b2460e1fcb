/// A day of birth, in the calendar in which it is written; its year may be unknown.
@frozen
public struct Birthday: Sendable, Hashable {
    // Small, so that a value of rule files is not made larger by it.
    private let storedYear: Int16
    private let storedMonth: Int8
    private let storedDay: Int8
    /// Whether it is of the Chinese calendar; else Gregorian.
    public let isChinese: Bool
    /// Whether its month is a leap month of the Chinese calendar: 闰月.
    public let isLeapMonth: Bool

    /// Its year in its own calendar, or nil when unknown: 1...9999; Chinese, one of ``ChineseCalendar/years``.
    public var year: Int? { storedYear == 0 ? nil : Int(storedYear) }
    /// 1...12.
    public var month: Int { Int(storedMonth) }
    /// 1...31, Chinese 1...30; 29 February needs a leap year or none.
    public var day: Int { Int(storedDay) }

    private init(year: Int?, month: Int, day: Int, isChinese: Bool, isLeapMonth: Bool) {
        storedYear = Int16(year ?? 0)
        storedMonth = Int8(month)
        storedDay = Int8(day)
        self.isChinese = isChinese
        self.isLeapMonth = isLeapMonth
    }

    /// That day of the Gregorian calendar; nil when it has none.
    public init?(year: Int?, month: Int, day: Int) {
        // An unknown year may have been a leap year.
        guard CivilDate(year: year ?? 2000, month: month, day: day) != nil else { return nil }
        self.init(year: year, month: month, day: day, isChinese: false, isLeapMonth: false)
    }

    /// That day of the Chinese calendar; nil when it has none, or the year is outside of ``ChineseCalendar/years``.
    public init?(chineseYear year: Int?, month: Int, isLeapMonth: Bool, day: Int) {
        guard (1...12).contains(month), (1...30).contains(day) else { return nil }
        if let year {
            let date = ChineseDate(year: year, month: month, isLeapMonth: isLeapMonth, day: day)
            guard ChineseCalendar.civil(date) != nil else { return nil }
        } else if isLeapMonth, month == 1 || month == 12 {
            // No year of the table has such a leap month.
            return nil
        }
        self.init(year: year, month: month, day: day, isChinese: true, isLeapMonth: isLeapMonth)
    }

    /// Reads `1990-05-17`, `--05-17` when the year is unknown, and of the Chinese calendar `chinese:1958-06-15`,
    /// `chinese:1960-06L-15` in a leap month, `chinese:--06-15`; nil for anything else.
    public init?(text: String) {
        if text.utf8.starts(with: Self.prefix.utf8) {
            self.init(chinese: text.utf8.dropFirst(Self.prefix.utf8.count))
        } else if text.utf8.starts(with: "--".utf8) {
            guard let date = CivilDate(text: "2000" + text.dropFirst()) else { return nil }
            let (_, month, day) = date.components
            self.init(year: nil, month: month, day: day)
        } else {
            guard let date = CivilDate(text: text) else { return nil }
            let (year, month, day) = date.components
            self.init(year: year, month: month, day: day)
        }
    }

    private static let prefix = "chinese:"

    private init?(chinese text: Substring.UTF8View) {
        var rest = ArraySlice(text)
        func number(_ digits: Int) -> Int? {
            guard rest.count >= digits, rest.prefix(digits).allSatisfy({ (0x30...0x39).contains($0) }) else {
                return nil
            }
            defer { rest = rest.dropFirst(digits) }
            return rest.prefix(digits).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest = rest.dropFirst()
            return true
        }
        var year: Int?
        if !skip("-") {
            year = number(4)
            if year == nil { return nil }
        }
        guard skip("-"), let month = number(2) else { return nil }
        let isLeapMonth = skip("L")
        guard skip("-"), let day = number(2), rest.isEmpty else { return nil }
        self.init(chineseYear: year, month: month, isLeapMonth: isLeapMonth, day: day)
    }

    /// As it is written: `1990-05-17`, `--05-17`, `chinese:1960-06L-15`.
    public var text: String {
        (isChinese ? Self.prefix : "") + (year.map { padded($0, 4) } ?? "-") + "-" + padded(month, 2)
            + (isLeapMonth ? "L-" : "-") + padded(day, 2)
    }

    /// The full date, in the Gregorian calendar; nil when the year is unknown.
    public var date: CivilDate? {
        guard let year else { return nil }
        guard isChinese else { return CivilDate(year: year, month: month, day: day) }
        return ChineseCalendar.civil(ChineseDate(year: year, month: month, isLeapMonth: isLeapMonth, day: day))
    }
}

/// Dates that systems write where they know none.
public enum SentinelDate {
    /// Whether `date` is 1900-01-01, 1970-01-01 or 0001-01-01.
    public static func isSentinel(_ date: CivilDate) -> Bool {
        date.dayNumber == 0 || date.dayNumber == -25_567 || date.dayNumber == -719_162
    }
}

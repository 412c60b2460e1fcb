/// A day of birth of the Gregorian calendar, whose year may be unknown.
@frozen
public struct Birthday: Sendable, Hashable {
    /// 1...9999, or nil when unknown.
    public let year: Int?
    /// 1...12.
    public let month: Int
    /// 1...31; 29 February needs a leap year or none.
    public let day: Int

    /// That day; nil when the calendar has none.
    public init?(year: Int?, month: Int, day: Int) {
        // An unknown year may have been a leap year.
        guard CivilDate(year: year ?? 2000, month: month, day: day) != nil else { return nil }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Reads `1990-05-17`, or `--05-17` when the year is unknown; nil for anything else.
    public init?(text: String) {
        if text.utf8.starts(with: "--".utf8) {
            guard let date = CivilDate(text: "2000" + text.dropFirst()) else { return nil }
            let (_, month, day) = date.components
            self.init(year: nil, month: month, day: day)
        } else {
            guard let date = CivilDate(text: text) else { return nil }
            let (year, month, day) = date.components
            self.init(year: year, month: month, day: day)
        }
    }

    /// `1990-05-17`, or `--05-17` when the year is unknown.
    public var text: String {
        (year.map { padded($0, 4) } ?? "-") + "-" + padded(month, 2) + "-" + padded(day, 2)
    }

    /// The full date; nil when the year is unknown.
    public var date: CivilDate? {
        year.flatMap { CivilDate(year: $0, month: month, day: day) }
    }
}

/// Dates that systems write where they know none.
public enum SentinelDate {
    /// Whether `date` is 1900-01-01, 1970-01-01 or 0001-01-01.
    public static func isSentinel(_ date: CivilDate) -> Bool {
        date.dayNumber == 0 || date.dayNumber == -25_567 || date.dayNumber == -719_162
    }
}

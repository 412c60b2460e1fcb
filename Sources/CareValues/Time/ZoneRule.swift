/// What a zone does after the last change its file names: the POSIX `TZ` string in the footer of a TZif file.
///
/// `CET-1CEST,M3.5.0,M10.5.0/3`, `<+03>-3`, `IST-1GMT0,M10.5.0,M3.5.0/1` (Dublin, whose "daylight" time is winter).
/// Source: RFC 9636 section 3.3.1, POSIX.1-2024 section 8.3; times of day from −167 to 167 hours.
public struct ZoneRule: Sendable, Hashable {
    /// The day of the year on which an offset changes.
    public enum Day: Sendable, Hashable {
        /// `Jn`: the n-th day, 1...365, of a year whose 29 February is not counted.
        case withoutLeapDay(Int)
        /// `n`: the day, 0...365, counted from 1 January, 29 February included.
        case zeroBased(Int)
        /// `Mm.w.d`: the `week`-th (1...5, 5 the last) day `weekday` (0...6, 0 is Sunday) of `month` (1...12).
        case weekday(month: Int, week: Int, weekday: Int)
    }

    /// A moment of every year.
    public struct Moment: Sendable, Hashable {
        /// The day.
        public var day: Day
        /// Seconds after that day's midnight on the wall clock before the change: within ±604,799 (167:59:59).
        public var seconds: Int

        /// `seconds` after midnight of `day`.
        public init(day: Day, seconds: Int) {
            self.day = day
            self.seconds = seconds
        }
    }

    /// The second offset of the year.
    public struct Daylight: Sendable, Hashable {
        /// Seconds east of UTC while it is in force; may be less than the standard offset.
        public var offset: Int32
        /// When it begins, on the standard wall clock.
        public var start: Moment
        /// When it ends, on its own wall clock.
        public var end: Moment

        /// `offset` from `start` to `end`, every year.
        public init(offset: Int32, start: Moment, end: Moment) {
            self.offset = offset
            self.start = start
            self.end = end
        }
    }

    /// Seconds east of UTC in standard time.
    public var standardOffset: Int32
    /// The other offset and its dates; nil: the standard offset all year.
    public var daylight: Daylight?

    /// A rule of one offset, or of two.
    public init(standardOffset: Int32, daylight: Daylight? = nil) {
        self.standardOffset = standardOffset
        self.daylight = daylight
    }

    /// A change of the offset at one instant.
    struct Change {
        /// Seconds since the Unix epoch.
        var instant: Int64
        /// Seconds east of UTC from then on.
        var offset: Int32
    }

    /// The changes of the years `first` to `last`, both included, in order; two at one instant stay, the end first,
    /// so that daylight time that ends where it begins again holds all year.
    func changes(fromYear first: Int, through last: Int) -> [Change] {
        guard let daylight else { return [] }
        var all: [(change: Change, rank: Int)] = []
        all.reserveCapacity((last - first + 1) * 2)
        for year in first...last {
            let start = daylight.start.wallSeconds(inYear: year) - Int64(standardOffset)
            let end = daylight.end.wallSeconds(inYear: year) - Int64(daylight.offset)
            all.append((Change(instant: start, offset: daylight.offset), 1))
            all.append((Change(instant: end, offset: standardOffset), 0))
        }
        all.sort { ($0.change.instant, $0.rank) < ($1.change.instant, $1.rank) }
        return all.map(\.change)
    }

    /// The offset in force when `year` begins.
    func offset(beforeYear year: Int) -> Int32 {
        guard daylight != nil else { return standardOffset }
        let midnight = Int64(CivilDate(uncheckedYear: year, month: 1, day: 1).dayNumber) * 86_400
        return changes(fromYear: year - 2, through: year).last { $0.instant <= midnight }?.offset ?? standardOffset
    }
}

extension ZoneRule.Moment {
    /// Wall seconds since 1970-01-01T00:00 of this moment in `year`.
    func wallSeconds(inYear year: Int) -> Int64 {
        let newYear = Int(CivilDate(uncheckedYear: year, month: 1, day: 1).dayNumber)
        let number: Int
        switch day {
        case .withoutLeapDay(let count):
            number = newYear + count - 1 + (count >= 60 && CivilDate.isLeap(year: year) ? 1 : 0)
        case .zeroBased(let count):
            number = newYear + count
        case .weekday(let month, let week, let weekday):
            let first = CivilDate(uncheckedYear: year, month: month, day: 1)
            // ISO counts Sunday as 7, POSIX as 0.
            let day = 1 + (weekday - first.isoWeekday % 7 + 7) % 7 + (week - 1) * 7
            let length = CivilDate.length(ofMonth: month, year: year)
            number = Int(first.dayNumber) + (day > length ? day - 7 : day) - 1
        }
        return Int64(number) * 86_400 + Int64(seconds)
    }
}

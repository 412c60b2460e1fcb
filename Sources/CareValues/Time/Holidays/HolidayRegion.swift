/// One rule of a holiday, for some of the years.
public struct HolidaySpan: Sendable, Hashable {
    /// When the day off is kept when the holiday falls on a weekend.
    public enum Observed: String, Sendable, Hashable, CaseIterable {
        /// Nowhere else.
        case no
        /// A Saturday's on the Friday before, a Sunday's on the Monday after.
        case nearestWeekday = "nearest-weekday"
        /// On the next day that is neither Saturday nor Sunday nor a day off already.
        case nextWeekday = "next-weekday"
        /// A Sunday's on the next day that is no day off already.
        case afterSunday = "after-sunday"
    }

    /// The day it is reckoned from.
    public var day: HolidayDay
    /// How many days after ``day`` it is; negative: before.
    public var plus: Int
    /// The first and the last year it is kept, in the holiday's own calendar.
    public var years: ClosedRange<Int>
    /// The days off, in days after the holiday: `[0]` the holiday itself, none for a day that people work on.
    public var daysOff: [Int]
    /// Where the day off goes from a weekend.
    public var observed: Observed

    /// `day`, moved by `plus` days, in `years`.
    public init(
        day: HolidayDay, plus: Int = 0, years: ClosedRange<Int> = 1...9999, daysOff: [Int] = [],
        observed: Observed = .no
    ) {
        self.day = day
        self.plus = plus
        self.years = years
        self.daysOff = daysOff
        self.observed = observed
    }

    /// The holiday of `year`, nil when this span does not keep one.
    public func date(in year: Int) -> CivilDate? {
        guard years.contains(year), let date = day.date(in: year) else { return nil }
        return plus == 0 ? date : date.advanced(byDays: plus)
    }
}

/// One return of a holiday.
public struct HolidayDate: Sendable, Hashable {
    /// The day itself, wherever a day off in its place is.
    public var date: CivilDate
    /// The year in the holiday's own calendar; of New Year's Eve (除夕) the lunar year that ends.
    public var year: Int
}

/// What a region makes of one day, beside its weekday.
public enum DayKind: Sendable, Hashable {
    /// Nothing: the weekday says whether people work.
    case ordinary
    /// A public holiday, or the day kept in its place.
    case dayOff
    /// A day, of a weekend mostly, that is worked to make up for one off: 调休.
    case makeUpWorkday
}

/// The holidays of one region: when each returns, and which days are off.
public struct HolidayRegion: Sendable {
    /// What a region is made of.
    public struct Definition: Sendable, Hashable {
        /// Its name in rule files: `CN`, `GB-SCT`, one of your own.
        public var code: String
        /// Other codes that mean the same.
        public var also: [String]
        /// The holidays by name; of one name the first span that keeps a day in a year counts.
        public var holidays: [String: [HolidaySpan]]
        /// Whether a day between two days off is off (国民の休日); Sundays are not asked.
        public var bridge: Bool
        /// The first year whose days off the rules tell.
        public var since: Int
        /// Years whose days off and make-up workdays were published one by one: there the rules do not count.
        public var published: [Int: PublishedYear]

        /// A region with no holidays.
        public init(code: String) {
            self.code = code
            also = []
            holidays = [:]
            bridge = false
            since = 1
            published = [:]
        }
    }

    /// The days of one year as an authority published them.
    public struct PublishedYear: Sendable, Hashable {
        /// The days off, weekends among them included; ascending.
        public var off: [CivilDate]
        /// The make-up workdays; ascending.
        public var work: [CivilDate]

        /// These days, all of one year.
        public init(off: [CivilDate], work: [CivilDate]) {
            self.off = off
            self.work = work
        }
    }

    /// What the region is made of.
    public let definition: Definition
    /// The days off and the make-up workdays of ``HolidayRegion/kept``, ascending.
    private let off: [CivilDate]
    private let work: [CivilDate]

    /// The years whose days are written out beforehand; others are reckoned when asked for.
    private static let kept = 2015...2045

    /// The region of that definition.
    public init(_ definition: Definition) {
        self.definition = definition
        (off, work) = definition.days(of: HolidayRegion.kept)
    }

    /// Its name in rule files.
    public var code: String { definition.code }

    /// The names of its holidays, sorted.
    public var names: [String] { definition.holidays.keys.sorted() }

    /// Whether it has a holiday of that name.
    public func keeps(_ name: String) -> Bool { definition.holidays[name] != nil }

    /// The last year whose days off and make-up workdays are published; nil: none is, all follow rules.
    public var publishedThrough: Int? { definition.published.keys.max() }

    /// The day of the holiday `name` in `year` of its own calendar; nil: the region does not keep it then.
    public func date(of name: String, year: Int) -> CivilDate? {
        guard let spans = definition.holidays[name] else { return nil }
        for span in spans {
            if let date = span.date(in: year) { return date }
        }
        return nil
    }

    /// The returns of the holiday `name` in `[from, until)`, in order.
    public func dates(of name: String, from: CivilDate, until: CivilDate) -> [HolidayDate] {
        guard definition.holidays[name] != nil, from < until else { return [] }
        // A lunar year ends in the next Gregorian one; a holiday reckoned from another can lie in the year beside it.
        return ((from.components.year - 1)...(until.components.year + 1)).compactMap { year in
            guard let date = date(of: name, year: year), date >= from, date < until else { return nil }
            return HolidayDate(date: date, year: year)
        }
    }

    /// What the region makes of `date`.
    public func kind(of date: CivilDate) -> DayKind {
        let year = date.components.year
        if HolidayRegion.kept.contains(year) {
            if HolidayRegion.contains(date, in: off) { return .dayOff }
            return HolidayRegion.contains(date, in: work) ? .makeUpWorkday : .ordinary
        }
        let days = definition.days(of: year...year)
        return days.off.contains(date) ? .dayOff : days.work.contains(date) ? .makeUpWorkday : .ordinary
    }

    private static func contains(_ date: CivilDate, in dates: [CivilDate]) -> Bool {
        var (low, high) = (0, dates.count)
        while low < high {
            let middle = (low + high) / 2
            if dates[middle] < date { low = middle + 1 } else { high = middle }
        }
        return low < dates.count && dates[low] == date
    }
}

/// A period of the calendar that every date lies in exactly one of.
public enum CalendarPeriod: String, Sendable, Hashable, CaseIterable {
    /// One date.
    case day
    /// Monday to Sunday.
    case week
    /// A month of the Gregorian calendar.
    case month
    /// Three months, from January, April, July or October.
    case quarter
    /// January to December.
    case year

    /// The period that `date` lies in: its first date, and the first date after it.
    public func dates(around date: CivilDate) -> (from: CivilDate, until: CivilDate) {
        switch self {
        case .day:
            return (date, date.advanced(byDays: 1))
        case .week:
            let monday = date.advanced(byDays: 1 - date.isoWeekday)
            return (monday, monday.advanced(byDays: 7))
        case .month: return months(1, around: date)
        case .quarter: return months(3, around: date)
        case .year: return months(12, around: date)
        }
    }

    /// The `count` months around `date` that begin at a multiple of `count` months of its year.
    private func months(_ count: Int, around date: CivilDate) -> (from: CivilDate, until: CivilDate) {
        let (_, month, day) = date.components
        let from = date.advanced(byDays: 1 - day).advanced(byMonths: -((month - 1) % count))
        return (from, from.advanced(byMonths: count))
    }

    /// The period around `instant` on the wall calendar of `zone`, `[from, until)`: always `from ≤ instant < until`.
    public func bounds(around instant: Timestamp, in zone: Zone) -> (from: Timestamp, until: Timestamp) {
        var dates = dates(around: zone.date(at: instant))
        var from = zone.startOfDay(dates.from)
        var until = zone.startOfDay(dates.until)
        // Where a clock is put back over midnight, the evening comes twice: its second half belongs to the new day.
        while until <= instant, until < .distantFuture {
            dates = self.dates(around: dates.until)
            from = until
            until = zone.startOfDay(dates.until)
        }
        return (from, until)
    }

    /// The most days such a period has.
    public var maximumDays: Int {
        switch self {
        case .day: 1
        case .week: 7
        case .month: 31
        case .quarter: 92
        case .year: 366
        }
    }
}

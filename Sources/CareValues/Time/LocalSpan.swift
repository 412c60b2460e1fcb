/// Wall times `[from, until)` that come back every day: quiet hours, a window's opening.
///
/// It is an interval between two instants, so that a clock put back inside it neither ends nor repeats it: a wall time
/// that exists twice means the first, one that does not exist the end of the gap.
public struct LocalSpan: Sendable, Hashable {
    /// When it begins.
    public var from: LocalTime
    /// The first moment after it; at or before ``from``: on the next day.
    public var until: LocalTime

    /// The span of every day from `from` until `until`.
    public init(from: LocalTime, until: LocalTime) {
        self.from = from
        self.until = until
    }

    /// The span that begins on `date`: `[start, end)`, empty when a gap swallows it.
    public func interval(beginningOn date: CivilDate, zone: Zone) -> (start: Timestamp, end: Timestamp) {
        let last = until <= from ? date.advanced(byDays: 1) : date
        return (
            zone.instant(of: LocalDateTime(date: date, time: from)),
            zone.instant(of: LocalDateTime(date: last, time: until))
        )
    }

    /// The end of the span that `now` lies in; nil: it lies in none.
    public func end(around now: Timestamp, zone: Zone) -> Timestamp? {
        let today = zone.date(at: now)
        var end: Timestamp?
        for date in [today.advanced(byDays: -1), today] {
            let interval = interval(beginningOn: date, zone: zone)
            if interval.start <= now, now < interval.end { end = max(end ?? interval.end, interval.end) }
        }
        return end
    }
}

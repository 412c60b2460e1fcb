extension Zone {
    /// Seconds east of UTC at `instant`. No allocation, some nanoseconds.
    public func offsetSeconds(at instant: Timestamp) -> Int {
        Int(table.offset(atSeconds: floorDivide(instant.clamped.milliseconds, 1000)))
    }

    /// Seconds east of UTC at `instant`, and from when until when the same are known to hold; outside of the years
    /// 1...9999 at no instant.
    public func offset(around instant: Timestamp) -> (seconds: Int, from: Timestamp, until: Timestamp) {
        let span = table.span(atSeconds: floorDivide(instant.clamped.milliseconds, 1000))
        let (earliest, latest) = (Timestamp.distantPast.milliseconds, Timestamp.distantFuture.milliseconds)
        return (
            Int(span.offset), Timestamp(milliseconds: max(span.from, earliest / 1000) * 1000),
            Timestamp(milliseconds: min(span.until, latest / 1000) * 1000)
        )
    }

    /// What the wall clock shows at `instant`; instants outside the years 1...9999 count as the nearest inside.
    public func local(_ instant: Timestamp) -> LocalDateTime {
        let milliseconds = instant.clamped.milliseconds
        let offset = table.offset(atSeconds: floorDivide(milliseconds, 1000))
        return LocalDateTime(wallMilliseconds: milliseconds + Int64(offset) * 1000)
    }

    /// The date on the wall calendar at `instant`.
    public func date(at instant: Timestamp) -> CivilDate {
        local(instant).date
    }

    /// The instant at which the wall clock shows `local`: the first of two, or the first instant after the gap in
    /// which there is none. Within ``Timestamp/distantPast`` and ``Timestamp/distantFuture``.
    public func instant(of local: LocalDateTime) -> Timestamp {
        Timestamp(milliseconds: table.instant(ofWallMilliseconds: local.wallMilliseconds)).clamped
    }

    /// By how many milliseconds two offsets between these instants differ at most; 26 hours and more where the table
    /// repeats itself by then.
    public func largestShift(from start: Timestamp, through end: Timestamp) -> Int64 {
        table.largestShift(from: start.clamped.milliseconds, through: end.clamped.milliseconds)
    }

    /// The first instant of `date`: midnight, or what comes after a gap that swallows it.
    public func startOfDay(_ date: CivilDate) -> Timestamp {
        instant(of: LocalDateTime(date: date, time: .midnight))
    }

    /// `instant` moved by `duration`: months, clamped to the month's end, then days on this wall clock, keeping the
    /// wall time; then the elapsed part.
    ///
    /// Without months and days the wall clock is not asked, so that the second of two equal wall times stays it.
    /// The result stays within ``Timestamp/distantPast`` and ``Timestamp/distantFuture``.
    public func advance(_ instant: Timestamp, by duration: ISODuration) -> Timestamp {
        guard duration.months != 0 || duration.days != 0 else {
            return instant.advanced(byMilliseconds: duration.milliseconds)
        }
        var moved = local(instant)
        moved.date = moved.date.advanced(byMonths: Int(duration.months)).advanced(byDays: Int(duration.days))
        return self.instant(of: moved).advanced(byMilliseconds: duration.milliseconds)
    }

    /// The first instant at or after `bound` at which some date's `time` falls due: its own instant, the first of two,
    /// or the end of the gap in which that date has no such time.
    public func firstInstant(ofWallTime time: LocalTime, atOrAfter bound: Timestamp) -> Timestamp {
        // The day before counts too: its late evening can lie in a gap that ends today.
        var date = self.date(at: bound).advanced(byDays: -1)
        for _ in 0..<4 {
            let candidate = instant(of: LocalDateTime(date: date, time: time))
            if candidate >= bound { return candidate }
            date = date.advanced(byDays: 1)
        }
        return .distantFuture
    }
}

extension Timestamp {
    /// The nearest instant within ``distantPast`` and ``distantFuture``.
    @inlinable
    public var clamped: Timestamp {
        min(max(self, .distantPast), .distantFuture)
    }
}

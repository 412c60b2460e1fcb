/// Wall times that come back, as a crontab's five fields name them: minute, hour, day of the month, month, weekday.
///
/// A day matches when its month does and, as in Vixie cron, when either its day of the month or its weekday does, if
/// both are narrowed; else when both do. A field is narrowed unless it begins with `*`.
///
/// On a wall clock a time that exists twice means the first, and all times that fall to one instant, those inside a gap
/// and its end, are one tick, named after the last of them.
public struct CronExpression: Sendable, Hashable {
    /// The times of a matching day, ascending; never empty.
    public let times: [LocalTime]
    /// The days of the month that match; bit 1 ... 31.
    let days: UInt32
    /// The months that match; bit 1 ... 12.
    let months: UInt16
    /// The weekdays that match, 1 for Monday; bit 1 ... 7.
    let weekdays: UInt8
    /// Whether one of days and weekdays suffices.
    let isEither: Bool

    /// One tick: the wall time that names it, and its instant.
    public struct Tick: Sendable, Hashable {
        /// The wall time, which may lie in a gap.
        public var local: LocalDateTime
        /// When it is due.
        public var instant: Timestamp
    }

    init(minutes: UInt64, hours: UInt32, days: UInt32, months: UInt16, weekdays: UInt8, isEither: Bool) {
        var times: [LocalTime] = []
        for hour in 0..<24 where hours >> UInt32(hour) & 1 != 0 {
            for minute in 0..<60 where minutes >> UInt64(minute) & 1 != 0 {
                times.append(LocalTime(millisecondsOfDay: Int32((hour * 60 + minute) * 60_000)))
            }
        }
        self.times = times
        self.days = days
        self.months = months
        self.weekdays = weekdays
        self.isEither = isEither
    }

    /// Whether there are ticks on `date`.
    public func matches(_ date: CivilDate) -> Bool {
        let (_, month, day) = date.components
        guard months >> UInt16(month) & 1 != 0 else { return false }
        let isDay = days >> UInt32(day) & 1 != 0
        let isWeekday = weekdays >> UInt8(date.isoWeekday) & 1 != 0
        return isEither ? isDay || isWeekday : isDay && isWeekday
    }

    /// Whether any date matches; `0 0 30 2 *` never does.
    public var everMatches: Bool {
        // Where weekdays are asked too, every day of the month falls on each of them in some year.
        if isEither, weekdays != 0 { return true }
        return (1...12).contains { month in
            let longest = CivilDate.length(ofMonth: month, year: 2000)
            return months >> UInt16(month) & 1 != 0 && (1...longest).contains { days >> UInt32($0) & 1 != 0 }
        }
    }

    /// The first tick after `instant` on the clock of `zone`; nil: none in forty years.
    ///
    /// Forty years are the longest wait there is: a 29 February on one weekday, over a year without one.
    public func first(after instant: Timestamp, in zone: Zone) -> Tick? {
        // The evening before counts too: it can lie in a gap that ends today.
        let start = zone.date(at: instant).advanced(byDays: -1)
        var date = start
        let end = start.advanced(byDays: 40 * 366 + 1)
        while date <= end {
            if months >> UInt16(date.components.month) & 1 == 0 {
                date = date.advanced(byDays: 1 - date.components.day).advanced(byMonths: 1)
                continue
            }
            if matches(date), let tick = tick(on: date, after: instant, zone) { return tick }
            date = date.advanced(byDays: 1)
        }
        return nil
    }

    /// The last tick in `(start, end]` on the clock of `zone`, and how many others lie in it; nil: none.
    public func last(after start: Timestamp, through end: Timestamp, in zone: Zone) -> (tick: Tick, others: Int)? {
        guard start < end else { return nil }
        let first = zone.date(at: start).advanced(byDays: -1)
        var date = zone.date(at: end)
        while date >= first {
            if matches(date), let tick = tick(on: date, through: end, zone) {
                guard tick.instant > start else { return nil }
                return (tick, count(after: start, before: tick, from: first, zone))
            }
            date = date.advanced(byDays: -1)
        }
        return nil
    }

    // MARK: Parts

    private func instant(_ date: CivilDate, _ place: Int, _ zone: Zone) -> Timestamp {
        zone.instant(of: LocalDateTime(date: date, time: times[place]))
    }

    /// The tick of `date` that the time at `place` belongs to: the last of those due at one instant.
    ///
    /// What follows on the next date is not asked: a gap over midnight makes one tick of either day.
    private func tick(_ date: CivilDate, _ place: Int, _ zone: Zone) -> Tick {
        let due = instant(date, place, zone)
        var place = place
        while place + 1 < times.count, instant(date, place + 1, zone) == due { place += 1 }
        return Tick(local: LocalDateTime(date: date, time: times[place]), instant: due)
    }

    private func tick(on date: CivilDate, after instant: Timestamp, _ zone: Zone) -> Tick? {
        let place = countOfTimes(on: date, through: instant, zone)
        return place < times.count ? tick(date, place, zone) : nil
    }

    private func tick(on date: CivilDate, through instant: Timestamp, _ zone: Zone) -> Tick? {
        let count = countOfTimes(on: date, through: instant, zone)
        return count > 0 ? tick(date, count - 1, zone) : nil
    }

    /// How many times of `date` are due at or before `instant`; instants ascend with wall times.
    private func countOfTimes(on date: CivilDate, through instant: Timestamp, _ zone: Zone) -> Int {
        var (low, high) = (0, times.count)
        while low < high {
            let middle = (low + high) / 2
            if self.instant(date, middle, zone) <= instant { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// How many ticks lie after `start` and before `last`.
    private func count(after start: Timestamp, before last: Tick, from first: CivilDate, _ zone: Zone) -> Int {
        var count = 0
        var date = first
        while date <= last.local.date {
            defer { date = date.advanced(byDays: 1) }
            guard matches(date) else { continue }
            let next = date.advanced(byDays: 1)
            let (midnight, end) = (zone.startOfDay(date), zone.startOfDay(next))
            if midnight > start, end <= last.instant, zone.offsetSeconds(at: midnight) == zone.offsetSeconds(at: end) {
                count += times.count
                continue
            }
            var previous = Timestamp.distantPast
            for place in times.indices {
                let due = instant(date, place, zone)
                if due > start, due < last.instant, due != previous { count += 1 }
                previous = due
            }
        }
        return count
    }
}

extension LocalDateTime {
    /// `YYYY-MM-DDTHH:MM`, with seconds where they are not zero.
    public var text: String {
        let (year, month, day) = date.components
        guard (0...9999).contains(year) else { return date.text + "T" + time.text }
        return String(unsafeUninitializedCapacity: 19) { bytes in
            Digits.put(year: year, month: month, day: day, into: bytes)
            bytes.initializeElement(at: 10, to: UInt8(ascii: "T"))
            return 11 + Digits.put(time, into: bytes, at: 11)
        }
    }
}

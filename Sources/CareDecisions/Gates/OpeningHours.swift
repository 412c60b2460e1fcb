import CareRules
import CareValues

/// When a window is open, on the clock it is read on and with the holidays of its region.
struct OpeningHours {
    /// More days than a window stays closed.
    private static let searchedDays = 400
    /// More days than a wait in a window takes.
    private static let countedDays = 4_000

    /// The window.
    let window: Window
    /// The clock it is read on.
    let zone: Zone
    /// Whose days off close it, and whose make-up workdays open it; nil: nobody's.
    let region: HolidayRegion?

    private func isOpen(on date: CivilDate) -> Bool {
        switch region?.kind(of: date) {
        case .dayOff: false
        case .makeUpWorkday: true
        case .ordinary, nil: window.days.contains(date.isoWeekday)
        }
    }

    /// The opening that begins on `date`; nil: it does not open that day.
    private func opening(on date: CivilDate) -> (start: Timestamp, end: Timestamp)? {
        guard isOpen(on: date) else { return nil }
        let interval = LocalSpan(from: window.from, until: window.until).interval(beginningOn: date, zone: zone)
        return interval.start < interval.end ? interval : nil
    }

    /// The first instant at or after `bound` at which it is open; `distantFuture`: it does not open any more.
    func opening(atOrAfter bound: Timestamp) -> Timestamp {
        // What opened the day before may still be open.
        var date = zone.date(at: bound).advanced(byDays: -1)
        for _ in 0..<Self.searchedDays {
            if let opening = opening(on: date), opening.end > bound { return max(opening.start, bound) }
            date = date.advanced(byDays: 1)
        }
        return .distantFuture
    }

    /// The first instant at which it has been open for `milliseconds` since `start`.
    func instant(countingFrom start: Timestamp, milliseconds: Int64) -> Timestamp {
        guard milliseconds > 0 else { return start }
        var rest = milliseconds
        var counted = start
        var date = zone.date(at: start).advanced(byDays: -1)
        for _ in 0..<Self.countedDays {
            if let opening = opening(on: date), opening.end > counted {
                let from = max(opening.start, counted)
                let length = opening.end.milliseconds(since: from)
                if length >= rest { return from.advanced(byMilliseconds: rest) }
                rest -= length
                counted = opening.end
            }
            date = date.advanced(byDays: 1)
        }
        return .distantFuture
    }

    /// The first instant at or after `bound` at which the wall clock of `clock` shows `time` and the window is open;
    /// `distantFuture`: never.
    func firstInstant(ofWallTime time: LocalTime, atOrAfter bound: Timestamp, clock: Zone) -> Timestamp {
        var bound = bound
        for _ in 0..<Self.searchedDays {
            let candidate = clock.firstInstant(ofWallTime: time, atOrAfter: bound)
            if candidate == .distantFuture || opening(atOrAfter: candidate) == candidate { return candidate }
            bound = candidate.advanced(byMilliseconds: 1)
        }
        return .distantFuture
    }
}

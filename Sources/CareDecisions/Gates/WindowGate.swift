import CareRules
import CareValues

/// Whether a step's window is open: gate `window_closed`. It binds actions for staff too.
enum WindowGate {
    /// A closed window opens again.
    static func stop(_ window: Window?, now: Timestamp, zone: Zone) -> Stop? {
        guard let window else { return nil }
        let opening = window.opening(atOrAfter: now, zone: zone)
        guard opening > now else { return nil }
        return Stop(
            outcome: .hold, reason: .windowClosed, release: opening,
            cause: Stop.Cause(kind: "window", name: window.name))
    }
}

extension Window {
    /// More days than a window stays closed.
    private static let searchedDays = 400
    /// More days than a wait in a window takes.
    private static let countedDays = 4_000

    /// The opening that begins on `date` in `zone`; nil: it does not open that day.
    private func opening(on date: CivilDate, zone: Zone) -> (start: Timestamp, end: Timestamp)? {
        guard days.contains(date.isoWeekday) else { return nil }
        let interval = LocalSpan(from: from, until: until).interval(beginningOn: date, zone: zone)
        return interval.start < interval.end ? interval : nil
    }

    /// The first instant at or after `bound` at which it is open; `distantFuture`: it does not open any more.
    func opening(atOrAfter bound: Timestamp, zone: Zone) -> Timestamp {
        // What opened the day before may still be open.
        var date = zone.date(at: bound).advanced(byDays: -1)
        for _ in 0..<Self.searchedDays {
            if let opening = opening(on: date, zone: zone), opening.end > bound { return max(opening.start, bound) }
            date = date.advanced(byDays: 1)
        }
        return .distantFuture
    }

    /// The first instant at which it has been open for `milliseconds` since `start`.
    func instant(countingFrom start: Timestamp, milliseconds: Int64, zone: Zone) -> Timestamp {
        guard milliseconds > 0 else { return start }
        var rest = milliseconds
        var counted = start
        var date = zone.date(at: start).advanced(byDays: -1)
        for _ in 0..<Self.countedDays {
            if let opening = opening(on: date, zone: zone), opening.end > counted {
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

    /// The first instant at or after `bound` at which the wall clock of `clock` shows `time` and the window, read in
    /// `zone`, is open; `distantFuture`: never.
    func firstInstant(ofWallTime time: LocalTime, atOrAfter bound: Timestamp, clock: Zone, zone: Zone) -> Timestamp {
        var bound = bound
        for _ in 0..<Self.searchedDays {
            let candidate = clock.firstInstant(ofWallTime: time, atOrAfter: bound)
            if candidate == .distantFuture || opening(atOrAfter: candidate, zone: zone) == candidate {
                return candidate
            }
            bound = candidate.advanced(byMilliseconds: 1)
        }
        return .distantFuture
    }
}

extension ActiveRules {
    /// The zone that a window is read in, for a customer of `zone`.
    func zone(of window: Window, customer zone: Zone) -> Zone {
        switch window.clock {
        case .project: projectZone
        case .customer: zone
        case .named(let name): zones.zone(named: name) ?? projectZone
        }
    }
}

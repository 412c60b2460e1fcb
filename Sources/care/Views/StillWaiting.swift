import CareDispatch
import CareStore
import CareValues

/// What still lies for destinations after a pass: for each, how much, until when and why.
struct StillWaiting {
    /// What lies for one destination.
    struct Row {
        let standing: DestinationStanding
        /// What its last attempt said of what is tried first, `503 Service Unavailable`; empty: it has not been tried.
        let reason: String
    }

    let rows: [Row]
    /// The real clock.
    let now: Timestamp
    /// Why what is due was not tried; nil: it is tried next.
    var untried: String?

    /// As the store tells it, destinations of `care.json` first, in its order; those that nothing lies for are not there.
    static func read(
        _ settings: [DestinationSettings], in store: any StoreSnapshot, now: Timestamp
    ) throws -> StillWaiting {
        let standings = try DestinationStanding.all(settings, in: store, now: now)
        let rows = try standings.filter { Self.count($0) > 0 }.map { standing in
            Row(standing: standing, reason: try store.firstWaiting(for: standing.name)?.reason ?? "")
        }
        return StillWaiting(rows: rows, now: now)
    }

    /// How many wait; of a disabled destination what is parked for it too.
    private static func count(_ standing: DestinationStanding) -> Int {
        standing.count(.waiting) + (standing.disabled == nil ? 0 : standing.count(.parked))
    }

    /// A line for each destination:
    /// `1 delivery waits for crm until 08:31:00: it failed many times in a row. To try it at once: …`
    func lines(_ zone: Zone) -> [String] {
        rows.map { row in
            let standing = row.standing
            var line = "\(counted(Self.count(standing), "delivery waits", "deliveries wait")) for \(standing.name)"
            if let until = Self.until(standing), until > now { line += " until \(near(until, zone))" }
            return line + reason(row, zone)
        }
    }

    /// When the first of them may be tried, of the real clock; nil: not before somebody acts.
    private static func until(_ standing: DestinationStanding) -> Timestamp? {
        if standing.state == .disabled || standing.state == .unknown { return nil }
        return [standing.nextAttemptAt, standing.breakerUntil, standing.pausedUntil].compactMap(\.self).max()
    }

    private func reason(_ row: Row, _ zone: Zone) -> String {
        let standing = row.standing
        switch standing.state {
        case .disabled:
            let why = standing.disabled.map { " since \(near($0.since, zone)) (\($0.reason))" } ?? ""
            return ": it is disabled\(why). Mend it, then: care destinations enable \(standing.name)"
        case .unknown:
            return ": care.json names no such destination"
        case .fails:
            let last = standing.lastFailure.map { ", last: \($0.detail)" } ?? ""
            return ": it failed many times in a row\(last). "
                + "To try it at once: care destinations enable \(standing.name)"
        case .pauses:
            return ": it asked to be spared"
        case .delivers:
            if let next = standing.nextAttemptAt, next <= now { return ": " + (untried ?? "due, tried next") }
            guard let first = row.reason.first else { return "" }
            return first.isNumber ? ": answered \(row.reason)" : ": \(row.reason)"
        }
    }

    private func near(_ instant: Timestamp, _ zone: Zone) -> String {
        let time = TimeText(zone: zone)
        return zone.date(at: instant) == zone.date(at: now) ? time.clock(instant) : time.full(instant)
    }

    var json: JSONValue {
        .array(
            rows.map { row in
                let standing = row.standing
                return .object(
                    JSONObject(uniqueMembers: [
                        ("destination", .string(standing.name)), ("count", .number(Double(standing.count(.waiting)))),
                        ("nextAttemptAt", Self.until(standing).map { .string($0.iso8601) } ?? .null),
                        ("reason", .string(row.reason)), ("state", .string(standing.state.rawValue)),
                        ("parked", .number(Double(standing.count(.parked)))),
                    ]))
            })
    }
}

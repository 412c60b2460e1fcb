import CareDispatch
import CareStore
import CareValues

/// What still lies for destinations after a pass: for each, how much, until when and why.
struct StillWaiting {
    /// What lies for one destination.
    struct Row {
        let standing: DestinationStanding
        /// What is tried first; nil: nothing waits, or each behind another of its customer that is being sent.
        let first: StoredDelivery?
        /// How many of the parked ones stay so when the destination is enabled: their answers were lost.
        let staying: Int

        /// How many wait.
        var waiting: Int { standing.count(.waiting) }

        /// How many are parked because of the destination: it is disabled, or `care.json` does not name it.
        var parked: Int { StillWaiting.parks(standing) ? standing.count(.parked) - staying : 0 }
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
        return StillWaiting(rows: try standings.compactMap { try row($0, in: store) }, now: now)
    }

    /// What lies for one destination; nil: nothing that is to be told.
    private static func row(_ standing: DestinationStanding, in store: any StoreSnapshot) throws -> Row? {
        let parked = parks(standing) ? standing.count(.parked) : 0
        guard standing.count(.waiting) + parked > 0 else { return nil }
        var staying = 0
        if standing.state == .disabled, parked > 0 {
            let lost = DeliveryFilter(states: [.parked], destination: standing.name, answerLost: true)
            staying = try store.deliveryCounts(lost)[.parked] ?? 0
        }
        return Row(standing: standing, first: try store.firstWaiting(for: standing.name), staying: staying)
    }

    /// Whether what is parked for a destination is so because of the destination.
    private static func parks(_ standing: DestinationStanding) -> Bool {
        standing.state == .disabled || standing.state == .unknown
    }

    /// A line for each destination, and one more where lost answers keep something parked:
    /// `1 delivery waits for crm until 08:31:00: it failed many times in a row. To try it at once: …`
    func lines(_ zone: Zone) -> [String] {
        rows.flatMap { row -> [String] in
            let name = row.standing.name
            var lines: [String] = []
            if let subject = subject(row) {
                var line = "\(subject) for \(name)"
                if let until = Self.until(row), until > now { line += " until \(near(until, zone))" }
                lines.append(line + reason(row, zone))
            }
            if row.staying > 0 {
                lines.append(
                    "\(counted(row.staying, "stays", "stay")) parked for \(name): the answer was lost. "
                        + "See: care deliveries list --unknown")
            }
            return lines
        }
    }

    /// `3 deliveries wait`, `1 delivery is parked`, `3 deliveries wait and 1 is parked`; nil: neither is there.
    private func subject(_ row: Row) -> String? {
        if row.waiting == 0 {
            return row.parked == 0 ? nil : counted(row.parked, "delivery is parked", "deliveries are parked")
        }
        let waiting = counted(row.waiting, "delivery waits", "deliveries wait")
        return row.parked == 0 ? waiting : "\(waiting) and \(counted(row.parked, "is parked", "are parked"))"
    }

    /// When the first of them may be tried, of the real clock; nil: not before somebody acts, or another has been sent.
    private static func until(_ row: Row) -> Timestamp? {
        if parks(row.standing) { return nil }
        return [row.first?.nextAttemptAt, row.standing.breakerUntil, row.standing.pausedUntil].compactMap(\.self).max()
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
            return ": it failed many times in a row\(last(standing)). "
                + "To try it at once: care destinations enable \(standing.name)"
        case .pauses:
            return ": it asked to be spared\(last(standing))"
        case .delivers:
            guard let first = row.first else { return ": behind another of the same customer, which is being sent" }
            if first.nextAttemptAt <= now { return ": " + (untried ?? "due, tried next") }
            return first.reason.isEmpty ? "" : ": \(said(first.reason))"
        }
    }

    /// What the last failure said, to stand behind a reason: `, last: answered 503 Service Unavailable`; empty: none did.
    private func last(_ standing: DestinationStanding) -> String {
        guard let detail = standing.lastFailure?.detail, !detail.isEmpty else { return "" }
        return ", last: \(said(detail))"
    }

    /// What an attempt left, in words: `answered 503 Service Unavailable`, `no answer in time`.
    private func said(_ detail: String) -> String {
        detail.first?.isNumber == true ? "answered \(detail)" : detail
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
                        ("nextAttemptAt", Self.until(row).map { .string($0.iso8601) } ?? .null),
                        ("reason", .string(row.first?.reason ?? "")), ("state", .string(standing.state.rawValue)),
                        ("parked", .number(Double(standing.count(.parked)))),
                    ]))
            })
    }
}

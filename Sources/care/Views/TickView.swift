import CareDecisions
import CareDispatch
import CareEngine
import CareValues

/// What `care tick` prints: what was decided, what was delivered, what waits.
struct TickView {
    let result: TickResult
    let zone: Zone

    /// Two sentences of decisions and deliveries, and a line for each destination that something still waits for:
    /// `Mon 21 Sep 2026 09:00:01 Asia/Shanghai: 31 actions decided: 30 act, 1 held (paused).`
    func text(_ style: Style) -> String {
        let time = TimeText(zone: zone)
        let summary = result.summary
        var first = style.bold("\(time.fullWithSeconds(summary.clock)) \(zone.name): ")
        first +=
            summary.decided == 0 ? "nothing was due." : "\(counted(summary.decided, "action")) decided: \(outcomes)."
        if summary.customersBroughtUp > 0 {
            first += " \(counted(summary.customersBroughtUp, "customer")) brought up to epoch \(result.epoch)."
        }
        if summary.duplicates > 0 {
            first +=
                " \(counted(summary.duplicates, "decision")) had been made before and did nothing: please report it."
        }
        if !summary.unreadable.isEmpty {
            first += " \(counted(Set(summary.unreadable).count, "customer")) cannot be read and stayed as they are:"
            first +=
                Set(summary.unreadable).sorted { $0.place < $1.place }.prefix(20)
                .map { " place \($0.place): \($0.detail)" }.joined(separator: ";") + "."
        }
        for report in summary.approved {
            first +=
                report.refusal.map { " The approved plan \(report.name) was refused: \($0)." }
                ?? " Of the approved plan \(report.name): \(grouped(report.summary.appliedCount)) applied, "
                + "\(grouped(report.summary.refused)) refused."
        }
        var second: [String] = []
        if result.delivered { second += deliveries }
        second.append(
            summary.nextWakeUp.map { "Next wake-up \(near($0, from: summary.clock, time))." }
                ?? "No customer has a wake-up.")
        return ([first, second.joined(separator: " ")] + result.left.lines(zone)).joined(separator: "\n") + "\n"
    }

    private var outcomes: String {
        let words: [(Outcome, String)] = [
            (.act, "act"), (.hold, "held"), (.suppress, "suppressed"), (.skip, "skipped"), (.error, "error"),
        ]
        let reasons = result.summary.reasons.sorted { $0.key.rawValue < $1.key.rawValue }
        let isAlone = words.count { result.summary.decisions[$0.0] != nil && $0.0 != .act } <= 1
        var parts = words.compactMap { outcome, word -> String? in
            guard let count = result.summary.decisions[outcome] else { return nil }
            var part = "\(grouped(count)) \(word)"
            if isAlone, outcome != .act, !reasons.isEmpty { part += " (\(listed(reasons)))" }
            return part
        }
        if !isAlone, !reasons.isEmpty { parts.append("reasons \(listed(reasons))") }
        return parts.joined(separator: ", ")
    }

    private func listed(_ reasons: [(key: Reason, value: Int)]) -> String {
        reasons.count == 1
            ? reasons[0].key.rawValue
            : reasons.map { "\($0.key.rawValue) \(grouped($0.value))" }.joined(separator: ", ")
    }

    private var deliveries: [String] {
        let dispatch = result.dispatch
        var parts = ["Delivered \(grouped(dispatch.delivered))"]
        for (reason, count) in dispatch.dead.sorted(by: { $0.key < $1.key }) {
            parts.append("\(grouped(count)) dead (\(reason))")
        }
        for (reason, count) in dispatch.parked.sorted(by: { $0.key < $1.key }) {
            parts.append("\(grouped(count)) parked (\(reason))")
        }
        return [parts.joined(separator: "; ") + "."]
    }

    private func near(_ instant: Timestamp, from now: Timestamp, _ time: TimeText) -> String {
        zone.date(at: instant) == zone.date(at: now) ? time.clock(instant) : time.full(instant)
    }

    var json: JSONValue {
        let summary = result.summary
        let dispatch = result.dispatch
        func object(_ counts: [(String, Int)]) -> JSONValue {
            .object(JSONObject(uniqueMembers: counts.sorted { $0.0 < $1.0 }.map { ($0, .number(Double($1))) }))
        }
        return .object(
            JSONObject(uniqueMembers: [
                ("clock", .string(summary.clock.iso8601)), ("timeZone", .string(zone.name)),
                ("epoch", .number(Double(result.epoch))), ("fingerprint", .string(result.fingerprint)),
                ("activated", .bool(result.isNewEpoch)), ("customersDue", .number(Double(summary.customersDue))),
                ("customersBroughtUp", .number(Double(summary.customersBroughtUp))),
                ("decided", .number(Double(summary.decided))), ("duplicates", .number(Double(summary.duplicates))),
                ("unreadable", .number(Double(Set(summary.unreadable).count))),
                ("interrupted", .bool(summary.isInterrupted)),
                ("outcomes", object(summary.decisions.map { ($0.key.rawValue, $0.value) })),
                ("reasons", object(summary.reasons.map { ($0.key.rawValue, $0.value) })),
                ("actsByCampaign", object(summary.actsByCampaign.map { ($0.key, $0.value) })),
                ("delivered", .number(Double(dispatch.delivered))), ("attempts", .number(Double(dispatch.attempts))),
                ("waiting", result.left.json), ("dead", object(dispatch.dead.map { ($0.key, $0.value) })),
                ("parked", object(dispatch.parked.map { ($0.key, $0.value) })),
                ("nextWakeUp", summary.nextWakeUp.map { .string($0.iso8601) } ?? .null),
            ]))
    }
}

import CareDispatch
import CareStore
import CareValues

/// `care destinations list`
struct DestinationListView {
    let rows: [DestinationStanding]
    let zone: Zone

    func text(_ style: Style) -> String {
        let time = TimeText(zone: zone)
        guard !rows.isEmpty else {
            return style.bold("care.json names no destination, and nothing waits for one.")
                + "\nName one under \"destinations\": { \"crm\": { \"type\": \"webhook\", … } }\n"
        }
        var lines = [style.bold(headline)]
        var table = Table([.left, .left, .left, .right, .right, .right, .left, .left])
        table.add(["NAME", "TYPE", "STATE", "WAITING", "PARKED", "DEAD", "OLDEST", "LAST FAILURE"])
        for row in rows {
            let failure = row.lastFailure
            table.add([
                row.name, row.type ?? "-", row.state.rawValue, cell(row.count(.waiting) + row.count(.sending)),
                cell(row.count(.parked)), cell(row.count(.dead)),
                row.oldestWaiting.map(time.short) ?? "-",
                failure.map { "\(time.short($0.at)) \($0.detail)" } ?? "-",
            ])
        }
        lines += table.lines()
        for row in rows {
            if row.type == nil {
                lines.append("\(row.name): care.json names no such destination; what is for it stays.")
            }
            if let disabled = row.disabled {
                lines.append(
                    "\(row.name) is disabled since \(time.short(disabled.since)) (\(disabled.reason)). "
                        + "Mend it, then: care destinations enable \(row.name)")
            }
            if row.state == .fails {
                let next = row.breakerUntil.map { "nothing is tried until \(time.clock($0)), then one attempt" }
                lines.append(
                    "\(row.name) failed many times in a row: \(next ?? "the next attempt shows whether it is well again"). "
                        + "To try it at once: care destinations enable \(row.name)")
            }
            if let until = row.pausedUntil, row.disabled == nil {
                lines.append("\(row.name) asked to be spared until \(time.clock(until)).")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `3 destinations: 2 deliver, 1 is disabled.`
    private var headline: String {
        let words = [
            (DestinationStanding.State.delivers, "delivers", "deliver"), (.fails, "fails", "fail"),
            (.pauses, "pauses", "pause"), (.disabled, "is disabled", "are disabled"),
            (.unknown, "is not in care.json", "are not in care.json"),
        ]
        let parts = words.compactMap { state, one, many in
            let count = rows.count { $0.state == state }
            return count == 0 ? nil : "\(grouped(count)) \(count == 1 ? one : many)"
        }
        return "\(counted(rows.count, "destination")): \(parts.joined(separator: ", "))."
    }

    private func cell(_ count: Int) -> String { count == 0 ? "-" : grouped(count) }

    var json: JSONValue {
        func number(_ count: Int) -> JSONValue { .number(Double(count)) }
        func instant(_ instant: Timestamp?) -> JSONValue { instant.map { .string($0.iso8601) } ?? .null }
        let list = rows.map { row in
            JSONValue.object(
                JSONObject(uniqueMembers: [
                    ("name", .string(row.name)), ("type", row.type.map(JSONValue.string) ?? .null),
                    ("state", .string(row.state.rawValue)),
                    ("breaker", .string(row.breaker.rawValue)), ("breakerUntil", instant(row.breakerUntil)),
                    ("waiting", number(row.count(.waiting))),
                    ("sending", number(row.count(.sending))), ("parked", number(row.count(.parked))),
                    ("dead", number(row.count(.dead))), ("oldestWaiting", instant(row.oldestWaiting)),
                    ("nextAttemptAt", instant(row.nextAttemptAt)),
                    ("disabledSince", instant(row.disabled?.since)),
                    ("disabledReason", row.disabled.map { .string($0.reason) } ?? .null),
                    ("pausedUntil", instant(row.pausedUntil)),
                    ("lastFailureAt", instant(row.lastFailure?.at)),
                    ("lastFailure", row.lastFailure.map { .string($0.detail) } ?? .null),
                ]))
        }
        return .object(JSONObject(uniqueMembers: [("timeZone", .string(zone.name)), ("destinations", .array(list))]))
    }
}

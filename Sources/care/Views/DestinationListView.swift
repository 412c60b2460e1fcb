import CareStore
import CareValues

/// One destination as it is listed.
struct DestinationRow {
    var name: String
    /// The `type` in `care.json`; nil: it names no such destination.
    var type: String?
    /// How many deliveries are in each state.
    var counts: [DeliveryState: Int] = [:]
    /// When the oldest that waits or is being sent was decided; nil: nothing does.
    var oldestWaiting: Timestamp?
    /// When the first of those that wait may be tried; nil: none waits.
    var nextAttemptAt: Timestamp?
    /// The last attempt that failed of what lies there; nil: none did.
    var lastFailure: (at: Timestamp, detail: String)?
    /// Since when, of the real clock, and why it is disabled; nil: it is not.
    var disabled: (since: Timestamp, reason: String)?
    /// Until when it pauses, of the real clock, exclusive; nil: it does not.
    var pausedUntil: Timestamp?

    init(name: String, type: String?) {
        self.name = name
        self.type = type
    }

    /// The place of the destination of that name, which is added at the end where there is none.
    static func place(of name: String, in rows: inout [DestinationRow]) -> Int {
        if let place = rows.firstIndex(where: { $0.name == name }) { return place }
        rows.append(DestinationRow(name: name, type: nil))
        return rows.count - 1
    }

    func count(_ state: DeliveryState) -> Int { counts[state] ?? 0 }

    /// One word.
    var state: String {
        if type == nil { return "unknown" }
        if disabled != nil { return "disabled" }
        return pausedUntil == nil ? "delivers" : "pauses"
    }
}

/// `care destinations list`
struct DestinationListView {
    let rows: [DestinationRow]
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
                row.name, row.type ?? "-", row.state, cell(row.count(.waiting) + row.count(.sending)),
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
            if let until = row.pausedUntil, row.disabled == nil {
                lines.append("\(row.name) asked to be spared until \(time.clock(until)).")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `3 destinations: 2 deliver, 1 is disabled.`
    private var headline: String {
        let words = [
            ("delivers", "delivers", "deliver"), ("pauses", "pauses", "pause"),
            ("disabled", "is disabled", "are disabled"), ("unknown", "is not in care.json", "are not in care.json"),
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
                    ("state", .string(row.state)), ("waiting", number(row.count(.waiting))),
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

import CareStore
import CareValues

/// `care deliveries list`
struct DeliveryListView {
    let deliveries: [StoredDelivery]
    let counts: [DeliveryState: Int]
    let states: [DeliveryState]
    let zone: Zone

    func text(_ style: Style) -> String {
        let time = TimeText(zone: zone)
        var lines = [style.bold(headline)]
        var table = Table([.left, .left, .left, .left, .left, .right, .left])
        table.add(["ID", "DECIDED", "TO", "TYPE", "STATE", "TRIES", "NEXT OR REASON"])
        for delivery in deliveries {
            let decided = zone.local(delivery.order.decidedAt)
            table.add([
                String(delivery.order.id.text.prefix(12)),
                "\(time.shortDay(decided.date)) \(String(time.clock(delivery.order.decidedAt).prefix(5)))",
                delivery.order.destination, delivery.order.type, delivery.state.rawValue, String(delivery.attempts),
                delivery.nextOrReason(time),
            ])
        }
        if !deliveries.isEmpty { lines += table.lines() }
        let shown = states.reduce(0) { $0 + (counts[$1] ?? 0) }
        if shown > deliveries.count { lines.append("  \(grouped(shown - deliveries.count)) older ones: add --limit") }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `1 waits, 1 is parked. Not shown: 30 delivered.`
    private var headline: String {
        let some = DeliveryState.allCases.filter { states.contains($0) && counts[$0] ?? 0 > 0 }
        var text = some.map { Self.phrase(counts[$0] ?? 0, $0) }.joined(separator: ", ")
        if text.isEmpty { text = "No delivery is \(Self.listed(states.map(\.rawValue)))" }
        text += "."
        let rest = DeliveryState.allCases.filter { !states.contains($0) && counts[$0] ?? 0 > 0 }
        if !rest.isEmpty {
            text += " Not shown: \(rest.map(summed).joined(separator: ", "))."
        }
        return text
    }

    private func summed(_ state: DeliveryState) -> String {
        "\(grouped(counts[state] ?? 0)) \(state.rawValue)"
    }

    private static func phrase(_ count: Int, _ state: DeliveryState) -> String {
        let isOne = count == 1
        switch state {
        case .waiting: return "\(grouped(count)) \(isOne ? "waits" : "wait")"
        case .sending: return "\(grouped(count)) \(isOne ? "is" : "are") being sent"
        case .delivered, .dead, .parked, .cancelled:
            return "\(grouped(count)) \(isOne ? "is" : "are") \(state.rawValue)"
        }
    }

    private static func listed(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " or " + last
    }

    var json: JSONValue {
        let counts = DeliveryState.allCases.map { state in
            (name: state.rawValue, value: JSONValue.number(Double(self.counts[state] ?? 0)))
        }
        return .object(
            JSONObject(uniqueMembers: [
                ("counts", .object(JSONObject(uniqueMembers: counts))), ("timeZone", .string(zone.name)),
                ("deliveries", .array(deliveries.map { .object(JSONObject(uniqueMembers: $0.jsonMembers)) })),
            ]))
    }
}

/// `care deliveries show`
struct DeliveryView {
    let delivery: StoredDelivery
    let attempts: [StoredAttempt]
    let zone: Zone
    let showsData: Bool

    func text(_ style: Style) -> String {
        let time = TimeText(zone: zone)
        let order = delivery.order
        var lines = [style.bold(headline(time))]
        lines.append("\(order.campaign) · \(order.customer) · \(order.destination) · \(style.dim(order.id.text))")
        lines.append("\(order.type), decided \(time.full(order.decidedAt)), key \(order.key)")
        if showsData { lines.append(order.data) }
        var table = Table([.right, .left, .left, .right, .left])
        for attempt in attempts {
            let outcome = attempt.outcome == .unknown ? "unknown: sent again with the same id" : ""
            // Brokers have no code for success.
            let status = attempt.status == 0 ? "accepted" : String(attempt.status)
            table.add([
                String(attempt.number), time.clock(attempt.startedAt),
                attempt.detail.isEmpty ? status : attempt.detail,
                "\(grouped(Int(attempt.durationMilliseconds))) ms", outcome,
            ])
        }
        lines += table.lines()
        return lines.joined(separator: "\n") + "\n"
    }

    private func headline(_ time: TimeText) -> String {
        let order = delivery.order
        let reason = delivery.reason.isEmpty ? "" : " (\(delivery.reason))"
        switch delivery.state {
        case .waiting:
            var text = "Waits for attempt \(delivery.attempts + 1), \(time.full(delivery.nextAttemptAt))\(reason)"
            if let expiresAt = order.expiresAt { text += "; expires \(time.full(expiresAt))" }
            return text + "."
        case .sending: return "Is being sent: attempt \(delivery.attempts + 1)."
        case .delivered:
            let last = attempts.last.map { ", \(time.fullWithSeconds($0.startedAt))" } ?? ""
            return "Delivered with attempt \(delivery.attempts)\(last)."
        case .dead:
            return
                "Dead\(reason): not tried again by itself. To try again: care deliveries redrive \(order.id.text.prefix(12))"
        case .parked: return "Parked\(reason)."
        case .cancelled: return "Cancelled\(reason)."
        }
    }

    var json: JSONValue {
        var members = delivery.jsonMembers
        if showsData { members.append(("data", JSONValue(jsonText: delivery.order.data) ?? .null)) }
        let attempts = attempts.map { attempt in
            JSONValue.object(
                JSONObject(uniqueMembers: [
                    ("number", .number(Double(attempt.number))), ("startedAt", .string(attempt.startedAt.iso8601)),
                    ("milliseconds", .number(Double(attempt.durationMilliseconds))),
                    ("outcome", .string(attempt.outcome.rawValue)), ("status", .number(Double(attempt.status))),
                    ("detail", .string(attempt.detail)),
                ]))
        }
        members.append(("attempts", .array(attempts)))
        return .object(JSONObject(uniqueMembers: members))
    }
}

extension StoredDelivery {
    /// When it is tried next and why not yet, or why not at all.
    fileprivate func nextOrReason(_ time: TimeText) -> String {
        switch state {
        case .waiting: "\(time.clock(nextAttemptAt).prefix(5))" + (reason.isEmpty ? "" : " (\(reason))")
        case .sending, .delivered: ""
        case .dead, .parked, .cancelled: reason
        }
    }

    fileprivate var jsonMembers: [(name: String, value: JSONValue)] {
        [
            ("id", .string(order.id.text)), ("customer", .string(order.customer)),
            ("campaign", .string(order.campaign)),
            ("key", .string(order.key)), ("destination", .string(order.destination)), ("type", .string(order.type)),
            ("state", .string(state.rawValue)), ("tries", .number(Double(attempts))),
            ("decidedAt", .string(order.decidedAt.iso8601)),
            ("expiresAt", order.expiresAt.map { .string($0.iso8601) } ?? .null),
            ("nextAttemptAt", state == .waiting ? .string(nextAttemptAt.iso8601) : .null), ("reason", .string(reason)),
        ]
    }
}

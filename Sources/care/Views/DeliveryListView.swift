import CareStore
import CareValues

/// `care deliveries list`
struct DeliveryListView {
    let deliveries: [StoredDelivery]
    /// How many were asked for at most.
    let limit: Int
    /// Of all that the filter means, whatever their states.
    let counts: [DeliveryState: Int]
    let filter: DeliveryFilter
    /// The filter in words behind a count; empty: none but states.
    let filterText: String
    /// Destinations that are disabled.
    let disabled: Set<String>
    /// The decision clock, for what has expired.
    let clock: Timestamp
    let zone: Zone

    private var states: [DeliveryState] {
        DeliveryState.allCases.filter { filter.states.isEmpty || filter.states.contains($0) }
    }

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
        // Some that are counted may be in no list, since they cannot be read: no limit brings those.
        if filter.answerLost == nil, deliveries.count == limit, shown > limit {
            lines.append("  \(grouped(shown - deliveries.count)) older ones: add --limit")
        }
        return (lines + advice).joined(separator: "\n") + "\n"
    }

    /// `1 waits, 1 is parked. Not shown: 30 delivered.`
    private var headline: String {
        if filter.answerLost == true { return unknownHeadline }
        let some = states.filter { counts[$0] ?? 0 > 0 }
        var text = some.map { Self.phrase(counts[$0] ?? 0, $0) }.joined(separator: ", ")
        if text.isEmpty {
            text = "No delivery\(filterText) is \(Self.listed(states.map(\.rawValue)))"
        } else if !filterText.isEmpty {
            text = "Of those\(filterText): \(text)"
        }
        text += "."
        let rest = DeliveryState.allCases.filter { !states.contains($0) && counts[$0] ?? 0 > 0 }
        if !rest.isEmpty { text += " Not shown: \(rest.map(summed).joined(separator: ", "))." }
        return text
    }

    private var unknownHeadline: String {
        guard !deliveries.isEmpty else {
            return "No answer\(filterText) was lost in a way that keeps a delivery parked."
        }
        let isOne = deliveries.count == 1
        return "\(counted(deliveries.count, "answer")) \(isOne ? "was" : "were") lost\(filterText). "
            + "Not sent again by \(isOne ? "itself: it" : "themselves: they") might arrive twice."
    }

    /// What to do about what does not go on by itself.
    private var advice: [String] {
        if filter.answerLost == true {
            return deliveries.isEmpty
                ? [] : ["Ask the receiver whether it came, then redrive or cancel it: care deliveries redrive ID"]
        }
        let dead = deliveries.filter { $0.state == .dead }
        let expired = dead.filter { delivery in delivery.order.expiresAt.map { $0 <= clock } ?? false }
        var lines: [String] = []
        if dead.count > expired.count {
            lines.append(
                "Dead ones are not tried again by themselves. Mend the cause, then: care deliveries redrive --state dead"
            )
        }
        if !expired.isEmpty {
            lines.append("Expired ones came too late. To send one all the same: care deliveries redrive ID --late")
        }
        let parked = deliveries.filter { $0.state == .parked }
        let closed = Set(parked.map(\.order.destination)).intersection(disabled).sorted()
        if !closed.isEmpty {
            lines.append(
                "Disabled: \(closed.joined(separator: ", ")). Mend it, then: care destinations enable \(closed[0])")
        }
        if parked.contains(where: { $0.reason.hasPrefix("answer lost") }) {
            lines.append("Where an answer was lost: care deliveries list --unknown")
        }
        return lines
    }

    private func summed(_ state: DeliveryState) -> String { "\(grouped(counts[state] ?? 0)) \(state.rawValue)" }

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

extension StoredDelivery {
    /// When it is tried next and why not yet, or why not at all.
    func nextOrReason(_ time: TimeText) -> String {
        switch state {
        case .waiting: "\(time.clock(nextAttemptAt).prefix(5))" + (reason.isEmpty ? "" : " (\(reason))")
        case .sending, .delivered: ""
        case .dead, .parked, .cancelled: reason
        }
    }

    /// What JSON says of it, the message itself apart.
    var jsonMembers: [(name: String, value: JSONValue)] {
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

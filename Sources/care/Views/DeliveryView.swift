import CareEngine
import CareStore
import CareValues

/// `care deliveries show`
struct DeliveryView {
    let delivery: StoredDelivery
    let attempts: [StoredAttempt]
    /// Whether its destination is disabled.
    let isDisabled: Bool
    let zone: Zone
    let showsPII: Bool

    func text(_ style: Style) -> String {
        let time = TimeText(zone: zone)
        let order = delivery.order
        var lines = [style.bold(headline(time))]
        if let advice { lines.append(advice) }
        lines.append("\(order.campaign) · \(order.customer) · \(order.destination) · \(style.dim(order.id.text))")
        lines.append("\(order.type), decided \(time.full(order.decidedAt)), key \(order.key)")
        if !order.address.isEmpty { lines.append("to \(address)") }
        if !order.data.isEmpty { lines.append("data \(JSONWriter.text(data))") }
        var table = Table([.right, .left, .left, .right, .left])
        for attempt in attempts {
            table.add([
                String(attempt.number), time.clock(attempt.startedAt),
                // Not every protocol has a code for success.
                attempt.detail.isEmpty ? (attempt.status == 0 ? "accepted" : String(attempt.status)) : attempt.detail,
                "\(grouped(Int(attempt.durationMilliseconds))) ms", outcome(attempt),
            ])
        }
        lines += table.lines()
        return lines.joined(separator: "\n") + "\n"
    }

    /// What a lost answer led to.
    private func outcome(_ attempt: StoredAttempt) -> String {
        guard attempt.outcome == .unknown else { return "" }
        let isLast = attempt.number == attempts.last?.number
        if isLast, delivery.state == .parked { return "unknown: it may have arrived" }
        return isLast && delivery.state != .waiting ? "unknown" : "unknown: sent again with the same id"
    }

    private func headline(_ time: TimeText) -> String {
        let order = delivery.order
        let reason = delivery.reason.isEmpty ? "" : " (\(delivery.reason))"
        let tries = delivery.attempts == 0 ? "never tried" : "after \(counted(delivery.attempts, "attempt"))"
        switch delivery.state {
        case .waiting:
            var text = "Waits for attempt \(delivery.attempts + 1), \(time.full(delivery.nextAttemptAt))\(reason)"
            if let expiresAt = order.expiresAt { text += "; expires \(time.full(expiresAt))" }
            return text + "."
        case .sending: return "Is being sent: attempt \(delivery.attempts + 1)."
        case .delivered:
            let last = attempts.last.map { ", \(time.fullWithSeconds($0.startedAt))" } ?? ""
            return "Delivered with attempt \(delivery.attempts)\(last)."
        case .dead where isExpired:
            let expiry = order.expiresAt.map { " \(time.full($0))" } ?? ""
            return "Dead, \(tries): it expired\(expiry), and was not to be sent at or after that."
        case .dead:
            return "Dead, \(tries): \(delivery.reason.isEmpty ? "no reason is recorded" : delivery.reason)."
        case .parked where isLost:
            return "Parked, \(tries): \(delivery.reason). It may have arrived; repeating it is not safe."
        case .parked where isDisabled:
            return "Parked, \(tries): its destination \(order.destination) is disabled\(reason)."
        case .parked: return "Parked, \(tries)\(reason)."
        case .cancelled: return "Cancelled, \(tries)\(reason): it is not sent."
        }
    }

    private var isExpired: Bool { delivery.reason == "expired" }
    private var isLost: Bool { delivery.reason.hasPrefix("answer lost") }

    /// What a person can do about it; nil: nothing is to be done.
    private var advice: String? {
        let id = delivery.order.id.text.prefix(12)
        switch delivery.state {
        case .dead where isExpired: return "To send it all the same: care deliveries redrive \(id) --late"
        case .dead: return "Not tried again by itself. Mend the cause, then: care deliveries redrive \(id)"
        case .parked where isLost:
            return "Ask the receiver whether it came, then: care deliveries redrive \(id), or cancel \(id)"
        case .parked where isDisabled:
            return "Mend what is wrong there, then: care destinations enable \(delivery.order.destination)"
        case .parked: return "To try again: care deliveries redrive \(id)"
        case .waiting, .sending, .delivered, .cancelled: return nil
        }
    }

    // MARK: What it says of the customer

    private var address: String { showsPII ? delivery.order.address : PersonalText.masked(delivery.order.address) }

    private var data: JSONValue {
        guard showsPII else { return MaskedDelivery.data(of: delivery.order) }
        return JSONValue(storedText: delivery.order.data) ?? .null
    }

    var json: JSONValue {
        var members = delivery.jsonMembers
        members.append(("to", .string(address)))
        members.append(("data", data))
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

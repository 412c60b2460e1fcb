import CareStore
import CareValues

/// Tells what has changed from one look at deliveries to the next.
struct DeliveryFollower {
    /// The states that are told of; empty: all.
    let states: Set<DeliveryState>
    let zone: Zone
    private var seen: [DeliveryID: Mark] = [:]

    /// What a change of is told.
    private struct Mark: Equatable {
        var state: DeliveryState
        var attempts: Int
        var reason: String
    }

    init(states: Set<DeliveryState>, zone: Zone) {
        self.states = states
        self.zone = zone
    }

    /// Those of `deliveries`, newest first, that are new or otherwise than at the last look; oldest first.
    mutating func changes(_ deliveries: [StoredDelivery]) -> [StoredDelivery] {
        var next: [DeliveryID: Mark] = [:]
        var changed: [StoredDelivery] = []
        for delivery in deliveries.reversed() {
            let mark = Mark(state: delivery.state, attempts: delivery.attempts, reason: delivery.reason)
            next[delivery.order.id] = mark
            guard seen[delivery.order.id] != mark, states.isEmpty || states.contains(delivery.state) else { continue }
            changed.append(delivery)
        }
        seen = next
        return changed
    }

    /// `09:00:02  dlv_4qasbmse  crm  care.birthday  waiting, 1 try, next 09:05 (503 Service Unavailable)`
    func line(_ delivery: StoredDelivery, at now: Timestamp) -> String {
        let time = TimeText(zone: zone)
        var words = [delivery.state.rawValue]
        if delivery.attempts > 0 { words.append(counted(delivery.attempts, "try", "tries")) }
        let rest = delivery.nextOrReason(time)
        if !rest.isEmpty { words.append(delivery.state == .waiting ? "next \(rest)" : rest) }
        return [
            time.clock(now), String(delivery.order.id.text.prefix(12)), delivery.order.destination,
            delivery.order.type, words.joined(separator: ", "),
        ].joined(separator: "  ")
    }
}

import CareStore
import CareValues

/// How deliveries are told on more than one page.
enum DeliveryParts {
    static func state(_ state: DeliveryState) -> Phrase {
        switch state {
        case .waiting: Say.stateWaiting
        case .sending: Say.stateSending
        case .delivered: Say.stateDelivered
        case .dead: Say.stateDead
        case .parked: Say.stateParked
        case .cancelled: Say.stateCancelled
        }
    }

    /// The state as glyph and word.
    static func shown(_ state: DeliveryState, _ voice: Voice) -> Markup {
        let (glyph, css): (Glyph, StaticString) =
            switch state {
            case .waiting, .sending: (.due, "outcome is-due")
            case .delivered: (.act, "outcome is-act")
            case .dead: (.error, "outcome is-error")
            case .parked: (.hold, "outcome is-hold")
            case .cancelled: (.none, "outcome is-none")
            }
        return tag("span", .class(css)) {
            glyph.markup
            voice(self.state(state))
        }
    }

    /// The parts of a decision's key: occurrence, step, action.
    static func key(_ order: NewDelivery) -> (occurrence: String, step: String, action: String) {
        guard case .array(let parts)? = JSONValue(storedText: order.key), parts.count == 5 else { return ("", "", "") }
        func text(_ place: Int) -> String { if case .string(let text) = parts[place] { text } else { "" } }
        return (text(2), text(3), text(4))
    }

    /// Whether it may still be sent.
    static func isExpired(_ delivery: StoredDelivery, now: Timestamp) -> Bool {
        delivery.order.expiresAt.map { $0 <= now } ?? false
    }

    /// Whether an answer was lost, so that repeating it is not safe.
    static func isLost(_ delivery: StoredDelivery) -> Bool {
        delivery.state == .parked && delivery.reason.hasPrefix("answer lost")
    }
}

import CareLogic
import CareValues

/// One customer's events by their own time: what followed a message.
struct FollowedEvents {
    private let events: [(time: Timestamp, type: String)]

    /// The events among `facts`, which may lie in any order.
    init(_ facts: [Fact]) {
        var events: [(time: Timestamp, type: String)] = []
        var isInOrder = true
        for case .event(let event) in facts {
            if let last = events.last, event.time < last.time { isInOrder = false }
            events.append((event.time, event.type))
        }
        self.events = isInOrder ? events : events.sorted { $0.time < $1.time }
    }

    /// Whether one of these types lies in `(start, end)`.
    func has(after start: Timestamp, before end: Timestamp, _ isMeant: (_ type: String) -> Bool) -> Bool {
        var low = 0
        var high = events.count
        while low < high {
            let middle = (low + high) / 2
            if events[middle].time > start { high = middle } else { low = middle + 1 }
        }
        while low < events.count, events[low].time < end {
            if isMeant(events[low].type) { return true }
            low += 1
        }
        return false
    }
}

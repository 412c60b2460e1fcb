import CareStore
import CareValues

/// How one destination stands, as the store tells it: to any process, whether one delivers at present or not.
public struct DestinationStanding: Sendable {
    /// In one word.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// What is due is sent.
        case delivers
        /// Its breaker is not closed: it failed many times in a row.
        case fails
        /// It asked to be spared for a while.
        case pauses
        /// It gets nothing until somebody enables it.
        case disabled
        /// `care.json` names no such destination, but something lies for it.
        case unknown
    }

    /// Its name.
    public var name: String
    /// The `type` in `care.json`; nil: it names no such destination.
    public var type: String?
    /// How many deliveries are in each state; of those that are over, dead and parked ones only.
    public var counts: [DeliveryState: Int] = [:]
    /// When the oldest that waits or is being sent was decided; nil: nothing does.
    public var oldestWaiting: Timestamp?
    /// When the first of those that wait may be tried; nil: none waits.
    public var nextAttemptAt: Timestamp?
    /// The last attempt that failed of what lies there; nil: none did.
    public var lastFailure: (at: Timestamp, detail: String)?
    /// Since when, of the real clock, and why it is disabled; nil: it is not.
    public var disabled: (since: Timestamp, reason: String)?
    /// Until when it pauses, of the real clock, exclusive; nil: it does not.
    public var pausedUntil: Timestamp?
    /// Where the breaker stands.
    public var breaker = DestinationMetrics.Breaker.closed
    /// Until when an open breaker lets nothing through, of the real clock, exclusive; nil: it is not open.
    public var breakerUntil: Timestamp?

    /// A destination of which nothing is known but its name and type.
    public init(name: String, type: String?) {
        self.name = name
        self.type = type
    }

    /// In one word.
    public var state: State {
        if disabled != nil { return .disabled }
        if type == nil { return .unknown }
        if breaker != .closed { return .fails }
        return pausedUntil == nil ? .delivers : .pauses
    }

    /// How many deliveries are in a state.
    public func count(_ state: DeliveryState) -> Int { counts[state] ?? 0 }

    /// Whether the breaker of a destination is not closed.
    public static func isFailing(_ name: String, in store: any StoreSnapshot) throws -> Bool {
        try DestinationMemory.opening(name, in: store) != nil
    }

    /// All destinations: those of `care.json`, in its order, and behind them others that something lies for.
    ///
    /// - Parameter now: the real clock.
    public static func all(
        _ settings: [DestinationSettings], in store: any StoreSnapshot, now: Timestamp
    ) throws -> [DestinationStanding] {
        var rows = settings.map { DestinationStanding(name: $0.name, type: $0.type) }
        func place(_ name: String) -> Int {
            if let place = rows.firstIndex(where: { $0.name == name }) { return place }
            rows.append(DestinationStanding(name: name, type: nil))
            return rows.count - 1
        }
        for queue in try store.destinationQueues() {
            let place = place(queue.destination)
            rows[place].counts[queue.state] = queue.count
            if queue.state == .waiting { rows[place].nextAttemptAt = queue.firstAttemptAt }
        }
        for disabled in try store.disabledDestinations() {
            rows[place(disabled.name)].disabled = (disabled.since, disabled.reason)
        }
        for place in rows.indices {
            let name = rows[place].name
            if rows[place].count(.waiting) + rows[place].count(.sending) > 0 {
                rows[place].oldestWaiting = try store.oldestDecision(waitingFor: name)
            }
            rows[place].lastFailure = try store.lastFailure(at: name)
            rows[place].pausedUntil = try DestinationMemory.pausedUntil(name, in: store).flatMap { $0 > now ? $0 : nil }
            if let opening = try DestinationMemory.opening(name, in: store) {
                rows[place].breaker = opening.until > now ? .open : .halfOpen
                if opening.until > now { rows[place].breakerUntil = opening.until }
            }
        }
        return rows
    }
}

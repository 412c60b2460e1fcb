import CareStore
import CareValues

/// What one run of the dispatcher did, and what it left.
public struct DispatchSummary: Sendable, Hashable {
    /// What waits at one destination.
    public struct Waiting: Sendable, Hashable {
        /// The destination's name.
        public var destination: String
        /// How many deliveries wait.
        public var count: Int
        /// When the first of them will be tried, of the real clock; nil: not before somebody acts.
        public var nextAttemptAt: Timestamp?
        /// Why that one waits, `503 Service Unavailable`; empty when it has not been tried.
        public var reason: String

        /// What waits, with all its parts.
        public init(destination: String, count: Int, nextAttemptAt: Timestamp?, reason: String) {
            self.destination = destination
            self.count = count
            self.nextAttemptAt = nextAttemptAt
            self.reason = reason
        }
    }

    /// Deliveries that the receiver has, of this run.
    public var delivered = 0
    /// Attempts made in this run.
    public var attempts = 0
    /// Deliveries given up in this run, by reason.
    public var dead: [String: Int] = [:]
    /// Deliveries parked in this run, by reason.
    public var parked: [String: Int] = [:]
    /// Deliveries returned from workers that had died.
    public var rescued = 0
    /// What waits when the run ends, by destination's name.
    public var waiting: [Waiting] = []
    /// Destinations with deliveries that the settings do not name.
    public var unknownDestinations: [String] = []

    /// Nothing done.
    public init() {}

    /// How many deliveries wait in all.
    public var waitingCount: Int { waiting.reduce(0) { $0 + $1.count } }
    /// The first attempt to come, or nil.
    public var nextAttemptAt: Timestamp? { waiting.compactMap(\.nextAttemptAt).min() }
}

/// Something an operator may want to see in the log. Holds no customer data.
public enum DispatchEvent: Sendable, Hashable {
    /// An attempt did not succeed; the delivery will be tried again at an instant, or is in another state.
    case attemptFailed(
        DeliveryID, destination: String, number: Int, detail: String, state: DeliveryState, next: Timestamp)
    /// A destination asked to be spared, exclusive.
    case destinationPaused(String, until: Timestamp)
    /// A destination failed ten times in a row: no attempts until an instant, exclusive.
    case breakerOpened(String, until: Timestamp)
    /// It answers again.
    case breakerClosed(String)
    /// It answered 410: nothing more is sent to it.
    case destinationDisabled(String, reason: String)
    /// The system has no sockets or memory left for an attempt: none is made for a moment.
    case resourcesExhausted(String)
    /// The real clock was set back by so much: what waits was moved along.
    case clockSetBack(milliseconds: Int64)
    /// Results cannot be recorded for want of space; dispatch waits and tries again.
    case storeFull
}

extension DispatchSummary {
    /// Adds what the other side of the same run did.
    mutating func add(_ other: DispatchSummary) {
        delivered += other.delivered
        attempts += other.attempts
        dead.merge(other.dead, uniquingKeysWith: +)
        parked.merge(other.parked, uniquingKeysWith: +)
        rescued += other.rescued
    }
}

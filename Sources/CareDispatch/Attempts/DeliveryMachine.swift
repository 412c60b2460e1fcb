import CareStore
import CareValues

/// The course of one delivery through its attempts: told what happens, it says what is to be recorded.
///
/// A late event is legal and changes nothing: the lease may have been rescued, the row cancelled, while an answer was
/// under way.
package struct DeliveryMachine: Sendable, Hashable {
    /// Where it stands.
    package enum State: Sendable, Hashable {
        /// Waits for its next attempt, not to be made before an instant of the real clock.
        case waiting(notBefore: Timestamp)
        /// An attempt is under way, or may begin before an instant: early enough to end before the lease does.
        case sending(leaseUntil: Timestamp)
        case delivered
        case dead(reason: String)
        case parked(reason: String)
    }

    /// What is to be done about an event.
    package enum Action: Sendable, Hashable {
        /// Nothing: the event came late.
        case none
        /// Make this attempt, counted from 1.
        case attempt(number: Int)
        /// Record the attempt, if one was made, and where the delivery stands now.
        case record(DeliveryState, nextAttemptAt: Timestamp, reason: String)
    }

    /// What the course depends on besides the events.
    package struct Terms: Sendable, Hashable {
        /// The waits between attempts.
        /// The waits.
        package var schedule: RetrySchedule
        /// Of the decision clock; nil: however late.
        package var expiresAt: Timestamp?
        /// Decision clock minus real clock.
        package var decisionOffsetMilliseconds: Int64
        /// Whether the receiver can tell a repetition by its id.
        package var repeatsSafely: Bool

        /// Terms with all their parts; without the last two the clocks are one and repeating is safe.
        /// The terms of one delivery at one destination.
        package init(
            schedule: RetrySchedule, expiresAt: Timestamp?, decisionOffsetMilliseconds: Int64 = 0,
            repeatsSafely: Bool = true
        ) {
            self.schedule = schedule
            self.expiresAt = expiresAt
            self.decisionOffsetMilliseconds = decisionOffsetMilliseconds
            self.repeatsSafely = repeatsSafely
        }

        /// Whether an attempt at `instant` of the real clock would come too late: at or after `expiresAt`.
        func isExpired(at instant: Timestamp) -> Bool {
            guard let expiresAt else { return false }
            return instant.advanced(byMilliseconds: decisionOffsetMilliseconds) >= expiresAt
        }
    }

    /// Where it stands.
    package private(set) var state: State
    /// How many attempts were made.
    package private(set) var attempts: Int

    /// A delivery that waits after so many attempts.
    package init(attempts: Int, notBefore: Timestamp) {
        self.attempts = attempts
        state = .waiting(notBefore: notBefore)
    }

    /// A worker has taken it until `leaseUntil`.
    package mutating func claimed(leaseUntil: Timestamp) {
        guard case .waiting = state else { preconditionFailure("only a waiting delivery can be claimed") }
        state = .sending(leaseUntil: leaseUntil)
    }

    /// Its turn has come: may the attempt begin?
    ///
    /// - Returns: `.attempt` strictly before `expiresAt` and the lease's end; dead `expired` from `expiresAt` on; back
    ///   to waiting when the lease is over, as another worker may have it by then.
    package mutating func begin(now: Timestamp, terms: Terms) -> Action {
        guard case .sending(let leaseUntil) = state else { return .none }
        if terms.isExpired(at: now) { return end(.dead(reason: "expired"), .dead, now, "expired") }
        guard now < leaseUntil else { return released(notBefore: now, reason: "") }
        return .attempt(number: attempts + 1)
    }

    /// The attempt has ended.
    ///
    /// - Parameter destinationIsDisabled: what would be tried again is parked instead.
    /// - Parameter random: uniform in `[0, 1)`, for the jitter.
    package mutating func ended(
        _ result: AttemptResult, now: Timestamp, terms: Terms, destinationIsDisabled: Bool, random: Double
    ) -> Action {
        guard case .sending = state else { return .none }
        attempts += 1
        switch result.kind {
        case .delivered:
            return end(.delivered, .delivered, now, "")
        case .permanent:
            return end(.dead(reason: result.detail), .dead, now, result.detail)
        case .gone:
            return end(.parked(reason: result.detail), .parked, now, result.detail)
        case .unknown where !terms.repeatsSafely:
            let reason = "answer lost: \(result.detail)"
            return end(.parked(reason: reason), .parked, now, reason)
        case .failed, .deferred, .throttled, .unknown:
            break
        }
        let wait = terms.schedule.wait(
            after: attempts, retryAfter: result.retryAfterMilliseconds, random: random)
        guard let wait else {
            let reason = "attempts exhausted: \(result.detail)"
            return end(.dead(reason: reason), .dead, now, reason)
        }
        let next = now.advanced(byMilliseconds: wait)
        if terms.isExpired(at: next) { return end(.dead(reason: "expired"), .dead, now, "expired") }
        if destinationIsDisabled { return end(.parked(reason: result.detail), .parked, next, result.detail) }
        state = .waiting(notBefore: next)
        return .record(.waiting, nextAttemptAt: next, reason: result.detail)
    }

    /// It is given back without an attempt: the destination pauses.
    package mutating func released(notBefore: Timestamp, reason: String) -> Action {
        guard case .sending = state else { return .none }
        state = .waiting(notBefore: notBefore)
        return .record(.waiting, nextAttemptAt: notBefore, reason: reason)
    }

    /// Its destination has been disabled before the attempt began.
    package mutating func parked(now: Timestamp, reason: String) -> Action {
        guard case .sending = state else { return .none }
        return end(.parked(reason: reason), .parked, now, reason)
    }

    private mutating func end(_ state: State, _ stored: DeliveryState, _ at: Timestamp, _ reason: String) -> Action {
        self.state = state
        return .record(stored, nextAttemptAt: at, reason: reason)
    }
}

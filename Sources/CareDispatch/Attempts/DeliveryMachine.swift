import CareStore
import CareValues

/// The course of one delivery through its attempts: told what happens, it says what is to be recorded.
///
/// A late event is legal and changes nothing: the row may have been cancelled while an answer was under way.
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
        /// Give it back: the lease is over, and the delivery is claimed anew, as it stands then, before it is attempted.
        case lapsed
        /// Make this attempt, counted from 1.
        case attempt(number: Int)
        /// Record the attempt, if one was made, and where the delivery stands now.
        case record(DeliveryState, nextAttemptAt: Timestamp, reason: String)
    }

    /// What the course depends on besides the events.
    package struct Terms: Sendable {
        /// The waits between attempts.
        package var schedule: RetrySchedule
        /// When it was decided, of the decision clock.
        package var decidedAt: Timestamp
        /// Of the decision clock; nil: however late.
        package var expiresAt: Timestamp?
        /// The hours of the decision clock in which no attempt is made, and the zone they are told in; nil: none.
        package var quiet: (times: QuietTimes, zone: Zone)?
        /// Decision clock minus real clock.
        package var decisionOffsetMilliseconds: Int64
        /// Whether a lost answer is followed by another attempt: the receiver can tell a repetition by its id.
        package var repeatsSafely: Bool

        /// The terms of one delivery at one destination; without the last ones the clocks are one, no hour is quiet and
        /// repeating is safe.
        package init(
            schedule: RetrySchedule, decidedAt: Timestamp, expiresAt: Timestamp?,
            quiet: (times: QuietTimes, zone: Zone)? = nil, decisionOffsetMilliseconds: Int64 = 0,
            repeatsSafely: Bool = true
        ) {
            self.schedule = schedule
            self.decidedAt = decidedAt
            self.expiresAt = expiresAt
            self.quiet = quiet
            self.decisionOffsetMilliseconds = decisionOffsetMilliseconds
            self.repeatsSafely = repeatsSafely
        }

        /// Whether an attempt at `instant` of the real clock would come too late: at or after `expiresAt`.
        func isExpired(at instant: Timestamp) -> Bool {
            guard let expiresAt else { return false }
            return instant.advanced(byMilliseconds: decisionOffsetMilliseconds) >= expiresAt
        }

        /// Whether a further attempt at `instant` of the real clock is one too long after the decision.
        func isOverTime(at instant: Timestamp) -> Bool {
            guard let total = schedule.totalMilliseconds else { return false }
            return instant.advanced(byMilliseconds: decisionOffsetMilliseconds).milliseconds(since: decidedAt) >= total
        }

        /// How many milliseconds after `now`, at which it may, an attempt may still begin: before it expires and before the
        /// quiet hours; at most `limit`.
        package func mayBegin(within limit: Int64, of now: Timestamp) -> Int64 {
            var left = limit
            if let expiresAt {
                left = min(
                    left, expiresAt.milliseconds(since: now.advanced(byMilliseconds: decisionOffsetMilliseconds)))
            }
            func isQuiet(after wait: Int64) -> Bool {
                let instant = now.advanced(byMilliseconds: wait)
                return free(from: instant) > instant
            }
            guard quiet != nil, isQuiet(after: left) else { return left }
            var latest: Int64 = 0
            while left - latest > 1 {
                let middle = (latest + left) / 2
                if isQuiet(after: middle) { left = middle } else { latest = middle }
            }
            return left
        }

        /// The first instant of the real clock at or after `instant` that lies outside the quiet hours.
        func free(from instant: Timestamp) -> Timestamp {
            guard let quiet else { return instant }
            return quiet.times.free(
                from: instant.advanced(byMilliseconds: decisionOffsetMilliseconds), zone: quiet.zone
            ).advanced(byMilliseconds: -decisionOffsetMilliseconds)
        }
    }

    /// Why a delivery waits that was not tried because of the hour.
    package static let quietHours = "quiet hours"

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
    /// - Returns: `.attempt` strictly before `expiresAt` and the lease's end and outside the quiet hours; dead `expired`
    ///   from `expiresAt` on, or when the quiet hours last until then; back to waiting when the hour is quiet; `.lapsed`
    ///   when the lease is over.
    package mutating func begin(now: Timestamp, terms: Terms) -> Action {
        guard case .sending(let leaseUntil) = state else { return .none }
        guard now < leaseUntil else { return .lapsed }
        if terms.isExpired(at: now) { return end(.dead(reason: "expired"), .dead, now, "expired") }
        let free = terms.free(from: now)
        if free > now {
            if terms.isExpired(at: free) { return end(.dead(reason: "expired"), .dead, now, "expired") }
            return released(notBefore: free, reason: Self.quietHours)
        }
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
        if terms.isOverTime(at: now.advanced(byMilliseconds: wait)) {
            let reason = "time limit reached: \(result.detail)"
            return end(.dead(reason: reason), .dead, now, reason)
        }
        let next = terms.free(from: now.advanced(byMilliseconds: wait))
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

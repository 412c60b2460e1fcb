import CareValues

/// Whether a destination may be tried now: pauses it asked for, a breaker, an end.
///
/// The breaker: ten failures in a row open it for 30 s, twice as long each time it opens again, 10 min at most. When
/// that is over one attempt is let through; its success closes the breaker, its failure opens it again. What waits
/// meanwhile makes no attempt and loses none.
package struct DestinationGate: Sendable, Hashable {
    /// Failures in a row that open the breaker.
    package static let failuresToOpen = 10
    /// How long it stays open the first time.
    package static let firstOpenMilliseconds: Int64 = 30_000
    /// How long it stays open at most.
    package static let longestOpenMilliseconds: Int64 = 600_000
    /// How long a destination pauses that said 429 or 503 without saying how long.
    package static let plainPauseMilliseconds: Int64 = 5_000

    /// What a result changes about the destination.
    package enum Effect: Sendable, Hashable {
        case none
        /// It pauses until an instant of the real clock, exclusive.
        case paused(until: Timestamp)
        /// The breaker has opened until an instant, exclusive.
        case opened(until: Timestamp)
        /// The breaker has closed.
        case closed
        /// It is gone: 410.
        case disabled(reason: String)
    }

    /// Where the breaker stands.
    package enum Breaker: String, Sendable, Hashable, CaseIterable {
        /// Attempts are made.
        case closed
        /// None is made.
        case open
        /// One is made, to see.
        case halfOpen = "half-open"
    }

    /// Until when it pauses, exclusive; nil: it does not.
    package private(set) var pausedUntil: Timestamp?
    /// Why it is disabled; nil: it is not.
    package private(set) var disabledReason: String?
    private var failures = 0
    private var openUntil: Timestamp?
    private var timesOpened = 0
    private var isProbing = false

    /// An open gate.
    package init(pausedUntil: Timestamp? = nil, disabledReason: String? = nil) {
        self.pausedUntil = pausedUntil
        self.disabledReason = disabledReason
    }

    /// Where the breaker stands at `now`.
    package func breaker(now: Timestamp) -> Breaker {
        guard let openUntil else { return .closed }
        return now < openUntil ? .open : .halfOpen
    }

    /// When an attempt may be made: `now` or later; nil: not before somebody enables it.
    package func opensAt(now: Timestamp) -> Timestamp? {
        guard disabledReason == nil else { return nil }
        return max(now, pausedUntil ?? now, openUntil ?? now)
    }

    /// How many attempts may be under way at `now`, of `concurrency` at most.
    package func allowance(now: Timestamp, concurrency: Int) -> Int {
        guard let opensAt = opensAt(now: now), opensAt <= now else { return 0 }
        if openUntil != nil { return isProbing ? 0 : 1 }
        return concurrency
    }

    /// An attempt has begun.
    package mutating func began() {
        if openUntil != nil { isProbing = true }
    }

    /// The wall clock was set back by so much: what lasts so many seconds lasts no longer for it.
    package mutating func clockMoved(byMilliseconds step: Int64) {
        pausedUntil = pausedUntil?.advanced(byMilliseconds: step)
        openUntil = openUntil?.advanced(byMilliseconds: step)
    }

    /// An attempt that had begun was not made after all.
    package mutating func gaveUp() { isProbing = false }

    /// An attempt has ended at `now`.
    package mutating func ended(_ result: AttemptResult, now: Timestamp) -> Effect {
        let wasProbing = isProbing
        isProbing = false
        switch result.kind {
        case .delivered, .permanent, .deferred:
            // A refusal of one message shows that the destination answers.
            failures = 0
            guard openUntil != nil, result.kind == .delivered || wasProbing else { return .none }
            openUntil = nil
            timesOpened = 0
            return .closed
        case .gone:
            guard disabledReason == nil else { return .none }
            disabledReason = result.detail
            return .disabled(reason: result.detail)
        case .throttled:
            let until = now.advanced(byMilliseconds: result.retryAfterMilliseconds ?? Self.plainPauseMilliseconds)
            guard until > (pausedUntil ?? .distantPast) else { return .none }
            pausedUntil = until
            return .paused(until: until)
        case .failed, .unknown:
            failures += 1
            // Those that were under way when it opened say nothing new.
            if openUntil != nil && !wasProbing { return .none }
            guard wasProbing || failures >= Self.failuresToOpen else { return .none }
            let length = min(Self.firstOpenMilliseconds << Int64(min(timesOpened, 10)), Self.longestOpenMilliseconds)
            timesOpened += 1
            failures = 0
            let until = now.advanced(byMilliseconds: length)
            openUntil = until
            return .opened(until: until)
        }
    }
}

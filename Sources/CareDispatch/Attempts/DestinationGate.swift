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
        /// The breaker has opened.
        case opened(Opening)
        /// The breaker has closed.
        case closed
        /// It is gone: 410.
        case disabled(reason: String)
    }

    /// A breaker that is not closed, as it is kept over restarts.
    package struct Opening: Sendable, Hashable {
        /// Until when nothing is tried, exclusive; from then on one attempt.
        package var until: Timestamp
        /// How often it has opened in a row, 1 or more: each time it stays open longer.
        package var times: Int

        /// - Parameters:
        ///   - until: until when nothing is tried, exclusive.
        ///   - times: how often it has opened in a row.
        package init(until: Timestamp, times: Int) {
            self.until = until
            self.times = times
        }
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
    /// The breaker, where it is not closed.
    package private(set) var opening: Opening?
    private var failures = 0
    /// The attempt that was let through to see; nil: none is under way.
    private var probe: Int?
    private var probes = 0

    /// An open gate, but for what is said.
    package init(pausedUntil: Timestamp? = nil, disabledReason: String? = nil, opening: Opening? = nil) {
        self.pausedUntil = pausedUntil
        self.disabledReason = disabledReason
        self.opening = opening
    }

    /// Somebody has disabled the destination, or (nil) enabled it, which closes the breaker too.
    package mutating func set(disabledReason reason: String?) {
        disabledReason = reason
        guard reason == nil else { return }
        opening = nil
        failures = 0
        // One that is under way is none of the next breaker's.
        probe = nil
    }

    /// Where the breaker stands at `now`.
    package func breaker(now: Timestamp) -> Breaker {
        guard let opening else { return .closed }
        return now < opening.until ? .open : .halfOpen
    }

    /// When an attempt may be made: `now` or later; nil: not before somebody enables it.
    package func opensAt(now: Timestamp) -> Timestamp? {
        guard disabledReason == nil else { return nil }
        return max(now, pausedUntil ?? now, opening?.until ?? now)
    }

    /// How many attempts may be under way at `now`, of `concurrency` at most.
    package func allowance(now: Timestamp, concurrency: Int) -> Int {
        guard let opensAt = opensAt(now: now), opensAt <= now else { return 0 }
        if opening != nil { return probe == nil ? 1 : 0 }
        return concurrency
    }

    /// An attempt has begun.
    ///
    /// - Returns: what it is to be told by when it ends, if it is the one that was let through; nil: it is any other.
    package mutating func began() -> Int? {
        guard opening != nil else { return nil }
        probes += 1
        probe = probes
        return probe
    }

    /// The wall clock was set back by so much: what lasts so many seconds lasts no longer for it.
    package mutating func clockMoved(byMilliseconds step: Int64) {
        pausedUntil = pausedUntil?.advanced(byMilliseconds: step)
        if let opening {
            self.opening = Opening(until: opening.until.advanced(byMilliseconds: step), times: opening.times)
        }
    }

    /// An attempt that had begun was not made after all.
    package mutating func gaveUp(probe ended: Int?) {
        if let ended, ended == probe { probe = nil }
    }

    /// An attempt has ended at `now`.
    ///
    /// - Parameter ended: as ``began()`` gave it. One that had begun before the breaker opened says nothing of now, unless
    ///   it has arrived.
    package mutating func ended(_ result: AttemptResult, probe ended: Int?, now: Timestamp) -> Effect {
        let wasProbing = ended != nil && ended == probe
        if wasProbing { probe = nil }
        switch result.kind {
        case .delivered, .permanent, .deferred:
            // A refusal of one message shows that the destination answers.
            failures = 0
            guard opening != nil, result.kind == .delivered || wasProbing else { return .none }
            opening = nil
            probe = nil
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
            if opening != nil && !wasProbing { return .none }
            guard wasProbing || failures >= Self.failuresToOpen else { return .none }
            let times = opening?.times ?? 0
            let length = min(Self.firstOpenMilliseconds << Int64(min(times, 10)), Self.longestOpenMilliseconds)
            failures = 0
            probe = nil
            let next = Opening(until: now.advanced(byMilliseconds: length), times: times + 1)
            opening = next
            return .opened(next)
        }
    }
}

import CareValues

/// Attempts a second with a burst after a quiet while.
package struct TokenBucket: Sendable, Hashable {
    private let perSecond: Double
    private let most: Double
    private var tokens: Double
    private var filledAt: Timestamp?

    /// - Parameter burst: how many may begin at once; nil: a tenth of a second's, one at least.
    package init(perSecond: Double, burst: Double?) {
        self.perSecond = perSecond
        most = max(1, burst ?? perSecond / 10)
        // After a restart nobody knows what has just been sent: the burst must be earned.
        tokens = burst == nil ? 1 : most
    }

    private func filled(_ now: Timestamp) -> Double {
        guard let filledAt else { return tokens }
        return min(tokens + Double(max(now.milliseconds(since: filledAt), 0)) / 1000 * perSecond, most)
    }

    /// How many begin in a minute.
    package var perMinute: Int { Int(min(perSecond * 60, 1_000_000)) }

    /// How many may begin now.
    package func available(now: Timestamp) -> Int { Int(filled(now)) }

    /// Whether one may begin now.
    package mutating func has(now: Timestamp) -> Bool {
        tokens = filled(now)
        filledAt = now
        return tokens >= 1
    }

    /// The wall clock was set back.
    package mutating func clockMoved() { filledAt = nil }

    /// One begins.
    package mutating func take() { tokens -= 1 }

    /// When the next may begin.
    package func nextToken(now: Timestamp) -> Timestamp {
        let missing = max(1 - filled(now), 0)
        return now.advanced(byMilliseconds: max(Int64((missing / perSecond * 1000).rounded(.up)), 1))
    }
}

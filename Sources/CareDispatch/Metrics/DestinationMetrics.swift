import CareValues

/// What was seen of one destination since the dispatcher began, and how it stands.
public struct DestinationMetrics: Sendable, Hashable {
    /// How an attempt ended.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// The receiver has it.
        case delivered
        /// It does not; later it may.
        case failed
        /// It does not, and asked to be spared.
        case throttled
        /// It does not, and never will.
        case permanent
        /// It does not, and the destination is gone.
        case gone
        /// The answer was lost.
        case unknown
    }

    /// Where the breaker stands.
    public enum Breaker: String, Sendable, Hashable, CaseIterable {
        /// Attempts are made.
        case closed
        /// None is made.
        case open
        /// One is made, to see.
        case halfOpen = "half-open"
    }

    /// The destination's name.
    public var destination: String
    /// How many attempts ended how.
    public var attempts: [Outcome: Int] = [:]
    /// How long attempts took.
    public var latency = LatencyHistogram()
    /// How long deliveries had waited when their first attempt began, reckoned from when it was due.
    public var delay = LatencyHistogram()
    /// Attempts under way.
    public var inFlight = 0
    /// How many may be, as the destination bears it.
    public var concurrency = 0
    /// Where the breaker stands.
    public var breaker = Breaker.closed
    /// How often the breaker opened.
    public var breakerOpenings = 0
    /// Until when the destination asked to be spared, of the real clock; nil: it did not, or it is over.
    public var pausedUntil: Timestamp?
    /// Whether it is disabled.
    public var isDisabled = false
    /// Whether it is served apart, because it answers slowly or not at all.
    public var isSlow = false
    /// How many deliveries wait, dead or parked ones not counted.
    public var waiting = 0
    /// How long the first of those that wait has been due, in milliseconds; 0: nothing is due.
    public var queueAgeMilliseconds: Int64 = 0

    /// Nothing seen yet.
    public init(destination: String) {
        self.destination = destination
    }

    /// How many attempts ended.
    public var attemptCount: Int { attempts.values.reduce(0, +) }
}

/// Counts of durations, by upper bounds that grow from a millisecond to a minute.
public struct LatencyHistogram: Sendable, Hashable {
    /// The upper bounds of the buckets, inclusive, in milliseconds; one more bucket holds what is beyond.
    public static let bounds: [Int64] = [
        1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000,
    ]

    /// How many fell into each bucket, the one beyond the last bound included.
    public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
    /// The sum of all, in milliseconds.
    public private(set) var sumMilliseconds: Int64 = 0

    /// An empty histogram.
    public init() {}

    /// How many there are.
    public var count: Int { counts.reduce(0, +) }

    /// Counts one duration; a negative one, of a clock set back, as none.
    public mutating func add(_ milliseconds: Int64) {
        let milliseconds = max(milliseconds, 0)
        counts[Self.bounds.firstIndex { milliseconds <= $0 } ?? Self.bounds.count] += 1
        sumMilliseconds += milliseconds
    }

    /// A bound that this part of all, 0 … 1, does not exceed; nil: there is none, or it lies beyond the last bound.
    public func bound(ofPart part: Double) -> Int64? {
        let wanted = (Double(count) * part).rounded(.up)
        guard count > 0 else { return nil }
        var seen = 0
        for (bound, number) in zip(Self.bounds, counts) {
            seen += number
            if Double(seen) >= wanted { return bound }
        }
        return nil
    }
}

import CareDispatch
import CareValues
import Glibc

/// The two clocks of a running service: the real one, and the one that decisions are taken by.
///
/// With `--at` the decision clock runs offset from the real one: due instants and expiry use it; signatures, retries
/// and leases use the real one.
public struct DecisionClock: DispatchClock {
    private let realNow: @Sendable () -> Timestamp
    /// What the decision clock is ahead of the real one, in milliseconds; negative: behind.
    public let decisionOffsetMilliseconds: Int64

    /// A decision clock `offsetMilliseconds` ahead of `realNow`.
    public init(realNow: @escaping @Sendable () -> Timestamp, offsetMilliseconds: Int64 = 0) {
        self.realNow = realNow
        decisionOffsetMilliseconds = offsetMilliseconds
    }

    /// The real clock, now.
    public func now() -> Timestamp { realNow() }

    /// The clock decisions are taken by, now.
    public var decisionNow: Timestamp { realNow().advanced(byMilliseconds: decisionOffsetMilliseconds) }

    /// The machine's clock.
    public static let system = DecisionClock(realNow: {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    })

    /// The same real clock, the decision clock reading `instant` at this moment.
    public func starting(at instant: Timestamp) -> DecisionClock {
        DecisionClock(realNow: realNow, offsetMilliseconds: instant.milliseconds(since: realNow()))
    }
}

import CareValues
import Glibc

/// The two clocks of dispatch.
///
/// Signatures, retries, leases and breakers go by the real one; `expiresAt` by the decision clock, which `--at` sets
/// off from it.
public protocol DispatchClock: Sendable {
    /// The real clock now.
    func now() -> Timestamp
    /// The decision clock minus the real one, in milliseconds; 0 unless `--at` is given.
    var decisionOffsetMilliseconds: Int64 { get }
}

/// The system's clock.
public struct SystemDispatchClock: DispatchClock {
    /// The decision clock minus the real one, in milliseconds.
    /// As given.
    public let decisionOffsetMilliseconds: Int64

    /// The system's clock, with the decision clock set off by so many milliseconds.
    public init(decisionOffsetMilliseconds: Int64 = 0) {
        self.decisionOffsetMilliseconds = decisionOffsetMilliseconds
    }

    /// The real-time clock of the system, whole milliseconds.
    /// The system's wall clock, to the millisecond.
    public func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

import CareValues

/// The waits between the attempts of one delivery.
///
/// | failed attempt | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 |
/// |---|---|---|---|---|---|---|---|---|---|
/// | wait before the next | 5 s | 5 min | 30 min | 2 h | 5 h | 10 h | 14 h | 20 h | 24 h |
///
/// Source: Standard Webhooks 1.0.0, "Deliverability and reliability", example retry schedule.
public struct RetrySchedule: Sendable, Hashable {
    /// The most waits a schedule may have.
    package static let mostWaits = 50
    /// The longest wait, 30 days.
    package static let longestMilliseconds: Int64 = 30 * 86_400_000

    /// The waits without jitter, in milliseconds; one attempt more than there are waits.
    public var waits: [Int64]
    /// How far a wait may be off, as a part of it, 0 … 1. 1 is full jitter: anything from nothing to twice the wait, so
    /// that what failed together does not come again together, and the attempts still span the schedule on average.
    public var jitter: Double
    /// How long after the decision a failed delivery is tried again, in milliseconds; nil: as often as there are waits.
    public var totalMilliseconds: Int64?

    /// The schedule with these waits in milliseconds.
    public init(waits: [Int64], jitter: Double = 1, totalMilliseconds: Int64? = nil) {
        self.waits = waits
        self.jitter = jitter
        self.totalMilliseconds = totalMilliseconds
    }

    /// `attempts` attempts, the first wait `first` milliseconds, each `factor` times the one before, none above `longest`.
    public static func exponential(first: Int64, factor: Double, longest: Int64, attempts: Int) -> RetrySchedule {
        var waits: [Int64] = []
        var wait = Double(first)
        while waits.count + 1 < attempts {
            waits.append(Int64(min(wait, Double(longest))))
            wait *= factor
        }
        return RetrySchedule(waits: waits)
    }

    /// The schedule of Standard Webhooks: ten attempts over 75 hours.
    public static let standard = RetrySchedule(
        waits: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map { $0 * 1000 })

    /// How long to wait after `attempts` attempts, the last of which failed; nil: that was the last.
    ///
    /// - Parameter retryAfter: what the receiver asked for, in milliseconds: the wait is never shorter, jitter or not.
    /// - Parameter random: uniform in `[0, 1)`: 0 gives the shortest wait, 0.5 the table's.
    public func wait(after attempts: Int, retryAfter: Int64?, random: Double) -> Int64? {
        guard attempts >= 1, attempts <= waits.count else { return nil }
        let base = Double(waits[attempts - 1])
        let spread = base * (1 + jitter * (2 * random - 1))
        return max(Int64(spread.rounded()), retryAfter ?? 0)
    }
}

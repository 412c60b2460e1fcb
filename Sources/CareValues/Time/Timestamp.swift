/// An instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored.
///
/// The only form in which instants are stored, compared and passed on. What it reads as on a wall clock is
/// the business of a ``Zone``.
@frozen
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since the Unix epoch, UTC; negative before 1970.
    public var milliseconds: Int64

    /// The instant `milliseconds` after (negative: before) the Unix epoch.
    @inlinable
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The instant `seconds` after (negative: before) the Unix epoch.
    @inlinable
    public init(seconds: Int64) {
        self.milliseconds = seconds &* 1000
    }

    /// Earlier than every instant that can occur: "since for ever".
    public static let distantPast = Timestamp(milliseconds: -62_135_596_800_000)

    /// Later than every instant that can occur: "never" as a wake-up, "for ever" as a validity.
    public static let distantFuture = Timestamp(milliseconds: 253_402_300_800_000)

    @inlinable
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// This instant moved by `milliseconds`; stays within ``distantPast`` and ``distantFuture``.
    @inlinable
    public func advanced(byMilliseconds milliseconds: Int64) -> Timestamp {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(milliseconds)
        if overflow { return milliseconds < 0 ? .distantPast : .distantFuture }
        return min(max(Timestamp(milliseconds: sum), .distantPast), .distantFuture)
    }

    /// Milliseconds from `earlier` to this instant; negative when this one is the earlier. Of what is further apart than
    /// can be counted, which no two instants of a calendar are, as many as can.
    @inlinable
    public func milliseconds(since earlier: Timestamp) -> Int64 {
        let (difference, overflow) = milliseconds.subtractingReportingOverflow(earlier.milliseconds)
        return overflow ? (earlier.milliseconds < 0 ? .max : .min) : difference
    }
}

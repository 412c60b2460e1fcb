/// A length of time as rule authors write it: ISO 8601, `P7D`, `PT2H`, `-P1M`.
///
/// `P…Y/M/W/D` is calendar time: the same wall time that many months and days on, clamped to the month's end, in the
/// zone of the moment. `PT…` is elapsed time. Years are 12 months, weeks are 7 days.
@frozen
public struct ISODuration: Sendable, Hashable {
    /// Calendar months; same sign as the other parts, or zero.
    public var months: Int32
    /// Calendar days.
    public var days: Int32
    /// Elapsed milliseconds.
    public var milliseconds: Int64

    /// The sum of these parts.
    public init(months: Int32 = 0, days: Int32 = 0, milliseconds: Int64 = 0) {
        self.months = months
        self.days = days
        self.milliseconds = milliseconds
    }

    /// No time at all.
    public static let zero = ISODuration()
}

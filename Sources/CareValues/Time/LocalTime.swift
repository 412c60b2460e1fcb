/// A time of day on a wall clock, without date and zone, in `[00:00, 24:00)`.
@frozen
public struct LocalTime: Sendable, Hashable, Comparable {
    /// Milliseconds since local midnight, in `[0, 86_400_000)`.
    public var millisecondsOfDay: Int32

    /// The wall time that many milliseconds after local midnight.
    @inlinable
    public init(millisecondsOfDay: Int32) {
        self.millisecondsOfDay = millisecondsOfDay
    }

    /// `hour` 0...23, `minute` 0...59, `second` 0...59; nil outside.
    public init?(hour: Int, minute: Int, second: Int = 0) {
        guard (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second) else { return nil }
        self.millisecondsOfDay = Int32(((hour * 60 + minute) * 60 + second) * 1000)
    }

    /// Local midnight, 00:00.
    public static let midnight = LocalTime(millisecondsOfDay: 0)

    @inlinable
    public static func < (left: LocalTime, right: LocalTime) -> Bool {
        left.millisecondsOfDay < right.millisecondsOfDay
    }

    /// Reads `HH:MM` or `HH:MM:SS`, two digits each; nil for anything else.
    public init?(text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3 else { return nil }
        var numbers: [Int] = []
        for part in parts {
            guard part.count == 2, part.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
            numbers.append(part.reduce(0) { $0 * 10 + Int($1 - 48) })
        }
        self.init(hour: numbers[0], minute: numbers[1], second: numbers.count == 3 ? numbers[2] : 0)
    }

    /// `HH:MM`, or `HH:MM:SS` when the seconds are not zero.
    public var text: String {
        String(unsafeUninitializedCapacity: 8) { Digits.put(self, into: $0) }
    }
}

/// A date and a wall time, without a zone: it becomes an instant only in a ``Zone``.
@frozen
public struct LocalDateTime: Sendable, Hashable, Comparable {
    /// The date on the wall calendar.
    public var date: CivilDate
    /// The time on the wall clock.
    public var time: LocalTime

    /// `time` on `date`.
    @inlinable
    public init(date: CivilDate, time: LocalTime) {
        self.date = date
        self.time = time
    }

    @inlinable
    public static func < (left: LocalDateTime, right: LocalDateTime) -> Bool {
        left.date == right.date ? left.time < right.time : left.date < right.date
    }

    /// Milliseconds from 1970-01-01T00:00 on the same wall clock, as if it never changed its offset.
    @inlinable
    public var wallMilliseconds: Int64 {
        Int64(date.dayNumber) &* 86_400_000 &+ Int64(time.millisecondsOfDay)
    }

    /// The date and time that many wall-clock milliseconds after 1970-01-01T00:00.
    @inlinable
    public init(wallMilliseconds: Int64) {
        var day = wallMilliseconds / 86_400_000
        var rest = wallMilliseconds % 86_400_000
        if rest < 0 {
            rest += 86_400_000
            day -= 1
        }
        self.init(
            date: CivilDate(dayNumber: Int32(truncatingIfNeeded: day)),
            time: LocalTime(millisecondsOfDay: Int32(truncatingIfNeeded: rest)))
    }
}

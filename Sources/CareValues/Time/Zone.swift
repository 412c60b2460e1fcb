/// The history and the future of one time zone's offset from UTC, and the conversions both ways.
///
/// A value of pure data; `CareCalendar` reads it from the system's zoneinfo. A wall time that does not exist (a gap)
/// becomes the first instant after the gap; one that exists twice (an overlap) means the first.
public final class Zone: Sendable, Hashable {
    /// The IANA name, `Asia/Shanghai`.
    public let name: String
    /// The instants at which the offset changes, ascending, in seconds since the Unix epoch.
    let transitions: [Int64]
    /// `offsets[0]` before the first transition, `offsets[i + 1]` from `transitions[i]` on; seconds east of UTC.
    let offsets: [Int32]
    /// What holds after the last transition; nil: the last offset, for ever.
    let rule: ZoneRule?

    /// A zone from its table.
    ///
    /// - Precondition: `offsets.count == transitions.count + 1`, transitions strictly ascending.
    public init(name: String, transitions: [Int64], offsets: [Int32], rule: ZoneRule?) {
        precondition(offsets.count == transitions.count + 1)
        self.name = name
        self.transitions = transitions
        self.offsets = offsets
        self.rule = rule
    }

    /// UTC itself.
    public static let utc = Zone(name: "UTC", transitions: [], offsets: [0], rule: nil)

    public static func == (left: Zone, right: Zone) -> Bool {
        left === right || left.name == right.name
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
    }
}

/// Where zones come from: the calendar port of the core.
public protocol ZoneDirectory: Sendable {
    /// The zone of that IANA name, or nil when the directory has none.
    func zone(named name: String) -> Zone?
    /// The version of the zone data, `2026b`, or `unknown`.
    var version: String { get }
}

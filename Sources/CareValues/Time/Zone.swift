/// The history and the future of one time zone's offset from UTC, and the conversions both ways.
///
/// A value of pure data; `CareCalendar` reads it from the system's zoneinfo. A wall time that does not exist (a gap)
/// becomes the first instant after the gap; one that exists twice (an overlap) means the first.
public final class Zone: Sendable, Hashable {
    /// The IANA name, `Asia/Shanghai`.
    public let name: String
    /// What holds after the last transition of the file; nil: the last offset, for ever.
    public let rule: ZoneRule?
    /// Every change of offset: those of the file, and the rule's for 400 years more.
    let table: ZoneTable

    /// A zone from the changes of its offset.
    ///
    /// - Parameters:
    ///   - transitions: the instants at which the offset changes, strictly ascending, in seconds since the Unix epoch,
    ///     within ±2⁵⁹.
    ///   - offsets: `offsets[0]` holds before the first transition, `offsets[i + 1]` from `transitions[i]` on; seconds
    ///     east of UTC, within ±26 hours.
    ///   - rule: what holds after the last transition; nil: the last offset, for ever.
    /// - Precondition: `offsets.count == transitions.count + 1`, and the bounds above.
    public init(name: String, transitions: [Int64], offsets: [Int32], rule: ZoneRule?) {
        self.name = name
        self.rule = rule
        self.table = ZoneTable(transitions: transitions, offsets: offsets, rule: rule)
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

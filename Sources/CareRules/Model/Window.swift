import CareValues

/// Opening hours: local wall times `[from, until)` on some days of the week.
///
/// May wrap midnight, and then belongs to the day it begins on; equal ends mean the whole day.
public final class Window: Sendable, Hashable {
    /// Whose clock it is read on.
    public enum Clock: Sendable, Hashable {
        /// The project's zone.
        case project
        /// The customer's zone.
        case customer
        /// The zone of that name; the project's where there is none.
        case named(String)
    }
    /// Its name.
    public let name: String
    /// Its days: 1 (Monday) ... 7 (Sunday); never empty.
    public let days: Set<Int>
    /// When it opens.
    public let from: LocalTime
    /// The first moment at which it is closed again.
    public let until: LocalTime
    /// Whose clock it is read on.
    public let clock: Clock
    /// The region whose days off close it and whose make-up workdays open it; nil: none.
    public let holidays: String?

    /// A window with all its parts.
    public init(
        name: String, days: Set<Int>, from: LocalTime, until: LocalTime, clock: Clock, holidays: String? = nil
    ) {
        self.name = name
        self.days = days
        self.from = from
        self.until = until
        self.clock = clock
        self.holidays = holidays
    }

    public static func == (left: Window, right: Window) -> Bool {
        left.name == right.name && left.days == right.days && left.from == right.from && left.until == right.until
            && left.clock == right.clock && left.holidays == right.holidays
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
    }
}

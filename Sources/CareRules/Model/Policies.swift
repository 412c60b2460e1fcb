import CareLogic
import CareValues

/// What holds for all campaigns: when customers are left alone, and how often they are written to.
public struct Policies: Sendable {
    /// Local times in which customers are left alone; any that fits an action binds it.
    public var quietHours: [QuietHours]
    /// Opening hours in which steps may run, by name ascending.
    public var windows: [Window]
    /// Limits across campaigns; all must pass.
    public var caps: [FrequencyCap]
    /// Conditions during which actions wait or drop, in the order of the file.
    public var pauses: [Pause]

    /// Policies with all their parts.
    public init(
        quietHours: [QuietHours] = [], windows: [Window] = [], caps: [FrequencyCap] = [], pauses: [Pause] = []
    ) {
        self.quietHours = quietHours
        self.windows = windows
        self.caps = caps
        self.pauses = pauses
    }

    /// How many days back acts must be known for every cap, two of them for moves between zones; 0: there is no cap.
    public var actDays: Int {
        caps.map { $0.period.maximumDays + 2 }.max() ?? 0
    }
}

/// What a policy does with an action that it stops.
public enum PolicyEffect: String, Sendable, Hashable, CaseIterable {
    /// The action waits and is tried again.
    case hold
    /// The action is not done; the entry goes on.
    case suppress
}

/// Local wall times `[from, until)` in which customers are left alone. May wrap midnight; equal ends mean none.
public struct QuietHours: Sendable, Hashable {
    /// The first quiet moment.
    public var from: LocalTime
    /// The first moment after it.
    public var until: LocalTime
    /// What becomes of an action that falls into it.
    public var then: PolicyEffect
    /// The destinations it binds; empty: all.
    public var destinations: [String]

    /// Quiet hours with all their parts.
    public init(from: LocalTime, until: LocalTime, then: PolicyEffect = .hold, destinations: [String] = []) {
        self.from = from
        self.until = until
        self.then = then
        self.destinations = destinations
    }

    /// Whether it binds actions to `destination`.
    public func binds(_ destination: String) -> Bool {
        from != until && (destinations.isEmpty || destinations.contains(destination))
    }
}

/// A condition during which actions wait or drop.
public struct Pause: Sendable {
    /// Its name, told in decisions.
    public var name: String
    /// While it is true the pause holds; reads the customer only.
    public var when: Expression
    /// Campaigns with one of these tags are paused; nil: all.
    public var tags: [String]?
    /// What becomes of an action meanwhile.
    public var then: PolicyEffect

    /// A pause with all its parts.
    public init(name: String, when: Expression, tags: [String]?, then: PolicyEffect) {
        self.name = name
        self.when = when
        self.tags = tags
        self.then = then
    }
}

/// At most so many acts in a period, across campaigns.
public struct FrequencyCap: Sendable, Hashable {
    /// In which period acts are counted.
    public enum Period: Sendable, Hashable {
        /// Those younger than this; in whole days local dates are compared.
        case rolling(ISODuration)
        /// Those of the present day, week and so on of the customer's calendar.
        case calendar(CalendarPeriod)

        /// More days than an act is ever counted.
        public var maximumDays: Int {
            switch self {
            case .rolling(let duration): Int(duration.approximateMilliseconds / 86_400_000) + duration.monthSlack
            case .calendar(let period): period.maximumDays
            }
        }
    }
    /// Its name, told in decisions.
    public var name: String
    /// It binds and counts acts of campaigns with one of these tags; nil: all.
    public var tags: [String]?
    /// It binds and counts acts to one of these destinations; nil: all.
    public var destinations: [String]?
    /// How many acts are allowed.
    public var max: Int
    /// The period they are counted in.
    public var period: Period
    /// What becomes of an action beyond.
    public var then: PolicyEffect

    /// A cap with all its parts.
    public init(
        name: String, tags: [String]?, destinations: [String]?, max: Int, period: Period, then: PolicyEffect
    ) {
        self.name = name
        self.tags = tags
        self.destinations = destinations
        self.max = max
        self.period = period
        self.then = then
    }

    /// Whether it binds, and counts, an act with these tags to that destination.
    public func fits(tags campaignTags: [String], destination: String) -> Bool {
        if let tags, !tags.contains(where: campaignTags.contains) { return false }
        if let destinations, !destinations.contains(destination) { return false }
        return true
    }
}

extension ISODuration {
    /// Days by which its months can be longer than reckoned, and one for what is less than a day.
    fileprivate var monthSlack: Int { months == 0 ? 1 : 4 }
}

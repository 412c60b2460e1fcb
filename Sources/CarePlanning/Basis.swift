import CareRules

/// What the rows of a plan rest on.
public enum PlanBasis: String, Sendable {
    /// Dates that are known: they will come.
    case calendar
    /// Entries that are under way; new ones cannot be foreseen.
    case running
    /// A silence that lasts: an upper bound, since an event ends it.
    case silence

    /// What the plan of a campaign rests on.
    public init(_ trigger: Trigger) {
        switch trigger {
        case .anniversary, .date, .holiday, .schedule: self = .calendar
        case .inactivity: self = .silence
        case .event, .api, .change, .segment: self = .running
        }
    }

    /// Whether entries of the campaign can be foreseen at all.
    public var isForeseeable: Bool { self != .running }
}

import CareDecisions
import CareRules
import CareValues

/// What a row of a plan rests on.
public enum PlanBasis: String, Sendable, CaseIterable, Comparable {
    /// Dates, holidays and schedules: they will come, unless facts change.
    case calendar
    /// A silence that lasts, or a window that runs out: an upper bound, since an event ends it.
    case silence
    /// A fact that is recorded already, for later.
    case known
    /// A fact that was only assumed.
    case assumed
    /// An entry that is under way: its steps come unless it exits.
    case running

    /// What new entries of a campaign rest on; `running` where they cannot be foreseen.
    public init(_ trigger: Trigger) {
        switch trigger {
        case .anniversary, .date, .holiday, .schedule: self = .calendar
        case .inactivity: self = .silence
        case .event, .api, .change, .segment: self = .running
        }
    }

    /// Whether entries of the campaign can be foreseen at all.
    public var isForeseeable: Bool { self != .running }

    public static func < (left: PlanBasis, right: PlanBasis) -> Bool { left.place < right.place }
    private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Tells what each decision of one customer's forecast rests on.
struct BasisNotes {
    private struct Place: Hashable {
        var campaign: String
        var occurrence: String
    }
    /// Where the occurrences come from that no date and no silence brings.
    private var origins: [Place: PlanBasis] = [:]

    /// What is under way before the period.
    init(_ row: CustomerRow) {
        for entry in row.memory.entries {
            origins[Place(campaign: entry.campaign, occurrence: entry.occurrence)] = .running
        }
    }

    /// Notes what a touch began because a fact came.
    mutating func note(_ outcome: TouchOutcome, _ row: CustomerRow, by basis: PlanBasis) {
        func note(_ campaign: String, _ occurrence: String) {
            let place = Place(campaign: campaign, occurrence: occurrence)
            if origins[place] == nil { origins[place] = basis }
        }
        for decision in outcome.decisions { note(decision.key.campaign, decision.key.occurrence) }
        for entry in row.memory.entries { note(entry.campaign, entry.occurrence) }
        for delayed in row.memory.delayed { note(delayed.occurrence.campaign, delayed.occurrence.key) }
        for waiting in row.memory.waiting { note(waiting.occurrence.campaign, waiting.occurrence.key) }
    }

    /// What a decision rests on.
    func basis(of decision: Decision, _ decider: Decider) -> PlanBasis {
        guard let campaign = decider.campaign(ofIdentity: decision.key.campaign) else { return .running }
        if !decision.key.step.isEmpty, decision.key.step != campaign.steps.first?.name { return .running }
        let origin =
            origins.isEmpty
            ? nil : origins[Place(campaign: decision.key.campaign, occurrence: decision.key.occurrence)]
        if origin == .running { return .running }
        switch campaign.trigger {
        case .anniversary, .date, .holiday, .schedule: return .calendar
        case .inactivity: return .silence
        case .segment: return origin ?? .silence
        case .change(let change):
            if case .trait = change.of { return origin ?? .silence }
            return origin ?? .running
        case .event, .api: return origin ?? .running
        }
    }
}

import CareLogic
import CareValues

/// When a campaign runs, on whose clock, who is let in beside its trigger, and what it is to lead to.
public struct CampaignTerms: Sendable {
    /// The zone of its wall times; nil: the customer's, else the project's.
    public var zone: CampaignZone?
    /// The first instant at which its trigger counts; nil: its activation.
    public var activeFrom: CampaignMoment?
    /// The first instant at which its trigger no longer counts; entries go on. Nil: never.
    public var activeUntil: CampaignMoment?
    /// Whether its trigger counts nothing and all it has begun waits.
    public var isPaused: Bool
    /// Whether entries begin only when they are approved.
    public var needsApproval: Bool
    /// Who is let in at its activation; nil: nobody.
    public var backfill: Backfill?
    /// What its entries are to lead to: recorded, decides nothing.
    public var goal: Goal?

    /// The terms of a campaign that says nothing of them, or what it says.
    public init(
        zone: CampaignZone? = nil, activeFrom: CampaignMoment? = nil, activeUntil: CampaignMoment? = nil,
        isPaused: Bool = false, needsApproval: Bool = false, backfill: Backfill? = nil, goal: Goal? = nil
    ) {
        self.zone = zone
        self.activeFrom = activeFrom
        self.activeUntil = activeUntil
        self.isPaused = isPaused
        self.needsApproval = needsApproval
        self.backfill = backfill
        self.goal = goal
    }
}

/// The zone in which a campaign's wall times are read.
public enum CampaignZone: Sendable, Hashable {
    /// That of customers who have none.
    case fallback(String)
    /// That of all customers, whatever their own.
    case fixed(String)

    /// The IANA name.
    public var name: String {
        switch self {
        case .fallback(let name), .fixed(let name): name
        }
    }
}

/// A moment in a campaign's life.
public enum CampaignMoment: Sendable, Hashable {
    /// A wall time, read on the clock that the campaign's wall times are read on.
    case local(LocalDateTime)
    /// The same instant for everybody.
    case instant(Timestamp)

    /// The moment in a text: a date (from its midnight), a wall time `2026-06-01T09:00`, or an instant with `Z` or an
    /// offset.
    public init?(text: String) {
        if let instant = Timestamp(iso8601: text) {
            self = .instant(instant)
            return
        }
        let parts = text.split(separator: "T", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2, let date = CivilDate(text: parts[0]) else { return nil }
        guard parts.count == 2 else {
            self = .local(LocalDateTime(date: date, time: .midnight))
            return
        }
        guard let time = LocalTime(text: parts[1]) else { return nil }
        self = .local(LocalDateTime(date: date, time: time))
    }

    /// The instant it is on the clock of `zone`.
    public func instant(in zone: Zone) -> Timestamp {
        switch self {
        case .local(let local): zone.instant(of: local)
        case .instant(let instant): instant
        }
    }
}

/// Whom a campaign lets in at its activation.
public enum Backfill: Sendable, Hashable {
    /// The members of its segment who were none by the definition before.
    case members
    /// Those whose occurrence was due so long before.
    case within(ISODuration)
}

/// `goal: { event, where, within }`
public struct Goal: Sendable {
    /// The event types that reach it.
    public var types: [String]
    /// Only such an event; nil is true.
    public var condition: Expression?
    /// How long after the entry an event reaches it, that instant excluded.
    public var within: ISODuration

    /// The goal of an event of one of `types` that meets `condition`.
    public init(types: [String], condition: Expression?, within: ISODuration) {
        self.types = types
        self.condition = condition
        self.within = within
    }
}

import CareLogic
import CareValues

/// The goal of an entry that has not been reached yet.
public struct AwaitedGoal: Sendable, Hashable {
    /// How many goals are awaited of one customer; they are only counted, and no decision rests on them.
    public static let limit = 1_000

    /// The campaign's identity.
    public var campaign: String
    /// The occurrence that began the entry.
    public var occurrence: String
    /// The entry's instant: how long the goal is awaited counts from it.
    public var instant: Timestamp
    /// What happened before it does not reach the goal.
    public var since: Timestamp
    /// What `entry.*` reads.
    public var values: JSONObject

    /// The goal of an entry.
    public init(campaign: String, occurrence: String, instant: Timestamp, since: Timestamp, values: JSONObject) {
        self.campaign = campaign
        self.occurrence = occurrence
        self.instant = instant
        self.since = since
        self.values = values
    }
}

/// A step that was due and passed over, because only others were to be done.
public struct OverdueStep: Sendable, Hashable {
    /// The campaign's identity.
    public var campaign: String
    /// The occurrence that began its entry.
    public var occurrence: String
    /// The step's name.
    public var step: String
    /// When it was due: lateness counts from it.
    public var due: Timestamp

    /// The step of an entry, due at `due`.
    public init(campaign: String, occurrence: String, step: String, due: Timestamp) {
        self.campaign = campaign
        self.occurrence = occurrence
        self.step = step
        self.due = due
    }
}

import CareLogic
import CareValues

/// All that `decide` needs to know of one customer.
///
/// Attributes and traits (``cache``) are a cache of the facts and can be rebuilt from them. ``memory`` is truth and is
/// carried over rule edits by name. ``acts`` are a cache of the ledger.
public struct CustomerRow: Sendable, Hashable {
    /// The customer's id.
    public var customer: String
    /// The customer's own clock: never runs backwards.
    public var asOf: Timestamp
    /// The `receivedAt` of the newest request that brought facts, which is unique per customer; nil: none fired yet.
    public var lastReceivedAt: Timestamp?
    /// Attributes and traits, as of ``asOf``.
    public var cache: FactCache
    /// What the facts do not tell: entries, waits, what was decided.
    public var memory: Memory
    /// The acts that frequency caps count; none where there are no caps.
    public var acts: CountedActs

    /// A row with all its parts.
    public init(
        customer: String, asOf: Timestamp, lastReceivedAt: Timestamp? = nil, cache: FactCache, memory: Memory,
        acts: CountedActs = CountedActs()
    ) {
        self.customer = customer
        self.asOf = asOf
        self.lastReceivedAt = lastReceivedAt
        self.cache = cache
        self.memory = memory
        self.acts = acts
    }
}

/// What is remembered of a customer beside the facts. Everything in it is named by the words of the rule files, so
/// that it survives their edits.
public struct Memory: Sendable, Hashable {
    /// Entries that live, and those that are over but still have pending actions; in the order they began.
    public var entries: [Entry] = []
    /// Occurrences that could not be decided at entry, to be tried again.
    public var waiting: [WaitingOccurrence] = []
    /// Facts whose time has not come, by time.
    public var factsAhead: [Fact] = []
    /// Last entry and last act per campaign and entry key.
    public var marks: [ReentryMark] = []
    /// Decided occurrences that could come again.
    public var decided: [DecidedOccurrence] = []
    /// Last value and count of every segment and trait that a trigger watches, or watched.
    public var watched: [WatchedState] = []
    /// Occurrences that have fired and wait for their wall time.
    public var delayed: [DelayedOccurrence] = []
    /// Goals of entries that have not been reached yet.
    public var goals: [AwaitedGoal] = []
    /// Steps that were due when only others were to be done, and are due since.
    public var overdue: [OverdueStep] = []

    /// Nothing remembered.
    public init() {}

    /// Whether there is nothing in it.
    public var isEmpty: Bool {
        entries.isEmpty && waiting.isEmpty && factsAhead.isEmpty && marks.isEmpty && decided.isEmpty
            && watched.isEmpty && delayed.isEmpty && goals.isEmpty && overdue.isEmpty
    }
}

/// A customer's way through one campaign, since one occurrence.
public struct Entry: Sendable, Hashable {
    /// The campaign's identity.
    public var campaign: String
    /// The occurrence that began it.
    public var occurrence: String
    /// The instant of its trigger (an event's: when it was received); waits are reckoned from it.
    public var instant: Timestamp
    /// The time of the event that began it; nil where none did. An older event does not exit it.
    public var eventTime: Timestamp?
    /// What `entry.*` reads.
    public var values: JSONObject
    /// The canonical JSON of the entry key's value; empty without an entry key.
    public var entryKey: String
    /// Names of the steps it has to do.
    public var todo: [String]
    /// Names of the steps it has done, in that order, with the instant each ended.
    public var done: [DoneStep]
    /// Actions that are held or could not be decided, and are tried again.
    public var pending: [PendingAction]

    /// An entry with all its parts.
    public init(
        campaign: String, occurrence: String, instant: Timestamp, eventTime: Timestamp? = nil, values: JSONObject,
        entryKey: String, todo: [String], done: [DoneStep], pending: [PendingAction]
    ) {
        self.campaign = campaign
        self.occurrence = occurrence
        self.instant = instant
        self.eventTime = eventTime
        self.values = values
        self.entryKey = entryKey
        self.todo = todo
        self.done = done
        self.pending = pending
    }

    /// A step that has ended.
    public struct DoneStep: Sendable, Hashable {
        /// The step's name.
        public var name: String
        /// The `now` at which each of its actions was final or an error.
        public var endedAt: Timestamp

        /// The step `name`, ended at `endedAt`.
        public init(name: String, endedAt: Timestamp) {
            self.name = name
            self.endedAt = endedAt
        }
    }

    /// An action whose last row is a `hold` or an `error`.
    public struct PendingAction: Sendable, Hashable {
        /// The step's name. While the step is still to do, it has begun and waits for its held actions.
        public var step: String
        /// The action's name; of a choice, that of the alternative which was chosen last.
        public var action: String
        /// The due instant of its step.
        public var due: Timestamp
        /// How many rows it has in the ledger; of a choice, under all its names.
        public var rows: Int
        /// The reason of the last one.
        public var reason: Reason
        /// When it is tried again, if no fact comes before: when the gate opens, or ``deadline``.
        public var wakeUp: Timestamp
        /// When it is given up: `skip too_late`. Not before ``wakeUp``.
        /// `distantFuture` while its campaign is paused.
        public var deadline: Timestamp
        /// How long it has lain in a paused campaign, in milliseconds: not counted where there is no lateness.
        public var pausedFor: Int64

        /// A pending action with all its parts.
        public init(
            step: String, action: String, due: Timestamp, rows: Int, reason: Reason, wakeUp: Timestamp,
            deadline: Timestamp, pausedFor: Int64 = 0
        ) {
            self.step = step
            self.action = action
            self.due = due
            self.rows = rows
            self.reason = reason
            self.wakeUp = wakeUp
            self.deadline = deadline
            self.pausedFor = pausedFor
        }
    }

    /// Whether it still has steps to do: then it counts as living for re-entry.
    public var lives: Bool { !todo.isEmpty }

    /// Whether a step that is still to do has begun, and waits for its held actions.
    public func isUnderWay(_ step: String) -> Bool {
        pending.contains { $0.step == step && $0.reason.isOfHolds } && todo.contains(step)
    }

    /// Puts a step that has ended from what is to do to what is done.
    mutating func end(step: String, at instant: Timestamp) {
        todo.removeAll { $0 == step }
        done.append(DoneStep(name: step, endedAt: instant))
    }
}

/// An occurrence that is due and does not begin yet.
public struct WaitingOccurrence: Sendable, Hashable {
    /// What would begin.
    public var occurrence: Occurrence
    /// What an occurrence waits for.
    public enum Cause: UInt8, Sendable, Hashable {
        /// That its `where` or condition can be evaluated: tried again like an action in error.
        case error = 0
        /// That somebody approves it.
        case approval = 1
        /// The next pass: it was due when only others were to be done.
        case passedOver = 2
        /// As ``error``, after it was approved.
        case errorAfterApproval = 3

        /// Whether its `where` or condition could not be evaluated.
        public var isError: Bool { self == .error || self == .errorAfterApproval }
    }
    /// What it waits for.
    public var cause: Cause
    /// How many rows it has in the ledger.
    public var rows: Int
    /// The reason of the last one; without a row of no meaning.
    public var reason: Reason
    /// When it is given up: `skip too_late`.
    public var deadline: Timestamp
    /// How long it has lain in a paused campaign, in milliseconds: not counted where there is no lateness.
    public var pausedFor: Int64

    /// A waiting occurrence with all its parts.
    public init(
        occurrence: Occurrence, cause: Cause = .error, rows: Int, reason: Reason, deadline: Timestamp,
        pausedFor: Int64 = 0
    ) {
        self.occurrence = occurrence
        self.cause = cause
        self.pausedFor = pausedFor
        self.rows = rows
        self.reason = reason
        self.deadline = deadline
    }
}

/// When a campaign was last entered, and last acted, per entry key.
public struct ReentryMark: Sendable, Hashable {
    /// The campaign's identity.
    public var campaign: String
    /// The canonical JSON of the entry key's value; empty without an entry key.
    public var entryKey: String
    /// The `now` of the last entry.
    public var lastEntry: Timestamp
    /// The `now` of the last act; nil: none.
    public var lastAct: Timestamp?

    /// The mark of a campaign and key.
    public init(campaign: String, entryKey: String, lastEntry: Timestamp, lastAct: Timestamp?) {
        self.campaign = campaign
        self.entryKey = entryKey
        self.lastEntry = lastEntry
        self.lastAct = lastAct
    }
}

/// An occurrence that was decided and that an edit or a corrected fact could bring again.
public struct DecidedOccurrence: Sendable, Hashable {
    /// The campaign's identity.
    public var campaign: String
    /// The occurrence.
    public var occurrence: String
    /// The instant it was due: old ones are forgotten. Of a silence: when it had lasted so long, before any wall time.
    public var due: Timestamp

    /// The decided occurrence of a campaign, due at `due`.
    public init(campaign: String, occurrence: String, due: Timestamp) {
        self.campaign = campaign
        self.occurrence = occurrence
        self.due = due
    }
}

/// The one time a campaign's trigger fired for a customer.
public struct Occurrence: Sendable, Hashable {
    /// The campaign's identity.
    public var campaign: String
    /// Its key, byte for byte as the table in the manual gives it.
    public var key: String
    /// When it was due; lateness counts from it.
    public var due: Timestamp
    /// The instant the entry's waits are reckoned from.
    public var instant: Timestamp
    /// What `entry.*` reads.
    public var values: JSONObject
    /// The event that fired it, for `event.*`; nil for other triggers.
    public var event: Event?

    /// An occurrence with all its parts.
    public init(
        campaign: String, key: String, due: Timestamp, instant: Timestamp, values: JSONObject, event: Event?
    ) {
        self.campaign = campaign
        self.key = key
        self.due = due
        self.instant = instant
        self.values = values
        self.event = event
    }
}

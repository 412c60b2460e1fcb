import CareValues

/// One customer as stored: the row blob and what the store itself must see of it.
public struct StoredCustomer: Sendable, Hashable {
    /// The customer's id.
    public var id: String
    /// When this customer must be looked at next, or nil: not before a new fact.
    public var wakeUp: Timestamp?
    /// Counts the writes of this row, from 1; a write names the version it read.
    public var version: Int64
    /// The epoch the row was last decided under.
    public var epoch: Int64
    /// The row, as `CareDecisions` encodes it.
    public var row: [UInt8]

    /// A stored customer with all its parts.
    public init(id: String, wakeUp: Timestamp?, version: Int64, epoch: Int64, row: [UInt8]) {
        self.id = id
        self.wakeUp = wakeUp
        self.version = version
        self.epoch = epoch
        self.row = row
    }
}

/// A decision as the ledger keeps it.
public struct LedgerEntry: Sendable, Hashable {
    /// The first 16 bytes of the SHA-256 of the key: `[campaign, customer, occurrence, step, action]`.
    public var key: DeliveryID
    /// 0 for a final decision (`act`, `suppress`, `skip`), which is unique by key; 1, 2 … for holds and errors before it.
    public var number: Int
    /// The customer decided about.
    public var customer: String
    /// The campaign's name.
    public var campaign: String
    /// The occurrence, §5.3 of the manual's key table.
    public var occurrence: String
    /// The step's name; empty for decisions at entry.
    public var step: String
    /// The action's name; empty for decisions at entry.
    public var action: String
    /// `act`, `hold`, `suppress`, `skip` or `error`.
    public var outcome: String
    /// The closed reason code; empty for `act`.
    public var reason: String
    /// The `now` it was decided at.
    public var now: Timestamp
    /// When it was due.
    public var due: Timestamp
    /// The epoch it was decided under.
    public var epoch: Int64
    /// What is needed to replay and explain it: a JSON object.
    public var inputs: String

    /// A ledger entry with all its parts.
    public init(
        key: DeliveryID, number: Int, customer: String, campaign: String, occurrence: String, step: String,
        action: String, outcome: String, reason: String, now: Timestamp, due: Timestamp, epoch: Int64, inputs: String
    ) {
        self.key = key
        self.number = number
        self.customer = customer
        self.campaign = campaign
        self.occurrence = occurrence
        self.step = step
        self.action = action
        self.outcome = outcome
        self.reason = reason
        self.now = now
        self.due = due
        self.epoch = epoch
        self.inputs = inputs
    }
}

/// One row to deliver, as the decision orders it.
public struct NewDelivery: Sendable, Hashable {
    /// The delivery id, the same on every attempt for ever.
    public var id: DeliveryID
    /// The customer it is about.
    public var customer: String
    /// The campaign that ordered it.
    public var campaign: String
    /// The readable key: the canonical JSON array whose hash is ``id``.
    public var key: String
    /// The destination's name in the environment.
    public var destination: String
    /// The address at the destination; empty where it needs none.
    public var address: String
    /// The message type.
    public var type: String
    /// The filled `data`: canonical JSON.
    public var data: String
    /// The decision's `now`.
    public var decidedAt: Timestamp
    /// Not to be attempted at or after this instant of the decision clock; nil: however late.
    public var expiresAt: Timestamp?
    /// The customer's language when it was decided, `zh-CN`; empty: not known.
    public var language: String
    /// Not to be attempted at these hours of the decision clock; nil: at any hour.
    public var quietTimes: QuietTimes?
    /// The consents without which it must not be sent, by the attributes' names; empty: none is asked.
    public var consents: [String]

    /// A row to deliver with all its parts.
    public init(
        id: DeliveryID, customer: String, campaign: String, key: String, destination: String, address: String,
        type: String, data: String, decidedAt: Timestamp, expiresAt: Timestamp?, language: String = "",
        quietTimes: QuietTimes? = nil, consents: [String] = []
    ) {
        self.id = id
        self.customer = customer
        self.campaign = campaign
        self.key = key
        self.destination = destination
        self.address = address
        self.type = type
        self.data = data
        self.decidedAt = decidedAt
        self.expiresAt = expiresAt
        self.language = language
        self.quietTimes = quietTimes
        self.consents = consents
    }
}

/// Where a delivery stands.
public enum DeliveryState: String, Sendable, CaseIterable {
    /// Waits for its next attempt.
    case waiting
    /// Claimed by a worker until its lease ends.
    case sending
    /// The receiver has it.
    case delivered
    /// Will not be tried again by itself.
    case dead
    /// Kept back: the destination is disabled, or the answer was lost and repeating is not safe.
    case parked
    /// Taken back before it was sent.
    case cancelled
}

/// A delivery as stored.
public struct StoredDelivery: Sendable, Hashable {
    /// What the decision ordered.
    public var order: NewDelivery
    /// Where it stands.
    public var state: DeliveryState
    /// How many attempts were made.
    public var attempts: Int
    /// When the next attempt is due, of the real clock; meaningful while waiting.
    public var nextAttemptAt: Timestamp
    /// Why it is dead, parked or waiting again, in a few words; empty at first.
    public var reason: String

    /// A stored delivery with all its parts.
    public init(
        order: NewDelivery, state: DeliveryState, attempts: Int, nextAttemptAt: Timestamp, reason: String
    ) {
        self.order = order
        self.state = state
        self.attempts = attempts
        self.nextAttemptAt = nextAttemptAt
        self.reason = reason
    }
}

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

    /// Whether nothing more comes of it by itself.
    public var isOver: Bool {
        switch self {
        case .delivered, .dead, .cancelled: true
        case .waiting, .sending, .parked: false
        }
    }
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

/// Which deliveries are asked for: those that fit every part given.
public struct DeliveryFilter: Sendable, Hashable {
    /// These; empty: whichever.
    public var ids: [DeliveryID] = []
    /// In one of these states; empty: in any.
    public var states: Set<DeliveryState>
    /// To this destination.
    public var destination: String?
    /// Ordered by this campaign.
    public var campaign: String?
    /// About this customer.
    public var customer: String?
    /// Decided at or after this instant.
    public var decidedFrom: Timestamp?
    /// Decided before this instant.
    public var decidedUntil: Timestamp?
    /// Expired at or before this instant of the decision clock.
    public var expiredBy: Timestamp?
    /// True: only those parked because an answer was lost and repeating is not safe; false: all but those; nil: any.
    public var answerLost: Bool?

    /// A filter with these parts; without any it lets everything through.
    public init(
        states: Set<DeliveryState> = [], destination: String? = nil, campaign: String? = nil, customer: String? = nil,
        decidedFrom: Timestamp? = nil, decidedUntil: Timestamp? = nil, answerLost: Bool? = nil
    ) {
        self.states = states
        self.destination = destination
        self.campaign = campaign
        self.customer = customer
        self.decidedFrom = decidedFrom
        self.decidedUntil = decidedUntil
        self.answerLost = answerLost
    }
}

/// What lies in the outbox for one destination, in one state that is not an end.
public struct DestinationQueue: Sendable, Hashable {
    /// The destination's name.
    public var destination: String
    /// Waiting, sending, dead or parked.
    public var state: DeliveryState
    /// How many deliveries.
    public var count: Int
    /// The earliest next attempt of those that wait; nil of those that do not.
    public var firstAttemptAt: Timestamp?

    /// A queue with all its parts.
    public init(destination: String, state: DeliveryState, count: Int, firstAttemptAt: Timestamp?) {
        self.destination = destination
        self.state = state
        self.count = count
        self.firstAttemptAt = firstAttemptAt
    }
}

/// One try of a delivery, as recorded.
public struct StoredAttempt: Sendable, Hashable {
    /// How a try ended.
    public enum Outcome: String, Sendable {
        /// The receiver has it.
        case ok
        /// It does not.
        case failed
        /// The answer was lost: it may or may not.
        case unknown
    }
    /// The delivery tried.
    public var delivery: DeliveryID
    /// 1-based.
    public var number: Int
    /// When it began, of the real clock.
    public var startedAt: Timestamp
    /// How long it took.
    public var durationMilliseconds: Int64
    /// How it ended.
    public var outcome: Outcome
    /// The receiver's status code, 0 when there was none.
    public var status: Int
    /// A few words for people; never a body, a secret or customer data.
    public var detail: String

    /// A recorded try with all its parts.
    public init(
        delivery: DeliveryID, number: Int, startedAt: Timestamp, durationMilliseconds: Int64, outcome: Outcome,
        status: Int, detail: String
    ) {
        self.delivery = delivery
        self.number = number
        self.startedAt = startedAt
        self.durationMilliseconds = durationMilliseconds
        self.outcome = outcome
        self.status = status
        self.detail = detail
    }
}

/// An activated rule set.
public struct StoredRuleSet: Sendable, Hashable {
    /// 1 for the first; each activation adds one.
    public var epoch: Int64
    /// 64 hex digits over the canonical rules and what else decisions read.
    public var fingerprint: String
    /// The canonical text of the rules.
    public var text: String
    /// The decision clock at its activation.
    public var activatedAt: Timestamp
    /// Since when each campaign is as it is, by name.
    public var starts: [String: Timestamp]
    /// The project's zone, by name.
    public var zone: String
    /// The version of the zone data at its activation.
    public var zoneDataVersion: String
    /// The version of the cut points that its scores are read by; nil: it reads none.
    public var cutPoints: Int64?
    /// The canonical text of the holidays that its decisions read; empty: none.
    public var holidays: String

    /// An activated rule set with all its parts.
    public init(
        epoch: Int64, fingerprint: String, text: String, activatedAt: Timestamp, starts: [String: Timestamp],
        zone: String, zoneDataVersion: String, cutPoints: Int64? = nil, holidays: String = ""
    ) {
        self.cutPoints = cutPoints
        self.epoch = epoch
        self.fingerprint = fingerprint
        self.text = text
        self.activatedAt = activatedAt
        self.starts = starts
        self.zone = zone
        self.zoneDataVersion = zoneDataVersion
        self.holidays = holidays
    }
}

/// The pass over all customers that one tick of a schedule or a holiday makes; per campaign and zone the newest.
public struct StoredScan: Sendable, Hashable {
    /// The campaign's identity.
    public var campaign: String
    /// The zone by whose clock it ticked.
    public var zone: String
    /// When the tick was due.
    public var tick: Timestamp
    /// The last customer that it has looked at, in the order of ``StoreSnapshot/scanCustomers``; nil: none yet.
    public var cursor: String?
    /// Whether it has looked at all of them.
    public var isDone: Bool

    /// A scan with all its parts.
    public init(campaign: String, zone: String, tick: Timestamp, cursor: String? = nil, isDone: Bool = false) {
        self.campaign = campaign
        self.zone = zone
        self.tick = tick
        self.cursor = cursor
        self.isDone = isDone
    }
}

/// A set of quantile cut points, as it is kept.
public struct StoredCutPoints: Sendable, Hashable {
    /// 1 for the first; each set adds one.
    public var version: Int64
    /// The decision clock when it was computed.
    public var computedAt: Timestamp
    /// What it says, of no concern to the store.
    public var text: String

    /// A set with all its parts.
    public init(version: Int64, computedAt: Timestamp, text: String) {
        self.version = version
        self.computedAt = computedAt
        self.text = text
    }
}

/// What a daily counter counts.
public enum CounterKind: String, Sendable, CaseIterable {
    /// Events stored, by type, on the UTC day of their time.
    case event
    /// Entries begun, by campaign.
    case entry
    /// Occurrences whose `where` was false, by campaign.
    case whereFalse
    /// Occurrences whose condition was false at entry, by campaign.
    case conditionFalse
    /// Ticks of schedules and holidays that a later one took the place of, by campaign.
    case passedOver
    /// Goals reached by entries, by campaign, of customers that the campaign does not hold out.
    case goal
    /// Goals reached by entries, by campaign, of customers that the campaign holds out.
    case goalHeldOut
}

/// One counter's increment.
public struct CounterIncrement: Sendable, Hashable {
    /// What it counts.
    public var kind: CounterKind
    /// The event type or campaign.
    public var name: String
    /// The UTC day.
    public var day: CivilDate
    /// How many more.
    public var count: Int

    /// `count` more of `kind` for `name` on `day`.
    public init(kind: CounterKind, name: String, day: CivilDate, count: Int) {
        self.kind = kind
        self.name = name
        self.day = day
        self.count = count
    }
}

/// What a store held of a customer who was erased.
public struct ErasedContent: Sendable, Hashable {
    /// Facts that are gone.
    public var facts = 0
    /// Decisions of which key, campaign, step, outcome, reason and day stay.
    public var decisions = 0
    /// Deliveries of which id, campaign, destination, type, state and day stay.
    public var deliveries = 0
    /// Those among them that were still to be sent: no attempt at them may begin any more.
    public var cancelled: [DeliveryID] = []

    /// Nothing.
    public init() {}
}

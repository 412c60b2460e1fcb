import CareValues

/// How a decision ended. The raw values are written to the ledger and to metric labels: never change one; add one.
public enum Outcome: String, Sendable, CaseIterable {
    /// It is done: a delivery is in the outbox.
    case act
    /// A gate asks to wait; not final.
    case hold
    /// A gate said no; the entry goes on.
    case suppress
    /// Its time or its ground has gone.
    case skip
    /// It could not be decided; nothing was sent, it is tried again; not final.
    case error

    /// Whether nothing comes after it: one per key.
    public var isFinal: Bool {
        switch self {
        case .act, .suppress, .skip: true
        case .hold, .error: false
        }
    }
}

/// Why a decision is not an act. The raw values are written to the ledger and to metric labels: never change one.
public enum Reason: String, Sendable, CaseIterable {
    // hold and suppress
    case quietHours = "quiet_hours"
    case windowClosed = "window_closed"
    case paused
    case frequencyCap = "frequency_cap"
    // suppress
    case holdout
    case noConsent = "no_consent"
    case noAddress = "no_address"
    case notChosen = "not_chosen"
    // suppress, at entry
    case reentry
    case excluded
    case sentinelDate = "sentinel_date"
    // skip
    case tooLate = "too_late"
    case condition
    case exited
    case displaced
    case campaignRemoved = "campaign_removed"
    case erased
    case restored
    // error
    case evaluationError = "evaluation_error"
    case limitExceeded = "limit_exceeded"
    case templateError = "template_error"

    /// Whether an action can be held for it. The same gate may also suppress.
    public var isOfHolds: Bool {
        switch self {
        case .quietHours, .windowClosed, .paused, .frequencyCap: true
        default: false
        }
    }
}

/// What is decided about: one action of one step of one occurrence, for one customer.
public struct DecisionKey: Sendable, Hashable {
    /// The campaign's identity.
    public var campaign: String
    /// The customer's id.
    public var customer: String
    /// The one time its trigger fired.
    public var occurrence: String
    /// The step's name; empty at entry.
    public var step: String
    /// The action's name; empty at entry.
    public var action: String

    /// The key of these parts.
    public init(campaign: String, customer: String, occurrence: String, step: String, action: String) {
        self.campaign = campaign
        self.customer = customer
        self.occurrence = occurrence
        self.step = step
        self.action = action
    }

    /// The readable key: the canonical JSON array of its five parts.
    public var text: String {
        CanonicalJSON.array(of: [campaign, customer, occurrence, step, action])
    }

    /// The same of a customer who was erased and taken in again: from the second generation on the id has `~` and the
    /// generation's number behind it, so that no key of one life is one of another.
    public func text(generation: Int) -> String {
        guard generation > 1 else { return text }
        return CanonicalJSON.array(of: [campaign, "\(customer)~\(generation)", occurrence, step, action])
    }
}

/// What an `act` orders.
public struct DeliveryOrder: Sendable, Hashable {
    /// The destination's name.
    public var destination: String
    /// The address at the destination; empty where it needs none.
    public var address: String
    /// The message type.
    public var type: String
    /// The filled `data`.
    public var data: JSONValue
    /// Not to be attempted at or after this instant; nil: however late.
    public var expiresAt: Timestamp?
    /// When no attempt is to be made; nil: at any hour.
    public var quietTimes: QuietTimes?
    /// The consent attributes that must still be granted when it is sent; empty: none is asked.
    public var consents: [String]

    /// An order with all its parts.
    public init(
        destination: String, address: String, type: String, data: JSONValue, expiresAt: Timestamp?,
        quietTimes: QuietTimes? = nil, consents: [String] = []
    ) {
        self.destination = destination
        self.address = address
        self.type = type
        self.data = data
        self.expiresAt = expiresAt
        self.quietTimes = quietTimes
        self.consents = consents
    }

    /// Whether both send the same to the same place. Until when, at what hours and with which consent it may be sent is
    /// no part of that.
    public func hasSameBody(as other: DeliveryOrder) -> Bool {
        destination == other.destination && address == other.address && type == other.type && data == other.data
    }
}

/// The ledger's record for one action at one `now`.
public struct Decision: Sendable, Hashable {
    /// What it is about.
    public var key: DecisionKey
    /// How it ended.
    public var outcome: Outcome
    /// Why; nil for an act.
    public var reason: Reason?
    /// 0 for a final decision; 1, 2 … for the holds and errors before it.
    public var number: Int
    /// The customer's clock when it was taken.
    public var now: Timestamp
    /// When it was due.
    public var due: Timestamp
    /// The destination it goes or would have gone to; empty at entry.
    public var destination: String
    /// What the act orders; nil unless it is one, and where decisions are only counted.
    public var order: DeliveryOrder?
    /// The values of the entry, and why an error is one: with the facts, enough to take the decision again.
    public var inputs: JSONObject
    /// Whether it is a skip because the action's own condition was false: an alternative that was not taken, which
    /// tables of what is due do not count.
    public var isAlternative = false

    /// A decision with all its parts.
    public init(
        key: DecisionKey, outcome: Outcome, reason: Reason?, number: Int, now: Timestamp, due: Timestamp,
        destination: String, order: DeliveryOrder?, inputs: JSONObject
    ) {
        self.key = key
        self.outcome = outcome
        self.reason = reason
        self.number = number
        self.now = now
        self.due = due
        self.destination = destination
        self.order = order
        self.inputs = inputs
    }
}

import CareDecisions
import CareRules
import CareStore
import CareValues

/// What one request says about one customer: its facts are decided on together.
public struct LiveRequest: Sendable {
    /// The customer's id.
    public var customer: String
    /// What is said, in the order it was said; their `receivedAt` is set when they are taken.
    public var facts: [Fact]

    /// A request that says `facts` about `customer`.
    public init(customer: String, facts: [Fact]) {
        self.customer = customer
        self.facts = facts
    }
}

/// What became of one fact.
public enum LiveAnswer: Sendable, Hashable {
    /// It is on disk, with what was decided about it.
    case stored
    /// It was stored before, or attributes are so already; nothing happened.
    case duplicate
    /// The customer was erased: it is not stored.
    case erased
    /// It cannot be taken.
    case refused(code: String, reason: String)
}

/// Why nothing of a request was taken.
public enum LiveRefusal: Error, Sendable, Hashable {
    /// More waits than may wait: ask again after so many seconds.
    case busy(retryAfterSeconds: Int)
    /// The service has not started yet, or is ending.
    case notRunning
    /// The disk is full; reads go on.
    case storeFull
    /// The store cannot be written; the service ends.
    case failed
}

/// The rules in force, for reading from any thread.
public struct RulesView: Sendable {
    /// What decides by them.
    public let decider: Decider
    /// Covers what decisions read: 64 hex digits.
    public let fingerprint: String

    /// The rules of `rules`, as they are now.
    init(_ rules: RulesInForce) {
        decider = rules.current
        fingerprint = rules.fingerprint
    }

    /// The rules themselves.
    public var rules: RuleSet { decider.active.rules }
    /// The number of their activation.
    public var epoch: Int64 { decider.active.epoch }
    /// The decision clock when they were activated.
    public var activatedAt: Timestamp { decider.active.activatedAt }
    /// The zone of customers that have none.
    public var zone: Zone { decider.active.projectZone }
    /// The same rules as plans and explanations take them.
    public var candidate: CandidateRules {
        CandidateRules(rules: rules, zone: zone, holidays: decider.active.holidays)
    }
}

/// What the live engine has done since it began.
public struct LiveMetrics: Sendable, Hashable {
    /// Facts stored.
    public var stored = 0
    /// Facts that were stored before.
    public var duplicates = 0
    /// Facts that the full queue turned away.
    public var turnedAway = 0
    /// Transactions that took facts in.
    public var transactions = 0
    /// Facts that wait now.
    public var queued = 0
    /// Rule sets that were refused on a reload.
    public var refusedReloads = 0
}

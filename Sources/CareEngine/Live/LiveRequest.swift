import CareDecisions
import CareRules
import CareStore
import CareValues

/// What one request says about one customer: it is decided on together.
public struct LiveRequest: Sendable {
    /// One thing said.
    public enum Item: Sendable {
        /// An event, or attributes as they are from a time on.
        case fact(Fact)
        /// Attributes that depend on what is stored.
        case change(AttributeSetting)
    }

    /// The customer's id.
    public var customer: String
    /// What is said, in the order it was said; their `receivedAt` is set when they are taken.
    public var items: [Item]

    /// A request that says `items` about `customer`.
    public init(customer: String, items: [Item]) {
        self.customer = customer
        self.items = items
    }

    /// A request of facts.
    public init(customer: String, facts: [Fact]) {
        self.init(customer: customer, items: facts.map(Item.fact))
    }
}

/// What somebody hands over together: requests, and where the answer to each of their items belongs among the answers.
public struct LiveBatch: Sendable {
    /// The requests, at most one for each customer.
    public var requests: [LiveRequest]
    /// For each request the places of its items' answers.
    public var places: [[Int]]
    /// All answers as they stand beforehand; those of refused items are final.
    public var answers: [LiveAnswer]

    /// A batch with all its parts.
    public init(requests: [LiveRequest], places: [[Int]], answers: [LiveAnswer]) {
        self.requests = requests
        self.places = places
        self.answers = answers
    }

    /// These requests, answered one item after another.
    init(_ requests: [LiveRequest]) {
        self.requests = requests
        var count = 0
        places = requests.map { request in
            defer { count += request.items.count }
            return Array(count..<(count + request.items.count))
        }
        answers = [LiveAnswer](repeating: .unreadable, count: count)
    }
}

/// Attributes to be set: what is so already is not stored again.
public struct AttributeSetting: Sendable, Hashable {
    /// The attributes and their values; `null` takes one away.
    public var values: JSONObject
    /// Whether attributes that are not named are taken away.
    public var replacesAll: Bool
    /// Since when they are so; nil: since the request.
    public var time: Timestamp?
    /// The tag that the attributes must have for it; `*`: there must be such a customer; nil: none is asked for.
    public var ifMatch: String?
    /// Whether there must be no such customer.
    public var createsOnly: Bool
    /// Whether it is answered with the tag that the attributes have afterwards.
    public var wantsTag: Bool

    /// A setting with all its parts.
    public init(
        values: JSONObject, replacesAll: Bool = false, time: Timestamp? = nil, ifMatch: String? = nil,
        createsOnly: Bool = false, wantsTag: Bool = false
    ) {
        self.wantsTag = wantsTag
        self.values = values
        self.replacesAll = replacesAll
        self.time = time
        self.ifMatch = ifMatch
        self.createsOnly = createsOnly
    }
}

/// What became of one item.
public enum LiveAnswer: Sendable, Hashable {
    /// It is on disk, with what was decided about it.
    case stored
    /// It was stored before, or attributes are so already; nothing happened.
    case duplicate
    /// The customer was erased: it is not stored.
    case erased
    /// The customer is not as the request asked for; the tag of the attributes now, nil: there is no such customer.
    case changed(tag: String?)
    /// The attributes are so, with the tag they have now; `isNew`: they are on disk by this, else they were so before.
    case set(tag: String, isNew: Bool)
    /// It cannot be taken.
    case refused(code: String, reason: String)
    /// What is stored of the customer cannot be read, and nothing was done about it; the log says where.
    case unreadable

    /// The refusal of a fact older than those that are kept.
    static let tooOld = LiveAnswer.refused(code: "too_old", reason: "older than the facts that are kept")

    /// Whether nothing happened because it was so before.
    var isDuplicate: Bool {
        switch self {
        case .duplicate, .set(_, isNew: false): true
        default: false
        }
    }
}

/// The caller's name for a request: the same one again gets the answer of the first, for a day at least.
public struct RequestKey: Sendable, Hashable {
    /// The key itself, with who sent it and where to: 64 hex digits of a hash.
    public var name: String
    /// What was sent: 64 hex digits of a hash.
    public var content: String

    /// A key called `name` for `content`.
    public init(name: String, content: String) {
        self.name = name
        self.content = content
    }
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
    /// The request's key was used for another content.
    case keyReused
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

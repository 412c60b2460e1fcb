import CareValues

/// What people ask of a store when they look back: the newest first, a page at a time, sums by reason.
///
/// A part of ``StoreSnapshot``. All of it is indexed: none reads the whole ledger or outbox.
public protocol LookingBack: AnyObject {
    /// Up to `limit` decisions that `filter` lets through, newest `now` first, of one `now` the last written first.
    ///
    /// - Parameter before: only those that come after this place in that order: the place of the last one seen.
    func ledger(_ filter: LedgerFilter, before: LedgerPlace?, limit: Int) throws -> [LedgerFinding]

    /// How many decisions in `[from, until)` by `now` ended how, final and provisional ones, by campaign, outcome, reason.
    func ledgerSums(from: Timestamp, until: Timestamp, campaign: String?) throws -> [LedgerSum]

    /// Up to `limit` facts of a customer, last received first, with the place of each.
    ///
    /// - Parameter before: only those received before the one at this place; nil: from the newest.
    func recentFacts(of customer: String, before: Int64?, limit: Int) throws -> [(place: Int64, fact: Fact)]

    /// Up to `limit` decisions about a customer, last written first, with the place of each.
    func recentLedger(of customer: String, before: Int64?, limit: Int) throws -> [(place: Int64, entry: LedgerEntry)]

    /// Up to `limit` customers whose id begins with `prefix`, by the bytes of the id, after the id `after`.
    func customers(idPrefix prefix: String, after: String?, limit: Int) throws -> [StoredCustomer]

    /// Up to `limit` deliveries that `filter` lets through, last decided first, with the place of each.
    ///
    /// - Parameter before: only those decided before the one at this place; nil: from the newest.
    func deliveries(
        _ filter: DeliveryFilter, before: Int64?, limit: Int
    ) throws -> [(place: Int64, delivery: StoredDelivery)]

    /// How many of the deliveries decided at or after `instant` are in each state, and how many of them arrived at the
    /// first attempt.
    func deliverySums(decidedFrom instant: Timestamp) throws -> DeliverySums
}

/// Which decisions are asked for: those that fit every part given.
public struct LedgerFilter: Sendable, Hashable {
    /// About this customer.
    public var customer: String?
    /// By this campaign, by its identity.
    public var campaign: String?
    /// Ended so.
    public var outcome: String?
    /// For this reason.
    public var reason: String?
    /// Decided at or after this instant.
    public var from: Timestamp?
    /// Decided before this instant.
    public var until: Timestamp?

    /// A filter with these parts; without any it lets everything through.
    public init(
        customer: String? = nil, campaign: String? = nil, outcome: String? = nil, reason: String? = nil,
        from: Timestamp? = nil, until: Timestamp? = nil
    ) {
        self.customer = customer
        self.campaign = campaign
        self.outcome = outcome
        self.reason = reason
        self.from = from
        self.until = until
    }
}

/// Where a decision stands in the ledger, newest first.
public struct LedgerPlace: Sendable, Hashable {
    /// Its `now`.
    public var now: Timestamp
    /// Its number in the store: later ones are higher.
    public var number: Int64

    /// The place of a decision.
    public init(now: Timestamp, number: Int64) {
        self.now = now
        self.number = number
    }
}

/// A decision that was looked for, and its place.
public struct LedgerFinding: Sendable, Hashable {
    /// Where it stands.
    public var place: LedgerPlace
    /// The decision; of a customer that is no more, the customer is empty.
    public var entry: LedgerEntry

    /// A decision at a place.
    public init(place: LedgerPlace, entry: LedgerEntry) {
        self.place = place
        self.entry = entry
    }
}

/// How many decisions of a campaign ended so, for that reason.
public struct LedgerSum: Sendable, Hashable {
    /// The campaign's identity.
    public var campaign: String
    /// `act`, `hold`, `suppress`, `skip` or `error`.
    public var outcome: String
    /// The closed reason code; empty for `act`.
    public var reason: String
    /// How many.
    public var count: Int

    /// A sum with all its parts.
    public init(campaign: String, outcome: String, reason: String, count: Int) {
        self.campaign = campaign
        self.outcome = outcome
        self.reason = reason
        self.count = count
    }
}

/// What became of deliveries.
public struct DeliverySums: Sendable, Hashable {
    /// How many are in each state.
    public var states: [DeliveryState: Int] = [:]
    /// How many arrived at the first attempt.
    public var deliveredAtOnce = 0

    /// None.
    public init() {}
}

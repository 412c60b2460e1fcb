import CareValues

/// Which deliveries are meant: all for which every part that is given holds.
public struct DeliveryFilter: Sendable, Hashable {
    /// These; empty: whichever.
    public var ids: [DeliveryID] = []
    /// In one of these states; empty: in whichever.
    public var states: Set<DeliveryState> = []
    /// For this destination.
    public var destination: String?
    /// Ordered by this campaign.
    public var campaign: String?
    /// About this customer.
    public var customer: String?
    /// Decided at or after this instant.
    public var decidedFrom: Timestamp?
    /// True: parked because the answer was lost, so that repeating is not safe; false: not so; nil: either.
    public var isUnknown: Bool?
    /// Expired at or before this instant of the decision clock.
    public var expiredBy: Timestamp?

    /// Those that fit every part given; none: all.
    public init(
        states: [DeliveryState] = [], destination: String? = nil, campaign: String? = nil, customer: String? = nil,
        isUnknown: Bool? = nil
    ) {
        self.states = Set(states)
        self.destination = destination
        self.campaign = campaign
        self.customer = customer
        self.isUnknown = isUnknown
    }
}

/// What lies at one destination that is not delivered or cancelled.
public struct DeliveryQueue: Sendable, Hashable {
    /// The destination's name.
    public var destination: String
    /// How many are in each state; waiting, sending, dead and parked only.
    public var counts: [DeliveryState: Int]
    /// When the oldest that waits or is being sent was decided; nil: nothing does.
    public var oldestWaiting: Timestamp?
    /// When the first of those that wait may be tried; nil: none waits.
    public var nextAttemptAt: Timestamp?
    /// The last attempt of these that did not succeed, as far as a look at a few hundred of them shows; nil: none.
    public var lastFailure: (at: Timestamp, detail: String)? {
        get { failedAt.map { ($0, failure) } }
        set {
            failedAt = newValue?.at
            failure = newValue?.detail ?? ""
        }
    }
    private var failedAt: Timestamp?
    private var failure = ""

    /// A queue of nothing.
    public init(destination: String) {
        self.destination = destination
        counts = [:]
    }
}

import CareDecisions
import CareValues

/// What would be done in a period, and what would not, and why. Nothing was written, nothing was sent.
public struct Plan: Sendable {
    /// What a plan says of a campaign besides its sums.
    public struct CampaignFacts: Sendable, Hashable {
        /// The campaign's name.
        public var name: String
        /// Its identity, which decisions carry: the name it was first activated under.
        public var identity: String
        /// Whether its entries begin only when they are approved; the plan takes them as approved.
        public var needsApproval: Bool
        /// What its rows rest on.
        public var basis: PlanBasis
        /// Its steps in order.
        public var steps: [String]
        /// How many events of its trigger's types happened in the last 28 days, the plan's first day included; nil
        /// where the trigger is no event.
        public var eventsInLast28Days: Int?
        /// How many entries began in the last 28 days, the plan's first day included.
        public var entriesInLast28Days: Int

        /// The facts of a campaign.
        public init(
            name: String, identity: String, needsApproval: Bool, basis: PlanBasis, steps: [String],
            eventsInLast28Days: Int?, entriesInLast28Days: Int
        ) {
            self.name = name
            self.identity = identity
            self.needsApproval = needsApproval
            self.basis = basis
            self.steps = steps
            self.eventsInLast28Days = eventsInLast28Days
            self.entriesInLast28Days = entriesInLast28Days
        }
    }

    /// The fingerprint of the rules it was made with: 64 hex digits.
    public var fingerprint: String
    /// Their epoch, or the one they would get.
    public var epoch: Int64
    /// Whether these rules are in force in the store.
    public var isActive: Bool
    /// The period's first instant.
    public var from: Timestamp
    /// The first instant after the period.
    public var until: Timestamp
    /// The project's zone, for days and hours.
    public var zone: Zone
    /// The store's clock; nil: nothing stored.
    public var storeClock: Timestamp?
    /// How many customers the store has.
    public var customers: Int
    /// The campaign asked for, or nil.
    public var campaign: String?
    /// The store's own id.
    public var storeID = ""
    /// Whether it was ended before every customer was looked at.
    public var isInterrupted = false
    /// How many customers are left out, as something stored of each cannot be read.
    public var unreadable = 0
    /// How many facts were assumed.
    public var assumedFacts = 0
    /// The customer asked for, or nil.
    public var customer: String?
    /// The zone of the customer asked for; nil: none was.
    public var customerZone: Zone?
    /// Which of its lives that customer is in: 1 unless it was erased and taken in again.
    public var customerLife = 1
    /// Whether that customer is stored.
    public var customerIsKnown: Bool
    /// All campaigns, by name.
    public var campaigns: [CampaignFacts]
    /// The sums.
    public var tally: PlanTally
    /// Every decision, by `now`, customer, campaign, where they were asked for.
    public var decisions: [Decision]

    /// The name of the campaign of a decision in the rules of the plan; its identity where they have none any more.
    public func campaignName(of decision: Decision) -> String {
        campaigns.first { $0.identity == decision.key.campaign }?.name ?? decision.key.campaign
    }

    /// A plan with all its parts.
    public init(
        fingerprint: String, epoch: Int64, isActive: Bool, from: Timestamp, until: Timestamp, zone: Zone,
        storeClock: Timestamp?, customers: Int, campaign: String?, customer: String?, customerIsKnown: Bool,
        campaigns: [CampaignFacts], tally: PlanTally, decisions: [Decision]
    ) {
        self.fingerprint = fingerprint
        self.epoch = epoch
        self.isActive = isActive
        self.from = from
        self.until = until
        self.zone = zone
        self.storeClock = storeClock
        self.customers = customers
        self.campaign = campaign
        self.customer = customer
        self.customerIsKnown = customerIsKnown
        self.campaigns = campaigns
        self.tally = tally
        self.decisions = decisions
    }
}

import CareDecisions
import CareLogic
import CareRules
import CareValues

/// Why a campaign did, did not, or will act for one customer.
public struct Explanation: Sendable {
    /// A row of the ledger that belongs to the campaign, as explanations show it.
    public struct PastDecision: Sendable, Hashable {
        /// When it was decided.
        public var now: Timestamp
        /// When it was due.
        public var due: Timestamp
        /// The occurrence.
        public var occurrence: String
        /// The step; empty at entry.
        public var step: String
        /// The action; empty at entry.
        public var action: String
        /// `act`, `suppress`, `skip`, `hold`, `error`.
        public var outcome: String
        /// The closed reason; empty for an act.
        public var reason: String
        /// Where its delivery stands, in words; nil when it ordered none.
        public var delivery: String?
        /// The delivery's id, as text; empty when it ordered none.
        public var deliveryID: String

        /// A row of the ledger.
        public init(
            now: Timestamp, due: Timestamp, occurrence: String, step: String, action: String, outcome: String,
            reason: String, delivery: String?, deliveryID: String
        ) {
            self.now = now
            self.due = due
            self.occurrence = occurrence
            self.step = step
            self.action = action
            self.outcome = outcome
            self.reason = reason
            self.delivery = delivery
            self.deliveryID = deliveryID
        }
    }

    /// The customer asked about.
    public var customer: String
    /// The campaign asked about.
    public var campaign: Campaign
    /// The clock it was looked at.
    public var now: Timestamp
    /// The fingerprint of the rules and their epoch.
    public var fingerprint: String
    /// Their epoch, or the one they would get.
    public var epoch: Int64
    /// How the campaign stands for the customer.
    public var outlook: Outlook
    /// The `where` with its values; nil: none, or it needs the event that is not there.
    public var triggerWhere: ExplanationNode?
    /// The condition with its values; nil: none.
    public var condition: ExplanationNode?
    /// What the ledger has of the campaign for this customer, oldest first.
    public var past: [PastDecision]

    /// Explains `campaign` for a row, at the row's own clock.
    public init(
        row: CustomerRow, campaign index: Int, decider: Decider, now: Timestamp, fingerprint: String,
        past: [PastDecision]
    ) {
        let campaign = decider.active.rules.campaigns[index]
        let outlook = decider.outlook(ofCampaign: index, row: row)
        customer = row.customer
        self.campaign = campaign
        self.now = now
        self.fingerprint = fingerprint
        epoch = decider.active.epoch
        self.outlook = outlook
        let entry = outlook.entries.last?.entry.values ?? outlook.next?.values
        let context = decider.context(of: row, entry: entry)
        condition = campaign.condition.map { $0.explain(context) }
        switch campaign.trigger {
        case .event, .api: triggerWhere = nil
        default: triggerWhere = campaign.triggerWhere.map { $0.explain(context) }
        }
        self.past = past
    }

    /// The newest of the past that went out or was refused; nil: none.
    public var last: PastDecision? { past.last }
}

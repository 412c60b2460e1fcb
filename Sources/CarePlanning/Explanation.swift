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
        /// The epoch it was decided under.
        public var epoch: Int64
        /// The part of the policies that stopped it, `pause do-not-contact`; empty: none did.
        public var cause: String

        /// A row of the ledger.
        public init(
            now: Timestamp, due: Timestamp, occurrence: String, step: String, action: String, outcome: String,
            reason: String, delivery: String?, deliveryID: String, epoch: Int64 = 0, cause: String = ""
        ) {
            self.epoch = epoch
            self.cause = cause
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

    /// One gate with the values it saw.
    public struct Gate: Sendable, Hashable {
        /// The gate as it was asked.
        public var look: GateLook
        /// Its condition with values; nil: it has none, or was not reached.
        public var node: ExplanationNode?
    }

    /// The gates before one action that is held, in their order.
    public struct HeldAction: Sendable {
        /// The action and its entry.
        public var look: ActionLook
        /// Its gates.
        public var gates: [Gate]
    }

    /// A value that the campaign reads: as it was at a decision, and as it is now.
    public struct Input: Sendable, Hashable {
        /// The name that conditions read.
        public var name: String
        /// What it was; masked where it is personal.
        public var then: String
        /// What it is.
        public var now: String

        /// A value then and now, as people see it.
        public init(name: String, then: String, now: String) {
            self.name = name
            self.then = then
            self.now = now
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
    /// The actions that are held or in error, with the gates before each.
    public var held: [HeldAction]
    /// The gates that an occurrence would meet at entry now.
    public var atEntry: [Gate]
    /// The first gate that objects, to a held action or at entry; nil: none does.
    public var stopper: Gate?
    /// What would make the stopper's condition come out the other way.
    public var change: LeastChange?
    /// The values of the attributes and traits that ``change`` names, as they are; without one where it is missing.
    public var values: [String: String] = [:]
    /// What would become of the next occurrence if nothing changed: an outcome with its reason, `no match`; nil: there
    /// is none to foresee.
    public var foreseen: String?
    /// What the newest final decision rested on, beside now; empty: there is none.
    public var inputs: [Input] = []
    /// The newest event that the trigger asks for, where it began nothing; nil: there is none.
    public var eventLook: EventLook?
    /// Why nothing comes next; nil: something does, or a fact must come first.
    public var noOccurrence: NoOccurrence?
    /// Whether it is told as of an instant in the past, from what was known then.
    public var looksBack = false

    /// Explains `campaign` for a row, at the row's own clock.
    ///
    /// - Parameter foresees: whether the customer's future is run for ``foreseen``, which costs more than all the rest.
    public init(
        row: CustomerRow, campaign index: Int, decider: Decider, now: Timestamp, fingerprint: String,
        past: [PastDecision], showsPII: Bool = false, foresees: Bool = true
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
        condition = campaign.condition.map { $0.explain(context, showsPII: showsPII) }
        switch campaign.trigger {
        case .event, .api: triggerWhere = nil
        default: triggerWhere = campaign.triggerWhere.map { $0.explain(context, showsPII: showsPII) }
        }
        self.past = past

        func gate(_ look: GateLook, values: JSONObject?) -> Gate {
            guard look.state != .notReached, let condition = look.condition else { return Gate(look: look) }
            return Gate(
                look: look,
                node: condition.explain(decider.context(of: row, entry: values), showsPII: showsPII))
        }
        held = decider.looks(atActionsOf: index, row: row).map { look in
            HeldAction(look: look, gates: look.gates.map { gate($0, values: look.values) })
        }
        let values = outlook.next?.values ?? JSONObject()
        atEntry = decider.looks(atEntryOf: index, row: row, values: values).map { gate($0, values: values) }
        var stopValues: JSONObject? = values
        if let action = held.first(where: { $0.gates.contains(where: \.objects) }) {
            stopper = action.gates.first(where: \.objects)
            stopValues = action.look.values
        } else if held.isEmpty, outlook.entries.isEmpty {
            stopper = atEntry.first(where: \.objects)
        }
        if let stopper, let asked = stopper.look.condition, stopper.look.gate != "no_address" {
            let isPause = stopper.look.gate == "pause"
            change = LeastChange(
                asked, wanted: !isPause, decider.context(of: row, entry: isPause ? nil : stopValues))
        }
        for one in change?.changes ?? [] {
            let value: LogicValue
            let name: String
            switch one {
            case .attribute(let attribute, _, let index):
                name = attribute
                value = row.cache.attribute(index, schema: decider.active.rules.schema)
            case .trait(let trait, _, let index, _):
                name = trait
                let found = try? decider.active.rules.schema.trait(
                    index, in: row.cache, customer: row.customer, now: row.asOf, zone: outlook.zone)
                value = found?.value ?? .missing
            }
            if !value.isMissing { self.values[name] = value.text ?? value.jsonValue.canonicalText }
        }
        foreseen = foresees ? Self.foresee(campaign.identity, outlook, row, decider) : nil
        let isSpent = campaign.reentry == .once && campaign.entryKey == nil && !outlook.admitsEntry
        if !campaign.terms.isPaused,
            isSpent || (outlook.next == nil && campaign.trigger.hasInstants) || campaign.hasEnded(outlook, by: now)
        {
            noOccurrence = NoOccurrence(campaign, outlook, decider, now: now)
        }
    }

    /// Runs the customer's future up to the next occurrence, if that is at most 400 days ahead.
    private static func foresee(
        _ campaign: String, _ outlook: Outlook, _ row: CustomerRow, _ decider: Decider
    ) -> String? {
        guard let next = outlook.next, next.due < row.asOf.advanced(byMilliseconds: 400 * 86_400_000) else {
            return nil
        }
        let simulation = Simulation(
            decider: decider, from: row.asOf, until: next.due.advanced(byMilliseconds: 86_400_000))
        let forecast = simulation.forecast(row, wakeUp: decider.wakeUp(of: row))
        if let last = forecast.decisions.last(where: {
            $0.key.campaign == campaign && $0.key.occurrence == next.key
        }) {
            return last.outcome.rawValue + (last.reason.map { " " + $0.rawValue } ?? "")
        }
        return forecast.notMatching.contains(campaign) ? "no match" : nil
    }

    /// The newest of the past that went out or was refused; nil: none.
    public var last: PastDecision? { past.last }
}

extension Campaign {
    /// Whether its trigger counts no more.
    fileprivate func hasEnded(_ outlook: Outlook, by now: Timestamp) -> Bool {
        outlook.next == nil && terms.activeUntil.map { $0.instant(in: outlook.zone) <= now } ?? false
    }
}

extension Trigger {
    /// Whether time alone brings its occurrences.
    fileprivate var hasInstants: Bool {
        switch self {
        case .anniversary, .date, .holiday, .schedule, .inactivity: true
        case .event, .api, .change, .segment: false
        }
    }
}

extension Explanation.Gate {
    init(look: GateLook) { self.init(look: look, node: nil) }

    /// Whether it does not let through.
    public var objects: Bool {
        switch look.state {
        case .stopped, .error: true
        case .passed, .notReached: false
        }
    }
}

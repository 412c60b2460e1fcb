import CareDecisions
import CareLogic
import CareRules
import CareValues

/// How many customers each part of a campaign turns away: of its trigger, its conditions, its gates.
public struct Funnel: Sendable {
    /// What turned a customer away, in the order in which it is asked.
    public struct Stage: Sendable, Hashable, Comparable {
        /// The part: `trigger`, `where`, `condition`, `at entry`, `gates`, `act`.
        public enum Part: Int, Sendable, Comparable, CaseIterable {
            case trigger
            case whereFalse
            case condition
            case atEntry
            case gates
            case act

            public static func < (left: Part, right: Part) -> Bool { left.rawValue < right.rawValue }

            /// The part in the words of the rule files.
            public var text: String {
                switch self {
                case .trigger: "trigger"
                case .whereFalse: "where"
                case .condition: "condition"
                case .atEntry: "at entry"
                case .gates: "gates"
                case .act: "act"
                }
            }
        }
        /// The part of the campaign.
        public var part: Part
        /// The node or gate of it, as the rule file writes it; empty for an act.
        public var text: String

        public static func < (left: Stage, right: Stage) -> Bool {
            (left.part, left.text) < (right.part, right.text)
        }
    }

    /// How many customers ended at each.
    public private(set) var counts: [Stage: Int] = [:]
    /// How many customers were asked about.
    public private(set) var customers = 0

    /// Nobody was asked about.
    public init() {}

    /// Adds a customer that ended at `stage`.
    public mutating func add(_ stage: Stage) {
        counts[stage, default: 0] += 1
        customers += 1
    }

    /// Adds others.
    public mutating func merge(_ other: Funnel) {
        counts.merge(other.counts, uniquingKeysWith: +)
        customers += other.customers
    }

    /// How many get past a part.
    public func passing(_ part: Stage.Part) -> Int {
        counts.reduce(0) { $0 + ($1.key.part > part ? $1.value : 0) }
    }
}

/// Asks one campaign about one customer after another.
///
/// A campaign whose entries can be foreseen is asked by its forecast: the customer's first occurrence in the period. Any
/// other is asked as if it fired at the period's first instant; what its event would say is left out.
public struct FunnelAsker {
    private let decider: Decider
    private let index: Int
    private let campaign: Campaign
    private let from: Timestamp
    private let until: Timestamp

    /// An asker about the campaign at `index` of the decider's rules, for `[from, until)`.
    public init(decider: Decider, campaign index: Int, from: Timestamp, until: Timestamp) {
        self.decider = decider
        self.index = index
        campaign = decider.active.rules.campaigns[index]
        self.from = from
        self.until = until
    }

    /// Whether occurrences are foreseen; else it is asked as if it fired.
    public var isForeseen: Bool { PlanBasis(campaign.trigger).isForeseeable }

    /// Where the customer ends.
    ///
    /// - Parameters:
    ///   - row: the customer at the period's beginning.
    ///   - forecast: what the customer would get; only read where occurrences are foreseen.
    public func stage(_ row: CustomerRow, _ forecast: CustomerForecast) -> Funnel.Stage {
        isForeseen ? foreseen(row, forecast) : supposed(row)
    }

    private func foreseen(_ row: CustomerRow, _ forecast: CustomerForecast) -> Funnel.Stage {
        var refused: Funnel.Stage?
        for decision in forecast.lastDecisions where decision.key.campaign == campaign.identity {
            if decision.outcome == .act { return Funnel.Stage(part: .act, text: "") }
            if decision.isAlternative || decision.reason == .notChosen || refused != nil { continue }
            let part: Funnel.Stage.Part = decision.key.step.isEmpty ? .atEntry : .gates
            var text = decision.reason?.rawValue ?? decision.outcome.rawValue
            for kind in ["pause", "cap", "window"] {
                if case .string(let name)? = decision.inputs[kind] { text += " (\(name))" }
            }
            if decision.outcome == .hold { text += ", held at the end" }
            refused = Funnel.Stage(part: part, text: text)
        }
        if let refused { return refused }
        var row = row
        row.asOf = max(row.asOf, from)
        let outlook = decider.outlook(ofCampaign: index, row: row)
        if forecast.notMatching.contains(campaign.identity) || forecast.notMatching.contains(campaign.name) {
            if let due = outlook.next?.due, due < until { row.asOf = max(row.asOf, due) }
            let context = decider.context(of: row, entry: outlook.next?.values)
            return turnedAway(by: context) ?? Funnel.Stage(part: .condition, text: "at that instant")
        }
        guard let next = outlook.next else {
            let isMissing = outlook.watched?.isMissing ?? false
            return Funnel.Stage(part: .trigger, text: isMissing ? "\(watchedName) is missing" : "no instant to come")
        }
        return Funnel.Stage(part: .trigger, text: next.due >= until ? "later than the period" : "fires otherwise")
    }

    /// As if it fired now: the conditions, then the gates at entry, then those before the first action.
    private func supposed(_ row: CustomerRow) -> Funnel.Stage {
        var row = row
        row.asOf = max(row.asOf, from)
        let context = decider.context(of: row, entry: JSONObject())
        if let stage = turnedAway(by: context) { return stage }
        for look in decider.looks(atEntryOf: index, row: row, values: JSONObject()) where look.gate != "where" {
            if let text = Self.objection(look) { return Funnel.Stage(part: .atEntry, text: text) }
        }
        guard let step = campaign.steps.first, let action = step.actions.first else {
            return Funnel.Stage(part: .act, text: "")
        }
        let pending = Entry.PendingAction(
            step: step.name, action: action.name, due: row.asOf, rows: 0, reason: .paused, wakeUp: row.asOf,
            deadline: .distantFuture)
        row.memory.entries = [
            Entry(
                campaign: campaign.identity, occurrence: "", instant: row.asOf, eventTime: nil, values: JSONObject(),
                entryKey: "", todo: [step.name], done: [], pending: [pending])
        ]
        for look in decider.looks(atActionsOf: index, row: row).first?.gates ?? [] {
            if let text = Self.objection(look) { return Funnel.Stage(part: .gates, text: text) }
        }
        return Funnel.Stage(part: .act, text: "")
    }

    private static func objection(_ look: GateLook) -> String? {
        guard case .stopped(_, let reason, _) = look.state else { return nil }
        return reason.rawValue + (look.name.isEmpty ? "" : " (\(look.name))")
    }

    /// The node of `where` or the condition that is not true; nil: both are.
    private func turnedAway(by context: EvaluationContext) -> Funnel.Stage? {
        if let node = campaign.triggerWhere, !node.uses.event, let text = text(node, context) {
            return Funnel.Stage(part: .whereFalse, text: text)
        }
        if let node = campaign.condition, let text = text(node, context) {
            return Funnel.Stage(part: .condition, text: text)
        }
        return nil
    }

    private func text(_ expression: Expression, _ context: EvaluationContext) -> String? {
        let node = expression.explain(context)
        if node.value == .bool(true) { return nil }
        return Self.decisive(node, expression.source, decider.active.rules.schema)
    }

    private var watchedName: String {
        switch campaign.trigger {
        case .anniversary(let trigger): name(trigger.of)
        case .date(let trigger): name(trigger.of)
        case .inactivity(let trigger): "any " + trigger.types.joined(separator: ", ")
        case .holiday: "the region"
        default: "what it watches"
        }
    }

    private func name(_ value: WatchedValue) -> String {
        let schema = decider.active.rules.schema
        return switch value {
        case .attribute(let index): schema.attributes[index].name
        case .trait(let index): schema.traits[index].name
        }
    }

    // MARK: The node that decides

    private static let readings: Set<String> = [
        "var", "last", "first", "count", "sum", "avg", "distinct", "between",
    ]

    /// The deepest first node with the result of its parents, as the rule file has it, without the customer's values.
    private static func decisive(_ node: ExplanationNode, _ source: JSONValue, _ schema: Schema) -> String {
        for (position, child) in node.children.enumerated() where child.value == node.value {
            if node.label.hasPrefix("segment "), let index = schema.segmentIndex(String(node.label.dropFirst(8))) {
                return node.label + ": " + decisive(child, schema.segments[index].condition.source, schema)
            }
            let parts = operators(in: source)
            guard position < parts.count else { break }
            return decisive(child, parts[position], schema)
        }
        return plain(source) + (node.value.isMissing ? " is missing" : "")
    }

    /// The operands that are operators themselves.
    private static func operators(in source: JSONValue) -> [JSONValue] {
        guard case .object(let object) = source, let member = object.members.first else { return [] }
        let operands: [JSONValue] = if case .array(let list) = member.value { list } else { [member.value] }
        return operands.filter { operand in
            guard case .object(let part) = operand, let name = part.members.first?.name else { return false }
            return !readings.contains(name)
        }
    }

    /// `tier >= "gold"`
    private static func plain(_ source: JSONValue) -> String {
        guard case .object(let object) = source, let member = object.members.first else { return source.canonicalText }
        let operands: [JSONValue] = if case .array(let list) = member.value { list } else { [member.value] }
        if member.name == "var", case .string(let name)? = operands.first { return name }
        if member.name == "segment", case .string(let name)? = operands.first { return "segment " + name }
        let parts = operands.map(plain)
        if parts.count == 2, !member.name.contains(where: \.isLetter) {
            return "\(parts[0]) \(member.name) \(parts[1])"
        }
        return "\(member.name) \(parts.joined(separator: ", "))"
    }
}

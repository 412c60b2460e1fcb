import CareDecisions
import CareEngine
import CareLogic
import CarePlanning
import CareRules
import CareStore
import CareValues

/// Customers.
extension ConsoleModels {
    func customers(prefix: String, after: String?) throws -> CustomersModel {
        try look { look in
            let found = try look.store.customers(idPrefix: prefix, after: after, limit: Self.pageSize + 1)
            let columns = look.set.map { Self.columns($0.schema) } ?? []
            let rows = try found.prefix(Self.pageSize).map { stored in
                try row(stored, columns, look)
            }
            return CustomersModel(
                now: look.now, total: try look.store.customerCount, prefix: prefix, rows: rows,
                columns: columns.map(\.name), next: found.count > Self.pageSize ? rows.last?.id : nil,
                isFurther: after != nil)
        }
    }

    /// Three attributes that tell customers apart and are not personal: words first, then numbers and dates.
    private static func columns(_ schema: Schema) -> [(index: Int, name: String)] {
        func rank(_ type: AttributeType) -> Int {
            switch type.name {
            case "ordinal", "enum": 0
            case "language", "zone": 1
            case "number", "boolean": 2
            default: 3
            }
        }
        return schema.attributes.enumerated().filter { !$0.element.isPII }
            .sorted { (rank($0.element.type), $0.offset) < (rank($1.element.type), $1.offset) }
            .prefix(3).map { ($0.offset, $0.element.name) }
    }

    private func row(
        _ stored: StoredCustomer, _ columns: [(index: Int, name: String)], _ look: Look
    ) throws -> CustomersModel.Row {
        guard let rules = look.rules else {
            return CustomersModel.Row(id: stored.id, attributes: [], wakeUp: stored.wakeUp, entries: 0)
        }
        guard let (cache, entries) = try glance(at: stored, rules, look) else {
            return CustomersModel.Row(
                id: stored.id, attributes: [], wakeUp: stored.wakeUp, entries: 0, isUnreadable: true)
        }
        let schema = rules.current.active.rules.schema
        return CustomersModel.Row(
            id: stored.id,
            attributes: columns.compactMap { column in
                cache.attribute(column.index, schema: schema).text.map { (column.name, $0) }
            },
            wakeUp: stored.wakeUp, entries: entries)
    }

    /// Nil: what is stored of the customer cannot be read; the others can.
    private func glance(
        at stored: StoredCustomer, _ rules: RulesInForce, _ look: Look
    ) throws -> (cache: FactCache, entries: Int)? {
        do {
            return try rules.glance(at: stored, in: look.store)
        } catch  where UnreadableCustomer.isCause(of: error) {
            return nil
        }
    }

    /// Nil: there is no such customer, or no rules under which one could be looked at.
    func customer(
        _ id: String, isRevealed: Bool, older: CustomerReview.Older, kind: String?, _ voice: Voice
    ) throws -> CustomerModel? {
        try look { look in
            guard let rules = look.rules else { return nil }
            let review: CustomerReview
            do {
                review = try Explainer.review(
                    of: id, showsPII: isRevealed, older: older, limit: 40, under: rules, in: look.store,
                    realNow: source.clock.decisionNow)
            } catch Explainer.Refusal.unknownCustomer {
                return nil
            }
            let own = Voice(language: voice.language, zone: review.zone)
            let words = CampaignWords(voice: own, rules: rules.current.active.rules)
            return CustomerModel(
                review: review, campaigns: review.explanations.map(words.standing).sorted { $0.rank < $1.rank },
                isRevealed: isRevealed, names: look.names, isFurther: older.fact != nil || older.decision != nil,
                kind: kind.flatMap { CustomerTimeline.kinds.contains($0) ? $0 : nil })
        }
    }
}

extension CustomerModel.Campaign {
    /// What was decided or comes stands before what was not triggered.
    fileprivate var rank: Int {
        switch outcome {
        case .hold, .error: 0
        case .act, .due: 1
        case .suppress, .skip: 2
        case .none: 3
        }
    }
}

/// How a campaign stands for a customer, in short.
struct CampaignWords {
    var voice: Voice
    var rules: RuleSet

    func standing(_ explanation: Explanation) -> CustomerModel.Campaign {
        let campaign = explanation.campaign
        let starts = RuleWords(rules: rules, voice: voice).starts(campaign.trigger)
        let (outcome, reason, headline) = outcome(explanation)
        return CustomerModel.Campaign(
            explanation: explanation, outcome: outcome, reason: reason, headline: headline, starts: starts,
            next: next(explanation),
            isFar: outcome == .none && explanation.outlook.next == nil && explanation.past.isEmpty)
    }

    private func near(_ instant: Timestamp, _ explanation: Explanation) -> String {
        voice.near(instant, now: explanation.now)
    }

    private func outcome(_ explanation: Explanation) -> (ShownOutcome, String?, Markup) {
        if let action = explanation.held.first(where: { $0.gates.contains(where: \.objects) }),
            let gate = action.gates.first(where: \.objects)
        {
            let name = gate.look.name.isEmpty ? voice.gate(gate.look.gate) : gate.look.name
            switch gate.look.state {
            case .stopped(let outcome, let reason, _):
                let shown = ShownOutcome(rawValue: outcome.rawValue) ?? .hold
                return (shown, reason.rawValue, Parts.reason(reason.rawValue, voice) + .text(voice(Say.colon) + name))
            case .error(let message): return (.error, nil, .text(voice.evaluationError(message)))
            case .passed, .notReached: break
            }
        }
        if let running = explanation.outlook.entries.last(where: { $0.entry.lives }), let next = running.next {
            return (
                .due, nil, .text(voice(Say.headUnderWay, ["step": next.step, "time": near(next.due, explanation)]))
            )
        }
        if let last = explanation.past.last {
            let shown = ShownOutcome(rawValue: last.outcome) ?? .none
            if shown == .act { return (.act, nil, .text(voice(Say.headActed, ["time": near(last.now, explanation)]))) }
            let cause = last.cause.isEmpty ? .empty : Markup.text(voice(Say.colon) + voice.cause(last.cause))
            return (
                shown, last.reason,
                voice.markup(
                    Say.headStopped,
                    ["reason": Parts.reason(last.reason, voice) + cause, "time": .text(near(last.now, explanation))])
            )
        }
        if let node = explanation.condition, node.value != .bool(true) {
            return (.none, nil, .text(voice(Say.headCondition, ["node": decisive(node)])))
        }
        if case .missing(let name)? = explanation.noOccurrence {
            return (.none, nil, .text(voice(Say.headNoDate, ["name": name])))
        }
        if let next = explanation.outlook.next {
            return (.due, nil, .text(voice(Say.headDue, ["time": near(next.due, explanation)])))
        }
        return (.none, nil, .text(voice(Say.headNothing)))
    }

    /// The operator that makes a condition false: the first below that is not true.
    private func decisive(_ node: ExplanationNode) -> String {
        if let child = node.children.first(where: { $0.value != .bool(true) }), !child.label.isEmpty {
            return decisive(child)
        }
        return node.detail.isEmpty ? voice.label(node) : voice.label(node) + " " + voice.detail(node)
    }

    private func next(_ explanation: Explanation) -> Markup {
        if explanation.campaign.terms.isPaused { return .text(voice(Say.chancePaused)) }
        if let step = explanation.outlook.entries.compactMap(\.next).min(by: { $0.due < $1.due }) {
            return .text(
                step.step == "1"
                    ? near(step.due, explanation) : step.step + voice(Say.comma) + near(step.due, explanation))
        }
        if let next = explanation.outlook.next { return .text(near(next.due, explanation)) }
        if case .event(let types) = explanation.campaign.trigger {
            return .text(voice(Say.chanceEvent, ["types": types.joined(separator: " " + voice(Say.or) + " ")]))
        }
        return tag("span", "quiet") { voice(Say.chanceNone) }
    }
}

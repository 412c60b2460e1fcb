import CareDecisions
import CareLogic
import CareRules
import CareValues

/// What decided, in sentences, and the condition that did: what a failing test shows beside expected and got.
struct DecisionReasons {
    typealias Answer = (decided: [String], tree: (name: String, node: ExplanationNode)?)

    let taken: RuleTestRun.Taken
    /// Every act so far.
    let acts: [Decision]
    /// What was expected instead; nil: nothing.
    let expected: RuleTest.Expectation.Outcome?

    private var decision: Decision { taken.decision }
    private var rules: RuleSet { taken.decider.active.rules }
    private var campaign: Campaign? {
        rules.index(ofIdentity: decision.key.campaign).map { rules.campaigns[$0] }
    }
    private var step: Step? { campaign?.steps.first { $0.name == decision.key.step } }
    private var action: Action? { step?.actions.first { $0.name == decision.key.action } }
    private var context: EvaluationContext {
        let entry: JSONObject? = if case .object(let values)? = decision.inputs["entry"] { values } else { nil }
        return taken.decider.context(of: taken.row, entry: entry)
    }

    var answer: Answer {
        switch decision.reason {
        case nil: return unhindered
        case .paused: return pause
        case .frequencyCap: return (caps, nil)
        case .condition: return condition
        case .quietHours: return (["local time \(local(decision.now)) lies in the quiet hours"], nil)
        case .windowClosed: return (["the step's window is closed at \(local(decision.now))"], nil)
        case .noConsent: return (consents, nil)
        case .noAddress: return (["'to' has no value"], nil)
        case .tooLate: return (["due \(local(decision.due)), too late from \(local(decision.now)) on"], nil)
        case .exited: return exits
        case .reentry: return (["reentry: the campaign was entered before, and this entry is not admitted yet"], nil)
        case .excluded, .displaced:
            return (["group \(campaign?.gates.group ?? ""): at most one entry lives among its campaigns"], nil)
        case .holdout: return (["the customer belongs to the holdout"], nil)
        case .notChosen: return (["an alternative before it was chosen"], nil)
        case .evaluationError, .limitExceeded, .templateError:
            if case .string(let message)? = decision.inputs["error"] { return ([message], nil) }
            return ([], nil)
        default: return ([], nil)
        }
    }

    /// An act: why what was expected instead did not stop it.
    private var unhindered: Answer {
        guard case .decision(_, let reason)? = expected else { return (["no gate objected"], nil) }
        switch reason {
        case .frequencyCap:
            let caps = self.caps
            return (caps.isEmpty ? ["no cap binds it"] : caps, nil)
        case .paused: return pause
        case .condition: return condition
        case .noConsent: return (consents, nil)
        default: return (["no gate objected"], nil)
        }
    }

    private func local(_ instant: Timestamp) -> String {
        let local = context.zone.local(instant)
        return "\(local.date.text) \(local.time.text)"
    }

    private var pause: Answer {
        if decision.inputs["paused"] != nil { return (["the campaign is paused"], nil) }
        let named: String? = if case .string(let name)? = decision.inputs["pause"] { name } else { nil }
        let tags = campaign?.tags ?? []
        let fitting = rules.policies.pauses.filter { pause in
            pause.name == named || (named == nil && pause.tags.map { $0.contains(where: tags.contains) } ?? true)
        }
        guard let first = fitting.first else { return (["no pause concerns the campaign"], nil) }
        let plain = taken.decider.context(of: taken.row)
        return (["pause \(first.name)"], ("when", first.when.explain(plain)))
    }

    /// The conditions of the campaign, the step and the action, in the order in which they are asked: the first that is
    /// false; where none is, the last.
    private var condition: Answer {
        var last: (name: String, node: ExplanationNode)?
        for (name, expression) in [
            ("condition of the campaign", campaign?.condition), ("condition of the step", step?.condition),
            ("condition of the action", action?.condition),
        ] {
            guard let expression else { continue }
            let node = expression.explain(context)
            if !(node.value.truth ?? false) { return ([], (name, node)) }
            last = (name, node)
        }
        return (last == nil ? ["it has no condition"] : [], last)
    }

    private var exits: Answer {
        for exit in campaign?.exits ?? [] {
            guard case .condition(let expression) = exit else { continue }
            let node = expression.explain(context)
            if node.value.truth ?? false { return ([], ("exit condition", node)) }
        }
        return (["an event ended the entry"], nil)
    }

    private var consents: [String] {
        (action?.consents ?? []).map { attribute in
            let value = taken.row.cache.attribute(attribute, schema: rules.schema).text ?? "missing"
            return "\(rules.schema.attributes[attribute].name) is \(value)"
        }
    }

    /// Of each cap that binds the action: how much of it is taken and by what, and what has just left its period.
    private var caps: [String] {
        guard let campaign, let action, !campaign.gates.ignoresCaps else { return [] }
        let zone = context.zone
        var lines: [String] = []
        for cap in rules.policies.caps where cap.fits(tags: campaign.tags, destination: action.destination) {
            var counted: [Decision] = []
            var gone: [Decision] = []
            for act in acts where act.key.customer == decision.key.customer && act != decision {
                guard let index = rules.index(ofIdentity: act.key.campaign) else { continue }
                let other = rules.campaigns[index]
                guard other.gates.countsForCaps, cap.fits(tags: other.tags, destination: act.destination),
                    act.now <= decision.now, !isForStaff(act, other)
                else { continue }
                if cap.period.release(of: act.now, zone: zone) > decision.now {
                    counted.append(act)
                } else {
                    gone.append(act)
                }
            }
            let by = counted.map { "\($0.subject) \(local($0.now))" }.joined(separator: ", ")
            lines.append("cap \(cap.name): \(counted.count) of \(cap.max) taken" + (by.isEmpty ? "" : " (\(by))"))
            if let last = gone.last { lines.append(left(last, cap, zone)) }
        }
        return lines
    }

    private func isForStaff(_ act: Decision, _ campaign: Campaign) -> Bool {
        let step = campaign.steps.first { $0.name == act.key.step }
        return step?.actions.first { $0.name == act.key.action }?.audience == .staff
    }

    private func left(_ act: Decision, _ cap: FrequencyCap, _ zone: Zone) -> String {
        let end = local(cap.period.release(of: act.now, zone: zone))
        let since = "\(act.subject) of \(local(act.now)) is not counted any more from \(end) on"
        guard case .rolling(let duration) = cap.period else { return since }
        return duration.isWholeDays ? "\(since): \(duration.text) compares local dates" : since
    }
}

/// Why a campaign decided nothing for a customer.
struct AbsenceReasons {
    let row: CustomerRow
    let decider: Decider
    let campaign: String
    /// The look at the customer that led to no entry; nil: there was none.
    let passed: RuleTestRun.Passed?

    var answer: DecisionReasons.Answer {
        let rules = decider.active.rules
        guard let index = rules.index(ofCampaign: campaign) else { return (["the campaign is not active"], nil) }
        let campaign = rules.campaigns[index]
        let outlook = decider.outlook(ofCampaign: index, row: row)
        if let passed {
            let context = decider.context(of: row, event: passed.event)
            switch passed.outcome {
            case .whereFalse:
                return (["the trigger fired"], campaign.triggerWhere.map { ("where", $0.explain(context)) })
            default:
                return (["the trigger fired"], campaign.condition.map { ("condition", $0.explain(context)) })
            }
        }
        func local(_ instant: Timestamp) -> String {
            let local = outlook.zone.local(instant)
            return "\(local.date.text) \(local.time.text)"
        }
        for running in outlook.entries {
            if let pending = running.entry.pending.first {
                let until = pending.wakeUp < .distantFuture ? " until \(local(pending.wakeUp))" : ""
                return (["\(pending.step) is held (\(pending.reason.rawValue))\(until)"], nil)
            }
            if let next = running.next {
                return (
                    ["an entry of \(local(running.entry.instant)) runs: step \(next.step) is due \(local(next.due))"],
                    nil
                )
            }
        }
        if let next = outlook.next { return (["not due before \(local(next.due))"], nil) }
        var sentence = "the trigger has not fired, and no entry runs"
        if let mark = outlook.mark { sentence += "; the last began \(local(mark.lastEntry))" }
        return ([sentence], nil)
    }
}

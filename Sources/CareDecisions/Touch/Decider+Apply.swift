import CareValues

/// A decision of a saved plan: what somebody has looked at and wants carried out.
public struct PlannedDecision: Sendable, Hashable {
    /// Its key.
    public var key: DecisionKey
    /// How it is to end.
    public var outcome: Outcome
    /// Why, where it is no act.
    public var reason: Reason?
    /// What it is to order; nil unless it is an act.
    public var order: DeliveryOrder?

    /// A decision as a plan has it.
    public init(_ decision: Decision) {
        key = decision.key
        outcome = decision.outcome
        reason = decision.reason
        order = decision.order
    }

    /// A decision of a plan that was saved.
    public init(key: DecisionKey, outcome: Outcome, reason: Reason?, order: DeliveryOrder?) {
        self.key = key
        self.outcome = outcome
        self.reason = reason
        self.order = order
    }

    /// Whether a decision, taken again, ends as planned: outcome, reason and body. Until when it may be delivered is no
    /// part of the body.
    func isMet(by decision: Decision) -> Bool {
        guard decision.outcome == outcome, decision.reason == reason else { return false }
        guard let planned = order, let order = decision.order else { return order == nil && decision.order == nil }
        return planned.hasSameBody(as: order)
    }
}

/// What became of a key of a plan.
public enum ApplyAnswer: Sendable, Hashable {
    /// It was decided as planned.
    case applied(Decision)
    /// A gate holds it, or it could not be decided: not an end. It is approved, and goes on by itself.
    case held(Decision)
    /// Taken again it ends otherwise, as this decision says (nil: its `where` or condition is false). It was not taken,
    /// and stays due.
    case refused(Decision?)
    /// It is not due yet, or was decided before: the ledger knows which. Nothing was done.
    case passedOver
}

extension Decider {
    /// A touch that does only what a plan holds: what else is due stays due.
    ///
    /// Campaigns that need approval enter by this alone; their later steps follow by themselves. The actions of one step
    /// are decided together, so that one which ends otherwise than planned refuses the others of its step with it.
    ///
    /// - Returns: the customer after, what was decided, and what became of each key of the plan.
    public func apply(
        _ planned: [PlannedDecision], to row: CustomerRow, clock: Timestamp
    ) -> (row: CustomerRow, outcome: TouchOutcome, answers: [DecisionKey: ApplyAnswer]) {
        var answers: [DecisionKey: ApplyAnswer] = [:]
        var remaining = planned.filter { $0.key.customer == row.customer }
        while true {
            var session = Session(decider: self, row: row, clock: clock)
            session.takes = Takes(remaining.map(\.key))
            session.run(retryErrors: false)
            var (after, outcome) = session.finish()
            outcome.wakeUp = nextLook(at: after)
            let found = remaining.map { ($0, Self.answer(to: $0, outcome)) }
            let refused = found.filter { if case .refused = $0.1 { true } else { false } }
            guard !refused.isEmpty else {
                for (decision, answer) in found { answers[decision.key] = answer }
                return (after, outcome, answers)
            }
            // What is refused is not taken: the others are decided anew without it.
            for (decision, answer) in refused { answers[decision.key] = answer }
            for (decision, answer) in found where answers[decision.key] == nil {
                let isOfOneStep = refused.contains { other, _ in
                    other.key.campaign == decision.key.campaign && other.key.occurrence == decision.key.occurrence
                        && other.key.step == decision.key.step
                }
                guard isOfOneStep, answer != .passedOver else { continue }
                switch answer {
                case .applied(let taken), .held(let taken): answers[decision.key] = .refused(taken)
                case .refused, .passedOver: break
                }
            }
            remaining.removeAll { answers[$0.key] != nil }
        }
    }

    /// The next wake-up of a row on which something may be due still: what was passed over is due at once.
    private func nextLook(at row: CustomerRow) -> Timestamp? {
        var session = Session(decider: self, row: row, clock: row.asOf)
        session.lookAtWatches()
        let (candidate, wakeUp) = session.next()
        if candidate != nil { return row.asOf.advanced(byMilliseconds: 1) }
        return wakeUp == .distantFuture ? nil : wakeUp
    }

    private static func answer(to planned: PlannedDecision, _ outcome: TouchOutcome) -> ApplyAnswer {
        let key = planned.key
        if let decision = outcome.decisions.last(where: { $0.key == key }) {
            guard decision.outcome.isFinal else { return .held(decision) }
            return planned.isMet(by: decision) ? .applied(decision) : .refused(decision)
        }
        // The occurrence or its entry may have ended as a whole, or another alternative of its choice be held.
        let ofOccurrence = outcome.decisions.filter {
            $0.key.campaign == key.campaign && $0.key.occurrence == key.occurrence
        }
        if let held = ofOccurrence.last(where: { $0.key.step == key.step && !$0.outcome.isFinal }) {
            return .held(held)
        }
        if let ended = ofOccurrence.last(where: { $0.key.step.isEmpty || $0.key.step == key.step }) {
            return .refused(ended)
        }
        let name = DecidedOccurrence(campaign: key.campaign, occurrence: key.occurrence, due: .distantPast)
        return outcome.notMatching.contains(name) ? .refused(nil) : .passedOver
    }
}

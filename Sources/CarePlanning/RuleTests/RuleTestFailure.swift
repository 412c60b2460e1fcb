import CareDecisions
import CareLogic
import CareRules
import CareValues

/// One thing that was otherwise than a test expects.
package struct RuleTestFailure: Sendable {
    /// The line of the file that says what is expected.
    package var line: Int
    /// When it was decided, or should have been.
    package var at: Timestamp
    /// The test's zone, in which ``at`` is read.
    package var zone: Zone
    /// The customer.
    package var customer: String
    /// The campaign's identity.
    package var campaign: String
    /// The campaign, with step and action where one is meant: `win-back/hello`.
    package var subject: String
    /// `suppress frequency_cap`, or `nothing`.
    package var expected: String
    /// The same of what came.
    package var got: String
    /// What decided, in sentences.
    package var decided: [String]
    /// The condition that decided, with its values, and what it is called; nil: no condition did.
    package var tree: (name: String, node: ExplanationNode)?
}

extension RuleTestRun {
    /// What a line expects against what was decided since the line before.
    func failures(of line: RuleTest.Line) -> [RuleTestFailure] {
        var failures: [RuleTestFailure] = []
        // What was decided at an instant that no line names.
        var rest: [Taken] = []
        for taken in taken {
            if taken.at < line.at {
                failures.append(unexpected(taken, line))
            } else {
                rest.append(taken)
            }
        }
        var open: [RuleTest.Expectation] = []
        for expected in line.expected {
            if let place = rest.firstIndex(where: { expected.isAbout($0.decision) && expected.isMet(by: $0.decision) })
            {
                rest.remove(at: place)
            } else if !isMetByPassing(expected) {
                open.append(expected)
            }
        }
        for expected in open {
            if let place = rest.firstIndex(where: { expected.isAbout($0.decision) }) {
                failures.append(otherwise(expected, rest.remove(at: place), line))
            } else {
                failures.append(missing(expected, line))
            }
        }
        return failures + rest.map { unexpected($0, line) }
    }

    private func isMetByPassing(_ expected: RuleTest.Expectation) -> Bool {
        passed.contains {
            $0.customer == expected.customer && $0.campaign == expected.identity && $0.outcome == expected.outcome
        }
    }

    // MARK: The three ways to be wrong

    private func otherwise(
        _ expected: RuleTest.Expectation, _ taken: Taken, _ line: RuleTest.Line
    ) -> RuleTestFailure {
        let decision = taken.decision
        var failure = RuleTestFailure(
            line: expected.line, at: decision.now, zone: test.zone, customer: expected.customer,
            campaign: expected.identity, subject: decision.subject, expected: expected.outcomeText,
            got: decision.outcomeText, decided: [])
        if expected.hasOutcome(of: decision) {
            // The same decision, another message.
            let (wanted, came) = expected.difference(from: decision)
            failure.expected = "act \(wanted)"
            failure.got = "act \(came)"
            return failure
        }
        let reasons = DecisionReasons(taken: taken, acts: acts, expected: expected.outcome)
        (failure.decided, failure.tree) = reasons.answer
        return failure
    }

    private func unexpected(_ taken: Taken, _ line: RuleTest.Line) -> RuleTestFailure {
        let decision = taken.decision
        var failure = RuleTestFailure(
            line: line.line, at: decision.now, zone: test.zone, customer: decision.key.customer,
            campaign: decision.key.campaign, subject: decision.subject, expected: "nothing", got: decision.outcomeText,
            decided: [])
        (failure.decided, failure.tree) = DecisionReasons(taken: taken, acts: acts, expected: nil).answer
        return failure
    }

    private func missing(_ expected: RuleTest.Expectation, _ line: RuleTest.Line) -> RuleTestFailure {
        var failure = RuleTestFailure(
            line: expected.line, at: line.at, zone: test.zone, customer: expected.customer,
            campaign: expected.identity, subject: expected.subject, expected: expected.outcomeText, got: "nothing",
            decided: [])
        guard let row = lives.first(where: { $0.id == expected.customer })?.row else {
            failure.decided = ["nobody has heard of customer \(expected.customer) yet"]
            return failure
        }
        (failure.decided, failure.tree) =
            AbsenceReasons(
                row: row, decider: decider, campaign: expected.campaign,
                passed: passed.first { $0.customer == expected.customer && $0.campaign == expected.identity }
            ).answer
        return failure
    }
}

extension RuleTest.Expectation {
    /// Whether the decision is one of what is expected here, however it ended.
    func isAbout(_ decision: Decision) -> Bool {
        let key = decision.key
        guard key.campaign == identity, key.customer == customer else { return false }
        guard let step else {
            // Without a step: at entry and at the end of an entry, or the only step, which has no name.
            return key.step.isEmpty || key.step == "1"
        }
        return key.step == step && (action == nil || key.action == action)
    }

    /// Whether it ended as expected, the message aside.
    func hasOutcome(of decision: Decision) -> Bool {
        outcome == .decision(decision.outcome, decision.reason)
    }

    /// Whether it is the decision that is expected.
    func isMet(by decision: Decision) -> Bool {
        guard hasOutcome(of: decision) else { return false }
        if let destination, decision.destination != destination { return false }
        if let address, decision.order?.address != address { return false }
        if let type, decision.order?.type != type { return false }
        if let data, decision.order?.data.canonicalText != data.canonicalText { return false }
        return missingMember(in: decision) == nil
    }

    /// The first of ``dataIncludes`` that the message's data has not, or has otherwise.
    private func missingMember(in decision: Decision) -> (name: String, value: JSONValue)? {
        guard let dataIncludes else { return nil }
        guard case .object(let data)? = decision.order?.data else { return dataIncludes.members.first }
        return dataIncludes.members.first { data[$0.name]?.canonicalText != $0.value.canonicalText }
    }

    /// The first part of the message that is not as expected, as expected and as it came.
    func difference(from decision: Decision) -> (expected: String, got: String) {
        if let destination, decision.destination != destination {
            return ("send \(destination)", "send \(decision.destination)")
        }
        let order = decision.order
        if let address, order?.address != address { return ("to \(address)", "to \(order?.address ?? "nobody")") }
        if let type, order?.type != type { return ("type \(type)", "type \(order?.type ?? "none")") }
        if let (name, value) = missingMember(in: decision) {
            let came: JSONValue? = if case .object(let object)? = order?.data { object[name] } else { nil }
            let member = { (value: JSONValue) in "data " + JSONWriter.text(.object([name: value])) }
            return (member(value), came.map(member) ?? "no \(name) in its data")
        }
        guard let data else { return ("", "") }
        return ("data " + JSONWriter.text(data), "data " + JSONWriter.text(order?.data ?? .null))
    }
}

extension Decision {
    /// `win-back/hello`, with the action unless it is the step's first without a name.
    var subject: String {
        var parts = [key.campaign]
        if !key.step.isEmpty { parts.append(key.step) }
        if !key.action.isEmpty, key.action != "1" { parts.append(key.action) }
        return parts.joined(separator: "/")
    }

    /// `suppress frequency_cap`
    var outcomeText: String { outcome.rawValue + (reason.map { " " + $0.rawValue } ?? "") }
}

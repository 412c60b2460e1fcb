import CareDecisions
import CareDispatch
import CareEngine
import CarePlanning
import CareRules
import CareValues

/// `care apply`: what was carried out, what was refused and what moved, what is still to come.
struct ApplyView {
    let summary: PlanApplier.Summary
    let file: String
    let clock: Timestamp
    let zone: Zone
    let rules: RuleSet
    let showsPII: Bool
    let listsAll: Bool
    /// What was delivered; nil: nothing was tried.
    let dispatch: DispatchSummary?

    private static let listed = 20
    private var time: TimeText { TimeText(zone: zone) }

    func text(_ style: Style) -> String {
        let words: [(Outcome, String)] = [(.act, "act"), (.suppress, "suppressed"), (.skip, "skipped")]
        let parts = words.compactMap { outcome, word in summary.applied[outcome].map { "\(grouped($0)) \(word)" } }
        var first =
            "Applied \(grouped(summary.appliedCount)) of \(counted(summary.planned, "decision"))"
            + (parts.isEmpty ? "." : ": \(parts.joined(separator: ", ")) as planned.")
        var rest: [String] = []
        if summary.refused > 0 { rest.append("\(grouped(summary.refused)) refused") }
        if summary.held > 0 { rest.append("\(grouped(summary.held)) held: they go out when their gate opens") }
        if summary.alreadyDone > 0 { rest.append("\(grouped(summary.alreadyDone)) already done") }
        if summary.left > 0 { rest.append("\(grouped(summary.left)) left by --max") }
        if summary.unreadable > 0 {
            rest.append("\(grouped(summary.unreadable)) left, as their customer cannot be read: care doctor")
        }
        if summary.notDue > 0 { rest.append("\(grouped(summary.notDue)) not due yet") }
        if !rest.isEmpty { first += " " + rest.joined(separator: ", ") + "." }
        var lines = [style.bold(first)]
        if summary.isInterrupted { lines.append("Interrupted: apply again to go on where it ended.") }
        let ended = summary.work.decisions.filter { $0.key.isFinal }.values.reduce(0, +) - summary.appliedCount
        if ended > 0 {
            lines.append("\(counted(ended, "decision")) besides: what the activation of these rules ended.")
        }
        if let next = summary.nextDue {
            lines.append(
                "Next due \(time.full(next)) \(zone.name): apply again then, or once with --when-due beside a service.")
        }
        lines += refusals
        if let dispatch {
            let waiting = dispatch.waiting.reduce(0) { $0 + $1.count }
            let dead = dispatch.dead.values.reduce(0, +)
            lines.append(
                "Delivered \(grouped(dispatch.delivered))" + (waiting > 0 ? "; \(grouped(waiting)) wait" : "")
                    + (dead > 0 ? "; \(grouped(dead)) dead" : "") + ".")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var refusals: [String] {
        var table = Table([.left, .left, .left, .left])
        let shown = listsAll ? summary.refusals[...] : summary.refusals.prefix(Self.listed)
        for refusal in shown {
            let key = refusal.planned.key
            let step = key.step.isEmpty || key.step == "1" ? "" : "/" + key.step
            table.add([
                key.customer, name(key) + step, "\(planned(refusal)) → \(now(refusal))", moved(refusal),
            ])
        }
        var lines = table.lines()
        if summary.refused > shown.count {
            lines.append("  \(grouped(summary.refused - shown.count)) more\(listsAll ? "" : ": add --all")")
        }
        return lines
    }

    private func name(_ key: DecisionKey) -> String {
        rules.index(ofIdentity: key.campaign).map { rules.campaigns[$0].name } ?? key.campaign
    }

    private func planned(_ refusal: PlanApplier.Refusal) -> String {
        refusal.planned.outcome.rawValue + (refusal.planned.reason.map { " " + $0.rawValue } ?? "")
    }

    private func now(_ refusal: PlanApplier.Refusal) -> String {
        switch refusal.now {
        case .decided(.act, _, _) where refusal.planned.outcome == .act: "act with another body"
        case .decided(let outcome, let reason, let cause):
            outcome.rawValue + (reason.map { " " + $0.rawValue } ?? "") + (cause.isEmpty ? "" : " (\(cause))")
        case .notMatching: "no match"
        case .gone: "not due any more"
        case .noCustomer: "no such customer"
        }
    }

    /// `doNotContact true, Thu 1 Oct 08:57`
    private func moved(_ refusal: PlanApplier.Refusal) -> String {
        guard let fact = refusal.fact else { return "" }
        let what: String
        switch fact {
        case .event(let event): what = event.type
        case .attributes(let fact):
            what = fact.values.members.map { name, value in
                let isPersonal =
                    rules.schema.attributeIndex(name).map { rules.schema.attributes[$0].isPII } ?? false
                let text = if case .string(let text) = value { text } else { JSONWriter.text(value) }
                return "\(name) \(isPersonal && !showsPII ? PersonalText.masked(text) : text)"
            }.joined(separator: ", ")
        }
        return "\(what), \(time.short(fact.receivedAt))"
    }

    var json: JSONValue {
        func number(_ count: Int) -> JSONValue { .number(Double(count)) }
        let refusals = summary.refusals.map { refusal in
            JSONValue.object(
                JSONObject(uniqueMembers: [
                    ("customer", .string(refusal.planned.key.customer)),
                    ("campaign", .string(name(refusal.planned.key))),
                    (
                        "occurrence",
                        .string(
                            showsPII
                                ? refusal.planned.key.occurrence
                                : Mask.occurrence(refusal.planned.key.occurrence, rules.schema))
                    ),
                    ("step", .string(refusal.planned.key.step)), ("action", .string(refusal.planned.key.action)),
                    ("planned", .string(planned(refusal))), ("now", .string(now(refusal))),
                    ("moved", refusal.fact == nil ? .null : .string(moved(refusal))),
                ]))
        }
        return .object(
            JSONObject(uniqueMembers: [
                ("clock", .string(clock.iso8601)), ("timeZone", .string(zone.name)),
                ("planned", number(summary.planned)), ("applied", number(summary.appliedCount)),
                ("act", number(summary.applied[.act] ?? 0)), ("suppress", number(summary.applied[.suppress] ?? 0)),
                ("skip", number(summary.applied[.skip] ?? 0)), ("held", number(summary.held)),
                ("alreadyDone", number(summary.alreadyDone)), ("notDue", number(summary.notDue)),
                ("left", number(summary.left)),
                ("unreadable", number(summary.unreadable)), ("refused", number(summary.refused)),
                ("nextDue", summary.nextDue.map { .string($0.iso8601) } ?? .null),
                ("interrupted", .bool(summary.isInterrupted)),
                ("delivered", dispatch.map { number($0.delivered) } ?? .null), ("refusals", .array(refusals)),
            ]))
    }
}

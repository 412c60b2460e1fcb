import CareDecisions
import CareLogic
import CarePlanning
import CareRules
import CareStore
import CareValues

/// `care explain`: the answer, then trigger, condition with its values, entry, entries that run, what comes next.
struct ExplainView {
    let explanation: Explanation
    let schema: Schema
    var showsPII = false

    private var zone: Zone { explanation.outlook.zone }
    private var time: TimeText { TimeText(zone: zone) }

    func text(_ style: Style) -> String {
        let outlook = explanation.outlook
        var lines = [style.bold(headline), ""]
        lines.append(
            "\(explanation.customer) · \(zone.name) · as of \(time.full(explanation.now)) · rules "
                + "\(explanation.fingerprint.prefix(12)) (epoch \(explanation.epoch))")
        if let name = unknownZone {
            lines.append("There is no time zone '\(name)': wall times are those of \(zone.name).")
        }
        var tree = TextTree()
        tree.add(
            TextTree.Branch(
                "trigger", TriggerText(explanation: explanation, schema: schema, showsPII: showsPII).text, triggerState)
        )
        if let node = explanation.eventLook?.triggerWhere ?? explanation.triggerWhere {
            tree.add(TextTree.Branch("where", node))
        }
        if let node = explanation.eventLook?.condition { tree.add(TextTree.Branch("condition then", node)) }
        if let node = explanation.condition { tree.add(TextTree.Branch("condition", node)) }
        tree.add(TextTree.Branch("at entry", reentry, outlook.admitsEntry ? "would pass" : "reentry"))
        for running in outlook.entries { tree.add(entry(running)) }
        for action in explanation.held { tree.add(GateBranches(action: action, time: time).branch) }
        for waiting in outlook.waiting {
            let cause =
                waiting.cause.isError
                ? "\(waiting.reason.rawValue), given up \(time.full(waiting.deadline))"
                : waiting.cause == .approval ? "for approval" : "for the next pass"
            tree.add(
                TextTree.Branch(
                    "waiting", "occurrence \(shown(waiting.occurrence.key)), due \(time.full(waiting.occurrence.due))",
                    cause))
        }
        lines += tree.lines
        lines += advice
        lines += inputs
        lines += ledger
        lines += next
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: The answer

    /// `Sent Thu 1 Jan 1998 09:00: …`, `Not sent: …`, `Not yet: …`
    var headline: String {
        guard let last = explanation.last else {
            if let running = explanation.outlook.entries.last, let next = running.next {
                return
                    "Under way since \(time.full(running.entry.instant)): step \(next.step) is due \(time.full(next.due))."
            }
            if let look = explanation.eventLook { return "Not entered: \(sentence(look))." }
            if let next = explanation.outlook.next { return "Not yet: due \(time.full(next.due))." }
            return "Nothing so far: \(explanation.campaign.name) has not looked at this customer."
        }
        let when = time.full(last.now)
        let step = last.step.isEmpty || last.step == "1" ? "" : " (\(last.step))"
        let reason = last.reason + (last.cause.isEmpty ? "" : " (\(last.cause))")
        switch last.outcome {
        case Outcome.act.rawValue: return acted(last, "\(when)\(step)")
        case Outcome.suppress.rawValue: return "Not sent: suppressed \(when)\(step): \(reason)."
        case Outcome.skip.rawValue: return "Not sent: skipped \(when)\(step): \(reason)."
        case Outcome.hold.rawValue: return "Not sent yet: held since \(when)\(step): \(reason)."
        default: return "Not sent yet: error \(when)\(step): \(reason); it is tried again."
        }
    }

    /// The customer's zone attribute where it names no zone.
    private var unknownZone: String? {
        guard let name = explanation.outlook.unknownZone, let index = schema.zoneAttribute else { return nil }
        return schema.attributes[index].isPII && !showsPII ? PersonalText.masked(name) : name
    }

    private func sentence(_ look: EventLook) -> String {
        let event = "the last \(look.event.type), \(time.full(look.event.receivedAt)),"
        switch look.answer {
        case .where: return "\(event) did not meet the trigger's where"
        case .condition: return "when \(event) came, the condition was not met"
        case .before: return "\(event) came before the campaign was as it is, or while its trigger did not count"
        case .history: return "\(event) was taken in as history, which starts nothing"
        }
    }

    private func sentence(_ reason: NoOccurrence) -> String {
        switch reason {
        case .enteredOnce: "it is entered once"
        case .ended(let until): "its trigger counts no more since \(time.full(until))"
        case .missing(let name): "\(name) is missing"
        case .yearIsMissing(let name): "\(name) has no year, and without it no day in another calendar"
        case .unknownRegion(let code): "no holidays of a region '\(code)' are known; care holidays lists the regions"
        case .notKept(let holiday, let region): "\(region) does not keep \(holiday) in the years to come"
        case .over(let name): "\(name) is over; another value of it would be another occurrence"
        case .fired: "this silence has fired; the next begins with the next event"
        case .none: "no day of it comes in the years that can be reckoned"
        }
    }

    /// What became of an act: only what the receiver has was sent.
    private func acted(_ past: Explanation.PastDecision, _ when: String) -> String {
        guard let delivery = past.delivery else { return "Sent \(when): no gate objected." }
        let state = DeliveryState(rawValue: String(delivery.prefix { $0 != " " }))
        switch state {
        case .waiting?, .sending?:
            return "To be sent: decided \(when), no gate objected; the delivery is \(delivery)."
        case .parked?: return "Not delivered yet: decided \(when), no gate objected; the delivery is \(delivery)."
        case .dead?, .cancelled?:
            return "Not delivered: decided \(when), no gate objected; the delivery is \(delivery)."
        case .delivered?, nil: return "Sent \(when): no gate objected; \(delivery)."
        }
    }

    private var triggerState: String {
        let outlook = explanation.outlook
        if let look = explanation.eventLook {
            return "the last came \(time.full(look.event.receivedAt)) "
                + "(\(CanonicalJSON.array(of: [look.event.source, look.event.id])))"
        }
        if let last = explanation.last,
            let due = explanation.past.last(where: { $0.occurrence == last.occurrence })?.due
        {
            return "fired \(time.full(due)) (\(shown(last.occurrence)))"
        }
        if let entry = outlook.entries.last?.entry {
            return "fired \(time.full(entry.instant)) (\(shown(entry.occurrence)))"
        }
        return outlook.next == nil ? "has not fired" : "has not fired yet"
    }

    /// An occurrence's key as people may see it.
    private func shown(_ occurrence: String) -> String {
        showsPII ? occurrence : Mask.occurrence(occurrence, schema)
    }

    private var reentry: String {
        let mark = explanation.outlook.mark.map { ", last entry \(time.full($0.lastEntry))" } ?? ", never entered"
        switch explanation.campaign.reentry {
        case .always: return "reentry always\(mark)"
        case .once: return "reentry once\(mark)"
        case .afterExit: return "reentry afterExit\(mark)"
        case .cooldown(let duration, let since):
            return "reentry cooldown \(duration.text) since \(since.rawValue)\(mark)"
        }
    }

    private func entry(_ running: Outlook.RunningEntry) -> TextTree.Branch {
        let entry = running.entry
        var branch = TextTree.Branch("entry", "since \(time.full(entry.instant)) (\(shown(entry.occurrence)))", "")
        for done in entry.done {
            branch.children.append(TextTree.Branch("step " + done.name, "", "ended \(time.full(done.endedAt))"))
        }
        for name in entry.todo {
            let due =
                entry.isUnderWay(name)
                ? "waits for its held actions"
                : running.next?.step == name ? running.next.map { "due \(time.full($0.due))" } : nil
            branch.children.append(TextTree.Branch("step " + name, "", due ?? "to do"))
        }
        for pending in entry.pending {
            let next = pending.wakeUp < pending.deadline ? "tried again \(time.full(pending.wakeUp)), " : ""
            branch.children.append(
                TextTree.Branch(
                    "action \(pending.step)/\(pending.action)",
                    (pending.reason.isOfHolds ? "held: " : "") + pending.reason.rawValue,
                    pending.deadline == .distantFuture
                        ? "until the campaign is no longer paused"
                        : "\(next)given up \(time.full(pending.deadline))"))
        }
        return branch
    }

    // MARK: What would have to be otherwise

    private var advice: [String] {
        let text = ExplainAdvice(explanation: explanation, schema: schema, time: time, showsPII: showsPII)
        return text.lines.isEmpty ? [] : [""] + text.lines
    }

    /// What the newest final decision rested on, then and now.
    private var inputs: [String] {
        guard !explanation.inputs.isEmpty, let last = explanation.past.last(where: { $0.outcome != "hold" }) else {
            return []
        }
        var table = Table([.left, .left, .left])
        table.add(["", "then", "now"])
        for input in explanation.inputs { table.add([input.name, input.then, input.now]) }
        return ["", "As it was \(time.full(last.now)) (epoch \(last.epoch)), from the facts known then"] + table.lines()
    }

    // MARK: Past and future

    private var ledger: [String] {
        guard !explanation.past.isEmpty else { return [] }
        var table = Table([.left, .left, .left, .left, .left])
        for past in explanation.past.suffix(10) {
            let step = past.step.isEmpty ? "at entry" : past.action == "1" ? past.step : "\(past.step)/\(past.action)"
            table.add([
                time.full(past.now), past.outcome + (past.reason.isEmpty ? "" : " \(past.reason)"), step,
                shown(past.occurrence),
                past.delivery.map { "\($0) \(past.deliveryID.prefix(12))" } ?? "",
            ])
        }
        let older = explanation.past.count - 10
        return ["", "From the ledger" + (older > 0 ? " (\(older) older rows not shown)" : "")] + table.lines()
    }

    private var next: [String] {
        var table = Table([.left, .left])
        if explanation.campaign.terms.isPaused {
            table.add(["Next chance:", "none while it is paused; what it has begun waits"])
        } else if let reason = explanation.noOccurrence {
            table.add(["Next chance:", "none: \(sentence(reason))"])
        } else if let next = explanation.outlook.next {
            let foreseen = explanation.foreseen.map { "; as things are: \($0)" } ?? ""
            table.add(["Next chance:", "occurrence \(shown(next.key)), \(time.full(next.due))\(foreseen)"])
        } else {
            switch explanation.campaign.trigger {
            case .event(let types): table.add(["Next chance:", "when \(types.joined(separator: " or ")) comes"])
            case .change(let change): table.add(["Next chance:", "when \(change.name) changes"])
            case .api: table.add(["Next chance:", "when it is called"])
            case .segment(let segment): table.add(["Next chance:", "when \(segment.name) is \(segment.edge.rawValue)"])
            case .anniversary, .date, .holiday, .schedule, .inactivity: break
            }
        }
        if explanation.outlook.start > .distantPast {
            table.add(["Active since:", time.full(explanation.outlook.start) + "; nothing due before it fires"])
        }
        return [""] + table.lines(indent: "")
    }

    // MARK: JSON

    var json: JSONValue {
        let outlook = explanation.outlook
        let past = explanation.past.map { past in
            JSONValue.object(
                JSONObject(uniqueMembers: [
                    ("now", .string(past.now.iso8601)), ("due", .string(past.due.iso8601)),
                    ("occurrence", .string(shown(past.occurrence))), ("step", .string(past.step)),
                    ("action", .string(past.action)),
                    ("outcome", .string(past.outcome)), ("reason", .string(past.reason)),
                    ("delivery", past.delivery == nil ? .null : .string(past.deliveryID)),
                    ("state", past.delivery.map(JSONValue.string) ?? .null),
                ]))
        }
        let entries = outlook.entries.map { running in
            JSONValue.object(
                JSONObject(uniqueMembers: [
                    ("occurrence", .string(shown(running.entry.occurrence))),
                    ("since", .string(running.entry.instant.iso8601)),
                    ("done", .array(running.entry.done.map { .string($0.name) })),
                    ("todo", .array(running.entry.todo.map(JSONValue.string))),
                    ("next", running.next.map { .string($0.due.iso8601) } ?? .null),
                ]))
        }
        let members: [(name: String, value: JSONValue)] = [
            ("answer", .string(headline)), ("customer", .string(explanation.customer)),
            ("campaign", .string(explanation.campaign.name)), ("now", .string(explanation.now.iso8601)),
            ("timeZone", .string(zone.name)), ("unknownTimeZone", unknownZone.map(JSONValue.string) ?? .null),
            ("fingerprint", .string(explanation.fingerprint)),
            ("epoch", .number(Double(explanation.epoch))),
            ("where", (explanation.eventLook?.triggerWhere ?? explanation.triggerWhere)?.json ?? .null),
            ("condition", explanation.condition?.json ?? .null),
            ("admitsEntry", .bool(outlook.admitsEntry)), ("entries", .array(entries)), ("ledger", .array(past)),
            ("nextOccurrence", outlook.next.map { .string($0.key) } ?? .null),
            ("nextDue", outlook.next.map { .string($0.due.iso8601) } ?? .null),
            ("activeSince", .string(outlook.start.iso8601)),
        ]
        return .object(JSONObject(uniqueMembers: members + gates))
    }

    /// The gates, what objects, and what would have to be otherwise.
    private var gates: [(name: String, value: JSONValue)] {
        let advice = ExplainAdvice(explanation: explanation, schema: schema, time: time, showsPII: showsPII)
        let inputs = explanation.inputs.map { input -> JSONValue in
            .object(["name": .string(input.name), "then": .string(input.then), "now": .string(input.now)])
        }
        var stopper = JSONValue.null
        if let gate = explanation.stopper { stopper = GateBranches.json(gate) }
        var foreseen = JSONValue.null
        if let text = explanation.foreseen { foreseen = .string(text) }
        return [
            ("gates", GateBranches.json(explanation.held)), ("atEntry", GateBranches.json(explanation.atEntry)),
            ("stoppedBy", stopper), ("change", advice.json), ("inputs", .array(inputs)), ("foreseen", foreseen),
        ]
    }
}

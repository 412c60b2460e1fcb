import CareLogic
import CareRules
import CareValues

/// What is decided together: one action, or a choice of which one is done.
struct ActionPlace {
    /// The place of its entry in the memory.
    var entry: Int
    var campaign: Campaign
    var step: Step
    /// Places in the step's actions.
    var unit: Range<Int>
    /// The due instant of its step.
    var due: Timestamp
    /// When it is too late; nil: never.
    var limit: Timestamp?
    /// How long it has lain in a paused campaign, in milliseconds.
    var pausedFor: Int64 = 0
}

extension Session {
    /// The gates of one action after those it shares with its step, in their order; of a choice, for the first action
    /// that condition, consent and address allow.
    ///
    /// - Parameter previous: what the action was before it is tried again; nil: this is the first time.
    mutating func decide(_ place: ActionPlace, verdict: StepVerdict, before previous: Entry.PendingAction?) {
        // What concerns the choice as a whole stands under the name last held, else the first.
        let named =
            place.unit.first { place.step.actions[$0].name == previous?.action } ?? place.unit.lowerBound
        let action = place.step.actions[named]
        switch verdict {
        case .tooLate: return finish(place, action, Stop(outcome: .skip, reason: .tooLate))
        case .skip: return finish(place, action, Stop(outcome: .skip, reason: .condition))
        case .error(let error):
            return err(place, action, reason: error.reason, explanation: error.message, before: previous)
        case .endEntry: preconditionFailure("an entry that ends decides no action")
        case .proceed: choose(place, before: previous)
        }
    }

    private mutating func choose(_ place: ActionPlace, before previous: Entry.PendingAction?) {
        var refused: [(action: Action, stop: Stop)] = []
        for position in place.unit {
            let action = place.step.actions[position]
            do {
                let context = self.context(entry: row.memory.entries[place.entry].values)
                switch try admission(of: action, context) {
                case .stopped(let stop):
                    refused.append((action, stop))
                case .admitted(let address):
                    var stop = try policyStop(place, action, context)
                    if let stop, stop.outcome == .hold { return hold(place, action, stop, before: previous) }
                    // The holdout comes last, also after the data, so that its members are those who would have
                    // been sent.
                    let data = stop == nil ? try filled(action.data, in: context) : .null
                    if stop == nil { stop = HoldoutGate.stop(place.campaign, customer: row.customer) }
                    for (action, stop) in refused { finish(place, action, stop) }
                    if let stop {
                        finish(place, action, stop)
                    } else {
                        act(place, action, address: address, data: data)
                    }
                    for rest in place.unit where rest > position {
                        finish(place, place.step.actions[rest], Stop(outcome: .suppress, reason: .notChosen))
                    }
                    return
                }
            } catch let error as LogicError {
                return err(place, action, reason: error.reason, explanation: error.message, before: previous)
            } catch FillingFailure.missing(let path) {
                return err(
                    place, action, reason: .templateError, explanation: "{{\(path)}} has no value", before: previous)
            } catch FillingFailure.logic(let error) {
                return err(place, action, reason: error.reason, explanation: error.message, before: previous)
            } catch {
                preconditionFailure("no other error is thrown here")
            }
        }
        for (action, stop) in refused { finish(place, action, stop) }
    }

    /// The data of an act; where acts are only counted, whether there would be any.
    private func filled(
        _ data: DataTemplate, in context: EvaluationContext
    ) throws(FillingFailure) -> JSONValue {
        guard onlyCounts else { return try data.filled(in: context) }
        try data.check(in: context)
        return .null
    }

    private enum Admission {
        case admitted(address: String)
        case stopped(Stop)
    }

    /// The action's own condition · no_consent · no_address.
    private func admission(of action: Action, _ context: EvaluationContext) throws(LogicError) -> Admission {
        if let condition = action.condition, try !condition.isTrue(context).isTrue {
            return .stopped(Stop(outcome: .skip, reason: .condition, isAlternative: true))
        }
        if let stop = ConsentGate.stop(action, cache: row.cache, schema: schema) { return .stopped(stop) }
        guard let to = action.to else { return .admitted(address: "") }
        guard let address = try to.evaluate(context).value.text, !address.isEmpty else {
            return .stopped(Stop(outcome: .suppress, reason: .noAddress))
        }
        return .admitted(address: address)
    }

    /// Pauses · window · quiet hours · caps.
    private func policyStop(
        _ place: ActionPlace, _ action: Action, _ context: EvaluationContext
    ) throws(LogicError)
        -> Stop?
    {
        let campaign = place.campaign
        let living = livingZone(campaign)
        if let stop = try PauseGate.stop(
            decider.policies.pauses, campaign, action, context.ofCustomerOnly(in: living))
        {
            return stop
        }
        if let window = place.step.window,
            let stop = WindowGate.stop(decider.active.hours(of: window, customer: living), now: row.asOf)
        {
            return stop
        }
        if let stop = QuietHoursGate.stop(decider.policies.quietHours, campaign, action, now: row.asOf, zone: living) {
            return stop
        }
        // The periods of caps are the customer's, whatever campaign asks.
        return FrequencyCapGate.stop(
            decider.policies.caps, campaign, action, acts: row.acts, now: row.asOf, zone: customerZone)
    }

    // MARK: What becomes of it

    private mutating func act(_ place: ActionPlace, _ action: Action, address: String, data: JSONValue) {
        let campaign = row.memory.entries[place.entry].campaign
        let entryKey = row.memory.entries[place.entry].entryKey
        record(
            key: key(of: row.memory.entries[place.entry], step: place.step.name, action: action.name), outcome: .act,
            reason: nil, number: 0,
            due: place.due, destination: action.destination,
            order: onlyCounts
                ? nil
                : DeliveryOrder(
                    destination: action.destination, address: address, type: action.type, data: data,
                    expiresAt: place.limit,
                    quietTimes: QuietHoursGate.times(
                        decider.policies.quietHours, place.campaign, action, zone: livingZone(place.campaign)),
                    consents: action.audience == .customer ? action.consents.map { schema.attributes[$0].name } : []),
            inputs: inputs(entry: row.memory.entries[place.entry].values))
        let now = row.asOf
        mark(campaign: campaign, entryKey: entryKey) { $0.lastAct = now }
        if decider.actDays > 0, action.audience == .customer, place.campaign.gates.countsForCaps {
            row.acts.add(tags: place.campaign.tags, destination: action.destination, at: now)
        }
    }

    /// Records a final decision that is not an act.
    private mutating func finish(_ place: ActionPlace, _ action: Action, _ stop: Stop) {
        let entry = row.memory.entries[place.entry]
        record(
            key: key(of: entry, step: place.step.name, action: action.name), outcome: stop.outcome,
            reason: stop.reason, number: 0, due: place.due, destination: action.destination, order: nil,
            inputs: inputs(entry: entry.values, cause: stop.cause))
        outcome.decisions[outcome.decisions.count - 1].isAlternative = stop.isAlternative
    }

    /// Holds an action until its gate opens or it is given up, whichever comes first.
    private mutating func hold(
        _ place: ActionPlace, _ action: Action, _ stop: Stop, before previous: Entry.PendingAction?
    ) {
        let deadline = LatenessGate.deadline(
            limit: place.limit, due: place.due, zone: zone, pausedFor: place.pausedFor)
        // An action without lateness that comes after its deadline may go out at once, but not wait.
        guard deadline > row.asOf else { return finish(place, action, Stop(outcome: .skip, reason: .tooLate)) }
        let values = row.memory.entries[place.entry].values
        keep(
            place, action, outcome: .hold, reason: stop.reason, wakeUp: min(stop.release, deadline),
            deadline: deadline, inputs: inputs(entry: values, cause: stop.cause), before: previous)
    }

    /// Holds an action while its campaign is paused: no gate is asked, and nothing is given up.
    mutating func holdWhilePaused(_ place: ActionPlace, before previous: Entry.PendingAction?) {
        let named = place.unit.first { place.step.actions[$0].name == previous?.action } ?? place.unit.lowerBound
        let values = row.memory.entries[place.entry].values
        keep(
            place, place.step.actions[named], outcome: .hold, reason: .paused, wakeUp: .distantFuture,
            deadline: .distantFuture,
            inputs: inputs(entry: values, cause: Stop.Cause(kind: "paused", name: "campaign")), before: previous)
    }

    /// Keeps an action that could not be decided, to be tried again.
    private mutating func err(
        _ place: ActionPlace, _ action: Action, reason: Reason, explanation: String,
        before previous: Entry.PendingAction?
    ) {
        let deadline = LatenessGate.deadline(
            limit: place.limit, due: place.due, zone: zone, pausedFor: place.pausedFor)
        var inputs = self.inputs(entry: row.memory.entries[place.entry].values)
        inputs["error"] = .string(explanation)
        keep(
            place, action, outcome: .error, reason: reason, wakeUp: deadline, deadline: deadline, inputs: inputs,
            before: previous)
    }

    /// A row is written only when reason or wake-up differ from the last one. A choice stays under the name of its last
    /// row until then.
    private mutating func keep(
        _ place: ActionPlace, _ action: Action, outcome: Outcome, reason: Reason, wakeUp: Timestamp,
        deadline: Timestamp, inputs: JSONObject, before previous: Entry.PendingAction?
    ) {
        let entry = row.memory.entries[place.entry]
        var name = action.name
        var rows = previous?.rows ?? 0
        if let previous, previous.reason == reason, previous.wakeUp == wakeUp {
            name = previous.action
        } else {
            rows += 1
            record(
                key: key(of: entry, step: place.step.name, action: name), outcome: outcome, reason: reason,
                number: rows, due: place.due, destination: action.destination, order: nil, inputs: inputs)
        }
        row.memory.entries[place.entry].pending.append(
            Entry.PendingAction(
                step: place.step.name, action: name, due: place.due, rows: rows, reason: reason, wakeUp: wakeUp,
                deadline: deadline, pausedFor: place.pausedFor))
        // Else nothing asks for it.
        if retriesErrors { retried.insert(key(of: entry, step: place.step.name, action: name)) }
    }
}

extension EvaluationContext {
    /// The same customer at the same instant on its own clock, without the entry at hand: what policies read.
    fileprivate func ofCustomerOnly(in zone: Zone) -> EvaluationContext {
        EvaluationContext(schema: schema, cache: cache, customer: customer, now: now, zone: zone)
    }
}

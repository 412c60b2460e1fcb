import CareLogic
import CareRules
import CareValues

extension Session {
    /// When a step is due, reckoned anew each time, so that a moved zone or an edited wait counts at once; nil while
    /// the step it waits for has not ended.
    func due(ofStep position: Int, of entry: Entry, campaign: Campaign) -> Timestamp? {
        let step = campaign.steps[position]
        let complete: Timestamp
        switch step.wait {
        case .sinceEntry(let duration):
            complete = zone.advance(entry.instant, by: duration)
        case .after(let duration):
            guard let anchor = self.anchor(ofStep: position, of: entry, campaign: campaign) else { return nil }
            complete = zone.advance(anchor, by: duration)
        case .none:
            guard let anchor = self.anchor(ofStep: position, of: entry, campaign: campaign) else { return nil }
            complete = anchor
        }
        guard let at = step.at else { return complete }
        return zone.firstInstant(ofWallTime: at, atOrAfter: complete)
    }

    /// The instant at which the nearest step before `position` that the entry does or did has ended; the entry's own
    /// where there is none; nil while that step is still to do.
    private func anchor(ofStep position: Int, of entry: Entry, campaign: Campaign) -> Timestamp? {
        for earlier in campaign.steps[..<position].reversed() {
            if let done = entry.done.first(where: { $0.name == earlier.name }) { return done.endedAt }
            if entry.todo.contains(earlier.name) { return nil }
        }
        return entry.instant
    }

    /// What the gates that all actions of a step share say.
    private enum StepVerdict {
        case proceed
        case tooLate
        case endEntry(Reason)
        case skip
        case error(LogicError)
    }

    /// Gates of §5.5, per action, in their order, as far as they are the same for every action of the step:
    /// too_late · exited · condition (the campaign's, then the step's).
    private func verdict(on step: Step, of entry: Entry, campaign: Campaign, limit: Timestamp?) -> StepVerdict {
        if let limit, limit <= row.asOf { return .tooLate }
        if exitConditionHolds(entry, campaign: campaign) { return .endEntry(.exited) }
        do {
            if let condition = campaign.condition, try !condition.isTrue(context(entry: entry.values)).isTrue {
                return .endEntry(.condition)
            }
            if let condition = step.condition, try !condition.isTrue(context(entry: entry.values)).isTrue {
                return .skip
            }
            return .proceed
        } catch {
            return .error(error)
        }
    }

    /// Runs a step whose wait is over.
    mutating func runStep(entry index: Int, campaign campaignIndex: Int, step position: Int, due: Timestamp) {
        let campaign = rules.campaigns[campaignIndex]
        let step = campaign.steps[position]
        let limit = LatenessGate.limit(of: campaign, due: due, isFirstStep: position == 0, zone: zone)
        let entry = row.memory.entries[index]
        let verdict = self.verdict(on: step, of: entry, campaign: campaign, limit: limit)
        if case .endEntry(let reason) = verdict {
            end(entryAt: index, reason: reason)
            return
        }
        for action in step.actions {
            decide(action, of: step, entry: index, verdict: verdict, due: due, limit: limit, errored: nil)
        }
        row.memory.entries[index].todo.removeAll { $0 == step.name }
        row.memory.entries[index].done.append(Entry.DoneStep(name: step.name, endedAt: row.asOf))
        dropIfOver(entryAt: index)
    }

    /// Tries an errored action again, through the whole list.
    mutating func retryAction(entry index: Int, campaign campaignIndex: Int, errored position: Int) {
        let campaign = rules.campaigns[campaignIndex]
        let entry = row.memory.entries[index]
        let errored = entry.errored[position]
        retried.insert(key(of: entry, step: errored.step, action: errored.action))
        guard let stepPosition = campaign.steps.firstIndex(where: { $0.name == errored.step }),
            let action = campaign.steps[stepPosition].actions.first(where: { $0.name == errored.action })
        else { return }
        let step = campaign.steps[stepPosition]
        // What was errored has a deadline even where its step has no lateness.
        let verdict = self.verdict(on: step, of: entry, campaign: campaign, limit: errored.deadline)
        if case .endEntry(let reason) = verdict {
            end(entryAt: index, reason: reason)
            return
        }
        let limit = LatenessGate.limit(of: campaign, due: errored.due, isFirstStep: stepPosition == 0, zone: zone)
        row.memory.entries[index].errored.remove(at: position)
        decide(action, of: step, entry: index, verdict: verdict, due: errored.due, limit: limit, errored: errored)
        dropIfOver(entryAt: index)
    }

    private mutating func decide(
        _ action: Action, of step: Step, entry index: Int, verdict: StepVerdict, due: Timestamp, limit: Timestamp?,
        errored: Entry.ErroredAction?
    ) {
        let entry = row.memory.entries[index]
        let key = self.key(of: entry, step: step.name, action: action.name)
        func refuse(_ session: inout Session, _ outcome: Outcome, _ reason: Reason) {
            session.record(
                key: key, outcome: outcome, reason: reason, number: 0, due: due, destination: action.destination,
                order: nil, inputs: session.inputs(entry: entry.values))
        }
        switch verdict {
        case .tooLate:
            return refuse(&self, .skip, .tooLate)
        case .skip:
            return refuse(&self, .skip, .condition)
        case .error(let error):
            return err(
                key, of: index, reason: error.reason, explanation: error.message, due: due, limit: limit,
                destination: action.destination, errored: errored)
        case .endEntry:
            preconditionFailure("an entry that ends decides no action")
        case .proceed:
            break
        }
        let context = self.context(entry: entry.values)
        do {
            if let condition = action.condition, try !condition.isTrue(context).isTrue {
                refuse(&self, .skip, .condition)
                outcome.decisions[outcome.decisions.count - 1].isAlternative = true
                return
            }
            var address = ""
            if let to = action.to {
                guard let text = try to.evaluate(context).value.text else {
                    return refuse(&self, .suppress, .noAddress)
                }
                address = text
            }
            let data = try action.data.filled(in: context)
            record(
                key: key, outcome: .act, reason: nil, number: 0, due: due, destination: action.destination,
                order: DeliveryOrder(
                    destination: action.destination, address: address, type: action.type, data: data,
                    expiresAt: limit),
                inputs: inputs(entry: entry.values))
            let now = row.asOf
            mark(campaign: entry.campaign, entryKey: entry.entryKey) { $0.lastAct = now }
        } catch let error as LogicError {
            err(
                key, of: index, reason: error.reason, explanation: error.message, due: due, limit: limit,
                destination: action.destination, errored: errored)
        } catch FillingFailure.missing(let path) {
            err(
                key, of: index, reason: .templateError, explanation: "{{\(path)}} has no value", due: due,
                limit: limit, destination: action.destination, errored: errored)
        } catch FillingFailure.logic(let error) {
            err(
                key, of: index, reason: error.reason, explanation: error.message, due: due, limit: limit,
                destination: action.destination, errored: errored)
        } catch {
            preconditionFailure("no other error is thrown here")
        }
    }

    /// Records an error once while its reason stays, and keeps the action to be tried again.
    private mutating func err(
        _ key: DecisionKey, of index: Int, reason: Reason, explanation: String, due: Timestamp, limit: Timestamp?,
        destination: String, errored: Entry.ErroredAction?
    ) {
        let entry = row.memory.entries[index]
        let rows = errored?.rows ?? 0
        let isNews = errored?.reason != reason
        if isNews {
            var inputs = self.inputs(entry: entry.values)
            inputs["error"] = .string(explanation)
            record(
                key: key, outcome: .error, reason: reason, number: rows + 1, due: due, destination: destination,
                order: nil, inputs: inputs)
        }
        row.memory.entries[index].errored.append(
            Entry.ErroredAction(
                step: key.step, action: key.action, due: due, rows: rows + (isNews ? 1 : 0), reason: reason,
                deadline: LatenessGate.deadline(limit: limit, due: due, zone: zone)))
        retried.insert(key)
    }

    func key(of entry: Entry, step: String, action: String) -> DecisionKey {
        DecisionKey(
            campaign: entry.campaign, customer: row.customer, occurrence: entry.occurrence, step: step,
            action: action)
    }

    /// Ends an entry at once: one `skip` row for each action still errored, or one for the entry if there is none.
    mutating func end(entryAt index: Int, reason: Reason) {
        let entry = row.memory.entries.remove(at: index)
        if entry.errored.isEmpty {
            record(
                key: key(of: entry, step: "", action: ""), outcome: .skip, reason: reason, number: 0, due: row.asOf,
                destination: "", order: nil, inputs: inputs(entry: entry.values))
        }
        for errored in entry.errored {
            record(
                key: key(of: entry, step: errored.step, action: errored.action), outcome: .skip, reason: reason,
                number: 0, due: errored.due, destination: "", order: nil, inputs: inputs(entry: entry.values))
        }
    }

    /// Forgets an entry whose steps have all ended and that has nothing to try again.
    private mutating func dropIfOver(entryAt index: Int) {
        let entry = row.memory.entries[index]
        if !entry.lives && entry.errored.isEmpty { row.memory.entries.remove(at: index) }
    }
}

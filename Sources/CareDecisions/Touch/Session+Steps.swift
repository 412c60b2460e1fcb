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
            complete = end(of: duration, since: entry.instant, step, campaign)
        case .after(let duration):
            guard let anchor = self.anchor(ofStep: position, of: entry, campaign: campaign) else { return nil }
            complete = end(of: duration, since: anchor, step, campaign)
        case .none:
            guard let anchor = self.anchor(ofStep: position, of: entry, campaign: campaign) else { return nil }
            complete = anchor
        }
        // In this order: the wait, `at`, and the opening of the window.
        guard let window = step.window else {
            guard let at = step.at else { return complete }
            return zone.firstInstant(ofWallTime: at, atOrAfter: complete)
        }
        let hours = decider.active.hours(of: window, customer: livingZone(campaign))
        guard let at = step.at else { return hours.opening(atOrAfter: complete) }
        return hours.firstInstant(ofWallTime: at, atOrAfter: complete, clock: zone)
    }

    /// When a wait is over; with `countIn` it counts only while that window is open.
    private func end(of wait: ISODuration, since anchor: Timestamp, _ step: Step, _ campaign: Campaign) -> Timestamp {
        guard let window = step.countIn else { return zone.advance(anchor, by: wait) }
        return decider.active.hours(of: window, customer: livingZone(campaign))
            .instant(countingFrom: anchor, milliseconds: wait.milliseconds)
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
    enum StepVerdict {
        case proceed
        case tooLate
        case endEntry(Reason)
        case skip
        case error(LogicError)
    }

    /// The first gates per action, as far as they are the same for every action of the step: too_late · exited ·
    /// condition (the campaign's, then the step's).
    ///
    /// - Parameter matches: whether the campaign's condition is known to hold.
    private func verdict(
        on step: Step, of entry: Entry, campaign index: Int, limit: Timestamp?, matches: Bool = false
    ) -> StepVerdict {
        if let limit, limit <= row.asOf { return .tooLate }
        if exitConditionHolds(entry, campaign: decider.campaigns[index]) { return .endEntry(.exited) }
        do {
            if !matches, try !holds(decider.conditionPlaces[index].condition, entry: entry.values) {
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

    /// Runs the first step of the entry that `occurrence` has just begun, where it waits for nothing and is next in the
    /// order of decisions: its place there is that of the occurrence, before which there was nothing.
    mutating func runFirstStepAtOnce(of occurrence: Occurrence, campaign index: Int) {
        guard decider.firstStepFollows[index], case .everything = takes, occurrence.due == occurrence.instant,
            row.memory.overdue.isEmpty,
            // A row may be ahead of a clock that was set back: the step waits for the clock.
            occurrence.due <= clock,
            // A touch that comes late decides as of its clock.
            row.asOf >= clock || clock.milliseconds(since: occurrence.due) <= Self.grace
        else { return }
        runStep(
            entry: row.memory.entries.count - 1, campaign: index, step: 0, due: occurrence.due, hasJustBegun: true)
    }

    /// Runs a step whose wait is over. It has ended when each action is final or an error; held ones keep it open.
    ///
    /// - Parameter hasJustBegun: whether the entry has begun with nothing in between, and the campaign's condition holds.
    mutating func runStep(
        entry index: Int, campaign campaignIndex: Int, step position: Int, due: Timestamp, hasJustBegun: Bool = false
    ) {
        let campaign = decider.campaigns[campaignIndex]
        let step = campaign.steps[position]
        let limit = LatenessGate.limit(of: campaign, due: due, isFirstStep: position == 0, zone: zone)
        if campaign.terms.isPaused {
            for unit in step.units {
                holdWhilePaused(
                    ActionPlace(entry: index, campaign: campaign, step: step, unit: unit, due: due, limit: limit),
                    before: nil)
            }
            return
        }
        let verdict = self.verdict(
            on: step, of: row.memory.entries[index], campaign: campaignIndex, limit: limit, matches: hasJustBegun)
        if case .endEntry(let reason) = verdict {
            end(entryAt: index, reason: reason)
            return
        }
        for unit in step.units {
            let place = ActionPlace(entry: index, campaign: campaign, step: step, unit: unit, due: due, limit: limit)
            decide(place, verdict: verdict, before: nil)
        }
        endStepIfDecided(step.name, ofEntryAt: index)
    }

    /// Tries a pending action again, through the whole list; of a choice, the choice is made anew.
    mutating func retryAction(entry index: Int, campaign campaignIndex: Int, pending position: Int) {
        let campaign = decider.campaigns[campaignIndex]
        let entry = row.memory.entries[index]
        let pending = entry.pending[position]
        let key = self.key(of: entry, step: pending.step, action: pending.action)
        if retriesErrors { retried.insert(key) }
        guard let stepPosition = campaign.steps.firstIndex(where: { $0.name == pending.step }),
            let unit = campaign.steps[stepPosition].unit(ofAction: pending.action)
        else {
            // An edit takes such an action away when it is activated; should one be left, it must not be tried for ever.
            row.memory.entries[index].pending.remove(at: position)
            record(
                key: key, outcome: .skip, reason: .campaignRemoved, number: 0, due: pending.due, destination: "",
                order: nil, inputs: inputs(entry: entry.values))
            endStepIfDecided(pending.step, ofEntryAt: index)
            return
        }
        let step = campaign.steps[stepPosition]
        let limit = LatenessGate.limit(of: campaign, due: pending.due, isFirstStep: stepPosition == 0, zone: zone)
        // What is pending has a deadline even where its step has no lateness.
        let deadline = LatenessGate.deadline(
            limit: limit, due: pending.due, zone: zone, pausedFor: pending.pausedFor)
        let place = ActionPlace(
            entry: index, campaign: campaign, step: step, unit: unit, due: pending.due, limit: limit,
            pausedFor: pending.pausedFor)
        if campaign.terms.isPaused {
            row.memory.entries[index].pending.remove(at: position)
            holdWhilePaused(place, before: pending)
            return
        }
        let verdict = self.verdict(on: step, of: entry, campaign: campaignIndex, limit: deadline)
        if case .endEntry(let reason) = verdict {
            end(entryAt: index, reason: reason)
            return
        }
        row.memory.entries[index].pending.remove(at: position)
        decide(place, verdict: verdict, before: pending)
        endStepIfDecided(step.name, ofEntryAt: index)
    }

    /// Ends a step that waits for nothing any more, and forgets an entry whose steps have all ended and that has
    /// nothing to try again.
    private mutating func endStepIfDecided(_ name: String, ofEntryAt index: Int) {
        if row.memory.entries[index].todo == [name], row.memory.entries[index].pending.isEmpty {
            row.memory.entries.remove(at: index)
            return
        }
        if row.memory.entries[index].todo.contains(name), !row.memory.entries[index].isUnderWay(name) {
            row.memory.entries[index].end(step: name, at: row.asOf)
        }
        if !row.memory.entries[index].lives && row.memory.entries[index].pending.isEmpty {
            row.memory.entries.remove(at: index)
        }
    }

    /// Ends an entry at once: one `skip` row for each action still held or errored, or one for the entry if there is
    /// none.
    mutating func end(entryAt index: Int, reason: Reason) {
        let entry = row.memory.entries.remove(at: index)
        if entry.pending.isEmpty {
            record(
                key: key(of: entry, step: "", action: ""), outcome: .skip, reason: reason, number: 0, due: row.asOf,
                destination: "", order: nil, inputs: inputs(entry: entry.values))
        }
        for pending in entry.pending {
            record(
                key: key(of: entry, step: pending.step, action: pending.action), outcome: .skip, reason: reason,
                number: 0, due: pending.due, destination: "", order: nil, inputs: inputs(entry: entry.values))
        }
    }

    func key(of entry: Entry, step: String, action: String) -> DecisionKey {
        DecisionKey(
            campaign: entry.campaign, customer: row.customer, occurrence: entry.occurrence, step: step,
            action: action)
    }
}

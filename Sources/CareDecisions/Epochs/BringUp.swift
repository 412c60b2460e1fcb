import CareLogic
import CareRules
import CareValues

extension Decider {
    /// Brings a row of the epoch before `next`'s up to `next`'s, as of its activation.
    ///
    /// What was due before the activation is decided under the old rules; then entries go on under the new ones by
    /// the names of campaigns and steps, and what could not be decided is tried again.
    ///
    /// - Parameters:
    ///   - cache: the customer's facts as of the activation in `next`'s layout; nil: the row's own fits.
    ///   - acts: the acts before `row.asOf` that `next`'s caps count, needed where they look further back than this
    ///     decider's; nil: the row's own suffice.
    ///   - history: what is stored of the customer, needed where ``backfillsEventsFrom`` of `next` is not nil.
    ///   - look: what is known of the customer in a period from the activation on: no wake-up is told for what does not lie
    ///     in it.
    public func bringUp(
        _ row: consuming CustomerRow, to next: Decider, cache: FactCache?, acts: CountedActs? = nil,
        history: BackfillHistory = BackfillHistory(), look: PeriodLook? = nil
    ) -> (
        row: CustomerRow, outcome: TouchOutcome
    ) {
        let instant = next.active.activatedAt
        var (row, before) = row.asOf < instant ? touch(row, clock: instant) : (row, TouchOutcome())
        if let cache { row.cache = cache }
        if var acts {
            for decision in before.decisions { acts.add(decision, under: active.rules) }
            row.acts = acts
        }
        var session = Session(decider: next, row: row, clock: max(instant, row.asOf))
        session.row.asOf = max(instant, row.asOf)
        session.countPause(under: active)
        session.carryOverEntries(from: active.rules)
        let members = session.membersBefore(active.rules)
        // What is watched anew, or by another definition, begins as it is; the rest may have turned by the activation.
        let known = Set(watches.map { [UInt64($0.kind.rawValue), $0.definitionHash] })
        session.rememberSilently { !known.contains([UInt64($0.kind.rawValue), $0.definitionHash]) }
        session.backfill(members: members, history: history)
        if let look { session.foresee(look) }
        session.run(retryErrors: true)
        let (after, outcome) = session.finish()
        before.decisions += outcome.decisions
        before.entered += outcome.entered
        before.whereFalse += outcome.whereFalse
        before.conditionFalse += outcome.conditionFalse
        before.passedOver.merge(outcome.passedOver, uniquingKeysWith: +)
        before.goals += outcome.goals
        before.wakeUp = outcome.wakeUp
        return (after, before)
    }
}

extension Session {
    /// What has lain in a paused campaign until now is not charged with that time, where it has no lateness.
    mutating func countPause(under old: ActiveRules) {
        guard !row.memory.entries.isEmpty || !row.memory.waiting.isEmpty else { return }
        func isPaused(_ identity: String) -> Bool {
            old.rules.index(ofIdentity: identity).map { old.rules.campaigns[$0].terms.isPaused } ?? false
        }
        func length(since due: Timestamp) -> Int64 {
            max(0, row.asOf.milliseconds(since: max(old.activatedAt, due)))
        }
        for entry in row.memory.entries.indices where isPaused(row.memory.entries[entry].campaign) {
            for action in row.memory.entries[entry].pending.indices {
                row.memory.entries[entry].pending[action].pausedFor += length(
                    since: row.memory.entries[entry].pending[action].due)
            }
        }
        for index in row.memory.waiting.indices where isPaused(row.memory.waiting[index].occurrence.campaign) {
            row.memory.waiting[index].pausedFor += length(since: row.memory.waiting[index].occurrence.due)
        }
    }

    /// Carries entries and waiting occurrences over to this session's rules, by name.
    mutating func carryOverEntries(from old: RuleSet) {
        var index = 0
        while index < row.memory.entries.count {
            guard let campaign = rules.index(ofIdentity: row.memory.entries[index].campaign) else {
                end(entryAt: index, reason: .campaignRemoved)
                continue
            }
            let before = old.index(ofIdentity: row.memory.entries[index].campaign).map { old.campaigns[$0] }
            carryOver(entryAt: index, to: rules.campaigns[campaign], from: before)
            let entry = row.memory.entries[index]
            if !entry.lives && entry.pending.isEmpty {
                row.memory.entries.remove(at: index)
            } else {
                index += 1
            }
        }
        let rules = self.rules
        let removed = row.memory.waiting.filter { rules.index(ofIdentity: $0.occurrence.campaign) == nil }
        row.memory.waiting.removeAll { rules.index(ofIdentity: $0.occurrence.campaign) == nil }
        let delayed = row.memory.delayed.filter { rules.index(ofIdentity: $0.occurrence.campaign) == nil }
        row.memory.delayed.removeAll { rules.index(ofIdentity: $0.occurrence.campaign) == nil }
        for occurrence in removed.map(\.occurrence) + delayed.map(\.occurrence) {
            recordAtEntry(occurrence, outcome: .skip, reason: .campaignRemoved)
        }
    }

    private mutating func carryOver(entryAt index: Int, to campaign: Campaign, from old: Campaign?) {
        var entry = row.memory.entries[index]
        let names = campaign.steps.map(\.name)
        entry.todo.removeAll { !names.contains($0) }
        // An entry whose steps had all ended is over; an edit does not call it back.
        if row.memory.entries[index].lives {
            let firstNew = placeAfterLastDone(of: entry, names: names, old: old)
            for name in names[firstNew...] where !entry.todo.contains(name) {
                if !entry.done.contains(where: { $0.name == name }) { entry.todo.append(name) }
            }
        }
        let gone = entry.pending.filter { pending in
            !campaign.steps.contains { $0.name == pending.step && $0.unit(ofAction: pending.action) != nil }
        }
        entry.pending.removeAll { gone.contains($0) }
        // A step that waited for nothing but what is gone has ended: it is not begun anew.
        for name in Set(gone.map(\.step)) where entry.todo.contains(name) && !entry.isUnderWay(name) {
            entry.end(step: name, at: row.asOf)
        }
        row.memory.entries[index] = entry
        for pending in gone {
            record(
                key: key(of: entry, step: pending.step, action: pending.action), outcome: .skip,
                reason: .campaignRemoved, number: 0, due: pending.due, destination: "", order: nil,
                inputs: inputs(entry: entry.values))
        }
    }

    /// The position from which on a new step is added to an entry: after the step last done, or after its old place
    /// when its name is gone; 0 when none was done.
    private func placeAfterLastDone(of entry: Entry, names: [String], old: Campaign?) -> Int {
        guard let last = entry.done.last else { return 0 }
        if let position = names.firstIndex(of: last.name) { return position + 1 }
        guard let old, let oldPosition = old.steps.firstIndex(where: { $0.name == last.name }) else {
            return names.count
        }
        // Its old place: as far behind the nearest step before it whose name is still there as it was. What stands at
        // that place now is taken for the same step under another name, and is not added.
        for (earlier, step) in old.steps[..<oldPosition].enumerated().reversed() {
            if let position = names.firstIndex(of: step.name) {
                return min(names.count, position + oldPosition - earlier + 1)
            }
        }
        return min(names.count, oldPosition + 1)
    }
}

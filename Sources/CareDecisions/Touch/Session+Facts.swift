import CareLogic
import CareRules
import CareValues

extension Session {
    /// Applies the facts of one request, by time, then position; after each its exits, then the triggers it fires.
    /// A fact ahead of the clock is kept until its time.
    mutating func receive(_ facts: [Fact], laterEvents: [Event]) {
        guard let first = facts.first else { return }
        row.asOf = max(row.asOf, first.receivedAt)
        row.lastReceivedAt = max(row.lastReceivedAt ?? first.receivedAt, first.receivedAt)
        let now = row.asOf
        // Sorting is stable: facts of one time keep their position.
        let ordered = facts.count == 1 ? facts : facts.sorted { $0.time < $1.time }
        for fact in ordered {
            if fact.time > now {
                keepAhead(fact)
            } else {
                apply(fact, laterEvents: laterEvents)
            }
        }
    }

    private mutating func keepAhead(_ fact: Fact) {
        let index = row.memory.factsAhead.firstIndex { $0.time > fact.time } ?? row.memory.factsAhead.endIndex
        row.memory.factsAhead.insert(fact, at: index)
    }

    /// Applies one fact whose time has come.
    mutating func apply(_ fact: Fact, laterEvents: [Event]) {
        dueTicks.removeAll(keepingCapacity: true)
        let timed = instantsThatMayMove(with: fact)
        switch fact {
        case .event(let event):
            row.cache.apply(event, schema: schema)
            noteMovedInstants(since: timed)
            reachGoals(with: event)
            exitEntries(after: event)
            let crossed =
                decider.watches.isEmpty || !schema.isRead(eventType: event.type) ? [] : crossings(since: asOfBefore)
            let campaigns = decider.campaignsByEventType[event.type] ?? []
            if crossed.isEmpty {
                for index in campaigns { fire(event, campaign: index, laterEvents: laterEvents) }
            } else {
                let fired = campaigns.map {
                    Firing(campaign: $0, occurrence: eventOccurrence(event, campaign: decider.campaigns[$0]))
                }
                for firing in inOrder(fired + crossed) {
                    if firing.occurrence.event == nil {
                        begin(firing.occurrence, campaign: firing.campaign)
                    } else {
                        fire(event, campaign: firing.campaign, laterEvents: laterEvents)
                    }
                }
            }
        case .attributes(let fact):
            let changes = row.cache.apply(fact, schema: schema)
            if changes.contains(where: { $0.index == schema.zoneAttribute }) { readZone() }
            if ConsentGate.withdraws(changes, schema: schema) { outcome.withdrawsConsent = true }
            noteMovedInstants(since: timed)
            exitEntries(after: nil)
            fireChanges(changes, fact: fact)
        }
    }

    private mutating func readZone() {
        let (zone, isOwn, unknown) = decider.active.zone(of: row)
        self.zone = zone
        customerZone = zone
        hasOwnZone = isOwn
        zoneIsFallback = unknown != nil
    }

    // MARK: Triggers of a fact

    private mutating func fireChanges(_ changes: [AttributeChange], fact: AttributeFact) {
        var fired: [Firing] = []
        for change in changes {
            dropDelayed(watchingAttribute: change.index)
            for index in decider.campaignsByChangedAttribute[change.index] ?? [] {
                let campaign = decider.campaigns[index]
                guard case .change(let trigger) = campaign.trigger,
                    trigger.matches(from: change.from, to: change.to), triggerCounts(index, at: row.asOf)
                else { continue }
                let occurrence = changeOccurrence(
                    of: trigger.name, from: change.from, to: change.to, fact: fact, campaign: campaign)
                // What waits for its wall time has its `where` asked now; else `begin` does so.
                if trigger.at != nil, !passesWhere(occurrence, campaign: index) { continue }
                if let firing = delayed(occurrence, campaign: index) { fired.append(firing) }
            }
        }
        if !decider.watches.isEmpty { fired += crossings(since: asOfBefore) }
        for firing in inOrder(fired) { begin(firing.occurrence, campaign: firing.campaign) }
    }

    /// What one fact fires, in the order of decisions: priority, then campaign.
    private func inOrder(_ firings: [Firing]) -> [Firing] {
        guard firings.count > 1 else { return firings }
        return firings.sorted {
            let left = decider.campaigns[$0.campaign]
            let right = decider.campaigns[$1.campaign]
            return (-left.priority, $0.campaign) < (-right.priority, $1.campaign)
        }
    }

    // MARK: Exits

    /// Ends the entries that `event` exits, or whose exit condition has become true.
    private mutating func exitEntries(after event: Event?) {
        var index = 0
        while index < row.memory.entries.count {
            let entry = row.memory.entries[index]
            if let place = decider.index(ofIdentity: entry.campaign), case let campaign = decider.campaigns[place],
                !campaign.exits.isEmpty,
                inZone(ofCampaign: place, { $0.exits(entry, by: event, campaign: campaign) })
            {
                end(entryAt: index, reason: .exited)
            } else {
                index += 1
            }
        }
    }

    private func exits(_ entry: Entry, by event: Event?, campaign: Campaign) -> Bool {
        for exit in campaign.exits {
            switch exit {
            case .event(let types, let condition):
                // An event older than the one that began the entry does not exit it.
                guard let event, types.contains(event.type), event.time >= entry.eventTime ?? .distantPast
                else { continue }
                guard let condition else { return true }
                if holds(condition, context(entry: entry.values, event: event)) { return true }
            case .condition(let condition):
                if holds(condition, context(entry: entry.values)) { return true }
            }
        }
        return false
    }

    /// Whether an exit condition of the entry is true now.
    func exitConditionHolds(_ entry: Entry, campaign: Campaign) -> Bool {
        for exit in campaign.exits {
            if case .condition(let condition) = exit, holds(condition, context(entry: entry.values)) { return true }
        }
        return false
    }

    mutating func exitNewestEntry(by laterEvents: [Event]) {
        guard let entry = row.memory.entries.last, let index = decider.index(ofIdentity: entry.campaign) else { return }
        let campaign = decider.campaigns[index]
        let isExited = laterEvents.contains { event in
            campaign.exits.contains {
                guard case .event(let types, let condition) = $0, types.contains(event.type) else { return false }
                guard let condition else { return true }
                return holds(condition, context(ofCampaign: index, entry: entry.values, event: event))
            }
        }
        if isExited { end(entryAt: row.memory.entries.count - 1, reason: .exited) }
    }

    /// Whether a condition is true; one that cannot be evaluated is not.
    private func holds(_ condition: Expression, _ context: EvaluationContext) -> Bool {
        (try? condition.isTrue(context).isTrue) ?? false
    }

    // MARK: Instants that a fact moves

    /// What the instants of a group of campaigns were reckoned from.
    struct TimedInstants {
        /// The group's place among the decider's.
        var group: Int
        var value: LogicValue
        var zone: Zone
    }

    /// What the timed triggers that `fact` can move were reckoned from, before it is applied.
    private func instantsThatMayMove(with fact: Fact) -> [TimedInstants] {
        switch fact {
        case .event(let event):
            guard let groups = decider.timedGroupsByEventType[event.type] else { return [] }
            return groups.map { instants(ofGroup: $0) }
        case .attributes(let fact):
            guard fact.values.members.contains(where: { decider.timedAttributes.contains($0.name) }) else { return [] }
            return decider.timedGroups.indices.map { instants(ofGroup: $0) }
        }
    }

    private func instants(ofGroup place: Int) -> TimedInstants {
        let first = decider.timedGroups[place].members[0].campaign
        return TimedInstants(
            group: place, value: watchedValue(of: decider.campaigns[first]), zone: ownZone(ofCampaign: first) ?? zone)
    }

    private func watchedValue(of campaign: Campaign) -> LogicValue {
        switch campaign.trigger {
        case .anniversary(let trigger): value(of: trigger.of)
        case .date(let trigger): value(of: trigger.of)
        case .inactivity(let trigger): since(of: trigger)
        case .holiday(let trigger): regionValue(of: trigger)
        case .event, .api, .change, .segment, .schedule: .missing
        }
    }

    /// Occurrences that the fact brought to at or before now are due at once if still in time; the others are
    /// nothing, and leave no row.
    private mutating func noteMovedInstants(since before: [TimedInstants]) {
        for old in before {
            let members = decider.timedGroups[old.group].members
            inZone(ofCampaign: members[0].campaign) { $0.noteMovedInstants(of: members, since: old) }
        }
    }

    private mutating func noteMovedInstants(of members: [TimedGroup.Member], since old: TimedInstants) {
        let value = watchedValue(of: decider.campaigns[members[0].campaign])
        // Only what depends on the wall clock moves with the zone.
        guard value != old.value || zone != old.zone else { return }
        for member in members {
            // What an earlier fact of the same request moved was so of the value before.
            if value != old.value, !moved.isEmpty { moved.removeAll { $0.campaign == member.campaign } }
            noteMove(ofCampaign: member.campaign)
            let bound = bound(of: member, since: value)
            // What an earlier fact of the same request said of it is so no more.
            if let place = member.place, !nextInstants.isEmpty {
                nextInstants[place] = remembersPassedOver ? bound ?? .distantPast : .distantPast
            }
            if bound == nil { noteMovedInstants(ofCampaign: member.campaign, to: value, since: old) }
        }
    }

    /// When a silence of which nothing waits, and which has only just begun, is over at the earliest: nothing is due of it
    /// by now, nor before; nil: that is to be reckoned.
    private func bound(of member: TimedGroup.Member, since value: LogicValue) -> Timestamp? {
        guard let shortest = member.shortest, case .instant(let begin) = value, row.memory.delayed.isEmpty else {
            return nil
        }
        let bound = begin.advanced(byMilliseconds: shortest)
        return bound > row.asOf ? bound : nil
    }

    private mutating func noteMovedInstants(ofCampaign index: Int, to value: LogicValue, since old: TimedInstants) {
        switch decider.campaigns[index].trigger {
        case .anniversary(let trigger):
            noteMoved(trigger, campaign: index, value: value, old: old)
        case .date(let trigger):
            noteMoved(trigger, campaign: index, value: value, old: old)
        case .inactivity(let trigger):
            noteMoved(trigger, campaign: index, value: value, old: old)
        case .holiday(let trigger):
            noteMoved(trigger, campaign: index, old: old)
        case .schedule(let trigger):
            noteMoved(trigger, campaign: index, old: old)
        case .event, .api, .change, .segment:
            return
        }
    }

    private mutating func noteMoved(
        _ trigger: AnniversaryTrigger, campaign: Int, value: LogicValue, old: TimedInstants
    ) {
        guard let instants = AnniversaryInstants(of: value, trigger: trigger, zone: zone) else { return }
        let oldInstants = AnniversaryInstants(of: old.value, trigger: trigger, zone: old.zone)
        let year = instants.year(of: zone.date(at: row.asOf))
        for position in 1...trigger.offsets.count {
            // The latest one that is due by now: an older year's is never in time beside it.
            for candidate in [year + 1, year, year - 1] {
                guard let due = instants.due(year: candidate, position: position), due <= row.asOf else { continue }
                let instant = AnniversaryInstants.Instant(due: due, year: candidate, position: position)
                note(
                    anniversaryOccurrence(instant, instants, campaign: decider.campaigns[campaign]), campaign: campaign,
                    isMoved: value != old.value || oldInstants?.due(year: candidate, position: position) != due)
                break
            }
        }
    }

    private mutating func noteMoved(
        _ trigger: DateTrigger, campaign: Int, value: LogicValue, old: TimedInstants
    ) {
        guard let instants = DateInstants(of: value, trigger: trigger, zone: zone) else { return }
        let oldInstants = DateInstants(of: old.value, trigger: trigger, zone: old.zone)
        for position in 1...trigger.offsets.count {
            // Another value is another occurrence.
            note(
                dateOccurrence(position, instants, campaign: decider.campaigns[campaign]), campaign: campaign,
                isMoved: oldInstants?.text != instants.text
                    || oldInstants?.due(position: position) != instants.due(position: position))
        }
    }

    /// What a fact has brought to at or before now, if it is still in time.
    ///
    /// - Parameter isMoved: false of what was due at that instant before the fact too: it is decided, too late or not,
    ///   unless an earlier touch has looked at it.
    mutating func note(_ occurrence: Occurrence, campaign index: Int, isMoved: Bool = true) {
        let campaign = decider.campaigns[index]
        moved.removeAll { $0.campaign == index && $0.occurrence.key == occurrence.key }
        if !isMoved, occurrence.due <= asOfBefore { return }
        guard occurrence.due <= row.asOf, occurrence.due > decider.active.starts[index],
            triggerCounts(index, at: occurrence.due),
            !isKnown(campaign.identity, occurrence.key)
        else { return }
        if isMoved {
            let due = spread(occurrence.due, campaign: campaign)
            let limit = LatenessGate.limit(of: campaign, due: due, isFirstStep: true, zone: zone)
            if let limit, limit <= row.asOf { return }
        }
        moved.append(MovedOccurrence(campaign: index, occurrence: occurrence))
    }
}

extension ChangeTrigger {
    /// Whether a change of what is watched is one the trigger asks for.
    ///
    /// The first known value is a change only where `from` lists `null`; a direction needs both values in order.
    func matches(from old: LogicValue, to new: LogicValue) -> Bool {
        if old == .missing {
            guard let from, from.contains(.missing) else { return false }
        } else if let from, !from.contains(old) {
            return false
        }
        if let to, !to.contains(new) { return false }
        guard let direction else { return true }
        guard let rises = type?.rises(from: old, to: new) else { return false }
        return rises == (direction == .up)
    }
}

extension AttributeType {
    /// Whether the value moves up in this type's order; nil: the type has none, the values are equal, or one is
    /// missing.
    fileprivate func rises(from: LogicValue, to: LogicValue) -> Bool? {
        switch (self, from, to) {
        case (.ordinal(let words), .string(let from), .string(let to)):
            guard let before = words.firstIndex(of: from), let after = words.firstIndex(of: to), before != after
            else { return nil }
            return before < after
        case (.number, .number(let before), .number(let after)):
            return before == after ? nil : before < after
        case (.date, .date(let before), .date(let after)):
            return before == after ? nil : before < after
        case (.instant, .instant(let before), .instant(let after)):
            return before == after ? nil : before < after
        default:
            return nil
        }
    }
}

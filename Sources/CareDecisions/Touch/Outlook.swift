import CareLogic
import CareRules
import CareValues

/// How one campaign stands for one customer, and when it could next look at it: what an explanation shows.
public struct Outlook: Sendable {
    /// One entry and the step it waits for.
    public struct RunningEntry: Sendable {
        /// The entry.
        public var entry: Entry
        /// The next step and when it is due; nil: no step is left, or it waits for one that has not ended.
        public var next: (step: String, due: Timestamp)?
    }
    /// The value a timed trigger, a change or a segment watches; nil for campaigns on events and calls.
    public var watched: LogicValue?
    /// The next occurrence of a timed trigger after the customer's clock; nil: none, or it cannot be foreseen.
    public var next: Occurrence?
    /// The entries that live or still have pending actions, in the order they began.
    public var entries: [RunningEntry]
    /// The occurrences that are due and do not begin yet: in error, or not approved.
    public var waiting: [WaitingOccurrence]
    /// Whether re-entry lets a new entry without a key begin now.
    public var admitsEntry: Bool
    /// The last entry and act without a key, if any.
    public var mark: ReentryMark?
    /// Since when the campaign is as it is: nothing due at or before it fires.
    public var start: Timestamp
    /// The zone the customer's wall times are read in.
    public var zone: Zone
    /// What the customer's zone attribute says where that names no zone; nil: it names one, or says nothing.
    public var unknownZone: String?
}

extension Decider {
    /// How the campaign at `index` stands for `row`, at the customer's own clock.
    public func outlook(ofCampaign index: Int, row: CustomerRow) -> Outlook {
        var session = Session(decider: self, row: row, clock: row.asOf)
        session.enterZone(ofCampaign: index)
        return session.outlook(ofCampaign: index)
    }

    /// A context in which expressions read `row` at the customer's own clock.
    public func context(of row: CustomerRow, entry: JSONObject? = nil, event: Event? = nil) -> EvaluationContext {
        Session(decider: self, row: row, clock: row.asOf).context(entry: entry, event: event)
    }
}

extension Session {
    func outlook(ofCampaign index: Int) -> Outlook {
        let campaign = decider.campaigns[index]
        var watched: LogicValue?
        var next: Occurrence?
        // Of a paused campaign nothing is next.
        let after = triggerStart(of: index, notBefore: max(row.asOf, decider.active.starts[index]))
        let end = triggerEnd(of: index)
        switch campaign.trigger {
        case .event, .api:
            break
        case .holiday(let trigger):
            if case .attribute = trigger.region { watched = regionValue(of: trigger) }
            next = nextTick(ofCampaign: index)
        case .schedule:
            next = nextTick(ofCampaign: index)
            if let due = next?.due { next?.due = spread(due, campaign: campaign) }
        case .segment(let trigger):
            watched = (try? schema.segment(trigger.segment, context()).isMember).map(LogicValue.bool)
        case .date(let trigger):
            let value = self.value(of: trigger.of)
            watched = value
            if let after, let instants = DateInstants(of: value, trigger: trigger, zone: zone),
                let first = instants.first(after: after, where: { !isKnown(campaign.identity, $0) }), first.due < end
            {
                next = dateOccurrence(first.position, instants, campaign: campaign)
            }
        case .change(let trigger):
            watched = value(of: trigger.of)
        case .anniversary(let trigger):
            let value = self.value(of: trigger.of)
            watched = value
            if let after, let instants = AnniversaryInstants(of: value, trigger: trigger, zone: zone),
                let first = instants.first(
                    after: after,
                    where: {
                        !isKnown(campaign.identity, AnniversaryInstants.key(year: $0.year, position: $0.position))
                    }), first.due < end
            {
                next = anniversaryOccurrence(first, instants, campaign: campaign)
            }
        case .inactivity(let trigger):
            let value = since(of: trigger)
            watched = value
            if let after, let silence = SilenceInstants(since: value, trigger: trigger, zone: zone) {
                let fired = fired(campaign: campaign.identity, in: silence)
                if let firing = silence.next(after: after, fired: fired), firing.due < end {
                    next = inactivityOccurrence(firing, silence, number: fired.count + 1, campaign: campaign)
                    next?.due = spread(firing.due, campaign: campaign)
                }
            }
        }
        // What has fired and waits for its wall time comes before what may fire later.
        let delayed = row.memory.delayed.map(\.occurrence).filter { $0.campaign == campaign.identity }
        next = delayed.min { $0.due < $1.due } ?? next
        return Outlook(
            watched: watched, next: next,
            entries: row.memory.entries.filter { $0.campaign == campaign.identity }.map { entry in
                Outlook.RunningEntry(entry: entry, next: nextStep(of: entry, campaign: campaign))
            },
            waiting: row.memory.waiting.filter { $0.occurrence.campaign == campaign.identity },
            admitsEntry: ReentryGate.admits(
                campaign, entryKey: "", memory: row.memory, now: row.asOf, zone: zone),
            mark: row.memory.marks.first { $0.campaign == campaign.identity && $0.entryKey.isEmpty },
            start: decider.active.starts[index], zone: zone,
            unknownZone: zoneIsFallback ? decider.active.zone(of: row).unknownName : nil)
    }

    private func nextStep(of entry: Entry, campaign: Campaign) -> (step: String, due: Timestamp)? {
        var next: (step: String, due: Timestamp)?
        for (position, step) in campaign.steps.enumerated()
        where entry.todo.contains(step.name) && !entry.isUnderWay(step.name) {
            guard let due = self.due(ofStep: position, of: entry, campaign: campaign) else { continue }
            if next.map({ due < $0.due }) ?? true { next = (step.name, due) }
        }
        return next
    }
}

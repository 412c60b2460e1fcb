import CareLogic
import CareRules
import CareValues

extension Session {
    /// An occurrence whose trigger names a wall time is kept until then; one whose trigger names none is given back to
    /// be fired now.
    mutating func delayed(_ occurrence: Occurrence, campaign index: Int) -> Firing? {
        guard let at = decider.campaigns[index].trigger.delayedUntil else {
            return Firing(campaign: index, occurrence: occurrence)
        }
        let firedAt = occurrence.instant
        var occurrence = occurrence
        occurrence.due = (ownZone(ofCampaign: index) ?? zone).firstInstant(ofWallTime: at, atOrAfter: firedAt)
        occurrence.instant = occurrence.due
        row.memory.delayed.append(DelayedOccurrence(occurrence: occurrence, firedAt: firedAt))
        return nil
    }

    /// What waits for its wall time is no longer so when what is watched has turned again.
    mutating func dropDelayed(watching watch: Watch) {
        guard !row.memory.delayed.isEmpty || !row.memory.waiting.isEmpty else { return }
        let names = watch.campaigns.map { decider.campaigns[$0].identity }
        dropWaiting(ofCampaigns: names)
        row.memory.delayed.removeAll { names.contains($0.occurrence.campaign) }
    }

    /// The same for the attribute at `index`.
    mutating func dropDelayed(watchingAttribute index: Int) {
        guard !row.memory.delayed.isEmpty || !row.memory.waiting.isEmpty else { return }
        let names = (decider.campaignsByChangedAttribute[index] ?? []).map { decider.campaigns[$0].identity }
        dropWaiting(ofCampaigns: names)
        row.memory.delayed.removeAll { names.contains($0.occurrence.campaign) }
    }

    func offerDelayed(at index: Int, to search: inout Search) {
        let delayed = row.memory.delayed[index]
        guard let campaign = decider.index(ofIdentity: delayed.occurrence.campaign) else { return }
        // What waits in a paused campaign waits on; on resuming it may be late.
        if decider.campaigns[campaign].terms.isPaused { return }
        if isPartial, !takes.entries(delayed.occurrence) { return }
        let due = due(of: delayed, campaign: decider.campaigns[campaign])
        search.offer(at: due) { now in
            Candidate(
                kind: .delayed(index), now: now, priority: decider.campaigns[campaign].priority, due: due,
                campaign: campaign, occurrence: delayed.occurrence.key, step: 0, action: 0)
        }
    }

    /// When it is due, reckoned anew, so that a moved zone or an edited wall time counts at once; one that has moved
    /// into the past by that is due now, not late.
    private func due(of delayed: DelayedOccurrence, campaign: Campaign) -> Timestamp {
        let fired =
            campaign.trigger.delayedUntil.map { zone.firstInstant(ofWallTime: $0, atOrAfter: delayed.firedAt) }
            ?? delayed.firedAt
        let due = spread(fired, campaign: campaign)
        return due <= row.asOf && due != delayed.occurrence.due ? row.asOf : due
    }

    /// Begins what has waited for its wall time.
    mutating func fireDelayed(at index: Int, campaign: Int, due: Timestamp) {
        var occurrence = row.memory.delayed.remove(at: index).occurrence
        // It fired while the trigger counted: `activeUntil` ends triggers, not what they have begun.
        guard isStillSo(occurrence, campaign: decider.campaigns[campaign]) else { return }
        occurrence.due = due
        occurrence.instant = due
        begin(occurrence, campaign: campaign, whereIsAsked: decider.campaigns[campaign].trigger.firesByFact)
    }

    /// Writes down when each that still waits is due, so that a later move is told from being late.
    mutating func reckonDelayed() {
        for index in row.memory.delayed.indices {
            let delayed = row.memory.delayed[index]
            guard let campaign = decider.index(ofIdentity: delayed.occurrence.campaign) else { continue }
            let due = inZone(ofCampaign: campaign) {
                $0.due(of: delayed, campaign: $0.decider.campaigns[campaign])
            }
            row.memory.delayed[index].occurrence.due = due
        }
    }
}

extension Trigger {
    /// Whether a fact fires it, not time: its `where` is asked when the fact comes.
    var firesByFact: Bool {
        switch self {
        case .event, .api: true
        case .change(let trigger): if case .attribute = trigger.of { true } else { false }
        default: false
        }
    }

    /// The wall time that a change, a crossing or a silence waits for; nil: it fires at once.
    var delayedUntil: LocalTime? {
        switch self {
        case .change(let trigger): trigger.at
        case .segment(let trigger): trigger.at
        case .inactivity(let trigger): trigger.at
        default: nil
        }
    }
}

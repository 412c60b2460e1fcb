import CareLogic
import CareRules
import CareValues

/// Occurrences that are due and do not begin yet: in error, not approved, or passed over.
extension Session {
    /// Keeps an occurrence that is due but may not begin in this touch: it needs approval, or is not among those to do.
    ///
    /// - Returns: false when it may begin.
    mutating func keepsWaiting(_ occurrence: Occurrence, campaign: Campaign) -> Bool {
        switch takes {
        case .everything(let approves):
            if approves || !campaign.terms.needsApproval || previousWait?.cause == .errorAfterApproval { return false }
        case .planned:
            if takes.entries(occurrence) { return false }
        }
        var waiting =
            previousWait
            ?? WaitingOccurrence(occurrence: occurrence, rows: 0, reason: .tooLate, deadline: .distantFuture)
        waiting.cause = campaign.terms.needsApproval ? .approval : .passedOver
        row.memory.waiting.append(waiting)
        return true
    }

    /// When a waiting occurrence is given up, under the lateness that the campaign has now.
    func deadline(of waiting: WaitingOccurrence, campaign: Campaign) -> Timestamp {
        let limit = LatenessGate.limit(of: campaign, due: waiting.occurrence.due, isFirstStep: true, zone: zone)
        return LatenessGate.deadline(
            limit: limit, due: waiting.occurrence.due, zone: zone, pausedFor: waiting.pausedFor)
    }

    func offerWaiting(at index: Int, to search: inout Search) {
        let waiting = row.memory.waiting[index]
        guard let campaignIndex = decider.index(ofIdentity: waiting.occurrence.campaign) else { return }
        let campaign = decider.campaigns[campaignIndex]
        if campaign.terms.isPaused { return }
        let candidate = { (now: Timestamp) in
            Candidate(
                kind: .waiting(index), now: now, priority: campaign.priority, due: waiting.occurrence.due,
                campaign: campaignIndex, occurrence: waiting.occurrence.key, step: 0, action: 0)
        }
        guard !retried.contains(key(of: waiting.occurrence)) else {
            return search.offer(at: deadline(of: waiting, campaign: campaign), candidate)
        }
        if case .planned = takes {
            if takes.entries(waiting.occurrence) { search.take(candidate(max(row.asOf, clock))) }
            return
        }
        switch waiting.cause {
        case .passedOver:
            return search.offer(at: waiting.occurrence.due, candidate)
        case .error, .errorAfterApproval:
            if retriesErrors { return search.take(candidate(row.asOf)) }
        case .approval:
            // It begins when it is approved, not when it was due.
            if takes.entries(waiting.occurrence) || !campaign.terms.needsApproval {
                return search.take(candidate(max(row.asOf, clock)))
            }
        }
        search.offer(at: deadline(of: waiting, campaign: campaign), candidate)
    }

    /// Tries an occurrence again that has waited; gives it up at its deadline.
    mutating func retryWaiting(at index: Int, campaign campaignIndex: Int) {
        let campaign = decider.campaigns[campaignIndex]
        let waiting = row.memory.waiting.remove(at: index)
        retried.insert(key(of: waiting.occurrence))
        guard waiting.cause.isError || isStillDue(waiting.occurrence, campaign: campaign) else {
            // Nothing is decided of it: should it become so again, it is a new one.
            row.memory.decided.removeAll {
                $0.campaign == campaign.identity && $0.occurrence == waiting.occurrence.key
            }
            return
        }
        if row.asOf >= deadline(of: waiting, campaign: campaign) {
            recordAtEntry(waiting.occurrence, outcome: .skip, reason: .tooLate)
            return
        }
        // `begin` puts it back when it errs again.
        previousWait = waiting
        begin(
            waiting.occurrence, campaign: campaignIndex,
            whereIsAsked: waiting.cause != .error && campaign.trigger.firesByFact)
        previousWait = nil
    }

    /// Whether what fired the occurrence is still so; a segment or a value that has turned has taken it away already.
    private func isStillDue(_ occurrence: Occurrence, campaign: Campaign) -> Bool {
        switch campaign.trigger {
        case .date(let trigger):
            guard let instants = DateInstants(of: value(of: trigger.of), trigger: trigger, zone: zone) else {
                return false
            }
            return occurrence.key.hasPrefix(instants.text + "/")
        case .anniversary(let trigger):
            guard let instants = AnniversaryInstants(of: value(of: trigger.of), trigger: trigger, zone: zone) else {
                return false
            }
            // A corrected date brings it at its new instant.
            let parts = occurrence.key.split(separator: "/").compactMap { Int($0) }
            guard parts.count == 2, (1...trigger.offsets.count).contains(parts[1]) else { return true }
            return instants.due(year: parts[0], position: parts[1]).map { $0 <= row.asOf } ?? false
        case .holiday(let trigger):
            // In another region it may fall on another day, or on none.
            return holidayInstants(of: trigger)?.instant(ofKey: occurrence.key).map { $0.due <= row.asOf } ?? false
        case .inactivity:
            return isStillSo(occurrence, campaign: campaign)
        default:
            return true
        }
    }

    /// What waits is no longer so when what is watched has turned again. One in error is tried again all the same.
    mutating func dropWaiting(ofCampaigns identities: [String]) {
        guard !row.memory.waiting.isEmpty else { return }
        row.memory.waiting.removeAll { !$0.cause.isError && identities.contains($0.occurrence.campaign) }
    }

    /// Notes the steps that are due and were not among those to do, so that lateness still counts from when they were.
    mutating func noteOverdueSteps() {
        row.memory.overdue.removeAll { step in
            !row.memory.entries.contains {
                $0.campaign == step.campaign && $0.occurrence == step.occurrence && $0.todo.contains(step.step)
                    && !$0.isUnderWay(step.step)
            }
        }
        guard case .planned = takes else { return }
        for entry in row.memory.entries where entry.lives {
            guard let index = decider.index(ofIdentity: entry.campaign) else { continue }
            inZone(ofCampaign: index) { $0.noteOverdueSteps(of: entry, campaign: $0.decider.campaigns[index]) }
        }
    }

    private mutating func noteOverdueSteps(of entry: Entry, campaign: Campaign) {
        for (position, step) in campaign.steps.enumerated()
        where entry.todo.contains(step.name) && !entry.isUnderWay(step.name) {
            guard let due = self.due(ofStep: position, of: entry, campaign: campaign), due <= row.asOf,
                !row.memory.overdue.contains(where: {
                    $0.campaign == entry.campaign && $0.occurrence == entry.occurrence && $0.step == step.name
                })
            else { continue }
            row.memory.overdue.append(
                OverdueStep(
                    campaign: entry.campaign, occurrence: entry.occurrence, step: step.name,
                    due: effectiveDue(due, ofStep: step.name, of: entry)))
        }
    }
}

import CareLogic
import CareRules
import CareValues

/// Events that begin what campaigns on events and calls do.
extension Session {
    /// Begins an event's occurrence of one campaign, unless its `where` or condition says no.
    mutating func fire(_ event: Event, campaign index: Int, laterEvents: [Event]) {
        let campaign = decider.campaigns[index]
        if case .api = campaign.trigger, event.source != Event.apiSource { return }
        guard triggerCounts(index, at: row.asOf), !isTurnedAway(event, campaign: index) else { return }
        let alreadyBegun = begun.count
        begin(eventOccurrence(event, campaign: campaign), campaign: index)
        // A late event: what is stored and later than it may end at once what it began.
        if begun.count > alreadyBegun {
            exitNewestEntry(by: laterEvents.filter { $0.time > event.time })
        }
    }

    /// Whether an event's `where` or condition is false, told before the occurrence is named: most events begin nothing,
    /// and naming one costs more than asking. What cannot be evaluated, or reads the entry, is left to `begin`.
    private mutating func isTurnedAway(_ event: Event, campaign index: Int) -> Bool {
        guard decider.isPlainAtEntry[index], !isPartial else { return false }
        let places = decider.conditionPlaces[index]
        let answer = inZone(ofCampaign: index) { session -> Turned in
            do {
                if let place = places.where,
                    try !session.decider.conditions.isTrue(place, session.context(event: event))
                {
                    return .byWhere
                }
                // What waits for approval has its condition asked when it is approved.
                guard let place = places.condition, session.beginsAtOnce(campaign: index),
                    try !session.decider.conditions.isTrue(place, session.context())
                else { return .no }
                return .byCondition
            } catch {
                return .no
            }
        }
        switch answer {
        case .no: return false
        case .byWhere: outcome.whereFalse.append(decider.campaigns[index].identity)
        case .byCondition: outcome.conditionFalse.append(decider.campaigns[index].identity)
        }
        return true
    }

    private enum Turned {
        case no
        case byWhere
        case byCondition
    }

    /// Whether an occurrence of the campaign begins without waiting for approval.
    private func beginsAtOnce(campaign index: Int) -> Bool {
        if case .everything(let approves) = takes, approves { return true }
        return !decider.campaigns[index].terms.needsApproval
    }
}

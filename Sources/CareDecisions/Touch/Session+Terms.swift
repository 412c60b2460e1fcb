import CareLogic
import CareRules
import CareValues

/// When a campaign's trigger counts, and on whose clock its wall times are read.
extension Session {
    /// The campaign's zone where it is another than the customer's: its fixed one, or its fallback for a customer who
    /// has none; nil: the customer's.
    func ownZone(ofCampaign index: Int) -> Zone? {
        guard decider.active.hasCampaignZones, let own = decider.active.campaignZones[index] else { return nil }
        return own.isFixed || !hasOwnZone ? own.zone : nil
    }

    /// Goes over to the clock of the campaign at `index`, for good.
    mutating func enterZone(ofCampaign index: Int) {
        if let own = ownZone(ofCampaign: index) { zone = own }
    }

    /// A context in which the expressions of the campaign at `index` read this customer now.
    func context(ofCampaign index: Int, entry: JSONObject, event: Event?) -> EvaluationContext {
        EvaluationContext(
            schema: schema, cache: row.cache, customer: row.customer, now: row.asOf,
            zone: ownZone(ofCampaign: index) ?? zone, event: event, entry: entry)
    }

    /// Does `work` on the clock of the campaign at `index`.
    mutating func inZone<Result>(ofCampaign index: Int, _ work: (inout Session) -> Result) -> Result {
        guard index >= 0, let own = ownZone(ofCampaign: index) else { return work(&self) }
        let outer = zone
        zone = own
        let result = work(&self)
        zone = outer
        return result
    }

    /// The zone in which a customer is left alone: a campaign's fixed zone says when it acts, not where people sleep.
    func livingZone(_ campaign: Campaign) -> Zone {
        if case .fixed = campaign.terms.zone { customerZone } else { zone }
    }

    /// Whether the trigger of a campaign counts at `instant`: it is not paused, and active.
    func triggerCounts(_ index: Int, at instant: Timestamp) -> Bool {
        let campaign = decider.campaigns[index]
        guard campaign.isLimited else { return true }
        if campaign.terms.isPaused { return false }
        let zone = ownZone(ofCampaign: index) ?? self.zone
        if let from = campaign.terms.activeFrom, instant < from.instant(in: zone) { return false }
        if let until = campaign.terms.activeUntil, instant >= until.instant(in: zone) { return false }
        return true
    }

    /// The instant after which the trigger's instants count, at or after `start`; nil: none does, it is paused.
    func triggerStart(of index: Int, notBefore start: Timestamp) -> Timestamp? {
        let campaign = decider.campaigns[index]
        guard campaign.isLimited else { return start }
        if campaign.terms.isPaused { return nil }
        guard let from = campaign.terms.activeFrom else { return start }
        return max(start, from.instant(in: ownZone(ofCampaign: index) ?? zone).advanced(byMilliseconds: -1))
    }

    /// The first instant at which the trigger no longer counts.
    func triggerEnd(of index: Int) -> Timestamp {
        guard let until = decider.campaigns[index].terms.activeUntil else { return .distantFuture }
        return until.instant(in: ownZone(ofCampaign: index) ?? zone)
    }
}

extension Campaign {
    /// Whether there are times at which its trigger does not count.
    var isLimited: Bool { terms.isPaused || terms.activeFrom != nil || terms.activeUntil != nil }
}

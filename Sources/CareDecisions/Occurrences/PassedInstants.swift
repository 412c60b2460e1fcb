import CareLogic
import CareRules
import CareValues

/// Counts the instants of campaigns that a customer does not match, without making its row.
struct PassedInstants {
    let decider: Decider
    /// The stored cache of the customer.
    let cache: UnsafeRawBufferPointer
    /// What was decided of it; nothing else is under way.
    let decided: [DecidedOccurrence]
    /// Its zone, and whether that is its own.
    let zone: Zone
    let isOwnZone: Bool

    /// How many occurrences of a timed campaign are due in `(start, end)`, as ``Session`` passes over them; nil: that
    /// cannot be told without the row.
    ///
    /// - Precondition: the campaign is steady, or steady by day.
    func count(ofCampaign index: Int, after start: Timestamp, before end: Timestamp) -> Int? {
        let campaign = decider.campaigns[index]
        guard !campaign.isLimited else { return nil }
        let start = max(start, decider.active.starts[index])
        let zone =
            decider.active.campaignZones[index].flatMap { $0.isFixed || !isOwnZone ? $0.zone : nil } ?? self.zone
        switch campaign.trigger {
        case .anniversary(let trigger):
            guard let value = value(of: trigger.of) else { return nil }
            guard let instants = AnniversaryInstants(of: value, trigger: trigger, zone: zone) else { return 0 }
            var count = 0
            instants.forEach(after: start, before: end) { instant in
                let isKnown = isDecided(campaign) {
                    AnniversaryInstants.key(year: instant.year, position: instant.position)
                }
                if !isKnown { count += 1 }
            }
            return count
        case .date(let trigger):
            guard let value = value(of: trigger.of) else { return nil }
            guard let instants = DateInstants(of: value, trigger: trigger, zone: zone) else { return 0 }
            return (1...trigger.offsets.count).count { position in
                let due = instants.due(position: position)
                return due > start && due < end && !isDecided(campaign) { instants.key(position: position) }
            }
        case .inactivity(let trigger):
            guard var since = value(of: .trait(trigger.lastTrait)) else { return nil }
            if since.isMissing, let orSince = trigger.orSince {
                guard let date = value(of: .attribute(orSince)) else { return nil }
                since = date
            }
            guard let silence = SilenceInstants(since: since, trigger: trigger, zone: zone), silence.earliest < end,
                silence.fired(campaign: campaign.identity, decided).count == 0
            else { return 0 }
            let due = silence.firing(0).due
            return due > start && due < end ? 1 : 0
        case .event, .api, .change, .segment, .holiday, .schedule:
            return nil
        }
    }

    private func value(of watched: WatchedValue) -> LogicValue? {
        FactCache.storedDate(of: BatchColumn.Source(watched), in: cache, schema: decider.active.rules.schema)
    }

    private func isDecided(_ campaign: Campaign, _ key: () -> String) -> Bool {
        guard !decided.isEmpty else { return false }
        let key = key()
        return decided.contains { $0.occurrence == key && $0.campaign == campaign.identity }
    }
}

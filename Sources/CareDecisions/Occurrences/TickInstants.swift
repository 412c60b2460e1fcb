import CareLogic
import CareRules
import CareValues

/// When ticks fall, without a customer: what scans are made of.
extension Decider {
    /// Whether there are campaigns on schedules or holidays.
    public var hasTicks: Bool { !scannedCampaigns.isEmpty }

    /// The campaigns on schedules and holidays, each with the zones among `zones` on whose clocks it ticks: all of them,
    /// with the campaign's own zone for those who have none; or only the project's or the campaign's fixed one, whose
    /// scan then touches everybody. A paused campaign has no ticks.
    public func scanned(in zones: [Zone]) -> [(campaign: Int, zones: [Zone])] {
        scannedCampaigns.compactMap { index in
            let campaign = active.rules.campaigns[index]
            if campaign.terms.isPaused { return nil }
            if case .schedule(let trigger) = campaign.trigger, trigger.clock == .project {
                return (index, [active.projectZone])
            }
            guard let own = active.campaignZones[index] else { return (index, zones) }
            return (index, own.isFixed ? [own.zone] : zones.filter { $0.name != own.zone.name } + [own.zone])
        }
    }

    /// The first and the last instant at which the campaign's ticks count for somebody whose ticks come on a clock.
    private func bounds(ofCampaign index: Int, in zone: Zone) -> (after: Timestamp, until: Timestamp) {
        let campaign = active.rules.campaigns[index]
        let terms = campaign.terms
        var zone = zone
        var slack: Int64 = 0
        if case .schedule(let trigger) = campaign.trigger, trigger.clock == .project {
            // It ticks for all at once, and is active by the campaign's fixed zone, or by each customer's own: who is
            // touched in vain is told by the touch.
            if let own = active.campaignZones[index], own.isFixed { zone = own.zone } else { slack = Self.zoneSpan }
        }
        let from = terms.activeFrom.map { $0.instant(in: zone).advanced(byMilliseconds: -1 - slack) } ?? .distantPast
        let until = terms.activeUntil.map { $0.instant(in: zone).advanced(byMilliseconds: slack) }
        return (max(active.starts[index], from), until ?? .distantFuture)
    }

    /// How far the same wall time lies apart in two zones at most: from UTC+14 to UTC-12.
    private static let zoneSpan: Int64 = 26 * 3_600_000

    /// The last instant in `(start, end]` at which the campaign ticks for somebody whose clock is that of `zone`, nil:
    /// none. Nothing at or before the campaign's start is one.
    public func lastTick(
        ofCampaign index: Int, in zone: Zone, after start: Timestamp, through end: Timestamp
    ) -> Timestamp? {
        let bounds = bounds(ofCampaign: index, in: zone)
        let start = max(start, bounds.after)
        let end = min(end, bounds.until.advanced(byMilliseconds: -1))
        switch active.rules.campaigns[index].trigger {
        case .schedule(let trigger):
            return trigger.cron.last(after: start, through: end, in: zone)?.tick.instant
        case .holiday(let trigger):
            return (holidayRegions[index] ?? []).compactMap {
                HolidayInstants(trigger: trigger, region: $0, zone: zone).last(after: start, through: end)?.instant.due
            }.max()
        default:
            return nil
        }
    }

    /// The first such instant after `start`; nil: none that can be foreseen.
    public func firstTick(ofCampaign index: Int, in zone: Zone, after start: Timestamp) -> Timestamp? {
        let bounds = bounds(ofCampaign: index, in: zone)
        guard let first = firstTick(of: index, in: zone, after: max(start, bounds.after)), first < bounds.until else {
            return nil
        }
        return first
    }

    private func firstTick(of index: Int, in zone: Zone, after start: Timestamp) -> Timestamp? {
        switch active.rules.campaigns[index].trigger {
        case .schedule(let trigger):
            return trigger.cron.first(after: start, in: zone)?.instant
        case .holiday(let trigger):
            return (holidayRegions[index] ?? []).compactMap {
                HolidayInstants(trigger: trigger, region: $0, zone: zone).first(after: start)?.due
            }.min()
        default:
            return nil
        }
    }

    // MARK: One customer

    /// Whether a tick in `(row.asOf, clock]` is still to be decided for the customer.
    public func hasTick(_ row: CustomerRow, through clock: Timestamp) -> Bool {
        guard hasTicks, row.asOf < clock else { return false }
        let session = Session(decider: self, row: row, clock: clock)
        return scannedCampaigns.contains { session.lastTick(ofCampaign: $0, after: row.asOf, through: clock) != nil }
    }

    /// The customer's next tick after `row.asOf`; nil: none can be foreseen.
    public func nextTick(of row: CustomerRow) -> Timestamp? {
        guard hasTicks else { return nil }
        let session = Session(decider: self, row: row, clock: row.asOf)
        return scannedCampaigns.compactMap { session.nextTick(ofCampaign: $0)?.due }.min()
    }

    /// When something is due for a customer next that must be looked at next at `wakeUp`: its ticks wake nobody.
    public func nextDue(of row: CustomerRow, wakeUp: Timestamp?) -> Timestamp? {
        guard let tick = nextTick(of: row) else { return wakeUp }
        return min(wakeUp ?? tick, tick)
    }

    /// The customer's zone, by which its wall times are read.
    public func zone(of row: CustomerRow) -> Zone { active.zone(of: row).zone }
}

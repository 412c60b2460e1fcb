import CareLogic
import CareRules
import CareValues

/// A rule set in force: what `decide` reads besides the row and the clock.
public struct ActiveRules: Sendable {
    /// The rules.
    public let rules: RuleSet
    /// The number of this activation.
    public let epoch: Int64
    /// The decision clock at the activation.
    public let activatedAt: Timestamp
    /// Since when each campaign is as it is, in the order of `rules.campaigns`. Nothing due at or before it fires.
    public let starts: [Timestamp]
    /// The zone of customers that have none.
    public let projectZone: Zone
    /// The zones that campaigns name, in the order of `rules.campaigns`; nil: none, or an unknown one.
    let campaignZones: [(zone: Zone, isFixed: Bool)?]
    /// Whether there is one.
    let hasCampaignZones: Bool
    /// Where other zones come from.
    public let zones: any ZoneDirectory
    /// The holidays of the regions that rules name.
    public let holidays: HolidayTable

    /// The rules in force since `activatedAt`; a campaign without a start of its own starts then.
    public init(
        rules: RuleSet, epoch: Int64, activatedAt: Timestamp, starts: [String: Timestamp], projectZone: Zone,
        zones: any ZoneDirectory, holidays: HolidayTable = .empty
    ) {
        self.rules = rules
        self.holidays = holidays
        self.epoch = epoch
        self.activatedAt = activatedAt
        campaignZones = rules.campaigns.map { campaign in
            guard let own = campaign.terms.zone, let zone = zones.zone(named: own.name) else { return nil }
            if case .fixed = own { return (zone, true) }
            return (zone, false)
        }
        hasCampaignZones = campaignZones.contains { $0 != nil }
        self.starts = rules.campaigns.map { starts[$0.name] ?? activatedAt }
        self.projectZone = projectZone
        self.zones = zones
    }

    /// The start of each campaign when `next` follows `previous` at `instant`: a campaign that is defined as before
    /// keeps its own, every other starts at `instant`.
    public static func starts(
        of next: RuleSet, after previous: ActiveRules?, at instant: Timestamp
    )
        -> [String: Timestamp]
    {
        var starts: [String: Timestamp] = [:]
        for campaign in next.campaigns {
            var start = instant
            if let previous, let index = previous.rules.index(ofIdentity: campaign.identity),
                previous.rules.campaigns[index].definitionHash == campaign.definitionHash
            {
                start = previous.starts[index]
            }
            starts[campaign.name] = start
        }
        return starts
    }

    /// The customer's zone: the attribute's, if it names one; else the project's.
    ///
    /// - Returns: the zone, whether it is the customer's own, and the attribute's text when it names no zone.
    public func zone(of row: CustomerRow) -> (zone: Zone, isOwn: Bool, unknownName: String?) {
        guard let index = rules.schema.zoneAttribute,
            case .string(let name) = row.cache.attribute(index, schema: rules.schema)
        else { return (projectZone, false, nil) }
        if name == projectZone.name { return (projectZone, true, nil) }
        if let zone = zones.zone(named: name) { return (zone, true, nil) }
        return (projectZone, false, name)
    }

    /// The zone of a customer whose attribute has this text; the project's for nil, and for what names no zone. And whether
    /// it is the customer's own.
    public func zone(named name: String?) -> (zone: Zone, isOwn: Bool) {
        guard let name else { return (projectZone, false) }
        if name == projectZone.name { return (projectZone, true) }
        return zones.zone(named: name).map { ($0, true) } ?? (projectZone, false)
    }
}

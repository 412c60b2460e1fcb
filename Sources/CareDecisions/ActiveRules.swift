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
            if let previous, let index = previous.rules.index(ofCampaign: campaign.name),
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
    /// - Returns: the zone, and the attribute's text when it names no zone.
    public func zone(of row: CustomerRow) -> (zone: Zone, unknownName: String?) {
        guard let index = rules.schema.zoneAttribute,
            case .string(let name) = row.cache.attribute(index, schema: rules.schema)
        else { return (projectZone, nil) }
        if name == projectZone.name { return (projectZone, nil) }
        if let zone = zones.zone(named: name) { return (zone, nil) }
        return (projectZone, name)
    }

    /// The zone of a customer whose attribute has this text; the project's for nil, and for what names no zone.
    public func zone(named name: String?) -> Zone {
        guard let name, name != projectZone.name else { return projectZone }
        return zones.zone(named: name) ?? projectZone
    }
}

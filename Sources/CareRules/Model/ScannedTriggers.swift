import CareValues

/// `holiday: { name, region, offset, at }`
public struct HolidayTrigger: Sendable {
    /// Whose holidays are kept.
    public enum Region: Sendable, Hashable {
        /// The region of that code, for all customers.
        case code(String)
        /// The region whose code the attribute of that index holds; named as in the rule file.
        case attribute(Int, name: String)
    }
    /// The holiday's name in its region, part of the occurrence.
    public var name: String
    /// Whose holiday it is.
    public var region: Region
    /// When to act, relative to the holiday; position + 1 is part of the occurrence.
    public var offsets: [ISODuration]
    /// The wall time at which it is due.
    public var at: LocalTime

    /// The returns of `name` in `region`, at `at`, moved by each of `offsets`.
    public init(name: String, region: Region, offsets: [ISODuration], at: LocalTime) {
        self.name = name
        self.region = region
        self.offsets = offsets
        self.at = at
    }
}

/// `schedule: { cron, zone, spread }`
public struct ScheduleTrigger: Sendable {
    /// Whose wall clock it is read on.
    public enum Clock: String, Sendable, CaseIterable {
        case customer
        case project
    }
    /// The wall times.
    public var cron: CronExpression
    /// The wall times as the rule file writes them.
    public var text: String
    /// Whose wall clock they are read on.
    public var clock: Clock
    /// A stable delay per customer below this; nil: none.
    public var spread: ISODuration?

    /// The wall times of `cron`, written `text`, on `clock`.
    public init(cron: CronExpression, text: String, clock: Clock, spread: ISODuration? = nil) {
        self.cron = cron
        self.text = text
        self.clock = clock
        self.spread = spread
    }
}

extension RuleSet {
    /// The codes of the holiday regions that these rules name; nil: an attribute names them, so that any can be asked.
    public var holidayRegions: Set<String>? {
        var codes = Set(policies.windows.compactMap(\.holidays))
        for campaign in campaigns {
            guard case .holiday(let trigger) = campaign.trigger else { continue }
            guard case .code(let code) = trigger.region else { return nil }
            codes.insert(code)
        }
        return codes
    }
}

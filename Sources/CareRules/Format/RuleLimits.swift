import CareValues

/// The named limits of rule files; beyond one is `rule.limit`.
package enum RuleLimits {
    /// Campaigns in one rule set.
    package static let campaigns = 2_000
    /// Findings that are told in one run.
    package static let findings = 1_000
    /// Steps of one campaign.
    package static let steps = 100
    /// Actions of one step.
    package static let actions = 50
    /// Offsets of one anniversary.
    package static let offsets = 50
    /// Values in one list of event types, tags, `from`, `to` or exits.
    package static let list = 200
    /// Code points of one name.
    package static let nameLength = 200
    /// The shortest `every` of an inactivity, in milliseconds: an hour.
    package static let shortestRepeat: Int64 = 3_600_000
    /// The longest duration, either way, in days: a century.
    package static let durationDays = 36_525
}

extension JSONLimits {
    /// The canonical text of a whole rule set: as deep as a rule file, 128 MiB.
    static let ruleSet = JSONLimits(
        maximumDepth: JSONLimits.ruleFile.maximumDepth, maximumBytes: 1 << 27, allowsDuplicateKeys: false)
}

import CareLogic
import CareValues

/// All rule files together, checked whole: what `decide` reads besides the row.
public struct RuleSet: Sendable {
    /// Attributes, events, traits, segments, with their indexes.
    public var schema: Schema
    /// The wall time of date triggers that say no other: `policies.at`, 09:00 unless said.
    public var defaultAt: LocalTime
    /// What holds for all campaigns.
    public var policies: Policies
    /// The campaigns, by name ascending (Unicode scalars).
    public var campaigns: [Campaign] { didSet { renamed = Self.renamed(campaigns) } }
    /// The positions of renamed campaigns by identity, and nil for their names; empty when none was renamed.
    private var renamed: [String: Int?]
    /// The canonical JSON (RFC 8785) of the merged files, which loads again as one file.
    public var canonicalText: String
    /// 64 lowercase hex digits: SHA-256 of ``canonicalText``.
    public var fingerprint: String

    /// A rule set with all its parts.
    public init(
        schema: Schema, defaultAt: LocalTime, policies: Policies, campaigns: [Campaign], canonicalText: String,
        fingerprint: String
    ) {
        self.schema = schema
        self.defaultAt = defaultAt
        self.policies = policies
        self.campaigns = campaigns
        renamed = Self.renamed(campaigns)
        self.canonicalText = canonicalText
        self.fingerprint = fingerprint
    }

    private static func renamed(_ campaigns: [Campaign]) -> [String: Int?] {
        var renamed: [String: Int?] = [:]
        for (index, campaign) in campaigns.enumerated() where campaign.identity != campaign.name {
            renamed[campaign.identity] = index
            renamed.updateValue(nil, forKey: campaign.name)
        }
        return renamed
    }

    /// The time zones that campaigns and windows name, ascending.
    public var zoneNames: [String] {
        let windows = policies.windows.compactMap { window -> String? in
            if case .named(let name) = window.clock { name } else { nil }
        }
        return Set(campaigns.compactMap { $0.terms.zone?.name } + windows).sorted()
    }

    /// The names of the campaigns that were renamed, by identity.
    public var renamedCampaigns: [String: String] {
        Dictionary(
            campaigns.filter { $0.identity != $0.name }.map { ($0.identity, $0.name) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The position of the campaign of that identity in ``campaigns``, or nil.
    public func index(ofIdentity identity: String) -> Int? {
        if !renamed.isEmpty, let known = renamed[identity] { return known }
        return index(ofCampaign: identity)
    }

    /// The position of the campaign of that name in ``campaigns``, or nil.
    public func index(ofCampaign name: String) -> Int? {
        var low = 0
        var high = campaigns.count
        while low < high {
            let middle = (low + high) / 2
            if campaigns[middle].name.unicodeScalars.lexicographicallyPrecedes(name.unicodeScalars) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < campaigns.count && campaigns[low].name == name ? low : nil
    }
}

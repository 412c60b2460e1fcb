import CareRules
import CareValues

/// Whether another campaign of the group has the customer: gate `excluded`, at entry.
enum GroupGate {
    /// What a new entry of a campaign meets in its group.
    enum Answer: Hashable {
        /// Nothing lives there: it may begin.
        case free
        /// What lives there yields to its higher priority: the places of those entries in the memory, ascending.
        case displaces([Int])
        /// An entry of the same or a higher priority lives there.
        case excluded
    }

    /// At most one entry lives among the campaigns of a group, the campaign's own included.
    static func answer(_ campaign: Campaign, memory: Memory, rules: RuleSet) -> Answer {
        guard let group = campaign.gates.group else { return .free }
        var lower: [Int] = []
        for (place, entry) in memory.entries.enumerated() where entry.lives {
            guard let index = rules.index(ofIdentity: entry.campaign), rules.campaigns[index].gates.group == group
            else { continue }
            if rules.campaigns[index].priority >= campaign.priority { return .excluded }
            lower.append(place)
        }
        return lower.isEmpty ? .free : .displaces(lower)
    }
}

import CareLogic
import CareValues

/// Campaigns that look at the same customers at the same moment, of which a cap or a group lets only some through,
/// and whose order nobody has said.
struct SameMoment {
    /// A campaign as the files have it.
    struct Candidate {
        var campaign: Campaign
        var key: JSONNode
        var node: JSONNode
    }

    let policies: Policies
    let defaultAt: LocalTime
    let analysis: ConditionAnalysis
    /// So many campaigns of one moment are compared with each other: in larger crowds only neighbours are.
    private static let compared = 20

    /// One finding for each campaign that shares a moment with an earlier one of the same priority.
    func find(_ candidates: [Candidate], _ findings: inout Findings) {
        var moments: [String: [Int]] = [:]
        var order: [String] = []
        for (index, candidate) in candidates.enumerated() where isConcerned(candidate.campaign) {
            for moment in self.moments(of: candidate) {
                if moments[moment] == nil { order.append(moment) }
                moments[moment, default: []].append(index)
            }
        }
        var told: Set<Int> = []
        for moment in order {
            let crowd = moments[moment] ?? []
            for (position, index) in crowd.enumerated() where !told.contains(index) {
                let own = candidates[index]
                for other in crowd[max(0, position - Self.compared)..<position] {
                    let first = candidates[other]
                    guard first.campaign.priority == own.campaign.priority,
                        let rivalry = rivalry(first.campaign, own.campaign), canBothEnter(first.node, own.node)
                    else { continue }
                    told.insert(index)
                    let winner = min(first.campaign.name, own.campaign.name)
                    findings.warning(
                        "rule.same-moment", at: own.key,
                        "'\(own.campaign.name)' and '\(first.campaign.name)' come at the same moment, and \(rivalry)",
                        help: "'\(winner)' goes first, by its name: say which by \"priority\"")
                    break
                }
            }
        }
    }

    /// Whether a cap or a group could make it give way.
    private func isConcerned(_ campaign: Campaign) -> Bool {
        campaign.gates.group != nil || policies.caps.contains { messages(of: campaign, under: $0) > 0 }
    }

    /// What makes the two give way to each other; nil: both go out.
    private func rivalry(_ left: Campaign, _ right: Campaign) -> String? {
        if let group = left.gates.group, group == right.gates.group {
            return "of the group '\(group)' only one enters"
        }
        for cap in policies.caps where cap.max > 0 {
            let first = messages(of: left, under: cap)
            let second = messages(of: right, under: cap)
            guard first > 0, second > 0, first + second > cap.max else { continue }
            return "the cap '\(cap.name)' lets \(cap.max) through"
        }
        return nil
    }

    /// How many messages of the first step a cap binds and counts.
    private func messages(of campaign: Campaign, under cap: FrequencyCap) -> Int {
        guard !campaign.gates.ignoresCaps, campaign.gates.countsForCaps, let step = campaign.steps.first,
            step.wait == .none
        else { return 0 }
        return step.units.count { unit in
            let action = step.actions[unit.lowerBound]
            return action.audience == .customer && cap.fits(tags: campaign.tags, destination: action.destination)
        }
    }

    /// Whether one customer can enter both: their conditions do not exclude each other.
    private func canBothEnter(_ left: JSONNode, _ right: JSONNode) -> Bool {
        let conditions = [left, right].flatMap { node in
            [node.member("trigger")?.member("where"), node.member("condition")].compactMap { $0 }
        }
        return analysis.contradiction(conditions) == nil
    }

    /// The moments a campaign looks at customers, as texts that are equal for equal moments.
    private func moments(of candidate: Candidate) -> [String] {
        guard let trigger = candidate.node.member("trigger"), trigger.kind == .object,
            let kind = trigger.members.first(where: { $0.key.string != "where" }), let name = kind.key.string
        else { return [] }
        let later = candidate.campaign.steps.first?.at.map { " then " + $0.text } ?? ""
        switch name {
        case "event":
            let types = kind.value.kind == .array ? kind.value.elements.compactMap(\.string) : [kind.value.string ?? ""]
            return types.map { "event " + $0 + later }
        case "api": return []
        default:
            guard case .object(var object) = kind.value.value else { return [] }
            var offsets: [JSONValue] = [.null]
            if case .array(let list)? = object["offset"] {
                offsets = list
            } else if let one = object["offset"] {
                offsets = [one]
            }
            object["offset"] = nil
            object["spread"] = nil
            if object["at"] == nil, ["anniversary", "date", "holiday"].contains(name) {
                object["at"] = .string(defaultAt.text)
            }
            let text = name + " " + JSONValue.object(object).canonicalText + later
            return offsets.map { $0 == .null || $0 == .string("P0D") ? text : text + " " + $0.canonicalText }
        }
    }
}

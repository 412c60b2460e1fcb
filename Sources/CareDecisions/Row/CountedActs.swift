import CareRules
import CareValues

/// The acts that frequency caps count: a cache of the ledger, as far back as the longest cap.
public struct CountedActs: Sendable, Hashable {
    /// Acts of the same tags to the same destination.
    public struct Group: Sendable, Hashable {
        /// The campaign's tags when it was decided.
        public var tags: [String]
        /// The destination.
        public var destination: String
        /// When they were decided, ascending.
        public var times: [Timestamp]

        /// Acts of these tags to that destination.
        public init(tags: [String], destination: String, times: [Timestamp]) {
            self.tags = tags
            self.destination = destination
            self.times = times
        }
    }
    /// The acts, by tags and destination, in the order each was first seen.
    public private(set) var groups: [Group] = []

    /// No acts.
    public init() {}

    /// Whether there is none.
    public var isEmpty: Bool { groups.isEmpty }

    /// Counts one more act, decided at `time`.
    public mutating func add(tags: [String], destination: String, at time: Timestamp) {
        guard let place = groups.firstIndex(where: { $0.destination == destination && $0.tags == tags }) else {
            groups.append(Group(tags: tags, destination: destination, times: [time]))
            return
        }
        let times = groups[place].times
        groups[place].times.insert(time, at: times.lastIndex { $0 <= time }.map { $0 + 1 } ?? 0)
    }

    /// Counts a decision taken under `rules`, if it is an act that caps count.
    public mutating func add(_ decision: Decision, under rules: RuleSet) {
        let key = decision.key
        guard decision.outcome == .act,
            let act = rules.countedAct(campaign: key.campaign, step: key.step, action: key.action)
        else { return }
        add(tags: act.tags, destination: act.destination, at: decision.now)
    }

    /// Forgets what was decided before `horizon`.
    public mutating func forget(before horizon: Timestamp) {
        guard groups.contains(where: { ($0.times.first ?? horizon) < horizon }) else { return }
        for place in groups.indices { groups[place].times.removeAll { $0 < horizon } }
        groups.removeAll { $0.times.isEmpty }
    }

    /// Writes the groups; the first time of each in full, the others as what has passed since the one before.
    func encode(into writer: inout ByteWriter) {
        writer.list(groups) { group, writer in
            writer.list(group.tags) { tag, writer in writer.string(tag) }
            writer.string(group.destination)
            var previous: Int64 = 0
            writer.list(group.times) { time, writer in
                writer.signed(time.milliseconds &- previous)
                previous = time.milliseconds
            }
        }
    }

    /// Reads what ``encode(into:)`` wrote.
    init(from reader: inout ByteReader) throws {
        groups = try reader.list { reader in
            let tags = try reader.list { try $0.string() }
            let destination = try reader.string()
            var previous: Int64 = 0
            let times = try reader.list { reader in
                previous &+= try reader.signed()
                return Timestamp(milliseconds: previous)
            }
            return Group(tags: tags, destination: destination, times: times)
        }
    }
}

extension RuleSet {
    /// Whether these rules have an action of these names.
    public func hasAction(campaign: String, step: String, action: String) -> Bool {
        guard let index = index(ofIdentity: campaign) else { return false }
        return campaigns[index].steps.contains { $0.name == step && $0.unit(ofAction: action) != nil }
    }

    /// Under what an act of these rules counts for caps: its campaign's tags and its destination; nil: it does not
    /// count, or these rules have no such action.
    public func countedAct(campaign: String, step: String, action: String) -> (tags: [String], destination: String)? {
        guard let index = index(ofIdentity: campaign) else { return nil }
        let campaign = campaigns[index]
        guard campaign.gates.countsForCaps,
            let action = campaign.steps.first(where: { $0.name == step })?.actions.first(where: { $0.name == action }),
            action.audience == .customer
        else { return nil }
        return (campaign.tags, action.destination)
    }
}

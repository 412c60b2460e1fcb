import CareValues

/// What of all that is due a touch does.
enum Takes {
    /// All of it; what needs approval only when `approves`.
    case everything(approves: Bool)
    /// What a plan holds: occurrences, and steps of those.
    case planned(entries: Set<PlannedPlace>, steps: Set<PlannedPlace>)

    /// A step of an occurrence; of an occurrence as a whole the step is empty.
    struct PlannedPlace: Hashable {
        var campaign: String
        var occurrence: String
        var step: String
    }

    /// What the keys of a plan name.
    init(_ keys: some Sequence<DecisionKey>) {
        var entries: Set<PlannedPlace> = []
        var steps: Set<PlannedPlace> = []
        for key in keys {
            entries.insert(PlannedPlace(campaign: key.campaign, occurrence: key.occurrence, step: ""))
            steps.insert(PlannedPlace(campaign: key.campaign, occurrence: key.occurrence, step: key.step))
        }
        self = .planned(entries: entries, steps: steps)
    }

    /// Whether an occurrence may begin an entry that needs approval, or is among those to do.
    func entries(_ occurrence: Occurrence) -> Bool {
        switch self {
        case .everything(let approves): approves
        case .planned(let entries, _):
            entries.contains(
                PlannedPlace(campaign: occurrence.campaign, occurrence: occurrence.key, step: ""))
        }
    }

    /// Whether a step of an entry is among those to do.
    func step(_ step: String, of entry: Entry) -> Bool {
        switch self {
        case .everything: true
        case .planned(_, let steps):
            steps.contains(PlannedPlace(campaign: entry.campaign, occurrence: entry.occurrence, step: step))
        }
    }
}

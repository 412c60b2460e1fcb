import CareLogic
import CareRules
import CareValues

/// What an entry is to lead to: recorded, once for each entry, whatever has become of the entry itself.
extension Session {
    /// Awaits the goal of an entry that begins; beyond the limit the one awaited longest is given up for it.
    mutating func awaitGoal(of entry: Entry, campaign: Campaign) {
        guard campaign.terms.goal != nil else { return }
        if row.memory.goals.count >= AwaitedGoal.limit {
            forgetGoals()
            row.memory.goals.removeFirst(max(0, row.memory.goals.count - AwaitedGoal.limit + 1))
        }
        row.memory.goals.append(
            AwaitedGoal(
                campaign: entry.campaign, occurrence: entry.occurrence, instant: entry.instant,
                since: entry.eventTime ?? entry.instant, values: entry.values))
    }

    /// Records the goals that an event reaches. One that happened before the entry's own reaches nothing.
    mutating func reachGoals(with event: Event) {
        guard !row.memory.goals.isEmpty else { return }
        for (place, awaited) in row.memory.goals.enumerated().reversed() {
            guard let index = decider.index(ofIdentity: awaited.campaign),
                isReached(awaited, by: event, campaign: index)
            else { continue }
            row.memory.goals.remove(at: place)
            outcome.goals.append(
                ReachedGoal(
                    campaign: awaited.campaign, occurrence: awaited.occurrence,
                    isHeldOut: HoldoutGate.stop(decider.campaigns[index], customer: row.customer) != nil))
        }
    }

    private func isReached(_ awaited: AwaitedGoal, by event: Event, campaign index: Int) -> Bool {
        guard let goal = decider.campaigns[index].terms.goal, goal.types.contains(event.type),
            event.time >= awaited.since, event.time < end(of: goal, awaited, campaign: index)
        else { return false }
        guard let condition = goal.condition else { return true }
        let context = context(ofCampaign: index, entry: awaited.values, event: event)
        return (try? condition.isTrue(context).isTrue) ?? false
    }

    /// A goal that was not reached in time is none any more, nor is one that the rules no longer have.
    mutating func forgetGoals() {
        guard !row.memory.goals.isEmpty else { return }
        let awaited = row.memory.goals.filter { awaited in
            guard let index = decider.index(ofIdentity: awaited.campaign),
                let goal = decider.campaigns[index].terms.goal
            else { return false }
            return row.asOf < end(of: goal, awaited, campaign: index)
        }
        row.memory.goals = awaited
    }

    private func end(of goal: Goal, _ awaited: AwaitedGoal, campaign index: Int) -> Timestamp {
        (ownZone(ofCampaign: index) ?? zone).advance(awaited.instant, by: goal.within)
    }
}

/// The goal of an entry, reached by an event.
public struct ReachedGoal: Sendable, Hashable {
    /// The campaign's identity.
    public var campaign: String
    /// The occurrence that began the entry.
    public var occurrence: String
    /// Whether the customer belongs to the campaign's holdout: the comparison is between these and the others.
    public var isHeldOut: Bool
}

import CareDecisions
import CareLogic
import CareRules
import CareValues

/// How the newest event that a campaign's trigger asks for came out, where it began nothing: such a look leaves no row,
/// and is told again from the facts as they were known when it came.
public struct EventLook: Sendable {
    /// Why it began nothing.
    public enum Answer: String, Sendable {
        /// The trigger's `where` was not met.
        case `where`
        /// The campaign's condition was not met.
        case condition
        /// It was received before the campaign was as it is, or while its trigger did not count.
        case before
        /// It was taken in as history: nothing fires.
        case history
    }

    /// The event.
    public var event: Event
    /// Why it began nothing.
    public var answer: Answer
    /// The trigger's `where` with the values of then; nil: it has none.
    public var triggerWhere: ExplanationNode?
    /// The campaign's condition with the values of then; nil: it has none, or the `where` was not met.
    public var condition: ExplanationNode?

    /// Looks at `event` as the campaign at `index` did.
    ///
    /// - Parameter row: the customer as it was when the event had come.
    public init(_ event: Event, campaign index: Int, row: CustomerRow, decider: Decider, showsPII: Bool = false) {
        self.event = event
        let campaign = decider.active.rules.campaigns[index]
        let context = decider.context(of: row, entry: Decider.entryValues(of: event), event: event)
        func holds(_ condition: Expression?) -> Bool {
            guard let condition else { return true }
            return (try? condition.isTrue(context).isTrue) ?? false
        }
        triggerWhere = campaign.triggerWhere.map { $0.explain(context, showsPII: showsPII) }
        guard event.receivedAt > decider.active.starts[index],
            decider.counts(campaign: index, at: event.receivedAt, row)
        else {
            answer = .before
            return
        }
        guard holds(campaign.triggerWhere) else {
            answer = .where
            return
        }
        condition = campaign.condition.map { $0.explain(context, showsPII: showsPII) }
        answer = holds(campaign.condition) ? .history : .condition
    }
}

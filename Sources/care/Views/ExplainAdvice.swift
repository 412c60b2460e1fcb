import CareDecisions
import CareLogic
import CarePlanning
import CareRules
import CareValues

/// What would have to be otherwise for the campaign to reach the customer.
struct ExplainAdvice {
    let explanation: Explanation
    let schema: Schema
    let time: TimeText
    let showsPII: Bool

    /// The lines under the tree; empty: nothing objects.
    var lines: [String] {
        var table = Table([.left, .left])
        for (index, way) in ways.enumerated() { table.add([index == 0 ? "To change it:" : "or:", way]) }
        if let action = explanation.held.first(where: { $0.gates.contains(where: \.objects) }),
            let deadline = action.look.deadline
        {
            table.add(["Otherwise:", "skip too_late, \(time.full(deadline))"])
        }
        return table.lines(indent: "")
    }

    var json: JSONValue { .array(ways.map(JSONValue.string)) }

    /// Each way by itself suffices.
    private var ways: [String] {
        guard let stopper = explanation.stopper else { return [] }
        var ways: [String] = []
        if let change = explanation.change {
            if !change.changes.isEmpty { ways.append(change.changes.map(text).joined(separator: " and ")) }
            if let (at, unless) = change.byTime {
                let days =
                    explanation.outlook.zone.date(at: at).dayNumber
                    - explanation.outlook.zone.date(at: explanation.now).dayNumber
                let when = days <= 0 ? "today" : days == 1 ? "in 1 day" : "in \(days) days"
                let no = unless.isEmpty ? "" : ", if no \(unless.joined(separator: ", no "))"
                ways.append("\(when)\(no): \(time.full(at))")
            }
            return ways
        }
        guard case .stopped(_, let reason, let until) = stopper.look.state else { return ways }
        if let until { ways.append("nothing: it opens \(time.full(until))") }
        switch reason {
        case .noConsent: ways.append("\(stopper.look.name) granted")
        case .noAddress: ways.append("an address, which is missing")
        case .holdout: ways.append("nothing: the customer is held out, by its id")
        case .excluded: ways.append("the end of the entry that lives in the group '\(stopper.look.name)'")
        case .reentry where until == nil:
            if case .afterExit = explanation.campaign.reentry {
                ways.append("the end of the entry that lives")
            } else {
                ways.append("nothing: it is entered once")
            }
        case .frequencyCap where until == nil: ways.append("fewer acts: \(stopper.look.detail)")
        default: break
        }
        return ways
    }

    private func text(_ change: LeastChange.Change) -> String {
        switch change {
        case .attribute(let name, let needed, let index):
            let value = explanation.values[name]
            let isHidden = schema.attributes[index].isPII && !showsPII
            return "\(name) \(needed) instead of \(value.map { isHidden ? PersonalText.masked($0) : $0 } ?? "missing")"
        case .trait(let name, let needed, _, let events):
            let moved = events.isEmpty ? "" : " (\(events.joined(separator: ", ")))"
            return "\(name) \(needed) instead of \(explanation.values[name] ?? "missing")\(moved)"
        }
    }
}

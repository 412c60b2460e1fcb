import CareLogic
import CarePlanning
import CareRules
import CareValues

/// A campaign's trigger in the words of its rule file, with the customer's value.
struct TriggerText {
    let explanation: Explanation
    let schema: Schema

    var text: String {
        switch explanation.campaign.trigger {
        case .event(let types): return "event \(types.joined(separator: ", "))"
        case .api: return "a call of \(explanation.campaign.name)"
        case .change(let change):
            let direction = change.direction.map { ", direction \($0.rawValue)" } ?? ""
            return "change of \(change.name)\(direction)\(at(change.at)), now \(value(change.of))"
        case .segment(let segment):
            return "segment \(segment.name) \(segment.edge.rawValue)\(at(segment.at)), \(membership)"
        case .anniversary(let anniversary):
            let offset = offsetText(anniversary.offsets)
            return "\(anniversary.name) \(value(anniversary.of))\(offset) at \(anniversary.at.text)"
        case .date(let date):
            return "date \(date.name) \(value(date.of))\(offsetText(date.offsets)) at \(date.at.text)"
        case .inactivity(let inactivity):
            let types = inactivity.types.joined(separator: ", ")
            return
                "no \(types) for \(inactivity.duration.text)\(at(inactivity.at)), last \(shown(explanation.outlook.watched, isPII: false))"
        }
    }

    private func at(_ time: LocalTime?) -> String { time.map { " at \($0.text)" } ?? "" }

    private func offsetText(_ offsets: [ISODuration]) -> String {
        let offsets = offsets.filter { !$0.isZero }.map(\.text)
        return offsets.isEmpty ? "" : ", \(offsets.joined(separator: ", "))"
    }

    private var membership: String {
        switch explanation.outlook.watched {
        case .bool(true): "a member now"
        case .bool(false): "not a member now"
        default: "membership cannot be told"
        }
    }

    private func value(_ watched: WatchedValue) -> String {
        var isPII = false
        if case .attribute(let index) = watched { isPII = schema.attributes[index].isPII }
        return shown(explanation.outlook.watched, isPII: isPII)
    }

    private func shown(_ value: LogicValue?, isPII: Bool) -> String {
        guard let value else { return "-" }
        switch value {
        case .missing: return "-"
        case .instant(let instant): return TimeText(zone: explanation.outlook.zone).full(instant)
        default: return isPII ? "•••" : value.text ?? "-"
        }
    }
}

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
        case .change(let change):
            return
                "change of \(change.name)\(change.direction.map { ", direction \($0.rawValue)" } ?? ""), now \(value(change.of))"
        case .anniversary(let anniversary):
            let offsets = anniversary.offsets.filter { !$0.isZero }.map(\.text)
            let offset = offsets.isEmpty ? "" : ", \(offsets.joined(separator: ", "))"
            return "\(anniversary.name) \(value(anniversary.of))\(offset) at \(anniversary.at.text)"
        case .inactivity(let inactivity):
            let types = inactivity.types.joined(separator: ", ")
            let at = inactivity.at.map { " at \($0.text)" } ?? ""
            return
                "no \(types) for \(inactivity.duration.text)\(at), last \(shown(explanation.outlook.watched, isPII: false))"
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

import CareLogic
import CarePlanning
import CareRules
import CareValues

/// A campaign's trigger in the words of its rule file, with the customer's value.
struct TriggerText {
    let explanation: Explanation
    let schema: Schema
    var showsPII = false

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
            let calendar = anniversary.calendar == .own ? "" : ", \(anniversary.calendar.rawValue) calendar"
            return "\(anniversary.name) \(value(anniversary.of))\(calendar)\(offset) at \(anniversary.at.text)"
        case .date(let date):
            return "date \(date.name) \(value(date.of))\(offsetText(date.offsets)) at \(date.at.text)"
        case .holiday(let holiday):
            let region =
                switch holiday.region {
                case .code(let code): code
                case .attribute(let index, let name): "\(name) \(value(.attribute(index)))"
                }
            return "holiday \(holiday.name) of \(region)\(offsetText(holiday.offsets)) at \(holiday.at.text)"
        case .schedule(let schedule):
            let spread = schedule.spread.map { ", spread over \($0.text)" } ?? ""
            return
                "schedule \(schedule.text), \(schedule.clock == .customer ? "customer's" : "project's") clock\(spread)"
        case .inactivity(let inactivity):
            return silence(inactivity)
        }
    }

    private func silence(_ inactivity: InactivityTrigger) -> String {
        let types = inactivity.types.joined(separator: ", ")
        let every = inactivity.every.map { ", then every \($0.text)" } ?? ""
        let spread = inactivity.spread.map { ", spread over \($0.text)" } ?? ""
        // What began it is an event's time, or the date that stands in for one.
        let isPII = inactivity.orSince.map { schema.attributes[$0].isPII } ?? false
        let since = shown(explanation.outlook.watched, isPII: isPII)
        let last = inactivity.orSince == nil ? "last \(since)" : "last or since \(since)"
        return "no \(types) for \(inactivity.duration.text)\(every)\(at(inactivity.at))\(spread), \(last)"
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
        if case .attribute(let index) = watched { isPII = schema.attributes[index].isPII && !showsPII }
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

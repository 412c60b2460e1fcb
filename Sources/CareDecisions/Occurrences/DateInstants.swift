import CareLogic
import CareRules
import CareValues

/// The instants of a date trigger for one value of its date, in one zone.
struct DateInstants {
    /// The trigger's settings.
    let trigger: DateTrigger
    /// The date; of an instant, the local date.
    let date: CivilDate
    /// The value as it is, a part of the occurrence's key: it stays when the zone moves.
    let text: String
    /// The customer's zone.
    let zone: Zone

    /// The instants of `value`; nil when it is missing or neither a date nor an instant.
    init?(of value: LogicValue, trigger: DateTrigger, zone: Zone) {
        switch value {
        case .date(let date): (self.date, text) = (date, date.text)
        case .instant(let instant): (date, text) = (zone.date(at: instant), instant.iso8601)
        default: return nil
        }
        self.trigger = trigger
        self.zone = zone
    }

    /// When it is due for the offset at `position` (1-based).
    func due(position: Int) -> Timestamp {
        let offset = trigger.offsets[position - 1]
        let moved = offset.months == 0 ? date : date.advanced(byMonths: Int(offset.months))
        return zone.instant(of: LocalDateTime(date: moved.advanced(byDays: Int(offset.days)), time: trigger.at))
            .advanced(byMilliseconds: offset.milliseconds)
    }

    /// The earliest one due after `instant` that `isOpen` lets pass, by position; nil: none.
    func first(after instant: Timestamp, where isOpen: (_ key: String) -> Bool) -> (due: Timestamp, position: Int)? {
        var best: (due: Timestamp, position: Int)?
        for position in 1...trigger.offsets.count {
            let due = self.due(position: position)
            guard due > instant, best.map({ due < $0.due }) ?? true, isOpen(key(position: position)) else { continue }
            best = (due, position)
        }
        return best
    }

    /// The occurrence's key: the value of the date and the offset's position.
    func key(position: Int) -> String { "\(text)/\(position)" }
}

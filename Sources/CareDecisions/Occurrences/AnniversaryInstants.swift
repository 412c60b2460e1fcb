import CareLogic
import CareRules
import CareValues

/// The yearly return of one date, in one zone: which occurrence is due when.
struct AnniversaryInstants {
    /// The trigger's settings.
    let trigger: AnniversaryTrigger
    /// Year of the date itself, nil when it is not known: every year is an anniversary then.
    let baseYear: Int?
    /// 1...12
    let month: Int
    /// 1...31
    let day: Int
    /// The date itself when it is known, for the sentinel check.
    let date: CivilDate?
    /// The customer's zone.
    let zone: Zone

    /// One anniversary with one of the trigger's offsets.
    struct Instant {
        /// When it is due.
        var due: Timestamp
        /// The year of the anniversary, not of the send.
        var year: Int
        /// 1-based position of the offset.
        var position: Int
    }

    /// The anniversaries of `value`; nil when it is missing or not a date.
    init?(of value: LogicValue, trigger: AnniversaryTrigger, zone: Zone) {
        self.trigger = trigger
        self.zone = zone
        switch value {
        case .birthday(let birthday):
            baseYear = birthday.year
            month = birthday.month
            day = birthday.day
            date = birthday.year.flatMap { CivilDate(year: $0, month: birthday.month, day: birthday.day) }
        case .date(let date):
            let parts = date.components
            (baseYear, month, day, self.date) = (parts.year, parts.month, parts.day, date)
        case .instant(let instant):
            let date = zone.date(at: instant)
            let parts = date.components
            (baseYear, month, day, self.date) = (parts.year, parts.month, parts.day, date)
        default:
            return nil
        }
    }

    /// The day of the anniversary in `year`, or nil when there is none: the date itself or before it, a year outside
    /// 1...9999, or a 29 February that is left out.
    func anniversary(in year: Int) -> CivilDate? {
        if let baseYear, year <= baseYear { return nil }
        if month == 2, day == 29, !CivilDate.isLeap(year: year) {
            switch trigger.leapDay {
            case .feb28: return CivilDate(year: year, month: 2, day: 28)
            case .mar1: return CivilDate(year: year, month: 3, day: 1)
            case .skip: return nil
            }
        }
        return CivilDate(year: year, month: month, day: day)
    }

    /// When the anniversary of `year` is due for the offset at `position` (1-based), or nil when there is none.
    func due(year: Int, position: Int) -> Timestamp? {
        guard let day = anniversary(in: year) else { return nil }
        let offset = trigger.offsets[position - 1]
        let moved = offset.months == 0 ? day : day.advanced(byMonths: Int(offset.months))
        let shifted = moved.advanced(byDays: Int(offset.days))
        return zone.instant(of: LocalDateTime(date: shifted, time: trigger.at))
            .advanced(byMilliseconds: offset.milliseconds)
    }

    /// The earliest anniversary due after `instant` that `isOpen` lets pass, or nil when none comes.
    ///
    /// Looks nine years ahead at most: between 1896 and 1904 there was no 29 February.
    func first(after instant: Timestamp, where isOpen: (Instant) -> Bool) -> Instant? {
        var best: Instant?
        for position in 1...trigger.offsets.count {
            let offset = trigger.offsets[position - 1]
            // The year of the first anniversary whose shifted day can lie at `instant` or later: a day less for
            // hours, a year less where months make the shift inexact.
            let shift = Int(offset.months) * 31 + Int(offset.days) + Int(offset.milliseconds / 86_400_000)
            let day = zone.date(at: instant).advanced(byDays: -shift - 1)
            let start = day.components.year - (offset.months == 0 ? 0 : 1)
            for year in start...(start + 10) {
                guard let due = self.due(year: year, position: position), due > instant else { continue }
                if let best, best.due <= due { break }
                let candidate = Instant(due: due, year: year, position: position)
                if isOpen(candidate) {
                    best = candidate
                    break
                }
            }
        }
        return best
    }

    /// The occurrence's key: the year of the anniversary and the offset's position.
    static func key(year: Int, position: Int) -> String {
        "\(year)/\(position)"
    }
}

import CareLogic
import CareRules
import CareValues

/// The yearly return of one date, in one zone: which occurrence is due when.
///
/// Years are those of the calendar in which it returns.
struct AnniversaryInstants {
    /// The trigger's settings.
    let trigger: AnniversaryTrigger
    /// Year of the date itself, nil when it is not known: every year is an anniversary then.
    let baseYear: Int?
    /// 1...12
    let month: Int
    /// 1...31
    let day: Int
    /// The return in the Chinese calendar; nil: it returns in the Gregorian one.
    let chinese: ChineseReturn?
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

    /// The anniversaries of `value`; nil when it is missing or not a date, or cannot be told in the trigger's calendar:
    /// a birthday without its year, a day outside of the Chinese calendar's table.
    init?(of value: LogicValue, trigger: AnniversaryTrigger, zone: Zone) {
        self.trigger = trigger
        self.zone = zone
        let birthday: Birthday?
        switch value {
        case .birthday(let written): (birthday, date) = (written, written.date)
        case .date(let day): (birthday, date) = (nil, day)
        case .instant(let instant): (birthday, date) = (nil, zone.date(at: instant))
        default: return nil
        }
        let isWrittenChinese = birthday?.isChinese ?? false
        switch trigger.calendar {
        case .own where !isWrittenChinese, .gregorian:
            chinese = nil
            if let birthday, !birthday.isChinese {
                (baseYear, month, day) = (birthday.year, birthday.month, birthday.day)
            } else {
                guard let parts = date?.components else { return nil }
                (baseYear, month, day) = (parts.year, parts.month, parts.day)
            }
        case .own, .chinese:
            let isLeapMonth: Bool
            if let birthday, isWrittenChinese {
                (baseYear, month, day) = (birthday.year, birthday.month, birthday.day)
                isLeapMonth = birthday.isLeapMonth
            } else {
                guard let converted = date.flatMap({ ChineseCalendar.date(of: $0) }) else { return nil }
                (baseYear, month, day) = (converted.year, converted.month, converted.day)
                isLeapMonth = converted.isLeapMonth
            }
            chinese = ChineseReturn(
                month: month, prefersLeapMonth: isLeapMonth && trigger.leapMonth == .leap, day: day,
                shortMonth: trigger.shortMonth.kept)
        }
    }

    /// The day of the anniversary in `year`, or nil when there is none: the date itself or before it, a year outside
    /// 1...9999 or of the Chinese calendar's table, or a 29 February or a 30th that is left out.
    func anniversary(in year: Int) -> CivilDate? {
        if let baseYear, year <= baseYear { return nil }
        if let chinese { return chinese.civil(in: year) }
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

    /// The year of `date` in the calendar of the return; outside of the Chinese calendar's table its nearest.
    func year(of date: CivilDate) -> Int {
        guard chinese != nil else { return date.components.year }
        if let converted = ChineseCalendar.date(of: date) { return converted.year }
        return date < CivilDate(dayNumber: 0) ? ChineseCalendar.years.lowerBound : ChineseCalendar.years.upperBound
    }

    /// The earliest anniversary due after `instant` that `isOpen` lets pass, or nil when none comes.
    ///
    /// Looks ``yearsAhead`` years ahead at most.
    func first(after instant: Timestamp, where isOpen: (Instant) -> Bool) -> Instant? {
        var best: Instant?
        for position in 1...trigger.offsets.count {
            let start = firstYear(after: instant, position: position)
            for year in start...(start + Self.yearsAhead) {
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

    /// Hands out the anniversaries that are due in `(start, end)`, offset by offset.
    func forEach(after start: Timestamp, before end: Timestamp, _ visit: (Instant) -> Void) {
        guard start < end else { return }
        for position in 1...trigger.offsets.count {
            let last = firstYear(after: end, position: position) + 2
            for year in firstYear(after: start, position: position)...last {
                guard let due = self.due(year: year, position: position), due > start else { continue }
                if due >= end { break }
                visit(Instant(due: due, year: year, position: position))
            }
        }
    }

    /// The year of the first anniversary whose shifted day can lie at `instant` or later: a day less for hours, a year
    /// less where months make the shift inexact, or where a 30th is kept in the next year.
    private func firstYear(after instant: Timestamp, position: Int) -> Int {
        let offset = trigger.offsets[position - 1]
        let shift = Int(offset.months) * 31 + Int(offset.days) + Int(offset.milliseconds / 86_400_000)
        let day = zone.date(at: instant).advanced(byDays: -shift - 1)
        return year(of: day) - (offset.months == 0 && chinese == nil ? 0 : 1)
    }

    /// Between 1896 and 1904 there was no 29 February, and the eleventh month of the Chinese calendar has no 30th for
    /// eight years from 1970 on; no day is away for longer.
    private static let yearsAhead = 12

    /// The occurrence's key: the year of the anniversary and the offset's position.
    static func key(year: Int, position: Int) -> String {
        "\(year)/\(position)"
    }
}

extension AnniversaryTrigger.ShortMonth {
    /// The same, as the calendar has it.
    fileprivate var kept: ChineseReturn.ShortMonth {
        switch self {
        case .lastDay: .lastDay
        case .nextDay: .nextDay
        case .skip: .skip
        }
    }
}

import CareLogic
import CareRules
import CareValues

/// The returns of one holiday in one region, on one wall clock: which occurrence is due when.
struct HolidayInstants {
    /// The trigger's settings.
    let trigger: HolidayTrigger
    /// Whose holiday it is.
    let region: HolidayRegion
    /// The customer's zone.
    let zone: Zone

    /// One return with one of the trigger's offsets.
    struct Instant {
        /// When it is due.
        var due: Timestamp
        /// The holiday itself.
        var holiday: HolidayDate
        /// 1-based position of the offset.
        var position: Int
    }

    /// When a return on `date` is due for the offset at `position` (1-based).
    func due(_ date: CivilDate, position: Int) -> Timestamp {
        let offset = trigger.offsets[position - 1]
        let moved = offset.months == 0 ? date : date.advanced(byMonths: Int(offset.months))
        return zone.instant(of: LocalDateTime(date: moved.advanced(byDays: Int(offset.days)), time: trigger.at))
            .advanced(byMilliseconds: offset.milliseconds)
    }

    /// When the return of `year` in the holiday's own calendar is due for the offset at `position`; nil: it has none.
    func due(year: Int, position: Int) -> Timestamp? {
        region.date(of: trigger.name, year: year).map { due($0, position: position) }
    }

    /// The instants of the offset at `position` in `(start, end]`, in order.
    func instants(after start: Timestamp, through end: Timestamp, position: Int) -> [Instant] {
        let offset = trigger.offsets[position - 1]
        // A day more on both sides for hours, a month where months make the shift inexact.
        let shift = Int(offset.months) * 31 + Int(offset.days) + Int(offset.milliseconds / 86_400_000)
        let slack = 2 + abs(Int(offset.months)) * 4
        return region.dates(
            of: trigger.name, from: zone.date(at: start).advanced(byDays: -shift - slack),
            until: zone.date(at: end).advanced(byDays: -shift + slack + 1)
        ).compactMap { holiday in
            let due = self.due(holiday.date, position: position)
            return due > start && due <= end ? Instant(due: due, holiday: holiday, position: position) : nil
        }
    }

    /// The last instant in `(start, end]`, of equal ones that of the last offset, and how many others lie in it.
    func last(after start: Timestamp, through end: Timestamp) -> (instant: Instant, others: Int)? {
        guard start < end else { return nil }
        var last: Instant?
        var count = 0
        for position in 1...trigger.offsets.count {
            for instant in instants(after: start, through: end, position: position) {
                count += 1
                if last.map({ $0.due <= instant.due }) ?? true { last = instant }
            }
        }
        return last.map { ($0, count - 1) }
    }

    /// The first instant after `start` that `isOpen` lets pass; nil: none in the ten years after it.
    func first(after start: Timestamp, where isOpen: (Instant) -> Bool = { _ in true }) -> Instant? {
        var best: Instant?
        for days in [Int64(400), 3_660] {
            let end = start.advanced(byMilliseconds: days * 86_400_000)
            for position in 1...trigger.offsets.count {
                for instant in instants(after: start, through: end, position: position)
                where best.map({ instant.due < $0.due }) ?? true && isOpen(instant) {
                    best = instant
                    break
                }
            }
            if best != nil { return best }
        }
        return nil
    }

    /// The instant that has `key`; nil: the region keeps no such return.
    func instant(ofKey key: String) -> Instant? {
        let parts = key.split(separator: "/")
        guard parts.count > 2, let year = Int(parts[parts.count - 2]), let position = Int(parts[parts.count - 1]),
            (1...trigger.offsets.count).contains(position), let date = region.date(of: trigger.name, year: year),
            let holiday = region.dates(of: trigger.name, from: date, until: date.advanced(byDays: 1)).first(
                where: { $0.year == year })
        else { return nil }
        return Instant(due: due(date, position: position), holiday: holiday, position: position)
    }

    /// The occurrence's key: the holiday's name, its year in its own calendar, and the offset's position.
    func key(_ instant: Instant) -> String { "\(trigger.name)/\(instant.holiday.year)/\(instant.position)" }
}

import CareValues

/// On which days a date or instant of a customer falls, as columns can tell it.
public enum MomentTest: Sendable {
    /// A date, or the local date of an instant, from one day to another, both included.
    case dates(BatchColumn.Source, from: CivilDate, through: CivilDate)
    /// The same of the days of a leap year, 1...366, on which a birthday, a date or a local date returns; of birthdays of
    /// the Chinese calendar ``chineseYearDays``.
    case yearDays(BatchColumn.Source, Set<Int>)
    /// An instant from one to another, both included.
    case instants(BatchColumn.Source, from: Timestamp, through: Timestamp)

    /// What stands for the days of a birthday that is written in the Chinese calendar.
    public static let chineseYearDays = Set(367...YearDay.last)

    /// The days of a leap year from one date to another, both included: those of 29 February too where its neighbours
    /// are there.
    public static func yearDays(from: CivilDate, through: CivilDate) -> Set<Int> {
        guard through.dayNumber - from.dayNumber < 366 else { return Set(1...366) }
        var days: Set<Int> = []
        var date = from
        while date <= through {
            let parts = date.components
            days.insert(YearDay.number(month: parts.month, day: parts.day))
            date = date.advanced(byDays: 1)
        }
        let leapDay = YearDay.number(month: 2, day: 29)
        if days.contains(leapDay - 1) || days.contains(leapDay + 1) { days.insert(leapDay) }
        return days
    }
}

extension Schema {
    /// The aspects under which columns can tell of the dates of an attribute or trait: its days, and its returns; nil:
    /// it has none, or nothing is known of its type.
    public func canTellDates(of source: BatchColumn.Source) -> (days: Bool, returns: Bool) {
        let type: StaticType =
            switch source {
            case .attribute(let index): StaticType(attributes[index].type)
            case .trait(let index): staticType(ofTrait: index)
            }
        return switch type {
        case .date, .instant: (true, true)
        case .birthday: (false, true)
        default: (false, false)
        }
    }

    /// Whether a segment's membership can change though no fact comes.
    public func movesWithTime(segment index: Int) -> Bool {
        movesWithTime(segments[index].condition)
    }

    /// Whether what a condition says can change though no fact comes.
    public func movesWithTime(_ expression: Expression) -> Bool {
        let uses = expression.uses
        return uses.time || uses.traits.contains { movesWithTime(trait: $0) }
            || uses.segments.contains { movesWithTime(segment: $0) }
    }

    /// Whether what a condition says can change within one local day though no fact comes.
    public func movesWithinDay(_ expression: Expression) -> Bool {
        let uses = expression.uses
        return uses.hour || uses.traits.contains { movesWithTime(trait: $0) }
            || uses.segments.contains { movesWithinDay(segments[$0].condition) }
    }

    /// Whether a trait's value can change though no fact comes.
    public func movesWithTime(trait index: Int) -> Bool {
        switch traits[index].definition {
        case .aggregate(_, let selection): selection.window != nil
        case .open: false
        case .rfm: true
        case .value(let value): movesWithTime(value.expression)
        case .lifecycle(let stages): stages.contains { movesWithTime($0.condition) }
        }
    }
}

extension BatchLowering {
    /// The mask of a test.
    mutating func mask(_ test: MomentTest) -> Int {
        func range(_ low: Double, _ high: Double) -> ValueSet {
            ValueSet(ranges: low <= high ? [.init(low: low, high: high)] : [], holdsMissing: false)
        }
        switch test {
        case .dates(let source, let from, let through):
            return emit(
                .set(column: column(source, .day), range(Double(from.dayNumber), Double(through.dayNumber))))
        case .yearDays(let source, let days):
            // Whole numbers that follow each other are one range.
            var set = ValueSet(ranges: [], holdsMissing: false)
            for day in days.sorted() {
                if let last = set.ranges.last, last.high + 1 == Double(day) {
                    set.ranges[set.ranges.count - 1].high = Double(day)
                } else {
                    set.ranges.append(.init(low: Double(day), high: Double(day)))
                }
            }
            return emit(.set(column: column(source, .yearDay), set))
        case .instants(let source, let from, let through):
            return emit(
                .set(
                    column: column(source, .instant),
                    range(Double(from.milliseconds), Double(through.milliseconds))))
        }
    }
}

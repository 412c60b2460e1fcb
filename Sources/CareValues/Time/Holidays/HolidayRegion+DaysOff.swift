extension HolidayRegion.Definition {
    /// The days off and the make-up workdays of some years, ascending.
    func days(of years: ClosedRange<Int>) -> (off: [CivilDate], work: [CivilDate]) {
        var off: Set<CivilDate> = []
        var work: [CivilDate] = []
        if years.contains(where: { published[$0] == nil }) {
            off = daysByRule(around: years).filter { date in
                let year = date.components.year
                return years.contains(year) && year >= since && published[year] == nil
            }
        }
        for (year, days) in published where years.contains(year) {
            off.formUnion(days.off)
            work += days.work
        }
        return (off.sorted(), work.sorted())
    }

    /// The days off that the rules give, also those of the years next to `years`.
    private func daysByRule(around years: ClosedRange<Int>) -> Set<CivilDate> {
        var own: [(date: CivilDate, observed: HolidaySpan.Observed)] = []
        // A day off can be observed, or a lunar year end, in the year beside it.
        let candidates = (years.lowerBound - 1)...(years.upperBound + 1)
        for (_, spans) in holidays {
            for year in candidates {
                guard let span = spans.first(where: { $0.date(in: year) != nil }), let date = span.date(in: year)
                else { continue }
                for plus in span.daysOff { own.append((date.advanced(byDays: plus), span.observed)) }
            }
        }
        own.sort { ($0.date, $0.observed.rawValue) < ($1.date, $1.observed.rawValue) }
        var off = Set(own.map(\.date))
        for (date, observed) in own {
            if let instead = substitute(for: date, observed, taken: off) { off.insert(instead) }
        }
        if bridge {
            for date in off {
                let between = date.advanced(byDays: 1)
                if between.isoWeekday != 7, off.contains(date.advanced(byDays: 2)) { off.insert(between) }
            }
        }
        return off
    }

    private func substitute(
        for date: CivilDate, _ observed: HolidaySpan.Observed, taken: Set<CivilDate>
    ) -> CivilDate? {
        let weekday = date.isoWeekday
        var instead = date
        switch observed {
        case .no:
            return nil
        case .nearestWeekday:
            return weekday < 6 ? nil : date.advanced(byDays: weekday == 6 ? -1 : 1)
        case .nextWeekday:
            guard weekday >= 6 else { return nil }
            repeat { instead = instead.advanced(byDays: 1) } while instead.isoWeekday >= 6 || taken.contains(instead)
        case .afterSunday:
            guard weekday == 7 else { return nil }
            repeat { instead = instead.advanced(byDays: 1) } while taken.contains(instead)
        }
        return instead
    }
}

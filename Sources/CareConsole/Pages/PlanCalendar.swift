import CareValues

/// The acts of each day of a plan, by weeks; five steps of shade by rank, always with the number.
struct PlanCalendar {
    var period: PlannedPeriod
    var voice: Voice

    var section: Markup {
        Parts.section(
            voice(Say.actsPerDay), note: .text(voice(Say.daysIn, ["zone": period.plan.zone.name])),
            end: tag("span", "scale") {
                voice(Say.fewer)
                for css in Self.steps { tag("i", .class(css)) }
                voice(Say.more)
            }
        ) {
            tag("table", "heat") {
                tag("caption", "hidden-text") { voice(Say.actsPerDay) }
                tag("thead") {
                    tag("tr") {
                        for offset in 0..<7 {
                            tag("th", Attribute("scope", "col")) { voice.weekday(monday.advanced(byDays: offset)) }
                        }
                    }
                }
                tag("tbody") {
                    for week in 0..<weeks {
                        tag("tr") {
                            for day in 0..<7 { cell(monday.advanced(byDays: week * 7 + day)) }
                        }
                    }
                }
            }
        }
    }

    private static let steps: [StaticString] = ["h1", "h2", "h3", "h4", "h5"]

    private var first: CivilDate { period.plan.zone.date(at: period.plan.from) }
    private var last: CivilDate {
        period.plan.zone.date(at: period.plan.until.advanced(byMilliseconds: -1))
    }
    private var monday: CivilDate { first.advanced(byDays: 1 - first.isoWeekday) }
    private var weeks: Int { (Int(last.dayNumber - monday.dayNumber)) / 7 + 1 }

    private func cell(_ date: CivilDate) -> Markup {
        guard date >= first, date <= last else {
            return tag("td", "outside") { String(date.components.day) }
        }
        let count = period.plan.tally.actsByDay[date] ?? 0
        let isFirst = date == first
        let shade: StaticString =
            switch (rank(count), isFirst) {
            case (0, false): "h0"
            case (1, false): "h1"
            case (2, false): "h2"
            case (3, false): "h3"
            case (4, false): "h4"
            case (_, false): "h5"
            case (0, true): "h0 today"
            case (1, true): "h1 today"
            case (2, true): "h2 today"
            case (3, true): "h3 today"
            case (4, true): "h4 today"
            case (_, true): "h5 today"
            }
        return tag("td", .class(shade)) {
            date == first || date.components.day == 1 ? voice.date(date) : String(date.components.day)
            if isFirst {
                tag("span", "name") { " " + voice(Say.fromTime, ["time": voice.time(period.plan.from)]) }
            } else if let name = period.dayNames[date] {
                tag("span", "name") { " " + name }
            }
            tag("span", "n") { voice.cell(count) }
        }
    }

    /// Which fifth of the days with acts it belongs to, 1 … 5; 0: none.
    private func rank(_ count: Int) -> Int {
        guard count > 0 else { return 0 }
        let counts = period.plan.tally.actsByDay.values.filter { $0 > 0 }.sorted()
        let below = counts.count { $0 < count }
        return min(5, 1 + below * 5 / max(1, counts.count))
    }
}

import CarePlanning
import CareValues

/// How many acts each day of a plan has: one strip for a week, a row a week for longer.
struct PlanStrip {
    let plan: Plan

    private var time: TimeText { TimeText(zone: plan.zone) }

    /// The lines; none where nothing goes out.
    var lines: [String] {
        guard !plan.tally.actsByDay.isEmpty else { return [] }
        let first = plan.zone.date(at: plan.from)
        let last = plan.zone.date(at: plan.until.advanced(byMilliseconds: -1))
        return last.dayNumber - first.dayNumber < 8 ? days(first, last) : weeks(first, last)
    }

    private func days(_ first: CivilDate, _ last: CivilDate) -> [String] {
        let dates = (0...Int(last.dayNumber - first.dayNumber)).map { first.advanced(byDays: $0) }
        var table = Table([TableSide](repeating: .right, count: dates.count))
        table.add(dates.map { $0 == first || $0.components.day == 1 ? time.day($0) : time.shortDay($0) })
        table.add(dates.map { plan.tally.actsByDay[$0].map(grouped) ?? "-" })
        return ["Acts per day"] + table.lines()
    }

    /// Rows of Monday to Sunday with their sums. Weeks of nothing are one row together.
    private func weeks(_ first: CivilDate, _ last: CivilDate) -> [String] {
        var table = Table([.left] + [TableSide](repeating: .right, count: 8))
        table.add(["Acts per day", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "WEEK"])
        var monday = first.advanced(byDays: 1 - first.isoWeekday)
        var empty = 0
        func closeEmpty() {
            if empty > 0 { table.add(["  \(counted(empty, "week")) of nothing"]) }
            empty = 0
        }
        while monday <= last {
            let dates = (0..<7).map { monday.advanced(byDays: $0) }
            let sum = dates.reduce(0) { $0 + (plan.tally.actsByDay[$1] ?? 0) }
            if sum == 0 {
                empty += 1
            } else {
                closeEmpty()
                let year = monday.components.year != first.components.year
                let cells = dates.map { date in
                    date < first || date > last ? "" : plan.tally.actsByDay[date].map(grouped) ?? "-"
                }
                table.add(["  " + (year ? time.fullDay(monday) : time.day(monday))] + cells + [grouped(sum)])
            }
            monday = monday.advanced(byDays: 7)
        }
        closeEmpty()
        return table.lines(indent: "")
    }
}

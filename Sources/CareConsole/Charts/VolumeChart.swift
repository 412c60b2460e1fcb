import CareValues

/// Decisions a day, by outcome; the days to come as what is planned. A bar beyond the scale is cut, its number above it.
struct VolumeChart {
    /// One day.
    struct Bar: Sendable, Equatable {
        var date: CivilDate
        /// By outcome.
        var counts: [ShownOutcome: Int] = [:]
        /// What is still to come.
        var planned = 0
        /// Whether it is the present one.
        var isToday = false

        var decided: Int { counts.values.reduce(0, +) }
        var total: Int { decided + planned }
    }

    var bars: [Bar]
    /// What it says, for those who do not see it.
    var sentence: String
    var voice: Voice
    /// How wide the wide drawing is, in its own units: as its place is, so that its letters keep their size.
    var width = 1_000.0
    /// What is said below the drawing.
    var note = Markup.empty

    /// Both drawings, of which the style sheet shows one, and the same as a table.
    var markup: Markup {
        Markup.joined([
            tag("div", "wide") { drawing(width: width, height: 168, isNarrow: false) },
            tag("div", "narrow") { drawing(width: 358, height: 150, isNarrow: true) },
            note.isEmpty ? .empty : tag("p", "note after") { note },
            table,
        ])
    }

    /// Where the scale ends: above the day that nine in ten stay below; days far beyond are cut.
    private var top: Double {
        let totals = bars.map(\.total).sorted()
        guard let largest = totals.last, largest > 0 else { return 1 }
        let usual = totals[min(totals.count - 1, totals.count * 9 / 10)]
        let wanted = largest > usual * 3 && usual > 0 ? usual : largest
        return Self.rounded(Double(wanted) * 1.05)
    }

    /// The next of 1, 1.5, 2, 3, 4, 5, 6, 8 and their tens.
    static func rounded(_ value: Double) -> Double {
        var unit = 1.0
        while unit * 10 <= value { unit *= 10 }
        for step in [1.0, 1.5, 2, 3, 4, 5, 6, 8, 10] where unit * step >= value { return unit * step }
        return unit * 10
    }

    private func drawing(width: Double, height: Double, isNarrow: Bool) -> Markup {
        let left = isNarrow ? 0.0 : 40.0
        let ground = height - (isNarrow ? 30 : 34)
        let high = 26.0
        let top = top
        let scale = (ground - high) / top
        let step = (width - left) / Double(max(1, bars.count))
        let thick = max(3, step * (isNarrow ? 0.72 : 0.78))
        return tag(
            "svg", .class("chart"), Attribute("viewBox", "0 0 \(Int(width)) \(Int(height))"),
            Attribute("width", "100%"),
            Attribute("role", "img"), Attribute("aria-label", sentence)
        ) {
            grid(top, left, width, ground, scale, isNarrow: isNarrow)
            for (index, bar) in bars.enumerated() {
                let x = left + Double(index) * step + (step - thick) / 2
                if bar.isToday {
                    tag(
                        "rect", .class("band"), .number("x", x - 1), .number("y", 12), .number("width", thick + 2),
                        .number("height", ground - 12))
                }
                column(bar, x, thick, ground, high, top, scale)
                label(bar, index, x + thick / 2, ground, isNarrow: isNarrow)
            }
            line("base", left, width, ground)
        }
    }

    private func grid(
        _ top: Double, _ left: Double, _ width: Double, _ ground: Double, _ scale: Double, isNarrow: Bool
    ) -> Markup {
        let steps = top >= 3 ? 3 : 1
        return Markup.joined(
            (1...steps).map { index in
                let value = top * Double(index) / Double(steps)
                let y = ground - value * scale
                let isWhole = value == value.rounded()
                let number =
                    isWhole && !isNarrow ? text(left - 8, y + 4, voice.number(Int(value)), anchor: "end") : .empty
                return line("grid", left, width, y) + number
            } + [isNarrow ? .empty : text(left - 8, ground + 4, "0", anchor: "end")])
    }

    private func column(
        _ bar: Bar, _ x: Double, _ thick: Double, _ ground: Double, _ high: Double, _ top: Double, _ scale: Double
    ) -> Markup {
        let isCut = Double(bar.total) > top
        let factor = isCut ? (top / Double(bar.total)) * scale : scale
        var y = ground
        var parts: [Markup] = []
        for outcome in ShownOutcome.ledger {
            guard let count = bar.counts[outcome], count > 0 else { continue }
            let height = max(0.8, Double(count) * factor)
            y -= height
            parts.append(Fills.rectangle(x, y, thick, height, outcome))
        }
        if bar.planned > 0 {
            let height = max(1.6, Double(bar.planned) * factor)
            y -= height
            parts.append(Fills.rectangle(x + 0.6, y + 0.6, thick - 1.2, max(0.6, height - 0.6), .due))
        }
        if isCut {
            let gap = high + 12
            parts.append(
                tag(
                    "path", .class("stroke-bg"),
                    Attribute(
                        "d",
                        "M\(Attribute.decimal(x - 1)) \(Attribute.decimal(gap))q\(Attribute.decimal(thick / 4)) -4 \(Attribute.decimal(thick / 2 + 1)) 0t\(Attribute.decimal(thick / 2 + 1)) 0"
                    )))
            parts.append(text(x + thick / 2, high - 6, voice.number(bar.total), anchor: "middle", isLoud: true))
        }
        return Markup.joined(parts)
    }

    private func label(_ bar: Bar, _ index: Int, _ x: Double, _ ground: Double, isNarrow: Bool) -> Markup {
        if isNarrow, !bar.isToday, index % 7 != 0 || bars.contains(where: \.isToday) && isNearToday(index) {
            return .empty
        }
        let name = isNarrow || width < 900 ? String(bar.date.components.day) : dayLabel(bar.date)
        let first = text(x, ground + 14, name, anchor: "middle", isLoud: bar.isToday)
        let below = bar.isToday ? voice(Say.todayLabel) : isNarrow ? "" : voice.shortWeekday(bar.date)
        let second = below.isEmpty ? Markup.empty : text(x, ground + 26, below, anchor: "middle", isLoud: bar.isToday)
        return first + second
    }

    /// `15`; the first of a month with its month.
    private func dayLabel(_ date: CivilDate) -> String {
        date.components.day == 1 ? voice.date(date) : String(date.components.day)
    }

    private func isNearToday(_ index: Int) -> Bool {
        guard let today = bars.firstIndex(where: \.isToday) else { return false }
        return abs(today - index) < 3
    }

    private func line(_ css: StaticString, _ left: Double, _ width: Double, _ y: Double) -> Markup {
        tag("line", .class(css), .number("x1", left), .number("x2", width), .number("y1", y), .number("y2", y))
    }

    private func text(_ x: Double, _ y: Double, _ text: String, anchor: String, isLoud: Bool = false) -> Markup {
        tag("text", isLoud ? .class("loud") : nil, .number("x", x), .number("y", y), Attribute("text-anchor", anchor)) {
            text
        }
    }

    private var table: Markup {
        let shown = ShownOutcome.ledger.filter { outcome in bars.contains { ($0.counts[outcome] ?? 0) > 0 } }
        let hasPlanned = bars.contains { $0.planned > 0 }
        return tag("details", "as-table") {
            tag("summary") { voice(Say.showAsTable) }
            tag("div", "scroll") {
                tag("table", "table") {
                    tag("caption", "hidden-text") { sentence }
                    tag("thead") {
                        tag("tr") {
                            tag("th", Attribute("scope", "col")) { voice(Say.day) }
                            for outcome in shown {
                                tag("th", .class("num"), Attribute("scope", "col")) { voice(outcome.phrase) }
                            }
                            if hasPlanned { tag("th", .class("num"), Attribute("scope", "col")) { voice(Say.planned) } }
                        }
                    }
                    tag("tbody") {
                        for bar in bars {
                            tag("tr") {
                                tag("th", Attribute("scope", "row")) {
                                    voice.weekday(bar.date) + " " + voice.fullDate(bar.date)
                                }
                                for outcome in shown { tag("td", "num") { voice.cell(bar.counts[outcome] ?? 0) } }
                                if hasPlanned { tag("td", "num") { voice.cell(bar.planned) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One bar, divided by outcome: widths are shares of the whole.
struct StackBar {
    /// Its parts, in order.
    var parts: [(outcome: ShownOutcome, count: Int)]
    /// What it says, for those who do not see it.
    var sentence: String

    /// The drawing, as wide as its place.
    var markup: Markup {
        let total = parts.reduce(0) { $0 + $1.count }
        var shapes: [Markup] = []
        var x = 0.0
        for part in parts where part.count > 0 {
            let width = max(0.4, Double(part.count) / Double(max(1, total)) * 100)
            shapes.append(
                Markup.element(
                    "rect",
                    [
                        Attribute("x", Attribute.decimal(x) + "%"), Attribute("y", "0"),
                        Attribute("width", Attribute.decimal(max(0.3, width - 0.25)) + "%"), Attribute("height", "11"),
                    ] + Fills.attributes(part.outcome), .empty))
            x += width
        }
        return tag("svg", Attribute("height", "11"), Attribute("role", "img"), Attribute("aria-label", sentence)) {
            shapes
        }
    }
}

/// A bar in a table's cell: how much of the widest it is, and how much of it is turned away.
struct CellBar {
    /// Of the widest, 0 … 1.
    var share: Double
    /// What is taken away at its end, 0 … 1 of the widest.
    var taken: Double
    /// Whether it goes beyond the scale and is cut.
    var isCut = false
    /// Grey for the whole, else the colour of those who are left.
    var isWhole = false

    var markup: Markup {
        tag("svg", .class("bar-cell"), Attribute("height", "11"), Attribute("aria-hidden", "true")) {
            rectangle(0, isCut ? 0.955 : share, isWhole ? "fill-grey" : "fill-funnel")
            if isCut {
                rectangle(0.975, 0.025, isWhole ? "fill-grey" : "fill-funnel")
            }
            if taken > 0 {
                Markup.element(
                    "rect",
                    [
                        Attribute("x", percent(share)), Attribute("width", percent(max(0.006, taken))),
                        Attribute("height", "11"),
                    ] + Fills.attributes(.suppress), .empty)
            }
        }
    }

    private func rectangle(_ x: Double, _ width: Double, _ css: StaticString) -> Markup {
        tag(
            "rect", .class(css), Attribute("x", percent(x)), Attribute("width", percent(width)),
            Attribute("height", "11"))
    }

    private func percent(_ value: Double) -> String { Attribute.decimal(value * 100) + "%" }
}

/// Small bars in a row of a table: a value each, scaled to the largest.
struct Sparkline {
    var values: [Int]
    /// What it says, for those who do not see it.
    var sentence: String

    var markup: Markup {
        let largest = max(1, values.max() ?? 1)
        let step = 86.0 / Double(max(1, values.count))
        return tag(
            "svg", .class("spark"), Attribute("viewBox", "0 0 86 16"), Attribute("width", "86"),
            Attribute("height", "16"), Attribute("role", "img"), Attribute("aria-label", sentence)
        ) {
            for (index, value) in values.enumerated() {
                let height = value == 0 ? 0.9 : max(2, Double(value) / Double(largest) * 15)
                tag(
                    "rect", .class(value == 0 ? "fill-grey" : "fill-act"), .number("x", Double(index) * step),
                    .number("y", 16 - height), .number("width", step - 1.2), .number("height", height))
            }
        }
    }
}

/// A difference with its interval, in points.
struct IntervalChart {
    var difference: Double
    var low: Double
    var high: Double
    var sentence: String
    var voice: Voice

    var markup: Markup {
        let reach = max(1, VolumeChart.rounded(max(abs(low), abs(high)) * 1.05))
        let (from, until) = (min(0, low) < 0 ? -reach : -reach / 3, max(0, high) > 0 ? reach : reach / 3)
        func x(_ value: Double) -> Double { 12 + (value - from) / (until - from) * 232 }
        return tag(
            "svg", .class("chart"), Attribute("viewBox", "0 0 256 58"), Attribute("width", "100%"),
            Attribute("role", "img"), Attribute("aria-label", sentence)
        ) {
            for tick in ticks(from, until) {
                tag(
                    "line", .class(tick == 0 ? "base" : "grid"), .number("x1", x(tick)), .number("x2", x(tick)),
                    .number("y1", 4), .number("y2", 38), tick == 0 ? Attribute("stroke-width", "2") : nil)
                tag("text", .number("x", x(tick)), .number("y", 53), Attribute("text-anchor", "middle")) {
                    tick == 0 ? "0" : (tick > 0 ? "+" : "\u{2212}") + Attribute.decimal(abs(tick))
                }
            }
            tag(
                "path", .class("stroke-act"),
                Attribute(
                    "d",
                    "M\(Attribute.decimal(x(low))) 16v10m0 -5H\(Attribute.decimal(x(high)))m0 -5v10"))
            tag("circle", .class("fill-act"), .number("cx", x(difference)), .number("cy", 21), .number("r", 4.5))
        }
    }

    private func ticks(_ from: Double, _ until: Double) -> [Double] {
        let step = (until - from) / 4
        return [from, from < 0 ? from / 2 : nil, 0, until > 0 ? until / 2 : nil, until].compactMap { $0 }
            .filter { abs($0) < 0.001 || abs($0) >= step / 3 }
    }
}

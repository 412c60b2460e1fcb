import CareValues

/// What the holdout shows: the difference in points, with its interval. Without an interval, no claim.
struct CampaignEffect {
    var effect: CampaignModel.Effect
    var voice: Voice

    var markup: Markup {
        Markup.joined([claim, table])
    }

    private var claim: Markup {
        guard let (difference, low, high) = interval else {
            return tag("p", "note") { voice.markup(Say.tooFew) }
        }
        let isClear = low > 0 || high < 0
        let sentence = voice(
            isClear ? Say.liftClear : Say.liftUnclear,
            [
                "types": effect.types.joined(separator: " " + voice(Say.or) + " "),
                "span": voice.duration(effect.within),
                "low": signed(low), "high": signed(high),
            ])
        return Markup.joined([
            tag("span", "big-figure") { voice(Say.points, ["points": signed(difference)]) },
            tag("p", "note") { sentence },
            IntervalChart(difference: difference, low: low, high: high, sentence: sentence, voice: voice).markup,
        ])
    }

    /// Points of difference and the bounds of Newcombe's hybrid score interval of 95 % (R. G. Newcombe, Statistics in
    /// Medicine 17 (1998) 873, method 10); nil where one side has fewer than 20.
    private var interval: (difference: Double, low: Double, high: Double)? {
        guard effect.written >= 20, effect.heldOut >= 20 else { return nil }
        let (one, two) = (rate(effect.writtenGoals, effect.written), rate(effect.heldOutGoals, effect.heldOut))
        let first = Self.wilson(effect.writtenGoals, effect.written)
        let second = Self.wilson(effect.heldOutGoals, effect.heldOut)
        let difference = one - two
        func root(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }
        return (
            difference * 100, (difference - root(one - first.low, second.high - two)) * 100,
            (difference + root(first.high - one, two - second.low)) * 100
        )
    }

    private func rate(_ part: Int, _ whole: Int) -> Double { min(1, Double(part) / Double(max(1, whole))) }

    /// Wilson's score interval of 95 % (E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209).
    static func wilson(_ part: Int, _ whole: Int) -> (low: Double, high: Double) {
        guard whole > 0 else { return (0, 1) }
        let (n, z) = (Double(whole), 1.959963984540054)
        let p = min(1, Double(part) / n)
        let middle = p + z * z / (2 * n)
        let spread = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        let below = 1 + z * z / n
        return (max(0, (middle - spread) / below), min(1, (middle + spread) / below))
    }

    private func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + voice.decimal(value) }

    private var table: Markup {
        tag("table", "table") {
            tag("caption", "hidden-text") { voice(Say.doesItWork) }
            tag("thead") {
                tag("tr") {
                    DestinationParts.head(voice(Say.sinceBeginning))
                    DestinationParts.head(voice(Say.customers), isNumber: true)
                    DestinationParts.head(voice(Say.reachedGoal), isNumber: true)
                }
            }
            tag("tbody") {
                line(voice(Say.writtenTo), effect.written, effect.writtenGoals)
                line(voice(Say.heldOut), effect.heldOut, effect.heldOutGoals)
            }
        }
    }

    private func line(_ name: String, _ count: Int, _ goals: Int) -> Markup {
        tag("tr") {
            tag("th", Attribute("scope", "row")) { name }
            tag("td", "num") { voice.number(count) }
            tag("td", "num") { count == 0 ? "\u{2013}" : voice.percent(rate(goals, count)) }
        }
    }
}

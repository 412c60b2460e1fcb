import CareEngine
import CarePlanning
import CareValues

/// `care backtest`: what would have been sent, what followed, and what that does and does not tell.
struct BacktestView {
    let result: BacktestRunner.Result
    let request: BacktestRunner.Request
    let zone: Zone
    /// The rules' campaigns, by name.
    let campaigns: [String]

    /// Of fewer no share is told.
    private static let fewest = 30
    private var backtest: Backtest { result.backtest }
    private var time: TimeText { TimeText(zone: zone) }

    func text(_ style: Style) -> String {
        var lines: [String] = []
        if result.isInterrupted {
            lines.append(
                style.warning("Interrupted: this is of \(counted(backtest.customers, "customer")) only."))
        }
        lines.append(style.bold(headline))
        if let line = LeftOut.line(result.unreadable) { lines.append(style.warning(line)) }
        lines += [
            "",
            "period  \(time.full(request.from)) until \(time.full(request.until)) \(zone.name), "
                + "\(counted(backtest.facts, "fact")) of \(counted(backtest.customers, "customer"))",
            "ledger  \(request.withLedger ? "begins as it was" : "begins empty"); what needs approval counts as approved",
        ]
        lines += [""] + table
        if !months.isEmpty { lines += [""] + months }
        if let diff = result.diff { lines += [""] + against(diff) }
        let notes = notes
        if !notes.isEmpty { lines += [""] + notes.flatMap { wrapped($0) } }
        return lines.joined(separator: "\n") + "\n"
    }

    private var days: Int {
        Int(zone.date(at: request.until).dayNumber - zone.date(at: request.from).dayNumber)
    }

    private var headline: String {
        guard backtest.acts > 0 else { return "No message would have gone out in \(counted(days, "day"))." }
        return "\(counted(backtest.acts, "message")) would have gone out in \(counted(days, "day")) to "
            + "\(counted(backtest.customersReached, "customer")). What follows was observed, not caused by them."
    }

    // MARK: The table

    private var table: [String] {
        let hasHoldout = backtest.steps.keys.contains { result.campaigns[$0.campaign]?.holdout != nil }
        var table = Table([.left, .right, .right, .left, .right, .right, .right])
        var head = ["CAMPAIGN/STEP", "WOULD SEND", "REFUSED", "THEN, WITHIN", "FOLLOWED", "COMPLAINED"]
        if hasHoldout { head.append("HELD OUT") }
        table.add(head)
        for (key, counts) in backtest.steps.sorted(by: { $0.key < $1.key }) {
            let campaign = result.campaigns[key.campaign]
            let outcome = campaign?.outcome ?? request.outcome
            var cells = [
                key.step == "1" ? key.campaign : "\(key.campaign)/\(key.step)", number(counts.acts),
                number(counts.refused), "\(outcome.types.first ?? "-") \(outcome.within.text)", share(counts.reached),
                counts.complained.of == 0 ? "-" : number(counts.complained.count),
            ]
            if hasHoldout { cells.append(campaign?.holdout == nil ? "none" : share(counts.reachedHeldOut)) }
            table.add(cells)
        }
        var lines = table.lines()
        let idle = campaigns.filter { name in
            (request.only == nil) && !backtest.steps.keys.contains { $0.campaign == name }
        }
        if !idle.isEmpty { lines += wrapped("  Never due: \(idle.joined(separator: ", ")).") }
        return lines
    }

    private func number(_ count: Int) -> String { count == 0 ? "-" : grouped(count) }

    /// `1,026 of 3,288 31.2 %`; of few only the count.
    private func share(_ share: Backtest.Share) -> String {
        guard share.of > 0 else { return "-" }
        let text = "\(grouped(share.count)) of \(grouped(share.of))"
        return share.of < Self.fewest ? text : "\(text) \(percent(share.fraction)) %"
    }

    private func percent(_ fraction: Double) -> String {
        let tenths = Int((fraction * 1000).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
    }

    private var months: [String] {
        var sums: [(year: Int, month: Int, count: Int)] = []
        for (date, count) in backtest.actsByDay.sorted(by: { $0.key < $1.key }) {
            let (year, month, _) = date.components
            if let last = sums.last, last.year == year, last.month == month {
                sums[sums.count - 1].count += count
            } else {
                sums.append((year, month, count))
            }
        }
        guard sums.count > 1 else { return [] }
        var lines = ["Messages per month"]
        for start in stride(from: 0, to: sums.count, by: 8) {
            let part = sums[start..<min(start + 8, sums.count)]
            var table = Table(part.map { _ in .right })
            table.add(
                part.map { sum in
                    let first = CivilDate(year: sum.year, month: sum.month, day: 1) ?? CivilDate(dayNumber: 0)
                    let words = time.fullDay(first).split(separator: " ")
                    return "\(words[2]) \(words[3])"
                })
            table.add(part.map { grouped($0.count) })
            lines += table.lines()
        }
        return lines
    }

    private func against(_ diff: RulesDiff) -> [String] {
        let total = diff.total
        var lines = [
            "Against the other rules: \(grouped(total.newly)) more, \(grouped(total.noLonger)) fewer, "
                + "\(grouped(total.moved)) at another time, for \(counted(diff.customersDiffering, "customer"))."
        ]
        let steps = diff.steps.filter { $0.value.differing > 0 }.sorted { $0.key < $1.key }
        guard !steps.isEmpty else { return lines }
        var table = Table([.left, .right, .right, .right, .right, .right])
        table.add(["CAMPAIGN/STEP", "OTHER", "THESE", "NEWLY", "NO LONGER", "MOVED"])
        for (key, counts) in steps {
            table.add(
                [key.step == "1" ? key.campaign : "\(key.campaign)/\(key.step)"]
                    + [counts.old, counts.new, counts.newly, counts.noLonger, counts.moved].map(number))
        }
        lines += table.lines()
        return lines
    }

    // MARK: What it tells

    private var notes: [String] {
        var lines: [String] = []
        let names = Set(backtest.steps.keys.map(\.campaign)).sorted()
        var never: [String] = []
        for name in names {
            guard let campaign = result.campaigns[name] else { continue }
            if campaign.holdout != nil, campaign.hadHoldout {
                lines += effects(name)
            } else if campaign.holdout != nil {
                lines.append(
                    "\(name) was not live with this holdout all the time: those held out here got what all got. "
                        + "No comparison.")
            }
            switch campaign.liveSince {
            case _ where campaign.realEntries == 0: never.append(name)
            case let since? where since > request.from:
                lines.append(
                    "\(name) went live on \(time.fullDay(zone.date(at: since))): before, nobody got it; "
                        + "what they did has other reasons.")
            default:
                if campaign.holdout == nil {
                    lines.append(
                        "\(name) was live (\(counted(campaign.realEntries, "real entry", "real entries"))): its effect is "
                            + "in these figures, and cannot be told apart without a holdout.")
                }
            }
        }
        if !never.isEmpty {
            lines.append(
                "Nobody really entered then: \(never.joined(separator: ", ")). What customers did has other reasons."
            )
        }
        let unseen = backtest.steps.reduce(0) { $0 + $1.value.acts - $1.value.reached.of }
        if unseen > 0 {
            lines.append(
                "Of \(counted(unseen, "message")) the time after is not over at the store's clock; they are in no share."
            )
        }
        if backtest.withoutAttributes > 0 {
            lines.append(
                "Of \(counted(backtest.withoutAttributes, "customer")) attributes became known only later; until then "
                    + "they were missing.")
        }
        return lines
    }

    /// What the holdout shows, only where people were really held out, with its interval.
    private func effects(_ name: String) -> [String] {
        backtest.steps.filter { $0.key.campaign == name }.sorted { $0.key < $1.key }.compactMap { key, counts in
            let label = key.step == "1" ? name : "\(name)/\(key.step)"
            guard counts.reached.of >= Self.fewest, counts.reachedHeldOut.of >= Self.fewest else {
                return counts.reachedHeldOut.of == 0
                    ? nil : "\(label): too few held out (\(grouped(counts.reachedHeldOut.of))) to tell an effect."
            }
            let effect = counts.reached.difference(from: counts.reachedHeldOut)
            func points(_ value: Double) -> String { (value >= 0 ? "+" : "") + percent(value) }
            let maybe = effect.low <= 0 && effect.high >= 0 ? ", maybe none" : ""
            return "\(label) was live with this holdout: \(points(effect.value)) points "
                + "(95 %: \(points(effect.low)) to \(points(effect.high)))\(maybe)."
        }
    }

    // MARK: JSON

    var json: JSONValue {
        func object(_ members: [(name: String, value: JSONValue)]) -> JSONValue {
            .object(JSONObject(uniqueMembers: members))
        }
        func number(_ count: Int) -> JSONValue { .number(Double(count)) }
        func share(_ share: Backtest.Share) -> JSONValue {
            object([("count", number(share.count)), ("of", number(share.of))])
        }
        let steps = backtest.steps.sorted { $0.key < $1.key }.map { key, counts -> JSONValue in
            let campaign = result.campaigns[key.campaign]
            let outcome = campaign?.outcome ?? request.outcome
            var members: [(name: String, value: JSONValue)] = [
                ("campaign", .string(key.campaign)), ("step", .string(key.step)), ("wouldSend", number(counts.acts)),
                ("refused", number(counts.refused)), ("heldOut", number(counts.heldOut)),
                ("then", .array(outcome.types.map { .string($0) })), ("within", .string(outcome.within.text)),
                ("followed", share(counts.reached)), ("complained", share(counts.complained)),
                ("followedHeldOut", share(counts.reachedHeldOut)),
                ("holdoutWasLive", .bool(campaign?.hadHoldout ?? false)),
                ("liveSince", campaign?.liveSince.map { .string($0.iso8601) } ?? .null),
            ]
            if campaign?.hadHoldout == true, counts.reached.of >= Self.fewest, counts.reachedHeldOut.of >= Self.fewest {
                let effect = counts.reached.difference(from: counts.reachedHeldOut)
                members.append(
                    (
                        "effect",
                        object([
                            ("value", .number(effect.value)), ("low95", .number(effect.low)),
                            ("high95", .number(effect.high)),
                        ])
                    ))
            }
            return object(members)
        }
        var members: [(name: String, value: JSONValue)] = [
            ("from", .string(request.from.iso8601)), ("until", .string(request.until.iso8601)),
            ("timeZone", .string(zone.name)), ("withLedger", .bool(request.withLedger)),
            ("facts", number(backtest.facts)), ("customers", number(backtest.customers)),
            ("customersReached", number(backtest.customersReached)), ("wouldSend", number(backtest.acts)),
            ("steps", .array(steps)),
            (
                "actsPerDay",
                object(backtest.actsByDay.sorted { $0.key < $1.key }.map { ($0.key.text, number($0.value)) })
            ),
            ("interrupted", .bool(result.isInterrupted)), ("unreadable", number(result.unreadable)),
            ("causality", "what follows a message was observed under what was really sent, not caused by it"),
        ]
        if let total = result.diff?.total {
            members.append(
                (
                    "against",
                    object([
                        ("newly", number(total.newly)), ("noLonger", number(total.noLonger)),
                        ("moved", number(total.moved)),
                    ])
                ))
        }
        return object(members)
    }
}

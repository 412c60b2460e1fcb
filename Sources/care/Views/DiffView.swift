import CareEngine
import CarePlanning
import CareRules
import CareValues

/// `care diff`: what comes, what falls away, what moves, and the first thing that makes it so.
struct DiffView {
    let result: DiffRunner.Result
    /// Where the files differ.
    let places: [ChangedPlace]
    let days: Int
    let showsAll: Bool

    private static let listedSamples = 6
    private static let listedDays = 14
    private var diff: RulesDiff { result.diff }
    private var time: TimeText { TimeText(zone: result.zone) }

    // MARK: Text

    func text(_ style: Style) -> String {
        var lines = [style.bold(headline)]
        if result.isInterrupted {
            lines.insert(style.warning("Interrupted: this is of \(counted(diff.customers, "customer")) only."), at: 0)
        }
        if let line = LeftOut.line(result.unreadable) { lines.append(style.warning(line)) }
        lines += period + typeNotes
        let steps = rows
        if !steps.isEmpty {
            var table = Table([.left, .right, .right, .right, .right, .right, .right, .left])
            table.add(["CAMPAIGN/STEP", "OLD ACT", "NEW ACT", "NEWLY", "NO LONGER", "MOVED", "CHANGED", "WHY"])
            for (key, counts) in steps {
                table.add([name(key)] + cells(counts).map { $0 == 0 ? "-" : grouped($0) } + [why(key, counts)])
            }
            lines += [""] + table.lines()
        }
        lines.append("  " + unchanged)
        if !diff.days.isEmpty { lines += [""] + byDay }
        if !diff.samples.isEmpty { lines += [""] + samples(style) }
        if !diff.isEmpty { lines += ["", "Next: care diff … --format markdown, or care plan --days \(days)"] }
        return lines.joined(separator: "\n") + "\n"
    }

    private var period: [String] {
        guard !places.isEmpty || result.fingerprints.old != result.fingerprints.new else { return [] }
        return [
            "",
            "rules   \(result.fingerprints.old.prefix(12)) → \(result.fingerprints.new.prefix(12))",
            "period  \(time.full(result.from)) until \(time.full(result.until)) \(result.zone.name), "
                + counted(diff.customers, "customer"),
        ]
    }

    private var headline: String {
        let total = diff.total
        if result.fingerprints.old == result.fingerprints.new { return "The rules are the same; nothing differs." }
        let edited =
            edits.isEmpty
            ? ""
            : " Changed: \(edits.prefix(4).joined(separator: ", "))\(edits.count > 4 ? " and \(edits.count - 4) more" : "")."
        if total.differing == 0 { return "No message differs." + edited }
        var parts = [
            "\(counted(total.newly, "message")) \(total.newly == 1 ? "is" : "are") new",
            "\(grouped(total.noLonger)) \(total.noLonger == 1 ? "falls" : "fall") away",
            total.moved == 0 ? "none moves" : "\(grouped(total.moved)) \(total.moved == 1 ? "moves" : "move")",
        ]
        if total.changed > 0 {
            parts.append("\(grouped(total.changed)) \(total.changed == 1 ? "says" : "say") something else")
        }
        return parts.joined(separator: ", ") + "." + edited
    }

    /// `birthday-gold (condition)`
    private var edits: [String] {
        var paths: [(name: String, paths: [String])] = []
        for place in places {
            let name =
                place.part == "campaigns"
                ? place.name : [place.part, place.name].filter { !$0.isEmpty }.joined(separator: " ")
            let path =
                place.old == nil && place.path.isEmpty
                ? "new" : place.new == nil && place.path.isEmpty ? "removed" : place.path
            if let known = paths.firstIndex(where: { $0.name == name }) {
                paths[known].paths.append(path)
            } else {
                paths.append((name, [path]))
            }
        }
        return paths.map { name, paths in
            let shown = paths.filter { !$0.isEmpty }.prefix(3).joined(separator: ", ")
            return shown.isEmpty ? name : "\(name) (\(shown))"
        }
    }

    /// Attributes whose type differs: values that do not fit the new one are missing.
    private var typeNotes: [String] {
        let types = places.filter { $0.part == "attributes" && ($0.path == "type" || $0.path.hasPrefix("values")) }
        return types.map { "note    attribute \($0.name): \($0.text()); stored values that do not fit are missing" }
    }

    private var rows: [(key: RulesDiff.StepKey, value: RulesDiff.Counts)] {
        diff.steps.filter { $0.value.differing > 0 }.sorted { $0.key < $1.key }
    }

    private func name(_ key: RulesDiff.StepKey) -> String {
        key.step == "1" ? key.campaign : "\(key.campaign)/\(key.step)"
    }

    private func cells(_ counts: RulesDiff.Counts) -> [Int] {
        [counts.old, counts.new, counts.newly, counts.noLonger, counts.moved, counts.changed]
    }

    /// The edit, or what else makes the difference.
    private func why(_ key: RulesDiff.StepKey, _ counts: RulesDiff.Counts) -> String {
        let most = counts.reasons.filter { !$0.key.isEmpty }.max { ($0.value, $1.key) < ($1.value, $0.key) }
        let own = places.first { $0.part == "campaigns" && $0.name == key.campaign && $0.path != "description" }
        if let own { return own.text(width: 14) }
        return most?.key ?? (counts.changed > 0 ? "body" : places.first.map { "\($0.part) \($0.name)" } ?? "")
    }

    private var unchanged: String {
        let touched = Set(rows.map(\.key.campaign)).count
        let others = "\(counted(max(0, result.campaigns - touched), "campaign")) unchanged."
        let lost =
            diff.lost.isEmpty
            ? "no occurrence."
            : diff.lost.sorted { $0.key < $1.key }.map { "\($0.key) \(grouped($0.value))" }.joined(separator: ", ")
                + "."
        return "\(others) Lost by the edit: \(lost)"
    }

    private var byDay: [String] {
        var table = Table([.left, .right, .right])
        table.add(["Per day", "NEWLY", "NO LONGER"])
        let dates = diff.days.sorted { $0.key < $1.key }
        for (date, campaigns) in dates.prefix(showsAll ? dates.count : Self.listedDays) {
            let sum = campaigns.values.reduce(RulesDiff.Day()) {
                RulesDiff.Day(newly: $0.newly + $1.newly, noLonger: $0.noLonger + $1.noLonger)
            }
            table.add([
                "  " + time.day(date), sum.newly == 0 ? "-" : grouped(sum.newly),
                sum.noLonger == 0 ? "-" : grouped(sum.noLonger),
            ])
        }
        var lines = table.lines(indent: "")
        if !showsAll, dates.count > Self.listedDays {
            lines.append("  \(dates.count - Self.listedDays) more: add --all")
        }
        return lines
    }

    private func samples(_ style: Style) -> [String] {
        let order: [RulesDiff.Sample.Kind] = [.newly, .noLonger, .moved, .changed]
        let sorted = diff.samples.sorted { left, right in
            (order.firstIndex(of: left.kind) ?? 0, left.key.campaign, left.key.customer)
                < (order.firstIndex(of: right.kind) ?? 0, right.key.campaign, right.key.customer)
        }
        // One of each step and kind first.
        var shown: [RulesDiff.Sample] = []
        if showsAll {
            shown = sorted
        } else {
            for sample in sorted where shown.count < Self.listedSamples {
                let isKnown = shown.contains {
                    $0.kind == sample.kind && $0.key.campaign == sample.key.campaign && $0.key.step == sample.key.step
                }
                if !isKnown { shown.append(sample) }
            }
            for sample in sorted where shown.count < Self.listedSamples && !shown.contains(sample) {
                shown.append(sample)
            }
        }
        var table = Table([.left, .left, .left, .left, .left])
        for sample in shown {
            let mark =
                switch sample.kind {
                case .newly: "+"
                case .noLonger: "-"
                case .moved: ">"
                case .changed: "~"
                }
            let decision = sample.kind == .noLonger ? sample.old ?? sample.new : sample.new ?? sample.old
            var when = decision.map { time.short($0.now) } ?? ""
            if sample.kind == .moved, let old = sample.old { when = "\(time.short(old.now)) → \(when)" }
            table.add([
                mark, sample.key.customer, when,
                name(RulesDiff.StepKey(campaign: sample.key.campaign, step: sample.key.step)), sample.why,
            ])
        }
        let more = diff.total.differing - shown.count
        return table.lines()
            + (more > 0 ? ["  \(grouped(more)) more" + (showsAll ? " like these" : ": add --all")] : [])
    }

    // MARK: Markdown

    /// For a pull request: no customer is named.
    var markdown: String {
        let total = diff.total
        var parts = ["+\(grouped(total.newly))", "−\(grouped(total.noLonger))"]
        if total.moved > 0 { parts.append(">\(grouped(total.moved))") }
        if total.changed > 0 { parts.append("~\(grouped(total.changed))") }
        let local = result.zone.date(at: result.from).components
        let month = time.day(result.zone.date(at: result.from)).split(separator: " ").last ?? ""
        var lines = [
            "**Care plan:** \(parts.joined(separator: " ")) messages in \(days) days from \(local.day) \(month) \(local.year)",
            "",
        ]
        if !rows.isEmpty {
            lines += [
                "| campaign/step | old | new | newly | no longer | moved | changed |", "|---|--:|--:|--:|--:|--:|--:|",
            ]
            for (key, counts) in rows {
                let numbers = cells(counts).map { $0 == 0 ? "-" : grouped($0) }.joined(separator: " | ")
                lines.append("| \(name(key)) | \(numbers) |")
            }
            lines.append("")
        }
        if let line = LeftOut.line(result.unreadable) { lines.append("> " + line) }
        lines += typeNotes.map { "> " + $0 }
        lines.append(
            "\(unchanged) `\(result.fingerprints.old.prefix(12))` against `\(result.fingerprints.new.prefix(12))`")
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: JSON

    var json: JSONValue {
        func object(_ members: [(name: String, value: JSONValue)]) -> JSONValue {
            .object(JSONObject(uniqueMembers: members))
        }
        func number(_ count: Int) -> JSONValue { .number(Double(count)) }
        func members(_ counts: RulesDiff.Counts) -> [(name: String, value: JSONValue)] {
            zip(["oldAct", "newAct", "newly", "noLonger", "moved", "changed"], cells(counts)).map { ($0, number($1)) }
        }
        let steps = rows.map { key, counts in
            object(
                [("campaign", .string(key.campaign)), ("step", .string(key.step))] + members(counts) + [
                    ("why", .string(why(key, counts)))
                ])
        }
        let days = diff.days.sorted { $0.key < $1.key }.map { date, campaigns in
            (
                date.text,
                object(
                    campaigns.sorted { $0.key < $1.key }.map { name, day in
                        (name, object([("newly", number(day.newly)), ("noLonger", number(day.noLonger))]))
                    })
            )
        }
        let samples = diff.samples.map { sample in
            object([
                ("kind", .string(sample.kind.rawValue)), ("customer", .string(sample.key.customer)),
                ("campaign", .string(sample.key.campaign)), ("occurrence", .string(sample.key.occurrence)),
                ("step", .string(sample.key.step)), ("action", .string(sample.key.action)),
                ("old", sample.old.map { .string($0.now.iso8601) } ?? .null),
                ("new", sample.new.map { .string($0.now.iso8601) } ?? .null), ("why", .string(sample.why)),
            ])
        }
        return object([
            ("from", .string(result.from.iso8601)), ("until", .string(result.until.iso8601)),
            ("timeZone", .string(result.zone.name)), ("old", .string(result.fingerprints.old)),
            ("new", .string(result.fingerprints.new)), ("customers", number(diff.customers)),
            ("customersDiffering", number(diff.customersDiffering)), ("interrupted", .bool(result.isInterrupted)),
            ("unreadable", number(result.unreadable)),
            (
                "edits",
                .array(
                    places.map {
                        object([
                            ("part", .string($0.part)), ("name", .string($0.name)), ("path", .string($0.path)),
                            ("old", $0.old ?? .null), ("new", $0.new ?? .null),
                        ])
                    })
            ),
            ("total", object(members(diff.total))), ("steps", .array(steps)),
            ("days", object(days.map { (name: $0.0, value: $0.1) })),
            ("lostByTheEdit", object(diff.lost.sorted { $0.key < $1.key }.map { ($0.key, number($0.value)) })),
            ("samples", .array(samples)),
        ])
    }
}

import CareDecisions
import CarePlanning
import CareValues

/// The plan by campaign, grouped by what it rests on; rows add up to the total, columns to what is due.
struct PlanTable {
    var model: PlanModel
    var period: PlannedPeriod
    var voice: Voice

    var section: Markup {
        Parts.section(voice(Say.byCampaign), note: .text(voice(Say.dueIs))) {
            if model.rows.isEmpty {
                Parts.empty(voice, Say.nothingGoesOut)
            } else {
                tag("div", "scroll") { table }
                notes
            }
        }
    }

    private var total: PlanTally.StepCounts { period.plan.tally.total }

    /// The reasons with a column of their own: the most frequent.
    private var columns: [Reason] {
        Array(
            period.plan.tally.reasons.map { ($0.key, $0.value.values.reduce(0, +)) }
                .sorted { ($1.1, $0.0.rawValue) < ($0.1, $1.0.rawValue) }.map(\.0).prefix(5))
    }

    private var table: Markup {
        let columns = columns
        return tag("table", "table fold dense") {
            tag("caption", "hidden-text") { voice(Say.byCampaign) }
            tag("thead") {
                if !columns.isEmpty {
                    tag("tr", "group") {
                        tag("td", Attribute("colspan", "7")) {}
                        tag(
                            "th", .class("span num"), Attribute("colspan", String(columns.count + 1)),
                            Attribute("scope", "colgroup")
                        ) {
                            voice(Say.byReason)
                        }
                    }
                }
                tag("tr") {
                    DestinationParts.head(voice(Say.campaign))
                    DestinationParts.head(voice(Say.share))
                    DestinationParts.head(voice(Say.entered), isNumber: true)
                    DestinationParts.head(voice(Say.due2), isNumber: true)
                    for outcome in [ShownOutcome.act, .hold, .suppress, .skip] {
                        tag("th", .class("num"), Attribute("scope", "col")) { Parts.outcome(outcome, voice) }
                    }
                    for reason in columns {
                        tag("th", .class("num"), Attribute("scope", "col")) {
                            Parts.reason(reason.rawValue, voice, hasRoom: true)
                        }
                    }
                    if !columns.isEmpty { DestinationParts.head(voice(Say.others), isNumber: true) }
                }
            }
            for basis in PlanBasis.allCases {
                let rows = model.rows.filter { $0.basis == basis }
                if !rows.isEmpty {
                    tag("tbody") {
                        tag("tr", "group-row") {
                            tag(
                                "th", Attribute("scope", "rowgroup"),
                                Attribute("colspan", String(8 + columns.count + (columns.isEmpty ? 0 : 1)))
                            ) {
                                tag("strong") { voice(PlanParts.basis(basis)) }
                                " \u{00B7} " + voice(Self.explained(basis))
                            }
                        }
                        for row in rows { self.row(row, columns) }
                    }
                }
            }
            tag("tfoot") { sums(columns) }
        }
    }

    private static func explained(_ basis: PlanBasis) -> Phrase {
        switch basis {
        case .calendar: Say.basisCalendarWhy
        case .silence: Say.basisSilenceWhy
        case .known: Say.basisKnownWhy
        case .assumed: Say.basisAssumedWhy
        case .running: Say.basisRunningWhy
        }
    }

    private func row(_ row: PlanModel.Row, _ columns: [Reason]) -> Markup {
        let counts = row.counts
        let listed = columns.map { row.reasons[$0] ?? 0 }
        return tag("tr") {
            tag("th", Attribute("scope", "row")) {
                Parts.link(.campaign(row.campaign), row.campaign)
                if row.needsApproval { Markup.text(" ") + tag("span", "tag warn") { voice(Say.approvalTag) } }
                tag("span", "sub") { row.starts + destinations(counts) }
            }
            tag("td", "drop") { share(counts) }
            tag("td", "num drop") { row.entered.map(voice.cell) ?? "?" }
            tag("td", .class("num left"), Attribute("data-label", voice(Say.due2))) { voice.cell(counts.due) }
            tag("td", "num strong right") { voice.cell(counts.act) }
            tag("td", "num drop") { voice.cell(counts.held) }
            tag("td", .class("num right-2"), Attribute("data-label", voice(Say.suppress))) {
                voice.cell(counts.suppress)
            }
            tag("td", "num drop") { voice.cell(counts.skip) }
            for count in listed { tag("td", "num drop quiet") { voice.cell(count) } }
            if !columns.isEmpty {
                tag("td", "num drop quiet") {
                    voice.cell(max(0, row.reasons.values.reduce(0, +) - listed.reduce(0, +)))
                }
            }
        }
    }

    private func destinations(_ counts: PlanTally.StepCounts) -> String {
        let names = counts.destinations.keys.sorted()
        return names.isEmpty ? "" : " \u{2192} " + voice.list(names)
    }

    private func share(_ counts: PlanTally.StepCounts) -> Markup {
        let parts: [(ShownOutcome, Int)] = [
            (.act, counts.act), (.hold, counts.held), (.suppress, counts.suppress), (.skip, counts.skip),
        ]
        let sum = max(1, counts.due)
        var x = 0.0
        var shapes: [Markup] = []
        for (outcome, count) in parts where count > 0 {
            let width = Double(count) / Double(sum) * 84
            shapes.append(Fills.rectangle(x, 0, max(1, width - 0.5), 6, outcome))
            x += width
        }
        return tag("svg", .class("share"), Attribute("viewBox", "0 0 84 6"), Attribute("aria-hidden", "true")) {
            shapes
        }
    }

    private func sums(_ columns: [Reason]) -> Markup {
        let reasons = period.plan.tally.reasons.mapValues { $0.values.reduce(0, +) }
        let listed = columns.map { reasons[$0] ?? 0 }
        return tag("tr") {
            tag("th", Attribute("scope", "row")) { voice(Say.total) }
            tag("td", "drop") {}
            tag("td", "num drop") { voice.number(period.plan.tally.entered.values.reduce(0, +)) }
            tag("td", .class("num left"), Attribute("data-label", voice(Say.due2))) { voice.number(total.due) }
            tag("td", "num right") { voice.number(total.act) }
            tag("td", "num drop") { voice.number(total.held) }
            tag("td", .class("num right-2"), Attribute("data-label", voice(Say.suppress))) {
                voice.number(total.suppress)
            }
            tag("td", "num drop") { voice.number(total.skip) }
            for count in listed { tag("td", "num drop") { voice.number(count) } }
            if !columns.isEmpty {
                tag("td", "num drop") { voice.number(max(0, reasons.values.reduce(0, +) - listed.reduce(0, +))) }
            }
        }
    }

    /// What the table does not count: refused at entry, held, not matching, nothing due.
    private var notes: Markup {
        let tally = period.plan.tally
        var lines: [Markup] = []
        func reasons(_ sums: [Reason: [String: Int]]) -> Markup {
            Markup.joined(
                sums.map { ($0.key, $0.value.values.reduce(0, +)) }.sorted {
                    ($1.1, $0.0.rawValue) < ($0.1, $1.0.rawValue)
                }
                .map { Parts.reason($0.0.rawValue, voice) + .text(" " + voice.number($0.1)) },
                separator: .text(voice(Say.comma)))
        }
        if !tally.heldReasons.isEmpty {
            lines.append(voice.markup(Say.heldAtEnd, ["reasons": reasons(tally.heldReasons)]))
        }
        if !tally.notEntered.isEmpty {
            lines.append(voice.markup(Say.notEntered, ["reasons": reasons(tally.notEntered)]))
        }
        let unmatched = tally.notMatching.values.reduce(0, +)
        if unmatched > 0 { lines.append(voice.markup(Say.notMatching, n: unmatched)) }
        let idle = period.plan.campaigns.filter { facts in
            facts.basis.isForeseeable && !model.rows.contains { $0.campaign == facts.name }
        }
        if !idle.isEmpty {
            lines.append(
                voice.markup(
                    Say.nothingDue,
                    [
                        "names": Markup.joined(
                            idle.map { Parts.link(.campaign($0.name), $0.name) }, separator: .text(voice(Say.comma)))
                    ]))
        }
        return Markup.joined(lines.map { line in tag("p", "note after") { line } })
    }
}

import CareDecisions
import CarePlanning
import CareRules
import CareValues

/// What goes out, what is held back, and why?
struct PlanModel: Sendable {
    /// One campaign's sums on one ground.
    struct Row: Sendable {
        var campaign: String
        var needsApproval: Bool
        var basis: PlanBasis
        /// Entries; nil: they cannot be foreseen.
        var entered: Int?
        var counts: PlanTally.StepCounts
        /// Suppressed and skipped by reason; empty where the campaign's rows stand on several grounds.
        var reasons: [Reason: Int]
        var starts: String
    }

    var days: Int
    var state: PlanState
    /// The rates of destinations, attempts a second.
    var rates: [String: Double] = [:]
    var rows: [Row] = []
    /// What starts each campaign, by name.
    var starts: [String: String] = [:]
    /// What has been approved already, by campaign: until when the plan reaches.
    var approved: Set<String> = []

    /// The lengths that can be chosen.
    static let lengths = [7, 14, 30, 90]

    /// The length that a text chooses; the usual one where it chooses none that there is.
    static func length(_ text: String?) -> Int {
        text.flatMap(Int.init).flatMap { lengths.contains($0) ? $0 : nil } ?? ConsoleModels.plannedDays
    }
}

/// The page.
enum PlanPage {
    static func render(_ model: PlanModel, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        return Layout.page(
            chrome, title: voice(Say.planTitle, n: model.days), lead: lead(model, chrome), note: note(model, voice),
            actions: actions(model, voice)
        ) {
            switch model.state {
            case .none: tag("section") { Parts.empty(voice, Say.planNone) }
            case .underWay: tag("section") { Parts.underWay(voice, Say.planUnderWay) }
            case .ready(let period):
                if !period.approvals.isEmpty { approve(period, model, chrome) }
                tag("div", "columns wide-side") {
                    PlanCalendar(period: period, voice: voice).section
                    busiest(period, model, voice)
                }
                PlanTable(model: model, period: period, voice: voice).section
                unforeseeable(period, model, voice)
            }
        }
    }

    private static func lead(_ model: PlanModel, _ chrome: Chrome) -> Markup {
        let voice = chrome.voice
        guard case .ready(let period) = model.state else { return voice.markup(Say.planLeadNone) }
        let total = period.plan.tally.total
        var parts = [
            voice.markup(
                Say.planLead, n: total.act,
                [
                    "until": .text(voice.instant(period.plan.until, now: chrome.now)),
                    "suppress": .text(voice.number(total.suppress)), "skip": .text(voice.number(total.skip)),
                    "held": .text(voice.number(total.held)),
                ])
        ]
        let waiting = period.approvals.count { !model.approved.contains($0.campaign) }
        if waiting > 0 {
            parts.append(tag("a", .href(.part("approve"))) { voice(Say.planWaits, n: waiting) })
        }
        if period.plan.unreadable > 0 { parts.append(voice.markup(Say.planLeftOut, n: period.plan.unreadable)) }
        return Markup.joined(parts, separator: .text(voice.language == .english ? " " : ""))
    }

    private static func note(_ model: PlanModel, _ voice: Voice) -> Markup {
        guard case .ready(let period) = model.state else { return .empty }
        return voice.markup(
            Say.planMade,
            [
                "time": .text(voice.clock(period.madeAt)), "customers": .text(voice.number(period.plan.customers)),
                "took": .text(voice.took(milliseconds: period.milliseconds)),
                "again": Parts.link(
                    Link(["plan"], [("days", String(model.days)), ("fresh", "1")]), voice(Say.computeAgain)),
            ])
    }

    private static func actions(_ model: PlanModel, _ voice: Voice) -> Markup {
        tag("form", Attribute("method", "get"), Attribute("action", Link.plan.text), .class("actions")) {
            tag(
                "select", .class("select"), Attribute("name", "days"), Attribute("aria-label", voice(Say.planLength)),
                .flag("data-submit")
            ) {
                for length in PlanModel.lengths {
                    tag(
                        "option", Attribute("value", String(length)), length == model.days ? .flag("selected") : nil
                    ) { voice(Say.days, n: length) }
                }
            }
            Parts.submit(voice(Say.show))
        }
    }

    // MARK: Approval

    private static func approve(_ period: PlannedPeriod, _ model: PlanModel, _ chrome: Chrome) -> Markup {
        let voice = chrome.voice
        let waiting = period.approvals.filter { !model.approved.contains($0.campaign) }
        return tag("section", .id("approve")) {
            Parts.sectionHead(voice(waiting.isEmpty ? Say.approvals : Say.waitsForApproval))
            tag("div", "box") {
                tag("ul", "plain") {
                    tag("li") {
                        Glyph.yes.coloured
                        tag("span") {
                            voice.markup(
                                Say.planRules,
                                [
                                    "fingerprint": tag("code") { String(period.plan.fingerprint.prefix(8)) },
                                    "epoch": .text(voice.number(Int(period.plan.epoch))),
                                ])
                        }
                    }
                    for approval in period.approvals where model.approved.contains(approval.campaign) {
                        tag("li") {
                            Glyph.yes.coloured
                            tag("span") { voice(Say.alreadyApproved, ["campaign": approval.campaign]) }
                        }
                    }
                }
                Parts.facts(
                    period.approvals.map { approval in
                        (
                            Parts.link(.campaign(approval.campaign), approval.campaign),
                            voice.markup(
                                Say.approvalLine, n: approval.acts,
                                ["suppressed": .text(voice.number(approval.suppressed))])
                                + tag("span", "quiet") {
                                    approval.firstAt.map {
                                        " " + voice(Say.approvalFirst, ["time": voice.instant($0, now: chrome.now)])
                                    } ?? ""
                                }
                        )
                    }, isWide: true)
                if !waiting.isEmpty {
                    if chrome.scope >= .operate {
                        tag("div", "buttons") {
                            for (place, approval) in waiting.enumerated() {
                                tag(
                                    "a", .class(place == 0 ? "button primary" : "button"),
                                    .href(
                                        Link(
                                            ["confirm", "approve"],
                                            [("campaign", approval.campaign), ("days", String(model.days))]))
                                ) { voice(Say.approve, ["campaign": approval.campaign]) }
                            }
                        }
                    }
                    tag("p", "note after") {
                        voice(chrome.scope >= .operate ? Say.approveNote : Say.approveNeedsOperate)
                    }
                }
            }
        }
    }

    // MARK: Hours

    private static func busiest(_ period: PlannedPeriod, _ model: PlanModel, _ voice: Voice) -> Markup {
        let hours = period.plan.tally.actsByHour.compactMap { name, hours -> (String, Int64, Int)? in
            hours.max { ($0.value, $1.key) < ($1.value, $0.key) }.map { (name, $0.key, $0.value) }
        }.sorted { ($1.2, $0.0) < ($0.2, $1.0) }
        return Parts.section(voice(Say.busiestHours), note: .text(voice(Say.busiestNote))) {
            if hours.isEmpty {
                Parts.empty(voice, Say.nothingGoesOut)
            } else {
                tag("table", "table") {
                    tag("caption", "hidden-text") { voice(Say.busiestHours) }
                    tag("thead") {
                        tag("tr") {
                            DestinationParts.head(voice(Say.destination))
                            DestinationParts.head(voice(Say.acts), isNumber: true)
                            DestinationParts.head(voice(Say.limit), isNumber: true)
                            DestinationParts.head(voice(Say.drainsIn), isNumber: true)
                        }
                    }
                    tag("tbody") {
                        for (name, hour, count) in hours.prefix(8) {
                            let rate = model.rates[name]
                            tag("tr") {
                                tag("th", Attribute("scope", "row")) {
                                    Parts.link(.destination(name), name)
                                    tag("span", "sub") { Self.hour(hour, voice) }
                                }
                                tag("td", "num") { voice.number(count) }
                                tag("td", "num quiet") {
                                    rate.map { voice(Say.perSecond, ["rate": CanonicalJSON.numberText($0)]) }
                                        ?? "\u{2013}"
                                }
                                tag("td", "num") {
                                    rate.map {
                                        voice.span(milliseconds: Int64((Double(count) / $0 * 1_000).rounded(.up)))
                                    }
                                        ?? voice(Say.atOnce)
                                }
                            }
                        }
                    }
                }
                mostContacted(period, voice)
            }
        }
    }

    private static func mostContacted(_ period: PlannedPeriod, _ voice: Voice) -> Markup {
        guard let top = period.plan.tally.contactedMost.first, top.acts > 1 else { return .empty }
        let same = period.plan.tally.contactedMost.filter { $0.acts == top.acts }
        return tag("p", "note after") {
            voice.markup(
                Say.contactedMost, n: top.acts,
                [
                    "names": Markup.joined(
                        same.map { Parts.link(.customer($0.customer), $0.customer) }, separator: .text(voice(Say.comma))
                    )
                ])
        }
    }

    /// The hour since the epoch, of wall time, as date and time.
    static func hour(_ hour: Int64, _ voice: Voice) -> String {
        let day = hour >= 0 ? hour / 24 : (hour - 23) / 24
        let of = Int(hour - day * 24)
        return voice.date(CivilDate(dayNumber: Int32(clamping: day))) + " " + (of < 10 ? "0" : "") + "\(of):00"
    }

    // MARK: What cannot be foreseen

    private static func unforeseeable(_ period: PlannedPeriod, _ model: PlanModel, _ voice: Voice) -> Markup {
        let campaigns = period.plan.campaigns.filter { !$0.basis.isForeseeable }
        guard !campaigns.isEmpty else { return .empty }
        func due(_ name: String) -> Int {
            period.plan.tally.steps.reduce(0) { $0 + ($1.key.campaign == name ? $1.value.due : 0) }
        }
        let shown = campaigns.filter { $0.entriesInLast28Days > 0 || due($0.name) > 0 }
        let running = { (name: String) in period.plan.tally.running[name] ?? 0 }
        return Parts.section(voice(Say.cannotBeForeseen), note: .text(voice(Say.cannotNote))) {
            if shown.isEmpty {
                Parts.empty(voice, Say.noneStarted, ["n": .text(voice.number(campaigns.count))])
            } else {
                tag("table", "table fold") {
                    tag("caption", "hidden-text") { voice(Say.cannotBeForeseen) }
                    tag("thead") {
                        tag("tr") {
                            DestinationParts.head(voice(Say.campaign))
                            DestinationParts.head(voice(Say.startsWith))
                            DestinationParts.head(voice(Say.entries28), isNumber: true)
                            DestinationParts.head(voice(Say.running), isNumber: true)
                            DestinationParts.head(voice(Say.stepsPlanned), isNumber: true)
                        }
                    }
                    tag("tbody") {
                        for facts in shown {
                            tag("tr") {
                                tag("th", Attribute("scope", "row")) { Parts.link(.campaign(facts.name), facts.name) }
                                tag("td", "quiet drop") { model.starts[facts.name] ?? "" }
                                tag("td", .class("num left"), Attribute("data-label", voice(Say.entries28))) {
                                    voice.cell(facts.entriesInLast28Days)
                                }
                                tag("td", .class("num right-2"), Attribute("data-label", voice(Say.running))) {
                                    voice.cell(running(facts.name))
                                }
                                tag("td", "num strong right") { voice.cell(due(facts.name)) }
                            }
                        }
                    }
                    tag("tfoot") {
                        tag("tr") {
                            tag("th", Attribute("scope", "row")) {
                                voice(
                                    Say.campaignsNotShown, n: campaigns.count,
                                    ["rest": voice.number(campaigns.count - shown.count)])
                            }
                            tag("td", "drop") {}
                            tag("td", "num left") { voice.number(shown.reduce(0) { $0 + $1.entriesInLast28Days }) }
                            tag("td", "num right-2") { voice.number(shown.reduce(0) { $0 + running($1.name) }) }
                            tag("td", "num right") { voice.number(shown.reduce(0) { $0 + due($1.name) }) }
                        }
                    }
                }
            }
        }
    }
}

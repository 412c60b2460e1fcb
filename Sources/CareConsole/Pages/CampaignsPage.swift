import CarePlanning
import CareValues

/// Which campaign is odd?
struct CampaignsModel: Sendable {
    /// One campaign.
    struct Row: Sendable {
        var name: String
        var description: String
        var starts: String
        var tags: [String]
        var needsApproval: Bool
        var isPaused: Bool
        /// Acts of the last 28 days, two days each.
        var acts: [Int]
        var sums: [ShownOutcome: Int]
        /// The next act that is planned; nil: none in the plan, or it is not known.
        var next: Timestamp?
        /// Whether it starts with what cannot be foreseen.
        var startsOnEvent: Bool
        /// How its rule tests stand; nil: that is not known yet.
        var tests: RuleTestResults.State?
    }
    /// What the list is narrowed to.
    struct Filter: Sendable {
        var text: String?
        var tag: String?
        var state: String?
        /// The states that can be asked for.
        static let states = ["active", "paused", "approval", "errors", "tests", "silent"]
    }

    var now: Timestamp
    var rows: [Row]
    var all: Int
    var epoch: Int64?
    var tags: [String]
    var filter: Filter
    var rulesName: String
    var activatedAt: Timestamp?
    var isPlanKnown: Bool
    /// How many of all wait for approval, are paused, had errors in 28 days, have a test that fails.
    var waiting: Int
    var paused: Int
    var withErrors: Int
    var withFailingTests: Int
    /// The rule tests of all.
    var tests: RuleTestState
}

/// The page.
enum CampaignsPage {
    static func render(_ model: CampaignsModel, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        return Layout.page(
            chrome, title: voice(Say.navCampaigns), lead: lead(model, voice),
            actions: chrome.scope >= .operate
                ? Parts.button(Link(["confirm", "reload"]), voice(Say.reloadRules)) : .empty
        ) {
            if model.all == 0 {
                tag("section") { Parts.empty(voice, Say.noCampaigns, ["folder": tag("code") { model.rulesName }]) }
            } else {
                RuleTestParts.unreadable(model.tests, voice)
                filters(model, voice)
                if model.rows.isEmpty {
                    Parts.empty(voice, Say.noneFits, ["n": .text(voice.number(model.all))])
                } else {
                    table(model, voice)
                }
                if case .underWay = model.tests { Parts.underWay(voice, Say.testsUnderWay) }
                tag("p", "note after") {
                    voice.markup(
                        Say.campaignsFrom,
                        [
                            "folder": tag("code") { model.rulesName },
                            "time": .text(model.activatedAt.map { voice.instant($0, now: model.now) } ?? "\u{2013}"),
                        ])
                }
            }
        }
    }

    private static func lead(_ model: CampaignsModel, _ voice: Voice) -> Markup {
        guard let epoch = model.epoch, model.all > 0 else { return voice.markup(Say.campaignsNone) }
        var parts = [voice.markup(Say.campaignsLead, n: model.all, ["epoch": .text(voice.number(Int(epoch)))])]
        if model.withErrors > 0 { parts.append(.text(voice(Say.campaignsErrors, n: model.withErrors))) }
        if model.withFailingTests > 0 { parts.append(.text(voice(Say.campaignsFailing, n: model.withFailingTests))) }
        if model.waiting > 0 { parts.append(.text(voice(Say.campaignsWait, n: model.waiting))) }
        if model.paused > 0 { parts.append(.text(voice(Say.campaignsPaused, n: model.paused))) }
        return Markup.joined(parts, separator: .text(voice.language == .english ? " " : ""))
    }

    private static func filters(_ model: CampaignsModel, _ voice: Voice) -> Markup {
        Parts.filters(.campaigns) {
            Parts.search("text", label: voice(Say.nameOrDescription), value: model.filter.text)
            Parts.select(
                "tag", label: voice(Say.tag), any: voice(Say.anyTag), options: model.tags.map { ($0, $0) },
                chosen: model.filter.tag)
            Parts.select(
                "state", label: voice(Say.state), any: voice(Say.anyState),
                options: CampaignsModel.Filter.states.map { ($0, voice(Say.campaignStates[$0] ?? Say.anyState)) },
                chosen: model.filter.state)
            Parts.submit(voice(Say.filter))
            tag("span", "note end") {
                voice(Say.byPriority, ["shown": voice.number(model.rows.count), "all": voice.number(model.all)])
            }
        }
    }

    private static func table(_ model: CampaignsModel, _ voice: Voice) -> Markup {
        tag("table", "table fold") {
            tag("caption", "hidden-text") { voice(Say.navCampaigns) }
            tag("thead") {
                tag("tr", "group") {
                    tag("td", Attribute("colspan", "2")) {}
                    tag("th", .class("span"), Attribute("colspan", "5"), Attribute("scope", "colgroup")) {
                        voice(Say.last28)
                    }
                    tag("td", Attribute("colspan", "2")) {}
                }
                tag("tr") {
                    DestinationParts.head(voice(Say.campaign))
                    DestinationParts.head(voice(Say.startsWith))
                    DestinationParts.head(voice(Say.actsPer2Days))
                    for outcome in [ShownOutcome.act, .hold, .suppress, .error] {
                        tag("th", .class("num"), Attribute("scope", "col")) { Parts.outcome(outcome, voice) }
                    }
                    DestinationParts.head(voice(Say.nextAct))
                    DestinationParts.head(voice(Say.tests))
                }
            }
            tag("tbody") {
                for row in model.rows { self.row(row, model, voice) }
            }
        }
    }

    private static func row(_ row: CampaignsModel.Row, _ model: CampaignsModel, _ voice: Voice) -> Markup {
        let acts = row.acts.reduce(0, +)
        return tag("tr") {
            tag("th", Attribute("scope", "row")) {
                Parts.link(.campaign(row.name), row.name)
                if row.needsApproval { Markup.text(" ") + tag("span", "tag warn") { voice(Say.approvalTag) } }
                if row.isPaused { Markup.text(" ") + tag("span", "tag warn") { voice(Say.pausedTag) } }
                tag("span", "sub") { row.description }
            }
            tag("td", "second drop") { row.starts }
            tag("td", "drop") {
                Sparkline(values: row.acts, sentence: voice(Say.actsIn28, n: acts)).markup
            }
            tag("td", "num right") { voice.cell(row.sums[.act] ?? 0) }
            count(.hold, row, voice, "num left", "num drop")
            count(.suppress, row, voice, "num right-2", "num drop")
            count(.error, row, voice, "num is-error left", "num drop")
            tag("td", .class("second full whole"), Attribute("data-label", voice(Say.nextAct))) {
                if row.isPaused {
                    voice(Say.notWhilePaused)
                } else if let next = row.next {
                    voice.near(next, now: model.now)
                } else if row.startsOnEvent {
                    voice(Say.onTheEvent)
                } else {
                    model.isPlanKnown ? voice(Say.outsideThePlan) : "\u{2013}"
                }
            }
            tag("td", .class("second full"), Attribute("data-label", voice(Say.tests))) {
                RuleTestParts.state(row.tests, voice)
            }
        }
    }

    /// How often a campaign ended so; none is left out where a row is folded.
    private static func count(
        _ outcome: ShownOutcome, _ row: CampaignsModel.Row, _ voice: Voice, _ css: StaticString, _ none: StaticString
    ) -> Markup {
        let count = row.sums[outcome] ?? 0
        return tag("td", .class(count > 0 ? css : none), Attribute("data-label", voice(outcome.phrase))) {
            voice.cell(count)
        }
    }
}

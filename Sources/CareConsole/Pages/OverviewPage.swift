import CarePlanning
import CareValues

/// Is all well today, and what needs me?
struct OverviewModel: Sendable {
    /// What waits for a person.
    enum Need: Sendable {
        case destination(DestinationHealth)
        case deadLetters(count: Int, byDestination: [(name: String, count: Int)])
        case refusedRules(findings: Int, at: Timestamp)
        case approval(campaign: String, acts: Int, firstAt: Timestamp?)
        case errors(count: Int, reasons: [String])
        case parkedLost(count: Int)
    }
    /// A reason, or for acts a campaign, and how many.
    struct Part: Sendable {
        var name: String
        var count: Int
        var isReason: Bool
    }

    var now: Timestamp
    var sums: [ShownOutcome: Int] = [:]
    var parts: [ShownOutcome: [Part]] = [:]
    var outboxWaiting = 0
    var oldestWaiting: Timestamp?
    var deliveredToday = 0
    var deliveredAtOnce = 0
    var goalsIn7Days = 0
    var needs: [Need] = []
    var bars: [VolumeChart.Bar] = []
    var pastDays = 14
    var plannedDays = 14
    /// Events a day that cannot be foreseen, the mean of 28 days.
    var unforeseenPerDay = 0
    var plan: PlanState
    var destinations: [DestinationHealth] = []

    var decided: Int { sums.values.reduce(0, +) }
}

/// What is known of the plan that a page rests on.
typealias PlanState = Board<Int, PlannedPeriod>.State

/// The page.
enum OverviewPage {
    static func render(_ model: OverviewModel, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        let today = voice.zone.date(at: model.now)
        return Layout.page(
            chrome, title: voice.longDate(today), lead: lead(model, voice), note: .empty, actions: .empty
        ) {
            tag("div", "columns wide-side") {
                needs(model, voice)
                tag("div") { day(model, voice) }
            }
            volume(model, voice)
            next(model, voice)
            destinations(model, voice)
        }
    }

    private static func lead(_ model: OverviewModel, _ voice: Voice) -> Markup {
        var parts: [Markup] = []
        if model.decided == 0 {
            parts.append(voice.markup(Say.overviewNothing))
        } else {
            parts.append(
                voice.markup(
                    Say.overviewLead, n: model.decided,
                    [
                        "act": .text(voice.number(model.sums[.act] ?? 0)),
                        "hold": .text(voice.number(model.sums[.hold] ?? 0)),
                        "suppress": .text(voice.number(model.sums[.suppress] ?? 0)),
                    ]))
        }
        if case .ready(let period) = model.plan, let next = period.upcoming.first {
            let same = period.upcoming.filter { $0.at == next.at }.reduce(0) { $0 + $1.customers }
            parts.append(
                voice.markup(Say.overviewNext, n: same, ["time": .text(voice.nearInWords(next.at, now: model.now))]))
        }
        let ill = model.destinations.filter { !$0.isWell }
        if ill.count == 1, let one = ill.first {
            parts.append(voice.markup(Say.overviewOneIll, ["name": .text(one.name)]))
        } else if ill.count > 1 {
            parts.append(voice.markup(Say.overviewManyIll, n: ill.count))
        }
        return Markup.joined(parts, separator: .text(voice.language == .english ? " " : ""))
    }

    // MARK: Needs you

    private static func needs(_ model: OverviewModel, _ voice: Voice) -> Markup {
        tag("section", .class("at-right")) {
            Parts.sectionHead(
                voice(Say.needsYou),
                end: model.needs.isEmpty ? .empty : tag("span", "note") { voice.number(model.needs.count) })
            if model.needs.isEmpty {
                Parts.empty(voice, Say.needsNothing)
            } else {
                tag("ul", "list") {
                    for need in model.needs {
                        let (glyph, title, detail) = need.told(voice, now: model.now)
                        tag("li") {
                            glyph.coloured
                            tag("div") {
                                title
                                tag("span", "sub") { detail }
                            }
                        }
                    }
                }
            }
        }
    }

    // MARK: The day

    private static func day(_ model: OverviewModel, _ voice: Voice) -> Markup {
        Parts.section(
            voice(Say.decisionsToday),
            note: .text(voice(Say.decisionsNote, ["time": voice.time(model.now)]))
        ) {
            if model.decided == 0 {
                Parts.empty(voice, Say.noDecisionsToday)
            } else {
                tag("div", "stack") {
                    StackBar(
                        parts: ShownOutcome.ledger.map { ($0, model.sums[$0] ?? 0) },
                        sentence: ShownOutcome.ledger.map { voice($0.phrase) + " " + voice.number(model.sums[$0] ?? 0) }
                            .joined(separator: voice(Say.comma))
                    ).markup
                }
                tag("div", "figures") {
                    for outcome in ShownOutcome.ledger { figure(outcome, model, voice) }
                }
            }
            tag("dl", "trio") {
                pair(
                    voice(Say.outbox),
                    model.outboxWaiting == 0
                        ? voice.markup(Say.outboxEmpty)
                        : voice.markup(
                            Say.outboxWaiting, n: model.outboxWaiting,
                            [
                                "age": .text(
                                    model.oldestWaiting.map {
                                        voice.span(milliseconds: model.now.milliseconds(since: $0))
                                    } ?? "\u{2013}")
                            ]))
                pair(
                    voice(Say.deliveredToday),
                    voice.markup(
                        Say.deliveredAtOnce, n: model.deliveredToday,
                        ["once": .text(voice.number(model.deliveredAtOnce))]))
                pair(voice(Say.goalsReached), voice.markup(Say.goalsIn7Days, n: model.goalsIn7Days))
            }
        }
    }

    private static func pair(_ name: String, _ value: Markup) -> Markup {
        tag("div") {
            tag("dt") { name }
            tag("dd") { value }
        }
    }

    private static func figure(_ outcome: ShownOutcome, _ model: OverviewModel, _ voice: Voice) -> Markup {
        tag("div") {
            Parts.outcome(outcome, voice)
            tag("span", "big") { voice.number(model.sums[outcome] ?? 0) }
            tag("dl") {
                for part in (model.parts[outcome] ?? []).prefix(4) {
                    tag("div") {
                        tag("dt") {
                            if part.isReason { Parts.reason(part.name, voice) } else { Markup.text(part.name) }
                        }
                        tag("dd") { voice.number(part.count) }
                    }
                }
            }
        }
    }

    // MARK: Days

    private static func volume(_ model: OverviewModel, _ voice: Voice) -> Markup {
        var foreseen = 0
        if case .ready(let period) = model.plan { foreseen = period.plan.tally.total.act }
        let past = model.bars.reduce(0) { $0 + $1.decided }
        let sentence = voice(
            Say.volumeSentence,
            ["past": voice.number(past), "days": voice.number(model.pastDays), "planned": voice.number(foreseen)])
        return Parts.section(
            voice(Say.volumePerDay),
            note: .text(
                voice(
                    Say.volumeNote, ["past": voice.number(model.pastDays), "planned": voice.number(model.plannedDays)])),
            end: Fills.legend([.act, .hold, .suppress], planned: true, voice)
        ) {
            VolumeChart(bars: model.bars, sentence: sentence, voice: voice, note: volumeNote(model, voice)).markup
        }
    }

    private static func volumeNote(_ model: OverviewModel, _ voice: Voice) -> Markup {
        switch model.plan {
        case .ready: voice.markup(Say.volumeForeseen, n: model.unforeseenPerDay)
        case .underWay: voice.markup(Say.planUnderWay)
        case .none: voice.markup(Say.planNone)
        }
    }

    // MARK: What comes next

    private static func next(_ model: OverviewModel, _ voice: Voice) -> Markup {
        Parts.section(
            voice(Say.whatComesNext), note: .text(voice(Say.projectTime, ["zone": voice.zone.name])),
            end: Parts.onward(.plan, voice(Say.planForDays, n: model.plannedDays))
        ) {
            switch model.plan {
            case .underWay: Parts.underWay(voice, Say.planUnderWay)
            case .none: Parts.empty(voice, Say.planNone)
            case .ready(let period) where period.upcoming.isEmpty: Parts.empty(voice, Say.nothingNext)
            case .ready(let period): nextTable(period, model, voice)
            }
        }
    }

    private static func nextTable(_ period: PlannedPeriod, _ model: OverviewModel, _ voice: Voice) -> Markup {
        let today = voice.zone.date(at: model.now)
        return tag("table", "table fold") {
            tag("caption", "hidden-text") { voice(Say.whatComesNext) }
            tag("thead") {
                tag("tr") {
                    DestinationParts.head(voice(Say.when))
                    DestinationParts.head(voice(Say.campaignAndStep))
                    DestinationParts.head(voice(Say.destination))
                    DestinationParts.head(voice(Say.restsOn))
                    DestinationParts.head(voice(Say.customers), isNumber: true)
                }
            }
            tag("tbody") {
                for row in period.upcoming.prefix(10) {
                    let until = row.at.milliseconds(since: model.now)
                    tag("tr") {
                        tag("td", "left") {
                            voice.time(row.at) + " "
                            tag("span", "quiet") {
                                until > 0 && until < 3_600_000
                                    ? voice(Say.inSpan, ["span": voice.span(milliseconds: until)])
                                    : voice.day(voice.zone.date(at: row.at), today: today)
                            }
                        }
                        tag("th", Attribute("scope", "row")) { Parts.step(row.campaign, row.step) }
                        tag("td", "drop") { row.destination }
                        tag("td", "drop quiet") { voice(PlanParts.basis(row.basis)) }
                        tag("td", "num right") { voice.number(row.customers) }
                    }
                }
            }
        }
    }

    private static func destinations(_ model: OverviewModel, _ voice: Voice) -> Markup {
        Parts.section(
            voice(Say.destinations),
            note: model.outboxWaiting == 0
                ? .text(voice(Say.outboxNoteEmpty))
                : voice.markup(
                    Say.outboxNote, n: model.outboxWaiting,
                    [
                        "age": .text(
                            model.oldestWaiting.map { voice.span(milliseconds: model.now.milliseconds(since: $0)) }
                                ?? "\u{2013}")
                    ])
        ) {
            if model.destinations.isEmpty {
                Parts.empty(voice, Say.noDestinations)
            } else {
                DestinationParts.table(model.destinations, voice, now: model.now)
            }
        }
    }
}

extension OverviewModel.Need {
    /// Glyph, title and what there is to say.
    func told(_ voice: Voice, now: Timestamp) -> (Glyph, Markup, Markup) {
        switch self {
        case .destination(let row):
            let title = Parts.link(
                .destination(row.name),
                "\(row.name)\(voice(Say.colon))\(voice(DestinationParts.phrase(row.state)).lowercased())")
            var detail = voice(Say.waitingCount, n: row.waiting)
            if let oldest = row.oldestWaiting {
                detail +=
                    voice(Say.comma)
                    + voice(Say.oldestAge, ["age": voice.span(milliseconds: now.milliseconds(since: oldest))])
            }
            if row.parked > 0 { detail += voice(Say.comma) + voice(Say.parkedCount, n: row.parked) }
            return (.error, title, .text(detail))
        case .deadLetters(let count, let byDestination):
            return (
                .error, Parts.link(.deliveries("dead"), voice(Say.deadLetterCount, n: count)),
                .text(
                    byDestination.prefix(4).map { "\($0.name) \(voice.number($0.count))" }.joined(
                        separator: voice(Say.comma)))
            )
        case .refusedRules(let findings, let at):
            return (
                .error, Parts.link(.rules, voice(Say.rulesRefused)),
                .text(voice(Say.rulesRefusedDetail, n: findings, ["time": voice.near(at, now: now)]))
            )
        case .approval(let campaign, let acts, let first):
            let when =
                first.map { voice(Say.comma) + voice(Say.approveBefore, ["time": voice.instant($0, now: now)]) } ?? ""
            return (
                .warning,
                Parts.link(Link(["plan"], fragment: "approve"), voice(Say.needsApproval, ["campaign": campaign])),
                .text(voice(Say.actsPlanned, n: acts) + when)
            )
        case .errors(let count, let reasons):
            return (
                .error, Parts.link(Link(["ledger"], [("outcome", "error")]), voice(Say.errorsToday, n: count)),
                Markup.joined(reasons.map { Parts.reason($0, voice) }, separator: .text(voice(Say.comma)))
            )
        case .parkedLost(let count):
            return (
                .warning, Parts.link(.deliveries("parked"), voice(Say.answersLost, n: count)),
                .text(voice(Say.answersLostDetail))
            )
        }
    }
}

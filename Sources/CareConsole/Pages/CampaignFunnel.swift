import CarePlanning
import CareValues

/// Who is turned away, and where: the parts of a campaign in the order in which they are asked.
struct CampaignFunnel {
    var model: CampaignModel
    var voice: Voice

    var section: Markup {
        switch model.funnel {
        case .none: Parts.section(voice(Say.whoIsTurnedAway)) { Parts.empty(voice, Say.planNone) }
        case .underWay: Parts.section(voice(Say.whoIsTurnedAway)) { Parts.underWay(voice, Say.funnelUnderWay) }
        case .ready(let funnel):
            Parts.section(voice(Say.whoIsTurnedAway), note: .text(note(funnel))) { table(funnel) }
        }
    }

    private func note(_ funnel: FunnelStages) -> String {
        funnel.isForeseen
            ? voice(
                Say.funnelForeseen,
                [
                    "from": voice.instant(funnel.from, now: model.now),
                    "until": voice.instant(funnel.until, now: model.now),
                ])
            : voice(Say.funnelSupposed, ["time": voice.instant(funnel.from, now: model.now)])
    }

    private func table(_ funnel: FunnelStages) -> Markup {
        let acts = funnel.stages.filter { $0.stage.part == .act }.reduce(0) { $0 + $1.count }
        let refusing = funnel.stages.filter { $0.stage.part != .act && $0.count > 0 }
        // Where most are turned away at once, the rest is drawn to the scale of those who are left.
        let first = refusing.first.map { funnel.customers - $0.count } ?? funnel.customers
        let isCut = first > 0 && first * 4 < funnel.customers
        let scale = Double(max(1, isCut ? first : funnel.customers))
        var left = funnel.customers
        var rows: [Markup] = []
        for (index, stage) in refusing.enumerated() {
            left -= stage.count
            let taken = isCut && index == 0 ? 0 : Double(stage.count) / scale
            rows.append(row(stage.stage, stage.count, left: left, share: Double(left) / scale, taken: taken))
        }
        return tag("table", "table fold") {
            tag("caption", "hidden-text") { voice(Say.whoIsTurnedAway) }
            tag("thead") {
                tag("tr") {
                    DestinationParts.head(voice(Say.nodeOrGate))
                    tag("td", Attribute("width", "42%")) {}
                    DestinationParts.head(voice(Say.turnedAway), isNumber: true)
                    DestinationParts.head(voice(Say.left), isNumber: true)
                }
            }
            tag("tbody") {
                tag("tr") {
                    tag("th", Attribute("scope", "row")) { voice(Say.customersLookedAt) }
                    tag("td", "drop") { CellBar(share: 1, taken: 0, isCut: isCut, isWhole: true).markup }
                    tag("td", "num drop") { "\u{00B7}" }
                    tag("td", "num strong right") { voice.number(funnel.customers) }
                }
                rows
                tag("tr") {
                    tag("th", Attribute("scope", "row")) { Parts.outcome(.act, voice) }
                    tag("td", "drop") {}
                    tag("td", "drop") {}
                    tag("td", "num strong right") { voice.number(acts) }
                }
            }
        }
    }

    private func row(_ stage: Funnel.Stage, _ count: Int, left: Int, share: Double, taken: Double) -> Markup {
        tag("tr") {
            tag("th", .class("break"), Attribute("scope", "row")) { name(stage) }
            tag("td", "drop") { CellBar(share: min(1, share), taken: min(1 - min(1, share), taken)).markup }
            tag("td", .class("num left"), Attribute("data-label", voice(Say.turnedAway))) {
                "\u{2212} " + voice.number(count)
            }
            tag("td", "num strong right") { voice.number(left) }
        }
    }

    private func name(_ stage: Funnel.Stage) -> Markup {
        switch stage.part {
        case .gates, .atEntry:
            let code = String(stage.text.prefix { $0 != " " && $0 != "," })
            let rest = voice.core(String(stage.text.dropFirst(code.count)), Say.turnedAwayBy)
            return Parts.reason(code, voice) + tag("span", "quiet") { rest }
        case .trigger: return named(voice(Say.triggerWord), stage)
        case .whereFalse: return named(voice.gate("where"), stage)
        case .condition: return named(voice.gate("condition"), stage)
        case .act: return Parts.outcome(.act, voice)
        }
    }

    private func named(_ part: String, _ stage: Funnel.Stage) -> Markup {
        tag("code") { part } + tag("span", "quiet") { " " + voice.core(stage.text, Say.turnedAwayBy) }
    }
}

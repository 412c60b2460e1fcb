import CarePlanning
import CareRules
import CareValues

/// Whom does it reach, whom not, and does it work?
struct CampaignModel: Sendable {
    /// Acted on and held out, and how many of each reached the goal.
    struct Effect: Sendable {
        var written: Int
        var writtenGoals: Int
        var heldOut: Int
        var heldOutGoals: Int
        /// How long after an entry the goal counts.
        var within: ISODuration
        var types: [String]
    }

    var now: Timestamp
    var campaign: Campaign
    var rules: RuleSet
    var funnel: Board<String, FunnelStages>.State
    /// The rule tests of all campaigns.
    var tests: RuleTestState
    var bars: [VolumeChart.Bar]
    var effect: Effect?
    /// The next acts in the plan, at most a few.
    var upcoming: [PlannedPeriod.Upcoming]
    var plan: PlanState
    /// Entries begun in the last 28 days.
    var entries28: Int
    /// Decisions of the last 28 days by outcome, then reason.
    var sums: [ShownOutcome: Int]
    var reasons: [(outcome: ShownOutcome, reason: String, count: Int)]
    /// Since when it is as it is.
    var start: Timestamp?
    var file: String?
}

/// A funnel as a page shows it.
struct FunnelStages: Sendable {
    var stages: [(stage: Funnel.Stage, count: Int)]
    var customers: Int
    var isForeseen: Bool
    var from: Timestamp
    var until: Timestamp
}

/// The page.
enum CampaignPage {
    static func render(_ model: CampaignModel, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        return Layout.page(
            chrome, title: model.campaign.name, crumb: (.campaigns, voice(Say.navCampaigns)),
            lead: lead(model, voice),
            actions: Parts.button(Link(["ledger"], [("campaign", model.campaign.name)]), voice(Say.whoAndWhy))
        ) {
            tag("div", "columns") {
                tag("div") {
                    words(model, voice)
                    CampaignFunnel(model: model, voice: voice).section
                    volume(model, voice)
                    RuleTestParts.section(model.tests, of: model.campaign, voice)
                }
                tag("div") {
                    effect(model, voice)
                    next(model, voice)
                    answers(model, voice)
                    settings(model, voice)
                }
            }
        }
    }

    private static func lead(_ model: CampaignModel, _ voice: Voice) -> Markup {
        var parts: [Markup] = []
        if !model.campaign.description.isEmpty {
            let text = model.campaign.description
            let ends = text.last.map { ".。!！?？".contains($0) } ?? true
            parts.append(.text(text + (ends ? "" : voice(Say.fullStop))))
        }
        parts.append(
            voice.markup(
                Say.campaignLead, n: model.sums[.act] ?? 0,
                [
                    "suppressed": .text(voice.number(model.sums[.suppress] ?? 0)),
                    "entries": .text(voice.number(model.entries28)),
                ]))
        if model.campaign.terms.isPaused { parts.append(voice.markup(Say.campaignIsPaused)) }
        if model.campaign.terms.needsApproval { parts.append(voice.markup(Say.campaignAsksApproval)) }
        return Markup.joined(parts, separator: .text(voice.language == .english ? " " : ""))
    }

    // MARK: The rule

    private static func words(_ model: CampaignModel, _ voice: Voice) -> Markup {
        let words = RuleWords(rules: model.rules, voice: voice)
        let steps = model.campaign.steps
        return Parts.section(
            voice(Say.ruleInWords),
            note: Parts.link(Link(["rules", model.campaign.name]), voice(Say.asWritten))
        ) {
            tag("p", "sentence") { words.sentence(model.campaign) }
            tag("ol", "steps") {
                for step in steps {
                    tag("li") {
                        if steps.count > 1 || step.name != "1" {
                            tag("strong") { step.name }
                            "  "
                        }
                        words.step(step)
                    }
                }
            }
            if let goal = model.campaign.terms.goal {
                tag("p", "second after") {
                    voice.markup(
                        Say.goalIs,
                        [
                            "types": .text(goal.types.joined(separator: " " + voice(Say.or) + " ")),
                            "span": .text(voice.duration(goal.within)),
                        ])
                }
            }
        }
    }

    // MARK: Days

    private static func volume(_ model: CampaignModel, _ voice: Voice) -> Markup {
        let sentence = voice(
            Say.campaignVolumeSentence,
            ["act": voice.number(model.sums[.act] ?? 0), "suppress": voice.number(model.sums[.suppress] ?? 0)])
        return Parts.section(
            voice(Say.volumePerDay), note: .text(voice(Say.last28)),
            end: Fills.legend([.act, .hold, .suppress], planned: false, voice)
        ) {
            if model.bars.allSatisfy({ $0.total == 0 }) {
                Parts.empty(voice, Say.noDecisions28)
            } else {
                VolumeChart(bars: model.bars, sentence: sentence, voice: voice, width: 700).markup
            }
        }
    }

    // MARK: At the side

    private static func effect(_ model: CampaignModel, _ voice: Voice) -> Markup {
        Parts.section(voice(Say.doesItWork)) {
            if let effect = model.effect {
                CampaignEffect(effect: effect, voice: voice).markup
            } else if model.campaign.terms.goal == nil {
                Parts.empty(voice, Say.noGoal)
            } else {
                Parts.empty(voice, Say.noHoldout)
            }
        }
    }

    private static func next(_ model: CampaignModel, _ voice: Voice) -> Markup {
        Parts.section(voice(Say.nextRuns)) {
            if model.upcoming.isEmpty {
                switch model.plan {
                case .ready where PlanBasis(model.campaign.trigger).isForeseeable: Parts.empty(voice, Say.nothingInPlan)
                case .ready: Parts.empty(voice, Say.startsByItself)
                case .underWay: Parts.underWay(voice, Say.planUnderWay)
                case .none: Parts.empty(voice, Say.planNone)
                }
            } else {
                Parts.facts(
                    model.upcoming.map { next in
                        (
                            .text(voice.instant(next.at, now: model.now)),
                            voice.markup(Say.actsStrong, n: next.customers)
                                + .text(next.step == "1" ? "" : " \u{203A} " + next.step)
                        )
                    })
            }
            if model.campaign.terms.needsApproval {
                tag("p", "buttons") {
                    Parts.button(Link(["plan"], fragment: "approve"), voice(Say.reviewAndApprove))
                }
            }
        }
    }

    private static func answers(_ model: CampaignModel, _ voice: Voice) -> Markup {
        Parts.section(voice(Say.answers28)) {
            if model.reasons.isEmpty {
                Parts.empty(voice, Say.noDecisions28)
            } else {
                Parts.facts(
                    model.reasons.map { row in
                        (
                            Parts.outcome(row.outcome, voice),
                            Parts.link(
                                Link(
                                    ["ledger"],
                                    [
                                        ("campaign", model.campaign.name), ("outcome", row.outcome.rawValue),
                                        ("reason", row.reason.isEmpty ? nil : row.reason),
                                    ]), voice.number(row.count))
                                + (row.reason.isEmpty ? .empty : .text(" ") + Parts.reason(row.reason, voice))
                        )
                    })
            }
        }
    }

    private static func settings(_ model: CampaignModel, _ voice: Voice) -> Markup {
        let campaign = model.campaign
        var rows: [(name: Markup, value: Markup)] = [
            (.text(voice(Say.tags)), .text(campaign.tags.isEmpty ? voice(Say.none) : voice.list(campaign.tags))),
            (.text(voice(Say.priority)), .text(voice.number(campaign.priority))),
            (.text(voice(Say.reentry)), .text(reentry(campaign.reentry, voice))),
            (.text(voice(Say.lateness)), .text(lateness(campaign.maxLateness, voice))),
        ]
        if let holdout = campaign.gates.holdout {
            rows.append((.text(voice(Say.holdoutWord)), .text(voice.percent(holdout.fraction))))
        }
        if let group = campaign.gates.group { rows.append((.text(voice(Say.group)), .text(group))) }
        if campaign.gates.ignoresQuietHours { rows.append((.text(voice(Say.quietHours)), .text(voice(Say.ignored)))) }
        if campaign.gates.ignoresCaps { rows.append((.text(voice(Say.caps)), .text(voice(Say.ignored)))) }
        if campaign.terms.needsApproval { rows.append((.text(voice(Say.approvalTag)), .text(voice(Say.yes)))) }
        if let start = model.start, start > .distantPast {
            rows.append((.text(voice(Say.activeSince)), .text(voice.instant(start, now: model.now))))
        }
        return Parts.section(voice(Say.navSettings)) { Parts.facts(rows) }
    }

    private static func reentry(_ reentry: Reentry, _ voice: Voice) -> String {
        switch reentry {
        case .always: voice(Say.reentryAlways)
        case .once: voice(Say.reentryOnce)
        case .afterExit: voice(Say.reentryAfterExit)
        case .cooldown(let duration, let since):
            voice(
                since == .act ? Say.reentryCooldownAct : Say.reentryCooldown, ["span": voice.duration(duration)])
        }
    }

    private static func lateness(_ lateness: Lateness?, _ voice: Voice) -> String {
        switch lateness {
        case nil: voice(Say.latenessDefault)
        case .unlimited?: voice(Say.latenessNone)
        case .within(let duration)?: voice.duration(duration)
        }
    }
}

import CareRules
import CareValues

/// Do the rules run, and what is wrong with the new ones?
struct RulesModel: Sendable {
    var now: Timestamp
    var epoch: Int64?
    var fingerprint: String
    var activatedAt: Timestamp?
    var zone: String
    var campaigns: Int
    var attributes: Int
    var traits: Int
    var segments: Int
    var rulesName: String
    var refusal: ConsoleSource.Refusal?
    /// The campaigns, by name, and what starts each, in words.
    var names: [(name: String, starts: String)]
    /// What is looked at: a campaign, and its text as it is in force.
    var shown: (name: String, text: String)?
    /// The policies in words, by kind.
    var policies: [(name: String, text: Markup)]
    /// The policies, as they are in force; nil: there are none.
    var policiesText: String?
}

/// The page.
enum RulesPage {
    static func render(_ model: RulesModel, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        let isRefused = model.refusal != nil && model.shown == nil
        return Layout.page(
            chrome, title: model.shown?.name ?? voice(isRefused ? Say.rulesRefused : Say.navRules),
            crumb: model.shown == nil ? nil : (.rules, voice(Say.navRules)), lead: lead(model, voice),
            actions: chrome.scope >= .operate && model.shown == nil
                ? Parts.button(Link(["confirm", "reload"]), voice(Say.reloadRules), isPrimary: isRefused) : .empty
        ) {
            tag("div", "columns") {
                tag("div") {
                    if let shown = model.shown {
                        Parts.section(voice(Say.asWritten), note: .text(voice(Say.inForceText))) {
                            tag("pre", .class("code"), Attribute("tabindex", "0")) { numbered(shown.text) }
                            tag("p", "pages") { Parts.link(.campaign(shown.name), voice(Say.inWords)) }
                        }
                    } else {
                        if let refusal = model.refusal { findings(refusal, voice) }
                        names(model, voice)
                    }
                }
                tag("div") {
                    running(model, voice)
                    if let refusal = model.refusal, model.shown == nil { refused(refusal, model, voice) }
                    Parts.section(voice(Say.onATerminal)) {
                        tag("pre", .class("code"), Attribute("tabindex", "0")) { "care check \(model.rulesName)" }
                    }
                }
            }
        }
    }

    private static func lead(_ model: RulesModel, _ voice: Voice) -> Markup {
        if model.shown != nil { return voice.markup(Say.ruleTextLead) }
        guard let epoch = model.epoch else { return voice.markup(Say.campaignsNone) }
        let number = Markup.text(voice.number(Int(epoch)))
        if let refusal = model.refusal {
            return voice.markup(
                Say.refusedLead, ["time": .text(voice.near(refusal.at, now: model.now)), "epoch": number])
        }
        return voice.markup(
            Say.rulesLead, n: model.campaigns,
            ["epoch": number, "time": .text(model.activatedAt.map { voice.near($0, now: model.now) } ?? "\u{2013}")])
    }

    // MARK: Findings

    private static func findings(_ refusal: ConsoleSource.Refusal, _ voice: Voice) -> Markup {
        let errors = refusal.diagnostics.count { $0.severity == .error }
        let warnings = refusal.diagnostics.count { $0.severity == .warning }
        return Parts.section(
            voice(Say.findingsTitle),
            note: .text(voice(Say.findingCount, n: errors, ["warnings": voice.number(warnings)]))
        ) {
            if refusal.diagnostics.isEmpty { Parts.empty(voice, Say.noPlaceInFile) }
            for diagnostic in refusal.diagnostics.prefix(100) { finding(diagnostic, voice) }
        }
    }

    private static func finding(_ diagnostic: Diagnostic, _ voice: Voice) -> Markup {
        let isError = diagnostic.severity == .error
        let said = voice.finding(diagnostic)
        let help = diagnostic.help.map(voice.findingHelp)
        // On the line it is about, as a terminal shows it; a language that says it otherwise has a line for it.
        let isHelpBeside = voice.language == .english && !diagnostic.sourceLine.isEmpty
        return tag("div", "finding") {
            tag("h3") {
                tag("span", .class(isError ? "outcome is-error" : "outcome is-hold")) {
                    (isError ? Glyph.error : .warning).markup
                    voice.severity(diagnostic.severity)
                }
                "  "
                said.title
            }
            if let original = said.original { tag("p", "second") { Parts.english(original, voice) } }
            tag("p", "note") {
                tag("code") { "\(diagnostic.file):\(diagnostic.line):\(diagnostic.column)" }
                " \u{00B7} "
                tag("code") { diagnostic.code }
            }
            if !diagnostic.sourceLine.isEmpty {
                tag("pre", .class("code"), Attribute("tabindex", "0")) {
                    tag("span", "line-number") { String(diagnostic.line) }
                    diagnostic.sourceLine + "\n"
                    tag("span", "line-number") { " " }
                    String(repeating: " ", count: max(0, diagnostic.column - diagnostic.sourceColumn))
                    tag("span", "caret") {
                        String(repeating: "^", count: max(1, min(diagnostic.length, 200)))
                            + (isHelpBeside ? help.map { " " + $0 } ?? "" : "")
                    }
                }
            }
            if let help, !isHelpBeside {
                tag("p", "second after") {
                    tag("strong") { voice(Say.advice) }
                    voice(Say.colon)
                    help == diagnostic.help ? Parts.english(help, voice) : .text(help)
                }
            }
        }
    }

    private static func refused(_ refusal: ConsoleSource.Refusal, _ model: RulesModel, _ voice: Voice) -> Markup {
        let files = Set(refusal.diagnostics.map(\.file)).sorted()
        return Parts.section(voice(Say.refused)) {
            Parts.facts([
                (.text(voice(Say.seen)), .text(voice.near(refusal.at, now: model.now))),
                (.text(voice(Say.files)), tag("code") { files.joined(separator: " ") }),
            ])
        }
    }

    // MARK: What runs

    private static func running(_ model: RulesModel, _ voice: Voice) -> Markup {
        Parts.section(voice(Say.runningNow)) {
            Parts.facts([
                (.text(voice(Say.epoch)), .text(model.epoch.map { voice.number(Int($0)) } ?? voice(Say.noneYet))),
                (.text(voice(Say.fingerprint)), tag("code") { String(model.fingerprint.prefix(12)) }),
                (
                    .text(voice(Say.sinceWord)),
                    .text(model.activatedAt.map { voice.instant($0, now: model.now) } ?? "\u{2013}")
                ),
                (.text(voice(Say.zone)), .text(model.zone)),
                (.text(voice(Say.navCampaigns)), .text(voice.number(model.campaigns))),
                (.text(voice(Say.attributes)), .text(voice.number(model.attributes))),
                (.text(voice(Say.traits)), .text(voice.number(model.traits))),
                (.text(voice(Say.segments)), .text(voice.number(model.segments))),
            ])
        }
    }

    private static func names(_ model: RulesModel, _ voice: Voice) -> Markup {
        Markup.joined([
            Parts.section(voice(Say.navCampaigns), note: .text(voice(Say.inForceText))) {
                if model.campaigns == 0 {
                    Parts.empty(voice, Say.noCampaigns, ["folder": tag("code") { model.rulesName }])
                } else {
                    tag("table", "table fold") {
                        tag("caption", "hidden-text") { voice(Say.navCampaigns) }
                        tag("thead") {
                            tag("tr") {
                                DestinationParts.head(voice(Say.campaign))
                                DestinationParts.head(voice(Say.startsWith))
                                tag("td") {}
                            }
                        }
                        tag("tbody") {
                            for campaign in model.names {
                                tag("tr") {
                                    tag("th", Attribute("scope", "row")) {
                                        Parts.link(.campaign(campaign.name), campaign.name)
                                    }
                                    tag("td", "second full") { campaign.starts }
                                    tag("td", "num right") {
                                        Parts.link(Link(["rules", campaign.name]), voice(Say.asWritten))
                                    }
                                }
                            }
                        }
                    }
                }
            },
            Parts.section(voice(Say.policies), note: .text(voice(Say.policiesNote))) {
                if model.policies.isEmpty {
                    Parts.empty(voice, Say.noPolicies)
                } else {
                    Parts.facts(model.policies.map { (.text($0.name), $0.text) }, isWide: true)
                }
                if let text = model.policiesText {
                    tag("details", "as-table") {
                        tag("summary") { voice(Say.asWritten) }
                        tag("pre", .class("code"), Attribute("tabindex", "0")) { numbered(text) }
                    }
                }
            },
        ])
    }

    private static func numbered(_ text: String) -> Markup {
        Markup.joined(
            text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { number, line in
                tag("span", "line-number") { String(number + 1) } + .text(String(line) + "\n")
            })
    }
}

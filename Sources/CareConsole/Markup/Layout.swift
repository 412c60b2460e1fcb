import CareValues

/// What stands around every page: where one is, under which rules, by which clock, as whom.
struct Chrome: Sendable {
    /// A place of the navigation.
    enum Place: String, Sendable, CaseIterable {
        case overview, campaigns, plan, customers, deliveries, ledger, rules, settings
    }

    /// What the project is called; empty: nothing.
    var project: String
    /// Speaks the reader's language, in the project's zone.
    var voice: Voice
    /// Where one is; nil: nowhere of the navigation.
    var place: Place?
    /// Path and query of this page: where the switch of languages comes back to.
    var path: String
    /// How many campaigns the rules in force have; nil: there are none yet.
    var campaigns: Int?
    /// How many dead letters there are.
    var deadLetters: Int
    /// How many findings a refused rule set has; 0: none was refused.
    var refusedFindings: Int
    /// The epoch in force; nil: none.
    var epoch: Int64?
    /// The fingerprint in force.
    var fingerprint: String
    /// The decision clock.
    var now: Timestamp
    /// Who is signed in.
    var user: String
    /// What they may do.
    var scope: Reach
    /// The token that forms carry.
    var csrf: String
    /// What the last deed came to, said once at the top of the page; nil: there was none.
    var flash: Flash?

    var language: Language { voice.language }
}

/// What somebody may do: each includes those before it.
enum Reach: Int, Sendable, Comparable, CaseIterable {
    case read, operate, admin

    static func < (left: Reach, right: Reach) -> Bool { left.rawValue < right.rawValue }

    var phrase: Phrase {
        switch self {
        case .read: Say.scopeRead
        case .operate: Say.scopeOperate
        case .admin: Say.scopeAdmin
        }
    }
}

/// A sentence about a deed that was done, or refused.
struct Flash: Sendable, Equatable {
    var isGood: Bool
    var text: String
}

/// Puts pages together.
enum Layout {
    /// A page with navigation.
    ///
    /// - Parameters:
    ///   - lead: the one sentence that answers the page's first question.
    ///   - crumb: where it belongs; nil: it stands in the navigation itself.
    static func page(
        _ chrome: Chrome, title: String, crumb: (link: Link, text: String)? = nil, lead: Markup,
        note: Markup = .empty, actions: Markup = .empty, @MarkupBuilder content: () -> Markup
    ) -> String {
        let content = content()
        return document(chrome.voice, title: title, project: chrome.project) {
            tag("a", .class("skip-link"), .href(.part("main"))) { chrome.voice(Say.skipToContent) }
            tag("div", "frame") {
                tag("header", "bar") { narrowBar(chrome) }
                tag("div", "side") { tag("div", "stuck") { side(chrome) } }
                tag("main", .class("page"), .id("main")) {
                    tag("div", "head") {
                        tag("div", "words") {
                            if let crumb { tag("p", "crumb") { Parts.link(crumb.link, crumb.text) } }
                            tag("h1") { title }
                            tag("p", "lead") { lead }
                            if !note.isEmpty { tag("p", "note") { note } }
                        }
                        if !actions.isEmpty { tag("div", "actions") { actions } }
                    }
                    if let flash = chrome.flash {
                        Parts.message(flash.isGood ? .good : .error) { Markup.text(flash.text) }
                    }
                    content
                }
            }
        }
    }

    /// A page that stands alone: sign-in, a refusal without a session.
    static func alone(
        _ voice: Voice, project: String, path: String, title: String, @MarkupBuilder content: () -> Markup
    ) -> String {
        let content = content()
        return document(voice, title: title, project: project) {
            tag("main", .class("alone"), .id("main")) {
                brand(project)
                tag("h1") { title }
                content
                tag("p", "languages") { languages(voice, path: path) }
            }
        }
    }

    private static func document(
        _ voice: Voice, title: String, project: String, @MarkupBuilder body: () -> Markup
    ) -> String {
        let body = body()
        let name = project.isEmpty ? "care" : "\(project) \u{00B7} care"
        let page = tag("html", Attribute("lang", voice.language.code)) {
            tag("head") {
                tag("meta", Attribute("charset", "utf-8"))
                tag("meta", Attribute("name", "viewport"), Attribute("content", "width=device-width, initial-scale=1"))
                tag("meta", Attribute("name", "color-scheme"), Attribute("content", "light dark"))
                tag("title") { "\(title) \u{00B7} \(name)" }
                tag("link", Attribute("rel", "stylesheet"), .href(.asset(Assets.style.name)))
                tag(
                    "link", Attribute("rel", "icon"), .href(.asset(Assets.mark.name)),
                    Attribute("type", "image/svg+xml"))
                tag("script", Attribute("src", Link.asset(Assets.script.name).text), .flag("defer"))
            }
            tag("body") {
                Fills.definitions
                body
            }
        }
        return "<!DOCTYPE html>" + page.html
    }

    private static func brand(_ project: String) -> Markup {
        tag("a", .class("brand"), .href(.overview)) {
            tag(
                "svg", Attribute("viewBox", "0 0 22 22"), Attribute("width", "22"), Attribute("height", "22"),
                Attribute("aria-hidden", "true")
            ) {
                Markup.constant(
                    ##"<rect width="22" height="22" rx="5" fill="#0b6858"/><path d="M14.6 7.6A5 5 0 1 0 16 11" fill="none" stroke="#fff" stroke-width="2.2" stroke-linecap="round"/><circle cx="15.6" cy="11" r="1.5" fill="#fff"/>"##
                )
            }
            tag("span") {
                tag("span", "name") { "care" }
                if !project.isEmpty { tag("span", "project") { project } }
            }
        }
    }

    private static func narrowBar(_ chrome: Chrome) -> Markup {
        Markup.joined([
            brand(chrome.project),
            tag("details") {
                tag("summary") { chrome.voice(Say.menu) }
                tag("div", "sheet") {
                    navigation(chrome, label: chrome.voice(Say.menu))
                    foot(chrome)
                }
            },
        ])
    }

    private static func side(_ chrome: Chrome) -> Markup {
        brand(chrome.project) + navigation(chrome, label: chrome.voice(Say.navigation)) + foot(chrome)
    }

    private static func navigation(_ chrome: Chrome, label: String) -> Markup {
        tag("nav", .class("nav"), Attribute("aria-label", label)) {
            tag("ul") {
                for place in Chrome.Place.allCases {
                    tag("li", place == .rules ? .class("apart") : nil) {
                        tag("a", .href(place.link), place == chrome.place ? Attribute("aria-current", "page") : nil) {
                            place.glyph.markup
                            tag("span") { chrome.voice(place.phrase) }
                            count(place, chrome)
                        }
                    }
                }
            }
        }
    }

    private static func count(_ place: Chrome.Place, _ chrome: Chrome) -> Markup {
        switch place {
        case .campaigns: chrome.campaigns.map { count in tag("span", "count") { chrome.voice.number(count) } } ?? .empty
        case .deliveries where chrome.deadLetters > 0:
            tag("span", "count bad") {
                chrome.voice.number(chrome.deadLetters)
                tag("span", "hidden-text") { " " + chrome.voice(Say.deadLetters) }
            }
        case .rules where chrome.refusedFindings > 0:
            tag("span", "count bad") {
                chrome.voice.number(chrome.refusedFindings)
                tag("span", "hidden-text") { " " + chrome.voice(Say.findings) }
            }
        default: .empty
        }
    }

    private static func foot(_ chrome: Chrome) -> Markup {
        let voice = chrome.voice
        return tag("div", "foot") {
            tag("dl") {
                tag("dt") { voice(Say.navRules) }
                tag("dd") {
                    if let epoch = chrome.epoch {
                        voice(Say.epochNumber, n: Int(epoch))
                        Markup.constant("<br>")
                        tag("code") { String(chrome.fingerprint.prefix(8)) }
                    } else {
                        voice(Say.noneYet)
                    }
                }
                tag("dt") { voice(Say.clock) }
                tag("dd") {
                    voice.date(voice.zone.date(at: chrome.now)) + " " + voice.clock(chrome.now)
                    Markup.constant("<br>")
                    voice.zone.name
                }
            }
            tag("p", "line") { languages(voice, path: chrome.path) }
            if !chrome.user.isEmpty {
                tag("div", "line") {
                    chrome.user + " \u{00B7} " + voice(chrome.scope.phrase) + " \u{00B7} "
                    Parts.form(Link(["sign-out"]), chrome) {
                        Parts.submit(voice(Say.signOut), css: "link-button")
                    }
                }
            }
        }
    }

    private static func languages(_ voice: Voice, path: String) -> Markup {
        Markup.joined(
            Language.allCases.map { language in
                if language == voice.language {
                    return tag("strong", Attribute("lang", language.code)) { language.name }
                }
                return tag(
                    "a", .href(.language(language, back: path)), Attribute("lang", language.code),
                    Attribute("hreflang", language.code)
                ) { language.name }
            }, separator: .text(" \u{00B7} "))
    }
}

extension Chrome.Place {
    var link: Link {
        switch self {
        case .overview: .overview
        case .campaigns: .campaigns
        case .plan: .plan
        case .customers: .customers
        case .deliveries: .deliveries
        case .ledger: .ledger
        case .rules: .rules
        case .settings: .settings
        }
    }

    var phrase: Phrase {
        switch self {
        case .overview: Say.navOverview
        case .campaigns: Say.navCampaigns
        case .plan: Say.navPlan
        case .customers: Say.navCustomers
        case .deliveries: Say.navDeliveries
        case .ledger: Say.navLedger
        case .rules: Say.navRules
        case .settings: Say.navSettings
        }
    }

    var glyph: Glyph {
        switch self {
        case .overview: .overview
        case .campaigns: .campaigns
        case .plan: .plan
        case .customers: .customers
        case .deliveries: .deliveries
        case .ledger: .ledger
        case .rules: .rules
        case .settings: .settings
        }
    }
}

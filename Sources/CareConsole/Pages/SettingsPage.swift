import CareValues

/// Who may do what, and who did what?
struct SettingsModel: Sendable {
    /// A token of the API, never its secret.
    struct Token: Sendable {
        var name: String
        var scopes: [String]
        var madeAt: Timestamp
    }
    /// Somebody who signs in.
    struct User: Sendable {
        var name: String
        var scopes: [String]
    }
    /// A change, by whom.
    struct Audit: Sendable {
        var at: Timestamp
        var who: String
        var deed: String
        var object: String
    }

    var now: Timestamp
    var storeName: String
    var customers: Int
    var tokens: [Token]
    var users: [User]
    var audit: [Audit]
    /// A token that was just made, told once.
    var newToken: (name: String, secret: String)?
    /// The scopes that a token can have.
    var scopes: [String]
}

/// The page.
enum SettingsPage {
    static func render(_ model: SettingsModel, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        return Layout.page(
            chrome, title: voice(Say.navSettings),
            lead: voice.markup(
                Say.settingsLead, n: model.tokens.count, ["users": .text(voice.number(model.users.count))])
        ) {
            if let made = model.newToken {
                Parts.message(.good) {
                    voice.markup(Say.tokenMade, ["name": .text(made.name)])
                    tag("pre", .class("code wrap"), Attribute("tabindex", "0")) { made.secret }
                }
            }
            tag("div", "columns") {
                tag("div") {
                    tokens(model, chrome)
                    audit(model, voice)
                }
                tag("div") {
                    Parts.section(voice(Say.users)) {
                        if model.users.isEmpty {
                            Parts.empty(voice, Say.noUsers)
                        } else {
                            Parts.facts(
                                model.users.map { (.text($0.name), .text(voice.list($0.scopes.map(voice.scope)))) })
                        }
                        tag("p", "note after") { voice.markup(Say.usersAre) }
                    }
                    Parts.section(voice(Say.store)) {
                        Parts.facts([
                            (.text(voice(Say.store)), tag("code") { model.storeName }),
                            (.text(voice(Say.navCustomers)), .text(voice.number(model.customers))),
                        ])
                    }
                }
            }
        }
    }

    private static func tokens(_ model: SettingsModel, _ chrome: Chrome) -> Markup {
        let voice = chrome.voice
        return Parts.section(voice(Say.tokens), note: .text(voice(Say.tokensNote))) {
            if model.tokens.isEmpty {
                Parts.empty(voice, Say.noTokens)
            } else {
                tag("table", "table fold") {
                    tag("caption", "hidden-text") { voice(Say.tokens) }
                    tag("thead") {
                        tag("tr") {
                            DestinationParts.head(voice(Say.name))
                            DestinationParts.head(voice(Say.scopes))
                            DestinationParts.head(voice(Say.made))
                            tag("td") {}
                        }
                    }
                    tag("tbody") {
                        for token in model.tokens {
                            tag("tr") {
                                tag("th", .class("break"), Attribute("scope", "row")) { token.name }
                                tag("td", "second right") { voice.list(token.scopes.map(voice.scope)) }
                                tag("td", "second left") { voice.instant(token.madeAt, now: model.now) }
                                tag("td", "num right-2") {
                                    Parts.link(Link(["confirm", "revoke"], [("token", token.name)]), voice(Say.revoke))
                                }
                            }
                        }
                    }
                }
            }
            Parts.form(Link(["settings", "tokens"]), chrome, css: "filters") {
                tag("label", .class("hidden-text"), Attribute("for", "token-name")) { voice(Say.tokenName) }
                tag(
                    "input", .class("input"), .id("token-name"), Attribute("name", "name"),
                    Attribute("placeholder", voice(Say.tokenName)), .flag("required"), Attribute("maxlength", "64"),
                    Attribute("autocomplete", "off"))
                tag("select", .class("select"), Attribute("name", "scope"), Attribute("aria-label", voice(Say.scopes)))
                {
                    for scope in model.scopes { tag("option", Attribute("value", scope)) { voice.scope(scope) } }
                }
                Parts.submit(voice(Say.makeToken))
            }
        }
    }

    private static func audit(_ model: SettingsModel, _ voice: Voice) -> Markup {
        Parts.section(voice(Say.audit), note: .text(voice(Say.auditNote))) {
            if model.audit.isEmpty {
                Parts.empty(voice, Say.noAudit)
            } else {
                tag("table", "table fold") {
                    tag("caption", "hidden-text") { voice(Say.audit) }
                    tag("thead") {
                        tag("tr") {
                            DestinationParts.head(voice(Say.when))
                            DestinationParts.head(voice(Say.who))
                            DestinationParts.head(voice(Say.deed))
                            DestinationParts.head(voice(Say.detail))
                        }
                    }
                    tag("tbody") {
                        for row in model.audit {
                            tag("tr") {
                                tag("td", "number second left") { voice.instant(row.at, now: model.now) }
                                tag("th", .class("break"), Attribute("scope", "row")) { row.who }
                                tag("td", "right") { tag("code") { row.deed } }
                                tag("td", "second break full") { row.object }
                            }
                        }
                    }
                }
            }
        }
    }
}

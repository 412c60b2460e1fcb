import CareValues

/// What next?
struct SignInModel: Sendable {
    /// Why the last try failed.
    enum Refusal: Sendable, Equatable {
        /// Name and password do not match.
        case wrong
        /// Too many tries: again after so many seconds.
        case throttled(seconds: Int)
    }

    var project: String
    var name: String
    var refusal: Refusal?
    /// Where to go afterwards.
    var next: String?
    /// Whether nobody can sign in yet: there is no user.
    var hasNoUsers = false
}

/// The page.
enum SignInPage {
    static func render(_ model: SignInModel, _ voice: Voice) -> String {
        Layout.alone(voice, project: model.project, path: Link.signIn.text, title: voice(Say.signIn)) {
            if let refusal = model.refusal { Parts.message(.error) { words(refusal, voice) } }
            if model.hasNoUsers { Parts.message(.warn) { voice.markup(Say.noUserYet) } }
            tag("form", Attribute("method", "post"), Attribute("action", Link.signIn.text)) {
                if let next = model.next { Parts.hidden("next", next) }
                field("name", voice(Say.name), type: "text", value: model.name, complete: "username")
                field("password", voice(Say.password), type: "password", value: "", complete: "current-password")
                Parts.submit(voice(Say.signIn), css: "button primary wide")
            }
            tag("p", "note") { voice(Say.forgotten) }
        }
    }

    private static func words(_ refusal: SignInModel.Refusal, _ voice: Voice) -> Markup {
        switch refusal {
        case .wrong: voice.markup(Say.wrongPassword)
        case .throttled(let seconds):
            voice.markup(Say.throttled, ["span": .text(voice.span(milliseconds: Int64(max(1, seconds)) * 1_000))])
        }
    }

    static func field(_ name: String, _ label: String, type: String, value: String, complete: String) -> Markup {
        tag("label", "field") {
            tag("span", "label") { label }
            tag(
                "input", .class("input full"), Attribute("type", type), Attribute("name", name),
                Attribute("value", value),
                Attribute("autocomplete", complete), .flag("required"), Attribute("spellcheck", "false"),
                Attribute("autocapitalize", "none"))
        }
    }
}

/// The first user, by the one-time link that the program has printed.
struct SetUpModel: Sendable {
    enum Refusal: Sendable, Equatable {
        case link, shortPassword, different, takenName
    }
    var project: String
    var key: String
    var name: String
    var refusal: Refusal?
    /// The least length of a password.
    var minimumLength: Int
}

/// The page.
enum SetUpPage {
    static func render(_ model: SetUpModel, _ voice: Voice) -> String {
        Layout.alone(voice, project: model.project, path: Link.signIn.text, title: voice(Say.setUp)) {
            if let refusal = model.refusal {
                Parts.message(.error) { voice.markup(words(refusal), n: model.minimumLength) }
            }
            if model.refusal != .link {
                tag("p", "lead") { voice(Say.setUpLead) }
                tag("form", Attribute("method", "post"), Attribute("action", Link.setUp.text)) {
                    Parts.hidden("key", model.key)
                    SignInPage.field("name", voice(Say.name), type: "text", value: model.name, complete: "username")
                    SignInPage.field(
                        "password", voice(Say.newPassword, n: model.minimumLength), type: "password", value: "",
                        complete: "new-password")
                    SignInPage.field("again", voice(Say.again), type: "password", value: "", complete: "new-password")
                    Parts.submit(voice(Say.makeAdministrator), css: "button primary wide")
                }
            }
        }
    }

    private static func words(_ refusal: SetUpModel.Refusal) -> Phrase {
        switch refusal {
        case .link: Say.setUpLinkUsed
        case .shortPassword: Say.shortPassword
        case .different: Say.differentPasswords
        case .takenName: Say.takenName
        }
    }
}

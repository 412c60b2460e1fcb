import CareValues

/// What writes asks once more, on a page of its own.
struct ConfirmModel: Sendable {
    var title: String
    /// What will be so, with numbers.
    var lead: Markup
    /// What is good to know before.
    var notes: [(isWarning: Bool, text: Markup)]
    /// Where the deed is done, and what goes with it.
    var action: Link
    var members: [(name: String, value: String)]
    /// The deed and its object.
    var button: String
    var isDangerous: Bool
    /// Nil: it cannot be done, and the lead says why.
    var isPossible: Bool
    var back: Link
    var place: Chrome.Place
    /// A choice that goes with the deed: its name and what it means.
    var option: (name: String, text: String)?
}

/// The page.
enum ConfirmPage {
    static func render(_ model: ConfirmModel, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        return Layout.page(chrome, title: model.title, lead: model.lead) {
            tag("div", "narrow-page") {
                for note in model.notes {
                    Parts.message(note.isWarning ? .warn : .good) { note.text }
                }
                Parts.form(model.action, chrome) {
                    for member in model.members { Parts.hidden(member.name, member.value) }
                    if let option = model.option, model.isPossible {
                        tag("p", "field") {
                            tag("label") {
                                tag(
                                    "input", Attribute("type", "checkbox"), Attribute("name", option.name),
                                    Attribute("value", "yes"))
                                " " + option.text
                            }
                        }
                    }
                    tag("div", "buttons") {
                        if model.isPossible {
                            Parts.submit(model.button, css: model.isDangerous ? "button danger" : "button primary")
                        }
                        Parts.button(model.back, voice(Say.goBack))
                    }
                }
            }
        }
    }
}

/// A page that says what happened, what still works, what to do.
enum ProblemPage {
    /// What went wrong.
    enum Problem: Sendable, CaseIterable {
        case notFound, noSuchCustomer, noSuchCampaign, noSuchDelivery, noSuchDestination
        case forbidden, staleForm, badRequest, unavailable, failed
    }

    /// The HTTP status that goes with it.
    static func status(_ problem: Problem) -> Int {
        switch problem {
        case .notFound, .noSuchCustomer, .noSuchCampaign, .noSuchDelivery, .noSuchDestination: 404
        case .forbidden, .staleForm: 403
        case .badRequest: 400
        case .unavailable: 503
        case .failed: 500
        }
    }

    private static func words(_ problem: Problem) -> (title: Phrase, text: Phrase) {
        switch problem {
        case .notFound: (Say.notFound, Say.notFoundText)
        case .noSuchCustomer: (Say.noSuchCustomer, Say.noSuchCustomerText)
        case .noSuchCampaign: (Say.noSuchCampaign, Say.noSuchCampaignText)
        case .noSuchDelivery: (Say.noSuchDelivery, Say.noSuchDeliveryText)
        case .noSuchDestination: (Say.noSuchDestination, Say.noSuchDestinationText)
        case .forbidden: (Say.forbidden, Say.forbiddenText)
        case .staleForm: (Say.staleFormTitle, Say.staleForm)
        case .badRequest: (Say.badRequest, Say.badRequestText)
        case .unavailable: (Say.unavailable, Say.unavailableText)
        case .failed: (Say.failedTitle, Say.failedText)
        }
    }

    /// With navigation, for who is signed in.
    static func render(_ problem: Problem, _ chrome: Chrome) -> String {
        let (title, text) = words(problem)
        return Layout.page(chrome, title: chrome.voice(title), lead: chrome.voice.markup(text)) {
            tag("p", "buttons") { Parts.button(.overview, chrome.voice(Say.toOverview)) }
        }
    }

    /// Alone, where nobody is signed in.
    static func alone(_ problem: Problem, _ voice: Voice, project: String) -> String {
        let (title, text) = words(problem)
        return Layout.alone(voice, project: project, path: Link.signIn.text, title: voice(title)) {
            tag("p", "lead") { voice.markup(text) }
            tag("p", "buttons") { Parts.button(.signIn, voice(Say.signIn)) }
        }
    }
}

import CareValues

/// What next, on the first day?
struct WelcomeModel: Sendable {
    var storeName: String
    var rulesName: String
    var campaigns: Int
    var customers: Int
    var destinations: [String]
}

/// The page.
enum WelcomePage {
    static func render(_ model: WelcomeModel, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        let done = [model.campaigns > 0, model.customers > 0, false]
        let now = done.firstIndex(of: false) ?? 2
        func css(_ place: Int) -> StaticString { done[place] ? "done" : place == now ? "now" : "" }
        return Layout.page(chrome, title: voice(Say.welcome), lead: voice.markup(Say.welcomeLead)) {
            tag("div", "narrow-page") {
                tag("ol", "todo") {
                    step(
                        css(0), voice(Say.stepCampaign), voice.markup(Say.stepCampaignWhy),
                        code: "care init\ncare check")
                    step(
                        css(1), voice(Say.stepCustomers), voice.markup(Say.stepCustomersWhy),
                        code: "care import customers customers.csv")
                    step(css(2), voice(Say.stepPlan), voice.markup(Say.stepPlanWhy), code: nil) {
                        Parts.button(.plan, voice(Say.openThePlan))
                    }
                }
                Parts.section(voice(Say.whatIsHere)) {
                    Parts.facts([
                        (.text(voice(Say.store)), tag("code") { model.storeName }),
                        (
                            .text(voice(Say.navRules)),
                            voice.markup(
                                Say.campaignsIn, n: model.campaigns, ["folder": tag("code") { model.rulesName }])
                        ),
                        (.text(voice(Say.navCustomers)), .text(voice.number(model.customers))),
                        (
                            .text(voice(Say.destinations)),
                            model.destinations.isEmpty
                                ? voice.markup(Say.noneInEnvironment) : .text(voice.list(model.destinations))
                        ),
                    ])
                }
            }
        }
    }

    private static func step(
        _ css: StaticString, _ title: String, _ why: Markup, code: String?,
        @MarkupBuilder _ more: () -> Markup = { .empty }
    ) -> Markup {
        tag("li", .class(css)) {
            tag("h2") { title }
            tag("p") { why }
            if let code { tag("pre", .class("code"), Attribute("tabindex", "0")) { code } }
            let more = more()
            if !more.isEmpty { tag("p", "buttons") { more } }
        }
    }
}

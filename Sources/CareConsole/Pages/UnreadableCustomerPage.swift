import CareValues

/// Why is there nothing to see of this customer, and what now?
enum UnreadableCustomerPage {
    /// - Parameter detail: what cannot be read, in English; no customer data.
    static func render(_ id: String, detail: String, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        return Layout.page(
            chrome, title: id, crumb: (.customers, voice(Say.navCustomers)), lead: voice.markup(Say.unreadableLead)
        ) {
            tag("div", "narrow-page") {
                Parts.section(voice(Say.unreadableWhat)) {
                    tag("p") { Parts.english(detail, voice) }
                }
                Parts.section(voice(Say.unreadableToDo)) {
                    tag("p") { voice.markup(Say.unreadableDoctor) }
                    command("care doctor")
                    tag("p") { voice.markup(Say.unreadableErase) }
                    command("care customers erase ID")
                }
            }
        }
    }

    private static func command(_ text: String) -> Markup {
        tag("pre", .class("code"), Attribute("tabindex", "0")) { text }
    }
}

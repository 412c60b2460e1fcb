import CareValues

/// Which customer do I look for? No personal data in the list.
struct CustomersModel: Sendable {
    /// One customer.
    struct Row: Sendable {
        var id: String
        /// A few attributes that are not personal, by name.
        var attributes: [(name: String, value: String)]
        /// When something may next fall due.
        var wakeUp: Timestamp?
        /// How many entries are under way.
        var entries: Int
        /// What is stored of the customer cannot be read.
        var isUnreadable = false
    }

    var now: Timestamp
    var total: Int
    var prefix: String
    var rows: [Row]
    /// The names of the attributes shown.
    var columns: [String]
    /// Where the next page begins; nil: this is the last.
    var next: String?
    /// Whether this is not the first page.
    var isFurther: Bool
}

/// The page.
enum CustomersPage {
    static func render(_ model: CustomersModel, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        return Layout.page(
            chrome, title: voice(Say.navCustomers), lead: voice.markup(Say.customersLead, n: model.total)
        ) {
            Parts.filters(.customers) {
                Parts.search("id", label: voice(Say.idBegins), value: model.prefix)
                Parts.submit(voice(Say.search))
                tag("span", "note end") { voice(Say.personalHidden) }
            }
            if model.rows.isEmpty {
                if model.total == 0 {
                    Parts.empty(voice, Say.noCustomers)
                } else {
                    Parts.empty(voice, Say.noCustomerBegins, ["prefix": tag("code") { model.prefix }])
                }
            } else {
                table(model, voice)
                tag("p", "pages") {
                    if model.isFurther {
                        Parts.link(
                            Link(["customers"], [("id", model.prefix.isEmpty ? nil : model.prefix)]), voice(Say.first))
                        "  "
                    }
                    if let next = model.next {
                        Parts.link(
                            Link(["customers"], [("id", model.prefix.isEmpty ? nil : model.prefix), ("after", next)]),
                            voice(Say.next))
                    }
                }
            }
        }
    }

    private static func table(_ model: CustomersModel, _ voice: Voice) -> Markup {
        tag("table", "table fold") {
            tag("caption", "hidden-text") { voice(Say.navCustomers) }
            tag("thead") {
                tag("tr") {
                    DestinationParts.head(voice(Say.customer))
                    for name in model.columns { DestinationParts.head(name) }
                    DestinationParts.head(voice(Say.running), isNumber: true)
                    DestinationParts.head(voice(Say.nextLook))
                }
            }
            tag("tbody") {
                for row in model.rows {
                    tag("tr") {
                        tag("th", .class("break"), Attribute("scope", "row")) {
                            Parts.link(.customer(row.id), row.id)
                            if row.isUnreadable { tag("p", "note") { voice(Say.customerUnreadable) } }
                        }
                        for (place, name) in model.columns.enumerated() {
                            tag(
                                "td", .class(place == 0 ? "second break right" : "second break left"),
                                place == 0 ? nil : Attribute("data-label", name)
                            ) {
                                row.attributes.first { $0.name == name }?.value ?? "\u{2013}"
                            }
                        }
                        tag("td", "num drop") { voice.cell(row.entries) }
                        tag("td", .class("quiet left"), Attribute("data-label", voice(Say.nextLook))) {
                            row.wakeUp.map { $0 <= model.now ? voice(Say.now) : voice.near($0, now: model.now) }
                                ?? "\u{2013}"
                        }
                    }
                }
            }
        }
    }
}

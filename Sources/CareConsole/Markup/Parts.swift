import CareValues

/// The parts that pages are put together from.
enum Parts {
    /// Heading, a short note in grey, and what stands at the right.
    static func sectionHead(_ title: String, note: Markup = .empty, end: Markup = .empty, id: String? = nil) -> Markup {
        tag("div", "section-head") {
            tag("h2", id.map { .id($0) }) { title }
            if !note.isEmpty { tag("span", "note") { note } }
            if !end.isEmpty { tag("span", "end") { end } }
        }
    }

    /// A section of a page.
    static func section(
        _ title: String, note: Markup = .empty, end: Markup = .empty, @MarkupBuilder _ content: () -> Markup
    ) -> Markup {
        tag("section") {
            sectionHead(title, note: note, end: end)
            content()
        }
    }

    /// Names and values, one line each.
    static func facts(_ rows: [(name: Markup, value: Markup)], isWide: Bool = false) -> Markup {
        tag("dl", .class(isWide ? "facts wide" : "facts")) {
            for row in rows {
                tag("div") {
                    tag("dt") { row.name }
                    tag("dd") { row.value }
                }
            }
        }
    }

    /// What is true where there is nothing to list, and why that is fine or what to do.
    static func empty(_ voice: Voice, _ phrase: Phrase, _ places: [String: Markup] = [:]) -> Markup {
        tag("p", "empty") { voice.markup(phrase, places) }
    }

    /// What is said while something is being computed; with JavaScript the page is asked for again.
    static func underWay(_ voice: Voice, _ phrase: Phrase) -> Markup {
        tag("p", .class("empty"), Attribute("role", "status"), .flag("data-reload")) { voice.markup(phrase) }
    }

    /// A link with a text.
    static func link(_ link: Link, _ text: String) -> Markup { tag("a", .href(link)) { text } }

    /// A link that leads on from a section.
    static func onward(_ link: Link, _ text: String) -> Markup {
        tag("a", .class("onward"), .href(link)) { text + " \u{2192}" }
    }

    /// A link that looks like a button.
    static func button(_ link: Link, _ text: String, isPrimary: Bool = false) -> Markup {
        tag("a", .class(isPrimary ? "button primary" : "button"), .href(link)) { text }
    }

    /// What an outcome is: glyph and word.
    static func outcome(_ outcome: ShownOutcome, _ voice: Voice) -> Markup {
        tag("span", .class(outcome.css)) {
            outcome.glyph.markup
            voice(outcome.phrase)
        }
    }

    /// A reason: the code as it is; in Chinese its label, the code under it where there is room.
    static func reason(_ code: String, _ voice: Voice, hasRoom: Bool = false) -> Markup {
        guard voice.language == .chinese, let label = Say.reasons[code] else { return tag("code") { breakable(code) } }
        if !hasRoom { return tag("span", Attribute("title", code)) { voice(label) } }
        return tag("span") {
            voice(label)
            tag("code", "sub") { breakable(code) }
        }
    }

    /// What the core says in English, marked as such on a page of another language.
    static func english(_ text: String, _ voice: Voice) -> Markup {
        voice.language == .english ? .text(text) : tag("span", Attribute("lang", Language.english.code)) { text }
    }

    /// A name that may be broken where its words meet: `no_consent`, `accessoryInStock`, `rfm.group`; capitals in a row,
    /// as in `customerID`, are one word.
    static func breakable(_ name: String) -> Markup {
        var parts: [Markup] = []
        var word = ""
        for character in name {
            if character.isUppercase, word.last.map({ !$0.isUppercase }) ?? false {
                parts.append(.text(word) + .constant("<wbr>"))
                word = ""
            }
            word.append(character)
            if character == "_" || character == "." || character == "-" {
                parts.append(.text(word) + .constant("<wbr>"))
                word = ""
            }
        }
        return Markup.joined(parts) + .text(word)
    }

    /// A message that asks for attention; `kind` warn, good, or an error.
    static func message(_ kind: MessageKind, @MarkupBuilder _ content: () -> Markup) -> Markup {
        tag("div", .class(kind.css), Attribute("role", kind == .error ? "alert" : "status")) {
            kind.glyph.markup
            tag("div") { content() }
        }
    }

    /// How a message looks.
    enum MessageKind {
        case error, warn, good

        fileprivate var css: StaticString {
            switch self {
            case .error: "message"
            case .warn: "message warn"
            case .good: "message good"
            }
        }
        fileprivate var glyph: Glyph {
            switch self {
            case .error: .error
            case .warn: .warning
            case .good: .yes
            }
        }
    }

    /// A campaign's name and step: `complaint-ladder › ack › desk`.
    static func step(_ campaign: String, _ step: String, _ action: String = "", isLinked: Bool = true) -> Markup {
        var text = ""
        if !step.isEmpty, step != "1" { text += " \u{203A} " + step }
        if !action.isEmpty, action != "1" { text += " \u{203A} " + action }
        return (isLinked ? link(.campaign(campaign), campaign) : .text(campaign)) + tag("span", "second") { text }
    }

    /// A choice in a form that filters; the first option means any.
    static func select(
        _ name: String, label: String, any: String, options: [(value: String, text: String)], chosen: String?
    ) -> Markup {
        tag("select", .class("select"), Attribute("name", name), Attribute("aria-label", label)) {
            tag("option", Attribute("value", "")) { any }
            for option in options {
                tag("option", Attribute("value", option.value), option.value == chosen ? .flag("selected") : nil) {
                    option.text
                }
            }
        }
    }

    /// A hidden member of a form.
    static func hidden(_ name: String, _ value: String) -> Markup {
        tag("input", Attribute("type", "hidden"), Attribute("name", name), Attribute("value", value))
    }

    /// A text field of a form that filters.
    static func search(_ name: String, label: String, value: String?) -> Markup {
        tag(
            "input", .class("input"), Attribute("type", "search"), Attribute("name", name),
            Attribute("aria-label", label), Attribute("placeholder", label), Attribute("value", value ?? ""),
            Attribute("autocomplete", "off"))
    }

    /// A button that sends a form.
    static func submit(
        _ text: String, css: StaticString = "button", name: String? = nil, value: String? = nil,
        isDisabled: Bool = false
    ) -> Markup {
        tag(
            "button", .class(css), Attribute("type", "submit"), name.map { Attribute("name", $0) },
            value.map { Attribute("value", $0) }, isDisabled ? .flag("disabled") : nil
        ) { text }
    }

    /// A form that asks for something; `action` nil: this page.
    static func filters(_ action: Link, @MarkupBuilder _ content: () -> Markup) -> Markup {
        tag("form", .class("filters"), Attribute("method", "get"), Attribute("action", action.text)) { content() }
    }

    /// A form that writes: it carries the token against forged requests.
    static func form(
        _ action: Link, _ chrome: Chrome, css: StaticString? = nil, isBulk: Bool = false,
        @MarkupBuilder _ content: () -> Markup
    ) -> Markup {
        tag(
            "form", css.map { .class($0) }, Attribute("method", "post"), Attribute("action", action.text),
            isBulk ? .flag("data-bulk") : nil
        ) {
            hidden("csrf", chrome.csrf)
            content()
        }
    }

    /// `dlv_7hm2xq4c`: enough of an id to tell it; the whole one is where it links to.
    static func deliveryLink(_ id: DeliveryID) -> Markup {
        tag("a", .class("mono"), .href(.delivery(id)), Attribute("title", id.text)) { String(id.text.prefix(12)) }
    }
}

/// An outcome, or what stands in its place where nothing was decided.
enum ShownOutcome: String, Sendable, CaseIterable {
    case act, hold, suppress, skip, error, due, none

    var css: StaticString {
        switch self {
        case .act: "outcome is-act"
        case .hold: "outcome is-hold"
        case .suppress: "outcome is-suppress"
        case .skip: "outcome is-skip"
        case .error: "outcome is-error"
        case .due: "outcome is-due"
        case .none: "outcome is-none"
        }
    }

    var glyph: Glyph {
        switch self {
        case .act: .act
        case .hold: .hold
        case .suppress: .suppress
        case .skip: .skip
        case .error: .error
        case .due: .due
        case .none: .none
        }
    }

    var phrase: Phrase {
        switch self {
        case .act: Say.act
        case .hold: Say.hold
        case .suppress: Say.suppress
        case .skip: Say.skip
        case .error: Say.error
        case .due: Say.due
        case .none: Say.notTriggered
        }
    }

    /// The outcomes of the ledger, in their order.
    static let ledger: [ShownOutcome] = [.act, .hold, .suppress, .skip, .error]
}

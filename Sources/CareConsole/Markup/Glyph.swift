/// The small drawings beside words. None stands without one.
enum Glyph: String, Sendable, CaseIterable {
    case act, hold, suppress, skip, error, due, none, yes, warning, arrow, dot, square
    case overview, campaigns, plan, customers, deliveries, ledger, rules, settings

    /// The drawing, hidden from screen readers: the word beside it says the same.
    var markup: Markup { drawn(nil) }

    /// The drawing in the colour of what it means, for lists.
    var coloured: Markup {
        switch self {
        case .act, .yes, .arrow: drawn("glyph is-act")
        case .due: drawn("glyph is-act")
        case .hold, .warning: drawn("glyph is-hold")
        case .suppress: drawn("glyph is-suppress")
        case .skip: drawn("glyph is-skip")
        case .error: drawn("glyph is-error")
        default: drawn("glyph is-none")
        }
    }

    private func drawn(_ css: StaticString?) -> Markup {
        tag(
            "svg", Attribute("viewBox", "0 0 14 14"), Attribute("width", "12"), Attribute("height", "12"),
            Attribute("aria-hidden", "true"), Attribute("focusable", "false"), css.map { .class($0) }
        ) { shape }
    }

    private var shape: Markup {
        switch self {
        case .act:
            .constant(
                #"<circle cx="7" cy="7" r="7" fill="currentColor"/><path class="fine" d="M4 7.2l2.2 2.2L10.2 5"/>"#)
        case .hold:
            .constant(
                #"<circle cx="7" cy="7" r="6" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M5.4 4.8v4.4M8.6 4.8v4.4" stroke="currentColor" stroke-width="1.5"/>"#
            )
        case .suppress:
            .constant(
                #"<circle cx="7" cy="7" r="6" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M3 11l8-8" stroke="currentColor" stroke-width="1.5"/>"#
            )
        case .skip:
            .constant(#"<path d="M2 3l4 4-4 4M8 3l4 4-4 4" fill="none" stroke="currentColor" stroke-width="1.6"/>"#)
        case .error:
            .constant(
                #"<path d="M7 0l7 7-7 7-7-7z" fill="currentColor"/><path class="fine" d="M5 5l4 4M9 5l-4 4"/>"#)
        case .due:
            .constant(
                #"<circle cx="7" cy="7" r="6" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M7 3.6V7l2.3 1.4" fill="none" stroke="currentColor" stroke-width="1.5"/>"#
            )
        case .none: .constant(#"<path d="M3 7h8" stroke="currentColor" stroke-width="1.5"/>"#)
        case .yes: .constant(#"<path d="M2 7.4l3.4 3.4L12 4" fill="none" stroke="currentColor" stroke-width="1.8"/>"#)
        case .warning:
            .constant(
                #"<path d="M7 1.2l6.2 11.3H.8z" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linejoin="round"/><path d="M7 5.4v3.4M7 10.1v1.2" stroke="currentColor" stroke-width="1.4"/>"#
            )
        case .arrow:
            .constant(#"<path d="M1 7h11M8 3l4 4-4 4" fill="none" stroke="currentColor" stroke-width="1.5"/>"#)
        case .dot: .constant(#"<circle cx="7" cy="7" r="3" fill="currentColor"/>"#)
        case .square:
            .constant(
                #"<rect x="3.5" y="3.5" width="7" height="7" fill="none" stroke="currentColor" stroke-width="1.6"/>"#)
        case .overview:
            .constant(
                #"<path d="M1.5 6.5L7 1.5l5.5 5M3 5.6V12.5h3v-4h2v4h3V5.6" fill="none" stroke="currentColor" stroke-width="1.3"/>"#
            )
        case .campaigns: .constant(#"<path d="M1 2.5h12M1 7h8M1 11.5h5" stroke="currentColor" stroke-width="1.5"/>"#)
        case .plan:
            .constant(
                #"<path d="M1.5 3h11v9.5h-11zM1.5 6h11M4.5 1v3M9.5 1v3" fill="none" stroke="currentColor" stroke-width="1.3"/>"#
            )
        case .customers:
            .constant(
                #"<circle cx="7" cy="4.2" r="2.9" fill="none" stroke="currentColor" stroke-width="1.3"/><path d="M1.5 13c.6-3 2.8-4.3 5.5-4.3S11.9 10 12.5 13" fill="none" stroke="currentColor" stroke-width="1.3"/>"#
            )
        case .deliveries:
            .constant(#"<path d="M1 7h11M8 3l4 4-4 4" fill="none" stroke="currentColor" stroke-width="1.5"/>"#)
        case .ledger:
            .constant(
                #"<path d="M2.5 1.5h9v11h-9zM5 4.5h4M5 7h4M5 9.5h4" fill="none" stroke="currentColor" stroke-width="1.3"/>"#
            )
        case .rules:
            .constant(#"<path d="M5 3L1 7l4 4M9 3l4 4-4 4" fill="none" stroke="currentColor" stroke-width="1.5"/>"#)
        case .settings:
            .constant(
                #"<path d="M1 4.2h12M1 9.8h12" stroke="currentColor" stroke-width="1.3"/><circle cx="9.5" cy="4.2" r="1.8" fill="currentColor"/><circle cx="4.5" cy="9.8" r="1.8" fill="currentColor"/>"#
            )
        }
    }
}

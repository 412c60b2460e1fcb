/// How outcomes are filled in charts: each has a pattern of its own, so that colour never stands alone.
enum Fills {
    /// The patterns, once a page.
    static let definitions = Markup.constant(
        """
        <svg class="defs" aria-hidden="true" focusable="false"><defs>\
        <pattern id="hold" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="ground" width="6" height="6"/><path class="mark m-hold" d="M1.5 0v6M4.5 0v6"/></pattern>\
        <pattern id="suppress" width="4" height="4" patternUnits="userSpaceOnUse"><rect class="ground" width="4" height="4"/><circle class="m-suppress" cx="1.5" cy="1.5" r="1.15"/></pattern>\
        <pattern id="skip" width="4" height="4" patternUnits="userSpaceOnUse"><rect class="ground" width="4" height="4"/><path class="mark m-skip" d="M0 1.5h4"/></pattern>\
        <pattern id="error" width="5" height="5" patternUnits="userSpaceOnUse"><rect class="ground" width="5" height="5"/><path class="mark m-error" d="M0 0l5 5M5 0l-5 5"/></pattern>\
        </defs></svg>
        """)

    /// The fill of an outcome, for an SVG shape.
    static func attributes(_ outcome: ShownOutcome) -> [Attribute] {
        switch outcome {
        case .act: [.class("fill-act")]
        case .hold: [Attribute("fill", "url(#hold)")]
        case .suppress: [Attribute("fill", "url(#suppress)")]
        case .skip: [Attribute("fill", "url(#skip)")]
        case .error: [Attribute("fill", "url(#error)")]
        case .due, .none: [.class("fill-planned")]
        }
    }

    /// A rectangle so filled.
    static func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ outcome: ShownOutcome
    ) -> Markup {
        Markup.element(
            "rect",
            [.number("x", x), .number("y", y), .number("width", max(0, width)), .number("height", max(0, height))]
                + attributes(outcome), .empty)
    }

    /// What the fills mean, in words.
    static func legend(_ outcomes: [ShownOutcome], planned: Bool, _ voice: Voice) -> Markup {
        tag("span", "legend") {
            for outcome in outcomes {
                tag("span") {
                    swatch { rectangle(0, 0, 11, 11, outcome) }
                    voice(outcome.phrase)
                }
            }
            if planned {
                tag("span") {
                    swatch { rectangle(0.6, 0.6, 9.8, 9.8, .due) }
                    voice(Say.planned)
                }
            }
        }
    }

    private static func swatch(@MarkupBuilder _ content: () -> Markup) -> Markup {
        tag("svg", Attribute("viewBox", "0 0 11 11"), Attribute("aria-hidden", "true")) { content() }
    }
}

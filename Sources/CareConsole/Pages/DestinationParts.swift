import CareValues

/// How destinations are told on more than one page.
enum DestinationParts {
    /// The state as glyph and word, and below it why, where it is not well.
    static func state(_ row: DestinationHealth, _ voice: Voice, now: Timestamp) -> Markup {
        let word = tag(
            "span", .class(row.isWell ? "outcome is-act" : row.state == .slow ? "outcome is-hold" : "outcome is-error")
        ) {
            (row.isWell ? Glyph.yes : row.state == .slow ? .warning : .error).markup
            voice(phrase(row.state))
        }
        guard let why = why(row, voice, now: now) else { return word }
        return word + tag("span", "sub") { why }
    }

    static func phrase(_ state: DestinationHealth.State) -> Phrase {
        switch state {
        case .healthy: Say.healthy
        case .breakerOpen: Say.breakerOpen
        case .probing: Say.breakerProbing
        case .slow: Say.slowLane
        case .spared: Say.spared
        case .disabled: Say.disabled
        case .unknown: Say.notInEnvironment
        }
    }

    /// What made it so, in the receiver's words.
    static func why(_ row: DestinationHealth, _ voice: Voice, now: Timestamp) -> String? {
        switch row.state {
        case .healthy: return nil
        case .disabled:
            return row.disabled.map {
                voice(
                    Say.disabledSince,
                    ["time": voice.instant($0.since, now: now), "reason": voice.deliveryReason($0.reason)])
            }
        case .spared: return row.pausedUntil.map { voice(Say.sparedUntil, ["time": voice.clock($0)]) }
        case .breakerOpen, .probing, .slow:
            return row.lastFailure.map {
                voice(
                    Say.failedLast,
                    ["detail": voice.deliveryReason($0.detail), "time": voice.instant($0.at, now: now)])
            }
        case .unknown: return voice(Say.notInEnvironmentWhy)
        }
    }

    /// The table of all destinations.
    static func table(_ rows: [DestinationHealth], _ voice: Voice, now: Timestamp) -> Markup {
        tag("table", "table fold") {
            tag("caption", "hidden-text") { voice(Say.destinations) }
            tag("thead") {
                tag("tr") {
                    head(voice(Say.destination))
                    head(voice(Say.state))
                    head(voice(Say.attemptsSinceStart), isNumber: true)
                    head(voice(Say.waiting), isNumber: true)
                    head(voice(Say.oldest), isNumber: true)
                    head(voice(Say.answerP95), isNumber: true)
                    head(voice(Say.limit), isNumber: true)
                }
            }
            tag("tbody") {
                for row in rows { self.row(row, voice, now: now) }
            }
        }
    }

    private static func row(_ row: DestinationHealth, _ voice: Voice, now: Timestamp) -> Markup {
        tag("tr") {
            tag("th", Attribute("scope", "row")) {
                Parts.link(.destination(row.name), row.name)
                tag("span", "quiet") { row.type.map { " " + $0 } ?? "" }
            }
            tag("td", "right") { state(row, voice, now: now) }
            tag("td", "num drop") {
                if row.delivered + row.failed == 0 {
                    "\u{2013}"
                } else {
                    voice.number(row.delivered + row.failed)
                    if row.failed > 0 { tag("span", "sub") { voice(Say.failedCount, n: row.failed) } }
                }
            }
            tag("td", .class("num left"), Attribute("data-label", voice(Say.waiting))) { voice.number(row.waiting) }
            tag("td", .class("num right-2"), Attribute("data-label", voice(Say.oldest))) {
                row.oldestWaiting.map { voice.span(milliseconds: now.milliseconds(since: $0)) } ?? "\u{2013}"
            }
            tag("td", "num drop") { row.p95.map { voice.took(milliseconds: $0) } ?? "\u{2013}" }
            tag("td", "num drop quiet") {
                row.limit.map { voice(Say.perSecond, ["rate": CanonicalJSON.numberText($0)]) } ?? "\u{2013}"
            }
        }
    }

    static func head(_ text: String, isNumber: Bool = false) -> Markup {
        tag("th", isNumber ? .class("num") : nil, Attribute("scope", "col")) { text }
    }
}

import CareDispatch
import CareStore
import CareValues

/// What was tried, what did the receiver say, and what can be done?
struct DeliveryModel: Sendable {
    var now: Timestamp
    var delivery: StoredDelivery
    var attempts: [StoredAttempt]
    var destination: DestinationHealth?
    /// The message's data with personal values hidden, as indented JSON.
    var data: String
    var epoch: Int64?
}

/// The page.
enum DeliveryPage {
    static func render(_ model: DeliveryModel, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        let order = model.delivery.order
        return Layout.page(
            chrome, title: voice(Say.deliveryTitle, ["id": String(order.id.text.prefix(12))]),
            crumb: (.deliveries(model.delivery.state.rawValue), voice(Say.navDeliveries)), lead: lead(model, voice),
            actions: actions(model, chrome)
        ) {
            attempts(model, voice)
            tag("div", "columns halves") {
                Parts.section(voice(Say.whatItIs)) { facts(model, voice) }
                Parts.section(voice(Say.whatIsSent), note: .text(voice(Say.personalMasked))) {
                    tag("pre", .class("code wrap"), Attribute("tabindex", "0")) { model.data }
                }
            }
        }
    }

    private static func actions(_ model: DeliveryModel, _ chrome: Chrome) -> Markup {
        let voice = chrome.voice
        let id = model.delivery.order.id.text
        guard chrome.scope >= .operate else { return .empty }
        var buttons: [Markup] = []
        switch model.delivery.state {
        case .dead, .parked:
            buttons.append(
                Parts.button(Link(["confirm", "redrive"], [("id", id)]), voice(Say.redriveThis), isPrimary: true))
            if model.delivery.state == .parked {
                buttons.append(
                    tag("a", .class("button danger"), .href(Link(["confirm", "cancel"], [("id", id)]))) {
                        voice(Say.cancelThis)
                    })
            }
        case .waiting:
            buttons.append(
                tag("a", .class("button danger"), .href(Link(["confirm", "cancel"], [("id", id)]))) {
                    voice(Say.cancelThis)
                })
        case .sending, .delivered, .cancelled: break
        }
        return Markup.joined(buttons)
    }

    private static func lead(_ model: DeliveryModel, _ voice: Voice) -> Markup {
        let order = model.delivery.order
        let places: [String: Markup] = [
            "campaign": Parts.link(.campaign(order.campaign), order.campaign),
            "customer": Parts.link(.customer(order.customer), order.customer),
            "destination": tag("strong") { order.destination },
        ]
        var parts = [voice.markup(Say.deliveryOrdered, places)]
        let reason = Markup.text(
            model.delivery.reason.isEmpty ? voice(Say.noReason) : voice.deliveryReason(model.delivery.reason))
        switch model.delivery.state {
        case .waiting:
            parts.append(
                voice.markup(
                    Say.deliveryWaits, n: model.delivery.attempts + 1,
                    ["time": .text(voice.near(model.delivery.nextAttemptAt, now: model.now))]))
        case .sending: parts.append(voice.markup(Say.deliverySending))
        case .delivered:
            let took = model.attempts.last.map {
                $0.startedAt.advanced(byMilliseconds: $0.durationMilliseconds).milliseconds(since: order.decidedAt)
            }
            parts.append(
                voice.markup(
                    Say.deliveryDelivered, n: model.delivery.attempts,
                    [
                        "after": .text(
                            took.map {
                                $0 < 60_000 ? voice.took(milliseconds: max(0, $0)) : voice.span(milliseconds: $0)
                            } ?? "\u{2013}")
                    ]))
        case .dead where DeliveryParts.isExpired(model.delivery, now: model.now):
            parts.append(voice.markup(Say.deliveryExpired, ["reason": reason]))
        case .dead: parts.append(voice.markup(Say.deliveryDead, n: model.delivery.attempts, ["reason": reason]))
        case .parked where DeliveryParts.isLost(model.delivery):
            parts.append(voice.markup(Say.deliveryLost, ["reason": reason]))
        case .parked: parts.append(voice.markup(Say.deliveryParked, ["reason": reason]))
        case .cancelled: parts.append(voice.markup(Say.deliveryCancelled, ["reason": reason]))
        }
        if let destination = model.destination, !destination.isWell, model.delivery.state != .delivered {
            parts.append(
                voice.markup(
                    Say.deliveriesIll,
                    [
                        "name": Parts.link(.destination(destination.name), destination.name),
                        "state": .text(voice(DestinationParts.phrase(destination.state)).lowercased()),
                    ]))
        }
        return Markup.joined(parts, separator: .text(voice.language == .english ? " " : ""))
    }

    // MARK: Attempts

    private static func attempts(_ model: DeliveryModel, _ voice: Voice) -> Markup {
        Parts.section(voice(Say.attempts), note: .text(voice(Say.attemptsNote, ["zone": voice.zone.name]))) {
            if model.attempts.isEmpty {
                Parts.empty(voice, Say.neverTried)
            } else {
                AttemptsChart(model: model, voice: voice).markup
                tag("table", "table fold") {
                    tag("caption", "hidden-text") { voice(Say.attempts) }
                    tag("thead") {
                        tag("tr") {
                            DestinationParts.head(voice(Say.numberShort))
                            DestinationParts.head(voice(Say.began))
                            DestinationParts.head(voice(Say.result))
                            DestinationParts.head(voice(Say.answer))
                            DestinationParts.head(voice(Say.took), isNumber: true)
                        }
                    }
                    tag("tbody") {
                        for attempt in model.attempts { row(attempt, model, voice) }
                    }
                }
            }
        }
    }

    private static func row(_ attempt: StoredAttempt, _ model: DeliveryModel, _ voice: Voice) -> Markup {
        tag("tr") {
            tag("th", Attribute("scope", "row")) { voice.number(attempt.number) }
            tag("td", "number left") {
                voice.date(voice.zone.date(at: attempt.startedAt)) + " " + voice.preciseClock(attempt.startedAt)
            }
            tag("td", "right") {
                switch attempt.outcome {
                case .ok:
                    tag("span", "outcome is-act") {
                        Glyph.act.markup
                        voice(Say.stateDelivered)
                    }
                case .failed:
                    tag("span", "outcome is-error") {
                        Glyph.error.markup
                        voice(Say.failed)
                    }
                case .unknown:
                    tag("span", "outcome is-hold") {
                        Glyph.warning.markup
                        voice(Say.answerLost)
                    }
                }
            }
            tag("td", "break full") {
                attempt.detail.isEmpty
                    ? (attempt.status == 0 ? voice(Say.accepted) : String(attempt.status))
                    : voice.deliveryReason(attempt.detail)
            }
            tag("td", "num right-2") { voice.took(milliseconds: attempt.durationMilliseconds) }
        }
    }

    // MARK: What it is

    private static func facts(_ model: DeliveryModel, _ voice: Voice) -> Markup {
        let order = model.delivery.order
        let key = DeliveryParts.key(order)
        var rows: [(name: Markup, value: Markup)] = [
            (.text(voice(Say.delivery)), tag("code") { order.id.text }),
            (.text(voice(Say.state)), DeliveryParts.shown(model.delivery.state, voice)),
            (.text(voice(Say.campaign)), Parts.step(order.campaign, key.step, key.action)),
            (.text(voice(Say.customer)), Parts.link(.customer(order.customer), order.customer)),
            (.text(voice(Say.occurrence)), tag("code") { key.occurrence }),
            (.text(voice(Say.destination)), Parts.link(.destination(order.destination), order.destination)),
            (.text(voice(Say.type)), tag("code") { order.type }),
            (
                .text(voice(Say.decided)),
                .text(voice.exact(order.decidedAt))
                    + (model.epoch.map { .text(voice(Say.comma) + voice(Say.epochNumber, n: Int($0))) } ?? .empty)
                    + .text(" \u{00B7} ")
                    + Parts.link(
                        Link(["ledger"], [("customer", order.customer), ("campaign", order.campaign)]), voice(Say.why))
            ),
        ]
        if !order.address.isEmpty { rows.append((.text(voice(Say.to)), .text(PersonalText.masked(order.address)))) }
        rows.append(
            (
                .text(voice(Say.expires)),
                .text(order.expiresAt.map { voice.exact($0) } ?? voice(Say.never))
            ))
        return Parts.facts(rows)
    }
}

/// The attempts of a delivery on a line of time, from the decision on; long waits are cut.
struct AttemptsChart {
    var model: DeliveryModel
    var voice: Voice

    /// Of many attempts the last are drawn; the table has all.
    private static let shown = 6

    var markup: Markup {
        let attempts = model.attempts.suffix(Self.shown)
        let width = 1_000.0
        let each = (width - 170) / Double(max(1, attempts.count))
        let sentence = voice(
            Say.attemptsSentence, n: model.attempts.count,
            ["state": voice(DeliveryParts.state(model.delivery.state)).lowercased()])
        return tag("div", "wide") {
            tag(
                "svg", .class("chart"), Attribute("viewBox", "0 0 1000 52"), Attribute("width", "100%"),
                Attribute("role", "img"), Attribute("aria-label", sentence)
            ) {
                tag(
                    "line", .class("stroke-dim"), .number("x1", 6), .number("x2", width - 4), .number("y1", 24),
                    .number("y2", 24))
                tag("circle", .class("fill-ink"), .number("cx", 6), .number("cy", 24), .number("r", 5))
                text(0, 46, voice(Say.decided).lowercased() + " " + voice.clock(model.delivery.order.decidedAt), nil)
                for (index, attempt) in attempts.enumerated() {
                    self.attempt(attempt, 170 + Double(index) * each, each)
                }
            }
        }
    }

    private func attempt(_ attempt: StoredAttempt, _ x: Double, _ each: Double) -> Markup {
        let isGood = attempt.outcome == .ok
        let label = voice(
            Say.attemptNumber,
            ["number": String(attempt.number), "took": voice.took(milliseconds: attempt.durationMilliseconds)])
        let width = max(40, min(each - 14, max(132, each * 0.55)))
        return Markup.joined([
            tag(
                "rect", .class(isGood ? "attempt-good" : "attempt-bad"), .number("x", x), .number("y", 15),
                .number("width", width), .number("height", 18), .number("rx", 2)),
            text(x + 8, 28, label, isGood ? "on-good" : "on-bad"),
            text(x, 46, voice.clock(attempt.startedAt), nil),
        ])
    }

    private func text(_ x: Double, _ y: Double, _ text: String, _ css: StaticString?) -> Markup {
        tag("text", css.map { .class($0) }, .number("x", x), .number("y", y)) { text }
    }
}

import CareStore
import CareValues

/// What is stuck, and may I send it again?
struct DeliveriesModel: Sendable {
    /// What the list is narrowed to.
    struct Filter: Sendable {
        var state: DeliveryState
        var destination: String?
        var campaign: String?
        var customer: String?
    }

    var now: Timestamp
    var filter: Filter
    var counts: [DeliveryState: Int]
    var deliveries: [StoredDelivery]
    /// Where the next page begins; nil: this is the last.
    var next: Int64?
    var isFurther: Bool
    var destinations: [String]
    var campaigns: [String]
    /// The destinations that are not well, for what a redrive would come to.
    var ill: [DestinationHealth]
    /// Dead letters by cause, the most frequent first.
    var causes: [(cause: String, count: Int)]
}

/// The page.
enum DeliveriesPage {
    /// The tabs, in order.
    static let states: [DeliveryState] = [.waiting, .delivered, .dead, .parked, .cancelled]

    static func render(_ model: DeliveriesModel, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        return Layout.page(chrome, title: voice(Say.navDeliveries), lead: lead(model, voice)) {
            tag("nav", .class("tabs"), Attribute("aria-label", voice(Say.state))) {
                for state in states {
                    tag(
                        "a", .href(.deliveries(state.rawValue, destination: model.filter.destination)),
                        state == model.filter.state ? Attribute("aria-current", "page") : nil
                    ) {
                        voice(tab(state)) + " "
                        tag("span", "count") { voice.number(count(state, model)) }
                    }
                }
            }
            filters(model, voice)
            if model.deliveries.isEmpty {
                Parts.empty(voice, empty(model))
            } else {
                list(model, chrome)
                tag("p", "pages") {
                    if model.isFurther {
                        Parts.link(link(model), voice(Say.first))
                        "  "
                    }
                    if let next = model.next { Parts.link(link(model, before: next), voice(Say.older)) }
                }
            }
        }
    }

    private static func count(_ state: DeliveryState, _ model: DeliveriesModel) -> Int {
        (model.counts[state] ?? 0) + (state == .waiting ? model.counts[.sending] ?? 0 : 0)
    }

    private static func tab(_ state: DeliveryState) -> Phrase {
        state == .dead ? Say.tabDead : DeliveryParts.state(state)
    }

    private static func link(_ model: DeliveriesModel, before: Int64? = nil) -> Link {
        Link(
            ["deliveries"],
            [
                ("state", model.filter.state.rawValue), ("destination", model.filter.destination),
                ("campaign", model.filter.campaign), ("customer", model.filter.customer),
                ("before", before.map(String.init)),
            ])
    }

    private static func lead(_ model: DeliveriesModel, _ voice: Voice) -> Markup {
        var parts: [Markup] = []
        let dead = model.counts[.dead] ?? 0
        if dead == 0 {
            parts.append(voice.markup(Say.deliveriesNoDead))
        } else {
            parts.append(voice.markup(Say.deliveriesDead, n: dead))
            if let cause = model.causes.first {
                let words = Markup.text(voice.deliveryReason(cause.cause))
                parts.append(voice.markup(Say.deliveriesCause, n: cause.count, ["cause": words]))
            }
        }
        let waiting = count(.waiting, model)
        if waiting > 0 { parts.append(voice.markup(Say.deliveriesWait, n: waiting)) }
        if let ill = model.ill.first {
            parts.append(
                voice.markup(
                    Say.deliveriesIll,
                    [
                        "name": Parts.link(.destination(ill.name), ill.name),
                        "state": .text(voice(DestinationParts.phrase(ill.state)).lowercased()),
                    ]))
        }
        return Markup.joined(parts, separator: .text(voice.language == .english ? " " : ""))
    }

    private static func empty(_ model: DeliveriesModel) -> Phrase {
        if model.filter.destination != nil || model.filter.campaign != nil || model.filter.customer != nil {
            return Say.noDeliveryFits
        }
        return switch model.filter.state {
        case .waiting, .sending: Say.noneWaiting
        case .delivered: Say.noneDelivered
        case .dead: Say.noneDead
        case .parked: Say.noneParked
        case .cancelled: Say.noneCancelled
        }
    }

    private static func filters(_ model: DeliveriesModel, _ voice: Voice) -> Markup {
        Parts.filters(.deliveries) {
            Parts.hidden("state", model.filter.state.rawValue)
            Parts.select(
                "destination", label: voice(Say.destination), any: voice(Say.anyDestination),
                options: model.destinations.map { ($0, $0) }, chosen: model.filter.destination)
            Parts.select(
                "campaign", label: voice(Say.campaign), any: voice(Say.anyCampaign),
                options: model.campaigns.map { ($0, $0) }, chosen: model.filter.campaign)
            Parts.search("customer", label: voice(Say.customerOrDelivery), value: model.filter.customer)
            Parts.submit(voice(Say.filter))
        }
    }

    // MARK: The list

    private static func canRedrive(_ state: DeliveryState) -> Bool { state == .dead || state == .parked }
    private static func canCancel(_ state: DeliveryState) -> Bool { state == .waiting || state == .parked }

    private static func list(_ model: DeliveriesModel, _ chrome: Chrome) -> Markup {
        let voice = chrome.voice
        let state = model.filter.state
        guard chrome.scope >= .operate, canRedrive(state) || canCancel(state) else {
            return table(model, chrome, hasBoxes: false)
        }
        return Parts.form(Link(["confirm", "deliveries"]), chrome, isBulk: true) {
            Parts.hidden("state", state.rawValue)
            tag("div", "bulk") {
                if canRedrive(state) {
                    tag(
                        "button", .class("button primary"), Attribute("type", "submit"), Attribute("name", "deed"),
                        Attribute("value", "redrive"), .flag("data-count")
                    ) {
                        voice(Say.redriveSelected)
                    }
                }
                if canCancel(state) {
                    tag(
                        "button", .class("button danger"), Attribute("type", "submit"), Attribute("name", "deed"),
                        Attribute("value", "cancel"), .flag("data-count")
                    ) {
                        voice(Say.cancelSelected)
                    }
                }
                tag("span") {
                    voice(canRedrive(state) ? Say.redriveKeeps : Say.cancelMeans)
                    if let ill = model.ill.first(where: { row in
                        model.deliveries.contains { $0.order.destination == row.name }
                    }) {
                        " "
                            + voice(
                                Say.theyWillWait,
                                ["name": ill.name, "state": voice(DestinationParts.phrase(ill.state)).lowercased()])
                    }
                }
            }
            table(model, chrome, hasBoxes: true)
        }
    }

    private static func table(_ model: DeliveriesModel, _ chrome: Chrome, hasBoxes: Bool) -> Markup {
        let voice = chrome.voice
        let state = model.filter.state
        return tag("div", "scroll") {
            tag("table", "table fold") {
                tag("caption", "hidden-text") { voice(tab(state)) }
                tag("thead") {
                    tag("tr") {
                        if hasBoxes {
                            tag("td", "check") {
                                tag(
                                    "input", Attribute("type", "checkbox"),
                                    Attribute("aria-label", voice(Say.chooseAll)))
                            }
                        }
                        DestinationParts.head(voice(Say.delivery))
                        DestinationParts.head(voice(Say.destination))
                        DestinationParts.head(voice(Say.campaignAndStep))
                        DestinationParts.head(voice(Say.customer))
                        DestinationParts.head(voice(state == .waiting ? Say.nextAttempt : Say.cause))
                        DestinationParts.head(voice(Say.attempts), isNumber: true)
                        DestinationParts.head(voice(Say.decided))
                        if canRedrive(state) || state == .waiting { DestinationParts.head(voice(Say.stillInTime)) }
                    }
                }
                tag("tbody") {
                    for delivery in model.deliveries { row(delivery, model, voice, hasBox: hasBoxes) }
                }
            }
        }
    }

    private static func row(
        _ delivery: StoredDelivery, _ model: DeliveriesModel, _ voice: Voice, hasBox: Bool
    ) -> Markup {
        let order = delivery.order
        let key = DeliveryParts.key(order)
        let state = model.filter.state
        return tag("tr") {
            if hasBox {
                tag("td", "check right") {
                    tag(
                        "input", Attribute("type", "checkbox"), Attribute("name", "id." + order.id.text),
                        Attribute("value", "yes"), Attribute("aria-label", voice(Say.choose, ["id": order.id.text])))
                }
            }
            tag("th", Attribute("scope", "row")) { Parts.deliveryLink(order.id) }
            tag("td", "left") { Parts.link(.destination(order.destination), order.destination) }
            tag("td", "full") { Parts.step(order.campaign, key.step, key.action) }
            tag("td", "break left") { Parts.link(.customer(order.customer), order.customer) }
            tag("td", "full cause") { cause(delivery, model, voice) }
            tag("td", .class("num left"), Attribute("data-label", voice(Say.attempts))) {
                voice.number(delivery.attempts)
            }
            tag("td", "second number whole right-2") { voice.instant(order.decidedAt, now: model.now) }
            if canRedrive(state) || state == .waiting {
                tag("td", "full") { stillInTime(delivery, model, voice) }
            }
        }
    }

    private static func cause(_ delivery: StoredDelivery, _ model: DeliveriesModel, _ voice: Voice) -> Markup {
        let reason = voice.deliveryReason(delivery.reason)
        switch delivery.state {
        case .dead:
            return tag("span", "outcome is-error") {
                Glyph.error.markup
                tag("span", "second") { reason.isEmpty ? voice(Say.noReason) : reason }
            }
        case .waiting:
            let next = voice.near(delivery.nextAttemptAt, now: model.now)
            return Markup.text(next) + tag("span", "quiet") { reason.isEmpty ? "" : " \u{00B7} " + reason }
        case .sending: return .text(voice(Say.stateSending))
        default: return tag("span", "second") { reason.isEmpty ? "\u{2013}" : reason }
        }
    }

    static func stillInTime(_ delivery: StoredDelivery, _ model: DeliveriesModel, _ voice: Voice) -> Markup {
        guard let expires = delivery.order.expiresAt else { return tag("span", "second") { voice(Say.canBeSent) } }
        if expires <= model.now {
            return tag("span", "outcome is-hold") {
                Glyph.warning.markup
                voice(Say.expiredAt, ["time": voice.instant(expires, now: model.now)])
            }
        }
        return tag("span", "second") { voice(Say.until, ["time": voice.instant(expires, now: model.now)]) }
    }
}

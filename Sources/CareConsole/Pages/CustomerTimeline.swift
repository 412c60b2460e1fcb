import CareEngine
import CareStore
import CareValues

/// What has happened to a customer, newest first, by days; a delivery hangs under its decision.
struct CustomerTimeline {
    var model: CustomerModel
    var voice: Voice

    /// What can be shown alone.
    static let kinds = ["events", "decisions"]

    var section: Markup {
        Parts.section(
            voice(Say.timeline), note: .text(voice(Say.timelineNote)),
            end: tag("span", "note") {
                Markup.joined(
                    [nil] + Self.kinds.map { $0 }.map(Optional.some),
                    chosen: model.kind, customer: model.review.customer, voice: voice)
            }
        ) {
            let shown = model.review.happenings.filter(fits)
            if shown.isEmpty {
                Parts.empty(voice, Say.nothingHappened)
            } else {
                tag("div", "timeline") { days(shown) }
            }
            tag("p", "pages") {
                if model.isFurther {
                    Parts.link(.customer(model.review.customer), voice(Say.newest))
                    "  "
                }
                if let older = model.review.older {
                    Parts.link(
                        Link(
                            ["customers", model.review.customer],
                            [
                                ("facts", older.fact.map(String.init)), ("decisions", older.decision.map(String.init)),
                                ("kind", model.kind),
                            ]), voice(Say.older))
                }
            }
        }
    }

    private func fits(_ happening: CustomerReview.Happening) -> Bool {
        switch (model.kind, happening) {
        case ("events", .decision), ("decisions", .fact): false
        default: true
        }
    }

    private func days(_ happenings: [CustomerReview.Happening]) -> [Markup] {
        let today = voice.zone.date(at: model.review.now)
        var parts: [Markup] = []
        var day: CivilDate?
        for happening in happenings {
            let date = voice.zone.date(at: happening.at)
            if date != day {
                day = date
                let near = abs(date.dayNumber - today.dayNumber) < 2
                let name =
                    near ? voice.day(date, today: today) + voice(Say.comma) + voice.date(date) : voice.fullDate(date)
                parts.append(tag("h3", "day") { name.prefix(1).uppercased() + name.dropFirst() })
            }
            parts.append(row(happening))
        }
        return parts
    }

    private func row(_ happening: CustomerReview.Happening) -> Markup {
        switch happening {
        case .fact(_, .event(let event)):
            return line(.dot, event.time) {
                tag("span", "strong") { event.type }
                tag("span", "quiet") { " " + properties(event.properties) + " \u{00B7} " + event.source }
            }
        case .fact(_, .attributes(let fact)):
            return line(.square, fact.time) {
                for (place, member) in fact.values.members.prefix(8).enumerated() {
                    if place > 0 { voice(Say.comma) }
                    tag("span", "strong") { member.name }
                    tag("span", "quiet") { " \u{2192} " + shown(member.name, member.value) }
                }
                if fact.values.count > 8 { tag("span", "quiet") { " " + voice(Say.andMore, n: fact.values.count - 8) } }
            }
        case .decision(_, let entry, let delivery):
            let outcome = ShownOutcome(rawValue: entry.outcome) ?? .none
            return line(outcome.glyph, entry.now) {
                Parts.step(model.names[entry.campaign] ?? entry.campaign, entry.step, entry.action, isLinked: true)
                tag("span", "quiet") {
                    " " + voice(outcome.phrase).lowercased() + (entry.reason.isEmpty ? "" : voice(Say.comma))
                }
                if !entry.reason.isEmpty { Parts.reason(entry.reason, voice) }
                if entry.step.isEmpty { tag("span", "quiet") { " " + voice(Say.atEntry) } }
                if let delivery { self.delivery(delivery) }
            }
        }
    }

    private func delivery(_ delivery: StoredDelivery) -> Markup {
        let state = DeliveryParts.state(delivery.state)
        return tag("div", "under") {
            (delivery.state == .delivered
                ? Glyph.arrow
                : delivery.state == .dead
                    ? .error : delivery.state == .waiting || delivery.state == .sending ? .due : .none).coloured
            tag("span", delivery.state == .dead ? .class("is-error") : nil) {
                voice(state) + " \u{2192} " + delivery.order.destination
                if delivery.attempts > 0 { voice(Say.comma) + voice(Say.afterAttempts, n: delivery.attempts) }
                if !delivery.reason.isEmpty { voice(Say.comma) + voice.deliveryReason(delivery.reason) }
                " "
                Parts.deliveryLink(delivery.order.id)
            }
        }
    }

    private func line(_ glyph: Glyph, _ at: Timestamp, @MarkupBuilder _ content: () -> Markup) -> Markup {
        tag("div", "row") {
            tag("span", "at") { voice.time(at) }
            glyph.coloured
            tag("div") { content() }
        }
    }

    private func properties(_ properties: JSONObject) -> String {
        let shown = properties.members.prefix(6).map { "\($0.name) \(text($0.value))" }.joined(separator: " \u{00B7} ")
        return properties.count > 6 ? shown + " " + voice(Say.andMore, n: properties.count - 6) : shown
    }

    /// A value of an attribute fact, hidden where the attribute is personal or not declared.
    private func shown(_ name: String, _ value: JSONValue) -> String {
        let known = model.review.attributes.first { $0.name == name }
        guard known?.isPersonal ?? true, !model.isRevealed else { return text(value) }
        if case .null = value { return text(value) }
        return PersonalText.masked(text(value))
    }

    private func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .null: voice(Say.missing)
        default: value.canonicalText
        }
    }
}

extension Markup {
    /// The links that choose what of a timeline is shown.
    fileprivate static func joined(_ kinds: [String?], chosen: String?, customer: String, voice: Voice) -> Markup {
        joined(
            kinds.map { kind in
                let text = voice(kind == "events" ? Say.events : kind == "decisions" ? Say.decisions : Say.everything)
                return kind == chosen
                    ? tag("strong") { text } : Parts.link(Link(["customers", customer], [("kind", kind)]), text)
            }, separator: .text(" \u{00B7} "))
    }
}

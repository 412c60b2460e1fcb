import CareDecisions
import CareEngine
import CarePlanning
import CareValues

/// Why did or didn't they get it?
struct CustomerModel: Sendable {
    /// How one campaign stands, in short; the tree below it tells the rest.
    struct Campaign: Sendable {
        var explanation: Explanation
        var outcome: ShownOutcome
        /// The words after the outcome: reason and what decided.
        var reason: String?
        var headline: Markup
        /// What starts it, in words.
        var starts: String
        var next: Markup
        /// Whether it has never looked at this customer and cannot be foreseen to.
        var isFar: Bool
    }

    var review: CustomerReview
    var campaigns: [Campaign]
    /// Whether personal attributes are shown.
    var isRevealed: Bool
    /// Names of campaigns by identity.
    var names: [String: String]
    /// Whether this is not the newest page of the timeline.
    var isFurther: Bool
    /// What is shown of the timeline: nil is all.
    var kind: String?
}

/// The page.
enum CustomerPage {
    static func render(_ model: CustomerModel, _ chrome: Chrome) -> String {
        // The page's times are the customer's; what stands around it keeps the project's.
        let voice = Voice(language: chrome.language, zone: model.review.zone)
        let id = model.review.customer
        return Layout.page(
            chrome, title: id, crumb: (.customers, voice(Say.navCustomers)), lead: lead(model, voice),
            note: .text(
                voice(Say.customerTimes, ["zone": model.review.zone.name, "time": voice.instant(model.review.now)])),
            actions: actions(model, chrome)
        ) {
            tag("div", "columns") {
                tag("div") {
                    if !model.isFurther { why(model, voice) }
                    CustomerTimeline(model: model, voice: voice).section
                }
                tag("div") { known(model, voice) }
            }
        }
    }

    private static func actions(_ model: CustomerModel, _ chrome: Chrome) -> Markup {
        let id = model.review.customer
        let hasPersonal = model.review.attributes.contains { $0.isPersonal && $0.text != nil }
        guard chrome.scope >= .operate, hasPersonal else { return .empty }
        if model.isRevealed { return Parts.button(.customer(id), chrome.voice(Say.hidePersonal)) }
        return Parts.form(Link(["customers", id, "reveal"]), chrome) {
            Parts.submit(chrome.voice(Say.revealPersonal))
        }
    }

    private static func lead(_ model: CustomerModel, _ voice: Voice) -> Markup {
        var parts: [Markup] = []
        let held = model.campaigns.filter { $0.outcome == .hold }
        let living = model.campaigns.reduce(0) { $0 + $1.explanation.outlook.entries.count { $0.entry.lives } }
        let segments = model.review.segments.filter { $0.isMember == true }.map(\.name)
        if !segments.isEmpty { parts.append(voice.markup(Say.customerIn, ["segments": .text(voice.list(segments))])) }
        parts.append(
            living == 0 ? voice.markup(Say.customerNoEntries) : voice.markup(Say.customerEntries, n: living))
        if let first = held.first {
            parts.append(
                voice.markup(
                    Say.customerHeld, n: held.count,
                    [
                        "campaign": .text(first.explanation.campaign.name),
                        "reason": first.reason.map { Parts.reason($0, voice) } ?? .empty,
                    ]))
        } else if let wakeUp = model.review.wakeUp {
            parts.append(
                voice.markup(Say.customerNext, ["time": .text(voice.near(wakeUp, now: model.review.now))]))
        }
        return Markup.joined(parts, separator: .text(voice.language == .english ? " " : ""))
    }

    // MARK: Why and why not

    private static func why(_ model: CustomerModel, _ voice: Voice) -> Markup {
        let near = model.campaigns.filter { !$0.isFar }
        let far = model.campaigns.filter(\.isFar)
        return Parts.section(
            voice(Say.whyAndWhyNot), note: .text(voice(Say.asOfNow)),
            end: tag("span", "note") {
                voice(Say.campaignsShown, n: model.campaigns.count, ["shown": voice.number(near.count)])
            }
        ) {
            if near.isEmpty {
                Parts.empty(voice, Say.noCampaignNear)
            } else {
                table(near, model, voice)
            }
            if !far.isEmpty {
                tag("details", "as-table") {
                    tag("summary") { voice(Say.moreCampaigns, n: far.count) }
                    table(far, model, voice)
                }
            }
        }
    }

    private static func table(_ rows: [CustomerModel.Campaign], _ model: CustomerModel, _ voice: Voice) -> Markup {
        tag("table", "table fold why") {
            tag("caption", "hidden-text") { voice(Say.whyAndWhyNot) }
            tag("thead") {
                tag("tr") {
                    DestinationParts.head(voice(Say.campaign))
                    DestinationParts.head(voice(Say.outcome))
                    DestinationParts.head(voice(Say.decidingNode))
                    DestinationParts.head(voice(Say.nextChance))
                }
            }
            tag("tbody") {
                for row in rows {
                    let isOpen = row.outcome == .hold || row.outcome == .error
                    tag("tr") {
                        tag("th", Attribute("scope", "row")) {
                            Parts.link(.campaign(row.explanation.campaign.name), row.explanation.campaign.name)
                        }
                        tag("td", "right") { Parts.outcome(row.outcome, voice) }
                        tag("td", "full") {
                            tag("details", isOpen ? .flag("open") : nil) {
                                tag("summary") { row.headline }
                                ExplanationTree(row: row, voice: voice).markup
                            }
                        }
                        tag("td", .class("second full"), Attribute("data-label", voice(Say.nextLabel))) { row.next }
                    }
                }
            }
        }
    }

    // MARK: What is known

    private static func known(_ model: CustomerModel, _ voice: Voice) -> Markup {
        Markup.joined([
            Parts.section(voice(Say.attributes)) { facts(model.review.attributes, model, voice) },
            Parts.section(voice(Say.traits)) { facts(model.review.traits, model, voice) },
            Parts.section(voice(Say.segments)) {
                if model.review.segments.isEmpty {
                    Parts.empty(voice, Say.noSegments)
                } else {
                    tag("ul", "plain") {
                        for segment in model.review.segments {
                            tag("li") {
                                (segment.isMember == true ? Glyph.yes : .none).coloured
                                tag("span", .class(segment.isMember == true ? "" : "quiet")) {
                                    segment.name + " "
                                    tag("span", "quiet") {
                                        voice(
                                            segment.isMember == nil
                                                ? Say.cannotBeTold : segment.isMember == true ? Say.isIn : Say.isNotIn)
                                    }
                                }
                            }
                        }
                    }
                }
            },
        ])
    }

    private static func facts(_ known: [CustomerReview.Known], _ model: CustomerModel, _ voice: Voice) -> Markup {
        guard !known.isEmpty else { return Parts.empty(voice, Say.noneDeclared) }
        return Parts.facts(
            known.map { value in
                guard let text = value.text else {
                    return (Parts.breakable(value.name), tag("span", "quiet") { voice(Say.missing) })
                }
                var shown = Markup.text(value.instant.map { voice.instant($0) } ?? text)
                if value.isMasked { shown = shown + .text(" ") + tag("span", "tag") { voice(Say.masked) } }
                if let since = value.since {
                    shown =
                        shown
                        + tag("span", "quiet") {
                            " " + voice(Say.since, ["date": voice.fullDate(voice.zone.date(at: since))])
                        }
                }
                return (Parts.breakable(value.name), shown)
            })
    }
}

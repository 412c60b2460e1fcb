import CareStore
import CareValues

/// Who got what, who did not, and why?
struct LedgerModel: Sendable {
    var now: Timestamp
    var filter: LedgerFilter
    /// The campaign's name as it was asked for.
    var campaign: String?
    /// The dates as they were asked for.
    var from: String?
    var until: String?
    var findings: [LedgerFinding]
    /// Where the next page begins; nil: this is the last.
    var next: LedgerPlace?
    var isFurther: Bool
    var campaigns: [String]
    var reasons: [String]
    /// Names of campaigns by identity.
    var names: [String: String]
    /// How long it took to find, in milliseconds.
    var milliseconds: Int64
}

/// The page.
enum LedgerPage {
    static func render(_ model: LedgerModel, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        return Layout.page(
            chrome, title: voice(Say.navLedger), lead: lead(model, voice),
            note: .text(voice(Say.ledgerNote, ["zone": voice.zone.name]))
        ) {
            filters(model, voice)
            if model.findings.isEmpty {
                Parts.empty(voice, Say.noDecisionFits)
            } else {
                table(model, voice)
                tag("p", "pages") {
                    if model.isFurther {
                        Parts.link(link(model), voice(Say.newest))
                        "  "
                    }
                    if let next = model.next { Parts.link(link(model, before: next), voice(Say.older)) }
                }
            }
        }
    }

    private static func link(_ model: LedgerModel, before: LedgerPlace? = nil) -> Link {
        Link(
            ["ledger"],
            [
                ("customer", model.filter.customer), ("campaign", model.campaign), ("outcome", model.filter.outcome),
                ("reason", model.filter.reason), ("from", model.from), ("until", model.until),
                ("before", before.map { "\($0.now.milliseconds).\($0.number)" }),
            ])
    }

    private static func lead(_ model: LedgerModel, _ voice: Voice) -> Markup {
        guard let first = model.findings.first, let last = model.findings.last else {
            return voice.markup(Say.ledgerLeadNone)
        }
        return voice.markup(
            Say.ledgerLead, n: model.findings.count,
            [
                "from": .text(voice.instant(last.entry.now, now: model.now)),
                "until": .text(voice.instant(first.entry.now, now: model.now)),
                "more": .text(model.next == nil ? "" : voice(Say.ledgerMore)),
            ])
    }

    private static func filters(_ model: LedgerModel, _ voice: Voice) -> Markup {
        Parts.filters(.ledger) {
            Parts.search("customer", label: voice(Say.customerID), value: model.filter.customer)
            Parts.select(
                "campaign", label: voice(Say.campaign), any: voice(Say.anyCampaign),
                options: model.campaigns.map { ($0, $0) }, chosen: model.campaign)
            Parts.select(
                "outcome", label: voice(Say.outcome), any: voice(Say.anyOutcome),
                options: ShownOutcome.ledger.map { ($0.rawValue, voice($0.phrase)) }, chosen: model.filter.outcome)
            Parts.select(
                "reason", label: voice(Say.reason), any: voice(Say.anyReason),
                options: model.reasons.map { code in
                    (code, voice.language == .chinese ? Say.reasons[code].map { voice($0) } ?? code : code)
                }, chosen: model.filter.reason)
            date("from", voice(Say.fromDate), model.from)
            date("until", voice(Say.untilDate), model.until)
            Parts.submit(voice(Say.search))
        }
    }

    private static func date(_ name: String, _ label: String, _ value: String?) -> Markup {
        tag(
            "input", .class("input"), Attribute("type", "date"), Attribute("name", name),
            Attribute("aria-label", label),
            Attribute("title", label), Attribute("value", value ?? ""))
    }

    private static func table(_ model: LedgerModel, _ voice: Voice) -> Markup {
        tag("table", "table fold") {
            tag("caption", "hidden-text") { voice(Say.navLedger) }
            tag("thead") {
                tag("tr") {
                    DestinationParts.head(voice(Say.decided))
                    DestinationParts.head(voice(Say.customer))
                    DestinationParts.head(voice(Say.campaignAndStep))
                    DestinationParts.head(voice(Say.outcome))
                    DestinationParts.head(voice(Say.reason))
                    DestinationParts.head(voice(Say.occurrence))
                    DestinationParts.head(voice(Say.delivery))
                }
            }
            tag("tbody") {
                for finding in model.findings { row(finding.entry, model, voice) }
            }
        }
    }

    private static func row(_ entry: LedgerEntry, _ model: LedgerModel, _ voice: Voice) -> Markup {
        let outcome = ShownOutcome(rawValue: entry.outcome) ?? .none
        return tag("tr") {
            tag("td", "number second left") { voice.instant(entry.now, now: model.now) }
            tag("th", .class("break"), Attribute("scope", "row")) {
                entry.customer.isEmpty
                    ? tag("span", "quiet") { voice(Say.erasedCustomer) }
                    : Parts.link(.customer(entry.customer), entry.customer)
            }
            tag("td", "full") { Parts.step(model.names[entry.campaign] ?? entry.campaign, entry.step, entry.action) }
            tag("td", "right") { Parts.outcome(outcome, voice) }
            tag("td", .class(entry.reason.isEmpty ? "drop" : "left")) {
                if entry.reason.isEmpty {
                    Markup.text("\u{00B7}")
                } else {
                    Parts.reason(entry.reason, voice, hasRoom: true)
                }
                if let cause = cause(entry) { tag("span", "sub") { voice.cause(cause) } }
            }
            tag("td", "mono quiet break drop") { entry.occurrence }
            tag("td", "right-2") { entry.outcome == "act" ? Parts.deliveryLink(entry.key) : .text("\u{00B7}") }
        }
    }

    /// Which cap, pause or window stopped it.
    private static func cause(_ entry: LedgerEntry) -> String? {
        guard !entry.reason.isEmpty, case .object(let inputs)? = JSONValue(storedText: entry.inputs) else { return nil }
        for kind in ["pause", "cap", "window"] {
            if case .string(let name)? = inputs[kind] { return "\(kind) \(name)" }
        }
        return nil
    }
}

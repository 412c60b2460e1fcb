import CareValues

/// Is it well, what lies there, and what can I do?
struct DestinationModel: Sendable {
    var now: Timestamp
    var standing: DestinationHealth
    /// The campaigns that send there, by name.
    var campaigns: [String]
    var concurrency: Int?
    var isOrdered: Bool
    var timeoutMilliseconds: Int64?
}

/// The page.
enum DestinationPage {
    static func render(_ model: DestinationModel, _ chrome: Chrome) -> String {
        let voice = chrome.voice
        let row = model.standing
        return Layout.page(
            chrome, title: row.name, crumb: (.overview, voice(Say.navOverview)), lead: lead(model, voice),
            actions: actions(model, chrome)
        ) {
            tag("div", "columns halves") {
                Parts.section(voice(Say.whatLiesThere)) {
                    Parts.facts(
                        [
                            (link("waiting", voice(Say.stateWaiting), row), .text(voice.number(row.waiting))),
                            (link("dead", voice(Say.tabDead), row), .text(voice.number(row.dead))),
                            (link("parked", voice(Say.stateParked), row), .text(voice.number(row.parked))),
                            (
                                .text(voice(Say.oldest)),
                                .text(row.oldestWaiting.map { voice.instant($0, now: model.now) } ?? "\u{2013}")
                            ),
                            (
                                .text(voice(Say.nextAttempt)),
                                .text(row.nextAttemptAt.map { voice.near($0, now: model.now) } ?? "\u{2013}")
                            ),
                            (
                                .text(voice(Say.lastFailure)),
                                row.lastFailure.map {
                                    .text(
                                        voice.deliveryReason($0.detail) + " \u{00B7} "
                                            + voice.instant($0.at, now: model.now))
                                }
                                    ?? .text(voice(Say.none))
                            ),
                        ])
                }
                Parts.section(voice(Say.howItIsServed), note: .text(voice(Say.fromEnvironment))) {
                    Parts.facts([
                        (.text(voice(Say.type)), .text(row.type ?? "\u{2013}")),
                        (.text(voice(Say.state)), DestinationParts.state(row, voice, now: model.now)),
                        (
                            .text(voice(Say.limit)),
                            .text(
                                row.limit.map { voice(Say.perSecond, ["rate": CanonicalJSON.numberText($0)]) }
                                    ?? voice(Say.none))
                        ),
                        (.text(voice(Say.atATime)), .text(model.concurrency.map(voice.number) ?? "\u{2013}")),
                        (
                            .text(voice(Say.timeout)),
                            .text(model.timeoutMilliseconds.map { voice.took(milliseconds: $0) } ?? "\u{2013}")
                        ),
                        (.text(voice(Say.inOrder)), .text(voice(model.isOrdered ? Say.yes : Say.no))),
                        (
                            .text(voice(Say.answerP95)),
                            .text(row.p95.map { voice.took(milliseconds: $0) } ?? "\u{2013}")
                        ),
                        (
                            .text(voice(Say.attemptsSinceStart)),
                            .text(
                                voice.number(row.delivered + row.failed)
                                    + (row.failed > 0 ? voice(Say.comma) + voice(Say.failedCount, n: row.failed) : ""))
                        ),
                    ])
                }
            }
            Parts.section(voice(Say.campaignsThatSend)) {
                if model.campaigns.isEmpty {
                    Parts.empty(voice, Say.noCampaignSends)
                } else {
                    tag("p", "second") {
                        Markup.joined(
                            model.campaigns.map { Parts.link(.campaign($0), $0) }, separator: .text(voice(Say.comma)))
                    }
                }
            }
        }
    }

    private static func link(_ state: String, _ text: String, _ row: DestinationHealth) -> Markup {
        Parts.link(.deliveries(state, destination: row.name), text)
    }

    private static func lead(_ model: DestinationModel, _ voice: Voice) -> Markup {
        let row = model.standing
        let state = tag("strong") { voice(DestinationParts.phrase(row.state)) }
        var parts = [voice.markup(Say.destinationLead, n: row.waiting, ["state": state])]
        if let why = DestinationParts.why(row, voice, now: model.now) { parts.append(.text(why + voice(Say.fullStop))) }
        return Markup.joined(parts, separator: .text(voice.language == .english ? " " : ""))
    }

    private static func actions(_ model: DestinationModel, _ chrome: Chrome) -> Markup {
        let (voice, row) = (chrome.voice, model.standing)
        guard chrome.scope >= .operate else { return .empty }
        if row.state == .disabled {
            return Parts.button(
                Link(["confirm", "enable"], [("destination", row.name)]), voice(Say.enableThis, ["name": row.name]),
                isPrimary: true)
        }
        return tag("a", .class("button danger"), .href(Link(["confirm", "disable"], [("destination", row.name)]))) {
            voice(Say.disableThis, ["name": row.name])
        }
    }
}

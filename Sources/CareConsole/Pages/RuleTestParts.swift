import CarePlanning
import CareRules
import CareValues

/// How rule tests stand, as pages say it: a pass without colour, a failure with a word of its own.
enum RuleTestParts {
    /// How many tests that pass are named on a campaign's page.
    private static let mostNamed = 20

    /// The tests of one campaign in a few words; nil: not known yet.
    static func state(_ state: RuleTestResults.State?, _ voice: Voice) -> Markup {
        switch state {
        case nil: tag("span", "quiet") { voice(Say.testsNotKnown) }
        case .untested?: tag("span", "quiet") { voice(Say.noTests) }
        case .passed(let count)?: .text(voice(Say.testsPass, n: count))
        case .failed(let failed, let all, let first)?:
            tag("span", "outcome is-error") {
                Glyph.error.markup
                voice(Say.testsFail, n: failed, ["all": voice.number(all)]) + voice(Say.colon)
            } + tag("span", "sub") { first.name }
        case .unreadable(let file)?:
            tag("span", "outcome is-hold") {
                Glyph.warning.markup
                voice(Say.testsUnreadable)
            } + tag("span", "sub") { place(of: file) }
        }
    }

    /// The files of tests that cannot be read, each with why; empty: all can.
    static func unreadable(_ state: RuleTestState, _ voice: Voice) -> Markup {
        guard let files = state.value?.unreadable, !files.isEmpty else { return .empty }
        return message(files, voice)
    }

    private static func message(_ files: [RuleTestResults.Unreadable], _ voice: Voice) -> Markup {
        Parts.message(.warn) {
            tag("p") { voice.markup(Say.testFilesUnreadable, n: files.count) }
            for file in files.prefix(10) {
                tag("p") {
                    tag("code") { place(of: file) }
                    " "
                    why(file, voice)
                }
            }
        }
    }

    private static func place(of file: RuleTestResults.Unreadable) -> String {
        switch file.reason {
        case .mistake(let finding): "\(file.file):\(finding.line):\(finding.column)"
        case .system: file.file
        }
    }

    private static func why(_ file: RuleTestResults.Unreadable, _ voice: Voice) -> Markup {
        switch file.reason {
        case .system(let reason): return Parts.english(reason, voice)
        case .mistake(let finding):
            let said = voice.finding(finding)
            guard let original = said.original else { return .text(said.title) }
            return .text(said.title + voice(Say.colon)) + Parts.english(original, voice)
        }
    }

    // MARK: One campaign

    /// The tests of a campaign: first what fails and how, then the names of those that pass.
    static func section(_ state: RuleTestState, of campaign: Campaign, _ voice: Voice) -> Markup {
        guard case .ready(let results) = state else {
            return Parts.section(voice(Say.ruleTests)) {
                if case .underWay = state {
                    Parts.underWay(voice, Say.testsUnderWay)
                } else {
                    Parts.empty(voice, Say.testsNotRun)
                }
            }
        }
        let own = results.results(of: campaign.identity)
        let failed = own.filter { !$0.failures.isEmpty }
        let passed = own.filter(\.failures.isEmpty)
        let files = results.unreadable.filter { $0.campaigns.contains(campaign.identity) }
        return Parts.section(voice(Say.ruleTests), note: .text(summary(failed.count, of: own.count, voice))) {
            if !files.isEmpty { message(files, voice) }
            if own.isEmpty, files.isEmpty {
                Parts.empty(voice, Say.noTestsOfCampaign, ["suffix": tag("code") { "NAME.tests.json" }])
            }
            for result in failed { failure(result, voice) }
            if !passed.isEmpty { names(passed, voice) }
        }
    }

    private static func summary(_ failed: Int, of all: Int, _ voice: Voice) -> String {
        if all == 0 { return "" }
        return failed == 0
            ? voice(Say.testsPass, n: all) : voice(Say.testsFail, n: failed, ["all": voice.number(all)])
    }

    private static func failure(_ result: RuleTestResults.Result, _ voice: Voice) -> Markup {
        tag("div", "finding") {
            tag("h3") {
                tag("span", "outcome is-error") {
                    Glyph.error.markup
                    voice(Say.testFails)
                }
                "  "
                result.name
            }
            tag("p", "note") { tag("code") { "\(result.file):\(result.failures.first?.line ?? result.line)" } }
            for failure in result.failures.prefix(3) {
                tag("p", "second") {
                    voice.markup(
                        Say.testExpected,
                        [
                            "subject": tag("strong") { failure.subject },
                            "expected": tag("code") { failure.expected }, "got": tag("code") { failure.got },
                        ])
                }
            }
        }
    }

    private static func names(_ passed: [RuleTestResults.Result], _ voice: Voice) -> Markup {
        tag("ul", "checked") {
            for result in passed.prefix(mostNamed) {
                tag("li") {
                    Glyph.yes.coloured
                    tag("span") { result.name }
                }
            }
            if passed.count > mostNamed {
                tag("li") {
                    Glyph.none.coloured
                    tag("span", "note") { voice(Say.moreTests, n: passed.count - mostNamed) }
                }
            }
        }
    }
}

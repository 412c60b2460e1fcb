import CareRules
import CareValues
import Testing

/// Durations and times of day, wherever a key takes one.
struct DurationTests {
    /// What is written, and what help there is.
    struct Bad: Sendable, CustomTestStringConvertible {
        var text: String
        var help: String
        var testDescription: String { text.isEmpty ? "empty" : text }
    }

    static let general =
        "write an ISO 8601 duration: \"P60D\", \"P7D\" seven days, \"PT2H\" two hours, \"P1M\" a month"

    static let bad = [
        Bad(text: "60D", help: "did you mean 'P60D'?"),
        Bad(text: "2h", help: "did you mean 'PT2H'?"),
        Bad(text: "p60d", help: "did you mean 'P60D'?"),
        Bad(text: "P2H", help: "did you mean 'PT2H'?"),
        Bad(text: "60 days", help: "did you mean 'P60D'?"),
        Bad(text: "1 week", help: "did you mean 'P1W'?"),
        Bad(text: "90 minutes", help: "did you mean 'PT90M'?"),
        Bad(text: "3 months", help: "did you mean 'P3M'?"),
        Bad(text: "P", help: general),
        Bad(text: "PT", help: general),
        Bad(text: "P1.5D", help: general),
        Bad(text: "P1D2M", help: general),
        Bad(text: "two days", help: general),
        Bad(text: "", help: general),
    ]

    @Test(arguments: bad) func `refuses what is no duration, with an example`(_ test: Bad) {
        expectFindings(
            in: Samples.campaign(#""trigger": { "inactivity": { "of": "purchase", "for": 1️⃣"\#(test.text)" } }"#),
            [.error("1️⃣", "rule.bad-duration", "'\(test.text)' is not a duration", help: test.help)])
    }

    static let good: [(String, ISODuration)] = [
        ("P60D", ISODuration(days: 60)), ("P2W", ISODuration(days: 14)), ("P1M", ISODuration(months: 1)),
        ("P1Y", ISODuration(months: 12)), ("PT2H", ISODuration(milliseconds: 7_200_000)),
        ("P1DT12H", ISODuration(days: 1, milliseconds: 43_200_000)), ("PT0.5S", ISODuration(milliseconds: 500)),
        ("P100Y", ISODuration(months: 1_200)),
    ]

    @Test(arguments: good) func `reads a duration`(text: String, expected: ISODuration) throws {
        let campaign = try Samples.onlyCampaign(
            Samples.campaign(#""trigger": { "inactivity": { "of": "purchase", "for": "\#(text)" } }"#))
        guard case .inactivity(let trigger) = campaign.trigger else {
            Issue.record("no inactivity")
            return
        }
        #expect(trigger.duration == expected)
    }

    /// A place that takes a duration, with its mark, and what it calls itself.
    struct Place: Sendable, CustomTestStringConvertible {
        var subject: String
        var example: String
        /// `@` is the duration.
        var file: String
        var allowsZero: Bool
        var testDescription: String { subject }
    }

    static func steps(_ step: String) -> String {
        #"{ "campaigns": { "c": { "trigger": { "event": "purchase" }, "steps": [{ \#(step), "actions": [{ "send": "crm", "type": "t" }] }] } } }"#
    }

    static let places = [
        Place(subject: "after", example: "P7D", file: steps(#""after": 1️⃣"@""#), allowsZero: true),
        Place(subject: "sinceEntry", example: "P7D", file: steps(#""sinceEntry": 1️⃣"@""#), allowsZero: true),
        Place(
            subject: "cooldown", example: "P30D",
            file: Samples.campaign(#""trigger": { "event": "purchase" }, "reentry": { "cooldown": 1️⃣"@" }"#),
            allowsZero: false),
        Place(
            subject: "maxLateness", example: "P2D",
            file: Samples.campaign(#""trigger": { "event": "purchase" }, "maxLateness": 1️⃣"@""#), allowsZero: false),
        Place(
            subject: "inactivity.for", example: "P60D",
            file: Samples.campaign(#""trigger": { "inactivity": { "of": "purchase", "for": 1️⃣"@" } }"#),
            allowsZero: false),
    ]

    @Test(arguments: places) func `refuses a wait that goes back in time`(_ place: Place) {
        for text in ["-P1D", "-PT1S"] {
            expectFindings(
                in: place.file.replacing("@", with: text),
                [
                    .error(
                        "1️⃣", "rule.bad-duration", "\(place.subject) must not be negative",
                        help: "for example \"\(place.example)\"")
                ])
        }
    }

    @Test(arguments: places) func `takes no time at all only where that means something`(_ place: Place) {
        let expected: [Expected] =
            place.allowsZero
            ? []
            : [
                .error(
                    "1️⃣", "rule.bad-duration", "\(place.subject) must be longer than nothing",
                    help: "for example \"\(place.example)\"")
            ]
        expectFindings(in: place.file.replacing("@", with: "P0D"), expected)
        expectFindings(in: place.file.replacing("@", with: "PT0.001S"), [])
    }

    @Test(arguments: places) func `refuses more than a century`(_ place: Place) {
        expectFindings(in: place.file.replacing("@", with: "P36525D"), [])
        expectFindings(
            in: place.file.replacing("@", with: "P36526D"),
            [
                .error(
                    "1️⃣", "rule.bad-duration", "\(place.subject) is longer than a century",
                    help: "for example \"\(place.example)\"")
            ])
    }

    @Test(arguments: places) func `refuses what is not text`(_ place: Place) {
        expectFindings(
            in: place.file.replacing("\"@\"", with: "7"),
            [
                .error(
                    "1️⃣", "rule.wrong-type", "\(place.subject) must be a duration as text, not a number",
                    help: "for example \"\(place.example)\"")
            ])
    }

    static let badTimes: [(String, String)] = [
        ("9:00", "did you mean '09:00'?"), ("24:00", "the end of a day is the next day's \"00:00\""),
        ("09:60", "write HH:MM on the 24-hour clock: \"09:00\", \"18:30\""),
        ("9am", "write HH:MM on the 24-hour clock: \"09:00\", \"18:30\""),
        ("", "write HH:MM on the 24-hour clock: \"09:00\", \"18:30\""),
        ("09:00:61", "write HH:MM on the 24-hour clock: \"09:00\", \"18:30\""),
    ]

    static let timePlaces = [
        #"{ "policies": { "at": 1️⃣"@" } }"#,
        Samples.campaign(#""trigger": { "anniversary": { "of": "birthday", "at": 1️⃣"@" } }"#),
        Samples.campaign(#""trigger": { "inactivity": { "of": "purchase", "for": "P1D", "at": 1️⃣"@" } }"#),
        steps(#""at": 1️⃣"@""#),
    ]

    @Test(arguments: badTimes, timePlaces) func `refuses what is no time of day`(time: (String, String), file: String) {
        expectFindings(
            in: file.replacing("@", with: time.0),
            [.error("1️⃣", "rule.bad-time", "'\(time.0)' is not a time of day", help: time.1)])
    }

    @Test(arguments: ["00:00", "09:00", "23:59", "23:59:59"], timePlaces) func `reads a time of day`(
        time: String, file: String
    ) {
        expectFindings(in: file.replacing("@", with: time), [])
    }
}

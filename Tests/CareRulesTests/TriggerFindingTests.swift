import Testing

/// Broken triggers, each with its whole finding.
struct TriggerFindingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// The `trigger`'s value, with marks.
        var trigger: String
        var expected: [Expected]
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "no kind", trigger: "1️⃣{}",
            expected: [
                .error(
                    "1️⃣", "rule.missing-key",
                    "a trigger needs 'event', 'api', 'change', 'segment', 'anniversary', 'date', 'holiday', 'schedule' or 'inactivity'",
                    help: "add \"event\": \"purchase\"")
            ]),
        Case(
            name: "only a where", trigger: #"1️⃣{ "where": true }"#,
            expected: [
                .error(
                    "1️⃣", "rule.missing-key",
                    "a trigger needs 'event', 'api', 'change', 'segment', 'anniversary', 'date', 'holiday', 'schedule' or 'inactivity'",
                    help: "add \"event\": \"purchase\"")
            ]),
        Case(
            name: "two kinds", trigger: #"{ "event": "purchase", 1️⃣"change": { "of": "tier" } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.conflict", "a trigger has both 'event' and 'change'",
                    help: "exactly one kind; write a second campaign for the other")
            ]),
        Case(
            name: "not an object", trigger: #"1️⃣"purchase""#,
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "trigger must be an object, not text",
                    help: "for example { \"event\": \"purchase\" }")
            ]),
        Case(
            name: "event is a number", trigger: #"{ "event": 1️⃣5 }"#,
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "event must be text or a list of texts, not a number",
                    help: "for example \"purchase\"")
            ]),
        Case(
            name: "event is an empty list", trigger: #"{ "event": 1️⃣[] }"#,
            expected: [
                .error("1️⃣", "rule.wrong-type", "event must not be an empty list", help: "for example \"purchase\"")
            ]),
        Case(
            name: "event is empty", trigger: #"{ "event": ["purchase", 1️⃣""] }"#,
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "each value of event must not be empty", help: "for example \"purchase\"")
            ]),
        Case(
            name: "event twice", trigger: #"{ "event": ["purchase", 1️⃣"purchase"] }"#,
            expected: [.error("1️⃣", "rule.duplicate-name", "'purchase' stands twice in event", help: "take one out")]),
        Case(
            name: "event type one slip away", trigger: #"{ "event": 1️⃣"purchse" }"#,
            expected: [
                .warning(
                    "1️⃣", "rule.undeclared-event", "no event type 'purchse' is declared",
                    help: "did you mean 'purchase'?")
            ]),
        Case(name: "event type nobody declared", trigger: #"{ "event": "complaint.reopened" }"#, expected: []),
        Case(
            name: "a call with something in it", trigger: #"{ "api": 1️⃣{ "key": 1 } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "api must be an empty object",
                    help: "write \"api\": {}; the campaign is called by its name")
            ]),
        Case(
            name: "a segment neither entered nor left", trigger: #"{ "segment": 1️⃣{ "at": "10:00" } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.missing-key", "segment needs 'entered' or 'left'", help: "add \"entered\": \"vip\"")
            ]),
        Case(
            name: "a segment both entered and left",
            trigger: #"{ "segment": { "entered": "vip", 1️⃣"left": "vip" } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.conflict", "a segment trigger has both 'entered' and 'left'",
                    help: "write a second campaign for the other")
            ]),
        Case(
            name: "no such segment", trigger: #"{ "segment": { "entered": 1️⃣"vipp", "at": 2️⃣"9" } }"#,
            expected: [
                .error("1️⃣", "rule.unknown-segment", "unknown segment 'vipp'", help: "did you mean 'vip'?"),
                .error(
                    "2️⃣", "rule.bad-time", "'9' is not a time of day",
                    help: "write HH:MM on the 24-hour clock: \"09:00\", \"18:30\""),
            ]),
        Case(name: "a segment left at ten", trigger: #"{ "segment": { "left": "vip", "at": "10:00" } }"#, expected: []),
        Case(
            name: "date of a birthday", trigger: #"{ "date": { "of": 1️⃣"birthday" } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.type-mismatch", "birthday is a birthday, a date trigger needs a date",
                    help: "use an anniversary: a birthday returns every year")
            ]),
        Case(
            name: "date without of", trigger: #"{ "date": 1️⃣{} }"#,
            expected: [
                .error("1️⃣", "rule.missing-key", "date needs 'of'", help: "add \"of\": \"contractEndsOn\"")
            ]),
        Case(
            name: "date of a trait that is an instant",
            trigger: #"{ "date": { "of": "firstPurchaseAt", "offset": ["P1D", "P7D"] } }"#, expected: []),
        Case(
            name: "change without of", trigger: #"{ "change": 1️⃣{} }"#,
            expected: [.error("1️⃣", "rule.missing-key", "change needs 'of'", help: "add \"of\": \"tier\"")]),
        Case(
            name: "change of something unknown", trigger: #"{ "change": { "of": 1️⃣"teir" } }"#,
            expected: [
                .error("1️⃣", "rule.unknown-name", "unknown attribute or trait 'teir'", help: "did you mean 'tier'?")
            ]),
        Case(
            name: "change of something far away", trigger: #"{ "change": { "of": 1️⃣"zzzzzzzz" } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.unknown-name", "unknown attribute or trait 'zzzzzzzz'",
                    help: "declare it under 'attributes' or 'traits'")
            ]),
        Case(
            name: "no such tier", trigger: #"{ "change": { "of": "tier", "from": ["gold", 1️⃣"platin"], "to": 2️⃣5 } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.type-mismatch", "tier is ordinal, 'platin' is not one of its values",
                    help: "did you mean 'platinum'?"),
                .error(
                    "2️⃣", "rule.type-mismatch", "tier is ordinal, 5 is not one of its values",
                    help: "use one of 'bronze', 'silver', 'gold' or 'platinum'"),
            ]),
        Case(name: "from nothing", trigger: #"{ "change": { "of": "tier", "from": null } }"#, expected: []),
        Case(
            name: "from an empty list", trigger: #"{ "change": { "of": "tier", "from": 1️⃣[] } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "'from' must not be an empty list",
                    help: "name a value, or take 'from' out: any value counts")
            ]),
        Case(
            name: "up of what has no order", trigger: #"{ "change": { "of": "country", "direction": 1️⃣"up" } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.type-mismatch", "country is an enum, which has no up and down",
                    help: "take 'direction' out, or name the values in 'from' and 'to'")
            ]),
        Case(
            name: "another direction", trigger: #"{ "change": { "of": "tier", "direction": 1️⃣"upp" } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.wrong-value", "direction must be 'up' or 'down', not 'upp'", help: "did you mean 'up'?")
            ]),
        Case(
            name: "change of a trait",
            trigger: #"{ "change": { "of": "purchases", "direction": "up", "to": [5, 10] } }"#, expected: []),
        Case(
            name: "anniversary of a tier", trigger: #"{ "anniversary": { "of": 1️⃣"tier" } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.type-mismatch", "tier is ordinal, an anniversary needs a date",
                    help: "use a date, an instant or a birthday")
            ]),
        Case(
            name: "anniversary of a count", trigger: #"{ "anniversary": { "of": 1️⃣"purchases" } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.type-mismatch", "purchases is a number, an anniversary needs a date",
                    help: "use a date, an instant or a birthday")
            ]),
        Case(name: "anniversary of a trait", trigger: #"{ "anniversary": { "of": "firstPurchaseAt" } }"#, expected: []),
        Case(
            name: "everything wrong in an anniversary",
            trigger:
                #"{ "anniversary": { "of": 1️⃣5, "offset": ["-P7D", 2️⃣"7D", 3️⃣"-P7D"], "at": 4️⃣"9", "leapDay": 5️⃣"feb29", "calendar": 6️⃣"lunar" } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.wrong-type", "anniversary.of must be text, not a number",
                    help: "for example \"birthday\""),
                .error("2️⃣", "rule.bad-duration", "'7D' is not a duration", help: "did you mean 'P7D'?"),
                .error("3️⃣", "rule.duplicate-name", "the offset '-P7D' stands twice", help: "take one out"),
                .error(
                    "4️⃣", "rule.bad-time", "'9' is not a time of day",
                    help: "write HH:MM on the 24-hour clock: \"09:00\", \"18:30\""),
                .error(
                    "5️⃣", "rule.wrong-value", "leapDay must be 'feb28', 'mar1' or 'skip', not 'feb29'",
                    help: "did you mean 'feb28'?"),
                .error(
                    "6️⃣", "rule.wrong-value", "calendar must be 'own', 'gregorian' or 'chinese', not 'lunar'",
                    help: "did you mean 'chinese'?"),
            ]),
        Case(
            name: "settings of the Chinese calendar",
            trigger: #"{ "anniversary": { "of": "birthday", "leapMonth": 1️⃣"both", "shortMonth": 2️⃣"last" } }"#,
            expected: [
                .error("1️⃣", "rule.wrong-value", "leapMonth must be 'ordinary' or 'leap', not 'both'"),
                .error(
                    "2️⃣", "rule.wrong-value", "shortMonth must be 'lastDay', 'nextDay' or 'skip', not 'last'"),
            ]),
        Case(
            name: "settings that the calendar does not ask for",
            trigger: #"{ "anniversary": { "of": "birthday", "calendar": "chinese", "leapDay": 1️⃣"mar1" } }"#,
            expected: [
                .warning(
                    "1️⃣", "rule.no-effect", "'leapDay' has no effect: the anniversary is of the Chinese calendar",
                    help: "take it out; 'leapMonth' and 'shortMonth' tell what happens to a day that a year lacks")
            ]),
        Case(
            name: "settings of the other calendar",
            trigger: #"{ "anniversary": { "of": "firstPurchaseAt", "leapMonth": 1️⃣"leap", "shortMonth": 2️⃣"skip" } }"#,
            expected: [
                .warning(
                    "1️⃣", "rule.no-effect", "'leapMonth' has no effect: the anniversary is Gregorian",
                    help: "write \"calendar\": \"chinese\", or take it out"),
                .warning(
                    "2️⃣", "rule.no-effect", "'shortMonth' has no effect: the anniversary is Gregorian",
                    help: "write \"calendar\": \"chinese\", or take it out"),
            ]),
        Case(
            name: "the Chinese calendar of a date",
            trigger:
                #"{ "anniversary": { "of": "firstPurchaseAt", "calendar": "chinese", "leapMonth": "leap", "shortMonth": "skip" } }"#,
            expected: []),
        Case(
            name: "both calendars of a birthday",
            trigger:
                #"{ "anniversary": { "of": "birthday", "leapDay": "mar1", "leapMonth": "leap", "shortMonth": "skip" } }"#,
            expected: []),
        Case(
            name: "inactivity, every key broken",
            trigger:
                #"{ "inactivity": { "of": ["purchase", "visit"], "for": 1️⃣"P0D", "every": 2️⃣"PT59M", "spread": 3️⃣"P1M", "orSince": 4️⃣"birthday", "at": 5️⃣"9" } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.bad-duration", "inactivity.for must be longer than nothing",
                    help: "for example \"P60D\""),
                .error(
                    "5️⃣", "rule.bad-time", "'9' is not a time of day",
                    help: "write HH:MM on the 24-hour clock: \"09:00\", \"18:30\""),
                .error(
                    "2️⃣", "rule.bad-duration", "inactivity.every is shorter than an hour",
                    help: "for example \"P30D\""),
                .error(
                    "3️⃣", "rule.bad-duration", "inactivity.spread must not be in months or years",
                    help: "write days: \"P30D\""),
                .error(
                    "4️⃣", "rule.type-mismatch", "birthday is a birthday, orSince needs a date",
                    help: "use a date or an instant"),
            ]),
        Case(
            name: "a silence since a trait",
            trigger:
                #"{ "inactivity": { "of": "purchase", "for": "P5D", "every": "PT1H", "orSince": 1️⃣"firstPurchaseAt" } }"#,
            expected: [
                .error(
                    "1️⃣", "rule.type-mismatch", "firstPurchaseAt is a trait, orSince needs an attribute",
                    help: "name an attribute that is a date or an instant")
            ]),
        Case(
            name: "inactivity of nothing for nothing", trigger: #"{ "inactivity": 1️⃣{} }"#,
            expected: [
                .error("1️⃣", "rule.missing-key", "inactivity needs 'of'", help: "add \"of\": \"purchase\""),
                .error("1️⃣", "rule.missing-key", "inactivity needs 'for'", help: "add \"for\": \"P60D\""),
            ]),
        Case(
            name: "where reads the entry of an event",
            trigger: #"{ "event": "purchase", "where": { ">": [{ "var": "event.amount" }, 5] } }"#,
            expected: []),
        Case(
            name: "where of a change reads the entry",
            trigger: #"{ "change": { "of": "tier" }, "where": { "==": [{ "var": 1️⃣"entry.form" }, "gold"] } }"#,
            expected: [.error("1️⃣", "rule.unknown-name", "the entry has no 'form'", help: "did you mean 'from'?")]),
    ]

    @Test(arguments: cases) func `tells what is wrong with a trigger`(_ test: Case) {
        expectFindings(in: Samples.campaign("\"trigger\": " + test.trigger), test.expected)
    }

    @Test func `a campaign needs a trigger and actions`() {
        expectFindings(
            in: #"{ "campaigns": { 1️⃣"c": {} } }"#,
            [
                .error(
                    "1️⃣", "rule.missing-key", "campaign 'c' needs 'trigger'",
                    help: "add \"trigger\": { \"event\": \"purchase\" }"),
                .error(
                    "1️⃣", "rule.missing-key", "campaign 'c' needs 'actions' or 'steps'",
                    help: "add \"actions\": [{ \"send\": \"crm\", \"type\": \"care.hello\" }]"),
            ])
    }
}

/// The keys one kind of object in a rule file may have.
///
/// The loader reads by these tables and nothing else, and a test holds them against `docs/schema/rules.schema.json`: a
/// key is known in both or in neither.
package struct KeyTable: Sendable {
    /// What such an object is called in a sentence: `a campaign`.
    package let noun: String
    /// Its definition in the JSON Schema: `campaign`.
    package let schemaName: String
    /// The keys that work.
    package let keys: [String]
    /// Keys of the format that this version refuses, each with what to do instead.
    package let later: [String: String]

    init(_ noun: String, _ schemaName: String, _ keys: [String], later: [String: String] = [:]) {
        self.noun = noun
        self.schemaName = schemaName
        self.keys = keys
        self.later = later
    }
}

extension KeyTable {
    /// The root of a rule file.
    package static let file = KeyTable(
        "a rule file", "file", ["$schema", "attributes", "events", "traits", "segments", "policies", "campaigns"])

    /// `policies`.
    package static let policies = KeyTable(
        "policies", "policies", ["at"],
        later: [
            "quietHours": "take it out, and choose 'at' so that messages go out by day",
            "windows": "take it out, and give the step an 'at' inside opening hours",
            "caps": "take it out, and limit each campaign with \"reentry\": { \"cooldown\": \"P7D\" }",
            "pauses": "take it out, and write its 'when' into the 'condition' of the campaigns",
        ])

    /// One campaign.
    package static let campaign = KeyTable(
        "a campaign", "campaign",
        [
            "description", "trigger", "condition", "exit", "tags", "priority", "reentry", "entryKey", "maxLateness",
            "steps", "actions",
        ],
        later: [
            "goal": "take it out: it is only recorded for the report and changes no decision",
            "group": "take it out, and keep the campaigns apart by their 'condition'",
            "holdout": "take it out: everybody who passes the condition is acted on",
            "approval": "take it out, and look at the plan before the tick",
            "backfill": "take it out: a new campaign looks at what comes after its activation",
            "activeFrom": "take it out, and activate the rules when the campaign is to begin",
            "activeUntil": "take it out, and remove the campaign when it is to end",
            "paused": "take it out, and move the campaign out of the rules while it pauses",
            "zone": "take it out: the customer's zone holds, else the project's",
            "quietHours": "take it out: there are no quiet hours to ignore",
            "caps": "take it out: there are no caps to count for or to ignore",
            "formerly": "take it out: renamed, it counts as a new campaign",
        ])

    /// `trigger`.
    package static let trigger = KeyTable(
        "a trigger", "trigger", ["event", "change", "anniversary", "inactivity", "where"],
        later: [
            "api": "use an event: { \"event\": \"recall.requested\" }",
            "segment": "use a change of the attribute behind the segment, or an event",
            "date": "use an anniversary, or an event sent on that day",
            "holiday": "use an event sent on that day",
            "schedule": "use an event sent by cron",
        ])

    /// `trigger.change`.
    package static let change = KeyTable(
        "a change", "change", ["of", "from", "to", "direction"],
        later: ["at": "take it out, and give the first step an 'at'"])

    /// `trigger.anniversary`.
    package static let anniversary = KeyTable(
        "an anniversary", "anniversary", ["of", "calendar", "offset", "at", "leapDay"],
        later: [
            "leapMonth": "take it out: only Gregorian dates are kept",
            "shortMonth": "take it out: only Gregorian dates are kept",
        ])

    /// `trigger.inactivity`.
    package static let inactivity = KeyTable(
        "an inactivity", "inactivity", ["of", "for", "at"],
        later: [
            "orSince": "take it out: silence begins with the last such event",
            "every": "take it out: one silence fires once; add a step with 'sinceEntry' to come back later",
            "spread": "take it out: all are due at 'at'",
        ])

    /// One exit.
    package static let exit = KeyTable("an exit", "exit", ["event", "where", "condition"])

    /// `reentry` written as an object.
    package static let reentry = KeyTable("a reentry", "cooldown", ["cooldown", "since"])

    /// One step.
    package static let step = KeyTable(
        "a step", "step", ["name", "after", "sinceEntry", "at", "condition", "actions"],
        later: [
            "window": "take it out, and use 'at' with a time inside opening hours",
            "countIn": "take it out: a wait runs day and night",
        ])

    /// One action.
    package static let action = KeyTable(
        "an action", "action", ["name", "send", "to", "type", "data", "audience", "condition"],
        later: [
            "consent": "take it out, and ask in 'condition': { \"==\": [{ \"var\": \"emailConsent\" }, \"granted\"] }",
            "firstOf": "take it out, and write the actions one by one, each with a 'condition'",
        ])

    /// Every table, for the test against the schema.
    package static let all: [KeyTable] = [
        .file, .policies, .campaign, .trigger, .change, .anniversary, .inactivity, .exit, .reentry, .step, .action,
    ]
}

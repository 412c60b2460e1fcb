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
    package static let policies = KeyTable("policies", "policies", ["at", "quietHours", "windows", "caps", "pauses"])

    /// One of `policies.quietHours`.
    package static let quietHours = KeyTable("quiet hours", "quietHours", ["from", "until", "then", "destinations"])

    /// One of `policies.windows`.
    package static let window = KeyTable("a window", "window", ["days", "from", "until", "holidays", "zone"])

    /// One of `policies.caps`.
    package static let cap = KeyTable("a cap", "cap", ["name", "tags", "destinations", "max", "per", "then"])

    /// `per` of a cap.
    package static let capPeriod = KeyTable("the period of a cap", "capPeriod", ["rolling", "calendar"])

    /// One of `policies.pauses`.
    package static let pause = KeyTable("a pause", "pause", ["name", "when", "tags", "then"])

    /// One campaign.
    package static let campaign = KeyTable(
        "a campaign", "campaign",
        [
            "description", "trigger", "condition", "exit", "tags", "priority", "reentry", "entryKey", "maxLateness",
            "group", "holdout", "quietHours", "caps", "zone", "activeFrom", "activeUntil", "paused", "approval",
            "backfill", "goal", "formerly", "steps", "actions",
        ])

    /// `trigger`.
    package static let trigger = KeyTable(
        "a trigger", "trigger",
        [
            "event", "api", "change", "segment", "anniversary", "date", "holiday", "schedule", "inactivity", "where",
        ])

    /// `trigger.change`.
    package static let change = KeyTable(
        "a change", "change", ["of", "from", "to", "direction", "at"])

    /// `trigger.segment`.
    package static let segment = KeyTable("a segment trigger", "segmentTrigger", ["entered", "left", "at"])

    /// `trigger.anniversary`.
    package static let anniversary = KeyTable(
        "an anniversary", "anniversary",
        ["of", "calendar", "offset", "at", "leapDay", "leapMonth", "shortMonth"])

    /// `trigger.date`.
    package static let date = KeyTable("a date", "date", ["of", "offset", "at"])

    /// `trigger.holiday`.
    package static let holiday = KeyTable("a holiday", "holiday", ["name", "region", "offset", "at"])

    /// `trigger.schedule`.
    package static let schedule = KeyTable("a schedule", "schedule", ["cron", "zone", "spread"])

    /// `trigger.inactivity`.
    package static let inactivity = KeyTable(
        "an inactivity", "inactivity", ["of", "for", "orSince", "every", "at", "spread"])

    /// One exit.
    package static let exit = KeyTable("an exit", "exit", ["event", "where", "condition"])

    /// `reentry` written as an object.
    package static let reentry = KeyTable("a reentry", "cooldown", ["cooldown", "since"])

    /// `holdout` written as an object.
    package static let holdout = KeyTable("a holdout", "holdout", ["fraction", "salt"])

    /// `zone` of a campaign written as an object.
    package static let campaignZone = KeyTable("the zone of a campaign", "campaignZone", ["fixed"])

    /// `goal` of a campaign.
    package static let goal = KeyTable("a goal", "goal", ["event", "where", "within"])

    /// `caps` of a campaign.
    package static let campaignCaps = KeyTable("the caps of a campaign", "campaignCaps", ["counts", "ignores"])

    /// One step.
    package static let step = KeyTable(
        "a step", "step", ["name", "after", "sinceEntry", "countIn", "at", "window", "condition", "actions"])

    /// One action.
    package static let action = KeyTable(
        "an action", "action", ["name", "send", "to", "type", "data", "consent", "audience", "condition"])

    /// Several actions, of which the first that may be is done.
    package static let choice = KeyTable("a choice of actions", "choice", ["name", "firstOf"])

    /// Every table, for the test against the schema.
    package static let all: [KeyTable] = [
        .file, .policies, .quietHours, .window, .cap, .capPeriod, .pause, .campaign, .trigger, .change, .segment,
        .anniversary, .date, .holiday, .schedule, .inactivity, .exit, .reentry, .holdout, .campaignCaps, .campaignZone,
        .goal, .step,
        .action, .choice,
    ]
}

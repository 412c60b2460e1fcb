/// The stable name of a kind of finding, and what it means. A test holds the list against the sources and the manual.
public struct FindingCode: Sendable, Hashable {
    /// `rule.unknown-name`: the part before the dot is the room it belongs to.
    public let name: String
    /// What it means, in Markdown; "warning:" in front where it does not make the rules unusable.
    public let meaning: String

    init(_ name: String, _ meaning: String) {
        self.name = name
        self.meaning = meaning
    }
}

extension FindingCode {
    /// The meaning of a code, as plain text; nil: it is none of the list.
    public static func meaning(of name: String) -> String? {
        guard let code = all.first(where: { $0.name == name }) else { return nil }
        return code.meaning.replacing("[limit](#limits)", with: "limit").replacing("`", with: "")
    }

    /// Every finding that rule files can have: of JSON first, then errors, then warnings, these by name.
    public static let all: [FindingCode] = [
        FindingCode("json.syntax", "the file is not JSON"),
        FindingCode("json.duplicate-key", "an object names a member twice"),
        FindingCode("json.byte-order-mark", "the file begins with a byte order mark"),
        FindingCode("json.too-large", "the file is larger than a [limit](#limits) allows"),
        FindingCode("json.too-deep", "nested deeper than a [limit](#limits) allows"),
        FindingCode("json.number-out-of-range", "a number that no double holds: `1e999`"),
        FindingCode("rule.unknown-key", "a key that no rule file has"),
        FindingCode("rule.not-supported", "a key of the format that this version does not build yet"),
        FindingCode("rule.missing-key", "a key that must be there is not"),
        FindingCode("rule.conflict", "two keys that exclude each other"),
        FindingCode("rule.wrong-type", "text where a number is wanted, and the like"),
        FindingCode("rule.wrong-value", "a word that is none of the allowed ones"),
        FindingCode("rule.bad-cron", "not five fields of a crontab, or a day that no month has"),
        FindingCode("rule.unknown-region", "no holidays of such a region are known"),
        FindingCode("rule.unknown-holiday", "the region keeps no such holiday"),
        FindingCode("rule.bad-duration", "not a duration, or one that cannot be here: negative, zero, in months"),
        FindingCode("rule.bad-time", "not a time of day"),
        FindingCode("rule.bad-name", "a name that is empty, too long, or holds a `.`"),
        FindingCode("rule.bad-reentry", "neither a known word nor a cooldown"),
        FindingCode("rule.bad-template", "`{{` without `}}`, an empty place, something beside `$value`"),
        FindingCode("rule.duplicate-name", "a name taken twice; says where the first is"),
        FindingCode("rule.duplicate-step", "two steps of one name"),
        FindingCode("rule.duplicate-action", "two actions of one name"),
        FindingCode("rule.unknown-name", "no such attribute, trait, or value of the entry"),
        FindingCode("rule.unknown-segment", "no such segment"),
        FindingCode("rule.unknown-zone", "the system's zone data have no such time zone"),
        FindingCode("rule.unknown-operator", "no such operator"),
        FindingCode("rule.unknown-type", "no such type of attributes"),
        FindingCode("rule.unknown-destination", "`care.json` defines no such destination"),
        FindingCode("rule.unknown-window", "no such window"),
        FindingCode("rule.unknown-consent", "no attribute is a consent of that channel"),
        FindingCode("rule.event-not-allowed", "`event.*` where there is no event"),
        FindingCode("rule.entry-not-allowed", "`entry.*` where there is no entry"),
        FindingCode("rule.event-only", "something else than `event.*` in the `where` of a trait"),
        FindingCode("rule.bad-expression", "an object that is no operator"),
        FindingCode("rule.bad-arity", "too many or too few operands"),
        FindingCode("rule.too-deep", "operators nested too deep"),
        FindingCode("rule.type-mismatch", "values that cannot be compared, or do not fit a type"),
        FindingCode("rule.circular", "a segment or a trait that uses itself"),
        FindingCode("rule.limit", "more than a [limit](#limits) allows"),
        FindingCode("rule.always-true", "warning: a part of a condition that is true for everybody"),
        FindingCode("rule.at-in-quiet-hours", "warning: a time of day in the quiet hours that bind the action"),
        FindingCode("rule.at-outside-window", "warning: a time of day outside the window that the step asks for"),
        FindingCode(
            "rule.dialect",
            "note (`--notes`, `--store`): a condition where a plain JsonLogic engine would "
                + "answer otherwise"),
        FindingCode(
            "rule.literal-address", "warning: a `to` that is the same text for everybody, and the name of an attribute"),
        FindingCode("rule.missing-value", "warning: `!=` or `!` over what may be missing"),
        FindingCode("rule.never-fires", "warning: a campaign whose trigger and conditions no customer can meet"),
        FindingCode(
            "rule.never-true",
            "warning: a part of a condition that is true for nobody, or that what is asked beside it excludes"),
        FindingCode("rule.unknown-tag", "warning: a cap or a pause goes by a tag that no campaign has"),
        FindingCode("rule.no-effect", "warning: a key that changes nothing beside the others"),
        FindingCode(
            "rule.reentry-not-said",
            "warning: a campaign on events, of several steps, without `reentry` or `entryKey`"),
        FindingCode(
            "rule.same-moment",
            "warning: two campaigns of one moment and one priority, of which a cap or a group lets one through"),
        FindingCode(
            "rule.sentinel-date",
            "warning: a default like 1970-01-01 that stands for \"not known\" and greets nobody"),
        FindingCode("rule.undeclared-event", "warning: an event type one slip away from a declared one"),
        FindingCode("rule.undeclared-property", "warning: a property that the declared events do not have"),
        FindingCode("rule.unnamed", "warning: two unnamed steps or actions"),
        FindingCode(
            "rule.unreachable",
            "warning: what a gate never lets through: a cap of 0, more messages than a cap allows, a "
                + "holdout of everybody"),
        FindingCode("rule.unused", "warning: a trait or a segment that no campaign and no policy reads"),
    ]
}

import CareValues
import Testing

@testable import CareRules

/// Findings about when a campaign runs, its zone, its backfill, its goal and its former name.
struct TermsFindingTests {
    struct Case: CustomTestStringConvertible {
        var members: String
        var code: String
        var message: String
        var help = ""
        var trigger = #""event": "purchase""#
        var testDescription: String { members }

        var file: String { Samples.campaign(members + #", "trigger": { \#(trigger) }"#) }
    }

    static let segment = #""segment": { "entered": "vip" }"#

    static let cases = [
        Case(
            members: #""activeFrom": 1️⃣"June""#, code: "rule.bad-time",
            message: "'June' is neither a date nor a time",
            help: "write \"2026-06-01\", \"2026-06-01T09:00\", or with an offset \"2026-06-01T09:00:00Z\""),
        Case(
            members: #""activeFrom": 1️⃣"2026-02-30""#, code: "rule.bad-time",
            message: "'2026-02-30' is neither a date nor a time",
            help: "write \"2026-06-01\", \"2026-06-01T09:00\", or with an offset \"2026-06-01T09:00:00Z\""),
        Case(
            members: #""activeUntil": 1️⃣"2026-06-01T9:00""#, code: "rule.bad-time",
            message: "'2026-06-01T9:00' is neither a date nor a time",
            help: "write \"2026-06-01\", \"2026-06-01T09:00\", or with an offset \"2026-06-01T09:00:00Z\""),
        Case(
            members: #""activeUntil": 1️⃣20260601"#, code: "rule.wrong-type",
            message: "activeUntil must be a date or a time as text, not a number",
            help: "for example \"2026-06-01\""),
        Case(
            members: #""activeFrom": "2026-06-01", "activeUntil": 1️⃣"2026-06-01T00:00""#, code: "rule.conflict",
            message: "'activeUntil' does not lie after 'activeFrom': it would never be active",
            help: "the campaign's trigger counts from 'activeFrom' on and before 'activeUntil'"),
        Case(
            members: #""activeFrom": "2026-06-01T00:00:00Z", "activeUntil": 1️⃣"2026-06-01T02:00:00+02:00""#,
            code: "rule.conflict",
            message: "'activeUntil' does not lie after 'activeFrom': it would never be active",
            help: "the campaign's trigger counts from 'activeFrom' on and before 'activeUntil'"),
        Case(
            members: #""paused": 1️⃣"yes""#, code: "rule.wrong-type", message: "paused must be true or false, not text",
            help: "for example true"),
        Case(
            members: #""approval": 1️⃣1"#, code: "rule.wrong-type",
            message: "approval must be true or false, not a number",
            help: "for example true"),
        Case(
            members: #""zone": 1️⃣"Europe Berlin""#, code: "rule.wrong-value",
            message: "'Europe Berlin' is not the name of a time zone",
            help: "write an IANA name: \"Asia/Shanghai\""),
        Case(
            members: #""zone": 1️⃣{}"#, code: "rule.missing-key", message: "zone needs 'fixed'",
            help: "add \"fixed\": \"Asia/Shanghai\""),
        Case(
            members: #""zone": 1️⃣1"#, code: "rule.wrong-type", message: "zone must be an object, not a number",
            help: "for example \"Asia/Shanghai\" or { \"fixed\": \"Asia/Shanghai\" }"),
        Case(
            members: #""backfill": 1️⃣"all""#, code: "rule.bad-duration", message: "'all' is not a duration",
            help: "write an ISO 8601 duration: \"P7D\", \"P7D\" seven days, \"PT2H\" two hours, \"P1M\" a month"),
        Case(
            members: #""backfill": 1️⃣"P0D""#, code: "rule.bad-duration",
            message: "backfill must be longer than nothing",
            help: "for example \"P7D\""),
        Case(
            members: #""backfill": 1️⃣"members""#, code: "rule.conflict",
            message: "only a campaign on a segment that is entered can let in its members",
            help: "write how far back to look: \"backfill\": \"P7D\""),
        Case(
            members: #""backfill": 1️⃣"P7D""#, code: "rule.conflict",
            message: "a campaign on a segment lets in members, not what was due before",
            help: "write \"backfill\": \"members\"", trigger: segment),
        Case(
            members: #""backfill": 1️⃣"members""#, code: "rule.conflict",
            message: "nothing can be made up for where the trigger is a change, a segment left or a call",
            help: "take 'backfill' out",
            trigger: #""segment": { "left": "vip" }"#),
        Case(
            members: #""backfill": 1️⃣"P7D""#, code: "rule.conflict",
            message: "nothing can be made up for where the trigger is a change, a segment left or a call",
            help: "take 'backfill' out",
            trigger: #""api": {}"#),
        Case(
            members: #""goal": 1️⃣{ "event": "purchase" }"#, code: "rule.missing-key",
            message: "a goal needs 'within'",
            help: "add \"within\": \"P30D\""),
        Case(
            members: #""goal": 1️⃣{ "within": "P7D" }"#, code: "rule.missing-key", message: "a goal needs 'event'",
            help: "add \"event\": \"purchase\""),
        Case(
            members: #""goal": { "event": "purchase", "within": 1️⃣"-P7D" }"#, code: "rule.bad-duration",
            message: "goal.within must not be negative",
            help: "for example \"P30D\""),
        Case(
            members: #""formerly": 1️⃣"c""#, code: "rule.conflict", message: "campaign 'c' is named so now",
            help: "take 'formerly' out: it is for a campaign that had another name"),
        Case(
            members: #""formerly": 1️⃣"a.b""#, code: "rule.bad-name", message: "the name of a campaign holds a '.'",
            help: "write 'a-b'"),
        Case(
            members: #""formerly": 1️⃣"""#, code: "rule.wrong-type", message: "formerly must not be empty",
            help: "for example \"win-back\""),
    ]

    @Test(arguments: cases) func `points at what cannot be`(_ test: Case) {
        expectFindings(in: test.file, [.error("1️⃣", test.code, test.message, help: test.help)])
    }

    static let sound = [
        #""activeFrom": "2026-06-01", "activeUntil": "2026-06-01T00:01""#,
        #""activeFrom": "2026-06-01T00:00:00Z", "activeUntil": "2026-06-01""#, #""paused": true, "approval": false"#,
        #""zone": "Etc/GMT+3""#, #""zone": { "fixed": "Asia/Shanghai" }"#, #""backfill": "P1M""#,
        #""goal": { "event": ["purchase", "refund"], "within": "PT1H" }"#, #""formerly": "d""#,
    ]

    @Test(arguments: sound) func `takes what can be`(members: String) {
        expectFindings(in: Case(members: members, code: "", message: "").file, [])
    }

    /// A directory of one zone.
    struct OneZone: ZoneDirectory {
        func zone(named name: String) -> Zone? { name == "Asia/Shanghai" ? .utc : nil }
        let version = "none"
    }

    @Test(arguments: ["\"zone\": ZONE", "\"zone\": { \"fixed\": ZONE }"])
    func `a zone that there is not is told where the zones are known`(members: String) {
        let unknown = members.replacing("ZONE", with: "1️⃣\"Asia/Shanghia\"")
        expectFindings(
            in: Case(members: unknown, code: "", message: "").file,
            [
                .error(
                    "1️⃣", "rule.unknown-zone", "no time zone 'Asia/Shanghia'",
                    help: "write an IANA name: \"Asia/Shanghai\"")
            ], zones: OneZone())
        let known = members.replacing("ZONE", with: "\"Asia/Shanghai\"")
        expectFindings(in: Case(members: known, code: "", message: "").file, [], zones: OneZone())
    }

    @Test func `a window's zone that there is not is told too`() {
        expectFindings(
            in:
                #"{ "policies": { "windows": { "w": { "days": ["mon"], "from": "09:00", "until": "18:00", "zone": 1️⃣"Mars/Base" } } } }"#,
            [
                .error(
                    "1️⃣", "rule.unknown-zone", "no time zone 'Mars/Base'",
                    help: "write an IANA name: \"Asia/Shanghai\"")
            ], zones: OneZone())
    }

    @Test func `members of a segment that is entered may be let in`() {
        expectFindings(
            in: Case(members: #""backfill": "members""#, code: "", message: "", trigger: Self.segment).file, [])
    }

    @Test(arguments: [#""formerly": 1️⃣"b""#, #""formerly": 1️⃣"a""#])
    func `no two campaigns go on with one history`(former: String) {
        let action = #""trigger": { "event": "purchase" }, "actions": [{ "send": "crm", "type": "t" }]"#
        expectFindings(
            in: #"{ "campaigns": { "b": { "formerly": "a", \#(action) }, "c": { \#(former), \#(action) } } }"#,
            [
                .error(
                    "1️⃣", "rule.duplicate-name",
                    "'\(former.contains("\"b\"") ? "b" : "a")' is already the identity of campaign 'b'",
                    help: "two campaigns cannot go on with one history: take 'formerly' out of one of them")
            ])
    }
}

import CareValues
import Testing

@testable import CareRules

/// Findings about schedules and holidays.
struct ScannedTriggerFindingTests {
    /// Region `X` with `founders-day` and `sale`, region `Y` with `sale`.
    static let holidays: HolidayTable = {
        var reader = HolidayReader()
        let text =
            #"{ "regions": { "X": { "also": ["XX"], "holidays": { "founders-day": "3rd monday of march", "sale": "06-18" } }, "Y-1": { "holidays": { "sale": "06-19", "other": "06-20" } } } }"#
        reader.read(file: "h.json", bytes: Array(text.utf8))
        return reader.table
    }()

    struct Case: Sendable, CustomTestStringConvertible {
        var trigger: String
        var expected: [Expected]
        init(_ trigger: String, _ expected: [Expected]) {
            self.trigger = trigger
            self.expected = expected
        }
        var testDescription: String { trigger }
    }

    static let cases = [
        Case(#"{ "schedule": { "cron": "0 10 1 * *" } }"#, []),
        Case(#"{ "schedule": { "cron": "0 10 1 * *", "zone": "project", "spread": "P1D" } }"#, []),
        Case(
            #"{ "schedule": 1️⃣{} }"#,
            [.error("1️⃣", "rule.missing-key", "schedule needs 'cron'", help: "add \"cron\": \"0 10 1 * *\"")]),
        Case(
            #"{ "schedule": { "cron": "0 1️⃣25 1 * *" } }"#,
            [.error("1️⃣", "rule.bad-cron", "'25' is no hour", help: "from 0 to 23")]),
        Case(
            #"{ "schedule": { "cron": "0 0 * * mon,1️⃣tus" } }"#,
            [.error("1️⃣", "rule.bad-cron", "'tus' is no weekday", help: "did you mean 'tue'?")]),
        Case(
            #"{ "schedule": { "cron": "0 0 1️⃣30 2 *" } }"#,
            [
                .error(
                    "1️⃣", "rule.bad-cron", "no month has such a day: this cron never matches",
                    help: "name a day that one of the months has")
            ]),
        Case(
            #"{ "schedule": { "cron": "0 0 * * *", "zone": 1️⃣"Asia/Tokyo" } }"#,
            [.error("1️⃣", "rule.wrong-value", "zone must be 'customer' or 'project', not 'Asia/Tokyo'")]),
        Case(
            #"{ "schedule": { "cron": "0 0 * * *", "spread": 1️⃣"P1M" } }"#,
            [
                .error(
                    "1️⃣", "rule.bad-duration", "schedule.spread must not be in months or years",
                    help: "write days: \"P30D\"")
            ]),
        Case(
            #"{ "schedule": { "cron": "0 0 * * *", "spread": 1️⃣"PT0S" } }"#,
            [
                .error(
                    "1️⃣", "rule.bad-duration", "schedule.spread must be longer than nothing", help: "for example \"P5D\""
                )
            ]),
        Case(
            #"{ "schedule": { "cron": "0 0 * * *", 1️⃣"at": "09:00" } }"#,
            [
                .error(
                    "1️⃣", "rule.unknown-key", "unknown key 'at' in a schedule",
                    help: "a schedule may have cron, zone, spread")
            ]),
        Case(
            #"{ "holiday": { "name": "founders-day", "region": "x", "offset": ["-P7D", "P0D"], "at": "10:00" } }"#, []),
        Case(#"{ "holiday": { "name": "founders-day", "region": "XX" } }"#, []),
        Case(#"{ "holiday": { "name": "other", "region": { "var": "name" } } }"#, []),
        Case(
            #"{ "holiday": { "name": 1️⃣"founder-day", "region": "X" } }"#,
            [
                .error(
                    "1️⃣", "rule.unknown-holiday", "X has no holiday 'founder-day'", help: "did you mean 'founders-day'?")
            ]),
        Case(
            #"{ "holiday": { "name": 1️⃣"founders-day", "region": "Y-1" } }"#,
            [.error("1️⃣", "rule.unknown-holiday", "Y-1 has no holiday 'founders-day'", help: "kept in X")]),
        Case(
            #"{ "holiday": { "name": 1️⃣"easter", "region": "Y-1" } }"#,
            [.error("1️⃣", "rule.unknown-holiday", "Y-1 has no holiday 'easter'", help: "one of other, sale")]),
        Case(
            #"{ "holiday": { "name": 1️⃣"sales", "region": { "var": "name" } } }"#,
            [.error("1️⃣", "rule.unknown-holiday", "no region has a holiday 'sales'", help: "did you mean 'sale'?")]),
        Case(
            #"{ "holiday": { "name": "sale", "region": 1️⃣"Z" } }"#,
            [
                .error(
                    "1️⃣", "rule.unknown-region", "no holidays of a region 'Z' are known",
                    help: "one of X, or one in a file that care.json lists under 'holidays'")
            ]),
        Case(
            #"{ "holiday": { "name": "sale", "region": 1️⃣"Y1" } }"#,
            [
                .error(
                    "1️⃣", "rule.unknown-region", "no holidays of a region 'Y1' are known", help: "did you mean 'Y-1'?")
            ]),
        Case(
            #"{ "holiday": { "name": "sale", "region": { "var": 1️⃣"nam" } } }"#,
            [.error("1️⃣", "rule.unknown-name", "unknown attribute 'nam'", help: "did you mean 'name'?")]),
        Case(
            #"{ "holiday": { "name": "sale", "region": { "var": 1️⃣"birthday" } } }"#,
            [
                .error(
                    "1️⃣", "rule.type-mismatch", "birthday is a birthday, a region's code is text",
                    help: "use text or an enum")
            ]),
        Case(
            #"{ "holiday": { "name": "sale", "region": 1️⃣5 } }"#,
            [
                .error(
                    "1️⃣", "rule.wrong-type", "holiday.region must be a region's code or { \"var\": … }, not a number",
                    help: "for example { \"var\": \"country\" }")
            ]),
        Case(
            #"1️⃣{ "holiday": { "region": "X" } }"#.replacing("1️⃣{ \"holiday\": {", with: "{ \"holiday\": 1️⃣{"),
            [.error("1️⃣", "rule.missing-key", "holiday needs 'name'", help: "add \"name\": \"mid-autumn\"")]),
        Case(
            #"{ "holiday": 1️⃣{ "name": "sale" } }"#,
            [.error("1️⃣", "rule.missing-key", "holiday needs 'region'", help: "add \"region\": \"CN\"")]),
    ]

    @Test(arguments: cases) func `a trigger's mistakes have their place and their help`(_ test: Case) {
        expectFindings(
            in:
                #"{ "campaigns": { "c": { "trigger": \#(test.trigger), "actions": [{ "send": "crm", "type": "t" }] } } }"#,
            test.expected, holidays: Self.holidays)
    }

    @Test func `a window's region must be known`() {
        expectFindings(
            in: #"{ "policies": { "windows": { "w": { "from": "09:00", "until": "18:00", "holidays": 1️⃣"QQ" } } } }"#,
            [
                .error(
                    "1️⃣", "rule.unknown-region", "no holidays of a region 'QQ' are known",
                    help: "one of X, or one in a file that care.json lists under 'holidays'")
            ], holidays: Self.holidays)
    }

    @Test func `a schedule gives its entry no values, a holiday gives four`() {
        expectFindings(
            in:
                #"{ "campaigns": { "c": { "trigger": { "schedule": { "cron": "0 10 * * *" } }, "condition": { "==": [{ "var": 1️⃣"entry.date" }, "x"] }, "actions": [{ "send": "crm", "type": "t" }] } } }"#,
            [.error("1️⃣", "rule.unknown-name", "the entry has no 'date'", help: "its trigger gives it no values")])
        expectFindings(
            in:
                #"{ "campaigns": { "c": { "trigger": { "holiday": { "name": "sale", "region": "X" } }, "condition": { "==": [{ "var": 1️⃣"entry.years" }, { "var": "entry.region" }] }, "actions": [{ "send": "crm", "type": "t" }] } } }"#,
            [
                .error(
                    "1️⃣", "rule.unknown-name", "the entry has no 'years'", help: "it has date, offset, holiday, region")
            ],
            holidays: Self.holidays)
    }

    @Test(arguments: [("0 22 * * *", true), ("0 8 * * *", false), ("59 20 * * *", false), ("0 9,22 * * *", false)])
    func `a schedule in quiet hours is a warning`(cron: String, isInside: Bool) {
        let text =
            #"{ "policies": { "quietHours": { "from": "21:00", "until": "08:00" } }, "campaigns": { "c": { "trigger": { "schedule": { "cron": 1️⃣"\#(cron)" } }, "actions": [{ "send": "crm", "type": "t" }] } } }"#
        expectFindings(
            in: text,
            isInside
                ? [
                    .warning(
                        "1️⃣", "rule.at-in-quiet-hours", "22:00 lies in the quiet hours 21:00 until 08:00",
                        help: "it would wait until 08:00: choose a time outside them")
                ] : [])
    }

    @Test func `rules name the regions whose holidays they read`() throws {
        func regions(_ campaigns: String, _ policies: String = "{}") throws -> Set<String>? {
            let text =
                #"{ "attributes": { "c": { "type": "string" } }, "policies": \#(policies), "campaigns": { \#(campaigns) } }"#
            let rules = RuleSetLoader.load([RuleSource(file: "r.json", bytes: Array(text.utf8))], destinations: nil)
                .ruleSet
            return try #require(rules).holidayRegions
        }
        func campaign(_ region: String) -> String {
            #""h": { "trigger": { "holiday": { "name": "sale", "region": \#(region) } }, "actions": [{ "send": "crm", "type": "t" }] }"#
        }
        let windows = #"{ "windows": { "w": { "from": "09:00", "until": "18:00", "holidays": "CN" } } }"#
        #expect(try regions("") == [])
        #expect(try regions("", windows) == ["CN"])
        #expect(try regions(campaign("\"US\""), windows) == ["CN", "US"])
        #expect(try regions(campaign(#"{ "var": "c" }"#), windows) == nil)
    }
}

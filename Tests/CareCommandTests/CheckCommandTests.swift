import CareValues
import Testing

@testable import care

/// `care check`: what it prints, in every format, and how it ends.
struct CheckCommandTests {
    /// A shop with ten different mistakes in one file.
    static let mistakes = #"""
        {
          "attributes": { "born": { "type": "date", "default": "1970-01-01" }, "size": { "type": "nmber" } },
          "segments": { "some": { "iff": [{ "segment": "vip" }, true, false] } },
          "campaigns": {
            "a": { "trigger": { "event": "purchase" }, "condition": { "==": [{ "var": "teir" }, "gold"] },
              "actions": [{ "send": "crmm", "type": "care.a" }] },
            "b": { "trigger": { "event": "purchase" }, "condition": { ">": [{ "var": "tier" }, 2] },
              "actions": [{ "send": "crm", "type": "care.b" }] },
            "c": { "trigger": { "inactivity": { "of": "purchase", "for": "60D" } }, "priorty": 5,
              "actions": [{ "send": "crm", "type": "care.c" }] },
            "d": { "trigger": { "anniversary": { "of": "birthday", "at": "25:00" } },
              "condition": { "and": [{ "segment": "vip" }, { "==": [{ "var": "tier" }, "bronze"] }] },
              "actions": [{ "send": "crm", "type": "care.d" }] },
            "e": { "trigger": { "event": "purchase", "where": { ">": [{ "var": "event.amuont" }, 5] } },
              "actions": [{ "send": "crm", "type": "care.e" }] }
          }
        }
        """#

    static func world() throws -> World {
        let world = try World.shop()
        try world.write("rules/mistakes.json", mistakes)
        return world
    }

    @Test func `ten mistakes are all told, by place, and what they mean`() async throws {
        let answer = await try Self.world().care("check")
        let expected = #"""
            rules/mistakes.json:2:56: warning: 1970-01-01 stands for "not known" in many systems, and greets nobody [rule.sentinel-date]
                2 |   "attributes": { "born": { "type": "date", "default": "1970-01-01" }, "size": { "type": ...
                  |                                                        ^~~~~~~~~~~~  take the default out: what is not known is missing
            rules/mistakes.json:2:90: error: unknown type 'nmber' [rule.unknown-type]
                2 | ...0-01-01" }, "size": { "type": "nmber" } },
                  |                                  ^~~~~~~  did you mean 'number'?
            rules/mistakes.json:3:27: error: unknown operator 'iff' [rule.unknown-operator]
                3 |   "segments": { "some": { "iff": [{ "segment": "vip" }, true, false] } },
                  |                           ^~~~~  did you mean 'if'?
            rules/mistakes.json:5:79: error: unknown attribute or trait 'teir' [rule.unknown-name]
                5 |     "a": { "trigger": { "event": "purchase" }, "condition": { "==": [{ "var": "teir" }, "...
                  |                                                                               ^~~~~~  did you mean 'tier'?
            rules/mistakes.json:6:29: error: care.json defines no destination 'crmm' [rule.unknown-destination]
                6 |       "actions": [{ "send": "crmm", "type": "care.a" }] },
                  |                             ^~~~~~  did you mean 'crm'?
            rules/mistakes.json:7:88: error: tier is ordinal, 2 is a number [rule.type-mismatch]
                7 |     "b": { "trigger": { "event": "purchase" }, "condition": { ">": [{ "var": "tier" }, 2] },
                  |                                                                                        ^  use a tier: "gold"
            rules/mistakes.json:9:66: error: '60D' is not a duration [rule.bad-duration]
                9 |     "c": { "trigger": { "inactivity": { "of": "purchase", "for": "60D" } }, "priorty": 5,
                  |                                                                  ^~~~~  did you mean 'P60D'?
            rules/mistakes.json:9:77: error: unknown key 'priorty' in a campaign [rule.unknown-key]
                9 |     "c": { "trigger": { "inactivity": { "of": "purchase", "for": "60D" } }, "priorty": 5,
                  |                                                                             ^~~~~~~~~  did you mean 'priority'?
            rules/mistakes.json:11:66: error: '25:00' is not a time of day [rule.bad-time]
               11 |     "d": { "trigger": { "anniversary": { "of": "birthday", "at": "25:00" } },
                  |                                                                  ^~~~~~~  write HH:MM on the 24-hour clock: "09:00", "18:30"
            rules/mistakes.json:12:22: warning: campaign 'd' can never fire [rule.never-fires]
               12 |       "condition": { "and": [{ "segment": "vip" }, { "==": [{ "var": "tier" }, "bronze"] ...
                  |                      ^~~~~  never both: vip is gold, tier is bronze
            rules/mistakes.json:14:72: warning: no property 'amuont' is declared for this event [rule.undeclared-property]
               14 |     "e": { "trigger": { "event": "purchase", "where": { ">": [{ "var": "event.amuont" }, ...
                  |                                                                        ^~~~~~~~~~~~~~  did you mean 'event.amount'?

            8 errors, 3 warnings in 1 of 2 files. Not usable; the active rules stay as they are.

            """#
        #expect(answer.output == expected)
        #expect(answer.code == 1)
    }

    @Test func `JSON has the fields of the text`() async throws {
        let answer = await try Self.world().care("check --format json")
        guard case .object(let root)? = JSONValue(jsonText: answer.output),
            case .array(let findings)? = root["findings"]
        else {
            Issue.record("no findings: \(answer.output)")
            return
        }
        #expect(findings.count == 11)
        #expect(
            findings[3]
                == .object([
                    "file": .string("rules/mistakes.json"), "line": .number(5), "column": .number(79),
                    "severity": .string("error"), "code": .string("rule.unknown-name"),
                    "message": .string("unknown attribute or trait 'teir'"), "help": .string("did you mean 'tier'?"),
                    "path": .string("/campaigns/a/condition/==/0/var"),
                ]))
        #expect(root["errors"] == .number(8) && root["warnings"] == .number(3) && root["usable"] == .bool(false))
    }

    @Test func `SARIF 2.1.0 names every code it uses, and every place`() async throws {
        let answer = await try Self.world().care("check --format sarif")
        guard case .object(let root)? = JSONValue(jsonText: answer.output), case .array(let runs)? = root["runs"],
            case .object(let run)? = runs.first, case .array(let results)? = run["results"],
            case .object(let tool)? = run["tool"], case .object(let driver)? = tool["driver"],
            case .array(let rules)? = driver["rules"]
        else {
            Issue.record("not SARIF: \(answer.output)")
            return
        }
        #expect(root["version"] == .string("2.1.0") && run["columnKind"] == .string("unicodeCodePoints"))
        #expect(results.count == 11)
        let ids = rules.map { rule -> JSONValue? in if case .object(let rule) = rule { rule["id"] } else { nil } }
        for result in results {
            guard case .object(let result) = result, case .number(let index)? = result["ruleIndex"] else {
                Issue.record("no result: \(result)")
                continue
            }
            #expect(ids[Int(index)] == result["ruleId"])
            #expect(result["level"] == .string("error") || result["level"] == .string("warning"))
        }
        let region = JSONValue.object(["startLine": .number(5), "startColumn": .number(79), "endColumn": .number(85)])
        #expect(
            results[3]
                == .object([
                    "ruleId": .string("rule.unknown-name"),
                    "ruleIndex": .number(Double(ids.firstIndex(of: .string("rule.unknown-name")) ?? -1)),
                    "level": .string("error"),
                    "message": .object(["text": .string("unknown attribute or trait 'teir'; did you mean 'tier'?")]),
                    "locations": .array([
                        .object([
                            "physicalLocation": .object([
                                "artifactLocation": .object(["uri": .string("rules/mistakes.json")]), "region": region,
                            ])
                        ])
                    ]),
                    "properties": .object(["path": .string("/campaigns/a/condition/==/0/var")]),
                ]))
    }

    @Test func `a name that is no plain URI is encoded`() async throws {
        let world = try World.shop()
        try world.write("rules/银 100%.json", "{")
        let answer = await world.care("check --format sarif")
        #expect(answer.output.contains("rules/%E9%93%B6%20100%25.json"))
    }

    @Test func `what nothing uses is a warning, which only --strict refuses`() async throws {
        let world = try World.shop()
        try world.write("rules/more.json", #"{ "traits": { "idle": { "count": { "event": "x" } } } }"#)
        let answer = await world.care("check")
        #expect(answer.code == 0)
        #expect(answer.output.contains("rules/more.json:1:15: warning: nothing uses the trait 'idle' [rule.unused]"))
        #expect(answer.output.contains("1 warning in 1 of 2 files. Usable: 2 files: 2 campaigns"))
        #expect(await world.care("check --strict").code == 1)
    }

    static let notes = #"""
        { "segments": {
            "low": { "<": [{ "var": "points" }, 10] },
            "high": { ">": [{ "var": "points" }, 10] },
            "not-bronze": { "!=": [{ "var": "tier" }, "bronze"] } },
          "campaigns": { "d": { "trigger": { "segment": { "entered": "low" } },
            "condition": { "or": [{ "segment": "not-bronze" }, { "segment": "high" }] },
            "actions": [{ "send": "crm", "type": "care.d" }] } } }
        """#

    @Test func `notes say where a plain engine would answer otherwise`() async throws {
        let world = try World.shop()
        try world.write("rules/notes.json", Self.notes)
        #expect(await world.care("check").output.contains("rule.dialect") == false)
        let answer = await world.care("check --notes")
        #expect(
            answer.output.contains(
                "rules/notes.json:2:29: note: pure JsonLogic takes a missing 'points' for 0 [rule.dialect]"))
        #expect(
            answer.output.contains(
                "rules/shop.json:9:42: note: pure JsonLogic compares the words of 'tier' by the alphabet [rule.dialect]"
            ))
        #expect(answer.output.contains("1 warning, 3 notes in 2 of 2 files. Usable"))
        #expect(answer.code == 0)
    }

    @Test func `--store says for how many customers`() async throws {
        let world = try World.shop()
        try world.write("rules/notes.json", Self.notes)
        try world.write(
            "people.csv",
            "id,tier,birthday,points\nc1,gold,1970-01-01,5\nc2,silver,1990-01-02,\nc3,,1900-01-01,\nc4,bronze,2000-02-29,50\n"
        )
        #expect(await world.care("import customers people.csv").code == 0)
        let answer = await world.care("check --store")
        // Of a missing 0 is less than 10: two without points. "silver" sorts behind "gold": one.
        #expect(
            answer.output.contains(
                "rules/notes.json:2:29: note: pure JsonLogic takes a missing 'points' for 0: another answer for 2 of 4 customers"
            ))
        #expect(
            answer.output.contains(
                "note: pure JsonLogic compares the words of 'tier' by the alphabet: another answer for 1 of 4 customers"
            ))
        #expect(!answer.output.contains("rules/notes.json:3:"), "0 is not more than 10 either")
        #expect(
            answer.output.contains(
                "warning: 'tier' may be missing, and '!=' is then true (1 of 4 customers) [rule.missing-value]"))
        #expect(
            answer.output.contains(
                "note: 'birthday' is a date that stands for \"not known\" for 2 of 4 customers [rule.sentinel-date]"))
        #expect(answer.output.contains(", 1 destination, 4 customers."))
        #expect(answer.code == 0)
    }

    @Test func `--store without a store says so`() async throws {
        let answer = await try World.shop().care("check --store")
        #expect(answer.code == 1)
        #expect(answer.error.contains("there is no data yet"))
    }
}

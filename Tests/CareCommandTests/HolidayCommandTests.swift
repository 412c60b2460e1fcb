import CareValues
import Testing

@testable import care

/// Holidays and schedules from the command line: files of one's own, findings, a plan, a tick, an explanation.
@Suite struct HolidayCommandTests {
    static let rules = #"""
        {
          "attributes": { "country": { "type": "string" } },
          "campaigns": {
            "founders": {
              "trigger": { "holiday": { "name": "founders-day", "region": "ACME", "at": "10:00" } },
              "actions": [{ "send": "crm", "type": "care.founders", "data": { "on": "{{entry.date}}" } }]
            },
            "monday": {
              "trigger": { "schedule": { "cron": "0 9 * * mon" } },
              "actions": [{ "send": "crm", "type": "care.monday" }]
            }
          }
        }
        """#

    static func world(holidays: String = #""own/acme.json""#) throws -> World {
        let world = try World.shop()
        let environment = try #require(world.read("care.json"))
        try world.write("care.json", environment.replacing("\"store\":", with: "\"holidays\": \(holidays), \"store\":"))
        try world.write("rules/shop.json", rules)
        try world.write(
            "own/acme.json",
            #"{ "regions": { "ACME": { "extends": "US", "holidays": { "founders-day": ["2026-09-23", "2027-09-22"] } } } }"#
        )
        try world.write("c.csv", "customer,country\nc1,US\nc2,DE\n")
        return world
    }

    @Test func `rules may name holidays of one's own, and a plan and a tick keep them`() async throws {
        let world = try Self.world()
        let check = await world.care("check")
        #expect(check.code == 0, "\(check.output)")
        #expect(await world.care("import customers c.csv --history-until 2026-09-21T08:00").code == 0)
        let plan = await world.care("plan --at 2026-09-21T08:30 --days 4")
        #expect(plan.output.contains("4 actions would go out."), "\(plan.output)\(plan.error)")
        #expect(plan.output.contains("founders       calendar        2    2    2"), "\(plan.output)")
        try world.setClock("2026-09-23T02:00:00Z")
        #expect(await world.care("tick --decide-only").code == 0)
        let explain = await world.care("explain c1 founders")
        #expect(explain.output.contains("holiday founders-day of ACME at 10:00"), "\(explain.output)")
        #expect(explain.output.contains("founders-day/2026/1"), "\(explain.output)")
        #expect(explain.output.contains("occurrence founders-day/2027/1, Wed 22 Sep 2027 10:00"), "\(explain.output)")
        let monday = await world.care("explain c2 monday")
        #expect(monday.output.contains("schedule 0 9 * * mon, customer's clock"), "\(monday.output)")
        #expect(monday.output.contains("occurrence 2026-09-28T09:00, Mon 28 Sep 2026 09:00"), "\(monday.output)")
    }

    @Test func `a corrected holiday is another rule set, and greets nobody twice in its year`() async throws {
        let world = try Self.world()
        #expect(await world.care("import customers c.csv --history-until 2026-09-21T08:00").code == 0)
        try world.setClock("2026-09-21T00:30:00Z")
        #expect(await world.care("tick --decide-only").code == 0)
        try world.setClock("2026-09-23T02:00:00Z")
        #expect(await world.care("tick --decide-only").code == 0)
        let file = try #require(world.read("own/acme.json"))
        try world.write("own/acme.json", file.replacing("2026-09-23", with: "2026-09-24"))
        try world.setClock("2026-09-24T03:00:00Z")
        #expect(await world.care("tick --decide-only").code == 0)
        let explain = await world.care("explain c1 founders --format json")
        let answer = try #require(JSONValue(jsonText: explain.output))
        guard case .object(let object) = answer, case .array(let ledger)? = object["ledger"],
            case .number(let epoch)? = object["epoch"]
        else {
            Issue.record("\(explain.output)\(explain.error)")
            return
        }
        #expect(epoch == 2)
        #expect(ledger.count == 1)
    }

    @Test func `what is wrong with a holiday file or a name in the rules is said with its place`() async throws {
        let world = try Self.world(holidays: #"["own/acme.json", "own/none.json"]"#)
        let missing = await world.care("check")
        #expect(missing.code == 64)
        #expect(
            missing.error.contains("own/none.json, named in care.json under holidays, cannot be read"),
            "\(missing.error)")
        try world.write("own/none.json", #"{ "regions": { "B": { "extends": "ACMEE" } } }"#)
        let broken = await world.care("check")
        #expect(broken.code == 1)
        #expect(
            (broken.output + broken.error).contains("own/none.json:1:34: error: no region 'ACMEE' to extend"),
            "\(broken)")
        try world.write("own/none.json", #"{ "regions": {} }"#)
        try world.write("rules/shop.json", Self.rules.replacing("founders-day", with: "founder-day"))
        let unknown = await world.care("check")
        #expect(unknown.code == 1)
        #expect(
            unknown.output.contains("ACME has no holiday 'founder-day' [rule.unknown-holiday]"), "\(unknown.output)")
        #expect(unknown.output.contains("did you mean 'founders-day'?"), "\(unknown.output)")
    }
}

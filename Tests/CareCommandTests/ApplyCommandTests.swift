import CareValues
import Glibc
import Testing

@testable import care

/// A saved plan: what it holds, when it is refused whole, when a decision is refused alone.
@Suite struct ApplyCommandTests {
    /// The shop of the plan's tests with a campaign that needs approval.
    static func world() async throws -> World {
        let world = try await LookCommandTests.world()
        let rules = try #require(world.read("rules/shop.json"))
        try world.write(
            "rules/shop.json",
            rules.replacing(
                "\"thanks\": {",
                with: #"""
                    "offer": { "approval": true, "trigger": { "date": { "of": "offerOn", "offset": "P0D", "at": "10:00" } },
                      "steps": [
                        { "name": "first", "actions": [{ "send": "crm", "type": "care.offer", "data": { "tier": "{{tier}}" } }] },
                        { "name": "again", "after": "P1D", "actions": [{ "send": "crm", "type": "care.again" }] } ] },
                    "thanks": {
                    """#
            ).replacing("\"points\":", with: "\"offerOn\": { \"type\": \"date\" }, \"points\":"))
        try world.write(
            "o.csv", "customer,offerOn\nc1,2026-09-22\nc2,2026-09-22\nc3,2026-09-23\n")
        #expect(await world.care("import customers o.csv --history-until 2026-09-21T08:00").code == 0)
        #expect(await world.care("tick --decide-only --at 2026-09-21T08:20").code == 0)
        return world
    }

    @Test func `a plan is saved, applied once, and again does nothing`() async throws {
        let world = try await Self.world()
        let made = await world.care("plan --at 2026-09-21T08:30 --days 4 --campaign offer --out week.careplan")
        #expect(
            made.output == """
                6 actions: 6 act. Nothing was sent.
                Saved for Mon 21 Sep 2026 08:30 until Fri 25 Sep 08:30 Asia/Shanghai. To approve: care apply week.careplan

                """, "\(made.error)")
        let plan = try #require(world.read("week.careplan"))
        #expect(plan.hasPrefix(#"{"care":"saved plan","version":1,"store":""#))
        #expect(
            plan.contains(
                #""campaign":"offer","step":"first","action":"1","occurrence":"2026-09-22/1","outcome":"act","to":"crm","type":"care.offer","data":{"tier":"gold"}}"#
            ))
        #expect(!plan.contains("birthday-gold\",\"step"))

        let early = await world.care("apply week.careplan --decide-only --at 2026-09-21T09:00")
        #expect(early.code == 0)
        #expect(early.output.hasPrefix("Applied 0 of 6 decisions. 6 not due yet.\n"), "\(early.output) \(early.error)")
        let applied = await world.care("apply week.careplan --decide-only --at 2026-09-22T10:05")
        #expect(
            applied.output.hasPrefix(
                "Applied 2 of 6 decisions: 2 act as planned. 4 not due yet.\nNext due Wed 23 Sep 2026 10:00"),
            "\(applied.output)")
        let again = await world.care("apply week.careplan --decide-only --at 2026-09-22T10:06")
        #expect(again.output.hasPrefix("Applied 0 of 6 decisions. 2 already done, 4 not due yet.\n"))
        // Later steps follow by themselves, and the plan finds them done.
        #expect(await world.care("tick --decide-only --at 2026-09-23T10:06").code == 0)
        let last = await world.care("apply week.careplan --decide-only --at 2026-09-23T10:07")
        #expect(last.output.hasPrefix("Applied 1 of 6 decisions: 1 act as planned."), "\(last.output)")
        #expect(last.output.contains("4 already done, 1 not due yet"))
    }

    @Test func `what would end otherwise is refused alone, and says what moved`() async throws {
        let world = try await Self.world()
        #expect(await world.care("plan --at 2026-09-21T08:30 --days 2 --campaign offer --out w.careplan").code == 0)
        try world.write("t.csv", "customer,tier\nc1,silver\n")
        try world.setClock("2026-09-22T01:00:00Z")
        #expect(await world.care("import customers t.csv --fire").code == 0)
        let answer = await world.care("apply w.careplan --decide-only --at 2026-09-22T10:05")
        #expect(answer.code == 2)
        #expect(
            answer.output.contains("  c1  offer/first  act → act with another body  tier silver, Tue 22 Sep 09:00\n"),
            "\(answer.output)")
        #expect(
            answer.output.hasPrefix("Applied 1 of 2 decisions: 1 act as planned. 1 refused.\n"),
            "\(answer.output)")
    }

    @Test func `a stale plan is told although a secret is missing, and a missing secret changes nothing`() async throws
    {
        let world = try await Self.world()
        #expect(await world.care("plan --at 2026-09-21T08:30 --days 2 --campaign offer --out w.careplan").code == 0)
        let apply = "apply w.careplan --at 2026-09-22T10:05"
        let missing = await world.care(apply, variables: [:])
        #expect(
            missing.error.hasPrefix(
                "error: destination crm: the environment variable CARE_SECRET is not set; nothing was done\n"))
        #expect(await world.care("deliveries list").output.hasPrefix("No delivery is waiting"))
        let rules = try #require(world.read("rules/shop.json"))
        try world.write("rules/shop.json", rules.replacing(#""at": "10:00""#, with: #""at": "11:00""#))
        let stale = await world.care(apply, variables: [:])
        #expect(stale.code == 1)
        #expect(stale.error.hasPrefix("error: saved plan is stale, nothing was done [plan.stale]\n"), "\(stale.error)")
    }

    @Test func `other rules make a plan stale, and the difference is named`() async throws {
        let world = try await Self.world()
        #expect(await world.care("plan --at 2026-09-21T08:30 --days 2 --campaign offer --out w.careplan").code == 0)
        let rules = try #require(world.read("rules/shop.json"))
        try world.write("rules/shop.json", rules.replacing(#""at": "10:00""#, with: #""at": "11:00""#))
        let before = world.read("care.sqlite")
        let answer = await world.care("apply w.careplan --decide-only --at 2026-09-22T10:05")
        #expect(answer.code == 1)
        #expect(answer.error.hasPrefix("error: saved plan is stale, nothing was done [plan.stale]\n"))
        #expect(answer.error.contains(#"offer: trigger.date.at "10:00" → "11:00""#), "\(answer.error)")
        #expect(world.read("care.sqlite") == before)
    }

    @Test func `a plan that is no longer what was written is refused, whatever was done to it`() async throws {
        let world = try await Self.world()
        #expect(await world.care("plan --at 2026-09-21T08:30 --days 2 --campaign offer --out w.careplan").code == 0)
        let plan = try #require(world.read("w.careplan"))
        let lines = plan.split(separator: "\n", omittingEmptySubsequences: true)
        let cases: [(String, String)] = [
            (plan.replacing("gold", with: "lead"), "plan.edited"),
            (lines.dropLast().joined(separator: "\n") + "\n", "plan.truncated"),
            (String(plan.prefix(plan.count / 2)), "plan.truncated"), (String(plan.dropLast()), "plan.truncated"),
            (plan.replacing(#""version":1"#, with: #""version":2"#), "plan.newer"), ("", "plan.not-a-plan"),
            (plan.replacing(#""version":1"#, with: #""version":1e300"#), "plan.not-a-plan"),
            (plan.replacing(#""decisions":2"#, with: #""decisions":1e300"#), "plan.edited"),
            (plan.replacing(#""decisions":2"#, with: #""decisions":1.5"#), "plan.edited"),
            (plan.replacing(#""decisions":2"#, with: #""decisions":-2"#), "plan.edited"),
            ("{}\n", "plan.not-a-plan"), ("\u{1}", "plan.not-a-plan"),
            (([lines[0]] + lines.dropFirst(2)).joined(separator: "\n") + "\n", "plan.edited"),
        ]
        for (text, code) in cases {
            try world.write("broken.careplan", text)
            let answer = await world.care("apply broken.careplan --decide-only --at 2026-09-22T10:05")
            #expect(answer.code == 1)
            #expect(answer.error.contains("nothing was done [\(code)]"), "\(code): \(answer.error)")
        }
        let other = try await Self.world()
        try other.write("w.careplan", plan)
        let answer = await other.care("apply w.careplan --decide-only --at 2026-09-22T10:05")
        #expect(answer.error.contains("[plan.other-store]"))
    }

    @Test func `only one campaign, and only so many`() async throws {
        let world = try await Self.world()
        #expect(await world.care("plan --at 2026-09-21T08:30 --days 7 --out w.careplan").code == 0)
        let some = await world.care("apply w.careplan --decide-only --at 2026-09-22T10:05 --only offer --max 1")
        #expect(
            some.output.hasPrefix("Applied 1 of 6 decisions: 1 act as planned. 1 left by --max, 4 not due yet."),
            "\(some.output)")
        let none = await world.care("apply w.careplan --only offr")
        #expect(none.error.contains("Did you mean 'offer'?"))
        #expect(await world.care("apply w.careplan --max 0").code == 64)
        #expect(await world.care("apply missing.careplan").error.contains("No such file or directory"))
    }

    @Test func `a plan approved ahead is carried out as it falls due`() async throws {
        let world = try await Self.world()
        #expect(await world.care("plan --at 2026-09-21T08:30 --days 3 --campaign offer --out w.careplan").code == 0)
        let approved = await world.care("apply w.careplan --when-due")
        #expect(
            approved.output.hasPrefix("Approved: 5 decisions until Thu 24 Sep 2026 08:30 Asia/Shanghai"),
            "\(approved.output) \(approved.error)")
        let before = await world.care("tick --decide-only --at 2026-09-22T09:00")
        #expect(!before.output.contains("approved plan"))
        let due = await world.care("tick --decide-only --at 2026-09-22T10:00")
        #expect(due.output.contains("2 applied, 0 refused"), "\(due.output)")
        let next = await world.care("tick --decide-only --at 2026-09-23T10:01")
        #expect(next.output.contains("1 applied, 0 refused"), "\(next.output)")
        #expect(!(await world.care("tick --decide-only --at 2026-09-23T10:02").output.contains("approved plan")))
    }

    @Test func `a plan on assumptions is not saved, and a folder that is not there is said`() async throws {
        let world = try await Self.world()
        #expect(await world.care("plan --assume a.json --out w.careplan").code == 64)
        let answer = await world.care("plan --out nowhere/w.careplan")
        #expect(answer.error.contains("nowhere/w.careplan cannot be written: No such file or directory"))
    }
}

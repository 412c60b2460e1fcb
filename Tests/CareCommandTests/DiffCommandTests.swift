import CareValues
import Testing

@testable import care

/// What another version of the rules does otherwise, and why.
@Suite struct DiffCommandTests {
    /// The shop with two rule folders: in the new one silver counts as vip too.
    static func world() async throws -> World {
        let world = try await LookCommandTests.world()
        let rules = try #require(world.read("rules/shop.json"))
        try world.write("before/shop.json", rules)
        try world.write(
            "rules/shop.json",
            rules.replacing(#"{ "segment": "vip" }"#, with: #"{ ">=": [{ "var": "tier" }, "bronze"] }"#))
        return world
    }

    /// A shop that writes to whoever has another address, at once and two days later; c1 has one since 22 Sep, 09:00.
    static func movingWorld() async throws -> World {
        let world = try World.shop()
        let rules = try #require(world.read("rules/shop.json"))
        try world.write(
            "rules/shop.json",
            rules.replacing(
                #""thanks": {"#,
                with: #"""
                    "moved": {
                      "trigger": { "change": { "of": "email" } },
                      "steps": [
                        { "name": "now", "actions": [{ "send": "crm", "type": "care.moved", "data": {} }] },
                        { "name": "later", "after": "P2D",
                          "actions": [{ "send": "crm", "type": "care.settled", "data": { "n": 1 } }] }
                      ]
                    },
                    "thanks": {
                    """#))
        try world.write("c.csv", "customer,email\nc1,lin@example.com\n")
        #expect(await world.care("import customers c.csv --history-until 2026-09-21").code == 0)
        try world.write("c2.csv", "customer,email\nc1,lin@new.example\n")
        try world.setClock("2026-09-22T01:00:00Z")
        #expect(await world.care("import customers c2.csv --fire").code == 0)
        return world
    }

    @Test func `an occurrence that names a personal value hides it until it is asked for`() async throws {
        let world = try await Self.movingWorld()
        let rules = try #require(world.read("rules/shop.json"))
        try world.write("after/shop.json", rules.replacing(#"{ "n": 1 }"#, with: #"{ "n": 2 }"#))
        let question = "diff rules after --at 2026-09-22T10:00 --days 7 --format json"
        let masked = await world.care(question)
        #expect(masked.code == 2)
        #expect(masked.output.contains(#""occurrence":"email:•••@2026-09-22T"#), "\(masked.output) \(masked.error)")
        #expect(!masked.output.contains("lin@"))
        let shown = await world.care(question + " --show-pii")
        #expect(shown.output.contains("lin@new.example@2026-09-22T"), "\(shown.output)")
    }

    @Test func `same rules differ in nothing`() async throws {
        let world = try await Self.world()
        let answer = await world.care("diff before before --at 2026-09-21T08:30")
        #expect(answer.code == 0)
        #expect(
            answer.output.hasPrefix("The rules are the same; nothing differs.\n"), "\(answer.output) \(answer.error)")
    }

    @Test func `who newly gets something is counted, shown and explained`() async throws {
        let world = try await Self.world()
        let answer = await world.care("diff before --at 2026-09-21T08:30 --days 7")
        #expect(answer.code == 2)
        #expect(
            answer.output.hasPrefix(
                "1 message is new, 0 fall away, none moves. Changed: birthday-gold (condition).\n"),
            "\(answer.output) \(answer.error)")
        #expect(
            answer.output.contains("  birthday-gold        2        3      1          -      -        -"),
            "\(answer.output)")
        #expect(
            answer.output.contains(
                #"+  c2  Mon 21 Sep 09:00  birthday-gold  >= tier "bronze", "bronze" (was: >= tier "bronze", "gold" false)"#
            ), "\(answer.output)")
        #expect(answer.output.contains("  1 campaign unchanged. Lost by the edit: no occurrence.\n"))
        let back = await world.care("diff rules before --at 2026-09-21T08:30 --days 7")
        #expect(back.output.hasPrefix("0 messages are new, 1 falls away, none moves."), "\(back.output)")
    }

    @Test func `Markdown names no customer`() async throws {
        let world = try await Self.world()
        let answer = await world.care("diff before --at 2026-09-21T08:30 --days 7 --format markdown")
        #expect(answer.code == 2)
        #expect(
            answer.output.hasPrefix(
                "**Care plan:** +1 −0 messages in 7 days from 21 Sep 2026\n\n| campaign/step | old | new |"))
        #expect(!answer.output.contains("c2"))
    }

    @Test func `JSON has the counts by step and by day`() async throws {
        let world = try await Self.world()
        let output = await world.care("diff before --at 2026-09-21T08:30 --days 7 --format json").output
        #expect(
            output.contains(#""total":{"oldAct":2,"newAct":3,"newly":1,"noLonger":0,"moved":0,"changed":0}"#),
            "\(output)")
        #expect(output.contains(#""days":{"2026-09-21":{"birthday-gold":{"newly":1,"noLonger":0}}}"#))
    }

    @Test func `an edit of a campaign's hour moves its messages, one of its data changes them`() async throws {
        let world = try await Self.world()
        let rules = try #require(world.read("before/shop.json"))
        try world.write("later/shop.json", rules.replacing(#""at": "09:00""#, with: #""at": "10:00""#))
        let moved = await world.care("diff before later --at 2026-09-21T08:30 --days 7")
        #expect(moved.output.hasPrefix("0 messages are new, 0 fall away, 2 move."), "\(moved.output)")
        try world.write("other/shop.json", rules.replacing(#""turns""#, with: #""years""#))
        let changed = await world.care("diff before other --at 2026-09-21T08:30 --days 7")
        #expect(
            changed.output.hasPrefix("0 messages are new, 0 fall away, none moves, 2 say something else."),
            "\(changed.output)")
    }

    @Test func `an edit of policies is felt by campaigns that nobody edited`() async throws {
        let world = try await Self.world()
        let rules = try #require(world.read("before/shop.json"))
        try world.write(
            "paused/shop.json",
            rules.replacing(
                #""campaigns": {"#,
                with:
                    #""policies": { "pauses": [{ "name": "no", "when": { "==": [{ "var": "tier" }, "gold"] }, "then": "suppress" }] }, "campaigns": {"#
            ))
        let answer = await world.care("diff before paused --at 2026-09-21T08:30 --days 7")
        #expect(
            answer.output.hasPrefix("0 messages are new, 2 fall away, none moves. Changed: policies (new)."),
            "\(answer.output)")
        #expect(answer.output.contains("paused (pause no)"), "\(answer.output)")
    }

    @Test func `an attribute of another type is said`() async throws {
        let world = try await Self.world()
        let rules = try #require(world.read("before/shop.json"))
        try world.write(
            "typed/shop.json",
            rules.replacing(#""points": { "type": "number" }"#, with: #""points": { "type": "string" }"#))
        let answer = await world.care("diff before typed --at 2026-09-21T08:30 --days 7")
        #expect(
            answer.output.contains(
                #"note    attribute points: type "number" → "string"; stored values that do not fit are missing"#),
            "\(answer.output)")
        #expect(answer.code == 0)
    }

    @Test(arguments: [
        (
            "diff HEAD~1",
            "error: 'HEAD~1' is no folder and no file, and git knows no repository that rules lies in\nName a folder of rule files.\n"
        ),
        ("diff before --days 0", "--days is 1 to 366, not 0"),
        ("diff before --at 2026-09-01", "is before the store's clock"),
        ("diff before --at 3026-09-01", "more than 100 years after"),
    ]) func `what cannot be compared is refused`(line: String, message: String) async throws {
        let world = try await Self.world()
        let answer = await world.care(line)
        #expect(answer.code == 64 || answer.code == 1)
        #expect(answer.error.contains(message), "\(answer.error)")
    }

    @Test func `rules with mistakes are refused where the mistake is`() async throws {
        let world = try await Self.world()
        try world.write("bad/shop.json", "{ \"campaigns\": 3 }")
        let answer = await world.care("diff bad")
        #expect(answer.code == 1)
        #expect(answer.error.hasSuffix("The rules of bad cannot be used; nothing was compared.\n"), "\(answer.error)")
    }
}

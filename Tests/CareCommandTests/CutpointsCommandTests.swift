import CareStore
import CareStoreSQLite
import CareValues
import Testing

@testable import care

/// From no cut points to a first set, a second one, and what these make of customers.
@Suite struct CutpointsCommandTests {
    /// Ten customers; the i-th bought i times, 10·i each, the last time on 1 September plus i days.
    static func world() async throws -> World {
        let world = try World.shop()
        try world.write(
            "rules/rfm.json",
            #"""
            {
              "traits": {
                "rfm": { "rfm": { "event": "purchase", "property": "amount", "within": "P365D", "scores": "quantiles" } },
                "fixed": { "rfm": { "event": "purchase", "property": "amount", "scores": {
                  "recency": [1, 2, 3, 4], "frequency": [1, 2, 3, 4], "monetary": [1, 2, 3, 4] } } }
              },
              "segments": { "best": { "==": [{ "var": "rfm.group" }, "champions"] } },
              "campaigns": {
                "best-in": { "trigger": { "segment": { "entered": "best" } },
                  "actions": [{ "send": "crm", "type": "care.best", "data": { "code": "{{rfm.code}}" } }] },
                "best-out": { "trigger": { "segment": { "left": "best" } },
                  "actions": [{ "send": "crm", "type": "care.gone", "data": { "code": "{{rfm.code}}" } }] }
              }
            }
            """#)
        var events = "customer,type,time,id,amount\n"
        for customer in 1...10 {
            for event in 0..<customer {
                let day = 1 + customer - (event == 0 ? 0 : 1)
                let time = "2026-09-\(day < 10 ? "0" : "")\(day)T0\(event % 10):00:00Z"
                events += "c\(customer),purchase,\(time),o\(customer)-\(event),\(customer * 10)\n"
            }
        }
        try world.write("e.csv", events)
        #expect(await world.care("import events e.csv --history-until 2026-09-21").code == 0)
        return world
    }

    static func ledger(_ world: World) throws -> [String] {
        let store = try SQLiteStore(path: world.folder + "/care.sqlite", access: .readOnly)
        defer { try? store.close() }
        return try store.read { try $0.ledger(from: .distantPast, until: .distantFuture) }
            .filter { $0.campaign.hasPrefix("best") }
            .map { "\($0.customer) \($0.campaign) \($0.outcome) \($0.inputs)" }.sorted()
    }

    @Test func `cut points are shown, stored once, put in force by a tick, and make customers enter`() async throws {
        let world = try await Self.world()
        let first = await world.care("tick --decide-only")
        #expect(
            first.error
                == "warning: 'rfm': no cut points yet, all scores are missing. Compute them: care cutpoints\n")
        #expect(try Self.ledger(world) == [])

        try world.setClock("2026-09-21T00:40:00Z")
        let dry = await world.care("cutpoints --dry-run")
        #expect(dry.error == "")
        #expect(
            dry.output == """
                rfm  10 customers of 10 with a score at Mon 21 Sep 2026 08:40 Asia/Shanghai

                  score                           2    3    4    5
                  recency    fewer days than     18   16   14   12
                  frequency  more events than     2    4    6    8
                  monetary   a greater sum than  40  160  360  640

                  10 customers get a first score.

                Nothing was stored: there are no cut points.

                """)
        #expect(await world.care("plan").error.hasPrefix("warning: 'rfm': no cut points yet"))

        let stored = await world.care("cutpoints")
        #expect(
            stored.output.hasSuffix(
                "Stored as cut points 1. The next tick, or serve when it reads the rules, puts them in force.\n"))
        let again = await world.care("cutpoints")
        #expect(again.output.contains("As before: nobody moves."))
        #expect(again.output.hasSuffix("Nothing is new: cut points 1 stay.\n"))

        let plan = await world.care("plan --campaign best-in")
        #expect(plan.error == "")
        #expect(plan.output.hasPrefix("2 actions would go out."))
        #expect(plan.output.contains("(epoch 2, not in force yet)") || plan.output.contains("not in force"))
        let tick = await world.care("tick --decide-only --format json")
        #expect(tick.output.contains(#""epoch":2"#) || tick.output.contains(#""epoch": 2"#))
        #expect(
            try Self.ledger(world) == [
                #"c10 best-in act {"cutPoints":1,"entry":{"segment":"best"}}"#,
                #"c9 best-in act {"cutPoints":1,"entry":{"segment":"best"}}"#,
            ])
        // Nothing has changed since: no new epoch, nobody enters.
        let later = await world.care("tick --decide-only")
        #expect(later.output.contains("nothing was due."))
    }

    @Test func `a new set moves customers, edits no rule, and leaves the other traits' cut points alone`() async throws
    {
        let world = try await Self.world()
        #expect(await world.care("cutpoints").code == 0)
        #expect(await world.care("tick --decide-only").code == 0)
        let before = try Self.ledger(world)
        #expect(before.map { String($0.prefix(11)) } == ["c10 best-in", "c9 best-in "])

        // Twenty better customers come: the best of before are so no more.
        var events = "customer,type,time,id,amount\n"
        for customer in 11...30 {
            for event in 0..<20 {
                events +=
                    "d\(customer),purchase,2026-09-20T\(event < 10 ? "0" : "")\(event):00:00Z,p\(customer)-\(event),500\n"
            }
        }
        try world.write("more.csv", events)
        #expect(await world.care("import events more.csv --history-until 2026-09-21").code == 0)
        try world.setClock("2026-09-21T01:00:00Z")
        let moved = await world.care("cutpoints --format json")
        #expect(moved.code == 0)
        #expect(JSONValue(jsonText: moved.output).flatMap(Self.version) == 2)
        #expect(await world.care("tick --decide-only").code == 0)
        // The twenty are alike: together they are no fifth, and none of them is among the best either.
        let after = try Self.ledger(world).filter { !before.contains($0) }
        #expect(after.count == 22)
        #expect(after.allSatisfy { $0.hasSuffix(#"best-out act {"cutPoints":2,"entry":{"segment":"best"}}"#) })
        #expect(after.filter { $0.hasPrefix("c") }.map { String($0.prefix(3)) } == ["c10", "c9 "])
    }

    private static func version(_ json: JSONValue) -> Double? {
        guard case .object(let object) = json, case .number(let number)? = object["version"] else { return nil }
        return number
    }

    static let mistakes = [
        ("cutpoints --trait rmf", 64, "no trait 'rmf' asks for quantiles"),
        ("cutpoints --trait fixed", 64, "the cut points of 'fixed' are fixed in the rule file"),
        ("cutpoints --at 2026-09-20", 1, "before the store's clock"),
        ("cutpoints --at someday", 64, "--at 'someday' is no instant"),
    ]

    @Test func `what cannot be computed is said, and nothing is stored`() async throws {
        let world = try await Self.world()
        for (line, code, message) in Self.mistakes {
            let answer = await world.care(line)
            #expect(answer.code == Int32(code), "\(line)")
            #expect(answer.error.contains(message), "\(line): \(answer.error)")
        }
        let bare = try World.shop()
        let answer = await bare.care("cutpoints")
        #expect(answer.error.hasPrefix("error: no trait asks for quantiles; nothing was computed"))
        let store = try SQLiteStore(path: world.folder + "/care.sqlite", access: .readOnly)
        #expect(try store.read { try $0.cutPoints(version: nil) } == nil)
        try store.close()
    }
}

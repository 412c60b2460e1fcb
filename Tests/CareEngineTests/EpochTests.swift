import CareDecisions
import CareEngine
import CareStore
import CareValues
import Testing

/// Rows that nobody looked at while the rules changed, and facts that come twice.
@Suite struct EpochTests {
    static let start = Timestamp(iso8601: "2026-05-22T09:30:00.000Z") ?? .distantPast

    static func rules(_ campaigns: String) -> String {
        #"{ "attributes": { "tier": { "type": "string" } }, "campaigns": { \#(campaigns) } }"#
    }

    static func ladder(_ step: String = "b", _ more: String = "") -> String {
        rules(
            #"""
            "c": { \#(more) "trigger": { "event": "opened" }, "reentry": "afterExit", "steps": [
              { "name": "a", "actions": [{ "send": "desk", "type": "a" }] },
              { "name": "\#(step)", "sinceEntry": "P3D", "actions": [{ "send": "desk", "type": "b" }] } ] }
            """#)
    }

    static func opened(_ id: String, at: Timestamp, source: String = "shop") -> Fact {
        .event(Event(type: "opened", source: source, id: id, time: at, receivedAt: at, properties: [:]))
    }

    static func lines(_ world: EngineWorld, customer: String = "a") throws -> [String] {
        try world.store.read { try $0.ledger(of: customer, campaign: nil) }.map {
            "\($0.now.iso8601) \($0.step) \($0.outcome) \($0.reason)"
        }
    }

    @Test func `a row is brought up one epoch after another, each as of its activation`() throws {
        let world = try EngineWorld(rules: Self.ladder(), at: Self.start, zone: "UTC")
        try world.receive([Self.opened("1", at: Self.start)], customer: "a", at: Self.start)
        // Two activations that nobody's row saw: the campaign goes, and comes back four minutes later.
        let gone = Self.start.advanced(byMilliseconds: 2 * 86_400_000)
        world.time.withLock { $0 = gone }
        try world.activate(Self.rules(""))
        world.time.withLock { $0 = gone.advanced(byMilliseconds: 240_000) }
        try world.activate(Self.ladder())
        try world.tick(at: Self.start.advanced(byMilliseconds: 5 * 86_400_000))
        #expect(
            try Self.lines(world) == [
                "2026-05-22T09:30:00.000Z a act ", "2026-05-24T09:30:00.000Z  skip campaign_removed",
            ])
    }

    @Test func `what was due before an activation is decided under the rules of then`() throws {
        let world = try EngineWorld(rules: Self.ladder(), at: Self.start, zone: "UTC")
        try world.receive([Self.opened("1", at: Self.start)], customer: "a", at: Self.start)
        // The step is due on the 25th; its name is gone from the 26th on, and nobody looks before the 27th.
        world.time.withLock { $0 = Self.start.advanced(byMilliseconds: 4 * 86_400_000) }
        try world.activate(Self.ladder("other"))
        try world.tick(at: Self.start.advanced(byMilliseconds: 5 * 86_400_000))
        #expect(
            try Self.lines(world) == [
                "2026-05-22T09:30:00.000Z a act ", "2026-05-26T09:30:00.000Z b act ",
            ])
    }

    @Test func `an activation that changes nothing keeps the start of every campaign, and makes no epoch`() throws {
        let world = try EngineWorld(rules: Self.ladder(), at: Self.start, zone: "UTC")
        world.time.withLock { $0 = Self.start.advanced(byMilliseconds: 86_400_000) }
        try world.activate(Self.ladder())
        #expect(world.rules.current.active.epoch == 1)
        #expect(world.rules.current.active.starts == [Self.start])
        // A description is no edit of the campaign: a new epoch, the same start.
        try world.activate(Self.ladder("b", #""description": "in other words","#))
        #expect(world.rules.current.active.epoch == 2)
        #expect(world.rules.current.active.starts == [Self.start])
        try world.activate(Self.ladder("other"))
        #expect(world.rules.current.active.starts == [Self.start.advanced(byMilliseconds: 86_400_000)])
    }

    @Test func `a fact already stored never fires, however it comes again; another source is another event`() throws {
        let world = try EngineWorld(
            rules: Self.rules(
                #""c": { "trigger": { "event": "opened" }, "actions": [{ "send": "desk", "type": "a" }] }"#),
            at: Self.start, zone: "UTC")
        let later = Self.start.advanced(byMilliseconds: 60_000)
        try world.receive([Self.opened("1", at: Self.start)], customer: "a", at: Self.start)
        try world.receive([Self.opened("1", at: Self.start)], customer: "a", at: later)
        try world.receive([Self.opened("1", at: later)], customer: "a", at: later)
        #expect(try Self.lines(world).count == 1)
        try world.receive([Self.opened("1", at: later, source: "pos")], customer: "a", at: later)
        try world.receive([Self.opened("2", at: later)], customer: "a", at: later)
        try world.receive([Self.opened("1", at: later)], customer: "b", at: later)
        #expect(try Self.lines(world).count == 3)
        #expect(try Self.lines(world, customer: "b").count == 1)
    }

    /// The system's zones but for some.
    struct FewerZones: ZoneDirectory {
        var gone: Set<String>
        var version: String { EngineWorld.zones.version }
        func zone(named name: String) -> Zone? { gone.contains(name) ? nil : EngineWorld.zones.zone(named: name) }
    }

    @Test(arguments: ["Europe/Rome", "Asia/Tokyo", "UTC"])
    func `rules in force whose zone is gone are refused by its name, and read again when it is back`(
        name: String
    ) throws {
        let text = #"""
            { "policies": { "windows": { "office": { "days": ["mon"], "from": "09:00", "until": "18:00", "zone": "Asia/Tokyo" } } },
              "campaigns": { "c": { "zone": { "fixed": "Europe/Rome" }, "trigger": { "event": "opened" },
                "steps": [{ "window": "office", "actions": [{ "send": "desk", "type": "a" }] }] } } }
            """#
        let world = try EngineWorld(rules: text, at: Self.start, zone: "UTC")
        #expect(throws: EngineError.unknownZone(name: name, epoch: 1)) {
            try world.store.read { _ = try RulesInForce(in: $0, zones: FewerZones(gone: [name])) }
        }
        let others = FewerZones(gone: ["Africa/Lagos"])
        let rules = try world.store.read { try RulesInForce(in: $0, zones: others) }
        #expect(rules.current.active.epoch == 1)
    }
}

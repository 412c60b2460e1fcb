import CareDecisions
import CareValues
import Testing

/// `formerly`: a renamed campaign goes on under its first name in keys, salts, ledger and memory.
@Suite struct FormerlyTests {
    static let paces = StoryTests.paces

    static func rules(_ name: String, _ former: String? = nil, extra: String = "") -> String {
        GateRules.file(
            """
            "\(name)": { \(former.map { "\"formerly\": \"\($0)\"," } ?? "") \(extra)
              "trigger": { "anniversary": { "of": "birthday", "offset": ["-P7D", "P0D"], "at": "09:00" } },
              "reentry": "afterExit", "steps": [
              { "name": "a", "actions": [{ "send": "crm", "type": "t" }] },
              { "name": "b", "after": "P2D", "actions": [{ "send": "crm", "type": "t" }] } ] }
            """, policies: "")
    }

    @Test(arguments: paces)
    func `a renamed campaign keeps its entries, its start and what it has decided, under its first name`(
        pace: World.Pace
    ) throws {
        var world = try World(rules: Self.rules("old"), start: "2026-05-01 00:00", pace: pace)
        try world.set(["birthday": "--05-20"], at: "2026-05-02 09:00")
        let start = world.decider.active.starts
        try world.activate(Self.rules("new", "old"), at: "2026-05-13 10:00")
        #expect(world.decider.active.starts == start)
        // A corrected birthday brings the same occurrence again: it is decided.
        try world.set(["birthday": "--05-21"], at: "2026-05-13 12:00")
        try world.activate(Self.rules("newest", "old"), at: "2026-05-14 10:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log == [
                "05-13 09:00 old/a act", "05-15 09:00 old/b act", "05-21 09:00 old/a act", "05-23 09:00 old/b act",
            ])
    }

    @Test(arguments: paces)
    func `without it a renamed campaign is another one: the old ends, and nothing is decided yet of the new`(
        pace: World.Pace
    ) throws {
        var world = try World(rules: Self.rules("old"), start: "2026-05-01 00:00", pace: pace)
        try world.set(["birthday": "--05-20"], at: "2026-05-02 09:00")
        try world.activate(Self.rules("new"), at: "2026-05-13 10:00")
        try world.set(["birthday": "--05-21"], at: "2026-05-14 08:00")
        try world.pass(until: "2026-05-15 00:00")
        #expect(
            world.log == [
                "05-13 09:00 old/a act", "05-13 10:00 old skip campaign_removed", "05-14 09:00 new/a act",
            ])
    }

    @Test func `the holdout of a renamed campaign holds out the same customers`() throws {
        for customer in 0..<200 {
            let before = try Self.outcome(of: Self.rules("old", extra: #""holdout": 0.5,"#), customer)
            let after = try Self.outcome(of: Self.rules("new", "old", extra: #""holdout": 0.5,"#), customer)
            #expect(before == after)
        }
    }

    private static func outcome(of rules: String, _ customer: Int) throws -> [Outcome] {
        let zone = World.zones.zone(named: "UTC") ?? .utc
        let ruleSet = try World.load(rules)
        let start = try World.instant("2026-05-01 00:00", zone)
        let decider = Decider(
            ActiveRules(
                rules: ruleSet, epoch: 1, activatedAt: start, starts: [:], projectZone: zone, zones: World.zones))
        let row = decider.newRow(customer: "c\(customer)", asOf: start)
        let fact = Fact.attributes(
            AttributeFact(values: ["birthday": "--05-20"], time: start, receivedAt: start, hasOwnTime: false))
        let (after, _) = decider.touch(row, facts: [fact], clock: start)
        return decider.touch(after, clock: try World.instant("2026-05-20 09:00", zone)).outcome.decisions.map(\.outcome)
    }
}

import CareDecisions
import CareEngine
import CarePlanning
import CareThreads
import CareValues
import Testing

/// Whoever looks on while a plan is made: hears how far it is, may end it, and gets every decision once.
@Suite struct PlanObserverTests {
    static let start = Timestamp(iso8601: "2026-03-02T00:00:00.000Z") ?? .distantPast
    static let rules = """
        { "attributes": { "birthday": { "type": "birthday" } },
          "campaigns": { "b": { "trigger": { "anniversary": { "of": "birthday", "at": "09:00" } },
            "actions": [{ "send": "crm", "type": "t", "data": {} }] } } }
        """

    /// So many customers, every tenth with a birthday in the week planned.
    private func world(_ customers: Int) throws -> EngineWorld {
        let world = try EngineWorld(rules: Self.rules, at: Self.start, zone: "UTC")
        try world.store.write { transaction in
            var writer = CustomerWriter(transaction, rules: world.rules, clock: world.clock)
            for number in 0..<customers {
                let day = number % 10 == 0 ? "1990-03-05" : "1990-07-05"
                let fact = AttributeFact(
                    values: ["birthday": .string(day)], time: Self.start, receivedAt: Self.start, hasOwnTime: true)
                try writer.absorb([.attributes(fact)], customer: "c\(number)", asOf: Self.start)
            }
            try writer.finish()
        }
        return world
    }

    private func plan(_ world: EngineWorld, _ observer: PlanRunner.Observer, rules: String, threads: Int) throws -> Plan
    {
        try PlanRunner(store: world.store, zones: EngineWorld.zones, realNow: Self.start, observer: observer).plan(
            EngineWorld.candidate(rules, world.zone), PlanRunner.Request(at: Self.start), threads: threads)
    }

    @Test func `a plan that is ended says of how many its totals are`() throws {
        let world = try world(1_500)
        // Rules that are not in force: every row is looked at.
        let edited = Self.rules.replacing("09:00", with: "10:00")
        let heard = Lock(0)
        let whole = try plan(
            world,
            PlanRunner.Observer(progress: { more in
                heard.withLock { $0 += more }
                return true
            }), rules: edited, threads: 1)
        #expect(!whole.isInterrupted)
        #expect(whole.tally.customers == 1_500)
        #expect(heard.withLock { $0 } == 1_500)
        let ended = try plan(world, PlanRunner.Observer(progress: { _ in false }), rules: edited, threads: 1)
        #expect(ended.isInterrupted)
        #expect(ended.tally.customers < 1_500)
        #expect(ended.tally.total.act < whole.tally.total.act)
    }

    @Test(arguments: [1, 2]) func `every decision is handed out once, a part's in the store's order`(
        threads: Int
    ) throws {
        let world = try world(200)
        let seen = Lock<[Int: [String]]>([:])
        let plan = try plan(
            world,
            PlanRunner.Observer(decided: { part, decisions in
                for (decision, basis) in decisions {
                    #expect(basis == .calendar)
                    seen.withLock { $0[part, default: []].append(decision.key.customer) }
                }
            }), rules: Self.rules, threads: threads)
        let customers = seen.withLock { $0.sorted { $0.key < $1.key }.flatMap(\.value) }
        #expect(customers == (0..<200).filter { $0 % 10 == 0 }.map { "c\($0)" })
        #expect(plan.tally.total.act == customers.count)
        #expect(plan.decisions.isEmpty, "nothing is kept beside")
    }
}

import CareDecisions
import CareEngine
import CareValues
import Testing

/// A plan that differs from the run is a bug: the plan's decisions are compared with those of a service that ticks at
/// every due instant, and of one that cron starts every ten minutes.
@Suite struct PlanEqualsRunTests {
    static let start = Timestamp(iso8601: "2026-02-20T01:00:00.000Z") ?? .distantPast
    static let seeds = [UInt64](1...TestScale.seeds(200))

    @Test(arguments: seeds)
    func `the plan of 14 days is what ticking makes`(seed: UInt64) throws {
        let until = Self.start.advanced(byMilliseconds: 14 * 86_400_000)
        let planned = try Life(seed: seed).world(until: Self.start)
        let plan = EngineWorld.lines(try planned.plan(Life.rules, at: Self.start, days: 14))
        let twoThreads = EngineWorld.lines(try planned.plan(Life.rules, at: Self.start, days: 14, threads: 2))
        #expect(plan == twoThreads)

        // Every due instant, on the store that the plan was made from: it has written nothing into it.
        while let next = try planned.store.read({ try $0.nextWakeUp() }), next < until {
            try planned.tick(at: max(next, Self.start))
        }
        #expect(try planned.ledger(from: Self.start, until: until) == plan)

        // Every ten minutes, on one made alike.
        let cron = try Life(seed: seed).world(until: Self.start)
        var clock = Self.start
        while clock < until {
            if let next = try cron.store.read({ try $0.nextWakeUp() }), next <= clock { try cron.tick(at: clock) }
            clock = clock.advanced(byMilliseconds: 600_000)
        }
        // What falls due after the last tick and before the end is still to come.
        let lastTick = clock.advanced(byMilliseconds: -600_000)
        #expect(try cron.ledger(from: Self.start, until: until) == plan.filter { $0.due <= lastTick })
    }
}

/// How much of a generated suite runs: `CARE_TEST_SCALE=10` makes every generated suite ten times as long.
enum TestScale {
    static func seeds(_ count: UInt64) -> UInt64 { count }
}

import CareDecisions
import CareEngine
import CareValues
import Foundation
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
        let cron = try EngineWorld(copyOf: planned)
        let plan = EngineWorld.lines(try planned.plan(Life.rules, at: Self.start, days: 14))
        let twoThreads = EngineWorld.lines(try planned.plan(Life.rules, at: Self.start, days: 14, threads: 2))
        #expect(plan == twoThreads)

        // Every due instant, on the store that the plan was made from: it has written nothing into it.
        while let next = try planned.nextDue(), next < until {
            try planned.tick(at: max(next, Self.start))
        }
        #expect(try planned.ledger(from: Self.start, until: until) == plan)

        // Every ten minutes, on a copy of the store as it was.
        var clock = Self.start
        var next = try cron.nextDue()
        while clock < until {
            if let due = next, due <= clock { next = try cron.tick(at: clock).nextWakeUp }
            clock = clock.advanced(byMilliseconds: 600_000)
        }
        // What falls due after the last tick and before the end is still to come.
        let lastTick = clock.advanced(byMilliseconds: -600_000)
        #expect(try cron.ledger(from: Self.start, until: until) == plan.filter { $0.due <= lastTick })
    }
}

/// What the generated lives bring about: a comparison of nothing with nothing would always hold.
@Suite struct LifeTests {
    @Test func `the lives bring every campaign, every outcome and most reasons`() throws {
        var campaigns: Set<String> = []
        var outcomes: Set<String> = []
        var reasons: Set<Reason> = []
        var planned = 0
        for seed in UInt64(1)...30 {
            let world = try Life(seed: seed).world(until: PlanEqualsRunTests.start)
            let decisions = try world.plan(Life.rules, at: PlanEqualsRunTests.start, days: 14)
            planned += decisions.count
            for decision in decisions {
                campaigns.insert(decision.key.campaign)
                outcomes.insert(decision.outcome.rawValue)
                if let reason = decision.reason { reasons.insert(reason) }
            }
        }
        #expect(planned > 100)
        #expect(
            campaigns.isSuperset(of: [
                "birthday", "joined", "first", "silence", "ladder", "down", "thanks", "once", "moon", "quiet",
                "quiet-hours",
                "weekly", "spread", "twice", "festival", "girls-day",
            ]),
            "\(campaigns.sorted())")
        #expect(outcomes.isSuperset(of: ["act", "skip", "error"]), "\(outcomes.sorted())")
        #expect(reasons.isSuperset(of: [.condition, .templateError]), "\(reasons)")
    }
}

/// How much of a generated suite runs: `CARE_TEST_SCALE=10` makes every generated suite ten times as long.
enum TestScale {
    static func seeds(_ count: UInt64) -> UInt64 {
        let scale = ProcessInfo.processInfo.environment["CARE_TEST_SCALE"].flatMap(Double.init) ?? 1
        return max(1, UInt64(Double(count) * scale))
    }
}

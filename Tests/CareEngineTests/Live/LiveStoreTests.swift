import CareStore
import CareThreads
import CareValues
import Glibc
import Testing

@testable import CareEngine

/// Work for a store of its own, handed to the service's thread.
@Suite struct LiveStoreTests {
    /// Takes the service's turns on a thread of its own for as long as `body` runs.
    static func turning<Answer>(
        _ world: EngineWorld, _ live: LiveEngine, _ body: (LiveStore) throws -> Answer
    ) throws -> Answer {
        let turns = Monitor((isWoken: false, isOver: false))
        live.open(world.rules, wake: { turns.update { $0.isWoken = true } }, reload: { _ in })
        // Safety: the rules are used by that thread alone while it runs.
        nonisolated(unsafe) let rules = world.rules
        let worker = try #require(
            Worker {
                while true {
                    let isOver = turns.wait(milliseconds: nil) { turns -> Bool? in
                        guard turns.isWoken || turns.isOver else { return nil }
                        turns.isWoken = false
                        return turns.isOver
                    }
                    if isOver ?? true { return }
                    while live.hasWork { _ = try? live.runGroup(rules) }
                }
            })
        defer {
            turns.update { $0.isOver = true }
            worker.join()
        }
        return try body(LiveStore(world.store, live: live))
    }

    @Test func `a transaction is carried out by the service, and its caller gets what it returns or throws`() throws {
        struct Refused: Error {}
        let world = try EngineWorld(rules: LiveEngineTests.rules, at: LiveEngineTests.start)
        let live = LiveEngine(store: world.store, clock: world.clock)
        try Self.turning(world, live) { store in
            var seen = 0
            let epoch = try store.writeByRules { transaction, rules in
                try transaction.setNote("a", "1")
                seen += 1
                return rules.current.active.epoch
            }
            #expect(epoch == 1)
            #expect(throws: Refused.self) {
                try store.write { transaction in
                    try transaction.setNote("b", "1")
                    seen += 1
                    throw Refused()
                }
            }
            #expect(seen == 2)
            #expect(try store.read { (try $0.note("a"), try $0.note("b")) } == ("1", nil))
            // What a store refuses is what its caller hears.
            let error = #expect(throws: StoreError.self) {
                try store.write {
                    try $0.setDelivery(
                        DeliveryID(hashing: "none"), state: .waiting, nextAttemptAt: LiveEngineTests.start, reason: "")
                }
            }
            #expect(error?.code == .missing)
        }
        live.close()
        #expect(throws: LiveRefusal.notRunning) {
            try LiveStore(world.store, live: live).write { try $0.setNote("c", "1") }
        }
        #expect(try world.store.read { try $0.note("c") } == nil)
    }

    @Test func `what is closed while it waits is refused, and nothing of it is written`() throws {
        let world = try EngineWorld(rules: LiveEngineTests.rules, at: LiveEngineTests.start)
        let live = LiveEngine(store: world.store, clock: world.clock)
        live.open(world.rules, wake: {}, reload: { _ in })
        let outcome = Lock<(any Error)?>(nil)
        let store = LiveStore(world.store, live: live)
        let worker = try #require(
            Worker {
                do { try store.write { try $0.setNote("a", "1") } } catch { outcome.withLock { $0 = error } }
            })
        while !live.hasWork { sched_yield() }
        live.close()
        worker.join()
        #expect(outcome.withLock { $0 as? LiveRefusal } == .notRunning)
        #expect(try world.store.read { try $0.note("a") } == nil)
    }

    @Test func `after an order the service knows the next wake-up, and that there may be something to deliver`() throws
    {
        let world = try EngineWorld(rules: LiveEngineTests.rules, at: LiveEngineTests.start)
        let live = LiveEngine(store: world.store, clock: world.clock)
        live.open(world.rules, wake: {}, reload: { _ in })
        let store = LiveStore(world.store, live: live)
        let clock = world.clock
        let worker = try #require(
            Worker {
                try? store.writeByRules { transaction, rules in
                    var writer = CustomerWriter(transaction, rules: rules, clock: clock)
                    try writer.receive(
                        [LiveEngineTests.purchase("e")], customer: "c", at: LiveEngineTests.start, advancesFirst: false)
                    try writer.finish()
                }
            })
        while !live.hasWork { sched_yield() }
        let done = try live.runGroup(world.rules)
        worker.join()
        #expect(done.isOrder)
        #expect(done.nextWakeUp == LiveEngineTests.start.advanced(byMilliseconds: 3_600_000))
        let nothing = try live.runGroup(world.rules)
        #expect(!nothing.isOrder && nothing.nextWakeUp == nil)
    }
}

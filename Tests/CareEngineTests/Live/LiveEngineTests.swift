import CareDecisions
import CareStore
import CareThreads
import CareValues
import Testing

@testable import CareEngine

/// The one way in, with the service's turns taken by hand.
@Suite struct LiveEngineTests {
    static let start = Timestamp(milliseconds: 1_781_514_000_000)
    static let rules = """
        { "attributes": { "tier": { "type": "string" } },
          "campaigns": {
            "thanks": { "trigger": { "event": "purchase" }, "reentry": "always",
              "steps": [
                { "name": "now", "actions": [{ "send": "crm", "type": "t", "data": {} }] },
                { "name": "later", "after": "PT1H", "actions": [{ "send": "crm", "type": "t", "data": {} }] }] } } }
        """

    /// An engine that is open, and what it wrote to.
    static func engine(_ limits: LiveEngine.Limits = .init()) throws -> (world: EngineWorld, live: LiveEngine) {
        let world = try EngineWorld(rules: rules, at: start)
        let live = LiveEngine(store: world.store, clock: world.clock, limits: limits)
        live.open(world.rules, wake: {}, reload: { _ in })
        return (world, live)
    }

    static func purchase(_ id: String, at time: Timestamp = start) -> Fact {
        .event(Event(type: "purchase", source: "/pos", id: id, time: time, receivedAt: time, properties: [:]))
    }

    /// Hands requests over, one job each, and waits until all of them wait.
    static func hand(
        _ requests: [LiveRequest], to live: LiveEngine
    ) async -> [Task<[[LiveAnswer]], any Error>] {
        var tasks: [Task<[[LiveAnswer]], any Error>] = []
        for request in requests {
            let before = live.metrics.queued
            tasks.append(Task { try await live.receive([request]) })
            while live.metrics.queued < before + request.items.count { await Task.yield() }
        }
        return tasks
    }

    @Test func `what waits is written in one transaction, and each is answered by itself`() async throws {
        let (world, live) = try Self.engine()
        var requests = (0..<10).map { LiveRequest(customer: "c\($0 % 5)", facts: [Self.purchase("e\($0)")]) }
        requests.append(LiveRequest(customer: "c0", facts: [Self.purchase("e0"), Self.purchase("new")]))
        let tasks = await Self.hand(requests, to: live)
        let done = try live.runGroup(world.rules)
        #expect(live.metrics.transactions == 1)
        #expect(!done.isMoreWaiting)
        for task in tasks.dropLast() { #expect(try await task.value == [[.stored]]) }
        #expect(try await tasks[10].value == [[.duplicate, .stored]])
        #expect(done.summary.decisions[.act] == 11)
        #expect(done.nextWakeUp == Self.start.advanced(byMilliseconds: 3_600_000))
        #expect(live.metrics.stored == 11)
        #expect(live.metrics.duplicates == 1)
    }

    @Test func `who takes a consent back is answered when nothing begins any more that needed it`() async throws {
        let world = try WithdrawnConsentTests.world()
        let live = LiveEngine(store: world.store, clock: world.clock)
        live.open(world.rules, wake: {}, reload: { _ in })
        let claimed = try world.store.write {
            try $0.claim(destination: "mail", now: .distantFuture, leaseUntil: .distantFuture, limit: 9)
        }
        let instant = WithdrawnConsentTests.start.advanced(byMilliseconds: 1_000)
        world.time.withLock { $0 = instant }
        let denial = WithdrawnConsentTests.attributes(["mail": "denied"], at: instant)
        let isAnswered = Lock(false)
        let task = Task {
            let answers = try await live.receive([LiveRequest(customer: "ada", facts: [denial])])
            isAnswered.withLock { $0 = true }
            return answers
        }
        while live.metrics.queued == 0 { await Task.yield() }
        var revoked: [DeliveryID] = []
        _ = try live.runGroup(world.rules) { ids in
            revoked += ids
            #expect(!isAnswered.withLock { $0 })
            #expect((try? WithdrawnConsentTests.states(world))?["mail"] == .cancelled, "it is on disk by then")
        }
        #expect(revoked == claimed.map(\.order.id))
        #expect(try await task.value == [[.stored]])
    }

    @Test func `a group holds so many facts, what is beyond waits for the next`() async throws {
        var limits = LiveEngine.Limits()
        limits.groupFacts = 4
        let (world, live) = try Self.engine(limits)
        let tasks = await Self.hand(
            (0..<6).map { LiveRequest(customer: "c\($0)", facts: [Self.purchase("e")]) }, to: live)
        #expect(try live.runGroup(world.rules).isMoreWaiting)
        #expect(live.metrics.queued == 2)
        #expect(try live.runGroup(world.rules).isMoreWaiting == false)
        for task in tasks { #expect(try await task.value == [[.stored]]) }
        #expect(live.metrics.transactions == 2)
    }

    @Test func `beyond what may wait is turned away with a time to ask again`() async throws {
        var limits = LiveEngine.Limits()
        limits.queuedFacts = 3
        let (world, live) = try Self.engine(limits)
        let large = (0..<5).map { Self.purchase("l\($0)") }
        let tasks = await Self.hand([LiveRequest(customer: "c", facts: large)], to: live)
        await #expect(throws: LiveRefusal.busy(retryAfterSeconds: 1)) {
            _ = try await live.receive([LiveRequest(customer: "c", facts: [Self.purchase("x")])])
        }
        #expect(live.metrics.turnedAway == 1)
        _ = try live.runGroup(world.rules)
        #expect(try await tasks[0].value == [[LiveAnswer](repeating: .stored, count: 5)])
        let after = await Self.hand([LiveRequest(customer: "c", facts: [Self.purchase("x")])], to: live)
        _ = try live.runGroup(world.rules)
        #expect(try await after[0].value == [[.stored]])
    }

    @Test func `a customer whose row cannot be read costs the others nothing`() async throws {
        let (world, live) = try Self.engine()
        try world.store.write {
            try $0.save(id: "bad", wakeUp: nil, epoch: 1, row: [255, 255, 255], expectedVersion: 0)
        }
        let tasks = await Self.hand(
            ["good", "bad", "better"].map { LiveRequest(customer: $0, facts: [Self.purchase("e")]) }, to: live)
        let done = try live.runGroup(world.rules)
        #expect(try await tasks[0].value == [[.stored]])
        #expect(try await tasks[1].value == [[.unreadable]])
        #expect(try await tasks[2].value == [[.stored]])
        #expect(live.metrics.transactions == 1)
        let place = try #require(try world.store.read { try $0.place(of: "bad") })
        #expect(done.summary.unreadable == [UnreadableCustomer(place: place, detail: "the row cannot be decoded")])
        #expect(try world.store.read { try $0.hasEvent(customer: "bad", source: "/pos", id: "e") } == false)
    }

    @Test func `a setting is answered with the tag that the customer has afterwards`() async throws {
        let (world, live) = try Self.engine()
        func set(_ tier: String) -> LiveRequest {
            LiveRequest(
                customer: "c", items: [.change(AttributeSetting(values: ["tier": .string(tier)], wantsTag: true))])
        }
        // More than one request in a millisecond: what was received is ahead of the clock by then.
        for tier in ["bronze", "silver", "gold", "gold", "silver"] {
            let tasks = await Self.hand([set(tier)], to: live)
            _ = try live.runGroup(world.rules)
            let attributes = CurrentAttributes(
                of: try world.store.read { try $0.facts(of: "c", receivedUntil: nil) })
            #expect(attributes.values == ["tier": .string(tier)])
            guard case .set(let tag, _) = try await tasks[0].value[0][0] else {
                Issue.record("no tag")
                return
            }
            #expect(tag == attributes.tag)
        }
        #expect(live.metrics.duplicates == 1)
    }

    @Test func `answers older than a day are taken away a part at a time`() async throws {
        let (world, live) = try Self.engine()
        let old = "answer:2026-06-13:"
        try world.store.write { store in
            for number in 0..<(KeyedAnswers.forgottenAtOnce + 7) { try store.setNote(old + "\(number)", "x") }
            for kept in ["answer:2026-06-14:k", "answer:2026-06-15:k", "answerless"] { try store.setNote(kept, "x") }
        }
        func left() throws -> Int { try world.store.read { try $0.notes(prefix: old).count } }
        let batch = LiveBatch([LiveRequest(customer: "c", facts: [Self.purchase("e")])])
        let task = Task { try await live.receive(batch, key: RequestKey(name: "n", content: "c")) }
        while !live.hasWork { await Task.yield() }
        _ = try live.runGroup(world.rules)
        #expect(try await task.value == [.stored])
        #expect(try left() == KeyedAnswers.forgottenAtOnce + 7, "nobody who waits pays for it")
        #expect(try live.forgetAnswers())
        #expect(try left() == 7)
        #expect(try live.forgetAnswers())
        #expect(try left() == 0)
        #expect(try !live.forgetAnswers(), "it is done for the day")
        #expect(try world.store.read { try $0.notes(prefix: "answer").count } == 4)
        world.time.withLock { $0 = $0.advanced(byMilliseconds: 86_400_000) }
        #expect(try live.forgetAnswers())
        #expect(try world.store.read { try $0.note("answer:2026-06-14:k") } == nil)
        #expect(try world.store.read { try $0.note("answer:2026-06-15:k") } != nil)
    }

    @Test func `an order has a transaction of its own, taken back when it fails`() async throws {
        struct Refused: Error {}
        let (world, live) = try Self.engine()
        let good = Task {
            try await live.perform { store, rules in
                try store.setNote("a", "1")
                return rules.current.active.epoch
            }
        }
        let bad = Task {
            try await live.perform { store, _ in
                try store.setNote("b", "1")
                throw Refused()
            }
        }
        var turns = 0
        while turns < 2 {
            if live.hasWork {
                _ = try live.runGroup(world.rules)
                turns += 1
            }
            await Task.yield()
        }
        #expect(try await good.value == 1)
        await #expect(throws: Refused.self) { try await bad.value }
        #expect(try world.store.read { try $0.note("a") } == "1")
        #expect(try world.store.read { try $0.note("b") } == nil)
    }

    @Test func `what waits when it ends is refused, and nothing is taken afterwards`() async throws {
        let (world, live) = try Self.engine()
        let tasks = await Self.hand([LiveRequest(customer: "c", facts: [Self.purchase("e")])], to: live)
        live.close()
        await #expect(throws: LiveRefusal.notRunning) { _ = try await tasks[0].value }
        await #expect(throws: LiveRefusal.notRunning) {
            _ = try await live.receive([LiveRequest(customer: "c", facts: [Self.purchase("e")])])
        }
        await #expect(throws: LiveRefusal.notRunning) { try await live.perform { _, _ in } }
        await #expect(throws: LiveRefusal.notRunning) { _ = try await live.reload() }
        #expect(try world.store.read { try $0.customer("c") } == nil)
        #expect(try await live.receive([]) == [])
    }
}

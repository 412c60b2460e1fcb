import CareDecisions
import CareEngine
import CareStore
import CareThreads
import CareValues
import Testing

/// How a pass goes about what is due, what is overdue and what is of older rules.
@Suite struct CatchingUpTests {
    static let start = Timestamp(iso8601: "2026-03-02T00:00:00.000Z") ?? .distantPast

    static func rules(_ type: String = "t") -> String {
        """
        {
          "campaigns": {
            "later": { "trigger": { "event": "order" }, "maxLateness": "none",
              "steps": [{ "name": "ask", "sinceEntry": "PT1H", "actions": [{ "send": "crm", "type": "\(type)", "data": {} }] }] }
          }
        }
        """
    }

    static func order(_ id: String, at: Timestamp) -> Fact {
        .event(Event(type: "order", source: "shop", id: id, time: at, receivedAt: at, properties: [:]))
    }

    /// 300 customers whose message was due a day ago, and one whose message is due now.
    static func world() throws -> (EngineWorld, now: Timestamp) {
        let world = try EngineWorld(rules: rules(), at: start)
        for number in 1...300 {
            try world.receive([order("o\(number)", at: start)], customer: "old\(number)", at: start)
        }
        let now = start.advanced(byMilliseconds: 25 * 3_600_000)
        let ordered = now.advanced(byMilliseconds: -3_600_000)
        try world.receive([order("o", at: ordered)], customer: "new", at: ordered)
        return (world, now)
    }

    final class Pauses: Sendable {
        let asked = Lock<[Int64]>([])
        let goesOnFor: Int
        init(goesOnFor: Int = .max) { self.goesOnFor = goesOnFor }

        func ask(_ milliseconds: Int64) -> Bool {
            asked.withLock {
                $0.append(milliseconds)
                return $0.count < goesOnFor
            }
        }
        var total: Int64 { asked.withLock { $0.reduce(0, +) } }
    }

    static func ticker(_ world: EngineWorld, _ pauses: Pauses) -> Ticker {
        Ticker(store: world.store, clock: world.clock, recoveryRate: 100, pause: { pauses.ask($0) })
    }

    static func decidedCustomers(_ world: EngineWorld) throws -> [String] {
        try world.store.read { try $0.ledger(from: start, until: .distantFuture).map(\.customer) }
    }

    @Test func `what is in time goes first, what is overdue at the recovery rate`() throws {
        let (world, now) = try Self.world()
        world.time.withLock { $0 = now }
        let pauses = Pauses()
        let summary = try Self.ticker(world, pauses).tick(world.rules)
        #expect(summary.decided == 301)
        #expect(!summary.isInterrupted)
        #expect(try Self.decidedCustomers(world).first == "new")
        // 300 decisions at 100 a second.
        #expect(pauses.total == 3_000)
        #expect(pauses.asked.withLock { $0.max() } == 1_000)
    }

    @Test func `an edit after a downtime makes no flood`() throws {
        let (world, now) = try Self.world()
        world.time.withLock { $0 = now }
        try world.activate(Self.rules("t2"))
        let pauses = Pauses()
        let summary = try Self.ticker(world, pauses).tick(world.rules)
        #expect(summary.decided == 301)
        #expect(pauses.total == 3_000)
    }

    @Test func `a pass that is ended says so, and the next one does the rest`() throws {
        let (world, now) = try Self.world()
        world.time.withLock { $0 = now }
        let first = try Self.ticker(world, Pauses(goesOnFor: 2)).tick(world.rules)
        #expect(first.isInterrupted)
        #expect(first.decided == 101)
        let second = try Self.ticker(world, Pauses()).tick(world.rules)
        #expect(second.decided == 200)
        #expect(!second.isInterrupted)
    }

    @Test func `every row is brought up, whatever its id`() throws {
        let world = try EngineWorld(rules: Self.rules(), at: Self.start)
        let ids = ["a\u{0}b", "caf\u{E9}", "cafe\u{301}", ""]
        for id in ids { try world.receive([Self.order("o", at: Self.start)], customer: id, at: Self.start) }
        try world.activate(Self.rules("t2"))
        let summary = try Self.ticker(world, Pauses()).tick(world.rules)
        #expect(summary.customersBroughtUp == ids.count)
        #expect(try world.store.read { try $0.customers(below: world.rules.current.active.epoch, limit: 9) } == [])
    }

    @Test func `a decision that the ledger has already is dropped, counted, and holds up nobody`() throws {
        let world = try EngineWorld(rules: Self.rules(), at: Self.start)
        for customer in ["a", "b"] {
            try world.receive([Self.order("o", at: Self.start)], customer: customer, at: Self.start)
        }
        let key = CanonicalJSON.array(of: ["later", "a", #"["shop","o"]"#, "ask", "1"])
        try world.store.write { transaction in
            try transaction.append(
                LedgerEntry(
                    key: DeliveryID(hashing: key), number: 0, customer: "a", campaign: "later",
                    occurrence: #"["shop","o"]"#, step: "ask", action: "1", outcome: "act", reason: "", now: Self.start,
                    due: Self.start, epoch: 1, inputs: "{}"))
        }
        let summary = try world.tick(at: Self.start.advanced(byMilliseconds: 3_600_000))
        #expect(summary.duplicates == 1)
        #expect(summary.decisions == [.act: 1])
        #expect(try world.store.read { try $0.deliveries(states: [], limit: 9).map(\.order.customer) } == ["b"])
    }

    /// A tick each minute for one customer, beside the 300 whose message was due a day ago.
    static let everyMinute = """
        {
          "attributes": { "watched": { "type": "boolean" } },
          "campaigns": {
            "later": { "trigger": { "event": "order" }, "maxLateness": "none",
              "steps": [{ "name": "ask", "sinceEntry": "PT1H", "actions": [{ "send": "crm", "type": "t", "data": {} }] }] },
            "minutely": { "trigger": { "schedule": { "cron": "* * * * *", "zone": "project" } },
              "condition": { "var": "watched" }, "activeFrom": "2026-03-03T00:59:30Z",
              "actions": [{ "send": "crm", "type": "m", "data": {} }] }
          }
        }
        """

    @Test(arguments: [0, 20_000, 61_000, 150_000] as [Int64])
    func `a tick each minute whose pass takes longer does not keep the rest from its turn`(took: Int64) throws {
        let world = try EngineWorld(rules: Self.everyMinute, at: Self.start)
        for number in 1...300 {
            try world.receive([Self.order("o\(number)", at: Self.start)], customer: "old\(number)", at: Self.start)
        }
        let now = Self.start.advanced(byMilliseconds: 25 * 3_600_000)
        let seen = now.advanced(byMilliseconds: -60_000)
        let watched = AttributeFact(values: ["watched": .bool(true)], time: seen, receivedAt: seen, hasOwnTime: false)
        try world.receive([.attributes(watched)], customer: "watched", at: seen)
        world.time.withLock { $0 = now }
        // Each batch takes that long.
        let (batches, time) = (Lock(0), world.time)
        let ticker = Ticker(store: world.store, clock: world.clock, recoveryRate: 100) { pause in
            time.withLock { $0 = $0.advanced(byMilliseconds: took + pause) }
            return batches.withLock { batches in
                batches += 1
                return batches < 100
            }
        }
        let summary = try ticker.tick(world.rules)
        #expect(!summary.isInterrupted, "the pass comes to an end, however many ticks there are")
        #expect(summary.actsByCampaign["later"] == 300)
        let minutes = try #require(summary.actsByCampaign["minutely"])
        #expect(minutes >= 1)
        // What the pass has left is looked at at once.
        if took > 60_000 { #expect(try #require(summary.nextWakeUp) <= world.clock.decisionNow) }
    }
}

import CareCalendar
import CareDecisions
import CareEngine
import CareStore
import CareThreads
import CareValues
import Testing

/// Scans: ticks of schedules and holidays touch every customer of their zone once, whatever happens in between.
@Suite struct ScanTests {
    static let start = Timestamp(iso8601: "2026-04-30T16:00:00.000Z") ?? .distantPast
    static let hour: Int64 = 3_600_000
    /// 10:00 of 1 May in Shanghai.
    static let ten = start.advanced(byMilliseconds: 10 * hour)

    static func rules(
        _ cron: String = "0 10 * * *", zone: String = "customer", type: String = "t", name: String = "daily"
    ) -> String {
        """
        { "attributes": { "tier": { "type": "ordinal", "values": ["silver", "gold"] }, "timeZone": { "type": "zone" } },
          "campaigns": {
            "\(name)": { "trigger": { "schedule": { "cron": "\(cron)", "zone": "\(zone)" } },
              "condition": { "==": [{ "var": "tier" }, "gold"] },
              "actions": [{ "send": "crm", "type": "\(type)", "data": {} }] } } }
        """
    }

    static func facts(_ values: JSONObject, at: Timestamp) -> [Fact] {
        [.attributes(AttributeFact(values: values, time: at, receivedAt: at, hasOwnTime: false))]
    }

    /// `count` customers of the project's zone, gold but every fourth; every tenth in New York.
    static func world(_ count: Int, _ text: String = rules()) throws -> EngineWorld {
        let world = try EngineWorld(rules: text, at: start)
        world.time.withLock { $0 = start }
        try world.store.write { transaction in
            var writer = CustomerWriter(transaction, rules: world.rules, clock: world.clock)
            for number in 0..<count {
                var values: JSONObject = ["tier": .string(number % 4 == 3 ? "silver" : "gold")]
                if number % 10 == 9 { values["timeZone"] = "America/New_York" }
                try writer.receive(facts(values, at: start), customer: "c\(number)", at: start, advancesFirst: false)
            }
            try writer.finish()
        }
        return world
    }

    static func acted(_ world: EngineWorld, on occurrence: String = "2026-05-01T10:00") throws -> [String] {
        try world.store.read { try $0.ledger(from: start, until: .distantFuture) }
            .filter { $0.outcome == "act" && $0.occurrence == occurrence }.map(\.customer)
    }

    static func expected(_ count: Int, inNewYork: Bool) -> Set<String> {
        Set((0..<count).filter { $0 % 4 != 3 && ($0 % 10 == 9) == inNewYork }.map { "c\($0)" })
    }

    static func scans(_ world: EngineWorld) throws -> [StoredScan] { try world.store.read { try $0.scans() } }

    @Test func `a scan touches every customer of its zone once, and nobody else`() throws {
        let world = try Self.world(50)
        #expect(try world.store.read { try $0.nextWakeUp() } == nil)
        #expect(try world.tick(at: Self.ten.advanced(byMilliseconds: -1)).decided == 0)
        let summary = try world.tick(at: Self.ten)
        let here = Self.expected(50, inNewYork: false)
        #expect(try Set(Self.acted(world)) == here)
        #expect(try Self.acted(world).count == here.count)
        #expect(summary.customersScanned == 45)
        #expect(summary.nextWakeUp == Self.ten.advanced(byMilliseconds: 12 * Self.hour))
        // Nothing is left of it a minute later, nor after a restart.
        #expect(try world.tick(at: Self.ten.advanced(byMilliseconds: 60_000)).customersScanned == 0)
        try world.tick(at: Self.ten.advanced(byMilliseconds: 12 * Self.hour))
        #expect(try Set(Self.acted(world)) == here.union(Self.expected(50, inNewYork: true)))
        #expect(try Self.scans(world).map(\.zone) == ["America/New_York", "Asia/Shanghai"])
        #expect(try Self.scans(world).allSatisfy(\.isDone))
    }

    /// A pass that is ended after each of its batches, as a killed process would.
    @Test(arguments: [1, 2, 7]) func `a scan that was broken off is gone on with where it stood`(rate: Int) throws {
        let world = try Self.world(40)
        // An hour late: it goes in batches of the recovery rate, and its end between any two is a crash's.
        world.time.withLock { $0 = Self.ten.advanced(byMilliseconds: Self.hour) }
        var passes = 0
        while try Self.scans(world).isEmpty || !Self.scans(world).allSatisfy(\.isDone) {
            let before = try Self.scans(world).first?.cursor
            let ticker = Ticker(store: world.store, clock: world.clock, recoveryRate: rate, pause: { _ in false })
            let summary = try ticker.tick(world.rules)
            #expect(summary.customersScanned <= rate)
            #expect(summary.duplicates == 0)
            let after = try Self.scans(world).first?.cursor
            #expect(before != after, "it goes on, and does not begin anew")
            passes += 1
            try #require(passes < 100)
        }
        #expect(passes >= 36 / rate)
        let acted = try Self.acted(world)
        #expect(Set(acted) == Self.expected(40, inNewYork: false))
        #expect(acted.count == Set(acted).count)
    }

    @Test func `newer ticks do not begin a pass anew: who comes last has a turn in every pass`() throws {
        let world = try Self.world(40, Self.rules("*/30 * * * *", zone: "project"))
        var turns: [String: Int] = [:]
        // Each half hour another tick, and time for ten customers.
        for number in 0..<12 {
            world.time.withLock { $0 = Self.ten.advanced(byMilliseconds: Int64(number) * 1_800_000 + 1_200_000) }
            let ticker = Ticker(store: world.store, clock: world.clock, recoveryRate: 10, pause: { _ in false })
            #expect(try ticker.tick(world.rules).customersScanned == 10)
        }
        for entry in try world.store.read({ try $0.ledger(from: Self.start, until: .distantFuture) }) {
            turns[entry.customer, default: 0] += 1
        }
        #expect(turns.count == 30)
        #expect(turns.values.allSatisfy { $0 == 3 })
        // What is newest is what they get.
        #expect(try Self.acted(world, on: "2026-05-01T15:30").count >= 7)
    }

    @Test func `a downtime's ticks come at the recovery rate, and only the last`() throws {
        let world = try Self.world(40)
        world.time.withLock { $0 = Self.ten.advanced(byMilliseconds: 3 * 24 * Self.hour + Self.hour) }
        let pauses = Lock<[Int64]>([])
        let ticker = Ticker(store: world.store, clock: world.clock, recoveryRate: 10) { pause in
            pauses.withLock { $0.append(pause) }
            return true
        }
        let summary = try ticker.tick(world.rules)
        #expect(try Set(Self.acted(world, on: "2026-05-04T10:00")) == Self.expected(40, inNewYork: false))
        // New York's 3 May is over by an hour: 22:00 in Shanghai is the evening's, its own day not yet over.
        #expect(try Set(Self.acted(world, on: "2026-05-03T10:00")) == Self.expected(40, inNewYork: true))
        #expect(summary.decisions[.act] == 30)
        #expect(pauses.withLock { $0.reduce(0, +) } == 3_000)
        let day = CivilDate(year: 2026, month: 5, day: 4) ?? CivilDate(dayNumber: 0)
        let passed = try world.store.read {
            try $0.count(.passedOver, name: "daily", from: day, until: day.advanced(byDays: 1))
        }
        #expect(passed == 36 * 3 + 4 * 2)
    }

    @Test func `a punctual scan over rows of older rules goes at the recovery rate`() throws {
        func pauses(edited: Bool) throws -> Int64 {
            let world = try Self.world(40, Self.rules(zone: "project"))
            if edited {
                world.time.withLock { $0 = Self.ten.advanced(byMilliseconds: -60_000) }
                try world.activate(Self.rules(zone: "project", type: "other"))
            }
            world.time.withLock { $0 = Self.ten }
            let pauses = Lock<Int64>(0)
            let ticker = Ticker(store: world.store, clock: world.clock, recoveryRate: 10) { pause in
                pauses.withLock { $0 += pause }
                return true
            }
            #expect(try ticker.tick(world.rules).decisions[.act] == 30)
            return pauses.withLock { $0 }
        }
        #expect(try pauses(edited: false) == 0)
        #expect(try pauses(edited: true) == 3_000)
    }

    @Test func `a customer whom a fact touches before the scan comes by is not touched again`() throws {
        let world = try Self.world(3)
        let later = Self.ten.advanced(byMilliseconds: 12_000)
        try world.receive(Self.facts(["tier": "gold"], at: later), customer: "c1", at: later)
        #expect(try Self.acted(world) == ["c1"])
        let summary = try world.tick(at: Self.ten.advanced(byMilliseconds: 20_000))
        #expect(summary.customersScanned == 2)
        #expect(try Self.acted(world) == ["c1", "c0", "c2"])
    }

    @Test func `story 32: a move while the scan runs acts at once, wherever the cursor stands`() throws {
        for mover in ["c0", "c9", "c39"] {
            let world = try Self.world(40)
            world.time.withLock { $0 = Self.ten.advanced(byMilliseconds: Self.hour) }
            let ticker = Ticker(store: world.store, clock: world.clock, recoveryRate: 20, pause: { _ in false })
            _ = try ticker.tick(world.rules)
            #expect(try Self.scans(world).contains { !$0.isDone })
            let moved = Self.ten.advanced(byMilliseconds: Self.hour + 12_000)
            let values: JSONObject = ["timeZone": "Asia/Shanghai", "tier": "gold"]
            try world.receive(Self.facts(values, at: moved), customer: mover, at: moved)
            #expect(try Self.acted(world).filter { $0 == mover } == [mover])
            try world.tick(at: moved.advanced(byMilliseconds: 60_000))
            try world.tick(at: Self.ten.advanced(byMilliseconds: 20 * Self.hour))
            #expect(try Self.acted(world).filter { $0 == mover } == [mover])
        }
    }

    @Test func `a project's clock is one scan of everybody`() throws {
        let world = try Self.world(20, Self.rules(zone: "project"))
        let summary = try world.tick(at: Self.ten)
        #expect(summary.customersScanned == 20)
        #expect(try Self.scans(world).map(\.zone) == ["Asia/Shanghai"])
        #expect(try Set(Self.acted(world)).count == 15)
    }

    @Test func `customers that older rules wrote last are scanned too, whatever their zone`() throws {
        let world = try EngineWorld(rules: Self.rules("0 0 1 1 *", name: "other"), at: Self.start)
        for (customer, zone) in [("a", "Asia/Shanghai"), ("b", "America/New_York"), ("c", "Nowhere/At_All")] {
            try world.receive(
                Self.facts(["tier": "gold", "timeZone": .string(zone)], at: Self.start), customer: customer,
                at: Self.start)
        }
        try world.activate(Self.rules())
        try world.tick(at: Self.ten)
        #expect(try Self.acted(world) == ["a", "c"])
        try world.tick(at: Self.ten.advanced(byMilliseconds: 12 * Self.hour))
        #expect(try Self.acted(world) == ["a", "c", "b"])
        #expect(try Set(Self.scans(world).map(\.campaign)) == ["daily"])
    }

    @Test func `a plan needs no scan in the store, and writes none`() throws {
        let world = try Self.world(12)
        let plan = try world.plan(Self.rules(), at: Self.start, days: 2)
        #expect(plan.count == 2 * 9)
        #expect(try Self.scans(world) == [])
        // Rules that nobody has activated: from the plan's first instant on.
        let foreseen = try world.plan(Self.rules("0 12 * * *", name: "new"), at: Self.start, days: 1)
        // New York's noon is the period's end.
        #expect(foreseen.count == 8)
        // What a scan has decided is not planned again; what it has not come to is due at once.
        world.time.withLock { $0 = Self.ten.advanced(byMilliseconds: Self.hour) }
        let ticker = Ticker(store: world.store, clock: world.clock, recoveryRate: 5, pause: { _ in false })
        _ = try ticker.tick(world.rules)
        let late = world.clock.decisionNow
        let rest = try world.plan(Self.rules(), at: late, days: 1)
        let done = try Self.acted(world)
        #expect(done.count == 4)
        #expect(
            Set(rest.filter { $0.now == late }.map(\.key.customer))
                == Self.expected(12, inNewYork: false).subtracting(done))
        #expect(rest.filter { $0.now > late && $0.key.occurrence == "2026-05-02T10:00" }.count == 8)
    }

    @Test func `a holiday of the customer's own region is scanned for`() throws {
        let text = """
            { "attributes": { "country": { "type": "string" }, "timeZone": { "type": "zone" } },
              "campaigns": { "moms": { "trigger": { "holiday": { "name": "mothers-day", "region": { "var": "country" } } },
                "actions": [{ "send": "crm", "type": "t", "data": { "of": "{{entry.region}}" } }] } } }
            """
        let world = try EngineWorld(rules: text, at: Self.start)
        for country in ["UK", "US", "DE", "XX"] {
            try world.receive(
                Self.facts(["country": .string(country)], at: Self.start), customer: country, at: Self.start)
        }
        let sunday = Self.start.advanced(byMilliseconds: 9 * 24 * Self.hour + 9 * Self.hour)
        #expect(try world.tick(at: sunday.advanced(byMilliseconds: -1)).decided == 0)
        try world.tick(at: sunday)
        #expect(try Self.acted(world, on: "mothers-day/2026/1") == ["US", "DE"])
        // The holidays are the epoch's own.
        let stored = try #require(try world.store.read { try $0.activeRuleSet() })
        #expect(HolidayTable(canonicalText: stored.holidays)?.codes == ShippedHolidays.table.codes)
    }

    @Test func `rules without schedules and holidays have no scans, and keep no zones`() throws {
        let world = try EngineWorld(rules: CatchingUpTests.rules(), at: Self.start)
        try world.receive([CatchingUpTests.order("o", at: Self.start)], customer: "c", at: Self.start)
        try world.tick(at: Self.ten)
        #expect(try world.store.read { try $0.zonesInUse() } == [])
        #expect(try Self.scans(world) == [])
    }
}

import CareDecisions
import CareStore
import CareValues
import Testing

@testable import CareEngine

/// A customer whose row cannot be read costs the others nothing, whichever way a pass comes to it.
@Suite struct UnreadableCustomerTests {
    static let hour: Int64 = 3_600_000

    /// Gives a customer a row that cannot be decoded.
    static func spoil(_ id: String, _ world: EngineWorld) throws {
        try world.store.write { store in
            let stored = try store.customer(id)
            try store.save(
                id: id, wakeUp: stored?.wakeUp, epoch: stored?.epoch ?? 1, row: [255, 255, 255],
                expectedVersion: stored?.version ?? 0)
        }
    }

    @Test func `a pass decides for the others, and looks at the unreadable one again an hour later`() throws {
        let start = CatchingUpTests.start
        let world = try EngineWorld(rules: CatchingUpTests.rules(), at: start)
        for id in ["a", "bad", "c"] {
            try world.receive([CatchingUpTests.order("o", at: start)], customer: id, at: start)
        }
        try Self.spoil("bad", world)
        let due = start.advanced(byMilliseconds: Self.hour)
        let summary = try world.tick(at: due)
        #expect(try Set(CatchingUpTests.decidedCustomers(world)) == ["a", "c"])
        let place = try #require(try world.store.read { try $0.place(of: "bad") })
        #expect(summary.unreadable == [UnreadableCustomer(place: place, detail: "the row cannot be decoded")])
        #expect(summary.nextWakeUp == due.advanced(byMilliseconds: Self.hour))
        #expect(try world.tick(at: due.advanced(byMilliseconds: Self.hour - 1)).unreadable.isEmpty)
        #expect(try world.tick(at: due.advanced(byMilliseconds: Self.hour)).unreadable.map(\.place) == [place])
        #expect(try world.store.read { try $0.customer("bad")?.row } == [255, 255, 255])
    }

    @Test func `a scan goes past it`() throws {
        let world = try ScanTests.world(8)
        try Self.spoil("c2", world)
        let summary = try world.tick(at: ScanTests.ten)
        #expect(try Set(ScanTests.acted(world)) == ScanTests.expected(8, inNewYork: false).subtracting(["c2"]))
        #expect(summary.unreadable.count == 1)
        #expect(try ScanTests.scans(world).allSatisfy(\.isDone))
    }

    @Test func `rows of older rules are brought up around it, in one pass`() throws {
        let start = CatchingUpTests.start
        let world = try EngineWorld(rules: CatchingUpTests.rules(), at: start)
        for number in 0..<6 {
            try world.receive([CatchingUpTests.order("o", at: start)], customer: "c\(number)", at: start)
        }
        for id in ["c0", "c1", "c4"] { try Self.spoil(id, world) }
        try world.activate(CatchingUpTests.rules("other"))
        // Two at a time, the first two of which cannot be read.
        let pauses = CatchingUpTests.Pauses()
        let summary = try Ticker(
            store: world.store, clock: world.clock, recoveryRate: 2, pause: { pauses.ask($0) }
        ).tick(world.rules)
        #expect(summary.customersBroughtUp == 3)
        #expect(Set(summary.unreadable).count == 3)
        #expect(summary.unreadable.count == 3)
        #expect(try world.store.read { try $0.customers(below: 2, limit: 9) } == ["c0", "c1", "c4"])
    }
}

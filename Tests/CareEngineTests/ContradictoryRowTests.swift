import CareIntake
import CareStore
import CareStoreSQLite
import CareValues
import Testing

@testable import CareEngine

/// A row that says it was never written, or less than that, and yet holds something, is as unreadable as any other.
@Suite struct ContradictoryRowTests {
    static let damages: [LeftOutTests.Damage] = [.unwritten, .emptied, .negative, .countless]

    @Test(arguments: damages) func `a pass decides for the others, and looks at it again an hour later`(
        _ damage: LeftOutTests.Damage
    ) throws {
        let world = try UnreadableImportTests.world(damage)
        let due = CatchingUpTests.start.advanced(byMilliseconds: UnreadableCustomerTests.hour)
        let later = due.advanced(byMilliseconds: UnreadableCustomerTests.hour)
        let summary = try world.tick(at: due)
        #expect(try Set(CatchingUpTests.decidedCustomers(world)) == ["a", "c"])
        let place = try #require(try world.store.read { try $0.place(of: "bad") })
        #expect(summary.unreadable.map(\.place) == [place])
        #expect(summary.nextWakeUp == later)
        #expect(try world.tick(at: later).unreadable.map(\.place) == [place])
        let check = try world.store.read { try CustomerCheck(in: $0, zones: EngineWorld.zones) }
        #expect(check.named.map(\.customer) == ["bad"])
    }

    @Test(arguments: [LeftOutTests.Damage.dueBeforeTime, .dueAfterTime])
    func `a wake-up that is no instant wakes nobody, and is named`(_ damage: LeftOutTests.Damage) throws {
        let world = try UnreadableImportTests.world(damage)
        let due = CatchingUpTests.start.advanced(byMilliseconds: UnreadableCustomerTests.hour)
        #expect(try world.tick(at: due).nextWakeUp == nil)
        #expect(try Set(CatchingUpTests.decidedCustomers(world)) == ["a", "c"])
        let check = try world.store.read { try CustomerCheck(in: $0, zones: EngineWorld.zones) }
        #expect(check.named.map(\.customer) == ["bad"])
    }

    @Test func `nobody reads what another did where a chain is damaged`() throws {
        let world = try LeftOutTests.world(.stolenFacts)
        let error = #expect(throws: StoreError.self) {
            try world.store.read { try $0.facts(of: "c4", receivedUntil: nil) }
        }
        #expect(error?.code == .unreadable)
        #expect(throws: StoreError.self) {
            try world.store.read { try $0.recentFacts(of: "c4", before: nil, limit: 9) }
        }
        #expect(try world.store.read { try $0.facts(of: "c6", receivedUntil: nil) }.count == 1)
    }

    @Test(
        arguments: damages,
        [ImportRequest.Mode.history(until: CatchingUpTests.start), .fire, .fireAtRows])
    func `an import refuses its rows and takes those of all others`(
        _ damage: LeftOutTests.Damage, _ mode: ImportRequest.Mode
    ) throws {
        let world = try UnreadableImportTests.world(damage)
        let summary = try UnreadableImportTests.take(UnreadableImportTests.lines, mode, world)
        #expect(summary.new == 4 && summary.refused == 2)
        #expect(summary.refusals[.unreadableCustomer]?.count == 2)
        #expect(try world.store.read { try $0.facts(of: "bad", receivedUntil: nil) }.count == 1)
    }

    @Test(arguments: damages) func `it can be forgotten, and is a new customer then`(
        _ damage: LeftOutTests.Damage
    ) throws {
        let world = try UnreadableImportTests.world(damage)
        _ = try world.store.write { try $0.erase(customer: "bad") }
        #expect(try world.store.read { try $0.customerCount } == 2)
        try world.receive(
            [CatchingUpTests.order("n", at: CatchingUpTests.start)], customer: "bad", at: CatchingUpTests.start)
        #expect(try world.store.read { try $0.customer("bad")?.version } == 1)
        #expect(try world.store.read { try $0.customerCount } == 3)
    }

    @Test func `facts alone still make no customer, and nothing unreadable`() throws {
        let world = try UnreadableImportTests.world(nil)
        try world.store.write { store in
            _ = try store.append(CatchingUpTests.order("n", at: CatchingUpTests.start), of: "shell")
        }
        #expect(try world.store.read { try $0.customer("shell") } == nil)
        let check = try world.store.read { try CustomerCheck(in: $0, zones: EngineWorld.zones) }
        #expect(check.count == 0)
        try world.receive(
            [CatchingUpTests.order("m", at: CatchingUpTests.start)], customer: "shell", at: CatchingUpTests.start)
        #expect(try world.store.read { try $0.customer("shell")?.version } == 1)
    }
}

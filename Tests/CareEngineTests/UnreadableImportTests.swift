import CareIntake
import CareStore
import CareValues
import Foundation
import Testing

@testable import CareEngine

/// An import comes upon a customer of whom something stored cannot be read: its rows are refused, and cost no others.
@Suite struct UnreadableImportTests {
    static let start = CatchingUpTests.start
    static let lines = [
        "customer,type,time", "a,order,2026-03-01T10:00:00Z", "bad,order,2026-03-01T10:00:00Z",
        "a,order,2026-03-01T10:00:00Z", "c,order,2026-03-01T11:00:00Z", "bad,order,2026-03-01T12:00:00Z",
        "new,order,2026-03-01T13:00:00Z",
    ]

    /// A copy of a store with the customers a, bad and c, bad damaged in it.
    static func world(_ damage: LeftOutTests.Damage?) throws -> EngineWorld {
        let whole = try EngineWorld(rules: CatchingUpTests.rules(), at: start)
        for id in ["a", "bad", "c"] {
            try whole.receive([CatchingUpTests.order("o", at: start)], customer: id, at: start)
        }
        let world = try EngineWorld(copyOf: whole)
        if let damage { try LeftOutTests.damage("bad", damage, in: world) }
        return world
    }

    static func take(_ lines: [String], _ mode: ImportRequest.Mode, _ world: EngineWorld) throws -> ImportSummary {
        let path = world.folder.appendingPathComponent("orders.csv").path
        try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        return try Importer(store: world.store, zones: EngineWorld.zones, clock: world.clock).run(
            ImportRequest(kind: .events, path: path, shownPath: "orders.csv", zone: world.zone, mode: mode),
            rules: EngineWorld.candidate(CatchingUpTests.rules(), world.zone))
    }

    /// All of a customer that others are not.
    struct Content: Equatable {
        var customer: StoredCustomer?
        var facts: [Fact]
        var ledger: [LedgerEntry]
    }

    static func content(_ id: String, _ world: EngineWorld) throws -> Content {
        try world.store.read { store in
            Content(
                customer: try store.customer(id), facts: try store.facts(of: id, receivedUntil: nil),
                ledger: try store.ledger(of: id, campaign: nil))
        }
    }

    /// What fires and is late reads the facts too; history does not.
    static let cases: [(damage: LeftOutTests.Damage, mode: ImportRequest.Mode)] = [
        (.row, .history(until: start)), (.endOfRow, .history(until: start)), (.row, .fire), (.row, .fireAtRows),
        (.endOfRow, .fire), (.facts, .fire), (.facts, .fireAtRows),
    ]

    @Test(arguments: cases) func `its rows are refused, those of all others are taken as if it were not there`(
        _ damage: LeftOutTests.Damage, _ mode: ImportRequest.Mode
    ) throws {
        let world = try Self.world(damage)
        let clean = try Self.world(nil)
        let before = try world.store.read { try $0.customer("bad") }
        let summary = try Self.take(Self.lines, mode, world)
        let other = try Self.take(Self.lines.filter { !$0.hasPrefix("bad") }, mode, clean)
        #expect(summary.new == 4 && other.new == 4)
        #expect(summary.refused == 2 && other.refused == 0)
        #expect(summary.refusals[.unreadableCustomer]?.count == 2)
        #expect(summary.refusals[.unreadableCustomer]?.first.extent.line == 3)
        #expect(summary.decisions.decisions == other.decisions.decisions)
        for id in ["a", "c", "new"] { #expect(try Self.content(id, world) == Self.content(id, clean), "\(id)") }
        #expect(try world.store.read { try $0.customer("bad") } == before)
        // Nothing of it is stored, or its rows would be known when they come again.
        if damage != .facts { #expect(try world.store.read { try $0.facts(of: "bad", receivedUntil: nil) }.count == 1) }
        let rejects = try String(contentsOfFile: world.folder.path + "/orders.csv.rejects", encoding: .utf8)
        #expect(rejects.contains("# line 3: import.unreadable-customer: "), "\(rejects)")
        #expect(rejects.contains("bad,order,2026-03-01T12:00:00Z\n") && !rejects.contains("\na,order"), "\(rejects)")

        let again = try Self.take(Self.lines, mode, world)
        #expect(again.new == 0 && again.alreadyStored == 4 && again.refused == 2)
    }

    @Test func `what was named in a transaction that failed is named again`() throws {
        var numbering = RowNumbering()
        let time = Self.start
        let identity = EventIdentity(customer: "a", type: "order", time: time, properties: [:])
        func name() -> RowNumbering.Answer {
            numbering.name(identity, stored: [], upcoming: [], allowsNew: false)
        }
        numbering.begin()
        let first = name()
        numbering.begin()
        let second = name()
        let third = name()
        #expect(Set([first, second, third]).count == 3)
        numbering.takeBack()
        numbering.begin()
        #expect(name() == second)
        #expect(name() == third)
    }
}

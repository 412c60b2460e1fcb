import CareEngine
import CareStore
import CareValues
import Foundation
import Testing

@Suite struct ErasureTests {
    static let rules = #"""
        {
          "campaigns": {
            "thanks": { "trigger": { "event": "purchase" }, "actions": [{ "send": "crm", "type": "t", "data": { "c": "{{customer.id}}" } }] }
          }
        }
        """#
    static let start = Timestamp(milliseconds: 1_790_000_000_000)

    private func purchase(_ id: String, at minutes: Int64) -> Fact {
        let time = Self.start.advanced(byMilliseconds: minutes * 60_000)
        return .event(Event(type: "purchase", source: "shop", id: id, time: time, receivedAt: time, properties: [:]))
    }

    private func later(_ minutes: Int64) -> Timestamp { Self.start.advanced(byMilliseconds: minutes * 60_000) }

    private func receive(
        _ facts: [Fact], _ customer: String, in world: EngineWorld, at instant: Timestamp
    ) throws
        -> CustomerWriter.Summary
    {
        world.time.withLock { $0 = max($0, instant) }
        return try world.store.write { transaction throws in
            var writer = CustomerWriter(transaction, rules: world.rules, clock: world.clock)
            try writer.receive(facts, customer: customer, at: instant, advancesFirst: false)
            try writer.finish()
            return writer.summary
        }
    }

    private func eraser(_ world: EngineWorld) -> Eraser {
        Eraser(store: world.store, approved: ApprovedPlans(storePath: world.store.path))
    }

    @Test func `facts about an erased customer are refused until it is let in again`() throws {
        let world = try EngineWorld(rules: Self.rules, at: Self.start)
        #expect(try receive([purchase("e1", at: 1)], "c1", in: world, at: later(1)).decisions == [.act: 1])
        let summary = try eraser(world).erase("c1", at: later(2))
        #expect(summary.content?.facts == 1 && summary.content?.cancelled.count == 1 && summary.isLogEmpty)
        #expect(summary.erasure.generation == 1)
        let refused = try receive([purchase("e1", at: 1), purchase("e2", at: 3)], "c1", in: world, at: later(3))
        #expect(refused.factsErased == 2 && refused.factsStored == 0 && refused.decided == 0)
        try world.store.write { transaction throws in
            var writer = CustomerWriter(transaction, rules: world.rules, clock: world.clock)
            try writer.absorb([purchase("e3", at: 4)], customer: "c1", asOf: later(4))
            #expect(writer.summary.factsErased == 1)
            try writer.finish()
        }
        #expect(try world.store.read { try $0.customer("c1") } == nil)
        // Another is not.
        #expect(try receive([purchase("e1", at: 4)], "c10", in: world, at: later(4)).decisions == [.act: 1])
        let second = try eraser(world).erase("c1", at: later(5))
        #expect(second.wasErased && second.erasure.at == later(2) && second.content == nil)
        #expect(throws: Eraser.Refusal.unknown) { try eraser(world).erase("c99", at: later(5)) }
        #expect(throws: Eraser.Refusal.notErased) { try eraser(world).readmit("c10", at: later(5)) }

        // The same event again is another key now: that it was decided in another life is no defect.
        #expect(try eraser(world).readmit("c1", at: later(6)).generation == 1)
        #expect(throws: Eraser.Refusal.notErased) { try eraser(world).readmit("c1", at: later(6)) }
        let again = try receive([purchase("e1", at: 1)], "c1", in: world, at: later(7))
        #expect(again.decisions == [.act: 1] && again.duplicates == 0 && again.factsErased == 0)
        let delivery = try #require(
            try world.store.read { try $0.deliveries(DeliveryFilter(states: [.waiting], customer: "c1"), limit: 2) }
                .first)
        #expect(delivery.order.key == ##"["thanks","c1~2","[\"shop\",\"e1\"]","1","1"]"##)
        #expect(delivery.order.id == DeliveryID(hashing: delivery.order.key) && delivery.order.data == #"{"c":"c1"}"#)
        let entry = try #require(try world.store.read { try $0.ledger(of: "c1", campaign: nil) }.first)
        #expect(entry.key == delivery.order.id && entry.customer == "c1")
        // And a third life.
        #expect(try eraser(world).erase("c1", at: later(8)).erasure.generation == 2)
        _ = try eraser(world).readmit("c1", at: later(9))
        #expect(try receive([purchase("e1", at: 1)], "c1", in: world, at: later(9)).decisions == [.act: 1])
        #expect(
            try world.store.read { try $0.ledger(of: "c1", campaign: nil) }.first?.key
                == DeliveryID(hashing: ##"["thanks","c1~3","[\"shop\",\"e1\"]","1","1"]"##))
    }

    @Test func `what is remembered of an erased customer does not name it`() throws {
        let world = try EngineWorld(rules: Self.rules, at: Self.start)
        _ = try receive([purchase("e1", at: 1)], "lin@example.com", in: world, at: later(1))
        _ = try eraser(world).erase("lin@example.com", at: later(2))
        let list = try world.store.read { try Erasures.list(in: $0) }
        #expect(list.hasPrefix("salt ") && !list.contains("lin") && list.split(separator: "\n").count == 2)
        #expect(try world.store.read { try Erasures(in: $0).isErased("lin@example.com", in: $0) })
        // By another salt the same id has another hash.
        let other = try EngineWorld(rules: Self.rules, at: Self.start)
        _ = try receive([purchase("e1", at: 1)], "lin@example.com", in: other, at: later(1))
        _ = try eraser(other).erase("lin@example.com", at: later(2))
        let second = try other.store.read { try Erasures.list(in: $0) }
        #expect(second.split(separator: "\n")[1] != list.split(separator: "\n")[1])
        #expect(try Erasures.replay(list, in: other.store) == nil)
        #expect(try Erasures.replay("no list", in: other.store) == nil)
        #expect(try Erasures.replay("", in: other.store) == 0)
    }

    @Test func `an erasure that was broken off is finished by the same again`() throws {
        let world = try EngineWorld(rules: Self.rules, at: Self.start)
        _ = try receive([purchase("e1", at: 1)], "c1", in: world, at: later(1))
        // A plan that cannot be looked through: a link that leads nowhere.
        let folder = world.folder.appendingPathComponent("care.sqlite.approved")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let plan = folder.appendingPathComponent("w.careplan")
        try FileManager.default.createSymbolicLink(
            at: plan, withDestinationURL: world.folder.appendingPathComponent("no"))
        let first = try eraser(world).erase("c1", at: later(2))
        #expect(first.unreadable.map(\.path) == [plan.path] && !first.wasErased)
        try FileManager.default.removeItem(at: plan)
        let rejects = world.folder.appendingPathComponent("more.csv.rejects")
        try
            "# refused by care import: more.csv\nid,tier\n# line 2, tier: bad-value: no tier\nc1,tin\n# line 3: x: y\nc2,tin\n"
            .write(to: rejects, atomically: true, encoding: .utf8)
        try world.store.write { try $0.setNote("rejects:\(rejects.path)", "1") }
        let second = try eraser(world).erase("c1", at: later(3))
        #expect(second.wasErased && second.unreadable.isEmpty && second.isLogEmpty)
        #expect(second.erasure.at == later(2) && second.rejectedRows == 1)
        #expect(try !String(contentsOf: rejects, encoding: .utf8).contains("c1,tin"))
    }

    @Test func `a log that a reader kept from being emptied is emptied later`() throws {
        let world = try EngineWorld(rules: Self.rules, at: Self.start)
        _ = try receive([purchase("e1", at: 1)], "lin@example.com", in: world, at: later(1))
        #expect(try Eraser.scrubAgain(world.store), "nothing is to do yet")
        let log = world.folder.appendingPathComponent("care.sqlite-wal")
        func traces() throws -> Bool { try Data(contentsOf: log).range(of: Data("lin@example.com".utf8)) != nil }
        try world.store.read { snapshot in
            _ = try snapshot.customerCount
            #expect(try !eraser(world).erase("lin@example.com", at: later(2)).isLogEmpty)
            #expect(try !Eraser.scrubAgain(world.store))
            #expect(try traces())
        }
        #expect(try Eraser.scrubAgain(world.store))
        #expect(try !traces())
        #expect(try world.store.read { try $0.notes(prefix: "erasure.scrub").isEmpty })
    }

    @Test func `whoever guesses whom an erased decision was about finds nothing`() throws {
        let world = try EngineWorld(rules: Self.rules, at: Self.start)
        _ = try receive([purchase("e1", at: 1)], "c1", in: world, at: later(1))
        let key = try #require(try world.store.read { try $0.ledger(of: "c1", campaign: nil) }.first?.key)
        #expect(key == DeliveryID(hashing: ##"["thanks","c1","[\"shop\",\"e1\"]","1","1"]"##))
        let wanted = withUnsafeBytes(of: (key.high.bigEndian, key.low.bigEndian)) { Data($0) }
        func isThere() throws -> Bool {
            try FileManager.default.contentsOfDirectory(at: world.folder, includingPropertiesForKeys: nil)
                .contains { try Data(contentsOf: $0).range(of: wanted) != nil }
        }
        #expect(try isThere())
        #expect(try eraser(world).erase("c1", at: later(2)).content?.cancelled == [key])
        #expect(try !isThere())
        #expect(try world.store.read { try $0.deliveryCounts() } == [.cancelled: 1])
    }

    @Test func `a restored store forgets again who was erased since, and not who was let in again before`() throws {
        let world = try EngineWorld(rules: Self.rules, at: Self.start)
        for id in ["c1", "c2", "c3"] { _ = try receive([purchase("e1", at: 1)], id, in: world, at: later(1)) }
        _ = try eraser(world).erase("c3", at: later(2))
        _ = try eraser(world).readmit("c3", at: later(3))
        _ = try receive([purchase("e2", at: 4)], "c3", in: world, at: later(4))
        let backup = try EngineWorld(copyOf: world)
        _ = try eraser(world).erase("c1", at: later(5))
        let list = try world.store.read { try Erasures.list(in: $0) }
        #expect(try Erasures.replay(list, in: backup.store) == 1)
        try backup.store.read { snapshot throws in
            #expect(try snapshot.customer("c1") == nil)
            #expect(try snapshot.customer("c2") != nil)
            #expect(try snapshot.customer("c3") != nil)
            #expect(try Erasures(in: snapshot).isErased("c1", in: snapshot))
            #expect(try !Erasures(in: snapshot).isErased("c3", in: snapshot))
        }
        #expect(try Erasures.replay(list, in: backup.store) == 0)
    }
}

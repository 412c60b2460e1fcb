import CareStore
import CareValues
import Foundation
import Testing

@testable import CareEngine

@Suite struct PrunerTests {
    static let rules = #"""
        {
          "attributes": { "tier": { "type": "enum", "values": ["basic", "gold"] } },
          "traits": {
            "purchases": { "count": { "event": "purchase" } },
            "spent": { "sum": { "event": "purchase", "property": "amount" } },
            "spent90d": { "sum": { "event": "visit", "property": "amount", "within": "P90D" } },
            "first": { "first": { "event": "purchase" } }
          },
          "campaigns": {
            "anniversary": { "trigger": { "anniversary": { "of": "first", "at": "10:00" } },
              "actions": [{ "send": "crm", "type": "t", "data": { "n": { "$value": { "var": "purchases" } } } }] },
            "welcome": { "trigger": { "event": "purchase" }, "reentry": "once",
              "actions": [{ "send": "crm", "type": "w", "data": { "spent": { "$value": { "var": "spent" } } } }] },
            "call": { "trigger": { "api": {} }, "actions": [{ "send": "crm", "type": "c", "data": {} }] }
          }
        }
        """#
    static let day: Int64 = 86_400_000
    static let start = Timestamp(iso8601: "2024-01-01T00:00:00.000Z") ?? .distantPast

    static func event(_ type: String, _ id: String, day number: Int, source: String = "shop") -> Fact {
        let time = start.advanced(byMilliseconds: Int64(number) * day)
        return .event(
            Event(
                type: type, source: source, id: id, time: time, receivedAt: time,
                properties: ["amount": .number(Double(number))]))
    }

    /// Two years of three customers: a purchase and a visit every 30 days.
    static func world() throws -> EngineWorld {
        let world = try EngineWorld(rules: rules, at: start)
        for number in stride(from: 1, through: 720, by: 30) {
            for customer in ["c1", "c2", "c3"] {
                let at = start.advanced(byMilliseconds: Int64(number) * day)
                try world.receive(
                    [event("purchase", "p\(number)", day: number), event("visit", "v\(number)", day: number)],
                    customer: customer, at: at, advancesFirst: true)
            }
        }
        let end = start.advanced(byMilliseconds: 720 * day)
        try world.tick(at: end)
        return world
    }

    private let year = Retention(facts: ISODuration(months: 12))

    @Test func `a pruned store decides as one that keeps everything`() throws {
        let whole = try Self.world()
        let pruned = try EngineWorld(copyOf: whole)
        let now = Self.start.advanced(byMilliseconds: 720 * Self.day)
        let dry = try Pruner(store: pruned.store, zones: EngineWorld.zones).run(
            year, at: now, zone: pruned.zone, writes: false)
        #expect(try pruned.store.read { try Pruner.factsBefore(in: $0) } == nil)
        let summary = try Pruner(store: pruned.store, zones: EngineWorld.zones).run(year, at: now, zone: pruned.zone)
        #expect(dry == summary && summary.customers == 3 && summary.customersLeft == 0)
        // 2025-12-21 less a year: the purchases and visits of the first 354 days.
        #expect(summary.facts == 3 * 2 * 12)
        #expect(try pruned.store.read { try $0.facts(of: "c1", receivedUntil: nil).count } == 24 + 1)
        #expect(try pruned.store.read { try Pruner.factsBefore(in: $0) } == summary.factsBefore)
        let again = try Pruner(store: pruned.store, zones: EngineWorld.zones).run(year, at: now, zone: pruned.zone)
        #expect(again.facts == 0 && again.customers == 0)

        // Other traits: every row is rebuilt from its facts.
        let edited = Self.rules.replacingOccurrences(
            of: #""first": { "first""#,
            with: #""visits90d": { "count": { "event": "visit", "within": "P90D" } }, "first": { "first""#)
        let end = now.advanced(byMilliseconds: 400 * Self.day)
        for world in [whole, pruned] {
            world.time.withLock { $0 = now }
            try world.activate(edited)
            try world.tick(at: now)
            try world.receive([Self.event("purchase", "new", day: 721)], customer: "c1", at: now, advancesFirst: true)
            while let next = try world.nextDue(), next <= end { try world.tick(at: next) }
        }
        let expected = try whole.ledger(from: now, until: end)
        let got = try pruned.ledger(from: now, until: end)
        #expect(!expected.isEmpty && got == expected)
        func data(_ world: EngineWorld) throws -> [String] {
            try world.store.read { try $0.deliveries(states: [], limit: 1_000).map(\.order.data).sorted() }
        }
        let one = try data(whole)
        let other = try data(pruned)
        #expect(one == other)
    }

    @Test func `what is older than what was folded is too old, and a call's key is known for ever`() throws {
        let world = try Self.world()
        let call = Self.event("call", "key-1", day: 3, source: "api")
        let now = Self.start.advanced(byMilliseconds: 721 * Self.day)
        try world.receive([call], customer: "c1", at: now)
        let summary = try Pruner(store: world.store, zones: EngineWorld.zones).run(year, at: now, zone: world.zone)
        let before = try #require(summary.factsBefore)
        #expect(try world.store.read { try $0.hasEvent(customer: "c1", source: "api", id: "key-1") })
        let last = before.advanced(byMilliseconds: -1)
        func purchase(_ id: String, at time: Timestamp) -> Fact {
            .event(Event(type: "purchase", source: "shop", id: id, time: time, receivedAt: now, properties: [:]))
        }
        let (received, absorbed) = try world.store.write { transaction in
            var writer = CustomerWriter(transaction, rules: world.rules, clock: world.clock)
            try writer.receive(
                [purchase("old", at: last), purchase("young", at: before)], customer: "c1", at: now,
                advancesFirst: false)
            let received = writer.summary
            try writer.absorb([purchase("older", at: last)], customer: "nobody", asOf: now)
            try writer.finish()
            return (received, writer.summary)
        }
        #expect(received.factsTooOld == 1 && received.factsStored == 1)
        #expect(absorbed.factsTooOld == 2 && absorbed.factsStored == 1)
        #expect(try world.store.read { try $0.customer("nobody") } == nil)
    }

    @Test func `decisions stay as long as a cap looks back, deliveries while they wait`() throws {
        let world = try EngineWorld(
            rules: #"""
                {
                  "policies": { "caps": [{ "name": "yearly", "max": 100, "per": { "rolling": "P400D" } }] },
                  "campaigns": { "thanks": { "trigger": { "event": "purchase" },
                    "actions": [{ "send": "crm", "type": "t", "data": {} }] } }
                }
                """#, at: Self.start)
        for number in [1, 100, 500, 700] {
            let at = Self.start.advanced(byMilliseconds: Int64(number) * Self.day)
            try world.receive([Self.event("purchase", "p\(number)", day: number)], customer: "c1", at: at)
        }
        let now = Self.start.advanced(byMilliseconds: 720 * Self.day)
        let ids = try world.store.read { try $0.ledger(of: "c1", campaign: nil).map(\.key) }
        let pruner = Pruner(store: world.store, zones: EngineWorld.zones)
        let month = Retention(decisions: ISODuration(months: 1), deliveries: ISODuration(months: 1))
        let first = try pruner.run(month, at: now, zone: world.zone)
        #expect(first.deliveries == 0 && first.decisions == 0)
        try world.store.write { transaction in
            for id in ids.prefix(3) {
                try transaction.setDelivery(id, state: .dead, nextAttemptAt: now, reason: "410 Gone")
            }
        }
        let dry = try pruner.run(month, at: now, zone: world.zone, writes: false)
        #expect(dry.deliveries == 3)
        let second = try pruner.run(month, at: now, zone: world.zone)
        #expect(second.deliveries == 3 && second.decisions == 2)
        #expect(try world.store.read { try $0.ledger(of: "c1", campaign: nil).map(\.key) } == Array(ids[2...]))
        #expect(try world.store.read { try $0.deliveries(states: [], limit: 9).map(\.order.id) } == [ids[3]])
    }

    @Test func `deliveries go a part at a time, from where the last part ended`() throws {
        let world = try EngineWorld(rules: Self.rules, at: Self.start)
        let count = Pruner.deliveryBatch + 1
        try world.store.write { store in
            for number in 0..<count {
                let id = DeliveryID(high: UInt64(number), low: 1)
                try store.enqueue(
                    NewDelivery(
                        id: id, customer: "c", campaign: "welcome", key: "k\(number)", destination: "crm", address: "",
                        type: "w", data: "{}", decidedAt: Self.start, expiresAt: nil), firstAttemptAt: Self.start)
            }
            _ = try store.cancel(DeliveryFilter(campaign: "welcome"), reason: "over")
        }
        let now = Self.start.advanced(byMilliseconds: 60 * Self.day)
        let pruner = Pruner(store: world.store, zones: EngineWorld.zones)
        let month = Retention(deliveries: ISODuration(months: 1))
        let first = try pruner.run(month, at: now, zone: world.zone) { _ in false }
        #expect(first.isInterrupted && first.deliveries == Pruner.deliveryBatch)
        #expect(first.place.delivery != nil && first.place.customer == nil)
        let second = try pruner.run(month, at: now, zone: world.zone, after: first.place)
        #expect(!second.isInterrupted && second.deliveries == 1)
        #expect(try world.store.read { try $0.deliveryCounts() }.isEmpty)
    }

    static func thanks(_ more: String, type: String = "t") -> String {
        """
        { "campaigns": { "thanks": { \(more) "trigger": { "event": "purchase" }, "maxLateness": "none", "reentry": "always",
            "actions": [{ "send": "crm", "type": "\(type)", "data": {} }] } } }
        """
    }

    @Test func `decisions stay as long as a backfill of the rules looks back`() throws {
        let world = try EngineWorld(rules: Self.thanks(#""backfill": "P400D","#), at: Self.start)
        for number in [1, 300, 310, 700] {
            let at = Self.start.advanced(byMilliseconds: Int64(number) * Self.day)
            try world.receive([Self.event("purchase", "p\(number)", day: number)], customer: "c1", at: at)
        }
        let now = Self.start.advanced(byMilliseconds: 720 * Self.day)
        let month = Retention(decisions: ISODuration(months: 1), deliveries: ISODuration(months: 1))
        try world.store.write { _ = try $0.cancel(DeliveryFilter(campaign: "thanks"), reason: "over") }
        let summary = try Pruner(store: world.store, zones: EngineWorld.zones).run(month, at: now, zone: world.zone)
        // 720 - 400 - 1 = 319 days: the first three are older.
        #expect(summary.decisions == 3)
        #expect(
            summary.decisionsBefore
                == world.zone.advance(now, by: ISODuration(days: -400)).advanced(byMilliseconds: -Self.day))
    }

    @Test func `a backfill that comes later does not decide again what was forgotten`() throws {
        let world = try EngineWorld(rules: Self.thanks(""), at: Self.start)
        for number in [300, 700] {
            let at = Self.start.advanced(byMilliseconds: Int64(number) * Self.day)
            try world.receive([Self.event("purchase", "p\(number)", day: number)], customer: "c1", at: at)
        }
        let now = Self.start.advanced(byMilliseconds: 720 * Self.day)
        try world.store.write { _ = try $0.cancel(DeliveryFilter(campaign: "thanks"), reason: "over") }
        let month = Retention(decisions: ISODuration(months: 1), deliveries: ISODuration(months: 1))
        let summary = try Pruner(store: world.store, zones: EngineWorld.zones).run(month, at: now, zone: world.zone)
        #expect(summary.decisions == 1)
        world.time.withLock { $0 = now }
        try world.activate(Self.thanks(#""backfill": "P600D","#, type: "other"))
        try world.tick(at: now)
        let occurrences = try world.store.read { try $0.ledger(of: "c1", campaign: nil).map(\.occurrence) }
        #expect(occurrences == [#"["shop","p700"]"#])
    }
}

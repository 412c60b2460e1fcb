import CareDecisions
import CareEngine
import CareStore
import CareValues
import Testing

/// A consent taken back: what was ordered with it and not sent yet is cancelled with the fact, in one transaction.
@Suite struct WithdrawnConsentTests {
    static let rules = """
        { "attributes": { "mail": { "type": "consent", "channel": "email" }, "sms": { "type": "consent", "channel": "sms" },
            "home": { "type": "zone" } },
          "policies": { "quietHours": [{ "from": "21:00", "until": "08:00", "then": "hold" },
            { "from": "12:00", "until": "13:00", "then": "hold", "destinations": ["phone"] }] },
          "campaigns": { "news": { "trigger": { "event": "asked" }, "actions": [
            { "name": "mail", "send": "mail", "type": "t", "consent": "email" },
            { "name": "call", "send": "phone", "type": "t", "consent": "sms" },
            { "name": "staff", "send": "crm", "type": "t", "audience": "staff" }] } } }
        """

    static let start = Timestamp(milliseconds: 1_781_514_000_000)

    static func attributes(_ values: JSONObject, at instant: Timestamp) -> Fact {
        .attributes(AttributeFact(values: values, time: instant, receivedAt: instant, hasOwnTime: true))
    }

    /// A world with three deliveries of one customer who has granted both consents.
    static func world() throws -> EngineWorld {
        let world = try EngineWorld(rules: rules, at: start, zone: "UTC")
        let granted: JSONObject = ["mail": "granted", "sms": "granted", "home": "Asia/Tokyo"]
        try world.receive([attributes(granted, at: start)], customer: "ada", at: start)
        let event = Event(
            type: "asked", source: "shop", id: "1", time: start.advanced(byMilliseconds: 1),
            receivedAt: start.advanced(byMilliseconds: 1), properties: [:])
        try world.receive([.event(event)], customer: "ada", at: start.advanced(byMilliseconds: 1))
        return world
    }

    static func states(_ world: EngineWorld) throws -> [String: DeliveryState] {
        let all = try world.store.read { try $0.deliveries(states: [], limit: 99) }
        return Dictionary(uniqueKeysWithValues: all.map { ($0.order.destination, $0.state) })
    }

    @Test func `takes along with a delivery what binds every attempt`() throws {
        let world = try Self.world()
        let orders = Dictionary(
            uniqueKeysWithValues: try world.store.read { try $0.deliveries(states: [], limit: 99) }.map {
                ($0.order.destination, $0.order)
            })
        #expect(orders["mail"]?.quietTimes?.text == "Asia/Tokyo 21:00-08:00")
        #expect(orders["phone"]?.quietTimes?.text == "Asia/Tokyo 21:00-08:00,12:00-13:00")
        #expect(orders["crm"]?.quietTimes == nil)
        #expect(orders["mail"]?.consents == ["mail"])
        #expect(orders["phone"]?.consents == ["sms"])
        #expect(orders["crm"]?.consents == [])
    }

    @Test(arguments: [false, true]) func `cancels what needs the consent, and nothing else`(_ asHistory: Bool) throws {
        let world = try Self.world()
        #expect(try Self.states(world) == ["mail": .waiting, "phone": .waiting, "crm": .waiting])
        // One that is being sent too; one that has arrived stays so.
        _ = try world.store.write {
            try $0.claim(
                destination: "mail", now: Self.start.advanced(byMilliseconds: 9), leaseUntil: .distantFuture, limit: 1)
        }
        let instant = Self.start.advanced(byMilliseconds: 1_000)
        let fact = Self.attributes(["mail": "denied"], at: instant)
        let summary = try world.store.write { transaction in
            var writer = CustomerWriter(transaction, rules: world.rules, clock: world.clock)
            if asHistory {
                try writer.absorb([fact], customer: "ada", asOf: instant)
            } else {
                try writer.receive([fact], customer: "ada", at: instant, advancesFirst: false)
            }
            try writer.finish()
            return writer.summary
        }
        #expect(try Self.states(world) == ["mail": .cancelled, "phone": .waiting, "crm": .waiting])
        let mail = try #require(
            try world.store.read { try $0.deliveries(DeliveryFilter(destination: "mail"), limit: 1) }.first)
        #expect(mail.reason == "consent withdrawn")
        #expect(summary.revoked == [mail.order.id])
        // Granting it again sends nothing that was cancelled.
        try world.receive(
            [Self.attributes(["mail": "granted"], at: instant.advanced(byMilliseconds: 1))], customer: "ada",
            at: instant.advanced(byMilliseconds: 1))
        #expect(try Self.states(world)["mail"] == .cancelled)
    }

    @Test(arguments: [DeliveryState.parked, .dead])
    func `cancels what is set aside and might be sent later`(_ state: DeliveryState) throws {
        let world = try Self.world()
        try world.store.write { transaction in
            try transaction.setDestination("mail", disabled: true, since: Self.start, reason: "410 Gone")
            let mail = try transaction.deliveries(DeliveryFilter(destination: "mail"), limit: 1)[0]
            if state == .dead {
                try transaction.setDelivery(mail.order.id, state: .dead, nextAttemptAt: Self.start, reason: "no")
            }
        }
        #expect(try Self.states(world)["mail"] == state)
        let instant = Self.start.advanced(byMilliseconds: 1_000)
        try world.receive([Self.attributes(["mail": "denied"], at: instant)], customer: "ada", at: instant)
        // Neither enabling the destination nor a redrive sends it.
        try world.store.write { transaction in
            try transaction.setDestination("mail", disabled: false, since: instant, reason: "")
            _ = try transaction.redrive(DeliveryFilter(), at: instant, clock: instant, late: true)
        }
        #expect(try Self.states(world) == ["mail": .cancelled, "phone": .waiting, "crm": .waiting])
    }

    @Test func `leaves what has arrived, and what other customers get`() throws {
        let world = try Self.world()
        let mail = try #require(
            try world.store.read { try $0.deliveries(DeliveryFilter(destination: "mail"), limit: 1) }.first)
        try world.store.write {
            try $0.setDelivery(mail.order.id, state: .delivered, nextAttemptAt: Self.start, reason: "")
        }
        let instant = Self.start.advanced(byMilliseconds: 1_000)
        try world.receive([Self.attributes(["sms": "denied"], at: instant)], customer: "bob", at: instant)
        try world.receive([Self.attributes(["mail": "denied"], at: instant)], customer: "ada", at: instant)
        #expect(try Self.states(world) == ["mail": .delivered, "phone": .waiting, "crm": .waiting])
    }
}

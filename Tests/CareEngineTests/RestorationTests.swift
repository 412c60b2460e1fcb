import CareEngine
import CareStore
import CareValues
import Testing

@Suite struct RestorationTests {
    static let rules = #"""
        {
          "attributes": { "day": { "type": "date" } },
          "campaigns": {
            "greeting": {
              "trigger": { "date": { "of": "day", "offset": ["PT0S", "P2D"], "at": "09:00" } },
              "steps": [
                { "name": "hello", "actions": [{ "send": "crm", "type": "t", "data": {} }] },
                { "name": "again", "after": "P1D", "actions": [{ "send": "crm", "type": "t", "data": {} }] }
              ]
            },
            "daily": {
              "trigger": { "schedule": { "cron": "0 10 * * *", "zone": "customer" } },
              "actions": [{ "send": "sms", "type": "t", "data": {} }]
            }
          }
        }
        """#

    private func world() throws -> EngineWorld {
        let start = try #require(Timestamp(iso8601: "2026-09-20T16:00:00Z"))
        let world = try EngineWorld(rules: Self.rules, at: start)
        for number in 1...5 {
            try world.receive(
                [
                    .attributes(
                        AttributeFact(
                            values: ["day": .string("2026-09-2\(number)")], time: start, receivedAt: start,
                            hasOwnTime: false))
                ], customer: "c\(number)", at: start.advanced(byMilliseconds: Int64(number)))
        }
        return world
    }

    @Test func `what fell due since the backup is passed over, and what comes after is as if it had been sent`() throws
    {
        let lost = try world()
        let restored = try EngineWorld(copyOf: lost)
        let last = try #require(Timestamp(iso8601: "2026-09-23T12:00:00Z"))
        let end = try #require(Timestamp(iso8601: "2026-09-28T12:00:00Z"))
        // The lost store is seen to at each instant.
        while let next = try lost.nextDue(), next <= last { try lost.tick(at: next) }
        let decided = try Restoration.passOver(in: restored.store, through: last, zones: EngineWorld.zones)
        let sent = try lost.ledger(from: .distantPast, until: .distantFuture)
        let passed = try restored.ledger(from: .distantPast, until: .distantFuture)
        #expect(!sent.isEmpty && decided[.skip] == sent.count && decided[.act] == nil)
        #expect(passed.map(\.key) == sent.map(\.key))
        #expect(passed.allSatisfy { $0.outcome == "skip" && $0.reason == "restored" })
        #expect(try restored.store.read { try $0.deliveryCounts() }.values.allSatisfy { $0 == 0 })
        #expect(try restored.store.read { try $0.clock } ?? .distantPast >= last)
        // From then on both go the same way.
        restored.time.withLock { $0 = last }
        for world in [lost, restored] {
            while let next = try world.nextDue(), next <= end { try world.tick(at: next) }
        }
        let after = last.advanced(byMilliseconds: 1)
        let one = try lost.ledger(from: after, until: .distantFuture)
        let other = try restored.ledger(from: after, until: .distantFuture)
        #expect(!one.isEmpty && one == other)
        // Once more changes nothing.
        #expect(try Restoration.passOver(in: restored.store, through: last, zones: EngineWorld.zones) == [:])
    }

    @Test func `what waited keeps its ids, and is parked where a receiver cannot tell`() throws {
        let world = try world()
        try world.tick(at: try #require(Timestamp(iso8601: "2026-09-21T03:00:00Z")))
        let before = try world.store.read { try $0.deliveries(states: [], limit: 100) }
        let leased = try #require(before.first { $0.order.destination == "sms" })
        try world.store.write { transaction in
            _ = try transaction.claim(
                destination: "sms", now: .distantFuture, leaseUntil: Timestamp(milliseconds: 5), limit: 1)
        }
        #expect(leased.state == .waiting && before.count == 6)
        let unsure = try Restoration.settleOutbox(of: world.store) { $0 == "crm" }
        #expect(unsure.map(\.destination) == ["crm", "sms"])
        #expect(unsure.map(\.count) == [1, 5] && unsure.map(\.isParked) == [false, true])
        let after = try world.store.read { try $0.deliveries(states: [], limit: 100) }
        #expect(Set(after.map(\.order.id)) == Set(before.map(\.order.id)))
        for delivery in after {
            #expect(delivery.state == (delivery.order.destination == "crm" ? .waiting : .parked))
        }
        // Enabling the destination does not send them: only a redrive does.
        try world.store.write { transaction in
            try transaction.setDestination("sms", disabled: false, since: Timestamp(milliseconds: 0), reason: "")
        }
        #expect(try world.store.read { try $0.deliveryCounts()[.parked] } == 5)
    }

    @Test func `what is for a disabled destination stays parked when that is enabled, where a receiver cannot tell`()
        throws
    {
        let world = try world()
        try world.tick(at: try #require(Timestamp(iso8601: "2026-09-21T03:00:00Z")))
        // One is being sent while both are disabled.
        try world.store.write { transaction in
            _ = try transaction.claim(
                destination: "sms", now: .distantFuture, leaseUntil: Timestamp(milliseconds: 5), limit: 1)
            for name in ["crm", "sms"] {
                try transaction.setDestination(
                    name, disabled: true, since: Timestamp(milliseconds: 0), reason: "by hand")
            }
        }
        let unsure = try Restoration.settleOutbox(of: world.store) { $0 == "crm" }
        #expect(unsure.map(\.destination) == ["sms"])
        #expect(unsure.map(\.count) == [5] && unsure.map(\.isParked) == [true])
        try world.store.write { transaction in
            for name in ["crm", "sms"] {
                try transaction.setDestination(name, disabled: false, since: Timestamp(milliseconds: 0), reason: "")
            }
        }
        let after = try world.store.read { try $0.deliveries(states: [], limit: 100) }
        #expect(after.count == 6)
        for delivery in after {
            #expect(delivery.state == (delivery.order.destination == "crm" ? .waiting : .parked))
            if delivery.state == .parked { #expect(delivery.reason == "answer lost: restored from a backup") }
        }
        // Once more finds no more of them.
        let again = try Restoration.settleOutbox(of: world.store) { $0 == "crm" }
        #expect(again.map(\.destination) == ["crm"])
    }
}

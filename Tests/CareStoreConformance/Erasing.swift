import CareStore
import CareValues
import Testing

/// Forgetting a customer: what goes, what stays, and that nobody else is touched.
func exerciseErasing(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        try store.write { transaction throws in
            for id in ["ann", "ada", "bob"] { try transaction.create(id) }
            for customer in ["ada", "bob"] {
                _ = try transaction.append(event("e1", properties: ["note": .string("谢谢 \(customer)")]), of: customer)
                _ = try transaction.append(attributes(["email": .string("\(customer)@example.com")]), of: customer)
            }
            var held = decision(1, number: 1, outcome: "hold", reason: "paused", now: at(5_000))
            held.due = at(4_000)
            try transaction.append(held)
            for key in UInt64(1)...5 { try transaction.append(decision(key, now: at(Int64(key) * 1_000))) }
            try transaction.append(decision(6, outcome: "suppress", reason: "holdout", now: at(90_000_000)))
            try transaction.append(decision(7, customer: "bob"))
            for key in UInt64(1)...5 { try transaction.enqueue(delivery(key), firstAttemptAt: at(Int64(key))) }
            try transaction.enqueue(delivery(7, customer: "bob"), firstAttemptAt: at(100))
            let claimed = try transaction.claim(destination: "crm", now: at(2), leaseUntil: at(99), limit: 2)
            #expect(claimed.map(\.order.id.high) == [1, 2])
            try transaction.record(
                StoredAttempt(
                    delivery: claimed[0].order.id, number: 1, startedAt: at(3), durationMilliseconds: 1, outcome: .ok,
                    status: 200, detail: ""), state: .delivered, nextAttemptAt: at(3), reason: "")
            try transaction.parkLost(DeliveryID(high: 3, low: ~3), reason: "answer lost")
            try transaction.setDelivery(
                DeliveryID(high: 4, low: ~4), state: .dead, nextAttemptAt: at(4), reason: "410 Gone")
            try transaction.save(StoredScan(campaign: "c", zone: "UTC", tick: at(0), cursor: "ada"))
        }
        struct TakenBack: Error {}
        #expect(throws: TakenBack.self) {
            try store.write { transaction throws in
                #expect(try transaction.erase(customer: "ada") != nil)
                throw TakenBack()
            }
        }
        #expect(try store.read { try $0.facts(of: "ada", receivedUntil: nil).count } == 2)
        try store.write { transaction throws in
            #expect(try transaction.erase(customer: "nobody") == nil)
            let content = try #require(try transaction.erase(customer: "ada"))
            #expect(content.facts == 2 && content.decisions == 7 && content.deliveries == 5)
            #expect(Set(content.cancelled.map(\.high)) == [2, 3, 4, 5])
            #expect(try transaction.erase(customer: "ada") == nil)
        }
        #expect(try store.scrub())
        try store.read { snapshot throws in
            #expect(try snapshot.customer("ada") == nil)
            #expect(try snapshot.customerCount == 2)
            #expect(try snapshot.facts(of: "ada", receivedUntil: nil).isEmpty)
            #expect(try !snapshot.hasEvent(customer: "ada", source: "shop", id: "e1"))
            #expect(try snapshot.ledger(of: "ada", campaign: nil).isEmpty)
            #expect(try snapshot.pendingDeliveries(of: "ada").isEmpty)
            #expect(try snapshot.deliveries(DeliveryFilter(customer: "ada"), limit: 9).isEmpty)
            #expect(try snapshot.scans().map(\.cursor) == ["ann"])
            // Those that are left without a customer.
            let left = try snapshot.deliveries(DeliveryFilter(customer: ""), limit: 9)
            #expect(left.map(\.state) == [.cancelled, .cancelled, .cancelled, .cancelled, .delivered])
            // Nor under ids that could be guessed; each has one of its own.
            #expect(Set(left.map(\.order.id)).union((1...5).map { DeliveryID(high: $0, low: ~$0) }).count == 10)
            for key in UInt64(1)...5 {
                #expect(try snapshot.deliveries(idPrefix: DeliveryID(high: key, low: ~key).text, limit: 1).isEmpty)
            }
            #expect(try snapshot.attempts(of: left[4].order.id).map(\.status) == [200])
            for delivery in left {
                let order = delivery.order
                #expect(order.campaign == "thanks" && order.destination == "crm" && order.type == "care.thanks")
                #expect(order.data == "{}" && order.key == "" && order.address == "" && order.language == "")
                #expect(order.decidedAt == at(0))
                #expect(delivery.reason == (delivery.state == .cancelled ? "erased" : ""))
            }
            #expect(try snapshot.deliveryCounts()[.cancelled] == 4)
            #expect(try snapshot.deliveryCounts()[.waiting] == 1)
            // Nobody else.
            #expect(try snapshot.facts(of: "bob", receivedUntil: nil).count == 2)
            #expect(try snapshot.ledger(of: "bob", campaign: nil).count == 1)
            #expect(try snapshot.ledger(from: .distantPast, until: .distantFuture).map(\.customer) == ["bob"])
        }
        // Nothing says any more which keys were decided: those of one who comes again are others.
        try store.write { transaction throws in
            try transaction.create("ada", row: [9])
            #expect(try transaction.append(event("e1"), of: "ada"))
            try transaction.append(decision(8))
        }
        #expect(try store.read { try $0.ledger(of: "ada", campaign: nil).count } == 1)
        #expect(try store.read { try $0.customerCount } == 3)
        // Facts without a row are forgotten too.
        try store.write { _ = try $0.append(event("e9"), of: "shell") }
        #expect(try store.write { try $0.erase(customer: "shell")?.facts } == 1)
        #expect(try store.read { try $0.customerCount } == 3)
    }
    try with(make) { store throws in
        try store.write { transaction throws in
            for name in ["a", "a:", "a:1", "a:2谢", "a;", "b:1"] { try transaction.setNote(name, "of \(name)") }
        }
        let notes = try store.read { try $0.notes(prefix: "a:") }
        #expect(notes.map(\.name) == ["a:", "a:1", "a:2谢"] && notes.map(\.value) == ["of a:", "of a:1", "of a:2谢"])
        #expect(try store.read { try $0.notes(prefix: "z").isEmpty })
    }
}

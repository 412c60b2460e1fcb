import CareStore
import CareValues
import Testing

/// Letting go what is old: chains stay whole, and nobody else is touched.
func exercisePruning(_ make: () throws -> any CareStore) throws {
    // Every way to take facts out of a chain of five, by a mask of bits.
    for mask in 0..<32 {
        try with(make) { store throws in
            let base = event("base", source: "base", type: "", time: at(-1))
            let facts = (0..<5).map { event("e\($0)", time: at(Int64($0))) }
            try store.write { transaction throws in
                for id in ["ada", "bob"] {
                    try transaction.create(id)
                    for fact in facts { #expect(try transaction.append(fact, of: id)) }
                }
            }
            let isPruned = { (fact: Fact) in facts.firstIndex(of: fact).map { mask >> $0 & 1 == 1 } ?? false }
            let count = try store.write { try $0.foldFacts(of: "ada", into: base, where: isPruned) }
            #expect(count == mask.nonzeroBitCount)
            let expected = (count > 0 ? [base] : []) + facts.filter { !isPruned($0) }
            #expect(try store.read { try $0.facts(of: "ada", receivedUntil: nil) } == expected)
            #expect(try store.read { try $0.facts(of: "bob", receivedUntil: nil) } == facts)
            // What stands for others did not happen itself.
            let recent = try store.read { try $0.recentFacts(of: "ada", before: nil, limit: 9) }
            #expect(recent.map(\.fact) == facts.filter { !isPruned($0) }.reversed())
            // The chain goes on, and a base gives way to the next one.
            try store.write { transaction throws in
                #expect(try transaction.append(event("later", time: at(9)), of: "ada"))
                if count > 0 {
                    let next = event("base", source: "base", type: "", time: at(2))
                    #expect(try transaction.foldFacts(of: "ada", into: next) { $0 == base } == 1)
                }
            }
            #expect(try store.read { try $0.facts(of: "ada", receivedUntil: nil) }.count == expected.count + 1)
            #expect(try store.write { try $0.foldFacts(of: "nobody", into: base) { _ in true } } == 0)
        }
    }
    try with(make) { store throws in
        try store.write { transaction throws in
            for id in ["ada", "bob"] { try transaction.create(id) }
            for key in UInt64(1)...6 { try transaction.append(decision(key, now: at(Int64(key)))) }
            try transaction.append(decision(9, customer: "bob", now: at(1)))
            for key in UInt64(2)...4 { try transaction.enqueue(delivery(key), firstAttemptAt: at(0)) }
            _ = try transaction.claim(destination: "crm", now: at(0), leaseUntil: at(9), limit: 1)
            try transaction.record(
                StoredAttempt(
                    delivery: DeliveryID(high: 2, low: ~2), number: 1, startedAt: at(0), durationMilliseconds: 1,
                    outcome: .ok, status: 200, detail: ""), state: .delivered, nextAttemptAt: at(0), reason: "")
            try transaction.setDelivery(DeliveryID(high: 3, low: ~3), state: .dead, nextAttemptAt: at(0), reason: "no")
        }
        // Those whose delivery is there stay.
        #expect(try store.write { try $0.pruneDecisions(of: "ada", before: at(5)) } == 1)
        #expect(try store.read { try $0.ledger(of: "ada", campaign: nil).map(\.key.high) } == [2, 3, 4, 5, 6])
        // Decided at 0: not before 0, before 1. What waits stays.
        #expect(try store.write { try $0.pruneDeliveries(before: at(0), after: 0, limit: 10).count } == 0)
        let first = try store.write { try $0.pruneDeliveries(before: at(1), after: 0, limit: 1) }
        let rest = try store.write { try $0.pruneDeliveries(before: at(1), after: first.cursor ?? 0, limit: 10) }
        #expect(first.count + rest.count == 2)
        #expect(
            try store.write { try $0.pruneDeliveries(before: at(1), after: rest.cursor ?? 0, limit: 10).cursor } == nil)
        try store.read { snapshot throws in
            #expect(try snapshot.deliveries(states: [], limit: 9).map(\.order.id.high) == [4])
            #expect(try snapshot.deliveryCounts()[.delivered] ?? 0 == 0)
            #expect(try snapshot.deliveryCounts()[.dead] ?? 0 == 0)
            #expect(try snapshot.attempts(of: DeliveryID(high: 2, low: ~2)).isEmpty)
        }
        #expect(try store.write { try $0.pruneDecisions(of: "ada", before: at(5)) } == 2)
        #expect(try store.read { try $0.ledger(of: "ada", campaign: nil).map(\.key.high) } == [4, 5, 6])
        try store.write { try $0.append(decision(7, now: at(7))) }
        #expect(try store.write { try $0.pruneDecisions(of: "ada", before: at(100)) } == 3)
        #expect(try store.read { try $0.ledger(of: "ada", campaign: nil).map(\.key.high) } == [4])
        #expect(try store.read { try $0.ledger(of: "bob", campaign: nil).count } == 1)
    }
}

import CareStore
import CareValues
import Testing

private struct Stop: Error {}

/// All of a transaction is written, or nothing.
func exerciseTransactions(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        try store.write { transaction throws in
            try transaction.create("before")
            _ = try transaction.append(event("e1"), of: "before")
        }
        #expect(throws: Stop.self) {
            try store.write { transaction throws in
                try writeEverything(transaction)
                throw Stop()
            }
        }
        try store.read { snapshot throws in
            #expect(try snapshot.customerCount == 1)
            #expect(try snapshot.customer("ada") == nil)
            #expect(try snapshot.customer("before")?.version == 1)
            #expect(try snapshot.facts(of: "before", receivedUntil: nil) == [event("e1")])
            #expect(try snapshot.ledger(of: "ada", campaign: nil).isEmpty)
            #expect(try snapshot.deliveryCounts().isEmpty)
            #expect(try snapshot.deliveries(states: [], limit: 10).isEmpty)
            #expect(try snapshot.activeRuleSet() == nil)
            #expect(try snapshot.clock == nil)
            #expect(try snapshot.note("n") == nil)
            #expect(try snapshot.disabledDestinations().isEmpty)
            #expect(try snapshot.count(.event, name: "purchase", from: day(0), until: day(9)) == 0)
        }
        // The same again, this time to the end: nothing of the first try stands in its way.
        try store.write { try writeEverything($0) }
        try store.read { snapshot throws in
            #expect(try snapshot.customerCount == 2)
            #expect(try snapshot.facts(of: "before", receivedUntil: nil) == [event("e1"), event("e2")])
            #expect(try snapshot.ledger(of: "ada", campaign: nil) == [decision(1)])
            #expect(try snapshot.deliveryCounts() == [.waiting: 1])
        }
    }
    try exerciseErrorsInside(make)
    try exerciseSnapshots(make)
}

/// An error that the caller catches inside takes back only the call that failed.
private func exerciseErrorsInside(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        try store.write { transaction throws in
            try transaction.create("ada")
            try transaction.append(decision(1))
            expect(.duplicateDecision) { try transaction.append(decision(1)) }
            expect(.conflict) { try transaction.create("ada") }
            try transaction.append(decision(2))
        }
        #expect(try store.read { try $0.ledger(of: "ada", campaign: nil) } == [decision(1), decision(2)])
    }
}

/// A snapshot does not move while it is read; a transaction sees its own writes.
private func exerciseSnapshots(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        try store.write { try $0.create("ada") }
        try store.read { snapshot throws in
            #expect(try snapshot.customerCount == 1)
            try store.write { transaction throws in
                try transaction.create("bob")
                #expect(try transaction.customerCount == 2)
            }
            #expect(try snapshot.customerCount == 1)
            #expect(try snapshot.customer("bob") == nil)
            #expect(try store.read { try $0.customerCount } == 2)
        }
        #expect(try store.read { try $0.customer("bob")?.version } == 1)
    }
}

private func writeEverything(_ transaction: any StoreTransaction) throws {
    try transaction.create("ada", wakeUp: at(5))
    try transaction.save(id: "before", wakeUp: nil, epoch: 1, row: [2], expectedVersion: 1)
    _ = try transaction.append(event("e2"), of: "before")
    _ = try transaction.append(attributes(["tier": "gold"]), of: "ada")
    try transaction.append(decision(1))
    try transaction.enqueue(delivery(1), firstAttemptAt: at(0))
    try transaction.add([CounterIncrement(kind: .event, name: "purchase", day: day(1), count: 2)])
    try transaction.advanceClock(to: at(9))
    try transaction.setNote("n", "v")
    try transaction.setDestination("old", disabled: true, since: at(0), reason: "gone")
    try transaction.activate(ruleSet(1))
    try transaction.save(StoredScan(campaign: "thanks", zone: "UTC", tick: at(1)))
    try transaction.noteZones(["UTC"])
}

/// The day `number` days after 2026-01-01.
func day(_ number: Int32) -> CivilDate {
    CivilDate(dayNumber: 20_454 + number)
}

/// A rule set of that epoch.
func ruleSet(_ epoch: Int64) -> StoredRuleSet {
    StoredRuleSet(
        epoch: epoch, fingerprint: "f\(epoch)", text: #"{"campaigns":{}}"#, activatedAt: at(epoch),
        starts: ["thanks": at(epoch), "谢谢": at(0)], zone: "Asia/Shanghai", zoneDataVersion: "2026a",
        holidays: epoch % 2 == 0 ? "" : #"{"regions":{}}"#)
}

import CareStore
import CareValues
import Testing

/// What a store must know after a run of random transactions, kept in dictionaries.
private struct Model {
    var customers: [String: StoredCustomer] = [:]
    var facts: [String: [Fact]] = [:]
    var ledger: [String: [LedgerEntry]] = [:]
    var states: [DeliveryID: DeliveryState] = [:]
    var finalKeys: Set<DeliveryID> = []
}

private struct Abandoned: Error {}

/// Random transactions, a third of them abandoned at a random point: the store holds what the model holds.
func exerciseAgainstModel(_ make: () throws -> any CareStore, seed: UInt64) throws {
    try with(make) { store throws in
        var random = SplitMix64(seed: seed)
        var model = Model()
        for _ in 0..<60 {
            var next = model
            let steps = Int.random(in: 1...12, using: &random)
            let isAbandoned = Int.random(in: 0..<3, using: &random) == 0
            do {
                try store.write { transaction throws in
                    for _ in 0..<steps { try step(transaction, &next, &random) }
                    if isAbandoned { throw Abandoned() }
                }
                model = next
            } catch is Abandoned {}
        }
        try compare(store, model, seed: seed)
    }
}

private func step(_ transaction: any StoreTransaction, _ model: inout Model, _ random: inout SplitMix64) throws {
    let id = "c\(Int.random(in: 0..<8, using: &random))"
    let key = UInt64.random(in: 1...40, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0, 1:
        let old = model.customers[id]
        let row = [UInt8](repeating: UInt8(key), count: Int(key) * 7)
        let wakeUp = key % 3 == 0 ? old?.wakeUp : at(Int64(key))
        let saved = StoredCustomer(
            id: id, wakeUp: wakeUp, version: (old?.version ?? 0) + 1, epoch: Int64(key % 3), row: row)
        #expect(try transaction.customer(id) == old)
        try transaction.save(
            id: id, wakeUp: wakeUp, epoch: saved.epoch, row: row, expectedVersion: old?.version ?? 0)
        model.customers[id] = saved
    case 2:
        let fact = key % 2 == 0 ? event("e\(key)", time: at(Int64(key % 5))) : attributes(["n": .number(Double(key))])
        let isNew = !(model.facts[id] ?? []).contains(fact)
        #expect(try transaction.append(fact, of: id) == isNew)
        if isNew { model.facts[id, default: []].append(fact) }
    case 3:
        let entry = decision(key, customer: id)
        let isNew = model.finalKeys.insert(entry.key).inserted
        expect(isNew ? nil : .duplicateDecision) { try transaction.append(entry) }
        guard isNew else { return }
        model.ledger[id, default: []].append(entry)
        try transaction.enqueue(delivery(key, customer: id), firstAttemptAt: at(0))
        model.states[entry.key] = .waiting
    default:
        let claimed = try transaction.claim(destination: "crm", now: at(9), leaseUntil: at(99), limit: 2)
        for one in claimed {
            #expect(model.states[one.order.id] == .waiting)
            let state: DeliveryState = key % 2 == 0 ? .delivered : .dead
            try transaction.record(
                StoredAttempt(
                    delivery: one.order.id, number: 1, startedAt: at(9), durationMilliseconds: 1, outcome: .ok,
                    status: 200, detail: ""),
                state: state, nextAttemptAt: at(9), reason: "")
            model.states[one.order.id] = state
        }
    }
}

private func compare(_ store: any CareStore, _ model: Model, seed: UInt64) throws {
    try store.read { snapshot throws in
        #expect(try snapshot.customerCount == model.customers.count, "seed \(seed)")
        for number in 0..<8 {
            let id = "c\(number)"
            #expect(try snapshot.customer(id) == model.customers[id], "seed \(seed), \(id)")
            let facts = (model.facts[id] ?? []).enumerated().sorted {
                ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
            }
            #expect(try snapshot.facts(of: id, receivedUntil: nil) == facts.map(\.element), "seed \(seed), \(id)")
            #expect(try snapshot.ledger(of: id, campaign: nil) == model.ledger[id] ?? [], "seed \(seed), \(id)")
        }
        let stored = try snapshot.deliveries(states: [], limit: 999)
        #expect(
            Dictionary(uniqueKeysWithValues: stored.map { ($0.order.id, $0.state) }) == model.states, "seed \(seed)")
        let counts = Dictionary(grouping: model.states.values, by: { $0 }).mapValues(\.count)
        #expect(try snapshot.deliveryCounts() == counts, "seed \(seed)")
        let awake = model.customers.values.compactMap(\.wakeUp).min()
        #expect(try snapshot.nextWakeUp() == awake, "seed \(seed)")
    }
}

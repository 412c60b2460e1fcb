import CareStore
import CareValues
import Testing

/// Scans: the order of creation, bounds, shares, an early end.
func exerciseScans(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        // Not in the order of the ids; every fourth never wakes.
        let ids = (0..<300).map { "c" + String(($0 * 7919) % 1000) }
        try store.write { transaction throws in
            for (index, id) in ids.enumerated() {
                let wakeUp = index % 4 == 3 ? nil : at(Int64(index))
                try transaction.create(id, wakeUp: wakeUp, epoch: 2, row: [UInt8](repeating: 1, count: index % 50))
            }
        }
        try store.read { snapshot throws in
            #expect(try scanned(snapshot) == ids)
            // Both ways of looking: few wake-ups before the instant, and many. The instant itself is not before it.
            for bound in [0, 1, 9, 200, 299, 300] {
                let due = ids.indices.filter { $0 % 4 != 3 && $0 < bound }.map { ids[$0] }
                #expect(try scanned(snapshot, before: at(Int64(bound))) == due, "before \(bound)")
            }
            #expect(try scanned(snapshot, after: ids[10]) == Array(ids[11...]))
            #expect(try scanned(snapshot, through: ids[10]) == Array(ids[...10]))
            #expect(try scanned(snapshot, after: ids[10], through: ids[12]) == [ids[11], ids[12]])
            #expect(try scanned(snapshot, after: ids[10], through: ids[10]) == [])
            #expect(try scanned(snapshot, before: at(5), after: ids[0], through: ids[2]) == [ids[1], ids[2]])
            expect(.missing) { _ = try scanned(snapshot, after: "nobody") }

            var first: (String, Timestamp?, Int64, Int)?
            var count = 0
            try snapshot.scanCustomers(wakeUpBefore: nil, after: ids[20], through: nil) { id, wakeUp, epoch, row in
                first = first ?? (id, wakeUp, epoch, row.count)
                count += 1
                return count < 3
            }
            #expect(count == 3)
            #expect(first?.0 == ids[21] && first?.1 == at(21) && first?.2 == 2 && first?.3 == 21)
        }
        try exerciseCuts(store, ids)
    }
}

private func exerciseCuts(_ store: any CareStore, _ ids: [String]) throws {
    try store.read { snapshot throws in
        #expect(try snapshot.customerCuts(parts: 1).isEmpty)
        for parts in [2, 3, 7, 300, 1000] {
            let cuts = try snapshot.customerCuts(parts: parts)
            #expect(cuts.count <= parts - 1)
            let bounds = [nil] + cuts.map(Optional.some) + [nil]
            let shares = try (0...cuts.count).map {
                try scanned(snapshot, after: bounds[$0], through: bounds[$0 + 1])
            }
            #expect(shares.flatMap { $0 } == ids, "\(parts) parts")
            #expect((shares.map(\.count).max() ?? 0) <= ids.count / min(parts, ids.count) + 1, "\(parts) parts")
        }
    }
}

private func scanned(
    _ snapshot: any StoreSnapshot, before: Timestamp? = nil, after: String? = nil, through: String? = nil
) throws -> [String] {
    var ids: [String] = []
    try snapshot.scanCustomers(wakeUpBefore: before, after: after, through: through) { id, _, _, _ in
        ids.append(id)
        return true
    }
    return ids
}

/// Who is due: at the instant itself, by wake-up.
func exerciseWakeUps(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        #expect(try store.read { try $0.nextWakeUp() } == nil)
        try store.write { transaction throws in
            try transaction.create("late", wakeUp: at(30))
            try transaction.create("never")
            try transaction.create("b", wakeUp: at(10))
            try transaction.create("a", wakeUp: at(10))
            try transaction.create("past", wakeUp: Timestamp(milliseconds: -5))
        }
        func due(_ instant: Timestamp, after: Timestamp? = nil, limit: Int = 9) throws -> [String] {
            try store.read { try $0.dueCustomers(after: after, at: instant, limit: limit).map(\.id) }
        }
        #expect(try store.read { try $0.nextWakeUp() } == Timestamp(milliseconds: -5))
        #expect(try due(at(9)) == ["past"])
        #expect(try due(at(10)) == ["past", "b", "a"])
        #expect(try due(at(10), limit: 2) == ["past", "b"])
        #expect(try due(at(30)) == ["past", "b", "a", "late"])
        #expect(try due(Timestamp(milliseconds: -6)) == [])
        #expect(try due(at(30), after: at(9)) == ["b", "a", "late"])
        #expect(try due(at(30), after: at(10)) == ["late"])
        // A wake-up that moves, goes and comes.
        try store.write { transaction throws in
            try transaction.save(id: "past", wakeUp: nil, epoch: 1, row: [1], expectedVersion: 1)
            try transaction.save(id: "b", wakeUp: at(40), epoch: 1, row: [1], expectedVersion: 1)
            try transaction.save(id: "never", wakeUp: at(1), epoch: 1, row: [1], expectedVersion: 1)
            #expect(try transaction.nextWakeUp() == at(1))
        }
        #expect(try due(at(40)) == ["never", "a", "late", "b"])
    }
}

/// Who is behind the newest rule set: oldest wake-up first, none last.
func exerciseEpochs(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        try store.write { transaction throws in
            #expect(try transaction.customers(below: 1, limit: 9).isEmpty)
            try transaction.create("none", epoch: 0)
            try transaction.create("late", wakeUp: at(30), epoch: 0)
            try transaction.activate(ruleSet(1))
            try transaction.create("early", wakeUp: at(10), epoch: 0)
            try transaction.create("current", wakeUp: at(5), epoch: 1)
            #expect(try transaction.customers(below: 1, limit: 9) == ["early", "late", "none"])
            #expect(try transaction.customers(below: 1, limit: 2) == ["early", "late"])
        }
        #expect(try store.read { try $0.customers(below: 1, limit: 9) } == ["early", "late", "none"])
        try store.write { transaction throws in
            try transaction.save(id: "early", wakeUp: at(11), epoch: 1, row: [1], expectedVersion: 1)
            try transaction.save(id: "late", wakeUp: nil, epoch: 0, row: [1], expectedVersion: 1)
        }
        #expect(try store.read { try $0.customers(below: 1, limit: 9) } == ["none", "late"])
        try store.write { try $0.activate(ruleSet(2)) }
        try store.read { snapshot throws in
            #expect(try snapshot.customers(below: 2, limit: 9) == ["current", "early", "none", "late"])
            #expect(try snapshot.customers(below: 1, limit: 9) == ["none", "late"])
            #expect(try snapshot.customers(below: 3, limit: 1) == ["current"])
            #expect(try snapshot.activeRuleSet() == ruleSet(2))
            #expect(try snapshot.ruleSet(epoch: 1) == ruleSet(1))
            #expect(try snapshot.ruleSet(epoch: 3) == nil)
        }
        for epoch in [Int64(2), 4] {
            expect(.conflict) { try store.write { try $0.activate(ruleSet(epoch)) } }
        }
    }
}

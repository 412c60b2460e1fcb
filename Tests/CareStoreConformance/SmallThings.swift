import CareStore
import CareValues
import Testing

/// Sets of cut points: numbered, kept, taken back with their transaction.
func exerciseCutPoints(_ make: () throws -> any CareStore) throws {
    func set(_ version: Int64) -> StoredCutPoints {
        StoredCutPoints(version: version, computedAt: at(version), text: "[\"\(version) 谢谢\"]")
    }
    struct TakenBack: Error {}
    try with(make) { store throws in
        #expect(try store.read { try $0.cutPoints(version: nil) } == nil)
        #expect(try store.read { try $0.cutPoints(version: 1) } == nil)
        try store.write { transaction throws in
            try transaction.append(set(1))
            #expect(try transaction.cutPoints(version: nil) == set(1))
        }
        #expect(throws: TakenBack.self) {
            try store.write { transaction throws in
                try transaction.append(set(2))
                throw TakenBack()
            }
        }
        #expect(try store.read { try $0.cutPoints(version: nil) } == set(1))
        try store.write { try $0.append(set(2)) }
        for wrong in [set(2), set(4), set(0)] {
            #expect(throws: StoreError.self) { try store.write { try $0.append(wrong) } }
        }
        try store.read { snapshot throws in
            #expect(try snapshot.cutPoints(version: nil) == set(2))
            #expect(try snapshot.cutPoints(version: 1) == set(1))
            #expect(try snapshot.cutPoints(version: 3) == nil)
        }
        // A rule set names the set that it reads.
        func rules(_ epoch: Int64, _ cutPoints: Int64?) -> StoredRuleSet {
            StoredRuleSet(
                epoch: epoch, fingerprint: "f\(epoch)", text: "{}", activatedAt: at(epoch), starts: [:], zone: "UTC",
                zoneDataVersion: "z", cutPoints: cutPoints)
        }
        try store.write { try $0.activate(rules(1, nil)) }
        try store.write { try $0.activate(rules(2, 2)) }
        #expect(try store.read { try $0.ruleSet(epoch: 1) } == rules(1, nil))
        #expect(try store.read { try $0.activeRuleSet() } == rules(2, 2))
    }
}

/// Notes, counters, the clock, the store's own id.
func exerciseSmallThings(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        try store.write { transaction throws in
            try transaction.setNote("a", "")
            try transaction.setNote("b", "谢谢\u{0}'")
            try transaction.setNote("a", "two")
            try transaction.setNote("c", "gone")
            try transaction.setNote("c", nil)
            try transaction.advanceClock(to: at(5))
            #expect(try transaction.clock == at(5))
            try transaction.advanceClock(to: at(4))
        }
        try store.write { transaction throws in
            for name in ["p:1", "p:2", "p:3", "q"] { try transaction.setNote(name, "x") }
            #expect(try transaction.removeNotes(from: "p:", until: "p:3", limit: 1) == 1)
            #expect(try transaction.notes(prefix: "p:").map(\.name) == ["p:2", "p:3"])
            #expect(try transaction.removeNotes(from: "p:", until: "p:3", limit: 0) == 0)
            #expect(try transaction.removeNotes(from: "p:", until: "p:3", limit: 9) == 1)
            #expect(try transaction.removeNotes(from: "p:", until: "q", limit: 9) == 1)
            #expect(try transaction.note("q") == "x")
            try transaction.setNote("q", nil)
        }
        try store.write { try $0.advanceClock(to: at(3)) }
        try store.read { snapshot throws in
            #expect(try snapshot.note("a") == "two")
            #expect(try snapshot.note("b") == "谢谢\u{0}'")
            #expect(try snapshot.note("c") == nil)
            #expect(try snapshot.clock == at(5))
            #expect(try !snapshot.storeID.isEmpty)
        }
        func add(_ kind: CounterKind, _ name: String, _ number: Int32, _ count: Int) -> CounterIncrement {
            CounterIncrement(kind: kind, name: name, day: day(number), count: count)
        }
        try store.write { transaction throws in
            try transaction.add([add(.event, "purchase", 1, 2), add(.event, "purchase", 1, 3)])
            try transaction.add([add(.event, "purchase", 2, 10), add(.event, "other", 1, 100)])
            try transaction.add([add(.entry, "purchase", 1, 1000)])
            #expect(try transaction.count(.event, name: "purchase", from: day(1), until: day(2)) == 5)
        }
        try store.write { try $0.add([add(.event, "purchase", 1, 1)]) }
        try store.read { snapshot throws in
            func count(_ kind: CounterKind, _ from: Int32, _ until: Int32) throws -> Int {
                try snapshot.count(kind, name: "purchase", from: day(from), until: day(until))
            }
            #expect(try count(.event, 1, 2) == 6)
            #expect(try count(.event, 1, 3) == 16)
            #expect(try count(.event, 3, 9) == 0)
            #expect(try count(.event, 2, 2) == 0)
            #expect(try count(.entry, 0, 9) == 1000)
            #expect(try count(.whereFalse, 0, 9) == 0)
        }
        let first = try store.read { try $0.storeID }
        try with(make) { other throws in #expect(try other.read { try $0.storeID } != first) }
    }
}

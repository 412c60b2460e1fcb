import CareStore
import CareValues
import Testing

/// Rows are written against the version that was read.
func exerciseCustomers(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        let long = [UInt8](repeating: 9, count: 20_000)
        try store.write { transaction throws in
            try transaction.create("ada", wakeUp: at(7), epoch: 3, row: [1, 0, 255])
            try transaction.create("", row: [])
            try transaction.create("谢谢 O'Hara \u{0}x", row: long)
        }
        try store.read { snapshot throws in
            #expect(try snapshot.customers(below: 9, limit: 9) == ["ada", "", "谢谢 O'Hara \u{0}x"])
            #expect(try snapshot.customerCuts(parts: 3) == ["ada", ""])
            let ada = StoredCustomer(id: "ada", wakeUp: at(7), version: 1, epoch: 3, row: [1, 0, 255])
            #expect(try snapshot.customer("ada") == ada)
            #expect(try snapshot.customer("Ada") == nil)
            #expect(try snapshot.place(of: "Ada") == nil)
            #expect(try snapshot.place(of: "ada") != nil)
            #expect(try snapshot.place(of: "ada") != snapshot.place(of: ""))
            #expect(try snapshot.customer("")?.row == [])
            #expect(try snapshot.customer("谢谢 O'Hara \u{0}x")?.row == long)
            #expect(try snapshot.customerCount == 3)
        }
        for expected in [Int64(0), 2, 7] {
            expect(.conflict) {
                try store.write {
                    try $0.save(id: "ada", wakeUp: nil, epoch: 1, row: [], expectedVersion: expected)
                }
            }
        }
        expect(.conflict) {
            try store.write { try $0.save(id: "bob", wakeUp: nil, epoch: 1, row: [], expectedVersion: 1) }
        }
        // Twice in one transaction, each time with the version the last write gave.
        try store.write { transaction throws in
            try transaction.save(id: "ada", wakeUp: nil, epoch: 3, row: [2], expectedVersion: 1)
            try transaction.save(id: "ada", wakeUp: at(8), epoch: 4, row: [3], expectedVersion: 2)
            #expect(try transaction.customer("ada")?.row == [3])
        }
        let ada = StoredCustomer(id: "ada", wakeUp: at(8), version: 3, epoch: 4, row: [3])
        #expect(try store.read { try $0.customer("ada") } == ada)
    }
    try exerciseFactsWithoutRow(make)
    try exerciseAlikeIDs(make)
    try exercisePuttingOff(make)
}

/// A wake-up that is due is moved, and nothing else of the row.
private func exercisePuttingOff(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        try store.write { transaction throws in
            try transaction.create("ada", wakeUp: at(7), epoch: 3, row: [1])
            try transaction.create("bob", row: [2])
        }
        try store.write { transaction throws in
            try transaction.putOff(customer: "ada", dueBy: at(6), to: at(9))
            try transaction.putOff(customer: "bob", dueBy: at(7), to: at(9))
            try transaction.putOff(customer: "nobody", dueBy: at(7), to: at(9))
        }
        #expect(try store.read { try $0.customer("ada")?.wakeUp } == at(7))
        try store.write { try $0.putOff(customer: "ada", dueBy: at(7), to: at(9)) }
        let ada = StoredCustomer(id: "ada", wakeUp: at(9), version: 1, epoch: 3, row: [1])
        #expect(try store.read { try $0.customer("ada") } == ada)
        #expect(try store.read { try $0.customer("bob")?.wakeUp } == nil)
        let due = try store.read { try $0.dueCustomers(after: nil, at: at(9), limit: 9) }
        #expect(due.map { $0.id } == ["ada"])
    }
}

/// Two ids that look alike and differ in their bytes are two customers, in one transaction too.
private func exerciseAlikeIDs(_ make: () throws -> any CareStore) throws {
    let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
    try with(make) { store throws in
        try store.write { transaction throws in
            try transaction.create(composed, row: [1])
            try transaction.create(decomposed, row: [2])
            #expect(try transaction.append(event("e1"), of: composed))
            #expect(try transaction.append(event("e1"), of: decomposed))
        }
        try store.read { snapshot throws in
            #expect(try snapshot.customerCount == 2)
            #expect(try snapshot.customer(composed)?.row == [1])
            #expect(try snapshot.customer(decomposed)?.row == [2])
            #expect(try snapshot.facts(of: decomposed, receivedUntil: nil).count == 1)
        }
    }
}

/// Facts alone make no customer; its first row does, and keeps them.
private func exerciseFactsWithoutRow(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        try store.write { transaction throws in
            #expect(try transaction.append(event("e1"), of: "ada"))
            try transaction.append(decision(1))
        }
        try store.read { snapshot throws in
            #expect(try snapshot.customer("ada") == nil)
            #expect(try snapshot.customerCount == 0)
            #expect(try snapshot.customerCuts(parts: 4).isEmpty)
            #expect(try snapshot.customers(below: 9, limit: 9).isEmpty)
            try snapshot.scanCustomers(wakeUpBefore: nil, after: nil, through: nil) { _, _, _, _ in
                Issue.record("a customer without a row is scanned")
                return true
            }
        }
        try store.write { try $0.create("ada") }
        try store.read { snapshot throws in
            #expect(try snapshot.customer("ada")?.version == 1)
            #expect(try snapshot.customerCount == 1)
            #expect(try snapshot.facts(of: "ada", receivedUntil: nil) == [event("e1")])
            #expect(try snapshot.ledger(of: "ada", campaign: nil) == [decision(1)])
        }
    }
}

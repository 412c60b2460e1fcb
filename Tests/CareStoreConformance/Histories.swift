import CareStore
import CareValues
import Testing

/// Facts: appended once, read by time, then arrival.
func exerciseFacts(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        let properties: JSONObject = [
            "amount": .number(19.99), "tags": .array([.string("a"), .null, .bool(true)]), "谢": .string("\u{1}\"\\"),
            "nested": .object(["n": .number(-1e21)]),
        ]
        let bought = event("e1", time: at(50), receivedAt: at(60), properties: properties)
        let earlier = event("e2", type: "return", time: at(20), receivedAt: at(70))
        let alike = event("e3", time: at(50), receivedAt: at(80))
        let named = attributes(["tier": .string("gold"), "vip": .null], time: at(50), hasOwnTime: false)
        try store.write { transaction throws in
            for fact in [bought, earlier, alike, named] { #expect(try transaction.append(fact, of: "ada")) }
        }
        try store.read { snapshot throws in
            #expect(try snapshot.facts(of: "ada", receivedUntil: nil) == [earlier, bought, alike, named])
            #expect(try snapshot.facts(of: "ada", receivedUntil: at(79)) == [earlier, bought, named])
            #expect(try snapshot.facts(of: "ada", receivedUntil: at(70)) == [earlier, bought, named])
            #expect(try snapshot.facts(of: "ada", receivedUntil: at(49)) == [])
            #expect(try snapshot.facts(of: "bob", receivedUntil: nil) == [])
            #expect(try snapshot.hasEvent(customer: "ada", source: "shop", id: "e1"))
            #expect(try !snapshot.hasEvent(customer: "ada", source: "shop", id: "e9"))
            #expect(try !snapshot.hasEvent(customer: "ada", source: "pos", id: "e1"))
            #expect(try !snapshot.hasEvent(customer: "bob", source: "shop", id: "e1"))
        }
    }
    try exerciseDuplicates(make)
    try exerciseEventIDs(make)
}

/// An event is known by customer, source and id; an attribute fact by customer, time and values.
private func exerciseDuplicates(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        let gold: JSONObject = ["tier": .string("gold"), "n": .number(1)]
        let sameGold: JSONObject = ["n": .number(1), "tier": .string("gold")]
        try store.write { transaction throws in
            #expect(try transaction.append(event("e1"), of: "ada"))
            #expect(try !transaction.append(event("e1", type: "other", time: at(9)), of: "ada"))
            #expect(try transaction.append(event("e1", source: "pos"), of: "ada"))
            #expect(try transaction.append(event("e1"), of: "bob"))
            #expect(try transaction.append(attributes(gold), of: "ada"))
            #expect(try !transaction.append(attributes(sameGold, hasOwnTime: false), of: "ada"))
            #expect(try transaction.append(attributes(gold, time: at(1)), of: "ada"))
            #expect(try transaction.append(attributes(["tier": .string("gold")]), of: "ada"))
            #expect(try transaction.append(attributes(gold), of: "bob"))
        }
        try store.write { transaction throws in
            #expect(try !transaction.append(event("e1"), of: "ada"))
            #expect(try !transaction.append(attributes(gold), of: "ada"))
            #expect(try transaction.facts(of: "ada", receivedUntil: nil).count == 5)
            #expect(try transaction.facts(of: "bob", receivedUntil: nil).count == 2)
        }
    }
}

/// Ids of events by their beginning, of one customer and one source.
private func exerciseEventIDs(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        try store.write { transaction throws in
            for id in ["row-2", "row-1", "row-", "row", "row-é", "row-~", "row.1", "Row-1"] {
                #expect(try transaction.append(event(id), of: "ada"))
            }
            #expect(try transaction.append(event("row-3"), of: "bob"))
            #expect(try transaction.append(event("row-4", source: "pos"), of: "ada"))
        }
        try store.read { snapshot throws in
            func ids(_ prefix: String, of customer: String = "ada") throws -> [String] {
                try snapshot.eventIDs(of: customer, source: "shop", prefix: prefix)
            }
            #expect(try ids("row-") == ["row-", "row-1", "row-2", "row-~", "row-é"])
            #expect(try ids("row-1") == ["row-1"])
            #expect(try ids("row-3") == [])
            #expect(try ids("row-", of: "bob") == ["row-3"])
            #expect(try ids("row-", of: "eve") == [])
        }
    }
}

/// The ledger: in the order written, one final decision a key.
func exerciseLedger(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        let held = decision(1, number: 1, outcome: "hold", reason: "quiet_hours", now: at(10))
        let heldAgain = decision(1, number: 2, outcome: "hold", reason: "paused", now: at(20))
        let acted = decision(1, now: at(30))
        let other = decision(2, customer: "bob", campaign: "birthday", outcome: "skip", reason: "too_late", now: at(5))
        let own = decision(3, campaign: "birthday", now: at(30))
        try store.write { transaction throws in
            for entry in [held, heldAgain, acted, other, own] { try transaction.append(entry) }
        }
        expect(.duplicateDecision) { try store.write { try $0.append(decision(1, now: at(99))) } }
        expect(.duplicateDecision) { try store.write { try $0.append(decision(1, customer: "eve")) } }
        try store.write { try $0.append(decision(1, number: 3, outcome: "error", reason: "evaluation_error")) }
        try store.read { snapshot throws in
            let last = decision(1, number: 3, outcome: "error", reason: "evaluation_error")
            #expect(try snapshot.ledger(of: "ada", campaign: nil) == [held, heldAgain, acted, own, last])
            #expect(try snapshot.ledger(of: "ada", campaign: "birthday") == [own])
            #expect(try snapshot.ledger(of: "bob", campaign: nil) == [other])
            #expect(try snapshot.ledger(of: "bob", campaign: "thanks") == [])
            #expect(try snapshot.ledger(of: "eve", campaign: nil) == [])
            #expect(try snapshot.ledger(from: at(5), until: at(30)) == [held, heldAgain, other])
            #expect(try snapshot.ledger(from: at(30), until: at(31)) == [acted, own])
            #expect(try snapshot.ledger(from: at(6), until: at(10)) == [])
        }
    }
}

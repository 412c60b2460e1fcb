import CareStore
import CareValues

/// What is old goes: facts into what they come to, decisions and deliveries for good.
extension SQLiteTransaction {
    func foldFacts(of customer: String, into base: Fact, where isPruned: (Fact) -> Bool) throws -> Int {
        try settle()
        guard let index = try slot(of: customer) else { return 0 }
        // Newest first, as the chain goes.
        var kept: [(number: Int64, previous: Int64)] = []
        var pruned: [Int64] = []
        var number = slots[index].lastFact
        let query = try statement(.factByNumber)
        var walk = ChainWalk()
        while number > 0 {
            try walk.step(to: number)
            query.reset()
            query.bind(1, number)
            query.bind(2, slots[index].number)
            guard try query.step() else { throw StoreError(.unreadable, "fact \(number) is missing from its chain") }
            let previous = query.integer(0)
            if isPruned(try storedFact(query, number: number)) {
                pruned.append(number)
            } else {
                kept.append((number, previous))
            }
            number = previous
        }
        query.reset()
        guard !pruned.isEmpty else { return 0 }
        let delete = try statement(sql: "DELETE FROM facts WHERE number = ?1")
        for number in pruned {
            delete.reset()
            delete.bind(1, number)
            try delete.run()
        }
        let slot = slots[index]
        slots[index].lastFact = 0
        guard try append(base, of: customer) else {
            throw StoreError(.corrupt, "a customer has two bases of facts")
        }
        let first = slots[index].lastFact
        let link = try statement(sql: "UPDATE facts SET previous = ?2 WHERE number = ?1")
        for (place, one) in kept.enumerated() {
            let previous = place + 1 < kept.count ? kept[place + 1].number : first
            guard previous != one.previous else { continue }
            link.reset()
            link.bind(1, one.number)
            link.bind(2, previous)
            try link.run()
        }
        slots[index].lastFact = kept.first?.number ?? first
        slots[index].isDirty = slots[index].isDirty || slots[index].lastFact != slot.lastFact
        try settle()
        return pruned.count
    }

    func pruneDecisions(of customer: String, before horizon: Timestamp) throws -> Int {
        try settle()
        guard let index = try slot(of: customer) else { return 0 }
        let find = try statement(sql: "SELECT previous, key, now FROM ledger WHERE number = ?1 AND customer = ?2")
        let sent = try statement(sql: "SELECT 1 FROM outbox WHERE id = ?1")
        var kept: [(number: Int64, previous: Int64)] = []
        var pruned: [Int64] = []
        var number = slots[index].lastDecision
        var walk = ChainWalk()
        while number > 0 {
            try walk.step(to: number)
            find.reset()
            find.bind(1, number)
            find.bind(2, slots[index].number)
            guard try find.step() else { throw StoreError(.unreadable, "decision \(number) is missing from its chain") }
            // As when it is read: it concerns its customer, not the store.
            guard let key = try? deliveryID(find.bytes(1)) else {
                throw StoreError(.unreadable, "the key of a decision cannot be read")
            }
            let (previous, now) = (find.integer(0), find.integer(2))
            var goes = now < horizon.milliseconds
            if goes {
                // A delivery that is still there is found by its decision.
                sent.reset()
                sent.bind(1, high: key.high, low: key.low)
                goes = try !sent.step()
            }
            if goes { pruned.append(number) } else { kept.append((number, previous)) }
            number = previous
        }
        find.reset()
        sent.reset()
        guard !pruned.isEmpty else { return 0 }
        let delete = try statement(sql: "DELETE FROM ledger WHERE number = ?1")
        for number in pruned {
            delete.reset()
            delete.bind(1, number)
            try delete.run()
        }
        let link = try statement(sql: "UPDATE ledger SET previous = ?2 WHERE number = ?1")
        for (place, one) in kept.enumerated() {
            let previous = place + 1 < kept.count ? kept[place + 1].number : 0
            guard previous != one.previous else { continue }
            link.reset()
            link.bind(1, one.number)
            link.bind(2, previous)
            try link.run()
        }
        let newest = kept.first?.number ?? 0
        if slots[index].lastDecision != newest {
            slots[index].lastDecision = newest
            slots[index].isDirty = true
            try settle()
        }
        return pruned.count
    }

    func pruneDeliveries(
        before horizon: Timestamp, after cursor: Int64, limit: Int
    ) throws -> (
        count: Int, cursor: Int64?
    ) {
        try settle()
        let rows = try statement(
            sql: "SELECT number, state, decidedAt FROM outbox WHERE number > ?1 ORDER BY number LIMIT ?2")
        rows.bind(1, cursor)
        rows.bind(2, limit)
        var last: Int64?
        var pruned: [(number: Int64, state: DeliveryState?)] = []
        while try rows.step() {
            last = rows.integer(0)
            // In no state that there is nothing more comes of it.
            let state = try? DeliveryState(code: rows.integer(1))
            guard rows.integer(2) < horizon.milliseconds, state?.isOver ?? true else { continue }
            pruned.append((rows.integer(0), state))
        }
        rows.reset()
        let attempts = try statement(sql: "DELETE FROM attempts WHERE delivery = ?1")
        let delete = try statement(sql: "DELETE FROM outbox WHERE number = ?1")
        for one in pruned {
            for query in [attempts, delete] {
                query.reset()
                query.bind(1, one.number)
                try query.run()
            }
            if let state = one.state { moved(-1, from: nil, to: state) }
        }
        return (pruned.count, last)
    }
}

import CareStore
import CareValues
import GRDB

/// What happened to a customer and what was decided: two chains from the newest to the oldest, and the rule sets.
extension SQLiteSnapshot {
    func facts(of customer: String, receivedUntil: Timestamp?) throws -> [Fact] {
        try settle()
        let heads = try heads(of: customer)
        var number = heads.lastFact
        var newestFirst: [Fact] = []
        let query = try statement(.factByNumber)
        var walk = ChainWalk()
        while number > 0 {
            try walk.step(to: number)
            query.reset()
            query.bind(1, number)
            query.bind(2, heads.number)
            guard try query.step() else { throw StoreError(.unreadable, "fact \(number) is missing from its chain") }
            let fact = try storedFact(query, number: number)
            number = query.integer(0)
            if let receivedUntil, fact.receivedAt > receivedUntil { continue }
            newestFirst.append(fact)
        }
        query.reset()
        // Stable: of one time, in the order of arrival.
        let inOrder = newestFirst.reversed().enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }
        return inOrder.map(\.element)
    }

    /// The fact in a row of ``HotQuery/factByNumber``.
    ///
    /// - Throws: ``StoreError/Code/unreadable``, naming its number: what else is stored can be read all the same.
    func storedFact(_ query: RawStatement, number: Int64) throws -> Fact {
        guard let body = JSONValue(storedText: query.text(7)), case .object(let values) = body else {
            throw StoreError(.unreadable, "the values of fact \(number) are not a JSON object")
        }
        let time = Timestamp(milliseconds: query.integer(1))
        let receivedAt = Timestamp(milliseconds: query.integer(2))
        if query.isNull(5) {
            return .attributes(
                AttributeFact(values: values, time: time, receivedAt: receivedAt, hasOwnTime: query.integer(3) != 0))
        }
        return .event(
            Event(
                type: query.text(4), source: query.text(5), id: query.text(6), time: time, receivedAt: receivedAt,
                properties: values))
    }

    func hasEvent(customer: String, source: String, id: String) throws -> Bool {
        let number = try heads(of: customer).number
        guard number > 0 else { return false }
        let query = try statement(.eventByIdentity)
        query.bind(1, source)
        query.bind(2, id)
        query.bind(3, number)
        defer { query.reset() }
        return try query.step()
    }

    func eventIDs(of customer: String, source: String, prefix: String) throws -> [String] {
        let number = try heads(of: customer).number
        // The first text after all that begin with the prefix: the prefix with its last character's successor.
        guard number > 0, let last = prefix.unicodeScalars.last, let next = Unicode.Scalar(last.value + 1) else {
            return []
        }
        let end = String(prefix.unicodeScalars.dropLast()) + String(Character(next))
        let query = try statement(.eventIDs)
        query.bind(1, source)
        query.bind(2, prefix)
        query.bind(3, end)
        query.bind(4, number)
        defer { query.reset() }
        var ids: [String] = []
        while try query.step() { ids.append(query.text(0)) }
        return ids
    }

    func ledger(of customer: String, campaign: String?) throws -> [LedgerEntry] {
        try settle()
        let heads = try heads(of: customer)
        var number = heads.lastDecision
        var newestFirst: [LedgerEntry] = []
        let query = try statement(.decisionByNumber)
        var walk = ChainWalk()
        while number > 0 {
            try walk.step(to: number)
            query.reset()
            query.bind(1, number)
            query.bind(2, heads.number)
            guard try query.step() else {
                throw StoreError(.unreadable, "decision \(number) is missing from its chain")
            }
            number = query.integer(0)
            if let campaign, query.text(3) != campaign { continue }
            newestFirst.append(try ledgerEntry(query, customer: customer))
        }
        query.reset()
        return newestFirst.reversed()
    }

    func ledger(from: Timestamp, until: Timestamp) throws -> [LedgerEntry] {
        let query = try statement(
            sql: """
                SELECT l.previous, l.key, l.provisional, l.campaign, l.occurrence, l.step, l.action, l.outcome, l.reason,
                    l.now, l.due, l.epoch, l.inputs, c.id
                FROM ledger l JOIN customers c ON c.number = l.customer
                WHERE l.now >= ?1 AND l.now < ?2 ORDER BY l.number
                """)
        query.bind(1, from.milliseconds)
        query.bind(2, until.milliseconds)
        var entries: [LedgerEntry] = []
        while try query.step() {
            // One that cannot be read concerns its customer, not all others.
            guard let entry = try? ledgerEntry(query, customer: query.text(13)) else { continue }
            entries.append(entry)
        }
        return entries
    }

    /// The decision in a row of ``HotQuery/decisionByNumber``.
    func ledgerEntry(_ query: RawStatement, customer: String) throws -> LedgerEntry {
        // One decision that cannot be read concerns its customer, not the store.
        guard let key = try? deliveryID(query.bytes(1)) else {
            throw StoreError(.unreadable, "the key of a decision cannot be read")
        }
        return LedgerEntry(
            key: key, number: Int(query.integer(2)), customer: customer,
            campaign: query.text(3), occurrence: query.text(4), step: query.text(5), action: query.text(6),
            outcome: query.text(7), reason: query.text(8), now: Timestamp(milliseconds: query.integer(9)),
            due: Timestamp(milliseconds: query.integer(10)), epoch: query.integer(11), inputs: query.text(12))
    }

    /// The number of a customer and the newest links of its two chains; zeros for one that is not stored.
    func heads(of customer: String) throws -> (number: Int64, lastFact: Int64, lastDecision: Int64) {
        let query = try statement(.headsByID)
        query.bind(1, customer)
        guard try query.step() else { return (0, 0, 0) }
        defer { query.reset() }
        return (query.integer(0), query.integer(4), query.integer(5))
    }

    func activeRuleSet() throws -> StoredRuleSet? {
        try plain { db in
            guard let newest = try Int64.fetchOne(db, sql: "SELECT max(epoch) FROM rule_sets") else { return nil }
            return try storedRuleSet(db, epoch: newest)
        }
    }

    func ruleSet(epoch: Int64) throws -> StoredRuleSet? {
        try plain { try storedRuleSet($0, epoch: epoch) }
    }

    private func storedRuleSet(_ db: Database, epoch: Int64) throws -> StoredRuleSet? {
        let columns = "fingerprint, text, activatedAt, zone, zoneDataVersion, cutPoints, holidays"
        guard
            let row = try Row.fetchOne(db, sql: "SELECT \(columns) FROM rule_sets WHERE epoch = ?", arguments: [epoch])
        else { return nil }
        var starts: [String: Timestamp] = [:]
        let rows = try Row.fetchAll(
            db, sql: "SELECT campaign, start FROM rule_set_starts WHERE epoch = ?", arguments: [epoch])
        for row in rows { starts[row["campaign"]] = Timestamp(milliseconds: row["start"]) }
        return StoredRuleSet(
            epoch: epoch, fingerprint: row["fingerprint"], text: row["text"],
            activatedAt: Timestamp(milliseconds: row["activatedAt"]), starts: starts, zone: row["zone"],
            zoneDataVersion: row["zoneDataVersion"], cutPoints: row["cutPoints"],
            holidays: row["holidays"])
    }

    func cutPoints(version: Int64?) throws -> StoredCutPoints? {
        try plain { db in
            let sql =
                "SELECT version, computedAt, text FROM cut_points WHERE version = coalesce(?, (SELECT max(version) FROM cut_points))"
            guard let row = try Row.fetchOne(db, sql: sql, arguments: [version]) else { return nil }
            return StoredCutPoints(
                version: row["version"], computedAt: Timestamp(milliseconds: row["computedAt"]), text: row["text"])
        }
    }
}

/// The id in 16 stored bytes.
func deliveryID(_ bytes: UnsafeRawBufferPointer) throws -> DeliveryID {
    guard bytes.count == 16 else { throw StoreError(.corrupt, "a delivery id of \(bytes.count) bytes") }
    return DeliveryID(
        high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
        low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
}

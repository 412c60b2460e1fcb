import CareStore
import CareValues

/// What people ask when they look back: by the indexes of the ledger, by a customer's chains, by the outbox's numbers.
extension SQLiteSnapshot {
    // MARK: The ledger

    func ledger(_ filter: LedgerFilter, before: LedgerPlace?, limit: Int) throws -> [LedgerFinding] {
        try settle()
        guard limit > 0 else { return [] }
        if let customer = filter.customer { return try chained(filter, customer, before: before, limit: limit) }
        var places: [LedgerPlace] = []
        if filter.campaign == nil, filter.outcome == nil, filter.reason == nil {
            places = try ledgerPlaces(nil, filter, before: before, limit: limit)
        } else {
            // Each answer has a run of the index of its own; the newest of all are the newest of each.
            for answer in try answers(campaign: filter.campaign) where answer.fits(filter) {
                places += try ledgerPlaces(answer, filter, before: before, limit: limit)
            }
            places.sort { ($0.now, $0.number) > ($1.now, $1.number) }
        }
        let query = try statement(
            sql: """
                SELECT l.previous, l.key, l.provisional, l.campaign, l.occurrence, l.step, l.action, l.outcome, l.reason,
                    l.now, l.due, l.epoch, l.inputs, coalesce(c.id, '')
                FROM ledger l LEFT JOIN customers c ON c.number = l.customer WHERE l.number = ?1
                """)
        defer { query.reset() }
        return try places.prefix(limit).map { place in
            query.reset()
            query.bind(1, place.number)
            guard try query.step() else {
                throw StoreError(.corrupt, "decision \(place.number) is not where it is indexed")
            }
            return LedgerFinding(place: place, entry: try ledgerEntry(query, customer: query.text(13)))
        }
    }

    func ledgerSums(from: Timestamp, until: Timestamp, campaign: String?) throws -> [LedgerSum] {
        try settle()
        let query = try statement(
            sql: """
                SELECT count(*) FROM ledger INDEXED BY ledger_answers
                WHERE campaign = ?1 AND outcome = ?2 AND reason = ?3 AND now >= ?4 AND now < ?5
                """)
        defer { query.reset() }
        return try answers(campaign: campaign).compactMap { answer in
            query.reset()
            query.bind(1, answer.campaign)
            query.bind(2, answer.outcome)
            query.bind(3, answer.reason)
            query.bind(4, from.milliseconds)
            query.bind(5, until.milliseconds)
            guard try query.step() else { return nil }
            let count = Int(query.integer(0))
            guard count > 0 else { return nil }
            return LedgerSum(
                campaign: answer.campaign, outcome: answer.outcome, reason: answer.reason, count: count)
        }
    }

    /// An answer that the ledger has: campaign, outcome and reason.
    private struct Answer {
        var campaign: String
        var outcome: String
        var reason: String

        func fits(_ filter: LedgerFilter) -> Bool {
            (filter.campaign ?? campaign) == campaign && (filter.outcome ?? outcome) == outcome
                && (filter.reason ?? reason) == reason
        }
    }

    /// All answers there are, each found by a step down the index behind the one before.
    ///
    /// A comparison of the three columns as one would only seek by the first: hence three questions, from the next reason
    /// to the next campaign.
    private func answers(campaign: String?) throws -> [Answer] {
        let select = "SELECT campaign, outcome, reason FROM ledger INDEXED BY ledger_answers WHERE "
        let order = " ORDER BY campaign, outcome, reason LIMIT 1"
        let nextReason = try statement(sql: select + "campaign = ?1 AND outcome = ?2 AND reason > ?3" + order)
        let nextOutcome = try statement(sql: select + "campaign = ?1 AND outcome > ?2" + order)
        let nextCampaign = try statement(sql: select + "campaign > ?1" + order)
        defer { for query in [nextReason, nextOutcome, nextCampaign] { query.reset() } }
        func first(_ query: RawStatement, _ values: [String]) throws -> Answer? {
            query.reset()
            for (place, value) in values.enumerated() { query.bind(Int32(place + 1), value) }
            guard try query.step() else { return nil }
            return Answer(campaign: query.text(0), outcome: query.text(1), reason: query.text(2))
        }
        var found: [Answer] = []
        var last = Answer(campaign: campaign ?? "", outcome: "", reason: "")
        while true {
            var next = try first(nextReason, [last.campaign, last.outcome, last.reason])
            if next == nil { next = try first(nextOutcome, [last.campaign, last.outcome]) }
            if next == nil, campaign == nil { next = try first(nextCampaign, [last.campaign]) }
            guard let next else { return found }
            found.append(next)
            last = next
        }
    }

    /// That a decision's key can be read: those of which it cannot are left out of searches over everybody.
    private static let hasKey = "length(CAST(key AS BLOB)) = 16"

    private func ledgerPlaces(
        _ answer: Answer?, _ filter: LedgerFilter, before: LedgerPlace?, limit: Int
    ) throws -> [LedgerPlace] {
        let index = answer == nil ? "ledger_now" : "ledger_answers"
        let of = answer == nil ? "" : "campaign = ?6 AND outcome = ?7 AND reason = ?8 AND "
        let query = try statement(
            sql: """
                SELECT now, number FROM ledger INDEXED BY \(index)
                WHERE \(of)now >= ?1 AND now <= ?2 AND (now < ?3 OR number < ?4) AND \(Self.hasKey)
                ORDER BY now DESC, number DESC LIMIT ?5
                """)
        defer { query.reset() }
        query.bind(1, (filter.from ?? .distantPast).milliseconds)
        // One bound above, the lower of both: of two the index would take the first.
        let place = before?.now ?? .distantFuture
        query.bind(2, min((filter.until ?? .distantFuture).milliseconds - 1, place.milliseconds))
        query.bind(3, place.milliseconds)
        query.bind(4, before?.number ?? .max)
        query.bind(5, limit)
        if let answer {
            query.bind(6, answer.campaign)
            query.bind(7, answer.outcome)
            query.bind(8, answer.reason)
        }
        var places: [LedgerPlace] = []
        while try query.step() {
            places.append(LedgerPlace(now: Timestamp(milliseconds: query.integer(0)), number: query.integer(1)))
        }
        return places
    }

    /// A customer's decisions are a chain, short beside the ledger: it is walked whole, since `now` need not fall along it.
    private func chained(
        _ filter: LedgerFilter, _ customer: String, before: LedgerPlace?, limit: Int
    ) throws -> [LedgerFinding] {
        var found: [LedgerFinding] = []
        try walkLedger(of: customer, before: nil) { number, entry in
            let place = LedgerPlace(now: entry.now, number: number)
            let answer = Answer(campaign: entry.campaign, outcome: entry.outcome, reason: entry.reason)
            let isBefore = before.map { (place.now, place.number) < ($0.now, $0.number) } ?? true
            if answer.fits(filter), isBefore, entry.now >= filter.from ?? .distantPast,
                entry.now < filter.until ?? .distantFuture
            {
                found.append(LedgerFinding(place: place, entry: entry))
            }
            return true
        }
        found.sort { ($0.place.now, $0.place.number) > ($1.place.now, $1.place.number) }
        return Array(found.prefix(limit))
    }

    // MARK: One customer

    func recentFacts(of customer: String, before: Int64?, limit: Int) throws -> [(place: Int64, fact: Fact)] {
        try settle()
        let heads = try heads(of: customer)
        var number = try start("facts", of: heads.number, newest: heads.lastFact, before: before)
        var found: [(place: Int64, fact: Fact)] = []
        let query = try statement(.factByNumber)
        defer { query.reset() }
        var walk = ChainWalk()
        while number > 0, found.count < limit {
            try walk.step(to: number)
            query.reset()
            query.bind(1, number)
            query.bind(2, heads.number)
            guard try query.step() else { throw StoreError(.unreadable, "fact \(number) is missing from its chain") }
            // What only stands for facts that were folded has an empty type.
            let isBase = !query.isNull(4) && query.text(4).isEmpty
            if number < before ?? .max, !isBase { found.append((number, try storedFact(query, number: number))) }
            number = query.integer(0)
        }
        return found
    }

    func recentLedger(of customer: String, before: Int64?, limit: Int) throws -> [(place: Int64, entry: LedgerEntry)] {
        var found: [(place: Int64, entry: LedgerEntry)] = []
        guard limit > 0 else { return found }
        try walkLedger(of: customer, before: before) { number, entry in
            found.append((number, entry))
            return found.count < limit
        }
        return found
    }

    /// Hands out a customer's decisions, last written first, until `visit` says false.
    private func walkLedger(
        of customer: String, before: Int64?, _ visit: (Int64, LedgerEntry) throws -> Bool
    ) throws {
        try settle()
        let heads = try heads(of: customer)
        var number = try start("ledger", of: heads.number, newest: heads.lastDecision, before: before)
        let query = try statement(.decisionByNumber)
        defer { query.reset() }
        var walk = ChainWalk()
        while number > 0 {
            try walk.step(to: number)
            query.reset()
            query.bind(1, number)
            query.bind(2, heads.number)
            guard try query.step() else {
                throw StoreError(.unreadable, "decision \(number) is missing from its chain")
            }
            let previous = query.integer(0)
            if number < before ?? .max {
                guard try visit(number, try ledgerEntry(query, customer: customer)) else { return }
            }
            number = previous
        }
    }

    /// Where a walk along a customer's chain begins that wants only what comes behind `before`: right there, while that
    /// is still in the chain, else at the newest.
    private func start(_ table: String, of customer: Int64, newest: Int64, before: Int64?) throws -> Int64 {
        guard let before else { return newest }
        let query = try statement(sql: "SELECT previous FROM \(table) WHERE number = ?1 AND customer = ?2")
        query.bind(1, before)
        query.bind(2, customer)
        defer { query.reset() }
        return try query.step() ? query.integer(0) : newest
    }

    func customers(idPrefix prefix: String, after: String?, limit: Int) throws -> [StoredCustomer] {
        try settle()
        guard limit > 0 else { return [] }
        // Bytes: 0xFF is in no text, so that all that begins with the prefix lies below the prefix and it.
        let query = try statement(
            sql: """
                SELECT id, wakeUp, version, epoch, row FROM customers INDEXED BY customers_id
                WHERE id >= ?1 AND id > ?2 AND \(HotQuery.isCustomer) ORDER BY id
                """)
        defer { query.reset() }
        query.bind(1, prefix)
        query.bind(2, after ?? "")
        var found: [StoredCustomer] = []
        while found.count < limit, try query.step() {
            let id = query.text(0)
            guard id.utf8.starts(with: prefix.utf8) else { break }
            let (wakeUp, version) = (query.optionalInteger(1), query.integer(2))
            found.append(
                StoredCustomer(
                    id: id, wakeUp: wakeUp.map { Timestamp(milliseconds: $0) },
                    // As a scan gives them: what contradicts itself cannot be decoded.
                    version: version, epoch: query.integer(3),
                    row: Self.contradiction(version: version, wakeUp: wakeUp) == nil ? [UInt8](query.bytes(4)) : []))
        }
        return found
    }

    // MARK: The outbox

    func deliveries(
        _ filter: DeliveryFilter, before: Int64?, limit: Int
    ) throws -> [(place: Int64, delivery: StoredDelivery)] {
        try settle()
        var found: [(place: Int64, delivery: StoredDelivery)] = []
        for part in DeliveryCondition.parts(of: filter) {
            let word = part.table.contains(" WHERE ") ? "AND" : "WHERE"
            let query = try statement(
                sql: """
                    SELECT \(HotQuery.deliveryColumns) FROM \(part.table) \(word) number < ?2
                    ORDER BY number DESC LIMIT ?1
                    """)
            defer { query.reset() }
            query.bind(2, before ?? .max)
            try part.bind(to: query)
            found += try readable(query, limit: limit, at: 1)
        }
        return Array(found.sorted { $0.place > $1.place }.prefix(limit))
    }

    func deliverySums(decidedFrom instant: Timestamp) throws -> DeliverySums {
        try settle()
        let query = try statement(
            sql: """
                SELECT state, count(*), sum(attempts = 1) FROM outbox
                WHERE number >= ?1 AND decidedAt >= ?2 GROUP BY state
                """)
        defer { query.reset() }
        query.bind(1, try firstDelivery(decidedFrom: instant))
        query.bind(2, instant.milliseconds)
        var sums = DeliverySums()
        while try query.step() {
            guard let state = try? DeliveryState(code: query.integer(0)) else { continue }
            sums.states[state] = Int(query.integer(1))
            if state == .delivered { sums.deliveredAtOnce = Int(query.integer(2)) }
        }
        return sums
    }

    /// A number below those of all deliveries decided at or after an instant: rows come in the order of decisions, but
    /// for a customer whose clock lags behind; those are looked for among the thousands just before.
    private func firstDelivery(decidedFrom instant: Timestamp) throws -> Int64 {
        let at = try statement(sql: "SELECT decidedAt FROM outbox WHERE number >= ?1 ORDER BY number LIMIT 1")
        let last = try statement(sql: "SELECT coalesce(max(number), 0) FROM outbox")
        defer {
            at.reset()
            last.reset()
        }
        guard try last.step() else { return 0 }
        var low: Int64 = 1
        var high = last.integer(0) + 1
        while low < high {
            let middle = low + (high - low) / 2
            at.reset()
            at.bind(1, middle)
            if try at.step(), at.integer(0) < instant.milliseconds { low = middle + 1 } else { high = middle }
        }
        return max(0, low - 4_096)
    }
}

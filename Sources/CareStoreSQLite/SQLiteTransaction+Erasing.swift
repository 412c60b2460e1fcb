import CareStore
import CareValues

/// Forgetting a customer. Deleted bytes are overwritten (`secure_delete`); what is changed in place is shorter than what
/// stood there, and the rest is overwritten too.
extension SQLiteTransaction {
    func erase(customer id: String) throws -> ErasedContent? {
        try settle()
        guard let index = try slot(of: id) else { return nil }
        let slot = slots[index]
        var content = ErasedContent()
        content.facts = try eraseFacts(rows(of: "facts", from: slot.lastFact, customer: slot.number).numbers)
        let keys = ForgottenKeys()
        let decisions = try rows(of: "ledger", from: slot.lastDecision, customer: slot.number)
        let decided = try eraseDecisions(decisions.numbers, keys)
        content.decisions = decisions.numbers.count
        // Where decisions cannot be told any more, their deliveries are found by whom they are about.
        let isWhole = !decisions.isDamaged && decided.count == decisions.numbers.count
        let deliveries = try isWhole ? decided.compactMap { try delivery($0, about: id) } : self.deliveries(about: id)
        for delivery in deliveries {
            guard let isCancelled = try eraseDelivery(delivery, of: id, keys) else { continue }
            content.deliveries += 1
            if isCancelled, let key = delivery.id { content.cancelled.append(key) }
        }
        try moveScans(awayFrom: slot.number, id)
        let delete = try statement(sql: "DELETE FROM customers WHERE number = ?1")
        delete.bind(1, slot.number)
        try delete.run()
        forget(id, wasCustomer: slot.version != 0 || slot.wakeUp != nil)
        return content
    }

    /// The rows of a customer's chain, newest first; of a damaged chain, all that bear the customer's number.
    ///
    /// By a scan of the whole table then: who is to be forgotten must be, whatever has become of the rest.
    private func rows(
        of table: String, from newest: Int64, customer: Int64
    ) throws -> (numbers: [Int64], isDamaged: Bool) {
        let previous = try statement(sql: "SELECT previous FROM \(table) WHERE number = ?1 AND customer = ?2")
        var numbers: [Int64] = []
        var number = newest
        var walk = ChainWalk()
        while number > 0 {
            previous.reset()
            previous.bind(1, number)
            previous.bind(2, customer)
            guard (try? walk.step(to: number)) != nil, try previous.step() else {
                previous.reset()
                return (try allRows(of: table, customer: customer), true)
            }
            numbers.append(number)
            number = previous.integer(0)
        }
        previous.reset()
        return (numbers, false)
    }

    private func allRows(of table: String, customer: Int64) throws -> [Int64] {
        let find = try statement(sql: "SELECT number FROM \(table) WHERE customer = ?1 ORDER BY number DESC")
        find.bind(1, customer)
        var numbers: [Int64] = []
        while try find.step() { numbers.append(find.integer(0)) }
        return numbers
    }

    /// A row of the outbox, and its id where that can be read.
    private typealias DeliveryRow = (number: Int64, id: DeliveryID?)

    private func delivery(_ id: DeliveryID, about customer: String) throws -> DeliveryRow? {
        let find = try statement(sql: "SELECT number FROM outbox WHERE id = ?1 AND customer = ?2")
        find.bind(1, high: id.high, low: id.low)
        find.bind(2, customer)
        guard try find.step() else { return nil }
        defer { find.reset() }
        return (find.integer(0), id)
    }

    private func deliveries(about customer: String) throws -> [DeliveryRow] {
        let find = try statement(sql: "SELECT number, id FROM outbox WHERE customer = ?1")
        find.bind(1, customer)
        var rows: [DeliveryRow] = []
        while try find.step() { rows.append((find.integer(0), try? deliveryID(find.bytes(1)))) }
        return rows
    }

    private func eraseFacts(_ numbers: [Int64]) throws -> Int {
        let delete = try statement(sql: "DELETE FROM facts WHERE number = ?1")
        for number in numbers {
            delete.reset()
            delete.bind(1, number)
            try delete.run()
        }
        return numbers.count
    }

    /// The keys of the decisions, newest first; one that was held before is in it more than once. One that cannot be read
    /// is left out.
    private func eraseDecisions(_ numbers: [Int64], _ forgotten: ForgottenKeys) throws -> [DeliveryID] {
        let find = try statement(sql: "SELECT key, now, due FROM ledger WHERE number = ?1")
        let update = try statement(
            sql: """
                UPDATE ledger SET customer = 0, previous = 0, key = ?4, occurrence = '', inputs = '{}', now = ?2, due = ?3
                WHERE number = ?1
                """)
        var keys: [DeliveryID] = []
        for number in numbers {
            find.reset()
            find.bind(1, number)
            guard try find.step() else { continue }
            let key = try? deliveryID(find.bytes(0))
            if let key { keys.append(key) }
            let (now, due) = (find.integer(1), find.integer(2))
            find.reset()
            update.reset()
            update.bind(1, number)
            update.bind(2, startOfDay(now))
            update.bind(3, startOfDay(due))
            let new = forgotten.key(for: key ?? DeliveryID(hashing: "decision \(number)"))
            update.bind(4, high: new.high, low: new.low)
            try update.run()
        }
        return keys
    }

    /// Whether the delivery in that row, about the customer, had not arrived; nil: there is none, or no more.
    private func eraseDelivery(
        _ row: DeliveryRow, of customer: String, _ forgotten: ForgottenKeys
    ) throws -> Bool? {
        let find = try statement(sql: "SELECT state, decidedAt FROM outbox WHERE number = ?1 AND customer = ?2")
        find.bind(1, row.number)
        find.bind(2, customer)
        guard try find.step() else { return nil }
        // A state that cannot be read is none in which anything may be sent.
        let (state, decidedAt) = (try? DeliveryState(code: find.integer(0)), find.integer(1))
        find.reset()
        let isCancelled = state != .delivered && state != .cancelled
        let update = try statement(
            sql: """
                UPDATE outbox SET id = ?3, customer = '', key = '', address = '', data = '{}', language = '', quietTimes = NULL,
                    consents = NULL, decidedAt = ?2, expiresAt = NULL, isOrdered = 0, place = NULL
                    \(isCancelled ? ", state = 5, staysParked = 0, reason = 'erased'" : "")
                WHERE number = ?1
                """)
        update.bind(1, row.number)
        update.bind(2, startOfDay(decidedAt))
        let new = forgotten.key(for: row.id ?? DeliveryID(hashing: "delivery \(row.number)"))
        update.bind(3, high: new.high, low: new.low)
        try update.run()
        if isCancelled { moved(1, from: state, to: .cancelled) }
        return isCancelled
    }

    /// A scan that has come as far as the customer has come as far as the one before it.
    private func moveScans(awayFrom number: Int64, _ id: String) throws {
        let move = try statement(
            sql: """
                UPDATE scans SET cursor = (
                    SELECT id FROM customers WHERE number < ?1 AND version > 0 ORDER BY number DESC LIMIT 1)
                WHERE cursor = ?2
                """)
        move.bind(1, number)
        move.bind(2, id)
        try move.run()
    }

    /// The first millisecond of the UTC day.
    private func startOfDay(_ milliseconds: Int64) -> Int64 {
        Zone.utc.date(at: Timestamp(milliseconds: milliseconds)).dayNumber.startMilliseconds
    }
}

/// What takes the place of the keys of an erased customer's decisions: a key is a hash of campaign, customer and
/// occurrence, so that whoever guesses those would find them again. Mixed with a secret that is kept nowhere; rows of one
/// decision still have one key.
private struct ForgottenKeys {
    private let secret = (0..<4).map { _ in String(UInt64.random(in: 0 ... .max), radix: 16) }.joined(separator: "-")

    func key(for key: DeliveryID) -> DeliveryID { DeliveryID(hashing: secret + key.text) }
}

extension Int32 {
    /// Of a day's number: its first millisecond, UTC.
    fileprivate var startMilliseconds: Int64 { Int64(self) * 86_400_000 }
}

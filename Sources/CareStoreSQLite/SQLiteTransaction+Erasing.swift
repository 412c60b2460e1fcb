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
        content.facts = try eraseFacts(from: slot.lastFact)
        let keys = ForgottenKeys()
        for key in try eraseDecisions(from: slot.lastDecision, keys) {
            content.decisions += 1
            guard let isCancelled = try eraseDelivery(key, of: id, keys) else { continue }
            content.deliveries += 1
            if isCancelled { content.cancelled.append(key) }
        }
        try moveScans(awayFrom: slot.number, id)
        let delete = try statement(sql: "DELETE FROM customers WHERE number = ?1")
        delete.bind(1, slot.number)
        try delete.run()
        forget(id, wasCustomer: slot.version > 0)
        return content
    }

    private func eraseFacts(from newest: Int64) throws -> Int {
        let previous = try statement(sql: "SELECT previous FROM facts WHERE number = ?1")
        let delete = try statement(sql: "DELETE FROM facts WHERE number = ?1")
        var number = newest
        var count = 0
        while number > 0 {
            previous.reset()
            previous.bind(1, number)
            guard try previous.step() else { throw StoreError(.unreadable, "fact \(number) is missing from its chain") }
            let next = previous.integer(0)
            delete.reset()
            delete.bind(1, number)
            previous.reset()
            try delete.run()
            count += 1
            number = next
        }
        return count
    }

    /// The keys of the decisions, newest first; one that was held before is in it more than once.
    private func eraseDecisions(from newest: Int64, _ forgotten: ForgottenKeys) throws -> [DeliveryID] {
        let find = try statement(sql: "SELECT previous, key, now, due FROM ledger WHERE number = ?1")
        let update = try statement(
            sql: """
                UPDATE ledger SET customer = 0, previous = 0, key = ?4, occurrence = '', inputs = '{}', now = ?2, due = ?3
                WHERE number = ?1
                """)
        var keys: [DeliveryID] = []
        var number = newest
        while number > 0 {
            find.reset()
            find.bind(1, number)
            guard try find.step() else { throw StoreError(.unreadable, "decision \(number) is missing from its chain") }
            let next = find.integer(0)
            let key = try deliveryID(find.bytes(1))
            keys.append(key)
            let (now, due) = (find.integer(2), find.integer(3))
            find.reset()
            update.reset()
            update.bind(1, number)
            update.bind(2, startOfDay(now))
            update.bind(3, startOfDay(due))
            let new = forgotten.key(for: key)
            update.bind(4, high: new.high, low: new.low)
            try update.run()
            number = next
        }
        return keys
    }

    /// Whether the delivery of that id about the customer had not arrived; nil: there is none.
    private func eraseDelivery(
        _ key: DeliveryID, of customer: String, _ forgotten: ForgottenKeys
    ) throws -> Bool? {
        let find = try statement(sql: "SELECT number, state, decidedAt FROM outbox WHERE id = ?1 AND customer = ?2")
        find.bind(1, high: key.high, low: key.low)
        find.bind(2, customer)
        guard try find.step() else { return nil }
        let (number, state, decidedAt) = (find.integer(0), try DeliveryState(code: find.integer(1)), find.integer(2))
        find.reset()
        let isCancelled = state != .delivered && state != .cancelled
        let update = try statement(
            sql: """
                UPDATE outbox SET id = ?3, customer = '', key = '', address = '', data = '{}', language = '', quietTimes = NULL,
                    consents = NULL, decidedAt = ?2, expiresAt = NULL, isOrdered = 0, place = NULL
                    \(isCancelled ? ", state = 5, staysParked = 0, reason = 'erased'" : "")
                WHERE number = ?1
                """)
        update.bind(1, number)
        update.bind(2, startOfDay(decidedAt))
        let new = forgotten.key(for: key)
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

/// The statements that run once or more per event, decision or attempt.
enum HotQuery: Int, CaseIterable {
    case customerByID, headsByID, insertCustomer, insertShell
    case saveRow, saveRowAndWakeUp, saveRowAndEpoch, saveAll, saveHeads
    case insertEvent, insertAttributes, attributesAt, factByNumber, eventByIdentity, eventIDs
    case insertDecision, decisionByNumber
    case enqueue, claimable, firstInLine, nextInLine, lease, deliveryByID, recordDelivered, recordOutcome, recordCount
    case insertAttempt
    case waitingDestinations, nextAttemptAfter
    case addCount, setMeta, dueCustomers, nextWakeUp

    /// The statement's text.
    var sql: String {
        switch self {
        case .customerByID:
            """
            SELECT number, wakeUp, version, epoch, lastFact, lastDecision, row FROM customers WHERE id = ?1
            """
        case .headsByID:
            "SELECT number, wakeUp, version, epoch, lastFact, lastDecision FROM customers WHERE id = ?1"
        case .insertCustomer:
            """
            INSERT INTO customers (id, wakeUp, version, epoch, lastFact, lastDecision, row)
            VALUES (?1, ?2, 1, ?3, 0, 0, ?4)
            """
        case .insertShell:
            // The epoch keeps it out of the index of those to be brought up.
            """
            INSERT INTO customers (id, wakeUp, version, epoch, lastFact, lastDecision, row)
            VALUES (?1, NULL, 0, 9223372036854775807, 0, 0, x'')
            """
        // An index is written whenever a column of its own is set, changed or not. Hence four ways to save.
        case .saveRow:
            "UPDATE customers SET version = ?2, lastFact = ?3, lastDecision = ?4, row = ?5 WHERE number = ?1"
        case .saveRowAndWakeUp:
            """
            UPDATE customers SET version = ?2, lastFact = ?3, lastDecision = ?4, row = ?5, wakeUp = ?6 WHERE number = ?1
            """
        case .saveRowAndEpoch:
            """
            UPDATE customers SET version = ?2, lastFact = ?3, lastDecision = ?4, row = ?5, epoch = ?7 WHERE number = ?1
            """
        case .saveAll:
            """
            UPDATE customers SET version = ?2, lastFact = ?3, lastDecision = ?4, row = ?5, wakeUp = ?6, epoch = ?7
            WHERE number = ?1
            """
        case .saveHeads:
            "UPDATE customers SET lastFact = ?2, lastDecision = ?3 WHERE number = ?1"
        case .insertEvent:
            """
            INSERT INTO facts (customer, previous, time, receivedAt, hasOwnTime, type, source, id, body)
            VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING
            """
        case .insertAttributes:
            """
            INSERT INTO facts (customer, previous, time, receivedAt, hasOwnTime, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """
        case .attributesAt:
            "SELECT body FROM facts WHERE source IS NULL AND time = ?1 AND customer = ?2"
        case .factByNumber:
            // What is another customer's is missing here: a damaged chain discloses nobody.
            """
            SELECT previous, time, receivedAt, hasOwnTime, type, source, id, body FROM facts
            WHERE number = ?1 AND customer = ?2
            """
        case .eventByIdentity:
            "SELECT 1 FROM facts WHERE source IS NOT NULL AND source = ?1 AND id = ?2 AND customer = ?3"
        case .eventIDs:
            """
            SELECT id FROM facts WHERE source IS NOT NULL AND source = ?1 AND id >= ?2 AND id < ?3 AND customer = ?4
            ORDER BY id
            """
        case .insertDecision:
            """
            INSERT INTO ledger (customer, previous, key, provisional, campaign, occurrence, step, action, outcome,
                reason, now, due, epoch, inputs)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            """
        case .decisionByNumber:
            """
            SELECT previous, key, provisional, campaign, occurrence, step, action, outcome, reason, now, due, epoch,
                inputs
            FROM ledger WHERE number = ?1 AND customer = ?2
            """
        case .enqueue:
            """
            INSERT INTO outbox (id, state, nextAttemptAt, attempts, staysParked, reason, customer, campaign, key,
                destination, address, type, data, decidedAt, expiresAt, language, quietTimes, consents, isOrdered)
            VALUES (?1, ?2, ?3, 0, 0, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
            """
        case .claimable:
            """
            SELECT \(HotQuery.deliveryColumns) FROM outbox INDEXED BY outbox_waiting
            WHERE state = 0 AND destination = ?1 AND nextAttemptAt <= ?2 ORDER BY nextAttemptAt, number LIMIT ?3
            """
        case .firstInLine:
            """
            SELECT \(HotQuery.deliveryColumns) FROM outbox INDEXED BY outbox_waiting
            WHERE state = 0 AND destination = ?1 AND nextAttemptAt <= ?2 AND NOT EXISTS (
                SELECT 1 FROM outbox other INDEXED BY outbox_line
                WHERE other.isOrdered = 1 AND other.state < 2 AND other.state >= 0 AND other.destination = ?1
                    AND other.customer = outbox.customer
                    AND (coalesce(other.place, other.number), other.number)
                        < (coalesce(outbox.place, outbox.number), outbox.number))
            ORDER BY nextAttemptAt, number LIMIT ?3
            """
        case .nextInLine:
            """
            SELECT \(HotQuery.deliveryColumns) FROM outbox INDEXED BY outbox_line
            WHERE isOrdered = 1 AND state < 2 AND state >= 0 AND destination = ?1 AND customer = ?2
            ORDER BY coalesce(place, number), number LIMIT ?3
            """
        case .lease: "UPDATE outbox SET state = 1, nextAttemptAt = ?2 WHERE number = ?1"
        case .deliveryByID: "SELECT number, state, attempts, destination, nextAttemptAt FROM outbox WHERE id = ?1"
        case .recordDelivered:
            """
            UPDATE outbox SET state = 2, nextAttemptAt = ?3, attempts = attempts + 1, staysParked = 0, reason = ?4
            WHERE number = ?1 AND id = ?2 AND state = 1
            """
        case .recordOutcome:
            """
            UPDATE outbox SET state = ?2, nextAttemptAt = ?3, attempts = ?4, staysParked = ?5, reason = ?6
            WHERE number = ?1
            """
        case .recordCount: "UPDATE outbox SET attempts = ?2 WHERE number = ?1"
        case .insertAttempt:
            """
            INSERT INTO attempts (delivery, number, startedAt, durationMilliseconds, outcome, status, detail)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (delivery, number) DO NOTHING
            """
        case .waitingDestinations:
            // By jumping from name to name in the index.
            """
            WITH RECURSIVE waiting(name) AS (
                SELECT min(destination) FROM outbox WHERE state = 0
                UNION ALL
                SELECT (SELECT min(destination) FROM outbox WHERE state = 0 AND destination > name)
                FROM waiting WHERE name IS NOT NULL)
            SELECT name, (SELECT min(nextAttemptAt) FROM outbox WHERE state = 0 AND destination = name)
            FROM waiting WHERE name IS NOT NULL
            """
        case .nextAttemptAfter:
            "SELECT min(nextAttemptAt) FROM outbox WHERE state = 0 AND destination = ?1 AND nextAttemptAt > ?2"
        case .addCount:
            """
            INSERT INTO counters (kind, name, day, count) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO UPDATE SET count = count + excluded.count
            """
        case .setMeta: "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value"
        case .dueCustomers:
            """
            SELECT id, wakeUp FROM customers WHERE wakeUp IS NOT NULL AND wakeUp > ?3 AND wakeUp <= ?1
            ORDER BY wakeUp, number LIMIT ?2
            """
        case .nextWakeUp:
            // Before the first instant there is, and after the last one, lies only damage, which is never due.
            "SELECT min(wakeUp) FROM customers WHERE wakeUp > ?1 AND wakeUp <= ?2"
        }
    }

    /// What rows of customers are more than shells for facts: those that were written, and damaged ones that say they
    /// were not.
    static let isCustomer = "(version <> 0 OR wakeUp IS NOT NULL OR length(row) > 0)"

    /// The columns of a delivery, in the order in which ``SQLiteSnapshot/delivery(_:)`` reads them.
    static let deliveryColumns = """
        number, id, state, nextAttemptAt, attempts, reason, customer, campaign, key, destination, address, type, data,
        decidedAt, expiresAt, language, quietTimes, consents
        """
}

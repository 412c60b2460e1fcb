import CareStore
import CareValues
import GRDB

extension DeliveryState {
    /// What stands for the state in the store. Never change one; add one.
    var code: Int64 {
        switch self {
        case .waiting: 0
        case .sending: 1
        case .delivered: 2
        case .dead: 3
        case .parked: 4
        case .cancelled: 5
        }
    }

    /// The state of a stored code. - Throws: ``StoreError/Code/corrupt`` for another number.
    init(code: Int64) throws {
        guard let state = DeliveryState.allCases.first(where: { $0.code == code }) else {
            throw StoreError(.corrupt, "a delivery in the unknown state \(code)")
        }
        self = state
    }
}

/// The outbox as it is looked at.
extension SQLiteSnapshot {
    /// The delivery in a row of ``HotQuery/deliveryColumns``; nil: it cannot be read.
    func delivery(_ query: RawStatement) -> StoredDelivery? {
        let attempts = query.integer(4)
        // An id that is no blob of 16 bytes would never be found again.
        guard query.isBlob(1), let id = try? deliveryID(query.bytes(1)),
            let state = try? DeliveryState(code: query.integer(2)), (0...Self.mostAttempts).contains(attempts)
        else { return nil }
        let decidedAt = Timestamp(milliseconds: query.integer(13))
        let expiresAt = query.optionalInteger(14).map { Timestamp(milliseconds: $0) }
        let times = Timestamp.distantPast...Timestamp.distantFuture
        guard times.contains(decidedAt), times.contains(expiresAt ?? decidedAt) else { return nil }
        let quietTimes = query.isNull(16) ? nil : QuietTimes(text: query.text(16))
        guard quietTimes != nil || query.isNull(16) else { return nil }
        return StoredDelivery(
            order: NewDelivery(
                id: id, customer: query.text(6), campaign: query.text(7), key: query.text(8),
                destination: query.text(9), address: query.text(10), type: query.text(11), data: query.text(12),
                decidedAt: decidedAt, expiresAt: expiresAt, language: query.text(15), quietTimes: quietTimes,
                consents: consents(query)),
            state: state, attempts: Int(attempts), nextAttemptAt: Timestamp(stored: query.integer(3)),
            reason: query.text(5))
    }

    private func consents(_ query: RawStatement) -> [String] {
        query.isNull(17) ? [] : query.text(17).split(separator: ".").map(String.init)
    }

    func deliveries(_ filter: DeliveryFilter, limit: Int) throws -> [StoredDelivery] {
        var found: [(place: Int64, delivery: StoredDelivery)] = []
        for part in DeliveryCondition.parts(of: filter) {
            let query = try statement(
                sql: "SELECT \(HotQuery.deliveryColumns) FROM \(part.table) ORDER BY number DESC LIMIT ?1")
            try part.bind(to: query)
            found += try readable(query, limit: limit, at: 1)
        }
        return found.sorted { $0.place > $1.place }.prefix(limit).map(\.delivery)
    }

    func pendingDeliveries(of customer: String) throws -> [StoredDelivery] {
        // Through the customer's chain of decisions: an index would cost every delivery, and this is asked rarely.
        var found: [StoredDelivery] = []
        let query = try statement(
            sql: "SELECT \(HotQuery.deliveryColumns) FROM outbox WHERE id = ?1 AND state NOT IN (2, 5)")
        for entry in try ledger(of: customer, campaign: nil).reversed() where entry.outcome == "act" {
            query.reset()
            query.bind(1, high: entry.key.high, low: entry.key.low)
            if try query.step(), let one = delivery(query) { found.append(one) }
        }
        query.reset()
        return found
    }

    func deliveryCounts() throws -> [DeliveryState: Int] {
        try settle()
        let query = try statement(sql: "SELECT state, count FROM delivery_counts WHERE count > 0")
        var counts: [DeliveryState: Int] = [:]
        while try query.step() {
            // Of none that there is: of rows that cannot be read.
            guard let state = try? DeliveryState(code: query.integer(0)) else { continue }
            counts[state] = Int(query.integer(1))
        }
        return counts
    }

    func deliveryCounts(_ filter: DeliveryFilter) throws -> [DeliveryState: Int] {
        try settle()
        var counts: [DeliveryState: Int] = [:]
        for part in DeliveryCondition.parts(of: filter) {
            let query = try statement(sql: "SELECT state, count(*) FROM \(part.table) GROUP BY state")
            try part.bind(to: query)
            while try query.step() {
                guard let state = try? DeliveryState(code: query.integer(0)) else { continue }
                counts[state, default: 0] += Int(query.integer(1))
            }
        }
        return counts
    }

    /// When the first was decided of what waits for ?1 or is being sent there. Rows are numbered in the order of their
    /// decisions, and the index of what waits has their numbers.
    static let oldest = """
        SELECT min(decidedAt) FROM outbox WHERE number IN (
            (SELECT min(number) FROM outbox INDEXED BY outbox_waiting WHERE state = 0 AND destination = ?1),
            (SELECT min(number) FROM outbox INDEXED BY outbox_sending WHERE state = 1 AND destination = ?1))
        """

    func oldestDecision(waitingFor destination: String) throws -> Timestamp? {
        let query = try statement(sql: Self.oldest)
        query.bind(1, destination)
        guard try query.step() else { return nil }
        defer { query.reset() }
        return query.optionalInteger(0).map { Timestamp(stored: $0) }
    }

    /// The newest failure among the deliveries that wait longest for their next attempt, and the newest set aside.
    func lastFailure(at destination: String) throws -> (at: Timestamp, detail: String)? {
        let query = try statement(
            sql: """
                SELECT startedAt, detail FROM attempts WHERE outcome <> 'ok' AND delivery IN (
                    SELECT number FROM (
                        SELECT number FROM outbox INDEXED BY outbox_waiting WHERE state = 0 AND destination = ?1
                        ORDER BY nextAttemptAt DESC LIMIT 200)
                    UNION ALL SELECT number FROM (
                        SELECT number FROM outbox INDEXED BY outbox_aside_for
                        WHERE state > 2 AND state = 3 AND destination = ?1 ORDER BY number DESC LIMIT 200)
                    UNION ALL SELECT number FROM (
                        SELECT number FROM outbox INDEXED BY outbox_aside_for
                        WHERE state > 2 AND state = 4 AND destination = ?1 ORDER BY number DESC LIMIT 200))
                ORDER BY startedAt DESC LIMIT 1
                """)
        query.bind(1, destination)
        guard try query.step() else { return nil }
        defer { query.reset() }
        return (Timestamp(milliseconds: query.integer(0)), query.text(1))
    }

    func deliveries(idPrefix prefix: String, limit: Int) throws -> [StoredDelivery] {
        guard let range = DeliveryIDPrefix.range(prefix) else { return [] }
        let query = try statement(
            sql: """
                SELECT \(HotQuery.deliveryColumns) FROM outbox WHERE id >= ?1 AND id <= ?2 ORDER BY id LIMIT ?3
                """)
        query.bind(1, high: range.lowest.high, low: range.lowest.low)
        query.bind(2, high: range.highest.high, low: range.highest.low)
        return try readable(query, limit: limit, at: 3).map(\.delivery)
    }

    func attempts(of delivery: DeliveryID) throws -> [StoredAttempt] {
        let query = try statement(
            sql: """
                SELECT a.number, a.startedAt, a.durationMilliseconds, a.outcome, a.status, a.detail
                FROM attempts a JOIN outbox o ON o.number = a.delivery WHERE o.id = ?1 ORDER BY a.number
                """)
        query.bind(1, high: delivery.high, low: delivery.low)
        var attempts: [StoredAttempt] = []
        while try query.step() {
            guard let outcome = StoredAttempt.Outcome(rawValue: query.text(3)) else {
                throw StoreError(.corrupt, "an attempt of unknown outcome")
            }
            attempts.append(
                StoredAttempt(
                    delivery: delivery, number: Int(query.integer(0)),
                    startedAt: Timestamp(milliseconds: query.integer(1)), durationMilliseconds: query.integer(2),
                    outcome: outcome, status: Int(query.integer(4)), detail: query.text(5)))
        }
        return attempts
    }

    /// Names of destinations for which something waits, found by jumping from name to name in the index.
    static let waitingDestinations = """
        WITH RECURSIVE waiting(name) AS (
            SELECT min(destination) FROM outbox WHERE state = 0
            UNION ALL
            SELECT (SELECT min(destination) FROM outbox WHERE state = 0 AND destination > name)
            FROM waiting WHERE name IS NOT NULL)
        """

    func nextAttemptAt() throws -> Timestamp? {
        try plain {
            try Int64.fetchOne(
                $0,
                sql: """
                    \(Self.waitingDestinations)
                    SELECT min(instant) FROM (
                        SELECT (SELECT min(nextAttemptAt) FROM outbox WHERE state = 0 AND destination = name) AS instant
                        FROM waiting WHERE name IS NOT NULL
                        UNION ALL
                        SELECT min(nextAttemptAt) FROM outbox WHERE state = 1)
                    """)
        }.map { Timestamp(stored: $0) }
    }

    func waitingDestinations() throws -> [(name: String, nextAttemptAt: Timestamp)] {
        let query = try statement(.waitingDestinations)
        var found: [(name: String, nextAttemptAt: Timestamp)] = []
        while try query.step() {
            found.append((name: query.text(0), nextAttemptAt: Timestamp(stored: query.integer(1))))
        }
        return found
    }

    func nextAttemptAt(for destination: String, after instant: Timestamp) throws -> Timestamp? {
        let query = try statement(.nextAttemptAfter)
        query.bind(1, destination)
        query.bind(2, instant.milliseconds)
        guard try query.step() else { return nil }
        defer { query.reset() }
        return query.optionalInteger(0).map { Timestamp(stored: $0) }
    }

    func firstWaiting(for destination: String) throws -> StoredDelivery? {
        let isOrdered =
            try plain {
                try Bool.fetchOne(
                    $0, sql: "SELECT EXISTS (SELECT 1 FROM ordered_destinations WHERE name = ?)",
                    arguments: [destination])
            } ?? false
        let query = try statement(isOrdered ? .firstInLine : .claimable)
        query.bind(1, destination)
        query.bind(2, Int64.max)
        return try readable(query, limit: 1, at: 3).first?.delivery
    }

    /// What waits, is being sent, is dead and parked, by destination; rows are read of what is being sent only.
    static let queues = """
        SELECT destination, state, count(*), min(nextAttemptAt) FROM outbox INDEXED BY outbox_waiting
        WHERE state = 0 GROUP BY destination
        UNION ALL SELECT destination, state, count(*), NULL
        FROM outbox INDEXED BY outbox_sending WHERE state = 1 GROUP BY destination
        UNION ALL SELECT destination, state, count(*), NULL
        FROM outbox INDEXED BY outbox_aside_for WHERE state > 2 AND state < 5 GROUP BY state, destination
        ORDER BY 1, 2
        """

    func destinationQueues() throws -> [DestinationQueue] {
        let query = try statement(sql: Self.queues)
        var found: [DestinationQueue] = []
        while try query.step() {
            found.append(
                DestinationQueue(
                    destination: query.text(0), state: try DeliveryState(code: query.integer(1)),
                    count: Int(query.integer(2)),
                    firstAttemptAt: query.optionalInteger(3).map { Timestamp(stored: $0) }))
        }
        return found
    }

    func disabledDestinations() throws -> [(name: String, since: Timestamp, reason: String)] {
        try plain {
            try Row.fetchAll($0, sql: "SELECT name, since, reason FROM destinations ORDER BY name")
        }.map { (name: $0["name"], since: Timestamp(milliseconds: $0["since"]), reason: $0["reason"]) }
    }
}

/// The ids whose text begins in a given way.
enum DeliveryIDPrefix {
    /// The lowest and the highest id whose text begins with `text`, or nil when none does.
    ///
    /// After `dlv_` each character stands for 5 bits (RFC 4648 base32, lowercase); the last of the 26 for 3, then
    /// two zero bits.
    static func range(_ text: String) -> (lowest: DeliveryID, highest: DeliveryID)? {
        let mark = "dlv_"
        guard text.hasPrefix(mark) else {
            return mark.hasPrefix(text) ? (DeliveryID(high: 0, low: 0), DeliveryID(high: .max, low: .max)) : nil
        }
        let digits = text.utf8.dropFirst(mark.utf8.count)
        guard digits.count <= 26 else { return nil }
        var bits: UInt128 = 0
        for (index, character) in digits.enumerated() {
            guard let value = value(of: character) else { return nil }
            if index < 25 {
                bits = bits << 5 | UInt128(value)
            } else {
                guard value & 3 == 0 else { return nil }
                bits = bits << 3 | UInt128(value >> 2)
            }
        }
        let open = 128 - min(128, digits.count * 5)
        let lowest = open == 128 ? 0 : bits << UInt128(open)
        let highest = open == 128 ? UInt128.max : lowest | (UInt128(1) << UInt128(open) - 1)
        return (id(lowest), id(highest))
    }

    private static func id(_ bits: UInt128) -> DeliveryID {
        DeliveryID(high: UInt64(bits >> 64), low: UInt64(truncatingIfNeeded: bits))
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a")
        case UInt8(ascii: "2")...UInt8(ascii: "7"): character - UInt8(ascii: "2") + 26
        default: nil
        }
    }
}

import CareStore
import CareValues

extension Timestamp {
    /// The stored instant, or what is nearest to it within all that can occur, so that no difference overflows.
    init(stored milliseconds: Int64) {
        self = Timestamp(milliseconds: milliseconds).advanced(byMilliseconds: 0)
    }
}

/// Rows of the outbox that cannot be read. One of them concerns itself only: lists leave it out, a claim declares it dead.
extension SQLiteSnapshot {
    /// As often as nobody tries; more cannot be read, so that no sum of it overflows.
    static let mostAttempts: Int64 = 1_000_000_000

    /// Up to `limit` deliveries in rows of ``HotQuery/deliveryColumns`` that can be read, as though there were no others.
    ///
    /// - Parameter query: reset, and everything bound but its limit.
    /// - Parameter place: where its limit is bound.
    func readable(
        _ query: RawStatement, limit: Int, at place: Int32
    ) throws -> [(place: Int64, delivery: StoredDelivery)] {
        var wanted = limit
        while true {
            query.bind(place, wanted)
            var found: [(place: Int64, delivery: StoredDelivery)] = []
            var leftOut = 0
            while try query.step() {
                if let one = delivery(query) { found.append((query.integer(0), one)) } else { leftOut += 1 }
            }
            // Whoever gets less than asked for takes it for the end: once more, with room for those left out.
            guard found.count < limit, found.count + leftOut == wanted else { return found }
            wanted = limit + leftOut
        }
    }

    func unreadableDeliveries() throws -> Int {
        try settle()
        // Quiet times cannot be read in SQL; few deliveries have some.
        let query = try statement(
            sql: """
                SELECT \(HotQuery.deliveryColumns) FROM outbox NOT INDEXED
                WHERE typeof(id) <> 'blob' OR length(id) <> 16 OR state NOT IN (0, 1, 2, 3, 4, 5)
                    OR attempts NOT BETWEEN 0 AND \(Self.mostAttempts)
                    OR decidedAt NOT BETWEEN ?1 AND ?2 OR expiresAt NOT BETWEEN ?1 AND ?2 OR quietTimes IS NOT NULL
                """)
        query.bind(1, Timestamp.distantPast.milliseconds)
        query.bind(2, Timestamp.distantFuture.milliseconds)
        var count = 0
        while try query.step() {
            if delivery(query) == nil { count += 1 }
        }
        return count
    }
}

extension SQLiteTransaction {
    /// The reason of what was declared dead because its row cannot be read.
    static let cannotBeRead = "cannot be read"

    func setAsideUnreadableClaims() throws -> Int {
        let query = try statement(
            sql: "SELECT \(HotQuery.deliveryColumns) FROM outbox INDEXED BY outbox_sending WHERE state = 1")
        var numbers: [Int64] = []
        while try query.step() {
            if delivery(query) == nil { numbers.append(query.integer(0)) }
        }
        try setAside(numbers, from: .sending)
        return numbers.count
    }

    /// Declares the rows of these numbers dead: they are in `state`, and cannot be read.
    func setAside(_ numbers: [Int64], from state: DeliveryState) throws {
        guard !numbers.isEmpty else { return }
        let update = try statement(
            sql: "UPDATE outbox SET state = 3, staysParked = 0, reason = ?2 WHERE number = ?1")
        for number in numbers {
            update.reset()
            update.bind(1, number)
            update.bind(2, Self.cannotBeRead)
            try update.run()
        }
        moved(numbers.count, from: state, to: .dead)
    }
}

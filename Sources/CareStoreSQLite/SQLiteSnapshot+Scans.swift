import CareStore
import CareValues
import GRDB

/// Questions over many customers. The order is that of creation, in which the rows lie in the file: by id it would
/// jump from page to page wherever customers did not come in the order of their ids.
extension SQLiteSnapshot {
    /// Below one customer in this many, going through the wake-up index and looking each row up is quicker than
    /// reading past all rows.
    private static let selectiveShare = 16

    func scanCustomers(
        wakeUpBefore until: Timestamp?, after: String?, through: String?,
        _ body: (_ id: String, _ wakeUp: Timestamp?, _ epoch: Int64, _ row: UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        let first = try after.map { try number(of: $0) } ?? 0
        let last = try through.map { try number(of: $0) } ?? .max
        // Prepared anew, so that a scan inside a scan has a cursor of its own.
        let scan = try statement(sql: try scanQuery(until))
        scan.bind(1, first)
        scan.bind(2, last)
        if let until { scan.bind(3, until.milliseconds) }
        defer { scan.reset() }
        while try scan.step() {
            let wakeUp = scan.optionalInteger(1).map { Timestamp(milliseconds: $0) }
            guard try body(scan.text(0), wakeUp, scan.integer(2), scan.bytes(3)) else { return }
        }
    }

    private func scanQuery(_ until: Timestamp?) throws -> String {
        let head = "SELECT id, wakeUp, epoch, row FROM customers"
        let range = "number > ?1 AND number <= ?2 AND version > 0"
        guard let until else { return "\(head) WHERE \(range) ORDER BY number" }
        guard try isSelective(until) else {
            return "\(head) NOT INDEXED WHERE \(range) AND wakeUp < ?3 ORDER BY number"
        }
        return """
            \(head) WHERE \(range) AND wakeUp < ?3 AND number IN (
                SELECT number FROM customers INDEXED BY customers_wakeUp WHERE wakeUp IS NOT NULL AND wakeUp < ?3)
            ORDER BY number
            """
    }

    /// Whether few enough wake-ups lie before `until`; counts no further than it needs to.
    private func isSelective(_ until: Timestamp) throws -> Bool {
        let limit = try customerCount / Self.selectiveShare
        let count = try plain {
            try Int.fetchOne(
                $0,
                sql: """
                    SELECT count(*) FROM (
                        SELECT 1 FROM customers INDEXED BY customers_wakeUp
                        WHERE wakeUp IS NOT NULL AND wakeUp < ? LIMIT ?)
                    """, arguments: [until.milliseconds, limit + 1])
        }
        return (count ?? 0) <= limit
    }

    private func number(of id: String) throws -> Int64 {
        let query = try statement(.headsByID)
        query.bind(1, id)
        guard try query.step() else { throw StoreError(.missing, "no customer of that id bounds the scan") }
        defer { query.reset() }
        return query.integer(0)
    }

    func customerCuts(parts: Int) throws -> [String] {
        guard parts > 1 else { return [] }
        return try plain { db in
            let newest = try Int64.fetchOne(db, sql: "SELECT max(number) FROM customers") ?? 0
            let oldest = try Int64.fetchOne(db, sql: "SELECT min(number) FROM customers") ?? 0
            var cuts: [String] = []
            for part in 1..<parts {
                // Numbers are given out without gaps, so even steps of the number are even shares.
                let target = oldest + (newest - oldest + 1) * Int64(part) / Int64(parts) - 1
                let cut = try String.fetchOne(
                    db, sql: "SELECT id FROM customers WHERE number <= ? AND version > 0 ORDER BY number DESC LIMIT 1",
                    arguments: [target])
                if let cut, cut != cuts.last { cuts.append(cut) }
            }
            return cuts
        }
    }

    func dueCustomers(at instant: Timestamp, limit: Int) throws -> [(id: String, wakeUp: Timestamp)] {
        let query = try statement(.dueCustomers)
        query.bind(1, instant.milliseconds)
        query.bind(2, limit)
        var due: [(id: String, wakeUp: Timestamp)] = []
        while try query.step() { due.append((query.text(0), Timestamp(milliseconds: query.integer(1)))) }
        return due
    }

    func nextWakeUp() throws -> Timestamp? {
        let query = try statement(.nextWakeUp)
        guard try query.step() else { return nil }
        defer { query.reset() }
        return query.optionalInteger(0).map { Timestamp(milliseconds: $0) }
    }

    func customers(below epoch: Int64, limit: Int) throws -> [String] {
        try plain { db in
            let newest = try Int64.fetchOne(db, sql: "SELECT max(epoch) FROM rule_sets")
            guard epoch == newest else {
                return try String.fetchAll(
                    db,
                    sql: """
                        SELECT id FROM customers WHERE epoch < ? ORDER BY wakeUp IS NULL, wakeUp, number LIMIT ?
                        """, arguments: [epoch, limit])
            }
            // The epoch stands in the text, because only so can SQLite tell that the partial index covers it.
            let head = "SELECT id FROM customers INDEXED BY customers_behind WHERE epoch < \(epoch)"
            let awake = try String.fetchAll(
                db, sql: "\(head) AND wakeUp IS NOT NULL ORDER BY wakeUp, number LIMIT ?", arguments: [limit])
            guard awake.count < limit else { return awake }
            return awake
                + (try String.fetchAll(
                    db, sql: "\(head) AND wakeUp IS NULL ORDER BY number LIMIT ?", arguments: [limit - awake.count]))
        }
    }
}

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
            let isReadable = Self.contradiction(version: scan.integer(4), wakeUp: scan.optionalInteger(1)) == nil
            let row = isReadable ? scan.bytes(3) : UnsafeRawBufferPointer(start: nil, count: 0)
            guard try body(scan.text(0), wakeUp, scan.integer(2), row) else { return }
        }
    }

    private func scanQuery(_ until: Timestamp?) throws -> String {
        let head = "SELECT id, wakeUp, epoch, row, version FROM customers"
        let range = "number > ?1 AND number <= ?2 AND \(HotQuery.isCustomer)"
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
        // Each by itself is one look at an end of the table; both at once would be a walk over all of it.
        let bounds = try statement(
            sql: "SELECT (SELECT min(number) FROM customers), (SELECT max(number) FROM customers)")
        guard try bounds.step() else { return [] }
        let (oldest, newest) = (bounds.integer(0), bounds.integer(1))
        bounds.reset()
        var cuts: [String] = []
        let cut = try statement(
            sql: "SELECT id FROM customers WHERE number <= ?1 AND version > 0 ORDER BY number DESC LIMIT 1")
        for part in 1..<parts {
            // Numbers are given out without gaps, so even steps of the number are even shares.
            cut.bind(1, oldest + (newest - oldest + 1) * Int64(part) / Int64(parts) - 1)
            if try cut.step(), cut.text(0) != cuts.last { cuts.append(cut.text(0)) }
            cut.reset()
        }
        return cuts
    }

    func dueCustomers(
        after: Timestamp?, at instant: Timestamp, limit: Int
    ) throws -> [(
        id: String, wakeUp: Timestamp
    )] {
        let query = try statement(.dueCustomers)
        query.bind(1, instant.milliseconds)
        query.bind(2, limit)
        query.bind(3, (after ?? .distantPast).milliseconds)
        var due: [(id: String, wakeUp: Timestamp)] = []
        while try query.step() { due.append((query.text(0), Timestamp(milliseconds: query.integer(1)))) }
        return due
    }

    func nextWakeUp() throws -> Timestamp? {
        let query = try statement(.nextWakeUp)
        query.bind(1, Timestamp.distantPast.milliseconds)
        query.bind(2, Timestamp.distantFuture.milliseconds)
        guard try query.step() else { return nil }
        defer { query.reset() }
        return query.optionalInteger(0).map { Timestamp(milliseconds: $0) }
    }

    func customers(below epoch: Int64, limit: Int) throws -> [String] {
        let newest = try statement(sql: "SELECT max(epoch) FROM rule_sets")
        let isNewest = try newest.step() && newest.integer(0) == epoch
        newest.reset()
        guard isNewest else {
            return try ids(
                "SELECT id FROM customers WHERE epoch < ?2 ORDER BY wakeUp IS NULL, wakeUp, number LIMIT ?1", limit,
                epoch: epoch)
        }
        // The epoch stands in the text, because only so can SQLite tell that the partial index covers it.
        let head = "SELECT id FROM customers INDEXED BY customers_behind WHERE epoch < \(epoch)"
        let awake = try ids("\(head) AND wakeUp IS NOT NULL ORDER BY wakeUp, number LIMIT ?1", limit)
        guard awake.count < limit else { return awake }
        return awake + (try ids("\(head) AND wakeUp IS NULL ORDER BY number LIMIT ?1", limit - awake.count))
    }

    private func ids(_ sql: String, _ limit: Int, epoch: Int64? = nil) throws -> [String] {
        let query = try statement(sql: sql)
        query.bind(1, limit)
        if let epoch { query.bind(2, epoch) }
        defer { query.reset() }
        var ids: [String] = []
        while try query.step() { ids.append(query.text(0)) }
        return ids
    }
}

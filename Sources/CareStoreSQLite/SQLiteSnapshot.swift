import CareStore
import CareValues
import GRDB

/// What one transaction of one connection sees. Used only inside the closure that made it.
class SQLiteSnapshot: StoreSnapshot {
    let db: Database
    private let statements: PreparedStatements

    init(_ db: Database, _ statements: PreparedStatements) {
        self.db = db
        self.statements = statements
    }

    /// Writes what a transaction holds back, so that a question sees its own writes. A snapshot holds nothing back.
    func settle() throws {}

    func statement(_ query: HotQuery) throws -> RawStatement {
        try statements.statement(query, db)
    }

    var storeID: String {
        get throws {
            try plain { try String.fetchOne($0, sql: "SELECT value FROM meta WHERE name = 'storeID'") } ?? ""
        }
    }

    var clock: Timestamp? {
        get throws { try meta("clock").map { Timestamp(milliseconds: $0) } }
    }

    var customerCount: Int {
        get throws { Int(try meta("customers") ?? 0) }
    }

    func customer(_ id: String) throws -> StoredCustomer? {
        let query = try statement(.customerByID)
        query.bind(1, id)
        guard try query.step() else { return nil }
        defer { query.reset() }
        return storedCustomer(id, query)
    }

    /// The customer in a row of ``HotQuery/customerByID``, or nil when it is only a shell for facts.
    func storedCustomer(_ id: String, _ query: RawStatement) -> StoredCustomer? {
        let version = query.integer(2)
        guard version > 0 else { return nil }
        return StoredCustomer(
            id: id, wakeUp: query.optionalInteger(1).map { Timestamp(milliseconds: $0) }, version: version,
            epoch: query.integer(3), row: [UInt8](query.bytes(6)))
    }

    func note(_ name: String) throws -> String? {
        try plain { try String.fetchOne($0, sql: "SELECT value FROM notes WHERE name = ?", arguments: [name]) }
    }

    func count(_ kind: CounterKind, name: String, from: CivilDate, until: CivilDate) throws -> Int {
        try settle()
        return try plain {
            try Int.fetchOne(
                $0, sql: "SELECT sum(count) FROM counters WHERE kind = ? AND name = ? AND day >= ? AND day < ?",
                arguments: [kind.rawValue, name, from.dayNumber, until.dayNumber])
        } ?? 0
    }

    /// Asks through GRDB, its errors turned into ours.
    func plain<Result>(_ body: (Database) throws -> Result) throws -> Result {
        do {
            return try body(db)
        } catch {
            throw mapped(error)
        }
    }

    private func meta(_ name: String) throws -> Int64? {
        try settle()
        return try plain { try Int64.fetchOne($0, sql: "SELECT value FROM meta WHERE name = ?", arguments: [name]) }
    }
}

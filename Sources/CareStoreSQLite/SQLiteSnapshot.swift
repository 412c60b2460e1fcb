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
        do {
            return try statements.statement(query, db)
        } catch {
            throw failed(error)
        }
    }

    /// A statement of its own, for what runs rarely or inside another of its kind.
    func statement(sql: String) throws -> RawStatement {
        try statements.health.check()
        do {
            return try RawStatement(db, sql, statements.health)
        } catch {
            throw failed(error)
        }
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
        return try storedCustomer(id, query)
    }

    func place(of id: String) throws -> Int64? {
        let number = try heads(of: id).number
        return number > 0 ? number : nil
    }

    /// What a row that holds something says of itself and cannot be so; nil: nothing.
    static func contradiction(version: Int64, wakeUp: Int64?) -> String? {
        guard version > 0, version < .max else {
            return "the row says that it was written \(version) times, and holds something"
        }
        if let wakeUp, !(Timestamp.distantPast.milliseconds...Timestamp.distantFuture.milliseconds).contains(wakeUp) {
            return "the row's wake-up is no instant"
        }
        return nil
    }

    /// The customer in a row of ``HotQuery/customerByID``, or nil when it is only a shell for facts.
    ///
    /// - Throws: ``StoreError/Code/unreadable`` where the count of writes contradicts what the row holds.
    func storedCustomer(_ id: String, _ query: RawStatement) throws -> StoredCustomer? {
        let version = query.integer(2)
        if version == 0, query.isNull(1), query.bytes(6).isEmpty { return nil }
        if let contradiction = Self.contradiction(version: version, wakeUp: query.optionalInteger(1)) {
            throw StoreError(.unreadable, contradiction)
        }
        return StoredCustomer(
            id: id, wakeUp: query.optionalInteger(1).map { Timestamp(milliseconds: $0) }, version: version,
            epoch: query.integer(3), row: [UInt8](query.bytes(6)))
    }

    func note(_ name: String) throws -> String? {
        // By hand, as all text that comes from outside: GRDB ends text at a NUL character.
        let query = try statement(sql: "SELECT value FROM notes WHERE name = ?1")
        query.bind(1, name)
        guard try query.step() else { return nil }
        defer { query.reset() }
        return query.text(0)
    }

    func notes(prefix: String) throws -> [(name: String, value: String)] {
        // Up to the first text after all that begin so: the prefix with its last character's successor.
        guard let last = prefix.unicodeScalars.last, let next = Unicode.Scalar(last.value + 1) else { return [] }
        let query = try statement(sql: "SELECT name, value FROM notes WHERE name >= ?1 AND name < ?2 ORDER BY name")
        query.bind(1, prefix)
        query.bind(2, String(prefix.unicodeScalars.dropLast()) + String(Character(next)))
        defer { query.reset() }
        var notes: [(name: String, value: String)] = []
        while try query.step() { notes.append((query.text(0), query.text(1))) }
        return notes
    }

    func count(_ kind: CounterKind, name: String, from: CivilDate, until: CivilDate) throws -> Int {
        try settle()
        let query = try statement(
            sql: "SELECT sum(count) FROM counters WHERE kind = ?1 AND name = ?2 AND day >= ?3 AND day < ?4")
        query.bind(1, kind.rawValue)
        query.bind(2, name)
        query.bind(3, Int(from.dayNumber))
        query.bind(4, Int(until.dayNumber))
        guard try query.step() else { return 0 }
        defer { query.reset() }
        return Int(query.integer(0))
    }

    /// Asks through GRDB, its errors turned into ours.
    func plain<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try statements.health.check()
        do {
            return try body(db)
        } catch {
            throw failed(error)
        }
    }

    /// GRDB's errors end the transaction, as those of our own statements do; our refusals do not.
    private func failed(_ error: any Error) -> any Error {
        guard error is DatabaseError, let known = mapped(error) as? StoreError else { return error }
        return statements.health.failed(known)
    }

    private func meta(_ name: String) throws -> Int64? {
        try settle()
        return try plain { try Int64.fetchOne($0, sql: "SELECT value FROM meta WHERE name = ?", arguments: [name]) }
    }
}

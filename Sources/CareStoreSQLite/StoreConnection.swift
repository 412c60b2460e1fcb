import CareStore
import GRDB

/// One connection and the statements prepared on it.
///
// Safety: the statements are touched only in closures that `queue` runs, one at a time.
final class StoreConnection: @unchecked Sendable {
    /// GRDB's serial access to the connection.
    let queue: DatabaseQueue
    private let statements = PreparedStatements()
    private let leased = LeasedRows()
    /// How long a connection waits for a lock that another holds, in milliseconds.
    static let busyMilliseconds = 5_000

    /// Opens the store at `path` for writing: the one connection of the process that may write or checkpoint.
    ///
    /// SQLite before 3.51.3 can corrupt a file in which two connections write or checkpoint at the same moment, and
    /// GRDB sets `synchronous` to NORMAL wherever it turns on the log itself, which loses acknowledged commits at a
    /// power cut. So both are set here, after opening, and read back.
    static func writer(path: String, steps: [SchemaStep], cacheMegabytes: Int) throws -> StoreConnection {
        var configuration = Configuration()
        configuration.label = "care.store.writer"
        configuration.busyMode = .timeout(Double(Self.busyMilliseconds) / 1_000)
        let connection = StoreConnection(queue: try DatabaseQueue(path: path, configuration: configuration))
        try connection.queue.writeWithoutTransaction { db in
            let stored = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            let known = steps.last?.version ?? 0
            guard stored <= known else {
                throw StoreSchema.newer(file: fileName(path), stored: stored, known: known)
            }
            let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL") ?? ""
            try db.execute(
                sql: """
                    PRAGMA synchronous = FULL; PRAGMA cache_size = -\(cacheMegabytes * 1024); PRAGMA temp_store = MEMORY;
                    """)
            // What is deleted is overwritten: an erased customer is not to be found in free pages. Measured: it costs
            // nothing that shows.
            _ = try Int.fetchOne(db, sql: "PRAGMA secure_delete = ON")
            _ = try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint = \(SQLiteStore.longLog)")
            let synchronous = try Int.fetchOne(db, sql: "PRAGMA synchronous")
            guard mode == "wal", synchronous == 2 else {
                throw StoreError(
                    .io, "the store cannot be written durably: journal mode \(mode), synchronous \(synchronous ?? -1)")
            }
            try StoreSchema.migrate(db, steps: steps, file: fileName(path))
        }
        return connection
    }

    /// Opens the store at `path` for reading only.
    static func reader(path: String, newestSchema: Int) throws -> StoreConnection {
        var configuration = Configuration()
        configuration.label = "care.store.reader"
        configuration.readonly = true
        configuration.busyMode = .timeout(Double(Self.busyMilliseconds) / 1_000)
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY") }
        let connection = StoreConnection(queue: try DatabaseQueue(path: path, configuration: configuration))
        try connection.queue.read { db in
            let stored = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard stored <= newestSchema else {
                throw StoreSchema.newer(file: fileName(path), stored: stored, known: newestSchema)
            }
            guard stored == newestSchema else {
                throw StoreError(
                    .io, "\(fileName(path)) has schema \(stored); the next writing command brings it to \(newestSchema)"
                )
            }
        }
        return connection
    }

    private init(queue: DatabaseQueue) {
        self.queue = queue
    }

    /// Runs `body` in one read transaction.
    func read<Result>(_ body: (SQLiteSnapshot) throws -> Result) throws -> Result {
        try queue.read { db in
            statements.health.reset()
            defer { statements.resetAll() }
            return try body(SQLiteSnapshot(db, statements))
        }
    }

    /// Runs `body` in one durable transaction, everything buffered written at its end.
    func write<Result>(_ body: (SQLiteTransaction) throws -> Result) throws -> Result {
        try queue.writeWithoutTransaction { db in
            var result: Result?
            try db.inTransaction(.immediate) {
                statements.health.reset()
                defer { statements.resetAll() }
                let transaction = SQLiteTransaction(db, statements, leased)
                result = try body(transaction)
                try transaction.settle()
                try statements.health.check()
                return .commit
            }
            guard let result else { throw StoreError(.io, "the transaction gave no result") }
            return result
        }
    }

    /// Finalizes the statements and closes the connection.
    func close() throws {
        queue.writeWithoutTransaction { _ in statements.removeAll() }
        try queue.close()
    }
}

/// The statements of one connection, prepared when first used.
final class PreparedStatements {
    /// How the transaction under way stands.
    let health = TransactionHealth()
    private var prepared = [RawStatement?](repeating: nil, count: HotQuery.allCases.count)

    /// The statement of `query`, reset and ready to be bound.
    func statement(_ query: HotQuery, _ db: Database) throws -> RawStatement {
        try health.check()
        if let statement = prepared[query.rawValue] {
            statement.reset()
            return statement
        }
        let statement = try RawStatement(db, query.sql, health)
        prepared[query.rawValue] = statement
        return statement
    }

    /// Ends those that were left in the midst of their rows, as by an error: one such would keep the transaction's
    /// snapshot alive behind its end, out of which the next would read, and the log could not be brought home.
    func resetAll() {
        for case let statement? in prepared { statement.reset() }
    }

    /// Finalizes all.
    func removeAll() {
        prepared = prepared.map { _ in nil }
    }
}

import CareStore
import GRDB
import GRDBSQLite

/// A prepared statement driven by SQLite's own calls: the hot path, where GRDB's argument arrays would cost as much
/// as the statement itself.
///
/// Used only on its connection's queue. Reset before it is bound again, because SQLite refuses binds on a statement
/// that has not been reset and then runs the old values once more.
final class RawStatement {
    /// Keeps the handle alive; GRDB finalizes it.
    private let owner: Statement
    private let handle: OpaquePointer
    private let health: TransactionHealth
    private var bindFailure: Int32 = SQLITE_OK

    /// Prepares `sql` on the connection of `db`, whose transaction ends with the first failure told to `health`.
    init(_ db: Database, _ sql: String, _ health: TransactionHealth) throws {
        self.health = health
        owner = try db.makeStatement(sql: sql)
        handle = owner.sqliteStatement
    }

    /// Makes the statement ready to be bound and run from its start.
    func reset() {
        sqlite3_reset(handle)
        bindFailure = SQLITE_OK
    }

    func bind(_ index: Int32, _ value: Int64) {
        note(sqlite3_bind_int64(handle, index, value))
    }

    func bind(_ index: Int32, _ value: Int) {
        note(sqlite3_bind_int64(handle, index, Int64(value)))
    }

    /// Binds an integer, or NULL for nil.
    func bind(_ index: Int32, _ value: Int64?) {
        if let value { bind(index, value) } else { note(sqlite3_bind_null(handle, index)) }
    }

    func bind(_ index: Int32, _ text: String) {
        var text = text
        text.withUTF8 { bytes in
            guard let base = bytes.baseAddress, bytes.count > 0 else {
                note(sqlite3_bind_text(handle, index, "", 0, Self.transient))
                return
            }
            guard let length = Int32(exactly: bytes.count) else { return note(SQLITE_TOOBIG) }
            base.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                note(sqlite3_bind_text(handle, index, $0, length, Self.transient))
            }
        }
    }

    /// Binds text, or NULL for nil.
    func bind(_ index: Int32, _ text: String?) {
        if let text { bind(index, text) } else { note(sqlite3_bind_null(handle, index)) }
    }

    func bind(_ index: Int32, blob: [UInt8]) {
        blob.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, bytes.count > 0 else {
                return note(sqlite3_bind_zeroblob(handle, index, 0))
            }
            guard let length = Int32(exactly: bytes.count) else { return note(SQLITE_TOOBIG) }
            note(sqlite3_bind_blob(handle, index, base, length, Self.transient))
        }
    }

    /// Binds 16 bytes, the first half first, both big-endian: in byte order they sort as the ids do.
    func bind(_ index: Int32, high: UInt64, low: UInt64) {
        var bytes = (high.bigEndian, low.bigEndian)
        withUnsafeBytes(of: &bytes) { note(sqlite3_bind_blob(handle, index, $0.baseAddress, 16, Self.transient)) }
    }

    /// Goes on to the next row; false at the end, when the statement is reset.
    ///
    /// - Throws: `StoreError`, the statement reset.
    func step() throws -> Bool {
        guard bindFailure == SQLITE_OK else {
            let code = bindFailure
            reset()
            throw health.failed(code)
        }
        switch sqlite3_step(handle) {
        case SQLITE_ROW:
            return true
        case SQLITE_DONE:
            sqlite3_reset(handle)
            return false
        default:
            let code = sqlite3_extended_errcode(sqlite3_db_handle(handle))
            sqlite3_reset(handle)
            // A key that is taken is an answer; the transaction goes on.
            throw code == Self.uniqueViolation ? storeError(code) : health.failed(code)
        }
    }

    /// Runs a statement that gives no rows.
    func run() throws {
        while try step() {}
    }

    /// Runs a statement that gives no rows; false when it was refused because a unique key is taken.
    func runUnlessTaken() throws -> Bool {
        do {
            try run()
            return true
        } catch let error as StoreError {
            guard sqlite3_extended_errcode(sqlite3_db_handle(handle)) == Self.uniqueViolation else { throw error }
            return false
        }
    }

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    /// The integer in a column, nil for NULL.
    func optionalInteger(_ column: Int32) -> Int64? {
        sqlite3_column_type(handle, column) == SQLITE_NULL ? nil : sqlite3_column_int64(handle, column)
    }

    func isBlob(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_BLOB }

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

    func text(_ column: Int32) -> String {
        guard let start = sqlite3_column_text(handle, column) else { return "" }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// The bytes in a column, valid until the next step or reset.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        guard let start = sqlite3_column_blob(handle, column) else {
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }

    /// How many rows the last statement of this connection that wrote has changed.
    var changes: Int { Int(sqlite3_changes(sqlite3_db_handle(handle))) }

    /// The rowid the connection inserted last.
    var insertedNumber: Int64 { sqlite3_last_insert_rowid(sqlite3_db_handle(handle)) }

    /// SQLITE_CONSTRAINT_UNIQUE, a macro that Swift does not see.
    private static let uniqueViolation = SQLITE_CONSTRAINT | (8 << 8)

    private func note(_ code: Int32) {
        if code != SQLITE_OK { bindFailure = code }
    }

    /// Tells SQLite to copy what is bound, because the Swift memory is only valid during the call.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}

/// Whether a transaction can still be committed.
///
/// SQLite may have taken the whole transaction back when a statement fails, and would run the next one on its own. So
/// the first failure is the last word: a caller that swallows it gets it again at the next call and at the end.
final class TransactionHealth {
    private(set) var failure: StoreError?

    /// Forgets: a transaction begins.
    func reset() {
        failure = nil
    }

    /// Notes the failure of a statement, and gives the error to throw.
    func failed(_ code: Int32) -> StoreError {
        failed(storeError(code))
    }

    /// Notes a failure, and gives it back.
    func failed(_ error: StoreError) -> StoreError {
        if failure == nil { failure = error }
        return error
    }

    /// - Throws: the first failure noted.
    func check() throws {
        if let failure { throw failure }
    }
}

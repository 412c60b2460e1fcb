import CareStore
import GRDB
import GRDBSQLite

/// What an SQLite result code, extended or not, means to a caller.
///
/// The message is SQLite's own sentence for the code and its number: never a statement, a value or a path.
func storeError(_ code: Int32) -> StoreError {
    let sentence = String(cString: sqlite3_errstr(code))
    let text = "\(sentence) (SQLite result code \(code))"
    // The shared memory beside the log cannot grow: there is no other cause than a full disk.
    if code == ResultCode.SQLITE_IOERR_SHMSIZE.rawValue {
        return StoreError(.full, "no space left for the store: \(text)")
    }
    // Beside the store lie its log and the log's index, which a reader makes too.
    if code & 0xFF == SQLITE_READONLY {
        return StoreError(.io, "the store and its folder must be writable, also for reading: \(text)")
    }
    return switch code & 0xFF {
    case SQLITE_FULL: StoreError(.full, "no space left for the store: \(text)")
    case SQLITE_CORRUPT: StoreError(.corrupt, "the store is damaged: \(text)")
    case SQLITE_NOTADB: StoreError(.notAStore, "the file is not a Care store: \(text)")
    case SQLITE_BUSY, SQLITE_LOCKED: StoreError(.inUse, "another program holds the store: \(text)")
    default: StoreError(.io, "the store failed: \(text)")
    }
}

/// `error` as a caller of the store sees it: GRDB's errors become `StoreError`s, all others stay what they are.
func mapped(_ error: any Error) -> any Error {
    guard let error = error as? DatabaseError else { return error }
    return storeError(error.extendedResultCode.rawValue)
}

/// Whether the store must not be written again after `error`: its file may no longer hold what was acknowledged.
///
/// A failed `fsync` may have dropped the very pages it was asked to keep, and succeeds when asked again. It shows when
/// GRDB commits or checkpoints, so among GRDB's errors only.
func isFatal(_ error: any Error) -> Bool {
    if let error = error as? StoreError { return error.code == .corrupt }
    guard let error = error as? DatabaseError else { return false }
    return error.resultCode == .SQLITE_CORRUPT || error.extendedResultCode == .SQLITE_IOERR_FSYNC
        || error.extendedResultCode == .SQLITE_IOERR_DIR_FSYNC
}

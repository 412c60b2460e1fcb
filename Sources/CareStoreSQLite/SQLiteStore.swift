import CSQLite
import CareStore
import CareThreads
import GRDB
import GRDBSQLite
import Glibc

/// The store in one SQLite file.
///
/// One connection writes and checkpoints; readers are separate read-only connections, each with a snapshot of its own.
/// A lock file beside the store keeps a second writing process out; reading processes need no lock.
public final class SQLiteStore: CareStore {
    /// What the store is opened for.
    public enum Access: Sendable, Hashable {
        /// Reading and writing, the store made when there is none. `owner` is the role that another process is told
        /// holds the store, such as `care serve`.
        case readWrite(owner: String)
        /// Reading only, beside a process that writes or without one.
        case readOnly
    }

    /// The most readers kept open while none is in use; more are opened when more read at once.
    static let idleReaders = 4
    /// The most memory the writer's page cache takes, in megabytes. Beyond 16 nothing was gained with a million
    /// customers: the system's own cache holds the file.
    static let writerCacheMegabytes = 64

    /// The version of SQLite that is used.
    public static var engineVersion: String { String(cString: sqlite3_libversion()) }

    /// The store's file.
    public let path: String
    let writer: StoreConnection?
    /// Done before the process's first connection: later SQLite takes no settings.
    private static let isTuned = care_sqlite_tune() == 0
    private let newestSchema: Int
    private let state: Lock<State>

    private struct State {
        var storeLock: StoreLock?
        var idle: [StoreConnection] = []
        var isClosed = false
        var failure: StoreError?
    }

    /// Opens the store at `path`.
    ///
    /// - Throws: ``StoreError``: `inUse` when another process writes; `notAStore` and `newerSchema`, the file
    ///   unchanged; `missing` when there is nothing to read; `io` otherwise.
    public convenience init(path: String, access: Access) throws {
        try self.init(path: path, access: access, steps: StoreSchema.steps)
    }

    init(path: String, access: Access, steps: [SchemaStep]) throws {
        // Without it everything is right too, only slower.
        _ = Self.isTuned
        self.path = path
        newestSchema = steps.last?.version ?? 0
        let kind = try StoreFile.kind(path: path)
        switch access {
        case .readOnly:
            guard kind == .store else { throw StoreError(.missing, "there is no store at \(path)") }
            writer = nil
            state = Lock(State())
        case .readWrite(let owner):
            let storeLock = try StoreLock(path: path + ".lock", owner: owner)
            // Asked again under the lock: another process may have made it meanwhile.
            if try StoreFile.kind(path: path) == .missing { try StoreFile.create(path: path, steps: steps) }
            do {
                writer = try StoreConnection.writer(
                    path: path, steps: steps, cacheMegabytes: Self.writerCacheMegabytes)
            } catch {
                throw mapped(error)
            }
            state = Lock(State(storeLock: storeLock))
        }
        // One reader now, so that a store that cannot be read is refused here and not at the first question.
        let reader = try openReader()
        state.withLock { $0.idle.append(reader) }
    }

    deinit {
        // What close() could not do here shows when the store is opened next; there is nobody left to tell.
        try? close()
    }

    /// Runs `body` in a transaction of the one writing connection; throws, and nothing is written, if `body` throws.
    public func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result {
        guard let writer else { throw StoreError(.io, "the store was opened for reading only") }
        try refuseIfUnusable(forWriting: true)
        do {
            return try writer.write { try body($0) }
        } catch {
            let known = mapped(error)
            if isFatal(error), let failure = known as? StoreError { state.withLock { $0.failure = failure } }
            throw known
        }
    }

    /// Runs `body` on a snapshot of the store, beside a writer and other readers.
    public func read<Result>(_ body: (any StoreSnapshot) throws -> Result) throws -> Result {
        try refuseIfUnusable(forWriting: false)
        let reader = try state.withLock { $0.idle.popLast() } ?? openReader()
        defer { putBack(reader) }
        do {
            return try reader.read { try body($0) }
        } catch {
            throw mapped(error)
        }
    }

    /// How long the log may grow before a commit brings it home, in pages: for what writes much at once, 160 MB; for a
    /// service, 8 MB, as every request that commits meanwhile waits for it.
    static let longLog = 40_000
    static let shortLog = 2_000

    /// Keeps the log short from now on, for a service. Does nothing when opened for reading.
    ///
    /// - Throws: ``StoreError``.
    public func keepLogShort() throws {
        guard let writer else { return }
        do {
            try writer.queue.writeWithoutTransaction { db in
                _ = try Int.fetchOne(db, sql: "PRAGMA wal_autocheckpoint = \(Self.shortLog)")
            }
        } catch {
            throw mapped(error)
        }
    }

    /// Brings the write-ahead log into the file as far as no reader needs it, and empties it if nobody does; waits for
    /// nobody. Does nothing when opened for reading.
    public func checkpoint() throws {
        guard let writer else { return }
        try refuseIfUnusable(forWriting: true)
        do {
            try writer.queue.writeWithoutTransaction { db in
                let step = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(PASSIVE)")
                guard let step else { return }
                let (busy, frames, home): (Int, Int, Int) = (step[0], step[1], step[2])
                if busy == 0, frames > 0, frames == home { _ = try Self.emptyLog(db) }
            }
        } catch {
            let known = mapped(error)
            if isFatal(error), let failure = known as? StoreError { state.withLock { $0.failure = failure } }
            throw known
        }
    }

    /// Brings the log home and empties it; a store that was written before deleted content was overwritten is copied
    /// anew first, once.
    public func scrub(patienceMilliseconds: Int) throws -> Bool {
        guard let writer else { return true }
        let end = monotonicMilliseconds() + Int64(patienceMilliseconds)
        while true {
            try refuseIfUnusable(forWriting: true)
            do {
                let isEmpty = try writer.queue.writeWithoutTransaction { db in
                    if try Int.fetchOne(db, sql: "SELECT 1 FROM meta WHERE name = 'isScrubbed'") == nil {
                        try db.execute(sql: "VACUUM; INSERT INTO meta VALUES ('isScrubbed', 1)")
                    }
                    return try Self.emptyLog(db)
                }
                if isEmpty { return true }
            } catch {
                let known = mapped(error)
                if isFatal(error), let failure = known as? StoreError { state.withLock { $0.failure = failure } }
                throw known
            }
            guard monotonicMilliseconds() < end else { return false }
            // Outside the writer's queue: whoever writes goes on meanwhile.
            usleep(20_000)
        }
    }

    /// Empties the log if nobody's snapshot needs it; false: somebody's does. Waits for nobody: whoever writes would wait
    /// with it as long as somebody reads.
    private static func emptyLog(_ db: Database) throws -> Bool {
        try db.execute(sql: "PRAGMA busy_timeout = 0")
        defer { try? db.execute(sql: "PRAGMA busy_timeout = \(StoreConnection.busyMilliseconds)") }
        // The first column says whether somebody's snapshot kept the log from being emptied.
        return try Int.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)") == 0
    }

    /// Closes every connection, then gives the store's lock back; a second call does nothing.
    public func close() throws {
        let (readers, storeLock, wasClosed, failure) = state.withLock {
            let taken = ($0.idle, $0.storeLock, $0.isClosed, $0.failure)
            $0.idle = []
            $0.storeLock = nil
            $0.isClosed = true
            return taken
        }
        guard !wasClosed else { return }
        // The lock is held to the end: the last connection that closes still writes to the file.
        try withExtendedLifetime(storeLock) {
            do {
                for reader in readers { try reader.close() }
                if let writer {
                    if failure == nil {
                        try writer.queue.writeWithoutTransaction {
                            try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                        }
                    }
                    try writer.close()
                }
            } catch {
                throw mapped(error)
            }
        }
    }

    private func openReader() throws -> StoreConnection {
        do {
            return try StoreConnection.reader(path: path, newestSchema: newestSchema)
        } catch {
            throw mapped(error)
        }
    }

    private func putBack(_ reader: StoreConnection) {
        let isKept = state.withLock {
            guard !$0.isClosed, $0.idle.count < Self.idleReaders else { return false }
            $0.idle.append(reader)
            return true
        }
        // A reader has nothing to write: that it cannot be closed loses nothing.
        if !isKept { try? reader.close() }
    }

    /// After damage or a failed `fsync` nothing is written again: a restart must find out what is on disk.
    private func refuseIfUnusable(forWriting: Bool) throws {
        let (isClosed, failure) = state.withLock { ($0.isClosed, $0.failure) }
        if isClosed { throw StoreError(.io, "the store is closed") }
        if forWriting, let failure { throw failure }
    }
}

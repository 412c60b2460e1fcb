import CareStore
import CareValues
import GRDB
import Glibc

/// Copies of a store that are made while it is written to.
///
/// A copy is of one instant: its source is read in one transaction, page by page, beside the writer. It is one file
/// without a log beside it, checked before it gets its name.
public enum StoreBackup {
    /// What a store holds.
    public struct Content: Sendable, Hashable {
        /// The store's own id; a backup has that of its store.
        public var storeID = ""
        /// The version of its schema.
        public var schema = 0
        /// The store's clock; nil: nothing was decided or taken in yet.
        public var clock: Timestamp?
        /// When the backup was made, of the real clock; nil: it was not made by ``make``.
        public var takenAt: Timestamp?
        /// How many customers, facts about them, decisions, deliveries and attempts at these it holds.
        public var customers = 0
        /// How many facts.
        public var facts = 0
        /// How many rows the ledger has.
        public var decisions = 0
        /// How many rows the outbox has.
        public var deliveries = 0
        /// How many attempts are recorded.
        public var attempts = 0
        /// The size of the file in bytes.
        public var bytes: Int64 = 0
    }

    /// What is being done.
    public enum Phase: Sendable, Hashable {
        /// Pages are copied.
        case copying
        /// The copy is checked; how far that is is not known.
        case checking
    }

    /// Hears how many of how many pages are done; false: it is to end.
    public typealias Progress = (_ phase: Phase, _ done: Int, _ total: Int) -> Bool

    /// Why no backup was made.
    public enum Refusal: Error, Sendable, Hashable {
        /// Something stands at the path: nothing is ever written over.
        case exists
        /// Another process writes a backup of that name.
        case underWay
        /// It was ended by ``Progress``; nothing was left behind.
        case interrupted
    }

    /// The note in a backup that says when it was made.
    static let note = "backup.takenAt"
    /// How many pages are copied between two words about it.
    private static let pagesPerStep: CInt = 4_096

    /// Copies the store at `storePath` into a new file at `path`, which only its owner may read.
    ///
    /// A store of an older schema is copied as it is.
    /// - Parameter now: of the real clock.
    /// - Throws: ``Refusal``; ``StoreError``; in each case nothing is at `path`.
    public static func make(
        of storePath: String, to path: String, at now: Timestamp, progress: @escaping Progress = { _, _, _ in true }
    ) throws -> Content {
        guard try StoreFile.kind(path: storePath) == .store else {
            throw StoreError(.missing, "there is no store at \(fileName(storePath))")
        }
        var status = stat()
        guard lstat(path, &status) != 0 else { throw Refusal.exists }
        let draft = path + ".partial"
        let descriptor = try open(draft: draft, of: path)
        // Closed after SQLite's own connection to the file: closing any drops the process's locks on it.
        defer { Glibc.close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw Refusal.underWay }
        do {
            guard ftruncate(descriptor, 0) == 0, fchmod(descriptor, 0o600) == 0 else { throw cannot("write", path) }
            let content = try copy(storePath, to: draft, at: now, progress)
            guard fsync(descriptor) == 0 else { throw cannot("make durable", path) }
            guard isSame(descriptor, draft) else {
                throw StoreError(.io, "another file took the place of \(fileName(draft)); the backup was not kept")
            }
            try give(draft, theName: path)
            try StoreFile.syncFolder(of: path)
            return content
        } catch {
            for leftover in [draft, draft + "-journal", draft + "-wal", draft + "-shm"] { unlink(leftover) }
            throw mapped(error)
        }
    }

    /// What a backup, or a store that nobody writes, holds, after a check of every page and index.
    ///
    /// - Throws: ``StoreError``: `missing`, `notAStore`, `newerSchema`; `corrupt` when the check finds something.
    public static func inspect(_ path: String) throws -> Content {
        guard try StoreFile.kind(path: path) == .store else {
            throw StoreError(.missing, "there is no \(fileName(path))")
        }
        do {
            let queue = try connection(path)
            let content = try queue.read { db in
                let content = try Self.content(of: db, path)
                try check(db, path)
                return content
            }
            try queue.close()
            return content
        } catch {
            throw mapped(error)
        }
    }

    // MARK: Parts

    /// The file that a backup is written to before it has its name: a new one, or what an earlier backup of ours that was
    /// broken off has left. Never what a link leads to, or a file of somebody else's.
    private static func open(draft: String, of path: String) throws -> Int32 {
        let flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC
        let made = Glibc.open(draft, flags | O_CREAT | O_EXCL, 0o600)
        if made >= 0 { return made }
        guard errno == EEXIST else { throw cannot("make", path) }
        let descriptor = Glibc.open(draft, flags)
        guard descriptor >= 0 else { throw cannot("make", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
            status.st_nlink == 1
        else {
            Glibc.close(descriptor)
            throw StoreError(.io, "cannot make \(fileName(path)): \(fileName(draft)) is there and no backup of ours")
        }
        return descriptor
    }

    /// Whether the file at `path` is the one that is open.
    private static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
        var (open, named) = (stat(), stat())
        guard fstat(descriptor, &open) == 0, lstat(path, &named) == 0 else { return false }
        return open.st_ino == named.st_ino && open.st_dev == named.st_dev
    }

    private static func copy(
        _ storePath: String, to draft: String, at now: Timestamp, _ progress: @escaping Progress
    ) throws -> Content {
        let source = try connection(storePath)
        let target = try DatabaseQueue(path: draft)
        let wanted = try source.read { db in
            // The first question opens the snapshot that all pages are of, whatever is written meanwhile.
            let wanted = try Self.content(of: db, storePath)
            try target.writeWithoutTransaction { copy in
                // Nothing of a copy that is broken off is kept.
                try copy.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
                try db.backup(to: copy, pagesPerStep: pagesPerStep) { step in
                    let done = step.totalPageCount - step.remainingPageCount
                    guard progress(.copying, done, step.totalPageCount) else { throw Refusal.interrupted }
                }
            }
            return wanted
        }
        try source.close()
        try target.close()
        guard progress(.checking, 0, 0) else { throw Refusal.interrupted }
        let finished = try DatabaseQueue(path: draft)
        var content = try finished.writeWithoutTransaction { db in
            // One file: a log beside a backup would be forgotten.
            let mode = try String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
            guard mode == "delete" else { throw StoreError(.io, "the backup keeps a log: \(mode ?? "?")") }
            try check(db, draft)
            return try Self.content(of: db, draft)
        }
        content.bytes = wanted.bytes
        content.takenAt = wanted.takenAt
        guard content == wanted else {
            throw StoreError(.corrupt, "the backup does not hold what the store holds; it was not kept")
        }
        try finished.writeWithoutTransaction { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO notes VALUES (?, ?)", arguments: [note, String(now.milliseconds)])
        }
        try finished.close()
        content.takenAt = now
        content.bytes = size(of: draft)
        return content
    }

    private static func connection(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "care.store.backup"
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    private static func content(of db: Database, _ path: String) throws -> Content {
        var content = Content()
        content.schema = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let known = StoreSchema.steps.count
        guard content.schema <= known else {
            throw StoreSchema.newer(file: fileName(path), stored: content.schema, known: known)
        }
        content.storeID = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'storeID'") ?? ""
        content.clock = try Int64.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'clock'").map {
            Timestamp(milliseconds: $0)
        }
        content.takenAt = try String.fetchOne(db, sql: "SELECT value FROM notes WHERE name = ?", arguments: [note])
            .flatMap { Int64($0) }.map { Timestamp(milliseconds: $0) }
        func count(_ table: String) throws -> Int {
            try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table)") ?? 0
        }
        content.customers = try Int.fetchOne(db, sql: "SELECT count(*) FROM customers WHERE version > 0") ?? 0
        content.facts = try count("facts")
        content.decisions = try count("ledger")
        content.deliveries = try count("outbox")
        content.attempts = try count("attempts")
        content.bytes = size(of: path)
        return content
    }

    /// - Throws: ``StoreError/Code/corrupt`` with SQLite's first finding, which names tables and pages only.
    private static func check(_ db: Database, _ path: String) throws {
        let findings = try String.fetchAll(db, sql: "PRAGMA integrity_check(1)")
        guard findings == ["ok"] else {
            throw StoreError(.corrupt, "\(fileName(path)) is damaged: \(findings.first ?? "no answer")")
        }
    }

    /// Gives a finished file its name, unless something has come there meanwhile.
    private static func give(_ draft: String, theName path: String) throws {
        if link(draft, path) == 0 {
            unlink(draft)
            return
        }
        guard errno != EEXIST else { throw Refusal.exists }
        // A file system without links.
        var status = stat()
        guard lstat(path, &status) != 0 else { throw Refusal.exists }
        guard rename(draft, path) == 0 else { throw cannot("make", path) }
    }

    private static func size(of path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    static func cannot(_ verb: String, _ path: String) -> StoreError {
        let code = errno
        return StoreError(
            code == ENOSPC || code == EDQUOT ? .full : .io, "cannot \(verb) \(fileName(path)): \(systemMessage(code))")
    }
}

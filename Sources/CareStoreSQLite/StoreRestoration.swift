import CareStore
import CareValues
import GRDB
import Glibc

/// Puts a backup in the place of a store.
public enum StoreRestoration {
    /// What was done.
    public struct Summary<Prepared> {
        /// What the backup holds.
        public var content: StoreBackup.Content
        /// Where the store lies that was there before; nil: there was none.
        public var aside: String?
        /// What was made of it before it took its place.
        public var prepared: Prepared
    }

    /// Copies the backup at `path` beside the store at `storePath`, checks the copy, brings it to this schema, lets
    /// `prepare` work on it, then exchanges the two: a process sees the old store or the new one, never half of one.
    ///
    /// The store's lock is held meanwhile. The old store is kept under another name beside the new one.
    /// - Parameters:
    ///   - owner: who is told to hold the store, `care restore`.
    ///   - now: of the real clock.
    ///   - progress: hears how many of how many bytes are copied; false: it is to end.
    /// - Throws: ``StoreError``: `inUse` when a process writes to the store; `notAStore`, `newerSchema`, `corrupt`;
    ///   ``StoreBackup/Refusal/interrupted``; what `prepare` throws. The store is unchanged then.
    public static func run<Prepared>(
        _ path: String, to storePath: String, owner: String, at now: Timestamp,
        progress: (_ done: Int64, _ total: Int64) -> Bool = { _, _ in true },
        prepare: (SQLiteStore) throws -> Prepared
    ) throws -> Summary<Prepared> {
        guard try StoreFile.kind(path: path) == .store else {
            throw StoreError(.missing, "there is no \(fileName(path))")
        }
        guard !isSame(path, storePath) else {
            throw StoreError(.io, "\(fileName(path)) is the store itself")
        }
        // What stands there must be a store, or nothing: another program's file is not moved.
        let hasOld = try StoreFile.kind(path: storePath) == .store
        let lock = try StoreLock(path: storePath + ".lock", owner: owner)
        let draft = storePath + ".restoring"
        return try withExtendedLifetime(lock) {
            remove(draft)
            do {
                try copy(path, to: draft, mode: mode(of: storePath), progress)
                let content = try StoreBackup.inspect(draft)
                let store = try SQLiteStore(path: draft, access: .readWrite(owner: owner))
                try store.write { try $0.setNote(StoreBackup.note, nil) }
                let prepared = try prepare(store)
                try store.close()
                for leftover in ["-wal", "-shm", ".lock"] { unlink(draft + leftover) }
                let aside = hasOld ? try setAside(storePath, at: now) : nil
                guard rename(draft, storePath) == 0 else { throw StoreBackup.cannot("make", storePath) }
                try StoreFile.syncFolder(of: storePath)
                return Summary(content: content, aside: aside, prepared: prepared)
            } catch {
                remove(draft)
                throw mapped(error)
            }
        }
    }

    // MARK: Parts

    private static func remove(_ draft: String) {
        for end in ["", "-wal", "-shm", "-journal", ".lock"] { unlink(draft + end) }
    }

    private static func copy(
        _ path: String, to draft: String, mode: mode_t, _ progress: (Int64, Int64) -> Bool
    ) throws {
        let source = open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw StoreBackup.cannot("open", path) }
        defer { Glibc.close(source) }
        var status = stat()
        fstat(source, &status)
        let target = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard target >= 0 else { throw StoreBackup.cannot("make", draft) }
        defer { Glibc.close(target) }
        var done: Int64 = 0
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(source, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw StoreBackup.cannot("read", path) }
            if count == 0 { break }
            var start = 0
            while start < count {
                let written = chunk[start..<count].withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
                if written > 0 {
                    start += written
                } else if errno != EINTR {
                    throw StoreBackup.cannot("write", draft)
                }
            }
            done += Int64(count)
            guard progress(done, Int64(status.st_size)) else { throw StoreBackup.Refusal.interrupted }
        }
        guard fsync(target) == 0 else { throw StoreBackup.cannot("make durable", draft) }
    }

    /// Gives the store a second name, and takes its log away from the first: what comes there has none.
    private static func setAside(_ storePath: String, at now: Timestamp) throws -> String {
        // What the log holds is brought home, where that can be done: a damaged store is kept as it is.
        if let queue = try? DatabaseQueue(path: storePath) {
            try? queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
            try? queue.close()
        }
        // `2026-09-21T00:30:00.000Z` without what a file's name had better not have.
        let stamp = now.iso8601.prefix(19).filter { $0 != "-" && $0 != ":" }
        var aside = "\(storePath).before-\(stamp)Z"
        var number = 1
        while link(storePath, aside) != 0 {
            guard errno == EEXIST, number < 100 else { throw StoreBackup.cannot("keep", storePath) }
            number += 1
            aside = "\(storePath).before-\(stamp)Z-\(number)"
        }
        for end in ["-wal", "-shm"] where rename(storePath + end, aside + end) != 0 {
            guard errno == ENOENT else { throw StoreBackup.cannot("keep", storePath) }
        }
        return aside
    }

    private static func mode(of path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0o644
    }

    private static func isSame(_ one: String, _ other: String) -> Bool {
        var first = stat()
        var second = stat()
        guard stat(one, &first) == 0, stat(other, &second) == 0 else { return false }
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }
}

import CareStore
import GRDB
import Glibc

/// What stands at a store's path, told from its first bytes alone: a file that is no store is not touched.
enum StoreFile {
    /// What is there.
    enum Kind {
        /// Nothing.
        case missing
        /// A Care store, of any version.
        case store
    }

    /// Looks at the file at `path`.
    ///
    /// SQLite's header is 100 bytes: 16 bytes of magic, the application id at 68 (https://sqlite.org/fileformat.html).
    /// - Throws: ``StoreError/Code/notAStore`` for anything but a Care store; ``StoreError/Code/io`` when it cannot be read.
    static func kind(path: String) throws -> Kind {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return .missing }
            throw StoreError(.io, "cannot open \(fileName(path)): \(systemMessage(errno))")
        }
        defer { Glibc.close(descriptor) }
        var header = [UInt8](repeating: 0, count: 100)
        let count = header.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count >= 0 else { throw StoreError(.io, "cannot read \(fileName(path)): \(systemMessage(errno))") }
        guard count == header.count, header.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw StoreError(.notAStore, "\(fileName(path)) is not a Care store; unchanged")
        }
        let application = header[68..<72].reduce(Int32(0)) { $0 << 8 | Int32($1) }
        guard application == StoreSchema.applicationID else {
            throw StoreError(
                .notAStore, "\(fileName(path)) is a database of another program, not a Care store; unchanged")
        }
        return .store
    }

    /// Makes an empty store of the newest schema at `path`, where nothing stands.
    ///
    /// It is made under another name and renamed, so that a crash never leaves half a store. The caller holds the lock.
    static func create(path: String, steps: [SchemaStep]) throws {
        let draft = path + ".new"
        for leftover in [draft, draft + "-journal"] { unlink(leftover) }
        do {
            let queue = try DatabaseQueue(path: draft)
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA application_id = \(StoreSchema.applicationID)")
                try StoreSchema.migrate(db, steps: steps, file: fileName(path))
                try db.execute(
                    sql: "INSERT INTO meta VALUES ('storeID', ?), ('customers', 0), ('isScrubbed', 1)",
                    arguments: [newStoreID()])
            }
            try queue.close()
        } catch {
            throw mapped(error)
        }
        guard rename(draft, path) == 0 else {
            throw StoreError(.io, "cannot make \(fileName(path)): \(systemMessage(errno))")
        }
        try syncFolder(of: path)
    }

    /// 32 hex digits of the system's randomness.
    private static func newStoreID() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef")
        return String((0..<32).map { _ in digits[Int(generator.next() & 15)] })
    }

    /// Makes the folder's entry durable, which renaming alone does not.
    static func syncFolder(of path: String) throws {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let name = folder.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : folder
        let descriptor = open(name, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        guard descriptor >= 0 else { throw StoreError(.io, "cannot open the store's folder: \(systemMessage(errno))") }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw StoreError(.io, "cannot make the store's folder durable: \(systemMessage(errno))")
        }
    }
}

import CareThreads
import CareValues
import Glibc

/// What went wrong with who may do what.
public enum AccessError: Error, Sendable, Hashable {
    /// The file cannot be read or written; what the system said.
    case unusable(path: String, reason: String)
    /// The name is taken.
    case nameTaken(String)
    /// There is none of that name.
    case unknownName(String)
    /// The name is empty, longer than 64 bytes or holds control characters.
    case badName
    /// The password is too short or too long.
    case badPassword
    /// Name or password is wrong.
    case wrongCredentials
    /// Too many wrong ones: ask again after so many seconds.
    case throttled(retryAfterSeconds: Int)
    /// The setup link is not, or no more, valid.
    case badSetupLink
}

/// The file that keeps who may do what, beside the store: readable by its owner only, replaced as a whole.
///
/// Commands and the running service change it, each under a lock of the system and on what is there by then; a change by
/// one is seen by the other at its next question.
final class AccessFile: Sendable {
    private struct Stamp: Hashable {
        var seconds: Int
        var nanoseconds: Int
        var size: Int
        var inode: UInt
    }
    private struct Seen {
        var stamp: Stamp?
        var records = AccessRecords()
        var byDigest: [String: TokenRecord] = [:]
    }

    let path: String
    private let seen = Lock(Seen())

    init(path: String) {
        self.path = path
    }

    /// What the file says now; nothing where there is none.
    func records() throws -> AccessRecords {
        try refresh { $0.records }
    }

    /// The token with that digest, or nil.
    func token(digest: String) throws -> TokenRecord? {
        try refresh { $0.byDigest[digest] }
    }

    /// Changes what the file says.
    func update<Result>(_ body: (inout AccessRecords) throws -> Result) throws -> Result {
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw failure() }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 { guard errno == EINTR else { throw failure() } }
        var records = try records()
        let before = records
        let result = try body(&records)
        if records != before || self.stamp() == nil { try write(records) }
        return result
    }

    private func refresh<Result>(_ body: (Seen) -> Result) throws -> Result {
        let stamp = stamp()
        if let known = seen.withLock({ $0.stamp == stamp ? body($0) : nil }) { return known }
        let records = stamp == nil ? AccessRecords() : try read()
        return seen.withLock { seen in
            seen = Seen(
                stamp: stamp, records: records,
                byDigest: Dictionary(records.tokens.map { ($0.digest, $0) }, uniquingKeysWith: { first, _ in first }))
            return body(seen)
        }
    }

    private func stamp() -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp(
            seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec, size: Int(status.st_size),
            inode: status.st_ino)
    }

    private func read() throws -> AccessRecords {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw failure()
            }
            bytes += chunk[..<count]
        }
        guard let records = AccessRecords(text: String(decoding: bytes, as: UTF8.self)) else {
            throw AccessError.unusable(path: path, reason: "it is not what care wrote")
        }
        return records
    }

    private func write(_ records: AccessRecords) throws {
        let draft = path + ".new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure() }
        let bytes = Array(records.text.utf8)
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                let error = failure()
                close(descriptor)
                unlink(draft)
                throw error
            }
            offset += count
        }
        let isSafe = fsync(descriptor) == 0
        close(descriptor)
        guard isSafe, rename(draft, path) == 0 else { throw failure() }
    }

    private func failure() -> AccessError {
        .unusable(path: path, reason: String(cString: strerror(errno)))
    }
}

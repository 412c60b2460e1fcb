import CareStore
import Glibc

/// The lock that keeps a second writing process away from a store.
///
/// An advisory lock on a file beside the store, which the kernel drops when its holder ends, however it ends. The file
/// says who holds it, for the message a second process prints; it is left behind on purpose, because removing it would
/// let two processes lock two files of one name.
final class StoreLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock at `path` for `owner`, such as `care serve`.
    ///
    /// - Throws: ``StoreError/Code/inUse`` at once when another holds it, in this process or another;
    ///   ``StoreError/Code/io`` when the file cannot be made.
    init(path: String, owner: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw StoreError(.io, "cannot make the lock file \(fileName(path)): \(systemMessage(errno))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = StoreLock.holder(descriptor)
            Glibc.close(descriptor)
            guard code == EWOULDBLOCK else {
                throw StoreError(.io, "cannot lock \(fileName(path)): \(systemMessage(code))")
            }
            throw StoreError(.inUse, "store in use by \(holder)")
        }
        self.descriptor = descriptor
        StoreLock.write("\(owner), process \(getpid())", to: descriptor)
    }

    deinit {
        StoreLock.write("", to: descriptor)
        Glibc.close(descriptor)
    }

    /// Who holds the lock, as they wrote it; another process when they have not come to it yet.
    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 200)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count > 0 else { return "another process" }
        return String(decoding: bytes[0..<count], as: UTF8.self)
    }

    /// Replaces the text. Failing at it costs a less helpful message only, so it is not an error.
    private static func write(_ text: String, to descriptor: Int32) {
        guard ftruncate(descriptor, 0) == 0 else { return }
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}

/// The system's words for an error number.
func systemMessage(_ code: Int32) -> String {
    String(cString: strerror(code))
}

/// The last part of a path: what messages name.
func fileName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
}

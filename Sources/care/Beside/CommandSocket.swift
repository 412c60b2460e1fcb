import CareEngine
import CareValues
import Glibc

/// Where the service that holds a store takes commands: a socket beside the store that only its owner can open.
struct CommandSocket: Sendable {
    /// The socket of the store at `storePath`.
    let path: String
    private let folder: String
    private let name: String

    /// The longest name that fits behind the way to an open folder; a longer one is shortened to a hash of itself.
    private static let longestName = 64

    /// The socket of the store at `storePath`.
    init(storePath: String) {
        folder = Files.folder(of: storePath)
        let whole = (storePath.split(separator: "/").last.map(String.init) ?? "care") + ".socket"
        let isShort = whole.utf8.count <= Self.longestName
        name = isShort ? whole : "\(String(XXH64.hash(utf8: whole), radix: 16)).care-socket"
        path = folder == "/" ? "/" + name : folder + "/" + name
    }

    /// A socket that takes connections; one that a killed service has left is replaced. Whoever calls holds the store.
    ///
    /// - Returns: nil: it cannot be made, and `errno` says why.
    func listen() -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        unlink(path)
        // Nobody can connect before it listens, and by then its mode is what it is to be.
        guard withAddress({ bind(descriptor, $0, $1) }) == 0, chmod(path, 0o600) == 0,
            Glibc.listen(descriptor, 16) == 0
        else {
            let code = errno
            close(descriptor)
            errno = code
            return nil
        }
        return descriptor
    }

    /// A connection to the service; nil: nobody is there.
    func connect() -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        guard withAddress({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// Takes it away.
    func remove() {
        unlink(path)
    }

    /// The address: through the open folder, because a socket's address holds 107 bytes and a path may be longer.
    private func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        let opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { return -1 }
        defer {
            let code = errno
            close(opened)
            errno = code
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let text = Array("/proc/self/fd/\(opened)/\(name)".utf8)
        let isWhole = withUnsafeMutableBytes(of: &address.sun_path) { place in
            guard text.count < place.count else { return false }
            place.copyBytes(from: text)
            return true
        }
        guard isWhole else {
            errno = ENAMETOOLONG
            return -1
        }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// The user at the other end of a connection, as the system says; nil: it cannot say.
    static func user(of descriptor: Int32) -> uid_t? {
        // struct ucred: process, user, group.
        var credentials: [UInt32] = [0, 0, 0]
        var length = socklen_t(12)
        let code = credentials.withUnsafeMutableBytes {
            getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, $0.baseAddress, &length)
        }
        return code == 0 && length == 12 ? credentials[1] : nil
    }
}

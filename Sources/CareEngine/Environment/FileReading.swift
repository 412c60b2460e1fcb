import Glibc

/// Why a file could not be read.
public struct FileReadError: Error, Sendable, Hashable {
    /// The file as it was named.
    public var path: String
    /// What the system said, in words: `No such file or directory`.
    public var reason: String
}

/// Files and folders by their paths, as far as the engine reads them.
public enum Files {
    /// The bytes of a file of at most `limit` bytes. - Throws: ``FileReadError``.
    public static func read(_ path: String, atMost limit: Int) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw systemError(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count == 0 { return bytes }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw systemError(path)
            }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw FileReadError(path: path, reason: "larger than \(limit) bytes")
            }
        }
    }

    /// The size of a file in bytes; 0: there is none.
    public static func size(_ path: String) -> Int64 {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Whether there is a regular file of that path.
    public static func isFile(_ path: String) -> Bool {
        mode(path) & S_IFMT == S_IFREG
    }

    /// Whether there is a folder of that path.
    public static func isFolder(_ path: String) -> Bool {
        mode(path) & S_IFMT == S_IFDIR
    }

    /// The paths of all regular files under `folder` whose name ends in `suffix`, folders inside included, sorted;
    /// names that begin with a point are passed over. A link that leads nowhere is among them: reading it says so. One
    /// that leads back to a folder that it lies in is not followed.
    /// - Throws: ``FileReadError``.
    public static func list(_ folder: String, suffix: String, depth: Int = 8) throws -> [String] {
        try list(folder, suffix: suffix, depth: depth, inside: [])
    }

    /// - Parameter outer: the folders on the way here.
    private static func list(
        _ folder: String, suffix: String, depth: Int, inside outer: [FolderIdentity]
    ) throws -> [String] {
        guard let directory = opendir(folder) else { throw systemError(folder) }
        defer { closedir(directory) }
        var status = stat()
        guard fstat(dirfd(directory), &status) == 0 else { throw systemError(folder) }
        let own = FolderIdentity(device: status.st_dev, number: status.st_ino)
        if outer.contains(own) { return [] }
        var found: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".") { continue }
            let path = folder + "/" + name
            if isFolder(path) {
                if depth > 0 { found += try list(path, suffix: suffix, depth: depth - 1, inside: outer + [own]) }
            } else if name.hasSuffix(suffix), isFile(path) || mode(path) == 0 {
                found.append(path)
            }
        }
        return found.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) }
    }

    private struct FolderIdentity: Equatable {
        var device: dev_t
        var number: ino_t
    }

    /// The folder that holds `path`: `.` for a bare name.
    public static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Replaces what a file holds, whole or not at all; who may read it stays so. - Throws: ``FileReadError``.
    static func replace(_ path: String, with bytes: [UInt8]) throws {
        let draft = path + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw systemError(path) }
        _ = fchmod(descriptor, mode(path) & 0o777)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                let error = systemError(path)
                close(descriptor)
                unlink(draft)
                throw error
            }
        }
        guard fsync(descriptor) == 0, close(descriptor) == 0, rename(draft, path) == 0 else {
            let error = systemError(path)
            unlink(draft)
            throw error
        }
    }

    private static func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode : 0
    }

    static func systemError(_ path: String) -> FileReadError {
        FileReadError(path: path, reason: String(cString: strerror(errno)))
    }
}

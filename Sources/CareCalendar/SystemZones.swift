import CareThreads
import CareValues
import Glibc

/// The zones of the system's zoneinfo, read when first asked for and kept.
///
/// A name is a relative path below the directory, as IANA names are; what could lead elsewhere is no zone.
public struct SystemZones: ZoneDirectory {
    /// The directory with the compiled zones.
    public let directory: String
    /// `2026b`, as the directory tells it by `tzdata.zi` or `+VERSION`; `unknown` when it does not.
    public let version: String
    /// The zones read so far. Names that are no zone are not kept: they come from customers' data and have no end.
    private let cache = Lock<[String: Zone]>([:])

    /// The zones below `directory`.
    public init(directory: String) {
        self.directory = directory
        self.version = SystemZones.version(of: directory)
    }

    /// The zones of this machine: those of the variable `TZDIR` if it is set and not empty, else those of
    /// `/usr/share/zoneinfo`.
    public init() {
        let named = getenv("TZDIR").map { String(cString: $0) } ?? ""
        self.init(directory: named.isEmpty ? "/usr/share/zoneinfo" : named)
    }

    /// The zone of the file of that name below ``directory``; nil when there is none, or it cannot be read as a zone.
    public func zone(named name: String) -> Zone? {
        guard SystemZones.isPlausible(name) else { return nil }
        if let known = cache.withLock({ $0[name] }) { return known }
        guard let bytes = readFile(directory + "/" + name, atMost: TZif.maximumBytes),
            let zone = try? TZif.zone(name: name, bytes: bytes)
        else { return nil }
        // Of two threads that read it at once the first one's stays: one name, one object.
        return cache.withLock { zones in
            if let known = zones[name] { return known }
            zones[name] = zone
            return zone
        }
    }

    /// Whether `name` has the form of an IANA name: parts of letters, digits, `_`, `+`, `-` joined by `/`, at most 255
    /// bytes. Excludes hidden files, absolute paths, `..`, `tzdata.zi`.
    static func isPlausible(_ name: String) -> Bool {
        guard (1...255).contains(name.utf8.count) else { return false }
        return name.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.first, first != UInt8(ascii: "-"), first != UInt8(ascii: "+") else { return false }
            return part.allSatisfy { byte in
                (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || (byte >= 0x30 && byte <= 0x39)
                    || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            }
        }
    }

    private static func version(of directory: String) -> String {
        let comment = "# version "
        if let bytes = readFile(directory + "/tzdata.zi", atMost: 64, orItsBeginning: true),
            let line = bytes.split(separator: 0x0A).first, line.starts(with: comment.utf8)
        {
            return String(decoding: line.dropFirst(comment.utf8.count), as: UTF8.self)
        }
        if let bytes = readFile(directory + "/+VERSION", atMost: 64, orItsBeginning: true),
            let line = bytes.split(separator: 0x0A).first, !line.isEmpty
        {
            return String(decoding: line, as: UTF8.self)
        }
        return "unknown"
    }
}

/// The bytes of a regular file; nil when it is none, cannot be read or is longer than `limit` (unless its beginning
/// will do).
private func readFile(_ path: String, atMost limit: Int, orItsBeginning: Bool = false) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { _ = close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let size = Int(status.st_size)
    guard orItsBeginning || size <= limit else { return nil }
    var bytes = [UInt8](repeating: 0, count: min(size, limit))
    var filled = 0
    while filled < bytes.count {
        let count = bytes.withUnsafeMutableBytes { buffer in
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
            return read(descriptor, rest.baseAddress, rest.count)
        }
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else { return nil }
        filled += count
    }
    return bytes
}

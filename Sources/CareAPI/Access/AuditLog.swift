import CareThreads
import CareValues
import Glibc

/// The record of every change that somebody made through the interface, the console or a command: who, what, when.
///
/// A file of JSON lines beside the store, readable by its owner only; lines are only added. Customers stand in it by a
/// hash at most.
public final class AuditLog: Sendable {
    /// One change.
    public struct Entry: Sendable, Hashable {
        /// When, of the real clock.
        public var at: Timestamp
        /// The token or user, or `care` for what the service does by itself.
        public var who: String
        /// How they showed it: `token`, `session`, `command`.
        public var by: String
        /// What was done, `deliveries.redrive`.
        public var action: String
        /// To what: a destination, a campaign, an id; empty: to nothing in particular.
        public var object: String
        /// The request that asked for it; empty: none.
        public var request: String
    }

    /// The path of the file.
    public let path: String
    private let now: @Sendable () -> Timestamp
    private let lock = Lock(())

    /// The log of the store at `storePath`.
    public init(storePath: String, now: @escaping @Sendable () -> Timestamp) {
        path = storePath + ".audit.jsonl"
        self.now = now
    }

    /// Adds a line. - Throws: ``AccessError/unusable`` when it cannot be written.
    public func note(_ action: String, _ object: String = "", by identity: Identity?, request: String = "") throws {
        try add(
            Entry(
                at: now(), who: identity?.name ?? "", by: identity?.kind.rawValue ?? "nobody", action: action,
                object: object, request: request))
    }

    /// Adds a line of what a command did, which `user` ran; nil: the user of this process.
    public func noteCommand(_ action: String, _ object: String = "", user id: UInt32? = nil) throws {
        let user = getpwuid(id ?? getuid()).flatMap { $0.pointee.pw_name.map { String(cString: $0) } } ?? ""
        try add(Entry(at: now(), who: user, by: "command", action: action, object: object, request: ""))
    }

    /// The newest entries, newest first, at most `limit`. - Throws: ``AccessError/unusable``.
    public func entries(limit: Int) throws -> [Entry] {
        guard let file = fopen(path, "re") else {
            if errno == ENOENT { return [] }
            throw failure()
        }
        defer { fclose(file) }
        // The end of the file holds the newest; a line is far below a kilobyte.
        fseek(file, 0, SEEK_END)
        let size = ftell(file)
        let start = max(0, size - limit * 1_024)
        fseek(file, start, SEEK_SET)
        var bytes = [UInt8](repeating: 0, count: size - start)
        let count = bytes.withUnsafeMutableBytes { fread($0.baseAddress, 1, $0.count, file) }
        let lines = bytes[..<count].split(separator: 0x0A).dropFirst(start > 0 ? 1 : 0)
        return lines.suffix(limit).reversed().compactMap { Entry(line: String(decoding: $0, as: UTF8.self)) }
    }

    private func add(_ entry: Entry) throws {
        var line = Array((JSONWriter.text(entry.json) + "\n").utf8)
        try lock.withLock { _ in
            let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw failure() }
            defer { close(descriptor) }
            // What a full disk has left of a line must not swallow this one.
            if Self.endsInLine(descriptor) { line.insert(0x0A, at: 0) }
            let count = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count == line.count else { throw failure() }
        }
    }

    /// Whether a file's last line has no end.
    private static func endsInLine(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0 else { return false }
        var last: UInt8 = 0x0A
        return pread(descriptor, &last, 1, status.st_size - 1) == 1 && last != 0x0A
    }

    private func failure() -> AccessError {
        .unusable(path: path, reason: String(cString: strerror(errno)))
    }
}

extension AuditLog.Entry {
    /// As it is written, and shown.
    public var json: JSONValue {
        .object(
            JSONObject(uniqueMembers: [
                ("at", .string(at.iso8601)), ("who", .string(who)), ("by", .string(by)), ("action", .string(action)),
                ("object", .string(object)), ("request", .string(request)),
            ]))
    }

    fileprivate init?(line: String) {
        guard case .object(let object)? = JSONValue(jsonText: line), let at = object.instant("at"),
            let who = object.text("who"), let by = object.text("by"), let action = object.text("action")
        else { return nil }
        self.init(
            at: at, who: who, by: by, action: action, object: object.text("object") ?? "",
            request: object.text("request") ?? "")
    }
}

import CareEngine
import CareValues
import Glibc

/// The sign of life of `care serve`: a small file beside the store, replaced as a whole.
struct HeartbeatFile: Sendable {
    /// How old a sign of life may be, in milliseconds, for the service to count as alive: six of its beats.
    static let maximumAgeMilliseconds = 6 * Service.heartbeatMilliseconds

    /// What the file says.
    struct Content: Sendable, Hashable {
        var at: Timestamp
        var process: Int
        var nextWakeUp: Timestamp?
        var epoch: Int64
        var isDispatching: Bool
        /// Whether that process is still there; a killed one leaves its last sign of life behind.
        var isRunning = true
    }

    let path: String

    /// The file of the store at `storePath`.
    init(storePath: String) {
        path = storePath + ".heartbeat"
    }

    /// Writes a sign of life. That it cannot be written shows in `care health`; the service goes on.
    func write(_ heartbeat: Service.Heartbeat) {
        let object = JSONObject(uniqueMembers: [
            ("at", .string(heartbeat.at.iso8601)), ("process", .number(Double(getpid()))),
            ("nextWakeUp", heartbeat.nextWakeUp.map { .string($0.iso8601) } ?? .null),
            ("epoch", .number(Double(heartbeat.epoch))), ("dispatching", .bool(heartbeat.isDispatching)),
        ])
        let text = Array((JSONWriter.text(.object(object)) + "\n").utf8)
        let draft = path + ".new"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return }
        let written = text.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        if written == text.count { rename(draft, path) }
    }

    /// The last sign of life; nil: there is none, or it cannot be read.
    func read() -> Content? {
        guard let bytes = try? Files.read(path, atMost: 4096),
            case .object(let object)? = JSONValue(jsonText: String(decoding: bytes, as: UTF8.self)),
            case .string(let text)? = object["at"], let at = Timestamp(iso8601: text),
            case .number(let processNumber)? = object["process"], let process = Int32(exactly: processNumber),
            case .number(let epochNumber)? = object["epoch"], let epoch = Int64(exactly: epochNumber)
        else { return nil }
        var nextWakeUp: Timestamp?
        if case .string(let text)? = object["nextWakeUp"] { nextWakeUp = Timestamp(iso8601: text) }
        return Content(
            at: at, process: Int(process), nextWakeUp: nextWakeUp, epoch: epoch,
            isDispatching: object["dispatching"] == .bool(true),
            isRunning: kill(process, 0) == 0 || errno == EPERM)
    }

    /// Takes the file away: a service that ended as asked is not dead.
    func remove() {
        unlink(path)
    }
}

import CareThreads
import Glibc

/// Where lines go that need no network: a file that grows, or a descriptor that is open already.
public final class LineSink: Sendable {
    /// Which of the two.
    public enum Place: Sendable, Hashable {
        /// Made where there is none, readable by its owner alone; opened anew for each batch, so that it may be moved
        /// away in between.
        case file(String)
        /// 1 is standard output.
        case descriptor(Int32)
    }

    private struct State {
        var descriptor: Int32 = -1
        /// The last line could be written only in part.
        var endsInsideLine = false
    }

    /// The file or descriptor.
    public let place: Place
    private let state = Lock(State())

    /// Nothing is opened before the first line.
    public init(_ place: Place) { self.place = place }

    /// Appends a line, which ends with a line end; the system's code when it cannot be written whole.
    func append(_ line: [UInt8]) -> Int32? {
        state.withLock { state in
            if state.descriptor < 0 {
                switch place {
                case .descriptor(let descriptor): state.descriptor = descriptor
                case .file(let path):
                    state.descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
                    if state.descriptor < 0 { return errno }
                    // Another process may have ended in the midst of one, for want of room.
                    if let endsInside = Self.endsInsideLine(path) { state.endsInsideLine = endsInside }
                }
            }
            // What follows half a line would be unreadable with it.
            if state.endsInsideLine, let code = Self.write([0x0A], to: state.descriptor) { return code.code }
            state.endsInsideLine = false
            guard let failure = Self.write(line, to: state.descriptor) else { return nil }
            state.endsInsideLine = failure.isPartial
            return failure.code
        }
    }

    /// Ends a batch: what was appended to a file is on disk when this returns nil.
    func settle() -> Int32? {
        state.withLock { state in
            guard case .file = place, state.descriptor >= 0 else { return nil }
            defer { state.descriptor = -1 }
            // A device or a pipe has nothing to be synchronised.
            let code: Int32? = fdatasync(state.descriptor) == 0 || errno == EINVAL || errno == EROFS ? nil : errno
            return close(state.descriptor) == 0 ? code : code ?? errno
        }
    }

    /// Whether a file's last line has no end; nil of what is no file.
    private static func endsInsideLine(_ path: String) -> Bool? {
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        guard status.st_size > 0 else { return false }
        var last: UInt8 = 0x0A
        return pread(descriptor, &last, 1, status.st_size - 1) == 1 && last != 0x0A
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> (code: Int32, isPartial: Bool)? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                return (errno, rest.count < bytes.count)
            }
        }
        return nil
    }
}

/// A line to be appended.
public struct LineRequest: Sendable {
    /// Where to.
    public var sink: LineSink
    /// The line, its end included.
    public var line: [UInt8]

    /// A line for `sink`.
    public init(sink: LineSink, line: [UInt8]) {
        self.sink = sink
        self.line = line
    }
}

/// The lines that a loop was given since its last round: written together, so that a file is synchronised once.
struct LineQueue {
    private var waiting: [(tag: Int, request: LineRequest)] = []

    var isEmpty: Bool { waiting.isEmpty }

    mutating func add(_ request: LineRequest, tag: Int) { waiting.append((tag, request)) }

    /// Writes all of them; `body` gets each tag with what became of its line.
    func write(_ body: (_ tag: Int, _ result: TransferResult, _ milliseconds: Int64) -> Void) {
        var codes = waiting.map { $0.request.sink.append($0.request.line) }
        var settled: [ObjectIdentifier: Int32?] = [:]
        for (index, item) in waiting.enumerated() {
            let sink = ObjectIdentifier(item.request.sink)
            let code = settled[sink] ?? item.request.sink.settle()
            settled[sink] = .some(code)
            // A line that may not be on disk was not delivered.
            codes[index] = codes[index] ?? code
        }
        for (index, item) in waiting.enumerated() {
            let result = codes[index].map { code in
                TransferResult.refused(code: Int(code), detail: "cannot be written: \(String(cString: strerror(code)))")
            }
            body(item.tag, result ?? .accepted, 0)
        }
    }
}

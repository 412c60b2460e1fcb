import CareThreads
import Glibc

/// Lines that come from several threads and may be more than memory holds: each thread's in a file without a name, given
/// back in the order of the threads.
final class LineSpool: Sendable {
    private struct Part {
        var descriptor: Int32
        var buffer: [UInt8] = []
    }
    private let parts = Lock<[Int: Part]>([:])
    private let folder: String

    /// A spool in the folder for temporary files that `environment` names, else `/tmp`.
    init(_ console: Console) {
        let named = console.environment["TMPDIR"] ?? ""
        folder = named.isEmpty ? "/tmp" : named
    }

    deinit {
        parts.withLock { for part in $0.values { close(part.descriptor) } }
    }

    /// Adds whole lines, each with its end, to a part. - Throws: ``CommandFailure``.
    func add(_ text: String, to number: Int) throws {
        try parts.withLock { parts in
            var part = try parts[number] ?? Part(descriptor: open())
            part.buffer.append(contentsOf: text.utf8)
            if part.buffer.count >= 1 << 18 { try Self.flush(&part) }
            parts[number] = part
        }
    }

    /// Hands out everything, whole lines at a time. - Throws: ``CommandFailure``; what `visit` throws.
    func forEachChunk(_ visit: (String) throws -> Void) throws {
        let numbers = parts.withLock { $0.keys.sorted() }
        for number in numbers {
            guard
                let descriptor = try parts.withLock({ parts -> Int32? in
                    guard var part = parts[number] else { return nil }
                    try Self.flush(&part)
                    parts[number] = part
                    return part.descriptor
                })
            else { continue }
            lseek(descriptor, 0, SEEK_SET)
            var chunk = [UInt8](repeating: 0, count: 1 << 18)
            var rest: [UInt8] = []
            while true {
                let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
                if count == 0 { break }
                guard count > 0 else {
                    if errno == EINTR { continue }
                    throw Self.failure()
                }
                rest += chunk[..<count]
                guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
                try visit(String(decoding: rest[...end], as: UTF8.self))
                rest.removeFirst(end + 1)
            }
        }
    }

    private func open() throws -> Int32 {
        var template = Array((folder + "/care-lines-XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Self.failure() }
        unlink(template)
        return descriptor
    }

    private static func flush(_ part: inout Part) throws {
        var start = 0
        while start < part.buffer.count {
            let written = part.buffer[start...].withUnsafeBytes { write(part.descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                start += written
            } else if errno != EINTR {
                throw failure()
            }
        }
        part.buffer.removeAll(keepingCapacity: true)
    }

    private static func failure() -> CommandFailure {
        CommandFailure(
            "temporary files cannot be written or read: \(String(cString: strerror(errno))); nothing was done",
            help: "Make room there, or name another folder in TMPDIR.")
    }
}

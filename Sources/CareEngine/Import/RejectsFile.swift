import CareIntake
import CareStore
import CareValues
import Glibc

/// The refused rows of an import, each behind a line that says which line it was, which field and why.
///
/// Can be corrected and imported the same way: lines that begin with `# ` count for nothing in it, and the header of
/// the file it came from stands in it too. It holds customers' data: only its owner may read it.
struct RejectsFile: ~Copyable {
    /// What is added to the name of the imported file.
    static let suffix = ".rejects"
    /// The beginning of its first line.
    static let mark = "# refused by care import: "

    private let path: String
    private let origin: String
    private let header: [UInt8]
    private var descriptor: Int32 = -1

    /// A rejects file at `path` for the file called `origin`; made with the first refusal.
    init(path: String, origin: String, header: [UInt8]) {
        self.path = path
        self.origin = origin
        // A byte order mark belongs to the beginning of a file: here the header is its second line.
        self.header = header.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(header.dropFirst(3)) : header
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whether a row was written.
    var isMade: Bool { descriptor >= 0 }

    /// Adds a refused row. - Throws: ``ImportError/rejects(_:)``.
    mutating func add(_ refusal: Refusal, row: [UInt8]) throws {
        if descriptor < 0 { try make() }
        let field = refusal.field.isEmpty ? "" : ", \(refusal.field)"
        let note = "# line \(refusal.extent.line)\(field): \(refusal.code.rawValue): \(refusal.reason)\n"
        try write(Array(note.utf8) + row + [0x0A])
    }

    private mutating func make() throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw ImportError.rejects(Files.systemError(path)) }
        try write(Array((Self.mark + origin + "\n").utf8) + header)
    }

    private func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw ImportError.rejects(Files.systemError(path))
            }
        }
    }
}

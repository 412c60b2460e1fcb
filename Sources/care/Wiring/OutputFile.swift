import Glibc

/// Files that a command writes beside its output.
enum OutputFile {
    /// Writes `text`; what was there before is replaced. - Throws: ``CommandFailure`` with what the system said.
    static func write(_ text: String, to path: String, shownAs shown: String) throws {
        func failure() -> CommandFailure {
            CommandFailure("\(shown) cannot be written: \(String(cString: strerror(errno)))")
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure() }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                throw failure()
            }
        }
    }
}

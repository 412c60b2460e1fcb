import Glibc

/// Files that a command writes beside its output.
enum OutputFile {
    /// Writes `text`; what was there before is replaced. - Throws: ``CommandFailure`` with what the system said.
    static func write(_ text: String, to path: String, shownAs shown: String) throws {
        try write(to: path, shownAs: shown, mode: 0o644) { try $0(text) }
    }

    /// Writes what `body` hands over, whole or not at all: what was there before is replaced only when all is on disk.
    ///
    /// - Throws: ``CommandFailure`` with what the system said; what `body` throws.
    static func write(
        to path: String, shownAs shown: String, mode: mode_t, _ body: ((String) throws -> Void) throws -> Void
    ) throws {
        func failure() -> CommandFailure {
            CommandFailure("\(shown) cannot be written: \(String(cString: strerror(errno)))")
        }
        // A device or a pipe is written as it is.
        var status = stat()
        let isPlain = stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
        let target = isPlain ? path + ".partial" : path
        let descriptor = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw failure() }
        do {
            try body { text in
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
            guard !isPlain || fsync(descriptor) == 0 else { throw failure() }
        } catch {
            close(descriptor)
            if isPlain { unlink(target) }
            throw error
        }
        guard close(descriptor) == 0 else { throw failure() }
        guard !isPlain || rename(target, path) == 0 else {
            let failed = failure()
            unlink(target)
            throw failed
        }
    }
}

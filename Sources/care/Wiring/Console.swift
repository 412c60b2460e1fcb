import CareThreads
import CareTransport
import CareValues
import Glibc

/// Where a command writes and what it may know of the terminal and the process around it.
///
/// Results go to standard output; progress and errors to standard error. Tests capture both.
final class Console: Sendable {
    /// Writes text to standard output.
    let writeOutput: @Sendable (String) -> Void
    /// Writes text to standard error.
    let writeError: @Sendable (String) -> Void
    /// Whether results may carry colour.
    let hasColour: Bool
    /// Whether standard error is a terminal that understands carriage returns, so that progress may be shown.
    let showsProgress: Bool
    /// The process's environment variables.
    let environment: [String: String]
    /// The folder that relative paths start from.
    let workingDirectory: String
    /// The real clock.
    let now: @Sendable () -> Timestamp
    /// The next part of standard input; empty: it has ended.
    let readInput: @Sendable () -> [UInt8]
    /// A secret that is asked for with these words, shown nowhere; nil: none came.
    let readSecret: @Sendable (_ prompt: String) -> String?
    /// Whether a person is asked, who may mistype.
    let asksForSecrets: Bool
    /// Whether somebody asked the command to end.
    let isInterrupted: @Sendable () -> Bool
    /// From now on such a request is only noted, for ``isInterrupted``; before, it ends the process at once.
    let watchInterruption: @Sendable () -> Void
    /// Why standard output could not be written so far, in the system's words; nil: it could, or its reader has gone.
    let outputFailure: @Sendable () -> String?

    /// A console with all its parts; without `readInput` standard input is empty, without `readSecret` a secret is its
    /// first line.
    init(
        writeOutput: @escaping @Sendable (String) -> Void, writeError: @escaping @Sendable (String) -> Void,
        hasColour: Bool, showsProgress: Bool, environment: [String: String], workingDirectory: String,
        now: @escaping @Sendable () -> Timestamp, readInput: @escaping @Sendable () -> [UInt8] = { [] },
        readSecret: (@Sendable (_ prompt: String) -> String?)? = nil,
        outputFailure: @escaping @Sendable () -> String? = { nil },
        isInterrupted: @escaping @Sendable () -> Bool = { Interruption.isRequested },
        watchInterruption: @escaping @Sendable () -> Void = { Interruption.watch() }
    ) {
        self.writeOutput = writeOutput
        self.writeError = writeError
        self.hasColour = hasColour
        self.showsProgress = showsProgress
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.now = now
        self.readInput = readInput
        self.readSecret = readSecret ?? { _ in SecretInput.firstLine(readInput) }
        asksForSecrets = readSecret != nil
        self.outputFailure = outputFailure
        self.isInterrupted = isInterrupted
        self.watchInterruption = watchInterruption
    }

    /// The process's own streams. Colour only on a terminal that wants it: not with `NO_COLOR`, `TERM=dumb`, a pipe.
    static func process() -> Console {
        openStandardStreams()
        let failure = Lock<String?>(nil)
        let environment = processEnvironment()
        let isPlain = environment["TERM"] == "dumb"
        var readSecret: (@Sendable (_ prompt: String) -> String?)?
        if SecretInput.isTerminal {
            readSecret = { prompt in SecretInput.typed(prompt) { _ = writeAll($0, to: STDERR_FILENO) } }
        }
        let hasColour = isatty(STDOUT_FILENO) == 1 && !isPlain && (environment["NO_COLOR"] ?? "").isEmpty
        return Console(
            writeOutput: { text in
                guard let code = writeAll(text, to: STDOUT_FILENO), code != EPIPE else { return }
                failure.withLock { $0 = $0 ?? String(cString: strerror(code)) }
            },
            writeError: { _ = writeAll($0, to: STDERR_FILENO) },
            hasColour: hasColour,
            showsProgress: isatty(STDERR_FILENO) == 1 && !isPlain,
            environment: environment,
            workingDirectory: currentDirectory(),
            now: systemNow, readInput: readStandardInput,
            readSecret: readSecret,
            outputFailure: { failure.withLock { $0 } })
    }

    /// Writes a line of a result.
    func line(_ text: String = "") {
        writeOutput(text + "\n")
    }

    /// Writes a result as JSON, its members in their order.
    func json(_ value: JSONValue) {
        writeOutput(JSONWriter.text(value) + "\n")
    }

    /// Writes a line of an error.
    func errorLine(_ text: String) {
        writeError(text + "\n")
    }

    /// `path` as the file system takes it: relative to ``workingDirectory`` unless it begins with `/`; without `.` and
    /// empty parts.
    func resolved(_ path: String) -> String {
        let whole = path.hasPrefix("/") ? path : workingDirectory + "/" + path
        let parts = whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        return whole.hasPrefix("/") ? "/" + parts : parts
    }

    /// `path` as a person reads it: relative to ``workingDirectory`` where it lies inside.
    func shown(_ path: String) -> String {
        let prefix = workingDirectory + "/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    }
}

/// The real clock, in milliseconds.
@Sendable
func systemNow() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
}

/// Opens what of the three streams the process was begun without: else the next file opened, the store's lock perhaps,
/// would get their number, and what is printed.
private func openStandardStreams() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
        // The lowest free number is this one: those below are open.
        _ = open("/dev/null", O_RDWR)
    }
}

/// Writes all of `text`; the system's code when it cannot be written, nil when it is.
private func writeAll(_ text: String, to descriptor: Int32) -> Int32? {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if written > 0 {
            rest = rest.dropFirst(written)
        } else if errno != EINTR {
            return errno
        }
    }
    return nil
}

/// As much of standard input as is there, at most 256 KiB; empty at its end.
@Sendable
private func readStandardInput() -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
        let count = chunk.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
        if count > 0 { return Array(chunk[..<count]) }
        if count == 0 || errno != EINTR { return [] }
    }
}

private func processEnvironment() -> [String: String] {
    var result: [String: String] = [:]
    var entry = environ
    while let variable = entry.pointee {
        let text = String(cString: variable)
        if let equals = text.firstIndex(of: "=") {
            result[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        entry += 1
    }
    return result
}

private func currentDirectory() -> String {
    guard let path = getcwd(nil, 0) else { return "." }
    defer { free(path) }
    return String(cString: path)
}

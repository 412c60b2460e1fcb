import Glibc

/// Passwords as they are typed, or handed over on standard input.
enum SecretInput {
    /// The longest line that is read, in bytes.
    private static let longest = 4_096
    /// How long a look for Ctrl-C may be away, in milliseconds.
    private static let lookMilliseconds: Int32 = 200

    /// Whether standard input is a terminal.
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// A line typed on the terminal, which does not show it; nil: it has ended, or somebody asked to end.
    static func typed(_ prompt: String, write: (String) -> Void) -> String? {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { return nil }
        // Ctrl-C is noted: a process that ended at once would leave a terminal that shows nothing.
        Interruption.watch()
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        write(prompt)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        let line = typedLine()
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
        write("\n")
        return line.flatMap { String(validating: $0, as: UTF8.self) }
    }

    private static func typedLine() -> [UInt8]? {
        var bytes: [UInt8] = []
        while !Interruption.isRequested {
            var state = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            guard poll(&state, 1, lookMilliseconds) > 0 else { continue }
            var byte: UInt8 = 0
            guard read(STDIN_FILENO, &byte, 1) == 1 else { return bytes.isEmpty ? nil : bytes }
            if byte == UInt8(ascii: "\n") { return bytes }
            bytes.append(byte)
            // Half a password is none.
            if bytes.count > longest { return nil }
        }
        return nil
    }

    /// The first line of what `read` gives, without its end; nil: there is none, or it is no UTF-8.
    static func firstLine(_ read: () -> [UInt8]) -> String? {
        var bytes: [UInt8] = []
        while !bytes.contains(UInt8(ascii: "\n")), bytes.count <= longest {
            let part = read()
            if part.isEmpty { break }
            bytes += part
        }
        var line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
        return bytes.isEmpty ? nil : String(validating: line, as: UTF8.self)
    }
}

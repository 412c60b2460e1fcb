/// The exit codes of the program.
enum ExitCode {
    /// Fine.
    static let fine: Int32 = 0
    /// Findings or failures.
    static let findings: Int32 = 1
    /// Changes, or partly refused.
    static let changes: Int32 = 2
    /// Wrong use.
    static let usage: Int32 = 64
    /// Try again later.
    static let temporary: Int32 = 75
    /// Interrupted.
    static let interrupted: Int32 = 130
}

/// Why a command could not do its work: what happened and what was or was not changed, then what to do.
struct CommandFailure: Error, Equatable {
    /// One sentence, without `error:` and without a full stop.
    var message: String
    /// What to do, a line of its own; nil: nothing to add.
    var help: String?
    /// One of ``ExitCode``.
    var exitCode: Int32

    init(_ message: String, help: String? = nil, exitCode: Int32 = ExitCode.findings) {
        self.message = message
        self.help = help
        self.exitCode = exitCode
    }

    static func usage(_ message: String, help: String? = nil) -> CommandFailure {
        CommandFailure(message, help: help, exitCode: ExitCode.usage)
    }
}

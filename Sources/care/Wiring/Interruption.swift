import Dispatch
import Glibc

/// Ctrl-C and the request to end, as a flag that long work asks and an action that services get.
enum Interruption {
    // Safety: written by the signal handler only, which stores one word; read anywhere.
    nonisolated(unsafe) private static var count: sig_atomic_t = 0

    /// SIG_IGN as a word.
    private static let ignored = 1

    /// Whether somebody asked the process to end.
    static var isRequested: Bool { count > 0 }

    /// Lets SIGINT end the process at once, with a word and 130: right for all that only reads, and for what writes
    /// until it calls ``watch()``.
    static func endAtOnce() {
        var known = sigaction()
        sigaction(SIGINT, nil, &known)
        // Who began it in the background wants Ctrl-C to pass it by.
        guard unsafeBitCast(known.__sigaction_handler.sa_handler, to: Int.self) != Self.ignored else { return }
        signal(SIGINT) { _ in
            // Only what a signal handler may call.
            write(STDERR_FILENO, "interrupted\n", 12)
            _exit(ExitCode.interrupted)
        }
    }

    /// Notes SIGINT and SIGTERM instead of ending at once; a second one ends with 130.
    static func watch() {
        let handler: @convention(c) (Int32) -> Void = { _ in
            if Interruption.count > 0 { _exit(ExitCode.interrupted) }
            Interruption.count += 1
        }
        signal(SIGINT, handler)
        signal(SIGTERM, handler)
    }

    /// Calls `body` on a thread of its own for each signal of that number, until the process ends.
    static func onSignal(_ number: Int32, _ body: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler(handler: body)
        source.resume()
        return source
    }

    /// Calls `body` when SIGINT or SIGTERM comes, until the sources are cancelled; a second one ends with 130.
    static func stopping(_ body: @escaping @Sendable () -> Void) -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM].map { number in
            onSignal(number) {
                if Interruption.count > 0 { _exit(ExitCode.interrupted) }
                Interruption.count += 1
                body()
            }
        }
    }
}

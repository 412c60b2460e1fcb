import Glibc

/// The program.
@main
enum Main {
    static func main() async {
        // A reader that closes the pipe early ends the writing, not the program with a signal's status.
        signal(SIGPIPE, SIG_IGN)
        Interruption.endAtOnce()
        let code = await CommandLineRun.run(Array(CommandLine.arguments.dropFirst()), console: .process())
        exit(code)
    }
}

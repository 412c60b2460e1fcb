import ArgumentParser
import CareEngine
import CareStore
import CareValues

/// A command that can be run in-process: everything it reads and writes outside of files comes through the console.
protocol CareSubcommand: ParsableCommand {
    /// Does the work. - Returns: the exit code. - Throws: ``CommandFailure``, `StoreError`, ``DiagnosticsFailure``.
    func execute(_ console: Console) async throws -> Int32
}

/// Findings that keep a command from its work: they are printed, then `summary`.
struct DiagnosticsFailure: Error {
    var diagnostics: [Diagnostic]
    /// The last line: what was not done.
    var summary: String
}

/// Runs one command line.
enum CommandLineRun {
    /// Parses `arguments` (without the program's name), runs the command and returns its exit code.
    ///
    /// What could not be printed is a failure, whatever was done: a plan cut off by a full disk is no plan.
    static func run(_ arguments: [String], console: Console) async -> Int32 {
        let code = await execute(arguments, console: console)
        guard code == ExitCode.fine, let reason = console.outputFailure() else { return code }
        return report(CommandFailure("the result cannot be printed: \(reason)"), console)
    }

    private static func execute(_ arguments: [String], console: Console) async -> Int32 {
        if arguments.isEmpty || arguments == ["--help"] || arguments == ["-h"] || arguments == ["help"] {
            console.writeOutput(Overview.text)
            return ExitCode.fine
        }
        let arguments = arguments == ["--version"] ? ["version"] : arguments
        let parsed: any ParsableCommand
        do {
            if let failure = CommandNames.unknownCommand(in: arguments) { throw failure }
            parsed = try CareCommand.parseAsRoot(arguments)
        } catch let failure as CommandFailure {
            return report(failure, console)
        } catch {
            return report(parsingError: error, arguments: arguments, console)
        }
        guard let command = parsed as? any CareSubcommand else {
            return withoutCommand(parsed, arguments: arguments, console)
        }
        do {
            return try await command.execute(console)
        } catch let held as StoreHeld {
            return besideService(command, arguments, held, console)
        } catch {
            return report(error, console)
        }
    }

    /// What writes while a service holds the store is carried out by that service.
    private static func besideService(
        _ command: any CareSubcommand, _ arguments: [String], _ held: StoreHeld, _ console: Console
    ) -> Int32 {
        guard let command = command as? any StoreCommand else { return report(held.failure, console) }
        do {
            return try CommandLink(held, console).carryOut(command, arguments)
        } catch {
            return report(error, console)
        }
    }

    /// Help, or a group without its subcommand.
    private static func withoutCommand(
        _ parsed: any ParsableCommand, arguments: [String], _ console: Console
    ) -> Int32 {
        let path = CommandNames.path(in: arguments)
        let asksForHelp = arguments.contains("--help") || arguments.contains("-h") || arguments.first == "help"
        if asksForHelp {
            do {
                var command = parsed
                try command.run()
            } catch {
                return report(parsingError: error, arguments: arguments, console)
            }
            return ExitCode.fine
        }
        return report(
            CommandFailure.usage(
                "care \(path.joined(separator: " ")) needs one of: "
                    + CommandNames.subcommands(of: path).joined(separator: ", ")), console)
    }

    /// Prints why a command failed; returns the exit code.
    static func report(_ error: any Error, _ console: Console) -> Int32 {
        switch error {
        case let failure as CommandFailure:
            console.errorLine(Style(console).error("error: ") + failure.message)
            if let help = failure.help { console.errorLine(help) }
            return failure.exitCode
        case let failure as DiagnosticsFailure:
            for diagnostic in failure.diagnostics {
                console.writeError(diagnostic.rendered(colour: false) + "\n")
            }
            console.errorLine("\n" + failure.summary)
            return ExitCode.findings
        case let failure as StoreError:
            return report(CommandFailure(storeError: failure), console)
        case let refusal as LiveRefusal:
            return report(CommandFailure(refusal), console)
        default:
            console.errorLine(Style(console).error("error: ") + "\(error)")
            return ExitCode.findings
        }
    }

    /// What help is written for; broken once more for a narrow terminal, its lines would be torn.
    private static let helpColumns = 120

    /// What argument parsing has to say: help on standard output, everything else as one line in our words.
    private static func report(parsingError error: any Error, arguments: [String], _ console: Console) -> Int32 {
        if CareCommand.exitCode(for: error) == .success {
            console.writeOutput(CareCommand.fullMessage(for: error, columns: helpColumns) + "\n")
            return ExitCode.fine
        }
        let path = CommandNames.path(in: arguments)
        let command = (["care"] + path).joined(separator: " ")
        let message = CareCommand.message(for: error)
        let options = CommandNames.options(of: path)
        return report(CommandFailure.usage(ParserMessage.rewritten(message, command: command, options)), console)
    }
}

/// Puts the parser's sentences into ours.
enum ParserMessage {
    /// `message` of the parser about `command`, which has `options`, without a full stop at the end.
    static func rewritten(_ message: String, command: String, _ options: [String]) -> String {
        let firstLine = message.split(separator: "\n").first.map(String.init) ?? message
        var sentence = firstLine.hasPrefix("Error: ") ? String(firstLine.dropFirst(7)) : firstLine
        if sentence.hasPrefix("Unknown option '"), let rest = sentence.split(separator: "'").dropFirst().first {
            var text = "\(command) has no option '\(rest)'"
            if let suggestion = option(meantBy: String(rest), among: options) {
                text += ". Did you mean '\(suggestion)'?"
            }
            return text
        }
        if sentence.hasSuffix(".") { sentence.removeLast() }
        let lowercased = sentence.prefix(1).lowercased() + sentence.dropFirst()
        return "\(command): \(lowercased)"
    }
}

extension ParserMessage {
    /// The option that begins so, if one alone does; else the nearest by what stands behind the dashes.
    static func option(meantBy word: String, among options: [String]) -> String? {
        let name = String(word.drop { $0 == "-" })
        let names = options.map { String($0.drop { $0 == "-" }) }
        let beginning = names.filter { !name.isEmpty && $0.hasPrefix(name.lowercased()) }
        return (beginning.count == 1 ? beginning[0] : meant(name, among: names)).map { "--" + $0 }
    }
}

/// The names of the commands as the tree of ``CareCommand`` has them.
enum CommandNames {
    /// The failure for a first word, or a second one in a group, that is no command; nil: all are known.
    static func unknownCommand(in arguments: [String]) -> CommandFailure? {
        var commands = CareCommand.configuration.subcommands
        var path = "care"
        for word in arguments {
            guard !word.hasPrefix("-"), !commands.isEmpty else { return nil }
            guard let next = commands.first(where: { $0._commandName == word }) else {
                if word == "help" { return nil }
                let suggestion = nearest(word, in: commands.map { $0._commandName })
                let about = path == "care" ? "no command '\(word)'" : "\(path) has no '\(word)'"
                let listed = commands.map { $0._commandName }.joined(separator: ", ")
                return .usage(about + (suggestion.map { ". Did you mean '\($0)'?" } ?? ". There are: \(listed)"))
            }
            path += " " + word
            commands = next.configuration.subcommands
        }
        return nil
    }

    /// The leading words of `arguments` that name a command.
    static func path(in arguments: [String]) -> [String] {
        var commands = CareCommand.configuration.subcommands
        var path: [String] = []
        for word in arguments {
            guard let next = commands.first(where: { $0._commandName == word }) else { break }
            path.append(word)
            commands = next.configuration.subcommands
        }
        return path
    }

    /// The options of the command at `path`, `--name` each.
    static func options(of path: [String]) -> [String] {
        var command: any ParsableCommand.Type = CareCommand.self
        for word in path {
            guard let next = command.configuration.subcommands.first(where: { $0._commandName == word }) else { break }
            command = next
        }
        var options: [String] = []
        for line in CareCommand.helpMessage(for: command, columns: 1_000).split(separator: "\n") {
            let name = line.drop { $0 == " " }.prefix { $0 != " " && $0 != "," }
            if line.hasPrefix("  --"), !options.contains(String(name)) { options.append(String(name)) }
        }
        return options
    }

    /// The names under the group at `path`.
    static func subcommands(of path: [String]) -> [String] {
        var commands = CareCommand.configuration.subcommands
        for word in path {
            guard let next = commands.first(where: { $0._commandName == word }) else { break }
            commands = next.configuration.subcommands
        }
        return commands.map { $0._commandName }
    }
}

extension CommandFailure {
    /// Why the service that a command was carried out in took no more of it.
    init(_ refusal: LiveRefusal) {
        switch refusal {
        case .storeFull: self.init("the disk is full", help: "Make room, then type the same again.")
        case .failed: self.init("the store cannot be written: care serve ends", help: "Its log says why: care doctor")
        default:
            self.init(
                "care serve is ending, or has too much to do", help: "Type the same again.",
                exitCode: ExitCode.temporary)
        }
    }

    /// What to do about a customer who cannot be read.
    static let unreadableHelp = "care doctor names every such customer, and says what to do."

    /// A store's refusal in the words of the command line.
    init(storeError: StoreError) {
        switch storeError.code {
        case .inUse: self.init(storeError.message, exitCode: ExitCode.temporary)
        case .newerSchema:
            self.init(
                storeError.message, help: "Use a newer care, or restore a backup made before the upgrade.")
        case .notAStore:
            self.init(
                storeError.message, help: "Name another file under \"store\" in care.json, or move this one away.")
        case .full: self.init(storeError.message, help: "Make room, then type the same again.")
        case .unreadable:
            self.init(
                "something stored of a customer cannot be read: \(storeError.message)", help: Self.unreadableHelp)
        default: self.init(storeError.message)
        }
    }
}

import ArgumentParser
import CareLogic
import CareValues

/// Which language an expression is read as.
enum Dialect: String, ExpressibleByArgument, CaseIterable {
    /// That of rule files.
    case care
    /// Plain JsonLogic, as the community's suite has it.
    case jsonlogic
}

/// `care eval [EXPRESSION]`
struct EvalCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Try one expression, or a stream of them.",
        discussion: """
            Examples:
              care eval '{"<": [{"var": "x"}, 3]}' --data '{"x": 1}'
              care eval '{"days_since": [{"var": "last"}]}' --data '{"last": "2026-09-01"}' --at 2026-09-21 --explain
              care eval --dialect jsonlogic < rules.jsonl

            Without an expression every line of standard input is {"rule": …, "data": …} and answered by one line,
            {"result": …} or {"error": {"type": …, "message": …}}; a bad line harms no other. var reads the data; what
            needs a customer's events or rule files is refused by name. Exit 0: all had a result; 1: one had none.
            """)

    @Argument(help: "The expression, JSON; without it lines of standard input.") var expression: String?
    @Option(help: "What var reads, JSON; {} unless said.") var data: String?
    @Option(help: "care: as in rule files; jsonlogic: plain JsonLogic.") var dialect = Dialect.care
    @Option(help: "The clock; local in the zone of care.json, else UTC. Default: now.") var at: String?
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Flag(help: "Show the tree of operators with their values (care dialect).") var explain = false

    func execute(_ console: Console) async throws -> Int32 {
        if explain, dialect != .care {
            throw CommandFailure.usage("--explain shows the care dialect; take out --dialect")
        }
        if expression == nil, data != nil {
            throw CommandFailure.usage("--data belongs to one expression; lines of standard input have their own")
        }
        // A zone is needed for local dates only: an environment with mistakes does not stop an expression.
        let zone = config == nil ? (try? EnvironmentFile.find(config: nil, console: console))?.timeZone : nil
        let named = try config.map { try EnvironmentFile.find(config: $0, console: console)?.timeZone } ?? zone
        let clock = try instant(zone: named ?? .utc, console)
        var evaluation = StreamEvaluation(
            dialect: dialect, now: clock, zone: named ?? .utc, explains: explain)
        guard let expression else { return run(&evaluation, console) }
        let answer = evaluation.answer(rule: expression, data: data ?? "{}")
        console.line(JSONWriter.text(answer.json(withTree: false)))
        if let node = answer.tree {
            var tree = TextTree()
            tree.add(TextTree.Branch("expression", node))
            for line in tree.lines { console.line(line) }
        }
        if let finding = answer.finding { console.errorLine(finding.rendered(colour: false)) }
        return answer.isError ? ExitCode.findings : ExitCode.fine
    }

    private func instant(zone: Zone, _ console: Console) throws -> Timestamp {
        guard let at else { return console.now() }
        return try CommandInstants.read(at, option: "--at", zone: zone)
    }

    /// Answers the lines of standard input until it ends.
    private func run(_ evaluation: inout StreamEvaluation, _ console: Console) -> Int32 {
        var lines = LineSplitter(limit: StreamEvaluation.maximumBytes)
        var hasErrors = false
        func write(_ pieces: [LineSplitter.Line]) {
            guard !pieces.isEmpty else { return }
            var output = ""
            for piece in pieces {
                let answer = evaluation.answer(line: piece)
                if answer.isError { hasErrors = true }
                output += JSONWriter.text(answer.json(withTree: true)) + "\n"
            }
            console.writeOutput(output)
        }
        while true {
            let chunk = console.readInput()
            if chunk.isEmpty { break }
            write(lines.take(chunk))
        }
        write(lines.finish())
        return hasErrors ? ExitCode.findings : ExitCode.fine
    }
}

/// Puts parts of a stream together to lines; a line that is too long is given as such, its bytes not kept.
struct LineSplitter {
    /// One line without its end.
    enum Line {
        case bytes([UInt8])
        case tooLong
    }

    private let limit: Int
    private var rest: [UInt8] = []
    private var isTooLong = false

    init(limit: Int) {
        self.limit = limit
    }

    /// The lines that end in `chunk`; empty ones are passed over.
    mutating func take(_ chunk: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var start = chunk.startIndex
        while let end = chunk[start...].firstIndex(of: UInt8(ascii: "\n")) {
            append(chunk[start..<end])
            if let line = line() { lines.append(line) }
            start = end + 1
        }
        append(chunk[start...])
        return lines
    }

    /// The line that no line end follows.
    mutating func finish() -> [Line] { line().map { [$0] } ?? [] }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        if isTooLong { return }
        if rest.count + bytes.count > limit {
            isTooLong = true
            rest = []
        } else {
            rest += bytes
        }
    }

    private mutating func line() -> Line? {
        defer {
            rest = []
            isTooLong = false
        }
        if isTooLong { return .tooLong }
        let isBlank = rest.allSatisfy {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\t")
        }
        return isBlank ? nil : .bytes(rest)
    }
}

import ArgumentParser
import CareEngine
import CareIntake
import CareStore
import CareValues

/// `care import customers|events FILE`
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Take in customers or events from a file.",
        discussion: """
            Examples:
              care import customers customers.csv
              care import events orders.csv --map orders.map.json
              care import events orders.csv --history-until 2026-09-01
              care import events new.jsonl --fire

            Rows are history unless --fire is given: they are stored and nothing is sent. The same file imported twice
            changes nothing. Refused rows are named in FILE.rejects and cost no other row. While care serve holds the
            store, the rows go through it, by the rules it has in force.

            With --fire the rows are received now, and campaigns answer them: what is decided goes out with the next
            care tick, or by care serve. Events need a time with it too, at most ten minutes ahead of the clock. One
            that is older than a campaign's maxLateness, three days unless said, is skipped as too late.
            """,
        subcommands: [ImportCustomersCommand.self, ImportEventsCommand.self])
}

/// The options that both imports have.
struct ImportOptions: ParsableArguments {
    @Argument(help: "CSV (.csv, .tsv) or JSON Lines (.jsonl).") var file: String
    @Option(help: "A mapping: which column is what. See docs/importing.md.") var map: String?
    @Option(help: "The zone of local times; without it the mapping's, else the project's.") var zone: String?
    @Option(help: "Where the past ends: rows at or after it are not taken. Default: now.") var historyUntil: String?
    @Flag(help: "Rows are received now and start campaigns; what is decided goes out with care tick.")
    var fire = false
    @Option(help: "With --fire, 'rows': each row is received at its own time.") var at: String?
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text
}

/// `care import customers FILE`
struct ImportCustomersCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "customers", abstract: "Take in customers and their attributes.",
        discussion: """
            Examples:
              care import customers customers.csv
              care import customers crm.csv --map crm.map.json --zone Europe/Paris

            Without a mapping 'customer' or 'id' is the customer, 'time' says since when, every other column is the
            attribute of that name. An empty cell takes the attribute away.
            """)

    @OptionGroup var options: ImportOptions

    func execute(_ console: Console) async throws -> Int32 {
        try ImportRun(kind: .customers, options: options, source: nil, id: nil, allowNew: false, console: console).run()
    }
}

/// `care import events FILE`
struct ImportEventsCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Take in events: purchases, complaints, answers.",
        discussion: """
            Examples:
              care import events orders.csv --map orders.map.json
              care import events orders.jsonl --id orderId --source /shop
              care import events july.csv --fire --at rows

            Without a mapping the columns are 'customer', 'type', 'time', 'id', 'source'; every other one is a property.
            customer, type and time are needed in every row, with --fire too: an event that is received now happened
            at its own time. Without a time a row is refused (import.no-time).
            """)

    @OptionGroup var options: ImportOptions
    @Option(help: "The source of events that name none. Default: import.") var source: String?
    @Option(help: "The column that holds the event's id.") var id: String?
    @Flag(help: "A row that is stored with other properties is another event.") var allowNew = false

    func execute(_ console: Console) async throws -> Int32 {
        try ImportRun(kind: .events, options: options, source: source, id: id, allowNew: allowNew, console: console)
            .run()
    }
}

/// One import from the command line.
struct ImportRun {
    let kind: IntakeKind
    let options: ImportOptions
    let source: String?
    let id: String?
    let allowNew: Bool
    let console: Console

    func run() throws -> Int32 {
        if let at = options.at, at != "rows" || !options.fire {
            throw CommandFailure.usage(
                "care import takes --at only as --fire --at rows", help: "For the end of the past: --history-until.")
        }
        if options.fire, options.historyUntil != nil {
            throw CommandFailure.usage("--fire and --history-until exclude each other")
        }
        let workspace = try Workspace.open(config: options.config, console: console)
        let mapping = try mapping()
        let zone =
            try options.zone.map { try workspace.zone($0, option: "--zone") }
            ?? mapping.zone.map { try workspace.zone($0, option: "the mapping's zone") }
            ?? workspace.environment.timeZone
        let mode: ImportRequest.Mode
        if options.fire {
            mode = options.at == nil ? .fire : .fireAtRows
        } else {
            let until = try options.historyUntil.map {
                try workspace.instant($0, option: "--history-until", zone: options.zone == nil ? nil : zone)
            }
            if let until, until > console.now() {
                throw CommandFailure.usage(
                    "--history-until is still to come; nothing was imported",
                    help: "It becomes the store's clock, and nothing is decided before it.")
            }
            mode = .history(until: until ?? console.now())
        }
        let request = ImportRequest(
            kind: kind, path: console.resolved(options.file), shownPath: options.file, mapping: mapping, zone: zone,
            mode: mode, source: source ?? "import", allowsNew: allowNew)
        let rules = try workspace.rules(orElse: "The rule files cannot be used; nothing was imported.")
        let (importer, rulesToGoBy, store) = try place(rules, workspace)
        console.watchInterruption()
        let view = ImportView(
            request: request, projectZone: workspace.environment.timeZone, isBesideService: store == nil,
            console: console)
        let summary: ImportSummary
        do {
            defer { view.endProgress() }
            summary = try importer.run(request, rules: rulesToGoBy) { progress in
                view.show(progress)
                return !console.isInterrupted()
            }
        } catch let error as ImportError {
            throw CommandFailure(importError: error, file: options.file)
        }
        try store?.close()
        switch options.format {
        case .text: console.writeOutput(view.text(summary))
        case .json: console.json(view.json(summary))
        }
        if summary.isInterrupted { return ExitCode.interrupted }
        return summary.refused > 0 ? ExitCode.findings : ExitCode.fine
    }

    /// Where the rows go, and by which rules: the store, by those of the files; or the service that holds it, by those in
    /// force there.
    private func place(
        _ rules: CandidateRules, _ workspace: Workspace
    ) throws -> (importer: Importer, rules: CandidateRules, store: (any CareStore)?) {
        do {
            let store = try workspace.writableStore(owner: "care import", consequence: "nothing was imported")
            return (Importer(store: store, zones: workspace.zones, clock: workspace.clock), rules, store)
        } catch let held as StoreHeld {
            let link = try CommandLink(held, console)
            link.beginImport()
            let importer = Importer(through: { try link.exchange($0) }, zones: workspace.zones)
            return (importer, try workspace.rulesInForce(), nil)
        }
    }

    private func mapping() throws -> IntakeMapping {
        var mapping = IntakeMapping()
        if let file = options.map {
            let bytes: [UInt8]
            do {
                bytes = try Files.read(console.resolved(file), atMost: IntakeMapping.maximumBytes)
            } catch let error as FileReadError {
                throw CommandFailure.usage("\(file) cannot be read: \(error.reason)")
            }
            let read = IntakeMapping.read(file: file, bytes: bytes, kind: kind)
            guard let good = read.mapping else {
                throw DiagnosticsFailure(
                    diagnostics: read.diagnostics, summary: "The mapping cannot be used; nothing was imported.")
            }
            mapping = good
        }
        if let id { mapping.id = FieldSource(.name(id)) }
        return mapping
    }
}

extension CommandFailure {
    /// Why an import could not begin or go on.
    init(importError: ImportError, file: String) {
        switch importError {
        case .unreadable(let error):
            self.init("\(file) cannot be read: \(error.reason); nothing was imported")
        case .brokenOff(let error, let rows):
            self.init(
                "\(file) cannot be read on: \(error.reason); its first \(grouped(rows)) rows are dealt with",
                help: "What is stored stays; import the same file again once it can be read.")
        case .problem(let problem):
            self.init("\(file): \(problem.message) [\(problem.code)]; nothing was imported", help: problem.help)
        case .rejects(let error):
            self.init(
                "the rejects file cannot be written: \(error.reason)",
                help: "Rows before it are stored; import the same file again once it can be written.")
        case .serviceEnded(let rows):
            self.init(
                rows == 0
                    ? "care serve ended before a row was answered"
                    : "care serve ended while \(file) was imported: its first \(grouped(rows)) rows are dealt with",
                help: "What is stored stays; import the same file again, with care serve or without.",
                exitCode: ExitCode.temporary)
        }
    }
}

import ArgumentParser
import CareDecisions
import CareEngine
import CarePlanning
import CareRules
import CareStoreSQLite
import CareValues

/// `care backtest`
struct BacktestCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest", abstract: "What the rules would have sent over recorded history, and what followed.",
        discussion: """
            Examples:
              care backtest --from 1997-01-01 --until 1998-01-01
              care backtest --from 2026-03-01 --until 2026-09-01 --campaign win-back --against HEAD~1
              care backtest --from 2026-03-01 --until 2026-09-01 --bought order.paid --within P14D

            Replays the facts in the order they were received in, each visible from then on, as if the rules had run then.
            Caps, re-entry and holdout begin empty; --with-ledger begins with the ledger as it was. Customers did what they
            did under what was really sent: what follows a message here was observed, not caused by it.
            """)

    @Option(help: "The first instant; local in the project's zone unless it has an offset.") var from: String
    @Option(help: "The first instant after the period; at most the store's clock.") var until: String
    @Option(help: "Other rules to compare with: a folder, a file, or a git revision.") var against: String?
    @Flag(help: "Begin with the caps, entries and decisions of the real ledger.") var withLedger = false
    @Option(help: "Only these campaigns' figures, separated by commas.") var campaign: String?
    @Option(help: "What is looked for after messages of campaigns without a goal: event types, separated by commas.")
    var bought = "purchase"
    @Option(help: "How long after the message, an ISO duration.") var within = "P30D"
    @Option(help: "The event types that are complaints.") var complained = "complaint.opened,complaint"
    @Flag(help: "Show personal attributes in payloads.") var showPii = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text, json, or jsonl and csv: a line for each decision.") var format = PlanCommand.Format.text

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let begin = try workspace.instant(from, option: "--from")
        let end = try workspace.instant(until, option: "--until")
        guard begin < end else { throw CommandFailure.usage("--from must lie before --until") }
        guard let duration = ISODuration(text: within), !duration.isNegative else {
            throw CommandFailure.usage("--within '\(within)' is no duration", help: "For example P14D.")
        }
        let candidate = try workspace.rules(orElse: "The rule files cannot be used; nothing was replayed.")
        let places = RulePlaces(workspace: workspace, consequence: "nothing was replayed")
        let old = try against.map { try places.rules($0) }
        var request = BacktestRunner.Request(
            from: begin, until: end, withLedger: withLedger,
            outcome: Backtest.Outcome(types: Self.list(bought), within: duration),
            complaints: Set(Self.list(complained)))
        if let campaign {
            var only: Set<String> = []
            for name in Self.list(campaign) {
                try CampaignNames.require(name, in: candidate.rules)
                if let index = candidate.rules.index(ofCampaign: name) {
                    only.insert(candidate.rules.campaigns[index].identity)
                }
            }
            request.only = only
        }
        let store = try workspace.readableStore()
        try workspace.warnAboutCutPoints(candidate, in: store)
        if let folded = try store.read({ try Pruner.factsBefore(in: $0) }) {
            console.errorLine(
                Style(console).warning("warning: ")
                    + "facts before \(TimeText(zone: candidate.zone).full(folded)) are folded "
                    + "(care prune): the past begins there, and traits count from there on")
        }
        let (clock, customers) = try store.read { (try $0.clock, try $0.customerCount) }
        if let clock, end > clock {
            let time = TimeText(zone: candidate.zone)
            throw CommandFailure.usage(
                "--until \(time.full(end)) lies after the store's clock, \(time.full(clock)): nothing is recorded there",
                help: "Looking ahead is care plan.")
        }
        Interruption.watch()
        let progress = ProgressLine("customers", total: customers, console: console)
        let spool = LineSpool(console)
        var observer = PlanRunner.Observer()
        observer.progress = { more in
            progress.add(more)
            return !Interruption.isRequested
        }
        if format == .jsonl || format == .csv {
            let lines = DecisionLines(
                rules: candidate.rules, showsPII: showPii, lives: try store.read { try Erasures.lives(in: $0) })
            let format = format
            observer.decided = { part, decisions in
                try spool.add(
                    decisions.map { format == .csv ? lines.csv($0, $1) : lines.json($0, $1) }
                        .joined(separator: "\n") + "\n", to: part)
            }
        }
        let result: BacktestRunner.Result
        do {
            defer { progress.end() }
            result = try BacktestRunner(store: store, zones: workspace.zones, observer: observer)
                .run(candidate, against: old, request, threads: 2)
        } catch let error as EngineError {
            throw CommandFailure(engineError: error, zone: candidate.zone, option: nil)
        }
        LeftOut.warn(result.unreadable, console)
        guard result.backtest.facts > 0 || result.isInterrupted else {
            throw CommandFailure(
                "nothing was received from \(from) until \(until): the period lies beside all data; nothing was replayed",
                help: "The store's clock is \(clock.map { TimeText(zone: candidate.zone).full($0) } ?? "not set").")
        }
        let view = BacktestView(
            result: result, request: request, zone: candidate.zone, campaigns: candidate.rules.campaigns.map(\.name))
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        case .jsonl: try spool.forEachChunk { console.writeOutput($0) }
        case .csv:
            console.line(DecisionLines.csvHead)
            try spool.forEachChunk { console.writeOutput($0) }
        }
        return result.isInterrupted ? ExitCode.interrupted : ExitCode.fine
    }

    private static func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }
}

/// Rules that a command line names: by a folder, a file, or a revision of the rules folder.
struct RulePlaces {
    let workspace: Workspace
    /// What is said when they cannot be used: `nothing was compared`.
    let consequence: String

    /// The rules of a folder or file, or else of a revision of the rules folder.
    func rules(_ place: String) throws -> CandidateRules {
        let console = workspace.console
        let path = console.resolved(place)
        let summary = "The rules of \(place) cannot be used; \(consequence)."
        if Files.isFolder(path) || Files.isFile(path) {
            let sources = try RuleFiles.read(path: place, environment: workspace.environment, console: console)
            return try workspace.rules(of: sources, orElse: summary)
        }
        let folder = console.resolved(workspace.environment.rulesPath)
        guard Files.isFolder(folder), GitFiles.isRepository(folder) else {
            throw CommandFailure.usage(
                "'\(place)' is no folder and no file, and git knows no repository that \(console.shown(folder)) lies in",
                help: "Name a folder of rule files.")
        }
        guard let sources = try GitFiles.rules(of: place, under: folder, console: console) else {
            throw CommandFailure.usage(
                "'\(place)' is no folder, no file, and no revision that git knows of \(console.shown(folder))",
                help: "Name a folder of rule files, or a revision that git log shows there.")
        }
        return try workspace.rules(of: sources, orElse: summary)
    }
}

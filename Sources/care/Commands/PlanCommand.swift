import ArgumentParser
import CareDecisions
import CareEngine
import CarePlanning
import CareRules
import CareStoreSQLite
import CareThreads
import CareValues

/// `care plan`
struct PlanCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "What will be sent, and what not, and why.",
        discussion: """
            Examples:
              care plan --days 7
              care plan --days 30 --campaign win-back
              care plan --customer c2077
              care plan --why-not win-back
              care plan --assume calls.json --days 14
              care plan --days 30 --html plan.html
              care plan --days 2 --campaign vip-offer --out october.careplan
              care plan --at 2026-09-21T08:30 --format jsonl

            Nothing is decided and nothing is sent. A plan cannot begin before the store's clock. jsonl and csv have a
            line for each decision, in the store's order of customers. Ctrl-C ends with what there is.
            """)

    /// How a plan is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
        case jsonl
        case csv
    }

    @Option(help: "The clock the plan starts at; local in the project's zone unless it has an offset. Default: now.")
    var at: String?
    @Option(help: "How many days, 1 to 366.") var days = 7
    @Option(help: "Only this campaign.") var campaign: String?
    @Option(help: "Only this customer, with every action and its payload.") var customer: String?
    @Option(help: "Instead of a plan: how many customers each part of this campaign turns away.") var whyNot: String?
    @Option(help: "A file of facts to assume: what-if events, changes and calls.") var assume: String?
    @Option(help: "Save the plan in this file, for care apply.") var out: String?
    @Option(help: "Write the plan as one page that needs nothing else, with charts and tables.") var html: String?
    @Flag(help: "Show personal attributes in payloads.") var showPii = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text, json, jsonl or csv.") var format = Format.text

    func execute(_ console: Console) async throws -> Int32 {
        guard (1...366).contains(days) else {
            throw CommandFailure.usage("--days is 1 to 366, not \(days)")
        }
        if out != nil, assume != nil {
            throw CommandFailure.usage(
                "what rests on assumptions cannot be carried out: --assume and --out exclude each other")
        }
        let workspace = try Workspace.open(config: config, console: console)
        let instant = try at.map { try workspace.instant($0, option: "--at") }
        let candidate = try workspace.rules(orElse: "The rule files cannot be used; nothing was planned.")
        if let campaign { try CampaignNames.require(campaign, in: candidate.rules) }
        let store = try workspace.readableStore()
        try workspace.warnAboutCutPoints(candidate, in: store)
        var request = PlanRunner.Request(at: instant, days: days, campaign: campaign, customer: customer)
        try PlanPeriods.check(instant, in: store, zone: candidate.zone)
        Interruption.watch()
        if let whyNot { return try funnel(whyNot, candidate, request, workspace, store) }
        let output = PlanOutput(
            command: self, rules: candidate.rules, lives: try store.read { try Erasures.lives(in: $0) },
            console: console)
        var plan: Plan
        do {
            if let assume { request.assumed = try assumed(assume, candidate, request, workspace, store) }
            plan = try output.making(store, workspace) { observer in
                try PlanRunner(store: store, zones: workspace.zones, realNow: console.now(), observer: observer)
                    .plan(candidate, request, threads: 2)
            }
        } catch let error as EngineError {
            throw CommandFailure(engineError: error, zone: candidate.zone, option: at.map { _ in "--at" })
        }
        guard plan.customers > 0 else {
            throw CommandFailure(
                "there is no data yet: \(workspace.shownStore) has no customers",
                help: "Take some in: care import customers FILE, then care import events FILE")
        }
        guard plan.customerIsKnown else {
            throw CommandFailure("the store has no customer '\(customer ?? "")'; nothing was planned")
        }
        LeftOut.warn(plan.unreadable, console)
        if !showPii { plan.maskPersonalValues(under: candidate.rules) }
        try output.write(plan, workspace, candidate)
        return plan.isInterrupted ? ExitCode.interrupted : ExitCode.fine
    }

    private func funnel(
        _ campaign: String, _ candidate: CandidateRules, _ request: PlanRunner.Request, _ workspace: Workspace,
        _ store: SQLiteStore
    ) throws -> Int32 {
        try CampaignNames.require(campaign, in: candidate.rules)
        guard self.campaign == nil, customer == nil, assume == nil, out == nil else {
            throw CommandFailure.usage("--why-not asks about the whole store: not with other choices than --at, --days")
        }
        guard format == .text || format == .json else {
            throw CommandFailure.usage("--why-not is printed as text or json")
        }
        let console = workspace.console
        let progress = ProgressLine(
            "customers", total: try store.read { try $0.customerCount }, console: console)
        let result: FunnelRunner.Result
        do {
            defer { progress.end() }
            result = try FunnelRunner(store: store, zones: workspace.zones, realNow: console.now()) { more in
                progress.add(more)
                return !Interruption.isRequested
            }.run(campaign, candidate, request, threads: 2)
        } catch let error as EngineError {
            throw CommandFailure(engineError: error, zone: candidate.zone, option: at.map { _ in "--at" })
        }
        LeftOut.warn(result.unreadable, console)
        let view = FunnelView(result: result, campaign: campaign, zone: candidate.zone)
        switch format {
        case .json: console.json(view.json)
        default: console.writeOutput(view.text(Style(console)))
        }
        return result.isInterrupted ? ExitCode.interrupted : ExitCode.fine
    }

    private func assumed(
        _ file: String, _ candidate: CandidateRules, _ request: PlanRunner.Request, _ workspace: Workspace,
        _ store: SQLiteStore
    ) throws -> [String: [Fact]] {
        let bytes: [UInt8]
        do {
            bytes = try Files.read(workspace.console.resolved(file), atMost: AssumptionReader.maximumBytes)
        } catch let error as FileReadError {
            throw CommandFailure.usage("\(file) cannot be read: \(error.reason)")
        }
        let runner = PlanRunner(store: store, zones: workspace.zones, realNow: workspace.console.now())
        let period = try runner.period(of: request, candidate)
        let read = AssumptionReader(
            file: file, bytes: bytes, rules: candidate.rules, zone: candidate.zone, zones: workspace.zones,
            from: period.lowerBound, until: period.upperBound)
        let unknown = try store.read { store in
            try read.places.filter { try store.customer($0.customer) == nil }.map(\.diagnostic)
        }
        let findings = read.diagnostics + unknown
        guard findings.isEmpty else {
            throw DiagnosticsFailure(diagnostics: findings, summary: "\(file) cannot be used; nothing was planned.")
        }
        return read.facts
    }
}

/// The bounds of what can be asked of a plan's clock.
enum PlanPeriods {
    /// A clock so many years past the store's is a slip of the pen.
    static let maximumYears: Int32 = 100

    /// Refuses a clock of another era.
    static func check(_ instant: Timestamp?, in store: SQLiteStore, zone: Zone) throws {
        guard let instant, let clock = try store.read({ try $0.clock }) else { return }
        guard instant > zone.advance(clock, by: ISODuration(days: 366 * maximumYears)) else { return }
        let time = TimeText(zone: zone)
        throw CommandFailure.usage(
            "\(time.full(instant)) is more than \(maximumYears) years after the store's clock, \(time.full(clock))",
            help: "Name an earlier --at.")
    }
}

/// What becomes of a plan's decisions while it is made, and how it is printed afterwards.
struct PlanOutput {
    let command: PlanCommand
    let rules: RuleSet
    let console: Console
    private let spool: LineSpool
    private let lines: DecisionLines
    /// What stands in the page: some decisions of each part.
    private let shown = Lock<[Int: [(decision: Decision, basis: PlanBasis)]]>([:])

    init(command: PlanCommand, rules: RuleSet, lives: CustomerLives, console: Console) {
        self.command = command
        self.rules = rules
        self.console = console
        spool = LineSpool(console)
        lines = DecisionLines(rules: rules, showsPII: command.showPii, lives: lives)
    }

    private var spools: Bool { command.out != nil || command.format != .text }

    /// Makes a plan with decisions going to the spool, and progress to the terminal.
    func making(
        _ store: SQLiteStore, _ workspace: Workspace, _ make: (PlanRunner.Observer) throws -> Plan
    ) throws -> Plan {
        let progress = ProgressLine("customers", total: nil, console: console)
        defer { progress.end() }
        var observer = PlanRunner.Observer()
        observer.progress = { more in
            progress.add(more)
            return !Interruption.isRequested
        }
        if spools {
            let (lines, spool, format, saves) = (lines, spool, command.format, command.out != nil)
            observer.decided = { part, decisions in
                var text = ""
                for (decision, basis) in decisions {
                    if saves {
                        text += SavedPlan.text(of: decision)
                    } else {
                        text += (format == .csv ? lines.csv(decision, basis) : lines.json(decision, basis)) + "\n"
                    }
                }
                try spool.add(text, to: part)
            }
        }
        if command.html != nil {
            let (shown, before, rules, showsPII) = (shown, observer.decided, rules, command.showPii)
            observer.decided = { part, decisions in
                try before?(part, decisions)
                shown.withLock { shown in
                    let room = PlanPage.maximumDecisions - shown[part, default: []].count
                    for (decision, basis) in decisions.prefix(max(0, room)) {
                        var decision = decision
                        if !showsPII { decision.maskPersonalValues(under: rules) }
                        shown[part, default: []].append((decision, basis))
                    }
                }
            }
        }
        return try make(observer)
    }

    /// Prints the plan, or saves it.
    func write(_ plan: Plan, _ workspace: Workspace, _ candidate: CandidateRules) throws {
        var view = PlanView(plan: plan, store: workspace.shownStore)
        if !command.showPii { view.hiding = rules.schema }
        for settings in workspace.environment.destinations {
            if let rate = settings.attemptsPerSecond { view.rates[settings.name] = rate }
        }
        if let out = command.out, !plan.isInterrupted {
            try save(plan, to: out)
            view.savedTo = out
        }
        if let html = command.html, !plan.isInterrupted {
            let parts = shown.withLock { $0.sorted { $0.key < $1.key }.flatMap(\.value) }
            let page = PlanPage(
                plan: plan, store: workspace.shownStore, rates: view.rates,
                decisions: Array(parts.prefix(PlanPage.maximumDecisions)))
            try OutputFile.write(page.html, to: console.resolved(html), shownAs: html)
            view.page = html
        }
        switch command.format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json where command.out != nil: console.json(view.json)
        case .json:
            // The decisions come from the spool, so that they need not fit into memory.
            console.writeOutput(String(JSONWriter.text(view.json).dropLast()) + ",\"decisions\":[")
            var separator = ""
            try spool.forEachChunk { chunk in
                console.writeOutput(separator + chunk.dropLast().replacing("\n", with: ","))
                separator = ","
            }
            console.writeOutput("]}\n")
        case .csv where command.out == nil:
            console.line(DecisionLines.csvHead)
            try spool.forEachChunk { console.writeOutput($0) }
        case .jsonl where command.out == nil:
            try spool.forEachChunk { console.writeOutput($0) }
        case .csv, .jsonl:
            console.writeOutput(view.text(Style(console)))
        }
    }

    private func save(_ plan: Plan, to out: String) throws {
        // What it holds are messages to people: for its owner alone.
        try OutputFile.write(to: console.resolved(out), shownAs: out, mode: 0o600) { write in
            var digest = SHA256Stream()
            var count = 0
            func add(_ text: String) throws {
                digest.update(text.utf8)
                try write(text)
            }
            try add(
                SavedPlan.text(
                    of: SavedPlan.Head(
                        storeID: plan.storeID, fingerprint: plan.fingerprint, epoch: plan.epoch,
                        isActive: plan.isActive, from: plan.from, until: plan.until, zone: plan.zone.name,
                        storeClock: plan.storeClock, campaign: plan.campaign)))
            try spool.forEachChunk { chunk in
                count += chunk.utf8.count { $0 == UInt8(ascii: "\n") }
                try add(chunk)
            }
            try add(SavedPlan.text(ofRules: rules.canonicalText))
            try write(SavedPlan.text(ofDecisions: count, digest: digest.hexDigest()))
        }
    }
}

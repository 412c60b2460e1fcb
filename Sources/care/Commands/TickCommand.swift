import ArgumentParser
import CareDispatch
import CareEngine
import CareStore
import CareValues

/// `care tick`
struct TickCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "tick", abstract: "Decide what is due and deliver it, once, then exit: for cron.",
        discussion: """
            Examples:
              care tick
              care tick --at 1998-01-01T12:00:00-05:00

            Puts the rule files in force if they changed. With --at the decision clock starts there; signatures and
            retries go by the real one. The last lines say what still waits, for which destination, until when and why.
            Exit 1 when a delivery was given up. While care serve holds the store it decides and delivers by itself:
            then this only says how it stands.
            """)

    @Option(help: "The decision clock; local in the project's zone unless it has an offset. Default: now.")
    var at: String?
    @Flag(help: "Decide only; deliver nothing.") var decideOnly = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    var change: Change? { nil }

    func carryOut(_ workspace: Workspace) throws -> Int32 {
        if let service = workspace.service { return try look(at: service, workspace) }
        let console = workspace.console
        let instant = try at.map { try workspace.instant($0, option: "--at") }
        let candidate = try workspace.rules(orElse: "The rule files cannot be used; nothing was decided.")
        let destinations = decideOnly ? [] : try workspace.destinations()
        let clock = instant.map { workspace.clock.starting(at: $0) } ?? workspace.clock
        let store = try workspace.writableStore(owner: "care tick", consequence: "nothing was decided")
        try workspace.warnAboutCutPoints(candidate, in: store)
        Interruption.watch()
        let run = TickRun(
            store: store, workspace: workspace, candidate: candidate, clock: clock, destinations: destinations,
            delivers: !decideOnly)
        let result: TickResult
        do {
            result = try run.run()
        } catch let error as EngineError {
            throw CommandFailure(engineError: error, zone: candidate.zone, option: at.map { _ in "--at" })
        }
        try store.close()
        let view = TickView(result: result, zone: candidate.zone)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        if Interruption.isRequested { return ExitCode.interrupted }
        return result.dispatch.dead.isEmpty ? ExitCode.fine : ExitCode.findings
    }

    /// A service does by itself what this does once: how it stands is all there is to say.
    private func look(at service: RunningService, _ workspace: Workspace) throws -> Int32 {
        guard at == nil else {
            throw CommandFailure(
                "care serve holds the store and decides by the real clock; nothing was decided",
                help: "To decide at another time stop it first.", exitCode: ExitCode.temporary)
        }
        _ = try workspace.rulesToGoBy(orElse: "")
        let view = try TickBesideView.read(
            service, workspace.environment.destinations, zone: workspace.environment.timeZone,
            realNow: workspace.console.now())
        switch format {
        case .text: workspace.console.writeOutput(view.text(Style(workspace.console)))
        case .json: workspace.console.json(view.json)
        }
        return ExitCode.fine
    }
}

/// What one `care tick` did.
struct TickResult {
    var summary: TickSummary
    var dispatch: DispatchSummary
    /// Whether deliveries were tried at all.
    var delivered: Bool
    /// What lies for destinations afterwards.
    var left: StillWaiting
    var epoch: Int64
    var fingerprint: String
    /// Whether the files' rules were put in force by this tick.
    var isNewEpoch: Bool
}

/// One pass: activate, decide, deliver.
struct TickRun {
    let store: any CareStore
    let workspace: Workspace
    let candidate: CandidateRules
    let clock: DecisionClock
    let destinations: [Destination]
    let delivers: Bool

    func run() throws -> TickResult {
        let now = clock.decisionNow
        let (rules, isNew) = try store.write { transaction in
            if let stored = try transaction.clock, now < stored {
                throw EngineError.clockBehindStore(asked: now, store: stored)
            }
            return try Activation.activate(candidate, at: now, in: transaction, zones: workspace.zones)
        }
        let ticker = Ticker(
            store: store, clock: clock, recoveryRate: Int(workspace.environment.recoveryRate),
            approved: ApprovedPlans(storePath: workspace.storePath),
            pause: { milliseconds in
                Pause.sleep(milliseconds: milliseconds) { Interruption.isRequested }
                return !Interruption.isRequested
            })
        let summary = try ticker.tick(rules)
        var dispatch = DispatchSummary()
        if delivers, !Interruption.isRequested {
            var options = Dispatcher.Options()
            options.zones = workspace.zones
            let dispatcher = Dispatcher(
                store: store, destinations: destinations,
                clock: SystemDispatchClock(decisionOffsetMilliseconds: clock.decisionOffsetMilliseconds),
                options: options)
            // What is under way may end; a second request ends at once.
            let signals = Interruption.stopping { dispatcher.stop() }
            defer { for signal in signals { signal.cancel() } }
            dispatch = try dispatcher.run(until: .outboxEmptyOrWaiting)
        }
        var left = try store.read {
            try StillWaiting.read(workspace.environment.destinations, in: $0, now: workspace.console.now())
        }
        if !delivers {
            left.untried = "--decide-only delivers nothing"
        } else if Interruption.isRequested {
            left.untried = "the pass was stopped"
        }
        return TickResult(
            summary: summary, dispatch: dispatch, delivered: delivers, left: left, epoch: rules.current.active.epoch,
            fingerprint: rules.fingerprint, isNewEpoch: isNew)
    }
}

import ArgumentParser
import CareDispatch
import CareEngine
import CarePlanning
import CareStoreSQLite
import CareValues

/// `care apply FILE`
struct ApplyCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Carry out a saved plan: what it says and is due, nothing else.",
        discussion: """
            Examples:
              care apply october.careplan
              care apply october.careplan --only vip-offer --max 100
              care apply october.careplan --when-due

            A plan of another store or other rules is refused whole (exit 1). A decision that would end otherwise now is
            refused alone, with what moved (exit 2). What is decided already, and what is not due yet, is passed over:
            apply again then. --when-due stores the plan as approved: care serve, or the next care tick, carries out
            its campaigns with "approval": true as they fall due, with the same refusals.
            """)

    @Argument(help: "The file that care plan --out has written.") var file: String
    @Option(help: "Only this campaign's decisions.") var only: String?
    @Option(help: "At most so many messages; other customers are left for another time.") var max: Int?
    @Flag(help: "Store it as approved; works beside care serve.") var whenDue = false
    @Option(help: "The decision clock; local in the project's zone unless it has an offset. Default: now.")
    var at: String?
    @Flag(help: "Decide only; deliver nothing.") var decideOnly = false
    @Flag(help: "List every decision that was refused.") var all = false
    @Flag(help: "Show personal attributes.") var showPii = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    var files: [String] { [file] }
    var change: Change? { Change(action: whenDue ? "plans.approve" : "plans.apply") }

    func carryOut(_ workspace: Workspace) throws -> Int32 {
        let console = workspace.console
        if let max, max < 1 { throw CommandFailure.usage("--max is at least 1, not \(max)") }
        if whenDue, only != nil || max != nil || at != nil {
            throw CommandFailure.usage("--when-due approves the whole plan: not with --only, --max or --at")
        }
        if workspace.service != nil, at != nil || decideOnly {
            throw CommandFailure(
                "care serve holds the store: it decides by the real clock and delivers what it decides; nothing was done",
                help: "Without --at and --decide-only it carries the plan out. Else stop it first.",
                exitCode: ExitCode.temporary)
        }
        let plan = try read(workspace)
        let candidate = try workspace.rulesToGoBy(orElse: "The rule files cannot be used; nothing was done.")
        var request = PlanApplier.Request(maximumActs: max)
        if let only {
            try CampaignNames.require(only, in: candidate.rules)
            request.only = candidate.rules.index(ofCampaign: only).map { candidate.rules.campaigns[$0].identity }
        }
        if whenDue { return try approve(plan, candidate, workspace) }
        let instant = try at.map { try workspace.instant($0, option: "--at") }
        let delivers = !decideOnly && workspace.service == nil
        let clock = instant.map { workspace.clock.starting(at: $0) } ?? workspace.clock
        let store = try workspace.writableStore(owner: "care apply", consequence: "nothing was done")
        console.watchInterruption()
        let applier = PlanApplier(store: store, clock: clock) { !console.isInterrupted() }
        let summary: PlanApplier.Summary
        var destinations: [Destination] = []
        do {
            // What is wrong with the plan is told before a secret that is missing.
            let rules = try applier.accept(plan, candidate, zones: workspace.zones) {
                if delivers { destinations = try workspace.destinations() }
            }
            summary = try applier.apply(plan, request, rules)
        } catch let stale as PlanApplier.Stale {
            throw CommandFailure(stale: stale, plan: plan, file: file, zone: candidate.zone)
        } catch let error as EngineError {
            throw CommandFailure(engineError: error, zone: candidate.zone, option: at.map { _ in "--at" })
        } catch let defect as SavedPlan.Defect {
            throw CommandFailure(defect: defect, file: file)
        }
        var dispatch: DispatchSummary?
        if delivers, !console.isInterrupted() {
            let dispatcher = Dispatcher(
                store: store, destinations: destinations,
                clock: SystemDispatchClock(decisionOffsetMilliseconds: clock.decisionOffsetMilliseconds))
            dispatch = try dispatcher.run(until: .outboxEmptyOrWaiting)
        }
        try store.close()
        let view = ApplyView(
            summary: summary, file: file, clock: clock.decisionNow, zone: candidate.zone, rules: candidate.rules,
            showsPII: showPii, listsAll: all, dispatch: dispatch)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        if summary.isInterrupted { return ExitCode.interrupted }
        return summary.refused > 0 ? ExitCode.changes : ExitCode.fine
    }

    private func read(_ workspace: Workspace) throws -> SavedPlanFile {
        do {
            return try SavedPlanFile(workspace.content(of: file, atMost: SavedPlanFile.maximumBytes))
        } catch let error as FileReadError {
            throw CommandFailure("\(file) cannot be read: \(error.reason); nothing was done")
        } catch let defect as SavedPlan.Defect {
            throw CommandFailure(defect: defect, file: file)
        }
    }

    /// Puts the plan where a pass looks for it; the store is only read, so that a service may hold it.
    private func approve(_ plan: SavedPlanFile, _ candidate: CandidateRules, _ workspace: Workspace) throws -> Int32 {
        let store = try workspace.readableStore()
        let console = workspace.console
        let (storeID, active) = try store.read { (try $0.storeID, try $0.activeRuleSet()) }
        guard storeID == plan.head.storeID else {
            throw CommandFailure(stale: .otherStore, plan: plan, file: file, zone: candidate.zone)
        }
        guard let active, active.fingerprint == plan.head.fingerprint else {
            throw CommandFailure(
                stale: .otherRules(fingerprint: active?.fingerprint ?? "none", rules: active?.text ?? "{}"),
                plan: plan, file: file, zone: candidate.zone)
        }
        guard plan.head.until > console.now() else {
            throw CommandFailure(
                "the plan's period is over; nothing was done [plan.stale]",
                help: "Make a new one: care plan --out \(file)")
        }
        do {
            let bytes = try workspace.content(of: file, atMost: SavedPlanFile.maximumBytes)
            _ = try ApprovedPlans(storePath: store.path).add(bytes, digest: plan.digest)
        } catch let error as FileReadError {
            throw CommandFailure("the plan cannot be stored as approved: \(error.reason); nothing was done")
        }
        let time = TimeText(zone: candidate.zone)
        switch format {
        case .text:
            console.line(
                "Approved: \(counted(plan.count, "decision")) until \(time.full(plan.head.until)) "
                    + "\(candidate.zone.name), signed \(plan.digest.prefix(12)).")
            console.line("care serve carries out what needs approval as it falls due; without it, care tick does.")
        case .json:
            console.json([
                "approved": .number(Double(plan.count)), "until": .string(plan.head.until.iso8601),
                "sha256": .string(plan.digest),
            ])
        }
        return ExitCode.fine
    }
}

extension CommandFailure {
    /// Why a file cannot be used as a plan.
    init(defect: SavedPlan.Defect, file: String) {
        switch defect {
        case .notAPlan:
            self.init(
                "\(file) is no saved plan; nothing was done [plan.not-a-plan]",
                help: "care plan --out FILE writes one.")
        case .newer(let version):
            self.init(
                "\(file) is of version \(version), this care reads up to \(SavedPlan.version); nothing was done "
                    + "[plan.newer]", help: "Use a newer care, or make the plan anew.")
        case .truncated:
            self.init(
                "\(file) is cut off: its last line is missing; nothing was done [plan.truncated]",
                help: "Copy it whole, or make it anew: care plan --out \(file)")
        case .edited:
            self.init(
                "\(file) was changed after it was written: its checksum differs; nothing was done [plan.edited]",
                help: "To leave things out: --only, --max. Else make it anew: care plan --out \(file)")
        }
    }

    /// Why a whole plan is refused, and what moved.
    init(stale: PlanApplier.Stale, plan: SavedPlanFile, file: String, zone: Zone) {
        let again = "Make a new one: care plan --out \(file)"
        switch stale {
        case .otherStore:
            self.init("\(file) was made from another store; nothing was done [plan.other-store]", help: again)
        case .before(let from):
            self.init(
                "the plan begins \(TimeText(zone: zone).full(from)) \(zone.name); nothing was done [plan.early]",
                help: "Apply it then, or approve it now: --when-due")
        case .otherRules(let fingerprint, let rules):
            let places = ChangedPlace.between(plan.rules, rules)
            var moved = places.prefix(5).map {
                "\($0.name.isEmpty ? $0.part : $0.name): \($0.text())"
            }
            if places.isEmpty { moved = ["the zone, the holidays or the cut points"] }
            if places.count > 5 { moved.append("\(places.count - 5) more") }
            var lines = ["              plan            now"]
            let indent = String(repeating: " ", count: 14)
            lines.append("  rules       \(plan.head.fingerprint.prefix(12))    \(fingerprint.prefix(12))")
            lines += moved.map { indent + $0 }
            self.init(
                "saved plan is stale, nothing was done [plan.stale]", help: (lines + [again]).joined(separator: "\n"))
        }
    }
}

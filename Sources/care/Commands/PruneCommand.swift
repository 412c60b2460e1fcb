import ArgumentParser
import CareEngine
import CareStore
import CareValues

/// `care prune`
struct PruneCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Let go what is older than the retention says.",
        discussion: """
            Examples:
              care prune --dry-run
              care prune
              care prune --facts P2Y --deliveries P90D

            How long things are kept stands under "retention" in care.json; an option stands above it. Old facts are folded
            into what they come to: attributes and traits stay what they are, a trait that rules add later counts from then
            on, and older facts that still come are refused as too old. care serve does the same by itself, every day.
            """)

    @Flag(help: "Say what would go; change nothing.") var dryRun = false
    @Option(help: "Keep facts so long: P2Y, P18M, P400D.") var facts: String?
    @Option(help: "Keep decisions so long, and as long as a cap looks back.") var decisions: String?
    @Option(help: "Keep deliveries that are over, with what they said, so long.") var deliveries: String?
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    var change: Change? { dryRun ? nil : Change(action: "prune") }

    func carryOut(_ workspace: Workspace) throws -> Int32 {
        let console = workspace.console
        var retention = workspace.environment.retention
        if let facts { retention.facts = try duration(facts, "--facts") }
        if let decisions { retention.decisions = try duration(decisions, "--decisions") }
        if let deliveries { retention.deliveries = try duration(deliveries, "--deliveries") }
        guard !retention.isEmpty else {
            throw CommandFailure.usage(
                "everything is kept for ever: there is nothing to prune",
                help: "Say how long: care prune --facts P2Y, or \"retention\": { \"facts\": \"P2Y\" } in care.json.")
        }
        guard workspace.hasStore else {
            throw CommandFailure("there is no store at \(workspace.shownStore); nothing was pruned")
        }
        let store: any CareStore =
            dryRun
            ? try workspace.readableStore()
            : try workspace.writableStore(owner: "care prune", consequence: "nothing was pruned")
        console.watchInterruption()
        let (clock, total) = try store.read { (try $0.clock, try $0.customerCount) }
        let progress = ProgressLine("customers", total: total, console: console)
        let zone = workspace.environment.timeZone
        let summary: Pruner.Summary
        do {
            defer { progress.end() }
            // Never by a clock behind the store's.
            summary = try Pruner(store: store, zones: workspace.zones).run(
                retention, at: max(console.now(), clock ?? console.now()), zone: zone, writes: !dryRun
            ) { count in
                progress.add(count)
                return !console.isInterrupted()
            }
        } catch let error as EngineError {
            throw CommandFailure(engineError: error, zone: zone, option: nil)
        }
        if !dryRun { _ = try store.scrub() }
        try store.close()
        let view = PruneView(summary: summary, isDryRun: dryRun, zone: zone)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        return summary.isInterrupted ? ExitCode.interrupted : ExitCode.fine
    }

    private func duration(_ text: String, _ option: String) throws -> ISODuration {
        guard let duration = CareEnvironment.retention(text) else {
            throw CommandFailure.usage("\(option) '\(text)' is no length of whole days", help: "P90D, P18M, P2Y.")
        }
        return duration
    }
}

/// `care prune`
struct PruneView {
    let summary: Pruner.Summary
    let isDryRun: Bool
    let zone: Zone

    func text(_ style: Style) -> String {
        let time = TimeText(zone: zone)
        var lines = [style.bold(headline)]
        var table = Table([.left, .right, .left])
        if let before = summary.factsBefore {
            table.add([
                "facts", grouped(summary.facts),
                "before \(time.full(before)), of \(counted(summary.customers, "customer"))",
            ])
        }
        if let before = summary.decisionsBefore {
            table.add(["decisions", grouped(summary.decisions), "before \(time.full(before))"])
        }
        if let before = summary.deliveriesBefore {
            table.add(["deliveries", grouped(summary.deliveries), "before \(time.full(before)), over"])
        }
        lines += table.lines()
        if summary.customersLeft > 0 {
            lines.append(
                "Left as they are: \(counted(summary.customersLeft, "customer")) whose traits are over a limit or whose row "
                    + "is of older rules (care tick brings it up).")
        }
        if summary.factsBefore != nil, !isDryRun {
            lines.append("Facts before that instant are refused as too old from now on.")
        }
        if summary.isInterrupted { lines.append("Interrupted: what is counted here is done. The next run goes on.") }
        if isDryRun { lines.append("To do it: the same without --dry-run.") }
        return lines.joined(separator: "\n") + "\n"
    }

    private var headline: String {
        let parts = [
            summary.factsBefore.map { _ in counted(summary.facts, "fact") + " folded" },
            summary.decisionsBefore.map { _ in counted(summary.decisions, "decision") },
            summary.deliveriesBefore.map { _ in counted(summary.deliveries, "delivery", "deliveries") },
        ].compactMap { $0 }
        let all = parts.joined(separator: ", ")
        return isDryRun ? "Would let go: \(all). Nothing was changed." : "Let go: \(all)."
    }

    var json: JSONValue {
        func number(_ count: Int) -> JSONValue { .number(Double(count)) }
        func instant(_ instant: Timestamp?) -> JSONValue { instant.map { .string($0.iso8601) } ?? .null }
        return .object(
            JSONObject(uniqueMembers: [
                ("dryRun", .bool(isDryRun)), ("timeZone", .string(zone.name)),
                ("factsBefore", instant(summary.factsBefore)), ("facts", number(summary.facts)),
                ("customers", number(summary.customers)), ("customersLeft", number(summary.customersLeft)),
                ("decisionsBefore", instant(summary.decisionsBefore)), ("decisions", number(summary.decisions)),
                ("deliveriesBefore", instant(summary.deliveriesBefore)), ("deliveries", number(summary.deliveries)),
                ("interrupted", .bool(summary.isInterrupted)),
            ]))
    }
}

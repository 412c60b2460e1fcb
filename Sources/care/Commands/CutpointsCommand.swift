import ArgumentParser
import CareEngine
import CareLogic
import CareStore
import CareValues

/// `care cutpoints`
struct CutpointsCommand: StoreCommand {
    static let configuration = CommandConfiguration(
        commandName: "cutpoints", abstract: "Compute the quantile cut points of RFM scores.",
        discussion: """
            Examples:
              care cutpoints --dry-run
              care cutpoints
              care cutpoints --trait rfm --at 2026-10-01

            Measures every customer and stores new cut points as a new set; the next tick, or serve at once,
            puts it in force. Customers who are in another group by then have entered it. Where no cut
            point has moved nothing is stored. It cannot measure before the store's clock.
            """)

    @Option(help: "The instant to measure at; local in the project's zone unless it has an offset. Default: now.")
    var at: String?
    @Option(help: "Only this trait; the others keep their cut points.") var trait: String?
    @Flag(help: "Show the cut points; store nothing.") var dryRun = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    var change: Change? { dryRun ? nil : Change(action: "cutpoints") }

    func carryOut(_ workspace: Workspace) throws -> Int32 {
        let console = workspace.console
        let instant = try at.map { try workspace.instant($0, option: "--at") }
        let candidate = try workspace.rules(orElse: "The rule files cannot be used; nothing was computed.")
        try requireTrait(in: candidate.rules.schema)
        let store: any CareStore =
            dryRun
            ? try workspace.readableStore()
            : try workspace.writableStore(owner: "care cutpoints", consequence: "nothing was computed")
        let summary: CutPointRunner.Summary
        do {
            summary = try CutPointRunner(store: store, zones: workspace.zones, realNow: console.now())
                .run(candidate, trait: trait, at: instant, isDryRun: dryRun)
        } catch let error as EngineError {
            throw CommandFailure(engineError: error, zone: candidate.zone, option: at.map { _ in "--at" })
        }
        try store.close()
        if summary.version != nil { workspace.takesUpCutPoints(candidate) }
        guard summary.customers > 0 else {
            throw CommandFailure(
                "there is no data yet: \(workspace.shownStore) has no customers",
                help: "Take some in: care import customers FILE, then care import events FILE")
        }
        let view = CutpointsView(summary: summary, isDryRun: dryRun, zone: candidate.zone)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        return ExitCode.fine
    }

    /// The trait that is named must be one whose scores are quantiles; without a name there must be one.
    private func requireTrait(in schema: Schema) throws {
        let known = schema.rfmDefinitions.filter { $0.fixed == nil }.map(\.name)
        guard !known.isEmpty else {
            throw CommandFailure(
                "no trait asks for quantiles; nothing was computed",
                help: "An rfm trait does with \"scores\": \"quantiles\".")
        }
        guard let trait, !known.contains(trait) else { return }
        if schema.rfmDefinitions.contains(where: { $0.name == trait }) {
            throw CommandFailure.usage("the cut points of '\(trait)' are fixed in the rule file")
        }
        throw CommandFailure.usage(
            "no trait '\(trait)' asks for quantiles", help: "There are: " + known.joined(separator: ", "))
    }
}

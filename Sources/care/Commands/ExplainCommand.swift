import ArgumentParser
import CareEngine
import CarePlanning
import CareValues

/// `care explain CUSTOMER CAMPAIGN`
struct ExplainCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Why, or why not, one customer.",
        discussion: """
            Examples:
              care explain c1187 birthday-gold
              care explain c2077 win-back --format json
              care explain c2077 win-back --at 2026-09-20T12:40

            Shows the trigger, the condition with its values, the gates in their order and the one that objects, what
            would have to be otherwise, what the ledger has, and when it could next fire. --at shows what was known
            then.
            """)

    @Argument(help: "The customer's id.") var customer: String
    @Argument(help: "The campaign's name.") var campaign: String
    @Option(help: "As of this instant; local in the project's zone unless it has an offset.") var at: String?
    @Flag(help: "Show personal attributes.") var showPii = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        let workspace = try Workspace.open(config: config, console: console)
        let candidate = try workspace.rules(orElse: "The rule files cannot be used; nothing can be explained.")
        try CampaignNames.require(campaign, in: candidate.rules)
        let instant = try at.map { try workspace.instant($0, option: "--at") }
        let store = try workspace.readableStore()
        if let instant, let folded = try store.read({ try Pruner.factsBefore(in: $0) }), instant < folded {
            let time = TimeText(zone: candidate.zone)
            console.errorLine(
                Style(console).warning("warning: ")
                    + "facts before \(time.full(folded)) are folded (care prune): what was known at \(time.full(instant)) "
                    + "cannot be told any more; facts, attributes and traits are missing below")
        }
        let explanation: Explanation
        do {
            explanation = try store.read { snapshot in
                try Explainer.explain(
                    Explainer.Question(customer: customer, campaign: campaign, at: instant, showsPII: showPii),
                    candidate, in: snapshot, zones: workspace.zones, realNow: console.now())
            }
        } catch let error as EngineError {
            throw CommandFailure(engineError: error, zone: candidate.zone, option: "--at")
        } catch Explainer.Refusal.unknownCampaign(let known) {
            throw CampaignNames.unknown(campaign, known: known)
        } catch Explainer.Refusal.unknownCustomer {
            throw CommandFailure("the store has no customer '\(customer)'", help: "Its id is as in the file imported.")
        }
        let view = ExplainView(explanation: explanation, schema: candidate.rules.schema, showsPII: showPii)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        return ExitCode.fine
    }
}

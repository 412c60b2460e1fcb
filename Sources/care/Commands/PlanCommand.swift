import ArgumentParser
import CareEngine
import CarePlanning
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
              care plan --at 2026-09-21T08:30 --format json

            Nothing is written and nothing is sent. A plan cannot begin before the store's clock.
            """)

    @Option(help: "The clock the plan starts at; local in the project's zone unless it has an offset. Default: now.")
    var at: String?
    @Option(help: "How many days, 1 to 366.") var days = 7
    @Option(help: "Only this campaign.") var campaign: String?
    @Option(help: "Only this customer, with every action and its payload.") var customer: String?
    @Flag(help: "Show personal attributes in payloads.") var showPii = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text

    func execute(_ console: Console) async throws -> Int32 {
        guard (1...366).contains(days) else { throw CommandFailure.usage("--days is 1 to 366, not \(days)") }
        let workspace = try Workspace.open(config: config, console: console)
        let instant = try at.map { try workspace.instant($0, option: "--at") }
        let candidate = try workspace.rules(orElse: "The rule files cannot be used; nothing was planned.")
        if let campaign { try CampaignNames.require(campaign, in: candidate.rules) }
        let store = try workspace.readableStore()
        try workspace.warnAboutCutPoints(candidate, in: store)
        let request = PlanRunner.Request(
            at: instant, days: days, campaign: campaign, customer: customer, keepsDecisions: format == .json)
        var plan: Plan
        do {
            plan = try PlanRunner(store: store, zones: workspace.zones, realNow: console.now())
                .plan(candidate, request, threads: 2)
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
        if !showPii { plan.maskPersonalValues(under: candidate.rules) }
        let view = PlanView(plan: plan, store: workspace.shownStore, schema: candidate.rules.schema)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        }
        return ExitCode.fine
    }
}

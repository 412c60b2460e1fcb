import ArgumentParser
import CareEngine
import CarePlanning
import CareRules
import CareValues

/// `care diff OLD [NEW]`
struct DiffCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Who gets what otherwise under another version of the rules.",
        discussion: """
            Examples:
              care diff HEAD~1
              care diff rules-before rules --days 30
              care diff main --format markdown > comment.md

            OLD and NEW are folders of rule files, or revisions of git; without NEW the rules folder of care.json. Both are
            planned for the store's customers as if put in force now. Exit 2 when something differs. Markdown holds no
            customers' ids: it is made for a pull request.
            """)

    /// How differences are printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
        case markdown
    }

    @Argument(help: "The old rules: a folder, a file, or a git revision.") var old: String
    @Argument(help: "The new rules; without it the rules folder of care.json.") var new: String?
    @Option(help: "How many days, 1 to 366.") var days = 30
    @Option(help: "The clock it starts at; local in the project's zone unless it has an offset. Default: now.")
    var at: String?
    @Flag(help: "Show every sample there is.") var all = false
    @Flag(help: "Show personal attributes.") var showPii = false
    @Option(help: "care.json, where it is not here or in a folder above.") var config: String?
    @Option(help: "text, json or markdown.") var format = Format.text

    func execute(_ console: Console) async throws -> Int32 {
        guard (1...366).contains(days) else {
            throw CommandFailure.usage("--days is 1 to 366, not \(days)")
        }
        let workspace = try Workspace.open(config: config, console: console)
        let instant = try at.map { try workspace.instant($0, option: "--at") }
        let places = RulePlaces(workspace: workspace, consequence: "nothing was compared")
        let before = try places.rules(old)
        let after = try new.map { try places.rules($0) } ?? workspace.rules(orElse: Self.unusable)
        let store = try workspace.readableStore()
        try PlanPeriods.check(instant, in: store, zone: after.zone)
        Interruption.watch()
        let progress = ProgressLine(
            "customers", total: try store.read { try $0.customerCount }, console: console)
        let result: DiffRunner.Result
        do {
            defer { progress.end() }
            result = try DiffRunner(store: store, zones: workspace.zones, realNow: console.now()) { more in
                progress.add(more)
                return !Interruption.isRequested
            }.diff(before, after, at: instant, days: days, threads: 2, showsPII: showPii)
        } catch let error as EngineError {
            throw CommandFailure(engineError: error, zone: after.zone, option: at.map { _ in "--at" })
        }
        LeftOut.warn(result.unreadable, console)
        let view = DiffView(
            result: result, places: ChangedPlace.between(before.rules.canonicalText, after.rules.canonicalText),
            days: days, showsAll: all)
        switch format {
        case .text: console.writeOutput(view.text(Style(console)))
        case .json: console.json(view.json)
        case .markdown: console.writeOutput(view.markdown)
        }
        if result.isInterrupted { return ExitCode.interrupted }
        return result.diff.isEmpty ? ExitCode.fine : ExitCode.changes
    }

    private static let unusable = "The rule files cannot be used; nothing was compared."
}

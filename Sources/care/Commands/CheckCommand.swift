import ArgumentParser
import CareDispatch
import CareEngine
import CareRules
import CareValues

/// `care check [PATH]`
struct CheckCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Find mistakes in rule files.",
        discussion: """
            Examples:
              care check
              care check rules/win-back.json
              care check --show-program win-back
              care check rules --strict --format json
              care check --format sarif > care.sarif
              care check --store

            Reads every .json file of the folder (or the one file) and prints all findings at once. Exit 0: no errors;
            1: errors, with --strict also warnings. --store looks at the customers of the store, too: for how many a
            warning matters, and for how many a plain JsonLogic engine would answer otherwise.
            """)

    /// How findings are printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
        case sarif
    }

    @Argument(help: "A folder of rule files, or one file; without it the rules folder of care.json, else rules.")
    var path: String?
    @Option(help: "care.json, where it is not beside the rules, here or in a folder above.") var config: String?
    @Option(help: "text, json or sarif (2.1.0).") var format = Format.text
    @Flag(help: "Warnings count as errors.") var strict = false
    @Flag(help: "Show also where a plain JsonLogic engine would answer otherwise.") var notes = false
    @Flag(help: "Ask the store for how many customers findings matter.") var store = false
    @Option(help: "Instead of the findings, the program that this campaign's conditions are compiled to.")
    var showProgram: String?

    func execute(_ console: Console) async throws -> Int32 {
        let environment = try EnvironmentFile.find(config: config, near: path, console: console)
        let sources = try RuleFiles.read(path: path, environment: environment, console: console)
        let loaded = RuleSetLoader.load(
            sources, destinations: environment?.destinationNames,
            holidays: try HolidayFiles.table(of: environment, console: console), zones: Zones.system,
            reportsUnused: true)
        if let showProgram, let ruleSet = loaded.ruleSet {
            guard let index = ruleSet.index(ofCampaign: showProgram) else {
                throw CampaignNames.unknown(showProgram, known: ruleSet.campaigns.map(\.name))
            }
            let view = ProgramView(campaign: ruleSet.campaigns[index], schema: ruleSet.schema)
            switch format {
            case .text: console.writeOutput(view.text)
            case .json, .sarif: console.json(view.json)
            }
            return ExitCode.fine
        }
        var diagnostics = loaded.diagnostics
        if let environment {
            let read = try TemplateFiles.read(of: environment, console: console)
            diagnostics += read.diagnostics
            if !read.diagnostics.hasErrors {
                diagnostics += TemplateCheck.findings(
                    templates: read.templates, destinations: environment.destinations,
                    uses: loaded.ruleSet.map(TemplateUses.of) ?? [])
            }
        }
        var customers: Int?
        if let rules = loaded.ruleSet, notes || store {
            let questions = CustomerQuestions(sources, schema: rules.schema, warnings: diagnostics)
            if store {
                let result = try ask(questions, rules, diagnostics, environment, console)
                diagnostics = result.warnings + result.notes
                customers = result.customers
            } else {
                diagnostics += questions.conditions.map(\.note)
            }
        }
        let report = CheckReport(
            diagnostics: diagnostics, ruleSet: loaded.ruleSet, fileCount: sources.count,
            destinationCount: environment?.destinations.count, customerCount: customers)
        switch format {
        case .text: console.writeOutput(report.text(colour: console.hasColour, strict: strict))
        case .json: console.json(report.json)
        case .sarif: console.json(report.sarif)
        }
        let isBad = report.errorCount > 0 || (strict && report.warningCount > 0)
        return isBad ? ExitCode.findings : ExitCode.fine
    }

    private func ask(
        _ questions: CustomerQuestions, _ rules: RuleSet, _ warnings: [Diagnostic], _ environment: CareEnvironment?,
        _ console: Console
    ) throws -> StoreCheck.Result {
        let workspace =
            try environment.map { Workspace(environment: $0, console: console) }
            ?? Workspace.open(config: config, console: console)
        let candidate = CandidateRules(rules: rules, zone: workspace.environment.timeZone)
        do {
            return try workspace.readableStore().read {
                try StoreCheck.run(
                    questions, warnings: warnings, candidate, in: $0, zones: workspace.zones, realNow: console.now())
            }
        } catch let error as EngineError {
            throw CommandFailure(engineError: error, zone: candidate.zone, option: "--at")
        }
    }
}

import ArgumentParser
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

            Reads every .json file of the folder (or the one file) and prints all findings at once. Exit 0: no errors;
            1: errors, with --strict also warnings.
            """)

    @Argument(help: "A folder of rule files, or one file; without it the rules folder of care.json, else rules.")
    var path: String?
    @Option(help: "care.json, where it is not beside the rules, here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text
    @Flag(help: "Warnings count as errors.") var strict = false
    @Option(help: "Instead of the findings, the program that this campaign's conditions are compiled to.")
    var showProgram: String?

    func execute(_ console: Console) async throws -> Int32 {
        let environment = try EnvironmentFile.find(config: config, near: path, console: console)
        let sources = try RuleFiles.read(path: path, environment: environment, console: console)
        let loaded = RuleSetLoader.load(sources, destinations: environment?.destinationNames)
        if let showProgram, let ruleSet = loaded.ruleSet {
            guard let index = ruleSet.index(ofCampaign: showProgram) else {
                throw CampaignNames.unknown(showProgram, known: ruleSet.campaigns.map(\.name))
            }
            let view = ProgramView(campaign: ruleSet.campaigns[index], schema: ruleSet.schema)
            switch format {
            case .text: console.writeOutput(view.text)
            case .json: console.json(view.json)
            }
            return ExitCode.fine
        }
        let report = CheckReport(
            diagnostics: loaded.diagnostics, ruleSet: loaded.ruleSet, fileCount: sources.count,
            destinationCount: environment?.destinations.count)
        switch format {
        case .text: console.writeOutput(report.text(colour: console.hasColour, strict: strict))
        case .json: console.json(report.json)
        }
        let isBad = report.errorCount > 0 || (strict && report.warningCount > 0)
        return isBad ? ExitCode.findings : ExitCode.fine
    }
}

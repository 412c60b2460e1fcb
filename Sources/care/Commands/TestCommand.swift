import ArgumentParser
import CareEngine
import CarePlanning
import CareRules
import CareValues

/// `care test [PATH]`
struct TestCommand: CareSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Run the tests beside the rules, on virtual time.",
        discussion: """
            Examples:
              care test
              care test rules --run 'cap*'
              care test rules/win-back.tests.json
              care test rules --min-coverage 95 --junit report.xml

            Reads the rules of the folder and every NAME.tests.json in it. Nothing is stored, nothing is sent. Exit 0:
            all tests passed; 1: one failed, or less is covered than --min-coverage asks for.
            """)

    @Argument(help: "A folder of rules and their tests, or one file of tests; without it the rules of care.json.")
    var path: String?
    @Option(help: "Only tests whose name, or FILE: NAME, fits: * is any text, ? one character.") var run: String?
    @Option(help: "care.json, where it is not beside the rules, here or in a folder above.") var config: String?
    @Option(help: "text or json.") var format = OutputFormat.text
    @Option(help: "Write the results as JUnit XML to this file too.") var junit: String?
    @Option(help: "How many percent of the branches must be covered, 0 to 100.") var minCoverage: Double?

    func execute(_ console: Console) async throws -> Int32 {
        if let minCoverage {
            guard (0...100).contains(minCoverage) else {
                throw CommandFailure.usage("--min-coverage is 0 to 100, not \(minCoverage)")
            }
            guard run == nil else {
                throw CommandFailure.usage("--min-coverage asks for all tests, --run for some: one of them")
            }
        }
        let began = console.now()
        let environment = try EnvironmentFile.find(config: config, near: path, console: console)
        let places = try TestPlaces.find(path, environment: environment, console: console)
        let sources = try RuleFiles.read(path: places.rules, environment: environment, console: console)
        let holidays = try HolidayFiles.table(of: environment, console: console)
        let loaded = RuleSetLoader.load(
            sources, destinations: environment?.destinationNames, holidays: holidays, zones: Zones.system)
        guard let rules = loaded.ruleSet else {
            throw DiagnosticsFailure(
                diagnostics: loaded.diagnostics.filter { $0.severity == .error },
                summary: "The rule files have mistakes; no test was run.")
        }
        let tests = try read(places, rules, zone: environment?.timeZone ?? .utc, console)
        guard !tests.isEmpty else {
            throw CommandFailure(
                "there are no tests in \(console.shown(places.shown)): no file NAME.tests.json",
                help: "docs/rule-tests.md says how to write one.")
        }
        var coverage = RuleCoverage(rules: rules, sources: sources)
        var results: [TestReport.Result] = []
        let world = RuleTestRun.World(zones: Zones.system, holidays: holidays)
        for file in tests {
            for test in file.tests where isWanted(test.name, file.file) {
                let outcome = RuleTestRun.run(test, in: world)
                coverage.entered.formUnion(outcome.entered)
                results.append(
                    TestReport.Result(file: file.file, line: test.line, name: test.name, failures: outcome.failures))
            }
        }
        guard !results.isEmpty else {
            throw CommandFailure("no test fits --run '\(run ?? "")'; nothing was run")
        }
        let report = TestReport(
            results: results, coverage: run == nil && places.isWhole ? coverage : nil,
            seconds: Double(console.now().milliseconds(since: began)) / 1000, minCoverage: minCoverage)
        if let junit { try OutputFile.write(JUnitReport(report).text, to: console.resolved(junit), shownAs: junit) }
        switch format {
        case .text: console.writeOutput(report.text(Style(console)))
        case .json: console.json(report.json)
        }
        return report.isGood ? ExitCode.fine : ExitCode.findings
    }

    private func isWanted(_ name: String, _ file: String) -> Bool {
        guard let run else { return true }
        let glob = Glob(run)
        return glob.matches(name) || glob.matches("\(file): \(name)")
    }

    private func read(
        _ places: TestPlaces, _ rules: RuleSet, zone: Zone, _ console: Console
    ) throws -> [RuleTestFile] {
        var files: [RuleTestFile] = []
        var diagnostics: [Diagnostic] = []
        for path in places.tests {
            let bytes: [UInt8]
            do {
                bytes = try Files.read(path, atMost: RuleTestFiles.largest)
            } catch let error as FileReadError {
                throw CommandFailure("\(console.shown(error.path)) cannot be read: \(error.reason)")
            }
            let read = RuleTestReader.read(
                file: console.shown(path), bytes: bytes, rules: rules, zone: zone, zones: Zones.system)
            diagnostics += read.diagnostics
            if let tests = read.tests { files.append(tests) }
        }
        guard !diagnostics.hasErrors else {
            throw DiagnosticsFailure(
                diagnostics: diagnostics, summary: "The tests have mistakes; none was run.")
        }
        for warning in diagnostics { console.writeError(warning.rendered(colour: false) + "\n") }
        return files
    }
}

/// Where the tests are, and the rules they test.
private struct TestPlaces {
    /// The folder of rules, as ``RuleFiles`` takes it; nil: that of care.json, else `rules`.
    var rules: String?
    /// The files of tests, by name.
    var tests: [String]
    /// What was looked through, for messages.
    var shown: String
    /// Whether these are all tests of the rules, so that coverage has a meaning.
    var isWhole: Bool

    static func find(_ path: String?, environment: CareEnvironment?, console: Console) throws -> TestPlaces {
        let place = console.resolved(path ?? environment?.rulesPath ?? "rules")
        if Files.isFile(place) {
            guard place.hasSuffix(RuleTestFiles.suffix) else {
                throw CommandFailure.usage(
                    "\(console.shown(place)) is no file of tests", help: "Name a folder, or a NAME.tests.json.")
            }
            // The rules of care.json where the file lies among them, else those of its folder.
            let known = environment.map { console.resolved($0.rulesPath) }
            let folder = known.flatMap { place.hasPrefix($0 + "/") ? $0 : nil } ?? Files.folder(of: place)
            return TestPlaces(rules: folder, tests: [place], shown: place, isWhole: false)
        }
        guard Files.isFolder(place) else {
            throw CommandFailure.usage(
                "there is no \(console.shown(place))", help: "Name a folder of rules and their tests.")
        }
        do {
            let tests = try Files.list(place, suffix: RuleTestFiles.suffix)
            return TestPlaces(rules: path == nil ? nil : place, tests: tests, shown: place, isWhole: true)
        } catch let error as FileReadError {
            throw CommandFailure("\(console.shown(error.path)) cannot be read: \(error.reason)")
        }
    }
}

/// A pattern of names: `*` is any text, `?` one character. Matching takes time linear in text and pattern for each `*`.
struct Glob {
    private let pattern: [Unicode.Scalar]

    init(_ pattern: String) {
        self.pattern = Array(pattern.unicodeScalars)
    }

    /// Whether the whole of `text` fits.
    func matches(_ text: String) -> Bool {
        let text = Array(text.unicodeScalars)
        var at = 0
        var place = 0
        // Where to go on when the rest does not fit: the last `*`, and one character more for it.
        var star: (pattern: Int, text: Int)?
        while at < text.count {
            if place < pattern.count, pattern[place] == "*" {
                star = (place, at)
                place += 1
            } else if place < pattern.count, pattern[place] == "?" || pattern[place] == text[at] {
                place += 1
                at += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                place = last.pattern + 1
                at = last.text + 1
            } else {
                return false
            }
        }
        while place < pattern.count, pattern[place] == "*" { place += 1 }
        return place == pattern.count
    }
}

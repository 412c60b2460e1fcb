import CareLogic
import CarePlanning
import CareValues

/// What `care test` has to say.
struct TestReport {
    /// One test that was run.
    struct Result {
        var file: String
        var line: Int
        var name: String
        /// What was otherwise than expected; empty: it passed.
        var failures: [RuleTestFailure]
    }

    let results: [Result]
    /// What the tests covered; nil: only some were run.
    let coverage: RuleCoverage?
    /// How long it took.
    let seconds: Double
    /// How many percent of the branches must be covered; nil: any.
    let minCoverage: Double?

    var failed: [Result] { results.filter { !$0.failures.isEmpty } }
    private var fileCount: Int { Set(results.map(\.file)).count }

    /// Whether all passed and enough is covered.
    var isGood: Bool { failed.isEmpty && !isTooLittleCovered }

    private var isTooLittleCovered: Bool {
        guard let minCoverage, let percent else { return false }
        return percent < minCoverage
    }

    /// Percent of the branches that were taken; without a condition all of none.
    private var percent: Double? {
        guard let coverage else { return nil }
        let branches = coverage.branches
        guard branches.count > 0 else { return 100 }
        return Double(branches.count - branches.gaps.count) * 100 / Double(branches.count)
    }

    // MARK: Text

    func text(_ style: Style) -> String {
        var lines: [String] = []
        for result in failed {
            lines.append(
                style.error("FAIL") + "  \(result.file):\(result.failures[0].line)  " + style.bold(result.name))
            for (position, failure) in result.failures.enumerated() {
                if position > 0 { lines.append("") }
                lines += self.lines(of: failure)
            }
        }
        let time = "(\(fixed(seconds, digits: 1)) s)"
        if failed.isEmpty {
            lines.append(
                "\(counted(results.count, "test")) passed in \(counted(fileCount, "file")) \(time)."
                    + (coverageSentence.map { " " + $0 } ?? ""))
            lines += gaps
        } else {
            lines.append("\(failed.count) of \(counted(results.count, "test")) failed.")
        }
        if isTooLittleCovered, let percent, let minCoverage {
            lines.append(
                "Covered are \(fixed(percent, digits: 1)) %, --min-coverage asks for \(fixed(minCoverage, digits: 1)) %."
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `Covered: 53 of 55 branches (96.4 %), 12 of 12 campaigns.`
    private var coverageSentence: String? {
        guard let coverage, let percent else { return nil }
        let branches = coverage.branches
        let entered = coverage.campaignCount - coverage.neverEntered.count
        return "Covered: \(branches.count - branches.gaps.count) of \(counted(branches.count, "branch", "branches")) "
            + "(\(fixed(percent, digits: 1)) %), \(entered) of \(counted(coverage.campaignCount, "campaign"))."
    }

    private var gaps: [String] {
        guard let coverage else { return [] }
        var table = Table([.left, .left, .left])
        for campaign in coverage.neverEntered {
            table.add(["never entered", "\(campaign.file):\(campaign.line)", campaign.name])
        }
        for gap in coverage.branches.gaps {
            table.add([gap.wasNeverTrue ? "never true" : "never false", "\(gap.file):\(gap.line)", gap.label])
        }
        return table.lines()
    }

    private func lines(of failure: RuleTestFailure) -> [String] {
        let time = TimeText(zone: failure.zone).full(failure.at)
        var lines = [
            "  at        \(time), customer \(failure.customer), \(failure.subject)",
            "  expected  \(failure.expected)", "  got       \(failure.got)",
        ]
        var decided = failure.decided
        if let (name, node) = failure.tree {
            var tree = TextTree()
            tree.add(TextTree.Branch(name, node))
            decided += tree.lines
        }
        for (position, line) in decided.enumerated() {
            lines.append((position == 0 ? "  decided   " : "            ") + line)
        }
        return lines
    }

    // MARK: JSON

    var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = [
            ("passed", .number(Double(results.count - failed.count))), ("failed", .number(Double(failed.count))),
            ("files", .number(Double(fileCount))), ("seconds", .number(seconds)),
            ("tests", .array(results.map(json(of:)))),
        ]
        if let coverage, let percent {
            let branches = coverage.branches
            members.append(
                (
                    "coverage",
                    .object(
                        JSONObject(uniqueMembers: [
                            ("branches", .number(Double(branches.count))),
                            ("covered", .number(Double(branches.count - branches.gaps.count))),
                            ("percent", .number((percent * 10).rounded() / 10)),
                            ("campaigns", .number(Double(coverage.campaignCount))),
                            ("neverEntered", .array(coverage.neverEntered.map { .string($0.name) })),
                            ("gaps", .array(branches.gaps.map(json(of:)))),
                        ]))
                ))
        }
        return .object(JSONObject(uniqueMembers: members))
    }

    private func json(of gap: RuleCoverage.Gap) -> JSONValue {
        .object([
            "never": .bool(gap.wasNeverTrue), "file": .string(gap.file), "line": .number(Double(gap.line)),
            "test": .string(gap.label),
        ])
    }

    private func json(of result: Result) -> JSONValue {
        let failures = result.failures.map { failure -> JSONValue in
            var members: [(name: String, value: JSONValue)] = [
                ("line", .number(Double(failure.line))), ("at", .string(failure.at.iso8601)),
                ("timeZone", .string(failure.zone.name)), ("customer", .string(failure.customer)),
                ("subject", .string(failure.subject)), ("expected", .string(failure.expected)),
                ("got", .string(failure.got)), ("decided", .array(failure.decided.map(JSONValue.string))),
            ]
            if let (name, node) = failure.tree {
                members.append(("explanation", .object(["name": .string(name), "tree": node.json])))
            }
            return .object(JSONObject(uniqueMembers: members))
        }
        return .object(
            JSONObject(uniqueMembers: [
                ("file", .string(result.file)), ("line", .number(Double(result.line))),
                ("name", .string(result.name)), ("passed", .bool(result.failures.isEmpty)),
                ("failures", .array(failures)),
            ]))
    }

    /// A failure as text, for reports of other tools.
    func summary(of failure: RuleTestFailure) -> String { lines(of: failure).joined(separator: "\n") }
}

/// A number with so many digits after the point.
func fixed(_ number: Double, digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((number * scale).rounded())
    guard digits > 0 else { return String(scaled) }
    let rest = String(abs(scaled) % Int(scale))
    let zeros = String(repeating: "0", count: digits - rest.count)
    return "\(scaled < 0 ? "-" : "")\(abs(scaled) / Int(scale)).\(zeros)\(rest)"
}

/// The results in the XML that continuous integration servers read: a suite for each file, a case for each test.
struct JUnitReport {
    private let report: TestReport

    init(_ report: TestReport) {
        self.report = report
    }

    var text: String {
        var files: [String] = []
        for result in report.results where !files.contains(result.file) { files.append(result.file) }
        var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        xml +=
            "<testsuites tests=\"\(report.results.count)\" failures=\"\(report.failed.count)\" "
            + "time=\"\(fixed(report.seconds, digits: 3))\">\n"
        for file in files {
            let results = report.results.filter { $0.file == file }
            let failed = results.count { !$0.failures.isEmpty }
            xml += "  <testsuite name=\"\(escaped(file))\" tests=\"\(results.count)\" failures=\"\(failed)\">\n"
            for result in results {
                let head =
                    "    <testcase classname=\"\(escaped(file))\" name=\"\(escaped(result.name))\" "
                    + "file=\"\(escaped(file))\" line=\"\(result.line)\""
                guard let first = result.failures.first else {
                    xml += head + "/>\n"
                    continue
                }
                let text = result.failures.map { report.summary(of: $0) }.joined(separator: "\n\n")
                xml +=
                    head + ">\n      <failure message=\"expected \(escaped(first.expected)), got "
                    + "\(escaped(first.got))\">\(escaped(text))</failure>\n    </testcase>\n"
            }
            xml += "  </testsuite>\n"
        }
        return xml + "</testsuites>\n"
    }

    /// Text as XML 1.0 takes it: marks named, what no XML may hold replaced.
    private func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            default:
                let isAllowed = scalar.value >= 0x20 && scalar.value != 0xFFFE && scalar.value != 0xFFFF
                result.unicodeScalars.append(isAllowed ? scalar : "\u{FFFD}")
            }
        }
        return result
    }
}

import Testing

@testable import CareValues

@Suite struct DiagnosticTextTests {
    static func finding(
        _ line: String, _ column: Int, _ length: Int, help: String? = "did you mean 'if'?", number: Int = 4
    ) -> Diagnostic {
        Diagnostic(
            file: "rules/x.json", line: number, column: column, length: length, severity: .error,
            code: "rule.unknown-operator", message: "unknown operator 'iff'", help: help, sourceLine: line, path: "/a")
    }

    @Test func `a finding is a place, a sentence, the line and a caret`() {
        let line = #"  "condition": { "iff": [{ "segment": "vip" }, true, false] },"#
        #expect(
            Self.finding(line, 18, 5).rendered() == """
                rules/x.json:4:18: error: unknown operator 'iff' [rule.unknown-operator]
                    4 |   "condition": { "iff": [{ "segment": "vip" }, true, false] },
                      |                  ^~~~~  did you mean 'if'?
                """)
    }

    @Test func `the caret stands by display width behind Chinese`() {
        let finding = Diagnostic(
            file: "rules/tier-offer.json", line: 4, column: 66, length: 1, severity: .error, code: "rule.type-mismatch",
            message: "tier is ordinal, 2 is a number", help: "use a tier: \"gold\"",
            sourceLine: #"  "description": "银卡专享", "condition": { ">": [{ "var": "tier" }, 2] },"#, path: "")
        #expect(
            finding.rendered() == """
                rules/tier-offer.json:4:66: error: tier is ordinal, 2 is a number [rule.type-mismatch]
                    4 |   "description": "银卡专享", "condition": { ">": [{ "var": "tier" }, 2] },
                      |                                                                      ^  use a tier: "gold"
                """)
    }

    @Test func `a caret under Chinese is as wide as what it underlines`() {
        #expect(
            Self.finding(#"{"名前": 1}"#, 2, 4, help: nil).rendered().split(separator: "\n").last
                == "      |  ^~~~~~")
    }

    @Test func `a warning without help ends with its caret`() {
        var finding = Self.finding("[1]", 2, 1, help: nil, number: 123_456)
        finding.severity = .warning
        #expect(
            finding.rendered() == """
                rules/x.json:123456:2: warning: unknown operator 'iff' [rule.unknown-operator]
                123456 | [1]
                       |  ^
                """)
    }

    @Test func `tabs stay tabs before the caret`() {
        let lines = Self.finding("\t\t\"iff\": 1", 3, 5).rendered().split(separator: "\n")
        #expect(lines[1] == "    4 | \t\t\"iff\": 1")
        #expect(lines[2] == "      | \t\t^~~~~  did you mean 'if'?")
    }

    @Test func `a finding about a whole file has no line`() {
        var finding = Self.finding("", 0, 1, number: 0)
        #expect(
            finding.rendered() == """
                rules/x.json: error: unknown operator 'iff' [rule.unknown-operator]
                      did you mean 'if'?
                """)
        finding.file = ""
        finding.help = nil
        #expect(finding.rendered() == "error: unknown operator 'iff' [rule.unknown-operator]")
    }

    @Test func `nothing of the file acts on the terminal`() {
        var finding = Self.finding("\u{1B}[31m\u{202E}\"iff\"\u{7}", 7, 5)
        finding.message = "unknown operator '\u{1B}]0;x\u{7}'"
        let text = finding.rendered()
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
        #expect(!text.unicodeScalars.contains("\u{202E}"))
    }

    @Test(arguments: [0, 1, 50, 91, 92, 93, 150, 1_000, 99_990])
    func `long lines are cut around the caret`(before: Int) throws {
        let line = String(repeating: "x", count: before) + "\"iff\"" + String(repeating: "y", count: 100_000 - before)
        let lines = Self.finding(line, before + 1, 5, help: nil).rendered().split(separator: "\n")
        #expect(lines.count == 3)
        #expect(displayWidth(String(lines[1])) <= 100)
        let at = try #require(lines[2].firstIndex(of: "^"))
        let column = lines[2].distance(from: lines[2].startIndex, to: at)
        #expect(lines[1].dropFirst(column).hasPrefix("\"iff\""))
        #expect(lines[2].hasSuffix("^~~~~"))
    }

    @Test func `a caret longer than the line ends with it`() {
        #expect(Self.finding("[", 1, 99, help: nil).rendered().hasSuffix("| ^"))
        #expect(Self.finding("[", 5, 99, help: nil).rendered().hasSuffix("|  ^"))
        #expect(Self.finding("", 1, 1, help: nil).rendered().hasSuffix("    4 | \n      | ^"))
    }

    @Test func `colour adds nothing but colour`() {
        let finding = Self.finding("  { \"iff\": 1 }", 5, 5)
        let coloured = finding.rendered(colour: true)
        #expect(coloured.contains("\u{1B}[1;31merror:"))
        #expect(coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "") == finding.rendered())
    }

    @Test func `findings are sorted by file, line, column, and errors come first`() {
        func at(
            _ file: String, _ line: Int, _ column: Int, _ severity: Diagnostic.Severity, _ code: String
        ) -> Diagnostic {
            Diagnostic(
                file: file, line: line, column: column, length: 1, severity: severity, code: code, message: "m",
                help: nil,
                sourceLine: "", path: "")
        }
        let sorted = [
            at("a", 1, 1, .error, "x"), at("a", 1, 1, .error, "y"), at("a", 1, 1, .warning, "a"),
            at("a", 1, 2, .error, "a"),
            at("a", 2, 1, .error, "a"), at("a", 10, 1, .error, "a"), at("b", 1, 1, .error, "a"),
        ]
        var random = SplitMix64(seed: 7)
        for _ in 0..<20 { #expect(sorted.shuffled(using: &random).sorted() == sorted) }
        #expect(sorted.hasErrors)
        #expect(![sorted[2]].hasErrors)
        #expect([sorted[6], sorted[0]].rendered().split(separator: "\n").first == "a:1:1: error: m [x]")
    }

    @Test func `as JSON it has the text's parts and the path`() {
        #expect(
            Self.finding("x", 18, 5).json
                == .object([
                    "file": .string("rules/x.json"), "line": .number(4), "column": .number(18),
                    "severity": .string("error"),
                    "code": .string("rule.unknown-operator"), "message": .string("unknown operator 'iff'"),
                    "help": .string("did you mean 'if'?"), "path": .string("/a"),
                ]))
        guard case .object(let object) = Self.finding("x", 1, 1, help: nil).json else { return }
        #expect(object.members.map(\.name) == ["file", "line", "column", "severity", "code", "message", "path"])
    }

    @Test(arguments: [
        ("abc", 3), ("银卡", 4), ("ｆｕ", 4), ("한글", 4), ("カナ", 4), ("e\u{301}", 1), ("😀", 2), ("\u{200B}", 0), ("…", 1),
        ("é", 1), ("", 0),
    ])
    func `wide characters take two columns`(text: String, width: Int) {
        #expect(displayWidth(text) == width)
    }
}

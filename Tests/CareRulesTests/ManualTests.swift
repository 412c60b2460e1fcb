import CareRules
import CareValues
import Testing

/// The JSON examples of `docs/rules.md` are rule files, and load.
struct ManualTests {
    /// The text between ```` ```<language> ```` and ```` ``` ````, with the line it begins in.
    static func blocks(_ language: String) throws -> [(line: Int, text: String)] {
        var found: [(line: Int, text: String)] = []
        var lines: [Substring]?
        var start = 0
        for (index, line) in try ProjectFiles.text("docs/rules.md").split(
            separator: "\n", omittingEmptySubsequences: false
        ).enumerated() {
            if let block = lines {
                if line == "```" {
                    found.append((start, block.joined(separator: "\n")))
                    lines = nil
                } else {
                    lines = block + [line]
                }
            } else if line == "```" + language {
                lines = []
                start = index + 2
            }
        }
        return found
    }

    @Test func `every example loads beside the first without a finding`() throws {
        let blocks = try Self.blocks("json")
        let base = try #require(blocks.first)
        #expect(blocks.count >= 12)
        for block in blocks {
            let others = block.line == base.line ? [] : [RuleSource(file: "base", bytes: Array(base.text.utf8))]
            let result = RuleSetLoader.load(
                others + [
                    RuleSource(file: "docs/rules.md, block at line \(block.line)", bytes: Array(block.text.utf8))
                ],
                destinations: ["crm", "helpdesk"])
            #expect(result.diagnostics.rendered() == "")
            #expect(result.ruleSet != nil, "line \(block.line)")
        }
    }

    @Test func `the example of a holiday file reads beside a region US`() throws {
        let blocks = try Self.blocks("json holidays")
        #expect(blocks.count == 1)
        var reader = HolidayReader()
        reader.read(file: "us", bytes: Array(#"{ "regions": { "US": { "holidays": {} } } }"#.utf8))
        reader.read(file: "docs/rules.md", bytes: Array(try #require(blocks.first).text.utf8))
        #expect(reader.diagnostics.rendered() == "")
        #expect(reader.table.region("ACME")?.names == ["founders-day", "inventory", "summer-sale"])
    }

    @Test func `the environment defines the destinations that the examples use`() throws {
        let blocks = try Self.blocks("json environment")
        #expect(blocks.count == 1)
        let document = try JSONDocument(file: "care.json", bytes: Array(try #require(blocks.first).text.utf8))
        #expect(document.root["destinations"]?.members.compactMap(\.key.string) == ["crm", "helpdesk", "tasks"])
    }

}

/// The list of findings in the manual is the list there is.
struct FindingCodeTests {
    @Test func `the manual's table is the list`() throws {
        let table = try ProjectFiles.text("docs/rules.md").split(separator: "\n").filter {
            $0.hasPrefix("| `rule.") || $0.hasPrefix("| `json.")
        }
        #expect(table.map(String.init) == FindingCode.all.map { "| `\($0.name)` | \($0.meaning) |" })
    }

    @Test func `every code in the sources is in the list, every code of the list in the sources`() throws {
        var found: Set<String> = ["rule.duplicate-step", "rule.duplicate-action"]  // put together from the noun
        for target in ["CareValues", "CareLogic", "CareRules", "CareEngine"] {
            for text in try ProjectFiles.sources("Sources/" + target) {
                for match in text.matches(of: /"((?:rule|json)\.[a-z-]+)"/) { found.insert(String(match.1)) }
            }
        }
        let unlisted = found.subtracting(FindingCode.all.map(\.name)).sorted()
        #expect(unlisted == [], "add it to FindingCode and to the manual")
        #expect(Set(FindingCode.all.map(\.name)).subtracting(found).sorted() == [])
    }
}

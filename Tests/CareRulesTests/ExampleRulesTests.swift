import CareRules
import CareValues
import Foundation
import Testing

/// The rule files in `examples/`.
struct ExampleRulesTests {
    /// The files by name, without the environment beside them.
    static func sources() throws -> [RuleSource] {
        try ProjectFiles.rules(in: "examples").filter { $0.file != "examples/care.json" }
    }

    @Test func `are twenty files that parse`() throws {
        let sources = try Self.sources()
        #expect(sources.count == 20)
        for source in sources {
            let (document, findings) = JSONDocument.read(file: source.file, bytes: source.bytes)
            #expect(findings == [])
            #expect(document?.root["$schema"]?.string == "../docs/schema/rules.schema.json", "\(source.file)")
        }
    }

    @Test func `hold 22 campaigns`() throws {
        var names: [String] = []
        for source in try Self.sources() {
            let document = try JSONDocument(file: source.file, bytes: source.bytes)
            names += document.root["campaigns"]?.members.compactMap(\.key.string) ?? []
        }
        #expect(Set(names).count == 22)
        #expect(names.count == 22)
    }

    @Test func `have no finding but the keys that are not built yet`() throws {
        let environment = try JSONDocument(
            file: "examples/care.json", bytes: Array(try ProjectFiles.text("examples/care.json").utf8))
        let destinations = try #require(environment.root["destinations"]).members.compactMap(\.key.string)
        let result = RuleSetLoader.load(try Self.sources(), destinations: Set(destinations))
        #expect(result.diagnostics.rendered() == "")
    }

}

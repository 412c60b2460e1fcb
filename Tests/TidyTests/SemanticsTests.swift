import Foundation
import Testing

/// `docs/semantics.md` promises nothing that no test holds.
@Suite struct SemanticsTests {
    struct Promise: CustomTestStringConvertible {
        var text: String
        var tests: [String]
        var testDescription: String { text }
    }

    static let promises: [Promise] = {
        let url = SourceTree.root.appendingPathComponent("docs/semantics.md")
        guard let text = try? String(contentsOf: url, encoding: .utf8) else { return [] }
        var promises: [Promise] = []
        for line in text.components(separatedBy: "\n") {
            if line.hasPrefix("- ") {
                promises.append(Promise(text: String(line.dropFirst(2)), tests: []))
            } else if line.hasPrefix("  Test: `"), line.hasSuffix("`"), !promises.isEmpty {
                promises[promises.count - 1].tests.append(String(line.dropFirst(9).dropLast()))
            }
        }
        return promises
    }()

    /// The names of all test functions that are sentences.
    static let names: Set<String> = {
        var names: Set<String> = []
        for file in SourceTree.swiftFiles(under: "Tests") {
            let words = file.lines.joined(separator: " ").components(separatedBy: "func")
            for word in words.dropFirst() {
                let rest = word.drop { $0 == " " }
                guard rest.first == "`" else { continue }
                names.insert(String(rest.dropFirst().prefix { $0 != "`" }))
            }
        }
        return names
    }()

    @Test func `there are promises, and tests to hold them`() {
        #expect(Self.promises.count > 50)
        #expect(Self.names.contains("there are promises, and tests to hold them"))
    }

    @Test(arguments: promises) func `every promise names a test that exists`(_ promise: Promise) {
        #expect(!promise.tests.isEmpty, "no test is named")
        for test in promise.tests { #expect(Self.names.contains(test), "no test is called \(test)") }
    }
}

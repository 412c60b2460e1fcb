import Foundation
import Testing

/// The rules of style that a compiler does not know.
@Suite struct StyleTests {
    @Test func `no file is longer than 500 lines`() throws {
        for folder in ["Sources", "Tests", "Demo"] {
            for source in try Repository.sources(below: folder) where source.lines.count > 501 {
                Issue.record("\(source.path) has \(source.lines.count - 1) lines")
            }
        }
    }

    /// What reads a clock, draws at random, waits, prints or traps.
    static let impure = [
        "Date(", "UUID(", "ContinuousClock", "SuspendingClock", "clock_gettime", "gettimeofday", "Task.sleep", "print(",
        "debugPrint(", "SystemRandomNumberGenerator", "fopen(", "getenv(", "FileManager", "ProcessInfo",
    ]

    @Test func `the pure targets read no clock, draw nothing at random and print nothing`() throws {
        for target in ImportTests.pure.sorted() {
            for source in try Repository.sources(below: "Sources/" + target) {
                for (index, line) in source.lines.enumerated() {
                    let code = Self.code(of: line)
                    for word in Self.impure where Self.holds(code, word) {
                        Issue.record("\(source.path):\(index + 1): \(word) in a pure target")
                    }
                    if code.contains(".random("), !code.contains("using:") {
                        Issue.record("\(source.path):\(index + 1): a random number without a seeded generator")
                    }
                }
            }
        }
    }

    @Test func `nothing forces a try or a cast`() throws {
        for source in try Repository.sources(below: "Sources") {
            for (index, line) in source.lines.enumerated() {
                let code = Self.code(of: line)
                for word in ["try!", "as!"] where Self.holds(code, word) {
                    Issue.record("\(source.path):\(index + 1): \(word)")
                }
            }
        }
    }

    @Test func `what the compiler cannot check says why it is safe`() throws {
        for source in try Repository.sources(below: "Sources") {
            for (index, line) in source.lines.enumerated() {
                let code = Self.code(of: line)
                guard code.contains("@unchecked Sendable") || code.contains("nonisolated(unsafe)") else { continue }
                let around = source.lines[max(0, index - 8)...min(source.lines.count - 1, index + 3)]
                if !around.contains(where: { $0.contains("Safety:") }) {
                    Issue.record("\(source.path):\(index + 1): no '// Safety:' beside it")
                }
            }
        }
    }

    @Test func `every public or package symbol is described`() throws {
        for source in try Repository.sources(below: "Sources") {
            for (index, line) in source.lines.enumerated() {
                guard Self.needsDescription(line) else { continue }
                var above = index - 1
                while above >= 0, source.lines[above].trimmed.hasPrefix("@") { above -= 1 }
                if above < 0 || !source.lines[above].trimmed.hasPrefix("///") {
                    Issue.record("\(source.path):\(index + 1): \(line.trimmed) has no description")
                }
            }
        }
    }

    @Test(arguments: [
        ("    public var name: String", true), ("package func run() {", true), ("    public static let zero = Zone()", true),
        ("    @inlinable public init(x: Int) {", true), ("public extension Zone {", false), ("extension Zone {", false),
        ("    public static func < (left: Zone, right: Zone) -> Bool {", false),
        ("    public func hash(into hasher: inout Hasher) {", false), ("    public var description: String {", false),
        ("    var name: String", false), ("    public private(set) var x = 1", true), ("// public var", false),
        ("import Glibc", false), ("public import Glibc", false),
    ])
    func `knows which line declares something that needs a description`(line: String, needs: Bool) {
        #expect(Self.needsDescription(line) == needs)
    }

    /// Operators and the requirements of the standard library's protocols say nothing new.
    static func needsDescription(_ line: String) -> Bool {
        var code = line.trimmed
        while code.hasPrefix("@"), let blank = code.firstIndex(of: " ") {
            code = code[blank...].trimmed
        }
        guard code.hasPrefix("public ") || code.hasPrefix("package ") else { return false }
        guard !code.contains("extension "), !code.contains("import ") else { return false }
        let standard = [
            "hash(into", "var description:", "var debugDescription:", "mutating func next()", "func makeIterator()",
            "func encode(to", "init(from decoder", "var testDescription:", "subscript(position:", "func index(after",
            "static var configuration", "init()", "mutating func run()", "var startIndex", "var endIndex",
        ]
        if standard.contains(where: code.contains) { return false }
        if let name = code.components(separatedBy: "func ").dropFirst().first?.first, !name.isLetter, name != "`", name != "_" {
            return false
        }
        return true
    }

    /// The line without its comment and without the texts in it.
    static func code(of line: String) -> String {
        var result = ""
        var inText = false
        var previous: Character = " "
        for character in line {
            if character == "\"", previous != "\\" { inText.toggle() }
            if !inText, character == "/", previous == "/" { return String(result.dropLast()) }
            if !inText { result.append(character) }
            previous = character
        }
        return result
    }

    /// Whether `word` stands in `code` with no letter right before it.
    static func holds(_ code: String, _ word: String) -> Bool {
        var rest = Substring(code)
        while let range = rest.range(of: word) {
            let before = range.lowerBound > rest.startIndex ? rest[rest.index(before: range.lowerBound)] : " "
            if !before.isLetter, !before.isNumber, before != "_", before != "." { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }
}

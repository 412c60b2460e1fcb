import Foundation
import Testing

/// What Package.swift says of the targets, in its order.
struct PackageTable {
    struct Target {
        let name: String
        let isTest: Bool
        /// Targets of this package and products of others.
        let dependencies: [String]
        /// The folder of its sources.
        let path: String
    }

    let targets: [Target]

    init() throws {
        let text = try String(contentsOf: SourceTree.root.appendingPathComponent("Package.swift"), encoding: .utf8)
        let body = try #require(text.range(of: "\n    targets: ["))
        var targets: [Target] = []
        for kind in PackageTable.declarations(in: text[body.upperBound...]) {
            let name = try #require(PackageTable.strings(after: "name:", in: kind.text).first)
            let list = PackageTable.bracketed(after: "dependencies:", in: kind.text)
            let isTest = kind.name == "testTarget"
            targets.append(
                Target(
                    name: name, isTest: isTest, dependencies: PackageTable.dependencies(in: list),
                    path: PackageTable.strings(after: "path:", in: kind.text).first
                        ?? (isTest ? "Tests/" : "Sources/") + name))
        }
        self.targets = targets
    }

    /// `.target(…)`, `.executableTarget(…)` and so on, at the top level of the list.
    private static func declarations(in text: Substring) -> [(name: String, text: String)] {
        var result: [(String, String)] = []
        var depth = 0
        var current = ""
        for line in text.components(separatedBy: "\n")
        where !line.trimmingCharacters(in: .whitespacesAndNewlines).hasPrefix("//") {
            if depth == 0, line.trimmingCharacters(in: .whitespacesAndNewlines).hasPrefix("]") { break }
            current += line + "\n"
            depth += line.filter { "([".contains($0) }.count - line.filter { ")]".contains($0) }.count
            if depth == 0, !current.trimmingCharacters(in: .whitespacesAndNewlines).isEmpty {
                let start = current.trimmingCharacters(in: .whitespacesAndNewlines).dropFirst()
                result.append((String(start.prefix { $0 != "(" }), current))
                current = ""
            }
        }
        return result
    }

    /// The quoted texts that follow `key` at once.
    private static func strings(after key: String, in text: String) -> [String] {
        text.components(separatedBy: key).dropFirst().compactMap { rest in
            let parts = rest.components(separatedBy: "\"")
            return parts.count >= 3 && parts[0].trimmingCharacters(in: .whitespacesAndNewlines).isEmpty ? parts[1] : nil
        }
    }

    /// What stands in the brackets after `key`, product calls included; empty when there is no such key.
    private static func bracketed(after key: String, in text: String) -> String {
        guard let range = text.range(of: key) else { return "" }
        var depth = 0
        var result = ""
        for character in text[range.upperBound...] {
            if character == "[" { depth += 1 }
            if character == "]" { depth -= 1 }
            if depth > 0 { result.append(character) }
            if depth == 0, !result.isEmpty { break }
        }
        return result
    }

    private static func dependencies(in list: String) -> [String] {
        var names = strings(after: "name:", in: list)
        var rest = list
        while let start = rest.range(of: ".product("),
            let end = rest.range(of: ")", range: start.upperBound..<rest.endIndex)
        {
            rest.removeSubrange(start.lowerBound..<end.upperBound)
        }
        names += rest.components(separatedBy: "\"").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        return names
    }
}

import Foundation
import Testing

/// The project's own files, read from where the tests were built.
enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct File: Sendable, CustomTestStringConvertible {
        /// From the root, `Sources/CareValues/Time/Zone.swift`.
        let path: String
        let lines: [String]
        /// The folder under `Sources`.
        var target: String { String(path.split(separator: "/")[1]) }
        var testDescription: String { path }
    }

    /// Every Swift file under a folder of the root, by path.
    static func swiftFiles(under folder: String) -> [File] {
        let base = root.appendingPathComponent(folder)
        let walk = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)
        var files: [File] = []
        while let url = walk?.nextObject() as? URL {
            guard url.pathExtension == "swift", let text = try? String(contentsOf: url, encoding: .utf8) else {
                continue
            }
            files.append(
                File(
                    path: String(url.path.dropFirst(root.path.count + 1)),
                    lines: text.components(separatedBy: "\n")))
        }
        return files.sorted { $0.path < $1.path }
    }

    /// The module that a line imports; nil: it imports none.
    static func importedModule(_ line: String) -> String? {
        var words = line.split(separator: " ").map(String.init)
        while let first = words.first, first.hasPrefix("@") || ["public", "package", "internal"].contains(first) {
            words.removeFirst()
        }
        guard words.first == "import", words.count >= 2 else { return nil }
        let kinds: Set<String> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        let path = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
        return path.split(separator: ".").first.map(String.init)
    }
}

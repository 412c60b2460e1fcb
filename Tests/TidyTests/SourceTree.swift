import Foundation

/// The project's own files, read from where the tests were built.
enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath)
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
}

import Foundation

/// The files beside the tests: suites that others wrote, each with its licence.
enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    /// The bytes of a file, by its path inside the folder.
    static func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appendingPathComponent(path)))
    }

    /// The names of the files in a folder, sorted; those that begin with `prefix`.
    static func names(in path: String, prefix: String = "") -> [String] {
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(path).path)) ?? []
        return names.filter { $0.hasPrefix(prefix) }.sorted()
    }
}

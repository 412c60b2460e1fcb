import Foundation
import Testing

@testable import CareEngine

/// Which files of a folder are the rules.
@Suite struct FileListTests {
    @Test func `a link that leads back is not followed, one that leads elsewhere is`() throws {
        let manager = FileManager.default
        let base = manager.temporaryDirectory.appending(path: "care-list-" + UUID().uuidString).path
        defer { try? manager.removeItem(atPath: base) }
        let (rules, elsewhere) = (base + "/rules", base + "/elsewhere")
        try manager.createDirectory(atPath: rules + "/inner", withIntermediateDirectories: true)
        try manager.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
        for path in [rules + "/a.json", rules + "/inner/b.json", elsewhere + "/c.json", rules + "/note.txt"] {
            try Data("{}".utf8).write(to: URL(filePath: path))
        }
        // Followed, these would be listed some million times.
        for number in 0..<6 {
            try manager.createSymbolicLink(atPath: rules + "/self\(number)", withDestinationPath: ".")
            try manager.createSymbolicLink(atPath: rules + "/inner/up\(number)", withDestinationPath: "..")
        }
        try manager.createSymbolicLink(atPath: rules + "/more", withDestinationPath: elsewhere)
        let found = try Files.list(rules, suffix: ".json").map { $0.dropFirst(rules.count + 1) }
        #expect(found == ["a.json", "inner/b.json", "more/c.json"])
    }
}

import CareStore
import CareStoreSQLite
import Foundation
import GRDB
import Testing

/// The write-ahead log and the page cache, from outside.
@Suite struct LogLengthTests {
    struct Stop: Error {}

    /// The log's length in pages.
    static func logPages(_ folder: Folder) throws -> Int { try folder.bytes("care.sqlite-wal").count / (4_096 + 24) }

    /// Some hundred pages.
    static func text(_ letter: Character) -> String { String(repeating: letter, count: 400_000) }

    @Test func `a service's log is brought home before it is long, another's is let grow`() throws {
        for (isShort, pages) in [(true, 1_900...2_300), (false, 5_800...6_600)] {
            let folder = try Folder()
            let store = try folder.open()
            if isShort { try store.keepLogShort() }
            var longest = 0
            for turn in 0..<60 {
                try store.write { try $0.setNote("note \(turn)", Self.text("a")) }
                longest = max(longest, try Self.logPages(folder))
            }
            #expect(pages.contains(longest), "\(isShort ? "short" : "long"): \(longest) pages")
            try store.close()
        }
    }

    /// Pages that were in the cache when their transaction was taken back must not be taken for those of the same number
    /// that the next one writes.
    @Test(arguments: 0..<4) func `what was taken back behind the file's end is not read again`(seed: Int) throws {
        let folder = try Folder()
        let store = try folder.open()
        for turn in 0..<8 {
            #expect(throws: Stop.self) {
                try store.write { transaction in
                    for note in 0..<(40 + seed * 17) {
                        try transaction.setNote(
                            "lost \(turn) \(note)", String(repeating: "b", count: 3_000 + note * 90))
                    }
                    throw Stop()
                }
            }
            try store.write { transaction in
                for note in 0..<60 {
                    try transaction.setNote(
                        "kept \(note * 7_919 % 60) \(turn)", "\(turn) \(note)" + String(repeating: "c", count: 2_000))
                }
                // Trees are balanced at both ends, and shrink.
                if turn > 0 { _ = try transaction.removeNotes(from: "kept", until: "kept 3", limit: 20) }
            }
        }
        try store.close()
        let queue = try DatabaseQueue(path: folder.path())
        #expect(try queue.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
        #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM notes WHERE name LIKE 'lost%'") } == 0)
        try queue.close()
    }
}

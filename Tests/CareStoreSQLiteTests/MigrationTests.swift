import CareStore
import CareValues
import GRDB
import Testing

@testable import CareStoreSQLite

@Suite struct MigrationTests {
    private static let older = StoreSchema.steps
    private static let last = StoreSchema.steps.count
    private static let newer =
        StoreSchema.steps + [
            SchemaStep(
                version: last + 1,
                sql: "ALTER TABLE notes ADD COLUMN hue TEXT; UPDATE notes SET hue = 'blue' WHERE name = 'n'")
        ]
    private static let broken =
        StoreSchema.steps + [SchemaStep(version: last + 1, sql: "DELETE FROM notes; CREATE TABLE notes (name TEXT)")]

    private func open(_ folder: Folder, _ steps: [SchemaStep], _ access: SQLiteStore.Access) throws -> SQLiteStore {
        try SQLiteStore(path: folder.path(), access: access, steps: steps)
    }

    @Test func `brings an older store up and keeps what it holds`() throws {
        let folder = try Folder()
        let old = try open(folder, Self.older, .readWrite(owner: "test"))
        try old.write { try $0.setNote("n", "kept") }
        try old.close()
        let refusal = storeErrorThrown { _ = try open(folder, Self.newer, .readOnly) }
        #expect(
            refusal?.message
                == "care.sqlite has schema \(Self.last); the next writing command brings it to \(Self.last + 1)")
        for _ in 1...2 {
            let store = try open(folder, Self.newer, .readWrite(owner: "test"))
            #expect(try store.read { try $0.note("n") } == "kept")
            let writer = try #require(store.writer)
            let (version, hue) = try writer.queue.read {
                (
                    try Int.fetchOne($0, sql: "PRAGMA user_version"),
                    try String.fetchOne($0, sql: "SELECT hue FROM notes WHERE name = 'n'")
                )
            }
            #expect(version == Self.last + 1)
            #expect(hue == "blue")
            try store.close()
        }
        #expect(storeErrorThrown { _ = try open(folder, Self.older, .readOnly) }?.code == .newerSchema)
    }

    @Test func `brings the first schema up to this one, with the rules in force`() throws {
        let folder = try Folder()
        let old = try open(folder, Array(StoreSchema.steps.prefix(1)), .readWrite(owner: "test"))
        try #require(old.writer).queue.write {
            try $0.execute(sql: "INSERT INTO rule_sets VALUES (1, 'f', '{}', 5, 'UTC', '2026a')")
        }
        try old.close()
        let store = try open(folder, StoreSchema.steps, .readWrite(owner: "test"))
        let kept = try #require(try store.read { try $0.activeRuleSet() })
        #expect(kept.fingerprint == "f")
        #expect(kept.holidays == "")
        let scan = StoredScan(campaign: "c", zone: "UTC", tick: Timestamp(milliseconds: 1))
        try store.write { transaction in
            try transaction.save(scan)
            try transaction.noteZones(["UTC"])
        }
        #expect(try store.read { try $0.scans() } == [scan])
        try store.close()
    }

    @Test func `takes a step that fails back whole`() throws {
        let folder = try Folder()
        let old = try open(folder, Self.older, .readWrite(owner: "test"))
        try old.write { try $0.setNote("n", "kept") }
        try old.close()
        #expect(storeErrorThrown { _ = try open(folder, Self.broken, .readWrite(owner: "test")) }?.code == .io)
        let store = try open(folder, Self.older, .readWrite(owner: "test"))
        #expect(try store.read { try $0.note("n") } == "kept")
        try store.close()
    }

    @Test func `a store of before cut points keeps its rules, which read none`() throws {
        let folder = try Folder()
        let old = try open(folder, Array(StoreSchema.steps.prefix(1)), .readWrite(owner: "test"))
        let writer = try #require(old.writer)
        try writer.queue.write {
            try $0.execute(sql: "INSERT INTO rule_sets VALUES (1, 'f', '{}', 5, 'UTC', 'z')")
        }
        try old.close()
        let store = try open(folder, StoreSchema.steps, .readWrite(owner: "test"))
        let kept = try #require(try store.read { try $0.activeRuleSet() })
        #expect(kept.fingerprint == "f" && kept.cutPoints == nil)
        #expect(try store.read { try $0.cutPoints(version: nil) } == nil)
        try store.close()
    }

    @Test func `numbers its steps from 1 without gaps`() {
        #expect(StoreSchema.steps.map(\.version) == Array(1...StoreSchema.steps.count))
    }
}

import CareStore
import CareValues
import GRDB
import Testing

@testable import CareStoreSQLite

@Suite struct MigrationTests {
    private static let older = StoreSchema.steps
    private static let newer =
        StoreSchema.steps + [
            SchemaStep(
                version: 2,
                sql: "ALTER TABLE notes ADD COLUMN hue TEXT; UPDATE notes SET hue = 'blue' WHERE name = 'n'")
        ]
    private static let broken =
        StoreSchema.steps + [SchemaStep(version: 2, sql: "DELETE FROM notes; CREATE TABLE notes (name TEXT)")]

    private func open(_ folder: Folder, _ steps: [SchemaStep], _ access: SQLiteStore.Access) throws -> SQLiteStore {
        try SQLiteStore(path: folder.path(), access: access, steps: steps)
    }

    @Test func `brings an older store up and keeps what it holds`() throws {
        let folder = try Folder()
        let old = try open(folder, Self.older, .readWrite(owner: "test"))
        try old.write { try $0.setNote("n", "kept") }
        try old.close()
        let refusal = storeErrorThrown { _ = try open(folder, Self.newer, .readOnly) }
        #expect(refusal?.message == "care.sqlite has schema 1; the next writing command brings it to 2")
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
            #expect(version == 2)
            #expect(hue == "blue")
            try store.close()
        }
        #expect(storeErrorThrown { _ = try open(folder, Self.older, .readOnly) }?.code == .newerSchema)
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

    @Test func `numbers its steps from 1 without gaps`() {
        #expect(StoreSchema.steps.map(\.version) == Array(1...StoreSchema.steps.count))
    }
}

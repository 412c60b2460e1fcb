import CareStore
import CareValues
import Foundation
import GRDB
import Testing

@testable import CareStoreSQLite

@Suite struct OpeningTests {
    struct Foreign: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var make: @Sendable (String) throws -> Void
        var message: String
    }

    static let foreign = [
        Foreign(
            testDescription: "a text file",
            make: { try Data("customer,birthday\nada,1815-12-10\n".utf8).write(to: URL(filePath: $0)) },
            message: "care.sqlite is not a Care store; unchanged"),
        Foreign(
            testDescription: "an empty file", make: { try Data().write(to: URL(filePath: $0)) },
            message: "care.sqlite is not a Care store; unchanged"),
        Foreign(
            testDescription: "another program's database",
            make: {
                let queue = try DatabaseQueue(path: $0)
                try queue.write { try $0.execute(sql: "CREATE TABLE customers (id TEXT)") }
                try queue.close()
            }, message: "care.sqlite is a database of another program, not a Care store; unchanged"),
        Foreign(
            testDescription: "only SQLite's magic",
            make: { try Data("SQLite format 3\0".utf8).write(to: URL(filePath: $0)) },
            message: "care.sqlite is not a Care store; unchanged"),
    ]

    @Test(arguments: foreign) func `refuses what is not a store and leaves it as it is`(_ test: Foreign) throws {
        let folder = try Folder()
        try test.make(folder.path())
        let before = try folder.bytes()
        for access in [SQLiteStore.Access.readOnly, .readWrite(owner: "care tick")] {
            let error = storeErrorThrown { _ = try SQLiteStore(path: folder.path(), access: access) }
            #expect(error == StoreError(.notAStore, test.message))
        }
        #expect(try folder.bytes() == before)
        #expect(try folder.names == ["care.sqlite"])
    }

    @Test func `refuses a store of a newer program and leaves it as it is`() throws {
        let folder = try Folder()
        try folder.open().close()
        let queue = try DatabaseQueue(path: folder.path())
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 11") }
        try queue.close()
        let before = try folder.bytes()
        for access in [SQLiteStore.Access.readOnly, .readWrite(owner: "care tick")] {
            let error = storeErrorThrown { _ = try SQLiteStore(path: folder.path(), access: access) }
            let message = "care.sqlite has schema 11, this care knows up to \(StoreSchema.steps.count); unchanged"
            #expect(error == StoreError(.newerSchema, message))
        }
        #expect(try folder.bytes() == before)
    }

    @Test func `refuses to read where there is no store`() throws {
        let folder = try Folder()
        let error = storeErrorThrown { _ = try SQLiteStore(path: folder.path(), access: .readOnly) }
        #expect(error == StoreError(.missing, "there is no store at \(folder.path())"))
        #expect(try folder.names.isEmpty)
    }

    @Test func `refuses a folder that is not there`() throws {
        let folder = try Folder()
        let error = storeErrorThrown { _ = try folder.open("absent/care.sqlite") }
        #expect(error?.code == .io)
        #expect(error?.message == "cannot make the lock file care.sqlite.lock: No such file or directory")
    }

    @Test func `names who holds the store, and lets readers in`() throws {
        let folder = try Folder()
        let writer = try SQLiteStore(path: folder.path(), access: .readWrite(owner: "care serve"))
        let error = storeErrorThrown { _ = try folder.open() }
        #expect(error == StoreError(.inUse, "store in use by care serve, process \(getpid())"))
        try writer.write { try $0.setNote("n", "1") }
        let reader = try SQLiteStore(path: folder.path(), access: .readOnly)
        #expect(try reader.read { try $0.note("n") } == "1")
        let refusal = storeErrorThrown { try reader.write { try $0.setNote("n", "2") } }
        #expect(refusal == StoreError(.io, "the store was opened for reading only"))
        try reader.checkpoint()
        try reader.close()
        try writer.close()
        try folder.open().close()
    }

    @Test func `commits durably`() throws {
        let folder = try Folder()
        let store = try folder.open()
        let writer = try #require(store.writer)
        let (mode, synchronous, pages) = try writer.queue.writeWithoutTransaction {
            (
                try String.fetchOne($0, sql: "PRAGMA journal_mode"), try Int.fetchOne($0, sql: "PRAGMA synchronous"),
                try Int.fetchOne($0, sql: "PRAGMA wal_autocheckpoint")
            )
        }
        #expect(mode == "wal")
        #expect(synchronous == 2)
        #expect(pages == 40_000)
        try store.close()
    }

    @Test func `writes the log back on closing and keeps everything`() throws {
        let folder = try Folder()
        let store = try folder.open()
        let id = try store.read { try $0.storeID }
        try store.write { try $0.save(id: "ada", wakeUp: nil, epoch: 1, row: [1], expectedVersion: 0) }
        #expect(try folder.names.contains("care.sqlite-wal"))
        try store.checkpoint()
        #expect(try folder.bytes("care.sqlite-wal").isEmpty)
        try store.close()
        try store.close()
        #expect(try folder.names == ["care.sqlite", "care.sqlite.lock"])
        #expect(storeErrorThrown { _ = try store.read { try $0.customerCount } }?.message == "the store is closed")
        #expect(storeErrorThrown { try store.write { try $0.setNote("n", "1") } }?.message == "the store is closed")
        let again = try folder.open()
        #expect(try again.read { try $0.storeID } == id)
        #expect(try again.read { try $0.customer("ada")?.row } == [1])
        try again.close()
    }
}

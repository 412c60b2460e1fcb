import CareStore
import CareThreads
import CareValues
import Foundation
import GRDB
import Testing

@testable import CareStoreSQLite

@Suite struct FailureTests {
    private func fill(_ store: SQLiteStore, from first: Int, count: Int) throws {
        try store.write { transaction in
            for number in first..<(first + count) {
                try transaction.save(
                    id: "c\(number)", wakeUp: nil, epoch: 1, row: [UInt8](repeating: 1, count: 500), expectedVersion: 0)
            }
        }
    }

    @Test func `says that the disk is full, loses nothing, and goes on when there is room`() throws {
        let folder = try Folder()
        let store = try folder.open()
        try fill(store, from: 0, count: 100)
        let writer = try #require(store.writer)
        // A limit on the file's pages fails as a full disk does, with SQLITE_FULL.
        try writer.queue.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages + 5)")
        }
        let error = storeErrorThrown { try fill(store, from: 100, count: 1000) }
        #expect(error?.code == .full)
        #expect(error?.message == "no space left for the store: database or disk is full (SQLite result code 13)")
        #expect(try store.read { try $0.customerCount } == 100)
        #expect(try store.read { try $0.customer("c99")?.version } == 1)
        #expect(try store.read { try $0.customer("c100") } == nil)
        // What fits is still taken, and all of it once there is room.
        try store.write { try $0.setNote("n", "small") }
        _ = try writer.queue.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA max_page_count = 1000000") }
        try fill(store, from: 100, count: 1000)
        #expect(try store.read { try $0.customerCount } == 1100)
        try store.close()
    }

    @Test func `a caller that swallows a full disk inside a transaction commits nothing of it`() throws {
        let folder = try Folder()
        let store = try folder.open()
        try fill(store, from: 0, count: 100)
        let writer = try #require(store.writer)
        try writer.queue.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages + 5)")
        }
        let error = storeErrorThrown {
            try store.write { transaction in
                for number in 100..<1000 {
                    try? transaction.save(
                        id: "c\(number)", wakeUp: nil, epoch: 1, row: [UInt8](repeating: 1, count: 500),
                        expectedVersion: 0)
                }
            }
        }
        #expect(error?.code == .full)
        var scanned = 0
        try store.read {
            try $0.scanCustomers(wakeUpBefore: nil, after: nil, through: nil) { _, _, _, _ in
                scanned += 1
                return true
            }
        }
        #expect(scanned == 100)
        #expect(try store.read { try $0.customerCount } == 100)
        try store.close()
    }

    @Test func `writes nothing more to a damaged store`() throws {
        let folder = try Folder()
        let store = try folder.open()
        try fill(store, from: 0, count: 2000)
        try store.close()
        var bytes = try folder.bytes()
        // All pages but the first forty, which hold the schema and the roots: it is still read, the tables are not.
        bytes.replaceSubrange(163_840..<bytes.count, with: Data(repeating: 0xA5, count: bytes.count - 163_840))
        try bytes.write(to: URL(filePath: folder.path()))
        let damaged = try folder.open()
        let first = storeErrorThrown { try fill(damaged, from: 5000, count: 1) }
        #expect(first?.code == .corrupt)
        #expect(storeErrorThrown { try damaged.write { _ in } } == first)
        #expect(storeErrorThrown { try damaged.checkpoint() } == first)
        #expect(storeErrorThrown { _ = try damaged.read { try $0.customer("c7") } }?.code == .corrupt)
        try damaged.close()
    }

    @Test func `a fact that cannot be read fails its customer and not the store`() throws {
        let folder = try Folder()
        let store = try folder.open()
        let instant = Timestamp(milliseconds: 1)
        try store.write { transaction in
            for id in ["good", "bad"] {
                let event = Event(
                    type: "t", source: "s", id: "e", time: instant, receivedAt: instant, properties: ["a": .number(1)])
                _ = try transaction.append(.event(event), of: id)
            }
        }
        let writer = try #require(store.writer)
        try writer.queue.writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE facts SET body = '{' WHERE number = 2")
        }
        for _ in 0..<2 {
            let error = storeErrorThrown {
                try store.write { transaction in
                    try transaction.setNote("n", "taken back")
                    _ = try transaction.facts(of: "bad", receivedUntil: nil)
                }
            }
            #expect(error == StoreError(.unreadable, "the values of fact 2 are not a JSON object"))
        }
        #expect(storeErrorThrown { _ = try store.read { try $0.recentFacts(of: "bad", before: nil, limit: 9) } } != nil)
        // What was left in the midst of its rows keeps no snapshot alive: neither is the log kept, nor is old read.
        for text in ["1", "2"] {
            try store.write { transaction in
                #expect(storeErrorThrown { _ = try transaction.facts(of: "bad", receivedUntil: nil) } != nil)
                try transaction.setNote("m", text)
            }
            try store.checkpoint()
            let note = try store.read { snapshot in
                #expect(storeErrorThrown { _ = try snapshot.facts(of: "bad", receivedUntil: nil) } != nil)
                return try snapshot.note("m")
            }
            #expect(note == text)
        }
        try writer.queue.writeWithoutTransaction { try $0.execute(sql: "DELETE FROM facts WHERE number = 2") }
        #expect(
            storeErrorThrown { _ = try store.read { try $0.facts(of: "bad", receivedUntil: nil) } }
                == StoreError(.unreadable, "fact 2 is missing from its chain"))
        #expect(try store.write { try $0.facts(of: "good", receivedUntil: nil).count } == 1)
        #expect(try store.read { try $0.note("n") } == nil)
        try store.close()
    }

    @Test(.timeLimit(.minutes(1))) func `bringing the log home waits for no reader`() throws {
        let folder = try Folder()
        let store = try folder.open()
        let log = { (try? folder.bytes("care.sqlite-wal").count) ?? 0 }
        try store.read { snapshot in
            _ = try snapshot.customerCount
            // Each would wait five seconds for the reader that this very thread is.
            for number in 0..<30 {
                try fill(store, from: number, count: 1)
                try store.checkpoint()
                #expect(try !store.scrub(patienceMilliseconds: 0))
            }
        }
        #expect(log() > 0)
        try store.checkpoint()
        #expect(log() == 0)
        // Another that waits for a lock still does so: the writer's patience is what it was.
        let patience = try #require(store.writer).queue.writeWithoutTransaction {
            try Int.fetchOne($0, sql: "PRAGMA busy_timeout")
        }
        #expect(patience == 5_000)
        try store.close()
    }

    @Test func `readers on many threads see whole transactions beside the writer`() throws {
        let folder = try Folder()
        let store = try folder.open()
        try store.write { transaction in
            try transaction.setNote("a", "0")
            try transaction.setNote("b", "0")
        }
        let torn = Lock(0)
        let workers = (0..<6).map { _ in
            Worker {
                for _ in 0..<200 {
                    let pair = try? store.read { (try $0.note("a"), try $0.note("b")) }
                    if pair == nil || pair?.0 != pair?.1 { torn.withLock { $0 += 1 } }
                }
            }
        }
        for number in 1...200 {
            try store.write { transaction in
                try transaction.setNote("a", "\(number)")
                try transaction.setNote("b", "\(number)")
            }
        }
        for worker in workers { worker?.join() }
        #expect(torn.withLock { $0 } == 0)
        try store.close()
    }

    @Test func `names no customer and no statement in its errors`() {
        for code: Int32 in [1, 5, 8, 10, 11, 13, 19, 26, 1034, 2067] {
            let message = storeError(code).message
            #expect(!message.contains("SELECT") && !message.contains("customers"))
            #expect(message.hasSuffix("(SQLite result code \(code))"))
        }
    }

    @Test func `says what a folder that cannot be written keeps a reader from`() {
        #expect(
            storeError(1544).message == "the store and its folder must be writable, also for reading: "
                + "attempt to write a readonly database (SQLite result code 1544)")
    }
}

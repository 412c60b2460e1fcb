import CareStore
import CareThreads
import CareValues
import Foundation
import GRDB
import Testing

@testable import CareStoreSQLite

@Suite struct BackupTests {
    private let now = Timestamp(milliseconds: 1_790_000_000_000)

    private func fill(_ store: SQLiteStore, _ range: Range<Int>) throws {
        try store.write { transaction in
            for number in range {
                let id = "c\(number)"
                _ = try transaction.append(
                    .event(
                        Event(
                            type: "purchase", source: "shop", id: "e\(number)", time: now, receivedAt: now,
                            properties: ["amount": .number(Double(number))])), of: id)
                try transaction.save(
                    id: id, wakeUp: nil, epoch: 1, row: [UInt8](repeating: UInt8(number % 251), count: 200),
                    expectedVersion: 0)
            }
            try transaction.advanceClock(to: now)
        }
    }

    @Test func `a backup made while the store is written to is of one instant`() throws {
        let folder = try Folder()
        let store = try folder.open()
        try fill(store, 0..<2_000)
        let isOver = Lock(false)
        let failure = Lock<(any Error)?>(nil)
        let writer = Worker {
            var next = 2_000
            while !isOver.withLock({ $0 }) {
                do {
                    try fill(store, next..<(next + 50))
                } catch {
                    failure.withLock { $0 = error }
                }
                next += 50
            }
        }
        for number in 1...3 {
            var steps = 0
            let content = try StoreBackup.make(of: folder.path(), to: folder.path("b\(number)"), at: now) { _, _, _ in
                steps += 1
                return true
            }
            #expect(steps > 1)
            // A customer, its fact: of each transaction all or nothing.
            #expect(content.customers == content.facts && (content.customers - 2_000) % 50 == 0)
            #expect(try StoreBackup.inspect(folder.path("b\(number)")) == content)
        }
        isOver.withLock { $0 = true }
        writer?.join()
        #expect(failure.withLock { $0 } == nil)
        try store.close()
    }

    @Test func `a backup is one file that only its owner reads, and says when it was made`() throws {
        let folder = try Folder()
        let store = try folder.open()
        try fill(store, 0..<3)
        let content = try StoreBackup.make(of: folder.path(), to: folder.path("b"), at: now)
        #expect(content.takenAt == now && content.clock == now && content.customers == 3)
        let id = try store.read { try $0.storeID }
        #expect(content.storeID == id)
        #expect(try folder.names.filter { $0.hasPrefix("b") } == ["b"])
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path("b"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try store.close()
    }

    @Test func `nothing is written over, and nothing is left behind`() throws {
        let folder = try Folder()
        try folder.open().close()
        try Data("mine".utf8).write(to: folder.url.appending(path: "taken"))
        #expect(throws: StoreBackup.Refusal.exists) {
            try StoreBackup.make(of: folder.path(), to: folder.path("taken"), at: now)
        }
        #expect(try folder.bytes("taken") == Data("mine".utf8))
        #expect(throws: StoreBackup.Refusal.interrupted) {
            try StoreBackup.make(of: folder.path(), to: folder.path("b"), at: now) { _, _, _ in false }
        }
        #expect(
            storeErrorThrown { _ = try StoreBackup.make(of: folder.path("no"), to: folder.path("b"), at: now) }?.code
                == .missing)
        #expect(
            storeErrorThrown { _ = try StoreBackup.make(of: folder.path("taken"), to: folder.path("b"), at: now) }?.code
                == .notAStore)
        #expect(try folder.names.filter { $0.hasPrefix("b") } == [])
    }

    @Test func `a backup is written to a file of its own, never to what a link leads to`() throws {
        let folder = try Folder()
        let store = try folder.open()
        try fill(store, 0..<5)
        let draft = folder.url.appending(path: "backup.partial")
        let victim = folder.url.appending(path: "victim")
        try Data("precious".utf8).write(to: victim)
        for isSymbolic in [true, false] {
            if isSymbolic {
                try FileManager.default.createSymbolicLink(at: draft, withDestinationURL: victim)
            } else {
                try FileManager.default.linkItem(at: victim, to: draft)
            }
            #expect(
                storeErrorThrown { _ = try StoreBackup.make(of: folder.path(), to: folder.path("backup"), at: now) }
                    != nil)
            #expect(try Data(contentsOf: victim) == Data("precious".utf8))
            #expect(try !folder.names.contains("backup"))
            try FileManager.default.removeItem(at: draft)
        }
        // What a backup that was broken off has left is in nobody's way.
        try Data("half a backup".utf8).write(to: draft)
        #expect(try StoreBackup.make(of: folder.path(), to: folder.path("backup"), at: now).customers == 5)
        #expect(try !folder.names.contains("backup.partial"))
        try store.close()
    }

    @Test func `a damaged or foreign file is no backup`() throws {
        let folder = try Folder()
        let store = try folder.open()
        try fill(store, 0..<500)
        _ = try StoreBackup.make(of: folder.path(), to: folder.path("whole"), at: now)
        try store.close()
        let whole = try folder.bytes("whole")
        var damaged = whole
        // Every page but the first, whose header says what the file is.
        for place in stride(from: 4_096, to: damaged.count, by: 4_096) { damaged[place + 3] ^= 0x55 }
        try damaged.write(to: folder.url.appending(path: "damaged"))
        try whole.prefix(whole.count / 2).write(to: folder.url.appending(path: "half"))
        try Data("x".utf8).write(to: folder.url.appending(path: "text"))
        #expect(storeErrorThrown { _ = try StoreBackup.inspect(folder.path("damaged")) }?.code == .corrupt)
        #expect(storeErrorThrown { _ = try StoreBackup.inspect(folder.path("half")) }?.code == .corrupt)
        #expect(storeErrorThrown { _ = try StoreBackup.inspect(folder.path("text")) }?.code == .notAStore)
        #expect(storeErrorThrown { _ = try StoreBackup.inspect(folder.path("none")) }?.code == .missing)
        let before = try folder.bytes()
        for name in ["damaged", "half", "text", "none"] {
            #expect(
                storeErrorThrown {
                    _ = try StoreRestoration.run(folder.path(name), to: folder.path(), owner: "test", at: now) { _ in }
                } != nil)
        }
        #expect(try folder.bytes() == before)
        #expect(try folder.names.filter { $0.contains("restoring") || $0.contains("before") } == [])
    }

    @Test func `restoring exchanges the stores and keeps the old one`() throws {
        let folder = try Folder()
        let old = try folder.open()
        try fill(old, 0..<10)
        _ = try StoreBackup.make(of: folder.path(), to: folder.path("b"), at: now)
        try fill(old, 10..<30)
        #expect(
            storeErrorThrown {
                _ = try StoreRestoration.run(folder.path("b"), to: folder.path(), owner: "t", at: now) { _ in }
            }?.code
                == .inUse)
        // Somebody goes on reading the old store while it is put aside.
        try old.close()
        let reader = try SQLiteStore(path: folder.path(), access: .readOnly)
        let summary = try StoreRestoration.run(folder.path("b"), to: folder.path(), owner: "t", at: now) { store in
            try store.read { try $0.customerCount }
        }
        #expect(summary.prepared == 10 && summary.content.takenAt == now)
        #expect(try reader.read { try $0.customerCount } == 30)
        try reader.close()
        #expect(summary.aside == folder.path("care.sqlite.before-20260921T141320Z"))
        let store = try folder.open()
        #expect(try store.read { try $0.customerCount } == 10)
        #expect(try store.read { try $0.note(StoreBackup.note) } == nil)
        try fill(store, 10..<12)
        try store.close()
        let kept = try SQLiteStore(path: try #require(summary.aside), access: .readWrite(owner: "test"))
        #expect(try kept.read { try $0.customerCount } == 30)
        try kept.close()
        // Again within the same second: the first one kept stays.
        let again = try StoreRestoration.run(folder.path("b"), to: folder.path(), owner: "t", at: now) { _ in }
        #expect(again.aside == folder.path("care.sqlite.before-20260921T141320Z-2"))
    }

    @Test func `a failing preparation and the store itself change nothing`() throws {
        struct Failed: Error {}
        let folder = try Folder()
        let store = try folder.open()
        try fill(store, 0..<10)
        try store.close()
        _ = try StoreBackup.make(of: folder.path(), to: folder.path("b"), at: now)
        let before = try folder.bytes()
        #expect(throws: Failed.self) {
            try StoreRestoration.run(folder.path("b"), to: folder.path(), owner: "t", at: now) { _ in throw Failed() }
        }
        #expect(
            storeErrorThrown {
                _ = try StoreRestoration.run(folder.path(), to: folder.path(), owner: "t", at: now) { _ in }
            }?.message
                == "care.sqlite is the store itself")
        #expect(try folder.bytes() == before)
        #expect(try folder.names.filter { $0.contains("restoring") || $0.contains("before") } == [])
    }

    @Test func `a backup of an older schema is brought up, one of a newer is refused`() throws {
        let folder = try Folder()
        let old = try SQLiteStore(
            path: folder.path("old"), access: .readWrite(owner: "test"), steps: Array(StoreSchema.steps.prefix(3)))
        try old.write { try $0.setNote("n", "kept") }
        try old.close()
        let content = try StoreBackup.make(of: folder.path("old"), to: folder.path("b"), at: now)
        #expect(content.schema == 3)
        let summary = try StoreRestoration.run(folder.path("b"), to: folder.path(), owner: "t", at: now) { store in
            try store.read { try $0.note("n") }
        }
        #expect(summary.prepared == "kept" && summary.aside == nil)
        let newer = try DatabaseQueue(path: folder.path("b"))
        try newer.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 999") }
        try newer.close()
        #expect(storeErrorThrown { _ = try StoreBackup.inspect(folder.path("b")) }?.code == .newerSchema)
    }
}

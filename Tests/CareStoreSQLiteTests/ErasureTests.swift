import CareStore
import CareValues
import Foundation
import GRDB
import Testing

@testable import CareStoreSQLite

@Suite struct ErasureTests {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    private static func word(_ number: Int, _ part: String) -> String { "WORD-\(part)-\(number)-END" }

    /// Customers with facts, rows that grow and shrink, decisions, deliveries: each says whom it is about.
    private func live(_ store: SQLiteStore, customers: Int, seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var versions = [Int64](repeating: 0, count: customers)
        for round in 0..<12 {
            try store.write { transaction throws in
                for number in 0..<customers where generator.next() % 2 == 0 {
                    let id = Self.word(number, "id")
                    let padding = String(repeating: "x", count: Int(generator.next() % 3_000))
                    _ = try transaction.append(
                        .event(
                            Event(
                                type: "t", source: "s", id: "\(Self.word(number, "event"))-\(round)", time: Self.now,
                                receivedAt: Self.now,
                                properties: ["note": .string(Self.word(number, "note") + padding)])), of: id)
                    let row = Array((Self.word(number, "row") + padding).utf8)
                    try transaction.save(
                        id: id, wakeUp: Timestamp(milliseconds: Int64(generator.next() % 1_000_000)), epoch: 1,
                        row: row, expectedVersion: versions[number])
                    versions[number] += 1
                    let key = DeliveryID(high: UInt64(number), low: UInt64(round))
                    try transaction.append(
                        LedgerEntry(
                            key: key, number: 0, customer: id, campaign: "c",
                            occurrence: Self.word(number, "occurrence"), step: "1", action: "1", outcome: "act",
                            reason: "", now: Self.now, due: Self.now, epoch: 1,
                            inputs: #"{"a":"\#(Self.word(number, "inputs"))\#(padding)"}"#))
                    try transaction.enqueue(
                        NewDelivery(
                            id: key, customer: id, campaign: "c", key: Self.word(number, "key"), destination: "crm",
                            address: Self.word(number, "address"), type: "t",
                            data: #"{"a":"\#(Self.word(number, "data"))\#(padding)"}"#, decidedAt: Self.now,
                            expiresAt: nil), firstAttemptAt: Self.now)
                }
            }
            if round % 5 == 4 { try store.checkpoint() }
        }
    }

    /// How many of the words of a customer are in the store's files.
    private func traces(of number: Int, in folder: Folder) throws -> [String] {
        let parts = ["id", "event", "note", "row", "occurrence", "inputs", "key", "address", "data"]
        var bytes: [Data] = []
        for name in try folder.names where name.hasPrefix("care.sqlite") { bytes.append(try folder.bytes(name)) }
        return parts.filter { part in
            let word = Data(Self.word(number, part).utf8)
            return bytes.contains { $0.range(of: word) != nil }
        }
    }

    @Test(arguments: [UInt64](1...4)) func `nothing of an erased customer is in the store's files`(seed: UInt64) throws
    {
        let folder = try Folder()
        let store = try folder.open()
        try live(store, customers: 40, seed: seed)
        for number in [3, 17, 38] {
            _ = try #require(try store.write { try $0.erase(customer: Self.word(number, "id")) })
        }
        #expect(try store.scrub())
        for number in [3, 17, 38] { #expect(try traces(of: number, in: folder) == [], "customer \(number)") }
        #expect(try traces(of: 4, in: folder).count == 9)
        try store.close()
        for number in [3, 17, 38] { #expect(try traces(of: number, in: folder) == []) }
    }

    /// What somebody or a broken disk has done to the rows of the customer of number 3.
    static let damage = [
        "UPDATE facts SET previous = number WHERE number = (SELECT lastFact FROM customers WHERE id = ?1)",
        "UPDATE customers SET lastFact = 99999999 WHERE id = ?1",
        "UPDATE customers SET lastDecision = 99999999 WHERE id = ?1",
        "UPDATE ledger SET previous = number WHERE number = (SELECT lastDecision FROM customers WHERE id = ?1)",
        "UPDATE ledger SET key = x'00' WHERE number = (SELECT lastDecision FROM customers WHERE id = ?1)",
        "UPDATE outbox SET state = 9 WHERE customer = ?1",
        "UPDATE facts SET body = 'no JSON' WHERE number = (SELECT lastFact FROM customers WHERE id = ?1)",
        // Into the chain of another, who must keep it.
        """
        UPDATE facts SET previous = (SELECT lastFact FROM customers WHERE id = 'WORD-id-4-END')
        WHERE number = (SELECT lastFact FROM customers WHERE id = ?1)
        """,
    ]

    @Test(arguments: damage) func `whoever is to be forgotten is, however damaged the rows are`(_ sql: String) throws {
        let folder = try Folder()
        let first = try folder.open()
        try live(first, customers: 8, seed: 7)
        let other = try first.read { try $0.facts(of: Self.word(4, "id"), receivedUntil: nil) }
        try first.close()
        let queue = try DatabaseQueue(path: folder.path())
        try queue.writeWithoutTransaction { db in
            _ = try Int.fetchOne(db, sql: "PRAGMA secure_delete = ON")
            try db.execute(sql: sql, arguments: [Self.word(3, "id")])
        }
        try queue.close()
        let store = try folder.open()
        _ = try #require(try store.write { try $0.erase(customer: Self.word(3, "id")) })
        #expect(try store.scrub())
        #expect(try traces(of: 3, in: folder) == [])
        #expect(try store.read { try $0.facts(of: Self.word(4, "id"), receivedUntil: nil) } == other)
        #expect(try store.read { try $0.ledger(of: Self.word(4, "id"), campaign: nil) }.isEmpty == false)
        try store.close()
    }

    @Test(arguments: ["facts", "ledger"]) func `a chain that leads back into itself is told, not walked for ever`(
        _ table: String
    ) throws {
        let folder = try Folder()
        let first = try folder.open()
        try live(first, customers: 8, seed: 7)
        try first.close()
        let queue = try DatabaseQueue(path: folder.path())
        try queue.write { db in
            let numbers = try Int64.fetchAll(
                db,
                sql: """
                    SELECT number FROM \(table) WHERE customer = (SELECT number FROM customers WHERE id = ?) ORDER BY number
                    """, arguments: [Self.word(3, "id")])
            // The oldest leads to the newest but one.
            try db.execute(
                sql: "UPDATE \(table) SET previous = ? WHERE number = ?",
                arguments: [numbers[numbers.count - 2], numbers[0]])
        }
        try queue.close()
        let store = try folder.open()
        let error = storeErrorThrown {
            try store.read { snapshot in
                _ = try snapshot.facts(of: Self.word(3, "id"), receivedUntil: nil)
                _ = try snapshot.ledger(of: Self.word(3, "id"), campaign: nil)
            }
        }
        #expect(error?.code == .unreadable)
        #expect(try store.read { try $0.facts(of: Self.word(4, "id"), receivedUntil: nil) }.isEmpty == false)
        try store.close()
    }

    @Test func `a store written before deleted content was overwritten is copied anew once`() throws {
        let folder = try Folder()
        let first = try folder.open()
        try live(first, customers: 10, seed: 1)
        try first.close()
        // As such a store would be: what was deleted is still in its free pages.
        let queue = try DatabaseQueue(path: folder.path())
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA secure_delete = OFF; DELETE FROM meta WHERE name = 'isScrubbed'")
            try db.execute(sql: "CREATE TABLE old (a TEXT)")
            for _ in 0..<50 {
                try db.execute(
                    sql: "INSERT INTO old VALUES (?)",
                    arguments: [Self.word(7, "note") + String(repeating: "y", count: 900)])
            }
            try db.execute(sql: "DROP TABLE old")
        }
        try queue.close()
        let store = try folder.open()
        _ = try store.write { try $0.erase(customer: Self.word(7, "id")) }
        try store.checkpoint()
        #expect(try !traces(of: 7, in: folder).isEmpty)
        #expect(try store.scrub())
        #expect(try traces(of: 7, in: folder) == [])
        #expect(try store.read { try $0.customerCount } >= 8)
        try store.close()
    }

    @Test func `a reader of the store as it was keeps the log from being emptied, and only it`() throws {
        let folder = try Folder()
        let store = try folder.open()
        try live(store, customers: 4, seed: 2)
        let other = try SQLiteStore(path: folder.path(), access: .readOnly)
        try other.read { snapshot throws in
            _ = try snapshot.customerCount
            _ = try store.write { try $0.erase(customer: Self.word(1, "id")) }
            #expect(try !store.scrub(patienceMilliseconds: 0))
        }
        #expect(try store.scrub())
        #expect(try traces(of: 1, in: folder) == [])
        try other.close()
        try store.close()
    }
}

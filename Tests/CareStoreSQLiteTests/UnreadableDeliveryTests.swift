import CareStore
import CareValues
import GRDB
import Testing

@testable import CareStoreSQLite

/// A damaged row of the outbox or the ledger concerns itself only: the others are claimed and listed as ever.
@Suite struct UnreadableDeliveryTests {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    /// What is done to the row of a delivery that waits.
    static let damages = [
        "id = x'00'", "id = 'sixteen letters!'", "quietTimes = 'zz'", "attempts = 9223372036854775807",
        "attempts = -1", "attempts = 1000000001", "decidedAt = -9223372036854775808",
        "expiresAt = -9223372036854775808",
    ]

    private static func id(_ number: Int) -> DeliveryID { DeliveryID(high: UInt64(number), low: 7) }

    /// A store with deliveries of the numbers 1 to 5, all due, of one customer; `change` is done to the third.
    private func damagedStore(_ folder: Folder, isOrdered: Bool = false, _ change: String) throws -> SQLiteStore {
        let store = try folder.open()
        try store.write { transaction in
            try transaction.setOrdered("crm", isOrdered)
            for number in 1...5 {
                try transaction.append(
                    LedgerEntry(
                        key: Self.id(number), number: 0, customer: "ada", campaign: "c", occurrence: "\(number)",
                        step: "1", action: "1", outcome: "act", reason: "", now: Self.now, due: Self.now, epoch: 1,
                        inputs: "{}"))
                try transaction.enqueue(
                    NewDelivery(
                        id: Self.id(number), customer: "ada", campaign: "c", key: "\(number)", destination: "crm",
                        address: "", type: "t", data: "{}", decidedAt: Self.now, expiresAt: nil),
                    firstAttemptAt: Self.now)
            }
        }
        try damage(store, "UPDATE outbox SET \(change) WHERE key = '3'")
        return store
    }

    /// Damages what is stored, past the store.
    private func damage(_ store: SQLiteStore, _ sql: String) throws {
        let file = try DatabaseQueue(path: store.path)
        try file.write { try $0.execute(sql: sql) }
        try file.close()
    }

    private func claim(_ store: SQLiteStore, limit: Int) throws -> [DeliveryID] {
        try store.write {
            try $0.claim(
                destination: "crm", now: Self.now, leaseUntil: Self.now.advanced(byMilliseconds: 1_000), limit: limit)
        }.map(\.order.id)
    }

    @Test(arguments: damages, [true, false]) func `a delivery that cannot be read is dead, and takes nobody's place`(
        _ change: String, _ isOrdered: Bool
    ) throws {
        let folder = try Folder()
        let store = try damagedStore(folder, isOrdered: isOrdered, change)
        #expect(try claim(store, limit: 4) == [1, 2, 4, 5].map(Self.id))
        let counts = try store.read { try $0.deliveryCounts() }
        #expect(counts == [.sending: 4, .dead: 1])
        let counted = try store.read { try $0.deliveryCounts(DeliveryFilter()) }
        #expect(counted == counts)
        // A redrive of all that is dead leaves it where it is.
        let redriven = try store.write {
            try $0.redrive(DeliveryFilter(states: [.dead]), at: Self.now, clock: Self.now, late: true)
        }
        #expect(redriven == 0)
        #expect(try claim(store, limit: 4) == [])
        try store.close()
    }

    @Test(arguments: damages + ["state = 9", "state = -1"]) func `whatever lists deliveries leaves it out`(
        _ change: String
    ) throws {
        let folder = try Folder()
        let store = try damagedStore(folder, change)
        let others = [5, 4, 2, 1].map(Self.id)
        try store.read { snapshot in
            #expect(try snapshot.deliveries(DeliveryFilter(), limit: 9).map(\.order.id) == others)
            #expect(try snapshot.deliveries(DeliveryFilter(), limit: 3).map(\.order.id) == Array(others.prefix(3)))
            let page = try snapshot.deliveries(DeliveryFilter(states: [.waiting]), before: nil, limit: 3)
            #expect(page.map(\.delivery.order.id) == Array(others.prefix(3)))
            #expect(try snapshot.deliveries(idPrefix: "dlv_", limit: 4).map(\.order.id) == [1, 2, 4, 5].map(Self.id))
            #expect(try snapshot.pendingDeliveries(of: "ada").map(\.order.id) == others)
            #expect(try snapshot.firstWaiting(for: "crm")?.order.id == Self.id(1))
            let counts = try snapshot.deliveryCounts(DeliveryFilter())
            #expect((counts[.waiting] ?? 0) >= 4)
            let sums = try snapshot.deliverySums(decidedFrom: Self.now)
            #expect((sums.states[.waiting] ?? 0) >= 4)
            #expect(try snapshot.unreadableDeliveries() == 1)
        }
        try store.close()
    }

    @Test(arguments: damages) func `what was being sent when the program ended is dead too`(_ change: String) throws {
        let folder = try Folder()
        let store = try damagedStore(folder, "reason = ''")
        #expect(try claim(store, limit: 9).count == 5)
        try damage(store, "UPDATE outbox SET \(change) WHERE key = '3'")
        #expect(try store.write { try $0.setAsideUnreadableClaims() } == 1)
        #expect(try store.write { try $0.setAsideUnreadableClaims() } == 0)
        #expect(try store.read { try $0.deliveryCounts() } == [.sending: 4, .dead: 1])
        try store.close()
    }

    @Test(arguments: ["attempts = 9223372036854775807", "state = 9"])
    func `what came of one that cannot be read any more is recorded nowhere, and the store is still written`(
        _ change: String
    ) throws {
        let folder = try Folder()
        let store = try damagedStore(folder, change)
        let error = storeErrorThrown {
            try store.write {
                try $0.setDelivery(Self.id(3), state: .dead, nextAttemptAt: Self.now, reason: "gone")
            }
        }
        #expect(error?.code == .missing)
        try store.write { try $0.setDelivery(Self.id(4), state: .dead, nextAttemptAt: Self.now, reason: "gone") }
        try store.close()
    }

    @Test func `a delivery that is in no state goes when it is old`() throws {
        let folder = try Folder()
        let store = try damagedStore(folder, "state = 9")
        let later = Self.now.advanced(byMilliseconds: 1)
        #expect(try store.write { try $0.pruneDeliveries(before: later, after: 0, limit: 9).count } == 1)
        #expect(try store.read { try $0.unreadableDeliveries() } == 0)
        try store.close()
    }

    @Test(arguments: [LedgerFilter(), LedgerFilter(campaign: "c")])
    func `a decision whose key cannot be read is left out of what is searched over everybody`(
        _ filter: LedgerFilter
    ) throws {
        let folder = try Folder()
        let store = try damagedStore(folder, "reason = ''")
        try damage(store, "UPDATE ledger SET key = x'00' WHERE occurrence = '4'")
        try store.read { snapshot in
            let all = try snapshot.ledger(filter, before: nil, limit: 9)
            #expect(all.map(\.entry.occurrence) == ["5", "3", "2", "1"])
            let page = try snapshot.ledger(filter, before: nil, limit: 2)
            #expect(page.map(\.entry.occurrence) == ["5", "3"])
            let between = try snapshot.ledger(from: Self.now, until: Self.now.advanced(byMilliseconds: 1))
            #expect(between.count == 4)
        }
        try store.close()
    }
}

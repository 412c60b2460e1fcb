import CareStore
import CareValues
import GRDB

/// One writing transaction.
///
/// It holds back what many writes of one transaction share, until ``settle()``: the heads of the customers' chains,
/// counters, the clock. A transaction that fails is thrown away with all of it.
final class SQLiteTransaction: SQLiteSnapshot, StoreTransaction {
    /// What is known of a customer's row without its blob.
    struct Slot {
        var number: Int64
        var version: Int64
        var epoch: Int64
        var wakeUp: Int64?
        var lastFact: Int64
        var lastDecision: Int64
        /// Whether the chains' heads differ from the stored ones.
        var isDirty = false
    }

    private struct CounterKey: Hashable {
        var kind: CounterKind
        var name: String
        var day: Int32
    }

    /// A customer's id, equal only to itself byte by byte: `String` also takes canonically equivalent texts as equal.
    private struct CustomerKey: Hashable {
        var id: String

        static func == (left: Self, right: Self) -> Bool { left.id.utf8.elementsEqual(right.id.utf8) }

        func hash(into hasher: inout Hasher) {
            var id = id
            id.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    /// The most customers remembered at once; beyond it all is written and forgotten.
    private static let slotLimit = 100_000

    let leased: LeasedRows
    var slots: [Slot] = []
    private var slotIndex: [CustomerKey: Int] = [:]
    private var counters: [CounterKey: Int] = [:]
    private var newClock: Timestamp?
    private var createdCustomers = 0
    private var deliveryChanges = [Int](repeating: 0, count: DeliveryState.allCases.count)
    private var disabled: [String: String]?
    private var ordered: Set<String>?

    init(_ db: Database, _ statements: PreparedStatements, _ leased: LeasedRows) {
        self.leased = leased
        super.init(db, statements)
    }

    override func customer(_ id: String) throws -> StoredCustomer? {
        let query = try statement(.customerByID)
        query.bind(1, id)
        guard try query.step() else { return nil }
        defer { query.reset() }
        if slotIndex[CustomerKey(id: id)] == nil { try remember(id, query) }
        return try storedCustomer(id, query)
    }

    override func settle() throws {
        for index in slots.indices where slots[index].isDirty {
            let slot = slots[index]
            let save = try statement(.saveHeads)
            save.bind(1, slot.number)
            save.bind(2, slot.lastFact)
            save.bind(3, slot.lastDecision)
            try save.run()
            slots[index].isDirty = false
        }
        for (key, count) in counters {
            let add = try statement(.addCount)
            add.bind(1, key.kind.rawValue)
            add.bind(2, key.name)
            add.bind(3, Int(key.day))
            add.bind(4, count)
            try add.run()
        }
        counters.removeAll(keepingCapacity: true)
        if let clock = newClock {
            newClock = nil
            if try super.clock.map({ $0 < clock }) ?? true { try setMeta("clock", clock.milliseconds) }
        }
        if createdCustomers != 0 {
            let created = createdCustomers
            createdCustomers = 0
            try setMeta("customers", Int64(try super.customerCount + created))
        }
        for (code, change) in deliveryChanges.enumerated() where change != 0 {
            deliveryChanges[code] = 0
            try plain {
                try $0.execute(
                    sql: """
                        INSERT INTO delivery_counts VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count
                        """, arguments: [code, change])
            }
        }
    }

    private func setMeta(_ name: String, _ value: Int64) throws {
        let set = try statement(.setMeta)
        set.bind(1, name)
        set.bind(2, value)
        try set.run()
    }

    func advanceClock(to instant: Timestamp) throws {
        newClock = max(newClock ?? instant, instant)
    }

    func add(_ increments: [CounterIncrement]) throws {
        for one in increments {
            counters[CounterKey(kind: one.kind, name: one.name, day: one.day.dayNumber), default: 0] += one.count
        }
    }

    func setNote(_ name: String, _ value: String?) throws {
        let write = try statement(
            sql: value == nil ? "DELETE FROM notes WHERE name = ?1" : "INSERT OR REPLACE INTO notes VALUES (?1, ?2)")
        write.bind(1, name)
        if let value { write.bind(2, value) }
        try write.run()
    }

    func removeNotes(from first: String, until end: String, limit: Int) throws -> Int {
        let delete = try statement(
            sql: """
                DELETE FROM notes WHERE name IN (
                    SELECT name FROM notes WHERE name >= ?1 AND name < ?2 ORDER BY name LIMIT ?3)
                """)
        delete.bind(1, first)
        delete.bind(2, end)
        delete.bind(3, max(0, limit))
        try delete.run()
        return delete.changes
    }

    func activate(_ ruleSet: StoredRuleSet) throws {
        try settle()
        try plain { db in
            let newest = try Int64.fetchOne(db, sql: "SELECT max(epoch) FROM rule_sets") ?? 0
            guard ruleSet.epoch == newest + 1 else {
                throw StoreError(.conflict, "rule set \(ruleSet.epoch) cannot follow rule set \(newest)")
            }
            try db.execute(
                sql: "INSERT INTO rule_sets VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    ruleSet.epoch, ruleSet.fingerprint, ruleSet.text, ruleSet.activatedAt.milliseconds, ruleSet.zone,
                    ruleSet.zoneDataVersion, ruleSet.cutPoints, ruleSet.holidays,
                ])
            for (campaign, start) in ruleSet.starts {
                try db.execute(
                    sql: "INSERT INTO rule_set_starts VALUES (?, ?, ?)",
                    arguments: [ruleSet.epoch, campaign, start.milliseconds])
            }
            // Made anew for each epoch, from which all rows then drop out one by one: who is behind is found at once,
            // and between activations no write has to keep it.
            try db.execute(
                sql: """
                    DROP INDEX IF EXISTS customers_behind;
                    CREATE INDEX customers_behind ON customers(wakeUp) WHERE epoch < \(ruleSet.epoch);
                    """)
        }
    }

    func append(_ cutPoints: StoredCutPoints) throws {
        try plain { db in
            let newest = try Int64.fetchOne(db, sql: "SELECT max(version) FROM cut_points") ?? 0
            guard cutPoints.version == newest + 1 else {
                throw StoreError(.conflict, "cut points \(cutPoints.version) cannot follow cut points \(newest)")
            }
            try db.execute(
                sql: "INSERT INTO cut_points VALUES (?, ?, ?)",
                arguments: [cutPoints.version, cutPoints.computedAt.milliseconds, cutPoints.text])
        }
    }

    /// Notes that `count` deliveries went from one state to another; nil: from nowhere.
    func moved(_ count: Int, from: DeliveryState?, to: DeliveryState) {
        if let from { deliveryChanges[Int(from.code)] -= count }
        deliveryChanges[Int(to.code)] += count
    }

    /// Why a destination is disabled, or nil when it is not.
    func disablingReason(_ destination: String) throws -> String? {
        if let disabled { return disabled[destination] }
        let known = Dictionary(uniqueKeysWithValues: try disabledDestinations().map { ($0.name, $0.reason) })
        disabled = known
        return known[destination]
    }

    /// Whether a destination's deliveries stand in lines.
    func isOrdered(_ destination: String) throws -> Bool {
        if let ordered { return ordered.contains(destination) }
        let known = Set(try plain { try String.fetchAll($0, sql: "SELECT name FROM ordered_destinations") })
        ordered = known
        return known.contains(destination)
    }

    /// To be called whenever the table of ordered destinations changes.
    func forgetOrderedDestinations() {
        ordered = nil
    }

    /// To be called whenever the table of disabled destinations changes.
    func forgetDisabledDestinations() {
        disabled = nil
    }
}

/// Customers, through their slots.
extension SQLiteTransaction {
    /// The index of a customer's slot, or nil when it is not stored.
    func slot(of id: String) throws -> Int? {
        if let index = slotIndex[CustomerKey(id: id)] { return index }
        let query = try statement(.headsByID)
        query.bind(1, id)
        guard try query.step() else { return nil }
        defer { query.reset() }
        return try remember(id, query)
    }

    /// To be called when the customer is not stored any more; `wasCustomer`: it was one, and not only a shell.
    func forget(_ id: String, wasCustomer: Bool) {
        slotIndex[CustomerKey(id: id)] = nil
        if wasCustomer { createdCustomers -= 1 }
    }

    /// The index of a customer's slot, a shell made for one that is not stored.
    func slotOrShell(of id: String) throws -> Int {
        if let index = try slot(of: id) { return index }
        let insert = try statement(.insertShell)
        insert.bind(1, id)
        try insert.run()
        return try remember(
            id, Slot(number: insert.insertedNumber, version: 0, epoch: .max, wakeUp: nil, lastFact: 0, lastDecision: 0))
    }

    /// Keeps the slot in a row whose first columns are those of ``HotQuery/headsByID``.
    @discardableResult
    func remember(_ id: String, _ query: RawStatement) throws -> Int {
        try remember(
            id,
            Slot(
                number: query.integer(0), version: query.integer(2), epoch: query.integer(3),
                wakeUp: query.optionalInteger(1), lastFact: query.integer(4), lastDecision: query.integer(5)))
    }

    private func remember(_ id: String, _ slot: Slot) throws -> Int {
        if slots.count >= Self.slotLimit {
            try settle()
            slots.removeAll(keepingCapacity: true)
            slotIndex.removeAll(keepingCapacity: true)
        }
        slots.append(slot)
        slotIndex[CustomerKey(id: id)] = slots.count - 1
        return slots.count - 1
    }

    func save(id: String, wakeUp: Timestamp?, epoch: Int64, row: [UInt8], expectedVersion: Int64) throws {
        guard let index = try slot(of: id) else {
            guard expectedVersion == 0 else { throw conflict(stored: 0, expected: expectedVersion) }
            return try insert(id: id, wakeUp: wakeUp, epoch: epoch, row: row)
        }
        let slot = slots[index]
        guard slot.version == expectedVersion else { throw conflict(stored: slot.version, expected: expectedVersion) }
        let isSameWakeUp = slot.wakeUp == wakeUp?.milliseconds
        let isSameEpoch = slot.epoch == epoch
        let query: HotQuery =
            switch (isSameWakeUp, isSameEpoch) {
            case (true, true): .saveRow
            case (false, true): .saveRowAndWakeUp
            case (true, false): .saveRowAndEpoch
            case (false, false): .saveAll
            }
        let save = try statement(query)
        save.bind(1, slot.number)
        save.bind(2, expectedVersion + 1)
        save.bind(3, slot.lastFact)
        save.bind(4, slot.lastDecision)
        save.bind(5, blob: row)
        if !isSameWakeUp { save.bind(6, wakeUp?.milliseconds) }
        if !isSameEpoch { save.bind(7, epoch) }
        try save.run()
        slots[index].version = expectedVersion + 1
        slots[index].wakeUp = wakeUp?.milliseconds
        slots[index].epoch = epoch
        slots[index].isDirty = false
        if expectedVersion == 0 { createdCustomers += 1 }
    }

    func putOff(customer id: String, dueBy instant: Timestamp, to later: Timestamp) throws {
        guard let index = try slot(of: id), let wakeUp = slots[index].wakeUp, wakeUp <= instant.milliseconds else {
            return
        }
        let move = try statement(sql: "UPDATE customers SET wakeUp = ?2 WHERE number = ?1")
        move.bind(1, slots[index].number)
        move.bind(2, later.milliseconds)
        try move.run()
        slots[index].wakeUp = later.milliseconds
    }

    private func insert(id: String, wakeUp: Timestamp?, epoch: Int64, row: [UInt8]) throws {
        let insert = try statement(.insertCustomer)
        insert.bind(1, id)
        insert.bind(2, wakeUp?.milliseconds)
        insert.bind(3, epoch)
        insert.bind(4, blob: row)
        try insert.run()
        _ = try remember(
            id,
            Slot(
                number: insert.insertedNumber, version: 1, epoch: epoch, wakeUp: wakeUp?.milliseconds, lastFact: 0,
                lastDecision: 0))
        createdCustomers += 1
    }

    private func conflict(stored: Int64, expected: Int64) -> StoreError {
        StoreError(.conflict, "a customer's row has version \(stored), not \(expected)")
    }
}

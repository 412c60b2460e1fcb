import CareStore
import CareValues

/// Facts and decisions, appended to their customers' chains.
extension SQLiteTransaction {
    func append(_ fact: Fact, of customer: String) throws -> Bool {
        let index = try slotOrShell(of: customer)
        let number =
            switch fact {
            case .event(let event): try insert(event, slots[index])
            case .attributes(let attributes): try insert(attributes, slots[index])
            }
        guard let number else { return false }
        slots[index].lastFact = number
        slots[index].isDirty = true
        return true
    }

    private func insert(_ event: Event, _ slot: Slot) throws -> Int64? {
        let insert = try statement(.insertEvent)
        insert.bind(1, slot.number)
        insert.bind(2, slot.lastFact)
        insert.bind(3, event.time.milliseconds)
        insert.bind(4, event.receivedAt.milliseconds)
        insert.bind(5, event.type)
        insert.bind(6, event.source)
        insert.bind(7, event.id)
        insert.bind(8, CanonicalJSON.text(.object(event.properties)))
        try insert.run()
        return insert.changes > 0 ? insert.insertedNumber : nil
    }

    private func insert(_ fact: AttributeFact, _ slot: Slot) throws -> Int64? {
        let body = CanonicalJSON.text(.object(fact.values))
        // A customer has hardly ever two facts of one time: comparing them whole is exact and needs no hash.
        let same = try statement(.attributesAt)
        same.bind(1, fact.time.milliseconds)
        same.bind(2, slot.number)
        while try same.step() {
            // By bytes: `==` also takes canonically equivalent texts as equal.
            guard !same.text(0).utf8.elementsEqual(body.utf8) else {
                same.reset()
                return nil
            }
        }
        let insert = try statement(.insertAttributes)
        insert.bind(1, slot.number)
        insert.bind(2, slot.lastFact)
        insert.bind(3, fact.time.milliseconds)
        insert.bind(4, fact.receivedAt.milliseconds)
        insert.bind(5, fact.hasOwnTime ? 1 : 0)
        insert.bind(6, body)
        try insert.run()
        return insert.insertedNumber
    }

    func append(_ entry: LedgerEntry) throws {
        let index = try slotOrShell(of: entry.customer)
        let insert = try statement(.insertDecision)
        insert.bind(1, slots[index].number)
        insert.bind(2, slots[index].lastDecision)
        insert.bind(3, high: entry.key.high, low: entry.key.low)
        insert.bind(4, entry.number)
        insert.bind(5, entry.campaign)
        insert.bind(6, entry.occurrence)
        insert.bind(7, entry.step)
        insert.bind(8, entry.action)
        insert.bind(9, entry.outcome)
        insert.bind(10, entry.reason)
        insert.bind(11, entry.now.milliseconds)
        insert.bind(12, entry.due.milliseconds)
        insert.bind(13, entry.epoch)
        insert.bind(14, entry.inputs)
        guard try insert.runUnlessTaken() else {
            throw StoreError(.duplicateDecision, "a final decision with this key is in the ledger")
        }
        slots[index].lastDecision = insert.insertedNumber
        slots[index].isDirty = true
    }
}

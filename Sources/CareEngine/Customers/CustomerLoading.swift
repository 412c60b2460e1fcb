import CareDecisions
import CareLogic
import CareStore
import CareValues

/// A customer's row of the newest epoch, and what bringing it up decided.
struct LoadedCustomer {
    var row: CustomerRow
    /// What was decided under the old rules and by the change to the new; its wake-up is that of `row`.
    var outcome: TouchOutcome
    /// Whether the row differs from what is stored.
    var isBroughtUp: Bool
}

extension RulesInForce {
    /// The row of a stored customer, brought up one epoch after another, each as of its activation.
    ///
    /// - Throws: ``EngineError/unreadableRow`` when its bytes cannot be read.
    func load(
        id: String, epoch: Int64, wakeUp: Timestamp?, bytes: UnsafeRawBufferPointer, from store: any StoreSnapshot
    ) throws -> LoadedCustomer {
        var decider = epoch == current.active.epoch ? current : try decider(ofEpoch: epoch, in: store)
        var (row, hasCache) = try Self.decode(bytes, customer: id, decider: decider)
        // The facts are read once, and only for a row whose cache must be rebuilt.
        var stored: [Fact]?
        func rebuilt(for schema: Schema, ahead: [Fact]) throws -> FactCache {
            let facts = try stored ?? store.facts(of: id, receivedUntil: nil)
            stored = facts
            return FactCache.rebuilt(from: facts.filter { !ahead.contains($0) }, schema: schema)
        }
        if !hasCache { row.cache = try rebuilt(for: decider.active.rules.schema, ahead: row.memory.factsAhead) }
        var outcome = TouchOutcome()
        outcome.wakeUp = wakeUp
        var isBroughtUp = !hasCache
        var next = epoch + 1
        while next <= current.active.epoch {
            let following = try self.decider(ofEpoch: next, in: store)
            let isSameLayout = following.active.rules.schema.layoutHash == decider.active.rules.schema.layoutHash
            let cache = isSameLayout ? nil : try rebuilt(for: following.active.rules.schema, ahead: row.memory.factsAhead)
            let (after, decided) = decider.bringUp(row, to: following, cache: cache)
            row = after
            outcome.merge(decided)
            decider = following
            isBroughtUp = true
            next += 1
        }
        return LoadedCustomer(row: row, outcome: outcome, isBroughtUp: isBroughtUp)
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer, customer: String, decider: Decider) throws -> (
        row: CustomerRow, hasCache: Bool
    ) {
        do {
            return try RowCodec.decode(bytes, customer: customer, schema: decider.active.rules.schema)
        } catch {
            throw EngineError.unreadableRow
        }
    }
}

extension TouchOutcome {
    /// Adds what was decided after this.
    mutating func merge(_ later: TouchOutcome) {
        decisions += later.decisions
        entered += later.entered
        whereFalse += later.whereFalse
        conditionFalse += later.conditionFalse
        wakeUp = later.wakeUp
    }
}

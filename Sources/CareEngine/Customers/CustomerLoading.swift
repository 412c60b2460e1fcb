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
    /// - Parameter look: what is known of the customer in the period for which it is loaded; its wake-up is told for that
    ///   period only then.
    /// - Throws: ``EngineError/unreadableRow`` when its bytes cannot be read.
    func load(
        id: String, epoch: Int64, wakeUp: Timestamp?, bytes: UnsafeRawBufferPointer, from store: any StoreSnapshot,
        look: PeriodLook? = nil
    ) throws -> LoadedCustomer {
        var decider = epoch == current.active.epoch ? current : try decider(named: epoch, in: store)
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
            let cache =
                isSameLayout ? nil : try rebuilt(for: following.active.rules.schema, ahead: row.memory.factsAhead)
            let acts =
                following.actDays > decider.actDays
                ? try countedActs(of: id, unsaved: outcome.decisions, for: following, from: store) : nil
            let history = try backfillHistory(of: id, for: following, unsaved: outcome.decisions, from: store)
            let (after, decided) = decider.bringUp(
                row, to: following, cache: cache, acts: acts, history: history,
                look: next == current.active.epoch ? look : nil)
            row = after
            outcome.merge(decided)
            decider = following
            isBroughtUp = true
            next += 1
        }
        return LoadedCustomer(row: row, outcome: outcome, isBroughtUp: isBroughtUp)
    }

    /// The row of a stored customer as it is under the newest epoch's rules, at `clock` if that is later than its own: for
    /// showing it. Nothing is decided or written.
    ///
    /// - Throws: ``EngineError/unreadableRow`` when its bytes cannot be read.
    public func row(of stored: StoredCustomer, at clock: Timestamp, in store: any StoreSnapshot) throws -> CustomerRow {
        var row = try stored.row.withUnsafeBytes {
            try load(id: stored.id, epoch: stored.epoch, wakeUp: stored.wakeUp, bytes: $0, from: store).row
        }
        row.asOf = max(row.asOf, clock)
        return row
    }

    /// What is known of a stored customer by the newest epoch's declarations, and its zone, with nothing decided.
    ///
    /// - Throws: ``EngineError/unreadableRow`` when its bytes cannot be read.
    func facts(
        id: String, epoch: Int64, bytes: UnsafeRawBufferPointer, from store: any StoreSnapshot
    ) throws -> (cache: FactCache, zone: Zone) {
        let decider = epoch == current.active.epoch ? current : try decider(named: epoch, in: store)
        var (row, hasCache) = try Self.decode(bytes, customer: id, decider: decider)
        let schema = current.active.rules.schema
        if !hasCache || decider.active.rules.schema.layoutHash != schema.layoutHash {
            let ahead = row.memory.factsAhead
            let facts = try store.facts(of: id, receivedUntil: nil).filter { !ahead.contains($0) }
            row.cache = FactCache.rebuilt(from: facts, schema: schema)
        }
        return (row.cache, current.active.zone(of: row).zone)
    }

    /// The stored events and decided occurrences of a customer, where `following` makes up for events.
    private func backfillHistory(
        of id: String, for following: Decider, unsaved: [Decision], from store: any StoreSnapshot
    ) throws -> BackfillHistory {
        guard var from = following.backfillsEventsFrom else { return BackfillHistory() }
        // What is older may have been decided on, and that is forgotten.
        from = max(from, try Pruner.decisionsBefore(in: store) ?? from)
        let until = following.active.activatedAt
        var history = BackfillHistory()
        history.events = try store.facts(of: id, receivedUntil: until).compactMap {
            if case .event(let event) = $0, event.time >= from { event } else { nil }
        }
        history.events.sort { $0.time < $1.time }
        for entry in try store.ledger(of: id, campaign: nil) {
            history.decided[entry.campaign, default: []].insert(entry.occurrence)
        }
        for decision in unsaved {
            history.decided[decision.key.campaign, default: []].insert(decision.key.occurrence)
        }
        return history
    }

    /// The acts of a customer that `following`'s caps count, from the ledger: each with the tags of the rules it was
    /// decided under. Needed only when an activation lets caps look further back than before.
    private func countedActs(
        of id: String, unsaved: [Decision], for following: Decider, from store: any StoreSnapshot
    ) throws -> CountedActs {
        var acts = CountedActs()
        let horizon = following.active.activatedAt.advanced(byMilliseconds: Int64(-following.actDays) * 86_400_000)
        for entry in try store.ledger(of: id, campaign: nil)
        where entry.outcome == Outcome.act.rawValue && entry.now >= horizon {
            if let act = try countedAct(entry, in: store) {
                acts.add(tags: act.tags, destination: act.destination, at: entry.now)
            }
        }
        for decision in unsaved { acts.add(decision, under: following.active.rules) }
        return acts
    }

    /// What was decided while a row was brought up carries the epoch it was brought up to: the rules are those of the
    /// newest epoch up to that one that was in force by then and has the action.
    private func countedAct(
        _ entry: LedgerEntry, in store: any StoreSnapshot
    ) throws -> (
        tags: [String], destination: String
    )? {
        var epoch = entry.epoch
        while epoch > 0 {
            let active = try decider(ofEpoch: epoch, in: store).active
            if active.activatedAt <= entry.now,
                active.rules.hasAction(campaign: entry.campaign, step: entry.step, action: entry.action)
            {
                return active.rules.countedAct(campaign: entry.campaign, step: entry.step, action: entry.action)
            }
            epoch -= 1
        }
        return nil
    }

    private static func decode(
        _ bytes: UnsafeRawBufferPointer, customer: String, decider: Decider
    ) throws -> (
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
        passedOver.merge(later.passedOver, uniquingKeysWith: +)
        goals += later.goals
        withdrawsConsent = withdrawsConsent || later.withdrawsConsent
        wakeUp = later.wakeUp
    }
}

import CareIntake
import CareLogic
import CareRules
import CareStore
import CareValues

/// Where the rows of an import go.
protocol ImportTarget {
    /// How many records a transaction holds.
    var batch: Int { get }
    /// What was decided so far.
    var decisions: CustomerWriter.Summary { get }
    /// Writes one batch; returns what was refused. - Throws: and then nothing of it was written.
    mutating func write(_ rows: [ImportRow], _ summary: inout ImportSummary) throws -> [Refusal]
    /// Ends the import, also where nothing was new.
    ///
    /// - Parameter rejects: the path of its file of rejects; nil: it left none.
    mutating func finish(rejects: String?) throws
}

/// Writes the records of one import to a store, a batch a transaction.
struct ImportWriter: ImportTarget {
    private let order: ImportOrders
    private let store: any CareStore
    private let zones: any ZoneDirectory
    private let clock: DecisionClock
    private let candidate: CandidateRules
    private let preparer: Preparer
    /// What the rules declare that rows are written by.
    private var schema: Schema
    private var rules: RulesInForce?
    private var numbering = RowNumbering()
    /// Customers who cannot be read, as far as they were come upon.
    private var unreadable = UnreadableRows()
    private(set) var decisions = CustomerWriter.Summary()
    /// Before when facts are folded: what is older is too old.
    private var foldedBefore = Timestamp.distantPast

    /// How many records a transaction holds.
    let batch: Int

    init(
        _ order: ImportOrders, store: any CareStore, zones: any ZoneDirectory, clock: DecisionClock,
        candidate: CandidateRules, preparer: Preparer
    ) {
        self.order = order
        self.store = store
        self.zones = zones
        self.clock = clock
        self.candidate = candidate
        self.preparer = preparer
        schema = candidate.rules.schema
        switch order.mode {
        case .history: batch = Importer.historyBatch
        case .fire, .fireAtRows: batch = Importer.firingBatch
        }
    }

    /// Writes one batch in one transaction; returns what was refused.
    ///
    /// A customer who cannot be read is come upon when some of what it is about is written already: the transaction is
    /// taken back, and made again without the rows of such customers.
    mutating func write(_ rows: [ImportRow], _ summary: inout ImportSummary) throws -> [Refusal] {
        let (others, refusals) = unreadable.parted(rows)
        let (counted, decided, inForce) = (summary, decisions, rules)
        numbering.begin()
        do {
            return try refusals + attempt(others, &summary)
        } catch let error where UnreadableCustomer.isCause(of: error) {
            (summary, decisions, rules) = (counted, decided, inForce)
            numbering.takeBack()
            guard try find(among: others) else { throw error }
            let (rest, more) = unreadable.parted(others)
            return try refusals + more + attempt(rest, &summary)
        }
    }

    /// Looks for those of the rows' customers who cannot be read; whether there is one.
    private mutating func find(among rows: [ImportRow]) throws -> Bool {
        var found = unreadable
        let hasFound = try store.read { try found.find(among: rows, in: $0, zones: zones) }
        unreadable = found
        return hasFound
    }

    private mutating func attempt(_ rows: [ImportRow], _ summary: inout ImportSummary) throws -> [Refusal] {
        guard !rows.isEmpty else { return [] }
        // What a transaction that fails has counted is not asked for again, or put back by whoever makes it again.
        return try inTransaction(rows) { writing, transaction, rules in
            try writing.write(rows, rules, transaction, &summary)
        }
    }

    /// One transaction, by the rules in force: those of the files, or of the service that holds the store, which may
    /// have taken up others since the last one.
    private mutating func inTransaction<Answer>(
        _ rows: [ImportRow], _ body: (inout ImportWriter, any StoreTransaction, RulesInForce) throws -> Answer
    ) throws -> Answer {
        if let live = store as? LiveStore {
            return try live.writeByRules { transaction, rules in try body(&self, transaction, rules) }
        }
        return try store.write { transaction in
            let rules = try rulesInForce(in: transaction, rows)
            return try body(&self, transaction, rules)
        }
    }

    private mutating func write(
        _ rows: [ImportRow], _ rules: RulesInForce, _ transaction: any StoreTransaction, _ summary: inout ImportSummary
    ) throws -> [Refusal] {
        schema = rules.current.active.rules.schema
        foldedBefore = try Pruner.factsBefore(in: transaction) ?? .distantPast
        var writer = PipelinedWriter(transaction, rules: rules, clock: clock, preparer: preparer)
        let refusals: [Refusal]
        do {
            switch order.mode {
            case .history(let until):
                refusals = try writeHistory(rows, until: until, &writer, transaction, &summary)
            case .fire:
                refusals = try fire(rows, atRows: false, &writer, transaction, &summary)
            case .fireAtRows:
                refusals = try fire(rows, atRows: true, &writer, transaction, &summary)
            }
            try writer.finish()
        } catch {
            writer.abandon()
            throw error
        }
        summary.new += writer.summary.factsStored
        summary.alreadyStored += writer.summary.factsKnown
        summary.erased += writer.summary.factsErased
        decisions.merge(writer.summary)
        return refusals
    }

    /// Moves the store's clock to the end of history, and notes where the file of rejects lies.
    mutating func finish(rejects: String?) throws {
        if case .history(let until) = order.mode {
            try inTransaction([]) { _, transaction, _ in try transaction.advanceClock(to: until) }
        }
        if let rejects { try RejectsFile.note(rejects, in: store, at: clock.now()) }
    }

    /// The rules in force, the files' after the first call.
    private mutating func rulesInForce(
        in transaction: any StoreTransaction, _ rows: [ImportRow]
    ) throws
        -> RulesInForce
    {
        if let rules { return rules }
        let instant: Timestamp
        switch order.mode {
        case .history(let until): instant = until
        case .fire: instant = clock.decisionNow
        case .fireAtRows: instant = rows.compactMap(\.time).min() ?? clock.decisionNow
        }
        // An activation never lies before what the store has seen.
        let rules = try Activation.activate(
            candidate, at: max(instant, try transaction.clock ?? instant), in: transaction, zones: zones
        ).rules
        self.rules = rules
        return rules
    }

    // MARK: History

    private mutating func writeHistory(
        _ rows: [ImportRow], until: Timestamp, _ writer: inout PipelinedWriter,
        _ transaction: any StoreTransaction, _ summary: inout ImportSummary
    ) throws -> [Refusal] {
        var refusals: [Refusal] = []
        var facts: [Fact] = []
        var start = 0
        while start < rows.count {
            var end = start + 1
            // By bytes: `==` also takes canonically equivalent texts as equal.
            while end < rows.count, rows[end].customer.utf8.elementsEqual(rows[start].customer.utf8) { end += 1 }
            let group = start..<end
            start = end
            let upcoming = identities(of: rows, group)
            facts.removeAll(keepingCapacity: true)
            for index in group {
                if let time = rows[index].time, time >= until {
                    summary.notTaken += 1
                } else if let fact = try named(rows[index], upcoming, transaction, &refusals) {
                    summary.flag(rows[index])
                    facts.append(fact.timed(at: until))
                }
            }
            guard !facts.isEmpty else { continue }
            let customer = rows[group.lowerBound].customer
            if order.kind == .customers { try dropWhatIsSo(&facts, customer, &writer, &summary) }
            try writer.absorb(facts, customer: customer, asOf: until)
        }
        return refusals
    }

    /// Leaves out attributes without a time of their own that are so already.
    private func dropWhatIsSo(
        _ facts: inout [Fact], _ customer: String, _ writer: inout PipelinedWriter, _ summary: inout ImportSummary
    ) throws {
        guard var cache = try writer.cache(ofCustomer: customer) else {
            // Nothing is known yet: an empty cell takes nothing away.
            facts = facts.map { fact in
                guard case .attributes(var attributes) = fact else { return fact }
                attributes.values = JSONObject(uniqueMembers: attributes.values.members.filter { $0.value != .null })
                return .attributes(attributes)
            }
            return
        }
        let count = facts.count
        facts.removeAll { fact in
            guard case .attributes(let attributes) = fact else { return false }
            let isSo = cache.apply(attributes, schema: schema).isEmpty
            return isSo && !attributes.hasOwnTime
        }
        summary.alreadyStored += count - facts.count
    }

    // MARK: Firing

    private mutating func fire(
        _ rows: [ImportRow], atRows: Bool, _ writer: inout PipelinedWriter,
        _ transaction: any StoreTransaction, _ summary: inout ImportSummary
    ) throws -> [Refusal] {
        var refusals: [Refusal] = []
        let now = clock.decisionNow
        for row in rows {
            // What names a row looks at the customer's facts: all of them must be stored.
            if row.identity != nil { try writer.settle(row.customer) }
            let at = atRows ? row.time ?? now : now
            guard max(at, row.time ?? at).milliseconds(since: now) <= Importer.aheadLimit else {
                refusals.append(
                    Refusal(extent: row.extent, field: "", code: .ahead, reason: "its time is still to come"))
                continue
            }
            guard let fact = try named(row, [], transaction, &refusals) else { continue }
            summary.flag(row)
            var facts = [fact.timed(at: at)]
            if order.kind == .customers { try dropWhatIsSo(&facts, row.customer, &writer, &summary) }
            guard let fact = facts.first else { continue }
            try writer.receive(fact, customer: row.customer, at: at, advancesFirst: atRows)
        }
        return refusals
    }

    // MARK: Names of events without an id

    /// The rows of one customer that need a name: none of them is a correction of another.
    private func identities(of rows: [ImportRow], _ group: Range<Int>) -> Set<EventIdentity> {
        var identities: Set<EventIdentity> = []
        guard group.count > 1 else { return identities }
        for index in group {
            if let identity = rows[index].identity { identities.insert(identity) }
        }
        return identities
    }

    /// The fact of a row, an event with its id; nil: the row is refused.
    private mutating func named(
        _ row: ImportRow, _ upcoming: Set<EventIdentity>, _ transaction: any StoreTransaction,
        _ refusals: inout [Refusal]
    ) throws -> Fact? {
        if let time = row.time, time < foldedBefore {
            refusals.append(
                Refusal(extent: row.extent, field: "", code: .tooOld, reason: "older than the facts that are kept"))
            return nil
        }
        guard let identity = row.identity, case .event(var event) = row.fact else { return row.fact }
        let stored =
            order.allowsNew
            ? [] : try transaction.eventIDs(of: row.customer, source: event.source, prefix: identity.prefix)
        switch numbering.name(identity, stored: stored, upcoming: upcoming, allowsNew: order.allowsNew) {
        case .id(let id):
            event.id = id
            return .event(event)
        case .otherProperties:
            refusals.append(
                Refusal(
                    extent: row.extent, field: "", code: .sameRowOtherProperties,
                    reason: "stored for this customer, type and time with other properties"))
            return nil
        }
    }
}

extension CustomerWriter.Summary {
    /// Adds what another transaction did.
    mutating func merge(_ other: CustomerWriter.Summary) {
        factsStored += other.factsStored
        factsKnown += other.factsKnown
        factsErased += other.factsErased
        factsTooOld += other.factsTooOld
        decisions.merge(other.decisions, uniquingKeysWith: +)
        actsByCampaign.merge(other.actsByCampaign, uniquingKeysWith: +)
        reasons.merge(other.reasons, uniquingKeysWith: +)
        entered += other.entered
        customersSaved += other.customersSaved
        duplicates += other.duplicates
        revoked += other.revoked
        unreadable += other.unreadable
        if let wakeUp = other.nextWakeUp { nextWakeUp = min(nextWakeUp ?? wakeUp, wakeUp) }
    }
}

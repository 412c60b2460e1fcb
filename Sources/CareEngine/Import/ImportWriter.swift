import CareIntake
import CareLogic
import CareRules
import CareStore
import CareValues

/// Writes the records of one import, a batch a transaction.
struct ImportWriter {
    private let request: ImportRequest
    private let store: any CareStore
    private let zones: any ZoneDirectory
    private let clock: DecisionClock
    private let candidate: CandidateRules
    private var rules: RulesInForce?
    private var numbering = RowNumbering()
    private(set) var decisions = CustomerWriter.Summary()

    /// How many records a transaction holds.
    let batch: Int

    init(
        request: ImportRequest, store: any CareStore, zones: any ZoneDirectory, clock: DecisionClock,
        candidate: CandidateRules
    ) {
        self.request = request
        self.store = store
        self.zones = zones
        self.clock = clock
        self.candidate = candidate
        switch request.mode {
        case .history: batch = Importer.historyBatch
        case .fire, .fireAtRows: batch = Importer.firingBatch
        }
    }

    /// Writes one batch in one transaction; returns what was refused.
    mutating func write(_ records: [IntakeRecord], _ summary: inout ImportSummary) throws -> [Refusal] {
        guard !records.isEmpty else { return [] }
        // A transaction that fails ends the import: what it counted is not asked for again.
        return try store.write { transaction in
            let rules = try rulesInForce(in: transaction, records)
            var writer = CustomerWriter(transaction, rules: rules, clock: clock)
            let refusals: [Refusal]
            switch request.mode {
            case .history(let until):
                refusals = try writeHistory(records, until: until, &writer, transaction, &summary)
            case .fire:
                refusals = try fire(records, atRows: false, &writer, transaction, &summary)
            case .fireAtRows:
                refusals = try fire(records, atRows: true, &writer, transaction, &summary)
            }
            try writer.finish()
            decisions.merge(writer.summary)
            return refusals
        }
    }

    /// Moves the store's clock to the end of history, also when nothing was new.
    mutating func finish() throws {
        guard case .history(let until) = request.mode else { return }
        try store.write { transaction in
            _ = try rulesInForce(in: transaction, [])
            try transaction.advanceClock(to: until)
        }
    }

    /// The rules in force, the files' after the first call.
    private mutating func rulesInForce(
        in transaction: any StoreTransaction, _ records: [IntakeRecord]
    ) throws
        -> RulesInForce
    {
        if let rules { return rules }
        let instant: Timestamp
        switch request.mode {
        case .history(let until): instant = until
        case .fire: instant = clock.decisionNow
        case .fireAtRows: instant = records.compactMap(\.time).min() ?? clock.decisionNow
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
        _ records: [IntakeRecord], until: Timestamp, _ writer: inout CustomerWriter,
        _ transaction: any StoreTransaction, _ summary: inout ImportSummary
    ) throws -> [Refusal] {
        var refusals: [Refusal] = []
        var start = 0
        while start < records.count {
            let customer = records[start].customer
            var end = start + 1
            // By bytes: `==` also takes canonically equivalent texts as equal.
            while end < records.count, records[end].customer.utf8.elementsEqual(customer.utf8) { end += 1 }
            let group = records[start..<end]
            start = end
            var taken: [IntakeRecord] = []
            for record in group {
                if let time = record.time, time >= until {
                    summary.notTaken += 1
                } else {
                    taken.append(record)
                }
            }
            guard !taken.isEmpty else { continue }
            var facts: [Fact] = []
            for (record, fact) in try named(taken, transaction, &refusals) {
                summary.flag(record)
                facts.append(
                    fact
                        ?? .attributes(
                            AttributeFact(
                                values: record.attributes, time: until, receivedAt: until, hasOwnTime: false)))
            }
            if request.kind == .customers { try dropWhatIsSo(&facts, customer, writer, &summary) }
            let before = (writer.summary.factsStored, writer.summary.factsKnown)
            try writer.absorb(facts, customer: customer, asOf: until)
            summary.new += writer.summary.factsStored - before.0
            summary.alreadyStored += writer.summary.factsKnown - before.1
        }
        return refusals
    }

    /// Leaves out attributes without a time of their own that are so already.
    private func dropWhatIsSo(
        _ facts: inout [Fact], _ customer: String, _ writer: CustomerWriter, _ summary: inout ImportSummary
    ) throws {
        let schema = candidate.rules.schema
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
        _ records: [IntakeRecord], atRows: Bool, _ writer: inout CustomerWriter,
        _ transaction: any StoreTransaction, _ summary: inout ImportSummary
    ) throws -> [Refusal] {
        var refusals: [Refusal] = []
        let now = clock.decisionNow
        for record in records {
            for (record, fact) in try named([record], transaction, &refusals) {
                summary.flag(record)
                let at = atRows ? record.time ?? now : now
                let fact =
                    fact
                    ?? .attributes(
                        AttributeFact(values: record.attributes, time: at, receivedAt: at, hasOwnTime: false))
                let before = (writer.summary.factsStored, writer.summary.factsKnown)
                try writer.receive([fact], customer: record.customer, at: at, advancesFirst: atRows)
                summary.new += writer.summary.factsStored - before.0
                summary.alreadyStored += writer.summary.factsKnown - before.1
            }
        }
        return refusals
    }

    // MARK: Facts

    /// The facts of one customer's records, events with an id; nil in place of attributes without a time.
    private mutating func named(
        _ records: [IntakeRecord], _ transaction: any StoreTransaction, _ refusals: inout [Refusal]
    ) throws -> [(IntakeRecord, Fact?)] {
        var identities: [EventIdentity?] = []
        for record in records {
            guard case .event(let type, nil, _, let time, let properties) = record.content else {
                identities.append(nil)
                continue
            }
            identities.append(
                EventIdentity(customer: record.customer, type: type, time: time, properties: properties))
        }
        let upcoming = records.count > 1 ? Set(identities.compactMap { $0 }) : []
        var facts: [(IntakeRecord, Fact?)] = []
        facts.reserveCapacity(records.count)
        for (record, identity) in zip(records, identities) {
            switch record.content {
            case .attributes(let values, let time):
                let fact = time.map {
                    Fact.attributes(AttributeFact(values: values, time: $0, receivedAt: $0, hasOwnTime: true))
                }
                facts.append((record, fact))
            case .event(let type, var id, let named, let time, let properties):
                let source = named ?? request.source
                if let identity {
                    let stored =
                        request.allowsNew
                        ? [] : try transaction.eventIDs(of: record.customer, source: source, prefix: identity.prefix)
                    switch numbering.name(identity, stored: stored, upcoming: upcoming, allowsNew: request.allowsNew) {
                    case .id(let name): id = name
                    case .otherProperties:
                        refusals.append(
                            Refusal(
                                extent: record.extent, field: "", code: .sameRowOtherProperties,
                                reason: "stored for this customer, type and time with other properties"))
                        continue
                    }
                }
                let event = Event(
                    type: type, source: source, id: id ?? "", time: time, receivedAt: time, properties: properties)
                facts.append((record, .event(event)))
            }
        }
        return facts
    }
}

extension IntakeRecord {
    /// The event's time, or since when the attributes are so; nil: the record does not say.
    var time: Timestamp? {
        switch content {
        case .event(_, _, _, let time, _): time
        case .attributes(_, let time): time
        }
    }

    /// The attributes; of an event none.
    var attributes: JSONObject {
        if case .attributes(let values, _) = content { values } else { JSONObject() }
    }
}

extension CustomerWriter.Summary {
    /// Adds what another transaction did.
    mutating func merge(_ other: CustomerWriter.Summary) {
        factsStored += other.factsStored
        factsKnown += other.factsKnown
        decisions.merge(other.decisions, uniquingKeysWith: +)
        actsByCampaign.merge(other.actsByCampaign, uniquingKeysWith: +)
        reasons.merge(other.reasons, uniquingKeysWith: +)
        entered += other.entered
    }
}

import CareDecisions
import CareLogic
import CareStore
import CareValues

/// A ``CustomerWriter`` on two threads, for many requests in one transaction: this one reads and writes the store,
/// a ``Preparer`` decides in between.
///
/// The result is that of the plain writer. A customer's requests follow one another: what is under way for it is
/// written before the next one is read.
struct PipelinedWriter {
    /// How many customers go over to the other thread at once: enough that waking it is not what costs.
    private static let run = 64

    private var writer: CustomerWriter
    private let transaction: any StoreTransaction
    private let rules: RulesInForce
    private let preparer: Preparer
    /// Read, and not yet handed over.
    private var gathered: [Preparer.Job] = []
    /// Handed over, and not yet written.
    private var submitted: [Preparer.Job] = []
    private var underWay: Set<String> = []

    /// What the work has done so far; complete after ``finish()``.
    var summary: CustomerWriter.Summary { writer.summary }

    init(_ transaction: any StoreTransaction, rules: RulesInForce, clock: DecisionClock, preparer: Preparer) {
        writer = CustomerWriter(transaction, rules: rules, clock: clock)
        self.transaction = transaction
        self.rules = rules
        self.preparer = preparer
        gathered.reserveCapacity(Self.run)
    }

    /// As ``CustomerWriter/receive(_:customer:at:advancesFirst:)``, of one fact.
    mutating func receive(_ fact: Fact, customer id: String, at: Timestamp, advancesFirst: Bool) throws {
        try settle(id)
        let before = try transaction.customer(id)
        if try before == nil && writer.refuses(1, of: id) { return }
        guard try !writer.young([fact]).isEmpty else { return }
        guard isOfTheseRules(before) else {
            try settle()
            try writer.receive([fact], customer: id, at: at, advancesFirst: advancesFirst)
            return
        }
        try gather(
            Preparer.Job(id: id, before: before, work: .receive(fact, at: at, advancesFirst: advancesFirst)))
    }

    /// As ``CustomerWriter/absorb(_:customer:asOf:)``.
    mutating func absorb(_ facts: [Fact], customer id: String, asOf: Timestamp) throws {
        try settle(id)
        let before = try transaction.customer(id)
        if try before == nil && writer.refuses(facts.count, of: id) { return }
        let facts = try writer.young(facts)
        guard !facts.isEmpty else { return }
        guard isOfTheseRules(before) else {
            try settle()
            return try writer.absorb(facts, customer: id, asOf: asOf)
        }
        let fresh = try writer.append(facts, of: id)
        guard !fresh.isEmpty || before == nil else { return }
        try gather(Preparer.Job(id: id, before: before, work: .absorb(fresh, asOf: asOf)))
    }

    /// As ``CustomerWriter/cache(ofCustomer:)``.
    mutating func cache(ofCustomer id: String) throws -> FactCache? {
        try settle(id)
        return try writer.cache(ofCustomer: id)
    }

    /// Writes what is under way, when some of it is the customer's.
    mutating func settle(_ id: String) throws {
        if underWay.contains(id) { try settle() }
    }

    /// Writes everything under way, the counters and the store's clock.
    mutating func finish() throws {
        try settle()
        try writer.finish()
    }

    /// Leaves everything undone: the transaction has failed. The other thread is free for another one then.
    mutating func abandon() {
        if !submitted.isEmpty { _ = preparer.collect() }
        submitted = []
        gathered = []
        underWay = []
    }

    private func isOfTheseRules(_ before: StoredCustomer?) -> Bool {
        before.map { $0.epoch == rules.current.active.epoch } ?? true
    }

    private mutating func gather(_ job: Preparer.Job) throws {
        underWay.insert(job.id)
        gathered.append(job)
        if gathered.count == Self.run { try handOver() }
    }

    /// Hands over what is gathered, then writes what was handed over before.
    private mutating func handOver() throws {
        let done = submitted
        let answers = done.isEmpty ? [] : preparer.collect()
        submitted = gathered
        gathered.removeAll(keepingCapacity: true)
        if !submitted.isEmpty { preparer.submit(submitted, rules.current) }
        for (job, answer) in zip(done, answers) {
            try write(job, answer)
            underWay.remove(job.id)
        }
    }

    private mutating func settle() throws {
        while !gathered.isEmpty || !submitted.isEmpty { try handOver() }
    }

    private mutating func write(_ job: Preparer.Job, _ answer: Preparer.Answer) throws {
        switch (answer, job.work) {
        case (.prepared(let prepared, let fact?), _):
            // A fact that is stored already does nothing, whatever was decided on the belief that it is new.
            guard try !writer.append([fact], of: job.id).isEmpty else { return }
            try writer.save(prepared)
        case (.prepared(let prepared, nil), _):
            try writer.save(prepared)
        case (.needsStore, .receive(let fact, let at, let advancesFirst)):
            try writer.receive([fact], customer: job.id, at: at, advancesFirst: advancesFirst)
        case (.needsStore, .absorb(let facts, let asOf)):
            try writer.absorbStored(facts, customer: job.id, asOf: asOf)
        }
    }
}

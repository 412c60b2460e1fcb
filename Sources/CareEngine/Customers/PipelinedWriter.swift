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
    /// What became of a fact.
    enum Taken: Sendable, Hashable {
        /// It is new, and decided on.
        case stored
        /// It was stored before, and nothing happened.
        case known
        /// Its customer was erased.
        case erased
        /// It is older than the facts that are kept.
        case tooOld
        /// Something stored of its customer cannot be read.
        case unreadable
    }

    /// How many customers go over to the other thread at once: enough that waking it is not what costs.
    private static let run = 64
    /// With fewer facts in a transaction the other thread would be woken, and little done beside it.
    static let worthwhile = 2 * run

    private var writer: CustomerWriter
    private let transaction: any StoreTransaction
    private let rules: RulesInForce
    private let preparer: Preparer?
    private let passesUnreadable: Bool
    /// What became of each fact received, by the place that it was given; complete after ``settle()``.
    private(set) var taken: [Taken] = []
    /// Read, and not yet handed over.
    private var gathered: [Preparer.Job] = []
    /// Handed over, and not yet written.
    private var submitted: [Preparer.Job] = []
    private var underWay: Set<String> = []

    /// What the work has done so far; complete after ``finish()``.
    var summary: CustomerWriter.Summary { writer.summary }

    /// Work in `transaction` under the rules in force.
    ///
    /// - Parameters:
    ///   - preparer: has its thread; nil: all is done on this one.
    ///   - passesUnreadable: whether a customer who cannot be read is noted and costs nobody else anything, instead of
    ///     an error.
    init(
        _ transaction: any StoreTransaction, rules: RulesInForce, clock: DecisionClock, preparer: Preparer?,
        passesUnreadable: Bool = false
    ) {
        writer = CustomerWriter(transaction, rules: rules, clock: clock)
        self.transaction = transaction
        self.rules = rules
        self.preparer = preparer
        self.passesUnreadable = passesUnreadable
        if preparer != nil { gathered.reserveCapacity(Self.run) }
    }

    /// As ``CustomerWriter/receive(_:customer:at:advancesFirst:)``, of one fact.
    ///
    /// - Returns: the place of what becomes of it in ``taken``.
    @discardableResult
    mutating func receive(_ fact: Fact, customer id: String, at: Timestamp, advancesFirst: Bool) throws -> Int {
        let place = taken.count
        taken.append(.unreadable)
        guard preparer != nil else {
            try receiveAlone(fact, customer: id, at: at, advancesFirst: advancesFirst, place)
            return place
        }
        try settle(id)
        var before: StoredCustomer?
        guard try passing(id, { [transaction] _ in before = try transaction.customer(id) }) else { return place }
        if try before == nil && writer.refuses(1, of: id) {
            taken[place] = .erased
        } else if try isOfTheseRules(before) && fact.time >= writer.foldedBefore() {
            let work = Preparer.Job.Work.receive(fact, at: at, advancesFirst: advancesFirst)
            try gather(Preparer.Job(id: id, before: before, work: work, place: place))
        } else {
            try settle()
            try receiveAlone(fact, customer: id, at: at, advancesFirst: advancesFirst, place)
        }
        return place
    }

    /// The same on this thread alone.
    private mutating func receiveAlone(
        _ fact: Fact, customer id: String, at: Timestamp, advancesFirst: Bool, _ place: Int
    ) throws {
        let (erased, tooOld) = (summary.factsErased, summary.factsTooOld)
        var isNew = false
        let isRead = try passing(id) { writer in
            isNew = try writer.receive([fact], customer: id, at: at, advancesFirst: advancesFirst) == [true]
        }
        guard isRead else { return }
        taken[place] =
            isNew
            ? .stored : summary.factsErased > erased ? .erased : summary.factsTooOld > tooOld ? .tooOld : .known
    }

    /// Runs `body`, which is about one customer, when nothing is under way for it.
    ///
    /// - Returns: false: it cannot be read, where such customers are passed.
    mutating func alone(_ id: String, _ body: (inout CustomerWriter) throws -> Void) throws -> Bool {
        try settle(id)
        return try passing(id, body)
    }

    private mutating func passing(_ id: String, _ body: (inout CustomerWriter) throws -> Void) throws -> Bool {
        if passesUnreadable { return try writer.passing(id, body) }
        try body(&writer)
        return true
    }

    /// As ``CustomerWriter/absorb(_:customer:asOf:)``.
    mutating func absorb(_ facts: [Fact], customer id: String, asOf: Timestamp) throws {
        guard preparer != nil else { return try writer.absorb(facts, customer: id, asOf: asOf) }
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
        try gather(Preparer.Job(id: id, before: before, work: .absorb(fresh, asOf: asOf), place: nil))
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
        if !submitted.isEmpty { _ = preparer?.collect() }
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
        guard let preparer else { preconditionFailure("nothing is gathered for a thread that there is not") }
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

    /// Writes everything under way.
    mutating func settle() throws {
        while !gathered.isEmpty || !submitted.isEmpty { try handOver() }
    }

    private mutating func write(_ job: Preparer.Job, _ answer: Preparer.Answer) throws {
        switch (answer, job.work) {
        case (.prepared(let prepared, let fact?), _):
            // A fact that is stored already does nothing, whatever was decided on the belief that it is new.
            var isNew = false
            let isRead = try passing(job.id) { writer in
                isNew = try !writer.append([fact], of: job.id).isEmpty
                if isNew { try writer.save(prepared) }
            }
            if isRead, let place = job.place { taken[place] = isNew ? .stored : .known }
        case (.prepared(let prepared, nil), _):
            try writer.save(prepared)
        case (.needsStore, .receive(let fact, let at, let advancesFirst)):
            guard let place = job.place else { preconditionFailure("a fact that is received has a place") }
            try receiveAlone(fact, customer: job.id, at: at, advancesFirst: advancesFirst, place)
        case (.needsStore, .absorb(let facts, let asOf)):
            try writer.absorbStored(facts, customer: job.id, asOf: asOf)
        }
    }
}

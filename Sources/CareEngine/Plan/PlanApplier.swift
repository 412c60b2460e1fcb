import CareDecisions
import CarePlanning
import CareRules
import CareStore
import CareValues

/// Carries out a saved plan: exactly its decisions that are due, no others.
public struct PlanApplier {
    /// What of the plan is carried out.
    public struct Request: Sendable {
        /// Only this campaign, by identity; nil: all.
        public var only: String?
        /// At most so many acts: customers who would go beyond are left for another time; nil: no limit.
        public var maximumActs: Int?

        /// All of the plan, unless said.
        public init(only: String? = nil, maximumActs: Int? = nil) {
            self.only = only
            self.maximumActs = maximumActs
        }
    }

    /// A decision that would end otherwise now, and was not taken.
    public struct Refusal: Sendable, Hashable {
        /// As it was planned.
        public var planned: PlannedDecision
        /// Which of its lives the customer is in: the decision's id is that of the key in this life.
        public var life: Int
        /// How it would end.
        public var now: End
        /// The newest fact that came after the plan was made; nil: none did.
        public var fact: Fact?

        /// How a decision would end.
        public enum End: Sendable, Hashable {
            /// So: another outcome, reason or body.
            case decided(Outcome, Reason?, cause: String)
            /// The `where` or condition is false.
            case notMatching
            /// It is not due any more: what it was about has changed.
            case gone
            /// The customer is not there any more.
            case noCustomer
        }
    }

    /// What applying did.
    public struct Summary: Sendable {
        /// Decisions of the plan that were asked for.
        public var planned = 0
        /// Decided as planned, by outcome.
        public var applied: [Outcome: Int] = [:]
        /// Approved, and held by a gate: they go on by themselves.
        public var held = 0
        /// Decided before.
        public var alreadyDone = 0
        /// Not due yet.
        public var notDue = 0
        /// Left because of ``Request/maximumActs``.
        public var left = 0
        /// Left because their customer cannot be read.
        public var unreadable = 0
        /// When the first that is not due falls due; nil: none is to come.
        public var nextDue: Timestamp?
        /// What would end otherwise, by customer in the plan's order; at most ``maximumListed``.
        public var refusals: [Refusal] = []
        /// How many there are.
        public var refused = 0
        /// Whether it was ended before all was looked at.
        public var isInterrupted = false
        /// What was decided besides: rows that an activation ended.
        public var work = CustomerWriter.Summary()
        /// So many refusals are listed.
        public static let maximumListed = 1_000

        /// Decided as planned.
        public var appliedCount: Int { applied.values.reduce(0, +) }
    }

    /// Why the whole plan is refused.
    public enum Stale: Error, Sendable {
        /// It is of another store.
        case otherStore
        /// It was made with other rules: those of now, canonical, and their fingerprint.
        case otherRules(fingerprint: String, rules: String)
        /// Its period begins only then.
        case before(Timestamp)
    }

    /// How many customers one transaction holds.
    static let batchSize = 200

    private let store: any CareStore
    private let clock: DecisionClock
    /// Whether to go on.
    private let goesOn: @Sendable () -> Bool

    /// An applier on `store`, by `clock`; it ends after a batch when `goesOn` says false.
    public init(store: any CareStore, clock: DecisionClock, goesOn: @escaping @Sendable () -> Bool = { true }) {
        self.store = store
        self.clock = clock
        self.goesOn = goesOn
    }

    /// Whether `plan` may be carried out with the rules of `candidate`, which are put in force where the plan was made
    /// with them and they were not.
    ///
    /// - Parameter ready: called when all is well with the plan, before anything is changed.
    /// - Throws: ``Stale``; ``EngineError/clockBehindStore``; what `ready` throws; nothing was changed then.
    public func accept(
        _ plan: SavedPlanFile, _ candidate: CandidateRules, zones: any ZoneDirectory, ready: () throws -> Void = {}
    ) throws -> RulesInForce {
        let now = clock.decisionNow
        // In a service the rules in force are what a plan is held against: none are activated behind its back.
        if let live = store as? LiveStore {
            return try live.writeByRules { transaction, rules in
                try check(plan, now, in: transaction)
                try Self.check(plan.head, rules)
                guard now >= plan.head.from else { throw Stale.before(plan.head.from) }
                return rules
            }
        }
        return try store.write { transaction in
            try check(plan, now, in: transaction)
            let scored = try candidate.scored(in: transaction)
            guard scored.fingerprint == plan.head.fingerprint else {
                throw Stale.otherRules(fingerprint: scored.fingerprint, rules: scored.rules.canonicalText)
            }
            if let active = try transaction.activeRuleSet(), active.fingerprint != plan.head.fingerprint {
                // It was made for the activation that comes next; another has come since.
                guard !plan.head.isActive, active.epoch == plan.head.epoch - 1 else {
                    throw Stale.otherRules(fingerprint: active.fingerprint, rules: active.text)
                }
            }
            guard now >= plan.head.from else { throw Stale.before(plan.head.from) }
            try ready()
            return try Activation.activate(candidate, at: now, in: transaction, zones: zones).rules
        }
    }

    private func check(_ plan: SavedPlanFile, _ now: Timestamp, in store: any StoreSnapshot) throws {
        guard try store.storeID == plan.head.storeID else { throw Stale.otherStore }
        if let stored = try store.clock, now < stored {
            throw EngineError.clockBehindStore(asked: now, store: stored)
        }
    }

    private static func check(_ head: SavedPlan.Head, _ rules: RulesInForce) throws {
        guard rules.fingerprint == head.fingerprint else {
            throw Stale.otherRules(
                fingerprint: rules.fingerprint, rules: rules.current.active.rules.canonicalText)
        }
    }

    /// Carries out what of `plan` is due.
    ///
    /// - Throws: ``SavedPlan/Defect``; ``StoreError``. What was committed before stays.
    public func apply(_ plan: SavedPlanFile, _ request: Request, _ rules: RulesInForce) throws -> Summary {
        var summary = Summary()
        var batch: [(customer: String, lines: [SavedPlan.Line])] = []
        var acts = 0
        try plan.forEachCustomer { customer, lines in
            guard !summary.isInterrupted else { return }
            let wanted = lines.filter { request.only == nil || request.only == $0.planned.key.campaign }
            guard !wanted.isEmpty else { return }
            batch.append((customer, wanted))
            guard batch.count >= Self.batchSize else { return }
            try run(batch, plan.head, request, rules, &acts, &summary)
            batch.removeAll(keepingCapacity: true)
            if !goesOn() { summary.isInterrupted = true }
        }
        if !batch.isEmpty, !summary.isInterrupted { try run(batch, plan.head, request, rules, &acts, &summary) }
        return summary
    }

    private func run(
        _ batch: [(customer: String, lines: [SavedPlan.Line])], _ head: SavedPlan.Head, _ request: Request,
        _ rules: RulesInForce, _ acts: inout Int, _ summary: inout Summary
    ) throws {
        let before = (summary, acts)
        do {
            try inTransaction(head, rules) { transaction, rules in
                var writer = CustomerWriter(transaction, rules: rules, clock: clock)
                for (customer, lines) in batch {
                    let isRead = try writer.passing(customer) { writer in
                        try Self.apply(
                            lines, customer: customer, since: head.storeClock ?? head.from,
                            maximumActs: request.maximumActs, now: clock.decisionNow, transaction, &writer, &acts,
                            &summary)
                    }
                    if !isRead { summary.unreadable += lines.count { $0.at <= clock.decisionNow } }
                }
                try writer.finish()
                summary.work.add(writer.summary)
            }
        } catch {
            (summary, acts) = before
            throw error
        }
    }

    /// One transaction, by the rules that the plan was accepted under; a service may have taken up others since.
    private func inTransaction(
        _ head: SavedPlan.Head, _ accepted: RulesInForce, _ body: (any StoreTransaction, RulesInForce) throws -> Void
    ) throws {
        guard let live = store as? LiveStore else { return try store.write { try body($0, accepted) } }
        try live.writeByRules { transaction, rules in
            try Self.check(head, rules)
            try body(transaction, rules)
        }
    }

    /// Carries out what is due of one customer's lines, in a transaction.
    static func apply(
        _ lines: [SavedPlan.Line], customer: String, since: Timestamp, maximumActs: Int?, now: Timestamp,
        _ transaction: any StoreTransaction, _ writer: inout CustomerWriter, _ acts: inout Int, _ summary: inout Summary
    ) throws {
        summary.planned += lines.count
        func wait(for line: SavedPlan.Line) {
            summary.notDue += 1
            summary.nextDue = min(summary.nextDue ?? line.at, max(line.at, now))
        }
        for line in lines where line.at > now { wait(for: line) }
        var due = lines.filter { $0.at <= now }
        guard !due.isEmpty else { return }
        let decided = Set(
            try transaction.ledger(of: customer, campaign: nil).filter { $0.number == 0 }.map(\.key))
        let generation = try Erasures(in: transaction).generation(of: customer, in: transaction)
        let isDone = { (line: SavedPlan.Line) in
            decided.contains(DeliveryID(hashing: line.planned.key.text(generation: generation)))
        }
        summary.alreadyDone += due.count(where: isDone)
        due.removeAll(where: isDone)
        guard !due.isEmpty else { return }
        let dueActs = due.count { $0.planned.outcome == .act }
        if let maximumActs, acts + dueActs > maximumActs {
            summary.left += due.count
            return
        }
        guard let (answers, row) = try writer.apply(due.map(\.planned), customer: customer, until: now) else {
            for line in due { summary.refuse(Refusal(planned: line.planned, life: generation, now: .noCustomer)) }
            return
        }
        var newest: Fact??
        func refuse(_ planned: PlannedDecision, _ end: Refusal.End) throws {
            if newest == nil {
                newest = .some(
                    try transaction.facts(of: customer, receivedUntil: nil).filter { $0.receivedAt > since }
                        .max { $0.receivedAt < $1.receivedAt })
            }
            summary.refuse(Refusal(planned: planned, life: generation, now: end, fact: newest ?? nil))
        }
        for line in due {
            switch answers[line.planned.key] ?? .passedOver {
            case .applied(let decision):
                summary.applied[decision.outcome, default: 0] += 1
                if decision.outcome == .act { acts += 1 }
            case .held: summary.held += 1
            case .refused(let decision?):
                try refuse(line.planned, .decided(decision.outcome, decision.reason, cause: decision.cause))
            case .refused(nil): try refuse(line.planned, .notMatching)
            case .passedOver:
                if row.isToCome(line.planned.key) { wait(for: line) } else { try refuse(line.planned, .gone) }
            }
        }
    }
}

extension PlanApplier.Summary {
    mutating func refuse(_ refusal: PlanApplier.Refusal) {
        refused += 1
        if refusals.count < Self.maximumListed { refusals.append(refusal) }
    }
}

extension CustomerRow {
    /// Whether what a plan has decided of is under way and only not due yet: it was put off by what came before it.
    func isToCome(_ key: DecisionKey) -> Bool {
        memory.entries.contains {
            $0.campaign == key.campaign && $0.occurrence == key.occurrence && $0.todo.contains(key.step)
        }
            || memory.delayed.contains {
                $0.occurrence.campaign == key.campaign && $0.occurrence.key == key.occurrence
            }
    }
}

extension Decision {
    /// The part of the policies that stopped it: `pause do-not-contact`; empty: none did.
    var cause: String {
        for kind in ["pause", "cap", "window"] {
            if case .string(let name)? = inputs[kind] { return "\(kind) \(name)" }
        }
        return ""
    }
}

extension CustomerWriter.Summary {
    /// Adds what another transaction did.
    mutating func add(_ other: CustomerWriter.Summary) {
        decisions.merge(other.decisions, uniquingKeysWith: +)
        reasons.merge(other.reasons, uniquingKeysWith: +)
        actsByCampaign.merge(other.actsByCampaign, uniquingKeysWith: +)
        customersSaved += other.customersSaved
        duplicates += other.duplicates
        unreadable += other.unreadable
    }
}

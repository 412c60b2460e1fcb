import CareDecisions
import CareStore
import CareValues

/// What one pass over what is due did.
public struct TickSummary: Sendable, Hashable {
    /// The decision clock at the start of the pass.
    public var clock: Timestamp
    /// Customers that were due.
    public var customersDue = 0
    /// Customers brought up to a newer rule set.
    public var customersBroughtUp = 0
    /// What was decided.
    public var decisions: [Outcome: Int] = [:]
    /// Reasons of what was not done.
    public var reasons: [Reason: Int] = [:]
    /// Acts by campaign.
    public var actsByCampaign: [String: Int] = [:]
    /// The earliest wake-up afterwards; nil: nobody waits.
    public var nextWakeUp: Timestamp?

    /// Rows the ledger got.
    public var decided: Int { decisions.values.reduce(0, +) }
}

/// Decides what is due: brings rows up to the rules in force, then looks at every customer whose wake-up has come.
///
/// Each customer's decisions, row, wake-up and deliveries are committed together; a pass that is killed is gone on
/// with by the next one, which finds the same customers due.
public struct Ticker: Sendable {
    /// How many customers one transaction holds.
    static let batchSize = 500

    private let store: any CareStore
    private let clock: DecisionClock
    /// Decisions a second while catching up with what was due more than 15 minutes ago: no flood after a downtime.
    private let recoveryRate: Int
    /// Waits that many milliseconds; false: the service is stopping.
    private let pause: @Sendable (Int64) -> Bool

    /// A ticker on `store`, by `clock`.
    public init(
        store: any CareStore, clock: DecisionClock, recoveryRate: Int,
        pause: @escaping @Sendable (_ milliseconds: Int64) -> Bool
    ) {
        self.store = store
        self.clock = clock
        self.recoveryRate = max(1, recoveryRate)
        self.pause = pause
    }

    /// Everything due at the clock's now: rows of older epochs first, then due customers, by wake-up.
    ///
    /// - Throws: ``EngineError/clockBehindStore`` when the clock reads less than the store's.
    public func tick(_ rules: RulesInForce) throws -> TickSummary {
        var summary = TickSummary(clock: clock.decisionNow)
        if let stored = try store.read({ try $0.clock }), summary.clock < stored {
            throw EngineError.clockBehindStore(asked: summary.clock, store: stored)
        }
        try bringUp(rules, &summary)
        try decideDue(rules, &summary)
        summary.nextWakeUp = try store.read { try $0.nextWakeUp() }
        return summary
    }

    private func bringUp(_ rules: RulesInForce, _ summary: inout TickSummary) throws {
        while true {
            let written = try store.write { transaction -> (Int, CustomerWriter.Summary)? in
                let ids = try transaction.customers(below: rules.current.active.epoch, limit: Self.batchSize)
                guard !ids.isEmpty else { return nil }
                var writer = CustomerWriter(transaction, rules: rules, clock: clock)
                for id in ids { try writer.advance(customer: id, until: .distantPast) }
                try writer.finish()
                return (ids.count, writer.summary)
            }
            guard let (count, done) = written else { return }
            summary.customersBroughtUp += count
            summary.add(done)
        }
    }

    private func decideDue(_ rules: RulesInForce, _ summary: inout TickSummary) throws {
        while true {
            let now = clock.decisionNow
            let written = try store.write { transaction -> (count: Int, overdue: Bool, CustomerWriter.Summary)? in
                let due = try transaction.dueCustomers(at: now, limit: Self.batchSize)
                guard let first = due.first else { return nil }
                // Overdue and in time are not mixed in one batch, so that the pace of one does not hold up the other.
                let overdueUntil = now.advanced(byMilliseconds: -15 * 60_000)
                let isOverdue = first.wakeUp < overdueUntil
                let batch = isOverdue ? due.prefix { $0.wakeUp < overdueUntil }.prefix(recoveryRate) : due[...]
                var writer = CustomerWriter(transaction, rules: rules, clock: clock)
                for customer in batch { try writer.advance(customer: customer.id, until: now) }
                try writer.finish()
                return (batch.count, isOverdue, writer.summary)
            }
            guard let written else { return }
            summary.customersDue += written.count
            summary.add(written.2)
            if written.overdue {
                let wait = Int64(written.2.decided) * 1000 / Int64(recoveryRate)
                if wait > 0, !pause(wait) { return }
            }
        }
    }
}

extension TickSummary {
    mutating func add(_ done: CustomerWriter.Summary) {
        decisions.merge(done.decisions, uniquingKeysWith: +)
        reasons.merge(done.reasons, uniquingKeysWith: +)
        actsByCampaign.merge(done.actsByCampaign, uniquingKeysWith: +)
    }
}

import CareDecisions
import CareStore
import CareValues

/// What one pass over what is due did.
public struct TickSummary: Sendable {
    /// The decision clock at the start of the pass.
    public var clock: Timestamp
    /// Customers that were due.
    public var customersDue = 0
    /// Customers that a tick of a schedule or a holiday was decided for.
    public var customersScanned = 0
    /// Customers brought up to a newer rule set.
    public var customersBroughtUp = 0
    /// What was decided.
    public var decisions: [Outcome: Int] = [:]
    /// Reasons of what was not done.
    public var reasons: [Reason: Int] = [:]
    /// Acts by campaign.
    public var actsByCampaign: [String: Int] = [:]
    /// Decisions that the ledger had already, and that were dropped: each is a defect of this program.
    public var duplicates = 0
    /// Customers of whom something stored cannot be read: they are passed over.
    public var unreadable: [UnreadableCustomer] = []
    /// What was done of plans that were approved ahead; those of which nothing was done are not among them.
    public var approved: [ApprovedPlans.Report] = []
    /// Whether the pass was ended before everything due was decided.
    public var isInterrupted = false
    /// The earliest wake-up or tick afterwards; nil: nobody waits.
    public var nextWakeUp: Timestamp?

    /// Rows the ledger got.
    public var decided: Int { decisions.values.reduce(0, +) }
}

/// Decides what is due: looks at every customer whose wake-up has come, and brings rows up to the rules in force.
///
/// Each customer's decisions, row, wake-up and deliveries are committed together; a pass that is killed is gone on
/// with by the next one, which finds the same customers due.
///
/// What is in time goes first, whenever there is some. What is overdue, and rows of older rules, are caught up with in
/// between at the recovery rate, so that neither a downtime nor an edit after one becomes a flood. Scans in time for which
/// there is always a newer tick do not keep it from its turn.
public struct Ticker: Sendable {
    /// How many customers one transaction holds.
    static let batchSize = 500
    /// How many one of a scan in time holds: they come in the order they lie in.
    static let scanBatchSize = 2_000
    /// Older than this, what is due is overdue: milliseconds.
    static let overdueAfter: Int64 = 15 * 60_000

    /// After that long with scans in time, what is to be caught up with has its turn beside them: milliseconds.
    static let patience: Int64 = 60_000

    private let store: any CareStore
    private let clock: DecisionClock
    /// Decisions a second while catching up.
    private let recoveryRate: Int
    /// Plans that were approved ahead; nil: none are looked for.
    private let approved: ApprovedPlans?
    /// Waits that many milliseconds, or only looks around at 0; false: the pass is to end.
    private let pause: @Sendable (Int64) -> Bool
    /// Gets the deliveries that were cancelled because a consent was taken back.
    private let revoke: @Sendable ([DeliveryID]) -> Void

    /// A ticker on `store`, by `clock`.
    public init(
        store: any CareStore, clock: DecisionClock, recoveryRate: Int, approved: ApprovedPlans? = nil,
        pause: @escaping @Sendable (_ milliseconds: Int64) -> Bool,
        revoke: @escaping @Sendable ([DeliveryID]) -> Void = { _ in }
    ) {
        self.store = store
        self.clock = clock
        self.recoveryRate = max(1, recoveryRate)
        self.approved = approved
        self.pause = pause
        self.revoke = revoke
    }

    /// Everything due at the clock's now, and every row of older rules.
    ///
    /// - Throws: ``EngineError/clockBehindStore`` when the clock reads less than the store's.
    public func tick(_ rules: RulesInForce) throws -> TickSummary {
        var summary = TickSummary(clock: clock.decisionNow)
        if let stored = try store.read({ try $0.clock }), summary.clock < stored {
            throw EngineError.clockBehindStore(asked: summary.clock, store: stored)
        }
        var pass = Pass(
            rules: rules, summary: summary, nextCatchUp: summary.clock.advanced(byMilliseconds: Self.patience))
        while try decideInTime(&pass) {
            if pass.rules.current.hasTicks, !pass.isInterrupted, try scan(&pass, inTime: true) {
                guard try catchUpBesideScans(&pass) else { break }
                continue
            }
            guard !pass.isInterrupted, try catchUp(&pass) else { break }
        }
        summary = pass.summary
        summary.nextWakeUp = try store.read { try nextDue($0, rules) }
        if let approved, !summary.isInterrupted {
            summary.approved = try approved.run(rules, store, clock: clock)
            for report in summary.approved { summary.add(report.summary) }
            // A key that falls due while this pass ends is looked at in the next.
            if let next = approved.nextDue(now: clock.decisionNow) {
                summary.nextWakeUp = min(summary.nextWakeUp ?? next, next)
            }
        }
        return summary
    }

    /// The earliest wake-up, or tick that no scan has done.
    private func nextDue(_ store: any StoreSnapshot, _ rules: RulesInForce) throws -> Timestamp? {
        let wakeUp = try store.nextWakeUp()
        guard rules.current.hasTicks else { return wakeUp }
        let now = clock.decisionNow
        let planner = try ScanPlanner(rules.current, in: store)
        guard let tick = planner.open(at: now).map(\.scan.tick).min() ?? planner.next(after: now) else { return wakeUp }
        return min(wakeUp ?? tick, tick)
    }

    /// One batch of a scan; false: none of that kind is open, or the pass is to end.
    private func scan(_ pass: inout Pass, inTime: Bool) throws -> Bool {
        let now = clock.decisionNow
        let planner = try store.read { try ScanPlanner(pass.rules.current, in: $0) }
        let overdue = now.advanced(byMilliseconds: -Self.overdueAfter)
        // With nothing left to catch up with, ticks that have come since the pass began are the next one's.
        let open = planner.open(at: now).filter { !inTime || !pass.isCaughtUp || $0.scan.tick <= pass.summary.clock }
        guard let batch = ScanBatch(of: open, overdue: overdue, inTime: inTime) else { return false }
        let limit = inTime ? Self.scanBatchSize : min(Self.batchSize, recoveryRate)
        let (touched, older, work) = try store.write { transaction in
            for scan in planner.stale { try transaction.removeScan(campaign: scan.campaign, zone: scan.zone) }
            var writer = CustomerWriter(transaction, rules: pass.rules, clock: clock)
            let (touched, older) = try batch.run(transaction, pass.rules, limit: limit, now: now, &writer)
            try writer.finish()
            return (touched, older, writer.summary)
        }
        pass.summary.customersScanned += touched
        note(work, &pass)
        // Rows of older rules are brought up by the way: that is catching up, however punctual the tick.
        return goesOn(after: inTime && older == 0 ? 0 : work.decided, &pass)
    }

    /// One pass as it goes on.
    private struct Pass {
        let rules: RulesInForce
        var summary: TickSummary
        var isBroughtUp = false
        /// Rows of older rules that cannot be read.
        var left: Set<String> = []
        /// Beside scans in time, when the next batch is caught up with; each puts it off by what it has decided.
        var nextCatchUp: Timestamp
        var isBesideScans = false
        /// Whether there was nothing left to catch up with when that was looked at beside scans.
        var isCaughtUp = false

        /// Whether it is to end.
        var isInterrupted: Bool { summary.isInterrupted }
    }

    /// Decides for all who are due and not overdue; false: the pass is to end.
    private func decideInTime(_ pass: inout Pass) throws -> Bool {
        while true {
            let now = clock.decisionNow
            let done = try decide(
                pass.rules, after: now.advanced(byMilliseconds: -Self.overdueAfter), at: now, until: now)
            guard done.customers > 0 else { return true }
            pass.summary.customersDue += done.customers
            note(done.work, &pass)
            guard goesOn(after: 0, &pass) else { return false }
        }
    }

    /// One batch of what is overdue, or else of the rows of older rules; false: nothing is left, or the pass is to end.
    private func catchUp(_ pass: inout Pass) throws -> Bool {
        let now = clock.decisionNow
        let overdue = try decide(
            pass.rules, after: nil, at: now.advanced(byMilliseconds: -Self.overdueAfter), until: now)
        if overdue.customers > 0 {
            pass.summary.customersDue += overdue.customers
            note(overdue.work, &pass)
            return goesOn(after: overdue.work.decided, &pass)
        }
        if pass.rules.current.hasTicks, try scan(&pass, inTime: false) { return true }
        guard !pass.isInterrupted, !pass.isBroughtUp else { return false }
        let broughtUp = try bringUp(&pass)
        pass.summary.customersBroughtUp += broughtUp.customers
        note(broughtUp.work, &pass)
        // A batch that brings up nobody would be asked for again for ever.
        pass.isBroughtUp = broughtUp.work.customersSaved == 0 && broughtUp.work.unreadable.isEmpty
        // What only ends something is no flood.
        return goesOn(after: broughtUp.work.decisions[.act] ?? 0, &pass)
    }

    /// One batch of what is to be caught up with, once scans in time have had their patience and whenever the recovery
    /// rate allows; false: the pass is to end.
    private func catchUpBesideScans(_ pass: inout Pass) throws -> Bool {
        guard !pass.isInterrupted else { return false }
        guard !pass.isCaughtUp, clock.decisionNow >= pass.nextCatchUp else { return true }
        pass.isBesideScans = true
        defer { pass.isBesideScans = false }
        pass.isCaughtUp = try !catchUp(&pass)
        return !pass.isInterrupted
    }

    /// Counts what one transaction did.
    private func note(_ work: CustomerWriter.Summary, _ pass: inout Pass) {
        if !work.revoked.isEmpty { revoke(work.revoked) }
        pass.summary.add(work)
    }

    /// Waits as long as so many decisions take at the recovery rate; false: the pass is to end.
    private func goesOn(after decided: Int, _ pass: inout Pass) -> Bool {
        let wait = Int64(decided) * 1000 / Int64(recoveryRate)
        // Beside scans nobody waits: what they decide is in time.
        if pass.isBesideScans { pass.nextCatchUp = clock.decisionNow.advanced(byMilliseconds: wait) }
        if pause(pass.isBesideScans ? 0 : wait) { return true }
        pass.summary.isInterrupted = true
        return false
    }

    /// Decides for a batch of those whose wake-up lies in `(after, at]`, the oldest first, what is due up to `now`.
    private func decide(
        _ rules: RulesInForce, after: Timestamp?, at instant: Timestamp, until now: Timestamp
    ) throws
        -> (customers: Int, work: CustomerWriter.Summary)
    {
        // What is overdue comes a second's share at a time.
        let limit = after == nil ? min(Self.batchSize, recoveryRate) : Self.batchSize
        return try store.write { transaction in
            var writer = CustomerWriter(transaction, rules: rules, clock: clock)
            let due = try transaction.dueCustomers(after: after, at: instant, limit: limit)
            for customer in due { try writer.advanceOrPutOff(customer: customer.id, until: now) }
            try writer.finish()
            return (due.count, writer.summary)
        }
    }

    /// Brings up a batch of rows of older rules; those that cannot be read stay as they are, and are not asked for again
    /// in this pass.
    private func bringUp(_ pass: inout Pass) throws -> (customers: Int, work: CustomerWriter.Summary) {
        let (rules, left) = (pass.rules, pass.left)
        let (work, unread) = try store.write { transaction in
            var writer = CustomerWriter(transaction, rules: rules, clock: clock)
            let ids = try transaction.customers(
                below: rules.current.active.epoch, limit: min(Self.batchSize, recoveryRate) + left.count)
            // A scan may have gone by before the customer's zone was known.
            let until = rules.current.hasTicks ? clock.decisionNow : .distantPast
            var unread: [String] = []
            for id in ids where !left.contains(id) {
                if try !writer.passing(id, { try $0.advance(customer: id, until: until) }) { unread.append(id) }
            }
            try writer.finish()
            return (writer.summary, unread)
        }
        pass.left.formUnion(unread)
        return (work.customersSaved, work)
    }
}

extension TickSummary {
    mutating func add(_ done: PlanApplier.Summary) {
        decisions.merge(done.applied, uniquingKeysWith: +)
        if done.held > 0 { decisions[.hold, default: 0] += done.held }
        unreadable += done.work.unreadable
    }

    mutating func add(_ done: CustomerWriter.Summary) {
        decisions.merge(done.decisions, uniquingKeysWith: +)
        reasons.merge(done.reasons, uniquingKeysWith: +)
        actsByCampaign.merge(done.actsByCampaign, uniquingKeysWith: +)
        duplicates += done.duplicates
        unreadable += done.unreadable
    }
}

import CareDecisions
import CareStore
import CareThreads
import CareValues

/// The one way in for everything that writes while the service runs: facts, and what operators order.
///
/// Callers on any thread hand work over and are answered after it is on disk. The service's own thread, which also
/// decides what falls due, does the work: facts that wait are written together, as many as there are by then, one
/// transaction for all (group commit); an order has a transaction of its own. What may wait is bounded.
public final class LiveEngine: Sendable {
    /// How much may wait, and be written at once.
    public struct Limits: Sendable {
        /// Facts that may wait; a request that would exceed it is turned away.
        public var queuedFacts = 20_000
        /// Facts that one transaction holds.
        public var groupFacts = 2_000
        /// Orders that may wait.
        public var queuedOrders = 1_000

        /// The usual limits.
        public init() {}
    }

    /// What a group of work did, for the loop that called.
    struct Done {
        /// The earliest wake-up among the customers written.
        var nextWakeUp: Timestamp?
        /// What was decided.
        var summary = CustomerWriter.Summary()
        /// Whether it was an order.
        var isOrder = false
        /// Whether more waits.
        var isMoreWaiting = false
    }

    /// An order, to be carried out in a transaction of its own.
    private struct Order: Sendable {
        var run: @Sendable (any CareStore, RulesInForce) -> Failure?
        var refuse: @Sendable (LiveRefusal) -> Void
    }
    /// An error that ends the service.
    private struct Failure: Sendable {
        var error: any Error
    }
    private enum Work: Sendable {
        case facts(FactsJob)
        case order(Order)
    }
    private struct State {
        var waiting: [Work] = []
        var waitingFacts = 0
        var waitingOrders = 0
        var isRunning = false
        var wake: (@Sendable () -> Void)?
        var reload: (@Sendable (@escaping @Sendable (Result<RulesView, any Error>) -> Void) -> Void)?
        var rules: RulesView?
        var metrics = LiveMetrics()
        /// The day on which nothing is left of the answers that are older than the day before it.
        var forgottenOn: CivilDate?
    }

    private let store: any CareStore
    private let clock: DecisionClock
    private let limits: Limits
    private let state = Lock(State())

    /// An engine that writes to `store`, by `clock`; it takes work once a ``Service`` runs it.
    public init(store: any CareStore, clock: DecisionClock, limits: Limits = Limits()) {
        self.store = store
        self.clock = clock
        self.limits = limits
    }

    /// The rules in force; nil: the service has not started yet.
    public var rules: RulesView? { state.withLock { $0.rules } }

    /// Whether work is taken.
    public var isRunning: Bool { state.withLock { $0.isRunning } }

    /// What was done so far.
    public var metrics: LiveMetrics {
        state.withLock { state in
            state.metrics.queued = state.waitingFacts
            return state.metrics
        }
    }

    /// Takes facts in, decides about them, and answers once all of it is on disk: the batch's answers.
    ///
    /// - Parameter key: the caller's name for it: the same one again gets the same answers, and nothing is taken.
    /// - Throws: ``LiveRefusal``, and then nothing of it was taken.
    public func receive(_ batch: LiveBatch, key: RequestKey? = nil) async throws -> [LiveAnswer] {
        let count = batch.requests.reduce(0) { $0 + $1.items.count }
        // Where all was refused beforehand nothing was taken: the same again is looked at anew, under a key too.
        guard count > 0 else { return batch.answers }
        return try await withCheckedThrowingContinuation { continuation in
            submit(.facts(FactsJob(batch: batch, count: count, key: key) { continuation.resume(with: $0) }))
        }
    }

    /// As above, for requests of which nothing is refused beforehand: for each, in order, an answer for each of its items.
    public func receive(_ requests: [LiveRequest]) async throws -> [[LiveAnswer]] {
        let batch = LiveBatch(requests)
        let answers = try await receive(batch)
        return batch.places.map { places in places.map { answers[$0] } }
    }

    /// Runs `body` in a transaction of its own between the others.
    ///
    /// - Returns: what it returns, once all it wrote is on disk.
    /// - Throws: what it throws, and then nothing was written; ``LiveRefusal``.
    public func perform<Answer: Sendable>(
        _ body: @escaping @Sendable (any StoreTransaction, RulesInForce) throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            let order = Order(
                run: { store, rules in
                    do {
                        let answer = try store.write { try body($0, rules) }
                        continuation.resume(returning: answer)
                    } catch let error as StoreError where error.code == .full {
                        continuation.resume(throwing: LiveRefusal.storeFull)
                    } catch let error as StoreError where error.endsTheService {
                        continuation.resume(throwing: LiveRefusal.failed)
                        return Failure(error: error)
                    } catch {
                        continuation.resume(throwing: error)
                    }
                    return nil
                }, refuse: { continuation.resume(throwing: $0) })
            submit(.order(order))
        }
    }

    /// As ``perform(_:)``, for a caller that may block, and whose work need not be sendable: it waits.
    ///
    /// - Throws: what it throws, a ``StoreError`` as it is, and then nothing was written; ``LiveRefusal``.
    func carryOut<Answer>(_ body: (any StoreTransaction, RulesInForce) throws -> Answer) throws -> Answer {
        try withoutActuallyEscaping(body) { body in
            let awaited = AwaitedTransaction(body)
            submit(
                .order(
                    Order(
                        run: { store, rules in awaited.run(store, rules).map { Failure(error: $0) } },
                        refuse: { awaited.refuse($0) })))
            return try awaited.answer()
        }
    }

    /// Reads the rule files anew and puts them in force if they are good.
    ///
    /// - Returns: the rules in force afterwards.
    /// - Throws: what reading them throws: those in force stay; ``LiveRefusal/notRunning``.
    public func reload() async throws -> RulesView {
        try await withCheckedThrowingContinuation { continuation in
            guard let reload = state.withLock({ $0.isRunning ? $0.reload : nil }) else {
                continuation.resume(throwing: LiveRefusal.notRunning)
                return
            }
            reload { continuation.resume(with: $0) }
        }
    }

    private func submit(_ work: Work) {
        let (refusal, wake) = state.withLock { state -> (LiveRefusal?, (@Sendable () -> Void)?) in
            guard state.isRunning else { return (.notRunning, nil) }
            switch work {
            case .facts(let job):
                // One that is larger than the whole queue is taken when nothing else waits.
                if state.waitingFacts > 0, state.waitingFacts + job.count > limits.queuedFacts {
                    state.metrics.turnedAway += job.count
                    return (.busy(retryAfterSeconds: 1), nil)
                }
                state.waitingFacts += job.count
            case .order:
                guard state.waitingOrders < limits.queuedOrders else { return (.busy(retryAfterSeconds: 1), nil) }
                state.waitingOrders += 1
            }
            state.waiting.append(work)
            return (nil, state.waiting.count == 1 ? state.wake : nil)
        }
        if let refusal { refuse(work, refusal) } else { wake?() }
    }

    private func refuse(_ work: Work, _ refusal: LiveRefusal) {
        switch work {
        case .facts(let job): job.answer(.failure(refusal))
        case .order(let order): order.refuse(refusal)
        }
    }

    // MARK: For the service

    /// Begins to take work.
    ///
    /// - Parameters:
    ///   - wake: called when there is work, from any thread.
    ///   - reload: asks for a reload; its argument is called with what became of it.
    func open(
        _ rules: RulesInForce, wake: @escaping @Sendable () -> Void,
        reload: @escaping @Sendable (@escaping @Sendable (Result<RulesView, any Error>) -> Void) -> Void
    ) {
        state.withLock { state in
            state.isRunning = true
            state.wake = wake
            state.reload = reload
            state.rules = RulesView(rules)
        }
    }

    /// Tells readers which rules are in force now.
    func publish(_ rules: RulesInForce) {
        state.withLock { $0.rules = RulesView(rules) }
    }

    /// Notes that files were refused on a reload.
    func noteRefusedReload() {
        state.withLock { $0.metrics.refusedReloads += 1 }
    }

    /// Whether anything waits.
    var hasWork: Bool { state.withLock { !$0.waiting.isEmpty } }

    /// Takes no more; what waits is refused.
    func close(_ refusal: LiveRefusal = .notRunning) {
        let waiting = state.withLock { state in
            defer {
                state.waiting = []
                state.waitingFacts = 0
                state.waitingOrders = 0
            }
            state.isRunning = false
            state.wake = nil
            state.reload = nil
            return state.waiting
        }
        for work in waiting { refuse(work, refusal) }
    }

    /// Does the next group of work that waits: facts up to a transaction's share, or one order. The service's thread.
    ///
    /// - Parameters:
    ///   - preparer: has its thread, on which large groups are decided; nil: all is done on this one.
    ///   - revoke: gets deliveries that were claimed and are cancelled now, before anybody is answered.
    /// - Throws: when the store cannot go on; what was handed over is answered before.
    func runGroup(
        _ rules: RulesInForce, preparer: Preparer? = nil, revoke: ([DeliveryID]) -> Void = { _ in }
    ) throws -> Done {
        var done = Done()
        let (jobs, order) = takeGroup()
        if let order {
            if let failure = order.run(store, rules) { throw failure.error }
            // It may have written anything, deliveries and wake-ups too.
            done.nextWakeUp = try store.read { try $0.nextWakeUp() }
            done.isOrder = true
        }
        if !jobs.isEmpty {
            let writer = GroupWriter(store: store, clock: clock, rules: rules, preparer: preparer)
            let written = writer.write(jobs, revoking: revoke)
            done.summary = written.summary
            done.nextWakeUp = written.summary.nextWakeUp
            state.withLock { state in
                state.metrics.transactions += written.transactions
                state.metrics.stored += written.summary.factsStored
                state.metrics.duplicates += written.duplicates
            }
            if let failure = written.failure { throw failure }
        }
        done.isMoreWaiting = hasWork
        return done
    }

    /// Takes a bounded part away of the answers to named requests that are older than a day. The service's thread.
    ///
    /// - Returns: whether anything was written. - Throws: ``StoreError``; not that the disk is full: this can wait.
    func forgetAnswers() throws -> Bool {
        let day = Zone.utc.date(at: clock.now())
        guard state.withLock({ $0.forgottenOn != day }) else { return false }
        do {
            if try store.write({ try KeyedAnswers.forget(before: day, in: $0) }) { return true }
        } catch let error as StoreError where error.code == .full {
            return false
        }
        state.withLock { $0.forgottenOn = day }
        return true
    }

    private func takeGroup() -> ([FactsJob], Order?) {
        state.withLock { state in
            var jobs: [FactsJob] = []
            var count = 0
            var taken = 0
            while taken < state.waiting.count {
                guard case .facts(let job) = state.waiting[taken] else { break }
                if taken > 0, count + job.count > limits.groupFacts { break }
                count += job.count
                jobs.append(job)
                taken += 1
            }
            if taken == 0, case .order(let order)? = state.waiting.first {
                state.waiting.removeFirst()
                state.waitingOrders -= 1
                return ([], order)
            }
            state.waiting.removeFirst(taken)
            state.waitingFacts -= count
            return (jobs, nil)
        }
    }
}

extension StoreError {
    /// Whether nothing can be written any more until somebody has looked.
    var endsTheService: Bool { code == .corrupt || code == .io }
}

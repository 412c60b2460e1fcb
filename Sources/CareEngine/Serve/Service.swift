import CareDispatch
import CareStore
import CareThreads
import CareValues

/// `care serve`: decides what falls due and delivers it, until it is stopped.
///
/// The caller's thread decides, and does what is handed to the ``LiveEngine``; one of its own runs the dispatcher. Both
/// write through the one store.
public final class Service: Sendable {
    /// What happens while it runs, for the log. Counts and ids, never customer data.
    public enum Event: Sendable {
        /// Rules were put in force, at the start or on a reload.
        case activated(epoch: Int64, fingerprint: String)
        /// Facts were taken in, since the last such event.
        case received(CustomerWriter.Summary)
        /// A reload was asked for and refused: the rules in force stay.
        case reloadRefused(reason: String)
        /// A pass decided something.
        case decided(TickSummary, milliseconds: Int64)
        /// Something stored of a customer cannot be read: nothing is done about that one. Told once a run.
        case unreadable(UnreadableCustomer)
        /// The day's housekeeping is done.
        case pruned(Pruner.Summary)
        /// The store refused for now; the pass is made again.
        case storeFull
        /// The clock reads less than the store has seen: nothing is decided until it has caught up.
        case clockBehind(store: Timestamp)
    }

    /// A sign of life, rewritten at least every ``heartbeatMilliseconds``.
    public struct Heartbeat: Sendable, Hashable {
        /// The real clock when it was written.
        public var at: Timestamp
        /// The earliest wake-up; nil: nobody waits.
        public var nextWakeUp: Timestamp?
        /// The epoch of the rules in force.
        public var epoch: Int64
        /// Whether the dispatcher is running.
        public var isDispatching: Bool
    }

    /// How often a sign of life is given, at least.
    public static let heartbeatMilliseconds: Int64 = 5_000

    /// What the service needs from outside.
    public struct Ports: Sendable {
        /// Reads and checks the rule files anew. - Throws: what to say when they cannot be used.
        public var loadRules: @Sendable () throws -> CandidateRules
        /// Gets what happens.
        public var observe: @Sendable (Event) -> Void
        /// Gets the signs of life.
        public var beat: @Sendable (Heartbeat) -> Void

        /// Ports to the outside.
        public init(
            loadRules: @escaping @Sendable () throws -> CandidateRules, observe: @escaping @Sendable (Event) -> Void,
            beat: @escaping @Sendable (Heartbeat) -> Void
        ) {
            self.loadRules = loadRules
            self.observe = observe
            self.beat = beat
        }
    }

    struct Control {
        var isStopping = false
        var reloads = false
        /// Those who wait for the reload to come.
        var reloadWaiters: [@Sendable (Result<RulesView, any Error>) -> Void] = []
        /// Whether nobody is left to answer those who wait.
        var isOver = false
        /// Whether facts or orders were handed over.
        var hasWork = false
        /// What ended it, where it was not asked to end.
        var failure: (any Error)?
        var isDispatching = false
        var epoch: Int64 = 0
    }

    let store: any CareStore
    let clock: DecisionClock
    let zones: any ZoneDirectory
    let recoveryRate: Int
    let dispatcher: Dispatcher
    let ports: Ports
    let approved: ApprovedPlans?
    let live: LiveEngine?
    let housekeeping: Housekeeping?
    let housekeepingMilliseconds: Int64
    let control = Monitor(Control())

    /// A service on `store`, by `clock`.
    ///
    /// - Parameter housekeepingMilliseconds: after that long a little housekeeping is done, however much waits.
    public init(
        store: any CareStore, clock: DecisionClock, zones: any ZoneDirectory, recoveryRate: Int,
        dispatcher: Dispatcher, ports: Ports, approved: ApprovedPlans? = nil, live: LiveEngine? = nil,
        housekeeping: Housekeeping? = nil, housekeepingMilliseconds: Int64 = 60_000
    ) {
        self.housekeepingMilliseconds = housekeepingMilliseconds
        self.approved = approved
        self.live = live
        self.housekeeping = housekeeping
        self.store = store
        self.clock = clock
        self.zones = zones
        self.recoveryRate = recoveryRate
        self.dispatcher = dispatcher
        self.ports = ports
    }

    /// Ends ``run()``: decides nothing more, waits for answers under way. Any thread, also a signal's.
    public func stop() {
        control.update { $0.isStopping = true }
    }

    /// Reads the rule files anew, and puts them in force if they are good. Any thread.
    public func reload() {
        control.update { $0.reloads = true }
    }

    /// The same; `waiter` is called with what became of it, at once where the service is ending. Any thread.
    func reload(answering waiter: @escaping @Sendable (Result<RulesView, any Error>) -> Void) {
        let isTaken = control.update { control in
            guard !control.isOver, !control.isStopping else { return false }
            control.reloads = true
            control.reloadWaiters.append(waiter)
            return true
        }
        if !isTaken { waiter(.failure(LiveRefusal.notRunning)) }
    }

    /// Runs until ``stop()``.
    ///
    /// - Throws: what the rules' first loading throws; ``StoreError`` when the store cannot go on; what the dispatcher
    ///   throws.
    public func run() throws {
        let rules = try activate(ports.loadRules())
        guard let worker = startDispatcher() else { throw StoreError(.io, "no thread can be had") }
        defer {
            dispatcher.stop()
            worker.join()
        }
        live?.open(
            rules, wake: { [self] in control.update { $0.hasWork = true } },
            reload: { [self] in reload(answering: $0) })
        defer {
            live?.close()
            let waiters = control.update { control in
                defer { control.reloadWaiters = [] }
                control.isOver = true
                return control.reloadWaiters
            }
            for waiter in waiters { waiter(.failure(LiveRefusal.notRunning)) }
        }
        try decide(rules)
        if let failure = control.withLock({ $0.failure }) { throw failure }
    }

    private func startDispatcher() -> Worker? {
        control.update { $0.isDispatching = true }
        return Worker { [self] in
            do {
                try dispatcher.run(until: .stopped)
                control.update { $0.isDispatching = false }
            } catch {
                control.update { control in
                    control.isDispatching = false
                    control.failure = error
                    control.isStopping = true
                }
            }
        }
    }

    func beat(nextWakeUp: Timestamp?) {
        let (epoch, isDispatching) = control.withLock { ($0.epoch, $0.isDispatching) }
        ports.beat(
            Heartbeat(at: clock.now(), nextWakeUp: nextWakeUp, epoch: epoch, isDispatching: isDispatching))
    }

    func activate(_ candidate: CandidateRules) throws -> RulesInForce {
        let now = clock.decisionNow
        let (rules, _) = try store.write { transaction in
            // An activation never lies before what the store has seen.
            let instant = max(now, try transaction.clock ?? now)
            return try Activation.activate(candidate, at: instant, in: transaction, zones: zones)
        }
        ports.observe(.activated(epoch: rules.current.active.epoch, fingerprint: rules.fingerprint))
        return rules
    }
}

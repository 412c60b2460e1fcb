import CareDispatch
import CareStore
import CareThreads
import CareValues

/// `care serve`: decides what falls due and delivers it, until it is stopped.
///
/// The caller's thread decides; one of its own runs the dispatcher. Both write through the one store.
public final class Service: Sendable {
    /// What happens while it runs, for the log. Counts and ids, never customer data.
    public enum Event: Sendable {
        /// Rules were put in force, at the start or on a reload.
        case activated(epoch: Int64, fingerprint: String)
        /// A reload was asked for and refused: the rules in force stay.
        case reloadRefused(reason: String)
        /// A pass decided something.
        case decided(TickSummary, milliseconds: Int64)
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

    private struct Control {
        var isStopping = false
        var reloads = false
        var dispatcherFailure: (any Error)?
        var isDispatching = false
        var epoch: Int64 = 0
    }

    private let store: any CareStore
    private let clock: DecisionClock
    private let zones: any ZoneDirectory
    private let recoveryRate: Int
    private let dispatcher: Dispatcher
    private let ports: Ports
    private let approved: ApprovedPlans?
    private let control = Monitor(Control())

    /// A service on `store`, by `clock`.
    public init(
        store: any CareStore, clock: DecisionClock, zones: any ZoneDirectory, recoveryRate: Int,
        dispatcher: Dispatcher, ports: Ports, approved: ApprovedPlans? = nil
    ) {
        self.approved = approved
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
        try decide(rules)
        if let failure = control.withLock({ $0.dispatcherFailure }) { throw failure }
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
                    control.dispatcherFailure = error
                    control.isStopping = true
                }
            }
        }
    }

    private func decide(_ first: RulesInForce) throws {
        var rules = first
        var isClockBehind = false
        var isLogWritten = true
        control.withLock { $0.epoch = rules.current.active.epoch }
        beat(nextWakeUp: nil)
        // A pass that catches up slowly after a downtime gives signs of life too, and ends where rules are to be read.
        let ticker = Ticker(
            store: store, clock: clock, recoveryRate: recoveryRate, approved: approved,
            pause: { [self] milliseconds in
                beat(nextWakeUp: nil)
                return pause(milliseconds)
            },
            revoke: { [self] in dispatcher.revoke($0) })
        while true {
            let wanted = control.update { control in
                defer { control.reloads = false }
                return (stops: control.isStopping, reloads: control.reloads)
            }
            if wanted.stops { return }
            if wanted.reloads { rules = reloaded(after: rules) }
            var nextWakeUp: Timestamp?
            do {
                let started = clock.now()
                let summary = try ticker.tick(rules)
                nextWakeUp = summary.nextWakeUp
                isClockBehind = false
                if summary.decided > 0 || summary.customersBroughtUp > 0 || summary.duplicates > 0
                    || !summary.approved.isEmpty
                {
                    ports.observe(.decided(summary, milliseconds: clock.now().milliseconds(since: started)))
                    dispatcher.wake()
                    isLogWritten = true
                } else if isLogWritten, !summary.isInterrupted {
                    // Nothing else is to do: the store's log is brought home, else it only grows.
                    try store.checkpoint()
                    isLogWritten = false
                }
            } catch EngineError.clockBehindStore(_, let storeClock) {
                // A clock that was set back comes forward again by itself: no restart is needed.
                if !isClockBehind { ports.observe(.clockBehind(store: storeClock)) }
                isClockBehind = true
            } catch let error as StoreError where error.code == .full {
                // Reads go on and a freed disk is enough: no restart is needed.
                ports.observe(.storeFull)
            }
            control.withLock { $0.epoch = rules.current.active.epoch }
            beat(nextWakeUp: nextWakeUp)
            let untilWakeUp = nextWakeUp.map { max(1, $0.milliseconds(since: clock.decisionNow)) }
            _ = pause(min(untilWakeUp ?? Self.heartbeatMilliseconds, Self.heartbeatMilliseconds))
        }
    }

    private func beat(nextWakeUp: Timestamp?) {
        let (epoch, isDispatching) = control.withLock { ($0.epoch, $0.isDispatching) }
        ports.beat(
            Heartbeat(at: clock.now(), nextWakeUp: nextWakeUp, epoch: epoch, isDispatching: isDispatching))
    }

    private func activate(_ candidate: CandidateRules) throws -> RulesInForce {
        let now = clock.decisionNow
        let (rules, _) = try store.write { transaction in
            // An activation never lies before what the store has seen.
            let instant = max(now, try transaction.clock ?? now)
            return try Activation.activate(candidate, at: instant, in: transaction, zones: zones)
        }
        ports.observe(.activated(epoch: rules.current.active.epoch, fingerprint: rules.fingerprint))
        return rules
    }

    private func reloaded(after rules: RulesInForce) -> RulesInForce {
        do {
            return try activate(ports.loadRules())
        } catch {
            let reason = (error as? StoreError)?.message ?? "\(error)"
            ports.observe(.reloadRefused(reason: reason))
            return rules
        }
    }

    /// Waits; false: the service is stopping, or rules are to be read.
    private func pause(_ milliseconds: Int64) -> Bool {
        let isCalled = control.wait(milliseconds: milliseconds) { control in
            control.isStopping || control.reloads ? true : nil
        }
        return isCalled == nil
    }
}

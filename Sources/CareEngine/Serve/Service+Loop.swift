import CareStore
import CareThreads
import CareValues

extension Service {
    /// How often it is told what was taken in, at most.
    private static let reportMilliseconds: Int64 = 10_000
    /// How long an answer is held back until the dispatcher knows what was cancelled.
    private static let revokeMilliseconds: Int64 = 500
    /// Of how many customers who cannot be read it is told, at most.
    private static let unreadableTold = 1_000

    /// What the deciding thread remembers from turn to turn.
    private final class Turn: @unchecked Sendable {
        // Safety: made and touched only by the thread that runs ``Service/decide(_:)``.
        var rules: RulesInForce
        var isClockBehind = false
        /// Whether anything was written since the store's log was last brought home.
        var isLogWritten = true
        /// The earliest wake-up that facts have brought since the last tick.
        var nextWakeUp: Timestamp?
        /// What was taken in since it was last told.
        var received = CustomerWriter.Summary()
        var reportedAt = monotonicMilliseconds()
        /// When a little housekeeping was last done.
        var housekeptAt = monotonicMilliseconds()
        /// Customers who cannot be read, and of whom that was told.
        var unreadable: Set<UnreadableCustomer> = []
        /// Decides beside this thread what is handed over in large groups; nil: the system has no thread for it.
        let preparer: Preparer?

        init(_ rules: RulesInForce, preparer: Preparer?) {
            self.rules = rules
            self.preparer = preparer
        }
    }

    /// Why a wait ended early.
    private enum Call {
        case stopsOrReloads
        case work
    }

    /// Decides what falls due and does what is handed over, until it is stopped.
    func decide(_ first: RulesInForce) throws {
        let preparer = Preparer()
        let deciding = live == nil ? nil : preparer.start()
        defer {
            preparer.end()
            deciding?.join()
        }
        let turn = Turn(first, preparer: deciding == nil ? nil : preparer)
        control.withLock { $0.epoch = first.current.active.epoch }
        beat(nextWakeUp: nil)
        // A pass that catches up slowly after a downtime gives signs of life too, takes facts in meanwhile, and ends
        // where rules are to be read.
        let ticker = Ticker(
            store: store, clock: clock, recoveryRate: recoveryRate, approved: approved,
            pause: { [self] milliseconds in
                beat(nextWakeUp: nil)
                keepHouseBeside(turn)
                return pause(milliseconds, turn, untilWakeUp: false)
            },
            revoke: { [self] in dispatcher.revoke($0) })
        while true {
            let wanted = control.update { control in
                defer {
                    control.reloads = false
                    control.reloadWaiters = []
                }
                return (stops: control.isStopping, reloads: control.reloads, waiters: control.reloadWaiters)
            }
            if wanted.stops {
                for waiter in wanted.waiters { waiter(.failure(LiveRefusal.notRunning)) }
                return report(turn, always: true)
            }
            if wanted.reloads { reload(turn, wanted.waiters) }
            turn.nextWakeUp = nil
            var nextWakeUp = try tick(ticker, turn)
            report(turn, always: false)
            control.withLock { $0.epoch = turn.rules.current.active.epoch }
            beat(nextWakeUp: nextWakeUp)
            if let brought = turn.nextWakeUp { nextWakeUp = min(nextWakeUp ?? brought, brought) }
            let untilWakeUp = nextWakeUp.map { max(1, $0.milliseconds(since: clock.decisionNow)) }
            _ = pause(
                min(untilWakeUp ?? Self.heartbeatMilliseconds, Self.heartbeatMilliseconds), turn, untilWakeUp: true)
        }
    }

    /// One pass over what is due; the earliest wake-up afterwards.
    private func tick(_ ticker: Ticker, _ turn: Turn) throws -> Timestamp? {
        do {
            let started = clock.now()
            let summary = try ticker.tick(turn.rules)
            turn.isClockBehind = false
            tell(summary.unreadable, turn)
            if summary.decided > 0 || summary.customersBroughtUp > 0 || summary.duplicates > 0
                || !summary.approved.isEmpty
            {
                ports.observe(.decided(summary, milliseconds: clock.now().milliseconds(since: started)))
                dispatcher.wake()
                turn.isLogWritten = true
            } else if !summary.isInterrupted {
                // Nothing else is to do: the store's log is brought home, else it only grows.
                if turn.isLogWritten { try store.checkpoint() }
                turn.isLogWritten = false
                try Eraser.scrubAgain(store)
            }
            if try live?.forgetAnswers() == true { turn.isLogWritten = true }
            try keepHouse(turn, isIdle: summary.decided == 0 && !summary.isInterrupted)
            return summary.nextWakeUp
        } catch EngineError.clockBehindStore(_, let storeClock) {
            // A clock that was set back comes forward again by itself: no restart is needed.
            if !turn.isClockBehind { ports.observe(.clockBehind(store: storeClock)) }
            turn.isClockBehind = true
        } catch let error as StoreError where error.code == .full {
            // Reads go on and a freed disk is enough: no restart is needed.
            ports.observe(.storeFull)
        }
        return nil
    }

    /// Tells of customers who cannot be read, of each once.
    private func tell(_ unreadable: [UnreadableCustomer], _ turn: Turn) {
        for one in unreadable where turn.unreadable.count < Self.unreadableTold && turn.unreadable.insert(one).inserted
        {
            ports.observe(.unreadable(one))
        }
    }

    /// A little of what is to be done once a day, while nobody waits; when it was last done long ago, however much waits.
    private func keepHouse(_ turn: Turn, isIdle: Bool) throws {
        guard let housekeeping else { return }
        let isOverdue = monotonicMilliseconds() - turn.housekeptAt >= housekeepingMilliseconds
        guard isOverdue || (isIdle && !control.withLock { $0.hasWork }) else { return }
        let done = try housekeeping.step(in: store, zones: zones, now: clock.decisionNow) { [self] in
            control.withLock { !$0.isStopping && !$0.reloads && (isOverdue || !$0.hasWork) }
        }
        turn.housekeptAt = monotonicMilliseconds()
        guard let done else { return }
        turn.isLogWritten = true
        if done.facts + done.decisions + done.deliveries > 0 { ports.observe(.pruned(done)) }
    }

    /// The same in the midst of a pass.
    private func keepHouseBeside(_ turn: Turn) {
        do {
            try keepHouse(turn, isIdle: false)
        } catch let error as StoreError where error.code == .full {
            // It is gone on with when there is room.
        } catch {
            fail(error)
        }
    }

    /// Ends the service.
    private func fail(_ error: any Error) {
        control.update { control in
            control.failure = error
            control.isStopping = true
        }
    }

    private func reload(_ turn: Turn, _ waiters: [@Sendable (Result<RulesView, any Error>) -> Void]) {
        do {
            turn.rules = try activate(ports.loadRules())
            live?.publish(turn.rules)
            for waiter in waiters { waiter(.success(RulesView(turn.rules))) }
        } catch {
            let reason = (error as? StoreError)?.message ?? "\(error)"
            ports.observe(.reloadRefused(reason: reason))
            live?.noteRefusedReload()
            for waiter in waiters { waiter(.failure(error)) }
        }
    }

    /// Waits, and does meanwhile what is handed over; false: the service is stopping, or rules are to be read.
    ///
    /// - Parameter untilWakeUp: whether it ends when a wake-up has come that the work has brought.
    private func pause(_ milliseconds: Int64, _ turn: Turn, untilWakeUp: Bool) -> Bool {
        var end = monotonicMilliseconds() + milliseconds
        while true {
            let left = max(end - monotonicMilliseconds(), 0)
            let call = control.wait(milliseconds: left) { control -> Call? in
                if control.isStopping || control.reloads { return .stopsOrReloads }
                guard control.hasWork else { return nil }
                control.hasWork = false
                return .work
            }
            switch call {
            case nil: return true
            case .stopsOrReloads: return false
            case .work:
                work(turn)
                // Who only looks around has more to do than that.
                if milliseconds == 0 { return true }
                guard untilWakeUp, let wakeUp = turn.nextWakeUp else { continue }
                end = min(end, monotonicMilliseconds() + max(wakeUp.milliseconds(since: clock.decisionNow), 0))
                if end <= monotonicMilliseconds() { return true }
            }
        }
    }

    /// Does one group of what was handed over.
    private func work(_ turn: Turn) {
        guard let live else { return }
        do {
            // Who is told that a consent is withdrawn can rely on it: no attempt begins any more.
            let done = try live.runGroup(turn.rules, preparer: turn.preparer) {
                dispatcher.revoke($0, noticedWithin: Self.revokeMilliseconds)
            }
            turn.isLogWritten = true
            tell(done.summary.unreadable, turn)
            if let wakeUp = done.nextWakeUp { turn.nextWakeUp = min(turn.nextWakeUp ?? wakeUp, wakeUp) }
            if done.isOrder || !done.summary.decisions.isEmpty { dispatcher.wake() }
            turn.received.merge(done.summary)
            if done.isMoreWaiting { control.update { $0.hasWork = true } } else { _ = try live.forgetAnswers() }
        } catch {
            fail(error)
        }
    }

    /// Tells what was taken in, now and then.
    private func report(_ turn: Turn, always: Bool) {
        guard turn.received.factsStored + turn.received.factsKnown > 0,
            always || monotonicMilliseconds() - turn.reportedAt >= Self.reportMilliseconds
        else { return }
        ports.observe(.received(turn.received))
        turn.received = CustomerWriter.Summary()
        turn.reportedAt = monotonicMilliseconds()
    }
}

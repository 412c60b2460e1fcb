import CareStore
import CareThreads
import CareTransport
import CareValues

/// Carries the outbox to its destinations, at least once each, and records every attempt.
///
/// Two threads: the caller's runs the network, one of its own the store. They exchange whole batches: a transaction
/// records what has ended and claims what comes next. A row that is claimed when the process dies is claimed again by
/// the next one, so a receiver may see it twice, under the same id.
public final class Dispatcher: Sendable {
    /// When a run ends.
    public enum End: Sendable, Hashable {
        /// Nothing is due: the outbox is empty, or waits for a later instant.
        case outboxEmptyOrWaiting
        /// ``Dispatcher/stop()`` was called.
        case stopped
    }

    /// Limits and sources of a dispatcher.
    public struct Options: Sendable {
        /// Attempts under way at once, over all destinations that answer.
        public var capacity = 1_024
        /// Attempts under way at once, over those that hang.
        public var slowCapacity = 16_384
        /// How long a claimed row is ours, in milliseconds: what has not begun by then is given back.
        public var leaseMilliseconds: Int64 = 300_000
        /// How long a stopping dispatcher waits for answers that are under way, in milliseconds.
        public var graceMilliseconds: Int64 = 10_000
        /// Where zones come from, for the hours at which customers are left alone; nil: UTC is all there is.
        public var zones: (any ZoneDirectory)?
        /// Uniform in `[0, 1)`, for the jitter of retries.
        public var random: @Sendable () -> Double = { Double.random(in: 0..<1) }
        /// Gets what an operator may want to see; called on the dispatcher's threads.
        public var observe: @Sendable (DispatchEvent) -> Void = { _ in }

        /// The usual limits.
        public init() {}
    }

    /// What a dispatcher shares with those who wake and stop it and who take deliveries back.
    private struct Control {
        var sides: Sides?
        var isStopping = false
        var isWoken = [false, false]
        /// Deliveries not to be attempted any more, each for as long as a claim made before may live.
        var revoked: [DeliveryID: Timestamp] = [:]
        var generation = 0
        var waiters = 0
        /// In order.
        var switches: [DestinationSwitch] = []
        var reports: [(generation: Int, isUnderWay: Bool)] = [(0, false), (0, false)]
    }

    let store: any CareStore
    let destinations: [Destination]
    let clock: any DispatchClock
    let options: Options
    let resolver: Resolver
    private let control = Monitor(Control())
    private let metricsSeen: Lock<[DestinationMetrics]>
    private let zonesKnown = Lock<[String: Zone]>([:])

    /// A dispatcher for these destinations; rows for others are left alone and reported.
    public init(
        store: any CareStore, destinations: [Destination], clock: any DispatchClock, options: Options = Options()
    ) {
        self.store = store
        self.destinations = destinations
        self.clock = clock
        self.options = options
        resolver = Resolver()
        metricsSeen = Lock(destinations.map { DestinationMetrics(destination: $0.name) })
    }

    /// Looks at the outbox at once instead of when it next would: call it after committing new rows. Any thread.
    public func wake() {
        control.withLock { control in
            control.isWoken = [true, true]
            return control.sides
        }?.wake()
    }

    /// Ends the run: begins no attempt more, waits for answers under way, records them. Any thread, also beforehand.
    public func stop() {
        control.withLock { control in
            control.isStopping = true
            return control.sides
        }?.wake()
    }

    /// Takes deliveries back that have been cancelled in the store: no attempt at them begins any more. Any thread.
    ///
    /// - Parameter waitMilliseconds: how long to wait for attempts at them that are under way.
    /// - Returns: whether none is under way any more.
    @discardableResult
    public func revoke(_ ids: [DeliveryID], waitMilliseconds: Int64 = 0) -> Bool {
        revoke(ids, waitMilliseconds, until: { !$0 })
    }

    /// The same, and waits only until the run knows of it: from then on no attempt at them begins. Any thread.
    ///
    /// - Parameter milliseconds: how long at most; a moment is enough unless the machine stands still.
    /// - Returns: whether the run knows.
    @discardableResult
    public func revoke(_ ids: [DeliveryID], noticedWithin milliseconds: Int64) -> Bool {
        revoke(ids, milliseconds, until: { _ in true })
    }

    /// Waits until both sides know of it and `isOver` of each, given whether an attempt at what was revoked is under way.
    private func revoke(_ ids: [DeliveryID], _ waitMilliseconds: Int64, until isOver: (Bool) -> Bool) -> Bool {
        // A job that was claimed before the cancelling cannot begin after its lease.
        let until = clock.now().advanced(byMilliseconds: options.leaseMilliseconds)
        let (sides, generation) = control.update { control in
            for id in ids { control.revoked[id] = until }
            control.generation += 1
            if waitMilliseconds > 0 { control.waiters += 1 }
            return (control.sides, control.generation)
        }
        sides?.wake()
        guard waitMilliseconds > 0 else { return sides == nil }
        let isDone = control.wait(milliseconds: waitMilliseconds) { control -> Bool? in
            guard control.sides != nil else { return true }
            return control.reports.allSatisfy { $0.generation >= generation && isOver($0.isUnderWay) } ? true : nil
        }
        control.withLock { $0.waiters -= 1 }
        return isDone ?? false
    }

    /// Hears that somebody has disabled a destination, or (nil) enabled it: call it when the store has it. Any thread.
    ///
    /// Of a disabled one nothing begins any more; an enabled one is tried at once, its breaker closed.
    public func set(_ destination: String, disabledReason: String?) {
        control.withLock { control in
            control.switches.append(DestinationSwitch(destination: destination, disabledReason: disabledReason))
            control.isWoken = [true, true]
            return control.sides
        }?.wake()
    }

    /// What was seen of each destination so far, with what waits for it now.
    ///
    /// - Throws: ``StoreError`` when the store cannot be read.
    public func metrics() throws -> [DestinationMetrics] {
        var all = metricsSeen.withLock { $0 }
        let now = clock.now()
        let queues = try store.read { try $0.destinationQueues() }
        for index in all.indices {
            for queue in queues where queue.destination == all[index].destination && queue.state == .waiting {
                all[index].waiting = queue.count
                all[index].queueAgeMilliseconds = max(queue.firstAttemptAt.map { now.milliseconds(since: $0) } ?? 0, 0)
            }
            if let until = all[index].pausedUntil, until <= now { all[index].pausedUntil = nil }
        }
        return all
    }

    // MARK: For the sides

    func updateMetrics(_ place: Int, _ change: (inout DestinationMetrics) -> Void) {
        metricsSeen.withLock { change(&$0[place]) }
    }

    /// The zone of that name; UTC where there is none.
    func zone(named name: String) -> Zone {
        if let known = zonesKnown.withLock({ $0[name] }) { return known }
        let zone = options.zones?.zone(named: name) ?? .utc
        zonesKnown.withLock { $0[name] = zone }
        return zone
    }

    /// What others ask of a side, asked once a turn.
    func readControl(
        _ side: Sides.Side
    ) -> (
        isStopping: Bool, isWoken: Bool, revoked: Set<DeliveryID>, switches: [DestinationSwitch], generation: Int,
        isAwaited: Bool
    ) {
        control.withLock { control in
            defer { control.isWoken[side.rawValue] = false }
            var revoked: Set<DeliveryID> = []
            if !control.revoked.isEmpty {
                let now = clock.now()
                control.revoked = control.revoked.filter { $0.value > now }
                revoked = Set(control.revoked.keys)
            }
            return (
                control.isStopping, control.isWoken[side.rawValue], revoked, control.switches, control.generation,
                control.waiters > 0
            )
        }
    }

    /// A side says whether an attempt at something revoked is under way.
    func report(_ side: Sides.Side, generation: Int, isUnderWay: Bool) {
        control.update { $0.reports[side.rawValue] = (generation, isUnderWay) }
    }

    // MARK: Running

    /// Delivers; blocks the calling thread until the end. One run at a time.
    ///
    /// - Returns: what was done in this run and what waits.
    /// - Throws: ``StoreError`` when results cannot be recorded; ``TransportError`` when the network cannot be used.
    @discardableResult
    public func run(until end: End) throws -> DispatchSummary {
        let sides = Sides()
        control.update { control in
            control.sides = sides
            control.reports = [(0, false), (0, false)]
        }
        defer {
            control.update { control in
                control.sides = nil
                control.isStopping = false
                // The next run reads the store.
                control.switches = []
            }
        }
        let slowSummary = Lock(DispatchSummary())
        let slow = Worker { [self] in
            do {
                let summary = try run(.slow, sides, until: end)
                slowSummary.withLock { $0 = summary }
            } catch {
                sides.fail(.slow, error)
            }
        }
        guard let slow else { throw TransportError(.resources) }
        let quick = Result { try run(.quick, sides, until: end) }
        if case .failure(let error) = quick { sides.fail(.quick, error) }
        slow.join()
        if let failure = sides.failure { throw failure }
        var summary = try quick.get()
        summary.add(slowSummary.withLock { $0 })
        return try complete(summary)
    }

    /// One side, from its loop's making to its end.
    private func run(_ side: Sides.Side, _ sides: Sides, until end: End) throws -> DispatchSummary {
        let share = DescriptorShare(limit: TransferLoop.descriptorLimit, options: options)
        let most = side == .quick ? share.quick : share.slow
        guard
            let loop = TransferLoop(
                resolver: resolver, capacity: side == .quick ? share.quick + share.hanging : most,
                idleConnections: share.idle[side])
        else { throw TransportError(.resources) }
        let exchange = Exchange(waker: loop.waker)
        let places = Dictionary(
            destinations.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
        let storeSide = StoreSide(
            store: store, destinations: destinations, places: places, clock: clock,
            leaseMilliseconds: options.leaseMilliseconds, exchange: exchange, observe: options.observe)
        guard let worker = Worker({ storeSide.run() }) else { throw TransportError(.resources) }
        sides.open(side, loop.waker)
        defer {
            exchange.end()
            worker.join()
        }
        var network = NetworkSide(
            side, of: self, sides: sides, loop: loop, exchange: exchange, end: end, capacity: most)
        // Nothing begins on this side any more, whatever is revoked while the other ends.
        defer { report(side, generation: .max, isUnderWay: false) }
        try unhurried { try network.run() }
        return network.summary
    }

    /// Adds what the store says is left.
    private func complete(_ summary: DispatchSummary) throws -> DispatchSummary {
        var summary = summary
        summary.waiting = try store.read { snapshot in
            try snapshot.destinationQueues().filter { $0.state == .waiting && $0.count > 0 }.map { queue in
                let isKnown = destinations.contains { $0.name == queue.destination }
                return DispatchSummary.Waiting(
                    destination: queue.destination, count: queue.count,
                    nextAttemptAt: isKnown ? queue.firstAttemptAt : nil,
                    reason: try snapshot.firstWaiting(for: queue.destination)?.reason ?? "")
            }
        }
        summary.unknownDestinations = summary.waiting.map(\.destination).filter { name in
            !destinations.contains { $0.name == name }
        }
        return summary
    }
}

/// What somebody decided about a destination while deliveries run.
struct DestinationSwitch: Sendable {
    var destination: String
    /// Why it is disabled; nil: it is enabled.
    var disabledReason: String?
}

/// How the descriptors that the process may have are shared out.
struct DescriptorShare {
    /// What the store, logs and whatever else needs stays free.
    private static let reserve = 128

    /// Attempts at destinations that answer.
    var quick: Int
    /// Attempts at those that hung before they were moved away, which end on the quick side.
    var hanging: Int
    /// Attempts at destinations that hang.
    var slow: Int
    /// Connections kept for later, by side.
    var idle: [Sides.Side: Int]

    init(limit: Int, options: Dispatcher.Options) {
        let free = max(limit - Self.reserve, 20)
        quick = max(min(options.capacity, free / 5), 1)
        hanging = max(min(options.slowCapacity, free / 5), 1)
        slow = max(min(options.slowCapacity, free / 20 * 11), 1)
        idle = [.quick: max(min(quick * 2, free / 10), 1), .slow: max(free / 20, 1)]
    }
}

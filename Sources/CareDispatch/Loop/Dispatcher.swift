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
        /// Attempts under way at once, over all destinations.
        public var capacity = 1_024
        /// How long a claimed row is ours, in milliseconds: what has not begun by then is given back.
        public var leaseMilliseconds: Int64 = 300_000
        /// How long a stopping dispatcher waits for answers that are under way, in milliseconds.
        public var graceMilliseconds: Int64 = 10_000
        /// Uniform in `[0, 1)`, for the jitter of retries.
        public var random: @Sendable () -> Double = { Double.random(in: 0..<1) }
        /// Gets what an operator may want to see; called on the dispatcher's threads.
        public var observe: @Sendable (DispatchEvent) -> Void = { _ in }

        /// The usual limits.
        public init() {}
    }

    /// What a dispatcher shares with those who wake and stop it.
    struct Control {
        var waker: Waker?
        var isStopping = false
        var isWoken = false
    }

    let store: any CareStore
    let destinations: [Destination]
    let clock: any DispatchClock
    let options: Options
    let resolver: Resolver
    let control = Lock(Control())

    /// A dispatcher for these destinations; rows for others are left alone and reported.
    public init(
        store: any CareStore, destinations: [Destination], clock: any DispatchClock, options: Options = Options()
    ) {
        self.store = store
        self.destinations = destinations
        self.clock = clock
        self.options = options
        resolver = Resolver()
    }

    /// Looks at the outbox at once instead of when it next would: call it after committing new rows. Any thread.
    public func wake() {
        control.withLock { control in
            control.isWoken = true
            return control.waker
        }?.wake()
    }

    /// Ends the run: begins no attempt more, waits for answers under way, records them. Any thread, also beforehand.
    public func stop() {
        control.withLock { control in
            control.isStopping = true
            return control.waker
        }?.wake()
    }

    /// Delivers; blocks the calling thread until the end. One run at a time.
    ///
    /// - Returns: what was done in this run and what waits.
    /// - Throws: ``StoreError`` when results cannot be recorded; ``TransportError`` when the network cannot be used.
    @discardableResult
    public func run(until end: End) throws -> DispatchSummary {
        guard let loop = TransferLoop(resolver: resolver, capacity: max(options.capacity, 1)) else {
            throw TransportError(.resources)
        }
        let exchange = Exchange(waker: loop.waker)
        let storeSide = StoreSide(
            store: store, destinations: destinations, clock: clock, leaseMilliseconds: options.leaseMilliseconds,
            exchange: exchange, observe: options.observe)
        guard let worker = Worker({ storeSide.run() }) else { throw TransportError(.resources) }
        control.withLock { $0.waker = loop.waker }
        defer {
            exchange.end()
            worker.join()
            control.withLock { control in
                control.waker = nil
                control.isStopping = false
            }
        }
        var network = NetworkSide(dispatcher: self, loop: loop, exchange: exchange, end: end)
        try network.run()
        return try complete(network.summary)
    }

    /// Adds what the store says is left.
    private func complete(_ summary: DispatchSummary) throws -> DispatchSummary {
        var summary = summary
        let waiting = try store.read { try $0.deliveries(states: [.waiting], limit: 10_000) }
        for (name, rows) in Dictionary(grouping: waiting, by: \.order.destination).sorted(by: { $0.key < $1.key }) {
            let isKnown = destinations.contains { $0.name == name }
            if !isKnown { summary.unknownDestinations.append(name) }
            let first = rows.min { $0.nextAttemptAt < $1.nextAttemptAt }
            summary.waiting.append(
                DispatchSummary.Waiting(
                    destination: name, count: rows.count, nextAttemptAt: isKnown ? first?.nextAttemptAt : nil,
                    reason: first?.reason ?? ""))
        }
        return summary
    }
}

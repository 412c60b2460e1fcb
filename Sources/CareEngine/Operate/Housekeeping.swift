import CareStore
import CareThreads
import CareValues

/// Lets go what is old by itself, once a day, a little at a time while nothing else is to do.
public final class Housekeeping: Sendable {
    private struct State {
        /// The day whose work is done or under way.
        var day: CivilDate?
        var isUnderWay = false
        var place = Pruner.Place()
        var summary = Pruner.Summary()
    }

    /// How long it may keep others waiting at once, in milliseconds.
    private static let sliceMilliseconds: Int64 = 200

    private let retention: Retention
    private let zone: Zone
    private let state = Lock(State())

    /// Housekeeping by `retention`, a day by the clock of `zone`.
    public init(_ retention: Retention, zone: Zone) {
        self.retention = retention
        self.zone = zone
    }

    /// Does a little of the day's work, if any is left.
    ///
    /// - Parameters:
    ///   - now: of the decision clock.
    ///   - goesOn: false: something else is to do.
    /// - Returns: what the day's work came to, once it is all done; nil: there was none, or some is left.
    /// - Throws: ``StoreError``; ``EngineError``.
    func step(
        in store: any CareStore, zones: any ZoneDirectory, now: Timestamp, goesOn: () -> Bool
    ) throws -> Pruner.Summary? {
        guard !retention.isEmpty else { return nil }
        let day = zone.date(at: now)
        let place = state.withLock { state in
            if !state.isUnderWay, state.day != day { state = State(day: day, isUnderWay: true) }
            return state.place
        }
        guard state.withLock({ $0.isUnderWay }), goesOn() else { return nil }
        let end = monotonicMilliseconds() + Self.sliceMilliseconds
        let part: Pruner.Summary
        do {
            part = try Pruner(store: store, zones: zones).run(retention, at: now, zone: zone, after: place) { _ in
                monotonicMilliseconds() < end && goesOn()
            }
        } catch let error as StoreError where error.code == .missing {
            // The customer it stood at is gone: from the beginning, where little is left to do.
            state.withLock { $0.place.customer = nil }
            return nil
        }
        return state.withLock { state in
            state.summary.add(part)
            state.place = part.place
            guard !part.isInterrupted else { return nil }
            state.isUnderWay = false
            return state.summary
        }
    }
}

extension Pruner.Summary {
    /// Adds what a later part of the same work did.
    mutating func add(_ part: Pruner.Summary) {
        factsBefore = part.factsBefore ?? factsBefore
        decisionsBefore = part.decisionsBefore ?? decisionsBefore
        deliveriesBefore = part.deliveriesBefore ?? deliveriesBefore
        facts += part.facts
        customers += part.customers
        customersLeft += part.customersLeft
        decisions += part.decisions
        deliveries += part.deliveries
    }
}

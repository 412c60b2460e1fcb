import CareStore
import CareValues

/// What the store keeps of a destination over restarts, besides whether it is disabled: a pause and a breaker.
enum DestinationMemory {
    private static func pauseNote(_ name: String) -> String { "destination.paused:\(name)" }
    private static func breakerNote(_ name: String) -> String { "destination.breaker:\(name)" }

    /// Until when a destination asked to be spared, exclusive, of the real clock; it may be over. Nil: it did not.
    static func pausedUntil(_ name: String, in store: any StoreSnapshot) throws -> Timestamp? {
        try store.note(pauseNote(name)).flatMap { Int64($0) }.map(Timestamp.init(milliseconds:))
    }

    /// The breaker as it was last left; nil: closed.
    static func opening(_ name: String, in store: any StoreSnapshot) throws -> DestinationGate.Opening? {
        guard let text = try store.note(breakerNote(name)) else { return nil }
        let parts = text.split(separator: " ")
        guard parts.count == 2, let until = Int64(parts[0]), let times = Int(parts[1]), times > 0 else { return nil }
        return DestinationGate.Opening(until: Timestamp(milliseconds: until), times: times)
    }

    /// Keeps a pause; nil: there is none.
    static func setPaused(until: Timestamp?, _ name: String, in store: any StoreTransaction) throws {
        try store.setNote(pauseNote(name), until.map { String($0.milliseconds) })
    }

    /// Keeps a breaker; nil: it is closed.
    static func setOpening(
        _ opening: DestinationGate.Opening?, _ name: String, in store: any StoreTransaction
    ) throws {
        try store.setNote(breakerNote(name), opening.map { "\($0.until.milliseconds) \($0.times)" })
    }
}

extension StoreTransaction {
    /// Carries out what somebody decided about a destination: nothing goes there any more, or it does again, at once even
    /// where its breaker had opened.
    ///
    /// A dispatcher that runs is told by ``Dispatcher/set(_:disabledReason:)`` once this is committed.
    ///
    /// - Parameters:
    ///   - reason: why it is disabled; nil: it is enabled.
    ///   - now: the real clock.
    public func switchDestination(_ name: String, disabledReason reason: String?, now: Timestamp) throws {
        try setDestination(name, disabled: reason != nil, since: now, reason: reason ?? "")
        guard reason == nil, let opening = try DestinationMemory.opening(name, in: self) else { return }
        try DestinationMemory.setOpening(nil, name, in: self)
        // What had been claimed when it opened was given back until then.
        if opening.until > now { try moveAttempts(of: name, from: opening.until, to: now) }
    }
}

import CareThreads
import CareValues

/// Keeps what takes long to compute: beside requests, shown for a while, one computation at a time for each key.
final class Board<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// What is known of a key.
    enum State: Sendable {
        case ready(Value)
        case underWay
        /// It could not be computed, or there is nothing to compute.
        case none
    }
    private struct Slot {
        var value: Value?
        var epoch: Int64 = 0
        var madeAt = Timestamp.distantPast
        var isUnderWay = false
    }

    private let slots = Monitor<[Key: Slot]>([:])
    private let make: @Sendable (Key) throws -> Value?
    private let now: @Sendable () -> Timestamp
    private let maximumKeys: Int

    /// How long a value is shown, at least, before another is computed, in milliseconds.
    private let freshFor: Int64
    /// How long a request waits for what is under way, in milliseconds.
    private let patience: Int64

    /// A board of what `make` computes; nil of it: there is nothing.
    init(
        now: @escaping @Sendable () -> Timestamp, freshFor: Int64 = 60_000, patience: Int64 = 600,
        maximumKeys: Int = 256, make: @escaping @Sendable (Key) throws -> Value?
    ) {
        self.now = now
        self.freshFor = freshFor
        self.patience = patience
        self.maximumKeys = maximumKeys
        self.make = make
    }

    /// The value of a key; a stale one is shown while the next is computed.
    ///
    /// - Parameters:
    ///   - epoch: a value that was computed under another is not shown.
    ///   - isFresh: whether a new one is asked for.
    func state(_ key: Key, epoch: Int64, isFresh: Bool = false) -> State {
        let begins = slots.update { slots in
            if slots[key] == nil, slots.count >= maximumKeys { slots = slots.filter(\.value.isUnderWay) }
            var slot = slots[key] ?? Slot()
            if slot.epoch != epoch { slot.value = nil }
            let age = slot.value == nil ? .max : now().milliseconds(since: slot.madeAt)
            let begins = !slot.isUnderWay && (isFresh || age > freshFor)
            if begins {
                slot.isUnderWay = true
                slot.epoch = epoch
            }
            slots[key] = slot
            return begins
        }
        if begins {
            if let worker = Worker({ [self] in run(key) }) { worker.detach() } else { run(key) }
        }
        let known = slots.wait(milliseconds: patience) { slots -> Slot? in
            let slot = slots[key] ?? Slot()
            return slot.isUnderWay && (isFresh || slot.value == nil) ? nil : slot
        }
        guard let known else { return .underWay }
        return known.value.map(State.ready) ?? .none
    }

    private func run(_ key: Key) {
        let result = Result { try make(key) }
        let finished = now()
        slots.update { slots in
            slots[key, default: Slot()].isUnderWay = false
            // What stood is shown on after a failure; the next request tries again.
            guard case .success(let value) = result else { return }
            slots[key]?.value = value
            slots[key]?.madeAt = finished
        }
    }
}

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

        /// The value, where there is one.
        var value: Value? { if case .ready(let value) = self { value } else { nil } }
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
    private let queue: BoardQueue

    /// How long a value is shown, at least, before another is computed, in milliseconds.
    private let freshFor: Int64
    /// How long a request waits for what is under way, in milliseconds.
    private let patience: Int64

    /// A board of what `make` computes; nil of it: there is nothing.
    init(
        now: @escaping @Sendable () -> Timestamp, queue: BoardQueue, freshFor: Int64 = 60_000, patience: Int64 = 600,
        maximumKeys: Int = 256, make: @escaping @Sendable (Key) throws -> Value?
    ) {
        self.now = now
        self.queue = queue
        self.freshFor = freshFor
        self.patience = patience
        self.maximumKeys = maximumKeys
        self.make = make
    }

    /// The value of a key; a stale one is shown while the next is computed.
    ///
    /// - Parameter epoch: a value that was computed under another is not shown.
    func state(_ key: Key, epoch: Int64) -> State {
        let begins = slots.update { slots in
            if slots[key] == nil, slots.count >= maximumKeys { slots = slots.filter(\.value.isUnderWay) }
            var slot = slots[key] ?? Slot()
            if slot.epoch != epoch { slot.value = nil }
            let age = slot.value == nil ? .max : now().milliseconds(since: slot.madeAt)
            let begins = !slot.isUnderWay && age > freshFor
            if begins {
                slot.isUnderWay = true
                slot.epoch = epoch
            }
            slots[key] = slot
            return begins
        }
        if begins, !queue.add({ [self] in run(key) }) {
            slots.update { $0[key]?.isUnderWay = false }
            return .underWay
        }
        let known = slots.wait(milliseconds: patience) { slots -> Slot? in
            let slot = slots[key] ?? Slot()
            return slot.isUnderWay && slot.value == nil ? nil : slot
        }
        // Made by rules that were replaced meanwhile: the next request begins anew.
        guard let known, known.epoch == epoch else { return .underWay }
        return known.value.map(State.ready) ?? .none
    }

    /// Shows a key's value no more: the next request asks for a new one, or waits for the one under way.
    func forget(_ key: Key) { slots.update { $0[key]?.value = nil } }

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

/// One thread for all that boards compute: whole scans, of which two at once would take the processors from the service.
final class BoardQueue: Sendable {
    private struct Line {
        var jobs: [@Sendable () -> Void] = []
        var isRunning = false
    }
    private let line = Lock(Line())
    /// The most that may wait; a page asks again by itself.
    private let most: Int

    /// An empty queue.
    init(most: Int = 32) { self.most = most }

    /// Computes it when it is its turn. - Returns: false: too much waits already.
    func add(_ job: @escaping @Sendable () -> Void) -> Bool {
        let (isTaken, begins) = line.withLock { line in
            guard line.jobs.count < most else { return (false, false) }
            line.jobs.append(job)
            defer { line.isRunning = true }
            return (true, !line.isRunning)
        }
        if begins {
            if let worker = Worker({ [self] in work() }) { worker.detach() } else { work() }
        }
        return isTaken
    }

    private func work() {
        while let job = next() { job() }
    }

    private func next() -> (@Sendable () -> Void)? {
        line.withLock { line in
            guard !line.jobs.isEmpty else {
                line.isRunning = false
                return nil
            }
            return line.jobs.removeFirst()
        }
    }
}

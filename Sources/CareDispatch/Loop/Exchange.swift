import CareStore
import CareThreads
import CareTransport
import CareValues

/// A delivery on its way through this process.
struct Job: Sendable {
    var delivery: StoredDelivery
    /// The same on every attempt, or why there is none.
    var body: Result<[UInt8], Unsendable>
    var machine: DeliveryMachine
}

/// What the network side hands to the store side, all of it for one transaction.
struct StoreWork: Sendable {
    /// An attempt, and where its delivery stands.
    struct Outcome: Sendable {
        var attempt: StoredAttempt
        var state: DeliveryState
        var nextAttemptAt: Timestamp
        var reason: String
    }
    /// A change of state without an attempt.
    struct Move: Sendable {
        var id: DeliveryID
        var state: DeliveryState
        var nextAttemptAt: Timestamp
        var reason: String
    }

    var outcomes: [Outcome] = []
    var moves: [Move] = []
    /// Destinations to disable, with the reason.
    var disable: [(name: String, reason: String)] = []
    /// Pauses to remember over a restart.
    var pauses: [(name: String, until: Timestamp)] = []
    /// How many deliveries to claim, by the destination's place.
    var claims: [(place: Int, limit: Int)] = []
    /// The first of a run: rescue what died with an earlier process, tell what is disabled and paused.
    var isFirst = false

    /// Whether anything is to be written besides claims.
    var isEmpty: Bool { outcomes.isEmpty && moves.isEmpty && disable.isEmpty && pauses.isEmpty }
}

/// What the store side answers.
struct StoreReply: Sendable {
    var claimed: [(place: Int, asked: Int, jobs: [Job])] = []
    /// The first instant at which anything in the outbox is due or a lease ends, as far as known.
    var nextAttemptAt: Timestamp?
    var rescued = 0
    var disabled: [(name: String, reason: String)] = []
    var paused: [(name: String, until: Timestamp)] = []
}

/// The one place where the two threads meet: whole batches change hands under one lock.
final class Exchange: Sendable {
    struct State {
        var work: StoreWork?
        var reply: Result<StoreReply, any Error>?
        var isStoreWorking = false
        var isEnding = false
    }

    private let state = Monitor(State())
    let waker: Waker

    init(waker: Waker) {
        self.waker = waker
    }

    // MARK: The network side

    /// Whether the store side has nothing to do and nothing to say.
    var isIdle: Bool { state.withLock { $0.work == nil && !$0.isStoreWorking && $0.reply == nil } }

    /// Hands over work. - Precondition: ``isIdle``.
    func give(_ work: StoreWork) {
        state.update { $0.work = work }
    }

    /// The answer to the work given last, once.
    func takeReply() -> Result<StoreReply, any Error>? {
        state.withLock { state in
            defer { state.reply = nil }
            return state.reply
        }
    }

    /// Ends the store side after the work it has.
    func end() {
        state.update { $0.isEnding = true }
    }

    // MARK: The store side

    /// Waits for work; nil: there will be none.
    func takeWork() -> StoreWork? {
        let taken: StoreWork?? = state.wait(milliseconds: nil) { state in
            if let work = state.work {
                state.work = nil
                state.isStoreWorking = true
                return .some(work)
            }
            return state.isEnding ? .some(nil) : nil
        }
        return taken ?? nil
    }

    /// Hands the answer over.
    func answer(_ reply: Result<StoreReply, any Error>) {
        state.update { state in
            state.isStoreWorking = false
            state.reply = reply
        }
        waker.wake()
    }

    /// Waits so long, or until the end is asked for; whether it was.
    func pause(milliseconds: Int64) -> Bool {
        state.wait(milliseconds: milliseconds) { $0.isEnding ? true : nil } ?? false
    }
}

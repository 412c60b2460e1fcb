import CareStore
import CareThreads
import CareTransport
import CareValues

/// A delivery on its way through this process.
struct Job: Sendable {
    /// What stays as it was claimed. By reference: a job changes hands often, and has some twenty parts to be counted.
    private final class Claimed: Sendable {
        let delivery: StoredDelivery
        let body: Result<[UInt8], Unsendable>

        init(_ delivery: StoredDelivery, _ body: Result<[UInt8], Unsendable>) {
            self.delivery = delivery
            self.body = body
        }
    }

    private let claimed: Claimed
    /// As it was claimed.
    var delivery: StoredDelivery { claimed.delivery }
    /// The same on every attempt, or why there is none.
    var body: Result<[UInt8], Unsendable> { claimed.body }
    var machine: DeliveryMachine
    /// The request of its next attempt: the store side makes it together with the body, as the
    /// network side is the busier one. Good for ``NetworkSide/preparedForMilliseconds``.
    var prepared: Prepared?

    /// A request, and when it was made.
    final class Prepared: Sendable {
        let request: TransferRequest
        let at: Timestamp

        init(_ request: TransferRequest, at: Timestamp) {
            self.request = request
            self.at = at
        }
    }

    init(delivery: StoredDelivery, body: Result<[UInt8], Unsendable>, machine: DeliveryMachine) {
        claimed = Claimed(delivery, body)
        self.machine = machine
    }
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

    /// How many rows one transaction claims at most, over all destinations: one that has much must not make the others wait.
    static let largestClaim = 4_000

    var outcomes: [Outcome] = []
    var moves: [Move] = []
    /// Destinations to disable, with the reason.
    var disable: [(name: String, reason: String)] = []
    /// Pauses to remember over a restart.
    var pauses: [(name: String, until: Timestamp)] = []
    /// Breakers to remember likewise; nil: closed.
    var breakers: [(name: String, opening: DestinationGate.Opening?)] = []
    /// By how many milliseconds the clock was set back, negative: everything that waits is moved along, before all else.
    var clockStep: Int64 = 0
    /// How many deliveries to claim, by the destination's place: of what is known to be due.
    var claims: [(place: Int, limit: Int)] = []
    /// Look which destinations have something due, claim for those of ``claims`` that do, and say when the others have.
    var looks = false
    /// The first of a run: rescue what died with an earlier process, tell how the destinations stood.
    var isFirst = false

    /// Whether anything is to be written besides claims.
    var isEmpty: Bool {
        outcomes.isEmpty && moves.isEmpty && disable.isEmpty && pauses.isEmpty && breakers.isEmpty && clockStep == 0
    }
}

/// What the store side answers.
struct StoreReply: Sendable {
    /// What came of a claim.
    struct Claimed: Sendable {
        var place: Int
        /// How many were asked for; 0: it was left out, as nothing is due or there was no room.
        var asked: Int
        var jobs: [Job] = []
        /// Where fewer came than were asked for: when more is due; nil: never, as things are.
        var next: Timestamp?
    }

    /// Every claim asked for.
    var claimed: [Claimed] = []
    /// Where it was looked: when each destination's next was due before the claims, by its place.
    var next: [Int: Timestamp]?
    var rescued = 0
    /// Of them, parked.
    var parked = 0
    /// How destinations stood when an earlier process ended, by place; those that were well are left out.
    var gates: [Int: DestinationGate] = [:]
}

/// The one place where the two threads meet: whole batches change hands under one lock.
final class Exchange: Sendable {
    struct State {
        var work: StoreWork?
        var reply: Result<StoreReply, any Error>?
        var isStoreWorking = false
        var isEnding = false
        /// Nobody waits for room any more.
        var isGivingUp = false
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

    /// Lets the store side wait no longer for room: what it has then fails.
    func giveUp() {
        state.update { $0.isGivingUp = true }
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

    /// Waits so long, or until nobody waits for it any more; whether that is so.
    func pause(milliseconds: Int64) -> Bool {
        state.wait(milliseconds: milliseconds) { $0.isEnding || $0.isGivingUp ? true : nil } ?? false
    }
}

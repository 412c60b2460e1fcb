import CareValues

/// One destination on a network side: its gate, what is claimed for it, how much to claim.
struct DestinationLane {
    /// Claims begin small: what is claimed for a slow destination waits under its lease.
    static let firstClaim = 64
    /// More at once brings no more speed.
    static let largestClaim = 1_000
    /// An answer that takes longer is slow.
    static let quickMilliseconds: Int64 = 500
    /// So many quick answers in a row, and a slow destination is no longer one.
    static let quickAnswersWanted = 16

    let name: String
    let concurrency: Int
    let repeatsSafely: Bool
    let isOrdered: Bool
    /// Whether this side of the two has it; if not, nothing else here means anything.
    var isHere = false
    /// How many of the decisions about destinations have been looked at for it.
    var switchesHeeded = 0
    var gate = DestinationGate()
    var limit: ConcurrencyLimit
    var inFlight = 0
    /// A claim has been asked for and not answered.
    var isClaiming = false
    /// When something is due next, as the store said last; nil: now.
    var dryUntil: Timestamp?
    /// When something is due next that was recorded since.
    private var heard: Timestamp?
    /// Answers in a row that came quickly.
    private(set) var quickAnswers = 0
    /// Whether it has ever answered before it would have counted as hanging.
    private(set) var hasAnswered = false
    private var queue: JobQueue
    private let firstClaim: Int
    private var claimSize: Int
    private var claimedAt = Timestamp.distantPast
    private var bucket: TokenBucket?

    /// - Parameter share: how many lanes share what one claim may take.
    init(_ destination: Destination, share: Int) {
        let settings = destination.settings
        name = settings.name
        concurrency = settings.concurrency
        repeatsSafely = destination.repeatsSafely
        isOrdered = settings.isOrdered
        limit = ConcurrencyLimit(most: settings.concurrency)
        queue = JobQueue(isOrdered: settings.isOrdered)
        bucket = settings.attemptsPerSecond.map { TokenBucket(perSecond: $0, burst: settings.burst) }
        firstClaim = max(min(Self.firstClaim, StoreWork.largestClaim / max(share, 1)), 4)
        claimSize = firstClaim
    }

    var queued: Int { queue.count }
    var isBusy: Bool { queued > 0 || inFlight > 0 }

    /// How many attempts may be under way at `now`.
    func allowance(now: Timestamp) -> Int { gate.allowance(now: now, concurrency: limit.value) }

    /// How many to claim if something is due; 0: none.
    func room(now: Timestamp) -> Int {
        let allowance = allowance(now: now)
        guard !isClaiming, allowance > 0 else { return 0 }
        // What may not be sent twice is claimed when it can begin: then a crash leaves few of which nobody knows.
        if !repeatsSafely {
            return max(min(allowance - inFlight, bucket?.available(now: now) ?? allowance) - queued, 0)
        }
        guard queued < claimSize else { return 0 }
        // No more than can begin long before the lease ends.
        return bucket.map { min(claimSize, max($0.perMinute - queued, 1)) } ?? claimSize
    }

    /// How many to claim of what is known to be due; 0: nothing is, or there is no room.
    func wanted(now: Timestamp) -> Int {
        nextDue > now ? 0 : room(now: now)
    }

    private var nextDue: Timestamp { min(dryUntil ?? .distantPast, heard ?? .distantFuture) }

    /// A claim has been asked for at `now`.
    mutating func asked(now: Timestamp) {
        isClaiming = true
        if let heard, heard <= now { self.heard = nil }
    }

    /// Takes what was claimed of what was asked for.
    ///
    /// - Parameter next: when more is due, where fewer came than were asked for.
    mutating func take(_ jobs: [Job], asked: Int, now: Timestamp, next: Timestamp) {
        isClaiming = false
        if jobs.count < asked {
            dryUntil = next
        } else {
            dryUntil = nil
            // Fast enough that the next full claim follows within a second: claim more.
            if now.milliseconds(since: claimedAt) < 1_000 { claimSize = min(claimSize * 2, Self.largestClaim) }
        }
        if now.milliseconds(since: claimedAt) > 10_000 { claimSize = firstClaim }
        claimedAt = now
        queue.append(jobs)
    }

    /// Something of this destination is due at `instant`.
    mutating func hear(_ instant: Timestamp) { heard = min(heard ?? instant, instant) }

    /// The next to attempt, if one may begin now.
    mutating func next(now: Timestamp) -> Job? {
        guard queue.hasNext, inFlight < allowance(now: now), bucket?.has(now: now) ?? true else { return nil }
        return queue.next()
    }

    /// An attempt begins; what the gate is told by when it ends.
    mutating func began() -> Int? {
        inFlight += 1
        bucket?.take()
        return gate.began()
    }

    /// An attempt has ended.
    mutating func ended(
        _ result: AttemptResult, probe: Int?, milliseconds: Int64, now: Timestamp
    ) -> DestinationGate.Effect {
        inFlight -= 1
        quickAnswers = milliseconds < Self.quickMilliseconds ? quickAnswers + 1 : 0
        if milliseconds < NetworkSide.slowAfterMilliseconds { hasAnswered = true }
        switch result.kind {
        case .delivered: limit.succeeded()
        case .throttled: limit.refused(now: now)
        case .failed, .deferred, .permanent, .gone, .unknown: break
        }
        let effect = gate.ended(result, probe: probe, now: now)
        if effect == .closed { limit.beginAnew() }
        return effect
    }

    /// An attempt that was to begin could not, for want of resources.
    mutating func gaveUp(probe: Int?) {
        inFlight -= 1
        gate.gaveUp(probe: probe)
    }

    /// What was taken last of a customer is over; returns what must be given back with it.
    mutating func lineEnded(customer: String, isOutOfTheWay: Bool) -> [Job] {
        queue.ended(customer: customer, isOutOfTheWay: isOutOfTheWay)
    }

    /// Everything that is queued, to be given back.
    mutating func emptyQueue() -> [Job] {
        claimSize = firstClaim
        return queue.drain()
    }

    /// When something may become possible that is not now; nil: nothing that time alone brings.
    ///
    /// - Parameter isStoreIdle: whether what is due could be claimed at once.
    func nextChange(now: Timestamp, isStoreIdle: Bool) -> Timestamp? {
        guard let opensAt = gate.opensAt(now: now) else { return nil }
        if opensAt > now { return opensAt }
        if queued > 0 {
            guard let bucket, inFlight < allowance(now: now) else { return nil }
            return bucket.nextToken(now: now)
        }
        guard !isClaiming else { return nil }
        let due = nextDue
        if due > now { return due }
        if room(now: now) > 0 { return isStoreIdle ? now : nil }
        guard let bucket, inFlight < allowance(now: now) else { return nil }
        return bucket.nextToken(now: now)
    }

    /// The wall clock was set back: instants reckoned by it move along.
    mutating func clockMoved(byMilliseconds step: Int64) {
        gate.clockMoved(byMilliseconds: step)
        limit.clockMoved()
        bucket?.clockMoved()
        dryUntil = nil
        heard = nil
        claimedAt = .distantPast
    }
}

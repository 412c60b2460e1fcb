import CareValues

/// One destination on the network side: its gate, what is claimed for it, how much to claim.
struct DestinationLane {
    /// Claims begin small: what is claimed for a slow destination waits under its lease.
    static let firstClaim = 64
    /// More at once brings no more speed.
    static let largestClaim = 1_000

    let name: String
    let concurrency: Int
    let attemptsPerSecond: Double?
    var gate = DestinationGate()
    var inFlight = 0
    /// A claim has been asked for and not answered.
    var isClaiming = false
    /// Nothing was due when last asked; ask again at this instant, or when woken. nil: ask.
    var dryUntil: Timestamp?
    private var queue: [Job] = []
    private var head = 0
    private var claimSize = DestinationLane.firstClaim
    private var claimedAt = Timestamp.distantPast
    private var tokens: Double
    private var tokensAt: Timestamp?

    init(name: String, concurrency: Int, attemptsPerSecond: Double?) {
        self.name = name
        self.concurrency = concurrency
        self.attemptsPerSecond = attemptsPerSecond
        tokens = 1
    }

    var queued: Int { queue.count - head }
    var isBusy: Bool { queued > 0 || inFlight > 0 }

    /// How many to claim now; 0: none.
    func wanted(now: Timestamp) -> Int {
        guard !isClaiming, queued < claimSize, gate.allowance(now: now, concurrency: concurrency) > 0 else { return 0 }
        if let dryUntil, now < dryUntil { return 0 }
        return claimSize
    }

    /// Takes what was claimed of what was asked for.
    mutating func take(_ jobs: [Job], asked: Int, now: Timestamp, nextAttemptAt: Timestamp?) {
        isClaiming = false
        if jobs.count < asked {
            dryUntil = Self.nextLook(nextAttemptAt, now: now)
        } else {
            dryUntil = nil
            // Fast enough that the next full claim follows within a second: claim more.
            if now.milliseconds(since: claimedAt) < 1_000 { claimSize = min(claimSize * 2, Self.largestClaim) }
        }
        if now.milliseconds(since: claimedAt) > 10_000 { claimSize = Self.firstClaim }
        claimedAt = now
        if head > 0 {
            queue.removeSubrange(..<head)
            head = 0
        }
        queue += jobs
    }

    /// What has been recorded meanwhile may be due before this lane would look again.
    mutating func hear(nextAttemptAt: Timestamp?, now: Timestamp) {
        guard let current = dryUntil else { return }
        dryUntil = min(current, Self.nextLook(nextAttemptAt, now: now))
    }

    /// What is due already and was not claimed belongs to a lane that is closed or to nobody: no hurry about it.
    private static func nextLook(_ nextAttemptAt: Timestamp?, now: Timestamp) -> Timestamp {
        guard let nextAttemptAt else { return now.advanced(byMilliseconds: 5_000) }
        return nextAttemptAt > now ? nextAttemptAt : now.advanced(byMilliseconds: 1_000)
    }

    /// The next to attempt, if one may begin now.
    mutating func next(now: Timestamp) -> Job? {
        guard queued > 0, inFlight < gate.allowance(now: now, concurrency: concurrency), hasToken(now: now) else {
            return nil
        }
        defer { head += 1 }
        return queue[head]
    }

    /// Everything that is queued, to be given back.
    mutating func emptyQueue() -> [Job] {
        defer {
            queue = []
            head = 0
            claimSize = Self.firstClaim
        }
        return Array(queue[head...])
    }

    /// Notes that an attempt begins.
    mutating func began() {
        inFlight += 1
        gate.began()
        if attemptsPerSecond != nil { tokens -= 1 }
    }

    private mutating func hasToken(now: Timestamp) -> Bool {
        guard let attemptsPerSecond else { return true }
        if let tokensAt {
            let seconds = Double(max(now.milliseconds(since: tokensAt), 0)) / 1000
            tokens = min(tokens + seconds * attemptsPerSecond, max(1, attemptsPerSecond / 10))
        }
        tokensAt = now
        return tokens >= 1
    }

    /// When something may become possible that is not now; nil: nothing that time brings.
    func nextChange(now: Timestamp) -> Timestamp? {
        guard let opensAt = gate.opensAt(now: now) else { return nil }
        if opensAt > now { return opensAt }
        if queued > 0, let attemptsPerSecond, inFlight < concurrency {
            return now.advanced(byMilliseconds: max(Int64(1000 / attemptsPerSecond), 1))
        }
        return dryUntil
    }
}

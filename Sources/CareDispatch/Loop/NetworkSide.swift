import CareStore
import CareThreads
import CareTransport
import CareValues

/// The network's half of dispatch, on the caller's thread.
struct NetworkSide {
    /// Results are handed to the store when so many have gathered, or sooner when it would idle.
    static let flushAt = 250
    /// Results wait for more of their kind no longer than this.
    static let flushAfterMilliseconds: Int64 = 50
    /// The longest wait without looking round.
    static let longestWaitMilliseconds: Int64 = 5_000

    private let dispatcher: Dispatcher
    private let loop: TransferLoop
    private let exchange: Exchange
    private let end: Dispatcher.End
    private var lanes: [DestinationLane]
    private var active: [(job: Job, place: Int, startedAt: Timestamp)?] = []
    private var freeTags: [Int] = []
    private var work = StoreWork()
    private var isStoreIdle = true
    private var firstLane = 0
    // Of the monotonic clock.
    private var stoppingSince: Int64?
    private var gatheringSince: Int64 = 0
    private(set) var summary = DispatchSummary()

    init(dispatcher: Dispatcher, loop: TransferLoop, exchange: Exchange, end: Dispatcher.End) {
        self.dispatcher = dispatcher
        self.loop = loop
        self.exchange = exchange
        self.end = end
        lanes = dispatcher.destinations.map { destination in
            DestinationLane(
                name: destination.name, concurrency: destination.settings.concurrency,
                attemptsPerSecond: destination.settings.attemptsPerSecond)
        }
        work.isFirst = true
    }

    private var clock: any DispatchClock { dispatcher.clock }

    /// Runs until the end.
    mutating func run() throws {
        while true {
            var now = clock.now()
            try takeReply(now)
            readControl(now)
            if stoppingSince == nil { startAttempts(now) }
            giveWork(now)
            if isFinished(now) { return }
            let wait = waitMilliseconds(now)
            var ended: [(tag: Int, result: TransferResult, milliseconds: Int64)] = []
            guard loop.run(timeoutMilliseconds: wait, { ended.append(($0, $1, $2)) }) else {
                throw TransportError(.resources)
            }
            now = clock.now()
            for item in ended { finish(item.tag, item.result, item.milliseconds, now) }
        }
    }

    // MARK: The store's answers

    private mutating func takeReply(_ now: Timestamp) throws {
        guard let result = exchange.takeReply() else { return }
        isStoreIdle = true
        let reply = try result.get()
        summary.rescued += reply.rescued
        for (name, reason) in reply.disabled {
            for place in lanes.indices where lanes[place].name == name {
                lanes[place].gate = DestinationGate(disabledReason: reason)
            }
        }
        for (name, until) in reply.paused {
            for place in lanes.indices where lanes[place].name == name {
                lanes[place].gate = DestinationGate(pausedUntil: until)
            }
        }
        for place in lanes.indices { lanes[place].hear(nextAttemptAt: reply.nextAttemptAt, now: now) }
        for claim in reply.claimed {
            lanes[claim.place].take(claim.jobs, asked: claim.asked, now: now, nextAttemptAt: reply.nextAttemptAt)
        }
    }

    private mutating func readControl(_ now: Timestamp) {
        let (isStopping, isWoken) = dispatcher.control.withLock { control in
            defer { control.isWoken = false }
            return (control.isStopping, control.isWoken)
        }
        if isWoken {
            for place in lanes.indices { lanes[place].dryUntil = nil }
        }
        guard isStopping, stoppingSince == nil else { return }
        stoppingSince = monotonicMilliseconds()
        for place in lanes.indices { giveBack(place, until: now, reason: "") }
    }

    // MARK: Attempts

    /// Begins what may begin, one of each destination in turn.
    private mutating func startAttempts(_ now: Timestamp) {
        for place in lanes.indices where lanes[place].queued > 0 {
            let gate = lanes[place].gate
            if let reason = gate.disabledReason {
                park(place, now: now, reason: reason)
            } else if let opensAt = gate.opensAt(now: now), opensAt > now {
                giveBack(place, until: opensAt, reason: "destination pauses")
            }
        }
        guard !lanes.isEmpty else { return }
        var idle = 0
        var place = firstLane
        while idle < lanes.count, loop.inFlight < loop.capacity {
            if let job = lanes[place].next(now: now) {
                idle = 0
                start(job, place, now)
            } else {
                idle += 1
            }
            place = place + 1 == lanes.count ? 0 : place + 1
        }
        firstLane = place
    }

    private mutating func start(_ job: Job, _ place: Int, _ now: Timestamp) {
        var job = job
        let destination = dispatcher.destinations[place]
        switch job.machine.begin(now: now, terms: terms(of: job, at: destination)) {
        case .none:
            return
        case .record(let state, let next, let reason):
            move(job.delivery.order.id, state, next, reason)
        case .attempt:
            let body: [UInt8]
            switch job.body {
            case .success(let made): body = made
            case .failure(let unsendable):
                // Nothing is sent, and nothing is known of the destination.
                let result = AttemptResult(.permanent, status: 0, detail: unsendable.reason)
                conclude(&job, place, startedAt: now, milliseconds: 0, result, now)
                return
            }
            let request = destination.channel.request(for: job.delivery.order, body: body, now: now)
            lanes[place].began()
            if let tag = freeTags.popLast() {
                active[tag] = (job, place, now)
                loop.submit(request, tag: tag)
            } else {
                active.append((job, place, now))
                loop.submit(request, tag: active.count - 1)
            }
        }
    }

    private func terms(of job: Job, at destination: Destination) -> DeliveryMachine.Terms {
        DeliveryMachine.Terms(
            schedule: destination.settings.retry, expiresAt: job.delivery.order.expiresAt,
            decisionOffsetMilliseconds: clock.decisionOffsetMilliseconds,
            repeatsSafely: destination.repeatsUnknown)
    }

    private mutating func finish(_ tag: Int, _ exchange: TransferResult, _ milliseconds: Int64, _ now: Timestamp) {
        guard let (started, place, startedAt) = active[tag] else { return }
        var job = started
        active[tag] = nil
        freeTags.append(tag)
        lanes[place].inFlight -= 1
        let destination = dispatcher.destinations[place]
        let result = destination.channel.result(of: exchange, now: now)
        note(lanes[place].gate.ended(result, now: now), at: destination.name)
        conclude(&job, place, startedAt: startedAt, milliseconds: milliseconds, result, now)
    }

    /// Notes what an attempt came to, for the store to record.
    private mutating func conclude(
        _ job: inout Job, _ place: Int, startedAt: Timestamp, milliseconds: Int64, _ result: AttemptResult,
        _ now: Timestamp
    ) {
        summary.attempts += 1
        let destination = dispatcher.destinations[place]
        let action = job.machine.ended(
            result, now: now, terms: terms(of: job, at: destination),
            destinationIsDisabled: lanes[place].gate.disabledReason != nil,
            random: result.kind == .delivered ? 0 : dispatcher.options.random())
        guard case .record(let state, let next, let reason) = action else { return }
        let id = job.delivery.order.id
        if work.outcomes.isEmpty { gatheringSince = monotonicMilliseconds() }
        work.outcomes.append(
            StoreWork.Outcome(
                attempt: StoredAttempt(
                    delivery: id, number: job.machine.attempts, startedAt: startedAt,
                    durationMilliseconds: milliseconds, outcome: Self.outcome(of: result.kind), status: result.status,
                    detail: result.detail),
                state: state, nextAttemptAt: next, reason: reason))
        count(state, reason)
        if result.kind != .delivered {
            dispatcher.options.observe(
                .attemptFailed(
                    id, destination: destination.name, number: job.machine.attempts, detail: result.detail,
                    state: state, next: next))
        }
    }

    private static func outcome(of kind: AttemptResult.Kind) -> StoredAttempt.Outcome {
        switch kind {
        case .delivered: .ok
        case .unknown: .unknown
        case .failed, .deferred, .throttled, .permanent, .gone: .failed
        }
    }

    private mutating func note(_ effect: DestinationGate.Effect, at name: String) {
        switch effect {
        case .none: break
        case .paused(let until):
            work.pauses.append((name, until))
            dispatcher.options.observe(.destinationPaused(name, until: until))
        case .opened(let until): dispatcher.options.observe(.breakerOpened(name, until: until))
        case .closed: dispatcher.options.observe(.breakerClosed(name))
        case .disabled(let reason):
            work.disable.append((name, reason))
            dispatcher.options.observe(.destinationDisabled(name, reason: reason))
        }
    }

    // MARK: Changes without an attempt

    private mutating func giveBack(_ place: Int, until: Timestamp, reason: String) {
        for var job in lanes[place].emptyQueue() {
            guard case .record(let state, let next, _) = job.machine.released(notBefore: until, reason: reason) else {
                continue
            }
            // What made it wait before says more than that it was given back.
            move(job.delivery.order.id, state, next, job.delivery.reason.isEmpty ? reason : job.delivery.reason)
        }
    }

    private mutating func park(_ place: Int, now: Timestamp, reason: String) {
        for var job in lanes[place].emptyQueue() {
            guard case .record(let state, let next, let reason) = job.machine.parked(now: now, reason: reason) else {
                continue
            }
            // The store parks what would wait for a disabled destination, and knows what enabling it returns.
            work.moves.append(
                StoreWork.Move(id: job.delivery.order.id, state: .waiting, nextAttemptAt: next, reason: reason))
            count(state, reason)
        }
    }

    private mutating func move(_ id: DeliveryID, _ state: DeliveryState, _ next: Timestamp, _ reason: String) {
        work.moves.append(StoreWork.Move(id: id, state: state, nextAttemptAt: next, reason: reason))
        count(state, reason)
    }

    private mutating func count(_ state: DeliveryState, _ reason: String) {
        switch state {
        case .delivered: summary.delivered += 1
        case .dead: summary.dead[reason, default: 0] += 1
        case .parked: summary.parked[reason, default: 0] += 1
        case .waiting, .sending, .cancelled: break
        }
    }

    // MARK: Rhythm

    /// Hands results over and asks for more, when the store is free and it is worth a transaction.
    private mutating func giveWork(_ now: Timestamp) {
        guard isStoreIdle else { return }
        if stoppingSince == nil, !work.isFirst {
            for place in lanes.indices {
                let wanted = lanes[place].wanted(now: now)
                if wanted > 0 { work.claims.append((place, wanted)) }
            }
        }
        let isWorthIt =
            work.isFirst || !work.claims.isEmpty || !work.moves.isEmpty || !work.disable.isEmpty
            || work.outcomes.count >= Self.flushAt || (!work.outcomes.isEmpty && loop.inFlight == 0)
            || (!work.outcomes.isEmpty && monotonicMilliseconds() - gatheringSince >= Self.flushAfterMilliseconds)
        guard isWorthIt else { return }
        for claim in work.claims { lanes[claim.place].isClaiming = true }
        exchange.give(work)
        work = StoreWork()
        isStoreIdle = false
    }

    private func isFinished(_ now: Timestamp) -> Bool {
        guard isStoreIdle, work.isEmpty, !work.isFirst else { return false }
        if let stoppingSince {
            return loop.inFlight == 0
                || monotonicMilliseconds() - stoppingSince >= dispatcher.options.graceMilliseconds
        }
        guard end == .outboxEmptyOrWaiting, loop.inFlight == 0 else { return false }
        return lanes.allSatisfy { lane in
            !lane.isBusy && !lane.isClaiming && lane.wanted(now: now) == 0
        }
    }

    private func waitMilliseconds(_ now: Timestamp) -> Int64 {
        var wait = Self.longestWaitMilliseconds
        for lane in lanes {
            if let change = lane.nextChange(now: now) { wait = min(wait, max(change.milliseconds(since: now), 1)) }
        }
        if !work.outcomes.isEmpty { wait = min(wait, Self.flushAfterMilliseconds) }
        if stoppingSince != nil { wait = min(wait, 100) }
        return wait
    }
}

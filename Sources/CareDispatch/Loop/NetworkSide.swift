import CareStore
import CareThreads
import CareTransport
import CareValues

/// One of the two network sides of dispatch, on one thread: the quick one, or the slow one.
struct NetworkSide {
    /// Results are handed to the store when so many have gathered, or sooner when it would idle.
    static let flushAt = 250
    /// Results wait for more of their kind no longer than this.
    static let flushAfterMilliseconds: Int64 = 50
    /// The longest wait without looking round.
    static let longestWaitMilliseconds: Int64 = 5_000
    /// An attempt without an answer for so long makes its destination a slow one.
    static let slowAfterMilliseconds: Int64 = 1_000
    /// How often attempts are looked at for that.
    static let slowLookMilliseconds: Int64 = 250
    /// So much the clock may be set back without any notice.
    static let clockToleranceMilliseconds: Int64 = 1_000
    /// How old a request may be that was made before its turn came: what it is stamped with is then so old too.
    static let preparedForMilliseconds: Int64 = 2_000
    /// How long after the grace time a store without room may still get some.
    static let roomMilliseconds: Int64 = 2_000
    /// How long nothing begins when the system has no descriptors left.
    static let exhaustedMilliseconds: Int64 = 1_000

    /// An attempt under way.
    struct Active {
        var job: Job
        var place: Int
        /// As ``DestinationGate/began()`` gave it.
        var probe: Int?
        var startedAt: Timestamp
        /// Of the monotonic clock.
        var startedAtMonotonic: Int64
    }

    let side: Sides.Side
    let dispatcher: Dispatcher
    let sides: Sides
    let loop: TransferLoop
    let exchange: Exchange
    let end: Dispatcher.End
    /// How many attempts of this side's destinations may be under way.
    let capacity: Int
    /// All destinations; those of the other side are placeholders.
    var lanes: [DestinationLane]
    /// The places of those that are here.
    var here: [Int]
    /// How many attempts of those are under way.
    var hereInFlight = 0
    var active: [Active?] = []
    var freeTags: [Int] = []
    var work = StoreWork()
    var isStoreIdle = true
    var firstLane = 0
    /// Deliveries that must not be attempted any more.
    var revoked: Set<DeliveryID> = []
    /// What somebody decided about destinations since the start.
    var switches: [DestinationSwitch] = []
    /// The wall clock when it was read last, and the monotonic one then.
    var clockSeen: (wall: Timestamp, monotonic: Int64)?
    // Of the monotonic clock.
    /// When the store is to be asked what is due.
    var lookAt: Int64 = 0
    var stoppingSince: Int64?
    var gatheringSince: Int64 = 0
    var slowLookedAt: Int64 = 0
    var exhaustedUntil: Int64 = 0
    /// The grace time is over: what was under way counts as lost.
    var isAbandoned = false
    var summary = DispatchSummary()

    init(
        _ side: Sides.Side, of dispatcher: Dispatcher, sides: Sides, loop: TransferLoop, exchange: Exchange,
        end: Dispatcher.End, capacity: Int
    ) {
        self.side = side
        self.dispatcher = dispatcher
        self.sides = sides
        self.loop = loop
        self.exchange = exchange
        self.end = end
        self.capacity = capacity
        lanes = dispatcher.destinations.map { DestinationLane($0, share: dispatcher.destinations.count) }
        here = side == .quick ? Array(lanes.indices) : []
        for place in here { lanes[place].isHere = true }
        work.isFirst = side == .quick
    }

    var clock: any DispatchClock { dispatcher.clock }

    /// Runs until the end.
    mutating func run() throws {
        var ended: [(tag: Int, result: TransferResult, milliseconds: Int64)] = []
        while true {
            var now = clock.now()
            noteClock(now)
            try takeReply(now)
            readControl(now)
            readMail(now)
            if let failure = sides.failure { throw failure }
            if stoppingSince == nil {
                moveSlowAndQuick(now)
                startAttempts(now)
            }
            giveWork(now)
            if isFinished(now) { return }
            let wait = waitMilliseconds(now)
            ended.removeAll(keepingCapacity: true)
            guard loop.run(timeoutMilliseconds: wait, { ended.append(($0, $1, $2)) }) else {
                throw TransportError(.resources)
            }
            now = clock.now()
            for item in ended { finish(item.tag, item.result, item.milliseconds, now) }
        }
    }

    /// Whether the wall clock was set back since it was read last: then everything that waits for an instant of it
    /// would wait so much longer.
    private mutating func noteClock(_ now: Timestamp) {
        let instant = monotonicMilliseconds()
        defer { clockSeen = (now, instant) }
        guard let clockSeen else { return }
        let step = now.milliseconds(since: clockSeen.wall) - (instant - clockSeen.monotonic)
        // Forward nothing is to be done; and a clock that is only slowed down is right again soon.
        guard now < clockSeen.wall, step < -Self.clockToleranceMilliseconds else { return }
        for place in here {
            giveBack(place, until: now, reason: "", now: now)
            lanes[place].clockMoved(byMilliseconds: step)
            let gate = lanes[place].gate
            if let until = gate.pausedUntil, until > now { work.pauses.append((lanes[place].name, until)) }
            if let opening = gate.opening { work.breakers.append((lanes[place].name, opening)) }
        }
        for index in work.outcomes.indices where work.outcomes[index].state == .waiting {
            work.outcomes[index].nextAttemptAt = work.outcomes[index].nextAttemptAt.advanced(byMilliseconds: step)
        }
        // What waits in the store is moved once, not by both sides.
        if side == .quick { work.clockStep += step }
        lookAt = 0
        if side == .quick { dispatcher.options.observe(.clockSetBack(milliseconds: -step)) }
    }

    // MARK: What comes from elsewhere

    private mutating func takeReply(_ now: Timestamp) throws {
        guard let result = exchange.takeReply() else { return }
        isStoreIdle = true
        let reply = try result.get()
        summary.rescued += reply.rescued
        if reply.parked > 0 { summary.parked[StoreSide.processEnded, default: 0] += reply.parked }
        // Only the first answer has some, and then every destination is here.
        for (place, gate) in reply.gates {
            lanes[place].gate = gate
            note(place, now)
        }
        if let next = reply.next {
            for place in here { lanes[place].dryUntil = next[place] ?? .distantFuture }
        }
        for claim in reply.claimed {
            guard claim.asked > 0 else {
                lanes[claim.place].isClaiming = false
                continue
            }
            lanes[claim.place].take(claim.jobs, asked: claim.asked, now: now, next: claim.next ?? .distantFuture)
            // Asked for before the end was.
            if stoppingSince != nil { giveBack(claim.place, until: now, reason: "", now: now) }
        }
    }

    private mutating func readControl(_ now: Timestamp) {
        let control = dispatcher.readControl(side)
        if control.isWoken { lookAt = 0 }
        revoked = control.revoked
        if switches.count != control.switches.count {
            switches = control.switches
            for place in here { heed(place, now) }
        }
        if control.isAwaited {
            let isUnderWay = active.contains { $0.map { revoked.contains($0.job.delivery.order.id) } ?? false }
            dispatcher.report(side, generation: control.generation, isUnderWay: isUnderWay)
        }
        guard control.isStopping, stoppingSince == nil else { return }
        stoppingSince = monotonicMilliseconds()
        for place in here { giveBack(place, until: now, reason: "", now: now) }
    }

    mutating func readMail(_ now: Timestamp) {
        for mail in sides.takeMail(side) {
            switch mail {
            case .lane(let lane, let place):
                if !lanes[place].isHere {
                    here.append(place)
                    hereInFlight += lane.inFlight
                }
                lanes[place] = lane
                lanes[place].isHere = true
                heed(place, now)
                note(place, now)
                if stoppingSince != nil { giveBack(place, until: now, reason: "", now: now) }
            case .ended(let attempt):
                settle(attempt, now)
            case .gaveUp(let job, let place, let probe, let reason):
                giveUp(job, place, probe: probe, reason: reason, now)
            }
        }
    }

    /// Carries out what somebody decided about a destination since it was last looked at.
    private mutating func heed(_ place: Int, _ now: Timestamp) {
        let fresh = switches[min(lanes[place].switchesHeeded, switches.count)...]
        lanes[place].switchesHeeded = switches.count
        guard let last = fresh.last(where: { $0.destination == lanes[place].name }) else { return }
        lanes[place].gate.set(disabledReason: last.disabledReason)
        if last.disabledReason == nil {
            // What this side has not written yet is older than the decision.
            work.disable.removeAll { $0.name == last.destination }
            work.breakers.append((last.destination, nil))
            lanes[place].limit.beginAnew()
            lanes[place].hear(now)
        }
        note(place, now)
    }

    // MARK: Between the sides

    /// Moves destinations that hang to the slow side, and those that answer quickly again back.
    private mutating func moveSlowAndQuick(_ now: Timestamp) {
        guard loop.inFlight > 0 else { return }
        let instant = monotonicMilliseconds()
        guard instant - slowLookedAt >= Self.slowLookMilliseconds else { return }
        slowLookedAt = instant
        var hanging: Set<Int> = []
        for case .some(let attempt) in active where instant - attempt.startedAtMonotonic >= Self.slowAfterMilliseconds {
            hanging.insert(attempt.place)
        }
        let leaving = here.filter { place in
            // A claim under way would come back to this side.
            guard !lanes[place].isClaiming else { return false }
            return side == .quick
                ? hanging.contains(place)
                : !hanging.contains(place) && lanes[place].quickAnswers >= DestinationLane.quickAnswersWanted
        }
        for place in leaving { move(place, now) }
    }

    mutating func move(_ place: Int, _ now: Timestamp) {
        guard sides.post(.lane(lanes[place], place: place), to: side.other) else { return }
        hereInFlight -= lanes[place].inFlight
        here.removeAll { $0 == place }
        lanes[place] = DestinationLane(dispatcher.destinations[place], share: dispatcher.destinations.count)
    }

    /// Writes down how a destination stands.
    func note(_ place: Int, _ now: Timestamp) {
        let lane = lanes[place]
        let isSlow = side == .slow
        dispatcher.updateMetrics(place) { metrics in
            metrics.inFlight = lane.inFlight
            metrics.concurrency = lane.limit.value
            metrics.breaker = DestinationMetrics.Breaker(lane.gate.breaker(now: now))
            metrics.pausedUntil = lane.gate.pausedUntil
            metrics.isDisabled = lane.gate.disabledReason != nil
            metrics.isSlow = isSlow
        }
    }
}

extension DestinationMetrics.Breaker {
    init(_ breaker: DestinationGate.Breaker) {
        switch breaker {
        case .closed: self = .closed
        case .open: self = .open
        case .halfOpen: self = .halfOpen
        }
    }
}

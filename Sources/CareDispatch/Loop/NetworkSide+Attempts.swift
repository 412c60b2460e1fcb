import CareStore
import CareThreads
import CareTransport
import CareValues

extension NetworkSide {
    // MARK: Beginning

    /// Begins what may begin, one of each destination in turn.
    mutating func startAttempts(_ now: Timestamp) {
        for place in here where lanes[place].queued > 0 {
            let gate = lanes[place].gate
            if let reason = gate.disabledReason {
                park(place, now: now, reason: reason)
            } else if let opensAt = gate.opensAt(now: now), opensAt > now {
                giveBack(place, until: opensAt, reason: "destination pauses", now: now)
            }
        }
        guard !here.isEmpty, monotonicMilliseconds() >= exhaustedUntil else { return }
        if firstLane >= here.count { firstLane = 0 }
        // Half of the quick side's places are kept for destinations that have answered before: thousands that hang from
        // their first attempt on take the other half, and are moved away in turn.
        let kept = side == .quick ? capacity / 2 : 0
        var idle = 0
        var turn = firstLane
        while idle < here.count, hereInFlight < capacity, loop.inFlight < loop.capacity {
            let place = here[turn]
            let mayBegin =
                lanes[place].hasAnswered
                || hereInFlight < capacity - kept && loop.inFlight < loop.capacity - kept
            if mayBegin, let job = lanes[place].next(now: now) {
                idle = 0
                start(job, place, now)
            } else {
                idle += 1
            }
            turn = turn + 1 == here.count ? 0 : turn + 1
        }
        firstLane = turn
    }

    private mutating func start(_ job: Job, _ place: Int, _ now: Timestamp) {
        var job = job
        let order = job.delivery.order
        // Cancelled in the store already: only what stood behind it is to be seen to.
        guard !revoked.contains(order.id) else { return lineEnded(place, order, isOutOfTheWay: true, now) }
        let destination = dispatcher.destinations[place]
        let terms = terms(of: order, at: destination)
        switch job.machine.begin(now: now, terms: terms) {
        case .none:
            lineEnded(place, order, isOutOfTheWay: false, now)
        case .lapsed:
            release(job, until: now, reason: job.delivery.reason, now: now)
            lanes[place].hear(now)
            lineEnded(place, order, isOutOfTheWay: false, now)
        case .record(let state, let next, let reason):
            move(order.id, place, state, next, reason)
            lineEnded(place, order, isOutOfTheWay: state != .waiting, now)
        case .attempt(let number):
            let body: [UInt8]
            switch job.body {
            case .success(let made): body = made
            case .failure(let unsendable):
                // Nothing is sent, and nothing is known of the destination.
                let result = AttemptResult(.permanent, status: 0, detail: unsendable.reason)
                conclude(
                    EndedAttempt(
                        job: job, place: place, probe: nil, startedAt: now, result: result, milliseconds: 0), now)
                return
            }
            var request = Self.request(of: &job, body, at: destination, now)
            // Until there is a connection the hour may have come at which nothing may be sent any more.
            let timeout = destination.settings.timeoutMilliseconds
            let left = terms.mayBegin(within: timeout, of: now)
            if left < timeout { request.limit(sendWithin: left) }
            let probe = lanes[place].began()
            let inFlight = lanes[place].inFlight
            let dueAt = order.decidedAt.advanced(byMilliseconds: -clock.decisionOffsetMilliseconds)
            dispatcher.updateMetrics(place) { metrics in
                metrics.inFlight = inFlight
                if number == 1 { metrics.delay.add(now.milliseconds(since: dueAt)) }
            }
            hereInFlight += 1
            let attempt = Active(
                job: job, place: place, probe: probe, startedAt: now, startedAtMonotonic: monotonicMilliseconds())
            if let tag = freeTags.popLast() {
                active[tag] = attempt
                loop.submit(request, tag: tag)
            } else {
                active.append(attempt)
                loop.submit(request, tag: active.count - 1)
            }
        }
    }

    /// The request that was made when this attempt was claimed, if it is fresh, else a new one. One that was made before
    /// the clock went back is stamped with an instant to come, and is not fresh.
    static func request(
        of job: inout Job, _ body: [UInt8], at destination: Destination, _ now: Timestamp
    ) -> TransferRequest {
        defer { job.prepared = nil }
        if let prepared = job.prepared, (0..<preparedForMilliseconds).contains(now.milliseconds(since: prepared.at)) {
            return prepared.request
        }
        return destination.request(for: job.delivery.order, body: body, now: now)
    }

    private func terms(of order: NewDelivery, at destination: Destination) -> DeliveryMachine.Terms {
        DeliveryMachine.Terms(
            schedule: destination.settings.retry, decidedAt: order.decidedAt, expiresAt: order.expiresAt,
            quiet: order.quietTimes.map { ($0, dispatcher.zone(named: $0.zone)) },
            decisionOffsetMilliseconds: clock.decisionOffsetMilliseconds, repeatsSafely: destination.repeatsSafely)
    }

    // MARK: Ending

    mutating func finish(_ tag: Int, _ exchange: TransferResult, _ milliseconds: Int64, _ now: Timestamp) {
        guard let attempt = active[tag].take() else { return }
        freeTags.append(tag)
        if case .failure(let error) = exchange, error.kind == .resources, !error.requestBegun {
            return giveUpForNow(attempt, error, now)
        }
        let result = dispatcher.destinations[attempt.place].channel.result(of: exchange, now: now)
        ended(attempt, result, milliseconds, now)
    }

    /// What is under way when the time to stop is over: nobody will know what became of it.
    mutating func abandonAttempts(_ now: Timestamp) {
        let instant = monotonicMilliseconds()
        for (tag, attempt) in active.enumerated() {
            guard let attempt else { continue }
            active[tag] = nil
            let result = AttemptResult(.unknown, status: 0, detail: "stopped before the answer")
            ended(attempt, result, instant - attempt.startedAtMonotonic, now)
        }
    }

    private mutating func ended(_ attempt: Active, _ result: AttemptResult, _ milliseconds: Int64, _ now: Timestamp) {
        settle(
            EndedAttempt(
                job: attempt.job, place: attempt.place, probe: attempt.probe, startedAt: attempt.startedAt,
                result: result, milliseconds: milliseconds), now)
    }

    /// Judges an attempt, on the side that has its destination; on this one if the other has ended.
    mutating func settle(_ attempt: EndedAttempt, _ now: Timestamp) {
        let place = attempt.place
        let isHere = lanes[place].isHere
        if !isHere, sides.post(.ended(attempt), to: side.other) { return }
        if isHere {
            hereInFlight -= 1
            let effect = lanes[place].ended(
                attempt.result, probe: attempt.probe, milliseconds: attempt.milliseconds, now: now)
            note(effect, at: place, now)
        }
        conclude(attempt, now)
    }

    /// Notes what an attempt came to, for the store to record.
    private mutating func conclude(_ attempt: EndedAttempt, _ now: Timestamp) {
        let place = attempt.place
        var job = attempt.job
        let order = job.delivery.order
        let result = attempt.result
        let destination = dispatcher.destinations[place]
        summary.attempts += 1
        let action = job.machine.ended(
            result, now: now, terms: terms(of: order, at: destination),
            destinationIsDisabled: lanes[place].gate.disabledReason != nil,
            random: result.kind == .delivered ? 0 : dispatcher.options.random())
        let (inFlight, concurrency) = (lanes[place].inFlight, lanes[place].limit.value)
        dispatcher.updateMetrics(place) { metrics in
            metrics.attempts[DestinationMetrics.Outcome(result.kind), default: 0] += 1
            metrics.latency.add(attempt.milliseconds)
            metrics.inFlight = inFlight
            metrics.concurrency = concurrency
        }
        guard case .record(let state, let next, let reason) = action else { return }
        if work.outcomes.isEmpty { gatheringSince = monotonicMilliseconds() }
        work.outcomes.append(
            StoreWork.Outcome(
                attempt: StoredAttempt(
                    delivery: order.id, number: job.machine.attempts, startedAt: attempt.startedAt,
                    durationMilliseconds: attempt.milliseconds, outcome: Self.outcome(of: result.kind),
                    status: result.status, detail: result.detail),
                state: state, nextAttemptAt: next, reason: reason))
        count(state, reason)
        if state == .waiting { lanes[place].hear(next) }
        if lanes[place].isHere { lineEnded(place, order, isOutOfTheWay: state != .waiting, now) }
        if result.kind != .delivered {
            dispatcher.options.observe(
                .attemptFailed(
                    order.id, destination: destination.name, number: job.machine.attempts, detail: result.detail,
                    state: state, next: next))
        }
    }

    /// The system had no descriptor for it: no attempt was made, and it is nobody's fault but ours.
    private mutating func giveUpForNow(_ attempt: Active, _ error: TransportError, _ now: Timestamp) {
        let place = attempt.place
        let instant = monotonicMilliseconds()
        if instant >= exhaustedUntil { dispatcher.options.observe(.resourcesExhausted(error.message)) }
        exhaustedUntil = instant + Self.exhaustedMilliseconds
        let isElsewhere = !lanes[place].isHere
        if isElsewhere,
            sides.post(
                .gaveUp(attempt.job, place: place, probe: attempt.probe, reason: error.message), to: side.other)
        {
            return
        }
        giveUp(attempt.job, place, probe: attempt.probe, reason: error.message, now)
    }

    /// Gives back what was to be attempted and could not be, on the side that has its destination; on this one if the
    /// other has ended.
    mutating func giveUp(_ job: Job, _ place: Int, probe: Int?, reason: String, _ now: Timestamp) {
        release(job, until: now.advanced(byMilliseconds: Self.exhaustedMilliseconds), reason: reason, now: now)
        guard lanes[place].isHere else { return }
        hereInFlight -= 1
        lanes[place].gaveUp(probe: probe)
        lineEnded(place, job.delivery.order, isOutOfTheWay: false, now)
    }

    private static func outcome(of kind: AttemptResult.Kind) -> StoredAttempt.Outcome {
        switch kind {
        case .delivered: .ok
        case .unknown: .unknown
        case .failed, .deferred, .throttled, .permanent, .gone: .failed
        }
    }

    private mutating func note(_ effect: DestinationGate.Effect, at place: Int, _ now: Timestamp) {
        let name = lanes[place].name
        switch effect {
        case .none: return
        case .paused(let until):
            work.pauses.append((name, until))
            dispatcher.options.observe(.destinationPaused(name, until: until))
        case .opened(let opening):
            work.breakers.append((name, opening))
            dispatcher.updateMetrics(place) { $0.breakerOpenings += 1 }
            dispatcher.options.observe(.breakerOpened(name, until: opening.until))
        case .closed:
            work.breakers.append((name, nil))
            dispatcher.options.observe(.breakerClosed(name))
        case .disabled(let reason):
            work.disable.append((name, reason))
            dispatcher.options.observe(.destinationDisabled(name, reason: reason))
        }
        note(place, now)
    }

    // MARK: Changes without an attempt

    /// A customer's delivery is over, or holds up those behind it: they are given back.
    private mutating func lineEnded(_ place: Int, _ order: NewDelivery, isOutOfTheWay: Bool, _ now: Timestamp) {
        // Who stands behind it may be claimed now.
        if isOutOfTheWay, lanes[place].isOrdered { lanes[place].hear(now) }
        for job in lanes[place].lineEnded(customer: order.customer, isOutOfTheWay: isOutOfTheWay) {
            release(job, until: now, reason: job.delivery.reason, now: now)
        }
    }

    /// Gives back what is claimed for a destination and has not begun.
    mutating func giveBack(_ place: Int, until: Timestamp, reason: String, now: Timestamp) {
        for job in lanes[place].emptyQueue() {
            // What made it wait before says more than that it was given back.
            release(job, until: until, reason: job.delivery.reason.isEmpty ? reason : job.delivery.reason, now: now)
            lanes[place].hear(until)
        }
    }

    /// Gives one delivery back.
    mutating func release(_ job: Job, until: Timestamp, reason: String, now: Timestamp) {
        var job = job
        guard !revoked.contains(job.delivery.order.id),
            case .record(let state, let next, let reason) = job.machine.released(notBefore: until, reason: reason)
        else { return }
        work.moves.append(
            StoreWork.Move(id: job.delivery.order.id, state: state, nextAttemptAt: next, reason: reason))
    }

    private mutating func park(_ place: Int, now: Timestamp, reason: String) {
        for var job in lanes[place].emptyQueue() {
            guard !revoked.contains(job.delivery.order.id),
                case .record(let state, let next, let reason) = job.machine.parked(now: now, reason: reason)
            else { continue }
            // The store parks what would wait for a disabled destination, and knows what enabling it returns.
            work.moves.append(
                StoreWork.Move(id: job.delivery.order.id, state: .waiting, nextAttemptAt: next, reason: reason))
            count(state, reason)
        }
    }

    private mutating func move(
        _ id: DeliveryID, _ place: Int, _ state: DeliveryState, _ next: Timestamp, _ reason: String
    ) {
        work.moves.append(StoreWork.Move(id: id, state: state, nextAttemptAt: next, reason: reason))
        count(state, reason)
        if state == .waiting { lanes[place].hear(next) }
    }

    private mutating func count(_ state: DeliveryState, _ reason: String) {
        switch state {
        case .delivered: summary.delivered += 1
        case .dead: summary.dead[reason, default: 0] += 1
        case .parked: summary.parked[reason, default: 0] += 1
        case .waiting, .sending, .cancelled: break
        }
    }
}

extension DestinationMetrics.Outcome {
    init(_ kind: AttemptResult.Kind) {
        switch kind {
        case .delivered: self = .delivered
        case .failed, .deferred: self = .failed
        case .throttled: self = .throttled
        case .permanent: self = .permanent
        case .gone: self = .gone
        case .unknown: self = .unknown
        }
    }
}

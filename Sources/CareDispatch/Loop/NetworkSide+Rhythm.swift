import CareStore
import CareThreads
import CareValues

/// When the store is given work, how long to wait, when it is over.
extension NetworkSide {
    /// Hands results over and asks for more, when the store is free and it is worth a transaction.
    mutating func giveWork(_ now: Timestamp) {
        guard isStoreIdle else { return }
        if stoppingSince == nil, !work.isFirst, monotonicMilliseconds() >= exhaustedUntil {
            let looks = !here.isEmpty && lookAt <= monotonicMilliseconds()
            var room = StoreWork.largestClaim
            for turn in here.indices {
                let place = here[(firstLane + turn) % here.count]
                let wanted = looks ? lanes[place].room(now: now) : lanes[place].wanted(now: now)
                guard wanted > 0, looks || room > 0 else { continue }
                work.claims.append((place, wanted))
                room -= wanted
            }
            if looks {
                work.looks = true
                lookAt = monotonicMilliseconds() + Self.longestWaitMilliseconds
            }
        }
        let isWorthIt =
            work.isFirst || work.looks || work.clockStep != 0 || !work.claims.isEmpty || !work.moves.isEmpty
            || !work.disable.isEmpty || !work.breakers.isEmpty
            || work.outcomes.count >= Self.flushAt || (!work.outcomes.isEmpty && loop.inFlight == 0)
            || (!work.outcomes.isEmpty && monotonicMilliseconds() - gatheringSince >= Self.flushAfterMilliseconds)
        guard isWorthIt else { return }
        for claim in work.claims { lanes[claim.place].asked(now: now) }
        exchange.give(work)
        work = StoreWork()
        isStoreIdle = false
    }

    /// Whether the run is over for this side.
    mutating func isFinished(_ now: Timestamp) -> Bool {
        if let stoppingSince {
            if loop.inFlight > 0, monotonicMilliseconds() - stoppingSince >= dispatcher.options.graceMilliseconds {
                abandonAttempts(now)
                isAbandoned = true
                giveWork(now)
            }
            // A store without room is not waited for longer: what it was to record stays claimed, and is seen to at the
            // next start.
            if monotonicMilliseconds() - stoppingSince >= dispatcher.options.graceMilliseconds + Self.roomMilliseconds {
                exchange.giveUp()
            }
            guard isStoreIdle, work.isEmpty, !work.isFirst, isAbandoned || loop.inFlight == 0 else { return false }
            return sides.close(side)
        }
        guard end == .outboxEmptyOrWaiting else { return false }
        let isIdle =
            isStoreIdle && work.isEmpty && !work.isFirst && loop.inFlight == 0 && lookAt > 0
            && here.allSatisfy { place in
                let lane = lanes[place]
                return !lane.isBusy && !lane.isClaiming && lane.wanted(now: now) == 0
            }
        return sides.setIdle(side, isIdle || (here.isEmpty && isStoreIdle && work.isEmpty && loop.inFlight == 0))
    }

    /// How long nothing is to be done unless something happens.
    func waitMilliseconds(_ now: Timestamp) -> Int64 {
        var wait = Self.longestWaitMilliseconds
        for place in here where stoppingSince == nil {
            if let change = lanes[place].nextChange(now: now, isStoreIdle: isStoreIdle) {
                wait = min(wait, change.milliseconds(since: now))
            }
        }
        if !here.isEmpty, isStoreIdle, stoppingSince == nil { wait = min(wait, lookAt - monotonicMilliseconds()) }
        if !work.outcomes.isEmpty { wait = min(wait, Self.flushAfterMilliseconds) }
        if loop.inFlight > 0, stoppingSince == nil { wait = min(wait, Self.slowLookMilliseconds) }
        if stoppingSince != nil { wait = min(wait, 100) }
        let exhausted = exhaustedUntil - monotonicMilliseconds()
        if exhausted > 0 { wait = max(wait, min(exhausted, Self.slowLookMilliseconds)) }
        return max(wait, 1)
    }
}

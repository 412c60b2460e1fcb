import CareStore
import CareValues

/// The store's half of dispatch, on its own thread: one transaction records a batch and claims the next.
struct StoreSide: Sendable {
    let store: any CareStore
    let destinations: [Destination]
    /// The places of the destinations, by name.
    let places: [String: Int]
    let clock: any DispatchClock
    let leaseMilliseconds: Int64
    let exchange: Exchange
    let observe: @Sendable (DispatchEvent) -> Void

    /// How many leases of a dead process are returned in one page.
    static let rescuePage = 1_000
    /// How long to wait before a full store is tried again.
    static let fullRetryMilliseconds: Int64 = 1_000

    /// Works until the exchange ends.
    func run() {
        while let work = exchange.takeWork() {
            while true {
                do {
                    exchange.answer(.success(try carryOut(work)))
                } catch let error as StoreError where error.code == .full {
                    // What was sent must be recorded: wait for room instead of dropping it or sending on.
                    observe(.storeFull)
                    if exchange.pause(milliseconds: Self.fullRetryMilliseconds) {
                        exchange.answer(.failure(error))
                        break
                    }
                    continue
                } catch {
                    exchange.answer(.failure(error))
                }
                break
            }
        }
    }

    private func carryOut(_ work: StoreWork) throws -> StoreReply {
        var claimed: [(claim: StoreReply.Claimed, deliveries: [StoredDelivery])] = []
        let now = clock.now()
        let leaseUntil = now.advanced(byMilliseconds: leaseMilliseconds)
        var reply = try store.write { transaction in
            var reply = StoreReply()
            if work.clockStep != 0 { try transaction.moveAttempts(byMilliseconds: work.clockStep) }
            if work.isFirst { try begin(transaction, &reply, now: now) }
            // First of all, so that the store marks what follows as parked by the disabling.
            for (name, reason) in work.disable {
                try transaction.setDestination(name, disabled: true, since: now, reason: reason)
            }
            for outcome in work.outcomes {
                try Self.unlessErased {
                    try transaction.record(
                        outcome.attempt, state: outcome.state, nextAttemptAt: outcome.nextAttemptAt,
                        reason: outcome.reason)
                }
            }
            for move in work.moves {
                try Self.unlessErased {
                    try transaction.moveClaimed(
                        move.id, state: move.state, nextAttemptAt: move.nextAttemptAt, reason: move.reason)
                }
            }
            for (name, until) in work.pauses {
                try DestinationMemory.setPaused(until: until, name, in: transaction)
            }
            for (name, opening) in work.breakers {
                try DestinationMemory.setOpening(opening, name, in: transaction)
            }
            try claim(work, transaction, &reply, &claimed, now: now, leaseUntil: leaseUntil)
            return reply
        }
        for (claim, deliveries) in claimed {
            var claim = claim
            let destination = destinations[claim.place]
            // An attempt that begins by then has ended before the lease has.
            let timeout = destination.settings.timeoutMilliseconds
            let beginBy = leaseUntil.advanced(byMilliseconds: -timeout)
            claim.jobs = deliveries.map { delivery in
                var machine = DeliveryMachine(attempts: delivery.attempts, notBefore: delivery.nextAttemptAt)
                machine.claimed(leaseUntil: beginBy)
                let body = Result { () throws(Unsendable) in try destination.body(of: delivery.order) }
                var job = Job(delivery: delivery, body: body, machine: machine)
                if case .success(let made) = body {
                    job.prepared = Job.Prepared(destination.request(for: delivery.order, body: made, now: now), at: now)
                }
                return job
            }
            reply.claimed.append(claim)
        }
        return reply
    }

    /// Does nothing about a delivery that is no more under its id: whom it was about was erased meanwhile.
    private static func unlessErased(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as StoreError where error.code == .missing {}
    }

    /// Claims in the order asked, as long as there is room.
    private func claim(
        _ work: StoreWork, _ transaction: any StoreTransaction, _ reply: inout StoreReply,
        _ claimed: inout [(claim: StoreReply.Claimed, deliveries: [StoredDelivery])], now: Timestamp,
        leaseUntil: Timestamp
    ) throws {
        if work.looks { reply.next = try next(transaction) }
        var room = StoreWork.largestClaim
        for wanted in work.claims {
            let isDue = reply.next.map { ($0[wanted.place] ?? .distantFuture) <= now } ?? true
            guard isDue, room > 0 else {
                reply.claimed.append(StoreReply.Claimed(place: wanted.place, asked: 0))
                continue
            }
            let name = destinations[wanted.place].name
            var claim = StoreReply.Claimed(place: wanted.place, asked: min(wanted.limit, room))
            let deliveries = try transaction.claim(
                destination: name, now: now, leaseUntil: leaseUntil, limit: claim.asked)
            // What is due and was not claimed stands behind another in its customer's line.
            if deliveries.count < claim.asked { claim.next = try transaction.nextAttemptAt(for: name, after: now) }
            room -= deliveries.count
            claimed.append((claim, deliveries))
        }
    }

    /// When each destination's next is due.
    private func next(_ transaction: any StoreTransaction) throws -> [Int: Timestamp] {
        var next: [Int: Timestamp] = [:]
        for (name, instant) in try transaction.waitingDestinations() {
            if let place = places[name] { next[place] = instant }
        }
        return next
    }

    private func begin(_ transaction: any StoreTransaction, _ reply: inout StoreReply, now: Timestamp) throws {
        // The store's lock says that no other process dispatches: whoever held these leases is dead, and what it was
        // about to send was due. From now on all that is claimed is held by this run, which gives it back itself: a lease
        // that ends takes nothing away from an attempt that is under way.
        _ = try transaction.setAsideUnreadableClaims()
        while true {
            let held = try transaction.deliveries(states: [.sending], limit: Self.rescuePage)
            for delivery in held {
                // Of a destination that is not set any more nobody can say whether it knows ids.
                if places[delivery.order.destination].map({ destinations[$0].repeatsSafely }) ?? false {
                    try transaction.moveClaimed(
                        delivery.order.id, state: .waiting, nextAttemptAt: now, reason: delivery.reason)
                } else {
                    // Nobody knows whether it was sent.
                    try transaction.parkLost(delivery.order.id, reason: Self.processEnded)
                    reply.parked += 1
                }
            }
            reply.rescued += held.count
            if held.count < Self.rescuePage { break }
        }
        for destination in destinations {
            try transaction.setOrdered(destination.name, destination.settings.isOrdered)
        }
        let disabled = try transaction.disabledDestinations()
        for (place, destination) in destinations.enumerated() {
            let name = destination.name
            var pausedUntil = try DestinationMemory.pausedUntil(name, in: transaction)
            if let until = pausedUntil, until <= now {
                pausedUntil = nil
                try DestinationMemory.setPaused(until: nil, name, in: transaction)
            }
            var opening = try DestinationMemory.opening(name, in: transaction)
            // The clock may have been set back since.
            let latest = now.advanced(byMilliseconds: DestinationGate.longestOpenMilliseconds)
            if let until = opening?.until { opening?.until = min(until, latest) }
            let gate = DestinationGate(
                pausedUntil: pausedUntil, disabledReason: disabled.first { $0.name == name }?.reason, opening: opening)
            if gate != DestinationGate() { reply.gates[place] = gate }
        }
    }

    /// Why what is not safe to repeat is parked after a crash.
    static let processEnded = "answer lost: the program ended meanwhile"
}

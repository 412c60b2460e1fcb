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
    /// Whether it looks for leases that have ended; one of several does.
    let rescues: Bool
    let exchange: Exchange
    let observe: @Sendable (DispatchEvent) -> Void

    /// How often leases that have ended are looked for.
    static let rescueEveryMilliseconds: Int64 = 60_000
    /// How many leases of a dead process are returned in one page.
    static let rescuePage = 1_000
    /// How long to wait before a full store is tried again.
    static let fullRetryMilliseconds: Int64 = 1_000

    /// Works until the exchange ends.
    func run() {
        var rescuedAt = clock.now()
        while let work = exchange.takeWork() {
            while true {
                do {
                    exchange.answer(.success(try carryOut(work, rescuedAt: &rescuedAt)))
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

    private func carryOut(_ work: StoreWork, rescuedAt: inout Timestamp) throws -> StoreReply {
        var claimed: [(claim: StoreReply.Claimed, deliveries: [StoredDelivery])] = []
        let now = clock.now()
        let leaseUntil = now.advanced(byMilliseconds: leaseMilliseconds)
        let mayRescue = rescues && now.milliseconds(since: rescuedAt) >= Self.rescueEveryMilliseconds
        if mayRescue { rescuedAt = now }
        var reply = try store.write { transaction in
            var reply = StoreReply()
            if work.clockStep != 0 { try transaction.moveAttempts(byMilliseconds: work.clockStep) }
            if work.isFirst { try begin(transaction, &reply, now: now) }
            if mayRescue { reply.rescued += try transaction.rescueExpiredLeases(now: now) }
            // First of all, so that the store marks what follows as parked by the disabling.
            for (name, reason) in work.disable {
                try transaction.setDestination(name, disabled: true, since: now, reason: reason)
            }
            for outcome in work.outcomes {
                try transaction.record(
                    outcome.attempt, state: outcome.state, nextAttemptAt: outcome.nextAttemptAt,
                    reason: outcome.reason)
            }
            for move in work.moves {
                try transaction.setDelivery(
                    move.id, state: move.state, nextAttemptAt: move.nextAttemptAt, reason: move.reason)
            }
            for (name, until) in work.pauses {
                try transaction.setNote(Self.pauseNote(name), String(until.milliseconds))
            }
            try claim(work, transaction, &reply, &claimed, now: now, leaseUntil: leaseUntil)
            return reply
        }
        for (claim, deliveries) in claimed {
            var claim = claim
            let channel = destinations[claim.place].channel
            // An attempt that begins by then has ended before the lease has.
            let timeout = destinations[claim.place].settings.timeoutMilliseconds
            let beginBy = leaseUntil.advanced(byMilliseconds: -timeout)
            claim.jobs = deliveries.map { delivery in
                var machine = DeliveryMachine(attempts: delivery.attempts, notBefore: delivery.nextAttemptAt)
                machine.claimed(leaseUntil: beginBy)
                let body = Result { () throws(Unsendable) in try channel.body(of: delivery.order) }
                return Job(delivery: delivery, body: body, machine: machine)
            }
            reply.claimed.append(claim)
        }
        return reply
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
        // about to send was due.
        while true {
            let held = try transaction.deliveries(states: [.sending], limit: Self.rescuePage)
            for delivery in held {
                if places[delivery.order.destination].map({ destinations[$0].repeatsSafely }) ?? true {
                    try transaction.setDelivery(
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
        reply.disabled = try transaction.disabledDestinations().map { ($0.name, $0.reason) }
        for destination in destinations {
            let note = Self.pauseNote(destination.name)
            guard let text = try transaction.note(note) else { continue }
            if let milliseconds = Int64(text), Timestamp(milliseconds: milliseconds) > now {
                reply.paused.append((destination.name, Timestamp(milliseconds: milliseconds)))
            } else {
                try transaction.setNote(note, nil)
            }
        }
    }

    /// Why what is not safe to repeat is parked after a crash.
    static let processEnded = "answer lost: the program ended meanwhile"

    /// Where a pause that the receiver asked for is kept over restarts.
    static func pauseNote(_ destination: String) -> String { "destination.paused:\(destination)" }
}

import CareStore
import CareValues
import Testing

/// Claims: by destination, due, oldest first, once.
func exerciseOutbox(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        #expect(try store.read { try $0.nextAttemptAt() } == nil)
        try store.write { transaction throws in
            try transaction.enqueue(delivery(1, expiresAt: at(500)), firstAttemptAt: at(20))
            try transaction.enqueue(delivery(2, customer: "bob"), firstAttemptAt: at(10))
            try transaction.enqueue(delivery(3), firstAttemptAt: at(10))
            try transaction.enqueue(delivery(4, destination: "mail"), firstAttemptAt: at(5))
            expect(.duplicateDecision) { try transaction.enqueue(delivery(1), firstAttemptAt: at(0)) }
            #expect(try transaction.nextAttemptAt() == at(5))
            #expect(try transaction.destinationsDue(at: at(4)) == [])
            #expect(try transaction.destinationsDue(at: at(5)) == ["mail"])
            #expect(try transaction.destinationsDue(at: at(10)) == ["crm", "mail"])
        }
        func claim(_ now: Int64, limit: Int = 9) throws -> [StoredDelivery] {
            try store.write {
                try $0.claim(destination: "crm", now: at(now), leaseUntil: at(now + 100), limit: limit)
            }
        }
        #expect(try claim(9) == [])
        let claimed = try claim(10, limit: 1)
        let first = StoredDelivery(
            order: delivery(2, customer: "bob"), state: .sending, attempts: 0, nextAttemptAt: at(110), reason: "")
        #expect(claimed == [first])
        #expect(try claim(20).map(\.order) == [delivery(3), delivery(1, expiresAt: at(500))])
        #expect(try claim(99) == [])
        #expect(try store.read { try $0.deliveryCounts() } == [.waiting: 1, .sending: 3])
        // Leases end at their instant, not before it.
        #expect(try store.write { try $0.rescueExpiredLeases(now: at(109)) } == 0)
        #expect(try store.write { try $0.rescueExpiredLeases(now: at(110)) } == 1)
        #expect(try store.read { try $0.nextAttemptAt() } == at(5))
        #expect(try claim(110).map(\.order.id) == [delivery(2).id])
        #expect(try store.write { try $0.rescueExpiredLeases(now: .distantFuture) } == 3)
        #expect(try store.read { try $0.deliveryCounts() } == [.waiting: 4])
    }
}

/// Attempts: recorded with where their delivery stands.
func exerciseAttempts(_ make: () throws -> any CareStore) throws {
    func attempt(_ number: Int, _ outcome: StoredAttempt.Outcome, status: Int) -> StoredAttempt {
        StoredAttempt(
            delivery: delivery(1).id, number: number, startedAt: at(Int64(number)), durationMilliseconds: 12,
            outcome: outcome, status: status, detail: "HTTP \(status)")
    }
    try with(make) { store throws in
        func state() throws -> StoredDelivery? { try store.read { try $0.deliveries(states: [], limit: 1).first } }
        func claim(_ now: Int64) throws {
            let claimed = try store.write {
                try $0.claim(destination: "crm", now: at(now), leaseUntil: at(now + 100), limit: 9)
            }
            #expect(claimed.count == 1)
        }
        try store.write { try $0.enqueue(delivery(1), firstAttemptAt: at(0)) }
        try claim(0)
        let failed = attempt(1, .failed, status: 500)
        try store.write { try $0.record(failed, state: .waiting, nextAttemptAt: at(300), reason: "HTTP 500") }
        let retried = StoredDelivery(
            order: delivery(1), state: .waiting, attempts: 1, nextAttemptAt: at(300), reason: "HTTP 500")
        #expect(try state() == retried)
        try claim(300)
        let done = attempt(2, .ok, status: 204)
        try store.write { try $0.record(done, state: .delivered, nextAttemptAt: at(300), reason: "") }
        #expect(try state()?.state == .delivered)
        #expect(try state()?.attempts == 2)
        // A result that comes late changes no state, and takes the next number.
        let late = attempt(2, .unknown, status: 0)
        try store.write { try $0.record(late, state: .waiting, nextAttemptAt: at(0), reason: "lost") }
        #expect(try state()?.state == .delivered)
        #expect(try state()?.attempts == 3)
        var renumbered = late
        renumbered.number = 3
        #expect(try store.read { try $0.attempts(of: delivery(1).id) } == [failed, done, renumbered])
        #expect(try store.read { try $0.attempts(of: delivery(2).id) } == [])
        // Moves outside attempts.
        for (target, counts) in [(DeliveryState.dead, [DeliveryState.dead: 1]), (.waiting, [.waiting: 1])] {
            try store.write {
                try $0.setDelivery(delivery(1).id, state: target, nextAttemptAt: at(7), reason: "by hand")
            }
            #expect(try store.read { try $0.deliveryCounts() } == counts)
        }
        try claim(7)
        try store.write { transaction throws in
            try transaction.setDelivery(delivery(1).id, state: .cancelled, nextAttemptAt: at(0), reason: "consent")
            try transaction.record(attempt(4, .ok, status: 200), state: .delivered, nextAttemptAt: at(0), reason: "")
        }
        #expect(try state()?.state == .cancelled)
        // What a dispatcher gives back or gives up meanwhile does not bring it back to life.
        for target in [DeliveryState.waiting, .parked, .dead] {
            try store.write {
                try $0.moveClaimed(delivery(1).id, state: target, nextAttemptAt: at(9), reason: "given back")
            }
            #expect(try state()?.state == .cancelled)
            #expect(try state()?.reason == "consent")
        }
        // One that is still claimed is given back.
        try store.write { try $0.setDelivery(delivery(1).id, state: .waiting, nextAttemptAt: at(7), reason: "") }
        try claim(7)
        try store.write {
            try $0.moveClaimed(delivery(1).id, state: .waiting, nextAttemptAt: at(9), reason: "given back")
        }
        #expect(try state()?.state == .waiting && state()?.nextAttemptAt == at(9) && state()?.reason == "given back")
        // Arrived it is, though somebody thought it lost.
        for target in [DeliveryState.waiting, .parked, .dead] {
            try store.write { transaction throws in
                try transaction.setDelivery(delivery(1).id, state: target, nextAttemptAt: at(7), reason: "lease ended")
                try transaction.record(
                    attempt(9, .ok, status: 200), state: .delivered, nextAttemptAt: at(8), reason: "")
            }
            #expect(try state()?.state == .delivered && state()?.reason == "")
            #expect(try store.read { try $0.deliveryCounts() } == [.delivered: 1])
        }
        expect(.missing) {
            try store.write {
                try $0.moveClaimed(delivery(9).id, state: .dead, nextAttemptAt: at(0), reason: "")
            }
        }
        expect(.missing) {
            try store.write {
                try $0.setDelivery(delivery(9).id, state: .dead, nextAttemptAt: at(0), reason: "")
            }
        }
    }
}

/// A disabled destination: nothing waits for it, and enabling gives back what is safe to send.
func exerciseDestinations(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        func states() throws -> [UInt64: DeliveryState] {
            let all = try store.read { try $0.deliveries(states: [], limit: 99) }
            return Dictionary(uniqueKeysWithValues: all.map { ($0.order.id.high, $0.state) })
        }
        func attempt(_ key: UInt64, _ outcome: StoredAttempt.Outcome) -> StoredAttempt {
            StoredAttempt(
                delivery: delivery(key).id, number: 1, startedAt: at(0), durationMilliseconds: 1, outcome: outcome,
                status: 410, detail: "gone")
        }
        try store.write { transaction throws in
            for key in UInt64(1)...3 { try transaction.enqueue(delivery(key), firstAttemptAt: at(0)) }
            #expect(try transaction.claim(destination: "crm", now: at(0), leaseUntil: at(9), limit: 3).count == 3)
            try transaction.enqueue(delivery(4), firstAttemptAt: at(0))
            try transaction.enqueue(delivery(5, destination: "mail"), firstAttemptAt: at(0))
            // 1 meets the 410, the answer to 2 is lost, 3 is still under way.
            try transaction.record(attempt(1, .failed), state: .parked, nextAttemptAt: at(0), reason: "410")
            try transaction.record(attempt(2, .unknown), state: .parked, nextAttemptAt: at(0), reason: "lost")
            try transaction.setDestination("crm", disabled: true, since: at(1), reason: "410 gone")
            #expect(try transaction.destinationsDue(at: at(50)) == ["mail"])
        }
        #expect(try states() == [1: .parked, 2: .parked, 3: .sending, 4: .parked, 5: .waiting])
        try store.write { transaction throws in
            try transaction.record(attempt(3, .failed), state: .waiting, nextAttemptAt: at(0), reason: "500")
            try transaction.enqueue(delivery(6), firstAttemptAt: at(0))
            #expect(try transaction.claim(destination: "crm", now: at(99), leaseUntil: at(999), limit: 9) == [])
        }
        #expect(try store.read { try $0.deliveryCounts() } == [.parked: 5, .waiting: 1])
        let disabled = try store.read { try $0.disabledDestinations() }
        #expect(disabled.map(\.name) == ["crm"])
        #expect(disabled.first?.since == at(1))
        #expect(disabled.first?.reason == "410 gone")
        try store.write { try $0.setDestination("crm", disabled: false, since: at(2), reason: "") }
        #expect(try states() == [1: .waiting, 2: .parked, 3: .waiting, 4: .waiting, 5: .waiting, 6: .waiting])
        #expect(try store.read { try $0.disabledDestinations().isEmpty })
        // A lease that ends while the destination is disabled does not wait either.
        try store.write { transaction throws in
            #expect(try transaction.claim(destination: "crm", now: at(9), leaseUntil: at(20), limit: 1).count == 1)
            try transaction.setDestination("crm", disabled: true, since: at(10), reason: "by hand")
            #expect(try transaction.rescueExpiredLeases(now: at(20)) == 1)
            #expect(try transaction.deliveryCounts() == [.parked: 5, .waiting: 1])
        }
    }
}

/// Lists: newest first, by state, by the beginning of the id.
func exerciseDeliveryLists(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        let keys = (1...6).map { UInt64($0) << 59 | UInt64($0) }
        let targets: [DeliveryState] = [.dead, .parked, .cancelled, .delivered, .dead, .waiting]
        try store.write { transaction throws in
            for (key, target) in zip(keys, targets) {
                try transaction.enqueue(delivery(key), firstAttemptAt: at(0))
                try transaction.setDelivery(delivery(key).id, state: target, nextAttemptAt: at(0), reason: "")
            }
        }
        try store.read { snapshot throws in
            func list(_ states: [DeliveryState], limit: Int = 99) throws -> [UInt64] {
                try snapshot.deliveries(states: states, limit: limit).map(\.order.id.high)
            }
            #expect(try list([]) == keys.reversed())
            #expect(try list([], limit: 2) == [keys[5], keys[4]])
            #expect(try list([.dead]) == [keys[4], keys[0]])
            #expect(try list([.delivered]) == [keys[3]])
            #expect(try list([.sending]) == [])
            #expect(try list([.parked, .dead, .waiting], limit: 3) == [keys[5], keys[4], keys[1]])
            let counts: [DeliveryState: Int] = [.dead: 2, .parked: 1, .cancelled: 1, .delivered: 1, .waiting: 1]
            #expect(try snapshot.deliveryCounts() == counts)
            for key in keys {
                let text = delivery(key).id.text
                for length in [5, 6, 17, 29, 30] {
                    let found = try snapshot.deliveries(idPrefix: String(text.prefix(length)), limit: 9)
                    #expect(found.map(\.order.id.high) == [key], "\(length) characters of \(text)")
                }
            }
            #expect(try snapshot.deliveries(idPrefix: "dlv_", limit: 9).count == 6)
            #expect(try snapshot.deliveries(idPrefix: "", limit: 4).count == 4)
            #expect(try snapshot.deliveries(idPrefix: "dlv_A", limit: 9).isEmpty)
            #expect(try snapshot.deliveries(idPrefix: "x", limit: 9).isEmpty)
            #expect(try snapshot.deliveries(idPrefix: delivery(keys[0]).id.text + "a", limit: 9).isEmpty)
        }
    }
}

/// Ordered destinations: one line for each customer.
func exerciseLines(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        func claim(_ now: Int64, limit: Int = 99) throws -> [UInt64] {
            try store.write {
                try $0.claim(destination: "crm", now: at(now), leaseUntil: at(now + 100), limit: limit)
            }.map(\.order.id.high)
        }
        func end(_ key: UInt64, _ state: DeliveryState, at instant: Int64 = 0) throws {
            try store.write {
                try $0.setDelivery(delivery(key).id, state: state, nextAttemptAt: at(instant), reason: "")
            }
        }
        try store.write { transaction throws in
            // Before it is known to be ordered, and after: both stand in line.
            for key in UInt64(1)...3 { try transaction.enqueue(delivery(key), firstAttemptAt: at(0)) }
            try transaction.enqueue(delivery(4, customer: "bob"), firstAttemptAt: at(0))
            try transaction.setOrdered("crm", true)
            try transaction.enqueue(delivery(5), firstAttemptAt: at(0))
            try transaction.enqueue(delivery(6, destination: "mail"), firstAttemptAt: at(0))
        }
        // Firsts before seconds, a customer's own in their order.
        #expect(try claim(0, limit: 3) == [1, 4, 2])
        #expect(try claim(0) == [], "3 and 5 stand behind what is being sent")
        try end(1, .delivered)
        #expect(try claim(0) == [], "behind 2 still")
        // 2 fails: it waits, and with it those behind it; bob does not.
        try end(2, .waiting, at: 50)
        try end(4, .delivered)
        try store.write { try $0.enqueue(delivery(7, customer: "bob"), firstAttemptAt: at(1)) }
        #expect(try claim(49) == [7])
        #expect(try store.read { try $0.firstWaiting(for: "crm") }?.order.id.high == 2, "3 and 5 are due behind it")
        #expect(try claim(50) == [2, 3, 5])
        // Dead is out of the way; a redrive goes to the end, also behind what comes in the same instant.
        try end(2, .dead)
        for key in [UInt64(3), 5] { try end(key, .waiting) }
        try store.write { transaction throws in
            try transaction.redrive(delivery(2).id, nextAttemptAt: at(0), ignoringExpiry: false)
            try transaction.enqueue(delivery(8), firstAttemptAt: at(0))
        }
        #expect(try claim(60) == [3, 5, 2, 8])
        for key in [UInt64(3), 5, 2, 8] { try end(key, .waiting) }
        // No longer ordered: oldest instant first, whoever it is for.
        try store.write { try $0.setOrdered("crm", false) }
        #expect(Set(try claim(60, limit: 2)) == [2, 3])
        #expect(Set(try claim(60)) == [5, 8])
    }
}

/// What is asked about the outbox from outside: filters, queues, what of a customer is pending.
func exerciseDeliveryQuestions(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        let quiet = QuietTimes(text: "Europe/Berlin 21:00-08:00,12:00-13:30")
        var full = delivery(1, expiresAt: at(500))
        full.quietTimes = quiet
        full.consents = ["newsletter", "e-mail 同意"]
        try store.write { transaction throws in
            try transaction.enqueue(full, firstAttemptAt: at(9))
            try transaction.enqueue(delivery(2, customer: "bob"), firstAttemptAt: at(3))
            try transaction.enqueue(delivery(3, destination: "mail"), firstAttemptAt: at(4))
            try transaction.enqueue(delivery(4), firstAttemptAt: at(5))
            try transaction.setDelivery(delivery(4).id, state: .dead, nextAttemptAt: at(5), reason: "no")
            try transaction.parkLost(delivery(2).id, reason: "answer lost")
        }
        func keys(_ filter: DeliveryFilter, limit: Int = 9) throws -> [UInt64] {
            try store.read { try $0.deliveries(filter, limit: limit) }.map(\.order.id.high)
        }
        #expect(try store.read { try $0.deliveries(idPrefix: full.id.text, limit: 1) }.first?.order == full)
        #expect(try keys(DeliveryFilter()) == [4, 3, 2, 1])
        #expect(try keys(DeliveryFilter(), limit: 2) == [4, 3])
        #expect(try keys(DeliveryFilter(states: [.waiting, .dead], destination: "crm")) == [4, 1])
        #expect(try keys(DeliveryFilter(customer: "bob")) == [2])
        #expect(try keys(DeliveryFilter(states: [.waiting], customer: "bob")) == [])
        #expect(try keys(DeliveryFilter(campaign: "nobody's")) == [])
        #expect(try keys(DeliveryFilter(answerLost: true)) == [2])
        let decided = full.decidedAt
        #expect(try keys(DeliveryFilter(decidedFrom: decided)) == [4, 3, 2, 1])
        #expect(try keys(DeliveryFilter(decidedUntil: decided)) == [])
        let queues = [
            DestinationQueue(destination: "crm", state: .waiting, count: 1, firstAttemptAt: at(9)),
            DestinationQueue(destination: "crm", state: .dead, count: 1, firstAttemptAt: nil),
            DestinationQueue(destination: "crm", state: .parked, count: 1, firstAttemptAt: nil),
            DestinationQueue(destination: "mail", state: .waiting, count: 1, firstAttemptAt: at(4)),
        ]
        #expect(try store.read { try $0.destinationQueues() } == queues)
        let waiting = try store.read { try $0.waitingDestinations() }
        #expect(waiting.map(\.name) == ["crm", "mail"])
        #expect(waiting.map(\.nextAttemptAt) == [at(9), at(4)])
        #expect(try store.read { try $0.firstWaiting(for: "crm") }?.order == full)
        #expect(try store.read { try $0.firstWaiting(for: "nowhere") } == nil)
        // Parked for a lost answer stays so when its destination is enabled; a redrive takes it up.
        try store.write { transaction throws in
            try transaction.setDestination("crm", disabled: true, since: at(0), reason: "gone")
            try transaction.setDestination("crm", disabled: false, since: at(0), reason: "")
        }
        #expect(try keys(DeliveryFilter(answerLost: true)) == [2])
        try store.write { try $0.redrive(full.id, nextAttemptAt: at(7), ignoringExpiry: true) }
        #expect(try store.read { try $0.deliveries(idPrefix: full.id.text, limit: 1) }.first?.order.expiresAt == nil)
        let next = [at(2), at(6), at(7), at(9)].map { instant in
            try? store.read { try $0.nextAttemptAt(for: "crm", after: instant) }
        }
        #expect(next == [at(7), at(7), nil, nil])
        // A clock that is set back takes along what waits.
        try store.write { try $0.moveAttempts(byMilliseconds: -6) }
        #expect(try store.read { try $0.waitingDestinations() }.map(\.nextAttemptAt) == [at(1), at(-2)])
        // Of one destination just what waits until an instant can be moved.
        for (instant, expected) in [(at(0), at(1)), (at(1), at(-5))] {
            try store.write { try $0.moveAttempts(of: "crm", from: instant, to: at(-5)) }
            #expect(try store.read { try $0.waitingDestinations() }.map(\.nextAttemptAt) == [expected, at(-2)])
        }
        expect(.missing) {
            try store.write { try $0.redrive(delivery(99).id, nextAttemptAt: at(0), ignoringExpiry: false) }
        }
        expect(.missing) { try store.write { try $0.parkLost(delivery(99).id, reason: "") } }
    }
}

/// What of a customer is pending is found through its decisions.
func exercisePendingDeliveries(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        try store.write { transaction throws in
            for key in UInt64(1)...7 {
                let order = delivery(key, customer: key == 4 ? "bob" : "ann")
                let entry = decision(key, customer: order.customer)
                try transaction.append(entry)
                try transaction.enqueue(order, firstAttemptAt: at(0))
            }
            try transaction.setDelivery(delivery(2).id, state: .delivered, nextAttemptAt: at(0), reason: "")
            try transaction.setDelivery(delivery(5).id, state: .dead, nextAttemptAt: at(0), reason: "")
            try transaction.setDelivery(delivery(6).id, state: .cancelled, nextAttemptAt: at(0), reason: "")
            try transaction.parkLost(delivery(7).id, reason: "")
            #expect(try transaction.claim(destination: "crm", now: at(0), leaseUntil: at(9), limit: 1).count == 1)
            #expect(
                try transaction.pendingDeliveries(of: "ann").map(\.state) == [.parked, .dead, .waiting, .sending])
            #expect(try transaction.pendingDeliveries(of: "ann").map(\.order.id.high) == [7, 5, 3, 1])
        }
        #expect(try store.read { try $0.pendingDeliveries(of: "bob").map(\.order.id.high) } == [4])
        #expect(try store.read { try $0.pendingDeliveries(of: "nobody").isEmpty })
    }
}

/// Filters: every part narrows; lists, counts, redrive and cancel mean the same deliveries.
func exerciseDeliveryFilters(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        func enqueue(
            _ key: UInt64, _ state: DeliveryState, destination: String = "crm", customer: String = "ada",
            campaign: String = "thanks", decided: Int64 = 0, expires: Int64? = nil
        ) throws {
            var order = delivery(key, customer: customer, destination: destination, expiresAt: expires.map { at($0) })
            order.campaign = campaign
            order.decidedAt = at(decided)
            try store.write { transaction throws in
                try transaction.enqueue(order, firstAttemptAt: at(Int64(key)))
                if state != .waiting {
                    try transaction.setDelivery(order.id, state: state, nextAttemptAt: at(0), reason: "so")
                }
            }
        }
        try enqueue(1, .dead, expires: 100)
        try enqueue(2, .dead, customer: "bob", decided: 10)
        try enqueue(3, .parked, destination: "sms")
        try enqueue(4, .waiting, campaign: "birthday", decided: 20)
        try enqueue(5, .delivered)
        try enqueue(6, .sending, destination: "sms", campaign: "birthday")
        try enqueue(7, .waiting, destination: "sms", decided: 5)
        // The answer to 7 is lost.
        try store.write { transaction throws in
            #expect(try transaction.claim(destination: "sms", now: at(7), leaseUntil: at(99), limit: 1).count == 1)
            try transaction.record(
                StoredAttempt(
                    delivery: delivery(7).id, number: 1, startedAt: at(8), durationMilliseconds: 1, outcome: .unknown,
                    status: 0, detail: "line cut"), state: .parked, nextAttemptAt: at(0), reason: "answer lost")
        }
        func keys(_ change: (inout DeliveryFilter) -> Void) throws -> [UInt64] {
            var filter = DeliveryFilter()
            change(&filter)
            return try store.read { snapshot throws in
                let found = try snapshot.deliveries(filter, limit: 99)
                let counts = Dictionary(grouping: found, by: \.state).mapValues(\.count)
                #expect(try snapshot.deliveryCounts(filter) == counts)
                #expect(try snapshot.deliveries(filter, limit: 1) == Array(found.prefix(1)))
                return found.map(\.order.id.high)
            }
        }
        #expect(try keys { _ in } == [7, 6, 5, 4, 3, 2, 1])
        #expect(try keys { $0.destination = "sms" } == [7, 6, 3])
        #expect(try keys { $0.customer = "bob" } == [2])
        #expect(try keys { $0.campaign = "birthday" } == [6, 4])
        #expect(try keys { $0.campaign = "birthday'; --" } == [])
        #expect(try keys { $0.decidedFrom = at(10) } == [4, 2])
        #expect(try keys { $0.decidedFrom = at(11) } == [4])
        #expect(try keys { $0.answerLost = true } == [7])
        #expect(try keys { ($0.answerLost, $0.states) = (false, [.parked, .dead]) } == [3, 2, 1])
        #expect(try keys { $0.expiredBy = at(99) } == [])
        #expect(try keys { $0.expiredBy = at(100) } == [1])
        #expect(try keys { $0.states = [.parked, .dead] } == [7, 3, 2, 1])
        #expect(try keys { ($0.states, $0.destination, $0.customer) = ([.parked, .dead], "crm", "ada") } == [1])
        #expect(try keys { $0.ids = [delivery(2).id, delivery(5).id, delivery(9).id] } == [5, 2])
        #expect(try keys { ($0.ids, $0.states) = ([delivery(2).id, delivery(5).id], [.dead, .waiting]) } == [2])
        try exerciseQueues(store)
        try exerciseRedriveAndCancel(store, keys)
    }
}

private func exerciseQueues(_ store: any CareStore) throws {
    try store.read { snapshot throws in
        #expect(try snapshot.oldestDecision(waitingFor: "crm") == at(20))
        #expect(try snapshot.oldestDecision(waitingFor: "sms") == at(0))
        #expect(try snapshot.oldestDecision(waitingFor: "mail") == nil)
        #expect(try snapshot.lastFailure(at: "crm") == nil)
        let failure = try snapshot.lastFailure(at: "sms")
        #expect(failure?.at == at(8) && failure?.detail == "line cut")
    }
}

private func exerciseRedriveAndCancel(
    _ store: any CareStore, _ keys: ((inout DeliveryFilter) -> Void) throws -> [UInt64]
) throws {
    func state(_ key: UInt64) throws -> StoredDelivery? {
        try store.read { try $0.deliveries(idPrefix: delivery(key).id.text, limit: 1) }.first
    }
    var dead = DeliveryFilter(states: [.dead])
    // 1 expires at 100: not before that instant, and from it on only late.
    #expect(try store.write { try $0.redrive(dead, at: at(50), clock: at(100), late: false) } == 1)
    #expect(try state(2)?.state == .waiting && state(2)?.nextAttemptAt == at(50) && state(2)?.reason == "redriven")
    #expect(try state(1)?.state == .dead)
    #expect(try store.write { try $0.redrive(dead, at: at(60), clock: at(100), late: true) } == 1)
    #expect(try state(1)?.state == .waiting && state(1)?.order.expiresAt == nil)
    // Nothing else was touched, nor is it when nothing fits.
    dead.states = [.waiting, .delivered]
    #expect(try store.write { try $0.redrive(dead, at: at(60), clock: at(0), late: true) } == 0)
    try store.write { try $0.setDestination("sms", disabled: true, since: at(1), reason: "410") }
    var lost = DeliveryFilter()
    lost.answerLost = true
    #expect(try store.write { try $0.redrive(lost, at: at(70), clock: at(0), late: false) } == 1)
    #expect(try state(7)?.state == .parked && state(7)?.reason == "410")
    // A dead one of a disabled destination is counted once, though it is among the parked ones then.
    try store.write { try $0.setDelivery(delivery(7).id, state: .dead, nextAttemptAt: at(0), reason: "so") }
    let both = DeliveryFilter(states: [.dead, .parked], destination: "sms")
    #expect(try store.write { try $0.redrive(both, at: at(70), clock: at(0), late: false) } == 2)
    #expect(try state(7)?.state == .parked && state(7)?.reason == "410")
    // Redriven, it goes out when the destination is enabled.
    try store.write { try $0.setDestination("sms", disabled: false, since: at(2), reason: "") }
    #expect(try state(7)?.state == .waiting)
    #expect(try store.read { try $0.deliveryCounts() } == [.waiting: 5, .delivered: 1, .sending: 1])
    var birthday = DeliveryFilter()
    birthday.campaign = "birthday"
    let birthdays = try store.write { try $0.cancel(birthday, reason: "by hand") }
    #expect(birthdays.count == 2 && birthdays.claimed == [delivery(6).id])
    #expect(try keys { $0.states = [.cancelled] } == [6, 4])
    #expect(try state(4)?.reason == "by hand")
    let none = try store.write { try $0.cancel(DeliveryFilter(states: [.delivered, .dead]), reason: "x") }
    #expect(none.count == 0 && none.claimed.isEmpty)
    let rest = try store.write { try $0.cancel(DeliveryFilter(), reason: "x") }
    #expect(rest.count == 4 && rest.claimed.isEmpty)
    #expect(try store.read { try $0.deliveryCounts() } == [.cancelled: 6, .delivered: 1])
    // A late answer changes nothing of a cancelled one.
    try store.write {
        try $0.record(
            StoredAttempt(
                delivery: delivery(6).id, number: 1, startedAt: at(8), durationMilliseconds: 1, outcome: .ok,
                status: 200, detail: ""), state: .delivered, nextAttemptAt: at(0), reason: "")
    }
    #expect(try state(6)?.state == .cancelled)
}

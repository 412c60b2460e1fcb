import CareStore
import CareValues
import GRDB

/// Deliveries as they are ordered, claimed and tried. Nothing waits for a disabled destination: what would is parked,
/// and enabling the destination returns it. What was parked because an answer was lost stays parked: it is not safe to
/// repeat.
extension SQLiteTransaction {
    func enqueue(_ delivery: NewDelivery, firstAttemptAt: Timestamp) throws {
        let disabling = try disablingReason(delivery.destination)
        let state: DeliveryState = disabling == nil ? .waiting : .parked
        let insert = try statement(.enqueue)
        insert.bind(1, high: delivery.id.high, low: delivery.id.low)
        insert.bind(2, state.code)
        insert.bind(3, firstAttemptAt.milliseconds)
        insert.bind(4, disabling ?? "")
        insert.bind(5, delivery.customer)
        insert.bind(6, delivery.campaign)
        insert.bind(7, delivery.key)
        insert.bind(8, delivery.destination)
        insert.bind(9, delivery.address)
        insert.bind(10, delivery.type)
        insert.bind(11, delivery.data)
        insert.bind(12, delivery.decidedAt.milliseconds)
        insert.bind(13, delivery.expiresAt?.milliseconds)
        insert.bind(14, delivery.language)
        insert.bind(15, delivery.quietTimes?.text)
        insert.bind(16, delivery.consents.isEmpty ? nil : delivery.consents.joined(separator: "."))
        insert.bind(17, try isOrdered(delivery.destination) ? 1 : 0)
        guard try insert.runUnlessTaken() else {
            throw StoreError(.duplicateDecision, "a delivery with this id is in the outbox")
        }
        moved(1, from: nil, to: state)
    }

    func claim(destination: String, now: Timestamp, leaseUntil: Timestamp, limit: Int) throws -> [StoredDelivery] {
        var found = try due(destination, now: now, limit: limit)
        // What cannot be read takes nobody's place: it is dead, and then it is looked again.
        while !found.unreadable.isEmpty {
            try setAside(found.unreadable, from: .waiting)
            found = try due(destination, now: now, limit: limit)
        }
        for (index, number) in found.numbers.enumerated() {
            found.deliveries[index].state = .sending
            found.deliveries[index].nextAttemptAt = leaseUntil
            let lease = try statement(.lease)
            lease.bind(1, number)
            lease.bind(2, leaseUntil.milliseconds)
            try lease.run()
            leased.note(found.deliveries[index].order.id, number: number)
        }
        moved(found.numbers.count, from: .waiting, to: .sending)
        return found.deliveries
    }

    /// What a claim has found, with the rows' numbers beside it.
    private struct Claim {
        var numbers: [Int64] = []
        var deliveries: [StoredDelivery] = []
        /// The numbers of those that wait and cannot be read.
        var unreadable: [Int64] = []

        mutating func add(_ number: Int64, _ delivery: StoredDelivery?) {
            guard let delivery else { return unreadable.append(number) }
            numbers.append(number)
            deliveries.append(delivery)
        }
    }

    /// What a claim is to take; nothing is changed.
    private func due(_ destination: String, now: Timestamp, limit: Int) throws -> Claim {
        var found = Claim()
        let isOrdered = try isOrdered(destination)
        let query = try statement(isOrdered ? .firstInLine : .claimable)
        query.bind(1, destination)
        query.bind(2, now.milliseconds)
        query.bind(3, limit)
        while try query.step() { found.add(query.integer(0), delivery(query)) }
        if isOrdered { try addThoseBehind(&found, destination: destination, now: now, limit: limit) }
        return found
    }

    /// The most that is claimed at once of one customer's line.
    private static let longestClaimOfLine = 64

    /// Adds to each first in a line those behind it that are due too, up to one that is not.
    private func addThoseBehind(
        _ found: inout Claim, destination: String, now: Timestamp, limit: Int
    ) throws {
        for (first, customer) in zip(found.numbers, found.deliveries.map(\.order.customer)) {
            let room = min(limit - found.numbers.count, Self.longestClaimOfLine)
            guard room > 0 else { return }
            let query = try statement(.nextInLine)
            query.bind(1, destination)
            query.bind(2, customer)
            query.bind(3, room + 1)
            while try query.step() {
                let number = query.integer(0)
                if number == first { continue }
                guard let next = delivery(query) else {
                    // One that is being sent is not over yet: those behind it wait, as ever.
                    guard query.integer(2) == DeliveryState.waiting.code else { break }
                    found.unreadable.append(number)
                    continue
                }
                guard next.state == .waiting, next.nextAttemptAt <= now else { break }
                found.add(number, next)
            }
            query.reset()
        }
    }

    func destinationsDue(at now: Timestamp) throws -> [String] {
        try plain {
            try String.fetchAll(
                $0,
                sql: """
                    \(Self.waitingDestinations)
                    SELECT name FROM waiting WHERE name IS NOT NULL
                        AND EXISTS (SELECT 1 FROM outbox WHERE state = 0 AND destination = name AND nextAttemptAt <= ?)
                        AND NOT EXISTS (SELECT 1 FROM destinations WHERE destinations.name = waiting.name)
                    """, arguments: [now.milliseconds])
        }
    }

    func record(_ attempt: StoredAttempt, state: DeliveryState, nextAttemptAt: Timestamp, reason: String) throws {
        if state == .delivered, try recordLeased(attempt, nextAttemptAt: nextAttemptAt, reason: reason) { return }
        let current = try found(attempt.delivery)
        try insert(attempt, of: current.number)
        // A late answer changes nothing, unless it says that the delivery has arrived: then nobody is to send it again.
        let hasArrived = state == .delivered && [.waiting, .parked, .dead].contains(current.state)
        guard current.state == .sending || hasArrived else {
            let count = try statement(.recordCount)
            count.bind(1, current.number)
            count.bind(2, current.attempts + 1)
            try count.run()
            return
        }
        try change(
            current, to: state, nextAttemptAt: nextAttemptAt, reason: reason, attempts: current.attempts + 1,
            staysParked: state == .parked && attempt.outcome == .unknown)
    }

    /// Records what is expected of an attempt, that it delivers what is still claimed, without reading the row; false:
    /// it is not as expected.
    private func recordLeased(_ attempt: StoredAttempt, nextAttemptAt: Timestamp, reason: String) throws -> Bool {
        guard let number = leased.take(attempt.delivery) else { return false }
        let update = try statement(.recordDelivered)
        update.bind(1, number)
        update.bind(2, high: attempt.delivery.high, low: attempt.delivery.low)
        update.bind(3, nextAttemptAt.milliseconds)
        update.bind(4, reason)
        try update.run()
        guard update.changes > 0 else { return false }
        try insert(attempt, of: number)
        moved(1, from: .sending, to: .delivered)
        return true
    }

    /// A late result may come for an attempt whose number another worker has used: it takes the next free one.
    private func insert(_ attempt: StoredAttempt, of delivery: Int64) throws {
        var number = attempt.number
        while true {
            let insert = try statement(.insertAttempt)
            insert.bind(1, delivery)
            insert.bind(2, number)
            insert.bind(3, attempt.startedAt.milliseconds)
            insert.bind(4, attempt.durationMilliseconds)
            insert.bind(5, attempt.outcome.rawValue)
            insert.bind(6, attempt.status)
            insert.bind(7, attempt.detail)
            try insert.run()
            if insert.changes > 0 { return }
            number += 1
        }
    }

    func setDelivery(_ id: DeliveryID, state: DeliveryState, nextAttemptAt: Timestamp, reason: String) throws {
        let current = try found(id)
        try change(
            current, to: state, nextAttemptAt: nextAttemptAt, reason: reason, attempts: current.attempts,
            staysParked: false)
    }

    func moveClaimed(_ id: DeliveryID, state: DeliveryState, nextAttemptAt: Timestamp, reason: String) throws {
        let current = try found(id)
        guard current.state == .sending else { return }
        try change(
            current, to: state, nextAttemptAt: nextAttemptAt, reason: reason, attempts: current.attempts,
            staysParked: false)
    }

    func parkLost(_ id: DeliveryID, reason: String) throws {
        let current = try found(id)
        try change(
            current, to: .parked, nextAttemptAt: current.nextAttemptAt, reason: reason, attempts: current.attempts,
            staysParked: true)
    }

    func redrive(_ id: DeliveryID, nextAttemptAt: Timestamp, ignoringExpiry: Bool) throws {
        let current = try found(id)
        try plain { db in
            // Between the newest row and the next one; those redriven meanwhile keep their order among themselves.
            try db.execute(
                sql: """
                    UPDATE outbox SET place = (SELECT max(number) FROM outbox) + 0.5,
                        expiresAt = CASE WHEN ?2 THEN NULL ELSE expiresAt END WHERE number = ?1
                    """, arguments: [current.number, ignoringExpiry])
        }
        try change(
            current, to: .waiting, nextAttemptAt: nextAttemptAt, reason: "redriven", attempts: current.attempts,
            staysParked: false)
    }

    private struct Found {
        var number: Int64
        var state: DeliveryState
        var attempts: Int
        var destination: String
        var nextAttemptAt: Timestamp
    }

    private func found(_ id: DeliveryID) throws -> Found {
        let query = try statement(.deliveryByID)
        query.bind(1, high: id.high, low: id.low)
        // What cannot be read is for nobody to change, as it is in no list.
        guard try query.step() else { throw StoreError(.missing, "no delivery has this id") }
        defer { query.reset() }
        guard let state = try? DeliveryState(code: query.integer(1)),
            (0...Self.mostAttempts).contains(query.integer(2))
        else { throw StoreError(.missing, "no delivery has this id") }
        return Found(
            number: query.integer(0), state: state, attempts: Int(query.integer(2)), destination: query.text(3),
            nextAttemptAt: Timestamp(milliseconds: query.integer(4)))
    }

    private func change(
        _ current: Found, to wanted: DeliveryState, nextAttemptAt: Timestamp, reason: String, attempts: Int,
        staysParked: Bool
    ) throws {
        let isParked = try wanted == .waiting && disablingReason(current.destination) != nil
        let state = isParked ? DeliveryState.parked : wanted
        let update = try statement(.recordOutcome)
        update.bind(1, current.number)
        update.bind(2, state.code)
        update.bind(3, nextAttemptAt.milliseconds)
        update.bind(4, attempts)
        update.bind(5, staysParked ? 1 : 0)
        update.bind(6, reason)
        try update.run()
        moved(1, from: current.state, to: state)
    }

    func redrive(_ filter: DeliveryFilter, at now: Timestamp, clock: Timestamp, late: Bool) throws -> Int {
        let isDisabled = "destination IN (SELECT name FROM destinations)"
        let isInTime = late ? "1" : "(expiresAt IS NULL OR expiresAt > ?2)"
        // What a claim has declared dead would only be declared so again.
        let isReadable = "NOT (state = 3 AND reason = '\(Self.cannotBeRead)')"
        // Parked ones first: dead ones of a disabled destination become such, and would be counted once more.
        return try change(filter, in: [.parked, .dead]) { part, state in
            var count = 0
            for (condition, target, reason) in [
                ("NOT \(isDisabled)", DeliveryState.waiting, "'redriven'"),
                (isDisabled, .parked, "(SELECT reason FROM destinations WHERE name = destination)"),
            ] {
                let update = try statement(
                    sql: """
                        UPDATE outbox SET state = \(target.code), staysParked = 0, nextAttemptAt = ?1, reason = \(reason),
                            place = (SELECT max(number) FROM outbox) + 0.5
                            \(late ? ", expiresAt = NULL" : "")
                        WHERE number IN (\(part.numbers(where: "\(condition) AND \(isInTime) AND \(isReadable)")))
                        """)
                update.bind(1, now.milliseconds)
                if !late { update.bind(2, clock.milliseconds) }
                try part.bind(to: update)
                try update.run()
                moved(update.changes, from: state, to: target)
                count += update.changes
            }
            return count
        }
    }

    func cancel(_ filter: DeliveryFilter, reason: String) throws -> (count: Int, claimed: [DeliveryID]) {
        var claimed: [DeliveryID] = []
        let count = try change(filter, in: [.waiting, .sending, .parked]) { part, state in
            if state == .sending {
                let find = try statement(sql: "SELECT id FROM outbox WHERE number IN (\(part.numbers()))")
                try part.bind(to: find)
                while try find.step() {
                    if let id = try? deliveryID(find.bytes(0)) { claimed.append(id) }
                }
            }
            let update = try statement(
                sql: "UPDATE outbox SET state = 5, staysParked = 0, reason = ?1 WHERE number IN (\(part.numbers()))")
            update.bind(1, reason)
            try part.bind(to: update)
            try update.run()
            moved(update.changes, from: state, to: .cancelled)
            return update.changes
        }
        return (count, claimed)
    }

    /// Calls `body` for each of these states that `filter` allows, and adds up what it changed.
    private func change(
        _ filter: DeliveryFilter, in states: [DeliveryState],
        _ body: (_ part: DeliveryCondition, _ state: DeliveryState) throws -> Int
    ) throws -> Int {
        var count = 0
        for state in states where filter.states.isEmpty || filter.states.contains(state) {
            var one = filter
            one.states = [state]
            for part in DeliveryCondition.parts(of: one) { count += try body(part, state) }
        }
        return count
    }

    func rescueExpiredLeases(now: Timestamp) throws -> Int {
        try plain { db in
            let expired = "state = 1 AND nextAttemptAt <= ?"
            let isDisabled = "destination IN (SELECT name FROM destinations)"
            try db.execute(
                sql: """
                    UPDATE outbox SET state = 4, reason = 'destination disabled'
                    WHERE \(expired) AND \(isDisabled)
                    """, arguments: [now.milliseconds])
            let parked = db.changesCount
            moved(parked, from: .sending, to: .parked)
            try db.execute(
                sql: "UPDATE outbox SET state = 0, reason = 'lease ended' WHERE \(expired)",
                arguments: [now.milliseconds])
            let waiting = db.changesCount
            moved(waiting, from: .sending, to: .waiting)
            return parked + waiting
        }
    }

    func setDestination(_ name: String, disabled: Bool, since: Timestamp, reason: String) throws {
        forgetDisabledDestinations()
        try plain { db in
            try db.execute(sql: "DELETE FROM destinations WHERE name = ?", arguments: [name])
            if disabled {
                try db.execute(
                    sql: "INSERT INTO destinations VALUES (?, ?, ?)", arguments: [name, since.milliseconds, reason])
                try db.execute(
                    sql: "UPDATE outbox SET state = 4, staysParked = 0, reason = ? WHERE state = 0 AND destination = ?",
                    arguments: [reason, name])
                moved(db.changesCount, from: .waiting, to: .parked)
            } else {
                try db.execute(
                    sql: """
                        UPDATE outbox SET state = 0, reason = ''
                        WHERE state > 2 AND state = 4 AND staysParked = 0 AND destination = ?
                        """, arguments: [name])
                moved(db.changesCount, from: .parked, to: .waiting)
            }
        }
    }

    func setOrdered(_ destination: String, _ isOrdered: Bool) throws {
        guard try self.isOrdered(destination) != isOrdered else { return }
        forgetOrderedDestinations()
        try plain { db in
            if isOrdered {
                try db.execute(sql: "INSERT INTO ordered_destinations VALUES (?)", arguments: [destination])
            } else {
                try db.execute(sql: "DELETE FROM ordered_destinations WHERE name = ?", arguments: [destination])
            }
            // All but what is over: a redrive must find its line too.
            try db.execute(
                sql: "UPDATE outbox SET isOrdered = ? WHERE destination = ? AND state <> 2",
                arguments: [isOrdered ? 1 : 0, destination])
        }
    }

    func moveAttempts(byMilliseconds step: Int64) throws {
        // One state at a time: each has an index, the two together would look through the whole table.
        for state in [DeliveryState.waiting, .sending] {
            try plain {
                try $0.execute(
                    sql: "UPDATE outbox SET nextAttemptAt = nextAttemptAt + ? WHERE state = \(state.code)",
                    arguments: [step])
            }
        }
    }

    func moveAttempts(of destination: String, from instant: Timestamp, to other: Timestamp) throws {
        try plain {
            try $0.execute(
                sql: "UPDATE outbox SET nextAttemptAt = ? WHERE state = 0 AND destination = ? AND nextAttemptAt = ?",
                arguments: [other.milliseconds, destination, instant.milliseconds])
        }
    }
}

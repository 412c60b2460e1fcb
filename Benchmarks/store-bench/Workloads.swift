import CareStore
import CareThreads
import CareValues

/// What is done to the store.
struct Workloads {
    let store: any CareStore
    let customers: Int
    private var random = SplitMix64(seed: 42)
    private let epoch: Int64 = 1
    /// 2026-01-01.
    private let now = Timestamp(milliseconds: 1_767_225_600_000)
    private let day: Int64 = 86_400_000
    private let row = [UInt8](repeating: 7, count: 250)

    init(store: any CareStore, customers: Int) {
        self.store = store
        self.customers = customers
    }

    private func id(_ number: Int) -> String {
        "c" + String(10_000_000 + number)
    }

    /// One in five wakes within a week, three in five later, the rest never.
    private func wakeUp(_ number: Int) -> Timestamp? {
        switch number % 5 {
        case 0: now.advanced(byMilliseconds: 1 + Int64(number) * 7919 % (7 * day))
        case 4: nil
        default: now.advanced(byMilliseconds: 7 * day + Int64(number) * 104_729 % (300 * day))
        }
    }

    mutating func fill(_ report: inout Report) throws {
        try activate(1)
        try report.measure("create customers of 250 B, 10,000 a commit") {
            for start in stride(from: 0, to: customers, by: 10_000) {
                try store.write { transaction in
                    for number in start..<min(start + 10_000, customers) {
                        try transaction.save(
                            id: id(number), wakeUp: wakeUp(number), epoch: epoch, row: row, expectedVersion: 0)
                    }
                }
            }
            return customers
        }
        try report.measure("checkpoint") {
            try store.checkpoint()
            return 1
        }
    }

    func questions(_ report: inout Report) throws {
        func ask(_ name: String, _ question: (any StoreSnapshot) throws -> Void) throws {
            try report.measure(name) {
                for _ in 0..<1000 { try store.read(question) }
                return 1000
            }
        }
        try ask("customers due, none") { _ = try $0.dueCustomers(after: nil, at: now, limit: 500) }
        try ask("next wake-up") { _ = try $0.nextWakeUp() }
        try ask("number of customers") { _ = try $0.customerCount }
        try ask("cuts for 8 threads") { _ = try $0.customerCuts(parts: 8) }
        try ask("customers behind, none") { _ = try $0.customers(below: epoch, limit: 500) }
        try ask("1,000 customers due") {
            _ = try $0.dueCustomers(after: nil, at: now.advanced(byMilliseconds: 7 * day), limit: 1000)
        }
    }

    func scans(_ report: inout Report) throws {
        try scan("scan all", until: nil, &report)
        try scan("scan all, again", until: nil, &report)
        try scan("scan one fifth by wake-up", until: now.advanced(byMilliseconds: 7 * day), &report)
        try scan("scan one in 170 by wake-up", until: now.advanced(byMilliseconds: day / 5), &report)
        try report.measure("scan all, two threads") {
            let cut = try store.read { try $0.customerCuts(parts: 2) }.first
            let store = store
            let rest = Lock<Result<Int, any Error>>(.success(0))
            let second = Worker {
                let result = Result { try Self.count(store, until: nil, after: cut, through: nil) }
                rest.withLock { $0 = result }
            }
            let first = try Self.count(store, until: nil, after: nil, through: cut)
            second?.join()
            return first + (try rest.withLock { try $0.get() })
        }
    }

    private func scan(_ name: String, until: Timestamp?, _ report: inout Report) throws {
        try report.measure(name) {
            try Self.count(store, until: until, after: nil, through: nil)
        }
    }

    private static func count(_ store: any CareStore, until: Timestamp?, after: String?, through: String?) throws -> Int
    {
        try store.read { snapshot in
            var bytes = 0
            var count = 0
            try snapshot.scanCustomers(wakeUpBefore: until, after: after, through: through) { id, _, _, row in
                bytes += row.count + id.utf8.count + Int(row[row.count - 1])
                count += 1
                return true
            }
            return bytes > 0 ? count : 0
        }
    }

    mutating func pointReads(_ report: inout Report) throws {
        let numbers = (0..<200_000).map { _ in Int(random.next() % UInt64(customers)) }
        try report.measure("read one customer at random") {
            try store.read { snapshot in
                for number in numbers { _ = try snapshot.customer(id(number)) }
            }
            return numbers.count
        }
    }

    /// Each event: the customer read, the fact appended, the row written, its wake-up moved for every second one; every
    /// fifth makes a decision and a delivery.
    mutating func intake(events: Int, _ report: inout Report) throws {
        let wakeUps = (0..<customers).map { wakeUp($0) }
        var current = wakeUps
        try report.measure("intake, 1,000 events a commit") {
            for start in stride(from: 0, to: events, by: 1000) {
                try store.write { transaction in
                    for event in start..<min(start + 1000, events) {
                        let customer = Int(random.next() % UInt64(customers))
                        try take(event, customer, &current, transaction)
                    }
                    try transaction.add([
                        CounterIncrement(kind: .event, name: "purchase", day: CivilDate(dayNumber: 20_454), count: 1000)
                    ])
                    try transaction.advanceClock(to: now.advanced(byMilliseconds: Int64(start)))
                }
            }
            return events
        }
        try report.measure("checkpoint after intake") {
            try store.checkpoint()
            return 1
        }
    }

    private mutating func take(
        _ event: Int, _ customer: Int, _ wakeUps: inout [Timestamp?], _ transaction: any StoreTransaction
    ) throws {
        let id = id(customer)
        guard let stored = try transaction.customer(id) else { return }
        let time = now.advanced(byMilliseconds: Int64(event))
        let isNew = try transaction.append(
            .event(
                Event(
                    type: "purchase", source: "shop", id: "evt-\(1_000_000 + event)", time: time, receivedAt: time,
                    properties: ["amount": .number(Double(event % 10_000) / 100), "currency": .string("EUR")])),
            of: id)
        guard isNew else { return }
        if event % 2 == 0 { wakeUps[customer] = time.advanced(byMilliseconds: 180 * day) }
        try transaction.save(
            id: id, wakeUp: wakeUps[customer], epoch: stored.epoch, row: stored.row, expectedVersion: stored.version)
        if event % 5 == 0 { try decide(id, event, time, transaction) }
    }

    private mutating func decide(
        _ customer: String, _ event: Int, _ time: Timestamp, _ transaction: any StoreTransaction
    ) throws {
        let key = DeliveryID(high: random.next(), low: random.next())
        let occurrence = #"["shop","evt-\#(event)"]"#
        try transaction.append(
            LedgerEntry(
                key: key, number: 0, customer: customer, campaign: "first-purchase-thanks", occurrence: occurrence,
                step: "thank", action: "mail", outcome: "act", reason: "", now: time, due: time, epoch: epoch,
                inputs: #"{"purchases":1,"tier":"gold"}"#))
        try transaction.enqueue(
            NewDelivery(
                id: key, customer: customer, campaign: "first-purchase-thanks",
                key: #"["first-purchase-thanks","\#(customer)","[\"shop\",\"evt-\#(event)\"]","thank","mail"]"#,
                destination: event % 10 == 0 ? "crm" : "mail", address: "", type: "care.purchase.first",
                data: #"{"customer":"\#(customer)","amount":19.9,"text":"Thank you for your first purchase with us"}"#,
                decidedAt: time, expiresAt: nil),
            firstAttemptAt: time)
    }

    /// Claims 500 at a time and records each as delivered, in one transaction with the next claim.
    func delivery(_ report: inout Report) throws {
        let later = now.advanced(byMilliseconds: 400 * day)
        try report.measure("claim 500 and record them, a commit each") {
            var done = 0
            for destination in try store.write({ try $0.destinationsDue(at: later) }) {
                var claimed: [StoredDelivery] = []
                repeat {
                    let finished = claimed
                    claimed = try store.write { transaction in
                        for one in finished {
                            try transaction.record(
                                StoredAttempt(
                                    delivery: one.order.id, number: 1, startedAt: later, durationMilliseconds: 12,
                                    outcome: .ok, status: 204, detail: ""),
                                state: .delivered, nextAttemptAt: later, reason: "")
                        }
                        return try transaction.claim(
                            destination: destination, now: later,
                            leaseUntil: later.advanced(byMilliseconds: 60_000), limit: 500)
                    }
                    done += finished.count
                } while !claimed.isEmpty
            }
            return done
        }
    }

    /// Customers at random, ten events each, the row written once a customer.
    mutating func history(events: Int, _ report: inout Report) throws {
        try report.measure("history, 10 events a customer, 5,000 a commit") {
            for start in stride(from: 0, to: events, by: 5000) {
                try store.write { transaction in
                    for group in stride(from: start, to: min(start + 5000, events), by: 10) {
                        let id = id(Int(random.next() % UInt64(customers)))
                        guard let stored = try transaction.customer(id) else { continue }
                        for event in group..<(group + 10) {
                            let time = now.advanced(byMilliseconds: -Int64(event) * 1000)
                            _ = try transaction.append(
                                .event(
                                    Event(
                                        type: "purchase", source: "import", id: "h-\(2_000_000 + event)", time: time,
                                        receivedAt: time, properties: ["amount": .number(9.5)])),
                                of: id)
                        }
                        try transaction.save(
                            id: id, wakeUp: stored.wakeUp, epoch: stored.epoch, row: stored.row,
                            expectedVersion: stored.version)
                    }
                }
            }
            return events
        }
    }

    /// A new rule set, then every tenth of the customers brought up to it.
    func activation(_ report: inout Report) throws {
        try report.measure("activate a rule set") {
            try activate(2)
            return 1
        }
        try report.measure("bring up customers, 500 a commit") {
            var done = 0
            while done < customers / 10 {
                done += try store.write { transaction in
                    let behind = try transaction.customers(below: 2, limit: 500)
                    for id in behind {
                        guard let stored = try transaction.customer(id) else { continue }
                        try transaction.save(
                            id: id, wakeUp: stored.wakeUp, epoch: 2, row: stored.row, expectedVersion: stored.version)
                    }
                    return behind.count
                }
            }
            return done
        }
    }

    private func activate(_ epoch: Int64) throws {
        try store.write {
            try $0.activate(
                StoredRuleSet(
                    epoch: epoch, fingerprint: "f", text: "{}", activatedAt: now, starts: [:], zone: "UTC",
                    zoneDataVersion: "2026a"))
        }
    }
}

import CareStore
import CareValues
import Testing

/// Looking back: newest first, page by page, by every combination of filters, beside what a plain list says.
func exerciseLookingBack(_ make: () throws -> any CareStore) throws {
    try exerciseLedgerSearch(make)
    try exerciseRecent(make)
    try exerciseCustomerPrefixes(make)
    try exerciseDeliveryPages(make)
}

private func exerciseLedgerSearch(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        var generator = SplitMix64(seed: 7)
        var written: [LedgerEntry] = []
        let answers = [
            ("act", ""), ("suppress", "holdout"), ("suppress", "no_consent"), ("skip", "too_late"), ("hold", "paused"),
        ]
        try store.write { transaction throws in
            for customer in ["ada", "bob", "谢"] { try transaction.create(customer) }
            for key in UInt64(1)...160 {
                let (outcome, reason) = answers[Int(generator.next() % 5)]
                let entry = decision(
                    key, number: outcome == "hold" ? 1 : 0, customer: ["ada", "bob", "谢"][Int(generator.next() % 3)],
                    campaign: ["a", "b", "b2"][Int(generator.next() % 3)], outcome: outcome, reason: reason,
                    // Many of one instant, and not in the order written.
                    now: at(Int64(generator.next() % 20)))
                try transaction.append(entry)
                written.append(entry)
            }
            // A transaction sees its own writes.
            #expect(try transaction.ledger(LedgerFilter(), before: nil, limit: 1_000).count == 160)
        }
        try store.read { snapshot throws in
            for customer in [nil, "ada", "谢", "nobody"] {
                for campaign in [nil, "b", "none"] {
                    for (outcome, reason) in [(nil, nil), ("act", nil), ("suppress", "holdout"), (nil, "too_late")] {
                        for (from, until) in [(nil, nil), (at(5), at(12)), (at(5), nil)] {
                            let filter = LedgerFilter(
                                customer: customer, campaign: campaign, outcome: outcome, reason: reason, from: from,
                                until: until)
                            try expectPages(of: filter, among: written, in: snapshot)
                        }
                    }
                }
            }
            let sums = try snapshot.ledgerSums(from: at(5), until: at(12), campaign: nil)
            let within = written.filter { $0.now >= at(5) && $0.now < at(12) }
            #expect(sums.reduce(0) { $0 + $1.count } == within.count)
            for sum in sums {
                let expected = within.count {
                    $0.campaign == sum.campaign && $0.outcome == sum.outcome && $0.reason == sum.reason
                }
                #expect(sum.count == expected && expected > 0)
            }
            let one = try snapshot.ledgerSums(from: .distantPast, until: .distantFuture, campaign: "b")
            #expect(Set(one.map(\.campaign)) == ["b"])
            #expect(one.reduce(0) { $0 + $1.count } == written.count { $0.campaign == "b" })
            #expect(try snapshot.ledgerSums(from: at(0), until: at(0), campaign: nil) == [])
        }
    }
}

/// Pages of 7 together are what the list says, in its order.
private func expectPages(of filter: LedgerFilter, among written: [LedgerEntry], in snapshot: any StoreSnapshot) throws {
    let expected = written.enumerated().filter { _, entry in
        (filter.customer ?? entry.customer) == entry.customer && (filter.campaign ?? entry.campaign) == entry.campaign
            && (filter.outcome ?? entry.outcome) == entry.outcome && (filter.reason ?? entry.reason) == entry.reason
            && entry.now >= filter.from ?? .distantPast && entry.now < filter.until ?? .distantFuture
    }.sorted { ($0.element.now, $0.offset) > ($1.element.now, $1.offset) }.map(\.element)
    var found: [LedgerEntry] = []
    var place: LedgerPlace?
    while true {
        let page = try snapshot.ledger(filter, before: place, limit: 7)
        found += page.map(\.entry)
        guard page.count == 7, found.count <= written.count else { break }
        place = page.last?.place
    }
    #expect(found == expected, "\(filter)")
}

private func exerciseRecent(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        let facts = (1...9).map { event("e\($0)", time: at(Int64(10 - $0)), receivedAt: at(Int64($0))) }
        let entries = (1...9).map { decision(UInt64($0), now: at(Int64($0))) }
        try store.write { transaction throws in
            for fact in facts { _ = try transaction.append(fact, of: "ada") }
            for entry in entries { try transaction.append(entry) }
            _ = try transaction.append(event("other"), of: "bob")
            #expect(try transaction.recentFacts(of: "ada", before: nil, limit: 99).count == 9)
            #expect(try transaction.recentLedger(of: "ada", before: nil, limit: 99).count == 9)
        }
        try store.read { snapshot throws in
            let first = try snapshot.recentFacts(of: "ada", before: nil, limit: 4)
            #expect(first.map(\.fact) == Array(facts.reversed().prefix(4)))
            let second = try snapshot.recentFacts(of: "ada", before: first.last?.place, limit: 4)
            #expect(second.map(\.fact) == Array(facts.reversed().dropFirst(4).prefix(4)))
            #expect(try snapshot.recentFacts(of: "nobody", before: nil, limit: 4).isEmpty)
            #expect(try snapshot.recentFacts(of: "ada", before: nil, limit: 0).isEmpty)
            let newest = try snapshot.recentLedger(of: "ada", before: nil, limit: 5)
            #expect(newest.map(\.entry) == Array(entries.reversed().prefix(5)))
            let older = try snapshot.recentLedger(of: "ada", before: newest.last?.place, limit: 50)
            #expect(older.map(\.entry) == Array(entries.reversed().dropFirst(5)))
            #expect(try snapshot.recentLedger(of: "bob", before: nil, limit: 5).isEmpty)
        }
    }
}

private func exerciseCustomerPrefixes(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        let ids = ["a", "ab", "abc", "b", "a\u{10FFFF}", "谢", "谢谢", "A", "%", "a'b"]
        try store.write { transaction throws in
            for id in ids { try transaction.create(id) }
            // A shell for facts is no customer yet.
            _ = try transaction.append(event("e1"), of: "abd")
        }
        try store.read { snapshot throws in
            for prefix in ["", "a", "ab", "谢", "%", "a'", "z", "a\u{10FFFF}"] {
                let expected = ids.filter { $0.utf8.starts(with: prefix.utf8) }
                    .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                var found: [String] = []
                while true {
                    let page = try snapshot.customers(idPrefix: prefix, after: found.last, limit: 2).map(\.id)
                    found += page
                    guard page.count == 2, found.count <= ids.count else { break }
                }
                #expect(found == expected, "prefix \(prefix)")
            }
            #expect(try snapshot.customers(idPrefix: "", after: nil, limit: 0).isEmpty)
        }
    }
}

private func exerciseDeliveryPages(_ make: () throws -> any CareStore) throws {
    try with(make) { store throws in
        try store.write { transaction throws in
            for key in UInt64(1)...12 {
                var order = delivery(key, destination: key % 2 == 0 ? "crm" : "mail")
                order.decidedAt = at(Int64(key) * 10)
                try transaction.enqueue(order, firstAttemptAt: at(0))
                if key % 3 == 0 {
                    try transaction.setDelivery(order.id, state: .dead, nextAttemptAt: at(0), reason: "refused")
                }
            }
            for delivery in try transaction.claim(destination: "crm", now: at(0), leaseUntil: at(99), limit: 2) {
                try transaction.record(
                    StoredAttempt(
                        delivery: delivery.order.id, number: 1, startedAt: at(0), durationMilliseconds: 1, outcome: .ok,
                        status: 200, detail: ""), state: .delivered, nextAttemptAt: at(0), reason: "")
            }
        }
        try store.read { snapshot throws in
            for filter in [
                DeliveryFilter(), DeliveryFilter(states: [.dead]), DeliveryFilter(states: [.dead, .delivered]),
                DeliveryFilter(destination: "mail"), DeliveryFilter(states: [.waiting], customer: "bob"),
            ] {
                let all = try snapshot.deliveries(filter, limit: 100)
                var found: [StoredDelivery] = []
                var place: Int64?
                while true {
                    let page = try snapshot.deliveries(filter, before: place, limit: 3)
                    found += page.map(\.delivery)
                    guard page.count == 3, found.count <= 12 else { break }
                    place = page.last?.place
                }
                #expect(found == all, "\(filter)")
            }
            let sums = try snapshot.deliverySums(decidedFrom: at(45))
            let expected = try snapshot.deliveries(DeliveryFilter(decidedFrom: at(45)), limit: 100)
            #expect(sums.states == Dictionary(grouping: expected, by: \.state).mapValues(\.count))
            #expect(try snapshot.deliverySums(decidedFrom: at(0)).deliveredAtOnce == 2)
            #expect(try snapshot.deliverySums(decidedFrom: at(1_000)) == DeliverySums())
        }
    }
}

import CareStore
import CareThreads
import CareValues
import Testing

@testable import CareEngine

/// Deciding on a second thread makes no difference to what is decided and stored.
@Suite struct PipelinedWriterTests {
    static let until = PlanEqualsRunTests.start

    @Test(arguments: [UInt64](1...TestScale.seeds(20)), [false, true])
    func `two threads write what one writes`(seed: UInt64, advancesFirst: Bool) throws {
        var happenings = Life(seed: seed).happenings(until: Self.until)
        // Many customers, so that runs are full; some facts come twice.
        for copy in 1...20 {
            for one in Life(seed: seed &* 1000 &+ UInt64(copy)).happenings(until: Self.until) {
                happenings.append((at: one.at, customer: "\(one.customer)-\(copy)", fact: one.fact))
            }
        }
        let repeated = happenings.suffix(30)
        let repeatedEvents = repeated.count { if case .event = $0.fact { true } else { false } }
        happenings += repeated
        happenings.sort { $0.at < $1.at }

        let plain = try EngineWorld(rules: Life.rules, at: Life.beginning(Self.until))
        plain.time.withLock { $0 = Self.until }
        try plain.store.write { transaction in
            var writer = CustomerWriter(transaction, rules: plain.rules, clock: plain.clock)
            for one in happenings {
                try writer.receive([one.fact], customer: one.customer, at: one.at, advancesFirst: advancesFirst)
            }
            try writer.finish()
        }
        let piped = try EngineWorld(rules: Life.rules, at: Life.beginning(Self.until))
        piped.time.withLock { $0 = Self.until }
        let preparer = Preparer()
        let thread = try #require(preparer.start())
        defer {
            preparer.end()
            thread.join()
        }
        let summary = try piped.store.write { transaction in
            var writer = PipelinedWriter(transaction, rules: piped.rules, clock: piped.clock, preparer: preparer)
            for one in happenings {
                try writer.receive(one.fact, customer: one.customer, at: one.at, advancesFirst: advancesFirst)
            }
            try writer.finish()
            return writer.summary
        }
        // An event is known by its id; attributes sent again are a request like any other.
        #expect(repeatedEvents > 10)
        #expect(summary.factsKnown >= repeatedEvents)
        #expect(summary.decided > 20)
        #expect(try Self.contents(piped.store) == Self.contents(plain.store))
    }

    @Test(arguments: [UInt64](1...TestScale.seeds(10)))
    func `history is taken in alike`(seed: UInt64) throws {
        let happenings = Life(seed: seed).happenings(until: Self.until)
        let byCustomer = Dictionary(grouping: happenings, by: \.customer).sorted { $0.key < $1.key }
        let plain = try EngineWorld(rules: Life.rules, at: Life.beginning(Self.until))
        let piped = try EngineWorld(rules: Life.rules, at: Life.beginning(Self.until))
        let preparer = Preparer()
        let thread = try #require(preparer.start())
        defer {
            preparer.end()
            thread.join()
        }
        // The second half knows customers and facts of the first.
        for share in [0.6, 1] {
            func facts(_ all: [(at: Timestamp, customer: String, fact: Fact)]) -> [Fact] {
                all.prefix(Int(Double(all.count) * share)).map(\.fact)
            }
            try plain.store.write { transaction in
                var writer = CustomerWriter(transaction, rules: plain.rules, clock: plain.clock)
                for (id, all) in byCustomer { try writer.absorb(facts(all), customer: id, asOf: Self.until) }
                try writer.finish()
            }
            try piped.store.write { transaction in
                var writer = PipelinedWriter(transaction, rules: piped.rules, clock: piped.clock, preparer: preparer)
                for (id, all) in byCustomer { try writer.absorb(facts(all), customer: id, asOf: Self.until) }
                try writer.finish()
            }
        }
        #expect(try Self.contents(piped.store) == Self.contents(plain.store))
    }

    /// Rows, ledgers and deliveries, customer by customer.
    static func contents(_ store: any CareStore) throws -> [Content] {
        try store.read { snapshot in
            var ids: [String] = []
            try snapshot.scanCustomers(wakeUpBefore: nil, after: nil, through: nil) { id, _, _, _ in
                ids.append(id)
                return true
            }
            let deliveries = try snapshot.deliveries(states: [], limit: 100_000)
            let bodies = Dictionary(grouping: deliveries, by: \.order.customer)
            return try ids.sorted().map { id in
                Content(
                    customer: try snapshot.customer(id), ledger: try snapshot.ledger(of: id, campaign: nil),
                    facts: try snapshot.facts(of: id, receivedUntil: nil),
                    orders: (bodies[id] ?? []).map(\.order.key).sorted())
            }
        }
    }

    struct Content: Equatable {
        var customer: StoredCustomer?
        var ledger: [LedgerEntry]
        var facts: [Fact]
        var orders: [String]
    }
}

import CareDecisions
import CareEngine
import CarePlanning
import CareStore
import CareValues
import GRDB
import Testing

/// A customer of whom something stored cannot be read is missing from plans, comparisons and backtests, which say so. All
/// others are there.
@Suite struct LeftOutTests {
    static let start = PlanObserverTests.start
    static let rules = PlanObserverTests.rules
    /// The same an hour later.
    static let later = rules.replacing("09:00", with: "10:00")
    /// That with one attribute more, for which everybody's facts are read again.
    static let wider = later.replacing(
        #""birthday": { "type": "birthday" }"#,
        with: #""birthday": { "type": "birthday" }, "tier": { "type": "string" }"#)
    static let others = Set((0..<12).map { "c\($0)" }).subtracting(["c4"])

    /// What cannot be read of a customer.
    enum Damage: CaseIterable, Sendable {
        case row
        /// Only who reads the row to its end finds out.
        case endOfRow
        case facts
        /// Rules that the store has never had.
        case epoch
        /// A row that was never written, it says, and yet holds something.
        case unwritten
        /// The same, with nothing but a wake-up.
        case emptied
        /// Written less than never.
        case negative
        /// Written as often as can be counted, which nothing is.
        case countless
        /// Due before there is any instant.
        case dueBeforeTime
        /// Due after the last one.
        case dueAfterTime
        /// The newest fact is another customer's.
        case stolenFacts

        var sql: String {
            switch self {
            case .row: "UPDATE customers SET row = x'ffffff' WHERE id = ?"
            case .endOfRow: "UPDATE customers SET row = substr(row, 1, length(row) - 1) WHERE id = ?"
            case .epoch: "UPDATE customers SET epoch = 77 WHERE id = ?"
            case .unwritten: "UPDATE customers SET version = 0 WHERE id = ?"
            case .emptied: "UPDATE customers SET version = 0, row = x'' WHERE id = ?"
            case .negative: "UPDATE customers SET version = -3 WHERE id = ?"
            case .countless: "UPDATE customers SET version = 9223372036854775807 WHERE id = ?"
            case .dueBeforeTime: "UPDATE customers SET wakeUp = -9223372036854775808 WHERE id = ?"
            case .dueAfterTime: "UPDATE customers SET wakeUp = 9223372036854775807 WHERE id = ?"
            case .stolenFacts:
                """
                UPDATE customers SET lastFact = (SELECT lastFact FROM customers WHERE id = 'c6') WHERE id = ?
                """
            case .facts:
                "UPDATE facts SET body = 'no object' WHERE customer = (SELECT number FROM customers WHERE id = ?)"
            }
        }
    }

    /// A copy of the store of twelve customers with a birthday in the week planned, c4 damaged in it.
    static func world(_ damage: Damage) throws -> EngineWorld {
        let whole = try EngineWorld(rules: rules, at: start, zone: "UTC")
        try whole.store.write { transaction in
            var writer = CustomerWriter(transaction, rules: whole.rules, clock: whole.clock)
            for number in 0..<12 {
                try writer.absorb([birthday()], customer: "c\(number)", asOf: start)
            }
            try writer.finish()
        }
        let world = try EngineWorld(copyOf: whole)
        try Self.damage("c4", damage, in: world)
        return world
    }

    /// Damages what is stored of a customer, past the store.
    static func damage(_ customer: String, _ damage: Damage, in world: EngineWorld) throws {
        let file = try DatabaseQueue(path: world.store.path)
        try file.write { try $0.execute(sql: damage.sql, arguments: [customer]) }
        try file.close()
    }

    static func birthday() -> Fact {
        .attributes(
            AttributeFact(
                values: ["birthday": .string("1990-03-05")], time: start, receivedAt: start, hasOwnTime: true))
    }

    static func plan(
        _ world: EngineWorld, _ text: String, _ request: PlanRunner.Request, threads: Int = 1
    ) throws -> Plan {
        try PlanRunner(store: world.store, zones: EngineWorld.zones, realNow: start).plan(
            EngineWorld.candidate(text, world.zone), request, threads: threads)
    }

    static func request(usesColumns: Bool = true) -> PlanRunner.Request {
        PlanRunner.Request(at: start, keepsDecisions: true, usesColumns: usesColumns)
    }

    @Test(arguments: [Damage.unwritten, .emptied, .negative, .countless, .dueBeforeTime], [true, false])
    func `a row that cannot have been written so often is left out of plans`(
        _ damage: Damage, _ usesColumns: Bool
    ) throws {
        let world = try Self.world(damage)
        var request = Self.request(usesColumns: usesColumns)
        let assumptions: [[String: [Fact]]] = [[:], ["c4": [Self.birthday()], "c5": [Self.birthday()]]]
        for assumed in assumptions {
            request.assumed = assumed
            let plan = try Self.plan(world, Self.rules, request)
            #expect(plan.unreadable == 1)
            #expect(Set(plan.decisions.map(\.key.customer)) == Self.others)
        }
        let error = #expect(throws: StoreError.self) {
            try Self.plan(world, Self.rules, PlanRunner.Request(at: Self.start, customer: "c4"))
        }
        #expect(error?.code == .unreadable)
    }

    @Test(arguments: [Damage.row, .endOfRow, .epoch], [true, false])
    func `a plan has all the others, and says how many are missing`(_ damage: Damage, _ usesColumns: Bool) throws {
        let world = try Self.world(damage)
        for text in [Self.rules, Self.later, Self.wider] {
            for threads in [1, 2] {
                let plan = try Self.plan(world, text, Self.request(usesColumns: usesColumns), threads: threads)
                #expect(plan.unreadable == 1)
                #expect(plan.tally.customers == 11)
                #expect(Set(plan.decisions.map(\.key.customer)) == Self.others)
            }
        }
        #expect(throws: EngineError.unreadableRow) {
            try Self.plan(world, Self.rules, PlanRunner.Request(at: Self.start, customer: "c4"))
        }
        // Of whom something is assumed is looked at apart.
        var request = Self.request(usesColumns: usesColumns)
        request.assumed = ["c4": [Self.birthday()], "c5": [Self.birthday()]]
        let assuming = try Self.plan(world, Self.rules, request)
        #expect(assuming.unreadable == 1)
        #expect(Set(assuming.decisions.map(\.key.customer)) == Self.others)
    }

    @Test func `facts that cannot be read matter only where they are read`() throws {
        let world = try Self.world(.facts)
        let plan = try Self.plan(world, Self.rules, Self.request())
        #expect(plan.unreadable == 0)
        #expect(plan.decisions.count == 12)
        let wider = try Self.plan(world, Self.wider, Self.request())
        #expect(wider.unreadable == 1)
        #expect(Set(wider.decisions.map(\.key.customer)) == Self.others)
    }

    @Test(arguments: [(Damage.row, later), (.endOfRow, later), (.row, wider), (.endOfRow, wider), (.facts, wider)])
    func `a comparison has all the others`(_ damage: Damage, _ text: String) throws {
        let world = try Self.world(damage)
        for threads in [1, 2] {
            let result = try DiffRunner(store: world.store, zones: EngineWorld.zones, realNow: Self.start).diff(
                EngineWorld.candidate(Self.rules, world.zone), EngineWorld.candidate(text, world.zone), at: Self.start,
                days: 7, threads: threads)
            #expect(result.unreadable == 1)
            #expect(result.diff.customers == 11)
            #expect(result.diff.customersDiffering == 11)
        }
    }

    @Test(arguments: [Damage.row, .endOfRow, .epoch]) func `so has the question why a campaign would not act`(
        _ damage: Damage
    ) throws {
        let world = try Self.world(damage)
        let result = try FunnelRunner(store: world.store, zones: EngineWorld.zones, realNow: Self.start).run(
            "b", EngineWorld.candidate(Self.rules, world.zone), PlanRunner.Request(at: Self.start), threads: 1)
        #expect(result.unreadable == 1)
        #expect(result.funnel.customers == 11)
    }

    @Test(arguments: Damage.allCases) func `a backtest reads facts, not rows`(_ damage: Damage) throws {
        let world = try Self.world(damage)
        let request = BacktestRunner.Request(
            from: Self.start, until: Self.start.advanced(byMilliseconds: 7 * 86_400_000),
            outcome: Backtest.Outcome(types: ["purchase"], within: ISODuration(days: 30)), complaints: [])
        let result = try BacktestRunner(store: world.store, zones: EngineWorld.zones).run(
            EngineWorld.candidate(Self.rules, world.zone), request, threads: 1)
        let isOfFacts = [.facts, .stolenFacts].contains(damage)
        #expect(result.unreadable == (isOfFacts ? 1 : 0))
        #expect(result.backtest.acts == (isOfFacts ? 11 : 12))
    }

    @Test(arguments: Damage.allCases) func `the check names the customer and what cannot be read`(
        _ damage: Damage
    ) throws {
        let world = try Self.world(damage)
        let check = try world.store.read { try CustomerCheck(in: $0, zones: EngineWorld.zones) }
        #expect(check.count == 1)
        #expect(check.named.map(\.customer) == ["c4"])
        let detail = try #require(check.named.first?.detail)
        switch damage {
        case .facts: #expect(detail.hasSuffix("not a JSON object"))
        case .stolenFacts: #expect(detail.hasSuffix("is missing from its chain"))
        default: #expect(detail == "the row cannot be decoded")
        }
    }
}

import CareDecisions
import CareEngine
import CareLogic
import CareRules
import CareStore
import CareValues
import Testing

@testable import CarePlanning

/// Tells a rule test's story to a live engine: a store, transactions, ticks, activations.
struct StoryRun {
    /// How time passes between what happens.
    enum Pace {
        /// A pass every ten minutes in which something is due, as cron would.
        case everyTenMinutes
        /// A pass at every due instant, and every stretch is planned first: what then happens must be what the plan
        /// says.
        case planned
    }

    /// A row of the ledger, as a decision of the core is one.
    struct Row: Hashable, Comparable, CustomStringConvertible {
        var now: Timestamp
        var key: String
        var number: Int
        var outcome: String
        var due: Timestamp

        init(_ entry: LedgerEntry) {
            now = entry.now
            key = CanonicalJSON.array(
                of: [entry.campaign, entry.customer, entry.occurrence, entry.step, entry.action])
            number = entry.number
            outcome = entry.outcome + (entry.reason.isEmpty ? "" : " " + entry.reason)
            due = entry.due
        }

        init(_ decision: Decision) {
            now = decision.now
            key = decision.key.text
            number = decision.number
            outcome = decision.outcome.rawValue + (decision.reason.map { " " + $0.rawValue } ?? "")
            due = decision.due
        }

        static func < (left: Row, right: Row) -> Bool {
            (left.now, left.key, left.number) < (right.now, right.key, right.number)
        }
        var description: String { "\(now.iso8601) \(key) \(outcome) #\(number) due \(due.iso8601)" }
    }

    let test: RuleTest
    let pace: Pace
    let world: EngineWorld
    private var clock: Timestamp
    /// The rules in force, as text.
    private var rules: String
    private var nextID = 0

    /// The engine as it is when the story begins: rules activated, customers and history imported.
    private init(_ test: RuleTest, _ pace: Pace) throws {
        self.test = test
        self.pace = pace
        clock = test.start
        rules = try Self.text(of: test.rules, in: test)
        world = try EngineWorld(rules: rules, at: test.start, zone: test.zone.name)
        for customer in test.customers {
            guard let attributes = customer.attributes else { continue }
            var facts: [Fact] = []
            for past in test.history where past.customer == customer.id { facts.append(fact(past.deed, at: past.time)) }
            if !attributes.isEmpty {
                facts.append(
                    .attributes(
                        AttributeFact(values: attributes, time: clock, receivedAt: clock, hasOwnTime: false)))
            }
            try world.store.write { transaction in
                var writer = CustomerWriter(transaction, rules: world.rules, clock: world.clock)
                try writer.absorb(facts.sorted { $0.time < $1.time }, customer: customer.id, asOf: clock)
                try writer.finish()
            }
        }
    }

    /// The merged rules with the campaigns that the test is about, and those that an edit brought.
    private static func text(of rules: RuleSet, in test: RuleTest) throws -> String {
        guard let only = test.campaigns else { return rules.canonicalText }
        guard case .object(var merged)? = JSONValue(jsonText: rules.canonicalText),
            case .object(let campaigns)? = merged["campaigns"]
        else { throw UnreadableRules() }
        merged["campaigns"] = .object(
            JSONObject(
                uniqueMembers: campaigns.members.filter {
                    only.contains($0.name) || test.rules.index(ofCampaign: $0.name) == nil
                }))
        return JSONValue.object(merged).canonicalText
    }

    private struct UnreadableRules: Error {}

    /// What the ledger holds when the whole story is told.
    static func rows(of test: RuleTest, _ pace: Pace) throws -> [Row] {
        var run = try StoryRun(test, pace)
        for line in test.story { try run.tell(line) }
        return try run.ledger().map(Row.init).sorted()
    }

    private func ledger() throws -> [LedgerEntry] {
        try world.store.read { try $0.ledger(from: .distantPast, until: .distantFuture) }
    }

    // MARK: The story

    private mutating func tell(_ line: RuleTest.Line) throws {
        switch line.happening {
        case .nothing:
            break
        case .request(let customer, let deeds):
            try pass(until: line.at)
            var facts: [Fact] = []
            for deed in deeds { facts.append(fact(deed, at: line.at)) }
            try world.receive(facts, customer: customer, at: line.at)
        case .activation(let next):
            try pass(until: line.at)
            world.time.withLock { $0 = line.at }
            rules = try Self.text(of: next, in: test)
            try world.activate(rules)
            // Every row is brought up, as the service does in the background.
            try world.tick(at: line.at)
        case .sleep(let until):
            try pass(until: line.at.advanced(byMilliseconds: 1))
            clock = until
            try planned(until: until.advanced(byMilliseconds: 1)) { try world.tick(at: until) }
            return
        }
        clock = line.at
        try pass(until: line.at.advanced(byMilliseconds: 1))
        clock = max(clock, line.at)
    }

    /// The facts of a deed, named as rule tests name them.
    private mutating func fact(_ deed: RuleTest.Deed, at instant: Timestamp) -> Fact {
        func freshID() -> String {
            nextID += 1
            return "e\(nextID)"
        }
        switch deed {
        case .event(let type, let source, let id, let properties, let happened):
            return .event(
                Event(
                    type: type, source: source, id: id ?? freshID(), time: happened ?? instant, receivedAt: instant,
                    properties: properties))
        case .set(let values, let since):
            return .attributes(
                AttributeFact(values: values, time: since ?? instant, receivedAt: instant, hasOwnTime: since != nil))
        case .call(let campaign, let key, let properties):
            return .event(
                Event(
                    callOf: campaign, key: key ?? freshID(), properties: properties, time: instant,
                    receivedAt: instant))
        }
    }

    // MARK: Time passes

    /// Decides what is due before `end`.
    private mutating func pass(until end: Timestamp) throws {
        try planned(until: end) {
            while let due = try world.nextDue() {
                var tick = due
                if pace == .everyTenMinutes {
                    tick = Timestamp(milliseconds: (due.milliseconds + 599_999) / 600_000 * 600_000)
                }
                guard tick < end else { return }
                try world.tick(at: max(tick, clock))
            }
        }
    }

    /// Plans the stretch from the clock on until `end`, then does `work`, which must decide what the plan says.
    private func planned(until end: Timestamp, _ work: () throws -> Void) throws {
        guard pace == .planned, clock < end else { return try work() }
        let before = try ledger().count
        var request = PlanRunner.Request(at: clock, keepsDecisions: true)
        request.until = end
        let plan = try PlanRunner(store: world.store, zones: EngineWorld.zones, realNow: clock).plan(
            EngineWorld.candidate(rules, world.zone), request, threads: 1)
        try work()
        // A plan shows what each key ends with.
        var last: [DeliveryID: LedgerEntry] = [:]
        for entry in try ledger()[before...] { last[entry.key] = entry }
        #expect(
            plan.decisions.map(Row.init).sorted() == last.values.map(Row.init).sorted(),
            "the plan from \(clock.iso8601) until \(end.iso8601) says otherwise")
    }
}

import CareDecisions
import CareLogic
import CareRules
import CareValues

/// Runs one rule test: the same `decide` as live, on virtual time.
package struct RuleTestRun {
    /// What rule tests read besides the rules.
    package struct World: Sendable {
        /// Where zones come from.
        package var zones: any ZoneDirectory
        /// The holidays of the regions that rules name.
        package var holidays: HolidayTable

        /// Zones and holidays.
        package init(zones: any ZoneDirectory, holidays: HolidayTable) {
            self.zones = zones
            self.holidays = holidays
        }
    }

    /// How it ended.
    package struct Outcome: Sendable {
        /// What was otherwise than expected; empty: the test passed.
        package var failures: [RuleTestFailure]
        /// The campaigns that were entered, by name.
        package var entered: Set<String>
        /// All that was decided, in that order.
        package var decisions: [Decision]
    }

    /// A customer's life so far.
    struct Life {
        var id: String
        var row: CustomerRow?
        var wakeUp: Timestamp?
        var facts: [Fact] = []
        /// The acts that caps count, as a ledger would give them.
        var acts = CountedActs()
        /// The occurrences that were decided, by campaign, as a ledger would give them.
        var decided: [String: Set<String>] = [:]

        /// What rules that make up for events read.
        func history(for next: Decider) -> BackfillHistory {
            guard let from = next.backfillsEventsFrom else { return BackfillHistory() }
            let events = facts.compactMap { fact -> Event? in
                guard case .event(let event) = fact, event.time >= from else { return nil }
                return event
            }
            return BackfillHistory(events: events.sorted { $0.time < $1.time }, decided: decided)
        }
    }

    /// A decision with what was known when it was taken.
    struct Taken {
        /// The clock of the pass that took it; the decision's own `now` may be a little before it.
        var at: Timestamp
        var decision: Decision
        /// The customer after the touch.
        var row: CustomerRow
        var decider: Decider
    }

    /// A look at a customer that led to no entry.
    struct Passed {
        var customer: String
        var campaign: String
        var outcome: RuleTest.Expectation.Outcome
        /// The event at hand, if there was one.
        var event: Event?
    }

    let test: RuleTest
    let world: World
    private(set) var decider: Decider
    /// Of the rules in force, with every campaign.
    private var fingerprint: String
    private(set) var lives: [Life] = []
    private var clock: Timestamp
    private var nextID = 0
    private var entered: Set<String> = []
    /// Every act so far, for what is said of caps.
    private(set) var acts: [Decision] = []
    /// What was decided since the last line that was checked.
    private(set) var taken: [Taken] = []
    private(set) var passed: [Passed] = []
    private var decisions: [Decision] = []

    private init(_ test: RuleTest, _ world: World) {
        self.test = test
        self.world = world
        clock = test.start
        fingerprint = test.rules.fingerprint
        decider = Decider(
            ActiveRules(
                rules: Self.reduced(test.rules, to: test), epoch: 1, activatedAt: test.start, starts: [:],
                projectZone: test.zone, zones: world.zones, holidays: world.holidays))
    }

    /// Only the campaigns that the test names, and those that an edit brought.
    private static func reduced(_ rules: RuleSet, to test: RuleTest) -> RuleSet {
        guard let only = test.campaigns else { return rules }
        var rules = rules
        rules.campaigns = rules.campaigns.filter {
            only.contains($0.name) || test.rules.index(ofCampaign: $0.name) == nil
        }
        return rules
    }

    /// Runs the test whole, or up to the first line that is otherwise than expected.
    package static func run(_ test: RuleTest, in world: World) -> Outcome {
        var run = RuleTestRun(test, world)
        run.begin()
        var failures: [RuleTestFailure] = []
        for line in test.story {
            run.advance(to: line)
            // What the service does when it wakes belongs to the line of that instant.
            var later: [Taken] = []
            if case .sleep(let until) = line.happening {
                later = run.taken.filter { $0.at >= until }
                run.taken.removeAll { $0.at >= until }
            }
            failures = run.failures(of: line)
            if later.isEmpty { run.passed = [] }
            run.taken = later
            // What comes after a wrong decision is wrong because of it.
            if !failures.isEmpty { break }
        }
        return Outcome(failures: failures, entered: run.entered, decisions: run.decisions)
    }

    /// The customers as an import brings them: nothing fires.
    private mutating func begin() {
        for customer in test.customers {
            var life = Life(id: customer.id)
            if let attributes = customer.attributes {
                var row = decider.newRow(customer: customer.id, asOf: test.start)
                for past in test.history where past.customer == customer.id {
                    life.facts.append(fact(past.deed, receivedAt: past.time))
                }
                if !attributes.isEmpty {
                    life.facts.append(
                        .attributes(
                            AttributeFact(
                                values: attributes, time: test.start, receivedAt: test.start, hasOwnTime: false)))
                }
                decider.absorb(life.facts.sorted { $0.time < $1.time }, into: &row)
                life.wakeUp = decider.nextDue(of: row, wakeUp: decider.wakeUp(of: row))
                life.row = row
            }
            lives.append(life)
        }
    }

    // MARK: Time passes

    private mutating func advance(to line: RuleTest.Line) {
        switch line.happening {
        case .nothing:
            break
        case .request(let customer, let deeds):
            pass(until: line.at, isIncluded: false)
            clock = line.at
            request(of: customer, deeds)
        case .activation(let rules):
            pass(until: line.at, isIncluded: false)
            clock = line.at
            activate(rules)
        case .sleep(let until):
            pass(until: line.at, isIncluded: true)
            clock = until
            for index in lives.indices { touch(index, clock: clock) }
            return
        }
        pass(until: line.at, isIncluded: true)
        clock = max(clock, line.at)
    }

    private mutating func pass(until end: Timestamp, isIncluded: Bool) {
        func isReached(_ instant: Timestamp) -> Bool { instant < end || (isIncluded && instant == end) }
        guard let step = test.ticks else {
            while let index = nextAwake(), let instant = lives[index].wakeUp, isReached(instant) {
                clock = max(clock, instant)
                touch(index, clock: instant)
            }
            return
        }
        while let index = nextAwake(), let wakeUp = lives[index].wakeUp {
            // The first tick at or after it.
            let tick = Timestamp(milliseconds: (wakeUp.milliseconds + step - 1) / step * step)
            guard isReached(tick) else { return }
            clock = max(clock, tick)
            touch(index, clock: tick)
        }
    }

    /// The customer that must be looked at first.
    private func nextAwake() -> Int? {
        lives.indices.filter { lives[$0].wakeUp != nil }.min {
            (lives[$0].wakeUp ?? .distantFuture, $0) < (lives[$1].wakeUp ?? .distantFuture, $1)
        }
    }

    private mutating func touch(_ index: Int, clock: Timestamp) {
        guard let row = lives[index].row else { return }
        let (after, outcome) = decider.touch(row, clock: clock)
        keep(index, after, outcome, events: [])
    }

    // MARK: Something happens

    private mutating func request(of customer: String, _ deeds: [RuleTest.Deed]) {
        if !lives.contains(where: { $0.id == customer }) { lives.append(Life(id: customer)) }
        guard let index = lives.firstIndex(where: { $0.id == customer }) else { return }
        let row = lives[index].row ?? decider.newRow(customer: customer, asOf: clock)
        // One `receivedAt` for each request, the next free millisecond.
        var receivedAt = max(clock, row.asOf)
        if let last = row.lastReceivedAt, last >= receivedAt { receivedAt = last.advanced(byMilliseconds: 1) }
        var facts: [Fact] = []
        for deed in deeds {
            let fact = fact(deed, receivedAt: receivedAt)
            if !isStored(fact, of: index) { facts.append(fact) }
        }
        let oldest = facts.compactMap { if case .event(let event) = $0 { event.time } else { nil } }.min()
        let later = lives[index].facts.compactMap { fact -> Event? in
            guard case .event(let event) = fact, let oldest, event.time > oldest, event.time <= receivedAt
            else { return nil }
            return event
        }
        lives[index].facts += facts
        let (after, outcome) = decider.touch(
            row, facts: facts, laterEvents: later.sorted { $0.time < $1.time }, clock: receivedAt)
        let events = facts.compactMap { if case .event(let event) = $0 { event } else { nil } }
        keep(index, after, outcome, events: events)
    }

    /// An event of the same source and id is stored already, and never fires again.
    private func isStored(_ fact: Fact, of index: Int) -> Bool {
        guard case .event(let event) = fact else { return false }
        return lives[index].facts.contains {
            if case .event(let known) = $0 { known.source == event.source && known.id == event.id } else { false }
        }
    }

    private mutating func fact(_ deed: RuleTest.Deed, receivedAt: Timestamp) -> Fact {
        switch deed {
        case .event(let type, let source, let id, let properties, let happened):
            return .event(
                Event(
                    type: type, source: source, id: id ?? freshID(), time: happened ?? receivedAt,
                    receivedAt: receivedAt, properties: properties))
        case .set(let values, let since):
            return .attributes(
                AttributeFact(
                    values: values, time: since ?? receivedAt, receivedAt: receivedAt, hasOwnTime: since != nil))
        case .call(let campaign, let key, let properties):
            return .event(
                Event(
                    callOf: campaign, key: key ?? freshID(), properties: properties, time: receivedAt,
                    receivedAt: receivedAt))
        }
    }

    private mutating func freshID() -> String {
        nextID += 1
        return "e\(nextID)"
    }

    private mutating func activate(_ rules: RuleSet) {
        // As in a service: what is in force already is not activated again.
        guard rules.fingerprint != fingerprint else { return }
        fingerprint = rules.fingerprint
        let next = Self.reduced(rules, to: test)
        let following = Decider(
            ActiveRules(
                rules: next, epoch: decider.active.epoch + 1, activatedAt: clock,
                starts: ActiveRules.starts(of: next, after: decider.active, at: clock), projectZone: test.zone,
                zones: world.zones, holidays: world.holidays))
        let previous = decider
        decider = following
        for index in lives.indices {
            guard let row = lives[index].row else { continue }
            let ahead = row.memory.factsAhead
            let known = lives[index].facts.filter { !ahead.contains($0) }
            let (after, outcome) = previous.bringUp(
                row, to: following, cache: FactCache.rebuilt(from: known, schema: next.schema),
                acts: following.actDays > previous.actDays ? lives[index].acts : nil,
                history: lives[index].history(for: following))
            keep(index, after, outcome, events: [])
        }
    }

    private mutating func keep(_ index: Int, _ row: CustomerRow, _ outcome: TouchOutcome, events: [Event]) {
        lives[index].row = row
        lives[index].wakeUp = decider.nextDue(of: row, wakeUp: outcome.wakeUp)
        entered.formUnion(outcome.entered)
        decisions += outcome.decisions
        for decision in outcome.decisions {
            taken.append(Taken(at: clock, decision: decision, row: row, decider: decider))
            if decision.outcome == .act { acts.append(decision) }
            lives[index].acts.add(decision, under: decider.active.rules)
            lives[index].decided[decision.key.campaign, default: []].insert(decision.key.occurrence)
        }
        let passes =
            outcome.whereFalse.map { ($0, RuleTest.Expectation.Outcome.whereFalse) }
            + outcome.conditionFalse.map { ($0, .conditionFalse) }
        for (campaign, why) in passes {
            passed.append(Passed(customer: row.customer, campaign: campaign, outcome: why, event: events.last))
        }
    }
}

import CareCalendar
import CareDecisions
import CareLogic
import CarePlanning
import CareRules
import CareValues
import Testing

/// A customer's life on a virtual clock: facts, ticks and activations at wall times, and what was decided.
///
/// Rows go through the codec after every touch, as they do in a store.
struct World {
    /// How time passes between facts.
    enum Pace: Hashable, CustomTestStringConvertible {
        /// A pass at every due instant.
        case everyDueInstant
        /// The same, and every stretch without a fact is planned first: the plan must say what then happens.
        case planned
        /// A pass every so many minutes, as cron would.
        case every(minutes: Int64)

        var testDescription: String {
            switch self {
            case .everyDueInstant: "at every due instant"
            case .planned: "as a plan"
            case .every(let minutes): "every \(minutes) minutes"
            }
        }
    }

    static let zones = SystemZones()
    let zone: Zone
    /// How time passes from now on.
    var pace: Pace
    private(set) var decider: Decider
    private(set) var row: CustomerRow?
    private var wakeUp: Timestamp?
    private var facts: [Fact] = []
    /// All acts that count, as a ledger would give them.
    private var acts = CountedActs()
    private(set) var decisions: [Decision] = []
    /// Ticks that a later one took the place of, by campaign.
    private(set) var passedOver: [String: Int] = [:]
    /// Campaigns whose condition was false at entry, one name for each occurrence.
    private(set) var conditionFalse: [String] = []
    /// The goals reached, in the order of the facts.
    private(set) var goals: [ReachedGoal] = []
    private(set) var clock: Timestamp
    private var nextID = 0

    /// A world under `rules` (a rule file's text), activated at `start` (wall time of `zone`).
    init(rules: String, start: String, zone: String = "Asia/Shanghai", pace: Pace = .everyDueInstant) throws {
        let zone = try #require(Self.zones.zone(named: zone))
        self.zone = zone
        self.pace = pace
        clock = try Self.instant(start, zone)
        let ruleSet = try Self.load(rules)
        decider = Decider(
            ActiveRules(
                rules: ruleSet, epoch: 1, activatedAt: clock, starts: [:], projectZone: zone, zones: Self.zones,
                holidays: ShippedHolidays.table))
    }

    static func load(_ text: String) throws -> RuleSet {
        let (ruleSet, diagnostics) = RuleSetLoader.load(
            [RuleSource(file: "rules.json", bytes: Array(text.utf8))], destinations: nil)
        let errors = diagnostics.filter { $0.severity == .error }
        #expect(errors.isEmpty, "\(errors.map { $0.rendered(colour: false) }.joined(separator: "\n"))")
        return try #require(ruleSet)
    }

    /// `2026-05-22 17:30` or `2026-05-22 17:30:12` in a zone.
    static func instant(_ text: String, _ zone: Zone) throws -> Timestamp {
        let parts = text.split(separator: " ").map(String.init)
        let date = try #require(CivilDate(text: parts[0]))
        let time = try #require(LocalTime(text: parts[1]))
        return zone.instant(of: LocalDateTime(date: date, time: time))
    }

    func instant(_ text: String) throws -> Timestamp { try Self.instant(text, zone) }

    // MARK: What happens

    /// Attributes are set, now so, at a wall time.
    mutating func set(_ values: JSONObject, at time: String) throws {
        let now = try instant(time)
        try request(
            [
                .attributes(AttributeFact(values: values, time: now, receivedAt: now, hasOwnTime: false))
            ], at: time)
    }

    /// An event arrives; it happened at `happened`, or when it arrived.
    mutating func event(
        _ type: String, _ properties: JSONObject = [:], at time: String, happened: String? = nil, id: String? = nil
    ) throws {
        nextID += 1
        let now = try instant(time)
        try request(
            [
                .event(
                    Event(
                        type: type, source: "test", id: id ?? "e\(nextID)", time: try happened.map(instant) ?? now,
                        receivedAt: now, properties: properties))
            ], at: time)
    }

    /// One request with several facts.
    mutating func request(_ facts: [Fact], at time: String) throws {
        let now = try instant(time)
        try pass(until: now, inclusive: false)
        clock = now
        var before = row ?? decider.newRow(customer: "c1", asOf: now)
        // As the engine does it: one `receivedAt` per request, the next free millisecond.
        var at = now
        if let last = before.lastReceivedAt, last >= at { at = last.advanced(byMilliseconds: 1) }
        let received = facts.map { Self.received($0, at: at) }
        let newest = before.cache.newestEventTime
        let later = self.facts.compactMap { fact -> Event? in
            guard let newest, case .event(let event) = fact, event.time <= newest else { return nil }
            return event
        }.sorted { $0.time < $1.time }
        self.facts += received
        let outcome: TouchOutcome
        (before, outcome) = decider.touch(before, facts: received, laterEvents: later, clock: at)
        try keep(before, outcome)
    }

    private static func received(_ fact: Fact, at instant: Timestamp) -> Fact {
        switch fact {
        case .event(var event):
            event.receivedAt = instant
            return .event(event)
        case .attributes(var fact):
            fact.receivedAt = instant
            if !fact.hasOwnTime { fact.time = instant }
            return .attributes(fact)
        }
    }

    /// Time passes until a wall time, that instant included.
    mutating func pass(until time: String) throws {
        try pass(until: try instant(time), inclusive: true)
    }

    /// One pass of a service that slept until now.
    mutating func tick(at time: String) throws {
        clock = try instant(time)
        guard let row else { return }
        let (after, outcome) = decider.touch(row, clock: clock)
        try keep(after, outcome)
    }

    private mutating func pass(until end: Timestamp, inclusive: Bool) throws {
        switch pace {
        case .planned:
            try passAsPlanned(until: end, inclusive: inclusive)
        case .everyDueInstant:
            while let instant = wakeUp, instant < end || (inclusive && instant == end), let row {
                clock = instant
                let (after, outcome) = decider.touch(row, clock: instant)
                try keep(after, outcome)
            }
        case .every(let minutes):
            let step = minutes * 60_000
            var next = Timestamp(milliseconds: (clock.milliseconds / step + 1) * step)
            while next < end || (inclusive && next == end) {
                clock = next
                if let row, let wakeUp, wakeUp <= next {
                    let (after, outcome) = decider.touch(row, clock: next)
                    try keep(after, outcome)
                }
                next = next.advanced(byMilliseconds: step)
            }
        }
        if inclusive { clock = max(clock, end) }
    }

    /// Time passes as a plan made beforehand says.
    private mutating func passAsPlanned(until end: Timestamp, inclusive: Bool) throws {
        let until = inclusive ? end.advanced(byMilliseconds: 1) : end
        let plan = row.map { Simulation(decider: decider, from: clock, until: until).forecast($0, wakeUp: wakeUp) }
        let before = decisions.count
        pace = .everyDueInstant
        try pass(until: end, inclusive: inclusive)
        pace = .planned
        // What needs approval is in the plan, and not in a pass.
        guard let plan, !decider.active.rules.campaigns.contains(where: \.terms.needsApproval) else { return }
        #expect(plan.decisions == Array(decisions[before...]), "the plan says otherwise")
    }

    /// Other rules are activated at a wall time.
    mutating func activate(_ rules: String, at time: String) throws {
        let now = try instant(time)
        try pass(until: now, inclusive: false)
        clock = now
        let next = try Self.load(rules)
        let following = Decider(
            ActiveRules(
                rules: next, epoch: decider.active.epoch + 1, activatedAt: now,
                starts: ActiveRules.starts(of: next, after: decider.active, at: now), projectZone: zone,
                zones: Self.zones, holidays: ShippedHolidays.table))
        let previous = decider
        decider = following
        guard let row else { return }
        let ahead = row.memory.factsAhead
        let known = facts.filter { !ahead.contains($0) }.sorted { $0.time < $1.time }
        let (after, outcome) = previous.bringUp(
            row, to: following, cache: FactCache.rebuilt(from: known, schema: next.schema),
            acts: following.actDays > previous.actDays ? acts : nil, history: backfillHistory(for: following))
        try keep(after, outcome)
    }

    /// What the engine reads from the facts and the ledger where rules make up for events.
    private func backfillHistory(for next: Decider) -> BackfillHistory {
        guard let from = next.backfillsEventsFrom else { return BackfillHistory() }
        var history = BackfillHistory()
        history.events = facts.compactMap { fact in
            if case .event(let event) = fact, event.time >= from { event } else { nil }
        }.sorted { $0.time < $1.time }
        for decision in decisions {
            history.decided[decision.key.campaign, default: []].insert(decision.key.occurrence)
        }
        return history
    }

    /// A plan of so many days from a wall time: the decisions that would be taken, in order.
    mutating func plan(days: Int32, at time: String) throws -> [PlannedDecision] {
        try pass(until: try instant(time), inclusive: false)
        clock = try instant(time)
        return forecast(days: days).decisions.map(PlannedDecision.init)
    }

    /// A plan is carried out at a wall time; what became of each of its keys, in its order.
    ///
    /// - Parameter asleep: whether nobody has looked at what was due before.
    mutating func apply(_ plan: [PlannedDecision], at time: String, asleep: Bool = false) throws -> [ApplyAnswer] {
        if !asleep { try pass(until: try instant(time), inclusive: false) }
        clock = try instant(time)
        let row = try #require(self.row)
        let (after, outcome, answers) = decider.apply(plan, to: row, clock: clock)
        try keep(after, outcome)
        return try plan.map { try #require(answers[$0.key]) }
    }

    private mutating func keep(_ row: CustomerRow, _ outcome: TouchOutcome) throws {
        let schema = decider.active.rules.schema
        let bytes = RowCodec.encode(row, schema: schema)
        let (decoded, hasCache) = try bytes.withUnsafeBytes {
            try RowCodec.decode($0, customer: row.customer, schema: schema)
        }
        #expect(hasCache)
        #expect(decoded == row, "a row must survive its codec")
        if let wakeUp = outcome.wakeUp { #expect(wakeUp > row.asOf, "a wake-up lies after asOf") }
        self.row = decoded
        // A tick wakes nobody: the scan comes by, as it would in a store.
        let tick = decider.nextTick(of: decoded)
        wakeUp = [outcome.wakeUp, tick].compactMap { $0 }.min()
        for (campaign, count) in outcome.passedOver { passedOver[campaign, default: 0] += count }
        conditionFalse += outcome.conditionFalse
        decisions += outcome.decisions
        goals += outcome.goals
        for decision in outcome.decisions { acts.add(decision, under: decider.active.rules) }
    }

    // MARK: What came of it

    /// `05-22 17:30 complaint-ladder/answer act` per decision, in the order taken; seconds only when not zero.
    var log: [String] {
        decisions.map { decision in
            let local = zone.local(decision.now)
            let date = local.date.text.dropFirst(5)
            let step = [decision.key.campaign, decision.key.step].filter { !$0.isEmpty }.joined(separator: "/")
            let reason = decision.reason.map { " " + $0.rawValue } ?? ""
            return "\(date) \(local.time.text) \(step) \(decision.outcome.rawValue)\(reason)"
        }
    }

    /// As ``log``, with the actions' names: `05-22 17:30 complaint-ladder/ack/desk act`.
    var actionLog: [String] {
        zip(log, decisions).map { line, decision in
            guard !decision.key.step.isEmpty else { return line }
            let step = "\(decision.key.campaign)/\(decision.key.step)"
            return line.replacing(step + " ", with: "\(step)/\(decision.key.action) ")
        }
    }

    /// The future of the row in the days after now, by the simulation.
    func forecast(days: Int32) -> CustomerForecast {
        guard let row else { return CustomerForecast() }
        let simulation = Simulation(
            decider: decider, from: clock, until: zone.advance(clock, by: ISODuration(days: days)))
        return simulation.forecast(row, wakeUp: wakeUp)
    }
}

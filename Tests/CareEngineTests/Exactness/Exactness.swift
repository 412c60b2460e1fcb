import CareCalendar
import CareDecisions
import CareLogic
import CarePlanning
import CareRules
import CareValues

/// Compares the plan of a case with what the live engine does when nothing else happens.
///
/// No store: rows go through the codec after every touch as they do in one, wake-ups and ticks are told as a service tells
/// them, so that thousands of rule sets cost seconds.
struct Exactness {
    /// Why a case is none.
    struct BadRules: Error, CustomStringConvertible {
        var description: String
    }

    static let zone = EngineWorld.zones.zone(named: "Asia/Shanghai") ?? .utc

    private let decider: Decider
    private let start: Timestamp

    /// The rules of a case, put in force long before the plan.
    init(rules text: String) throws {
        let loaded = RuleSetLoader.load(
            [RuleSource(file: "rules.json", bytes: Array(text.utf8))], destinations: nil,
            holidays: ShippedHolidays.table)
        guard let rules = loaded.ruleSet else {
            throw BadRules(
                description: loaded.diagnostics.filter { $0.severity == .error }
                    .map { "\($0.message) at \($0.path)" }.joined(separator: "; "))
        }
        start = CaseMaker.start
        decider = Decider(
            ActiveRules(
                rules: rules, epoch: 1, activatedAt: start.advanced(byMilliseconds: -40 * 86_400_000), starts: [:],
                projectZone: Self.zone, zones: EngineWorld.zones, holidays: ShippedHolidays.table))
    }

    /// What differs, in words; nil: nothing does. Also what was decided, before the plan and in it.
    func difference(of example: ExactnessCase) throws -> (difference: String?, decisions: [Decision]) {
        let facts = example.facts
        let until = Self.zone.advance(start, by: ISODuration(days: example.days))
        var row = decider.newRow(customer: example.customer, asOf: facts.first?.receivedAt ?? start)
        var wakeUp: Timestamp?
        var known: [Fact] = []
        var decisions: [Decision] = []
        func pass(before end: Timestamp) throws {
            while let next = next(of: row, wakeUp), next < end {
                let (after, decided) = try touched(row, at: next)
                (row, wakeUp) = after
                decisions += decided
            }
        }
        for fact in facts {
            try pass(before: fact.receivedAt)
            let newest = row.cache.newestEventTime
            let later = known.compactMap { old -> Event? in
                guard let newest, case .event(let event) = old, event.time <= newest else { return nil }
                return event
            }.sorted { $0.time < $1.time }
            known.append(fact)
            let (after, outcome) = decider.touch(row, facts: [fact], laterEvents: later, clock: fact.receivedAt)
            row = try coded(after)
            wakeUp = outcome.wakeUp
            decisions += outcome.decisions
        }
        try pass(before: start)

        let simulation = Simulation(decider: decider, from: start, until: until)
        let forecast = simulation.forecast(row, wakeUp: wakeUp)
        let plan = forecast.decisions
        // What was decided so far, replayed in one go.
        let replayed = Replay(decider: decider, from: facts.first?.receivedAt ?? start, until: start)
            .run(customer: example.customer, facts: facts)
        if let text = Self.first(replayed.decisions, decisions) { return ("replayed: " + text, decisions) }
        decisions += plan
        let (live, notMatching) = try run(row, wakeUp, pace: 1, until: until)
        if let text = Self.first(plan, live) { return ("ticking at every due instant: " + text, decisions) }
        if notMatching != forecast.notMatching.sorted() {
            return ("not matching: planned \(forecast.notMatching.sorted()), were \(notMatching)", decisions)
        }
        if let text = sieved(row, wakeUp, forecast, simulation) { return ("by columns: " + text, decisions) }
        // Of a short period columns tell more: what moves with the date as well.
        let soon = Self.zone.advance(start, by: ISODuration(days: 1 + example.days % 3))
        let short = Simulation(decider: decider, from: start, until: soon)
        if let text = sieved(row, wakeUp, short.forecast(row, wakeUp: wakeUp), short) {
            return ("by columns, shortly: " + text, decisions)
        }
        // As cron would: what falls due after its last pass is still to come.
        let paced = try run(row, wakeUp, pace: 420_000, until: until).decisions
        let last = until.milliseconds / 420_000 * 420_000
        let inTime = plan.filter { $0.now.milliseconds <= last }
        if let text = Self.first(inTime, paced.filter { $0.now.milliseconds <= last }) {
            return ("every seven minutes: " + text, decisions)
        }
        return (nil, decisions)
    }

    /// The sieves of periods, by their ends.
    private final class Sieves {
        var known: [Timestamp: PeriodSieve] = [:]
    }
    private let sieves = Sieves()

    /// What differs when columns say beforehand what they can.
    private func sieved(
        _ row: CustomerRow, _ wakeUp: Timestamp?, _ forecast: CustomerForecast, _ simulation: Simulation
    ) -> String? {
        let memory = row.memory
        guard memory.factsAhead.isEmpty, memory.waiting.isEmpty, wakeUp.map({ $0 > start }) ?? true else { return nil }
        let until = simulation.until
        let sieve = sieves.known[until] ?? PeriodSieve(decider, from: start, until: until)
        sieves.known[until] = sieve
        let (zone, isOwn, _) = decider.active.zone(of: row)
        var builder = ColumnBuilder(for: sieve.program, now: start)
        var answers = sieve.answers()
        builder.append(row.cache, zone: zone)
        answers.ask(builder.block())
        let look = answers.look(at: 0)
        let known = simulation.forecast(row, wakeUp: wakeUp, look: look)
        if let text = Self.first(known.decisions, forecast.decisions) { return text }
        if known.notMatching.sorted() != forecast.notMatching.sorted() {
            return "not matching: \(known.notMatching.sorted()), without \(forecast.notMatching.sorted())"
        }
        // Decisions that are only counted are the same ones, without what they order and rest on.
        let counted = Simulation(decider: decider, from: start, until: until, onlyCounts: true)
            .forecast(row, wakeUp: wakeUp, look: look)
        if let text = Self.first(counted.decisions, forecast.decisions.map(Self.bare)) { return "counted: " + text }
        guard memory.entries.isEmpty, memory.delayed.isEmpty, memory.overdue.isEmpty else { return nil }
        var counts = decider.active.rules.campaigns.map { _ in 0 }
        let isRuledOut = sieve.rulesOut(
            at: 0, answers, zone, isOwn: isOwn, asOf: row.asOf, decided: memory.decided, cache: nil,
            notMatching: &counts)
        if let text = said(isRuledOut, counts, forecast) { return "ruled out, but " + text }
        counts = counts.map { _ in 0 }
        var writer = ByteWriter()
        row.cache.encode(into: &writer, schema: decider.active.rules.schema)
        let isOnlyCounted = writer.bytes.withUnsafeBytes {
            sieve.rulesOut(
                at: 0, answers, zone, isOwn: isOwn, asOf: row.asOf, decided: memory.decided, cache: $0,
                notMatching: &counts)
        }
        return said(isOnlyCounted, counts, forecast).map { "only counted, but " + $0 }
    }

    /// What a customer who is passed over would have got all the same, or how the counts differ.
    private func said(_ isPassedOver: Bool, _ counts: [Int], _ forecast: CustomerForecast) -> String? {
        let passed = counts.enumerated().flatMap { place, count in
            repeatElement(decider.active.rules.campaigns[place].identity, count: count)
        }
        guard isPassedOver, !forecast.decisions.isEmpty || passed.sorted() != forecast.notMatching.sorted() else {
            return nil
        }
        return "\(forecast.decisions.count) decisions; \(passed) for \(forecast.notMatching)"
    }

    /// A decision without what it orders and rests on.
    private static func bare(_ decision: Decision) -> Decision {
        var decision = decision
        decision.order = nil
        decision.inputs = JSONObject()
        return decision
    }

    /// What a service does that looks at multiples of `pace` milliseconds.
    private func run(
        _ row: CustomerRow, _ wakeUp: Timestamp?, pace: Int64, until: Timestamp
    ) throws -> (decisions: [Decision], notMatching: [String]) {
        var row = row
        var wakeUp = wakeUp
        var decisions: [Decision] = []
        var notMatching: [String] = []
        var clock = start
        while let next = next(of: row, wakeUp) {
            let at = (max(next, clock).milliseconds + pace - 1) / pace * pace
            guard at < until.milliseconds else { break }
            clock = Timestamp(milliseconds: at)
            let (after, outcome) = decider.touch(row, clock: clock)
            guard outcome.wakeUp.map({ $0 > clock }) ?? true else {
                throw BadRules(description: "a wake-up in the past")
            }
            (row, wakeUp) = (try coded(after), outcome.wakeUp)
            decisions += outcome.decisions
            notMatching += outcome.whereFalse + outcome.conditionFalse
        }
        return (decisions, notMatching.sorted())
    }

    private func next(of row: CustomerRow, _ wakeUp: Timestamp?) -> Timestamp? {
        guard decider.hasTicks, let tick = decider.nextTick(of: row) else { return wakeUp }
        return min(wakeUp ?? tick, tick)
    }

    private func touched(_ row: CustomerRow, at clock: Timestamp) throws -> ((CustomerRow, Timestamp?), [Decision]) {
        let (after, outcome) = decider.touch(row, clock: clock)
        return ((try coded(after), outcome.wakeUp), outcome.decisions)
    }

    private func coded(_ row: CustomerRow) throws -> CustomerRow {
        let schema = decider.active.rules.schema
        return try RowCodec.encode(row, schema: schema).withUnsafeBytes {
            try RowCodec.decode($0, customer: row.customer, schema: schema).row
        }
    }

    private static func first(_ plan: [Decision], _ live: [Decision]) -> String? {
        func text(_ decision: Decision?) -> String {
            guard let decision else { return "nothing" }
            return
                "\(decision.now.iso8601) \(decision.key.text) \(decision.outcome.rawValue) \(decision.reason?.rawValue ?? "")"
        }
        for index in 0..<max(plan.count, live.count) {
            let left = index < plan.count ? plan[index] : nil
            let right = index < live.count ? live[index] : nil
            if left != right { return "planned \(text(left)), done \(text(right))" }
        }
        return nil
    }
}

/// Makes a failing case smaller as long as it fails.
enum Shrinker {
    static func smallest(_ example: ExactnessCase, fails: (ExactnessCase) -> Bool) -> ExactnessCase {
        var example = example
        var isShrinking = true
        while isShrinking {
            isShrinking = false
            for smaller in candidates(example) where fails(smaller) {
                example = smaller
                isShrinking = true
                break
            }
        }
        return example
    }

    /// The case with one thing less.
    private static func candidates(_ example: ExactnessCase) -> [ExactnessCase] {
        var all: [ExactnessCase] = []
        func without(_ change: (inout ExactnessCase) -> Void) {
            var smaller = example
            change(&smaller)
            all.append(smaller)
        }
        if example.campaigns.count > 1 {
            for index in example.campaigns.indices { without { $0.campaigns.remove(at: index) } }
        }
        for index in example.policies.indices { without { $0.policies.remove(at: index) } }
        for index in example.facts.indices.dropFirst() { without { $0.facts.remove(at: index) } }
        for (number, campaign) in example.campaigns.enumerated() {
            if campaign.steps.count > 1 {
                for index in campaign.steps.indices { without { $0.campaigns[number].steps.remove(at: index) } }
            }
            for index in campaign.members.indices { without { $0.campaigns[number].members.remove(at: index) } }
        }
        if example.days > 1 { without { $0.days /= 2 } }
        return all
    }
}

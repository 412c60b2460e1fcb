import CareLogic
import CareValues
import Testing

/// The instant until which an answer is said to hold, of generated rules and customers: nothing changes before it.
@Suite struct ValidityPropertyTests {
    /// The answer at an instant and how long it holds; nil: an error.
    static func answer(_ expression: Expression, _ context: EvaluationContext, isCondition: Bool) -> Evaluation? {
        guard isCondition else { return try? expression.evaluate(context) }
        guard let (isTrue, validUntil) = try? expression.isTrue(context) else { return nil }
        return Evaluation(value: .bool(isTrue), validUntil: validUntil)
    }

    static func moved(_ context: EvaluationContext, to now: Timestamp) -> EvaluationContext {
        EvaluationContext(
            schema: context.schema, cache: context.cache, customer: context.customer, now: now, zone: context.zone,
            event: context.event, entry: context.entry)
    }

    /// Instants in `(now, until)`, near both ends, at local midnights, and between.
    static func probes(_ now: Timestamp, _ until: Timestamp, _ zone: Zone, _ generator: inout Generator) -> [Timestamp]
    {
        let end = min(until, now.advanced(byMilliseconds: 800 * 86_400_000))
        let length = end.milliseconds(since: now)
        guard length > 1 else { return [] }
        let today = zone.date(at: now)
        var probes = [now.advanced(byMilliseconds: 1), end.advanced(byMilliseconds: -1)]
        for days in [1, 2, 3, 7, 30, 31, 90, 180, 365, 366] {
            let midnight = zone.startOfDay(today.advanced(byDays: days))
            probes += [midnight.advanced(byMilliseconds: -1), midnight]
        }
        for _ in 0..<4 {
            probes.append(now.advanced(byMilliseconds: Int64.random(in: 1..<length, using: &generator.random)))
        }
        return probes.filter { $0 > now && $0 < end }
    }

    /// A probe at which the answer is another although it was said to hold; nil: there is none.
    static func failure(
        _ expression: Expression, _ context: EvaluationContext, isCondition: Bool, _ generator: inout Generator
    ) -> String? {
        guard let answer = answer(expression, context, isCondition: isCondition) else { return nil }
        if answer.validUntil <= context.now { return "holds until \(answer.validUntil.iso8601), which is not later" }
        for probe in probes(context.now, answer.validUntil, context.zone, &generator) {
            // What becomes an error has no other answer.
            guard let later = Self.answer(expression, moved(context, to: probe), isCondition: isCondition) else {
                continue
            }
            if !AgreementTests.isSame(later.value, answer.value) {
                return """
                    is \(AgreementTests.line { answer.value }) until \(answer.validUntil.iso8601), \
                    but \(AgreementTests.line { later.value }) at \(probe.iso8601)
                    """
            }
            // From within, the end is not seen earlier than the answer changes, nor in the past.
            if later.validUntil <= probe { return "at \(probe.iso8601) holds until \(later.validUntil.iso8601)" }
        }
        return nil
    }

    @Test(arguments: 1...TestScale.seeds(8))
    func `an answer holds until the instant it names`(seed: UInt64) throws {
        let world = try AgreementTests.world.get()
        var generator = Generator(seed: seed &+ 1_000_000)
        let customers = try (0..<12).map { _ in try generator.customer() }
        var timed = 0
        var drawn = 0
        while timed < 30 {
            drawn += 1
            try #require(drawn < 2_000, "too few rules look at the clock")
            let rule = generator.rule()
            let isCondition = generator.chance(70)
            guard let (expression, _) = try world.compile(rule, expecting: isCondition ? .condition : .any),
                expression.uses.time || !expression.uses.traits.isEmpty || !expression.uses.segments.isEmpty
            else { continue }
            timed += 1
            for customer in customers {
                let context = world.context(customer)
                guard Self.failure(expression, context, isCondition: isCondition, &generator) != nil else { continue }
                let (small, smaller) = try Shrinker.shrink(rule, customer) { rule, customer in
                    var generator = Generator(seed: 1)
                    guard
                        let (expression, _) = try world.compile(rule, expecting: isCondition ? .condition : .any)
                    else { return false }
                    return Self.failure(expression, world.context(customer), isCondition: isCondition, &generator)
                        != nil
                }
                generator = Generator(seed: 1)
                let shrunk = try #require(try world.compile(small, expecting: isCondition ? .condition : .any)).0
                Issue.record(
                    """
                    \(small.json.canonicalText) \
                    \(Self.failure(shrunk, world.context(smaller), isCondition: isCondition, &generator) ?? "(not shrunk)")
                    \(smaller.text)
                    """)
                return
            }
        }
    }

    // MARK: Named

    struct Turn: Sendable, CustomTestStringConvertible {
        var rule: String
        var isCondition = true
        /// The answers before the turn and at it.
        var before: String
        var after: String
        /// After 2026-01-02T00:00:00Z.
        var days: Int64
        var testDescription: String { rule }
    }

    static let week = #"{ "within": [{ "var": "on" }, "P7D"] }"#
    static let month = #"{ "within": [{ "var": "on" }, "P30D"] }"#
    static let word = #"{ "or": [{ "if": [\#(week), "a", false] }, { "if": [\#(month), "b", false] }] }"#
    static let turns = [
        Turn(rule: week, before: "true", after: "false", days: 7),
        Turn(rule: #"{ "or": [\#(week), \#(month)] }"#, before: "true", after: "false", days: 30),
        Turn(rule: #"{ "or": [\#(month), \#(week)] }"#, before: "true", after: "false", days: 30),
        Turn(rule: #"{ "and": [\#(week), \#(month)] }"#, before: "true", after: "false", days: 7),
        Turn(rule: #"{ "!": [{ "or": [\#(week), \#(month)] }] }"#, before: "false", after: "true", days: 30),
        // A value is another when another operand gives it.
        Turn(rule: word, isCondition: false, before: #"text "a""#, after: #"text "b""#, days: 7),
        Turn(rule: word, before: "true", after: "false", days: 30),
        Turn(rule: #"{ "==": [\#(word), "a"] }"#, before: "true", after: "false", days: 7),
        Turn(
            rule: #"{ "if": [\#(word), 1, 2] }"#, isCondition: false, before: "number 1.0", after: "number 2.0",
            days: 30),
        // What is in error ends what can be said.
        Turn(
            rule: #"{ "or": [\#(week), { "segment": "fails" }, \#(month)] }"#, before: "true", after: "an error",
            days: 7),
        Turn(
            rule: #"{ "<": [{ "days_since": [{ "var": "on" }] }, 10, { "var": "n" }] }"#, before: "missing",
            after: "false",
            days: 10),
        Turn(
            rule: #"{ "<=": [3, { "days_since": [{ "var": "on" }] }, 5] }"#, before: "true", after: "false", days: 6),
        Turn(
            rule: #"{ "some": [[7, 30], { "==": [{ "var": "" }, 7] }] }"#, before: "true", after: "true",
            days: 3_000_000),
    ]

    @Test(arguments: turns) func `an answer turns at the instant it names and not before`(_ turn: Turn) throws {
        let world = try AgreementTests.world.get()
        let begin = try #require(Timestamp(iso8601: "2026-01-02T00:00:00Z"))
        var customer = RuleWorld.Customer(
            id: "c1", attributes: ["on": "2026-01-02"],
            events: [
                Event(
                    type: "visit", source: "s", id: "1", time: begin, receivedAt: begin,
                    properties: ["x": ["y": "text"]])
            ], now: begin.advanced(byMilliseconds: 4 * 86_400_000), zone: .utc, hasEvent: false, entry: nil)
        let rule = RuleWorld.Rule(json: json(turn.rule), allowsEvent: false, eventTypes: [])
        let (expression, _) = try #require(try world.compile(rule, expecting: turn.isCondition ? .condition : .any))
        func answer() -> (line: String, until: Timestamp?) {
            let evaluation = try? expression.evaluate(world.context(customer))
            return (
                AgreementTests.line { try expression.evaluate(world.context(customer)).value }, evaluation?.validUntil
            )
        }
        let instant = begin.advanced(byMilliseconds: turn.days * 86_400_000)
        let now = answer()
        // Of a condition only the truth counts: its value may be another before.
        if now.line.hasPrefix("text"), turn.isCondition {
            #expect(turn.before == "true")
        } else {
            #expect(now.line == turn.before)
        }
        #expect(now.until == instant)
        guard instant < .distantFuture else { return }
        customer.now = instant.advanced(byMilliseconds: -1)
        let before = try? expression.isTrue(world.context(customer)).isTrue
        #expect(before == (["true", #"text "a""#, "number 1.0"].contains(turn.before)))
        customer.now = instant
        #expect(answer().line == turn.after)
    }
}

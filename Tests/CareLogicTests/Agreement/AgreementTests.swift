import CareLogic
import CareValues
import Testing

/// The compiled forms for one customer, walked and as steps, say what the judge says, of generated rules and customers.
@Suite struct AgreementTests {
    static let world = Result { try RuleWorld() }
    static let rulesPerSeed = 100
    static let customersPerRule = 50

    /// An answer in one line, its kind in front; an error is one, whatever it says.
    static func line(_ answer: () throws -> LogicValue) -> String {
        guard let value = try? answer() else { return "an error" }
        return switch value {
        case .missing: "missing"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let number): "number \(number)"
        case .string(let text): "text \(JSONValue.string(text).canonicalText)"
        case .date(let date): "date \(date.text)"
        case .instant(let instant): "instant \(instant.iso8601)"
        case .birthday(let birthday): "birthday \(birthday.text)"
        case .list(let elements): "[" + elements.map { element in line { element } }.joined(separator: ", ") + "]"
        case .object: "object \(value.jsonValue.canonicalText)"
        }
    }

    /// Whether two answers are the same to the last bit; nil is an error.
    static func isSame(_ one: LogicValue?, _ two: LogicValue?) -> Bool {
        switch (one, two) {
        case (nil, nil), (.missing, .missing): true
        case (.bool(let one), .bool(let two)): one == two
        case (.number(let one), .number(let two)): one.bitPattern == two.bitPattern
        case (let one?, let two?): line { one } == line { two }
        default: false
        }
    }

    /// Both answers to a pair; nil when the checks refuse the rule.
    static func answers(
        _ rule: RuleWorld.Rule, _ customer: RuleWorld.Customer, _ world: RuleWorld
    ) throws -> (compiled: String, judge: String)? {
        guard let (expression, json) = try world.compile(rule) else { return nil }
        let subject = world.subject(customer, eventTypes: rule.eventTypes)
        return (
            line { try expression.evaluate(world.context(customer)).value },
            line { try world.interpreter.value(json, for: subject) }
        )
    }

    /// Those of a long run of which one answer differed once, and the first ones.
    static let seeds = [928, 1213, 1830, 1920] + Array(1...TestScale.seeds(20))

    @Test(arguments: seeds)
    func `the compiled forms and the interpreter give the same answer`(seed: UInt64) throws {
        let world = try Self.world.get()
        var generator = Generator(seed: seed)
        var customers: [RuleWorld.Customer] = []
        for _ in 0..<Self.customersPerRule { customers.append(try generator.customer()) }
        let contexts = customers.map { world.context($0) }
        var subjects: [[String]: [CareInterpreter.Customer]] = [:]

        var rules: [(rule: RuleWorld.Rule, expression: Expression, json: JSONValue)] = []
        var drawn = 0
        while rules.count < Self.rulesPerSeed {
            drawn += 1
            try #require(drawn < Self.rulesPerSeed * 10, "too many rules are refused")
            let rule = generator.rule()
            guard let (expression, json) = try world.compile(rule) else { continue }
            rules.append((rule, expression, json))
        }
        let program = ScalarProgram(BatchProgram(conditions: rules.map(\.expression), schema: world.schema))
        var frames = 0
        for index in customers.indices {
            var frame = ScalarFrame(for: program)
            // A frame that knows another customer forgets it.
            if index > 0 {
                _ = try? program.isTrue(0, contexts[index - 1], &frame)
                frame.reset()
            }
            for (number, rule) in rules.enumerated() {
                let walked = try? rule.expression.isTrue(contexts[index]).isTrue
                let stepped = try? program.isTrue(number, contexts[index], &frame)
                frames += 1
                guard walked != stepped else { continue }
                Issue.record(
                    """
                    \(rule.rule.json.canonicalText)
                    is \(walked.map { "\($0)" } ?? "an error") walked, \(stepped.map { "\($0)" } ?? "an error") in steps
                    \(customers[index].text)
                    """)
                return
            }
        }
        #expect(frames == Self.rulesPerSeed * Self.customersPerRule)

        for (rule, expression, json) in rules {
            let judged = subjects[rule.eventTypes] ?? customers.map { world.subject($0, eventTypes: rule.eventTypes) }
            subjects[rule.eventTypes] = judged
            for index in customers.indices {
                let one = try? expression.evaluate(contexts[index]).value
                let two = try? world.interpreter.value(json, for: judged[index])
                guard !Self.isSame(one, two) else { continue }
                let (small, customer) = try Shrinker.shrink(rule, customers[index]) { rule, customer in
                    try Self.answers(rule, customer, world).map { $0.compiled != $0.judge } ?? false
                }
                let answers = try Self.answers(small, customer, world)
                Issue.record(
                    """
                    \(small.json.canonicalText) over events \(small.eventTypes)
                    is \(answers?.compiled ?? "") compiled, \(answers?.judge ?? "") interpreted
                    \(customer.text)
                    """)
                return
            }
        }
    }

    @Test func `the generated pairs hold every operator and every kind of answer`() throws {
        let world = try Self.world.get()
        var generator = Generator(seed: 7)
        var operators: [String: Int] = [:]
        var kinds: [String: Int] = [:]
        func count(_ json: JSONValue) {
            switch json {
            case .array(let elements): for element in elements { count(element) }
            case .object(let object):
                for member in object.members {
                    operators[member.name, default: 0] += 1
                    count(member.value)
                }
            default: break
            }
        }
        for _ in 0..<1_000 {
            let rule = generator.rule()
            guard let answers = try Self.answers(rule, generator.customer(), world) else {
                kinds["refused", default: 0] += 1
                continue
            }
            count(rule.json)
            let kind = answers.compiled.hasPrefix("[") ? "list" : answers.compiled.prefix { $0 != " " }
            kinds[String(kind), default: 0] += 1
        }
        let all = [
            "var", "missing", "missing_some", "if", "?:", "==", "===", "!=", "!==", "!", "!!", "or", "and", ">", ">=",
            "<", "<=", "max", "min", "+", "-", "*", "/", "%", "map", "filter", "reduce", "all", "none", "some", "merge",
            "in", "cat", "substr", "startsWith", "endsWith", "segment", "now", "today", "days_since", "days_until",
            "age", "days_until_birthday", "within", "bucket",
        ]
        for name in all { #expect(operators[name, default: 0] >= 5, "\(name)") }
        for kind in ["true", "false", "missing", "number", "text", "date", "instant", "list", "an"] {
            #expect(kinds[kind, default: 0] >= 10, "\(kind) \(kinds)")
        }
        // Most rules pass the checks, and most have a value.
        #expect(kinds["refused", default: 0] < 500, "\(kinds)")
        #expect(kinds["an", default: 0] < 300, "\(kinds)")
    }

    /// What generated rules seldom hold.
    static let difficult = [
        #"{ "==": [["\u00e9"], ["e\u0301"]] }"#,
        #"{ "==": [["\u00e9"], ["\u00e9"]] }"#,
        #"{ "==": [[{ "var": "on" }], ["2024-02-29"]] }"#,
        #"{ "==": [[{ "var": "at" }], ["2026-01-01T01:00:00+01:00"]] }"#,
        #"{ "in": [{ "var": "tags" }, [[], [null], { "var": "tags" }]] }"#,
        #"{ "in": [null, { "var": "tags" }] }"#,
        #"{ "or": [{ "within": [{ "var": "on" }, "P30D"] }, { "segment": "fails" }] }"#,
        #"{ "and": [{ "within": [{ "var": "at" }, "P7D"] }, { "<": [{ "var": "anything" }, 3] }] }"#,
        #"{ "<": [{ "days_since": [{ "var": "on" }] }, 30, { "var": "anything" }] }"#,
        #"{ "<": [{ "var": "anything" }, 30, 20] }"#,
        #"{ "<": [{ "var": "n" }, 30, { "var": "m" }] }"#,
        #"{ "missing_some": [1.5, ["n", "s", "flag"]] }"#,
        #"{ "missing_some": [{ "var": "n" }, ["n", "s", "flag"]] }"#,
        #"{ "within": [{ "var": "anything" }, "P7D"] }"#,
        #"{ "<": [{ "if": [{ "var": "flag" }, { "var": "tier" }, "gold"] }, "silver"] }"#,
        #"{ "<": [{ "if": [{ "var": "flag" }, { "var": "tier" }, { "var": "s" }] }, "silver"] }"#,
        #"{ "<": [{ "or": [{ "var": "tier" }, "bronze"] }, { "var": "rank" }, "platinum"] }"#,
        #"{ "cat": [{ "var": ["at", "2026-01-01T01:00:00+01:00"] }, " ", { "var": ["born", "--02-29"] }] }"#,
        #"{ "map": [{ "merge": [{ "var": "on" }, { "var": "at" }, null] }, { "days_since": [{ "var": "" }] }] }"#,
        #"{ "reduce": [[{ "var": "on" }], { "var": "current" }, null] }"#,
        #"{ "substr": ["👩‍👩‍👧e\u0301", -2, 1] }"#,
        #"{ "in": ["\u0301", "\u00e9e\u0301"] }"#,
        #"{ "%": [{ "var": "n" }, { "var": "m" }] }"#,
        #"{ "+": [1e308, 1e308, -1e308] }"#,
        #"{ "-": [{ "*": [{ "var": "n" }, 0] }] }"#,
        #"{ "==": [{ "var": "tags" }, { "var": "tags" }] }"#,
        #"{ "bucket": [null, { "var": "tags" }, { "var": "at" }, -0.0] }"#,
    ]

    @Test(arguments: difficult) func `difficult rules give the same answer`(text: String) throws {
        let world = try Self.world.get()
        var generator = Generator(seed: 11)
        let rule = RuleWorld.Rule(json: json(text), allowsEvent: false, eventTypes: [])
        for _ in 0..<60 {
            let customer = try generator.customer()
            let answers = try #require(try Self.answers(rule, customer, world), "refused")
            try #require(answers.compiled == answers.judge, "\(customer.text)")
        }
    }
}

import CareDecisions
import CareLogic
import CareRules
import CareValues

/// Rule files mutated from a seed: read, and where they can be used, decided with. For tests in small; `make fuzz` has
/// libFuzzer choose and mutate the inputs, a million times.
public struct RuleFuzz {
    /// What the inputs came to.
    public struct Tally: Sendable, Equatable {
        /// How many inputs there were.
        public var inputs = 0
        /// How many were usable rule sets.
        public var usable = 0
        /// How many findings the others had.
        public var findings = 0
        /// How many were expressions over data, tried in both dialects.
        public var expressions = 0
        /// How many decisions the usable ones took.
        public var decisions = 0

        /// Nothing yet.
        public init() {}
    }

    /// What an input broke.
    public struct Failure: Error {
        /// In words.
        public var what: String
        /// The rule file.
        public var text: String
    }

    /// How the inputs went so far.
    public internal(set) var tally = Tally()
    var generator: SplitMix64
    private let corpus: [JSONValue]
    private let parts: [JSONValue]
    private let zones: any ZoneDirectory
    let zone: Zone

    /// A fuzzer that begins with rule files as people write them.
    ///
    /// - Parameter corpus: texts of rule files; what is no JSON among them is left out.
    public init(corpus texts: [String], seed: UInt64, zones: any ZoneDirectory, zone: Zone) {
        generator = SplitMix64(seed: seed)
        corpus = RuleFuzz.merged(texts.compactMap { JSONValue(jsonText: $0) })
        var parts = RuleFuzz.oddities
        for value in corpus { RuleFuzz.collect(value, into: &parts) }
        self.parts = parts
        self.zones = zones
        self.zone = zone
    }

    /// Values that parsers stumble over.
    private static let oddities: [JSONValue] = [
        .null, .bool(true), .bool(false), .number(0), .number(-1), .number(1.5), .number(1e300), .number(-1e-300),
        .number(9_007_199_254_740_993), .string(""), .string("P0D"), .string("-P1D"), .string("P99999999D"),
        .string("PT1S"), .string("24:00"), .string("2026-02-30"), .string("0000-00-00"), .string("9999-12-31"),
        .string("--02-29"), .string("chinese:--06-15"), .string("{{"), .string("{{entry.}}"), .string("\u{0}"),
        .string("\u{202E}é\u{301}"), .string(String(repeating: "x", count: 300)), .array([]), .object(JSONObject()),
        .array([.null, .array([])]), .object(["var": .string("")]), .object(["var": .string("event.x.y.z")]),
        .object(["segment": .string("a")]), .object(["/": .array([.number(1), .number(0)])]),
        .object(["%": .array([.number(1), .number(0)])]), .object(["and": .array([])]),
        .object(["-": .array([.object(["var": .string("points")])])]),
        .object(["<": .array([.object(["days_since": .object(["now": .array([])])]), .number(1e18)])]),
        .object(["*": .array([.number(1e308), .number(1e308)])]),
        .object(["cat": .array([.object(["var": .string("name")]), .number(1e21)])]),
        .object(["substr": .array([.string("é"), .number(-1e18), .number(1e18)])]),
        .object(["reduce": .array([.array([.number(1)]), .object(["var": .string("accumulator.x")]), .null])]),
    ]

    /// Files with campaigns, each together with each that declares attributes, so that most inputs come far.
    private static func merged(_ values: [JSONValue]) -> [JSONValue] {
        let objects = values.compactMap { value -> JSONObject? in
            if case .object(let object) = value { object } else { nil }
        }
        let bases = objects.filter { $0["attributes"] != nil && $0["campaigns"] == nil }
        var result: [JSONValue] = []
        for object in objects where object["campaigns"] != nil {
            for base in bases {
                var whole = base
                for (name, section) in object.members {
                    guard case .object(let more) = section, case .object(var own)? = whole[name] else {
                        whole[name] = section
                        continue
                    }
                    for (name, value) in more.members { own[name] = value }
                    whole[name] = .object(own)
                }
                result.append(.object(whole))
            }
        }
        return result.isEmpty ? values : result
    }

    private static func collect(_ value: JSONValue, into parts: inout [JSONValue]) {
        parts.append(value)
        switch value {
        case .array(let elements): for element in elements { collect(element, into: &parts) }
        case .object(let object): for member in object.members { collect(member.value, into: &parts) }
        default: break
        }
    }

    /// The next input: made, read, and used.
    ///
    /// - Throws: ``Failure``.
    public mutating func run() throws {
        try use(input())
    }

    /// Begins the choices anew, so that an input is always used alike.
    public mutating func reseed(_ seed: UInt64) {
        generator = SplitMix64(seed: seed)
    }

    /// Reads an input and uses it: `{"rule": …, "data": …}` as an expression, all else as a rule file.
    ///
    /// - Throws: ``Failure``.
    public mutating func use(_ bytes: [UInt8]) throws {
        tally.inputs += 1
        if try tryExpression(bytes) { return }
        let result = RuleSetLoader.load([RuleSource(file: "f.json", bytes: bytes)], destinations: ["crm"])
        let text = String(decoding: bytes, as: UTF8.self)
        guard (result.ruleSet == nil) == result.diagnostics.contains(where: { $0.severity == .error }) else {
            throw Failure(what: "usable and with errors, or neither", text: text)
        }
        tally.findings += result.diagnostics.count
        for finding in result.diagnostics where finding.line < 0 || finding.message.isEmpty || finding.length < 1 {
            throw Failure(what: "a finding without a place or a sentence: \(finding.rendered())", text: text)
        }
        guard let rules = result.ruleSet else { return }
        tally.usable += 1
        let again = RuleSetLoader.load(
            [RuleSource(file: "c", bytes: Array(rules.canonicalText.utf8))], destinations: nil)
        guard again.ruleSet?.fingerprint == rules.fingerprint else {
            throw Failure(what: "its canonical text is another rule set", text: text)
        }
        try decide(with: rules)
    }

    // MARK: Making inputs

    private mutating func input() -> [UInt8] {
        guard let original = corpus.randomElement(using: &generator) else { return [] }
        var bytes = CanonicalJSON.bytes(mutated(original))
        // Every eighth also has bytes that are none of JSON's.
        if Int.random(in: 0..<8, using: &generator) == 0, !bytes.isEmpty {
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(bytes[place], at: place)
                }
                if bytes.isEmpty { break }
            }
        }
        return bytes
    }

    /// The input with some of its parts made others, or by chance one of them by a part of `donor`; nil: it is no JSON.
    public mutating func mutated(_ bytes: [UInt8], donor: [UInt8]? = nil) -> [UInt8]? {
        guard let value = JSONValue(jsonText: String(decoding: bytes, as: UTF8.self)) else { return nil }
        guard let donor else { return CanonicalJSON.bytes(mutated(value)) }
        guard let other = JSONValue(jsonText: String(decoding: donor, as: UTF8.self)) else { return nil }
        var parts: [JSONValue] = []
        RuleFuzz.collect(other, into: &parts)
        var left = Int.random(in: 0..<RuleFuzz.count(value), using: &generator)
        let part = parts.randomElement(using: &generator) ?? .null
        return CanonicalJSON.bytes(mutated(value, &left) { _, _ in part })
    }

    private mutating func mutated(_ original: JSONValue) -> JSONValue {
        var value = original
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            var left = Int.random(in: 0..<RuleFuzz.count(value), using: &generator)
            value = mutated(value, &left) { fuzz, value in fuzz.other(than: value) }
        }
        return value
    }

    private static func count(_ value: JSONValue) -> Int {
        switch value {
        case .array(let elements): elements.reduce(1) { $0 + count($1) }
        case .object(let object): object.members.reduce(1) { $0 + count($1.value) }
        default: 1
        }
    }

    /// The value with the part at position `left`, counted from the outside in, made another.
    private mutating func mutated(
        _ value: JSONValue, _ left: inout Int, by change: (inout Self, JSONValue) -> JSONValue
    ) -> JSONValue {
        if left == 0 {
            left = -1
            return change(&self, value)
        }
        left -= 1
        switch value {
        case .array(let elements):
            var result: [JSONValue] = []
            for element in elements { result.append(left >= 0 ? mutated(element, &left, by: change) : element) }
            return .array(result)
        case .object(let object):
            var members: [(name: String, value: JSONValue)] = []
            for member in object.members {
                members.append((member.name, left >= 0 ? mutated(member.value, &left, by: change) : member.value))
            }
            return .object(JSONObject(uniqueMembers: members))
        default: return value
        }
    }

    private mutating func other(than value: JSONValue) -> JSONValue {
        let part = parts.randomElement(using: &generator) ?? .null
        switch (value, Int.random(in: 0..<4, using: &generator)) {
        case (.number(let number), 0): return .number(number * Double.random(in: -3...3, using: &generator))
        case (.array(let elements), 0): return .array(elements + [part])
        case (.array(let elements), 1): return .array(elements.shuffled(using: &generator))
        case (.object(var object), 0):
            if let name = object.members.randomElement(using: &generator)?.name { object[name] = nil }
            return .object(object)
        case (.object(let object), 1):
            guard let name = object.members.randomElement(using: &generator)?.name else { return part }
            var changed = object
            changed[name] = part
            return .object(changed)
        case (_, 2): return .object(["!": .array([value])])
        default: return part
        }
    }

    // MARK: Using them

    /// Facts of a small life under the rules, ticks between; afterwards its conditions in every form.
    private mutating func decide(with rules: RuleSet) throws {
        let start = Timestamp(milliseconds: 1_790_000_000_000)
        let decider = Decider(
            ActiveRules(rules: rules, epoch: 1, activatedAt: start, starts: [:], projectZone: zone, zones: zones))
        var row = decider.newRow(customer: "c1", asOf: start)
        var clock = start
        for step in 0..<6 {
            clock = clock.advanced(byMilliseconds: Int64.random(in: 1...40, using: &generator) * 86_400_000 / 3)
            let (after, outcome) = decider.touch(row, facts: facts(at: clock, step, rules), clock: clock)
            row = after
            tally.decisions += outcome.decisions.count
        }
        try compareForms(rules, row, at: clock)
    }

    private mutating func facts(at clock: Timestamp, _ step: Int, _ rules: RuleSet) -> [Fact] {
        var values: [(name: String, value: JSONValue)] = []
        for attribute in rules.schema.attributes where Bool.random(using: &generator) {
            values.append((attribute.name, value(of: attribute.type)))
        }
        var facts: [Fact] = []
        if !values.isEmpty {
            facts.append(
                .attributes(
                    AttributeFact(
                        values: JSONObject(uniqueMembers: values), time: clock, receivedAt: clock, hasOwnTime: false)))
        }
        let types = ["purchase", "complaint.opened", "complaint.resolved", "survey.nps"] + rules.campaigns.map(\.name)
        for number in 0..<Int.random(in: 0...3, using: &generator) {
            facts.append(
                .event(
                    Event(
                        type: types.randomElement(using: &generator) ?? "purchase", source: "fuzz",
                        id: "e\(step)-\(number)",
                        time: clock.advanced(
                            byMilliseconds: -Int64.random(in: 0...200, using: &generator) * 86_400_000),
                        receivedAt: clock,
                        properties: [
                            "amount": .number(Double.random(in: -5...500, using: &generator)),
                            "score": .number(Double(Int.random(in: 0...10, using: &generator))),
                            "ticketId": .string("t\(Int.random(in: 0...2, using: &generator))"),
                        ])))
        }
        return facts
    }

    private mutating func value(of type: AttributeType) -> JSONValue {
        switch type {
        case .number: .number(Double(Int.random(in: -3...400, using: &generator)))
        case .boolean: .bool(Bool.random(using: &generator))
        case .date:
            .string("20\(Int.random(in: 10...29, using: &generator))-02-1\(Int.random(in: 0...9, using: &generator))")
        case .instant: .string("2026-0\(Int.random(in: 1...9, using: &generator))-11T08:00:00Z")
        case .ordinal(let words), .enumeration(let words): .string(words.randomElement(using: &generator) ?? "")
        case .consent: .string(Bool.random(using: &generator) ? "granted" : "denied")
        case .list: .array([.string("a"), .number(1)])
        case .birthday:
            .string(
                ["1990-02-29", "1992-02-29", "--02-29", "1970-01-01", "1985-12-31"].randomElement(using: &generator)
                    ?? "")
        case .zone:
            .string(["Asia/Shanghai", "America/New_York", "Mars/Olympus"].randomElement(using: &generator) ?? "")
        case .string, .language: .string(["", "x", "é", "l@example.com"].randomElement(using: &generator) ?? "")
        }
    }
}

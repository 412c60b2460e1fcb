import CareLogic
import CareValues
import Testing

/// Old facts folded into what they come to: nothing that looks at all time notices.
@Suite struct FactBaseTests {
    static let traits = #"""
        "count": { "count": { "event": "buy" } }, "amounts": { "count": { "event": "buy", "property": "amount" } },
        "countDay": { "count": { "event": "buy", "within": "P1D" } },
        "sum": { "sum": { "event": "buy", "property": "amount" } }, "avg": { "avg": { "event": "buy", "property": "amount" } },
        "min": { "min": { "event": "buy", "property": "amount" } }, "max": { "max": { "event": "buy", "property": "amount" } },
        "different": { "distinct": { "event": ["opened", "closed"], "property": "ticket" } },
        "big": { "count": { "event": "buy", "where": { ">": [{ "var": "event.amount" }, 20] } } },
        "first": { "first": { "event": "buy" } }, "last": { "last": { "event": "buy" } },
        "firstAmount": { "first": { "event": "buy", "property": "amount" } },
        "open": { "open": { "opened": "opened", "closed": "closed", "by": "ticket" } },
        "rfm": { "rfm": { "event": "buy", "property": "amount", "scores": { "recency": [1, 2, 3, 4], "frequency": [1, 2, 3, 4], "monetary": [1, 2, 3, 4] } } },
        "twice": { "value": { "*": [{ "var": "sum" }, 2] } }
        """#

    static func schema(_ traits: String = traits, attributes: String = "") throws -> Schema {
        let text = #"""
            {
              "attributes": { "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold"] }\#(attributes) },
              "traits": { \#(traits) }
            }
            """#
        let document = try JSONDocument(file: "schema.json", bytes: Array(text.utf8), limits: .ruleFile)
        var builder = SchemaBuilder()
        func members(_ name: String) -> [SchemaBuilder.Member] {
            document.root[name].map { $0.members.map { ($0.key, $0.value) } } ?? []
        }
        builder.add(attributes: members("attributes"), events: [], traits: members("traits"), segments: [])
        var diagnostics: [Diagnostic] = []
        let schema = builder.build(diagnostics: &diagnostics)
        #expect(diagnostics.isEmpty, "\(diagnostics.map { $0.rendered(colour: false) })")
        return try #require(schema)
    }

    /// The facts left when those before `cut` are folded that no window can count again at `now`.
    static func folded(_ facts: [Fact], before cut: Timestamp, at now: Timestamp, _ schema: Schema) throws -> [Fact] {
        func goes(_ fact: Fact) -> Bool {
            guard fact.time < cut, case .event(let event) = fact, let longest = schema.longestWindow(over: event.type)
            else { return fact.time < cut }
            return fact.time.advanced(byMilliseconds: longest) <= now
        }
        let base = try #require(FactBase(folding: facts.filter(goes), until: cut, schema: schema))
        return [base.fact] + facts.filter { !goes($0) }
    }

    @Test(arguments: [UInt64](1...100))
    func `attributes and traits are what they were, folded once and again`(seed: UInt64) throws {
        let schema = try Self.schema()
        let hour = FactCacheTests.hour
        let facts = FactCacheTests.facts(seed: seed).sorted { $0.receivedAt < $1.receivedAt }
        var random = SplitMix64(seed: seed &+ 77)
        let cuts = (0..<2).map { _ in Int64.random(in: 0...72, using: &random) }.sorted()
        let end = FactCacheTests.begin.advanced(byMilliseconds: 72 * hour)
        // What comes between two foldings, and after the last, is not too old.
        let first = facts.filter { $0.time < FactCacheTests.begin.advanced(byMilliseconds: cuts[1] * hour) }
        let later = facts.filter { $0.time >= FactCacheTests.begin.advanced(byMilliseconds: cuts[1] * hour) }
        var left = first
        for cut in cuts {
            let instant = FactCacheTests.begin.advanced(byMilliseconds: cut * hour)
            left = try Self.folded(left, before: instant, at: end, schema)
            // What is stored is read again.
            let base = try #require(left.first.flatMap { FactBase($0) })
            #expect(base.fact == left[0] && base.until == instant)
        }
        left += later
        let expected = FactCache.rebuilt(from: first + later, schema: schema)
        let got = FactCache.rebuilt(from: left.shuffled(using: &random), schema: schema)
        for wait in [0, 5 * hour, 40 * hour] {
            let now = end.advanced(byMilliseconds: wait)
            #expect(
                try FactCacheTests.values(got, schema, at: now) == FactCacheTests.values(expected, schema, at: now))
        }
        // What still comes is counted as before: of equal bytes nothing can differ later.
        var one = expected
        var other = got
        one.prune(now: end, schema: schema)
        other.prune(now: end, schema: schema)
        #expect(one == other)
    }

    @Test func `a trait and an attribute that rules add later say what they rest on`() throws {
        let begin = FactCacheTests.begin
        let old = try Self.schema(#""count": { "count": { "event": "buy" } }"#)
        let buy = { (number: Int64) in
            Fact.event(
                Event(
                    type: "buy", source: "s", id: "\(number)", time: begin.advanced(byMilliseconds: number),
                    receivedAt: begin.advanced(byMilliseconds: number), properties: ["amount": .number(10)]))
        }
        let facts =
            [
                .attributes(
                    AttributeFact(
                        values: ["tier": .string("gold"), "city": .string("Lyon")], time: begin, receivedAt: begin,
                        hasOwnTime: true))
            ] + (1...10).map(buy)
        let cut = begin.advanced(byMilliseconds: 6)
        let left = try Self.folded(facts, before: cut, at: cut, old)
        #expect(left.count == 6)
        // The same trait under another name, a new one, an attribute that was not declared then.
        let new = try Self.schema(
            #""purchases": { "count": { "event": "buy" } }, "sum": { "sum": { "event": "buy", "property": "amount" } }"#,
            attributes: #", "city": { "type": "string" }"#)
        let cache = FactCache.rebuilt(from: left, schema: new)
        func value(_ name: String) throws -> LogicValue {
            try new.trait(try #require(new.traitIndex(name)), in: cache, customer: "c", now: cut, zone: .utc).value
        }
        #expect(try value("purchases") == .number(10))
        #expect(try value("sum") == .number(50))
        #expect(cache.attribute(try #require(new.attributeIndex("city")), schema: new) == .string("Lyon"))
        let base = try #require(FactBase(left[0]))
        #expect(base.since(ofTrait: try #require(new.traitIndex("purchases")), schema: new) == nil)
        #expect(base.since(ofTrait: try #require(new.traitIndex("sum")), schema: new) == cut)
        // Folded once more under the new rules, it still says since when it counts.
        let second = begin.advanced(byMilliseconds: 9)
        let again = try Self.folded(left, before: second, at: second, new)
        let next = try #require(FactBase(again[0]))
        #expect(next.since(ofTrait: try #require(new.traitIndex("purchases")), schema: new) == nil)
        #expect(next.since(ofTrait: try #require(new.traitIndex("sum")), schema: new) == cut)
    }

    @Test func `other facts are no base`() {
        let event = { (type: String, source: String, properties: JSONObject) in
            Fact.event(
                Event(
                    type: type, source: source, id: "base", time: FactCacheTests.begin,
                    receivedAt: FactCacheTests.begin, properties: properties))
        }
        let whole: JSONObject = ["until": .number(5), "states": .object([:]), "attributes": .object([:])]
        #expect(FactBase(event("", "care.base", whole))?.until == Timestamp(milliseconds: 5))
        for other in [
            event("buy", "care.base", whole), event("", "shop", whole), event("", "care.base", [:]),
            event(
                "", "care.base",
                [
                    "until": .number(5), "attributes": .object([:]),
                    "states": .object(["a": .object(["state": .string("0g")])]),
                ]),
        ] {
            #expect(FactBase(other) == nil)
        }
    }
}

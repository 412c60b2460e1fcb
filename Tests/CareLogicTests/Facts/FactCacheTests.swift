import CareLogic
import CareValues
import Testing

/// The cache of facts is exact, whatever order they come in, and windows end where they say.
@Suite struct FactCacheTests {
    static let hour: Int64 = 3_600_000
    static let begin = Timestamp(milliseconds: 1_780_000_000_000)

    static func schema() throws -> Schema {
        let text = """
            {
              "attributes": { "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold"] }, "n": { "type": "number" } },
              "traits": {
                "count": { "count": { "event": "buy" } },
                "countDay": { "count": { "event": "buy", "within": "P1D" } },
                "sum": { "sum": { "event": "buy", "property": "amount" } },
                "sumDay": { "sum": { "event": "buy", "property": "amount", "within": "P1D" } },
                "big": { "count": { "event": "buy", "where": { ">": [{ "var": "event.amount" }, 20] } } },
                "first": { "first": { "event": "buy" } }, "last": { "last": { "event": "buy" } },
                "open": { "open": { "opened": "opened", "closed": "closed", "by": "ticket" } }
              }
            }
            """
        let document = try JSONDocument(file: "schema.json", bytes: Array(text.utf8), limits: .ruleFile)
        var builder = SchemaBuilder()
        func members(_ name: String) -> [SchemaBuilder.Member] {
            document.root[name].map { $0.members.map { ($0.key, $0.value) } } ?? []
        }
        builder.add(attributes: members("attributes"), events: [], traits: members("traits"), segments: [])
        var diagnostics: [Diagnostic] = []
        let schema = builder.build(diagnostics: &diagnostics)
        #expect(diagnostics.isEmpty)
        return try #require(schema)
    }

    static func facts(seed: UInt64) -> [Fact] {
        var random = SplitMix64(seed: seed)
        return (0..<Int.random(in: 5...40, using: &random)).map { number in
            let time = begin.advanced(byMilliseconds: Int64.random(in: 0...72, using: &random) * hour)
            // Receipts are unique per customer.
            let received = begin.advanced(byMilliseconds: 100 * hour + Int64(number))
            let event = { (type: String, properties: JSONObject) in
                Fact.event(
                    Event(
                        type: type, source: "s", id: "\(number)", time: time, receivedAt: received,
                        properties: properties))
            }
            switch Int.random(in: 0..<6, using: &random) {
            case 0: return event("opened", ["ticket": .string("T\(Int.random(in: 1...3, using: &random))")])
            case 1: return event("closed", ["ticket": .string("T\(Int.random(in: 1...3, using: &random))")])
            case 2:
                return .attributes(
                    AttributeFact(
                        values: ["tier": .string(["bronze", "silver", "gold"][Int.random(in: 0..<3, using: &random)])],
                        time: time, receivedAt: received, hasOwnTime: true))
            default: return event("buy", ["amount": .number(Double(Int.random(in: 1...4000, using: &random)) / 100)])
            }
        }
    }

    static func values(_ cache: FactCache, _ schema: Schema, at now: Timestamp) throws -> [LogicValue] {
        try schema.traits.indices.map { try schema.trait($0, in: cache, customer: "c1", now: now, zone: .utc).value }
            + [cache.attribute(try #require(schema.attributeIndex("tier")), schema: schema)]
    }

    @Test(arguments: [UInt64](1...200))
    func `any order of facts gives what a recomputation from scratch gives`(seed: UInt64) throws {
        let schema = try Self.schema()
        let facts = Self.facts(seed: seed)
        let now = Self.begin.advanced(byMilliseconds: 72 * Self.hour)
        let expected = try Self.values(.rebuilt(from: facts, schema: schema), schema, at: now)
        var random = SplitMix64(seed: seed &+ 1_000)
        var cache = FactCache(schema: schema)
        for fact in facts.shuffled(using: &random) {
            switch fact {
            case .event(let event): cache.apply(event, schema: schema)
            case .attributes(let fact): _ = cache.apply(fact, schema: schema)
            }
        }
        #expect(try Self.values(cache, schema, at: now) == expected)

        // The same from the events themselves, by words that share nothing with the cache.
        let buys = facts.compactMap { if case .event(let event) = $0, event.type == "buy" { event } else { nil } }
        let cents = { (events: [Event]) in
            events.reduce(0) { sum, event in
                guard case .number(let amount)? = event.properties["amount"] else { return sum }
                return sum + Int((amount * 100).rounded())
            }
        }
        let recent = buys.filter { $0.time <= now && now < $0.time.advanced(byMilliseconds: 24 * Self.hour) }
        func trait(_ name: String) throws -> LogicValue {
            try schema.trait(try #require(schema.traitIndex(name)), in: cache, customer: "c1", now: now, zone: .utc)
                .value
        }
        #expect(try trait("count") == .number(Double(buys.count)))
        #expect(try trait("countDay") == .number(Double(recent.count)))
        #expect(try trait("sum") == .number(Double(cents(buys)) / 100))
        #expect(try trait("sumDay") == .number(Double(cents(recent)) / 100))
        #expect(try trait("first") == buys.map(\.time).min().map(LogicValue.instant) ?? .missing)
        #expect(try trait("last") == buys.map(\.time).max().map(LogicValue.instant) ?? .missing)

        // Through the codec, and pruned: nothing changes.
        var writer = ByteWriter()
        cache.encode(into: &writer, schema: schema)
        var decoded = try writer.bytes.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes)
            return try FactCache.decode(from: &reader, schema: schema)
        }
        #expect(decoded == cache)
        decoded.prune(now: now, schema: schema)
        #expect(try Self.values(decoded, schema, at: now) == expected)
    }

    @Test(arguments: [UInt64](1...50))
    func `damaged bytes are refused or read, never a crash`(seed: UInt64) throws {
        let schema = try Self.schema()
        var writer = ByteWriter()
        FactCache.rebuilt(from: Self.facts(seed: seed), schema: schema).encode(into: &writer, schema: schema)
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            var bytes = writer.bytes
            if Bool.random(using: &random) {
                bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
            } else {
                bytes[Int.random(in: 8..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes.withUnsafeBytes { raw in
                var reader = ByteReader(raw)
                _ = try? FactCache.decode(from: &reader, schema: schema)
            }
        }
    }

    @Test(arguments: [(offset: 24 * hour - 1, count: 1.0), (offset: 24 * hour, count: 0.0)])
    func `an event is in a window of a day until a day later, that instant excluded`(
        offset: Int64, count: Double
    ) throws {
        let schema = try Self.schema()
        var cache = FactCache(schema: schema)
        cache.apply(
            Event(type: "buy", source: "s", id: "1", time: Self.begin, receivedAt: Self.begin, properties: [:]),
            schema: schema)
        let index = try #require(schema.traitIndex("countDay"))
        let now = Self.begin.advanced(byMilliseconds: offset)
        let evaluation = try schema.trait(index, in: cache, customer: "c1", now: now, zone: .utc)
        #expect(evaluation.value == .number(count))
        // It says when the event leaves.
        let end = Self.begin.advanced(byMilliseconds: 24 * Self.hour)
        #expect(evaluation.validUntil == (count == 1 ? end : .distantFuture))
    }
}

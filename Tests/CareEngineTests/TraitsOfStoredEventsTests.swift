import CareDecisions
import CareLogic
import CareStore
import CareValues
import Testing

/// Events that come late, out of order and twice leave the traits that each of them once, by its own time, gives.
@Suite struct TraitsOfStoredEventsTests {
    static let rules = #"""
        {
          "events": { "buy": { "properties": { "amount": { "type": "number" } } } },
          "traits": {
            "count": { "count": { "event": "buy" } },
            "spent30d": { "sum": { "event": "buy", "property": "amount", "within": "P30D" } },
            "before": { "sum": { "event": "buy", "property": "amount", "between": ["P60D", "P30D"] } },
            "less": { "value": { "<": [{ "var": "spent30d" }, { "var": "before" }] } },
            "stage": { "lifecycle": [{ "name": "less", "when": { "var": "less" } },
              { "name": "new", "when": { "<": [{ "count": { "event": "buy", "calendar": "month" } }, 3] } }] },
            "rfm": { "rfm": { "event": "buy", "property": "amount", "within": "P50D", "scores": {
              "recency": [3, 9, 20, 40], "frequency": [1, 2, 3, 5], "monetary": [10, 20, 40, 80] } } }
          },
          "campaigns": { "c": { "trigger": { "change": { "of": "stage" } },
            "actions": [{ "send": "crm", "type": "t", "data": { "stage": "{{entry.to}}" } }] } }
        }
        """#

    @Test(arguments: 1...20) func `late and repeated events count once, by their own time`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed &* 31)
        let begin = Timestamp(milliseconds: 1_780_000_000_000)
        let day: Int64 = 86_400_000
        let world = try EngineWorld(rules: Self.rules, at: begin)
        var now = begin
        var sent: [Event] = []
        for number in 0..<Int.random(in: 5...30, using: &random) {
            now = now.advanced(byMilliseconds: Int64.random(in: 1...(6 * day), using: &random))
            var event = Event(
                type: "buy", source: "pos", id: "\(number)",
                time: now.advanced(byMilliseconds: -Int64.random(in: 0...(40 * day), using: &random)), receivedAt: now,
                properties: ["amount": .number(Double(Int.random(in: -2...20, using: &random)))])
            // Some come again, with another body even: the first one counts.
            if let old = sent.randomElement(using: &random), Int.random(in: 0..<3, using: &random) == 0 {
                event = Event(
                    type: "buy", source: old.source, id: old.id, time: now, receivedAt: now,
                    properties: ["amount": .number(1_000)])
            } else {
                sent.append(event)
            }
            try world.receive([.event(event)], customer: "c1", at: now)
        }
        let end = now.advanced(byMilliseconds: Int64.random(in: 0...(40 * day), using: &random))
        try world.tick(at: end)
        let stored = try #require(try world.store.read { try $0.customer("c1") })
        let schema = world.rules.current.active.rules.schema
        let row = try stored.row.withUnsafeBytes { try RowCodec.decode($0, customer: "c1", schema: schema).row }
        let fresh = FactCache.rebuilt(from: sent.map(Fact.event), schema: schema)
        for index in schema.traits.indices {
            let found = try schema.trait(index, in: row.cache, customer: "c1", now: end, zone: world.zone)
            let expected = try schema.trait(index, in: fresh, customer: "c1", now: end, zone: world.zone)
            #expect(found == expected, "\(schema.traits[index].name)")
        }
        let count = try #require(schema.traitIndex("count"))
        let counted = try schema.trait(count, in: row.cache, customer: "c1", now: end, zone: world.zone).value
        #expect(counted == .number(Double(sent.count)))
    }
}

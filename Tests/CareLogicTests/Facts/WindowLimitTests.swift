import CareLogic
import CareValues
import Testing

/// More events than one window may count are an error with the trait's name, never a crash, and never another answer.
@Suite struct WindowLimitTests {
    static let text = #"""
        {
          "traits": {
            "count": { "count": { "event": "buy", "within": "P30D" } },
            "lastDay": { "count": { "event": "buy", "within": "P1D" } },
            "rfm": { "rfm": { "event": "buy", "property": "amount", "within": "P30D", "scores": {
              "recency": [1, 2, 3, 4], "frequency": [1, 2, 3, 4], "monetary": [1, 2, 3, 4] } } },
            "twice": { "value": { "*": [2, { "var": "count" }] } },
            "stage": { "lifecycle": [{ "name": "x", "when": { ">": [{ "var": "count" }, 1] } }] }
          },
          "segments": { "some": { ">": [{ "var": "twice" }, 1] } }
        }
        """#

    @Test func `a hundred thousand events are counted, one more is an error of every trait that counts them`() throws {
        let schema = try schema(Self.text)
        let begin = Timestamp(milliseconds: 1_780_000_000_000)
        var cache = FactCache(schema: schema)
        func add(_ number: Int) {
            let time = begin.advanced(byMilliseconds: Int64(number) * 1_000)
            cache.apply(
                Event(
                    type: "buy", source: "s", id: "\(number)", time: time, receivedAt: time,
                    properties: ["amount": .number(2)]), schema: schema)
        }
        func value(_ name: String, after seconds: Int) -> Result<LogicValue, any Error> {
            Result {
                let now = begin.advanced(byMilliseconds: Int64(seconds) * 1_000)
                let index = try #require(schema.traitIndex(name))
                return try schema.trait(index, in: cache, customer: "c", now: now, zone: .utc).value
            }
        }
        func error(_ name: String, after seconds: Int) -> LogicError? {
            if case .failure(let error) = value(name, after: seconds) { error as? LogicError } else { nil }
        }
        let limit = LogicLimits.windowedEvents
        for number in 0..<limit { add(number) }
        #expect(try value("count", after: limit).get() == .number(Double(limit)))
        #expect(try value("twice", after: limit).get() == .number(Double(2 * limit)))
        #expect(try value("rfm.code", after: limit).get() == .string("555"))

        add(limit)
        #expect(error("count", after: limit) == .limitExceeded(trait: "count"))
        #expect(error("twice", after: limit) == .limitExceeded(trait: "count"))
        #expect(error("stage", after: limit) == .limitExceeded(trait: "count"))
        #expect(error("rfm.group", after: limit) == .limitExceeded(trait: "rfm.group"))
        // A shorter window over the same list counts fewer.
        #expect(try value("lastDay", after: limit).get() == .number(86_400))
        let context = EvaluationContext(
            schema: schema, cache: cache, customer: "c", now: begin.advanced(byMilliseconds: Int64(limit) * 1_000),
            zone: .utc)
        #expect(throws: LogicError.limitExceeded(trait: "count")) { try schema.segment(0, context) }

        // When the first has left the window the rest is counted again.
        let month = 30 * 86_400
        #expect(try value("count", after: month).get() == .number(Double(limit)))
        cache.prune(now: begin.advanced(byMilliseconds: Int64(month) * 1_000), schema: schema)
        #expect(try cache.throughCodec(schema) == cache)
    }
}

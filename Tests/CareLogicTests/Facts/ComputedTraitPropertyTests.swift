import CareCalendar
import CareLogic
import CareValues
import Testing

/// Values, lifecycles and scores equal a straightforward recomputation from the raw facts, and turn where it turns: every
/// instant at which they may be another is told, from both sides.
@Suite struct ComputedTraitPropertyTests {
    static let text = """
        {
          "attributes": { "goal": { "type": "number" } },
          "traits": {
            "spent": { "sum": { "event": "buy", "property": "amount", "within": "P30D" } },
            "less": { "value": { "<": [{ "var": "spent" },
              { "*": [0.5, { "sum": { "event": "buy", "property": "amount", "between": ["P60D", "P20D"] } }] }] } },
            "gap": { "value": { "-": [{ "var": "goal" }, { "count": { "event": ["buy", "visit"], "calendar": "month" } }] } },
            "stage": { "lifecycle": [
              { "name": "none", "when": { "==": [{ "count": { "event": "buy" } }, 0] } },
              { "name": "asleep", "when": { ">": [{ "days_since": [{ "last": { "event": "buy" } }] }, 20] } },
              { "name": "big", "when": { "and": [{ "segment": "able" }, { ">=": [{ "var": "spent" }, 20] }] } },
              { "name": "busy", "when": { "<": [{ "var": "gap" }, 1] } }] },
            "word": { "value": { "if": [{ "var": "less" }, "less", { "var": "stage" }] } },
            "lately": { "rfm": { "event": ["buy", "visit"], "property": "amount", "within": "P45D", "scores": {
              "recency": [2, 5, 11, 25], "frequency": [1, 2, 3, 5], "monetary": [0, 10, 30, 60] } } },
            "ever": { "rfm": { "event": "buy", "property": "amount", "scores": "quantiles" } }
          },
          "segments": { "able": { ">": [{ "var": "goal" }, 2] } }
        }
        """
    static let shared = Result {
        let schema = try schema(text)
        let ever = try #require(schema.rfmDefinitions.first { $0.name == "ever" })
        return schema.scoring(
            by: CutPointSet(
                version: 1,
                entries: [
                    CutPointSet.Entry(
                        trait: "ever", fingerprint: ever.fingerprint, asOf: .distantPast, customers: 9,
                        points: RFMCutPoints(
                            recency: [1, 10, 50, 300], frequency: [1, 3, 6, 12], monetary: [-1, 20, 80, 200]))
                ]))
    }
    static let names =
        ["less", "gap", "stage", "word"]
        + ["lately", "ever"].flatMap { name in ["r", "f", "m", "code", "group"].map { "\(name).\($0)" } }

    /// One customer as the recomputation sees it.
    struct Raw {
        var events: [RawEvent]
        var goal: Int?
        var zone: Zone
        static let day: Int64 = 86_400_000

        func age(_ event: RawEvent, _ now: Timestamp) -> Int64 { now.milliseconds - event.time.milliseconds }

        func cents(_ now: Timestamp, from youngest: Int64, until oldest: Int64, types: [String] = ["buy"]) -> [RawEvent]
        {
            events.filter {
                types.contains($0.type) && $0.cents != nil && age($0, now) >= youngest * Self.day
                    && age($0, now) < oldest * Self.day
            }
        }

        func value(_ name: String, at now: Timestamp) -> LogicValue {
            func sum(_ events: [RawEvent]) -> Int { events.compactMap(\.cents).reduce(0, +) }
            var spent: Int { sum(cents(now, from: 0, until: 30)) }
            var isLess: Bool { 2 * spent < sum(cents(now, from: 20, until: 60)) }
            var gap: Int? {
                goal.map { $0 - events.count { RawWindow.month.counts($0, at: now, zone: zone) } }
            }
            func days(_ newest: Timestamp) -> Int {
                Int(zone.date(at: now).dayNumber) - Int(zone.date(at: newest).dayNumber)
            }
            var stage: LogicValue {
                let buys = events.filter { $0.type == "buy" && age($0, now) >= 0 }
                guard let last = buys.map(\.time).max() else { return .string("none") }
                if days(last) > 20 { return .string("asleep") }
                if let goal, goal > 2, spent >= 2_000 { return .string("big") }
                return gap.map { $0 < 1 } == true ? .string("busy") : .missing
            }
            switch name {
            case "less": return .bool(isLess)
            case "gap": return gap.map { .number(Double($0)) } ?? .missing
            case "stage": return stage
            case "word": return isLess ? .string("less") : stage
            default: break
            }
            let isLately = name.hasPrefix("lately")
            let items =
                isLately
                ? cents(now, from: 0, until: 45, types: ["buy", "visit"]) : cents(now, from: 0, until: 1_000_000)
            guard let newest = items.map(\.time).max() else { return .missing }
            let recency = 1 + (isLately ? [2, 5, 11, 25] : [1, 10, 50, 300]).count { days(newest) < $0 }
            let frequency = 1 + (isLately ? [1, 2, 3, 5] : [1, 3, 6, 12]).count { items.count > $0 }
            let monetary = 1 + (isLately ? [0, 10, 30, 60] : [-1, 20, 80, 200]).count { sum(items) > $0 * 100 }
            switch name.split(separator: ".").last {
            case "r": return .number(Double(recency))
            case "f": return .number(Double(frequency))
            case "m": return .number(Double(monetary))
            case "code": return .string("\(recency)\(frequency)\(monetary)")
            default:
                let group = RFMGroup(recency: recency, frequency: frequency, monetary: monetary)
                return .string(group.rawValue)
            }
        }
    }

    @Test(arguments: seeds(1_000))
    func `what is computed equals a recomputation, and every turn is told at its instant`(seed: UInt64) throws {
        let schema = try Self.shared.get()
        var random = SplitMix64(seed: seed &* 104_729)
        let zone = try #require(TraitPropertyTests.zones.randomElement(using: &random))
        let life = RawEvent.life(seed: seed &+ 50_000, begin: TraitPropertyTests.begin)
        var cache = FactCache(schema: schema)
        var raw = Raw(events: [], goal: nil, zone: zone)
        let look = Int.random(in: 0..<life.count, using: &random)

        for (position, event) in life.enumerated() {
            if Int.random(in: 0..<4, using: &random) == 0 {
                let goal = Int.random(in: 0...4, using: &random)
                raw.goal = goal
                let fact = AttributeFact(
                    values: ["goal": .number(Double(goal))], time: event.received, receivedAt: event.received,
                    hasOwnTime: false)
                _ = cache.apply(fact, schema: schema)
            }
            cache.apply(event.fact, schema: schema)
            raw.events.append(event)
            guard position == look else { continue }
            if Bool.random(using: &random) { cache.prune(now: event.received, schema: schema) }
            cache = try cache.throughCodec(schema)
            for name in Self.names.shuffled(using: &random).prefix(2) {
                let index = try #require(schema.traitIndex(name))
                try follow(name, from: event.received) {
                    try schema.trait(index, in: cache, customer: "c", now: $0, zone: zone)
                } against: {
                    raw.value(name, at: $0)
                }
            }
        }
    }

    /// Goes from turn to turn for 100 days: at each the value is right, and right before it.
    private func follow(
        _ name: String, from start: Timestamp, _ found: (Timestamp) throws -> Evaluation,
        against raw: (Timestamp) -> LogicValue
    ) throws {
        var now = start
        let end = start.advanced(byMilliseconds: 100 * Raw.day)
        var steps = 0
        while now < end {
            let evaluation = try found(now)
            try #require(evaluation.value == raw(now), "\(name) at \(now.iso8601)")
            try #require(evaluation.validUntil > now, "\(name) at \(now.iso8601)")
            let until = min(evaluation.validUntil, end)
            let length = until.milliseconds - now.milliseconds
            for probe in [now.advanced(byMilliseconds: length / 2), until.advanced(byMilliseconds: -1)] {
                try #require(
                    raw(probe) == evaluation.value,
                    "\(name) of \(now.iso8601) at \(probe.iso8601) before \(until.iso8601)")
            }
            // A score says exactly when it turns, not only when it may.
            if name.contains("."), evaluation.validUntil < end {
                try #require(
                    raw(evaluation.validUntil) != evaluation.value, "\(name) does not turn at \(until.iso8601)")
            }
            now = until
            steps += 1
            try #require(steps < 1_000, "\(name) is said to turn all the time")
        }
    }
}

import CareCalendar
import CareLogic
import CareValues
import Testing

/// Every aggregate with every window equals a straightforward recomputation from the raw events, at any instant, and
/// keeps its value as long as it says.
@Suite struct TraitPropertyTests {
    /// A trait, and the same from the events that count.
    struct Sample {
        var name: String
        var json: String
        var window: RawWindow
        var types: [String]
        var value: @Sendable ([RawEvent]) -> LogicValue
    }

    static let samples: [Sample] = {
        typealias Make = (String, String, [String], @Sendable ([RawEvent]) -> LogicValue)
        let number = { @Sendable (value: Double?) -> LogicValue in value.map(LogicValue.number) ?? .missing }
        let kinds: [Make] = [
            ("count", #""event": "buy""#, ["buy"], { .number(Double($0.count)) }),
            (
                "count", #""event": ["buy", "visit"], "property": "sku""#, ["buy", "visit"],
                { .number(Double($0.filter { $0.sku != nil }.count)) }
            ),
            (
                "count", #""event": "buy", "where": { ">": [{ "var": "event.amount" }, 20] }"#, ["buy"],
                { .number(Double($0.filter { ($0.cents ?? 0) > 2_000 }.count)) }
            ),
            (
                "sum", #""event": "buy", "property": "amount""#, ["buy"],
                { .number(Double($0.compactMap(\.cents).reduce(0, +)) / 100) }
            ),
            (
                "avg", #""event": "buy", "property": "amount""#, ["buy"],
                {
                    let cents = $0.compactMap(\.cents)
                    return cents.isEmpty ? .missing : .number(Double(cents.reduce(0, +)) / 100 / Double(cents.count))
                }
            ),
            (
                "min", #""event": "buy", "property": "amount""#, ["buy"],
                { number($0.compactMap(\.cents).min().map { Double($0) / 100 }) }
            ),
            (
                "max", #""event": ["visit", "buy"], "property": "amount""#, ["buy", "visit"],
                { number($0.compactMap(\.cents).max().map { Double($0) / 100 }) }
            ),
            (
                "min", #""event": "visit", "property": "due""#, ["visit"],
                { $0.compactMap(\.due).min().map(LogicValue.date) ?? .missing }
            ),
            (
                "max", #""event": "visit", "property": "rank""#, ["visit"],
                { $0.compactMap(\.rank).max().map { .string(RawEvent.ranks[$0]) } ?? .missing }
            ),
            (
                "distinct", #""event": "buy", "property": "sku""#, ["buy"],
                { .number(Double(Set($0.compactMap(\.sku)).count)) }
            ),
            (
                "first", #""event": "buy""#, ["buy"],
                { $0.map(\.time).min().map(LogicValue.instant) ?? .missing }
            ),
            ("last", #""event": "buy""#, ["buy"], { $0.map(\.time).max().map(LogicValue.instant) ?? .missing }),
            (
                "first", #""event": "buy", "property": "sku""#, ["buy"],
                {
                    $0.filter { $0.sku != nil }.min { ($0.time, $0.received) < ($1.time, $1.received) }?.sku
                        .map(LogicValue.string) ?? .missing
                }
            ),
            (
                "last", #""event": "buy", "property": "amount""#, ["buy"],
                {
                    number(
                        $0.filter { $0.cents != nil }.max { ($0.time, $0.received) < ($1.time, $1.received) }?.cents
                            .map { Double($0) / 100 })
                }
            ),
        ]
        return kinds.enumerated().flatMap { position, kind in
            RawWindow.allCases.map { window in
                Sample(
                    name: "\(kind.0)-\(position)-\(window)", json: "{ \"\(kind.0)\": { \(kind.1)\(window.json) } }",
                    window: window, types: kind.2, value: kind.3)
            }
        }
    }()

    static let text = """
        {
          "events": { "visit": { "properties": { "due": { "type": "date" }, "rank": { "type": "ordinal", "values": ["low", "mid", "high"] } } } },
          "traits": { \(samples.map { "\"\($0.name)\": \($0.json)" }.joined(separator: ", ")) }
        }
        """
    static let shared = Result { try schema(text) }
    static let zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC"]
        .compactMap { SystemZones().zone(named: $0) }
    static let begin = Timestamp(milliseconds: 1_735_000_000_000)

    @Test(arguments: seeds(1_000))
    func `every trait equals a recomputation from the raw events, and holds as long as it says`(seed: UInt64) throws {
        let schema = try Self.shared.get()
        let indexes = try Self.samples.map { try #require(schema.traitIndex($0.name)) }
        var random = SplitMix64(seed: seed &* 7_919)
        let zone = try #require(Self.zones.randomElement(using: &random))
        let life = RawEvent.life(seed: seed, begin: Self.begin)
        var cache = FactCache(schema: schema)
        var known: [RawEvent] = []
        let looks = Set((0..<3).map { _ in Int.random(in: 0..<life.count, using: &random) })

        for (position, event) in life.enumerated() {
            cache.apply(event.fact, schema: schema)
            known.append(event)
            guard looks.contains(position) else { continue }
            if Bool.random(using: &random) { cache = try cache.throughCodec(schema) }
            // Right at the receipt, or some time after.
            let wait = Bool.random(using: &random) ? 0 : Int64.random(in: 0...(90 * 86_400_000), using: &random)
            let now = event.received.advanced(byMilliseconds: wait)
            if Bool.random(using: &random) {
                // What is pruned must not be missed later; what comes late is put in all the same.
                cache.prune(now: event.received, schema: schema)
            }
            for (sample, index) in zip(Self.samples, indexes) {
                func raw(at instant: Timestamp) -> LogicValue {
                    sample.value(
                        known.filter {
                            sample.types.contains($0.type) && sample.window.counts($0, at: instant, zone: zone)
                        })
                }
                let found = try schema.trait(index, in: cache, customer: "c", now: now, zone: zone)
                #expect(found.value == raw(at: now), "\(sample.name) at \(now.iso8601)")
                #expect(found.validUntil > now, "\(sample.name)")
                let end = min(found.validUntil, now.advanced(byMilliseconds: 800 * 86_400_000))
                for probe in [
                    Int64.random(in: now.milliseconds..<end.milliseconds, using: &random), end.milliseconds - 1,
                ] {
                    let instant = Timestamp(milliseconds: probe)
                    #expect(
                        raw(at: instant) == found.value,
                        "\(sample.name) of \(now.iso8601) at \(instant.iso8601) before \(end.iso8601)")
                }
            }
        }
        // Whatever order they come in, and again from the facts: the same cache, duplicates being kept out before.
        var shuffled = FactCache(schema: schema)
        for event in life.shuffled(using: &random) { shuffled.apply(event.fact, schema: schema) }
        let rebuilt = FactCache.rebuilt(from: life.map { .event($0.fact) }, schema: schema)
        let end = try #require(life.last).received
        shuffled.prune(now: end, schema: schema)
        var pruned = rebuilt
        pruned.prune(now: end, schema: schema)
        #expect(shuffled == pruned)
        #expect(try pruned.throughCodec(schema) == pruned)
    }
}

import CareLogic
import CareValues

/// Draws rules and customers from a seed.
struct Generator {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    // MARK: Values

    static let numbers: [Double] = [
        0, -0.0, 1, -1, 2, 3, 5, 6, 10, 18, 30, 90, 180, 365, 0.1, 0.2, 0.3, 1.5, -2.5, 1e16, 9_007_199_254_740_992,
        1e308, -1e308, .leastNonzeroMagnitude, 1e-7, 123456.789,
    ]
    static let texts = [
        "", "a", "abc", "b", "\u{E9}", "\u{E9}", "e\u{301}", "😀", "👩‍👩‍👧", "日本語", "\u{0}", "ß", "İ", "gold", "silver",
        "low", "high",
        "10", "true", "2026-01-01", "2024-02-29", "--02-29", "1990-05-17", "2026-03-29T02:30:00+01:00",
        "2026-01-01T00:00:00Z", "\u{FEFF}x", "Köln", "北京", "\u{10FFFF}", "granted",
    ]
    static let zoneNames = [
        "UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Pacific/Apia",
        "Asia/Kathmandu", "America/Sao_Paulo", "Africa/Cairo", "Pacific/Kiritimati",
    ]
    /// Changes of clocks, leap days, year ends, a day that Apia skipped, the ends of time.
    static let instants = [
        "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z",
        "2024-02-29T12:00:00Z", "2025-02-28T23:59:59.999Z", "2025-03-01T00:00:00Z", "2026-01-01T00:00:00Z",
        "2025-12-31T23:59:59.999Z", "2011-12-30T10:00:00Z", "2026-04-04T15:00:00Z", "2018-11-04T03:00:00Z",
        "1970-01-01T00:00:00Z", "2099-12-31T12:00:00Z", "2000-02-29T00:00:00Z", "2026-06-15T10:20:30.456Z",
        "2026-04-23T22:00:00Z",
    ].compactMap { Timestamp(iso8601: $0) }
    static let dates = [
        "2024-02-29", "2000-02-29", "2025-02-28", "2026-03-01", "2025-12-31", "2026-01-01", "1900-01-01", "0001-01-01",
        "9999-12-31", "1970-01-01", "2011-12-30", "2026-10-25", "1990-05-17",
    ]

    mutating func number() -> Double {
        chance(50) ? pick(Self.numbers) : (Double.random(in: -50...400, using: &random) * 4).rounded() / 4
    }

    mutating func instant() -> Timestamp {
        let shifts: [Int64] = [0, -1, 1, 3_600_000, -3_600_000, 86_400_000, -86_400_000, 7 * 86_400_000, 43_200_000]
        let shift = chance(70) ? pick(shifts) : Int64.random(in: -40_000_000_000...40_000_000_000, using: &random)
        return pick(Self.instants).advanced(byMilliseconds: shift)
    }

    /// Mostly near `now`, at the edges of what conditions ask for.
    mutating func instant(near now: Timestamp) -> Timestamp {
        if chance(20) { return instant() }
        let days: [Int64] = [0, 1, 2, 6, 7, 8, 29, 30, 31, 89, 90, 91, 180, 365, 400]
        let shift = pick(days) * 86_400_000 + pick([0, 0, -1, 1, 3_600_000, -7_200_000, 40_000_000])
        return now.advanced(byMilliseconds: chance(75) ? -shift : shift)
    }

    mutating func date(near now: Timestamp) -> String {
        if chance(35) { return pick(Self.dates) }
        let text = Zone.utc.date(at: instant(near: now)).text
        return text.utf8.count == 10 ? text : "2026-01-01"
    }

    mutating func json(depth: Int = 2) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(chance(50))
        case 2, 3: return .number(number())
        case 4, 5: return .string(pick(Self.texts))
        case 6, 7:
            return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in json(depth: depth - 1) })
        default:
            return .object(["x": json(depth: depth - 1), "y": json(depth: depth - 1)])
        }
    }

    // MARK: Customers

    mutating func customer() throws -> RuleWorld.Customer {
        let now = instant()
        var attributes = JSONObject()
        for name in ["n", "m"] where chance(65) {
            attributes[name] = .number(chance(4) ? pick([.nan, .infinity, -.infinity]) : number())
        }
        for name in ["s", "t"] where chance(65) { attributes[name] = .string(pick(Self.texts)) }
        for name in ["flag", "opted"] where chance(60) { attributes[name] = .bool(chance(50)) }
        for name in ["on", "due"] where chance(65) { attributes[name] = .string(date(near: now)) }
        if chance(65) { attributes["at"] = .string(instant(near: now).iso8601) }
        if chance(70) {
            let date = date(near: now)
            attributes["born"] = .string(chance(25) ? "-" + date.dropFirst(4) : date)
            if chance(40), let lunar = CivilDate(text: date).flatMap({ ChineseCalendar.date(of: $0) })?.text {
                attributes["born"] = .string("chinese:" + (chance(40) ? "-" + lunar.dropFirst(4) : lunar))
            }
        }
        let tiers = ["bronze", "silver", "gold", "platinum"]
        for name in ["tier", "rank"] where chance(65) { attributes[name] = .string(pick(tiers)) }
        if chance(60) { attributes["city"] = .string(pick(["Köln", "北京", "gold"])) }
        if chance(60) { attributes["mail"] = .string(pick(["granted", "denied"])) }
        if chance(60) { attributes["tags"] = .array((0..<pick([0, 1, 2, 3, 5])).map { _ in json() }) }
        // Now and then a value that does not fit its type, or null.
        if chance(10) { attributes[pick(attributes.members.map(\.name) + ["n"])] = chance(50) ? .null : json() }

        var events: [Event] = []
        for index in 0..<pick([0, 1, 2, 4, 8]) {
            var time = instant(near: now)
            if time > now { time = now.advanced(byMilliseconds: -Int64(index)) }
            events.append(event(index, time))
        }
        let id = pick(["c1", "客户", "a\u{301}", "1", "x/y", "\u{1F600}"])
        guard let zone = RuleWorld.zones.zone(named: pick(Self.zoneNames)) else {
            throw RuleWorld.Refused(text: "zone")
        }
        return RuleWorld.Customer(
            id: id, attributes: attributes, events: events, now: now, zone: zone,
            hasEvent: !events.isEmpty && chance(60),
            entry: chance(70) ? ["x": json(), "amount": .number(number()), "y": json()] : nil)
    }

    private mutating func event(_ index: Int, _ time: Timestamp) -> Event {
        var properties = JSONObject()
        let type = pick(["buy", "buy", "buy", "refund", "visit", "opened", "closed"])
        if chance(80) { properties["amount"] = chance(10) ? json() : .number(number()) }
        if chance(60) { properties["kind"] = .string(pick(["low", "mid", "high", "none"])) }
        if chance(60) {
            properties["when"] = .string(chance(50) ? date(near: time) : instant(near: time).iso8601)
        }
        if chance(60) { properties["note"] = .string(pick(Self.texts)) }
        if chance(60) { properties["x"] = chance(60) ? ["y": json()] : json() }
        if chance(80) { properties["id"] = pick(["1", "2", .number(1), "é"]) }
        return Event(
            type: type, source: "/s", id: "e\(index)", time: time,
            receivedAt: time.advanced(byMilliseconds: Int64(index)), properties: properties)
    }
}

import CareLogic
import CareValues

/// An event as a recomputation from scratch sees it: nothing of the cache, nothing of its plan.
struct RawEvent {
    var id: Int
    var type: String
    var time: Timestamp
    var received: Timestamp
    var cents: Int?
    var sku: String?
    var due: CivilDate?
    var rank: Int?

    static let ranks = ["low", "mid", "high"]

    var fact: Event {
        var properties = JSONObject()
        if let cents { properties["amount"] = .number(Double(cents) / 100) }
        if let sku { properties["sku"] = .string(sku) }
        if let due { properties["due"] = .string(due.text) }
        if let rank { properties["rank"] = .string(RawEvent.ranks[rank]) }
        return Event(
            type: type, source: "s", id: "\(id)", time: time, receivedAt: received, properties: properties)
    }

    /// Events of one customer over about 400 days, some late, some without properties; by receipt.
    static func life(seed: UInt64, begin: Timestamp) -> [RawEvent] {
        var random = SplitMix64(seed: seed)
        let day: Int64 = 86_400_000
        var received = begin
        return (0..<Int.random(in: 2...40, using: &random)).map { id in
            received = received.advanced(byMilliseconds: Int64.random(in: 1...(20 * day), using: &random))
            // Often at once; often on a round instant, where windows begin and end; sometimes weeks late.
            var time = received
            switch Int.random(in: 0..<4, using: &random) {
            case 0: time = received.advanced(byMilliseconds: -Int64.random(in: 0...(50 * day), using: &random))
            case 1: time = Timestamp(milliseconds: received.milliseconds / day * day)
            default: break
            }
            let hasProperties = Int.random(in: 0..<6, using: &random) > 0
            return RawEvent(
                id: id, type: Bool.random(using: &random) ? "buy" : "visit", time: time, received: received,
                cents: hasProperties ? Int.random(in: -500...4_000, using: &random) : nil,
                sku: hasProperties ? ["a", "b", "c", "d"][Int.random(in: 0..<4, using: &random)] : nil,
                due: hasProperties ? CivilDate(dayNumber: Int32.random(in: 20_000...20_005, using: &random)) : nil,
                rank: hasProperties ? Int.random(in: 0..<3, using: &random) : nil)
        }
    }
}

/// When an event counts, said again in words that share nothing with the program's.
enum RawWindow: CaseIterable {
    case always, within30, between60and20, day, week, month, quarter, year

    var json: String {
        switch self {
        case .always: ""
        case .within30: #", "within": "P30D""#
        case .between60and20: #", "between": ["P60D", "P20D"]"#
        default: #", "calendar": "\#(self)""#
        }
    }

    func counts(_ event: RawEvent, at now: Timestamp, zone: Zone) -> Bool {
        let age = now.milliseconds - event.time.milliseconds
        let day: Int64 = 86_400_000
        switch self {
        case .always: return age >= 0
        case .within30: return age >= 0 && age < 30 * day
        case .between60and20: return age >= 20 * day && age < 60 * day
        default: return age >= 0 && label(event.time, zone) == label(now, zone)
        }
    }

    /// Two instants with the same label lie in the same period.
    private func label(_ instant: Timestamp, _ zone: Zone) -> String {
        let date = zone.date(at: instant)
        let (year, month, _) = date.components
        switch self {
        case .day: return date.text
        // 1970-01-05 was a Monday.
        case .week: return "\(Int((Double(date.dayNumber) - 4) / 7 + 1_000_000))"
        case .month: return "\(year)-\(month)"
        case .quarter: return "\(year)-\((month + 2) / 3)"
        default: return "\(year)"
        }
    }
}

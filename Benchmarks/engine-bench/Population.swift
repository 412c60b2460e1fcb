import CareValues
import Foundation

/// A made-up population: every value of row `index` is a function of the seed, the row and the column alone.
struct Population {
    static let now = Timestamp(iso8601: "2026-06-15T09:00:00.000Z") ?? .distantPast
    static let today: Int32 = 20_619
    static let tiers = ["bronze", "silver", "gold", "platinum"]
    static let countries = [
        "US", "DE", "FR", "GB", "ES", "IT", "PL", "NL", "BE", "AT", "CH", "SE", "DK", "NO", "FI", "IE", "PT", "CZ",
        "GR", "HU", "RO", "TR", "BR", "JP",
    ]
    private static let countryCuts: [Double] = {
        let weights = (0..<24).map { 1 / (Double($0) + 1.5) }
        let total = weights.reduce(0, +)
        var sum = 0.0
        return weights.dropLast().map { weight in
            sum += weight / total
            return sum
        }
    }()

    /// Uniform in `[0, 1)`: SplitMix64's finaliser over seed, row and column.
    static func uniform(_ row: Int, _ column: UInt64) -> Double {
        var z = (UInt64(row) &+ 1) &* 0x9E37_79B9_7F4A_7C15
        z = z &+ column &* 0xD1B5_4A32_D192_ED03 &+ 20_260_615 &* 0x2545_F491_4F6C_DD1D
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        z = z ^ (z >> 31)
        return Double(z >> 11) / 9_007_199_254_740_992
    }

    private static func exponential(_ row: Int, _ column: UInt64) -> Double { -log1p(-uniform(row, column)) }

    static func id(_ row: Int) -> String { "c" + String(row + 1) }

    /// The facts of one customer: its attributes, its last purchase, its last login.
    static func facts(_ row: Int) -> [Fact] {
        let tier = [0.55, 0.82, 0.95].firstIndex { uniform(row, 1) < $0 } ?? 3
        let country = countryCuts.firstIndex { uniform(row, 2) < $0 } ?? 23
        var values: JSONObject = [
            "tier": .string(tiers[tier]), "country": .string(countries[country]),
            "city": .string(countries[country] + "-" + String(Int(pow(uniform(row, 3), 1.5) * 8))),
            "openComplaints": .number(uniform(row, 17) < 0.9 ? 0 : Double(1 + Int(exponential(row, 18) * 0.7))),
            "consentEmail": .bool(uniform(row, 19) < 0.72),
            "vip": .bool(uniform(row, 20) < [0.02, 0.02, 0.2, 0.6][tier]),
        ]
        if uniform(row, 6) >= 0.03 {
            let year = Int(1940 + pow(uniform(row, 4), 0.8) * 67)
            let day = CivilDate(year: 2025, month: 1, day: 1)?.advanced(byDays: Int(uniform(row, 5) * 365))
            if let day {
                let parts = day.components
                values["birthday"] = .string(CivilDate(year: year, month: parts.month, day: parts.day)?.text ?? "")
            }
        }
        var facts: [Fact] = []
        let ago = min(Int(exponential(row, 8) * 70), 1500)
        let hasBought = uniform(row, 7) >= 0.08
        let orders = hasBought && ago <= 90 ? 1 + Int(exponential(row, 13) * 2.2) : 0
        values["orders90d"] = .number(Double(orders))
        values["spend90d"] = .number((Double(orders) * (10 + exponential(row, 14) * 45) * 100).rounded() / 100)
        if uniform(row, 15) >= 0.4 { values["nps"] = .number(Double(Int(11 * pow(uniform(row, 16), 0.55)))) }
        facts.append(.attributes(AttributeFact(values: values, time: now, receivedAt: now, hasOwnTime: true)))
        if hasBought {
            let amount = (5 + exponential(row, 14) * 45) * 100
            facts.append(event("purchase", row, daysAgo: ago, second: uniform(row, 9), amount: amount.rounded() / 100))
        }
        if uniform(row, 10) >= 0.02 {
            facts.append(
                event(
                    "login", row, daysAgo: min(Int(exponential(row, 11) * 25), 900), second: uniform(row, 12),
                    amount: nil))
        }
        return facts
    }

    /// The history of one customer: its attributes at its beginning, then ten events over so many days, of the kinds of
    /// ``events(_:customers:from:)``, in their order.
    static func history(_ row: Int, days: Int) -> [Fact] {
        let start = now.advanced(byMilliseconds: -Int64(days) * 86_400_000)
        let length = Double(days) * 86_400_000
        var facts: [Fact] = []
        if case .attributes(var attributes)? = self.facts(row).first {
            (attributes.time, attributes.receivedAt) = (start, start)
            facts.append(.attributes(attributes))
        }
        let times = (0..<10).map { Int64(uniform(row, 40 + UInt64($0)) * length) }.sorted()
        for (index, time) in times.enumerated() {
            let type = eventType(uniform(row, 60 + UInt64(index)))
            let isPaid = type == "purchase" || type == "refund"
            let amount = (5 + exponential(row, 80 + UInt64(index)) * 45).rounded()
            let instant = start.advanced(byMilliseconds: time)
            facts.append(
                .event(
                    Event(
                        type: type, source: "gen", id: "\(row)-\(index)", time: instant, receivedAt: instant,
                        properties: isPaid ? ["amount": .number(amount)] : [:])))
        }
        return facts
    }

    /// An event's type, by a number in `[0, 1)`.
    private static func eventType(_ kind: Double) -> String {
        kind < 0.55
            ? "login" : kind < 0.85 ? "purchase" : kind < 0.93 ? "support" : kind < 0.97 ? "complaint" : "refund"
    }

    private static func event(_ type: String, _ row: Int, daysAgo: Int, second: Double, amount: Double?) -> Fact {
        let day = Int64(today) - Int64(daysAgo)
        let seconds = Int64(second * 86_400) % (daysAgo == 0 ? 32_400 : 86_400)
        let time = Timestamp(milliseconds: (day * 86_400 + seconds) * 1000)
        return .event(
            Event(
                type: type, source: "gen", id: "\(type)-\(row)", time: time, receivedAt: time,
                properties: amount.map { ["amount": .number($0)] } ?? [:]))
    }

    /// Events from an instant on, 20 ms apart: about one decision in five.
    static func events(_ count: Int, customers: Int, from start: Timestamp) -> [(customer: String, fact: Fact)] {
        (0..<count).map { index in
            let customer = id(Int(pow(uniform(index, 31), 1.3) * Double(customers)))
            let type = eventType(uniform(index, 33))
            let time = start.advanced(byMilliseconds: Int64(index) * 20)
            let isPaid = type == "purchase" || type == "refund"
            let properties: JSONObject = isPaid ? ["amount": .number((5 + exponential(index, 34) * 45).rounded())] : [:]
            return (
                customer,
                .event(
                    Event(
                        type: type, source: "bench", id: "\(start.milliseconds)-\(index)", time: time, receivedAt: time,
                        properties: properties))
            )
        }
    }
}

import CareValues
import Glibc

/// The made-up population of the benchmarks: every value is a function of the row and the column, so that the first
/// thousand rows of a million are the thousand.
public enum Population {
    /// The day the data is made for: 2026-06-15, 09:00 UTC.
    public static let today = 20_619
    /// From the lowest to the highest.
    public static let tiers = ["bronze", "silver", "gold", "platinum"]
    /// The most frequent first.
    public static let countries = [
        "US", "DE", "FR", "GB", "ES", "IT", "PL", "NL", "BE", "AT", "CH", "SE", "DK", "NO", "FI", "IE", "PT", "CZ",
        "GR",
        "HU", "RO", "TR", "BR", "JP",
    ]
    private static let seed: UInt64 = 20_260_615
    private static let syllables = [
        "ba", "ver", "lin", "mon", "ta", "gra", "sol", "kra", "den", "haa", "rem", "os", "ty", "val", "por", "nis",
        "ul",
        "dor", "esk", "wil",
    ]
    /// Eight of each country, in the order of the countries; a few names occur twice.
    public static let cities: [String] = (0..<countries.count * 8).map { index in
        let (country, k) = (index / 8, index % 8)
        let name =
            syllables[(country * 7 + k * 3) % 20] + syllables[(country * 11 + k * 5 + 1) % 20]
            + syllables[(country + k) % 20]
        return name.prefix(1).uppercased() + name.dropFirst()
    }
    /// Cumulated shares of the countries but the last.
    private static let countryShares: [Double] = {
        let weights = countries.indices.map { 1 / (Double($0) + 1.5) }
        let total = weights.reduce(0, +)
        var sum = 0.0
        return weights.dropLast().map { weight in
            sum += weight / total
            return sum
        }
    }()

    /// SplitMix64's finisher over row, column and seed.
    static func mix(_ row: Int, _ column: UInt64) -> UInt64 {
        var mixed = (UInt64(row) &+ 1) &* 0x9E37_79B9_7F4A_7C15
        mixed = mixed &+ column &* 0xD1B5_4A32_D192_ED03 &+ seed &* 0x2545_F491_4F6C_DD1D
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Even in [0, 1).
    static func uniform(_ row: Int, _ column: UInt64) -> Double {
        Double(mix(row, column) >> 11) * (1 / 9_007_199_254_740_992.0)
    }

    /// Exponential with mean 1.
    static func exponential(_ row: Int, _ column: UInt64) -> Double {
        -log1p(-uniform(row, column))
    }

    private static func position(of value: Double, in bounds: [Double]) -> Int {
        bounds.firstIndex { value < $0 } ?? bounds.count
    }

    /// Two decimals, as money has them.
    static func money(_ value: Double) -> Double {
        (value * 100).rounded(.toNearestOrEven) / 100
    }

    /// One customer; nil: not known.
    public struct Customer: Sendable {
        /// Position among ``Population/tiers``.
        public var tier: Int
        /// Position among ``Population/countries``.
        public var country: Int
        /// Position among ``Population/cities``.
        public var city: Int
        /// The day of birth.
        public var birthday: CivilDate?
        /// When something was bought last.
        public var lastPurchaseAt: Timestamp?
        /// When anything was done last.
        public var lastActivityAt: Timestamp?
        /// Orders of the last 90 days.
        public var orders: Int
        /// Their sum, with two decimals.
        public var spend: Double
        /// The last score, 0...10.
        public var nps: Int?
        /// Complaints that are open.
        public var complaints: Int
        /// Whether mail may be sent.
        public var consentEmail: Bool
        /// Whether the customer is marked.
        public var isVIP: Bool
    }

    /// Customer `row` + 1.
    public static func customer(_ row: Int) -> Customer {
        let tier = position(of: uniform(row, 1), in: [0.55, 0.82, 0.95])
        let country = position(of: uniform(row, 2), in: countryShares)
        let year = Int(1940 + pow(uniform(row, 4), 0.8) * 67)
        let birthday = CivilDate(year: year, month: 1, day: 1).map { newYear in
            // A day of a year without 29 February, in the customer's own year.
            let dayOfYear = Int(uniform(row, 5) * 365)
            return newYear.advanced(byDays: dayOfYear + (CivilDate.isLeap(year: year) && dayOfYear >= 59 ? 1 : 0))
        }
        let purchaseAge = min(Int(exponential(row, 8) * 70), 1500)
        let hasPurchase = uniform(row, 7) >= 0.08
        let activityAge = min(Int(exponential(row, 11) * 25), 900)
        let isRecent = hasPurchase && purchaseAge <= 90
        let orders = isRecent ? 1 + Int(exponential(row, 13) * 2.2) : 0
        return Customer(
            tier: tier, country: country, city: country * 8 + Int(pow(uniform(row, 3), 1.5) * 8),
            birthday: uniform(row, 6) >= 0.03 ? birthday : nil,
            lastPurchaseAt: hasPurchase ? instant(daysAgo: purchaseAge, share: uniform(row, 9)) : nil,
            lastActivityAt: uniform(row, 10) < 0.02 ? nil : instant(daysAgo: activityAge, share: uniform(row, 12)),
            orders: orders, spend: isRecent ? money(Double(orders) * (10 + exponential(row, 14) * 45)) : 0,
            nps: uniform(row, 15) < 0.4 ? nil : Int(11 * pow(uniform(row, 16), 0.55)),
            complaints: uniform(row, 17) < 0.9 ? 0 : 1 + Int(exponential(row, 18) * 0.7),
            consentEmail: uniform(row, 19) < 0.72, isVIP: uniform(row, 20) < [0.02, 0.02, 0.2, 0.6][tier])
    }

    /// The line of customer `row` + 1, without its end.
    public static func customerLine(_ row: Int) -> String {
        let customer = customer(row)
        return [
            String(row + 1), tiers[customer.tier], countries[customer.country], cities[customer.city],
            customer.birthday?.text ?? "", customer.lastPurchaseAt?.iso8601 ?? "",
            customer.lastActivityAt?.iso8601 ?? "", String(customer.orders), "\(customer.spend)",
            customer.nps.map(String.init) ?? "", String(customer.complaints), customer.consentEmail ? "true" : "false",
            customer.isVIP ? "true" : "false",
        ].joined(separator: ",")
    }

    /// The names of the columns of ``customerLine(_:)``.
    public static let customerHeader =
        "id,tier,country,city,birthday,lastPurchaseAt,lastActivityAt,orders90d,spend90d,nps,openComplaints,consentEmail,vip"

    /// That share of the day so many days before today; of today itself no later than nine.
    private static func instant(daysAgo: Int, share: Double) -> Timestamp {
        var second = Int(share * 86_400)
        if daysAgo == 0 { second %= 32_400 }
        return Timestamp(seconds: Int64(today - daysAgo) * 86_400 + Int64(second))
    }
}

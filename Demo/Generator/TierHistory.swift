import CareValues

/// The tiers, lowest first.
enum Tier: String {
    case bronze
    case silver
    case gold
    case platinum

    /// The tier that so much spent in all gives.
    init(spentCents: Int) {
        switch spentCents {
        case ..<7500: self = .bronze
        case ..<20_000: self = .silver
        case ..<50_000: self = .gold
        default: self = .platinum
        }
    }

    /// The next lower one; bronze has none.
    var below: Tier? {
        switch self {
        case .bronze: nil
        case .silver: .bronze
        case .gold: .silver
        case .platinum: .gold
        }
    }
}

/// How a customer's tier moved: up with what was spent, down for some who stayed away.
enum TierHistory {
    /// Days without a purchase after which a tier is looked at again.
    static let quietDays = 180

    struct Change {
        let time: Timestamp
        let tier: Tier
    }

    /// The changes after the first tier, in order, before the end of the data.
    static func changes(of purchases: [Purchase], using generator: inout SplitMix64) -> [Change] {
        var changes: [Change] = []
        var tier = Tier.bronze
        var spent = 0
        for (index, purchase) in purchases.enumerated() {
            spent += purchase.cents
            // A run at night after the purchase sets what was earned.
            let earned = Tier(spentCents: spent)
            let nextDate = index + 1 < purchases.count ? purchases[index + 1].date : nil
            if nextDate != purchase.date, earned != tier {
                changes.append(Change(time: night(after: purchase.date, days: 1, using: &generator), tier: earned))
                tier = earned
            }
            // Who stays away long loses a tier, two times out of five.
            let quietUntil = purchase.date.advanced(byDays: quietDays)
            let isQuiet = nextDate.map { $0 > quietUntil.advanced(byDays: 2) } ?? true
            if isQuiet, let below = tier.below, Int.random(in: 0..<5, using: &generator) < 2 {
                changes.append(Change(time: night(after: quietUntil, days: 1, using: &generator), tier: below))
                tier = below
            }
        }
        return changes.filter { $0.time < DemoTime.end }
    }

    /// Between 07:00 and 08:00 UTC, deep night in America.
    private static func night(after date: CivilDate, days: Int, using generator: inout SplitMix64) -> Timestamp {
        DemoTime.instant(date.advanced(byDays: days), seconds: 25_200 + Int.random(in: 0..<3600, using: &generator))
    }
}

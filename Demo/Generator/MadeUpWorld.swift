import CareValues

/// Everything the demonstration makes up, customer by customer, as the texts of three files.
///
/// Each customer draws from a generator seeded by its id, so that one customer's data does not depend on the others.
struct MadeUpWorld {
    private var customers = "customer,time,name,email,tier,birthday,timeZone,joinedOn\n"
    private var tiers: [(time: Timestamp, line: String)] = []
    private var events: [(time: Timestamp, line: String)] = []
    private var customerCount = 0

    init(purchases: PurchaseHistory) {
        for (id, bought) in purchases.customers {
            add(customer: id, purchases: bought)
        }
    }

    /// Names and texts of the files.
    var files: [(name: String, text: String)] {
        [
            ("made-up-customers.csv", customers),
            ("made-up-tier-changes.csv", "customer,time,tier\n" + MadeUpWorld.joined(tiers)),
            ("made-up-events.jsonl", MadeUpWorld.joined(events)),
        ]
    }

    /// One line for a person.
    var summary: String {
        "made up: \(customerCount) customers, \(tiers.count) changes of tier, \(events.count) complaints and surveys"
    }

    private mutating func add(customer id: String, purchases: [Purchase]) {
        guard let first = purchases.first else { return }
        var generator = SplitMix64(seed: XXH64.hash(Array("care demo \(id)".utf8), seed: 1997))
        let person = Person(id: id, joinedOn: first.date, using: &generator)
        customerCount += 1
        customers += person.csvLine + "\n"
        for change in TierHistory.changes(of: purchases, using: &generator) {
            tiers.append((change.time, "\(id),\(change.time.iso8601),\(change.tier.rawValue)\n"))
        }
        for event in ServiceHistory.events(of: id, purchases: purchases, using: &generator) {
            events.append((event.time, event.jsonLine + "\n"))
        }
    }

    /// The lines by time, then by text: an order that does not depend on how they were made.
    private static func joined(_ lines: [(time: Timestamp, line: String)]) -> String {
        lines.sorted { ($0.time, $0.line) < ($1.time, $1.line) }.map(\.line).joined()
    }
}

/// The ends of the real data: the day after its last purchase, 1 July 1998.
enum DemoTime {
    static let end = Timestamp(seconds: 899_251_200)

    /// `seconds` after midnight UTC of `date`.
    static func instant(_ date: CivilDate, seconds: Int) -> Timestamp {
        Timestamp(seconds: Int64(date.dayNumber) * 86_400 + Int64(seconds))
    }
}

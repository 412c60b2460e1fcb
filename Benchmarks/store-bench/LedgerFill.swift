import CareStore
import CareStoreSQLite
import CareValues

/// Fills the ledger of a store with made-up decisions, for whoever measures what looks into a large one:
/// `store-bench --fill-ledger ROWS --store FILE --customers N`.
///
/// The store is there, with rules in force and customers called 1 to N. The decisions come in the order of time, spread
/// over a year up to the store's clock, over the customers, the campaigns in force and all outcomes, so that a customer's
/// lie as far apart as a year of service would have left them. Customer 1 gets ``busyRows`` of them, those that act with
/// their deliveries.
struct LedgerFill {
    /// How so many of a thousand decisions end.
    private struct Ending {
        var outcome: String
        var reason: String
        var share: UInt64
    }

    private static let endings = [
        Ending(outcome: "act", reason: "", share: 600),
        Ending(outcome: "suppress", reason: "no_consent", share: 120),
        Ending(outcome: "suppress", reason: "frequency_cap", share: 80),
        Ending(outcome: "suppress", reason: "holdout", share: 50),
        Ending(outcome: "hold", reason: "quiet_hours", share: 60),
        Ending(outcome: "skip", reason: "condition", share: 40),
        Ending(outcome: "skip", reason: "too_late", share: 30),
        Ending(outcome: "error", reason: "evaluation_error", share: 20),
    ]
    /// How many decisions customer 1 gets.
    private static let busyRows = 400
    private static let yearMilliseconds: Int64 = 365 * 86_400_000
    /// A page of customers is written once for many of them.
    private static let rowsInTransaction = 250_000

    private let store: any CareStore
    private let customers: Int
    private let campaigns: [String]
    private let epoch: Int64
    private let until: Timestamp
    private var random = SplitMix64(seed: 7)

    /// The store has nothing to fill in behind.
    struct NotReady: Error, CustomStringConvertible {
        var description: String { "the store has no rules in force, or nothing is stored in it yet" }
    }

    private init(_ store: any CareStore, customers: Int) throws {
        let (rules, clock) = try store.read { (try $0.activeRuleSet(), try $0.clock) }
        guard let rules, let clock, !rules.starts.isEmpty else { throw NotReady() }
        self.store = store
        self.customers = customers
        campaigns = rules.starts.keys.sorted()
        epoch = rules.epoch
        until = clock
    }

    /// Writes `rows` decisions into the store at `path`.
    static func run(path: String, rows: Int, customers: Int) throws {
        let store = try SQLiteStore(path: path, access: .readWrite(owner: "store-bench"))
        var fill = try LedgerFill(store, customers: customers)
        var report = Report()
        try report.measure("decisions, 250,000 a commit") {
            try fill.write(rows)
            return rows
        }
        try store.checkpoint()
        try store.close()
    }

    private mutating func write(_ rows: Int) throws {
        let apart = max(1, rows / Self.busyRows)
        for start in stride(from: 0, to: rows, by: Self.rowsInTransaction) {
            try store.write { transaction in
                for row in start..<min(start + Self.rowsInTransaction, rows) {
                    let age = Self.yearMilliseconds - Self.yearMilliseconds / Int64(rows) * Int64(row)
                    try decide(
                        row, at: until.advanced(byMilliseconds: -age), isBusy: row % apart == 0, transaction)
                }
            }
        }
    }

    private mutating func decide(
        _ row: Int, at time: Timestamp, isBusy: Bool, _ transaction: any StoreTransaction
    ) throws {
        let customer = isBusy ? "1" : String(1 + random.next() % UInt64(customers))
        let campaign = campaigns[Int(random.next() % UInt64(campaigns.count))]
        let ending = ending()
        let occurrence = #"["shop","made-up-\#(row)"]"#
        let keyText = CanonicalJSON.array(of: [campaign, customer, occurrence, "1", "1"])
        // Other keys are numbers in order instead of hashes: no search goes by them, and in order they cost a tenth.
        let key = isBusy ? DeliveryID(hashing: keyText) : DeliveryID(high: UInt64(row), low: random.next())
        try transaction.append(
            LedgerEntry(
                key: key, number: ending.outcome == "hold" || ending.outcome == "error" ? 1 : 0, customer: customer,
                campaign: campaign, occurrence: occurrence, step: "1", action: "1", outcome: ending.outcome,
                reason: ending.reason, now: time, due: time, epoch: epoch,
                inputs: #"{"consentEmail":true,"openComplaints":0,"tier":"gold"}"#))
        guard isBusy, ending.outcome == "act" else { return }
        try transaction.enqueue(
            NewDelivery(
                id: key, customer: customer, campaign: campaign, key: keyText, destination: "crm", address: "",
                type: "care.\(campaign)", data: #"{"customer":"1","tier":"gold"}"#, decidedAt: time, expiresAt: nil),
            firstAttemptAt: time)
        try transaction.setDelivery(key, state: .delivered, nextAttemptAt: time, reason: "")
    }

    private mutating func ending() -> Ending {
        var left = random.next() % 1_000
        for ending in Self.endings {
            if left < ending.share { return ending }
            left -= ending.share
        }
        return Self.endings[0]
    }
}

import CareDecisions
import CareStore
import CareValues

/// Which scans are due: of each campaign on a schedule or a holiday, and each zone in use, the newest tick.
struct ScanPlanner {
    private let decider: Decider
    /// Each campaign with one zone by whose clock it ticks.
    private let clocks: [(campaign: Int, zone: Zone)]
    private let stored: [StoredScan]

    /// What is due under the rules of `decider`, from what `store` has.
    init(_ decider: Decider, in store: any StoreSnapshot) throws {
        self.decider = decider
        guard decider.hasTicks else {
            (clocks, stored) = ([], [])
            return
        }
        stored = try store.scans()
        let names = try store.zonesInUse().union([decider.active.projectZone.name])
        let zones = names.sorted().compactMap { decider.active.zones.zone(named: $0) }
        clocks = decider.scanned(in: zones).flatMap { campaign, zones in zones.map { (campaign, $0) } }
    }

    /// A scan that is not done.
    struct Open {
        /// The scan.
        var scan: StoredScan
        /// The newest tick by now, which is the one that those whom the scan touches get: what is in time or overdue
        /// is told by it.
        var newest: Timestamp
    }

    /// The scans that are not done: those under way, and of each tick at or before `now` that none has passed a new
    /// one. A newer tick does not begin a pass anew, or who comes last would never have a turn; who was passed before
    /// it has it in the pass after.
    func open(at now: Timestamp) -> [Open] {
        clocks.compactMap { index, zone in
            let campaign = decider.active.rules.campaigns[index].identity
            let known = stored.first { $0.campaign == campaign && $0.zone == zone.name }
            // A scan of a tick before the campaign's start is none of this campaign's any more.
            let current = known.flatMap { $0.tick > decider.active.starts[index] ? $0 : nil }
            let after = current?.tick ?? decider.active.starts[index]
            let tick = decider.lastTick(ofCampaign: index, in: zone, after: after, through: now)
            if let current, !current.isDone { return Open(scan: current, newest: tick ?? current.tick) }
            return tick.map {
                Open(scan: StoredScan(campaign: campaign, zone: zone.name, tick: $0), newest: $0)
            }
        }
    }

    /// The next tick after `now`; nil: none that can be foreseen.
    func next(after now: Timestamp) -> Timestamp? {
        clocks.compactMap { decider.firstTick(ofCampaign: $0.campaign, in: $0.zone, after: now) }.min()
    }

    /// The scans in the store that belong to no campaign of these rules, or to no zone of one.
    var stale: [StoredScan] {
        stored.filter { scan in
            !clocks.contains {
                $0.zone.name == scan.zone && decider.active.rules.campaigns[$0.campaign].identity == scan.campaign
            }
        }
    }
}

/// One batch of the pass that open scans share: those that stand at the same customer go on together, and everybody
/// who has a tick to be decided is touched, whichever scan's it is.
struct ScanBatch {
    /// The scans, all at one cursor.
    let scans: [StoredScan]
    /// How many customers are read at most, touched or not.
    private static let looked = 20_000

    /// The batch to go on with: of what is in time, or of what is overdue at `overdue`, the oldest tick first.
    ///
    /// - Returns: nil: nothing of that kind is open.
    init?(of open: [ScanPlanner.Open], overdue: Timestamp, inTime: Bool) {
        let wanted = open.filter { ($0.newest > overdue) == inTime }.map(\.scan)
        guard let first = wanted.min(by: { $0.tick < $1.tick }) else { return nil }
        scans = open.map(\.scan).filter { $0.cursor == first.cursor }
    }

    /// Touches the next customers and moves the scans on, all in `transaction`.
    ///
    /// - Parameters:
    ///   - limit: how many customers are touched at most.
    ///   - now: what is due at or before it is decided.
    /// - Returns: how many were touched, and how many of them were of older rules.
    func run(
        _ transaction: any StoreTransaction, _ rules: RulesInForce, limit: Int, now: Timestamp,
        _ writer: inout CustomerWriter
    ) throws -> (touched: Int, older: Int) {
        var older = 0
        var cursor = scans[0].cursor
        var count = 0
        var due: [String] = []
        var isDone = true
        try transaction.scanCustomers(wakeUpBefore: nil, after: try known(cursor, transaction), through: nil) {
            id, _, epoch, bytes in
            guard due.count < limit, count < Self.looked else {
                isDone = false
                return false
            }
            count += 1
            cursor = id
            if epoch != rules.current.active.epoch { older += 1 }
            if rules.hasTick(id: id, epoch: epoch, bytes: bytes, through: now) { due.append(id) }
            return true
        }
        for id in due { try writer.advanceOrPutOff(customer: id, until: now) }
        for var scan in scans {
            scan.cursor = cursor
            scan.isDone = isDone
            try transaction.save(scan)
        }
        return (due.count, older)
    }

    /// The cursor, if its customer is still there; else the pass begins anew, and finds those it has touched done.
    private func known(_ cursor: String?, _ store: any StoreSnapshot) throws -> String? {
        guard let cursor, try store.place(of: cursor) != nil else { return nil }
        return cursor
    }
}

extension RulesInForce {
    /// Whether a scan at `now` has to touch a stored customer: a row of older rules is brought up by it, and what is wrong
    /// with one that cannot be read shows when it is touched.
    fileprivate func hasTick(id: String, epoch: Int64, bytes: UnsafeRawBufferPointer, through now: Timestamp) -> Bool {
        guard epoch == current.active.epoch,
            let (row, _) = try? RowCodec.decode(bytes, customer: id, schema: current.active.rules.schema)
        else { return true }
        return current.hasTick(row, through: now)
    }
}

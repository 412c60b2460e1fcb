import CareValues

/// Where Care keeps what it knows. All calls block; one value may be used from any thread.
///
/// Everything that belongs together is written in one ``write(_:)``: facts, row, wake-up, ledger, outbox.
public protocol CareStore: Sendable {
    /// Runs `body` in one durable transaction: all of it is on disk when this returns, or none of it is.
    ///
    /// - Throws: what `body` throws, after taking everything back; ``StoreError``.
    func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result

    /// Runs `body` on one consistent snapshot, beside the writer.
    ///
    /// - Throws: what `body` throws; ``StoreError``.
    func read<Result>(_ body: (any StoreSnapshot) throws -> Result) throws -> Result

    /// Writes the log back into the main file, when nothing else is to do. SQLite only; others do nothing.
    func checkpoint() throws

    /// Releases everything. The store is not used afterwards.
    func close() throws

    // MARK: Personal data

    /// Leaves no trace of what was erased in the store's files: its log is brought home and emptied.
    ///
    /// - Parameter patienceMilliseconds: how long it waits, holding nobody up, for those who read what was there before.
    /// - Returns: false: somebody still does, and the log is emptied at a later ``checkpoint()``.
    func scrub(patienceMilliseconds: Int) throws -> Bool
}

extension CareStore {
    /// A store that keeps no log of what it has erased has nothing to do.
    public func scrub(patienceMilliseconds: Int) throws -> Bool {
        try checkpoint()
        return true
    }

    /// The same with a patience of two seconds.
    public func scrub() throws -> Bool { try scrub(patienceMilliseconds: 2_000) }
}

/// What can be asked of the store.
public protocol StoreSnapshot: LookingBack {
    /// The store's own random id, made with it, so that a saved plan knows its store.
    var storeID: String { get throws }
    /// The latest `asOf` written, or the latest history-until: the store's clock; nil: nothing stored yet.
    var clock: Timestamp? { get throws }
    /// The number of customers.
    var customerCount: Int { get throws }

    /// The customer of that id, or nil.
    ///
    /// - Throws: ``StoreError/Code/unreadable`` where the row says that it was never written, and holds something.
    func customer(_ id: String) throws -> StoredCustomer?

    /// Where the customer of that id stands in the store, or nil: a number that says nothing about whom, for logs.
    func place(of id: String) throws -> Int64?

    /// Every customer with `wakeUp < until` (nil: every customer at all), without copying the row.
    ///
    /// The order is the store's own and fixed: a customer created later comes later. `body` gets id, wake-up, epoch
    /// and the row's bytes, valid only during the call; false ends the scan. Of a row that ``customer(_:)`` calls
    /// unreadable it gets no bytes, which nobody can decode.
    /// - Parameter after: only customers that come after this one, to resume or share out a scan.
    /// - Parameter through: only customers up to and including this one.
    /// - Throws: ``StoreError/Code/missing`` when `after` or `through` is no customer.
    func scanCustomers(
        wakeUpBefore until: Timestamp?, after: String?, through: String?,
        _ body: (_ id: String, _ wakeUp: Timestamp?, _ epoch: Int64, _ row: UnsafeRawBufferPointer) throws -> Bool
    ) throws

    /// Ids that cut the customers into `parts` runs of about equal length, in the order of ``scanCustomers``: the first
    /// run goes through the first id, the last one begins after the last. `parts - 1` of them, or fewer when there are
    /// few customers.
    func customerCuts(parts: Int) throws -> [String]

    /// The ids of up to `limit` customers whose wake-up is at or before `instant` and, unless that is nil, after
    /// `after`: by wake-up, then in the order of ``scanCustomers``.
    func dueCustomers(after: Timestamp?, at instant: Timestamp, limit: Int) throws -> [(id: String, wakeUp: Timestamp)]

    /// The earliest wake-up of all, or nil.
    func nextWakeUp() throws -> Timestamp?

    /// The ids of up to `limit` customers whose row is of an epoch below `epoch`, oldest wake-up first, none last.
    func customers(below epoch: Int64, limit: Int) throws -> [String]

    /// The facts of a customer received at or before `receivedUntil` (nil: all), by `time`, then arrival.
    func facts(of customer: String, receivedUntil: Timestamp?) throws -> [Fact]

    /// Whether an event of that identity is stored.
    func hasEvent(customer: String, source: String, id: String) throws -> Bool

    /// The ids of a customer's events from `source` that begin with `prefix` (ASCII, not empty), ascending.
    func eventIDs(of customer: String, source: String, prefix: String) throws -> [String]

    /// The ledger of a customer, in the order written; of one campaign, when named.
    func ledger(of customer: String, campaign: String?) throws -> [LedgerEntry]

    /// Every final or provisional decision whose `now` lies in `[from, until)`, in the order written.
    func ledger(from: Timestamp, until: Timestamp) throws -> [LedgerEntry]

    /// The newest activated rule set, or nil.
    func activeRuleSet() throws -> StoredRuleSet?

    /// The rule set of that epoch, or nil.
    func ruleSet(epoch: Int64) throws -> StoredRuleSet?

    /// The set of cut points of that version, or of the newest (nil); nil: there is none.
    func cutPoints(version: Int64?) throws -> StoredCutPoints?

    /// All scans, by campaign, then zone.
    func scans() throws -> [StoredScan]

    /// The names of all zones that were noted.
    func zonesInUse() throws -> Set<String>

    /// The sum of a counter over the UTC days in `[from, until)`.
    func count(_ kind: CounterKind, name: String, from: CivilDate, until: CivilDate) throws -> Int

    /// Deliveries that `filter` lets through, newest decision first, at most `limit`.
    func deliveries(_ filter: DeliveryFilter, limit: Int) throws -> [StoredDelivery]

    /// What of a customer has not arrived and still may: waiting, being sent, parked, or dead until somebody redrives it;
    /// newest decision first.
    func pendingDeliveries(of customer: String) throws -> [StoredDelivery]

    /// How many deliveries are in each state.
    func deliveryCounts() throws -> [DeliveryState: Int]

    /// How many deliveries cannot be read: all that lists deliveries leaves them out. Reads the whole outbox.
    func unreadableDeliveries() throws -> Int

    /// How many of the deliveries that `filter` means are in each state.
    func deliveryCounts(_ filter: DeliveryFilter) throws -> [DeliveryState: Int]

    /// When the decision was made whose delivery was put into the outbox first of those that wait for a destination or
    /// are being sent, or nil.
    func oldestDecision(waitingFor destination: String) throws -> Timestamp?

    /// The last attempt that did not succeed of what lies at a destination, as far as a look at a few hundred deliveries
    /// shows; nil: none.
    func lastFailure(at destination: String) throws -> (at: Timestamp, detail: String)?

    /// Up to `limit` deliveries whose id's text begins with `prefix`.
    func deliveries(idPrefix prefix: String, limit: Int) throws -> [StoredDelivery]

    /// The attempts of a delivery, in order.
    func attempts(of delivery: DeliveryID) throws -> [StoredAttempt]

    /// The earliest instant at which a waiting delivery may be tried or a lease ends, or nil.
    func nextAttemptAt() throws -> Timestamp?

    /// For each destination that something waits for, disabled ones too, the earliest next attempt; by name.
    func waitingDestinations() throws -> [(name: String, nextAttemptAt: Timestamp)]

    /// The earliest next attempt after `instant` of what waits for a destination, or nil.
    func nextAttemptAt(for destination: String, after instant: Timestamp) throws -> Timestamp?

    /// What waits for a destination and is to be tried before all else that does, or nil.
    ///
    /// Of an ordered destination only what is first of its customer's line can be tried; nil, too, where each line
    /// begins with what is being sent.
    func firstWaiting(for destination: String) throws -> StoredDelivery?

    /// What is waiting, sending, dead and parked, by destination's name, then state.
    func destinationQueues() throws -> [DestinationQueue]

    /// Destinations that are disabled: name, since when, why.
    func disabledDestinations() throws -> [(name: String, since: Timestamp, reason: String)]

    /// A small text kept under a name, or nil.
    func note(_ name: String) throws -> String?

    // MARK: Personal data

    /// The small texts whose names begin with `prefix` (ASCII, not empty), by name.
    func notes(prefix: String) throws -> [(name: String, value: String)]
}

extension StoreSnapshot {
    /// Deliveries in these states (empty: all), newest decision first, at most `limit`.
    public func deliveries(states: [DeliveryState], limit: Int) throws -> [StoredDelivery] {
        try deliveries(DeliveryFilter(states: Set(states)), limit: limit)
    }
}

/// What can be written, all in one transaction; sees its own writes.
public protocol StoreTransaction: StoreSnapshot {
    /// Writes a customer's row. `expectedVersion` 0 creates it; otherwise the row must have that version.
    ///
    /// The new version is `expectedVersion + 1`. - Throws: ``StoreError/Code/conflict`` when the version is another.
    func save(id: String, wakeUp: Timestamp?, epoch: Int64, row: [UInt8], expectedVersion: Int64) throws

    /// Moves the wake-up of a customer whose row cannot be read to `later`, if it is at or before `instant`; the rest of
    /// the row stays as it is, whatever it holds.
    func putOff(customer id: String, dueBy instant: Timestamp, to later: Timestamp) throws

    /// Appends a fact; false, and nothing written, when an event of the same (customer, source, id) or the same
    /// attribute fact (customer, time, values) is stored already.
    func append(_ fact: Fact, of customer: String) throws -> Bool

    /// Appends a decision. - Throws: ``StoreError/Code/duplicateDecision`` when a final one has its key.
    func append(_ entry: LedgerEntry) throws

    /// Puts a row into the outbox, waiting, first attempt due at `firstAttemptAt` of the real clock.
    func enqueue(_ delivery: NewDelivery, firstAttemptAt: Timestamp) throws

    /// Adds to counters.
    func add(_ increments: [CounterIncrement]) throws

    /// Moves the store's clock forward to `instant`; an earlier one changes nothing.
    func advanceClock(to instant: Timestamp) throws

    /// Stores an activated rule set. - Throws: ``StoreError/Code/conflict`` unless its epoch is the newest plus one.
    func activate(_ ruleSet: StoredRuleSet) throws

    /// Stores a set of cut points. - Throws: ``StoreError/Code/conflict`` unless its version is the newest plus one.
    func append(_ cutPoints: StoredCutPoints) throws

    /// Writes a scan, in the place of the one of the same campaign and zone.
    func save(_ scan: StoredScan) throws

    /// Forgets the scan of that campaign and zone, if there is one.
    func removeScan(campaign: String, zone: String) throws

    /// Notes that customers live by the clocks of these zones, by name; known ones change nothing.
    func noteZones(_ names: Set<String>) throws

    /// Claims up to `limit` deliveries due at `now` for `destination`, oldest first: state sending until `leaseUntil`.
    ///
    /// One that is due and cannot be read is dead from then on, its reason `cannot be read`.
    ///
    /// Of an ordered destination, a customer's deliveries are claimed in their order and only while none before them
    /// waits for later or is being sent; they come one after another. Those of one claim are to be sent in that order.
    func claim(destination: String, now: Timestamp, leaseUntil: Timestamp, limit: Int) throws -> [StoredDelivery]

    /// Declares dead what is being sent and cannot be read, as ``claim(destination:now:leaseUntil:limit:)`` does with what
    /// waits; how many there were. For a process that begins: whoever sent them is no more.
    func setAsideUnreadableClaims() throws -> Int

    /// Names of destinations that have a delivery due at `now`, disabled ones excluded.
    func destinationsDue(at now: Timestamp) throws -> [String]

    /// Records an attempt and where its delivery stands afterwards. A delivery no longer `sending` keeps its state, but
    /// one that waits, is parked or dead has arrived if the attempt says so; the attempt is recorded all the same, under
    /// the next free number if its own is taken.
    ///
    /// Parked after an attempt of unknown outcome, a delivery stays parked when its destination is enabled: repeating
    /// it is not safe. One that may be repeated is recorded as waiting; the store parks it if its destination is
    /// disabled. - Throws: ``StoreError/Code/missing`` when there is no such delivery.
    func record(_ attempt: StoredAttempt, state: DeliveryState, nextAttemptAt: Timestamp, reason: String) throws

    /// Puts a delivery into a state outside an attempt, whatever state it is in, with its next attempt's instant.
    ///
    /// - Throws: ``StoreError/Code/missing`` when there is no such delivery.
    func setDelivery(_ id: DeliveryID, state: DeliveryState, nextAttemptAt: Timestamp, reason: String) throws

    /// Puts a delivery that was claimed into a state outside an attempt (give back, expired), with its next attempt's
    /// instant. One that is no longer `sending` stays as it is: somebody has cancelled it meanwhile.
    ///
    /// - Throws: ``StoreError/Code/missing`` when there is no such delivery.
    func moveClaimed(_ id: DeliveryID, state: DeliveryState, nextAttemptAt: Timestamp, reason: String) throws

    /// Parks a delivery whose answer is lost and which is not safe to repeat: enabling its destination does not return it.
    ///
    /// - Throws: ``StoreError/Code/missing`` when there is no such delivery.
    func parkLost(_ id: DeliveryID, reason: String) throws

    /// Puts a delivery back to waiting, behind all that is there for its destination; the store parks it if that is
    /// disabled.
    ///
    /// - Parameter ignoringExpiry: whether it may be sent after its expiry, which is taken from it.
    /// - Throws: ``StoreError/Code/missing`` when there is no such delivery.
    func redrive(_ id: DeliveryID, nextAttemptAt: Timestamp, ignoringExpiry: Bool) throws

    /// Moves the next attempt of all that waits, and the end of all leases, by so many milliseconds: the real clock was
    /// set.
    func moveAttempts(byMilliseconds step: Int64) throws

    /// What waits for a destination until just `instant` waits until `other` instead.
    func moveAttempts(of destination: String, from instant: Timestamp, to other: Timestamp) throws

    /// Says whether a destination's deliveries go to each customer in the order of the outbox.
    func setOrdered(_ destination: String, _ isOrdered: Bool) throws

    /// Puts the dead and parked deliveries that `filter` means back to waiting, due at `now`; those of a disabled
    /// destination stay, or are, parked, and go out when it is enabled. How many.
    ///
    /// - Parameters:
    ///   - now: of the real clock.
    ///   - clock: of the decision clock: what has expired by then is passed over.
    ///   - late: expired ones too; they expire no more.
    func redrive(_ filter: DeliveryFilter, at now: Timestamp, clock: Timestamp, late: Bool) throws -> Int

    /// Cancels the waiting, parked and claimed deliveries that `filter` means; an attempt under way is not called back,
    /// and what it comes to changes nothing.
    ///
    /// - Returns: how many, and those of them that were claimed: whoever delivers has to hear of them.
    func cancel(_ filter: DeliveryFilter, reason: String) throws -> (count: Int, claimed: [DeliveryID])

    /// Returns `sending` deliveries whose lease ended at or before `now` to `waiting`; how many.
    func rescueExpiredLeases(now: Timestamp) throws -> Int

    /// Disables a destination and parks what waits for it, and what would wait for it from now on; enabling returns
    /// the parked to waiting, but for those parked because an answer was lost.
    func setDestination(_ name: String, disabled: Bool, since: Timestamp, reason: String) throws

    /// Keeps a small text under a name; nil removes it.
    func setNote(_ name: String, _ value: String?) throws

    /// Removes up to `limit` small texts whose names lie in `[first, end)` by their bytes, lowest first; how many.
    func removeNotes(from first: String, until end: String, limit: Int) throws -> Int

    // MARK: Personal data

    /// Forgets a customer: the row and the facts are gone; decisions and deliveries lose whom and what they were about,
    /// their times all but the UTC day, their keys and ids, which become random, and stay for sums. What has not arrived
    /// is cancelled with the reason `erased`, dead letters too: a redrive would send a message about nobody.
    ///
    /// - Returns: what was there; nil: nothing is stored of that customer.
    func erase(customer: String) throws -> ErasedContent?

    // MARK: Retention

    /// Puts `base` in the place of those facts of a customer for which `isPruned` is true; the others keep their order.
    ///
    /// - Returns: how many facts are gone; none: `base` is not stored either.
    func foldFacts(of customer: String, into base: Fact, where isPruned: (Fact) -> Bool) throws -> Int

    /// Forgets a customer's decisions taken before `horizon`, but for those whose delivery is still in the outbox.
    ///
    /// - Returns: how many.
    func pruneDecisions(of customer: String, before horizon: Timestamp) throws -> Int

    /// Forgets deliveries decided before `horizon` that are over, with their attempts, among the `limit` rows that come
    /// after `cursor`, 0 at first.
    ///
    /// - Returns: how many, and the cursor to go on with; nil: that was all.
    func pruneDeliveries(
        before horizon: Timestamp, after cursor: Int64, limit: Int
    ) throws -> (
        count: Int, cursor: Int64?
    )
}

/// What went wrong in a store.
public struct StoreError: Error, Sendable, Hashable {
    /// The kinds a caller can act on.
    public enum Code: String, Sendable {
        /// Another process holds the store: try later.
        case inUse
        /// The file is not a Care store.
        case notAStore
        /// The store is of a newer program.
        case newerSchema
        /// There is no store to read, or nothing in it of the name given.
        case missing
        /// A row changed since it was read.
        case conflict
        /// A final decision with this key exists: a defect.
        case duplicateDecision
        /// No space left.
        case full
        /// The store is damaged.
        case corrupt
        /// What is stored of one customer cannot be read; that of the others can. The message names its place.
        case unreadable
        /// Anything else: input/output, permissions.
        case io
    }
    /// Which kind.
    public var code: Code
    /// A sentence for the operator; no customer data.
    public var message: String

    /// An error of `code` that reads `message`.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

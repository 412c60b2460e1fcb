import CareDecisions
import CareLogic
import CarePlanning
import CareRules
import CareStore
import CareThreads
import CareValues

/// Compares what two rule sets would do to the customers of a store: reads, decides on a virtual clock, writes nothing.
///
/// Both are taken as put in force at the period's first instant, unless they are. A customer whom no edited campaign looks
/// at under either is the same under both: whether a trigger fires hangs on facts and time alone, and what does not fire
/// takes no place under a cap and displaces nothing. Only the others' whole future is run, twice.
public struct DiffRunner: Sendable {
    /// What was compared.
    public struct Result: Sendable {
        /// The differences, campaigns under the new rules' names.
        public var diff = RulesDiff()
        /// The period's first instant.
        public var from: Timestamp
        /// The first instant after it.
        public var until: Timestamp
        /// The project's zone.
        public var zone: Zone
        /// Both fingerprints: 64 hex digits.
        public var fingerprints: (old: String, new: String)
        /// The campaigns that are defined otherwise.
        public var changed: ChangedCampaigns
        /// How many campaigns the new rules have.
        public var campaigns: Int
        /// Whether it was ended before all customers were looked at.
        public var isInterrupted = false
        /// How many customers are left out, as something stored of each cannot be read.
        public var unreadable = 0
    }

    private let store: any CareStore
    private let zones: any ZoneDirectory
    private let realNow: Timestamp
    private let progress: (@Sendable (Int) -> Bool)?

    /// A runner on `store`; `progress` hears that so many more customers were looked at, and says whether to go on.
    public init(
        store: any CareStore, zones: any ZoneDirectory, realNow: Timestamp, progress: (@Sendable (Int) -> Bool)? = nil
    ) {
        self.store = store
        self.zones = zones
        self.realNow = realNow
        self.progress = progress
    }

    /// Compares `old` and `new` for so many days from `at`, nil: the store's clock, or now if that is later. Customers of
    /// whom something stored cannot be read are left out, and counted.
    ///
    /// - Throws: ``EngineError/clockBehindStore``; ``StoreError``.
    public func diff(
        _ old: CandidateRules, _ new: CandidateRules, at: Timestamp? = nil, days: Int, threads: Int,
        showsPII: Bool = false
    ) throws -> Result {
        let (clock, cuts) = try store.read { store in
            (try store.clock, threads > 1 ? try store.customerCuts(parts: threads) : [])
        }
        let from = at ?? max(clock ?? realNow, realNow)
        if let clock, from < clock { throw EngineError.clockBehindStore(asked: from, store: clock) }
        let until = new.zone.advance(from, by: ISODuration(days: Int32(clamping: days)))
        let isOneWorld = old.zone.name == new.zone.name && old.holidayText == new.holidayText
        let changed =
            isOneWorld ? ChangedCampaigns(old.rules, new.rules) : .all(because: "the zone or the holidays")
        var result = Result(
            from: from, until: until, zone: new.zone, fingerprints: (old.fingerprint, new.fingerprint),
            changed: changed, campaigns: new.rules.campaigns.count)
        if case .some(let names) = changed, names.isEmpty { return result }
        let bounds: [String?] = [nil] + cuts.map { $0 } + [nil]
        let results = Lock<[Int: Swift.Result<(RulesDiff, isInterrupted: Bool, unreadable: Int), any Error>]>([:])
        let work: @Sendable (Int) -> Void = { index in
            let part = Swift.Result {
                try self.store.read { store in
                    var part = try Part(
                        store, old, new, changed, from: from, until: until, zones: self.zones, showsPII: showsPII)
                    part.progress = self.progress
                    try part.scan(after: bounds[index], through: bounds[index + 1])
                    return (part.diff, isInterrupted: part.isInterrupted, unreadable: part.unreadable)
                }
            }
            results.withLock { $0[index] = part }
        }
        let workers = (1..<(bounds.count - 1)).map { index in Worker { work(index) } }
        work(0)
        for (index, worker) in workers.enumerated() {
            if let worker { worker.join() } else { work(index + 1) }
        }
        let parts = try results.withLock { results in
            try results.sorted { $0.key < $1.key }.map { try $0.value.get() }
        }
        for (diff, isInterrupted, unreadable) in parts {
            result.diff.merge(diff)
            if isInterrupted { result.isInterrupted = true }
            result.unreadable += unreadable
        }
        result.diff = result.diff.named(old.rules.renamedCampaigns).named(new.rules.renamedCampaigns)
        if !showsPII { result.diff.maskPersonalValues(under: [old.rules.schema, new.rules.schema]) }
        return result
    }
}

/// One side of the comparison.
private struct Side {
    let rules: RulesInForce
    let simulation: Simulation
    /// Only the campaigns that were edited; nil: all may be.
    let edited: Simulation?
    let names: Set<String>

    init(
        _ candidate: CandidateRules, _ changed: ChangedCampaigns, from: Timestamp, until: Timestamp,
        in store: any StoreSnapshot, zones: any ZoneDirectory
    ) throws {
        rules = try Activation.foreseen(candidate, at: from, in: store, zones: zones).rules
        simulation = Simulation(decider: rules.current, from: from, until: until)
        guard case .some(let names) = changed else {
            (edited, self.names) = (nil, [])
            return
        }
        let active = rules.current.active
        var ruleSet = active.rules
        ruleSet.campaigns.removeAll { !names.contains($0.identity) }
        var starts: [String: Timestamp] = [:]
        for (campaign, start) in zip(active.rules.campaigns, active.starts) { starts[campaign.name] = start }
        let only = ActiveRules(
            rules: ruleSet, epoch: active.epoch, activatedAt: active.activatedAt, starts: starts,
            projectZone: active.projectZone, zones: active.zones, holidays: active.holidays)
        edited = Simulation(decider: Decider(only), from: from, until: until)
        self.names = names
    }
}

/// A thread's part of the customers.
private struct Part {
    let store: any StoreSnapshot
    let old: Side
    let new: Side
    let from: Timestamp
    let until: Timestamp
    let zone: Zone
    let showsPII: Bool
    let changed: ChangedCampaigns
    var diff = RulesDiff()
    var isInterrupted = false
    /// Customers who are left out.
    var unreadable = 0
    var progress: (@Sendable (Int) -> Bool)?
    private var unheard = 0

    init(
        _ store: any StoreSnapshot, _ old: CandidateRules, _ new: CandidateRules, _ changed: ChangedCampaigns,
        from: Timestamp, until: Timestamp, zones: any ZoneDirectory, showsPII: Bool
    ) throws {
        self.store = store
        self.old = try Side(old, changed, from: from, until: until, in: store, zones: zones)
        self.new = try Side(new, changed, from: from, until: until, in: store, zones: zones)
        self.from = from
        self.until = until
        zone = new.zone
        self.showsPII = showsPII
        self.changed = changed
    }

    mutating func scan(after: String?, through: String?) throws {
        guard let left = old.edited?.decider, let right = new.edited?.decider,
            left.active.rules.schema.layoutHash == right.active.rules.schema.layoutHash
        else { return try scanAll(after: after, through: through) }
        var sieve = DiffSieve(old: left, new: right, from: from, until: until)
        try store.scanCustomers(wakeUpBefore: nil, after: after, through: through) { id, wakeUp, epoch, bytes in
            do {
                if try !sieve.take(id: id, wakeUp: wakeUp, epoch: epoch, bytes: bytes) {
                    try compare(id, wakeUp, epoch, bytes)
                }
            } catch let error where UnreadableCustomer.isCause(of: error) {
                leaveOut()
            }
            if sieve.isFull { try sieve.flush { try compareIfReadable($0.id, $0.wakeUp, $0.epoch, $1) } }
            return goesOn()
        }
        try sieve.flush { try compareIfReadable($0.id, $0.wakeUp, $0.epoch, $1) }
        _ = progress?(unheard)
    }

    /// Says how far it is, now and then; false: it is to end.
    private mutating func goesOn() -> Bool {
        diff.customers += 1
        unheard += 1
        guard unheard >= 1_024 else { return true }
        let goesOn = progress?(unheard) ?? true
        unheard = 0
        if !goesOn { isInterrupted = true }
        return goesOn
    }

    private mutating func scanAll(after: String?, through: String?) throws {
        try store.scanCustomers(wakeUpBefore: nil, after: after, through: through) { id, wakeUp, epoch, bytes in
            try compareIfReadable(id, wakeUp, epoch, bytes)
            return goesOn()
        }
        _ = progress?(unheard)
    }

    /// Counts a customer whom nothing can be told of.
    private mutating func leaveOut() {
        unreadable += 1
        diff.customers -= 1
    }

    private mutating func compareIfReadable(
        _ id: String, _ wakeUp: Timestamp?, _ epoch: Int64, _ bytes: UnsafeRawBufferPointer
    ) throws {
        do {
            try compare(id, wakeUp, epoch, bytes)
        } catch let error where UnreadableCustomer.isCause(of: error) {
            leaveOut()
        }
    }

    private mutating func compare(
        _ id: String, _ wakeUp: Timestamp?, _ epoch: Int64, _ bytes: UnsafeRawBufferPointer
    ) throws {
        let before = try old.rules.load(id: id, epoch: epoch, wakeUp: wakeUp, bytes: bytes, from: store)
        let after = try new.rules.load(id: id, epoch: epoch, wakeUp: wakeUp, bytes: bytes, from: store)
        if let left = old.edited, let right = new.edited, hasDecidedNothing(before), hasDecidedNothing(after),
            isQuiet(before.row, left, old.names), isQuiet(after.row, right, new.names)
        {
            return
        }
        var oldForecast = CustomerForecast()
        oldForecast.add(before.outcome)
        oldForecast.add(old.simulation.forecast(before.row, wakeUp: before.outcome.wakeUp))
        var newForecast = CustomerForecast()
        newForecast.add(after.outcome)
        newForecast.add(new.simulation.forecast(after.row, wakeUp: after.outcome.wakeUp))
        for index in diff.add(old: oldForecast, new: newForecast, zone: zone) {
            diff.samples[index].why = why(diff.samples[index], before, after)
        }
    }

    private func hasDecidedNothing(_ loaded: LoadedCustomer) -> Bool {
        loaded.outcome.decisions.isEmpty && loaded.outcome.entered.isEmpty
    }

    /// Whether no edited campaign looks at the customer in the period, nor has anything under way.
    private func isQuiet(_ row: CustomerRow, _ simulation: Simulation, _ names: Set<String>) -> Bool {
        let row = row.withMemory(ofCampaigns: names)
        guard row.memory.entries.isEmpty, row.memory.waiting.isEmpty, row.memory.delayed.isEmpty else { return false }
        guard row.memory.factsAhead.isEmpty else { return false }
        return simulation.forecast(row, wakeUp: simulation.decider.wakeUp(of: row)).isEmpty
    }

    // MARK: Why

    /// The first thing that differs for a decision, in words.
    private func why(_ sample: RulesDiff.Sample, _ before: LoadedCustomer, _ after: LoadedCustomer) -> String {
        func gate(_ decision: Decision) -> String {
            let cause = decision.cause
            return (decision.reason?.rawValue ?? decision.outcome.rawValue) + (cause.isEmpty ? "" : " (\(cause))")
        }
        switch (sample.old, sample.new) {
        case (let old?, let new?) where sample.kind == .moved:
            return old.due == new.due ? "decided at another instant" : "due at another instant"
        case (_?, _?) where sample.kind == .changed: return "another body"
        case (let old?, let new?):
            return sample.kind == .newly ? "was: " + gate(old) : gate(new)
        default: break
        }
        let instant = sample.new?.now ?? sample.old?.now ?? from
        let values = entryValues(sample.new ?? sample.old)
        let left = condition(of: sample.key.campaign, old, before, instant, values)
        let right = condition(of: sample.key.campaign, new, after, instant, values)
        switch (left, right) {
        case (nil, nil): return sample.kind == .newly ? "the campaign is new" : "the campaign is gone"
        case (nil, let right?): return right + " (was: none)"
        case (let left?, nil): return "(was: \(left))"
        case (let left?, let right?):
            return left == right ? "its trigger fires otherwise" : "\(right) (was: \(left))"
        }
    }

    private func entryValues(_ decision: Decision?) -> JSONObject? {
        if case .object(let entry)? = decision?.inputs["entry"] { entry } else { nil }
    }

    /// The node that decides the campaign's condition for the customer as time alone has it then; nil: no campaign.
    private func condition(
        of campaign: String, _ side: Side, _ loaded: LoadedCustomer, _ instant: Timestamp, _ entry: JSONObject?
    ) -> String? {
        let rules = side.rules.current.active.rules
        guard let index = rules.index(ofIdentity: campaign) else { return nil }
        guard let condition = rules.campaigns[index].condition ?? rules.campaigns[index].triggerWhere else {
            return "no condition"
        }
        var row = loaded.row
        row.asOf = max(row.asOf, instant)
        let node = condition.explain(side.rules.current.context(of: row, entry: entry), showsPII: showsPII)
        let truth = node.value == .bool(true) ? "" : " false"
        return node.decisive.text + truth
    }
}

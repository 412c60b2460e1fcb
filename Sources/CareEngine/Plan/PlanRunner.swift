import CareDecisions
import CarePlanning
import CareRules
import CareStore
import CareThreads
import CareValues

/// Makes a plan from a store: reads, decides on a virtual clock, writes nothing, sends nothing.
public struct PlanRunner: Sendable {
    /// What is asked for.
    public struct Request: Sendable {
        /// The period's first instant: the clock of the plan; nil: the store's clock, or now if that is later.
        public var at: Timestamp?
        /// How many days; the period ends at the same wall time so many days on.
        public var days: Int
        /// Where the period ends, that instant excluded; nil: where ``days`` say.
        public var until: Timestamp?
        /// Only this campaign's decisions; all campaigns are decided all the same.
        public var campaign: String?
        /// Only this customer.
        public var customer: String?
        /// Whether every decision is handed out, not only the sums.
        public var keepsDecisions: Bool
        /// Whether customers whom nothing can fall due for are passed over by columns where every row must be read; the
        /// plan is the same either way.
        public var usesColumns: Bool
        /// What is assumed to happen in the period, by customer, each customer's by `receivedAt`.
        public var assumed: [String: [Fact]] = [:]

        /// A request for `days` from `at`.
        public init(
            at: Timestamp? = nil, days: Int = 7, campaign: String? = nil, customer: String? = nil,
            keepsDecisions: Bool = false, usesColumns: Bool = true
        ) {
            self.at = at
            self.days = days
            self.campaign = campaign
            self.customer = customer
            self.keepsDecisions = keepsDecisions
            self.usesColumns = usesColumns
        }
    }

    /// Who looks on while a plan is made; called from its threads.
    public struct Observer: Sendable {
        /// Gets one customer's decisions, the last of each key, with what each rests on. `part` numbers the threads, in
        /// the order of their customers; within one the customers come in the store's order.
        public var decided: (@Sendable (_ part: Int, _ decisions: [(Decision, PlanBasis)]) throws -> Void)?
        /// Hears that so many more customers were looked at; false: the plan is to end with what it has.
        public var progress: (@Sendable (_ more: Int) -> Bool)?

        /// Nobody looks on, unless said.
        public init(
            decided: (@Sendable (_ part: Int, _ decisions: [(Decision, PlanBasis)]) throws -> Void)? = nil,
            progress: (@Sendable (_ more: Int) -> Bool)? = nil
        ) {
            self.decided = decided
            self.progress = progress
        }
    }

    private let observer: Observer
    private let store: any CareStore
    private let zones: any ZoneDirectory
    private let realNow: Timestamp

    /// A runner on `store`; `realNow` is what the clock reads when the request names no instant.
    public init(store: any CareStore, zones: any ZoneDirectory, realNow: Timestamp, observer: Observer = Observer()) {
        self.observer = observer
        self.store = store
        self.zones = zones
        self.realNow = realNow
    }

    /// The plan of `candidate`'s rules. Customers of whom something stored cannot be read are left out, and counted.
    ///
    /// - Throws: ``EngineError/clockBehindStore`` when `at` lies before the store's clock; ``EngineError/unreadableRow``
    ///   when the one customer asked for cannot be read.
    public func plan(_ candidate: CandidateRules, _ request: Request, threads: Int) throws -> Plan {
        let world = try store.read { try self.world(candidate, request, $0) }
        var parts: [PlanPart]
        if let customer = request.customer {
            parts = [try store.read { try part(customers: [customer], world, candidate, request, $0) }]
        } else {
            parts = try scan(world, candidate, request, threads: threads)
            if !request.assumed.isEmpty, !parts.contains(where: \.isInterrupted) {
                // Those something is assumed of are looked at last, whether or not anything is due for them.
                let others = request.assumed.keys.sorted()
                parts.append(
                    try store.read {
                        try part(customers: others, world, candidate, request, $0, number: parts.count)
                    })
            }
        }
        var tally = PlanTally()
        for part in parts { tally.merge(part.tally) }
        let customerZone = parts.first?.customerZone
        var decisions = parts.flatMap(\.decisions)
        decisions.sort { ($0.now, $0.key.customer, $0.key.campaign) < ($1.now, $1.key.customer, $1.key.campaign) }
        var plan = Plan(
            fingerprint: world.fingerprint, epoch: world.epoch, isActive: world.isActive, from: world.from,
            until: world.until, zone: candidate.zone, storeClock: world.storeClock, customers: world.customers,
            campaign: request.campaign, customer: request.customer,
            customerIsKnown: request.customer == nil || tally.customers > 0, campaigns: world.campaigns,
            tally: tally.named(candidate.rules.renamedCampaigns), decisions: decisions)
        plan.customerZone = customerZone
        if let customer = request.customer {
            plan.customerLife = try store.read { try Erasures(in: $0).generation(of: customer, in: $0) }
        }
        plan.storeID = world.storeID
        plan.isInterrupted = parts.contains(where: \.isInterrupted)
        plan.unreadable = parts.reduce(0) { $0 + $1.unreadable }
        plan.assumedFacts = request.assumed.values.reduce(0) { $0 + $1.count }
        return plan
    }

    /// The period that a request is about.
    public func period(of request: Request, _ candidate: CandidateRules) throws -> Range<Timestamp> {
        let from = try request.at ?? max(store.read { try $0.clock } ?? realNow, realNow)
        let until =
            request.until ?? candidate.zone.advance(from, by: ISODuration(days: Int32(clamping: request.days)))
        return from..<max(from, until)
    }

    /// What the whole plan shares.
    private struct World {
        var from: Timestamp
        var until: Timestamp
        var fingerprint: String
        var epoch: Int64
        var isActive: Bool
        var storeClock: Timestamp?
        var customers: Int
        var campaigns: [Plan.CampaignFacts]
        var mustReadEveryRow: Bool
        /// Whether there are rows of older rules.
        var hasOlderRows: Bool
        var storeID: String
        /// The campaigns whose running entries are counted: those of several steps that nothing foretells.
        var counted: Set<String>
    }

    /// Whether somebody gets to see the decisions, not only their sums.
    private func keepsDecisions(_ request: Request) -> Bool {
        request.keepsDecisions || request.customer != nil || observer.decided != nil
    }

    /// Whether ticks touch somebody in the period, or a scan of those before is not done: they wake nobody.
    private func hasTicks(
        _ decider: Decider, from: Timestamp, until: Timestamp, in store: any StoreSnapshot
    ) throws -> Bool {
        guard decider.hasTicks else { return false }
        let planner = try ScanPlanner(decider, in: store)
        return !planner.open(at: from).isEmpty || planner.next(after: from).map { $0 < until } ?? false
    }

    private struct PlanPart: Sendable {
        /// The number among the threads' parts.
        var number = 0
        var isInterrupted = false
        /// Customers looked at that ``Observer/progress`` has not heard of.
        var unheard = 0
        /// Customers who are left out: something stored of each cannot be read.
        var unreadable = 0
        var tally = PlanTally()
        var decisions: [Decision] = []
        var customerZone: Zone?
    }

    private func world(_ candidate: CandidateRules, _ request: Request, _ store: any StoreSnapshot) throws -> World {
        let storeClock = try store.clock
        let from = request.at ?? max(storeClock ?? realNow, realNow)
        if let storeClock, from < storeClock { throw EngineError.clockBehindStore(asked: from, store: storeClock) }
        let foreseen = try Activation.foreseen(candidate, at: from, in: store, zones: zones)
        let active = foreseen.rules.current.active
        let until =
            request.until ?? candidate.zone.advance(from, by: ISODuration(days: Int32(clamping: request.days)))
        let today = Zone.utc.date(at: from)
        let facts = try active.rules.campaigns.map { campaign in
            var events: Int?
            if case .event(let types) = campaign.trigger {
                events = try types.reduce(0) {
                    try $0
                        + store.count(
                            .event, name: $1, from: today.advanced(byDays: -27), until: today.advanced(byDays: 1))
                }
            }
            return Plan.CampaignFacts(
                name: campaign.name, identity: campaign.identity, needsApproval: campaign.terms.needsApproval,
                basis: PlanBasis(campaign.trigger), steps: campaign.steps.map(\.name),
                eventsInLast28Days: events,
                entriesInLast28Days: try store.count(
                    .entry, name: campaign.identity, from: today.advanced(byDays: -27), until: today.advanced(byDays: 1)
                ))
        }
        let hasOlderRows = try foreseen.isNew || !store.customers(below: active.epoch, limit: 1).isEmpty
        return World(
            from: from,
            until: until, fingerprint: foreseen.rules.fingerprint, epoch: active.epoch, isActive: !foreseen.isNew,
            storeClock: storeClock,
            customers: try store.customerCount, campaigns: facts,
            mustReadEveryRow: try hasOlderRows
                || hasTicks(foreseen.rules.current, from: from, until: until, in: store)
                // What waits for approval has the wake-up of its deadline, and may begin today.
                || foreseen.rules.current.active.rules.campaigns.contains { $0.terms.needsApproval },
            hasOlderRows: hasOlderRows,
            storeID: try store.storeID,
            counted: Set(
                active.rules.campaigns.filter { $0.steps.count > 1 && !PlanBasis($0.trigger).isForeseeable }
                    .map(\.identity)))
    }

    private func part(
        customers: [String], _ world: World, _ candidate: CandidateRules, _ request: Request,
        _ store: any StoreSnapshot, number: Int = 0
    ) throws -> PlanPart {
        var part = PlanPart(number: number)
        let rules = try Activation.foreseen(candidate, at: world.from, in: store, zones: zones).rules
        let simulation = Simulation(
            decider: rules.current, from: world.from, until: world.until, onlyCounts: !keepsDecisions(request))
        for customer in customers {
            do {
                guard let stored = try store.customer(customer) else { continue }
                try stored.row.withUnsafeBytes {
                    let loaded = try rules.load(
                        id: stored.id, epoch: stored.epoch, wakeUp: stored.wakeUp, bytes: $0, from: store)
                    part.customerZone = rules.current.context(of: loaded.row).zone
                    try forecast(
                        id: stored.id, wakeUp: stored.wakeUp, epoch: stored.epoch, bytes: $0, rules, simulation, world,
                        request, store, nil, into: &part)
                }
            } catch let error where request.customer == nil && UnreadableCustomer.isCause(of: error) {
                part.unreadable += 1
            }
        }
        return part
    }

    private func scan(
        _ world: World, _ candidate: CandidateRules, _ request: Request, threads: Int
    ) throws
        -> [PlanPart]
    {
        let cuts = threads > 1 ? try store.read { try $0.customerCuts(parts: threads) } : []
        let bounds: [String?] = [nil] + cuts.map { $0 } + [nil]
        let results = Lock<[Int: Result<PlanPart, any Error>]>([:])
        let work: @Sendable (Int) -> Void = { index in
            let result = Result {
                try self.scan(index, after: bounds[index], through: bounds[index + 1], world, candidate, request)
            }
            results.withLock { $0[index] = result }
        }
        let workers = (1..<(bounds.count - 1)).map { index in Worker { work(index) } }
        work(0)
        for (index, worker) in workers.enumerated() {
            // A thread that could not be had: its share is done here.
            if let worker { worker.join() } else { work(index + 1) }
        }
        return try results.withLock { results in
            try results.sorted { $0.key < $1.key }.map { try $0.value.get() }
        }
    }

    private func scan(
        _ number: Int, after: String?, through: String?, _ world: World, _ candidate: CandidateRules, _ request: Request
    ) throws -> PlanPart {
        try store.read { store in
            var part = PlanPart(number: number)
            let rules = try Activation.foreseen(candidate, at: world.from, in: store, zones: zones).rules
            let simulation = Simulation(
                decider: rules.current, from: world.from, until: world.until, onlyCounts: !keepsDecisions(request))
            if request.usesColumns {
                try self.sieved(rules, after, through, world, simulation, request, store, into: &part)
                return part
            }
            try forEachRow(
                rules, after, through, world, request, store, into: &part
            ) { id, wakeUp, epoch, bytes, part in
                try forecast(
                    id: id, wakeUp: wakeUp, epoch: epoch, bytes: bytes, rules, simulation, world, request, store, nil,
                    into: &part)
            }
            return part
        }
    }

    /// Calls `body` for each row that something may fall due for; those for whom nothing does are counted as far as they
    /// must be, and those something is assumed of are left to the end.
    private func forEachRow(
        _ rules: RulesInForce, _ after: String?, _ through: String?, _ world: World, _ request: Request,
        _ store: any StoreSnapshot, into part: inout PlanPart,
        _ body: (String, Timestamp?, Int64, UnsafeRawBufferPointer, inout PlanPart) throws -> Void
    ) throws {
        let readsAll = world.mustReadEveryRow || !world.counted.isEmpty
        try store.scanCustomers(
            wakeUpBefore: readsAll ? nil : world.until, after: after, through: through
        ) { id, wakeUp, epoch, bytes in
            if request.assumed[id] != nil { return true }
            try leavingOut(&part) { part in
                if world.mustReadEveryRow || (wakeUp ?? .distantFuture) < world.until {
                    try body(id, wakeUp, epoch, bytes, &part)
                } else if wakeUp != nil {
                    // Nothing falls due; but an entry under way has a wake-up.
                    try countRunning(bytes, id, epoch, rules, world, store, into: &part)
                }
            }
            return goesOn(&part)
        }
        _ = goesOn(&part, isLast: true)
    }

    /// Leaves out, and counts, the customer whom `body` cannot read.
    private func leavingOut(_ part: inout PlanPart, _ body: (inout PlanPart) throws -> Void) throws {
        do {
            try body(&part)
        } catch let error where UnreadableCustomer.isCause(of: error) {
            part.unreadable += 1
        }
    }

    /// The identity of the campaign of that name, which decisions carry.
    private func candidateIdentity(_ name: String, _ rules: RulesInForce) -> String {
        let rules = rules.current.active.rules
        return rules.index(ofCampaign: name).map { rules.campaigns[$0].identity } ?? name
    }

    /// As ``scan(_:after:through:_:_:_:)``, those ruled out by columns only counted.
    private func sieved(
        _ rules: RulesInForce, _ after: String?, _ through: String?, _ world: World, _ simulation: Simulation,
        _ request: Request, _ store: any StoreSnapshot, into part: inout PlanPart
    ) throws {
        let active = rules.current.active
        let sieve = PeriodSieve(rules.current, from: world.from, until: world.until)
        let hasBefore = try world.hasOlderRows && store.ruleSet(epoch: active.epoch - 1) != nil
        let before = hasBefore ? try rules.decider(ofEpoch: active.epoch - 1, in: store) : nil
        var scan = SievedScan(
            sieve, rules.current, from: world.from,
            ticksBefore: before.map { TickCalendar(decider: $0, from: world.from, until: world.from) })
        try forEachRow(rules, after, through, world, request, store, into: &part) { id, wakeUp, epoch, bytes, part in
            if try !scan.take(id: id, wakeUp: wakeUp, epoch: epoch, bytes: bytes) {
                try forecast(
                    id: id, wakeUp: wakeUp, epoch: epoch, bytes: bytes, rules, simulation, world, request, store, nil,
                    into: &part)
            }
            if scan.isFull { try decide(&scan, rules, simulation, world, request, store, into: &part) }
        }
        try decide(&scan, rules, simulation, world, request, store, into: &part)
        part.tally.customers += scan.passedOver
        part.tally.passedOver += scan.passedOver
        let campaign = request.campaign.map { candidateIdentity($0, rules) }
        for (index, count) in scan.notMatching.enumerated() where count > 0 {
            let identity = active.rules.campaigns[index].identity
            if campaign == nil || campaign == identity { part.tally.notMatching[identity, default: 0] += count }
        }
    }

    /// Decides those of a block whom the columns do not rule out.
    private func decide(
        _ scan: inout SievedScan, _ rules: RulesInForce, _ simulation: Simulation, _ world: World, _ request: Request,
        _ store: any StoreSnapshot, into part: inout PlanPart
    ) throws {
        try scan.flush { row, bytes, look in
            try leavingOut(&part) { part in
                try forecast(
                    id: row.id, wakeUp: row.wakeUp, epoch: row.epoch, bytes: bytes, rules, simulation, world, request,
                    store, look, into: &part)
            }
        }
    }

    /// Says how far it is, now and then; false: it is to end.
    private func goesOn(_ part: inout PlanPart, isLast: Bool = false) -> Bool {
        if !isLast { part.unheard += 1 }
        guard part.unheard >= 1_024 || isLast, let progress = observer.progress else { return true }
        let goesOn = progress(part.unheard)
        part.unheard = 0
        if !goesOn, !isLast { part.isInterrupted = true }
        return goesOn
    }

    /// Counts the entries under way of a customer for whom nothing falls due.
    private func countRunning(
        _ bytes: UnsafeRawBufferPointer, _ id: String, _ epoch: Int64, _ rules: RulesInForce, _ world: World,
        _ store: any StoreSnapshot, into part: inout PlanPart
    ) throws {
        guard try !RowCodec.glance(at: bytes).isQuiet else { return }
        count(
            try rules.load(id: id, epoch: epoch, wakeUp: nil, bytes: bytes, from: store).row.memory.entries, world,
            into: &part)
    }

    private func count(_ entries: [Entry], _ world: World, into part: inout PlanPart) {
        guard !entries.isEmpty, !world.counted.isEmpty else { return }
        for entry in entries where entry.lives && world.counted.contains(entry.campaign) {
            part.tally.running[entry.campaign, default: 0] += 1
        }
    }

    private func forecast(
        id: String, wakeUp: Timestamp?, epoch: Int64, bytes: UnsafeRawBufferPointer, _ rules: RulesInForce,
        _ simulation: Simulation, _ world: World, _ request: Request, _ store: any StoreSnapshot, _ look: PeriodLook?,
        into part: inout PlanPart
    ) throws {
        let loaded = try rules.load(id: id, epoch: epoch, wakeUp: wakeUp, bytes: bytes, from: store, look: look)
        count(loaded.row.memory.entries, world, into: &part)
        var forecast = CustomerForecast()
        forecast.add(loaded.outcome)
        forecast.add(
            simulation.forecast(
                loaded.row, wakeUp: loaded.outcome.wakeUp,
                assumed: request.assumed.isEmpty ? [] : request.assumed[id] ?? [], look: look))
        part.tally.customers += 1
        let campaign = request.campaign.map { candidateIdentity($0, rules) }
        part.tally.add(forecast, customer: id, campaign: campaign, zone: rules.current.active.projectZone)
        let keeps = request.keepsDecisions || request.customer != nil
        guard keeps || observer.decided != nil, !forecast.decisions.isEmpty else { return }
        var last: [(Decision, PlanBasis)] = []
        forecast.forEachLast { decision, basis in
            if campaign == nil || decision.key.campaign == campaign { last.append((decision, basis)) }
        }
        if keeps { part.decisions += last.map(\.0) }
        if !last.isEmpty { try observer.decided?(part.number, last) }
    }
}

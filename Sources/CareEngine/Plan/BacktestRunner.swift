import CareDecisions
import CareLogic
import CarePlanning
import CareRules
import CareStore
import CareThreads
import CareValues

/// Replays a store's facts under rules that were not, or not always, in force then; reads only.
public struct BacktestRunner: Sendable {
    /// What is asked for.
    public struct Request: Sendable {
        /// The first instant: rules are active since then.
        public var from: Timestamp
        /// The first instant after.
        public var until: Timestamp
        /// Only these campaigns' figures, by identity; nil: all.
        public var only: Set<String>?
        /// Whether caps, re-entry and decided occurrences begin with what the ledger has at ``from``.
        public var withLedger: Bool
        /// What is looked for after messages of campaigns without a goal.
        public var outcome: Backtest.Outcome
        /// The event types that are complaints.
        public var complaints: Set<String>

        /// A request about `[from, until)`.
        public init(
            from: Timestamp, until: Timestamp, only: Set<String>? = nil, withLedger: Bool = false,
            outcome: Backtest.Outcome, complaints: Set<String>
        ) {
            self.from = from
            self.until = until
            self.only = only
            self.withLedger = withLedger
            self.outcome = outcome
            self.complaints = complaints
        }
    }

    /// What is known of a campaign's real life.
    public struct Campaign: Sendable, Hashable {
        /// When rules with it were first put in force; nil: never.
        public var liveSince: Timestamp?
        /// Whether the holdout of today's rules was in force in the whole period, with its salt.
        public var hadHoldout = false
        /// The holdout of today's rules; nil: none.
        public var holdout: Double?
        /// Entries that really began in the period.
        public var realEntries = 0
        /// What was looked for.
        public var outcome: Backtest.Outcome
    }

    /// The figures.
    public struct Result: Sendable {
        /// The figures, campaigns under their names.
        public var backtest = Backtest()
        /// What differs from the old rules; nil: they were not asked about.
        public var diff: RulesDiff?
        /// By name.
        public var campaigns: [String: Campaign] = [:]
        /// What happened up to then is known.
        public var dataEnd: Timestamp
        /// Whether it was ended before every customer was replayed.
        public var isInterrupted = false
        /// How many customers are left out, as something stored of each cannot be read.
        public var unreadable = 0
    }

    private let store: any CareStore
    private let zones: any ZoneDirectory
    private let observer: PlanRunner.Observer

    /// A runner on `store`.
    public init(
        store: any CareStore, zones: any ZoneDirectory, observer: PlanRunner.Observer = PlanRunner.Observer()
    ) {
        self.store = store
        self.zones = zones
        self.observer = observer
    }

    /// Replays under `candidate`, and beside it under `old`. Customers whose facts or decisions cannot be read are left
    /// out, and counted.
    ///
    /// - Throws: ``StoreError``; ``EngineError/unreadableRules``.
    public func run(
        _ candidate: CandidateRules, against old: CandidateRules? = nil, _ request: Request, threads: Int
    ) throws -> Result {
        let cuts = threads > 1 ? try store.read { try $0.customerCuts(parts: threads) } : []
        let dataEnd = try store.read { try $0.clock } ?? request.until
        let campaigns = try store.read { try self.campaigns(candidate, request, $0) }
        let bounds: [String?] = [nil] + cuts.map { $0 } + [nil]
        let results = Lock<[Int: Swift.Result<Result, any Error>]>([:])
        let work: @Sendable (Int) -> Void = { number in
            let part = Swift.Result {
                try self.part(
                    number, candidate, old, request, campaigns, dataEnd, after: bounds[number],
                    through: bounds[number + 1])
            }
            results.withLock { $0[number] = part }
        }
        let workers = (1..<(bounds.count - 1)).map { number in Worker { work(number) } }
        work(0)
        for (number, worker) in workers.enumerated() {
            if let worker { worker.join() } else { work(number + 1) }
        }
        var all = Result(dataEnd: dataEnd)
        if old != nil { all.diff = RulesDiff() }
        for part in try results.withLock({ try $0.sorted { $0.key < $1.key }.map { try $0.value.get() } }) {
            all.backtest.merge(part.backtest)
            if let diff = part.diff { all.diff?.merge(diff) }
            if part.isInterrupted { all.isInterrupted = true }
            all.unreadable += part.unreadable
        }
        let names = candidate.rules.renamedCampaigns
        all.backtest = all.backtest.named(names)
        all.diff = all.diff?.named(old?.rules.renamedCampaigns ?? [:]).named(names)
        for (identity, campaign) in campaigns { all.campaigns[names[identity] ?? identity] = campaign }
        return all
    }

    /// The campaigns' real life, by identity.
    private func campaigns(
        _ candidate: CandidateRules, _ request: Request, _ store: any StoreSnapshot
    ) throws -> [String: Campaign] {
        var campaigns: [String: Campaign] = [:]
        let days = (Zone.utc.date(at: request.from), Zone.utc.date(at: request.until))
        for campaign in candidate.rules.campaigns {
            var facts = Campaign(outcome: request.outcome)
            if let goal = campaign.terms.goal {
                facts.outcome = Backtest.Outcome(types: goal.types, within: goal.within)
            }
            facts.holdout = campaign.gates.holdout.map(\.fraction)
            facts.realEntries = try store.count(
                .entry, name: campaign.identity, from: days.0, until: days.1)
            campaigns[campaign.identity] = facts
        }
        guard let newest = try store.activeRuleSet()?.epoch else { return campaigns }
        let rules = try RulesInForce(in: store, zones: zones)
        var hadHoldout: [String: Bool] = [:]
        for epoch in 1...newest {
            let active = try rules.decider(ofEpoch: epoch, in: store).active
            let next = epoch < newest ? try rules.decider(ofEpoch: epoch + 1, in: store).active.activatedAt : nil
            let isInPeriod = active.activatedAt < request.until && (next ?? .distantFuture) > request.from
            for campaign in candidate.rules.campaigns {
                let place = active.rules.index(ofIdentity: campaign.identity)
                if place != nil, campaigns[campaign.identity]?.liveSince == nil {
                    campaigns[campaign.identity]?.liveSince = active.activatedAt
                }
                guard isInPeriod else { continue }
                let stored = place.flatMap { active.rules.campaigns[$0].gates.holdout }
                let isSame = stored != nil && stored == campaign.gates.holdout
                hadHoldout[campaign.identity] = (hadHoldout[campaign.identity] ?? true) && isSame
            }
        }
        for (identity, isSame) in hadHoldout {
            let since = campaigns[identity]?.liveSince ?? .distantFuture
            campaigns[identity]?.hadHoldout = isSame && since <= request.from
        }
        return campaigns
    }

    private func part(
        _ number: Int, _ candidate: CandidateRules, _ old: CandidateRules?, _ request: Request,
        _ campaigns: [String: Campaign], _ dataEnd: Timestamp, after: String?, through: String?
    ) throws -> Result {
        var result = Result(dataEnd: dataEnd)
        try store.read { store in
            let onlyCounts = old == nil && observer.decided == nil
            let replay = try self.replay(candidate, request, store, onlyCounts: onlyCounts)
            let other = try old.map { try self.replay($0, request, store, onlyCounts: false) }
            if other != nil { result.diff = RulesDiff() }
            let outcomes = campaigns.mapValues(\.outcome)
            let zone = candidate.zone
            var unheard = 0
            var ids: [String] = []
            func flush() throws -> Bool {
                for id in ids {
                    unheard += 1
                    guard let (facts, start) = try self.past(of: id, replay, request, store) else {
                        result.unreadable += 1
                        continue
                    }
                    let forecast = replay.run(
                        customer: id, facts: facts, acts: start.acts, marks: start.marks, decided: start.decided)
                    result.backtest.facts += facts.count {
                        $0.receivedAt >= request.from && $0.receivedAt < request.until
                    }
                    let isLate =
                        facts.first { if case .attributes = $0 { true } else { false } }
                        .map { $0.receivedAt >= request.from } ?? false
                    if isLate, facts.first.map({ $0.receivedAt < request.from }) ?? false {
                        result.backtest.withoutAttributes += 1
                    }
                    result.backtest.add(
                        forecast, facts: facts, only: request.only, outcomes: outcomes, otherwise: request.outcome,
                        complaints: request.complaints, dataEnd: dataEnd, zone: zone)
                    if let other {
                        let before = other.run(
                            customer: id, facts: facts, acts: start.acts, marks: start.marks, decided: start.decided)
                        _ = result.diff?.add(old: before, new: forecast, zone: zone)
                    }
                    if let decided = self.observer.decided, !forecast.decisions.isEmpty {
                        var last: [(Decision, PlanBasis)] = []
                        forecast.forEachLast { decision, _ in
                            if request.only?.contains(decision.key.campaign) ?? true {
                                last.append((decision, .known))
                            }
                        }
                        try decided(number, last)
                    }
                }
                ids.removeAll(keepingCapacity: true)
                defer { unheard = 0 }
                return self.observer.progress?(unheard) ?? true
            }
            try store.scanCustomers(wakeUpBefore: nil, after: after, through: through) { id, _, _, _ in
                ids.append(id)
                guard ids.count >= 512 else { return true }
                let goesOn = try flush()
                if !goesOn { result.isInterrupted = true }
                return goesOn
            }
            _ = try flush()
        }
        return result
    }

    private func replay(
        _ candidate: CandidateRules, _ request: Request, _ store: any StoreSnapshot, onlyCounts: Bool
    ) throws -> Replay {
        let candidate = try candidate.scored(in: store)
        let active = ActiveRules(
            rules: candidate.rules, epoch: 1, activatedAt: request.from, starts: [:], projectZone: candidate.zone,
            zones: zones, holidays: candidate.holidays)
        return Replay(
            decider: Decider(active), from: request.from, until: request.until, onlyCounts: onlyCounts)
    }

    /// Facts by when they were received; of one request as they lie.
    private static func orderByReceipt(_ facts: inout [Fact]) {
        for index in facts.indices.dropFirst() where facts[index].receivedAt < facts[index - 1].receivedAt {
            let ordered = facts.enumerated().sorted {
                ($0.element.receivedAt, $0.offset) < ($1.element.receivedAt, $1.offset)
            }
            facts = ordered.map(\.element)
            return
        }
    }

    // MARK: The real ledger

    private struct LedgerStart {
        var acts = CountedActs()
        var marks: [ReentryMark] = []
        var decided: [DecidedOccurrence] = []
    }

    /// All that a replay of a customer begins with; nil: some of it cannot be read.
    private func past(
        of id: String, _ replay: Replay, _ request: Request, _ store: any StoreSnapshot
    ) throws -> (facts: [Fact], start: LedgerStart)? {
        do {
            var facts = try store.facts(of: id, receivedUntil: nil).filter { !$0.isBase }
            Self.orderByReceipt(&facts)
            let start = try request.withLedger ? ledger(of: id, replay, request, store) : LedgerStart()
            return (facts, start)
        } catch let error where UnreadableCustomer.isCause(of: error) {
            return nil
        }
    }

    /// What the ledger says of a customer before the period, as a row would remember it.
    private func ledger(
        of id: String, _ replay: Replay, _ request: Request, _ store: any StoreSnapshot
    ) throws -> LedgerStart {
        var start = LedgerStart()
        let rules = replay.decider.active.rules
        for entry in try store.ledger(of: id, campaign: nil) where entry.now < request.from && entry.number == 0 {
            guard let index = rules.index(ofIdentity: entry.campaign) else { continue }
            if entry.outcome == CareDecisions.Outcome.act.rawValue,
                let act = rules.countedAct(campaign: entry.campaign, step: entry.step, action: entry.action)
            {
                start.acts.add(tags: act.tags, destination: act.destination, at: entry.now)
            }
            let known = DecidedOccurrence(campaign: entry.campaign, occurrence: entry.occurrence, due: entry.due)
            if !start.decided.contains(where: { $0.campaign == known.campaign && $0.occurrence == known.occurrence }) {
                start.decided.append(known)
            }
            // Which entry key it was the ledger does not say: without one it counts for the campaign as a whole.
            guard !entry.step.isEmpty, rules.campaigns[index].entryKey == nil else { continue }
            let act = entry.outcome == CareDecisions.Outcome.act.rawValue ? entry.now : nil
            if let place = start.marks.firstIndex(where: { $0.campaign == entry.campaign }) {
                start.marks[place].lastAct = act ?? start.marks[place].lastAct
                start.marks[place].lastEntry = max(start.marks[place].lastEntry, min(entry.due, entry.now))
            } else {
                start.marks.append(
                    ReentryMark(campaign: entry.campaign, entryKey: "", lastEntry: entry.due, lastAct: act))
            }
        }
        return start
    }
}

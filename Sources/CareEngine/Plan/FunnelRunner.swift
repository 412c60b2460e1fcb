import CareDecisions
import CarePlanning
import CareRules
import CareStore
import CareThreads
import CareValues

/// Asks a whole store why a campaign would not act, customer by customer; writes nothing.
public struct FunnelRunner: Sendable {
    /// What was asked, and the answers.
    public struct Result: Sendable {
        /// The answers.
        public var funnel = Funnel()
        /// The period's first instant.
        public var from: Timestamp
        /// The first instant after it.
        public var until: Timestamp
        /// Whether occurrences were foreseen; else it was asked as if the campaign fired at ``from``.
        public var isForeseen = true
        /// Whether it was ended before everybody was asked about.
        public var isInterrupted = false
        /// How many customers are left out, as something stored of each cannot be read.
        public var unreadable = 0
    }

    private let store: any CareStore
    private let zones: any ZoneDirectory
    private let realNow: Timestamp
    private let progress: (@Sendable (Int) -> Bool)?

    /// A runner on `store`; `progress` hears that so many more customers were asked about, and says whether to go on.
    public init(
        store: any CareStore, zones: any ZoneDirectory, realNow: Timestamp, progress: (@Sendable (Int) -> Bool)? = nil
    ) {
        self.store = store
        self.zones = zones
        self.realNow = realNow
        self.progress = progress
    }

    /// Asks about the campaign of that name for a request's period.
    ///
    /// - Throws: ``EngineError/clockBehindStore``; ``StoreError``.
    public func run(
        _ campaign: String, _ candidate: CandidateRules, _ request: PlanRunner.Request, threads: Int
    ) throws -> Result {
        let period = try PlanRunner(store: store, zones: zones, realNow: realNow).period(of: request, candidate)
        if let clock = try store.read({ try $0.clock }), period.lowerBound < clock {
            throw EngineError.clockBehindStore(asked: period.lowerBound, store: clock)
        }
        let cuts = threads > 1 ? try store.read { try $0.customerCuts(parts: threads) } : []
        let bounds: [String?] = [nil] + cuts.map { $0 } + [nil]
        let results = Lock<[Int: Swift.Result<Result, any Error>]>([:])
        let work: @Sendable (Int) -> Void = { number in
            let part = Swift.Result {
                try self.part(campaign, candidate, period, after: bounds[number], through: bounds[number + 1])
            }
            results.withLock { $0[number] = part }
        }
        let workers = (1..<(bounds.count - 1)).map { number in Worker { work(number) } }
        work(0)
        for (number, worker) in workers.enumerated() {
            if let worker { worker.join() } else { work(number + 1) }
        }
        var all = Result(from: period.lowerBound, until: period.upperBound)
        for part in try results.withLock({ try $0.sorted { $0.key < $1.key }.map { try $0.value.get() } }) {
            all.funnel.merge(part.funnel)
            all.isForeseen = part.isForeseen
            if part.isInterrupted { all.isInterrupted = true }
            all.unreadable += part.unreadable
        }
        return all
    }

    private func part(
        _ campaign: String, _ candidate: CandidateRules, _ period: Range<Timestamp>, after: String?, through: String?
    ) throws -> Result {
        var result = Result(from: period.lowerBound, until: period.upperBound)
        try store.read { store in
            let rules = try Activation.foreseen(candidate, at: period.lowerBound, in: store, zones: zones).rules
            guard let index = rules.current.active.rules.index(ofCampaign: campaign) else { return }
            let asker = FunnelAsker(
                decider: rules.current, campaign: index, from: period.lowerBound, until: period.upperBound)
            let simulation = Simulation(decider: rules.current, from: period.lowerBound, until: period.upperBound)
            result.isForeseen = asker.isForeseen
            var unheard = 0
            try store.scanCustomers(wakeUpBefore: nil, after: after, through: through) { id, wakeUp, epoch, bytes in
                do {
                    let loaded = try rules.load(id: id, epoch: epoch, wakeUp: wakeUp, bytes: bytes, from: store)
                    var forecast = CustomerForecast()
                    if asker.isForeseen {
                        forecast.add(loaded.outcome)
                        forecast.add(simulation.forecast(loaded.row, wakeUp: loaded.outcome.wakeUp))
                    }
                    result.funnel.add(asker.stage(loaded.row, forecast))
                } catch let error where UnreadableCustomer.isCause(of: error) {
                    result.unreadable += 1
                }
                unheard += 1
                guard unheard >= 1_024 else { return true }
                let goesOn = progress?(unheard) ?? true
                unheard = 0
                if !goesOn { result.isInterrupted = true }
                return goesOn
            }
            _ = progress?(unheard)
        }
        return result
    }
}

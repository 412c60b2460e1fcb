import CareAPI
import CareEngine
import CareThreads
import CareValues

extension ConsoleSource {
    /// What pages show of a running service.
    init(
        _ service: ServiceContext, _ candidate: CandidateRules, _ rulesName: String, _ storeName: String,
        _ refusal: @escaping @Sendable () -> (at: Timestamp, diagnostics: [Diagnostic])?,
        _ tests: @escaping @Sendable () -> [RuleTestText]
    ) {
        let live = service.live
        // Made anew only for a new epoch: the holidays that go with rules are a long text.
        let known = Lock<(epoch: Int64, candidate: CandidateRules)>((-1, candidate))
        let approved = ApprovedPlans(storePath: service.environment.storePath)
        self.init(
            store: service.store, zones: service.zones, clock: service.clock, storeName: storeName,
            rulesName: rulesName, destinations: service.environment.destinations,
            rules: {
                guard let rules = live.rules else { return known.withLock { $0.candidate } }
                return known.withLock { known in
                    if known.epoch != rules.epoch { known = (rules.epoch, rules.candidate) }
                    return known.candidate
                }
            },
            tests: tests,
            refusal: { refusal().map { Refusal(at: $0.at, diagnostics: $0.diagnostics) } },
            metrics: { (try? service.dispatcher.metrics()) ?? [] },
            approvedCampaigns: { approved.campaigns() })
    }
}

extension Reach {
    /// What somebody may do, as pages need to know it.
    init(_ identity: Identity) {
        self = identity.may(.admin) ? .admin : identity.may(.operate) ? .operate : .read
    }
}

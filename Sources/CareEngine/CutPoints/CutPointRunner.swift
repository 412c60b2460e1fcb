import CareDecisions
import CareLogic
import CareStore
import CareValues

/// Computes the quantile cut points of RFM traits over a store's customers, in one pass, and stores them as a new set.
public struct CutPointRunner {
    /// What came out for one trait.
    public struct Result: Sendable {
        /// What was measured.
        public var definition: RFMDefinition
        /// How many customers have a score.
        public var customers: Int
        /// The cut points in force until now; nil: none that fit the definition.
        public var before: CutPointSet.Entry?
        /// The new cut points; nil: no customer could be measured, and those before stay.
        public var after: RFMCutPoints?
        /// How many customers get other scores.
        public var movedScores: Int
        /// How many of them get another group.
        public var movedGroups: Int
        /// Customers of whom the trait holds more than its limit: they were not measured.
        public var overLimit: Int
    }

    /// What one run did.
    public struct Summary: Sendable {
        /// The instant customers were measured at.
        public var asOf: Timestamp
        /// One for each trait, by name.
        public var results: [Result]
        /// The customers of the store.
        public var customers: Int
        /// The version of the newest set before; nil: there was none.
        public var versionBefore: Int64?
        /// The version of the new set; nil: nothing was written, because nothing is new or nothing was to be written.
        public var version: Int64?
        /// Whether a cut point is another than before.
        public var isNew: Bool
    }

    private let store: any CareStore
    private let zones: any ZoneDirectory
    private let realNow: Timestamp

    /// A runner on `store`; `realNow` is what the clock reads when no instant is named.
    public init(store: any CareStore, zones: any ZoneDirectory, realNow: Timestamp) {
        self.store = store
        self.zones = zones
        self.realNow = realNow
    }

    /// Measures the customers at `at` (nil: now, or the store's clock if that is later) and, unless `isDryRun`, stores
    /// the cut points when one of them is new: those of `trait` alone when named, the others then stay as they are.
    ///
    /// - Throws: ``EngineError/clockBehindStore`` when `at` lies before the store's clock: what has left a window by then
    ///   is not known any more.
    public func run(
        _ candidate: CandidateRules, trait: String?, at: Timestamp?, isDryRun: Bool
    ) throws -> Summary {
        let (found, set) = try store.read { try survey(candidate, trait: trait, at: at, in: $0) }
        var summary = found
        guard !isDryRun, summary.isNew else { return summary }
        // Measuring takes long, and a service must not wait for it: only what came out is written. Another set that came
        // meanwhile has its version.
        try store.write { transaction in
            try transaction.append(StoredCutPoints(version: set.version, computedAt: summary.asOf, text: set.text))
        }
        summary.version = set.version
        return summary
    }

    private func survey(
        _ candidate: CandidateRules, trait: String?, at: Timestamp?, in store: any StoreSnapshot
    ) throws -> (summary: Summary, set: CutPointSet) {
        let clock = try store.clock
        let asOf = at ?? max(clock ?? realNow, realNow)
        if let clock, asOf < clock { throw EngineError.clockBehindStore(asked: asOf, store: clock) }
        let rules = try Activation.foreseen(candidate, at: asOf, in: store, zones: zones).rules
        let schema = rules.current.active.rules.schema
        let definitions = schema.rfmDefinitions.filter { $0.fixed == nil && (trait ?? $0.name) == $0.name }
        var surveys = definitions.map { _ in RFMSurvey() }
        var overLimit = definitions.map { _ in 0 }
        try store.scanCustomers(wakeUpBefore: nil, after: nil, through: nil) { id, _, epoch, bytes in
            let (cache, zone) = try rules.facts(id: id, epoch: epoch, bytes: bytes, from: store)
            for (position, definition) in definitions.enumerated() {
                do {
                    if let measures = try schema.measures(of: definition, in: cache, now: asOf, zone: zone) {
                        surveys[position].add(measures)
                    }
                } catch {
                    overLimit[position] += 1
                }
            }
            return true
        }
        let old = try CutPointSet.stored(version: nil, in: store)
        var entries = (old?.entries ?? [])
        var results: [Result] = []
        for (position, definition) in definitions.enumerated() {
            let survey = surveys[position]
            let before = schema.entries(of: old).first { $0.trait == definition.name }
            var result = Result(
                definition: definition, customers: survey.customers, before: before, after: survey.quantiles(),
                movedScores: 0, movedGroups: 0, overLimit: overLimit[position])
            if let points = result.after {
                (result.movedScores, result.movedGroups) = survey.moves(from: before?.points, to: points)
                if points != before?.points {
                    entries.removeAll { $0.trait == definition.name }
                    entries.append(
                        CutPointSet.Entry(
                            trait: definition.name, fingerprint: definition.fingerprint, asOf: asOf,
                            customers: survey.customers, points: points))
                }
            }
            results.append(result)
        }
        let summary = Summary(
            asOf: asOf, results: results, customers: try store.customerCount, versionBefore: old?.version,
            version: nil, isNew: results.contains { $0.after != nil && $0.after != $0.before?.points })
        return (summary, CutPointSet(version: (old?.version ?? 0) + 1, entries: entries))
    }
}

import CareDispatch
import CareEngine
import CareStore
import CareValues

/// Where pages get from what they show.
struct ConsoleSource: Sendable {
    /// Rule files that were read and refused: the rules before keep running.
    struct Refusal: Sendable {
        /// The real clock when they were refused.
        var at: Timestamp
        var diagnostics: [Diagnostic]
    }

    let store: any CareStore
    let zones: any ZoneDirectory
    let clock: DecisionClock
    /// The store as people read it.
    let storeName: String
    /// The folder of rule files as people read it.
    let rulesName: String
    /// The destinations of `care.json`.
    let destinations: [DestinationSettings]
    /// The rules of the files, as they were last put in force.
    let rules: @Sendable () -> CandidateRules
    /// The files of tests beside the rules, as they are now. Blocks.
    let tests: @Sendable () -> [RuleTestText]
    /// The last refusal, if nothing was put in force since.
    let refusal: @Sendable () -> Refusal?
    /// What the dispatcher has seen since its start; empty where none runs.
    let metrics: @Sendable () -> [DestinationMetrics]
    /// The campaigns, by name, of plans that are approved and still to be carried out.
    let approvedCampaigns: @Sendable () -> Set<String>
}

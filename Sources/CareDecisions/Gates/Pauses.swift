import CareLogic
import CareRules
import CareValues

/// Whether a pause holds: gate `paused`. The first of the list that does is the reason.
enum PauseGate {
    /// A pause that holds opens when its condition can change through time alone.
    static func stop(
        _ pauses: [Pause], _ campaign: Campaign, _ action: Action, _ context: @autoclosure () -> EvaluationContext
    ) throws(LogicError) -> Stop? {
        guard !pauses.isEmpty, action.audience == .customer else { return nil }
        for pause in pauses {
            if let tags = pause.tags, !tags.contains(where: campaign.tags.contains) { continue }
            let (isPaused, validUntil) = try pause.when.isTrue(context())
            guard isPaused else { continue }
            let cause = Stop.Cause(kind: "pause", name: pause.name)
            switch pause.then {
            case .hold: return Stop(outcome: .hold, reason: .paused, release: validUntil, cause: cause)
            case .suppress: return Stop(outcome: .suppress, reason: .paused, cause: cause)
            }
        }
        return nil
    }
}

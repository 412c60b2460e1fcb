import CareValues

/// What a gate says to an action that may not pass.
struct Stop: Sendable, Hashable {
    /// `hold`, `suppress` or `skip`.
    var outcome: Outcome
    /// The closed reason.
    var reason: Reason
    /// Of a hold: when the gate opens, after now; `distantFuture`: not by time alone.
    var release: Timestamp = .distantFuture
    /// What stopped it, for the decision's inputs: which cap, which pause.
    var cause: Cause?
    /// Whether the action's own condition was false: an alternative that was not taken.
    var isAlternative = false

    /// The part of the policies that stopped an action.
    struct Cause: Sendable, Hashable {
        /// The kind: `cap`, `pause`, `window`.
        var kind: String
        /// Its name.
        var name: String
    }
}

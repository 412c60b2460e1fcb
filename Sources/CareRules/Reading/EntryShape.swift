import CareLogic

/// What `entry.*` holds, which depends on the trigger.
struct EntryShape: Sendable {
    /// The event types it comes from; nil: no event began it.
    var eventTypes: [String]?
    /// The names there are when no event began it; nil: not known, because the trigger is broken.
    var names: [String]?

    /// The trigger is broken: nothing can be said.
    static let unknown = EntryShape(eventTypes: nil, names: nil)
    /// Begun by an event of one of these types: its properties.
    static func event(_ types: [String]) -> EntryShape { EntryShape(eventTypes: types, names: nil) }
    /// Begun by a change.
    static let change = EntryShape(eventTypes: nil, names: ["from", "to"])
    /// Begun by the return of a date.
    static let anniversary = EntryShape(eventTypes: nil, names: ["date", "years", "offset"])
    /// Begun by silence.
    static let inactivity = EntryShape(eventTypes: nil, names: ["since", "repeat"])
}

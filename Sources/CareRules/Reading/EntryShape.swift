import CareLogic
import CareValues

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
    /// Begun by entering or leaving a segment.
    static let segment = EntryShape(eventTypes: nil, names: ["segment"])
    /// Begun by a date.
    static let date = EntryShape(eventTypes: nil, names: ["date", "offset"])
    /// Begun by the return of a date.
    static let anniversary = EntryShape(eventTypes: nil, names: ["date", "years", "offset"])
    /// Begun by a holiday.
    static let holiday = EntryShape(eventTypes: nil, names: ["date", "offset", "holiday", "region"])
    /// Begun by a schedule.
    static let schedule = EntryShape(eventTypes: nil, names: [])
    /// Begun by silence.
    static let inactivity = EntryShape(eventTypes: nil, names: ["since", "repeat"])

    /// The scope of the trigger's `where`: the event at hand, or, where there is none, the entry about to begin.
    var whereScope: ExpressionScope {
        guard let eventTypes else { return ExpressionScope(allowsEvent: false, allowsEntry: true) }
        return ExpressionScope(allowsEvent: true, allowsEntry: false, eventTypes: eventTypes)
    }

    /// The scope of `entryKey`.
    var entryKeyScope: ExpressionScope {
        ExpressionScope(allowsEvent: eventTypes != nil, allowsEntry: true, eventTypes: eventTypes ?? [])
    }

    /// The names that `entry.*` may have, or nil when any may: the properties of events that are all declared, and
    /// those under which an entry keeps properties called like parts of the event itself.
    func knownNames(in schema: Schema) -> [String]? {
        if let names { return names }
        guard let eventTypes else { return nil }
        var known: Set<String> = []
        for type in eventTypes {
            guard let declared = schema.events[type]?.properties, !declared.isEmpty else { return nil }
            known.formUnion(declared.keys)
        }
        return known.sorted() + ["id", "properties", "time", "type"]
    }
}

extension ExpressionScope {
    /// Conditions after the entry has begun.
    static let entered = ExpressionScope(allowsEvent: false, allowsEntry: true)

    /// The `where` of an exit: the event at hand beside the entry.
    static func exitWhere(types: [String]) -> ExpressionScope {
        ExpressionScope(allowsEvent: true, allowsEntry: true, eventTypes: types)
    }
}

/// Every `var` below `node` that reads a value of the entry which the trigger never gives.
func checkEntryNames(_ node: JSONNode, entry: EntryShape, schema: Schema, _ findings: inout Findings) {
    guard let known = entry.knownNames(in: schema) else { return }
    switch node.kind {
    case .array:
        for element in node.elements { checkEntryNames(element, entry: entry, schema: schema, &findings) }
    case .object:
        for (key, value) in node.members {
            let place = value.kind == .array ? value.elements.first { _ in true } : value
            guard key.string == "var", let place, let path = place.string, path.hasPrefix("entry.") else {
                checkEntryNames(value, entry: entry, schema: schema, &findings)
                continue
            }
            let name = String(path.split(separator: ".", omittingEmptySubsequences: false)[1])
            guard !known.contains(name) else { continue }
            let meant = suggestion(for: name, among: known)
            if entry.eventTypes == nil {
                let others =
                    known.isEmpty ? "its trigger gives it no values" : "it has \(known.joined(separator: ", "))"
                findings.error(
                    "rule.unknown-name", at: place, "the entry has no '\(name)'", help: meant ?? others)
            } else {
                findings.warning(
                    "rule.undeclared-property", at: place, "no property '\(name)' of that event is declared",
                    help: meant ?? "declare it under 'events'")
            }
        }
    case .null, .bool, .number, .string: break
    }
}

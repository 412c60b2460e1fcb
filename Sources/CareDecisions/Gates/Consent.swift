import CareLogic
import CareRules
import CareValues

/// Whether a customer has agreed to the channel: gate `no_consent`.
enum ConsentGate {
    private static let granted = LogicValue.string("granted")

    /// A consent is granted or denied; missing is denied. Actions for staff need none.
    static func stop(_ action: Action, cache: FactCache, schema: Schema) -> Stop? {
        guard action.audience == .customer else { return nil }
        for attribute in action.consents where cache.attribute(attribute, schema: schema) != granted {
            return Stop(outcome: .suppress, reason: .noConsent)
        }
        return nil
    }

    /// Whether one of `changes` takes back what was granted.
    static func withdraws(_ changes: [AttributeChange], schema: Schema) -> Bool {
        changes.contains { change in
            guard case .consent = schema.attributes[change.index].type else { return false }
            return change.to != granted
        }
    }

    /// The names of the consent attributes that are not granted.
    static func refused(cache: FactCache, schema: Schema) -> Set<String> {
        var names: Set<String> = []
        for (index, attribute) in schema.attributes.enumerated() {
            guard case .consent = attribute.type else { continue }
            if cache.attribute(index, schema: schema) != granted { names.insert(attribute.name) }
        }
        return names
    }
}

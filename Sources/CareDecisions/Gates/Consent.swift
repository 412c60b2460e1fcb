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
}

import CareDecisions
import CareLogic
import CarePlanning
import CareStore
import CareValues

/// Hides what is personal in what is stored of one customer, for people who did not ask for it.
///
/// Properties of events are not declared personal: one is hidden that has the name of a personal attribute or trait, or
/// the value of a personal attribute.
public struct PersonalMask: Sendable {
    private let names: Set<String>
    private let values: Set<JSONValue>
    private let schema: Schema

    /// The mask of a customer's row. A trait that cannot be computed is personal all the same.
    public init(_ context: EvaluationContext) {
        let schema = context.schema
        let attributes = schema.attributes.indices.filter { schema.attributes[$0].isPII }
        let traits = schema.traits.indices.filter { schema.isPersonal(trait: $0) }
        names = Set(attributes.map { schema.attributes[$0].name } + traits.map { schema.traits[$0].name })
        values = Set(
            attributes.compactMap { index in
                let value = context.cache.attribute(index, schema: schema)
                // Truth is of so few values that hiding them by their value would hide everything.
                if case .bool = value { return nil }
                return value.isMissing ? nil : value.jsonValue
            })
        self.schema = schema
    }

    /// `value` of the attribute, trait or property `name` as people may see it.
    public func masked(_ value: JSONValue, of name: String) -> JSONValue {
        if names.contains(name) { return Self.hidden(value) }
        switch value {
        case .object(let object): return .object(masked(object))
        case .array(let elements): return .array(elements.map { masked($0, of: "") })
        case .bool, .null: return value
        case .string, .number: return values.contains(value) ? Self.hidden(value) : value
        }
    }

    /// The same of every member.
    public func masked(_ object: JSONObject) -> JSONObject {
        JSONObject(uniqueMembers: object.members.map { (name: $0.name, value: masked($0.value, of: $0.name)) })
    }

    /// An event as people may see it.
    public func masked(_ event: Event) -> Event {
        var event = event
        event.properties = masked(event.properties)
        return event
    }

    /// A decision as people may see it: an attribute's change has its values in the occurrence's key.
    public func masked(_ entry: LedgerEntry) -> LedgerEntry { entry.masked(schema) }

    private static func hidden(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null: .null
        case .string(let text): .string(PersonalText.masked(text))
        default: .string(PersonalText.mark)
        }
    }
}

extension LedgerEntry {
    /// The decision as people may see it: an attribute's change has its values in the occurrence's key.
    public func masked(_ schema: Schema) -> LedgerEntry {
        var entry = self
        entry.occurrence = Mask.occurrence(occurrence, schema)
        return entry
    }
}

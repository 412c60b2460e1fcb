import CareStore
import CareValues

/// What people see of a message unless they ask for personal values.
public enum MaskedDelivery {
    /// The message's data: texts and numbers hidden, names and shape left; the customer's id is known anyway.
    public static func data(of order: NewDelivery) -> JSONValue {
        JSONValue(storedText: order.data).map { masked($0, customer: order.customer) } ?? .null
    }

    /// A value so hidden.
    public static func masked(_ value: JSONValue, customer: String) -> JSONValue {
        switch value {
        case .string(let text): text == customer ? value : .string(PersonalText.masked(text))
        case .number: .string(PersonalText.mark)
        case .array(let elements): .array(elements.map { masked($0, customer: customer) })
        case .object(let object):
            .object(JSONObject(uniqueMembers: object.members.map { ($0.name, masked($0.value, customer: customer)) }))
        case .bool, .null: value
        }
    }
}

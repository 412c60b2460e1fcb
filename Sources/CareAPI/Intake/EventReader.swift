import CareEngine
import CareValues

/// Events as Care itself writes them: `{"customer", "type", "id", "source", "time", "properties"}`.
struct EventReader {
    static let keys = ["customer", "type", "id", "source", "time", "properties"]
    /// The source of events that name none.
    static let usualSource = "http"

    let facts: FactReader
    /// The id of an event that has none; nil: a new one.
    var usualID: String?

    /// The event that `node` is.
    func read(_ node: JSONNode) -> Result<IntakeItem, ItemRefusal> {
        Result { () throws(ItemRefusal) in try item(node) }
    }

    private func item(_ node: JSONNode) throws(ItemRefusal) -> IntakeItem {
        guard node.kind == .object else { throw ItemRefusal("bad-event", "an event is a JSON object") }
        var texts: [String: String] = [:]
        var properties = JSONObject()
        var time: Timestamp?
        for (key, value) in node.members {
            let name = key.string ?? ""
            switch name {
            case "customer", "type", "id", "source":
                guard let text = value.string else { throw ItemRefusal("bad-\(name)", "\(name) is text") }
                texts[name] = text
            case "time":
                guard let text = value.string, let instant = Timestamp(iso8601: text) else {
                    throw ItemRefusal("bad-time", "time is an instant like 2026-03-01T09:00:00Z")
                }
                time = instant
            case "properties":
                guard case .object(let object) = value.value else {
                    throw ItemRefusal("bad-properties", "properties is an object")
                }
                properties = object
            default:
                let help =
                    nearest(name, in: Self.keys).map { "; did you mean '\($0)'?" }
                    ?? ": it has \(Self.keys.joined(separator: ", "))"
                throw ItemRefusal("unknown-key", "an event has no key of that name\(help)")
            }
        }
        guard let customer = texts["customer"] else { throw ItemRefusal("bad-customer", "customer is missing") }
        guard let type = texts["type"] else { throw ItemRefusal("bad-type", "type is missing") }
        return try facts.event(
            customer: customer, type: type, source: texts["source"] ?? Self.usualSource, id: texts["id"] ?? usualID,
            time: time, properties: properties)
    }
}

import CareEngine
import CareLogic
import CareValues

/// Calls of Segment's tracking API as facts: `identify` sets attributes, the others are events.
///
/// Source: Segment, "HTTP Tracking API" and "Spec: Common fields". Their `messageId` is the event's id.
struct SegmentReader {
    /// The source of what comes this way.
    static let source = "segment"
    /// The kinds there are.
    static let types = ["identify", "track", "page", "screen", "group", "alias"]

    let facts: FactReader
    /// When the client sent it, by its own clock; nil: it does not say.
    var sentAt: Timestamp?
    /// Whether times stand as they are: history that somebody replays.
    var isHistory = false

    /// The fact that a call is.
    ///
    /// - Parameter type: the kind, where the path says it; nil: the call does.
    func read(_ node: JSONNode, type: String? = nil) -> Result<IntakeItem, ItemRefusal> {
        Result { () throws(ItemRefusal) in try item(node, type) }
    }

    private func item(_ node: JSONNode, _ pathType: String?) throws(ItemRefusal) -> IntakeItem {
        guard node.kind == .object else { throw ItemRefusal("bad-call", "a call is a JSON object") }
        guard let type = pathType ?? node["type"]?.string, Self.types.contains(type) else {
            throw ItemRefusal("bad-type", "the type is none of \(Self.types.joined(separator: ", "))")
        }
        guard let customer = Self.id(node["userId"]) ?? Self.id(node["anonymousId"]) else {
            throw ItemRefusal("bad-customer", "neither userId nor anonymousId is given")
        }
        let time = try time(of: node)
        if type == "identify" {
            let setting = AttributeSetting(values: try traits(node), time: time)
            return try facts.setting(customer: customer, setting)
        }
        let (name, properties) = try event(node, type)
        let id = try messageID(node)
        return try facts.event(
            customer: customer, type: name, source: Self.source, id: id, time: time, properties: properties)
    }

    /// What kind of event it is, and with what.
    private func event(_ node: JSONNode, _ type: String) throws(ItemRefusal) -> (String, JSONObject) {
        var members = try object(node, type == "group" ? "traits" : "properties").members
        func add(_ name: String, _ value: JSONValue?) {
            if let value, value != .null, !members.contains(where: { $0.name == name }) {
                members.append((name, value))
            }
        }
        var name = type
        switch type {
        case "track":
            guard let event = node["event"]?.string else { throw ItemRefusal("bad-event", "a track call has an event") }
            name = event
        case "page", "screen":
            add("name", node["name"]?.value)
            add("category", node["category"]?.value)
        case "group":
            guard node["groupId"]?.string != nil else { throw ItemRefusal("bad-group", "a group call has a groupId") }
            add("groupId", node["groupId"]?.value)
        default: add("previousId", node["previousId"]?.value)
        }
        return (name, JSONObject(uniqueMembers: members))
    }

    /// The traits, dates cut out of instants where the rules declare a date.
    private func traits(_ node: JSONNode) throws(ItemRefusal) -> JSONObject {
        let traits = try object(node, "traits")
        return JSONObject(
            uniqueMembers: traits.members.map { name, value in
                guard case .string(let text) = value, let index = facts.schema.attributeIndex(name) else {
                    return (name, value)
                }
                switch facts.schema.attributes[index].type {
                case .date, .birthday:
                    return (name, Timestamp(iso8601: text) == nil ? value : .string(String(text.prefix(10))))
                default: return (name, value)
                }
            })
    }

    private func object(_ node: JSONNode, _ name: String) throws(ItemRefusal) -> JSONObject {
        guard let member = node[name], !member.isNull else { return [:] }
        guard case .object(let object) = member.value else { throw ItemRefusal("bad-\(name)", "\(name) is an object") }
        return object
    }

    private func messageID(_ node: JSONNode) throws(ItemRefusal) -> String? {
        guard let member = node["messageId"], !member.isNull else { return nil }
        guard let id = member.string else { throw ItemRefusal("bad-id", "messageId is text") }
        return id
    }

    /// Text, or a number as text.
    private static func id(_ node: JSONNode?) -> String? {
        guard let node else { return nil }
        if let text = node.string { return text.isEmpty ? nil : text }
        return node.number == nil ? nil : node.text
    }

    /// When it was so by our clock: the client's clock may be wrong, but not by other amounts at other instants.
    private func time(of node: JSONNode) throws(ItemRefusal) -> Timestamp? {
        guard let member = node["timestamp"], !member.isNull else { return nil }
        guard let time = member.string.flatMap({ Timestamp(iso8601: $0) }) else {
            throw ItemRefusal("bad-time", "timestamp is ISO 8601 with an offset")
        }
        guard let sentAt, !isHistory else { return time }
        return facts.now.advanced(byMilliseconds: -sentAt.milliseconds(since: time))
    }
}

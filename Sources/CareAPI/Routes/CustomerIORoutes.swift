import CareEngine
import CareValues
import Hummingbird

/// Customer.io's track API: customers with flat attributes, and events; the API key is a token, the site id anything.
///
/// Source: Customer.io, "Track API". Times are whole seconds.
public struct CustomerIORoutes: RouteSet {
    /// The source of what comes this way.
    static let source = "customerio"

    /// The routes.
    public init() {}

    /// Adds them.
    public func add(to routes: RouteTable) {
        routes.put("/api/v1/customers/:id", .scope(.ingest)) { call in
            let root = try await Self.body(call)
            guard case .object(let values) = root.value else { throw Self.noObject }
            let reader = try Intake(call: call).reader
            let id = try call.parameter("id")
            let setting = AttributeSetting(values: Self.instants(values, reader))
            return try await Self.take(
                Result { () throws(ItemRefusal) in try reader.setting(customer: id, setting) }, call)
        }
        routes.post("/api/v1/customers/:id/events", .scope(.ingest)) { call in
            try await Self.event(call, customer: try call.parameter("id"))
        }
        routes.post("/api/v1/events", .scope(.ingest)) { call in
            guard let id = try await Self.body(call)["anonymous_id"]?.string else {
                throw Problem(400, "bad-customer", "anonymous_id is missing")
            }
            return try await Self.event(call, customer: id)
        }
    }

    private static var noObject: Problem { Problem(400, "bad-call", "the body is a JSON object") }

    private static func body(_ call: Call) async throws -> JSONNode {
        let root = try await call.json().root
        guard root.kind == .object else { throw noObject }
        return root
    }

    private static func event(_ call: Call, customer: String) async throws -> Response {
        let root = try await body(call)
        guard let name = root["name"]?.string else { throw Problem(400, "bad-type", "an event has a name") }
        let isPage = root["type"]?.string == "page"
        var properties = JSONObject()
        if let data = root["data"], !data.isNull {
            guard case .object(let object) = data.value else { throw Problem(400, "bad-data", "data is an object") }
            properties = object
        }
        if isPage {
            properties = JSONObject(
                uniqueMembers: properties.members.filter { $0.name != "name" } + [("name", .string(name))])
        }
        var time: Timestamp?
        if let node = root["timestamp"], !node.isNull {
            guard let seconds = node.number.flatMap({ Int64(exactly: $0) }), (0...253_402_300_799).contains(seconds)
            else {
                throw Problem(400, "bad-time", "timestamp is whole seconds since 1970")
            }
            time = Timestamp(seconds: seconds)
        }
        let reader = try Intake(call: call).reader
        let (type, id, given) = (isPage ? "page" : name, root["id"]?.string, properties)
        let when = time
        return try await take(
            Result { () throws(ItemRefusal) in
                try reader.event(
                    customer: customer, type: type, source: source, id: id, time: when, properties: given)
            }, call)
    }

    private static func take(_ item: Result<IntakeItem, ItemRefusal>, _ call: Call) async throws -> Response {
        if case .failure(let refusal) = item { throw Problem(400, refusal.code, refusal.reason) }
        _ = try await Intake(call: call).take([item])
        return call.json([:])
    }

    /// Whole seconds as instants or dates, where the rules declare those.
    private static func instants(_ values: JSONObject, _ reader: FactReader) -> JSONObject {
        JSONObject(
            uniqueMembers: values.members.map { name, value in
                guard case .number(let number) = value, let seconds = Int64(exactly: number),
                    (0...253_402_300_799).contains(seconds), let index = reader.schema.attributeIndex(name)
                else { return (name, value) }
                let instant = Timestamp(seconds: seconds)
                switch reader.schema.attributes[index].type {
                case .instant: return (name, .string(instant.iso8601))
                case .date, .birthday: return (name, .string(Zone.utc.date(at: instant).text))
                default: return (name, value)
                }
            })
    }
}

import CareEngine
import CareValues
import Hummingbird

/// What programs send in: customers, events, calls of campaigns.
public struct IntakeRoutes: RouteSet {
    /// The routes.
    public init() {}

    /// Adds them.
    public func add(to routes: RouteTable) {
        routes.post("/v1/events", .scope(.ingest)) { call in try await Self.events(call) }
        routes.put("/v1/customers/:id", .scope(.ingest)) { call in
            try await Self.attributes(call, replacesAll: true)
        }
        routes.patch("/v1/customers/:id", .scope(.ingest)) { call in
            try await Self.attributes(call, replacesAll: false)
        }
        routes.post("/v1/campaigns/:name/calls", .scope(.ingest)) { call in try await Self.call(call) }
    }

    // MARK: Events

    private static func events(_ call: Call) async throws -> Response {
        let intake = Intake(call: call)
        let body = try await call.body()
        let key = try intake.key(body)
        let type = MediaType(call.header("content-type") ?? "application/json")
        let facts = try intake.reader
        let cloud = CloudEventReader(facts: facts)
        let headers = call.request.headers.filter { $0.name.canonicalName.hasPrefix("ce-") }
        // The receiver looks at the beginning of the type, then for ce- headers.
        if type.name.hasPrefix("application/cloudevents-batch") {
            return try await many(call, key) { cloud.read($0) }
        }
        if type.name.hasPrefix("application/cloudevents") {
            guard type.isJSON else { throw unsupported }
            return try await one(cloud.read(call.json().root), intake, key)
        }
        if !headers.isEmpty {
            let attributes = headers.map { (name: String($0.name.canonicalName.dropFirst(3)), value: $0.value) }
            return try await one(
                cloud.read(attributes, contentType: call.header("content-type"), body: body), intake, key)
        }
        guard type.isJSON else { throw unsupported }
        let root = try await call.json().root
        var reader = EventReader(facts: facts)
        if root.kind == .array { return try await many(call, key) { reader.read($0) } }
        reader.usualID = key.map { "key_" + $0.name.prefix(32) }
        return try await one(reader.read(root), intake, key)
    }

    private static var unsupported: Problem {
        Problem(
            415, "unsupported-type",
            "events come as application/json, application/cloudevents+json, application/cloudevents-batch+json or with ce- headers"
        )
    }

    private static func one(
        _ item: Result<IntakeItem, ItemRefusal>, _ intake: Intake, _ key: RequestKey?
    ) async throws -> Response {
        try intake.respond(try await intake.take([item], key: key)[0])
    }

    private static func many(
        _ call: Call, _ key: RequestKey?, _ read: (JSONNode) -> Result<IntakeItem, ItemRefusal>
    ) async throws -> Response {
        let intake = Intake(call: call)
        let root = try await call.json().root
        guard root.kind == .array else { throw Problem(422, "bad-batch", "a batch is a list of events") }
        guard root.count <= IntakeLimits.items else {
            throw Problem(422, "too-many-items", "a batch has at most \(IntakeLimits.items) events")
        }
        let answers = try await intake.take(root.elements.map(read), key: key)
        intake.note(answers)
        return intake.respond(answers)
    }

    // MARK: Customers

    private static func attributes(_ call: Call, replacesAll: Bool) async throws -> Response {
        let intake = Intake(call: call)
        let id = try call.parameter("id")
        let key = try intake.key(try await call.body())
        let root = try await call.json().root
        guard root.kind == .object else { throw Problem(422, "bad-customer", "a customer is a JSON object") }
        var setting = AttributeSetting(values: [:], replacesAll: replacesAll, wantsTag: true)
        for (name, value) in root.members {
            switch name.string ?? "" {
            case "attributes":
                guard case .object(let values) = value.value else {
                    throw Problem(422, "bad-attributes", "attributes is an object")
                }
                setting.values = values
            case "time":
                guard let instant = value.string.flatMap({ Timestamp(iso8601: $0) }) else {
                    throw Problem(422, "bad-time", "time is an instant like 2026-03-01T09:00:00Z")
                }
                setting.time = instant
            case let name:
                let help =
                    nearest(name, in: ["attributes", "time"]).map { "; did you mean '\($0)'?" }
                    ?? ": it has attributes and time"
                throw Problem(422, "unknown-key", "a customer has no key of that name\(help)")
            }
        }
        setting.ifMatch = try call.header("if-match").map(Self.tag)
        if let value = call.header("if-none-match") {
            guard value == "*" else { throw Problem(400, "bad-if-none-match", "If-None-Match takes only *") }
            setting.createsOnly = true
        }
        let (reader, wanted) = (try intake.reader, setting)
        let item = Result { () throws(ItemRefusal) in try reader.setting(customer: id, wanted) }
        let answer = try await intake.take([item], key: key)[0]
        return try intake.respond(answer)
    }

    /// The tag of an `If-Match`. - Throws: a ``Problem`` when it is none.
    static func tag(_ value: String) throws -> String {
        if value == "*" { return value }
        guard value.count >= 2, value.first == "\"", value.last == "\"" else {
            throw Problem(400, "bad-if-match", "If-Match is one strong tag in quotes, or *")
        }
        return String(value.dropFirst().dropLast())
    }

    // MARK: Calls

    private static func call(_ call: Call) async throws -> Response {
        let intake = Intake(call: call)
        let name = try call.parameter("name")
        let body = try await call.body()
        let key = try intake.key(body)
        let root = try await call.json().root
        let rules = try call.service.rules
        guard let index = rules.rules.index(ofCampaign: name) else {
            throw Problem(404, "unknown-campaign", "the rules in force have no such campaign")
        }
        guard case .api = rules.rules.campaigns[index].trigger else {
            throw Problem(409, "no-api-trigger", "this campaign's trigger is not \"api\"")
        }
        guard root.kind == .object, let customer = root["customer"]?.string else {
            throw Problem(422, "bad-customer", "customer is missing, or is no text")
        }
        var properties = JSONObject()
        if let node = root["properties"] {
            guard case .object(let object) = node.value else {
                throw Problem(422, "bad-properties", "properties is an object")
            }
            properties = object
        }
        for (key, _) in root.members where !["customer", "properties"].contains(key.string ?? "") {
            throw Problem(422, "unknown-key", "a call has customer and properties, nothing else")
        }
        // Not the request's id, which a client may send again: only an Idempotency-Key makes two requests one call.
        let callKey = try Intake.sentKey(call) ?? "call_" + Secrets.random(bytes: 16)
        let identity = rules.rules.campaigns[index].identity
        let reader = try intake.reader
        let item = Result { () throws(ItemRefusal) in
            try reader.call(of: identity, customer: customer, key: callKey, properties: properties)
        }
        return try intake.respond(
            try await intake.take([item], key: key)[0], more: [("key", .string(callKey))])
    }
}

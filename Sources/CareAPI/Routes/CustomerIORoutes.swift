import CareEngine
import CareValues
import Hummingbird

/// Customer.io's track API: customers with flat attributes, and events; the API key is a token, the site id anything.
///
/// Source: Customer.io, "Track API", v1 and v2. Times are whole seconds.
public struct CustomerIORoutes: RouteSet {
    /// The source of what comes this way.
    static let source = "customerio"

    private let answers: any CommandAnswers

    /// The routes; `answers` forgets customers and lets them in again.
    public init(_ answers: any CommandAnswers) {
        self.answers = answers
    }

    /// Adds them.
    public func add(to routes: RouteTable) {
        routes.put("/api/v1/customers/:id", .scope(.ingest)) { call in
            let root = try await Self.body(call)
            guard case .object(let values) = root.value else { throw Self.noObject }
            let reader = CustomerIOReader(facts: try Intake(call: call).reader)
            let id = try call.parameter("id")
            return try await Self.take(
                Result { () throws(ItemRefusal) in try reader.person(id, values) }, call)
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
        addForgetting(to: routes)
        addOperations(to: routes)
    }

    /// What forgets somebody: the same as at `/v1/customers`, by the same scope.
    private func addForgetting(to routes: RouteTable) {
        let people = CustomerIOPeople(answers: answers)
        routes.delete("/api/v1/customers/:id", .scope(.admin)) { call in
            try await people.delete(try call.parameter("id"), call)
            return call.json([:])
        }
        routes.post("/api/v1/customers/:id/suppress", .scope(.admin)) { call in
            try await people.suppress(try call.parameter("id"), call)
            return call.json([:])
        }
        routes.post("/api/v1/customers/:id/unsuppress", .scope(.admin)) { call in
            try await people.unsuppress(try call.parameter("id"), call)
            return call.json([:])
        }
    }

    /// The second version: what is done stands in the body, one thing or many.
    private func addOperations(to routes: RouteTable) {
        let people = CustomerIOPeople(answers: answers)
        routes.post("/api/v2/entity", .scope(.ingest)) { call in
            let operations = CustomerIOOperations(call: call, people: people)
            if let refusal = try await operations.perform([try await Self.body(call)]).first {
                if refusal.reason == .unreadableCustomer { throw Problem.unreadableCustomer }
                throw Problem(
                    refusal.reason.code == "forbidden" ? 403 : 400, refusal.reason.code, refusal.reason.reason)
            }
            return call.json([:])
        }
        routes.post("/api/v2/batch", .scope(.ingest)) { call in
            guard let batch = try await Self.body(call)["batch"], batch.kind == .array else {
                throw Problem(400, "bad-call", "the body is an object with a list 'batch'")
            }
            let nodes = Array(batch.elements)
            guard nodes.count <= IntakeLimits.items else {
                throw Problem(413, "too-many-items", "a batch has at most \(IntakeLimits.items) operations")
            }
            let refusals = try await CustomerIOOperations(call: call, people: people).perform(nodes)
            guard !refusals.isEmpty else { return call.json([:]) }
            var response = call.json(["errors": .array(refusals.map(\.json))])
            response.status = .init(code: 207, reasonPhrase: "Multi-Status")
            return response
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
        let reader = CustomerIOReader(facts: try Intake(call: call).reader)
        let isPage = root["type"]?.string == "page"
        return try await take(
            Result { () throws(ItemRefusal) in
                try reader.event(root, of: customer, view: isPage ? "page" : nil, data: "data")
            }, call)
    }

    private static func take(_ item: Result<IntakeItem, ItemRefusal>, _ call: Call) async throws -> Response {
        if case .failure(let refusal) = item { throw Problem(400, refusal.code, refusal.reason) }
        if try await Intake(call: call).take([item]).contains(.unreadable) { throw Problem.unreadableCustomer }
        return call.json([:])
    }
}

/// Makes facts of what Customer.io's clients say.
struct CustomerIOReader {
    let facts: FactReader

    /// A customer's attributes; whole seconds become instants or dates, where the rules declare those.
    func person(_ id: String, _ values: JSONObject) throws(ItemRefusal) -> IntakeItem {
        try facts.setting(customer: id, AttributeSetting(values: instants(values)))
    }

    /// An event: its name, its id, its time.
    ///
    /// - Parameters:
    ///   - view: what was looked at, `page` or `screen`: that is its type then, and its name a property; nil: an event.
    ///   - data: the member that holds its properties.
    func event(_ node: JSONNode, of customer: String, view: String?, data: String) throws(ItemRefusal) -> IntakeItem {
        guard let name = node["name"]?.string else { throw ItemRefusal("bad-type", "an event has a name") }
        var properties = JSONObject()
        if let node = node[data], !node.isNull {
            guard case .object(let object) = node.value else { throw ItemRefusal("bad-data", "\(data) is an object") }
            properties = object
        }
        if view != nil {
            properties = JSONObject(
                uniqueMembers: properties.members.filter { $0.name != "name" } + [("name", .string(name))])
        }
        return try facts.event(
            customer: customer, type: view ?? name, source: CustomerIORoutes.source, id: node["id"]?.string,
            time: try time(node["timestamp"]), properties: properties)
    }

    private func time(_ node: JSONNode?) throws(ItemRefusal) -> Timestamp? {
        guard let node, !node.isNull else { return nil }
        guard let seconds = node.number.flatMap({ Int64(exactly: $0) }), Self.seconds.contains(seconds) else {
            throw ItemRefusal("bad-time", "timestamp is whole seconds since 1970")
        }
        return Timestamp(seconds: seconds)
    }

    private static let seconds: ClosedRange<Int64> = 0...253_402_300_799

    private func instants(_ values: JSONObject) -> JSONObject {
        JSONObject(
            uniqueMembers: values.members.map { name, value in
                guard case .number(let number) = value, let seconds = Int64(exactly: number),
                    Self.seconds.contains(seconds), let index = facts.schema.attributeIndex(name)
                else { return (name, value) }
                let instant = Timestamp(seconds: seconds)
                switch facts.schema.attributes[index].type {
                case .instant: return (name, .string(instant.iso8601))
                case .date, .birthday: return (name, .string(Zone.utc.date(at: instant).text))
                default: return (name, value)
                }
            })
    }
}

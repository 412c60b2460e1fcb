import CareEngine
import CareValues
import Hummingbird

/// Segment's tracking API: its libraries send here unchanged when their `host` is set. The write key is a token.
///
/// Answers 200 whenever the body can be read: what is wrong with single calls cannot be told to these clients, and they
/// would send all of it again. `GET /v1/rejects` shows it.
public struct SegmentRoutes: RouteSet {
    /// The routes.
    public init() {}

    /// Adds them.
    public func add(to routes: RouteTable) {
        for type in SegmentReader.types {
            routes.post("/v1/\(type)", .anyone) { call in try await Self.one(call, type) }
        }
        routes.post("/v1/batch", .anyone) { call in try await Self.many(call, isHistory: false) }
        routes.post("/v1/import", .anyone) { call in try await Self.many(call, isHistory: true) }
        routes.get("/v1/rejects", .scope(.read)) { call in
            let limit = try call.number("limit", usual: 100, in: 1...1_000)
            let items = call.service.rejects.newest(limit).map { entry in
                JSONValue.object(
                    JSONObject(uniqueMembers: [
                        ("at", .string(entry.at.iso8601)), ("who", .string(entry.who)), ("route", .string(entry.route)),
                        ("code", .string(entry.code)), ("reason", .string(entry.reason)),
                    ]))
            }
            return call.json(["total": .number(Double(call.service.rejects.total)), "items": .array(items)])
        }
    }

    private static func one(_ call: Call, _ type: String) async throws -> Response {
        let root = try await body(call)
        let call = try await authenticated(call, root)
        var reader = SegmentReader(facts: try Intake(call: call).reader)
        reader.sentAt = root["sentAt"]?.string.flatMap { Timestamp(iso8601: $0) }
        return try await take([reader.read(root, type: type)], call)
    }

    private static func many(_ call: Call, isHistory: Bool) async throws -> Response {
        let root = try await body(call)
        let call = try await authenticated(call, root)
        guard let batch = root["batch"], batch.kind == .array else {
            throw Problem(400, "bad-batch", "the body has a list 'batch'")
        }
        guard batch.count <= 10_000 else { throw Problem(413, "too-many-items", "a batch has at most 10,000 calls") }
        var reader = SegmentReader(facts: try Intake(call: call).reader)
        reader.sentAt = root["sentAt"]?.string.flatMap { Timestamp(iso8601: $0) }
        reader.isHistory = isHistory
        return try await take(batch.elements.map { reader.read($0) }, call)
    }

    private static func body(_ call: Call) async throws -> JSONNode {
        let root = try await call.json().root
        guard root.kind == .object else { throw Problem(400, "bad-call", "the body is a JSON object") }
        return root
    }

    private static func take(_ items: [Result<IntakeItem, ItemRefusal>], _ call: Call) async throws -> Response {
        let intake = Intake(call: call)
        intake.note(try await intake.take(items))
        return call.json(["success": .bool(true)])
    }

    /// The call with its sender: some versions of the clients send the key in the header, some in the body.
    private static func authenticated(_ call: Call, _ root: JSONNode) async throws -> Call {
        var identity = call.identity
        if identity == nil, let key = root["writeKey"]?.string {
            identity = try call.service.access.identity(ofToken: key)
        }
        guard let identity, identity.kind == .token else {
            throw Problem(401, "not-authenticated", "the write key is no token of this service")
        }
        try RouteGate.require(.ingest, of: identity)
        return call.by(identity)
    }
}

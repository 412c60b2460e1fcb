import CareEngine
import CareStore
import CareValues
import Testing

@testable import CareAPI

/// What must not be lost, stored twice, or make a customer unreadable.
@Suite struct IntakeEdgeTests {
    static let calls = """
        { "attributes": { "plan": { "type": "string" } },
          "campaigns": {
            "coupon": { "trigger": { "api": {} }, "actions": [{ "send": "crm", "type": "coupon", "data": { "k": "{{entry.id}}" } }] },
            "recall": { "trigger": { "api": {} }, "actions": [{ "send": "crm", "type": "recall", "data": {} }] } } }
        """

    // MARK: Size

    /// `depth` lists inside each other.
    static func lists(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    @Test func `data is taken as deep as it can be read back, and refused beyond`() async throws {
        let world = try IntakeTests.world()
        let token = try world.token(.ingest, .read)
        func send(_ id: String, depth: Int) async throws -> APIWorld.Answer {
            try await world.send(
                "POST", "/v1/events", token: token,
                headers: [
                    "ce-specversion": "1.0", "ce-id": id, "ce-source": "s", "ce-type": "t", "ce-subject": "c1",
                    "Content-Type": "application/json",
                ], body: Array(Self.lists(depth).utf8))
        }
        #expect(try await send("1", depth: 63)["result"] == "stored")
        let refused = try await send("2", depth: 64)
        #expect(refused.status == 422)
        #expect(refused.code == "too-deep", "\(refused.text)")
        #expect(try world.store.read { try $0.facts(of: "c1", receivedUntil: nil).count } == 1)
        #expect(try await world.send("GET", "/v1/customers/c1/timeline", token: token).status == 200)
        let late = IntakeTests.event("late", more: #","time":"2026-06-01T00:00:00Z""#)
        #expect(try await world.send("POST", "/v1/events", token: token, json: late)["result"] == "stored")
    }

    @Test func `an item that is too large as it is stored is refused alone`() async throws {
        let world = try IntakeTests.world()
        let token = try world.token(.ingest)
        let numbers = [String](repeating: "1e20", count: 200_000).joined(separator: ",")
        let large = #"{"customer":"c1","type":"t","properties":{"n":[\#(numbers)]}}"#
        #expect(large.utf8.count < 1_100_000)
        let answer = try await world.send(
            "POST", "/v1/events", token: token, json: "[\(IntakeTests.event("e1")),\(large)]")
        #expect(answer["items.0.result"] == "stored")
        #expect(answer["items.1.code"] == "too-large")
        let attributes = try await world.send(
            "PATCH", "/v1/customers/c1", token: token, json: #"{"attributes":{"n":[\#(numbers)]}}"#)
        #expect(attributes.code == "too-large")
    }

    @Test func `a customer who cannot be read is answered so, and the service goes on`() async throws {
        let world = try IntakeTests.world()
        let token = try world.token(.ingest)
        try world.spoil("bad", row: false)
        let one = try await world.send(
            "PATCH", "/v1/customers/bad", token: token, json: #"{"attributes":{"tier":"gold"}}"#)
        #expect(one.status == 409)
        #expect(one.code == "unreadable-customer", "\(one.text)")
        #expect(one.text.contains("care doctor"), "\(one.text)")
        try world.spoil("worse", row: true)
        let batch = try await world.send(
            "POST", "/v1/events", token: token,
            headers: ["Idempotency-Key": "k"],
            json: "[\(IntakeTests.event("e1", customer: "worse")),\(IntakeTests.event("e1"))]")
        #expect(batch["items.0.code"] == "unreadable-customer")
        #expect(batch["items.1.result"] == "stored")
        let event = try await world.send(
            "POST", "/v1/events", token: token, json: IntakeTests.event("e2", customer: "worse"))
        #expect(event.status == 409 && event.code == "unreadable-customer", "\(event.text)")
        let reader = try world.token(.read)
        for path in ["/v1/customers/worse", "/v1/customers/worse/timeline"] {
            let answer = try await world.send("GET", path, token: reader)
            #expect(answer.status == 409 && answer.code == "unreadable-customer", "\(path): \(answer.text)")
        }
        // What other services' libraries send is not lost without a word either.
        let named = try await world.send(
            "POST", "/api/v1/customers/worse/events", token: token, json: #"{"name":"Seen","id":"e3"}"#)
        #expect(named.status == 409 && named.code == "unreadable-customer", "\(named.text)")
        let track = try await world.send(
            "POST", "/v1/track", token: token, json: #"{"userId":"worse","event":"Seen","messageId":"m1"}"#)
        #expect(track.status == 200, "\(track.text)")
        let rejects = try await world.send("GET", "/v1/rejects", token: reader)
        #expect(rejects["total"] == .number(2))
        #expect(rejects["items.0.code"] == "unreadable-customer", "\(rejects.text)")
        #expect(try world.store.read { try $0.notes(prefix: "answer:").isEmpty }, "it is tried again under its key")
        #expect(world.live.isRunning)
        var told: [UnreadableCustomer] = []
        while told.count < 2 {
            await Task.yield()
            told = world.happened.withLock { events in
                events.compactMap { event -> UnreadableCustomer? in
                    if case .unreadable(let customer) = event { customer } else { nil }
                }
            }
        }
        #expect(try told.map(\.place) == world.store.read { [try $0.place(of: "bad"), try $0.place(of: "worse")] })
        #expect(!told.contains { $0.detail.contains("bad") || $0.detail.contains("worse") })
    }

    // MARK: Calls

    @Test func `one key calls two campaigns, and each once`() async throws {
        let world = try APIWorld(rules: Self.calls, sets: [IntakeRoutes()])
        let token = try world.token(.ingest)
        func call(_ name: String, _ headers: [String: String]) async throws -> APIWorld.Answer {
            try await world.send(
                "POST", "/v1/campaigns/\(name)/calls", token: token, headers: headers, json: #"{"customer":"c1"}"#)
        }
        func sent() throws -> [String] {
            try world.store.read { try $0.deliveries(states: [], limit: 9).map(\.order.type).sorted() }
        }
        for _ in 0..<2 {
            #expect(try await call("coupon", ["Idempotency-Key": "order-1"])["result"] == "stored")
            #expect(try await call("recall", ["Idempotency-Key": "order-1"])["result"] == "stored")
        }
        #expect(try sent() == ["coupon", "recall"])
        let other = try world.token(.ingest)
        let again = try await world.send(
            "POST", "/v1/campaigns/coupon/calls", token: other, headers: ["Idempotency-Key": "order-1"],
            json: #"{"customer":"c1"}"#)
        #expect(again["result"] == "duplicate", "the same call by another sender")
        #expect(
            try world.store.read { try $0.deliveries(states: [], limit: 9) }.contains {
                $0.order.data == #"{"k":"order-1"}"#
            }, "the key stands in the message, not the id of the store")
        #expect(
            try world.store.read { try $0.ledger(of: "c1", campaign: nil).map(\.occurrence) } == ["order-1", "order-1"])
    }

    @Test func `the id that a client gives its requests is no key of a call`() async throws {
        let world = try APIWorld(rules: Self.calls, sets: [IntakeRoutes()])
        let token = try world.token(.ingest)
        var keys: Set<JSONValue> = []
        for _ in 0..<2 {
            let answer = try await world.send(
                "POST", "/v1/campaigns/coupon/calls", token: token, headers: ["X-Request-Id": "req-1"],
                json: #"{"customer":"c1"}"#)
            #expect(answer["result"] == "stored")
            if let key = answer["key"] { keys.insert(key) }
        }
        #expect(keys.count == 2)
        #expect(!keys.contains("req-1"))
        #expect(try world.store.read { try $0.deliveries(states: [], limit: 9).count } == 2)
    }

    // MARK: Idempotency

    @Test func `a batch sent again under its key gets its answers item by item, refusals too`() async throws {
        let world = try IntakeTests.world()
        let token = try world.token(.ingest)
        // The second is too far ahead now, and would not be a little later.
        let batch =
            "[\(IntakeTests.event("e1")),\(IntakeTests.event("e2", more: #","time":"2026-06-15T09:11:00Z""#))"
            + ",\(IntakeTests.event("e3", customer: "c2"))]"
        func send() async throws -> APIWorld.Answer {
            try await world.send("POST", "/v1/events", token: token, headers: ["Idempotency-Key": "k"], json: batch)
        }
        let first = try await send()
        #expect(first["items.1.code"] == "ahead")
        #expect(first["stored"] == .number(2))
        world.time.withLock { $0 = $0.advanced(byMilliseconds: 120_000) }
        #expect(try await send().text == first.text)
        #expect(try world.store.read { try !$0.hasEvent(customer: "c1", source: "/desk", id: "e2") })
    }

    @Test func `a key holds for the headers that the answer depends on`() async throws {
        let world = try IntakeTests.world()
        let token = try world.token(.ingest)
        func cloud(_ id: String) async throws -> APIWorld.Answer {
            try await world.send(
                "POST", "/v1/events", token: token,
                headers: [
                    "Idempotency-Key": "k", "ce-specversion": "1.0", "ce-id": id, "ce-source": "s", "ce-type": "t",
                    "ce-subject": "c1", "Content-Type": "application/json", "X-Request-Id": "r-\(id)",
                ], body: Array("{}".utf8))
        }
        #expect(try await cloud("1")["result"] == "stored")
        #expect(try await cloud("1")["result"] == "stored")
        #expect(try await cloud("2").code == "key-reused")
        func put(_ headers: [String: String]) async throws -> APIWorld.Answer {
            try await world.send(
                "PUT", "/v1/customers/c2", token: token,
                headers: headers.merging(["Idempotency-Key": "p"]) { first, _ in first },
                json: #"{"attributes":{"tier":"gold"}}"#)
        }
        let made = try await put(["If-None-Match": "*"])
        #expect(made["result"] == "stored")
        let again = try await put(["If-None-Match": "*"])
        #expect(again["result"] == "stored")
        #expect(again.headers["etag"] == made.headers["etag"])
        #expect(made.headers["etag"] != nil)
        #expect(try await put(["If-Match": "*"]).code == "key-reused")
    }

    // MARK: Several changes of one customer

    @Test(
        arguments: [
            (["pro", "free"], "free", 3), (["free", "pro", "free"], "free", 3), (["pro", "free", "pro"], "pro", 4),
            (["free", "free"], "free", 1),
        ])
    func `each change of a request is held against those before it`(
        plans: [String], last: String, facts: Int
    ) async throws {
        let world = try APIWorld(rules: Self.calls, sets: [SegmentRoutes(), CustomerRoutes()])
        let token = try world.token(.ingest, .read)
        func identify(_ plans: [String]) async throws {
            let batch = plans.map { #"{"type":"identify","userId":"u1","traits":{"plan":"\#($0)"}}"# }
            let answer = try await world.send(
                "POST", "/v1/batch", token: token, json: #"{"batch":[\#(batch.joined(separator: ","))]}"#)
            #expect(answer.status == 200)
        }
        try await identify(["free"])
        try await identify(plans)
        let shown = try await world.send("GET", "/v1/customers/u1", token: token)
        #expect(shown["attributes.plan"] == .string(last))
        #expect(try world.store.read { try $0.facts(of: "u1", receivedUntil: nil).count } == facts)
    }
}

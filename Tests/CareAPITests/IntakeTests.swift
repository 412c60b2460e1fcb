import CareEngine
import CareStore
import CareValues
import Testing

@testable import CareAPI

/// Customers, events and calls, as programs send them in.
@Suite struct IntakeTests {
    static func world(_ limits: LiveEngine.Limits = .init()) throws -> APIWorld {
        try APIWorld(
            sets: [
                HealthRoutes(), IntakeRoutes(), CustomerRoutes(), SegmentRoutes(), CustomerIORoutes(EchoAnswers()),
            ], limits: limits)
    }

    static func event(_ id: String, customer: String = "c1", ticket: String = "t1", more: String = "") -> String {
        """
        {"customer":"\(customer)","type":"complaint.opened","id":"\(id)","source":"/desk",
         "properties":{"ticketId":"\(ticket)"}\(more)}
        """
    }

    @Test func `an event is stored with its decisions before it is answered`() async throws {
        let world = try Self.world()
        let token = try world.token(.ingest)
        let answer = try await world.send("POST", "/v1/events", token: token, json: Self.event("e1"))
        #expect(answer.status == 200)
        #expect(answer["result"] == "stored")
        let (ledger, deliveries) = try world.store.read { store in
            (try store.ledger(of: "c1", campaign: nil), try store.deliveries(states: [], limit: 9))
        }
        #expect(ledger.map(\.outcome) == ["act"])
        #expect(deliveries.map(\.order.destination) == ["helpdesk"])
        #expect(
            try await world.send("POST", "/v1/events", token: token, json: Self.event("e1"))["result"] == "duplicate")
        #expect(try world.store.read { try $0.deliveries(states: [], limit: 9).count } == 1)
    }

    @Test func `a batch answers item by item, in its order`() async throws {
        let world = try Self.world()
        let token = try world.token(.ingest)
        let batch =
            "["
            + [
                Self.event("e1"), Self.event("e1"), Self.event("e2", customer: "c2"), #"{"customer":"c3"}"#, "7",
                Self.event("e3", customer: "c1", ticket: "t2"),
                #"{"customer":"c4","type":"complaint.opened","properties":{"ticketId":7}}"#,
            ].joined(separator: ",") + "]"
        let answer = try await world.send("POST", "/v1/events", token: token, json: batch)
        #expect(answer.status == 200)
        guard case .array(let items)? = answer["items"] else {
            Issue.record("no items")
            return
        }
        let results = items.map { item -> String in
            guard case .object(let object) = item else { return "" }
            return object.text("code") ?? object.text("result") ?? ""
        }
        #expect(results == ["stored", "duplicate", "stored", "bad-type", "bad-event", "stored", "bad-value"])
        #expect(answer["stored"] == .number(3))
        #expect(answer["refused"] == .number(3))
        #expect(try world.store.read { try $0.customer("c4") } == nil)
        #expect(world.context.rejects.total == 3)
        #expect(try await world.send("POST", "/v1/events", token: token, json: "[]")["stored"] == .number(0))
    }

    @Test func `a batch has at most a thousand events`() async throws {
        let world = try Self.world()
        let token = try world.token(.ingest)
        func batch(_ count: Int) -> String {
            "[" + (0..<count).map { Self.event("e\($0)") }.joined(separator: ",") + "]"
        }
        #expect(
            try await world.send("POST", "/v1/events", token: token, json: batch(1_000))["stored"] == .number(1_000))
        let answer = try await world.send("POST", "/v1/events", token: token, json: batch(1_001))
        #expect(answer.code == "too-many-items")
    }

    @Test(
        arguments: [
            (#"{"type":"t"}"#, "bad-customer"), (#"{"customer":"","type":"t"}"#, "bad-customer"),
            (#"{"customer":"a\u0000b","type":"t"}"#, "bad-customer"), (#"{"customer":7,"type":"t"}"#, "bad-customer"),
            (#"{"customer":"c"}"#, "bad-type"), (#"{"customer":"c","type":"t","source":"api"}"#, "reserved-source"),
            (#"{"customer":"c","type":"t","time":"yesterday"}"#, "bad-time"),
            (#"{"customer":"c","type":"t","time":"2026-06-15T09:10:00.001Z"}"#, "ahead"),
            (#"{"customer":"c","type":"t","properties":[]}"#, "bad-properties"),
            (#"{"customer":"c","type":"t","propertis":{}}"#, "unknown-key"),
            (#""text""#, "bad-event"), ("null", "bad-event"), (#"{"customer":"c","type":"t","id":""}"#, "bad-id"),
        ])
    func `an event that cannot be taken says why`(body: String, code: String) async throws {
        let world = try Self.world()
        let answer = try await world.send("POST", "/v1/events", token: try world.token(.ingest), json: body)
        #expect(answer.status == 422)
        #expect(answer.code == code, "\(answer.text)")
        #expect(try world.store.read { try $0.customerCount } == 0)
    }

    @Test func `an event ten minutes ahead is taken, and counts from its time on`() async throws {
        let world = try Self.world()
        let answer = try await world.send(
            "POST", "/v1/events", token: try world.token(.ingest),
            json: Self.event("e", more: #","time":"2026-06-15T09:10:00Z""#))
        #expect(answer["result"] == "stored")
        #expect(try world.store.read { try $0.ledger(of: "c1", campaign: nil).isEmpty })
        #expect(
            try world.store.read { try $0.customer("c1")?.wakeUp } == APIWorld.start.advanced(byMilliseconds: 600_000))
    }

    // MARK: CloudEvents

    static let cloud =
        #"{"specversion":"1.0","id":"1","source":"/desk","type":"complaint.opened","subject":"c1","data":{"ticketId":"t1"}"#

    @Test func `CloudEvents come structured, in batches and binary, and are the same event`() async throws {
        let world = try Self.world()
        let token = try world.token(.ingest)
        func send(_ type: String, _ body: String, _ more: [String: String] = [:]) async throws -> APIWorld.Answer {
            var headers = more
            headers["Content-Type"] = type
            return try await world.send("POST", "/v1/events", token: token, headers: headers, json: body)
        }
        #expect(try await send("application/cloudevents+json; charset=UTF-8", Self.cloud + "}")["result"] == "stored")
        #expect(try await send("Application/CloudEvents+JSON", Self.cloud + "}")["result"] == "duplicate")
        let batch = try await send("application/cloudevents-batch+json", "[\(Self.cloud)},\(Self.cloud),\"id\":\"2\"}]")
        #expect(batch["items.0.result"] == "duplicate")
        #expect(batch["items.1.result"] == "stored")
        let binary = [
            "ce-specversion": "1.0", "ce-id": "1", "ce-source": "/desk", "ce-type": "complaint.opened",
            "ce-subject": "\"c1\"",
        ]
        #expect(try await send("application/json", #"{"ticketId":"t1"}"#, binary)["result"] == "duplicate")
        #expect(try world.store.read { try $0.facts(of: "c1", receivedUntil: nil).count } == 2)
    }

    @Test func `a binary CloudEvent's headers are decoded once, and bad ones refused`() async throws {
        let world = try Self.world()
        let token = try world.token(.ingest)
        func send(_ subject: String) async throws -> APIWorld.Answer {
            try await world.send(
                "POST", "/v1/events", token: token,
                headers: [
                    "ce-specversion": "1.0", "ce-id": "1", "ce-source": "s", "ce-type": "t", "ce-subject": subject,
                    "Content-Type": "application/json",
                ], body: Array("{}".utf8))
        }
        #expect(try await send("Euro%20%E2%82%AC%20%F0%9F%98%80").status == 200)
        #expect(try world.store.read { try $0.customer("Euro € 😀") } != nil)
        #expect(try await send("a%2520b").status == 200)
        #expect(try world.store.read { try $0.customer("a%20b") } != nil)
        #expect(try await send("%C0%A0").code == "bad-header")
        #expect(try await send("%4").code == "bad-header")
    }

    @Test(
        arguments: [
            (#","specversion":"0.3"}"#, "bad-specversion"), (#","subject":null}"#, "bad-customer"),
            (#","data_base64":"AA=="}"#, "bad-data"), (#","time":"now"}"#, "bad-time"),
        ])
    func `a CloudEvent that is none is refused`(more: String, code: String) async throws {
        let world = try Self.world()
        let answer = try await world.send(
            "POST", "/v1/events", token: try world.token(.ingest),
            headers: ["Content-Type": "application/cloudevents+json"], json: Self.cloud + more)
        #expect(answer.code == code, "\(answer.text)")
    }

    @Test(arguments: ["text/plain", "application/xml", "application/cloudevents+avro", "multipart/form-data"])
    func `events of another type are refused by their type`(type: String) async throws {
        let world = try Self.world()
        let answer = try await world.send(
            "POST", "/v1/events", token: try world.token(.ingest), headers: ["Content-Type": type],
            json: Self.event("e"))
        #expect(answer.status == 415)
    }

    // MARK: Idempotency

    @Test func `the same key and body get the same answer, another body is refused`() async throws {
        let world = try Self.world()
        let token = try world.token(.ingest)
        func send(_ key: String, _ body: String, _ token: String) async throws -> APIWorld.Answer {
            try await world.send("POST", "/v1/events", token: token, headers: ["Idempotency-Key": key], json: body)
        }
        let body = #"{"customer":"c1","type":"complaint.opened","properties":{"ticketId":"t1"}}"#
        #expect(try await send("k1", body, token)["result"] == "stored")
        #expect(try await send("k1", body, token)["result"] == "stored", "the answer of the first")
        #expect(try world.store.read { try $0.facts(of: "c1", receivedUntil: nil).count } == 1)
        let other = try await send("k1", body.replacing("t1", with: "t2"), token)
        #expect(other.status == 422)
        #expect(other.code == "key-reused")
        #expect(try await send("k1", body, try world.token(.ingest))["result"] == "stored", "another sender's key")
        #expect(try await send("k2", body, token)["result"] == "stored")
        #expect(try world.store.read { try $0.facts(of: "c1", receivedUntil: nil).count } == 3)
        world.time.withLock { $0 = $0.advanced(byMilliseconds: 26 * 3_600_000) }
        #expect(try await send("k1", body, token)["result"] == "stored", "kept over midnight")
        #expect(try world.store.read { try $0.facts(of: "c1", receivedUntil: nil).count } == 3)
        func kept() throws -> Int { try world.store.read { try $0.notes(prefix: "answer:").count } }
        #expect(try kept() == 3)
        world.time.withLock { $0 = $0.advanced(byMilliseconds: 48 * 3_600_000) }
        #expect(try await send("k3", body, token)["result"] == "stored")
        // What is older than a day is forgotten after the answer.
        while try kept() > 1 { await Task.yield() }
        for bad in ["", "a b", String(repeating: "k", count: 256)] {
            #expect(try await send(bad, body, token).code == "bad-idempotency-key", "\(bad)")
        }
    }

    // MARK: Customers

    @Test func `attributes are merged or replaced, and what is so is not stored again`() async throws {
        let world = try Self.world()
        let token = try world.token(.ingest, .read)
        func send(
            _ method: String, _ attributes: String, _ headers: [String: String] = [:]
        ) async throws -> APIWorld.Answer {
            try await world.send(
                method, "/v1/customers/c%2F1", token: token, headers: headers, json: #"{"attributes":\#(attributes)}"#)
        }
        func attributes() async throws -> JSONValue? {
            try await world.send("GET", "/v1/customers/c%2F1?pii=true", token: token)["attributes"]
        }
        #expect(try await send("PATCH", #"{"tier":"silver","note":"x"}"#)["result"] == "stored")
        #expect(try await send("PATCH", #"{"tier":"silver"}"#)["result"] == "duplicate")
        #expect(try await send("PATCH", #"{"tier":"gold","note":"x"}"#)["result"] == "stored")
        #expect(try await attributes() == ["note": "x", "tier": "gold"])
        #expect(try await send("PUT", #"{"tier":"gold"}"#)["result"] == "stored")
        #expect(try await attributes() == ["tier": "gold"])
        #expect(try await send("PUT", #"{"tier":"gold"}"#)["result"] == "duplicate")
        #expect(try await send("PATCH", #"{"tier":null}"#)["result"] == "stored")
        #expect(try await attributes() == [:])
        #expect(try await send("PATCH", #"{"tier":"tin"}"#).code == "bad-value")
        #expect(try await send("PATCH", #"{"age":"7"}"#).code == "bad-value")
        #expect(try world.store.read { try $0.facts(of: "c/1", receivedUntil: nil).count } == 4)
    }

    @Test func `a customer is changed only as the request expects it`() async throws {
        let world = try Self.world()
        let token = try world.token(.ingest, .read)
        func send(_ attributes: String, _ headers: [String: String]) async throws -> APIWorld.Answer {
            try await world.send(
                "PUT", "/v1/customers/c1", token: token, headers: headers, json: #"{"attributes":\#(attributes)}"#)
        }
        #expect(try await send(#"{"tier":"gold"}"#, ["If-Match": "*"]).status == 412)
        let made = try await send(#"{"tier":"gold"}"#, ["If-None-Match": "*"])
        #expect(made["result"] == "stored")
        let tag = try #require(made.headers["etag"])
        #expect(try await send(#"{"tier":"silver"}"#, ["If-None-Match": "*"]).code == "changed")
        let changed = try await send(#"{"tier":"silver"}"#, ["If-Match": tag])
        #expect(changed["result"] == "stored")
        let late = try await send(#"{"tier":"bronze"}"#, ["If-Match": tag])
        #expect(late.status == 412)
        #expect(late["etag"] == changed.headers["etag"].map(JSONValue.string))
        let shown = try await world.send("GET", "/v1/customers/c1", token: token)
        #expect(shown.headers["etag"] == changed.headers["etag"])
        #expect(
            try await world.send(
                "GET", "/v1/customers/c1", token: token, headers: ["If-None-Match": shown.headers["etag"] ?? ""]
            ).status == 304)
        #expect(try await send("{}", ["If-Match": "W/\"x\""]).code == "bad-if-match")
        #expect(try await send("{}", ["If-None-Match": "\"x\""]).code == "bad-if-none-match")
    }

    // MARK: Calls

    @Test func `a call begins the campaign for whom it is for, once for each key`() async throws {
        let world = try Self.world()
        let token = try world.token(.ingest)
        func call(_ name: String, _ body: String, _ key: String? = nil) async throws -> APIWorld.Answer {
            try await world.send(
                "POST", "/v1/campaigns/\(name)/calls", token: token,
                headers: key.map { ["Idempotency-Key": $0] } ?? [:], json: body)
        }
        _ = try await world.send(
            "PATCH", "/v1/customers/c1", token: token, json: #"{"attributes":{"tier":"gold"}}"#)
        let body = #"{"customer":"c1","properties":{"why":"thanks"}}"#
        let answer = try await call("present", body, "k1")
        #expect(answer["result"] == "stored")
        #expect(answer["key"] == "k1")
        #expect(try await call("present", body, "k1")["result"] == "stored")
        #expect(try world.store.read { try $0.deliveries(states: [], limit: 9).count } == 1)
        #expect(try await call("nothing", body).status == 404)
        #expect(try await call("complaint-care", body).code == "no-api-trigger")
        #expect(try await call("present", #"{"properties":{}}"#).code == "bad-customer")
        #expect(try await call("present", #"{"customer":"c1","property":{}}"#).code == "unknown-key")
    }

    @Test func `a full queue answers 429 with a time to ask again`() async throws {
        var limits = LiveEngine.Limits()
        limits.queuedFacts = 1
        let world = try Self.world(limits)
        let token = try world.token(.ingest)
        // The service's thread is held by an order while requests pile up.
        await world.holdService()()
        let live = world.live
        let waiting = Task {
            try await live.receive([
                LiveRequest(customer: "a", items: [.change(AttributeSetting(values: ["tier": "gold"]))])
            ])
        }
        while world.live.metrics.queued == 0 { await Task.yield() }
        let answer = try await world.send("POST", "/v1/events", token: token, json: Self.event("e"))
        #expect(answer.status == 429)
        #expect(answer.headers["retry-after"] == "1")
        world.releaseService()
        #expect(try await waiting.value == [[.stored]])
    }

    @Test func `a packed body is unpacked, within its limit`() async throws {
        let world = try Self.world()
        let token = try world.token(.ingest)
        func send(_ body: [UInt8]) async throws -> APIWorld.Answer {
            try await world.send(
                "POST", "/v1/events", token: token,
                headers: ["Content-Type": "application/json", "Content-Encoding": "gzip"], body: body)
        }
        let packed = try #require(Gzip.pack(APIWorld.view(Array(Self.event("e").utf8))))
        #expect(try await send(packed)["result"] == "stored")
        #expect(try await send(Array(packed.dropLast(4))).code == "bad-encoding")
        #expect(try await send(Array("plain".utf8)).code == "bad-encoding")
        let bomb = try #require(Gzip.pack(APIWorld.view([UInt8](repeating: 0x20, count: 64 << 20))))
        #expect(bomb.count < 1 << 20)
        #expect(try await send(bomb).status == 413)
    }
}

import CareStore
import CareThreads
import CareValues
import Foundation
import Testing

@testable import CareAPI

/// What libraries of other services send, as they send it.
@Suite struct DropInTests {
    static func facts(_ customer: String, _ world: APIWorld) throws -> [Fact] {
        try world.store.read { try $0.facts(of: customer, receivedUntil: nil) }
    }

    @Test func `the write key comes in the header, in the body, or both`() async throws {
        let world = try IntakeTests.world()
        let token = try world.token(.ingest)
        let basic = "Basic " + Data("\(token):".utf8).base64EncodedString()
        func send(_ headers: [String: String], _ key: String?) async throws -> APIWorld.Answer {
            let writeKey = key.map { #","writeKey":"\#($0)""# } ?? ""
            return try await world.send(
                "POST", "/v1/batch", headers: headers,
                json: #"{"batch":[{"type":"track","userId":"u1","event":"Opened"}]\#(writeKey)}"#)
        }
        for (headers, key) in [(["Authorization": basic], nil), ([:], token), (["Authorization": basic], token)] {
            let answer = try await send(headers, key)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["success"] == .bool(true))
        }
        let wrong = try await send([:], "care_wrong")
        #expect(wrong.status == 401)
        #expect(wrong["code"] != nil && wrong["message"] != nil, "clients fail on an error without them")
        #expect(try await send([:], nil).status == 401)
        #expect(try await send([:], try world.token(.read)).status == 403)
    }

    @Test func `an identify sets traits, a track is an event, and the clock is corrected`() async throws {
        let world = try IntakeTests.world()
        let token = try world.token(.ingest)
        // The client's clock is an hour behind; the event happened a minute before it was sent.
        let body = """
            {"batch":[
              {"type":"identify","userId":"u1","messageId":"m1","timestamp":"2026-06-15T07:59:00+00:00",
               "traits":{"tier":"gold","birthday":"1990-05-17T00:00:00.000Z","plan":"pro"}},
              {"type":"track","userId":"u1","messageId":"m2","timestamp":"2026-06-15T07:59:00.000+00:00",
               "event":"complaint.opened","properties":{"ticketId":"t1"}},
              {"type":"track","userId":"u1","messageId":"m2","timestamp":"2026-06-15T07:59:00.000+00:00",
               "event":"complaint.opened","properties":{"ticketId":"t1"}},
              {"type":"page","anonymousId":"a1","name":"Home","properties":{"path":"/"}},
              {"type":"group","userId":"u1","groupId":"g","traits":{"name":"Acme"}},
              {"type":"alias","userId":"u1","previousId":"a1"},
              {"type":"screen"}, {"type":"unheard","userId":"u"}, {"type":"identify","userId":"u1","traits":{"tier":"tin"}}
            ],"sentAt":"2026-06-15T08:00:00.000000+00:00","writeKey":"\(token)"}
            """
        #expect(try await world.send("POST", "/v1/batch", json: body).status == 200)
        let facts = try Self.facts("u1", world)
        let minuteAgo = APIWorld.start.advanced(byMilliseconds: -60_000)
        guard case .attributes(let traits)? = facts.first else {
            Issue.record("no traits")
            return
        }
        #expect(traits.time == minuteAgo)
        #expect(traits.values["birthday"] == "1990-05-17")
        #expect(traits.values["plan"] == "pro")
        let events = facts.compactMap { if case .event(let event) = $0 { event } else { nil } }
        #expect(Set(events.map(\.type)) == ["complaint.opened", "group", "alias"])
        #expect(events.first { $0.type == "complaint.opened" }?.time == minuteAgo)
        #expect(events.first { $0.type == "group" }?.properties["groupId"] == "g")
        #expect(try Self.facts("a1", world).count == 1)
        #expect(world.context.rejects.newest(9).map(\.code) == ["bad-value", "bad-type", "bad-customer"])
        let rejects = try await world.send("GET", "/v1/rejects?limit=1", token: try world.token(.read))
        #expect(rejects["total"] == .number(3))
        #expect(rejects["items.0.route"] == "/v1/batch")
        #expect(!rejects.text.contains("u1"))
        // The decision rests on the traits of the same batch, and was made once.
        #expect(try world.store.read { try $0.ledger(of: "u1", campaign: nil).map(\.outcome) } == ["act"])
    }

    @Test(arguments: SegmentReader.types) func `every kind of call has a path of its own`(type: String) async throws {
        let world = try IntakeTests.world()
        let token = try world.token(.ingest)
        let body =
            #"{"userId":7,"event":"e","groupId":"g","previousId":"p","traits":{"plan":"pro"},"writeKey":"\#(token)"}"#
        #expect(try await world.send("POST", "/v1/\(type)", json: body)["success"] == .bool(true))
        #expect(try Self.facts("7", world).count == 1)
    }

    @Test func `history keeps its times, and no time is now`() async throws {
        let world = try IntakeTests.world()
        let token = try world.token(.ingest)
        let body = """
            {"batch":[{"type":"track","userId":"u","event":"e","timestamp":"2025-01-01T00:00:00Z"},
             {"type":"track","userId":"v","event":"e"}],"sentAt":"2020-01-01T00:00:00Z","writeKey":"\(token)"}
            """
        #expect(try await world.send("POST", "/v1/import", json: body).status == 200)
        #expect(try Self.facts("u", world).first?.time == Timestamp(iso8601: "2025-01-01T00:00:00Z"))
        #expect(try Self.facts("v", world).first?.time == APIWorld.start)
    }

    @Test(arguments: ["", "{", "[]", "7", #"{"batch":{}}"#, "{}"])
    func `a batch that cannot be read is refused with a code`(body: String) async throws {
        let world = try IntakeTests.world()
        let answer = try await world.send("POST", "/v1/batch", token: try world.token(.ingest), json: body)
        #expect(answer.status == 400)
        #expect(answer.code != nil)
    }

    @Test func `Customer io's calls set attributes and send events`() async throws {
        let world = try APIWorld(
            rules: APIWorld.rules.replacing(
                #""age": { "type": "number" }"#,
                with: #""age": { "type": "number" }, "created_at": { "type": "instant" }"#),
            sets: [CustomerIORoutes(EchoAnswers()), CustomerRoutes()])
        let token = try world.token(.ingest)
        let basic = ["Authorization": "Basic " + Data("site:\(token)".utf8).base64EncodedString()]
        func send(_ method: String, _ path: String, _ body: String) async throws -> APIWorld.Answer {
            try await world.send(method, path, headers: basic, json: body)
        }
        let person = try await send("PUT", "/api/v1/customers/a%2Fb", #"{"tier":"gold","created_at":1611111111}"#)
        #expect(person.status == 200)
        #expect(person.text == "{}")
        let event = #"{"name":"complaint.opened","data":{"ticketId":"t1"},"id":"01H","timestamp":1611111111}"#
        #expect(try await send("POST", "/api/v1/customers/a%2Fb/events", event).status == 200)
        #expect(try await send("POST", "/api/v1/customers/a%2Fb/events", event).status == 200)
        #expect(
            try await send("POST", "/api/v1/customers/a%2Fb/events", #"{"type":"page","name":"https://x"}"#).status
                == 200)
        #expect(try await send("POST", "/api/v1/events", #"{"name":"seen","anonymous_id":"anon"}"#).status == 200)
        let facts = try Self.facts("a/b", world)
        #expect(facts.count == 3)
        guard case .event(let first)? = facts.first else {
            Issue.record("no event")
            return
        }
        #expect(first.time == Timestamp(seconds: 1_611_111_111))
        guard
            case .attributes(let attributes)? = facts.last(where: { if case .attributes = $0 { true } else { false } })
        else {
            Issue.record("no attributes")
            return
        }
        #expect(attributes.values["created_at"] == "2021-01-20T02:51:51.000Z")
        #expect(try await send("POST", "/api/v1/customers/a/events", #"{"data":{}}"#).status == 400)
        #expect(try await send("PUT", "/api/v1/customers/a", #"{"tier":"tin"}"#).code == "bad-value")
        #expect(
            try await send("POST", "/api/v1/customers/a/events", #"{"name":"e","timestamp":1.5}"#).code == "bad-time")
    }

    /// Answers that keep what was asked; nobody is stored under `nobody`, and only `out` is kept out.
    final class People: CommandAnswers {
        let asked = Lock<[String]>([])

        func plan(_ question: PlanQuestion) -> JSONValue { [:] }
        func explain(_ question: ExplainQuestion) -> JSONValue { [:] }
        func diff(_ files: RuleTexts?, days: Int) -> JSONValue { [:] }
        func export(customer: String) -> JSONValue { [:] }
        func erase(customer: String) throws -> JSONValue {
            asked.withLock { $0.append("erase \(customer)") }
            switch customer {
            case "nobody": throw Problem(404, "unknown-customer", "the store has no such customer")
            case "out": return ["result": "erased", "at": "2026-01-01T00:00:00.000Z"]
            default: return ["result": "erased", "at": "2026-01-01T00:00:00.000Z", "facts": .number(2)]
            }
        }
        func readmit(customer: String) throws -> JSONValue {
            asked.withLock { $0.append("readmit \(customer)") }
            guard customer != "in" else { throw Problem(409, "not-erased", "this customer is not erased") }
            return ["result": "readmitted"]
        }
    }

    @Test func `Customer io's clients delete, suppress and unsuppress, with a token that may`() async throws {
        let people = People()
        let world = try APIWorld(sets: [CustomerIORoutes(people)])
        let admin = try world.token(.admin)
        func send(_ method: String, _ path: String) async throws -> String {
            people.asked.withLock { $0 = [] }
            let answer = try await world.send(method, "/api/v1/customers/\(path)", token: admin, json: "{}")
            return "\(answer.status) " + people.asked.withLock { $0.joined(separator: ", ") }
        }
        // Deleted: forgotten, and welcome as somebody new. Who is kept out stays out.
        #expect(try await send("DELETE", "a%2Fb") == "200 erase a/b, readmit a/b")
        #expect(try await send("DELETE", "nobody") == "200 erase nobody")
        #expect(try await send("DELETE", "out") == "200 erase out")
        #expect(try await send("POST", "a/suppress") == "200 erase a")
        #expect(try await send("POST", "out/suppress") == "200 erase out")
        #expect(try await send("POST", "nobody/suppress") == "404 erase nobody")
        #expect(try await send("POST", "out/unsuppress") == "200 readmit out")
        #expect(try await send("POST", "in/unsuppress") == "200 readmit in")
        let noted = try world.context.audit.entries(limit: 10).map(\.action)
        #expect(
            noted == ["customers.readmit", "customers.erase", "customers.erase", "customers.delete"], "\(noted)")
        for scope in [Scope.ingest, .read, .operate] {
            let token = try world.token(scope)
            for (method, path) in [("DELETE", "a"), ("POST", "a/suppress"), ("POST", "a/unsuppress")] {
                let answer = try await world.send(method, "/api/v1/customers/\(path)", token: token, json: "{}")
                #expect(answer.status == 403, "\(scope) \(method) \(path)")
            }
        }
    }

    @Test func `Customer io's batches are carried out in their order, and say what was refused`() async throws {
        let people = People()
        let world = try APIWorld(
            rules: APIWorld.rules.replacing(
                #""age": { "type": "number" }"#,
                with: #""age": { "type": "number" }, "created_at": { "type": "instant" }"#),
            sets: [CustomerIORoutes(people), CustomerRoutes()])
        func person(_ id: String, _ rest: String) -> String {
            #"{"type":"person","identifiers":{"id":\#(id)},\#(rest)}"#
        }
        let good = [
            person(#""a""#, #""action":"identify","attributes":{"tier":"gold","created_at":1611111111}"#),
            person(
                #""a""#,
                #""action":"event","name":"complaint.opened","id":"e1","timestamp":1611111111,"attributes":{"ticketId":"t1"}"#
            ),
            person("7", #""action":"page","name":"https://x","attributes":{"name":"lost"}"#),
            person(#""a""#, #""action":"screen","name":"Home","attributes":null"#),
        ]
        let token = try world.token(.ingest)
        func batch(_ operations: [String], _ token: String) async throws -> APIWorld.Answer {
            try await world.send(
                "POST", "/api/v2/batch", token: token, json: #"{"batch":[\#(operations.joined(separator: ","))]}"#)
        }
        let first = try await batch(good, token)
        #expect((first.status, first.text) == (200, "{}"))
        let events = try Self.facts("a", world).compactMap { if case .event(let event) = $0 { event } else { nil } }
        #expect(Set(events.map(\.type)) == ["complaint.opened", "screen"])
        #expect(events.first { $0.type == "complaint.opened" }?.time == Timestamp(seconds: 1_611_111_111))
        #expect(events.first { $0.type == "screen" }?.properties["name"] == "Home")
        guard case .event(let page)? = try Self.facts("7", world).first else {
            Issue.record("no event of a customer whose id is a number")
            return
        }
        #expect(page.properties["name"] == "https://x")

        // Each that cannot be carried out is said by its place; the others are carried out.
        let second = try await batch(
            [
                person(#""b""#, #""action":"identify","attributes":{"tier":"tin"}"#),
                person(#""b""#, #""action":"event","name":"seen""#), person(#""b""#, #""action":"event""#),
                person(#""b""#, #""action":"merge""#), #"{"type":"object","action":"identify"}"#,
                #"{"type":"person","identifiers":{"email":"a@b.example"},"action":"identify"}"#, "7",
                person(#""b""#, #""action":"event","name":"e","timestamp":0.5"#),
                person(#""b""#, #""action":"event","name":"e","attributes":[]"#),
                person(#""b""#, #""action":"delete""#),
            ], token)
        #expect(second.status == 207)
        guard case .array(let errors)? = second["errors"] else {
            Issue.record("no errors: \(second.text)")
            return
        }
        let told = errors.compactMap { error -> String? in
            guard case .object(let error) = error, case .number(let place)? = error["batch_index"] else { return nil }
            return "\(Int(place)) \(error.text("reason") ?? "")"
        }
        #expect(
            told == [
                "0 bad-value", "2 bad-type", "3 not-supported", "4 not-supported", "5 bad-customer", "6 bad-call",
                "7 bad-time", "8 bad-data", "9 forbidden",
            ])
        #expect(try Self.facts("b", world).count == 1)
        #expect(people.asked.withLock { $0 } == [])

        // With a token that may: in the order of the batch.
        let admin = try world.token(.admin)
        let third = try await batch(
            [
                person(#""c""#, #""action":"event","name":"seen""#), person(#""c""#, #""action":"delete""#),
                person(#""d""#, #""action":"suppress""#), person(#""nobody""#, #""action":"suppress""#),
                person(#""d""#, #""action":"unsuppress""#),
            ], admin)
        #expect(third["errors.0.batch_index"] == .number(3))
        #expect(third["errors.0.reason"] == "unknown-customer")
        #expect(
            people.asked.withLock { $0 } == ["erase c", "readmit c", "erase d", "erase nobody", "readmit d"])

        // One by itself, and what is no batch.
        func entity(_ operation: String) async throws -> APIWorld.Answer {
            try await world.send("POST", "/api/v2/entity", token: token, json: operation)
        }
        #expect(try await entity(good[1]).text == "{}")
        #expect(try await entity(person(#""b""#, #""action":"merge""#)).code == "not-supported")
        #expect(try await entity(person(#""b""#, #""action":"suppress""#)).status == 403)
        for body in ["[]", "{}", #"{"batch":{}}"#] {
            #expect(try await world.send("POST", "/api/v2/batch", token: token, json: body).status == 400)
        }
        let thousand = [String](repeating: person(#""e""#, #""action":"event","name":"seen""#), count: 1_000)
        #expect(try await batch(thousand, token).status == 200)
        #expect(try await batch(thousand + ["7"], token).status == 413)
    }
}

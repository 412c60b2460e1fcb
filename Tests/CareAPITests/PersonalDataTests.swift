import CareEngine
import CareStore
import CareValues
import Testing

@testable import CareAPI

/// What is marked `pii` is seen by whoever asks for it, and written down.
@Suite struct PersonalDataTests {
    /// A campaign that starts with a change of the address, and a trait that is the address.
    static let rules = """
        {
          "attributes": { "email": { "type": "string", "pii": true }, "tier": { "type": "string" } },
          "traits": { "contact": { "value": { "var": "email" } } },
          "campaigns": {
            "moved": { "trigger": { "change": { "of": "email" } }, "condition": { "!=": [{ "var": "contact" }, "x"] },
              "actions": [{ "send": "crm", "type": "care.moved", "to": { "var": "contact" }, "data": { "at": "{{contact}}" } }] }
          }
        }
        """
    static let secrets = ["anna@old.example", "anna@new.example"]

    static func world() async throws -> APIWorld {
        let world = try APIWorld(rules: rules, sets: InterfaceTests.sets)
        let token = try world.token(.ingest)
        for address in secrets {
            world.time.withLock { $0 = $0.advanced(byMilliseconds: 1_000) }
            let answer = try await world.send(
                "PATCH", "/v1/customers/c1", token: token, json: #"{"attributes":{"email":"\#(address)"}}"#)
            #expect(answer["result"] == "stored", "\(answer.text)")
        }
        _ = try await world.send(
            "POST", "/v1/events", token: token,
            json: #"{"customer":"c1","type":"seen","id":"1","properties":{"as":"anna@new.example","contact":"anna"}}"#)
        return world
    }

    @Test func `attributes, traits, properties and occurrences are masked until they are asked for`() async throws {
        let world = try await Self.world()
        let reader = try world.token(.read)
        let list = try await world.send("GET", "/v1/deliveries", token: reader)
        guard case .string(let delivery)? = list["items.0.id"] else {
            Issue.record("no delivery: \(list.text)")
            return
        }
        let paths = ["/v1/customers/c1", "/v1/customers/c1/timeline", "/v1/ledger", "/v1/deliveries/\(delivery)"]
        for path in paths {
            let masked = try await world.send("GET", path, token: reader)
            #expect(masked.status == 200)
            #expect(!Self.secrets.contains { masked.text.contains($0) }, "\(path): \(masked.text)")
            #expect(try world.context.audit.entries(limit: 9).isEmpty)
        }
        for path in paths {
            let shown = try await world.send("GET", path + "?pii=true", token: reader)
            #expect(shown.text.contains("anna@new.example"), "\(path): \(shown.text)")
        }
        let audit = try world.context.audit.entries(limit: 9)
        #expect(audit.map(\.action) == paths.map { _ in "customers.reveal" })
        #expect(audit.allSatisfy { !$0.object.contains("c1") && !$0.object.contains("dlv_") })
        let ledger = try await world.send("GET", "/v1/ledger", token: reader)
        #expect(ledger.text.contains("email:•••@2026-06-15T"), "\(ledger.text)")
        let timeline = try await world.send("GET", "/v1/customers/c1/timeline", token: reader)
        #expect(timeline.text.contains(#""contact":"•••""#), "\(timeline.text)")
    }

    @Test func `a session that may only read is refused what is personal`() async throws {
        let world = try await Self.world()
        for (scope, status) in [(Scope.read, 403), (.operate, 200)] {
            try world.context.access.makeUser("u\(scope)", password: "long enough", scopes: [scope])
            let session = try world.context.access.signIn("u\(scope)", password: "long enough", from: "10.0.0.1")
            let cookie = ["Cookie": "care_session=\(session.sessionID)"]
            #expect(try await world.send("GET", "/v1/customers/c1?pii=true", headers: cookie).status == status)
            #expect(try await world.send("GET", "/v1/customers/c1", headers: cookie).status == 200)
        }
    }
}

import CareEngine
import CareValues
import Foundation
import Testing

@testable import CareAPI

/// Who gets through, and what every answer carries.
@Suite struct RouteTests {
    /// One route of each kind.
    struct Trial: RouteSet {
        func add(to routes: RouteTable) {
            routes.get("/open", .anyone) { $0.json(["who": .string($0.identity?.name ?? "")]) }
            for scope in Scope.allCases {
                routes.post("/\(scope.rawValue)", .scope(scope)) { $0.json(["who": .string($0.identity?.name ?? "")]) }
            }
            routes.get("/page/:name", .page(.read)) { $0.html("<p>\(try $0.parameter("name"))</p>") }
            routes.post("/page/:name", .page(.operate)) { call in
                try await call.note("page", try call.parameter("name"))
                return call.redirect(to: "/page/x")
            }
            routes.post("/echo", .anyone) { call in
                let bytes = try await call.body()
                return call.json(["count": .number(Double(bytes.count))])
            }
            routes.post("/json", .anyone) { call in call.json(try await call.json().root.value) }
            routes.get("/file/:name", .anyone) { _ in throw Problem(404, "no-such-resource", "no such file") }
            routes.get("/long", .anyone) { $0.json(["text": .string(String(repeating: "x", count: 4_096))]) }
            routes.get("/broken", .anyone) { _ in throw EngineError.unreadableRow }
        }
    }

    static func world(_ change: (inout CareEnvironment) -> Void = { _ in }) throws -> APIWorld {
        try APIWorld(sets: [HealthRoutes(), Trial()], change)
    }

    @Test(arguments: Scope.allCases) func `a token does what its scopes hold, and is refused the rest`(
        scope: Scope
    ) async throws {
        let world = try Self.world()
        let token = try world.token(scope)
        for wanted in Scope.allCases {
            let answer = try await world.send("POST", "/\(wanted.rawValue)", token: token)
            #expect(answer.status == (scope.implied.contains(wanted) ? 200 : 403), "\(scope) \(wanted)")
            if answer.status == 403 { #expect(answer.code == "wrong-scope") }
            #expect(try await world.send("POST", "/\(wanted.rawValue)").status == 401)
        }
    }

    @Test func `a token comes as Bearer or as either part of Basic`() async throws {
        let world = try Self.world()
        let token = try world.token(.ingest)
        func answer(_ value: String) async throws -> Int {
            try await world.send("POST", "/ingest", headers: ["Authorization": value]).status
        }
        func basic(_ text: String) -> String { "Basic " + Data(text.utf8).base64EncodedString() }
        #expect(try await answer("Bearer \(token)") == 200)
        #expect(try await answer("bearer \(token)") == 200)
        #expect(try await answer(basic("\(token):")) == 200)
        #expect(try await answer(basic("site:\(token)")) == 200)
        #expect(try await answer(basic(token)) == 200)
        for bad in ["", "Bearer", "Bearer x", "Basic !", basic("a:b"), "Digest \(token)", token] {
            #expect(try await answer(bad) == 401, "\(bad)")
        }
    }

    @Test func `a revoked token's next request is refused`() async throws {
        let world = try Self.world()
        let token = try world.context.access.makeToken("shop", scopes: [.ingest])
        #expect(try await world.send("POST", "/ingest", token: token).status == 200)
        try world.context.access.revokeToken("shop")
        let answer = try await world.send("POST", "/ingest", token: token)
        #expect(answer.status == 401)
        #expect(answer.code == "bad-token")
    }

    @Test func `pages send those without a session to sign in, and back`() async throws {
        let world = try Self.world()
        let answer = try await world.send("GET", "/page/a%0d%0aSet-Cookie:x")
        #expect(answer.status == 303)
        #expect(answer.headers["location"] == "/sign-in?next=/page/a%250d%250aSet-Cookie%3Ax")
        let token = try world.token(.admin)
        #expect(try await world.send("GET", "/page/x", token: token).status == 303, "a token is no session")
    }

    @Test func `a session changes things only with its form's token`() async throws {
        let world = try Self.world()
        try world.context.access.makeUser("ana", password: "long enough", scopes: [.operate])
        let signedIn = try world.context.access.signIn("ana", password: "long enough", from: "x")
        let cookie = "other=1; care_session=\(signedIn.sessionID)"
        func post(_ headers: [String: String], _ body: String = "") async throws -> APIWorld.Answer {
            var headers = headers
            headers["Cookie"] = cookie
            return try await world.send("POST", "/page/x", headers: headers, body: Array(body.utf8))
        }
        let form = ["Content-Type": "application/x-www-form-urlencoded"]
        #expect(try await world.send("GET", "/page/x", headers: ["Cookie": cookie]).text == "<p>x</p>")
        #expect(try await post([:]).code == "bad-csrf-token")
        #expect(try await post(form, "csrf=wrong").code == "bad-csrf-token")
        #expect(try await post(["X-CSRF-Token": "wrong"]).code == "bad-csrf-token")
        #expect(try await post(form, "a=1&csrf=\(signedIn.identity.csrfToken)").status == 303)
        #expect(try await post(["X-CSRF-Token": signedIn.identity.csrfToken]).status == 303)
        // The interface is no way around it.
        let scope = try await world.send("POST", "/operate", headers: ["Cookie": cookie])
        #expect(scope.code == "bad-csrf-token")
        #expect(try await world.send("POST", "/admin", headers: ["Cookie": cookie]).code == "wrong-scope")
        #expect(try world.context.audit.entries(limit: 9).map(\.who) == ["ana", "ana"])
    }

    @Test func `every answer carries its id and what protects browsers`() async throws {
        let world = try Self.world()
        for (method, path) in [("GET", "/open"), ("GET", "/nowhere"), ("POST", "/open"), ("GET", "/broken")] {
            let answer = try await world.send(method, path, headers: ["X-Request-Id": "abc-1"])
            #expect(answer.headers["x-request-id"] == "abc-1")
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["x-frame-options"] == "DENY")
            #expect(answer.headers["content-security-policy"]?.contains("default-src 'self'") == true)
            #expect(answer.headers["cache-control"] == "no-store")
        }
        let forged = try await world.send("GET", "/open", headers: ["X-Request-Id": "a b"])
        #expect(forged.headers["x-request-id"]?.hasPrefix("req_") == true)
    }

    @Test(
        arguments: [
            ("GET", "/nowhere", 404, "no-such-resource"), ("POST", "/open", 405, "method-not-allowed"),
            ("TRACE", "/open", 405, "method-not-allowed"), ("QUERY", "/page/x", 405, "method-not-allowed"),
            ("QUERY", "/nowhere", 404, "no-such-resource"), ("GET", "/file/x", 404, "no-such-resource"),
            ("DELETE", "/page/x", 405, "method-not-allowed"),
            ("GET", "/open/", 200, ""), ("GET", "//open", 200, ""), ("GET", "/%6fpen", 404, "no-such-resource"),
            ("GET", "/page/..%2f..%2fetc", 303, ""), ("GET", "/open/../broken", 404, "no-such-resource"),
            ("GET", "/broken", 500, "internal"), ("OPTIONS", "/ingest", 405, "method-not-allowed"),
        ] as [(String, String, Int, String)])
    func `paths and methods that are not there are refused as problems`(
        method: String, path: String, status: Int, code: String
    ) async throws {
        let answer = try await Self.world().send(method, path)
        #expect(answer.status == status, "\(answer.text)")
        guard status >= 400 else { return }
        #expect(answer.code == code)
        #expect(answer.headers["content-type"] == "application/problem+json")
        if case .string(let title)? = answer["title"] { #expect(title.count > 5) } else { Issue.record("no title") }
        #expect(answer["status"] == .number(Double(status)))
        if status == 405 { #expect(answer.headers["allow"] != nil) }
    }

    @Test func `what fails inside is told to the operator, not to the client`() async throws {
        let world = try Self.world()
        let answer = try await world.send("GET", "/broken", headers: ["X-Request-Id": "r1"])
        #expect(!answer.text.contains("unreadableRow"))
        #expect(
            world.observed.withLock { $0 } == [
                .requestFailed(request: "r1", route: "GET /broken", detail: "unreadableRow")
            ])
    }

    @Test func `a body is taken up to its limit`() async throws {
        let world = try Self.world { $0.server.bodyBytes = 2_048 }
        #expect(try await world.send("POST", "/echo", body: [UInt8](repeating: 1, count: 2_048)).status == 200)
        let answer = try await world.send("POST", "/echo", body: [UInt8](repeating: 1, count: 2_049))
        #expect(answer.status == 413)
        #expect(answer.code == "body-too-large")
        let claimed = try await world.send("POST", "/echo", headers: ["Content-Length": "1000000000"])
        #expect(claimed.status == 413)
        #expect(claimed.headers["connection"] == "close")
    }

    @Test func `a body that is no JSON is refused with its place`() async throws {
        let world = try Self.world()
        let answer = try await world.send("POST", "/json", json: "{\"a\": 1,\n \"b\" 2}")
        #expect(answer.status == 400)
        #expect(answer.code == "bad-json")
        #expect(answer["line"] == .number(2))
    }

    @Test func `one sender gets so many requests a second, others are not held back`() async throws {
        let world = try Self.world { $0.server.requestsPerSecond = 1 }
        #expect(try await world.send("GET", "/open").status == 200)
        #expect(try await world.send("GET", "/open").status == 200)
        let answer = try await world.send("GET", "/open")
        #expect(answer.status == 429)
        #expect(answer.headers["retry-after"] == "1")
        #expect(try await world.send("GET", "/open", from: "10.1.1.1").status == 200)
    }

    @Test func `only a trusted proxy is believed`() async throws {
        let forwarded = ["X-Forwarded-For": "203.0.113.9, 10.0.0.7", "X-Forwarded-Proto": "https"]
        let plain = try Self.world { $0.server.requestsPerSecond = 1 }
        for _ in 0..<2 { _ = try await plain.send("GET", "/open", headers: forwarded, from: "198.51.100.1") }
        #expect(try await plain.send("GET", "/open", from: "198.51.100.1").status == 429)
        let behind = try Self.world {
            $0.server.requestsPerSecond = 1
            $0.server.trustedProxies = [AddressRange("198.51.100.0/24"), AddressRange("10.0.0.0/8")].compactMap { $0 }
        }
        for _ in 0..<2 { _ = try await behind.send("GET", "/open", headers: forwarded, from: "198.51.100.1") }
        #expect(try await behind.send("GET", "/open", from: "198.51.100.1").status == 200)
        let answer = try await behind.send("GET", "/open", headers: forwarded, from: "198.51.100.1")
        #expect(answer.status == 429)
        #expect(answer.headers["strict-transport-security"] != nil)
    }

    @Test func `browsers of other origins are let in only where they are named`() async throws {
        let closed = try Self.world()
        #expect(
            try await closed.send("GET", "/open", headers: ["Origin": "https://a.example"])
                .headers["access-control-allow-origin"] == nil)
        let open = try Self.world { $0.server.allowedOrigins = ["https://a.example"] }
        let packed = try await open.send(
            "GET", "/long", headers: ["Origin": "https://a.example", "Accept-Encoding": "gzip"])
        #expect(packed.headers["content-encoding"] == "gzip")
        #expect(packed.headers["vary"] == "Accept-Encoding, Origin")
        #expect(packed.headers["access-control-expose-headers"] == "ETag, X-Request-Id, Retry-After")
        let asked = try await open.send("OPTIONS", "/ingest", headers: ["Origin": "https://a.example"])
        #expect(asked.status == 204)
        #expect(asked.headers["access-control-allow-origin"] == "https://a.example")
        #expect(asked.headers["access-control-allow-methods"] == "POST")
        #expect(asked.headers["access-control-allow-credentials"] == nil)
        #expect(try await open.send("OPTIONS", "/ingest", headers: ["Origin": "https://b.example"]).status == 405)
        #expect(try await open.send("OPTIONS", "/page/x", headers: ["Origin": "https://a.example"]).status == 405)
    }

    @Test func `it is ready once rules are in force, and counts for those who may read`() async throws {
        let world = try Self.world()
        #expect(try await world.send("GET", "/ready")["epoch"] == .number(1))
        #expect(try await world.send("GET", "/health").status == 200)
        #expect(try await world.send("HEAD", "/health").bytes.isEmpty)
        #expect(try await world.send("GET", "/metrics").status == 401)
        let metrics = try await world.send("GET", "/metrics", token: try world.token(.read))
        #expect(metrics.text.contains("\ncare_rules_epoch 1\n"))
    }
}

import CareStore
import CareValues
import Testing

@testable import CareAPI
@testable import CareConsole

/// Who gets to see and to do what.
@Suite struct ConsoleAccessTests {
    /// A path of a route, its places filled.
    private static func filled(_ path: String) -> String {
        path.replacing(":id", with: "dlv_x").replacing(":name", with: "helpdesk").replacing("**", with: "x")
    }

    @Test func `without a session every page leads to signing in, and comes back`() async throws {
        let world = try ConsoleWorld()
        let pages = world.server.routes.filter { $0.access != .anyone }
        #expect(pages.count > 30)
        for route in pages {
            let path = Self.filled(route.path)
            let answer = route.method == "GET" ? try await world.get(path) : try await world.post(path)
            #expect(answer.status == 303, "\(route.method) \(path)")
            #expect(answer.location?.hasPrefix("/sign-in") ?? false, "\(route.method) \(path)")
        }
        for open in world.server.routes where open.access == .anyone {
            #expect(
                ["/", "/console", "/console/assets/:name", "/console/language", "/sign-in", "/setup"].contains(
                    open.path),
                "\(open.path) is open to anyone")
        }
        #expect(try await world.get("/").location == "/console/overview")
    }

    @Test(arguments: [Scope.ingest, .read, .operate, .admin])
    func `a session does what its scope holds, and is refused the rest with a page`(_ scope: Scope) async throws {
        let world = try ConsoleWorld()
        let session = try world.session(scope)
        for route in world.server.routes {
            guard case .page(let wanted) = route.access else { continue }
            let path = Self.filled(route.path)
            let answer =
                route.method == "GET" ? try await world.get(path, session) : try await world.post(path, session)
            if scope.implied.contains(wanted) {
                #expect(answer.status != 403, "\(scope) \(route.method) \(path)")
                #expect(answer.status < 500, "\(scope) \(route.method) \(path): \(answer.status)")
            } else {
                #expect(answer.status == 403, "\(scope) \(route.method) \(path): \(answer.status)")
                #expect(answer.text.contains("Your scope does not reach so far"))
            }
        }
    }

    @Test(arguments: [Scope.ingest, .read, .admin])
    func `whoever is signed in can sign out`(_ scope: Scope) async throws {
        let world = try ConsoleWorld()
        let session = try world.session(scope)
        let answer = try await world.post("/console/sign-out", session)
        #expect(answer.status == 303 && answer.location == "/sign-in", "\(answer.status)")
        #expect(try await world.get("/console/overview", session).location?.hasPrefix("/sign-in") == true)
    }

    @Test(
        arguments: [
            "/console/x", "/console/x/y/z", "/console/campaigns/complaint-care/x", "/console/deliveries/dlv_x/y/z",
            "/console/settings/x/", "/console/assets/x/y",
        ]) func `a path below the console that leads nowhere is a page, for who is signed in`(path: String) async throws
    {
        let world = try ConsoleWorld()
        let session = try world.session(.read)
        let answer = try await world.get(path, session)
        #expect(answer.status == 404)
        #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
        #expect(answer.text.contains("<h1>"))
        let nobody = try await world.get(path)
        #expect(nobody.status == 303)
        #expect(nobody.location?.hasPrefix("/sign-in?next=/console/") == true)
        // What is no question is told as to a program.
        #expect(try await world.post(path, session).headers["content-type"] == "application/problem+json")
    }

    @Test func `what changes something needs the token of its own session`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(1) { _ in "plain" }
        let (mine, other) = (try world.session(.admin), try world.session(.operate))
        for route in world.server.routes where route.method == "POST" {
            guard route.access != .anyone else { continue }
            for csrf in ["", "x", other.csrf] {
                let answer = try await world.post(Self.filled(route.path), mine, csrf: csrf)
                #expect(answer.status == 403, "\(route.path) with '\(csrf.prefix(4))'")
                #expect(answer.text.contains("<h1>The form was too old</h1>"), "\(route.path)")
            }
        }
        #expect(try world.deliveries().map(\.state) == [.waiting])
        #expect(try world.context.access.tokens().isEmpty)
    }

    @Test func `signing in gives a new session, and takes nobody elsewhere`() async throws {
        let world = try ConsoleWorld()
        _ = try world.session(.read)
        func signIn(
            _ password: String, next: String = "", headers: [String: String] = [:]
        ) async throws -> ConsoleWorld.Answer {
            try await world.post(
                "/sign-in", nil, [("name", "u-read"), ("password", password), ("next", next)], headers: headers)
        }
        let wrong = try await signIn("wrong")
        #expect(wrong.status == 401 && wrong.text.contains("do not match") && wrong.headers["set-cookie"] == nil)
        let right = try await signIn("long enough", next: "/console/ledger")
        #expect(right.status == 303 && right.location == "/console/ledger")
        let cookie = try #require(right.headers["set-cookie"])
        #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
        for elsewhere in [
            "//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/x\r\nY: z", "",
        ] {
            #expect(try await signIn("long enough", next: elsewhere).location == "/console/overview", "\(elsewhere)")
        }
        // A form of another site, as browsers tell.
        #expect(try await signIn("long enough", headers: ["Sec-Fetch-Site": "cross-site"]).status == 403)
        #expect(try await signIn("long enough", headers: ["Origin": "https://evil.example"]).status == 403)
        #expect(
            try await signIn(
                "long enough", headers: ["Origin": "http://care.example", "Sec-Fetch-Site": "same-origin"]
            ).status == 303)
        // A session that the browser had before is not taken over.
        let fixed = ConsoleWorld.Session(cookie: "care_session=chosen-by-somebody", csrf: "")
        let again = try await world.post("/sign-in", fixed, [("name", "u-read"), ("password", "long enough")])
        #expect(again.headers["set-cookie"]?.contains("chosen-by-somebody") == false)
        #expect(try await world.get("/console/overview", fixed).status == 303)
    }

    @Test func `who signs in wrong too often waits`() async throws {
        let world = try ConsoleWorld()
        _ = try world.session(.read)
        var last: ConsoleWorld.Answer?
        for _ in 0..<20 where last?.status != 429 {
            last = try await world.post("/sign-in", nil, [("name", "u-read"), ("password", "wrong")])
        }
        #expect(
            last?.status == 429 && last?.headers["retry-after"] != nil && last?.text.contains("Too many tries") ?? false
        )
    }

    @Test func `the set-up link makes one administrator, once`() async throws {
        let world = try ConsoleWorld()
        let key = try #require(try world.context.access.makeSetupKey())
        #expect(try await world.get("/setup?key=wrong").status == 403)
        #expect(try await world.get("/setup?key=\(key)").status == 200)
        func setUp(_ password: String, _ again: String, name: String = "wang.li") async throws -> ConsoleWorld.Answer {
            try await world.post(
                "/setup", nil, [("key", key), ("name", name), ("password", password), ("again", again)])
        }
        #expect(try await setUp("short", "short").text.contains("at least 10 characters"))
        #expect(try await setUp("long enough", "otherwise").text.contains("differ"))
        #expect(try await setUp("long enough", "long enough", name: "").status == 422)
        let done = try await setUp("long enough", "long enough")
        #expect(done.status == 303 && done.headers["set-cookie"] != nil)
        #expect(try world.context.access.users().map(\.name) == ["wang.li"])
        #expect(try await setUp("long enough", "long enough", name: "second").status == 403)
        #expect(try await world.get("/setup?key=\(key)").status == 403)
    }

    @Test func `pages load nothing but our own files, which are kept for ever`() async throws {
        let world = try ConsoleWorld()
        let session = try world.session(.read)
        let page = try await world.get("/console/overview", session)
        let policy = try #require(page.headers["content-security-policy"])
        #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
        #expect(page.headers["cache-control"] == "no-store")
        #expect(!page.text.contains(" style=") && !page.text.contains("<script>") && !page.text.contains(" onclick="))
        for asset in Assets.all {
            let answer = try await world.get(Link.asset(asset.name).text)
            #expect(answer.status == 200 && answer.headers["cache-control"]?.contains("immutable") ?? false)
            #expect(answer.headers["content-type"] == asset.type)
        }
        #expect(try await world.get("/console/assets/console.css").status == 404)
        #expect(try await world.get("/console/assets/..%2f..%2fcare.sqlite").status == 404)
    }

    @Test func `the language is the browser's until somebody chooses, and the choice leads back`() async throws {
        let world = try ConsoleWorld()
        let session = try world.session(.read)
        #expect(try await world.get("/console/ledger", session, language: "zh-CN").text.contains("<h1>台账</h1>"))
        let switched = try await world.get("/console/language?to=zh-Hans&back=%2Fconsole%2Fledger")
        #expect(switched.location == "/console/ledger")
        #expect(switched.headers["set-cookie"]?.hasPrefix("care_language=zh-Hans") ?? false)
        var chosen = session
        chosen.cookie += "; care_language=zh-Hans"
        #expect(try await world.get("/console/ledger", chosen, language: "en").text.contains("<html lang=\"zh-Hans\">"))
        #expect(try await world.get("/console/language?to=xx&back=%2F%2Fevil.example").location == "/console/overview")
    }
}

import CareEngine
import CareStore
import CareValues
import Foundation
import Testing

@testable import CareAPI

/// What is looked at and ordered, and the interface held against its description.
@Suite struct InterfaceTests {
    static let sets: [any RouteSet] = [
        HealthRoutes(), IntakeRoutes(), CustomerRoutes(), RuleRoutes(), QuestionRoutes(EchoAnswers()), DeliveryRoutes(),
        DestinationRoutes(), SegmentRoutes(), CustomerIORoutes(EchoAnswers()), LedgerRoutes(), OpenAPIRoutes(),
    ]

    /// A world in which `c1` had two complaints and `c2` one.
    static func world() async throws -> (world: APIWorld, reader: String, operator: String) {
        let world = try APIWorld(sets: sets)
        let token = try world.token(.ingest)
        for (customer, ticket) in [("c1", "t1"), ("c1", "t2"), ("c2", "t3")] {
            world.time.withLock { $0 = $0.advanced(byMilliseconds: 1_000) }
            _ = try await world.send(
                "POST", "/v1/events", token: token, json: IntakeTests.event(ticket, customer: customer, ticket: ticket))
        }
        _ = try await world.send(
            "PATCH", "/v1/customers/c1", token: token,
            json: #"{"attributes":{"tier":"gold","email":"lin@example.com"}}"#)
        return (world, try world.token(.read), try world.token(.operate))
    }

    // MARK: The description

    /// Every operation of the description, as `METHOD /path`, with its scope.
    static func described() throws -> [String: String] {
        let text = String(decoding: PackageResources.openapi_json, as: UTF8.self)
        guard case .object(let root)? = JSONValue(jsonText: text), case .object(let paths)? = root["paths"] else {
            throw CancellationError()
        }
        var operations: [String: String] = [:]
        for (path, item) in paths.members {
            guard case .object(let methods) = item else { continue }
            for (method, operation) in methods.members {
                guard case .object(let operation) = operation else { continue }
                let place = path.replacing("{", with: ":").replacing("}", with: "")
                operations["\(method.uppercased()) \(place)"] = operation.text("x-care-scope") ?? ""
            }
        }
        return operations
    }

    @Test func `the description names every route and its scope, and no other`() throws {
        let world = try APIWorld(sets: Self.sets)
        var served: [String: String] = [:]
        for route in world.server.routes {
            switch route.access {
            case .anyone: served["\(route.method) \(route.path)"] = "none"
            case .scope(let scope): served["\(route.method) \(route.path)"] = scope.rawValue
            case .page, .session: continue
            }
        }
        #expect(try Self.described() == served)
    }

    @Test func `the description that is served is the one in the manual`() async throws {
        let manual = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/openapi.json")
        let world = try APIWorld(sets: Self.sets)
        let served = try await world.send("GET", "/openapi.json")
        #expect(served.json != nil)
        #expect(served.json == JSONValue(jsonText: try String(contentsOf: manual, encoding: .utf8)))
    }

    @Test(arguments: Scope.allCases) func `a token of a scope is let in where the description says, and nowhere else`(
        scope: Scope
    ) async throws {
        let world = try APIWorld(sets: Self.sets)
        let token = try world.token(scope)
        for (operation, wanted) in try Self.described().sorted(by: { $0.key < $1.key }) {
            let parts = operation.split(separator: " ").map(String.init)
            let path = parts[1].replacing(":id", with: "x").replacing(":name", with: "x")
            let answer = try await world.send(parts[0], path, token: token, json: "{}")
            let isLetIn = wanted == "none" || scope.implied.contains { $0.rawValue == wanted }
            if !isLetIn { #expect(answer.status == 403, "\(scope) \(operation)") }
            // Segment's calls name their sender in the body too, and look themselves.
            if isLetIn, wanted != "none" { #expect(![401, 403].contains(answer.status), "\(scope) \(operation)") }
            if wanted != "none" {
                #expect(try await world.send(parts[0], path, json: "{}").status == 401, "nobody: \(operation)")
            }
            #expect(answer.status < 500, "\(operation): \(answer.text)")
        }
    }

    // MARK: Looking

    @Test func `a customer is shown with traits and segments, personal values masked unless asked for`() async throws {
        let (world, reader, _) = try await Self.world()
        let customer = try await world.send("GET", "/v1/customers/c1", token: reader)
        #expect(customer["attributes.email"] == "l•••@example.com")
        #expect(customer["traits.complaints"] == .number(2))
        #expect(customer["segments"] == .array(["vip"]))
        #expect(customer["timeZone"] == "Asia/Shanghai")
        #expect(
            try await world.send("GET", "/v1/customers/c1?pii=true", token: reader)["attributes.email"]
                == "lin@example.com")
        #expect(try await world.send("GET", "/v1/customers/nobody", token: reader).code == "unknown-customer")
        #expect(try await world.send("GET", "/v1/customers/%ff", token: reader).code == "bad-path")
    }

    @Test func `pages lead on until the end, each item once`() async throws {
        let (world, reader, _) = try await Self.world()
        var (kinds, path): ([String], String?) = ([], "/v1/customers/c1/timeline?limit=2")
        while let next = path {
            let page = try await world.send("GET", next, token: reader)
            guard case .array(let items)? = page["items"] else { break }
            kinds += items.compactMap { if case .object(let item) = $0 { item.text("kind") } else { nil } }
            path = nil
            if case .string(let cursor)? = page["next"] { path = "/v1/customers/c1/timeline?limit=2&cursor=\(cursor)" }
        }
        #expect(kinds == ["attributes", "decision", "event", "decision", "event"])
        let first = try await world.send("GET", "/v1/customers?limit=1", token: reader)
        #expect(first["items.0.id"] == "c1")
        guard case .string(let cursor)? = first["next"] else {
            Issue.record("no next page")
            return
        }
        let second = try await world.send("GET", "/v1/customers?limit=1&cursor=\(cursor)", token: reader)
        #expect(second["items.0.id"] == "c2")
        #expect(second["next"] == .null)
        for bad in ["x", "zz", "c1", "ff", Cursor.make("nobody")] {
            #expect(try await world.send("GET", "/v1/customers?cursor=\(bad)", token: reader).code == "bad-cursor")
        }
        #expect(try await world.send("GET", "/v1/customers?cursor=", token: reader)["items.0.id"] == "c1")
        #expect(try await world.send("GET", "/v1/customers/c1?pii=yes", token: reader).code == "bad-query")
        #expect(try await world.send("GET", "/v1/deliveries?state=", token: reader).code == "bad-query")
        for bad in ["0", "1001", "x", "-1"] {
            #expect(try await world.send("GET", "/v1/customers?limit=\(bad)", token: reader).code == "bad-query")
        }
    }

    @Test func `what comes between two pages of a timeline moves none`() async throws {
        let (world, reader, _) = try await Self.world()
        let ingest = try world.token(.ingest)
        let all = try await world.send("GET", "/v1/customers/c1/timeline", token: reader)
        guard case .array(let items)? = all["items"] else {
            Issue.record("no items")
            return
        }
        let first = try await world.send("GET", "/v1/customers/c1/timeline?limit=2", token: reader)
        let more = IntakeTests.event("between", ticket: "t9")
        #expect(try await world.send("POST", "/v1/events", token: ingest, json: more)["result"] == "stored")
        guard case .string(let cursor)? = first["next"] else {
            Issue.record("no next page")
            return
        }
        let second = try await world.send(
            "GET", "/v1/customers/c1/timeline?limit=100&cursor=\(cursor)", token: reader)
        #expect(first["items"] == .array(Array(items.prefix(2))))
        #expect(second["items"] == .array(Array(items.dropFirst(2))))
        #expect(second["next"] == .null)
        for bad in ["x", Cursor.make("7"), Cursor.make("a b"), Cursor.make("-1 3"), Cursor.make("1 2 3")] {
            let answer = try await world.send("GET", "/v1/customers/c1/timeline?cursor=\(bad)", token: reader)
            #expect(answer.code == "bad-cursor", "\(bad)")
        }
        // Another customer's place is none in this one's history: it shows nothing that is not this one's.
        let foreign = try await world.send("GET", "/v1/customers/c2/timeline?cursor=\(cursor)", token: reader)
        #expect(foreign.status == 200)
        #expect(!foreign.text.contains("between"))
    }

    @Test func `deliveries come by pages, each once, with counts on the first`() async throws {
        let (world, reader, _) = try await Self.world()
        let ingest = try world.token(.ingest)
        for number in 1...5 {
            let event = IntakeTests.event("d\(number)", customer: "d\(number)", ticket: "t\(number)")
            #expect(try await world.send("POST", "/v1/events", token: ingest, json: event)["result"] == "stored")
        }
        let whole = try await world.send("GET", "/v1/deliveries", token: reader)
        guard case .array(let items)? = whole["items"] else {
            Issue.record("no items")
            return
        }
        #expect(items.count >= 6)
        #expect(whole["next"] == .null)
        for filter in ["", "&state=waiting,dead", "&campaign=complaint-care"] {
            var (found, path): ([JSONValue], String?) = ([], "/v1/deliveries?limit=2\(filter)")
            var pages = 0
            while let next = path {
                let page = try await world.send("GET", next, token: reader)
                guard case .array(let items)? = page["items"] else { break }
                found += items
                #expect((page["counts"] != nil) == (pages == 0))
                if pages == 0 { #expect(page["counts.waiting"] == .number(Double(whole.count(of: "waiting")))) }
                pages += 1
                path = nil
                if case .string(let cursor)? = page["next"] {
                    path = "/v1/deliveries?limit=2\(filter)&cursor=\(cursor)"
                }
            }
            #expect(found == items, "\(filter)")
        }
        #expect(
            try await world.send("GET", "/v1/deliveries?cursor=\(Cursor.make("x"))", token: reader).code == "bad-cursor"
        )
    }

    @Test func `the rules in force are shown, checked and put in force anew`() async throws {
        let (world, reader, operator_) = try await Self.world()
        #expect(try await world.send("GET", "/v1/campaigns/present", token: reader)["name"] == "present")
        #expect(try await world.send("GET", "/v1/segments", token: reader)["items.0.name"] == "vip")
        #expect(try await world.send("GET", "/v1/rules", token: reader)["epoch"] == .number(1))
        func check(_ file: String) async throws -> APIWorld.Answer {
            try await world.send("POST", "/v1/rules/check", token: reader, json: #"{"files":{"a.json":\#(file)}}"#)
        }
        #expect(try await check("{}")["ok"] == .bool(true))
        let found = try await check(#"{"campains":{}}"#)
        #expect(found["ok"] == .bool(false))
        #expect(found["diagnostics.0.code"] == "rule.unknown-key")
        #expect(found["diagnostics.0.file"] == "a.json")

        #expect(try await world.send("POST", "/v1/rules/reload", token: operator_)["changed"] == .bool(false))
        world.rulesText.withLock { $0 = #"{"campains":{}}"# }
        let refused = try await world.send("POST", "/v1/rules/reload", token: operator_)
        #expect(refused.status == 422)
        #expect(refused["diagnostics.0.line"] == .number(1))
        #expect(try await world.send("GET", "/v1/rules", token: reader)["epoch"] == .number(1), "the last good stay")
        #expect(world.live.metrics.refusedReloads == 1)
        world.rulesText.withLock { $0 = APIWorld.rules.replacing("Answer a complaint", with: "Answer complaints") }
        #expect(try await world.send("POST", "/v1/rules/reload", token: operator_)["epoch"] == .number(2))
        #expect(try world.context.audit.entries(limit: 9).map(\.action) == ["rules.reload", "rules.reload"])
    }

    @Test func `questions are passed on as they are asked`() async throws {
        let (world, reader, _) = try await Self.world()
        #expect(try await world.send("GET", "/v1/plan?days=3&campaign=present", token: reader)["days"] == .number(3))
        #expect(try await world.send("GET", "/v1/plan?days=367", token: reader).code == "bad-query")
        #expect(
            try await world.send("GET", "/v1/explain?customer=c1&campaign=present", token: reader)["answer"]
                == "c1 present")
        #expect(try await world.send("GET", "/v1/explain?customer=c9&campaign=x", token: reader).status == 404)
        #expect(try await world.send("GET", "/v1/explain?customer=c1", token: reader).code == "bad-query")
        #expect(try await world.send("POST", "/v1/diff", token: reader)["files"] == .number(0))
        #expect(
            try await world.send("POST", "/v1/diff?days=9", token: reader, json: #"{"files":{"a":{}}}"#)["days"]
                == .number(9))
    }

    @Test func `who hands a customer out or forgets one is written down, whom is not`() async throws {
        let (world, _, operator_) = try await Self.world()
        let admin = try world.token(.admin)
        #expect(try await world.send("GET", "/v1/customers/c1/export", token: admin)["customer"] == "c1")
        #expect(try await world.send("DELETE", "/v1/customers/c1", token: admin)["result"] == "erased")
        #expect(try await world.send("POST", "/v1/customers/c1/readmit", token: admin).status == 200)
        #expect(try await world.send("DELETE", "/v1/customers/c1", token: operator_).status == 403)
        let entries = try world.context.audit.entries(limit: 9)
        #expect(entries.map(\.action) == ["customers.readmit", "customers.erase", "customers.export"])
        #expect(entries.allSatisfy { $0.object.isEmpty })
    }

    @Test func `the ledger is searched, newest first, page by page`() async throws {
        let (world, reader, _) = try await Self.world()
        func find(_ query: String) async throws -> APIWorld.Answer {
            try await world.send("GET", "/v1/ledger?\(query)", token: reader)
        }
        var (customers, query): ([String], String?) = ([], "limit=2")
        while let next = query {
            let page = try await find(next)
            guard case .array(let items)? = page["items"] else { break }
            customers += items.compactMap { if case .object(let item) = $0 { item.text("customer") } else { nil } }
            query = nil
            if case .string(let cursor)? = page["next"] { query = "limit=2&cursor=\(cursor)" }
        }
        #expect(customers == ["c2", "c1", "c1"])
        #expect(try await find("customer=c2")["items.0.campaign"] == "complaint-care")
        #expect(try await find("customer=c2")["items.1"] == nil)
        #expect(try await find("campaign=present")["items"] == .array([]))
        #expect(try await find("outcome=act&customer=c1")["items.1.outcome"] == "act")
        #expect(try await find("outcome=suppress")["items"] == .array([]))
        #expect(try await find("until=2026-06-15T09:00:02Z")["items.1"] == nil)
        #expect(try await find("outcome=sent").code == "bad-query")
        #expect(try await find("cursor=\(Cursor.make("1 x"))").code == "bad-cursor")
        #expect(try await find("customer='%20OR%201=1")["items"] == .array([]))
    }

    // MARK: Ordering

    @Test func `a delivery is looked at, cancelled and put back only where that makes sense`() async throws {
        let (world, reader, operator_) = try await Self.world()
        let list = try await world.send("GET", "/v1/deliveries?customer=c1&state=waiting", token: reader)
        #expect(list["counts.waiting"] == .number(2))
        guard case .string(let id)? = list["items.0.id"] else {
            Issue.record("no delivery")
            return
        }
        let shown = try await world.send("GET", "/v1/deliveries/\(id)?pii=true", token: reader)
        #expect(shown["data.ticket"] == "t2")
        #expect(try await world.send("GET", "/v1/deliveries/\(id)", token: reader)["data"] == .null)
        #expect(try await world.send("POST", "/v1/deliveries/\(id)/redrive", token: operator_).code == "wrong-state")
        #expect(
            try await world.send("POST", "/v1/deliveries/\(id)/cancel?reason=wrong", token: operator_)["cancelled"]
                == .number(1))
        #expect(try await world.send("POST", "/v1/deliveries/\(id)/cancel", token: operator_).code == "wrong-state")
        #expect(try await world.send("GET", "/v1/deliveries/\(id)", token: reader)["reason"] == "wrong")
        #expect(try await world.send("POST", "/v1/deliveries/cancel", token: operator_).code == "too-wide")
        #expect(
            try await world.send("POST", "/v1/deliveries/cancel?destination=helpdesk", token: operator_)["cancelled"]
                == .number(2))
        for path in ["/v1/deliveries/x", "/v1/deliveries/dlv_aaaaaaaaaaaaaaaaaaaaaaaaaa"] {
            #expect(try await world.send("GET", path, token: reader).code == "unknown-delivery")
        }
        #expect(
            try world.context.audit.entries(limit: 9).map(\.object)
                == ["destination=helpdesk", id, "v1/deliveries"])
    }

    @Test func `a destination is switched off and on, and what is for it waits`() async throws {
        let (world, reader, operator_) = try await Self.world()
        func state() async throws -> JSONValue? {
            try await world.send("GET", "/v1/destinations", token: reader)["items.0"]
        }
        func set(_ word: String) async throws -> APIWorld.Answer {
            try await world.send("POST", "/v1/destinations/helpdesk/\(word)", token: operator_)
        }
        guard case .object(let before)? = try await state() else { return }
        #expect(before["waiting"] == .number(3))
        #expect(try await set("disable")["changed"] == .bool(true))
        #expect(try await set("disable")["changed"] == .bool(false))
        guard case .object(let off)? = try await state() else { return }
        #expect(off["state"] == "disabled")
        #expect(off["parked"] == .number(3))
        #expect(try await set("enable")["changed"] == .bool(true))
        guard case .object(let on)? = try await state() else { return }
        #expect(on["waiting"] == .number(3))
        #expect(
            try await world.send("POST", "/v1/destinations/nowhere/disable", token: operator_).code
                == "unknown-destination")
        #expect(try await world.send("POST", "/v1/destinations/nowhere/test", token: operator_).status == 404)
        let admin = try world.token(.admin)
        let audit = try await world.send("GET", "/v1/audit?limit=1", token: admin)
        #expect(audit["items.0.action"] == "destinations.enable")
        #expect(audit["items.0.object"] == "helpdesk")
    }
}

extension APIWorld.Answer {
    /// How many items are in a state.
    fileprivate func count(of state: String) -> Int {
        guard case .array(let items)? = self["items"] else { return 0 }
        return items.count { if case .object(let item) = $0 { item.text("state") == state } else { false } }
    }
}

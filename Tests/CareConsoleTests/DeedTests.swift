import CareEngine
import CareStore
import CareValues
import Testing

@testable import CareAPI
@testable import CareConsole

/// What is done in the console: asked once more, done, written down, told.
@Suite struct DeedTests {
    /// Sets deliveries dead, as a worker would.
    static func kill(_ world: ConsoleWorld, _ reason: String = "422 refused the body") async throws -> [DeliveryID] {
        let ids = try world.deliveries().map(\.order.id)
        try await world.live.perform { store, _ in
            for id in ids { try store.setDelivery(id, state: .dead, nextAttemptAt: .distantPast, reason: reason) }
        }
        return ids
    }

    @Test func `dead letters are redriven after one more question, and only those chosen`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(3) { "n\($0)" }
        let ids = try await Self.kill(world)
        let session = try world.session(.operate)
        let list = try await world.get("/console/deliveries", session)
        #expect(list.text.contains("<strong>3 dead letters</strong>") && list.text.contains("422 refused the body"))
        let boxes = ids.prefix(2).map { ("id." + $0.text, "yes") }
        let question = try await world.post(
            "/console/confirm/deliveries", session, boxes + [("deed", "redrive"), ("state", "dead")])
        #expect(
            question.text.contains("<h1>Redrive 2 deliveries?</h1>")
                && question.text.contains("Redrive 2 deliveries</button>"))
        #expect(try world.deliveries().allSatisfy { $0.state == .dead }, "asking changes nothing")
        let done = try await world.post("/console/do/redrive", session, boxes)
        #expect(done.status == 303)
        let told = try await world.get(try #require(done.location), session)
        #expect(told.text.contains("2 deliveries wait again."))
        #expect(try world.deliveries().map(\.state) == [.waiting, .waiting, .dead])
        #expect(try world.context.audit.entries(limit: 9).map(\.action) == ["deliveries.redrive"])
        // Twice does nothing twice.
        let again = try await world.post("/console/do/redrive", session, boxes)
        #expect(try await world.get(try #require(again.location), session).text.contains("Nothing was changed."))
        let none = try await world.post("/console/do/redrive", session, [])
        #expect(try await world.get(try #require(none.location), session).text.contains("Nothing was changed."))
    }

    @Test func `what waits is cancelled, by whom is told`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(1) { _ in "x" }
        let session = try world.session(.operate)
        let id = try #require(try world.deliveries().first?.order.id)
        let page = try await world.get("/console/confirm/cancel?id=\(id.text)", session)
        #expect(page.text.contains("would never be sent"))
        _ = try await world.post("/console/do/cancel", session, [("id." + id.text, "yes")])
        #expect(try world.deliveries().map(\.state) == [.cancelled])
        #expect(try await world.get(Link.delivery(id).text, session).text.contains("cancelled by u-operate"))
    }

    @Test func `a destination is disabled and enabled, and one that is not there is not`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(2) { _ in "x" }
        let session = try world.session(.operate)
        let done = try await world.post("/console/do/disable", session, [("destination", "helpdesk")])
        #expect(done.location?.hasPrefix("/console/destinations/helpdesk") ?? false)
        #expect(try world.deliveries().map(\.state) == [.parked, .parked])
        let overview = try await world.get("/console/overview", session)
        #expect(overview.text.contains("helpdesk: disabled") && overview.text.contains("not delivering as it should"))
        let question = try await world.get("/console/confirm/enable?destination=helpdesk", session)
        #expect(question.text.contains("<strong>2 deliveries</strong> that are parked"))
        _ = try await world.post("/console/do/enable", session, [("destination", "helpdesk")])
        #expect(try world.deliveries().map(\.state) == [.waiting, .waiting])
        #expect(try await world.post("/console/do/disable", session, [("destination", "nowhere")]).status == 404)
        #expect(try world.context.audit.entries(limit: 9).map(\.object) == ["helpdesk", "helpdesk"])
    }

    @Test func `rules that do not check clean are refused with their places, and the old ones run on`() async throws {
        let world = try ConsoleWorld()
        let session = try world.session(.operate)
        let good = world.rulesText.withLock { $0 }
        world.rulesText.withLock { $0 = good.replacing("\"segment\": \"vip\"", with: "\"segment\": \"vips\"") }
        let refused = try await world.post("/console/do/reload", session)
        let page = try await world.get(try #require(refused.location), session)
        #expect(page.text.contains("<h1>New rules were refused</h1>") && page.text.contains("Epoch 1 keeps running"))
        #expect(page.text.contains("rules/shop.json:") && page.text.contains("rule.unknown-segment"))
        #expect(try await world.get("/console/overview", session).text.contains("Welcome"))
        world.rulesText.withLock { $0 = good.replacing("\"P3D\"", with: "\"P4D\"") }
        let taken = try await world.post("/console/do/reload", session)
        let after = try await world.get(try #require(taken.location), session)
        #expect(after.text.contains("epoch 2 is in force") && !after.text.contains("New rules were refused"))
    }

    @Test func `a plan is approved: its file is one that the service carries out`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(3) { "n\($0)" }
        let session = try world.session(.operate)
        let page = try await world.get("/console/plan?days=7", session)
        #expect(page.text.contains("Approve daily-note") && page.text.contains("<h1>Plan, next 7 days</h1>"))
        let question = try await world.get("/console/confirm/approve?campaign=daily-note&days=7", session)
        #expect(question.text.contains("acts</strong> until"))
        func hidden(_ name: String) throws -> String {
            let pattern = try Regex(#"name="\#(name)" value="([^"]*)""#)
            return try String(#require(question.text.firstMatch(of: pattern)?[1].substring))
        }
        let form = [
            ("campaign", "daily-note"), ("days", "7"), ("fingerprint", try hidden("fingerprint")),
            ("acts", try hidden("acts")),
        ]
        // Other rules, or more messages, than were read are not what was approved.
        for (name, value) in [("fingerprint", "0"), ("acts", "1")] {
            let other = form.map { $0.0 == name ? (name, value) : $0 }
            let refused = try await world.post("/console/do/approve", session, other)
            #expect(try await world.get(try #require(refused.location), session).text.contains("Nothing was approved"))
        }
        let done = try await world.post("/console/do/approve", session, form)
        #expect(try await world.get(try #require(done.location), session).text.contains("daily-note is approved"))
        #expect(ApprovedPlans(storePath: world.context.environment.storePath).campaigns() == ["daily-note"])
        #expect(try await world.get("/console/plan?days=7", session).text.contains("a plan is approved already"))
        let other = try await world.post(
            "/console/do/approve", session, [("campaign", "complaint-care"), ("days", "7")])
        #expect(try await world.get(try #require(other.location), session).text.contains("Nothing was approved"))
    }

    @Test func `a token is shown once, and revoked`() async throws {
        let world = try ConsoleWorld()
        let session = try world.session(.admin)
        let made = try await world.post("/console/settings/tokens", session, [("name", "shop"), ("scope", "ingest")])
        let secret = try #require(made.text.firstMatch(of: /care_[A-Za-z0-9_-]{20,}/)).output
        #expect(try world.context.access.identity(ofToken: String(secret))?.scopes == [.ingest])
        #expect(!(try await world.get("/console/settings", session).text.contains(secret)))
        _ = try await world.post("/console/do/revoke", session, [("token", "shop")])
        #expect(try world.context.access.identity(ofToken: String(secret)) == nil)
        #expect(try world.context.audit.entries(limit: 9).map(\.action) == ["tokens.revoke", "tokens.make"])
    }
}

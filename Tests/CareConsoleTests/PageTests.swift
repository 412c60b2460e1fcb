import CareEngine
import CareStore
import CareValues
import Testing

@testable import CareAPI
@testable import CareConsole

/// What pages say: numbers that are right, empty states that mean something, both languages.
@Suite struct PageTests {
    @Test func `with nobody to care for the first page tells what next`() async throws {
        let world = try ConsoleWorld()
        let session = try world.session(.admin)
        let page = try await world.get("/console/overview", session)
        #expect(page.text.contains("<h1>Welcome</h1>") && page.text.contains("care import customers"))
        for (path, words) in [
            ("/console/customers", "No customers yet"), ("/console/deliveries", "Nothing waits"),
            ("/console/deliveries?state=dead", "No dead letters"), ("/console/ledger", "No decision fits"),
            ("/console/plan", "Nothing can be planned yet"), ("/console/settings", "No tokens yet"),
            ("/console/campaigns/complaint-care", "No decisions in the last 28 days"),
        ] {
            let text = try await world.get(path, session).text
            #expect(text.contains(words), "\(path)")
        }
    }

    @Test func `the overview counts what was decided, where it lies and what comes`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(4) { "n\($0)" }
        let session = try world.session(.read)
        let page = try await world.get("/console/overview", session).text
        #expect(page.contains("<h1>Monday, 15 June 2026</h1>"))
        let acts = try world.store.read { try $0.ledger(LedgerFilter(outcome: "act"), before: nil, limit: 99).count }
        let all = try world.store.read { try $0.ledger(LedgerFilter(), before: nil, limit: 99).count }
        #expect(all == 4 && page.contains("<strong>\(all) decisions</strong> since midnight; \(acts) were acted on"))
        #expect(page.contains("<strong>\(acts) waiting</strong>"))
        #expect(page.contains("daily-note needs approval"))
        // Today has both halves, each day its place, and the same stands in the table.
        #expect(page.contains("14 days past, 14 planned") && page.contains("Show as table"))
    }

    @Test func `a customer's page tells why, and goes on where it ended`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(1) { _ in "x" }
        let id = ConsoleWorld.id(0, "x")
        for number in 0..<60 {
            world.time.withLock { $0 = $0.advanced(byMilliseconds: 60_000) }
            let now = world.time.withLock { $0 }
            let event = Event(
                type: "visit", source: "web", id: "v\(number)", time: now, receivedAt: now,
                properties: ["n": .number(Double(number))])
            _ = try await world.live.receive([LiveRequest(customer: id, facts: [.event(event)])])
        }
        let session = try world.session(.read)
        let page = try await world.get(Link.customer(id).text, session).text
        #expect(page.contains("n 59") && !page.contains("n 3 "))
        #expect(page.contains("complaint-care") && page.contains("under way: follow-up is due"))
        let older = try #require(page.firstMatch(of: /href="([^"]*)">Older</)).output.1.replacing("&amp;", with: "&")
        let next = try await world.get(String(older), session).text
        #expect(next.contains("n 0") && next.contains("care") && next.contains("complaint.opened"))
        #expect(try await world.get(Link.customer("nobody").text, session).status == 404)
    }

    @Test func `the page of a customer who cannot be read says so, and what to do, in both languages`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(1) { _ in "x" }
        try world.store.write { store in
            try store.save(id: "broken", wakeUp: nil, epoch: 1, row: [255, 255, 255], expectedVersion: 0)
        }
        let session = try world.session(.operate)
        let path = Link.customer("broken").text
        let page = try await world.get(path, session)
        #expect(page.status == 200)
        #expect(page.text.contains("<strong>What is stored of this customer cannot be read</strong>"), "\(page.text)")
        #expect(page.text.contains("the row cannot be decoded") && page.text.contains("care customers erase ID"))
        let chinese = try await world.get(path, session, language: "zh")
        #expect(chinese.text.contains("<strong>此客户的存储内容无法读取</strong>"))
        #expect(chinese.text.contains(#"<span lang="en">the row cannot be decoded</span>"#), "\(chinese.text)")
        #expect(try await world.post(path + "/reveal", session).text.contains("care doctor"))
        let other = try await world.get(Link.customer(ConsoleWorld.id(0, "x")).text, session)
        #expect(other.text.contains("complaint-care"))
    }

    @Test func `the ledger is searched by every field, page by page`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(60) { "n\($0)" }
        let session = try world.session(.read)
        let first = try await world.get("/console/ledger?campaign=complaint-care", session).text
        #expect(first.matches(of: /<th class="break" scope="row">/).count == 50)
        let older = try #require(first.firstMatch(of: /href="([^"]*)">Older</)).output.1.replacing("&amp;", with: "&")
        #expect(
            try await world.get(String(older), session).text.matches(of: /<th class="break" scope="row">/).count == 10)
        for (query, count) in [
            ("customer=" + Link.encoded(ConsoleWorld.id(3, "n3")), 1), ("outcome=skip", 0),
            ("from=2026-06-15&until=2026-06-15", 50),
            ("until=2026-06-14", 0), ("from=2026-06-16", 0), ("from=nonsense", 50), ("campaign=none", 0),
            ("before=x", 50),
        ] {
            let page = try await world.get("/console/ledger?" + query, session)
            #expect(page.status == 200)
            #expect(page.text.matches(of: /<th class="break" scope="row">/).count == count, "\(query)")
        }
    }

    @Test func `what a form sends with spaces is found`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(1) { _ in "anna maria" }
        let session = try world.session(.read)
        let id = ConsoleWorld.id(0, "anna maria").replacing(" ", with: "+")
        let found = try await world.get("/console/ledger?customer=\(id)&outcome=act", session)
        #expect(found.text.contains(">care.complaint<") || found.text.contains("dlv_"), "\(found.text)")
        let page = try await world.get("/console/plan?days=7&fresh=1", session)
        #expect(page.status == 303 && page.location == "/console/plan?days=7")
    }

    @Test func `every page is one document in each language, with one heading and its parts named`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(2) { "n\($0)" }
        let session = try world.session(.admin)
        let delivery = try #require(try world.deliveries().first)
        for path in [
            "/console/overview", "/console/campaigns", "/console/campaigns/complaint-care", "/console/plan",
            "/console/customers",
            Link.customer(ConsoleWorld.id(0, "n0")).text, "/console/deliveries", Link.delivery(delivery.order.id).text,
            "/console/ledger", "/console/rules", "/console/destinations/helpdesk", "/console/settings",
            "/console/nothing",
        ] {
            for (language, code) in [("en", "en"), ("zh-CN", "zh-Hans")] {
                let page = try await world.get(path, session, language: language).text
                #expect(page.hasPrefix("<!DOCTYPE html><html lang=\"\(code)\">"), "\(path)")
                #expect(page.matches(of: /<h1>/).count == 1 && page.contains("<main"), "\(path)")
                #expect(!page.contains("[[") && !page.contains("{n}"), "\(path) \(language)")
                // What opens closes.
                for name in [
                    "div", "section", "table", "tr", "td", "th", "ul", "li", "p", "span", "svg", "form", "details",
                ] {
                    let opened =
                        page.components(separatedBy: "<\(name)>").count
                        + page.components(separatedBy: "<\(name) ").count - 2
                    #expect(opened == page.components(separatedBy: "</\(name)>").count - 1, "\(path): \(name)")
                }
            }
        }
    }

    @Test func `one customer who cannot be read is said to be so among the others`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(3) { "n\($0)" }
        let session = try world.session(.admin)
        let (damaged, whole) = (ConsoleWorld.id(1, "n1"), ConsoleWorld.id(2, "n2"))
        try world.store.write { transaction in
            let stored = try #require(try transaction.customer(damaged))
            try transaction.save(
                id: damaged, wakeUp: stored.wakeUp, epoch: stored.epoch, row: [0xFF, 0x00],
                expectedVersion: stored.version)
        }
        for (language, words) in [("en", "cannot be read: see care doctor"), ("zh-CN", "无法读取")] {
            let page = try await world.get("/console/customers", session, language: language)
            #expect(page.status == 200)
            #expect(page.text.components(separatedBy: words).count == 2, "\(language)")
            #expect(page.text.contains(">\(whole)<") && page.text.contains(">\(damaged)<"))
        }
    }

    @Test func `Wilson's interval is as published, and nothing is claimed of few`() {
        // 15 of 148: 0.0624 to 0.1605; 81 of 263: 0.2553 to 0.3662 (R. G. Newcombe 1998, table I, method 3).
        for (part, whole, low, high) in [
            (15, 148, 0.0624, 0.1605), (81, 263, 0.2553, 0.3662), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
        ] {
            let bounds = CampaignEffect.wilson(part, whole)
            #expect(abs(bounds.low - low) < 0.0001 && abs(bounds.high - high) < 0.0001, "\(part)/\(whole)")
        }
        let voice = Voice(language: .english, zone: .utc)
        func words(_ written: Int, _ goals: Int, _ held: Int, _ heldGoals: Int) -> String {
            CampaignEffect(
                effect: CampaignModel.Effect(
                    written: written, writtenGoals: goals, heldOut: held, heldOutGoals: heldGoals,
                    within: ISODuration(days: 14), types: ["purchase"]), voice: voice
            ).markup.html
        }
        #expect(
            words(19, 5, 1_000, 5).contains("Too few to tell") && words(1_000, 5, 19, 5).contains("Too few to tell"))
        #expect(words(31_830, 3_501, 3_541, 340).contains("+1.4 points"))
        #expect(words(31_830, 3_501, 3_541, 340).contains("unlikely to be chance"))
        #expect(words(100, 11, 100, 10).contains("it may be chance"))
    }

    @Test func `scales end at round numbers`() {
        for (value, top) in [
            (0.4, 1.0), (1, 1), (1.2, 1.5), (640, 800), (6_571, 8_000), (81, 100), (99.5, 100), (100.1, 150),
        ] {
            #expect(VolumeChart.rounded(value) == top, "\(value)")
        }
    }
}

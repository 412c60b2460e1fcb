import CareValues
import Testing

@testable import CareAPI
@testable import CareConsole

/// How rule tests stand, on the page of all campaigns and on that of one.
@Suite struct RuleTestPageTests {
    /// One file with tests of these names, each of one complaint that is answered, or as `expected` says.
    static func file(_ tests: [(name: String, expected: String)]) -> RuleTestText {
        let members = tests.map { test in
            """
            \(JSONWriter.text(.string(test.name))): { "customers": { "c1": { "email": "c1@example.com" } }, "story": [
              { "at": "2026-01-05 12:00", "event": "complaint.opened", "with": { "ticketId": "t1" },
                "expect": "\(test.expected)" }] }
            """
        }
        let text = "{ \"tests\": { \(members.joined(separator: ",\n")) } }"
        return .read(file: "rules/shop.tests.json", bytes: Array(text.utf8))
    }

    private static let passing = "complaint-care/ack act"
    private static let failing = "complaint-care/ack hold paused"
    private static let mistaken = "complaint-care/akc act"

    /// A page's text as it is read, without its tags.
    private static func read(_ path: String, _ world: ConsoleWorld, language: String = "en") async throws -> String {
        let page = try await world.get(path, try world.session(.read), language: language).text
        #expect(!page.contains("[[") && !page.contains("{n}"))
        return page.replacing(/<[^>]*>/, with: "").replacing("&#39;", with: "'")
    }

    @Test func `tests that pass are counted, a campaign without says so, and none of it has colour`() async throws {
        let world = try ConsoleWorld(
            tests: [Self.file([("a complaint is answered", Self.passing), ("and again", Self.passing)])])
        let page = try await Self.read("/console/campaigns", world)
        #expect(page.contains("2 tests pass") && page.contains("no tests"))
        #expect(!page.contains("fail") && !page.contains("cannot be read"))
        let html = try await world.get("/console/campaigns", try world.session(.read)).text
        #expect(html.contains("<span class=\"quiet\">no tests</span>") && !html.contains("message warn"))
        let one = try await Self.read("/console/campaigns/complaint-care", world)
        #expect(one.contains("Rule tests2 tests pass") && one.contains("a complaint is answeredand again"))
        let other = try await Self.read("/console/campaigns/daily-note", world)
        #expect(other.contains("No test is about it.") && other.contains("NAME.tests.json"))
    }

    @Test func `a test that fails is named beside its campaign, with what it expected and what it got`() async throws {
        let world = try ConsoleWorld(
            tests: [Self.file([("good", Self.passing), ("<b>paused</b> by many", Self.failing)])])
        let page = try await Self.read("/console/campaigns", world)
        #expect(page.contains("1 of 2 fails: &lt;b&gt;paused&lt;/b&gt; by many"))
        #expect(page.contains("One has a failing test."))
        let narrowed = try await Self.read("/console/campaigns?state=tests", world)
        #expect(narrowed.contains("complaint-care") && narrowed.contains("by priority, 1 of 2"))
        let one = try await Self.read("/console/campaigns/complaint-care", world)
        #expect(one.contains("complaint-care/ack: expected hold paused, got act"))
        #expect(one.contains("Rule tests1 of 2 fails") && one.contains("rules/shop.tests.json:"))
    }

    @Test func `tests that cannot be read are told with their place, and those of other files are run`() async throws {
        let world = try ConsoleWorld(
            tests: [
                Self.file([("good", Self.mistaken)]),
                .refused(file: "rules/other.tests.json", reason: "Permission denied"),
            ])
        let page = try await Self.read("/console/campaigns", world)
        #expect(page.contains("2 files of tests cannot be read, and none of their tests is run."))
        #expect(page.contains("cannot be readrules/shop.tests.json:3:"))
        #expect(page.contains("campaign 'complaint-care' has no step 'akc'"))
        #expect(page.contains("rules/other.tests.json Permission denied"))
        #expect(page.contains("no tests"), "nothing is known of daily-note")
        let one = try await Self.read("/console/campaigns/complaint-care", world)
        #expect(one.contains("One file of tests cannot be read") && !one.contains("No test is about it"))
    }

    @Test func `Chinese pages say it in Chinese`() async throws {
        let world = try ConsoleWorld(tests: [Self.file([("good", Self.passing), ("bad", Self.failing)])])
        let page = try await Self.read("/console/campaigns", world, language: "zh-CN")
        #expect(page.contains("2 个中 1 个失败：bad") && page.contains("无测试") && page.contains("1 个有测试失败。"))
        let one = try await Self.read("/console/campaigns/complaint-care", world, language: "zh-CN")
        #expect(one.contains("规则测试2 个中 1 个失败") && one.contains("complaint-care/ack：预期 hold paused，实际 act"))
        world.tests.withLock { $0 = [Self.file([("good", Self.mistaken)])] }
        _ = try await world.post("/console/do/reload", try world.session(.operate))
        let broken = try await Self.read("/console/campaigns", world, language: "zh-CN")
        #expect(broken.contains("1 个测试文件无法读取") && broken.contains("无法读取rules/shop.tests.json:3:"))
        #expect(broken.contains("活动“complaint-care”没有步骤“akc”") && !broken.contains("has no step"))
        world.tests.withLock { $0 = [Self.file([("good", Self.passing)])] }
        _ = try await world.post("/console/do/reload", try world.session(.operate))
        #expect(try await Self.read("/console/campaigns", world, language: "zh-CN").contains("1 个测试通过"))
    }

    @Test func `other rules are tested anew, and none of it is left over`() async throws {
        let world = try ConsoleWorld(tests: [Self.file([("good", Self.passing)])])
        #expect(try await Self.read("/console/campaigns", world).contains("1 test passes"))
        world.rulesText.withLock { $0 = $0.replacing("\"name\": \"ack\"", with: "\"name\": \"acknowledge\"") }
        _ = try await world.post("/console/do/reload", try world.session(.operate))
        let page = try await Self.read("/console/campaigns", world)
        #expect(page.contains("One file of tests cannot be read") && !page.contains("1 test passes"))
    }

    @Test func `what was run is kept while neither tests nor rules change`() throws {
        let world = try ConsoleWorld(tests: [Self.file([("good", Self.passing)])])
        let kept = KeptRuleTests()
        func names() -> [String] { kept.results(world.console.models.source).results.map(\.name) }
        #expect(names() == ["good"] && names() == ["good"])
        world.tests.withLock { $0 = [Self.file([("bad", Self.failing)])] }
        #expect(names() == ["bad"])
        world.tests.withLock { $0 = [] }
        #expect(names().isEmpty)
    }
}

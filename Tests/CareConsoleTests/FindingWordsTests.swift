import CareRules
import CareValues
import Testing

@testable import CareAPI
@testable import CareConsole

/// What is found in rule files and their tests, said in Chinese; and what tokens may do.
@Suite struct FindingWordsTests {
    private let english = Voice(language: .english, zone: .utc)
    private let chinese = Voice(language: .chinese, zone: .utc)

    private static func finding(_ code: String, _ message: String) -> Diagnostic {
        Diagnostic(
            file: "rules/a.json", line: 3, column: 7, length: 4, severity: .error, code: code, message: message,
            help: nil, sourceLine: "", path: "")
    }

    @Test func `every kind of finding has its words, and in English they are the manual's`() throws {
        #expect(Set(Say.ruleFindings.keys) == Set(FindingCode.all.map(\.name)))
        for (code, phrase) in Say.ruleFindings {
            // How bad it is stands before, for those that do not make the rules unusable.
            let meaning = try #require(FindingCode.meaning(of: code))
            #expect(meaning.replacing(#/^(warning|note \([^)]*\)): /#, with: "") == phrase.english)
        }
    }

    @Test(arguments: [
        ("rule.unknown-segment", "unknown segment 'vips'", "没有分群“vips”", nil),
        ("rule.unknown-name", "unknown attribute or trait 'teir'", "没有属性或特征“teir”", nil),
        ("test.unknown-step", "campaign 'hi' has no step 'a'", "活动“hi”没有步骤“a”", nil),
        (
            "rule.conflict", "an exit has both 'condition' and 'where'", "两个键互相排斥",
            "an exit has both 'condition' and 'where'"
        ),
        (
            "test.bad-rules", "the edited rules have a mistake at /x: y", "修改后的规则有误",
            "the edited rules have a mistake at /x: y"
        ),
        ("config.bad-url", "no address", "no address", nil),
    ])
    func `a finding is said whole, or by its kind with the core's sentence beside`(
        _ code: String, _ message: String, _ title: String, _ original: String?
    ) {
        let said = chinese.finding(Self.finding(code, message))
        #expect(said.title == title && said.original == original)
        let same = english.finding(Self.finding(code, message))
        #expect(same.title == message && same.original == nil)
    }

    @Test(arguments: [
        ("did you mean 'tier'?", "是否想写“tier”？"),
        ("declare it under 'attributes' or 'traits'", "请在 attributes 或 traits 下声明"),
        ("declare it under 'events'", "请在 events 下声明"), (#"for example "P30D""#, #"例如“P30D”"#),
        ("for example 50; higher goes first", "for example 50; higher goes first"), ("take it out", "请删除"),
        (
            "one of CN, JP, or one in a file that care.json lists under 'holidays'",
            "以下之一：CN, JP，或 care.json 中 holidays 所列文件内的"
        ),
    ])
    func `what to do about it`(_ help: String, _ words: String) {
        #expect(chinese.findingHelp(help) == words && english.findingHelp(help) == help)
    }

    /// The page of rules after these were refused.
    private static func refused(
        _ text: String, _ world: ConsoleWorld, _ session: ConsoleWorld.Session, _ language: String
    ) async throws -> String {
        world.rulesText.withLock { $0 = text }
        _ = try await world.post("/console/do/reload", session)
        return try await world.get("/console/rules", session, language: language).text
    }

    @Test func `refused rules are told in Chinese, what stays English is marked as such`() async throws {
        let world = try ConsoleWorld()
        let session = try world.session(.operate)
        let good = world.rulesText.withLock { $0 }
        let unknown = good.replacing("\"segment\": \"vip\"", with: "\"segment\": \"vips\"")
        let page = try await Self.refused(unknown, world, session, "zh-CN")
        #expect(page.contains("错误</span>  没有分群“vips”") && page.contains("<strong>建议</strong>：是否想写“vip”？"))
        #expect(!page.contains("unknown segment") && !page.contains("did you mean"))
        let same = try await Self.refused(unknown, world, session, "en")
        #expect(same.contains("unknown segment &#39;vips&#39;") && same.contains("^^^^^^ did you mean &#39;vip&#39;?"))
        #expect(!same.contains("What to do"))
        let text = good.replacing("\"priority\": 5", with: "\"priority\": \"high\"")
        let typed = try await Self.refused(text, world, session, "zh-CN")
        #expect(typed.contains("错误</span>  类型不符，例如应为数字却是文本"))
        #expect(typed.contains("<p class=\"second\"><span lang=\"en\">priority must be"))
    }

    @Test func `what tokens and people may do is said with its name beside`() async throws {
        #expect(Set(Say.scopeNames.keys) == Set(Scope.allCases.map(\.rawValue)))
        #expect(chinese.scope("ingest") == "写入 ingest" && english.scope("ingest") == "ingest")
        #expect(chinese.scope("other") == "other")
        let world = try ConsoleWorld()
        let session = try world.session(.admin)
        _ = try await world.post("/console/settings/tokens", session, [("name", "shop"), ("scope", "ingest")])
        let page = try await world.get("/console/settings", session, language: "zh-CN").text
        #expect(page.contains(">写入 ingest</td>") && page.contains("<option value=\"ingest\">写入 ingest</option>"))
        #expect(page.contains("管理员 admin"))
        let same = try await world.get("/console/settings", session).text
        #expect(same.contains(">ingest</td>") && same.contains("<option value=\"ingest\">ingest</option>"))
    }
}

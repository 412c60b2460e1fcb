import CareValues
import Foundation
import Testing

@testable import CareAPI
@testable import CareConsole
@testable import CareDecisions
@testable import CareLogic

/// What the core says in English, said in Chinese; in English it stays to the letter.
@Suite struct CoreWordsTests {
    private let english = Voice(language: .english, zone: .utc)
    private let chinese = Voice(language: .chinese, zone: .utc)

    /// What a source of the core says between quotes after `key`.
    private static func quoted(_ path: String, after key: String) throws -> [String] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appendingPathComponent("Sources/" + path), encoding: .utf8)
        return text.components(separatedBy: key).dropFirst().compactMap { rest in
            rest.split(separator: "\"", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init)
        }
    }

    @Test(arguments: [
        ("answer lost: no answer in time", "应答丢失：应答超时"),
        ("answer lost: the program ended meanwhile", "应答丢失：程序中途结束"),
        ("attempts exhausted: 503 Service Unavailable, Retry-After 30", "尝试次数用尽：503 服务不可用，30 秒后再试"),
        ("time limit reached: the proxy answered 407", "已达时限：代理应答 407"), ("expired", "已过期"),
        ("quiet hours", "静默时段"), ("no connection", "无法连接"), ("no connection in time", "连接超时"),
        ("200, errcode 45009: too many messages", "200, errcode 45009：消息过多"), ("cancelled by li", "由 li 取消"),
        ("by li", "由 li 操作"), ("consent withdrawn", "许可已撤回"), ("418", "418"), ("", ""),
        ("typed by somebody: as it is", "typed by somebody: as it is"),
        ("attempts exhausted: ", "attempts exhausted: "),
    ])
    func `why a delivery stands where it does`(_ text: String, _ words: String) {
        #expect(chinese.deliveryReason(text) == words)
        #expect(english.deliveryReason(text) == text)
    }

    @Test func `every error of the transport and every gate of the core has its words`() throws {
        let errors = try Self.quoted("CareTransport/TransportError.swift", after: " = \"")
        #expect(errors.count > 9)
        for error in errors { #expect(chinese.deliveryReason(error).isChinese, "\(error)") }
        let gates = try Self.quoted("CareDecisions/Touch/GateLook.swift", after: "list.add(\"")
        #expect(gates.count > 12)
        #expect(Set(Say.gates.keys) == Set(gates))
        for (name, phrase) in Say.gates { #expect(english(phrase) == name) }
    }

    @Test(arguments: [
        ("cap", "2 of 3 taken in P7D", "7 天内已用 2/3 次"), ("cap", "0 of 1 taken in the week", "本周内已用 0/1 次"),
        ("cap", "1 of 1 taken in the quarter", "本季度内已用 1/1 次"), ("window", "09:00 until 18:00", "09:00 至 18:00"),
        ("holdout", "a fraction of 0.1", "占比 0.1"), ("condition", "", ""),
    ])
    func `what gates saw`(_ gate: String, _ detail: String, _ words: String) {
        let look = GateLook(gate: gate, name: "x", detail: detail, condition: nil, state: .passed)
        #expect(chinese.detail(look) == words)
        #expect(english.detail(look) == detail)
        #expect(english.gate(look) == gate + " x" && chinese.gate(look).isChinese)
    }

    @Test(arguments: [
        (#"tier "gold", nickname missing"#, #"tier "gold", nickname 缺失"#), ("missing", "缺失"),
        (#"note "is missing, or \" missing", "x""#, #"note "is missing, or \" missing", "x""#), ("", ""),
    ])
    func `what nodes saw, what stands in quotes as it is`(_ detail: String, _ words: String) {
        let node = ExplanationNode(label: ">=", detail: detail, value: .bool(false), error: nil, children: [])
        #expect(chinese.detail(node) == words && english.detail(node) == detail)
        #expect(chinese.result(node) == "假" && english.result(node) == "false")
    }

    @Test func `nodes that join others and segments are said, names are not`() {
        func node(_ label: String, _ children: [ExplanationNode]) -> ExplanationNode {
            ExplanationNode(label: label, detail: "", value: .missing, error: nil, children: children)
        }
        let child = node("or", [])
        #expect(chinese.label(node("or", [child])) == "或" && chinese.label(child) == "or")
        #expect(chinese.label(node("segment vip", [child])) == "分群 vip" && chinese.label(node(">", [child])) == ">")
        #expect(english.label(node("segment vip", [child])) == "segment vip")
        #expect(chinese.result(child) == "缺失")
        var failed = child
        failed.error = LogicError.typeMismatch(operator: "+").message
        #expect(chinese.result(failed) == "错误：“+”无法处理这类值")
        #expect(chinese.evaluationError(LogicError.limitExceeded(trait: "open").message) == "特征“open”超出上限")
        #expect(chinese.evaluationError(LogicError.notAValue(operator: ">").message).isChinese)
    }

    @Test(arguments: [
        ("within", #"lastSeen "2026-01-05", "P30D""#, "时限内"), ("in", #"tier "gold", ["gold","silver"]"#, "属于"),
        ("startsWith", #"name missing, "A""#, "开头为"), ("!", "flag true", "非"), (">=", #"tier "gold", "gold""#, ">="),
        ("within", #""a word""#, "within"), ("in", "missing", "in"), ("some", #"["a","b"]"#, "some"),
        ("all", #"tags ["a","b"]"#, "全部满足"), ("unheard", "a 1, 2", "unheard"),
    ])
    func `operators that are words are said, attributes of such a name keep it`(
        _ label: String, _ detail: String, _ words: String
    ) {
        let node = ExplanationNode(label: label, detail: detail, value: .bool(false), error: nil, children: [])
        #expect(chinese.label(node) == words && english.label(node) == label)
    }

    @Test func `what is said in English stays as the core says it`() {
        for table in [Say.operators, Say.scopeNames] {
            for (name, phrase) in table { #expect(english(phrase) == name) }
        }
        #expect(chinese.core(#"in tier, ["gold"]"#, Say.turnedAwayBy) == #"tier 属于 ["gold"]"#)
        #expect(
            chinese.core(#"segment vip: within seen, "P30D" is missing"#, Say.turnedAwayBy)
                == #"分群 vip：seen 在 "P30D" 内 缺失"#)
    }

    @Test func `causes, needs, what turns customers away and periods`() {
        #expect(chinese.cause("pause do-not-contact") == "暂停策略 do-not-contact" && chinese.cause("") == "")
        #expect(chinese.reason("quiet_hours") == "静默时段" && english.reason("quiet_hours") == "quiet_hours")
        #expect(chinese.core("at least 3", Say.needs) == "至少为 3" && chinese.core("gold", Say.needs) == "gold")
        for (text, words) in [
            (" (many), held at the end", " (many)，期末仍暂缓"), (", held at the end", "，期末仍暂缓"),
            ("birthday is missing", "birthday 缺失"), ("segment vip: tier is missing", "分群 vip：tier 缺失"),
            ("segment vip: tier >= \"gold\"", "分群 vip：tier >= \"gold\""), ("any buy is missing", "没有任何 buy"),
        ] {
            #expect(chinese.core(text, Say.turnedAwayBy) == words && english.core(text, Say.turnedAwayBy) == text)
        }
        for period in CalendarPeriod.allCases { #expect(english(Say.period(period)) == period.rawValue) }
        #expect(chinese(Say.policyCalendar, ["period": chinese(Say.period(.month))]) == "同一自然月")
    }

    @Test func `pages say it: nodes and gates of a customer, and why a delivery was cancelled`() async throws {
        let world = try ConsoleWorld()
        try await world.fill(1) { _ in "x" }
        let session = try world.session(.operate)
        let id = try #require(try world.deliveries().first?.order.id)
        _ = try await world.post("/console/do/cancel", session, [("id." + id.text, "yes")])
        let customer = Link.customer(ConsoleWorld.id(0, "x")).text
        for (path, english, chinese) in [
            (customer, "condition segment vip", "条件 分群 vip"), (customer, "reentry", "重复进入"),
            (customer, "cancelled by u-operate", "由 u-operate 取消"),
            (Link.delivery(id).text, "cancelled by u-operate", "由 u-operate 取消"),
            ("/console/deliveries?state=cancelled", "cancelled by u-operate", "由 u-operate 取消"),
        ] {
            #expect(try await world.get(path, session).text.contains(english), "\(path): \(english)")
            let page = try await world.get(path, session, language: "zh-CN").text
            #expect(page.contains(chinese) && !page.contains(english), "\(path): \(chinese)")
        }
    }
}

extension String {
    /// Whether any of it is Chinese.
    fileprivate var isChinese: Bool { unicodeScalars.contains { (0x4E00...0x9FFF).contains($0.value) } }
}

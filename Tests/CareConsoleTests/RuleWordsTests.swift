import CareRules
import CareValues
import Testing

@testable import CareConsole

/// What rules say, in words; what has no words is shown as it is written.
@Suite struct RuleWordsTests {
    private static func words(_ language: Language) throws -> RuleWords {
        let (rules, _) = RuleSetLoader.load(
            [RuleSource(file: "rules.json", bytes: Array(ConsoleWorld.rules("plain words").utf8))], destinations: nil)
        return RuleWords(rules: try #require(rules), voice: Voice(language: language, zone: .utc))
    }

    /// The text of markup: its tags taken away.
    static func text(_ markup: Markup) -> String {
        markup.html.replacing(/<[^>]*>/, with: "").replacing("&quot;", with: "\"").replacing("&lt;", with: "<")
    }

    @Test(arguments: [
        (#"{">=":[{"var":"tier"},"gold"]}"#, "tier is at least gold", "tier 至少为 gold"),
        (
            #"{"and":[{"segment":"vip"},{"!":[{"var":"flag"}]}]}"#, "the customer is in vip and flag is not true",
            "客户属于 vip 且 flag 不为真"
        ),
        (
            #"{"or":[{"and":[{"==":[{"var":"a"},1]},{"!=":[{"var":"b"},"x"]}]},{"in":[{"var":"c"},["p","q"]]}]}"#,
            "(a is 1 and b is not x) or c is one of p, q", "(a 为 1 且 b 不为 x) 或 c 为 p，q 之一"
        ),
        (#"{"!":{"segment":"vip"}}"#, "the customer is not in vip", "客户不属于 vip"),
        (
            #"{"<":[{"var":"spend"},{"*":[0.5,{"var":"before"}]}]}"#, "spend is below 0.5 × before",
            "spend 小于 0.5 × before"
        ),
        (#"{"within":[{"var":"lastSeen"},"P30D"]}"#, "lastSeen is within 30 days", "lastSeen 在 30 天内"),
        (#"{">":[{"days_since":{"var":"since"}},180]}"#, "days since since is above 180", "距 since 的天数 大于 180"),
        (
            #"{">":[{"count":{"event":"purchase","within":"P90D"}},2]}"#, "count purchase (90 days) is above 2",
            "purchase 次数 (90 天) 大于 2"
        ),
        (#"{"var":"flag"}"#, "flag is true", "flag 为真"), (#"{"!!":[{"var":"flag"}]}"#, "flag is true", "flag 为真"),
        (#"{"==":[{"var":"flag"},true]}"#, "flag is true", "flag 为 真"),
        (#"{"==":[{"var":"a"},null]}"#, "a is missing", "a 缺失"), (#"{"!=":[null,{"var":"a"}]}"#, "a is known", "a 已知"),
        (#"{"<=":[1,{"var":"a"},3]}"#, "1 \u{2264} a \u{2264} 3", "1 \u{2264} a \u{2264} 3"),
        (#"{"<":[1,{"var":"a"},3]}"#, "1 < a < 3", "1 < a < 3"),
        (
            #"{"<":[{"days_until_birthday":{"var":"birthday"}},8]}"#, "days until the next birthday is below 8",
            "距下一个 birthday 的天数 小于 8"
        ),
        (
            #"{">":[{"sum":{"event":["buy","rent"],"property":"amount","calendar":"month","where":{"==":[{"var":"event.shop"},"x"]}}},9]}"#,
            "sum buy or rent.amount (the month, where event.shop is x) is above 9",
            "buy 或 rent.amount 合计 (本月，其中 event.shop 为 x) 大于 9"
        ),
        (
            #"{"<":[{"avg":{"event":"buy","property":"amount","between":["P180D","P90D"]}},9]}"#,
            "avg buy.amount (from 180 days until 90 days ago) is below 9", "buy.amount 均值 (180 天前至 90 天前) 小于 9"
        ),
        (
            #"{">":[{"open":{"event":"ask","by":"id"}},1]}"#, #"{"open":{"by":"id","event":"ask"}} is above 1"#,
            #"{"open":{"by":"id","event":"ask"}} 大于 1"#
        ),
        (#"{"some":[{"var":"tags"},true]}"#, #"{"some":[{"var":"tags"},true]}"#, #"{"some":[{"var":"tags"},true]}"#),
    ])
    func `conditions are said in both languages`(_ json: String, _ english: String, _ chinese: String) throws {
        let condition = try #require(JSONValue(jsonText: json))
        #expect(Self.text(try Self.words(.english).condition(condition)) == english)
        #expect(Self.text(try Self.words(.chinese).condition(condition)) == chinese)
    }

    @Test(arguments: [
        ("0 10 * * *", "daily 10:00"), ("30 9 1 * *", "the 1st of each month, 09:30"),
        ("0 8 22 * *", "the 22nd of each month, 08:00"),
        ("0 8 13 * *", "the 13th of each month, 08:00"), ("0 10 * * 1-5", "Monday to Friday, 10:00"),
        ("0 10 * * 1", "Mon each week, 10:00"),
        ("0 10 * * 0", "Sun each week, 10:00"), ("0 10 * * 7", "Sun each week, 10:00"),
    ])
    func `plain schedules are said in words`(_ cron: String, _ words: String) {
        #expect(RuleWords.cron(cron, Voice(language: .english, zone: .utc)) == words)
    }

    @Test(arguments: [
        "*/5 * * * *", "0 10 1 1 *", "0 10 1 * 1", "0 10 * * MON", "0 10,12 * * *", "", "0 25 * * *", "0 10 * *",
    ])
    func `other schedules are shown as they are written`(_ cron: String) {
        #expect(RuleWords.cron(cron, Voice(language: .english, zone: .utc)) == nil)
    }

    @Test func `a rule is one sentence, with what its segment means, then its steps`() throws {
        let words = try Self.words(.english)
        let campaign = try #require(words.rules.campaigns.first { $0.name == "daily-note" })
        #expect(
            Self.text(words.sentence(campaign))
                == "Starts: daily 10:00 on the customer’s clock, if the customer is in vip (tier is at least gold and nickname is not plain words)."
        )
        #expect(Self.text(words.step(campaign.steps[0])) == "send care.note to crm, where emailConsent is granted")
        let ladder = try #require(words.rules.campaigns.first { $0.name == "complaint-care" })
        #expect(Self.text(words.step(ladder.steps[1])) == "3 days after entry: send care.later to crm")
        #expect(words.policies.map(\.name) == ["many"])
        #expect(words.policies.map { Self.text($0.text) } == ["while complaints is above 5: hold"])
    }

    @Test(arguments: [
        ("no_consent", "no_<wbr>consent"), ("accessoryInStock", "accessory<wbr>In<wbr>Stock"),
        ("rfm.group", "rfm.<wbr>group"),
        ("plain", "plain"), ("a<b", "a&lt;b"), ("ABC", "ABC"), ("customerID", "customer<wbr>ID"), ("", ""),
    ])
    func `names are broken where their words meet`(_ name: String, _ html: String) {
        #expect(Parts.breakable(name).html == html)
    }
}

import CareStore
import CareTransport
import CareValues
import Testing

@testable import CareDispatch

@Suite struct RobotTests {
    static let secrets: [String: String] = [
        "WECOM": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=hunter2",
        "DING": "https://oapi.dingtalk.com/robot/send?access_token=hunter2", "DINGSECRET": "SEC0123456789abcdef",
        "FEISHU": "https://open.feishu.cn/open-apis/bot/v2/hook/hunter2", "FEISHUSECRET": "demo_secret",
        "SLACK": "https://hooks.slack.com/services/T0/B0/hunter2", "BOT": "123456:hunter2", "TOKEN": "hunter2",
        "AK": "testId", "SK": "testSecret", "BAD": "hunter2", "BLANK": "hunter 2",
    ]
    static let source = SecretSource(environment: { secrets[$0] }, file: { _ in nil })

    static func settings(_ keys: String) throws -> DestinationSettings {
        let (settings, findings) = try DestinationSettingsTests.read(#"{ "d": { \#(keys) } }"#)
        #expect(findings.isEmpty)
        return try #require(settings.first)
    }

    static func channel(_ keys: String) throws -> any Channel {
        try Destination(try settings(keys), secrets: source).channel
    }

    static func order(
        _ data: String = #"{"text":"生日快乐"}"#, to address: String = "", type: String = "care.birthday"
    )
        -> NewDelivery
    {
        var order = ChannelTests.order(data: data)
        order.address = address
        order.type = type
        return order
    }

    static let now = Timestamp(milliseconds: 1_700_000_000_000)

    static let wecom = #""type": "wecom", "url": "env:WECOM""#
    static let dingtalk = #""type": "dingtalk", "url": "env:DING", "secret": "env:DINGSECRET""#
    static let feishu = #""type": "feishu", "url": "env:FEISHU", "secret": "env:FEISHUSECRET""#
    static let slack = #""type": "slack", "url": "env:SLACK""#
    static let slackApp = #""type": "slack", "token": "env:TOKEN", "channel": "C01""#
    static let telegram = #""type": "telegram", "token": "env:BOT", "chat": -100123"#
    static let twilio = #""type": "twilio", "accountSid": "AC1", "authToken": "env:TOKEN", "from": "+15557122661""#
    static let aliyun =
        #""type": "aliyun-sms", "accessKeyId": "env:AK", "accessKeySecret": "env:SK", "signName": "阿里云", "templateCode": "SMS_71390007""#

    static let bodies: [(String, String, String, String)] = [
        (wecom, #"{"text":"好"}"#, "", #"{"msgtype":"text","text":{"content":"好"}}"#),
        (wecom, #"{"message":"m"}"#, "", #"{"msgtype":"text","text":{"content":"m"}}"#),
        (wecom, #"{"message":"m","text":"t"}"#, "", #"{"msgtype":"text","text":{"content":"t"}}"#),
        (
            wecom, #"{"text":"t"}"#, "lin, 13800001111,@all",
            #"{"msgtype":"text","text":{"content":"t","mentioned_list":["lin","@all"],"mentioned_mobile_list":["13800001111"]}}"#
        ),
        (
            wecom + #", "format": "markdown""#, #"{"text":"**t**"}"#, "lin",
            #"{"msgtype":"markdown","markdown":{"content":"**t**\n<@lin>"}}"#
        ),
        (dingtalk, #"{"text":"t"}"#, "", #"{"msgtype":"text","text":{"content":"t"}}"#),
        (
            dingtalk, #"{"text":"t"}"#, "13800001111,u1",
            #"{"msgtype":"text","text":{"content":"t"},"at":{"atMobiles":["13800001111"],"atUserIds":["u1"],"isAtAll":false}}"#
        ),
        (
            dingtalk + #", "format": "markdown""#, #"{"text":"line 1\nline 2"}"#, "13800001111",
            #"{"msgtype":"markdown","markdown":{"title":"line 1","text":"line 1\nline 2\n\n@13800001111"},"at":{"atMobiles":["13800001111"],"atUserIds":[],"isAtAll":false}}"#
        ),
        (feishu, #"{"text":"t"}"#, "", #"{"msg_type":"text","content":{"text":"t"}}"#),
        (
            feishu, #"{"text":"<at user_id=\"all\">"}"#, "ou_1",
            "{\"msg_type\":\"text\",\"content\":{\"text\":\"<at user_id=\\\"ou_1\\\"></at> <\u{200C}at user_id=\\\"all\\\">\"}}"
        ),
        (slack, #"{"text":"a<b> & <!channel>"}"#, "", #"{"text":"a&lt;b&gt; &amp; &lt;!channel&gt;"}"#),
        (slack, #"{"text":"t"}"#, "U1,@all", #"{"text":"<!channel> <@U1> t"}"#),
        (slackApp, #"{"text":"t"}"#, "", #"{"channel":"C01","text":"t"}"#),
        (slackApp, #"{"text":"t"}"#, "U9", #"{"channel":"U9","text":"t"}"#),
        (telegram, #"{"text":"<b>t"}"#, "", #"{"chat_id":"-100123","text":"<b>t"}"#),
        (
            telegram + #", "format": "html""#, #"{"text":"<b>t</b>"}"#, "@shop",
            #"{"chat_id":"@shop","text":"<b>t</b>","parse_mode":"HTML"}"#
        ),
        (
            twilio, #"{"text":"Hi & 你=1"}"#, "+8613800001111",
            "To=%2B8613800001111&From=%2B15557122661&Body=Hi%20%26%20%E4%BD%A0%3D1"
        ),
        (
            #""type": "twilio", "accountSid": "AC1", "authToken": "env:TOKEN", "messagingServiceSid": "MG1", "statusCallback": "https://shop.example/s""#,
            #"{"text":"t"}"#, "+1",
            "To=%2B1&MessagingServiceSid=MG1&Body=t&StatusCallback=https%3A%2F%2Fshop.example%2Fs"
        ),
    ]

    @Test(arguments: bodies) func `says what the vendor wants to read`(
        _ keys: String, _ data: String, _ address: String, _ expected: String
    ) throws {
        let channel = try Self.channel(keys)
        let order = Self.order(data, to: address)
        #expect(String(decoding: try channel.body(of: order), as: UTF8.self) == expected)
        #expect(!channel.repeatsSafely)
    }

    static let refusals: [(String, String, String, String)] = [
        (wecom, "{}", "", "no text: data has neither text nor message, and the destination no template"),
        (wecom, #"{"text":""}"#, "", "no text: data has neither text nor message, and the destination no template"),
        (wecom, #"{"text":7}"#, "", "no text: data has neither text nor message, and the destination no template"),
        (wecom, "", "", "no text: data has neither text nor message, and the destination no template"),
        // 683 × 3 bytes.
        (
            wecom, #"{"text":"\#(String(repeating: "好", count: 683))"}"#, "",
            "the text has 2049 bytes, the limit is 2048"
        ),
        (dingtalk, "{}", "", "no text: data has neither text nor message, and the destination no template"),
        (feishu, "{}", "", "no text: data has neither text nor message, and the destination no template"),
        (
            feishu, #"{"text":"\#(String(repeating: "x", count: 20_400))"}"#, "",
            "the message has 20441 bytes, the limit is 20360"
        ),
        (
            slack, #"{"text":"\#(String(repeating: "x", count: 40_001))"}"#, "",
            "the text has 40001 characters, the limit is 40000"
        ),
        (
            #""type": "slack", "token": "env:TOKEN""#, #"{"text":"t"}"#, "",
            "no channel: neither the action's to nor care.json names one"
        ),
        (
            #""type": "telegram", "token": "env:BOT""#, #"{"text":"t"}"#, "",
            "no chat: neither the action's to nor care.json names one"
        ),
        (
            telegram, #"{"text":"\#(String(repeating: "x", count: 4_097))"}"#, "",
            "the text has 4097 characters, the limit is 4096"
        ),
        (twilio, #"{"text":"t"}"#, "", "no telephone number: the action has no to"),
        (
            twilio, #"{"text":"\#(String(repeating: "x", count: 1_601))"}"#, "+1",
            "the text has 1601 characters, the limit is 1600"
        ),
        (aliyun, #"{"name":"小王"}"#, "", "no telephone number: the action has no to"),
        (aliyun, #"{"name":["小王"]}"#, "1", "data.name is neither text nor number"),
        (
            aliyun.replacing(#""SMS_71390007""#, with: #"{ "care.points": "SMS_1" }"#), "{}", "1",
            "no templateCode for the type care.birthday"
        ),
    ]

    @Test(arguments: refusals) func `does not send what cannot be said`(
        _ keys: String, _ data: String, _ address: String, _ reason: String
    ) throws {
        #expect(throws: Unsendable(reason)) { try Self.channel(keys).body(of: Self.order(data, to: address)) }
    }

    @Test func `takes what just fits`() throws {
        for (keys, text, address) in [
            (Self.wecom, String(repeating: "好", count: 682) + "ab", ""),
            (Self.telegram, String(repeating: "x", count: 4_096), ""),
            (Self.twilio, String(repeating: "x", count: 1_600), "+1"),
            (Self.slack, String(repeating: "x", count: 40_000), ""),
            (Self.wecom + #", "format": "markdown""#, String(repeating: "x", count: 4_096), ""),
        ] {
            #expect(try !Self.channel(keys).body(of: Self.order(#"{"text":"\#(text)"}"#, to: address)).isEmpty)
        }
    }

    static let templates = MessageTemplates.read([
        TemplateSource(file: "t/note.txt", path: "note.txt", bytes: Array("Hello {{data.name}} & co\n".utf8)),
        TemplateSource(file: "t/note.zh.txt", path: "note.zh.txt", bytes: Array("你好 {{data.name}}".utf8)),
        TemplateSource(
            file: "t/news.md", path: "news.md", bytes: Array("Subject: News\n\n**Hello** {{data.name}}".utf8)),
        TemplateSource(file: "t/news.html", path: "news.html", bytes: Array("<b>Hello</b> {{data.name}}".utf8)),
    ]).templates

    static let rendered: [(String, String, String)] = [
        (wecom, "", #"{"msgtype":"text","text":{"content":"Hello <Lin> & co"}}"#),
        (wecom, "zh-CN", #"{"msgtype":"text","text":{"content":"你好 <Lin>"}}"#),
        (slack, "", #"{"text":"Hello &lt;Lin&gt; &amp; co"}"#),
        (
            dingtalk + #", "format": "markdown""#, "",
            #"{"msgtype":"markdown","markdown":{"title":"News","text":"**Hello** ＜Lin＞"}}"#
        ),
        (
            telegram + #", "format": "html""#, "",
            #"{"chat_id":"-100123","text":"<b>Hello</b> &lt;Lin&gt;","parse_mode":"HTML"}"#
        ),
    ]

    @Test(arguments: rendered) func `says what the destination's template makes of it, in the customer's language`(
        _ keys: String, _ language: String, _ expected: String
    ) throws {
        let destination = try Destination(
            try Self.settings(keys + #", "template": "\#(keys.contains("format") ? "news" : "note")""#),
            secrets: Self.source, templates: Self.templates)
        var order = Self.order(#"{"name":"<Lin>","text":"not this"}"#)
        order.language = language
        #expect(String(decoding: try destination.body(of: order), as: UTF8.self) == expected)
        #expect(throws: Unsendable.self) { try destination.body(of: Self.order("{}")) }
    }

    @Test func `signs for DingTalk in the address`() throws {
        #expect(
            DingTalkChannel.signature(Self.now, secret: "SEC0123456789abcdef")
                == "TSZbRFUuvaSQaRKUpF970OPCb2%2FLcQAP3wOvwZIzBZk%3D")
        let request = try Self.channel(Self.dingtalk).httpRequest(for: Self.order(), body: [1], now: Self.now)
        #expect(
            request.target.url.text
                == "https://oapi.dingtalk.com/robot/send?access_token=hunter2&timestamp=1700000000000&sign=TSZbRFUuvaSQaRKUpF970OPCb2%2FLcQAP3wOvwZIzBZk%3D"
        )
        #expect(request.body == [1])
    }

    @Test func `signs for Feishu in the body`() throws {
        let channel = try Self.channel(Self.feishu)
        let order = Self.order(#"{"text":"t"}"#)
        let request = try channel.httpRequest(for: order, body: try channel.body(of: order), now: Self.now)
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == #"{"timestamp":"1700000000","sign":"jy72iuUPjLGbTsx+CUgWWMxZkPykAK7EOq9XV4u+X6U=","msg_type":"text","content":{"text":"t"}}"#
        )
    }

    @Test func `signs for Aliyun by its third version`() {
        let query = AliyunSignature.query([
            ("TemplateParam", #"{"name":"小王"}"#), ("SignName", "阿里云"), ("PhoneNumbers", "15300000001"),
            ("TemplateCode", "SMS_71390007"),
        ])
        let headers = AliyunSignature.headers(
            action: "SendSms", version: "2017-05-25", host: "dysmsapi.aliyuncs.com", query: query,
            date: "2026-01-02T03:04:05Z", nonce: "d410180a5abf7fe235dd9b74aca91fc0", access: "testId",
            secret: "testSecret")
        #expect(
            headers.last?.value
                == "ACS3-HMAC-SHA256 Credential=testId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=83361d9559a1307aee53ca7b97012f2028326542998e8fbffcce6cb78a31c5fa"
        )
    }

    @Test func `fills an approved text by Aliyun, signed anew on each attempt`() throws {
        let channel = try Self.channel(
            Self.aliyun.replacing(#""SMS_71390007""#, with: #"{ "care.birthday": "SMS_7" }"#))
        let order = Self.order(#"{"name":"小王","turns":38,"vip":true,"note":null}"#, to: "15300000001")
        let body = try channel.body(of: order)
        let first = try channel.httpRequest(for: order, body: body, now: Self.now)
        let second = try channel.httpRequest(for: order, body: body, now: Self.now.advanced(byMilliseconds: 1))
        #expect(first.body == [] && first.method == "POST")
        let query = try #require(first.target.url.text.split(separator: "?").last)
        #expect(
            first.target.url.text.hasPrefix(
                "https://dysmsapi.aliyuncs.com/?OutId=\(order.id.text)&PhoneNumbers=15300000001&SignName="))
        #expect(query.contains("TemplateCode=SMS_7&"))
        #expect(
            CloudEvent.text(ofHeader: String(try #require(query.split(separator: "&").last)))
                == #"TemplateParam={"name":"小王","turns":"38","vip":"true","note":""}"#)
        func header(_ name: String, _ request: HTTPRequest) -> String? {
            request.headers.first { $0.name == name }?.value
        }
        #expect(header("x-acs-date", first) == "2023-11-14T22:13:20Z")
        #expect(header("x-acs-signature-nonce", first)?.count == 32)
        #expect(header("x-acs-signature-nonce", first) != header("x-acs-signature-nonce", second))
    }

    @Test func `puts Telegram's token and Twilio's account where they belong`() throws {
        let bot = try Self.channel(Self.telegram).httpRequest(for: Self.order(), body: [], now: Self.now)
        #expect(bot.target.url.text == "https://api.telegram.org/bot123456:hunter2/sendMessage")
        let sms = try Self.channel(Self.twilio).httpRequest(for: Self.order(), body: [], now: Self.now)
        #expect(sms.target.url.text == "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json")
        #expect(sms.basic?.user == "AC1" && sms.basic?.password == "hunter2")
        let app = try Self.channel(Self.slackApp).httpRequest(for: Self.order(), body: [], now: Self.now)
        #expect(app.target.url.text == "https://slack.com/api/chat.postMessage")
        #expect(app.headers.contains { $0.name == "authorization" && $0.value == "Bearer hunter2" })
    }

    static let rates: [(String, Double?)] = [
        (wecom, 20.0 / 60), (dingtalk, 0.3), (feishu, 100.0 / 60), (slack, 1), (slackApp, 1), (telegram, 20.0 / 60),
        (#""type": "telegram", "token": "env:BOT""#, 25), (twilio, nil), (aliyun, nil), (wecom + #", "rate": 5"#, 5),
    ]

    @Test(arguments: rates) func `begins no more than the vendor bears`(_ keys: String, _ rate: Double?) throws {
        #expect(try Self.settings(keys).attemptsPerSecond == rate)
    }

    static let lost: [(String, Bool)] = [
        (wecom, false), (wecom + #", "unknown": "retry""#, true), (wecom + #", "unknown": "park""#, false),
        (DestinationSettingsTests.good.replacing("env:S", with: "env:SIGN"), true),
        (DestinationSettingsTests.good.replacing("env:S", with: "env:SIGN") + #", "unknown": "park""#, false),
    ]

    @Test(arguments: lost) func `repeats what may have arrived only where that is safe, or wanted`(
        _ keys: String, _ repeats: Bool
    ) throws {
        let source = SecretSource(
            environment: { $0 == "SIGN" ? DispatchWorld.secret : Self.secrets[$0] }, file: { _ in nil })
        #expect(try Destination(try Self.settings(keys), secrets: source).repeatsSafely == repeats)
    }

    static let mistakes: [(String, [String])] = [
        (#""type": "wecom""#, ["config.missing-key destination 'd' has no url"]),
        (
            #""type": "wecom", "url": "https://qyapi.weixin.qq.com/?key=hunter2""#,
            ["config.plain-secret url of destination 'd' must be a reference"]
        ),
        (wecom + #", "format": "html""#, ["config.bad-value must be one of text and markdown"]),
        (wecom + #", "secret": "env:X""#, ["config.unknown-key unknown key 'secret' in destination 'd'"]),
        (wecom + #", "unknown": "drop""#, ["config.bad-value must be one of retry and park"]),
        (
            #""type": "dingtalk", "url": "env:DING", "secret": "hunter2""#,
            ["config.plain-secret secret of destination 'd' must be a reference"]
        ),
        (#""type": "feishu""#, ["config.missing-key destination 'd' has no url"]),
        (#""type": "slack""#, ["config.missing-key destination 'd' needs either url or token"]),
        (
            #""type": "slack", "url": "env:SLACK", "token": "env:TOKEN""#,
            ["config.missing-key destination 'd' needs either url or token"]
        ),
        (slack + #", "channel": "C1""#, ["config.bad-value channel goes with token: a webhook's is fixed"]),
        (#""type": "telegram""#, ["config.missing-key destination 'd' has no token"]),
        (
            #""type": "telegram", "token": "123:hunter2""#,
            ["config.plain-secret token of destination 'd' must be a reference"]
        ),
        (
            #""type": "twilio", "accountSid": "AC1", "authToken": "env:TOKEN""#,
            ["config.missing-key destination 'd' needs either from or messagingServiceSid"]
        ),
        (
            #""type": "twilio", "from": "+1""#,
            [
                "config.missing-key destination 'd' has no accountSid",
                "config.missing-key destination 'd' has no authToken",
            ]
        ),
        (
            #""type": "aliyun-sms", "accessKeyId": "a", "accessKeySecret": "env:SK""#,
            [
                "config.missing-key destination 'd' has no signName",
                "config.missing-key destination 'd' has no templateCode",
            ]
        ),
        (
            aliyun + #", "endpoint": "https://dysmsapi.aliyuncs.com/x""#,
            ["config.bad-url the endpoint of destination 'd' has a path"]
        ),
    ]

    @Test(arguments: mistakes) func `says what is missing or wrong, never what is secret`(
        _ keys: String, _ expected: [String]
    ) throws {
        let (settings, findings) = try DestinationSettingsTests.read("{ \"d\": { \(keys) } }")
        #expect(settings.isEmpty || expected.isEmpty)
        #expect(findings.map { "\($0.code) \($0.message)" } == expected)
        for finding in findings where finding.code == "config.plain-secret" {
            #expect(!finding.rendered(colour: false).contains("hunter2"))
        }
    }

    static let unusable: [(String, String)] = [
        (#""type": "wecom", "url": "env:BAD""#, "env:BAD holds no http or https address"),
        (#""type": "slack", "token": "env:BLANK""#, "env:BLANK holds a blank or a character outside ASCII"),
        (#""type": "feishu", "url": "env:NONE""#, "the environment variable NONE is not set"),
    ]

    @Test(arguments: unusable) func `names the reference whose value is of no use`(
        _ keys: String, _ message: String
    ) throws {
        do {
            _ = try Self.channel(keys)
            Issue.record("was taken")
        } catch let error as DestinationError {
            #expect(error.message == message)
            #expect(!"\(error)".contains("hunter"))
        }
    }
}

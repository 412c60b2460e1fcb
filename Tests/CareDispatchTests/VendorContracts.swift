import CareThreads
import CareValues
import Crypto
import Foundation
import LoopbackServer

@testable import CareDispatch

/// A vendor as its documentation describes it, on loopback: it checks who sends, what is said and how often, and
/// answers in the vendor's own words.
final class Vendor: Sendable {
    /// What a vendor holds a request for.
    enum Verdict {
        case accepted
        case stranger
        case malformed
    }

    /// How a vendor speaks.
    struct Contract: Sendable {
        var name: String
        /// The keys of `care.json`; `URL` stands for the server's address, behind `env:` where it is secret.
        var keys: String
        /// `data` of a message that the vendor takes, and its address.
        var data: String
        var address: String
        /// What is read in the message, for the comparison.
        var text: String
        /// A text that the vendor refuses as it is; nil: care.json's own limits come first.
        var wrongData: String?
        /// The path of a request, if the key in it is part of it.
        var path: String
        var judge: @Sendable (LoopbackServer.Request, Timestamp) -> (verdict: Verdict, text: String)
        /// The answer to each verdict, and to one more than the vendor bears.
        var accepted: (Int, String)
        var stranger: (Int, String)
        var malformed: (Int, String)
        var tooMany: (Int, String)
        /// How long the vendor is spared afterwards, in milliseconds.
        var pause: Int64
        /// What becomes of a delivery that the vendor takes for a stranger's.
        var strangerReason: String
        var malformedReason: String
    }

    let contract: Contract
    private let texts = Lock<[String]>([])
    private let limit: Lock<Int>
    private let server: Lock<LoopbackServer?> = Lock(nil)

    /// A vendor that takes `limit` requests, then says that they are too many until told otherwise.
    init(_ contract: Contract, limit: Int = .max, clock: DispatchWorld.ManualClock) {
        self.contract = contract
        self.limit = Lock(limit)
        let (texts, left) = (texts, self.limit)
        server.withLock { server in
            server = LoopbackServer { request in
                let (verdict, text) = contract.judge(request, clock.now())
                let answer: (Int, String)
                switch verdict {
                case .stranger: answer = contract.stranger
                case .malformed: answer = contract.malformed
                case .accepted:
                    let isFree = left.withLock { left in
                        left -= 1
                        return left >= 0
                    }
                    if isFree { texts.withLock { $0.append(text) } }
                    answer = isFree ? contract.accepted : contract.tooMany
                }
                return .status(answer.0, headers: ["Content-Type: application/json"], body: answer.1)
            }
        }
    }

    deinit { server.withLock { $0?.stop() } }

    /// Takes so many more.
    func allow(_ count: Int) { limit.withLock { $0 = count } }

    /// What was accepted.
    var accepted: [String] { texts.withLock { $0 } }

    func url(_ path: String) -> String { server.withLock { $0?.url(path) ?? "" } }

    /// The destination, spoken to with the right key or a wrong one; `at` another server than the vendor's.
    func destination(
        _ further: String = "", isStranger: Bool = false, at other: LoopbackServer? = nil
    ) throws -> Destination {
        let path = contract.path.replacing("KEY", with: isStranger ? "wrong" : "key1")
        let root = other?.url("") ?? url("")
        let keys = contract.keys.replacing("ROOT", with: root)
        let timeout = further.contains("timeout") ? "" : #""timeout": "PT0.4S","#
        let (settings, findings) = try DestinationSettingsTests.read(
            #"{ "crm": { \#(keys), \#(timeout) "allowPrivateAddresses": true\#(further) } }"#)
        guard var one = settings.first else {
            throw DestinationError(destination: "crm", message: findings.map(\.message).joined(), help: "")
        }
        // The clock of these tests stands still: a rate would wait for ever.
        one.attemptsPerSecond = nil
        let secrets = [
            "ROBOT": root + path, "SECRET": isStranger ? "wrong" : "s3cret",
            "BOT": isStranger ? "1:wrong" : "1:key1",
        ]
        return try Destination(one, secrets: SecretSource(environment: { secrets[$0] }, file: { _ in nil }))
    }

    /// HMAC-SHA256 in base64, by the library's own words, not by those under test.
    static func code(_ key: String, _ message: String) -> String {
        Data(HMAC<Crypto.SHA256>.authenticationCode(for: Data(message.utf8), using: SymmetricKey(data: Data(key.utf8))))
            .base64EncodedString()
    }

    static func json(_ request: LoopbackServer.Request) -> JSONObject? {
        guard case .object(let members)? = JSONValue(jsonText: request.text) else { return nil }
        return members
    }

    static func text(_ members: JSONObject?, _ path: String...) -> String? {
        var value = members.map { JSONValue.object($0) }
        for name in path {
            guard case .object(let members)? = value else { return nil }
            value = members[name]
        }
        guard case .string(let text)? = value, !text.isEmpty else { return nil }
        return text
    }

    /// The fields of a query or a form.
    static func fields(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            fields[parts[0].removingPercentEncoding ?? ""] =
                (parts.count == 2 ? parts[1] : "").removingPercentEncoding ?? ""
        }
        return fields
    }

    static func query(_ request: LoopbackServer.Request) -> [String: String] {
        guard let mark = request.path.firstIndex(of: "?") else { return [:] }
        return fields(String(request.path[request.path.index(after: mark)...]))
    }
}

extension Vendor {
    static let contracts: [Contract] = [wecom, dingtalk, feishu, slack, slackApp, telegram, twilio, aliyun]

    static let wecom = Contract(
        name: "WeCom", keys: #""type": "wecom", "url": "env:ROBOT""#, data: #"{"text":"生日快乐"}"#, address: "",
        text: "生日快乐", path: "/cgi-bin/webhook/send?key=KEY",
        judge: { request, _ in
            guard request.method == "POST", query(request)["key"] == "key1" else { return (.stranger, "") }
            let body = json(request)
            guard text(body, "msgtype") == "text", let content = text(body, "text", "content"), content != "wrong"
            else {
                return (.malformed, "")
            }
            return (.accepted, content)
        }, accepted: (200, #"{"errcode":0,"errmsg":"ok"}"#),
        stranger: (
            200, #"{"errcode":93000,"errmsg":"invalid webhook url, hint: [1], from ip: 1.2.3.4, more info at https"}"#
        ),
        malformed: (200, #"{"errcode":40058,"errmsg":"invalid Request Parameter"}"#),
        tooMany: (200, #"{"errcode":45009,"errmsg":"api freq out of limit"}"#), pause: 60_000,
        strangerReason: "200, errcode 93000: the robot's key is not known",
        malformedReason: "200, errcode 40058: text refused")

    static let dingtalk = Contract(
        name: "DingTalk", keys: #""type": "dingtalk", "url": "env:ROBOT", "secret": "env:SECRET""#,
        data: #"{"text":"生日快乐"}"#, address: "", text: "生日快乐", path: "/robot/send?access_token=key1",
        judge: { request, now in
            let query = query(request)
            guard let stamp = query["timestamp"].flatMap({ Int64($0) }), abs(stamp - now.milliseconds) <= 3_600_000,
                query["sign"] == code("s3cret", "\(stamp)\ns3cret")
            else { return (.stranger, "") }
            let body = json(request)
            guard text(body, "msgtype") == "text", let content = text(body, "text", "content"), content != "wrong"
            else {
                return (.malformed, "")
            }
            return (.accepted, content)
        }, accepted: (200, #"{"errcode":0,"errmsg":"ok"}"#),
        stranger: (200, #"{"errcode":310000,"errmsg":"sign not match, more: [https://ding-doc]"}"#),
        malformed: (200, #"{"errcode":310000,"errmsg":"keywords not in content, more: [https://ding-doc]"}"#),
        tooMany: (
            200,
            #"{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"u","errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}"#
        ), pause: 600_000, strangerReason: "200, errcode 310000: security check failed: secret, clock or address",
        malformedReason: "200, errcode 310000: the text has none of the robot's keywords")

    static let feishu = Contract(
        name: "Feishu", keys: #""type": "feishu", "url": "env:ROBOT", "secret": "env:SECRET""#,
        data: #"{"text":"生日快乐"}"#, address: "", text: "生日快乐", path: "/open-apis/bot/v2/hook/key1",
        judge: { request, now in
            let body = json(request)
            guard let stamp = text(body, "timestamp").flatMap({ Int64($0) }),
                abs(stamp - now.milliseconds / 1000) <= 3_600, text(body, "sign") == code("\(stamp)\ns3cret", "")
            else { return (.stranger, "") }
            guard text(body, "msg_type") == "text", let content = text(body, "content", "text"), content != "wrong"
            else {
                return (.malformed, "")
            }
            return (.accepted, content)
        }, accepted: (200, #"{"code":0,"msg":"success","data":{}}"#),
        stranger: (
            200, #"{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}"#
        ),
        malformed: (400, #"{"code":9499,"msg":"Bad Request","data":{}}"#),
        tooMany: (200, #"{"code":11232,"msg":"frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"}"#),
        pause: 60_000, strangerReason: "200, code 19021: signature refused: secret or clock",
        malformedReason: "400, code 9499: message refused")

    static let slack = Contract(
        name: "Slack webhook", keys: #""type": "slack", "url": "env:ROBOT""#, data: #"{"text":"Happy birthday"}"#,
        address: "", text: "Happy birthday", path: "/services/T0/B0/KEY",
        judge: { request, _ in
            guard request.path == "/services/T0/B0/key1" else { return (.stranger, "") }
            guard let content = text(json(request), "text"), content != "wrong" else { return (.malformed, "") }
            return (.accepted, content)
        }, accepted: (200, "ok"), stranger: (404, "no_service"), malformed: (400, "invalid_payload"),
        tooMany: (429, "rate_limited"), pause: 5_000, strangerReason: "404 no_service",
        malformedReason: "400 invalid_payload")

    static let slackApp = Contract(
        name: "Slack app",
        keys: #""type": "slack", "token": "env:SECRET", "channel": "C01", "endpoint": "ROOT/api/chat.postMessage""#,
        data: #"{"text":"Happy birthday"}"#, address: "", text: "C01 Happy birthday", path: "",
        judge: { request, _ in
            guard request.path == "/api/chat.postMessage", request.header("authorization") == "Bearer s3cret" else {
                return (.stranger, "")
            }
            let body = json(request)
            guard let channel = text(body, "channel"), let content = text(body, "text"), content != "wrong" else {
                return (.malformed, "")
            }
            return (.accepted, "\(channel) \(content)")
        }, accepted: (200, #"{"ok":true,"channel":"C01","ts":"1503435956.000247"}"#),
        stranger: (200, #"{"ok":false,"error":"invalid_auth"}"#), malformed: (200, #"{"ok":false,"error":"no_text"}"#),
        tooMany: (429, #"{"ok":false,"error":"ratelimited"}"#), pause: 5_000, strangerReason: "200, error invalid_auth",
        malformedReason: "200, error no_text")

    static let telegram = Contract(
        name: "Telegram", keys: #""type": "telegram", "token": "env:BOT", "endpoint": "ROOT""#,
        data: #"{"text":"Happy birthday"}"#, address: "4711", text: "4711 Happy birthday", path: "",
        judge: { request, _ in
            guard request.path == "/bot1:key1/sendMessage" else { return (.stranger, "") }
            let body = json(request)
            guard let chat = text(body, "chat_id"), let content = text(body, "text"), content != "wrong" else {
                return (.malformed, "")
            }
            return (.accepted, "\(chat) \(content)")
        }, accepted: (200, #"{"ok":true,"result":{"message_id":7}}"#),
        stranger: (401, #"{"ok":false,"error_code":401,"description":"Unauthorized"}"#),
        malformed: (400, #"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#),
        tooMany: (
            429,
            #"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#
        ), pause: 7_000, strangerReason: "401, error_code 401: the bot's token is not known",
        malformedReason: "400, error_code 400: chat not found, or text refused")

    static let twilio = Contract(
        name: "Twilio",
        keys:
            #""type": "twilio", "accountSid": "AC1", "authToken": "env:SECRET", "from": "+15557122661", "endpoint": "ROOT""#,
        data: #"{"text":"Happy birthday & more"}"#, address: "+8613800001111",
        text: "+8613800001111 Happy birthday & more",
        path: "",
        judge: { request, _ in
            let expected = "Basic " + Data("AC1:s3cret".utf8).base64EncodedString()
            guard request.path == "/2010-04-01/Accounts/AC1/Messages.json", request.header("authorization") == expected
            else { return (.stranger, "") }
            let form = fields(request.text)
            guard request.header("content-type") == "application/x-www-form-urlencoded", form["From"] == "+15557122661",
                let to = form["To"], let content = form["Body"], content != "wrong"
            else { return (.malformed, "") }
            return (.accepted, "\(to) \(content)")
        }, accepted: (201, #"{"sid":"SM0123","status":"queued","error_code":null,"num_segments":"1"}"#),
        stranger: (401, #"{"code":20003,"message":"Authenticate","more_info":"https","status":401}"#),
        malformed: (400, #"{"code":21211,"message":"The 'To' number is not valid","more_info":"https","status":400}"#),
        tooMany: (429, #"{"code":20429,"message":"Too Many Requests","more_info":"https","status":429}"#), pause: 5_000,
        strangerReason: "401, code 20003: account or token refused",
        malformedReason: "400, code 21211: not a telephone number")

    static let aliyun = Contract(
        name: "Aliyun SMS",
        keys:
            #""type": "aliyun-sms", "accessKeyId": "testId", "accessKeySecret": "env:SECRET", "signName": "阿里云", "templateCode": "SMS_71390007", "endpoint": "ROOT""#,
        data: #"{"name":"小王"}"#, address: "15300000001", text: #"15300000001 {"name":"小王"}"#,
        wrongData: #"{"name":"wrong"}"#, path: "",
        judge: { request, _ in
            let query = query(request)
            guard request.method == "POST", signedByAliyunsRules(request) else { return (.stranger, "") }
            guard request.header("x-acs-action") == "SendSms", query["SignName"] == "阿里云",
                query["TemplateCode"] == "SMS_71390007", let number = query["PhoneNumbers"],
                let parameters = query["TemplateParam"], parameters != #"{"name":"wrong"}"#
            else { return (.malformed, "") }
            return (.accepted, "\(number) \(parameters)")
        }, accepted: (200, #"{"Code":"OK","Message":"OK","BizId":"9006^0","RequestId":"F655"}"#),
        stranger: (400, #"{"Code":"SignatureDoesNotMatch","Message":"m","RequestId":"F655"}"#),
        malformed: (200, #"{"Code":"isv.TEMPLATE_MISSING_PARAMETERS","Message":"m","RequestId":"F655"}"#),
        tooMany: (400, #"{"Code":"Throttling.User","Message":"m","RequestId":"F655"}"#), pause: 5_000,
        strangerReason: "400, Code SignatureDoesNotMatch: the secret is not the key's",
        malformedReason: "200, Code isv.TEMPLATE_MISSING_PARAMETERS: data does not fill the template")

    /// Reckons the signature from what came over the line: the query as it stands, the headers as they were named.
    private static func signedByAliyunsRules(_ request: LoopbackServer.Request) -> Bool {
        guard let value = request.header("authorization"), value.hasPrefix("ACS3-HMAC-SHA256 ") else { return false }
        var parts: [String: String] = [:]
        for part in value.dropFirst("ACS3-HMAC-SHA256 ".count).split(separator: ",") {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            parts[pair[0]] = pair[1]
        }
        let names = (parts["SignedHeaders"] ?? "").split(separator: ";").map(String.init)
        let empty = Crypto.SHA256.hash(data: Data()).map { String(format: "%02x", $0) }.joined()
        guard parts["Credential"] == "testId", request.body.isEmpty, request.header("x-acs-content-sha256") == empty,
            names == names.sorted(), names.contains("host")
        else { return false }
        let query = request.path.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        let lines = names.map { "\($0):\(request.header($0) ?? "")\n" }.joined()
        let canonical = "POST\n/\n\(query)\n\(lines)\n\(names.joined(separator: ";"))\n\(empty)"
        let digest = Crypto.SHA256.hash(data: Data(canonical.utf8)).map { String(format: "%02x", $0) }.joined()
        let code = HMAC<Crypto.SHA256>.authenticationCode(
            for: Data("ACS3-HMAC-SHA256\n\(digest)".utf8), using: SymmetricKey(data: Data("s3cret".utf8)))
        return parts["Signature"] == code.map { String(format: "%02x", $0) }.joined()
    }
}

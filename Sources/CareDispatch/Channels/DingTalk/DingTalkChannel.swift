import CareStore
import CareTransport
import CareValues

/// Messages of a custom robot in a DingTalk group, signed anew on each attempt: time and signature stand in the address.
///
/// Source: DingTalk open platform, "Custom robot access" and "Security settings of custom robots".
struct DingTalkChannel: Channel {
    var template: HTTPRequest
    /// What is said.
    var text: MessageText
    /// What signs; nil: nothing is signed.
    var secret: String?
    var format: RobotSettings.Format

    /// The robot knows no ids: a second message is one more in the group.
    var repeatsSafely: Bool { false }

    func body(of order: NewDelivery) throws(Unsendable) -> [UInt8] {
        let (text, subject) = try text.message(of: order)
        try MessageText.check(text, atMost: 20_000, "bytes") { $0.utf8.count }
        let mentions = Mentions(order.address)
        var members: [(name: String, value: JSONValue)] = [("msgtype", .string(format.rawValue))]
        switch format {
        case .text: members.append(("text", .object(["content": .string(text)])))
        case .markdown:
            // In Markdown only those are called who are named in the text too.
            let called = (mentions.numbers + mentions.members).map { "@\($0)" }
            let shown = called.isEmpty ? text : text + "\n\n" + called.joined(separator: " ")
            let title = subject ?? text.split(separator: "\n").first.map { String($0.prefix(64)) } ?? ""
            members.append(
                (
                    "markdown",
                    .object(JSONObject(uniqueMembers: [("title", .string(title)), ("text", .string(shown))]))
                ))
        }
        if !order.address.isEmpty {
            members.append(
                (
                    "at",
                    .object(
                        JSONObject(uniqueMembers: [
                            ("atMobiles", .array(mentions.numbers.map(JSONValue.string))),
                            ("atUserIds", .array(mentions.members.map(JSONValue.string))),
                            ("isAtAll", .bool(mentions.all)),
                        ]))
                ))
        }
        return JSONBody.bytes(members)
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        request.body = body
        if let secret {
            let query = "timestamp=\(now.milliseconds)&sign=\(Self.signature(now, secret: secret))"
            let mark = template.target.url.text.contains("?") ? "&" : "?"
            // What was an address stays one with a query behind it.
            if let signed = try? TargetURL(template.target.url.text + mark + query) { request.target.url = signed }
        }
        return .http(request)
    }

    /// HMAC-SHA256 over the milliseconds, a line end and the secret, by the secret; base64, percent-encoded.
    static func signature(_ now: Timestamp, secret: String) -> String {
        let code = Digests.hmac(key: secret.utf8, "\(now.milliseconds)\n\(secret)".utf8)
        return PercentEncoding.text(Base64.text(code))
    }

    private static let codes: [Int: VendorCode] = [
        -1: VendorCode(.throttled, "busy"),
        // Above 20 a minute the robot is mute for ten minutes, whatever the answer says.
        130101: VendorCode(.throttled, "too many messages", waitMilliseconds: 600_000),
        300001: VendorCode(.gone, "the robot's token is not known"),
        400013: VendorCode(.gone, "the group is dissolved"),
        400101: VendorCode(.gone, "the robot's token is not known"),
        430101: VendorCode(.permanent, "text refused"), 430102: VendorCode(.permanent, "text refused"),
        430103: VendorCode(.permanent, "text refused"), 430104: VendorCode(.permanent, "text refused"),
    ]

    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        VendorAnswer.result(of: exchange, now: now, vendor: "DingTalk", repeatsSafely: false) { members, plain in
            guard let code = VendorAnswer.number(members["errcode"]) else { return nil }
            if code == 0, plain.kind == .delivered { return plain }
            var meaning = Self.codes[code]
            if code == 310000 {
                // A word that the robot asks for is missing in this text; anything else is wrong with the robot.
                var isAboutWords = false
                if case .string(let text)? = members["errmsg"] { isAboutWords = text.contains("keyword") }
                meaning =
                    isAboutWords
                    ? VendorCode(.permanent, "the text has none of the robot's keywords")
                    : VendorCode(.gone, "security check failed: secret, clock or address")
            }
            return VendorAnswer.result("errcode", String(code), meaning, plain)
        }
    }
}

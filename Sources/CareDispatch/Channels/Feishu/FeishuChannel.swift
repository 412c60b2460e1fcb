import CareStore
import CareTransport
import CareValues

/// Messages of a custom bot in a Feishu or Lark group, signed anew on each attempt: time and signature stand in the body.
///
/// Source: Feishu open platform, "Custom bot usage guide".
struct FeishuChannel: Channel {
    var template: HTTPRequest
    /// What is said.
    var text: MessageText
    /// What signs; nil: nothing is signed.
    var secret: String?

    /// A body may have 20 KiB; time and signature are among them.
    private static let largestBody = 20 * 1_024 - 120

    /// The bot knows no ids: a second message is one more in the group.
    var repeatsSafely: Bool { false }

    func body(of order: NewDelivery) throws(Unsendable) -> [UInt8] {
        let mentions = Mentions(order.address)
        let called = (mentions.all ? ["all"] : []) + mentions.members + mentions.numbers
        let tags = called.map { "<at user_id=\"\(Self.harmless($0))\"></at> " }.joined()
        let text = Self.harmless(try text.message(of: order).text)
        let body = JSONBody.bytes([
            ("msg_type", .string("text")), ("content", .object(["text": .string(tags + text)])),
        ])
        guard body.count <= Self.largestBody else {
            throw Unsendable("the message has \(body.count) bytes, the limit is \(Self.largestBody)")
        }
        return body
    }

    /// The text without a tag: what a customer is called must not call upon the whole group.
    private static func harmless(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            // A zero-width non-joiner behind the bracket: it looks the same and is no tag.
            shown.unicodeScalars.append(scalar)
            if scalar == "<" { shown.unicodeScalars.append("\u{200C}") }
        }
        return shown
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        guard let secret else {
            request.body = body
            return .http(request)
        }
        let seconds = now.milliseconds / 1000
        let head = #"{"timestamp":"\#(seconds)","sign":"\#(Self.signature(seconds, secret: secret))","#
        request.body = Array(head.utf8) + body.dropFirst()
        return .http(request)
    }

    /// HMAC-SHA256 over nothing, by the seconds, a line end and the secret; base64.
    static func signature(_ seconds: Int64, secret: String) -> String {
        Base64.text(Digests.hmac(key: "\(seconds)\n\(secret)".utf8, [UInt8]()))
    }

    private static let codes: [Int: VendorCode] = [
        9499: VendorCode(.permanent, "message refused"),
        11232: VendorCode(.throttled, "too many messages", waitMilliseconds: 60_000),
        19001: VendorCode(.gone, "the bot's address is not known"),
        19021: VendorCode(.gone, "signature refused: secret or clock"),
        19022: VendorCode(.gone, "this machine's address is not allowed"),
        19024: VendorCode(.permanent, "the text has none of the bot's keywords"),
    ]

    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        VendorAnswer.result(of: exchange, now: now, vendor: "Feishu", repeatsSafely: false) { members, plain in
            // The older form says StatusCode.
            guard let code = VendorAnswer.number(members["code"]) ?? VendorAnswer.number(members["StatusCode"]) else {
                return nil
            }
            if code == 0, plain.kind == .delivered { return plain }
            return VendorAnswer.result("code", String(code), Self.codes[code], plain)
        }
    }
}

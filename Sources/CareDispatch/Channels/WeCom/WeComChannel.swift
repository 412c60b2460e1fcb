import CareStore
import CareTransport
import CareValues

/// Messages of a robot in a WeCom group; the key in its address is all that says who sends.
///
/// Source: WeCom developer documentation, "Group robot configuration".
struct WeComChannel: Channel {
    var template: HTTPRequest
    /// What is said.
    var text: MessageText
    var format: RobotSettings.Format

    /// The robot knows no ids: a second message is one more in the group.
    var repeatsSafely: Bool { false }

    func body(of order: NewDelivery) throws(Unsendable) -> [UInt8] {
        let text = try text.text(of: order, atMost: format == .text ? 2_048 : 4_096, "bytes") { $0.utf8.count }
        let mentions = Mentions(order.address)
        var content: [(name: String, value: JSONValue)] = []
        switch format {
        case .text:
            content.append(("content", .string(text)))
            let members = mentions.members + (mentions.all ? ["@all"] : [])
            if !members.isEmpty { content.append(("mentioned_list", .array(members.map(JSONValue.string)))) }
            if !mentions.numbers.isEmpty {
                content.append(("mentioned_mobile_list", .array(mentions.numbers.map(JSONValue.string))))
            }
        case .markdown:
            let called = (mentions.members + (mentions.all ? ["all"] : [])).map { "\n<@\($0)>" }
            content.append(("content", .string(text + called.joined())))
        }
        return JSONBody.bytes([
            ("msgtype", .string(format.rawValue)),
            (format.rawValue, .object(JSONObject(uniqueMembers: content))),
        ])
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        request.body = body
        return .http(request)
    }

    private static let codes: [Int: VendorCode] = [
        -1: VendorCode(.throttled, "busy"),
        45009: VendorCode(.throttled, "too many messages", waitMilliseconds: 60_000),
        93000: VendorCode(.gone, "the robot's key is not known"),
        40008: VendorCode(.permanent, "kind of message refused"), 44004: VendorCode(.permanent, "empty text"),
        40058: VendorCode(.permanent, "text refused"),
    ]

    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        VendorAnswer.result(of: exchange, now: now, vendor: "WeCom", repeatsSafely: false) { members, plain in
            guard let code = VendorAnswer.number(members["errcode"]) else { return nil }
            if code == 0, plain.kind == .delivered { return plain }
            return VendorAnswer.result("errcode", String(code), Self.codes[code], plain)
        }
    }
}

/// Small bodies in JSON.
enum JSONBody {
    /// An object with these members, in their order.
    static func bytes(_ members: [(name: String, value: JSONValue)]) -> [UInt8] {
        Array(JSONWriter.text(.object(JSONObject(uniqueMembers: members))).utf8)
    }
}

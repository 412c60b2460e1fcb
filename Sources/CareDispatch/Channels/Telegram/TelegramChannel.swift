import CareStore
import CareTransport
import CareValues

/// Messages of a Telegram bot: the method `sendMessage`.
///
/// Source: Telegram Bot API, "Making requests" and "sendMessage"; limits from its FAQ.
struct TelegramChannel: Channel {
    var template: HTTPRequest
    /// What is said.
    var text: MessageText
    /// Where a message goes whose action has no `to`.
    var chat: String?
    var format: TelegramSettings.Format

    /// Telegram knows no ids of ours: a second message is one more in the chat.
    var repeatsSafely: Bool { false }

    func body(of order: NewDelivery) throws(Unsendable) -> [UInt8] {
        guard let chat = order.address.isEmpty ? chat : order.address else {
            throw Unsendable("no chat: neither the action's to nor care.json names one")
        }
        let text = try text.text(of: order, atMost: 4_096, "characters") { $0.utf16.count }
        // A number in quotes is one too.
        var members: [(name: String, value: JSONValue)] = [("chat_id", .string(chat)), ("text", .string(text))]
        if format == .html { members.append(("parse_mode", .string("HTML"))) }
        return JSONBody.bytes(members)
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        request.body = body
        return .http(request)
    }

    /// Delivered only with `"ok": true`.
    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        VendorAnswer.result(of: exchange, now: now, vendor: "Telegram", repeatsSafely: false) { members, plain in
            guard case .bool(let isDone)? = members["ok"] else { return nil }
            if isDone, plain.kind == .delivered { return plain }
            guard let code = VendorAnswer.number(members["error_code"]) else { return nil }
            var parameters: JSONObject = [:]
            if case .object(let given)? = members["parameters"] { parameters = given }
            let meaning: VendorCode? =
                switch code {
                case 400 where parameters["migrate_to_chat_id"] != nil:
                    VendorCode(.permanent, "the group has another number now")
                case 400: VendorCode(.permanent, "chat not found, or text refused")
                case 401, 404: VendorCode(.gone, "the bot's token is not known")
                case 403: VendorCode(.permanent, "the bot may not write to this chat")
                case 429:
                    VendorCode(
                        .throttled, "too many messages",
                        waitMilliseconds: VendorAnswer.number(parameters["retry_after"])
                            .map { Int64(min(max($0, 0), 86_400)) * 1000 })
                default: nil
                }
            return VendorAnswer.result("error_code", String(code), meaning, plain)
        }
    }
}

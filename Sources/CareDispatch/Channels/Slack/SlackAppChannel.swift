import CareStore
import CareTransport
import CareValues

/// Messages of a Slack app: the method `chat.postMessage`, which answers 200 whatever has become of the message.
///
/// Source: Slack developer documentation, "chat.postMessage".
struct SlackAppChannel: Channel {
    var template: HTTPRequest
    /// What is said.
    var text: MessageText
    /// Where a message goes whose action names no channel.
    var channel: String?

    /// Slack knows no ids: a second message is one more in the channel.
    var repeatsSafely: Bool { false }

    func body(of order: NewDelivery) throws(Unsendable) -> [UInt8] {
        guard let channel = order.address.isEmpty ? channel : order.address else {
            throw Unsendable("no channel: neither the action's to nor care.json names one")
        }
        return JSONBody.bytes([
            ("channel", .string(channel)), ("text", .string(try SlackText.text(of: order, by: text))),
        ])
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        request.body = body
        return .http(request)
    }

    private static let codes: [String: AttemptResult.Kind] = [
        "ratelimited": .throttled, "rate_limited": .throttled, "message_limit_exceeded": .throttled,
        "invalid_auth": .gone, "not_authed": .gone, "account_inactive": .gone, "token_revoked": .gone,
        "token_expired": .gone, "missing_scope": .gone, "no_permission": .gone, "team_access_not_granted": .gone,
        "channel_not_found": .permanent, "is_archived": .permanent, "not_in_channel": .permanent,
        "restricted_action": .permanent, "msg_too_long": .permanent, "no_text": .permanent,
        "invalid_blocks": .permanent, "user_not_found": .permanent,
        // "It's possible some aspect of the operation succeeded before the error was raised."
        "fatal_error": .unknown, "internal_error": .unknown,
    ]

    /// Delivered only with `"ok": true`.
    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        VendorAnswer.result(of: exchange, now: now, vendor: "Slack", repeatsSafely: false) { members, plain in
            guard case .bool(let isDone)? = members["ok"] else { return nil }
            if isDone, plain.kind == .delivered { return plain }
            guard let code = VendorAnswer.word(members["error"]) else { return nil }
            return VendorAnswer.result("error", code, Self.codes[code].map { VendorCode($0) }, plain)
        }
    }
}

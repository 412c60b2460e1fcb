import CareStore
import CareTransport
import CareValues

/// Messages through an incoming webhook of Slack.
///
/// Source: Slack developer documentation, "Sending messages using incoming webhooks", "Handling errors".
struct SlackWebhookChannel: Channel {
    var template: HTTPRequest
    /// What is said.
    var text: MessageText

    /// Slack knows no ids: a second message is one more in the channel.
    var repeatsSafely: Bool { false }

    func body(of order: NewDelivery) throws(Unsendable) -> [UInt8] {
        let mentions = Mentions(order.address)
        let called =
            (mentions.all ? ["<!channel> "] : [])
            + (mentions.members + mentions.numbers).map { "<@\(SlackText.escaped($0))> " }
        return JSONBody.bytes([("text", .string(called.joined() + (try SlackText.text(of: order, by: text))))])
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        request.body = body
        return .http(request)
    }

    private static let words: [String: AttemptResult.Kind] = [
        "invalid_payload": .permanent, "no_text": .permanent, "user_not_found": .permanent,
        "too_many_attachments": .permanent,
        "action_prohibited": .gone, "invalid_token": .gone, "no_active_hooks": .gone, "no_service": .gone,
        "no_service_id": .gone, "no_team": .gone, "team_disabled": .gone, "channel_not_found": .gone,
        "channel_is_archived": .gone,
    ]

    /// Delivered only with the two letters `ok`.
    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        var plain = AttemptResult(exchange, now: now)
        guard case .response(let response) = exchange else { return plain }
        if VendorAnswer.isAmbiguous(response) { plain.kind = .unknown }
        let said = String(decoding: response.body, as: UTF8.self)
        if plain.kind == .delivered {
            if response.status == 200, said == "ok" { return plain }
            guard response.bodyIsComplete else {
                return AttemptResult(.unknown, status: response.status, detail: "answer cut short")
            }
        }
        if let kind = Self.words[said] {
            return AttemptResult(kind, status: response.status, detail: "\(response.status) \(said)")
        }
        switch plain.kind {
        case .delivered: return AttemptResult(.unknown, status: response.status, detail: "not an answer of Slack")
        case .failed where [403, 404].contains(response.status): plain.kind = .gone
        default: break
        }
        return plain
    }
}

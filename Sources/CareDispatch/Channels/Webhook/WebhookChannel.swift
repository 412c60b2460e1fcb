import CareStore
import CareTransport
import CareValues

/// Signed webhooks: Standard Webhooks around a CloudEvents body.
struct WebhookChannel: Channel {
    var template: HTTPRequest
    var secrets: [WebhookSecret]
    /// The CloudEvents `source`.
    var source: String

    var repeatsSafely: Bool { true }

    func body(of order: NewDelivery) -> [UInt8] {
        CloudEvent.body(of: order, source: source)
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> HTTPRequest {
        var request = template
        let id = order.id.text
        // Whole seconds of this attempt: stamped and signed anew each time, or a late retry would be refused as old.
        let seconds = now.milliseconds / 1000
        request.headers.append(("webhook-id", id))
        request.headers.append(("webhook-timestamp", String(seconds)))
        request.headers.append(
            ("webhook-signature", StandardWebhooks.signature(id: id, timestamp: seconds, body: body, secrets: secrets)))
        request.body = body
        return request
    }

    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        AttemptResult(exchange, now: now)
    }
}

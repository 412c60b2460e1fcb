import CareStore
import CareTransport
import CareValues

/// Signed webhooks: Standard Webhooks around a CloudEvent.
struct WebhookChannel: Channel {
    var template: HTTPRequest
    var keys: [SigningKey]
    var mode: WebhookSettings.Mode
    /// The CloudEvents `source`.
    var source: String

    init(template: HTTPRequest, keys: [SigningKey], mode: WebhookSettings.Mode, source: String) {
        self.template = template
        self.keys = keys
        self.mode = mode
        self.source = source
        let contentType = mode == .structured ? CloudEvent.contentType : "application/json"
        self.template.headers.append(("content-type", contentType))
    }

    var repeatsSafely: Bool { true }

    func body(of order: NewDelivery) -> [UInt8] {
        switch mode {
        case .structured: CloudEvent.body(of: order, source: source)
        case .binary: Array(order.data.utf8)
        }
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        let id = order.id.text
        // Whole seconds of this attempt: stamped and signed anew each time, or a late retry would be refused as old.
        let seconds = now.milliseconds / 1000
        request.headers.append(("webhook-id", id))
        request.headers.append(("webhook-timestamp", String(seconds)))
        request.headers.append(
            ("webhook-signature", StandardWebhooks.signature(id: id, timestamp: seconds, body: body, keys: keys)))
        if mode == .binary { request.headers += CloudEvent.headers(of: order, source: source) }
        request.body = body
        return .http(request)
    }

    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        AttemptResult(exchange, now: now)
    }
}

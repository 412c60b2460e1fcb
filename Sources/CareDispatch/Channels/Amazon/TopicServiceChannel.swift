import CareStore
import CareTransport
import CareValues

/// Messages for Amazon SNS: the action `Publish` of its query protocol.
///
/// Source: Amazon SNS API reference, "Publish".
struct TopicServiceChannel: Channel {
    var template: HTTPRequest
    /// The topic's ARN.
    var topic: String
    /// The CloudEvents `source`.
    var source: String

    /// Consumers know a repetition by the event's id.
    var repeatsSafely: Bool { true }

    func body(of order: NewDelivery) -> [UInt8] {
        let attribute = "MessageAttributes.entry."
        var fields = [
            ("Action", "Publish"), ("Version", "2010-03-31"), ("TopicArn", topic),
            ("Message", String(decoding: CloudEvent.body(of: order, source: source), as: UTF8.self)),
            (attribute + "1.Name", "webhook-id"), (attribute + "1.Value.DataType", "String"),
            (attribute + "1.Value.StringValue", order.id.text),
        ]
        // Subscriptions filter by attributes; an empty one is refused.
        if !order.type.isEmpty {
            fields += [
                (attribute + "2.Name", "type"), (attribute + "2.Value.DataType", "String"),
                (attribute + "2.Value.StringValue", order.type),
            ]
        }
        if topic.hasSuffix(".fifo") {
            fields += [("MessageGroupId", MessageGroup.id(of: order)), ("MessageDeduplicationId", order.id.text)]
        }
        return Array(fields.map { "\($0.0)=\(PercentEncoding.text($0.1))" }.joined(separator: "&").utf8)
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        request.body = body
        return .http(request)
    }

    /// Delivered only with the id that the service gave the message.
    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        let plain = AttemptResult(exchange, now: now)
        guard case .response(let response) = exchange else { return plain }
        let text = String(decoding: response.body, as: UTF8.self)
        if plain.kind == .delivered {
            if let id = Self.content(of: "MessageId", in: text), !id.isEmpty { return plain }
            return AttemptResult(
                response.bodyIsComplete ? .failed : .unknown, status: response.status, detail: "not an answer of SNS")
        }
        guard let code = Self.content(of: "Code", in: text) else { return plain }
        return AmazonError.result(
            code: AmazonError.code(String(code)), status: response.status, retryAfter: plain.retryAfterMilliseconds)
    }

    /// What stands in the first element of that name; the service's answers have it without attributes.
    private static func content(of element: String, in text: String) -> Substring? {
        guard let start = text.firstRange(of: "<\(element)>"),
            let end = text[start.upperBound...].firstRange(of: "</\(element)>")
        else { return nil }
        return text[start.upperBound..<end.lowerBound]
    }
}

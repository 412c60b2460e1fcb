import CareStore
import CareTransport
import CareValues

/// Messages for RabbitMQ through its management HTTP API, `POST /api/exchanges/{vhost}/{exchange}/publish`.
///
/// The broker answers after its publisher confirm; with a durable queue and `delivery_mode` 2 the message is then on
/// disk. Each message costs it a channel of its own: tens a second, not thousands.
struct QueueChannel: Channel {
    var template: HTTPRequest
    var routingKey: String
    /// The CloudEvents `source`.
    var source: String

    /// Consumers know a repetition by `message_id`.
    var repeatsSafely: Bool { true }

    func body(of order: NewDelivery) -> [UInt8] {
        let event = CloudEvent.body(of: order, source: source)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(event.count * 5 / 4 + 256)
        bytes.append(
            contentsOf: #"{"properties":{"delivery_mode":2,"content_type":"application/cloudevents+json","#.utf8)
        bytes.append(contentsOf: #""message_id":""#.utf8)
        bytes.append(contentsOf: order.id.text.utf8)
        bytes.append(contentsOf: #"","type":"#.utf8)
        // AMQP short strings end at 255 bytes: a longer type is in the body only.
        JSONText.append(order.type.utf8.count <= 255 ? order.type : "", into: &bytes)
        bytes.append(contentsOf: #","timestamp":"#.utf8)
        bytes.append(contentsOf: String(order.decidedAt.milliseconds / 1000).utf8)
        bytes.append(contentsOf: #","headers":{}},"routing_key":"#.utf8)
        JSONText.append(routingKey, into: &bytes)
        bytes.append(contentsOf: #","payload":"#.utf8)
        JSONText.append(String(decoding: event, as: UTF8.self), into: &bytes)
        bytes.append(contentsOf: #","payload_encoding":"string"}"#.utf8)
        return bytes
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        request.body = body
        return .http(request)
    }

    /// Delivered only when the broker says that a queue has it.
    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        let plain = AttemptResult(exchange, now: now)
        guard plain.kind == .delivered, case .response(let response) = exchange else { return plain }
        guard response.bodyIsComplete else {
            return AttemptResult(.unknown, status: response.status, detail: "answer cut short")
        }
        guard let answer = JSONValue(jsonText: String(decoding: response.body, as: UTF8.self)),
            case .object(let members) = answer, case .bool(let isRouted)? = members["routed"]
        else {
            return AttemptResult(.failed, status: response.status, detail: "not an answer of RabbitMQ's API")
        }
        if isRouted { return plain }
        return AttemptResult(.failed, status: response.status, detail: "not routed: no queue is bound to the key")
    }
}

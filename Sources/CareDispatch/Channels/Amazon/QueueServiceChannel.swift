import CareStore
import CareTransport
import CareValues

/// Messages for Amazon SQS: the action `SendMessage` of its JSON protocol.
///
/// A queue whose name ends with `.fifo` gets the customer as message group, so that one customer's messages stay in
/// order, and the delivery id as deduplication id: SQS then drops a repetition within five minutes.
///
/// Source: Amazon SQS API reference, "SendMessage".
struct QueueServiceChannel: Channel {
    var template: HTTPRequest
    /// The queue's URL.
    var queue: String
    /// The CloudEvents `source`.
    var source: String

    /// Consumers know a repetition by the event's id.
    var repeatsSafely: Bool { true }

    func body(of order: NewDelivery) -> [UInt8] {
        let event = String(decoding: CloudEvent.body(of: order, source: source), as: UTF8.self)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(event.utf8.count * 5 / 4 + 512)
        bytes.append(contentsOf: #"{"QueueUrl":"#.utf8)
        JSONText.append(queue, into: &bytes)
        bytes.append(contentsOf: #","MessageBody":"#.utf8)
        JSONText.append(event, into: &bytes)
        bytes.append(contentsOf: #","MessageAttributes":{"webhook-id":{"DataType":"String","StringValue":""#.utf8)
        bytes.append(contentsOf: order.id.text.utf8)
        bytes.append(contentsOf: #""}}"#.utf8)
        if queue.hasSuffix(".fifo") {
            bytes.append(contentsOf: #","MessageGroupId":"#.utf8)
            JSONText.append(MessageGroup.id(of: order), into: &bytes)
            bytes.append(contentsOf: #","MessageDeduplicationId":""#.utf8)
            bytes.append(contentsOf: order.id.text.utf8)
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
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
        let answer = JSONValue(jsonText: String(decoding: response.body, as: UTF8.self))
        guard case .object(let members)? = answer else {
            guard plain.kind == .delivered else { return plain }
            return AttemptResult(
                response.bodyIsComplete ? .failed : .unknown, status: response.status, detail: "not an answer of SQS")
        }
        if plain.kind == .delivered {
            if case .string(let id)? = members["MessageId"], !id.isEmpty { return plain }
            return AttemptResult(.failed, status: response.status, detail: "not an answer of SQS")
        }
        guard case .string(let type)? = members["__type"] else { return plain }
        return AmazonError.result(
            code: AmazonError.code(type), status: response.status, retryAfter: plain.retryAfterMilliseconds)
    }
}

/// The message group of a customer: up to 128 letters, digits and punctuation of ASCII.
enum MessageGroup {
    /// The customer's id where it may stand as a group, else the beginning of a hash of it.
    static func id(of order: NewDelivery) -> String {
        let bytes = order.customer.utf8
        let isPlain = !bytes.isEmpty && bytes.count <= 128 && bytes.allSatisfy { (0x21...0x7E).contains($0) }
        return isPlain ? order.customer : DeliveryID(hashing: order.customer).text
    }
}

import CareStore
import CareTransport
import CareValues

/// Records for Kafka through a REST proxy; the customer is the key, so that one customer's records stay in order.
///
/// A proxy may answer 200 although the brokers refused the record: the code beside the record decides.
///
/// Source: Confluent REST Proxy API reference, v2 "Produce messages to a topic" and v3 "Produce records to the given
/// topic"; Redpanda's HTTP proxy has the former.
struct KafkaChannel: Channel {
    var template: HTTPRequest
    var interface: KafkaSettings.Interface
    /// The CloudEvents `source`.
    var source: String

    /// Consumers know a repetition by the event's id.
    var repeatsSafely: Bool { true }

    func body(of order: NewDelivery) -> [UInt8] {
        let event = CloudEvent.body(of: order, source: source)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(event.count + 256)
        switch interface {
        case .v2:
            bytes.append(contentsOf: #"{"records":[{"key":"#.utf8)
            JSONText.append(order.customer, into: &bytes)
            bytes.append(contentsOf: #","value":"#.utf8)
            bytes.append(contentsOf: event)
            bytes.append(contentsOf: "}]}".utf8)
        case .v3:
            bytes.append(contentsOf: #"{"headers":[{"name":"webhook-id","value":""#.utf8)
            bytes.append(contentsOf: Base64.text(Array(order.id.text.utf8)).utf8)
            bytes.append(contentsOf: #""}],"key":{"type":"STRING","data":"#.utf8)
            JSONText.append(order.customer, into: &bytes)
            bytes.append(contentsOf: #"},"value":{"type":"JSON","data":"#.utf8)
            bytes.append(contentsOf: event)
            bytes.append(contentsOf: "}}".utf8)
        }
        return bytes
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        request.body = body
        return .http(request)
    }

    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        let plain = AttemptResult(exchange, now: now)
        guard case .response(let response) = exchange else { return plain }
        guard case .object(let answer)? = JSONValue(jsonText: String(decoding: response.body, as: UTF8.self)) else {
            guard plain.kind == .delivered else { return plain }
            return AttemptResult(
                response.bodyIsComplete ? .failed : .unknown, status: response.status,
                detail: "not an answer of a REST proxy")
        }
        guard plain.kind == .delivered else { return refusal(Self.number(answer["error_code"]), plain) }
        switch interface {
        case .v2:
            guard case .array(let offsets)? = answer["offsets"], offsets.count == 1,
                case .object(let record)? = offsets.first
            else { break }
            if let code = Self.number(record["error_code"]) { return refusal(code, plain) }
            if let offset = Self.number(record["offset"]), offset >= 0 { return plain }
        case .v3:
            guard let code = Self.number(answer["error_code"]) else { break }
            return code == 200 ? plain : refusal(code, plain)
        }
        return AttemptResult(.failed, status: response.status, detail: "not an answer of a REST proxy")
    }

    /// What a proxy's error code says: 422xx are about the record itself, which no later attempt changes; 429xx ask to
    /// slow down.
    private func refusal(_ code: Int?, _ plain: AttemptResult) -> AttemptResult {
        guard let code else { return plain }
        let status = code >= 1_000 ? code / 100 : code
        let kind: AttemptResult.Kind =
            switch status {
            case 422, 413: .permanent
            case 429: .throttled
            default: plain.kind == .delivered ? .failed : plain.kind
            }
        return AttemptResult(
            kind, status: plain.status, detail: "\(plain.status), error_code \(code)",
            retryAfterMilliseconds: plain.retryAfterMilliseconds)
    }

    private static func number(_ value: JSONValue?) -> Int? {
        guard case .number(let number)? = value else { return nil }
        return Int(exactly: number)
    }
}

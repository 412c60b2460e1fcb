import CareStore
import CareTransport
import CareValues

/// Entries of a Redis or Valkey stream: the field `id` is the delivery id, `event` the CloudEvent.
///
/// Delivered means that the server has given the entry an id; whether it is on disk by then is the server's setting.
struct RedisChannel: Channel {
    var endpoint: ConversationEndpoint
    var stream: SubjectTemplate
    /// The CloudEvents `source`.
    var source: String

    /// Consumers know a repetition by the field `id`.
    var repeatsSafely: Bool { true }

    func body(of order: NewDelivery) -> [UInt8] { CloudEvent.body(of: order, source: source) }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        // Keys are any bytes; the colon is how they are divided.
        let key = stream.text(for: order) { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "%") }
        return .conversation(
            ConversationRequest(
                endpoint: endpoint, message: ConversationMessage(id: order.id.text, subject: key, body: body)))
    }

    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        guard case .refused(let code, let detail) = exchange else { return AttemptResult(exchange, now: now) }
        return AttemptResult(RedisError.kind(detail), status: code, detail: detail)
    }
}

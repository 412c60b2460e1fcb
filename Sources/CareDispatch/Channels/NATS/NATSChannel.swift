import CareStore
import CareTransport
import CareValues

/// Messages for a stream of NATS JetStream; the delivery id is the message id by which the stream drops a repetition.
///
/// Delivered means that a stream has stored it.
struct NATSChannel: Channel {
    var endpoint: ConversationEndpoint
    var subject: SubjectTemplate
    /// The CloudEvents `source`.
    var source: String

    /// The stream itself knows a repetition within its duplicate window; consumers know it by the event's id.
    var repeatsSafely: Bool { true }

    func body(of order: NewDelivery) -> [UInt8] { CloudEvent.body(of: order, source: source) }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        let subject = subject.text(for: order, separator: UInt8(ascii: ".")) { byte in
            byte > 0x20 && byte != 0x7F && !".*>%".utf8.contains(byte)
        }
        return .conversation(
            ConversationRequest(
                endpoint: endpoint, message: ConversationMessage(id: order.id.text, subject: subject, body: body)))
    }

    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        guard case .refused(let code, let detail) = exchange else { return AttemptResult(exchange, now: now) }
        return AttemptResult(NATSError.kind(code: code, detail: detail), status: code, detail: detail)
    }
}

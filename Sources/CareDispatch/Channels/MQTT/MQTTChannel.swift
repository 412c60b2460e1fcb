import CareStore
import CareTransport
import CareValues

/// Messages for an MQTT broker: one PUBLISH each, its payload the CloudEvent.
///
/// Delivered means that the broker has acknowledged it (quality of service 1).
///
/// Source: CloudEvents 1.0.2, "MQTT Protocol Binding", section 3.2 (structured mode).
struct MQTTChannel: Channel {
    var endpoint: ConversationEndpoint
    var topic: SubjectTemplate
    /// The CloudEvents `source`.
    var source: String

    /// Subscribers know a repetition by the event's id.
    var repeatsSafely: Bool { true }

    func body(of order: NewDelivery) -> [UInt8] { CloudEvent.body(of: order, source: source) }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        // A level must not hold the separator or a wildcard.
        let subject = topic.text(for: order, separator: UInt8(ascii: "/")) { byte in
            byte > 0x20 && byte != 0x7F && !"/+#%".utf8.contains(byte)
        }
        return .conversation(
            ConversationRequest(
                endpoint: endpoint, message: ConversationMessage(id: order.id.text, subject: subject, body: body)))
    }

    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        guard case .refused(let code, let detail) = exchange else { return AttemptResult(exchange, now: now) }
        return AttemptResult(MQTTReason.kind(code), status: code, detail: detail)
    }
}

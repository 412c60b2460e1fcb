import CareStore
import CareTransport
import CareValues

/// Messages for Google Pub/Sub by REST: the method `projects.topics.publish`.
///
/// Source: Google Pub/Sub REST reference, v1; CloudEvents 1.0.2, "Pub/Sub protocol binding", structured mode.
struct PubSubChannel: Channel {
    var template: HTTPRequest
    /// What says who publishes; nil: nobody asks.
    var tokens: ServiceAccountTokens?
    var isOrdered: Bool
    /// The CloudEvents `source`.
    var source: String

    /// Subscribers know a repetition by the event's id.
    var repeatsSafely: Bool { true }

    func body(of order: NewDelivery) -> [UInt8] {
        var message: [(name: String, value: JSONValue)] = [
            ("data", .string(Base64.text(CloudEvent.body(of: order, source: source)))),
            (
                "attributes",
                .object(
                    JSONObject(uniqueMembers: [
                        ("content-type", .string(CloudEvent.contentType)), ("webhook-id", .string(order.id.text)),
                    ]))
            ),
        ]
        if isOrdered { message.append(("orderingKey", .string(MessageGroup.id(of: order)))) }
        return JSONBody.bytes([("messages", .array([.object(JSONObject(uniqueMembers: message))]))])
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        request.body = body
        if let tokens { request.headers.append(("authorization", "Bearer \(tokens.token(now: now))")) }
        return .http(request)
    }

    /// Delivered only with the id that the service gave the message.
    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        VendorAnswer.result(of: exchange, now: now, vendor: "Pub/Sub", repeatsSafely: true) { members, plain in
            if plain.kind == .delivered {
                guard case .array(let ids)? = members["messageIds"], ids.count == 1, case .string = ids[0] else {
                    return nil
                }
                return plain
            }
            guard case .object(let error)? = members["error"], let status = VendorAnswer.word(error["status"]) else {
                return nil
            }
            let meaning: VendorCode? = status == "RESOURCE_EXHAUSTED" ? VendorCode(.throttled) : nil
            return VendorAnswer.result("status", status, meaning, plain)
        }
    }
}

import CareStore
import CareTransport
import CareValues

/// Messages for Azure Service Bus by REST; each request is signed for five minutes.
///
/// The delivery id is the message's id: a queue with duplicate detection drops a repetition.
///
/// Source: Azure Service Bus REST API, "Send message"; "Access control with shared access signatures".
struct ServiceBusChannel: Channel {
    var template: HTTPRequest
    /// The queue's or topic's address without a slash at its end.
    var resource: String
    var keyName: String
    var key: String
    var hasSessions: Bool
    /// The CloudEvents `source`.
    var source: String

    /// How long a signature is good, in seconds: enough for a clock that is somewhat off.
    private static let validSeconds: Int64 = 300

    /// Consumers know a repetition by the message's id.
    var repeatsSafely: Bool { true }

    func body(of order: NewDelivery) -> [UInt8] { CloudEvent.body(of: order, source: source) }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        request.body = body
        let expiry = now.milliseconds / 1000 + Self.validSeconds
        request.headers.append(
            ("authorization", Self.signature(resource: resource, keyName: keyName, key: key, expiry: expiry)))
        var properties: [(name: String, value: JSONValue)] = [("MessageId", .string(order.id.text))]
        // A label ends at 128 characters: a longer type is in the body only.
        if order.type.utf16.count <= 128 { properties.append(("Label", .string(order.type))) }
        if hasSessions { properties.append(("SessionId", .string(MessageGroup.id(of: order)))) }
        request.headers.append(
            ("brokerproperties", Self.ascii(JSONWriter.text(.object(JSONObject(uniqueMembers: properties))))))
        return .http(request)
    }

    /// The value of `Authorization` until `expiry`, in Unix seconds.
    static func signature(resource: String, keyName: String, key: String, expiry: Int64) -> String {
        let encoded = PercentEncoding.text(resource)
        let code = Base64.text(Digests.hmac(key: key.utf8, "\(encoded)\n\(expiry)".utf8))
        return "SharedAccessSignature sr=\(encoded)&sig=\(PercentEncoding.text(code))&se=\(expiry)"
            + "&skn=\(PercentEncoding.text(keyName))"
    }

    /// JSON with every UTF-16 unit outside ASCII, and U+007F, as an escape: it is to stand in a header.
    static func ascii(_ json: String) -> String {
        var text = ""
        for unit in json.utf16 {
            if unit < 0x7F {
                text.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            } else {
                let hex = String(unit, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            }
        }
        return text
    }

    /// Delivered only as 201; a queue that is not there answers 410.
    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        let plain = AttemptResult(exchange, now: now)
        guard plain.kind == .delivered, plain.status != 201 else { return plain }
        return AttemptResult(.failed, status: plain.status, detail: "not an answer of Service Bus")
    }
}

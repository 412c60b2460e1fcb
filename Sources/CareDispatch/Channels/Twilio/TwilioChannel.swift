import CareStore
import CareTransport
import CareValues

/// Text messages by Twilio. Accepted means queued: what the network makes of a message is told only to
/// `statusCallback`.
///
/// Source: Twilio documentation, "Message resource", "Error and warning dictionary".
struct TwilioChannel: Channel {
    var template: HTTPRequest
    /// What is said.
    var text: MessageText
    var sender: TwilioSettings.Sender
    var statusCallback: String?

    /// Twilio knows no idempotency key: a second request is a second message on the customer's telephone.
    var repeatsSafely: Bool { false }

    func body(of order: NewDelivery) throws(Unsendable) -> [UInt8] {
        guard !order.address.isEmpty else { throw Unsendable("no telephone number: the action has no to") }
        var fields = [("To", order.address)]
        switch sender {
        case .number(let number): fields.append(("From", number))
        case .service(let service): fields.append(("MessagingServiceSid", service))
        }
        fields.append(("Body", try text.text(of: order, atMost: 1_600, "characters") { $0.utf16.count }))
        if let statusCallback { fields.append(("StatusCallback", statusCallback)) }
        return Array(fields.map { "\($0)=\(PercentEncoding.text($1))" }.joined(separator: "&").utf8)
    }

    func request(for order: NewDelivery, body: [UInt8], now: Timestamp) -> TransferRequest {
        var request = template
        request.body = body
        return .http(request)
    }

    private static let codes: [Int: VendorCode] = [
        20003: VendorCode(.gone, "account or token refused"), 20429: VendorCode(.throttled, "too many requests"),
        21211: VendorCode(.permanent, "not a telephone number"), 21408: VendorCode(.permanent, "country not allowed"),
        21610: VendorCode(.permanent, "the recipient has unsubscribed"),
        21614: VendorCode(.permanent, "not a mobile number"), 21617: VendorCode(.permanent, "text too long"),
    ]

    /// Delivered only as a created message with its id.
    func result(of exchange: TransferResult, now: Timestamp) -> AttemptResult {
        VendorAnswer.result(of: exchange, now: now, vendor: "Twilio", repeatsSafely: false) { members, plain in
            if plain.kind == .delivered {
                guard plain.status == 201, VendorAnswer.word(members["sid"]) != nil else { return nil }
                let status = VendorAnswer.word(members["status"])
                guard status == "failed" || status == "undelivered" else { return plain }
                let code = VendorAnswer.number(members["error_code"]).map { ", error_code \($0)" } ?? ""
                return AttemptResult(.permanent, status: 201, detail: "201, status failed\(code)")
            }
            guard let code = VendorAnswer.number(members["code"]) else { return nil }
            var meaning = Self.codes[code]
            // The rest of the 21xxx are about this message too.
            if meaning == nil, plain.status == 400, (21_000..<22_000).contains(code) {
                meaning = VendorCode(.permanent)
            }
            return VendorAnswer.result("code", String(code), meaning, plain)
        }
    }
}

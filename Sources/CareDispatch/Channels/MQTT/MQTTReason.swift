import CareTransport

/// What a broker's codes say.
///
/// Source: MQTT Version 5.0, table 2-6; MQTT Version 3.1.1, table 3.1 (1 … 5).
enum MQTTReason {
    private static let texts: [UInt8: String] = [
        1: "protocol version not accepted", 2: "client identifier not accepted", 3: "server unavailable",
        4: "bad user name or password", 5: "not authorized",
        0x10: "no subscriber", 0x80: "unspecified error", 0x81: "malformed packet", 0x82: "protocol error",
        0x83: "implementation specific error", 0x84: "protocol version not accepted",
        0x85: "client identifier not accepted", 0x86: "bad user name or password", 0x87: "not authorized",
        0x88: "server unavailable", 0x89: "server busy", 0x8A: "banned", 0x8B: "server shutting down",
        0x8C: "bad authentication method", 0x8D: "keep alive timeout", 0x8E: "session taken over",
        0x90: "topic name invalid", 0x93: "receive maximum exceeded", 0x95: "packet too large",
        0x96: "message rate too high", 0x97: "quota exceeded", 0x98: "administrative action",
        0x99: "payload format invalid", 0x9A: "retain not supported", 0x9B: "QoS not supported",
        0x9C: "use another server", 0x9D: "server moved", 0x9F: "connection rate exceeded",
    ]

    /// A few words for a code.
    static func text(_ code: UInt8) -> String { texts[code] ?? "reason code \(code)" }

    /// The outcome of a message that was refused with this code.
    static func refusal(_ code: UInt8) -> ConversationOutcome { .refused(code: Int(code), detail: text(code)) }

    /// What a refusal means for the delivery: later it may work, it never will, or the destination asks for a pause.
    static func kind(_ code: Int) -> AttemptResult.Kind {
        switch code {
        // About this message: topic, length, payload.
        case 0x90, 0x95, 0x99: .permanent
        // Busy, rate or quota exceeded.
        case 0x89, 0x96, 0x97, 0x9F: .throttled
        default: .failed
        }
    }
}

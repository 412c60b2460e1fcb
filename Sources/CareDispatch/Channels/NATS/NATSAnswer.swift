import CareTransport
import CareValues

/// What comes back on a message's reply subject.
enum NATSAnswer {
    /// The status of headers without a message, `NATS/1.0 503`; nil: there is none.
    static func status(_ headers: ArraySlice<UInt8>) -> Int? {
        let line = headers.prefix { $0 != 0x0D }
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard words.count > 1, words[0] == "NATS/1.0" else { return nil }
        return Int(words[1])
    }

    /// The acknowledgement of a stream: `{"stream":"CARE","seq":1}`, with `"duplicate":true` for an id that it has.
    static func outcome(_ payload: ArraySlice<UInt8>) -> ConversationOutcome {
        let notAnAnswer = ConversationOutcome.refused(code: 0, detail: "not an answer of JetStream")
        guard case .object(let answer)? = JSONValue(jsonText: String(decoding: payload, as: UTF8.self)) else {
            return notAnAnswer
        }
        if case .object(let error)? = answer["error"] {
            let code = number(error["code"]) ?? 0
            let detail = number(error["err_code"]).map { "\(code), err_code \($0)" } ?? "\(code)"
            return .refused(code: number(error["err_code"]) ?? code, detail: detail)
        }
        guard case .string(let stream)? = answer["stream"], !stream.isEmpty, let sequence = number(answer["seq"]),
            sequence > 0
        else { return notAnAnswer }
        return .accepted
    }

    private static func number(_ value: JSONValue?) -> Int? {
        guard case .number(let number)? = value else { return nil }
        return Int(exactly: number)
    }
}

/// What the server's errors say, in words of ours: its own may hold subjects.
enum NATSError {
    static let permissions = "permissions violation"
    static let tooLarge = "message too large"
    private static let known = [
        "authorization violation", "authentication timeout", "authentication expired", "user authentication expired",
        "account authentication expired", "user authentication revoked", "stale connection", "slow consumer",
        "maximum connections exceeded", "maximum account active connections exceeded", "maximum payload violation",
        "invalid subject", "unknown protocol operation", "parser error", "secure connection - tls required",
        "server shutdown", "maximum control line exceeded", "invalid client protocol", "no responders",
        "message headers not supported",
    ]

    /// The phrase that a server's text holds.
    static func text(of words: String) -> String { known.first { words.contains($0) } ?? "server error" }

    /// Of a status without a message.
    static func text(status: Int) -> String { status == 503 ? "503, no stream takes the subject" : "status \(status)" }

    /// What a refusal means for the delivery.
    ///
    /// Source: nats-server, `server/errors.json`.
    static func kind(code: Int, detail: String) -> AttemptResult.Kind {
        switch code {
        // Message size exceeds maximum allowed.
        case 10_054: .permanent
        // Insufficient resources; too many requests; account or stream limits; a slow stream.
        case 10_023, 10_028, 10_047, 10_077, 10_122, 10_167: .throttled
        default: detail == tooLarge || detail == "invalid subject" ? .permanent : .failed
        }
    }
}

/// What may be published to.
enum NATSSubject {
    /// Levels between dots, without space, control character and wildcard.
    static func isValid(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 1_000 else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { level in
            !level.isEmpty && level != "*" && level != ">" && level.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
        }
    }
}

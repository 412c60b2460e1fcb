import Crypto

/// A secret of Standard Webhooks, for signatures of version 1.
public struct WebhookSecret: Sendable {
    /// Why a text is not one. Says nothing about the text itself.
    public enum Problem: Error, Sendable, Hashable {
        /// Nothing in it, or nothing after the prefix.
        case empty
        /// Not base64 after the prefix.
        case notBase64
        /// A key for signatures of another kind (`whsk_`, `whpk_`).
        case asymmetric

        /// What is wrong, in a few words.
        public var message: String {
            switch self {
            case .empty: "is empty"
            case .notBase64: "is not base64 (after an optional whsec_)"
            case .asymmetric: "is a key of an Ed25519 pair; only shared secrets (whsec_) are supported"
            }
        }
    }

    let key: SymmetricKey

    /// Reads `whsec_` and base64, the prefix and the padding optional.
    public init(_ text: some StringProtocol) throws(Problem) {
        if text.hasPrefix("whsk_") || text.hasPrefix("whpk_") { throw .asymmetric }
        let encoded = text.hasPrefix("whsec_") ? text.dropFirst(6) : text[...]
        guard !encoded.isEmpty else { throw .empty }
        guard let bytes = Base64.bytes(encoded) else { throw .notBase64 }
        guard !bytes.isEmpty else { throw .empty }
        key = SymmetricKey(data: bytes)
    }

    /// The 32 bytes of the HMAC-SHA256 over `id.timestamp.body`.
    func code(id: String, timestamp: String, body: [UInt8]) -> HMAC<SHA256>.MAC {
        var hmac = HMAC<SHA256>(key: key)
        var head: [UInt8] = []
        head.reserveCapacity(id.utf8.count + timestamp.utf8.count + 2)
        head.append(contentsOf: id.utf8)
        head.append(UInt8(ascii: "."))
        head.append(contentsOf: timestamp.utf8)
        head.append(UInt8(ascii: "."))
        hmac.update(data: head)
        hmac.update(data: body)
        return hmac.finalize()
    }
}

/// Signatures of Standard Webhooks 1.0.0, version `v1`: sections "Signature scheme" and "Verifying".
public enum StandardWebhooks {
    /// How far a timestamp may lie from the receiver's clock, in seconds, inclusive.
    public static let toleranceSeconds: Int64 = 300

    /// The value of `webhook-signature`: one `v1,<base64>` for each secret, in their order, separated by a space.
    public static func signature(id: String, timestamp: Int64, body: [UInt8], secrets: [WebhookSecret]) -> String {
        let seconds = String(timestamp)
        var value = ""
        for secret in secrets {
            if !value.isEmpty { value += " " }
            value += "v1,"
            value += Base64.text(Array(secret.code(id: id, timestamp: seconds, body: body)))
        }
        return value
    }

    /// What a receiver finds.
    public enum Verdict: Sendable, Hashable {
        /// One signature fits; so old, in seconds (negative: from the future).
        case valid(ageSeconds: Int64)
        /// A header is missing.
        case missingHeader(String)
        /// The timestamp is not a number of seconds.
        case badTimestamp
        /// The timestamp is further away than the tolerance.
        case outOfTolerance(ageSeconds: Int64)
        /// None of the secrets made any of the signatures.
        case noMatch

        /// Whether the request is to be believed.
        public var isValid: Bool {
            if case .valid = self { true } else { false }
        }
    }

    /// Checks a request. The comparison takes the same time wherever the difference lies.
    ///
    /// - Parameter nowSeconds: the receiver's clock, Unix seconds.
    public static func verify(
        id: String?, timestamp: String?, signature: String?, body: [UInt8], secrets: [WebhookSecret],
        nowSeconds: Int64
    ) -> Verdict {
        guard let id, !id.isEmpty else { return .missingHeader("webhook-id") }
        guard let timestamp else { return .missingHeader("webhook-timestamp") }
        guard let signature else { return .missingHeader("webhook-signature") }
        guard let seconds = Int64(timestamp), seconds >= 0 else { return .badTimestamp }
        let age = nowSeconds.subtractingReportingOverflow(seconds)
        guard !age.overflow, age.partialValue.magnitude <= UInt64(toleranceSeconds) else {
            return .outOfTolerance(ageSeconds: age.overflow ? .max : age.partialValue)
        }
        var isValid = false
        for entry in signature.split(separator: " ").prefix(32) where entry.hasPrefix("v1,") {
            guard let given = Base64.bytes(entry.dropFirst(3)), given.count == 32 else { continue }
            for secret in secrets {
                let expected = secret.code(id: id, timestamp: timestamp, body: body)
                var difference: UInt8 = 0
                for (left, right) in zip(expected, given) { difference |= left ^ right }
                isValid = isValid || difference == 0
            }
        }
        return isValid ? .valid(ageSeconds: age.partialValue) : .noMatch
    }
}

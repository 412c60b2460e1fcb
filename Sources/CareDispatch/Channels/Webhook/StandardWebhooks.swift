/// Signatures of Standard Webhooks 1.0.0, versions `v1` and `v1a`: sections "Signature scheme" and "Verifying".
public enum StandardWebhooks {
    /// How far a timestamp may lie from the receiver's clock, in seconds, inclusive.
    public static let toleranceSeconds: Int64 = 300
    /// Entries of a header beyond this many are not looked at.
    private static let maximumSignatures = 32

    /// The value of `webhook-signature`: one entry for each key, in their order, separated by a space.
    public static func signature(id: String, timestamp: Int64, body: [UInt8], keys: [SigningKey]) -> String {
        let seconds = String(timestamp)
        var value = ""
        for key in keys {
            if !value.isEmpty { value += " " }
            value += key.signature(id: id, timestamp: seconds, body: body)
        }
        return value
    }

    /// What a receiver finds.
    public enum Verdict: Sendable, Hashable {
        /// One signature fits; so old, in seconds (negative: from the future).
        case valid(ageSeconds: Int64, version: String)
        /// A header is missing.
        case missingHeader(String)
        /// The timestamp is not a number of seconds.
        case badTimestamp
        /// The timestamp is further away than the tolerance.
        case outOfTolerance(ageSeconds: Int64)
        /// None of the keys made any of the signatures.
        case noMatch

        /// Whether the request is to be believed.
        public var isValid: Bool {
            if case .valid = self { true } else { false }
        }
    }

    /// Checks a request.
    ///
    /// - Parameter nowSeconds: the receiver's clock, Unix seconds.
    public static func verify(
        id: String?, timestamp: String?, signature: String?, body: [UInt8], keys: [SigningKey], nowSeconds: Int64
    ) -> Verdict {
        guard let id, !id.isEmpty else { return .missingHeader("webhook-id") }
        guard let timestamp else { return .missingHeader("webhook-timestamp") }
        guard let signature else { return .missingHeader("webhook-signature") }
        guard let seconds = Int64(timestamp), seconds >= 0 else { return .badTimestamp }
        let age = nowSeconds.subtractingReportingOverflow(seconds)
        guard !age.overflow, age.partialValue.magnitude <= UInt64(toleranceSeconds) else {
            return .outOfTolerance(ageSeconds: age.overflow ? .max : age.partialValue)
        }
        var fitting: String?
        for entry in signature.split(separator: " ").prefix(maximumSignatures) {
            guard let comma = entry.firstIndex(of: ","), let given = Base64.bytes(entry[entry.index(after: comma)...])
            else { continue }
            for key in keys where key.version == entry[..<comma] {
                if key.fits(given, id: id, timestamp: timestamp, body: body) { fitting = fitting ?? key.version }
            }
        }
        return fitting.map { .valid(ageSeconds: age.partialValue, version: $0) } ?? .noMatch
    }
}

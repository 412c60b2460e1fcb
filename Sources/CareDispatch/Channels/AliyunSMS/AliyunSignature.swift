/// Signatures of Aliyun's APIs, version 3: `ACS3-HMAC-SHA256`.
///
/// Source: Aliyun OpenAPI, "V3 request structure and signature mechanism".
enum AliyunSignature {
    /// Names and values, percent-encoded by RFC 3986 and sorted by name.
    static func query(_ fields: [(name: String, value: String)]) -> String {
        fields.map { (PercentEncoding.text($0.name), PercentEncoding.text($0.value)) }
            .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
            .map { "\($0)=\($1)" }.joined(separator: "&")
    }

    /// The headers of a POST to `/` without a body, signed; the host is set by the transport and only signed here.
    static func headers(
        action: String, version: String, host: String, query: String, date: String, nonce: String, access: String,
        secret: String
    ) -> [(name: String, value: String)] {
        let digest = Digests.hex(Digests.sha256([UInt8]()))
        let sent: [(name: String, value: String)] = [
            ("x-acs-action", action), ("x-acs-content-sha256", digest), ("x-acs-date", date),
            ("x-acs-signature-nonce", nonce), ("x-acs-version", version),
        ]
        // By name, as they are signed.
        let signed = [("host", host)] + sent
        let names = signed.map(\.0).joined(separator: ";")
        let lines = signed.map { "\($0):\($1)\n" }.joined()
        let request = "POST\n/\n\(query)\n\(lines)\n\(names)\n\(digest)"
        let text = "ACS3-HMAC-SHA256\n" + Digests.hex(Digests.sha256(request.utf8))
        let signature = Digests.hex(Digests.hmac(key: secret.utf8, text.utf8))
        return sent + [
            ("authorization", "ACS3-HMAC-SHA256 Credential=\(access),SignedHeaders=\(names),Signature=\(signature)")
        ]
    }
}

import Crypto

/// A key that signs webhooks: a shared secret (version `v1`) or the private half of an Ed25519 pair (`v1a`).
///
/// Source: Standard Webhooks 1.0.0, "Signature scheme" and "Secret serialization".
public struct SigningKey: Sendable {
    /// Why a text is not one. Says nothing about the text itself.
    public enum Problem: Error, Sendable, Hashable {
        /// Nothing in it, or nothing after the prefix.
        case empty
        /// Not base64 after the prefix.
        case notBase64
        /// The public half of a pair: it verifies, and cannot sign.
        case publicHalf
        /// After `whsk_` there must be 64 bytes: a seed of 32, then its public key.
        case notAPair

        /// What is wrong, in a few words.
        public var message: String {
            switch self {
            case .empty: "is empty"
            case .notBase64: "is not base64 (after an optional whsec_)"
            case .publicHalf: "is a public key (whpk_): it can verify, not sign; give the private one (whsk_)"
            case .notAPair: "is no Ed25519 key: whsk_ and base64 of 64 bytes, the seed and its public key"
            }
        }
    }

    /// One of the two kinds.
    enum Kind: Sendable {
        /// A code that has taken the key in already, and is copied for each message: to take it in costs as much as a
        /// short message.
        case shared(HMAC<SHA256>)
        case pair(Curve25519.Signing.PrivateKey)
    }

    let kind: Kind

    /// Reads `whsec_` and base64, the prefix and the padding optional, or `whsk_` and base64 of an Ed25519 key.
    public init(_ text: some StringProtocol) throws(Problem) {
        if text.hasPrefix("whpk_") { throw .publicHalf }
        if text.hasPrefix("whsk_") {
            kind = .pair(try Self.pair(text.dropFirst(5)))
            return
        }
        let secret = try Self.bytes(text.hasPrefix("whsec_") ? text.dropFirst(6) : text[...])
        kind = .shared(HMAC<SHA256>(key: SymmetricKey(data: secret)))
    }

    private static func pair(_ encoded: some StringProtocol) throws(Problem) -> Curve25519.Signing.PrivateKey {
        let bytes = try bytes(encoded)
        guard bytes.count == 64, let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes[..<32]),
            // A pair whose halves do not belong together would sign what nobody can verify.
            key.publicKey.rawRepresentation.elementsEqual(bytes[32...])
        else { throw .notAPair }
        return key
    }

    private static func bytes(_ encoded: some StringProtocol) throws(Problem) -> [UInt8] {
        guard !encoded.isEmpty else { throw .empty }
        guard let bytes = Base64.bytes(encoded) else { throw .notBase64 }
        guard !bytes.isEmpty else { throw .empty }
        return bytes
    }

    /// What stands before the comma of a signature: `v1` or `v1a`.
    var version: String {
        switch kind {
        case .shared: "v1"
        case .pair: "v1a"
        }
    }

    /// One entry of `webhook-signature`: `v1,` and base64 of the HMAC-SHA256 over `id.timestamp.body`, or `v1a,` and
    /// base64 of their Ed25519 signature.
    func signature(id: String, timestamp: String, body: [UInt8]) -> String {
        switch kind {
        case .shared(let keyed):
            return "v1," + Base64.text(Array(Self.code(keyed, id: id, timestamp: timestamp, body: body)))
        case .pair(let key):
            let signed = Self.head(id: id, timestamp: timestamp) + body
            guard let signature = try? key.signature(for: signed) else {
                preconditionFailure("an Ed25519 key that was made signs anything")
            }
            return "v1a," + Base64.text(Array(signature))
        }
    }

    /// Whether `given`, the bytes behind the comma, is this key's signature. The comparison takes the same time
    /// wherever the difference lies.
    func fits(_ given: [UInt8], id: String, timestamp: String, body: [UInt8]) -> Bool {
        switch kind {
        case .shared(let keyed):
            guard given.count == 32 else { return false }
            var difference: UInt8 = 0
            for (left, right) in zip(Self.code(keyed, id: id, timestamp: timestamp, body: body), given) {
                difference |= left ^ right
            }
            return difference == 0
        case .pair(let key):
            return key.publicKey.isValidSignature(given, for: Self.head(id: id, timestamp: timestamp) + body)
        }
    }

    private static func head(id: String, timestamp: String) -> [UInt8] {
        var head: [UInt8] = []
        head.reserveCapacity(id.utf8.count + timestamp.utf8.count + 2)
        head.append(contentsOf: id.utf8)
        head.append(UInt8(ascii: "."))
        head.append(contentsOf: timestamp.utf8)
        head.append(UInt8(ascii: "."))
        return head
    }

    private static func code(
        _ keyed: HMAC<SHA256>, id: String, timestamp: String, body: [UInt8]
    ) -> HMAC<SHA256>.MAC {
        var hmac = keyed
        hmac.update(data: head(id: id, timestamp: timestamp))
        hmac.update(data: body)
        return hmac.finalize()
    }
}

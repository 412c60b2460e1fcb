import CareThreads
import CareValues
import CryptoExtras

/// Tokens that a service account signs for itself: Google takes them in place of those of its token server, for an hour.
///
/// Source: Google, "Service account authorization without OAuth"; AIP-4111, "Self-signed JWT"; RFC 7515 and 7518, RS256.
final class ServiceAccountTokens: Sendable {
    /// Why a text is no key file. Says nothing about the text itself.
    enum Problem: Error, Hashable {
        case notJSON
        case missing(String)
        case notAKey

        /// What is wrong, in a few words.
        var message: String {
            switch self {
            case .notJSON: "is no JSON object"
            case .missing(let member): "has no \(member)"
            case .notAKey: "holds a private_key that is no RSA key in PEM"
            }
        }
    }

    /// How long a token is good.
    private static let validSeconds: Int64 = 3_600
    /// A token that ends within this time is not used any more.
    private static let marginSeconds: Int64 = 300

    private let account: String
    private let keyID: String
    private let audience: String
    private let key: _RSA.Signing.PrivateKey
    private let current = Lock<(token: String, from: Int64, until: Int64)>(("", 0, 0))

    /// Reads the JSON of a service account's key file.
    init(keyFile: String, audience: String) throws(Problem) {
        guard case .object(let members)? = JSONValue(jsonText: keyFile) else { throw .notJSON }
        func text(_ name: String) throws(Problem) -> String {
            guard case .string(let text)? = members[name], !text.isEmpty else { throw .missing(name) }
            return text
        }
        account = try text("client_email")
        keyID = try text("private_key_id")
        let pem = try text("private_key")
        guard let key = try? _RSA.Signing.PrivateKey(pemRepresentation: pem) else { throw .notAKey }
        self.key = key
        self.audience = audience
    }

    /// A token that is good at `now` and for some minutes; made anew when the last one is about to end.
    func token(now: Timestamp) -> String {
        let seconds = now.milliseconds / 1000
        return current.withLock { current in
            // A clock that was set back makes a new one too: a token from the future is refused.
            if seconds < current.from || seconds > current.until - Self.marginSeconds {
                current = (make(seconds), seconds, seconds + Self.validSeconds)
            }
            return current.token
        }
    }

    private func make(_ seconds: Int64) -> String {
        let header = JSONBody.bytes([("alg", .string("RS256")), ("typ", .string("JWT")), ("kid", .string(keyID))])
        let claims = JSONBody.bytes([
            ("iss", .string(account)), ("sub", .string(account)), ("aud", .string(audience)),
            ("iat", .number(Double(seconds))), ("exp", .number(Double(seconds + Self.validSeconds))),
        ])
        let signed = Self.base64URL(header) + "." + Self.base64URL(claims)
        guard let signature = try? key.signature(for: Array(signed.utf8), padding: .insecurePKCS1v1_5) else {
            preconditionFailure("an RSA key that was read signs anything")
        }
        return signed + "." + Self.base64URL(Array(signature.rawRepresentation))
    }

    /// Base64 of RFC 4648, section 5, without padding.
    static func base64URL(_ bytes: [UInt8]) -> String {
        var text = ""
        for character in Base64.text(bytes).utf8 where character != UInt8(ascii: "=") {
            switch character {
            case UInt8(ascii: "+"): text.append("-")
            case UInt8(ascii: "/"): text.append("_")
            default: text.unicodeScalars.append(Unicode.Scalar(character))
            }
        }
        return text
    }
}

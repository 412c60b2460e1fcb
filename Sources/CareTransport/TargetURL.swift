import CCurl

/// An http or https address, read by libcurl's own parser, so that what was checked is what is dialled.
public struct TargetURL: Sendable, Hashable {
    /// As given.
    public let text: String
    /// In lower case; an IPv6 address in brackets. Decimal, octal and shortened forms of IPv4 (`2130706433`, `0x7f.1`)
    /// come out as four numbers.
    public let host: String
    /// Given, or 80 or 443.
    public let port: Int
    /// https.
    public let isTLS: Bool
    /// The host is an address: nothing is to be looked up.
    public let isLiteral: Bool

    /// Why a text is not such an address.
    public enum Problem: Error, Sendable, Hashable {
        /// Not a URL.
        case malformed
        /// Neither http nor https.
        case otherScheme
        /// Holds a user name or password: they would end up in logs.
        case holdsCredentials
        /// No host, or one longer than a name can be.
        case badHost
        /// The host has letters outside ASCII: it is to be given as punycode, `xn--…`.
        case internationalHost
    }

    /// Reads `text`.
    public init(_ text: String) throws(Problem) {
        // A NUL would end the C string early: what is dialled would not be what is shown.
        guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else { throw .malformed }
        var parts = care_url_parts()
        switch care_url_read(text, &parts) {
        case 0: break
        case 2: throw .otherScheme
        case 3: throw .holdsCredentials
        case 4: throw .badHost
        case 5: throw .internationalHost
        default: throw .malformed
        }
        self.text = text
        host = withUnsafeBytes(of: parts.host) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        port = Int(parts.port)
        isTLS = parts.is_tls != 0
        isLiteral = parts.is_literal != 0
    }
}

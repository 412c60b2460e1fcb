import CCurl

/// An address of a receiver, http and https unless another scheme is asked for, read by libcurl's own parser, so that what was checked is what is dialled.
public struct TargetURL: Sendable, Hashable {
    /// As given.
    public let text: String
    /// In lower case; an IPv6 address in brackets. Decimal, octal and shortened forms of IPv4 (`2130706433`, `0x7f.1`)
    /// come out as four numbers.
    public let host: String
    /// Given, or the scheme's.
    public let port: Int
    /// https, or another scheme that begins with TLS.
    public let isTLS: Bool
    /// In lower case, `https`.
    public let scheme: String
    /// Has a path other than `/`, a query or a fragment.
    public let hasPath: Bool
    /// The host is an address: nothing is to be looked up.
    public let isLiteral: Bool

    /// A scheme, its usual port, and whether the connection begins with TLS.
    public struct Scheme: Sendable, Hashable {
        /// In lower case.
        public var name: String
        /// 1 … 65535.
        public var port: Int
        /// Whether the connection begins with TLS.
        public var isTLS: Bool

        /// A scheme with its parts.
        public init(_ name: String, port: Int, isTLS: Bool = false) {
            self.name = name
            self.port = port
            self.isTLS = isTLS
        }

        /// http and https.
        public static let web = [Scheme("http", port: 80), Scheme("https", port: 443, isTLS: true)]
    }

    /// Why a text is not such an address.
    public enum Problem: Error, Sendable, Hashable {
        /// Not a URL.
        case malformed
        /// None of the schemes asked for.
        case otherScheme
        /// Holds a user name or password: they would end up in logs.
        case holdsCredentials
        /// No host, or one longer than a name can be.
        case badHost
        /// The host has letters outside ASCII: it is to be given as punycode, `xn--…`.
        case internationalHost
    }

    /// Reads `text`, whose scheme must be one of `schemes`.
    public init(_ text: String, schemes: [Scheme] = Scheme.web) throws(Problem) {
        // A NUL would end the C string early: what is dialled would not be what is shown.
        guard !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else { throw .malformed }
        var parts = care_url_parts()
        let code = care_url_read(text, &parts)
        let name = withUnsafeBytes(of: parts.scheme) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        let scheme = schemes.first { $0.name == name }
        switch code {
        case 0: break
        case 2: throw .otherScheme
        case 4 where scheme == nil: throw .otherScheme
        case 3: throw .holdsCredentials
        case 4: throw .badHost
        case 5: throw .internationalHost
        default: throw .malformed
        }
        guard let scheme else { throw .otherScheme }
        self.text = text
        host = withUnsafeBytes(of: parts.host) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        port = parts.port > 0 ? Int(parts.port) : scheme.port
        isTLS = scheme.isTLS
        self.scheme = name
        hasPath = parts.has_path != 0
        isLiteral = parts.is_literal != 0
    }
}

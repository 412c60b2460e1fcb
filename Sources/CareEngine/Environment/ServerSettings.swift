import CareValues

/// How `care serve` is reached: the member `server` of `care.json`.
public struct ServerSettings: Sendable, Hashable {
    /// The address to listen at: this machine only unless said.
    public var host = "127.0.0.1"
    /// The port; 0: any that is free.
    public var port = 8420
    /// The certificate and key that it speaks TLS with; nil: plain HTTP.
    public var tls: TLSFiles?
    /// The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; none unless said.
    public var trustedProxies: [AddressRange] = []
    /// The origins that browsers may call the interface from; none unless said.
    public var allowedOrigins: [String] = []
    /// Whether the rule files are watched, and taken up when they have changed and are good.
    public var watchesRules = false
    /// The longest body of a request, in bytes, before and after it is unpacked.
    public var bodyBytes = 4 << 20
    /// Connections at once; more wait to be accepted.
    public var connections = 8_192
    /// Requests a second from one token, session or address; twice as many in a burst.
    public var requestsPerSecond = 10_000.0

    /// The usual settings.
    public init() {}

    /// `https` where it speaks TLS, else `http`.
    public var scheme: String { tls == nil ? "http" : "https" }

    /// Where it listens, as `host:port`.
    public var listen: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only this machine can reach it.
    public var isLoopbackOnly: Bool {
        host == "localhost" || host == "::1" || AddressRange(host).map { AddressRange.loopback.contains($0) } ?? false
    }

    /// The host and port of `host:port` or `[host]:port`; nil: it is neither.
    public static func address(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty, !host.contains(where: { $0 == " " || $0 == "/" || $0 == "[" || $0 == "]" }) else {
            return nil
        }
        return (host, port)
    }
}

/// Where the certificate that a server shows lies, and its key: PEM files.
public struct TLSFiles: Sendable, Hashable {
    /// The path of the certificate, those that vouch for it behind it.
    public var certificatePath: String
    /// The path of its private key, without a password.
    public var keyPath: String

    /// Both files.
    public init(certificatePath: String, keyPath: String) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
    }
}

/// Addresses with a common beginning: `10.0.0.0/8`, `::1`.
public struct AddressRange: Sendable, Hashable {
    private var bytes: [UInt8]
    private var bits: Int

    /// As it is written: an address, or one and how many bits of it count.
    public var text: String {
        let address: String
        if bytes.count == 4 {
            address = bytes.map { String($0) }.joined(separator: ".")
        } else {
            address = stride(from: 0, to: 16, by: 2).map { place in
                String(UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]), radix: 16)
            }.joined(separator: ":")
        }
        return bits == bytes.count * 8 ? address : "\(address)/\(bits)"
    }

    /// This machine, by IPv4.
    public static let loopback = AddressRange(bytes: [127, 0, 0, 0], bits: 8)

    private init(bytes: [UInt8], bits: Int) {
        self.bytes = bytes
        self.bits = bits
    }

    /// The range that `text` writes; nil: it writes none.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let bytes = Self.bytes(of: parts[0]) else { return nil }
        self.bytes = bytes
        bits = bytes.count * 8
        guard parts.count == 2 else { return }
        guard let length = Int(parts[1]), (0...bits).contains(length) else { return nil }
        bits = length
    }

    /// Whether every address of `other` is one of these.
    public func contains(_ other: AddressRange) -> Bool {
        guard other.bytes.count == bytes.count, other.bits >= bits else { return false }
        for bit in 0..<bits {
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            if (bytes[bit / 8] ^ other.bytes[bit / 8]) & mask != 0 { return false }
        }
        return true
    }

    private static func bytes(of text: String) -> [UInt8]? {
        if text.contains(":") { return sixteen(text) }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard let byte = UInt8(part), part == String(byte) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// The 16 bytes of an IPv6 address; one that holds an IPv4 address (`::ffff:10.0.0.1`) gives the four of that.
    private static func sixteen(_ text: String) -> [UInt8]? {
        if text.lowercased().hasPrefix("::ffff:"), let four = bytes(of: String(text.dropFirst(7))), four.count == 4 {
            return four
        }
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        func words(_ half: Substring) -> [UInt16]? {
            if half.isEmpty { return [] }
            var words: [UInt16] = []
            for part in half.split(separator: ":", omittingEmptySubsequences: false) {
                guard (1...4).contains(part.count), let word = UInt16(part, radix: 16) else { return nil }
                words.append(word)
            }
            return words
        }
        guard let head = words(halves[0]) else { return nil }
        var all = head
        if halves.count == 2 {
            guard let tail = words(halves[1]), head.count + tail.count < 8 else { return nil }
            all += [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail
        }
        guard all.count == 8 else { return nil }
        return all.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }
}

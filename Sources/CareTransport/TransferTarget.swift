import CCurl

/// Where a transfer goes, and under which conditions: what requests of every kind over the network have.
public struct TransferTarget: Sendable {
    /// Where to, without user name and password.
    public var url: TargetURL
    /// How long the whole exchange may take, name lookup included.
    public var timeoutMilliseconds: Int64
    /// How long a connection may take to be made.
    public var connectTimeoutMilliseconds: Int64
    /// Which addresses may be dialled.
    public var addresses: AddressPolicy
    /// A PEM file of certificate authorities instead of the system's.
    public var authoritiesFile: String?
    /// How this side shows who it is, in TLS; nil: it does not.
    public var clientCertificate: ClientCertificate?
    /// What makes the connection; nil: it is made from here.
    public var proxy: TransferProxy?

    /// What this side connects to: the proxy, where there is one.
    var dialled: TargetURL { proxy?.url ?? url }
    /// Which addresses of that may be dialled.
    var dialledAddresses: AddressPolicy { proxy?.addresses ?? addresses }

    /// A target with the usual limits: 15 s, 5 s to connect.
    public init(
        url: TargetURL, timeoutMilliseconds: Int64 = 15_000, connectTimeoutMilliseconds: Int64 = 5_000,
        addresses: AddressPolicy = .publicOnly, authoritiesFile: String? = nil,
        clientCertificate: ClientCertificate? = nil
    ) {
        self.url = url
        self.timeoutMilliseconds = timeoutMilliseconds
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.addresses = addresses
        self.authoritiesFile = authoritiesFile
        self.clientCertificate = clientCertificate
    }
}

/// A proxy that connects to a target in this side's stead, by CONNECT or SOCKS 5; it looks the target's name up itself.
public struct TransferProxy: Sendable {
    /// The schemes there are, with their usual ports.
    public static let schemes = [TargetURL.Scheme("http", port: 3128), TargetURL.Scheme("socks5h", port: 1080)]

    /// Where it is.
    public var url: TargetURL
    /// The login there; nil: none is needed.
    public var user: String?
    /// The login's password.
    public var password: String?
    /// Which of its own addresses may be dialled. What it dials is its own business.
    public var addresses: AddressPolicy

    /// A proxy; whoever has a user has a password.
    public init(url: TargetURL, user: String? = nil, password: String? = nil, addresses: AddressPolicy = .publicOnly) {
        self.url = url
        self.user = user
        self.password = password
        self.addresses = addresses
    }

    /// As libcurl is told: its usual port would be another.
    var text: String { "\(url.scheme)://\(url.host):\(url.port)" }
}

/// A certificate that a client shows in TLS.
public struct ClientCertificate: Sendable, Hashable {
    /// The PEM file of the certificate, with those that lead to its authority.
    public var certificateFile: String
    /// The PEM file of its key.
    public var keyFile: String
    /// The key's password; nil: it has none.
    public var keyPassword: String?

    /// A certificate with its key.
    public init(certificateFile: String, keyFile: String, keyPassword: String? = nil) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.keyPassword = keyPassword
    }
}

/// Which addresses may be dialled. Checked on the address itself, after the name is resolved, for every connection.
public final class AddressPolicy: @unchecked Sendable {
    // Safety: everything is written in `init` only.
    /// Whether loopback, RFC 1918, carrier-grade NAT and IPv6 unique local addresses are allowed.
    public let allowsPrivate: Bool
    let blocks: UnsafeMutableBufferPointer<care_address_block>

    /// Public addresses only.
    public static let publicOnly = AddressPolicy(allowsPrivate: false)
    /// Public and private ones; link-local (cloud metadata), multicast and reserved ones stay refused.
    public static let publicAndPrivate = AddressPolicy(allowsPrivate: true)

    private init(allowsPrivate: Bool) {
        self.allowsPrivate = allowsPrivate
        blocks = .init(start: nil, count: 0)
    }

    /// Public addresses and these blocks, `10.1.0.0/16`, `fd00::/8`, `192.168.1.7`; nil: one of them is not a block.
    public init?(allowing texts: [String]) {
        var read: [care_address_block] = []
        for text in texts {
            var block = care_address_block()
            guard care_address_block_read(text, &block) == 0 else { return nil }
            read.append(block)
        }
        allowsPrivate = false
        blocks = .allocate(capacity: read.count)
        _ = blocks.initialize(from: read)
    }

    /// Whether a host is known to be refused without being looked up: an address that is not allowed, or `localhost`.
    package func refusesUnseen(_ host: String) -> Bool {
        var text = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        if text.hasSuffix(".") { text.removeLast() }
        if text == "localhost" || text.hasSuffix(".localhost") { text = "127.0.0.1" }
        var block = care_address_block()
        guard care_address_block_read(text, &block) == 0 else { return false }
        return withUnsafeBytes(of: block.bytes) { bytes in
            let address = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            switch care_address_class(address) {
            case Int32(CARE_ADDRESS_PUBLIC): return false
            case Int32(CARE_ADDRESS_PRIVATE) where allowsPrivate: return false
            default:
                return !blocks.contains { block in
                    withUnsafePointer(to: block) { care_address_block_holds($0, address) != 0 }
                }
            }
        }
    }

    deinit {
        if blocks.baseAddress != nil { blocks.deallocate() }
    }
}

/// C strings at their places; nil where there is no text.
typealias CTexts = UnsafeMutableBufferPointer<UnsafePointer<CChar>?>

/// Texts as C strings, in one piece of the stack where they fit; nil stays nil.
func withCStrings<Result>(_ texts: [String?], _ body: (CTexts) -> Result) -> Result {
    let size = texts.reduce(0) { $0 + ($1.map { $0.utf8.count + 1 } ?? 0) }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: max(size, 1)) { bytes in
        withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: texts.count) { places in
            var end = 0
            for (index, text) in texts.enumerated() {
                guard var text else {
                    places.initializeElement(at: index, to: nil)
                    continue
                }
                places.initializeElement(at: index, to: bytes.baseAddress.map { UnsafePointer($0 + end) })
                end = text.withUTF8 { utf8 in
                    utf8.withMemoryRebound(to: CChar.self) { bytes[end...].initialize(fromContentsOf: $0) }
                }
                bytes.initializeElement(at: end, to: 0)
                end += 1
            }
            return body(places)
        }
    }
}

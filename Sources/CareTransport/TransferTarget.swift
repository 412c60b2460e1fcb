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

    /// The target for C, which dials `url`, and further texts at their places; valid while `body` runs.
    ///
    /// - Parameter timeout: how much of the time is left, in milliseconds.
    func withC<Result>(
        url: String, _ texts: [String?], timeout: Int64, _ body: (care_target, [UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        let own = [
            url, authoritiesFile, clientCertificate?.certificateFile, clientCertificate?.keyFile,
            clientCertificate?.keyPassword,
        ]
        return withCStrings(texts + own) { all in
            let first = texts.count
            var target = care_target()
            target.url = all[first]
            target.ca_file = all[first + 1]
            target.client_certificate = all[first + 2]
            target.client_key = all[first + 3]
            target.client_key_password = all[first + 4]
            target.timeout_ms = timeout
            target.connect_timeout_ms = min(connectTimeoutMilliseconds, timeout)
            target.allow_private = addresses.allowsPrivate ? 1 : 0
            target.allowed = UnsafePointer(addresses.blocks.baseAddress)
            target.allowed_count = Int32(addresses.blocks.count)
            return body(target, all)
        }
    }
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

    deinit {
        if blocks.baseAddress != nil { blocks.deallocate() }
    }
}

/// Texts as C strings, in one piece of memory; nil stays nil.
private func withCStrings<Result>(_ texts: [String?], _ body: ([UnsafePointer<CChar>?]) -> Result) -> Result {
    var bytes: [CChar] = []
    bytes.reserveCapacity(256)
    let places = texts.map { text -> Int? in
        guard let text else { return nil }
        let place = bytes.count
        for byte in text.utf8 { bytes.append(CChar(bitPattern: byte)) }
        bytes.append(0)
        return place
    }
    return bytes.withUnsafeBufferPointer { buffer in
        body(places.map { place in place.flatMap { place in buffer.baseAddress.map { $0 + place } } })
    }
}

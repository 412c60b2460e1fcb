import CCurl

/// What is sent.
public struct HTTPRequest: Sendable {
    /// `POST`, `PUT`, `GET` ….
    public var method: String
    /// Where to: http or https, without user name and password.
    public var url: TargetURL
    /// Names and values, in order. A value with a control character refuses the whole request.
    public var headers: [(name: String, value: String)]
    /// The body, sent as it is.
    public var body: [UInt8]
    /// How long the whole exchange may take, name lookup included.
    public var timeoutMilliseconds: Int64
    /// How long a connection may take to be made.
    public var connectTimeoutMilliseconds: Int64
    /// Which addresses may be dialled.
    public var addresses: AddressPolicy
    /// `user` and `password` of Basic authentication.
    public var basic: (user: String, password: String)?
    /// Signs by AWS Signature Version 4 instead of Basic, with ``basic`` as key id and secret; nil: does not.
    ///
    /// libcurl 7.88 signs rightly only a POST to `/` without a query.
    public var amazonSignature: AmazonSignature?
    /// A PEM file of certificate authorities instead of the system's.
    public var authoritiesFile: String?
    /// How this side shows who it is, in TLS; nil: it does not.
    public var clientCertificate: ClientCertificate?
    /// HTTP/2 where the receiver offers it by TLS; else HTTP/1.1.
    public var prefersHTTP2: Bool
    /// How many bytes of the answer's body are kept; what is beyond is read and dropped.
    public var keptAnswerBytes: Int
    /// How many bytes of the answer's body are read before the connection is cut.
    public var maximumAnswerBytes: Int

    /// A request with the usual limits: 15 s, 5 s to connect, 4 KiB of the answer kept, 64 KiB read.
    public init(
        method: String, url: TargetURL, headers: [(name: String, value: String)], body: [UInt8],
        timeoutMilliseconds: Int64 = 15_000, connectTimeoutMilliseconds: Int64 = 5_000,
        addresses: AddressPolicy = .publicOnly, basic: (user: String, password: String)? = nil,
        amazonSignature: AmazonSignature? = nil,
        authoritiesFile: String? = nil, clientCertificate: ClientCertificate? = nil, prefersHTTP2: Bool = false,
        keptAnswerBytes: Int = 4_096, maximumAnswerBytes: Int = 65_536
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutMilliseconds = timeoutMilliseconds
        self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
        self.addresses = addresses
        self.basic = basic
        self.amazonSignature = amazonSignature
        self.authoritiesFile = authoritiesFile
        self.clientCertificate = clientCertificate
        self.prefersHTTP2 = prefersHTTP2
        self.keptAnswerBytes = keptAnswerBytes
        self.maximumAnswerBytes = maximumAnswerBytes
    }
}

/// What AWS Signature Version 4 is made for.
public struct AmazonSignature: Sendable, Hashable {
    /// `eu-central-1`.
    public var region: String
    /// `sqs`.
    public var service: String

    /// A signature for one service in one region.
    public init(region: String, service: String) {
        self.region = region
        self.service = service
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

/// What came back: the head whole; the body perhaps not.
public struct HTTPResponse: Sendable, Hashable {
    /// 200 … 599; a receiver may invent others.
    public var status: Int
    /// The value of Retry-After as received, or nil.
    public var retryAfter: String?
    /// The first bytes of the body, up to the request's limit.
    public var body: [UInt8]
    /// False: the body was longer than the limit, or the line was cut or the time over in its middle.
    public var bodyIsComplete: Bool

    /// An answer with all its parts.
    public init(status: Int, retryAfter: String?, body: [UInt8], bodyIsComplete: Bool) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
        self.bodyIsComplete = bodyIsComplete
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

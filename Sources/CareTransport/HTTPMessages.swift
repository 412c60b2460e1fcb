/// One HTTP request.
public struct HTTPRequest: Sendable {
    /// Where to, http or https, and under which conditions.
    public var target: TransferTarget {
        get { shared.target }
        set { shared = SharedTarget(newValue) }
    }
    /// `POST`, `PUT`, `GET` ….
    public var method: String
    /// Names and values, in order. A value with a control character refuses the whole request.
    public var headers: [(name: String, value: String)]
    /// The body, sent as it is.
    public var body: [UInt8]
    /// `user` and `password` of Basic authentication.
    public var basic: (user: String, password: String)?
    /// Signs by AWS Signature Version 4 instead of Basic, with ``basic`` as key id and secret; nil: does not.
    ///
    /// libcurl 7.88 signs rightly only a POST to `/` without a query.
    public var amazonSignature: AmazonSignature?
    /// HTTP/2 where the receiver offers it by TLS; else HTTP/1.1.
    public var prefersHTTP2: Bool
    /// Over a connection of its own, used for nothing else: over one that is kept a request may go out twice, as libcurl
    /// repeats it by itself when the connection has died before anything came.
    public var isSentOnce = false
    /// How long after it was submitted the request may still be sent, in milliseconds; nil: until its time is over.
    public var sendWithinMilliseconds: Int64?
    /// How many bytes of the answer's body are kept; what is beyond is read and dropped.
    public var keptAnswerBytes: Int
    /// How many bytes of the answer's body are read before the connection is cut.
    public var maximumAnswerBytes: Int
    private(set) var shared: SharedTarget

    /// A request with the usual limits: 15 s, 5 s to connect, 4 KiB of the answer kept, 64 KiB read.
    public init(
        method: String, url: TargetURL, headers: [(name: String, value: String)], body: [UInt8],
        timeoutMilliseconds: Int64 = 15_000, connectTimeoutMilliseconds: Int64 = 5_000,
        addresses: AddressPolicy = .publicOnly, basic: (user: String, password: String)? = nil,
        amazonSignature: AmazonSignature? = nil,
        authoritiesFile: String? = nil, clientCertificate: ClientCertificate? = nil, prefersHTTP2: Bool = false,
        keptAnswerBytes: Int = 4_096, maximumAnswerBytes: Int = 65_536
    ) {
        shared = SharedTarget(
            TransferTarget(
                url: url, timeoutMilliseconds: timeoutMilliseconds,
                connectTimeoutMilliseconds: connectTimeoutMilliseconds, addresses: addresses,
                authoritiesFile: authoritiesFile, clientCertificate: clientCertificate))
        self.method = method
        self.headers = headers
        self.body = body
        self.basic = basic
        self.amazonSignature = amazonSignature
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

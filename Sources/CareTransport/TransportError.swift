import CCurl

/// Why there is no answer.
public struct TransportError: Error, Sendable, Hashable {
    /// The kinds a caller can act on.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A header with a control character, an option libcurl refuses.
        case badRequest = "request refused"
        /// Every address of the host is one that the destination does not allow.
        case addressRefused = "address refused"
        /// The name could not be resolved.
        case nameNotResolved = "name not resolved"
        /// Nobody answered at the address.
        case notConnected = "no connection"
        /// The connection was not made in time.
        case connectTimeout = "no connection in time"
        /// The TLS handshake failed, or the certificate is not the host's.
        case tlsFailed = "TLS failed"
        /// No answer in time; the request may have arrived.
        case answerTimeout = "no answer in time"
        /// The line was cut before the answer's head had come.
        case connectionLost = "connection lost"
        /// The answer is not HTTP.
        case badAnswer = "answer not understood"
        /// The proxy did not make the connection.
        case proxyRefused = "no connection by the proxy"
        /// No memory, no socket: ours, not the receiver's.
        case resources = "out of sockets or memory: raise the limit of open files (ulimit -n)"
    }

    /// How to go on.
    public enum Class: Sendable, Hashable {
        /// Nothing was delivered; later it may be.
        case transient
        /// Nothing was delivered, and nothing will be before somebody changes something.
        case permanent
        /// The receiver may or may not have it.
        case unknown
    }

    /// Which kind.
    public var kind: Kind
    /// Whether a part of the request had left.
    public var requestBegun: Bool
    /// libcurl's code, 0 when it was not libcurl that failed.
    public var code: Int
    /// What an HTTP proxy answered instead of connecting; 0: nothing, or there is none.
    public var proxyStatus: Int

    /// An error of `kind`.
    public init(_ kind: Kind, requestBegun: Bool = false, code: Int = 0, proxyStatus: Int = 0) {
        self.kind = kind
        self.requestBegun = requestBegun
        self.code = code
        self.proxyStatus = proxyStatus
    }

    /// A few words for people: no host, no body, no secret.
    public var message: String {
        kind == .proxyRefused && proxyStatus != 0 ? "the proxy answered \(proxyStatus)" : kind.rawValue
    }

    /// How to go on.
    public var classification: Class {
        switch kind {
        case .badRequest, .addressRefused: .permanent
        case .nameNotResolved, .notConnected, .connectTimeout, .tlsFailed, .proxyRefused, .resources: .transient
        case .answerTimeout, .connectionLost, .badAnswer: requestBegun ? .unknown : .transient
        }
    }

    /// The error of a transfer that ended with a libcurl code other than 0 and without an answer's head.
    init(_ done: care_done) {
        let begun = done.request_begun != 0
        let code = CURLcode(UInt32(bitPattern: done.result))
        let kind: Kind =
            switch code {
            case _ where done.blocked != 0: .addressRefused
            case _ where done.no_socket != 0: .resources
            case _ where done.proxy_refused != 0: .proxyRefused
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameNotResolved
            case CURLE_COULDNT_CONNECT: .notConnected
            case CURLE_OPERATION_TIMEDOUT: begun ? .answerTimeout : .connectTimeout
            case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
                CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED:
                .tlsFailed
            // Of an answer: HTTP/0.9, or no HTTP at all.
            case CURLE_UNSUPPORTED_PROTOCOL where begun: .badAnswer
            case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION,
                CURLE_NOT_BUILT_IN:
                .badRequest
            // So libcurl calls a header that is too long.
            case CURLE_OUT_OF_MEMORY where begun: .badAnswer
            case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT: .resources
            // Our own refusal of what comes, as its head is too long.
            case CURLE_WEIRD_SERVER_REPLY, CURLE_WRITE_ERROR: .badAnswer
            default: .connectionLost
            }
        self.init(kind, requestBegun: begun, code: Int(done.result), proxyStatus: Int(done.proxy_status))
    }
}

import CareTransport
import CareValues

/// What one attempt came to, as a channel judges it.
public struct AttemptResult: Sendable, Hashable {
    /// The kinds that the delivery's further course depends on.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The receiver has it.
        case delivered
        /// It does not; later it may.
        case failed
        /// It does not take this one now; others it may: a full mailbox, a grey list.
        case deferred
        /// It does not, and asks to be spared for a while: the whole destination waits.
        case throttled
        /// It does not, and these bytes will never be accepted.
        case permanent
        /// It does not, and the destination is gone for good.
        case gone
        /// It may or may not: the answer was lost.
        case unknown
    }

    /// Which kind.
    public var kind: Kind
    /// The receiver's status code, 0 when there was none.
    public var status: Int
    /// A few words for people; empty when delivered. Never a body, a secret or customer data.
    public var detail: String
    /// How long the receiver asked to wait; nil: it did not ask.
    public var retryAfterMilliseconds: Int64?

    /// A result with all its parts.
    public init(_ kind: Kind, status: Int, detail: String, retryAfterMilliseconds: Int64? = nil) {
        self.kind = kind
        self.status = status
        self.detail = detail
        self.retryAfterMilliseconds = retryAfterMilliseconds
    }

    /// What a transfer comes to: by the protocol's own verdict, and by HTTP's codes where HTTP was spoken.
    ///
    /// | answer | kind |
    /// |---|---|
    /// | 200–299 | delivered, even if the body was cut |
    /// | 410 | gone |
    /// | 429, 503 | throttled |
    /// | 413, 415 | permanent: the same bytes will be too large, or not understood, every time |
    /// | any other | failed, 3xx too: redirects are not followed |
    /// | refused by another protocol | failed |
    /// | none | by the transport error: failed, permanent or unknown |
    ///
    /// Source: Standard Webhooks 1.0.0, "Deliverability and reliability"; 413 and 415 from the CloudEvents HTTP
    /// webhook specification 1.0, section 2.2.
    public init(_ result: TransferResult, now: Timestamp) {
        switch result {
        case .accepted:
            self.init(.delivered, status: 0, detail: "")
        case .refused(let code, let detail):
            self.init(.failed, status: code, detail: detail)
        case .failure(let error):
            let kind: Kind =
                switch error.classification {
                case .transient: .failed
                case .permanent: .permanent
                case .unknown: .unknown
                }
            self.init(kind, status: 0, detail: error.message)
        case .response(let response):
            let wait = response.retryAfter.flatMap { RetryAfter.milliseconds($0, now: now) }
            let kind: Kind =
                switch response.status {
                case 200...299: .delivered
                case 410: .gone
                case 429, 503: .throttled
                case 413, 415: .permanent
                default: .failed
                }
            guard kind != .delivered else {
                self.init(.delivered, status: response.status, detail: "")
                return
            }
            var detail = "\(response.status)"
            if let phrase = Self.phrases[response.status] { detail += " \(phrase)" }
            if let wait { detail += ", Retry-After \((wait + 999) / 1000)" }
            self.init(kind, status: response.status, detail: detail, retryAfterMilliseconds: wait)
        }
    }

    /// The words of RFC 9110 and 6585 for the codes that receivers answer.
    private static let phrases: [Int: String] = [
        301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
        308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 402: "Payment Required",
        403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
        408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed",
        413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type",
        421: "Misdirected Request", 422: "Unprocessable Content", 423: "Locked", 425: "Too Early",
        428: "Precondition Required", 429: "Too Many Requests", 431: "Request Header Fields Too Large",
        451: "Unavailable For Legal Reasons", 500: "Internal Server Error", 501: "Not Implemented",
        502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout", 507: "Insufficient Storage",
    ]
}

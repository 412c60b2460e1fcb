/// What a ``TransferLoop`` can be asked for: one case for each way of speaking.
public enum TransferRequest: Sendable {
    /// An HTTP request.
    case http(HTTPRequest)
    /// A message over a connection that is kept, in a protocol of its own.
    case conversation(ConversationRequest)
    /// A line for a file or an open descriptor: no network.
    case line(LineRequest)

    /// The HTTP request; nil: it is another kind.
    public var http: HTTPRequest? {
        if case .http(let request) = self { request } else { nil }
    }

    /// The message for a connection; nil: it is another kind.
    public var conversation: ConversationRequest? {
        if case .conversation(let request) = self { request } else { nil }
    }

    /// Lets it be sent only within so many milliseconds from when it is submitted: one that would be sent later, as the
    /// connection was not there before, is not sent, and ends as ``TransportError/Kind/connectTimeout``.
    public mutating func limit(sendWithin milliseconds: Int64) {
        switch self {
        case .http(var request):
            request.sendWithinMilliseconds = milliseconds
            self = .http(request)
        case .conversation(var request):
            request.sendWithinMilliseconds = milliseconds
            self = .conversation(request)
        case .line: break
        }
    }

    /// Makes sure that nothing on this side sends it a second time.
    public mutating func sendOnce() {
        guard case .http(var request) = self else { return }
        request.isSentOnce = true
        self = .http(request)
    }

    /// How long after it was submitted it may still be sent, in milliseconds; nil: until its time is over.
    var sendWithinMilliseconds: Int64? {
        switch self {
        case .http(let request): request.sendWithinMilliseconds
        case .conversation(let request): request.sendWithinMilliseconds
        case .line: nil
        }
    }

    /// Where it goes, for people: host and port alone, as the rest of an address may be a secret; empty: nowhere over
    /// the network.
    public var place: String {
        if case .line = self { return "" }
        return "\(target.url.host):\(target.url.port)"
    }

    /// The host that is connected to first, the proxy's where there is one; nil: nothing goes over the network.
    public var dialledHost: String? {
        if case .line = self { return nil }
        return target.dialled.host
    }

    /// Where it goes.
    var target: TransferTarget { shared.target }

    var shared: SharedTarget {
        switch self {
        case .http(let request): request.shared
        case .conversation(let request): request.endpoint.shared
        case .line: preconditionFailure("a line goes nowhere over the network")
        }
    }
}

/// How a transfer ended.
public enum TransferResult: Sendable, Hashable {
    /// The head of an answer to an HTTP request came whole.
    case response(HTTPResponse)
    /// The receiver says that it has the message.
    case accepted
    /// The receiver says that it does not have it.
    ///
    /// - code: the protocol's own number, 0 where it has none.
    /// - detail: a few words for people: never what a stranger wrote, a secret or customer data.
    case refused(code: Int, detail: String)
    /// No answer, or none that can be understood.
    case failure(TransportError)
}

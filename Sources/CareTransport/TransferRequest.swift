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

    /// Where it goes, for people: host and port alone, as the rest of an address may be a secret; empty: nowhere over
    /// the network.
    public var place: String {
        if case .line = self { return "" }
        return "\(target.url.host):\(target.url.port)"
    }

    /// Where it goes.
    var target: TransferTarget {
        switch self {
        case .http(let request): request.target
        case .conversation(let request): request.endpoint.target
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

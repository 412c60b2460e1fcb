import Hummingbird
import Logging
import NIOCore

/// What goes along with one request.
public struct CareRequestContext: RequestContext {
    /// What the router needs.
    public var coreContext: CoreRequestContextStorage
    /// The request's id, in the answer's `X-Request-Id`, in logs and in the audit log.
    public var requestID = ""
    /// The address of the client: the connection's, or what a trusted proxy says.
    public var address: String
    /// Whether the connection itself comes from this machine, without a proxy in between.
    public var isLocal: Bool
    /// Whether the client came by TLS, to this server or to a trusted proxy.
    public var isSecure = false
    /// Who makes the request; nil: nobody known.
    public var identity: Identity?

    /// The context of a request on `source`'s connection.
    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? "127.0.0.1"
        isLocal = true
    }

    private struct NoConnection: RequestContextSource {
        var logger: Logger
    }

    /// The context of a request that came by no connection, as tests make them.
    init(address: String) {
        coreContext = CoreRequestContextStorage(source: NoConnection(logger: Logger(label: "care")))
        self.address = address
        isLocal = true
    }

    /// Nothing is decoded by the router itself.
    public var maxUploadSize: Int { 0 }
}

import CareEngine
import CareThreads
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// The server of the interface, the console and whatever else adds routes.
public struct HTTPServer: Sendable {
    /// How long requests under way may take when it is stopped, in seconds.
    private static let graceSeconds = 10

    private let headTime: TimeAmount
    private let bodyTime: TimeAmount
    private let service: ServiceContext
    private let table: RouteTable
    private let responder: RouterResponder<CareRequestContext>
    private let group = Lock<(group: ServiceGroup?, isStopped: Bool)>((nil, false))

    /// A server of the routes of `sets`.
    public init(service: ServiceContext, sets: [any RouteSet]) {
        self.init(service: service, sets: sets, headMilliseconds: 30_000, bodyMilliseconds: 60_000)
    }

    /// As above.
    ///
    /// - Parameters:
    ///   - headMilliseconds: how long a request's head may take, and a connection may rest.
    ///   - bodyMilliseconds: how long its body may take.
    init(service: ServiceContext, sets: [any RouteSet], headMilliseconds: Int64, bodyMilliseconds: Int64) {
        self.service = service
        headTime = .milliseconds(headMilliseconds)
        bodyTime = .milliseconds(bodyMilliseconds)
        table = RouteTable(service: service)
        for set in sets { set.add(to: table) }
        responder = table.router(
            RateLimiter(requestsPerSecond: service.environment.server.requestsPerSecond)
        ).buildResponder()
    }

    /// All routes, in the order they were added.
    public var routes: [RouteTable.Route] { table.routes }

    /// Takes requests until ``stop()``, and lets those under way end.
    ///
    /// - Parameter onListening: gets the port once requests are taken.
    /// - Throws: when the address cannot be listened at.
    public func run(onListening: @escaping @Sendable (_ port: Int) -> Void) async throws {
        let settings = service.environment.server
        var logger = Logger(label: "care")
        logger.logLevel = .critical
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [RequestDeadlines(head: headTime, body: bodyTime)],
            idleTimeout: bodyTime,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
        let tls = service.tls
        let builder = HTTPServerBuilder { responder in
            let plain = HTTP1Channel(responder: responder, configuration: channel)
            guard let tls else { return plain }
            return TLSChannel(plain: plain, tls: tls)
        }
        let application = Application(
            responder: responder, server: builder,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: nil, backlog: 1_024,
                availableConnectionsDelegate: .maximum(settings.connections, logger: logger)),
            onServerRunning: { onListening($0.localAddress?.port ?? settings.port) }, logger: logger)
        var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(Self.graceSeconds)
        let group = ServiceGroup(configuration: configuration)
        let isStopped = self.group.withLock { state in
            state.group = group
            return state.isStopped
        }
        if !isStopped { try await group.run() }
    }

    /// Ends ``run(onListening:)``: takes no more connections, lets requests under way end. Any thread.
    public func stop() {
        let group = group.withLock { state in
            state.isStopped = true
            return state.group
        }
        guard let group else { return }
        Task { await group.triggerGracefulShutdown() }
    }

    /// The answer to a request that came by no connection: for tests.
    func respond(to request: Request, from address: String = "127.0.0.1") async throws -> Response {
        try await responder.respond(to: request, context: CareRequestContext(address: address))
    }
}

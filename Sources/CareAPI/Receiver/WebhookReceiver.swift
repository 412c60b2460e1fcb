import CareDispatch
import CareThreads
import CareValues
import Hummingbird

/// A small local server that takes webhooks, checks their signatures and tells what came: `care receive`.
public struct WebhookReceiver: Sendable {
    /// How it behaves.
    public struct Options: Sendable {
        /// The address to listen at; only this machine's own by default.
        public var host = "127.0.0.1"
        /// The port; 0: any that is free.
        public var port = 8421
        /// The keys that a signature may be made with.
        public var keys: [SigningKey]
        /// The status to answer to good requests, for trials.
        public var respondStatus = 204
        /// The Retry-After to answer with it, or nil.
        public var respondRetryAfter: String?
        /// The longest body taken, in bytes; longer ones are answered 413.
        public var maximumBodyBytes = 1 << 20
        /// The real clock.
        public var clock: any DispatchClock = SystemDispatchClock()

        /// The usual behaviour, with these keys.
        public init(keys: [SigningKey]) {
            self.keys = keys
        }
    }

    /// How many requests came.
    public struct Counts: Sendable, Hashable {
        /// With a good signature.
        public var verified = 0
        /// With a bad one.
        public var refused = 0
    }

    private let options: Options
    private let onListening: @Sendable (_ port: Int) -> Void
    private let onReceive: @Sendable (ReceivedWebhook) -> Void
    private let tally = Lock(Counts())

    /// A receiver that calls back.
    ///
    /// - Parameter onListening: gets the port once requests are taken.
    /// - Parameter onReceive: gets every request, good or bad, after it was judged; may be called by several threads.
    public init(
        options: Options, onListening: @escaping @Sendable (_ port: Int) -> Void = { _ in },
        onReceive: @escaping @Sendable (ReceivedWebhook) -> Void
    ) {
        self.options = options
        self.onListening = onListening
        self.onReceive = onReceive
    }

    /// How many requests came so far.
    public var counts: Counts { tally.withLock { $0 } }

    /// Takes requests until the task is cancelled or the process is asked to end.
    ///
    /// - Throws: when the address cannot be listened at.
    public func run() async throws {
        let router = Router()
        router.post("/") { request, _ in await answer(request) }
        router.post("**") { request, _ in await answer(request) }
        let onListening = onListening
        var application = Application(
            router: router,
            configuration: .init(address: .hostname(options.host, port: options.port), serverName: "care-receive"),
            onServerRunning: { channel in onListening(channel.localAddress?.port ?? 0) })
        application.logger.logLevel = .critical
        try await application.runService()
    }

    private func answer(_ request: Request) async -> Response {
        guard let buffer = try? await request.body.collect(upTo: options.maximumBodyBytes) else {
            return Response(status: .contentTooLarge)
        }
        let body = Array(buffer.readableBytesView)
        let now = options.clock.now()
        let id = Self.header("webhook-id", of: request)
        let verdict = StandardWebhooks.verify(
            id: id, timestamp: Self.header("webhook-timestamp", of: request),
            signature: Self.header("webhook-signature", of: request),
            body: body, keys: options.keys, nowSeconds: now.milliseconds / 1000)
        var received = ReceivedWebhook(
            receivedAt: now, path: request.uri.path, verdict: verdict,
            status: verdict.isValid ? options.respondStatus : 401, id: id ?? "", type: "", subject: "", data: "")
        if verdict.isValid { received.read(body: body) { Self.header($0, of: request) } }
        tally.withLock { counts in
            if verdict.isValid { counts.verified += 1 } else { counts.refused += 1 }
        }
        onReceive(received)
        var response = Response(status: .init(code: received.status))
        if verdict.isValid, let value = options.respondRetryAfter { response.headers[.retryAfter] = value }
        return response
    }

    private static func header(_ name: String, of request: Request) -> String? {
        request.headers.first { $0.name.canonicalName == name }?.value
    }
}

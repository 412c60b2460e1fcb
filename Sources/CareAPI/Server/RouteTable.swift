import CareThreads
import HTTPTypes
import Hummingbird

/// A set of routes that belong together.
public protocol RouteSet: Sendable {
    /// Adds them.
    func add(to routes: RouteTable)
}

/// What a route asks of whoever calls it.
public enum RouteAccess: Sendable, Hashable {
    /// Nothing.
    case anyone
    /// A token or a session that may do this; others are answered 401 or 403.
    case scope(Scope)
    /// A session that may do this; others are sent to sign in.
    case page(Scope)
    /// A session, whatever it may do; others are sent to sign in.
    case session
}

/// The routes of the server: who may call what is said here, and nowhere else.
public final class RouteTable {
    /// One route.
    public struct Route: Sendable, Hashable {
        /// The method, `GET`.
        public var method: String
        /// The path, `/v1/customers/:id`.
        public var path: String
        /// What it asks of who calls it.
        public var access: RouteAccess
    }

    /// What carries a route out.
    public typealias Handler = @Sendable (Call) async throws -> Response

    /// The path that browsers without a session are sent to.
    public static let signInPath = "/sign-in"

    /// What the routes stand on.
    public let service: ServiceContext
    /// All of them, in the order they were added.
    public private(set) var routes: [Route] = []
    private var handlers: [Handler] = []
    /// The page that tells people of a problem with a route that asks for a session; nil: as everywhere else.
    public var problemPage: (@Sendable (Problem, Call) async -> Response)?

    init(service: ServiceContext) {
        self.service = service
    }

    /// Adds a route that looks at something.
    public func get(_ path: String, _ access: RouteAccess, _ handler: @escaping Handler) {
        add("GET", path, access, handler)
    }
    /// Adds a route that does something.
    public func post(_ path: String, _ access: RouteAccess, _ handler: @escaping Handler) {
        add("POST", path, access, handler)
    }
    /// Adds a route that replaces something.
    public func put(_ path: String, _ access: RouteAccess, _ handler: @escaping Handler) {
        add("PUT", path, access, handler)
    }
    /// Adds a route that changes something.
    public func patch(_ path: String, _ access: RouteAccess, _ handler: @escaping Handler) {
        add("PATCH", path, access, handler)
    }
    /// Adds a route that takes something away.
    public func delete(_ path: String, _ access: RouteAccess, _ handler: @escaping Handler) {
        add("DELETE", path, access, handler)
    }

    private func add(_ method: String, _ path: String, _ access: RouteAccess, _ handler: @escaping Handler) {
        precondition(
            !routes.contains { $0.method == method && $0.path == path }, "\(method) \(path) is there already")
        routes.append(Route(method: method, path: path, access: access))
        handlers.append(handler)
    }

    /// The router of these routes, behind what is the same for all.
    func router(_ limiter: RateLimiter) -> Router<CareRequestContext> {
        let router = Router(context: CareRequestContext.self)
        let gate = RouteGate(service: service, limiter: limiter, problemPage: problemPage)
        // The router does not come back to `**` from a path that began like another route.
        let rest = zip(routes, handlers).first { $0.0.path.hasSuffix("/**") }.map { route, handler in
            (below: String(route.path.dropLast(2)), respond: gate.guarding(route, handler))
        }
        router.add(
            middleware: RequestScope(
                service: service, methods: { [routes] in RouteTable.methods(at: $0, of: routes) }, rest: rest))
        router.add(middleware: GzipAnswers())
        for (route, handler) in zip(routes, handlers) {
            guard let method = HTTPRequest.Method(route.method) else {
                preconditionFailure("no method \(route.method)")
            }
            let respond = gate.guarding(route, handler)
            router.on(RouterPath(route.path), method: method, use: respond)
            if method == .get, !routes.contains(where: { $0.path == route.path && $0.method == "HEAD" }) {
                router.on(RouterPath(route.path), method: .head) { request, context in
                    try await respond(request, context).createHeadResponse()
                }
            }
        }
        addRefusals(to: router)
        return router
    }

    /// The methods of the routes that a path as it was sent leads to; empty: it leads nowhere.
    static func methods(at path: String, of routes: [Route]) -> [String] {
        let sent = path.split(separator: "/")
        let found = routes.filter { route in
            let parts = route.path.split(separator: "/")
            return parts.count == sent.count
                && zip(parts, sent).allSatisfy { $0.first == ":" || $0 == $1 }
        }.map(\.method)
        return found.contains("GET") ? found + ["HEAD"] : found
    }

    /// What paths answer to methods that they do not have: 405 with those that they have, and to what browsers ask first.
    private func addRefusals(to router: Router<CareRequestContext>) {
        let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options, .trace]
        var paths: [String] = []
        for route in routes where !paths.contains(route.path) { paths.append(route.path) }
        for path in paths {
            var allowed = routes.filter { $0.path == path }.map(\.method)
            if allowed.contains("GET") { allowed.append("HEAD") }
            let methods = allowed
            let takesOrigins = routes.contains { $0.path == path && $0.access.isForScripts }
            for method in known where !methods.contains(method.rawValue) {
                router.on(RouterPath(path), method: method) { request, context -> Response in
                    if method == .options, takesOrigins,
                        let answer = CrossOrigin.preflight(request, methods, self.service.environment.server)
                    {
                        return answer
                    }
                    throw Problem.methodNotAllowed(methods)
                }
            }
        }
    }
}

// Safety: routes are added by one thread before the router is made, and only read afterwards.
extension RouteTable: @unchecked Sendable {}

extension RouteAccess {
    /// Whether scripts of other origins may call it, where the settings name those.
    var isForScripts: Bool { if case .scope = self { true } else { false } }
}

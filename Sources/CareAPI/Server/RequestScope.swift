import CareEngine
import CareValues
import HTTPTypes
import Hummingbird

/// The outermost ring around every request: its id, the client's address, errors as problems, what every answer carries.
struct RequestScope: RouterMiddleware {
    let service: ServiceContext
    /// The methods that there are at a path.
    let methods: @Sendable (_ path: String) -> [String]
    /// What answers for paths that begin so and lead nowhere; nil: nothing does.
    var rest: (below: String, respond: @Sendable (Request, CareRequestContext) async throws -> Response)?

    private static let requestID = HTTPField.Name("X-Request-Id")
    private static let frames = HTTPField.Name("X-Frame-Options")
    private static let referrer = HTTPField.Name("Referrer-Policy")

    func handle(
        _ request: Request, context: CareRequestContext,
        next: (Request, CareRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = Self.id(of: request)
        locate(request, &context)
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            do {
                response = try await leftOver(error, request, context) ?? answer(to: error, request, context)
            } catch {
                response = answer(to: error, request, context)
            }
        }
        if let name = Self.requestID { response.headers[name] = context.requestID }
        response.headers[.xContentTypeOptions] = "nosniff"
        if let name = Self.frames { response.headers[name] = "DENY" }
        if let name = Self.referrer { response.headers[name] = "same-origin" }
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] =
                "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        if context.isSecure { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        CrossOrigin.mark(&response, request, service.environment.server)
        return response
    }

    /// The page of a path that leads nowhere, where somebody looks for pages; nil: nobody does.
    private func leftOver(
        _ error: any Error, _ request: Request, _ context: CareRequestContext
    ) async throws -> Response? {
        guard let rest, request.method == .get || request.method == .head, request.uri.path.hasPrefix(rest.below),
            Problem.of(error)?.code == "no-such-resource", methods(request.uri.path).isEmpty
        else { return nil }
        let response = try await rest.respond(request, context)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(to error: any Error, _ request: Request, _ context: CareRequestContext) -> Response {
        if var problem = Problem.of(error) {
            // The router knows only methods that some path has.
            let allow = problem.code == "no-such-resource" ? methods(request.uri.path) : []
            if !allow.isEmpty, !allow.contains(request.method.rawValue) {
                problem = .methodNotAllowed(allow)
            }
            return problem.response(requestID: context.requestID)
        }
        // The client gets no detail of what is our own trouble; the operator does, without the request's data.
        service.observe(
            .requestFailed(
                request: context.requestID, route: "\(request.method.rawValue) \(context.endpointPath ?? "")",
                detail: Self.detail(of: error)))
        return Problem(500, "internal", "the request failed; the log has more under its id")
            .response(requestID: context.requestID)
    }

    private static func detail(of error: any Error) -> String {
        if let error = error as? EngineError { return "\(error)" }
        return "\(type(of: error))"
    }

    /// The id the client sent, if it is plain; else a new one.
    private static func id(of request: Request) -> String {
        if let name = requestID, let sent = request.headers[name], (1...64).contains(sent.utf8.count),
            sent.utf8.allSatisfy({ byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || byte == 0x2D || byte == 0x5F || byte == 0x2E || byte == 0x3A
            })
        {
            return sent
        }
        return "req_" + Secrets.random(bytes: 12)
    }

    /// Where the request comes from: what the nearest address that is no trusted proxy says.
    private func locate(_ request: Request, _ context: inout CareRequestContext) {
        let settings = service.environment.server
        var forwarded: [String] = []
        for field in request.headers where field.name.canonicalName == "x-forwarded-for" {
            forwarded += field.value.split(separator: ",").map { $0.filter { $0 != " " } }
        }
        let peer = AddressRange(context.address)
        let isLoopback = context.address == "::1" || peer.map { AddressRange.loopback.contains($0) } ?? false
        context.isLocal = isLoopback && forwarded.isEmpty
        context.isSecure = service.tls != nil
        guard let peer, settings.trustedProxies.contains(where: { $0.contains(peer) }) else { return }
        if request.headers.first(where: { $0.name.canonicalName == "x-forwarded-proto" })?.value == "https" {
            context.isSecure = true
        }
        for text in forwarded.reversed() {
            guard let address = AddressRange(text) else { return }
            context.address = text
            if !settings.trustedProxies.contains(where: { $0.contains(address) }) { return }
        }
    }
}

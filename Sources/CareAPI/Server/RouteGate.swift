import CareEngine
import CareThreads
import CareValues
import Foundation
import HTTPTypes
import Hummingbird

/// Finds out who calls, and lets through who may.
struct RouteGate: Sendable {
    let service: ServiceContext
    let limiter: RateLimiter
    /// Tells people of a problem, where a route asks for a session.
    var problemPage: (@Sendable (Problem, Call) async -> Response)?

    /// The route's handler, for those whom it is for.
    func guarding(
        _ route: RouteTable.Route, _ handler: @escaping RouteTable.Handler
    ) -> @Sendable (Request, CareRequestContext) async throws -> Response {
        { request, context in
            var context = context
            do {
                context.identity = try identity(of: request)
            } catch {
                // Guesses take from their sender's share too.
                try limit(context)
                throw error
            }
            try limit(context)
            let call = Call(request, context, service)
            switch route.access {
            case .anyone: break
            case .scope(let scope):
                guard let identity = context.identity else {
                    throw Problem(401, "not-authenticated", "this asks for a token: Authorization: Bearer care_…")
                }
                try Self.require(scope, of: identity)
                try await checkCSRF(call)
            case .page, .session:
                guard let identity = context.identity, identity.kind == .session else {
                    return call.redirect(to: Self.signIn(next: request))
                }
                do {
                    if case .page(let scope) = route.access { try Self.require(scope, of: identity) }
                    try await checkCSRF(call)
                    return try await handler(call)
                } catch {
                    guard let problemPage, let problem = Problem.of(error) else { throw error }
                    return await problemPage(problem, call)
                }
            }
            return try await handler(call)
        }
    }

    static func require(_ scope: Scope, of identity: Identity) throws {
        guard identity.may(scope) else {
            throw Problem(
                403, "wrong-scope", "this asks for the scope '\(scope.rawValue)'",
                more: [("scope", .string(scope.rawValue))])
        }
    }

    /// Who sends it: a token as `Bearer`, or as either part of `Basic`; else the session's cookie.
    private func identity(of request: Request) throws -> Identity? {
        if let value = request.headers[.authorization] {
            for token in Self.tokens(in: value) {
                if let identity = try service.access.identity(ofToken: token) { return identity }
            }
            throw Problem(401, "bad-token", "no such token, or it was taken back")
        }
        guard let session = Call.sessionID(of: request) else { return nil }
        let identity = try service.access.identity(ofSession: session)
        let seen = service.access.takeSessionsSeen()
        if !seen.isEmpty {
            // Not here, where many requests share a few threads; what fails is tried again with a later request.
            Task { [service] in try? await service.work.run { try service.access.note(sessionsSeen: seen) } }
        }
        return identity
    }

    /// What may be a token in an `Authorization` header.
    static func tokens(in header: String) -> [String] {
        let parts = header.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return [] }
        let rest = parts[1].trimmingCharacters(in: .whitespaces)
        switch parts[0].lowercased() {
        case "bearer": return [rest]
        case "basic":
            guard let data = Data(base64Encoded: rest), let text = String(data: data, encoding: .utf8) else {
                return []
            }
            return text.split(separator: ":", maxSplits: 1).map(String.init)
        default: return []
        }
    }

    private func limit(_ context: CareRequestContext) throws {
        let key = context.identity.map { "\($0.kind.rawValue):\($0.name)" } ?? context.address
        let wait = limiter.take(key, now: monotonicMilliseconds())
        guard wait == 0 else {
            throw Problem(429, "rate-limited", "too many requests", retryAfterSeconds: Int((wait + 999) / 1000))
        }
    }

    /// Whoever comes by a cookie must show, with every change, what only our own pages know.
    private func checkCSRF(_ call: Call) async throws {
        guard let identity = call.identity, identity.kind == .session,
            ![HTTPRequest.Method.get, .head].contains(call.request.method)
        else { return }
        var sent = call.header("x-csrf-token")
        if sent == nil,
            call.header("content-type")?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false
        {
            sent = try await call.form()["csrf"]
        }
        guard let sent, Secrets.areEqual(sent, identity.csrfToken) else {
            throw Problem(403, "bad-csrf-token", "the form is out of date; load the page anew")
        }
    }

    private static func signIn(next request: Request) -> String {
        guard request.method == .get, request.uri.path != "/" else { return RouteTable.signInPath }
        let path = request.uri.path.utf8.map { byte -> String in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            if isPlain || byte == 0x2F || byte == 0x2D || byte == 0x2E || byte == 0x5F {
                return String(UnicodeScalar(byte))
            }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
        return RouteTable.signInPath + "?next=" + path
    }
}

/// Requests from one sender: so many a second, twice as many at once after a rest.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var at: Int64
    }
    /// The most senders that are remembered; those who rest are forgotten beyond it.
    private static let most = 20_000

    private let rate: Double
    private let buckets = Lock<[String: Bucket]>([:])

    init(requestsPerSecond rate: Double) {
        self.rate = rate
    }

    /// Takes one; how many milliseconds to wait before asking again, 0: it was there.
    ///
    /// - Parameter now: of a clock that only runs forward, in milliseconds.
    func take(_ key: String, now: Int64) -> Int64 {
        buckets.withLock { buckets in
            let burst = max(rate * 2, 1)
            if buckets.count >= Self.most, buckets[key] == nil {
                buckets = buckets.filter { now - $0.value.at < 2_000 }
                if buckets.count >= Self.most { buckets.removeAll() }
            }
            var bucket = buckets[key] ?? Bucket(tokens: burst, at: now)
            bucket.tokens = min(burst, bucket.tokens + Double(max(now - bucket.at, 0)) * rate / 1000)
            bucket.at = now
            defer { buckets[key] = bucket }
            if bucket.tokens >= 1 {
                bucket.tokens -= 1
                return 0
            }
            return max(Int64(((1 - bucket.tokens) * 1000 / rate).rounded(.up)), 1)
        }
    }
}

/// Calls by scripts of other origins, where the settings name those. Source: the Fetch standard, CORS protocol.
enum CrossOrigin {
    private static let origin = HTTPField.Name("Access-Control-Allow-Origin")
    private static let methods = HTTPField.Name("Access-Control-Allow-Methods")
    private static let headers = HTTPField.Name("Access-Control-Allow-Headers")
    private static let exposed = HTTPField.Name("Access-Control-Expose-Headers")
    private static let age = HTTPField.Name("Access-Control-Max-Age")

    /// The origin of a request, where it may call.
    static func allowed(_ request: Request, _ settings: ServerSettings) -> String? {
        guard !settings.allowedOrigins.isEmpty, let sent = request.headers[.origin] else { return nil }
        return settings.allowedOrigins.contains(sent) || settings.allowedOrigins.contains("*") ? sent : nil
    }

    /// The answer to what a browser asks before it calls; nil: this origin may not.
    static func preflight(_ request: Request, _ allow: [String], _ settings: ServerSettings) -> Response? {
        guard allowed(request, settings) != nil else { return nil }
        var response = Response(status: .noContent)
        if let methods { response.headers[methods] = allow.joined(separator: ", ") }
        if let headers {
            response.headers[headers] =
                "Authorization, Content-Type, Content-Encoding, Idempotency-Key, If-Match, If-None-Match"
        }
        if let age { response.headers[age] = "600" }
        return response
    }

    /// Lets the caller's page read the answer.
    static func mark(_ response: inout Response, _ request: Request, _ settings: ServerSettings) {
        guard let sent = allowed(request, settings), let origin else { return }
        response.headers[origin] = sent
        response.headers.addVary("Origin")
        // Else the page may read only what every answer has.
        if let exposed { response.headers[exposed] = "ETag, X-Request-Id, Retry-After" }
    }
}

extension HTTPFields {
    /// Says that the answer also depends on a header of the request.
    mutating func addVary(_ name: String) {
        let known = self[.vary].map { $0 + ", " } ?? ""
        guard
            !known.lowercased().split(separator: ",").contains(where: { $0.filter { $0 != " " } == name.lowercased() })
        else { return }
        self[.vary] = known + name
    }
}

import CareEngine
import CareStore
import CareValues
import Hummingbird
import NIOCore

/// Why a request was not carried out, as the client reads it: RFC 9457, with a stable code.
public struct Problem: Error, Sendable {
    /// The HTTP status.
    public var status: Int
    /// The stable name, `unknown-customer`.
    public var code: String
    /// A sentence that is right for this one request.
    public var detail: String
    /// What else is known, by name.
    public var more: [(name: String, value: JSONValue)]
    /// When to ask again, in seconds; nil: it makes no difference.
    public var retryAfterSeconds: Int?
    /// The methods there are, of a 405.
    public var allow: [String] = []

    /// A problem with all its parts.
    public init(
        _ status: Int, _ code: String, _ detail: String, more: [(name: String, value: JSONValue)] = [],
        retryAfterSeconds: Int? = nil
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.more = more
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// Findings in rules or other files: 422, each with its place.
    public static func findings(_ diagnostics: [Diagnostic], _ detail: String) -> Problem {
        Problem(422, "findings", detail, more: [("diagnostics", .array(diagnostics.map(\.json)))])
    }

    /// Something stored of the customer that is asked about, or told of, cannot be read: 409, since sending the same
    /// again changes nothing until somebody has mended or erased that customer.
    public static var unreadableCustomer: Problem {
        let refusal = ItemRefusal.unreadableCustomer
        return Problem(409, refusal.code, refusal.reason)
    }

    /// What `body`, which is about one customer, answers.
    ///
    /// - Throws: what it throws; ``unreadableCustomer`` where something stored of the customer cannot be read.
    public static func reading<Answer>(_ body: () throws -> Answer) throws -> Answer {
        do {
            return try body()
        } catch let error where UnreadableCustomer.isCause(of: error) {
            throw Problem.unreadableCustomer
        }
    }

    /// The path has other methods than the one it was asked by.
    static func methodNotAllowed(_ allow: [String]) -> Problem {
        var problem = Problem(405, "method-not-allowed", "this path does not have that method")
        problem.allow = allow
        return problem
    }

    /// The problem that an error is; nil: a defect or a failure of ours, of which the client is told nothing.
    static func of(_ error: any Error) -> Problem? {
        switch error {
        case let problem as Problem: return problem
        case let refusal as LiveRefusal:
            switch refusal {
            case .busy(let seconds):
                return Problem(
                    429, "busy", "more waits to be written than may wait", retryAfterSeconds: seconds)
            case .notRunning:
                return Problem(503, "not-ready", "the service is starting or ending", retryAfterSeconds: 2)
            case .storeFull: return Problem(507, "store-full", "the disk is full; nothing was stored")
            case .keyReused:
                return Problem(
                    422, "key-reused", "this Idempotency-Key was used for another request; nothing was stored")
            case .failed: return Problem(503, "store-failed", "the store cannot be written", retryAfterSeconds: 30)
            }
        case let error as StoreError:
            if error.code == .full { return Problem(507, "store-full", "the disk is full; nothing was stored") }
            return nil
        case let error as AccessError: return Problem(error)
        case is NIOTooManyBytesError:
            return Problem(413, "body-too-large", "the body is larger than the server takes")
        case let error as any HTTPResponseError: return Problem(status: error.status.code)
        default: return nil
        }
    }

    private init(_ error: AccessError) {
        switch error {
        case .unusable: self.init(503, "access-unusable", "who may do what cannot be read now", retryAfterSeconds: 5)
        case .nameTaken(let name): self.init(409, "name-taken", "there is a '\(name)' already")
        case .unknownName(let name): self.init(404, "unknown-name", "there is no '\(name)'")
        case .badName: self.init(422, "bad-name", "a name has 1 to 64 bytes and no control characters")
        case .badPassword:
            self.init(422, "bad-password", "a password has at least \(Access.shortestPassword) characters")
        case .wrongCredentials: self.init(401, "wrong-credentials", "name or password is wrong")
        case .throttled(let seconds):
            self.init(429, "throttled", "too many wrong ones; wait a while", retryAfterSeconds: seconds)
        case .badSetupLink: self.init(403, "bad-setup-link", "the setup link is not valid any more")
        }
    }

    /// What the server's own refusals mean.
    private init(status: Int) {
        switch status {
        case 404: self.init(404, "no-such-resource", "there is nothing at this path")
        case 413: self.init(413, "body-too-large", "the body is larger than the server takes")
        default: self.init(status, "http-\(status)", Self.titles[status] ?? "the request failed")
        }
    }

    /// What statuses are called. Source: RFC 9110 §15; RFC 6585; RFC 4918.
    private static let titles = [
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        409: "Conflict", 412: "Precondition Failed", 413: "Content Too Large", 415: "Unsupported Media Type",
        422: "Unprocessable Content", 429: "Too Many Requests", 500: "Internal Server Error",
        503: "Service Unavailable", 507: "Insufficient Storage",
    ]

    /// The answer that says it.
    public func response(requestID: String) -> Response {
        var members: [(name: String, value: JSONValue)] = [
            ("type", .string("urn:care:problem:\(code)")),
            ("title", .string(Self.titles[status] ?? "Error")),
            ("status", .number(Double(status))), ("code", .string(code)), ("detail", .string(detail)),
            ("request", .string(requestID)),
        ]
        members += more
        // What SDKs for events read of an error.
        members.append(("message", .string(detail)))
        var response = Response(
            status: .init(code: status), headers: [.contentType: "application/problem+json"],
            body: .init(byteBuffer: ByteBuffer(string: JSONWriter.text(.object(JSONObject(uniqueMembers: members))))))
        if let retryAfterSeconds { response.headers[.retryAfter] = String(retryAfterSeconds) }
        if !allow.isEmpty { response.headers[.allow] = allow.joined(separator: ", ") }
        if status == 401 { response.headers[.wwwAuthenticate] = "Bearer realm=\"care\"" }
        if status == 413 { response.headers[.connection] = "close" }
        return response
    }
}

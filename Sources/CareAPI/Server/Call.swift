import CareThreads
import CareValues
import Hummingbird
import NIOCore

/// One request, as routes see it.
public struct Call: Sendable {
    /// The request itself.
    public let request: Request
    /// Its id, the client's address and who makes it.
    public internal(set) var context: CareRequestContext
    /// What the routes stand on.
    public let service: ServiceContext
    private let collected = Lock<[UInt8]?>(nil)

    init(_ request: Request, _ context: CareRequestContext, _ service: ServiceContext) {
        self.request = request
        self.context = context
        self.service = service
    }

    /// The same request, made by somebody that only its body names.
    func by(_ identity: Identity) -> Call {
        var call = self
        call.context.identity = identity
        return call
    }

    /// Who makes it. Routes that ask for a scope or a session always have one.
    public var identity: Identity? { context.identity }

    /// The part of the path that `:name` stands for, decoded.
    ///
    /// - Throws: a ``Problem`` of status 400 when it is not percent-encoded UTF-8, empty, or longer than 1,024 bytes.
    public func parameter(_ name: String) throws -> String {
        guard let raw = context.parameters.get(name), let text = PercentDecoding.text(raw), !text.isEmpty,
            text.utf8.count <= 1_024, !text.utf8.contains(0)
        else { throw Problem(400, "bad-path", "the path's :\(name) is not text in percent-encoding") }
        return text
    }

    /// The value of a query parameter, decoded; nil: it is not given, or is no text.
    public func query(_ name: String) -> String? {
        request.uri.queryParameters[name[...]].map(String.init)
    }

    /// The value of a query parameter that a browser's form has put there: a plus stands for a space.
    public func formQuery(_ name: String) -> String? {
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if PercentDecoding.formText(parts[0]) == name {
                return parts.count == 2 ? PercentDecoding.formText(parts[1]) : ""
            }
        }
        return nil
    }

    /// Whether the query says `true`; false too when it says nothing. - Throws: a ``Problem`` when it says anything else.
    public func flag(_ name: String) throws -> Bool {
        switch query(name) {
        case nil, "false": return false
        case "true": return true
        default: throw Problem(400, "bad-query", "\(name) is true or false")
        }
    }

    /// Whether personal values are asked for. Whoever looks at them by a session needs more than to read, and everybody
    /// is written down before anything is shown, as in the console.
    ///
    /// - Throws: a ``Problem``.
    func showsPII() async throws -> Bool {
        guard try flag("pii") else { return false }
        if let identity, identity.kind == .session { try RouteGate.require(.operate, of: identity) }
        // The path without whom it is about.
        try await note("customers.reveal", request.uri.path.split(separator: "/").prefix(2).joined(separator: "/"))
        return true
    }

    /// A header's value.
    public func header(_ name: String) -> String? {
        request.headers.first { $0.name.canonicalName == name.lowercased() }?.value
    }

    /// A whole number of the query, or `usual` when it is not given. - Throws: a ``Problem`` when it is not in `range`.
    public func number(_ name: String, usual: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let text = query(name) else { return usual }
        guard let number = Int(text), range.contains(number) else {
            throw Problem(
                400, "bad-query", "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// An instant of the query, ISO 8601 with an offset; nil: it is not given. - Throws: a ``Problem``.
    public func instant(_ name: String) throws -> Timestamp? {
        guard let text = query(name) else { return nil }
        guard let instant = Timestamp(iso8601: text) else {
            throw Problem(400, "bad-query", "\(name) is an instant like 2026-03-01T09:00:00Z")
        }
        return instant
    }

    /// The body's bytes, unpacked; read once, kept for the next question.
    ///
    /// - Throws: a ``Problem`` of status 413 or 415.
    public func body(atMost limit: Int? = nil) async throws -> [UInt8] {
        if let known = collected.withLock({ $0 }) { return known }
        var limit = min(limit ?? .max, service.environment.server.bodyBytes)
        // A stranger's body is in memory before anything says who sends it.
        let isStranger = identity == nil
        if isStranger { limit = min(limit, StrangerBodies.longest) }
        if let text = header("content-length"), let length = Int(text), length > limit { throw Self.tooLarge(limit) }
        if isStranger, !service.strangers.reserve(limit) { throw StrangerBodies.full }
        defer { if isStranger { service.strangers.release(limit) } }
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw Self.tooLarge(limit)
        }
        let bytes = try unpacked(Array(buffer.readableBytesView), limit)
        collected.withLock { $0 = bytes }
        return bytes
    }

    private func unpacked(_ bytes: [UInt8], _ limit: Int) throws -> [UInt8] {
        switch header("content-encoding")?.lowercased() ?? "identity" {
        case "identity", "": return bytes
        case "gzip", "x-gzip":
            do {
                return try Gzip.unpack(bytes, atMost: limit)
            } catch .tooLarge {
                throw Self.tooLarge(limit)
            } catch {
                throw Problem(400, "bad-encoding", "the body is no gzip, or is damaged")
            }
        default: throw Problem(415, "unsupported-encoding", "this Content-Encoding is not understood")
        }
    }

    static func tooLarge(_ limit: Int) -> Problem {
        Problem(413, "body-too-large", "the body is larger than \(limit) bytes")
    }

    /// The fields of a form's body, `application/x-www-form-urlencoded`; of a field sent twice the first.
    ///
    /// - Throws: a ``Problem`` when it is no form.
    public func form() async throws -> [String: String] {
        guard header("content-type")?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false else {
            throw Problem(415, "unsupported-type", "this takes a form: application/x-www-form-urlencoded")
        }
        let text = String(decoding: try await body(atMost: identity == nil ? 16 << 10 : 1 << 20), as: UTF8.self)
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&", maxSplits: 1_000) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentDecoding.formText(parts[0]),
                let value = PercentDecoding.formText(parts.count == 2 ? parts[1] : "")
            else { throw Problem(400, "bad-form", "the form is not in percent-encoding") }
            if fields[name] == nil { fields[name] = value }
        }
        return fields
    }

    /// The body as JSON. - Throws: a ``Problem`` of status 400 with the place of the mistake, or 413.
    public func json() async throws -> JSONDocument {
        let (document, diagnostics) = JSONDocument.read(file: "body", bytes: try await body(), limits: .data)
        guard let document, !diagnostics.hasErrors else {
            let first = diagnostics.first
            throw Problem(
                400, "bad-json", "the body is no JSON: \(first?.message ?? "")",
                more: [
                    ("line", .number(Double(first?.line ?? 1))), ("column", .number(Double(first?.column ?? 1))),
                ])
        }
        return document
    }

    /// Writes a line into the audit log.
    public func note(_ action: String, _ object: String = "") async throws {
        try await note(action, object, by: identity)
    }

    /// Writes a line into the audit log of what somebody did who was not known before.
    public func note(_ action: String, _ object: String, by identity: Identity?) async throws {
        let (audit, request) = (service.audit, context.requestID)
        do {
            try await service.work.run { try audit.note(action, object, by: identity, request: request) }
        } catch let problem as Problem where problem.code == WorkPool.overloaded {
            // What was done is written down, however much is asked for.
            try audit.note(action, object, by: identity, request: request)
        }
    }

    // MARK: Answers

    /// A page.
    public func html(_ text: String, status: Int = 200) -> Response {
        Response(
            status: .init(code: status), headers: [.contentType: "text/html; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// A JSON answer.
    public func json(_ value: JSONValue, status: Int = 200) -> Response {
        Response(
            status: .init(code: status), headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: JSONWriter.text(value))))
    }

    /// Nothing more to say.
    public func noContent() -> Response { Response(status: .noContent) }

    /// Look there (303).
    public func redirect(to place: String) -> Response {
        Response(status: .seeOther, headers: [.location: place])
    }

    // MARK: The session's cookie

    /// The name of the cookie that holds the session's id.
    static let cookieName = "care_session"

    /// The session id that the browser sent along, or nil.
    public var sessionID: String? { Self.sessionID(of: request) }

    static func sessionID(of request: Request) -> String? {
        for field in request.headers where field.name.canonicalName == "cookie" {
            for part in field.value.split(separator: ";") {
                let pair = part.split(separator: "=", maxSplits: 1)
                if pair.count == 2, pair[0].drop(while: { $0 == " " }) == cookieName { return String(pair[1]) }
            }
        }
        return nil
    }

    /// `response` with the cookie of a session that has begun.
    public func settingSession(_ signedIn: SignedIn, on response: Response) -> Response {
        let age = Access.sessionLongestMilliseconds / 1000
        return setting(
            "\(Self.cookieName)=\(signedIn.sessionID); Path=/; HttpOnly; SameSite=Lax; Max-Age=\(age)", on: response)
    }

    /// `response` that takes the cookie away.
    public func endingSession(on response: Response) -> Response {
        setting("\(Self.cookieName)=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0", on: response)
    }

    private func setting(_ cookie: String, on response: Response) -> Response {
        var response = response
        response.headers[.setCookie] = context.isSecure ? cookie + "; Secure" : cookie
        return response
    }
}

/// How much of strangers' requests may be in memory: bodies of whoever has not shown a token or a session.
public final class StrangerBodies: Sendable {
    /// The longest body, in bytes: Segment's clients, which may have their key in it, send 500 KB at most.
    static let longest = 512 << 10
    /// The most that all of them may take while they arrive, in bytes.
    static let most = 64 << 20

    private let reserved = Lock(0)

    /// None yet.
    init() {}

    /// Takes room for a body. - Returns: false: there is none.
    func reserve(_ bytes: Int) -> Bool {
        reserved.withLock { reserved in
            guard reserved + bytes <= Self.most else { return false }
            reserved += bytes
            return true
        }
    }

    /// Gives room back.
    func release(_ bytes: Int) { reserved.withLock { $0 -= bytes } }

    static var full: Problem {
        Problem(503, "overloaded", "too many bodies of unknown senders arrive at once", retryAfterSeconds: 2)
    }
}

/// Percent-encoding, as paths and forms have it. Source: RFC 3986 §2.1; the URL standard's form encoding.
enum PercentDecoding {
    /// The text; nil: a bad escape, or no UTF-8.
    static func text(_ raw: some StringProtocol) -> String? { decoded(raw, plusIsSpace: false) }

    /// The same of a form's field, in which a plus stands for a space.
    static func formText(_ raw: some StringProtocol) -> String? { decoded(raw, plusIsSpace: true) }

    private static func decoded(_ raw: some StringProtocol, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var iterator = raw.utf8.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

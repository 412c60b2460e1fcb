import CareStore
import CareThreads
import CareValues
import Foundation
import Glibc
import Testing

@testable import CareAPI

/// What strangers and broken clients send: each is answered or cut off, and the service goes on.
@Suite(.serialized) struct AttackTests {
    /// A server on a free port of this machine, while `body` runs.
    static func serving(
        head: Int64 = 30_000, body bodyTime: Int64 = 60_000, _ change: (inout CareEnvironmentChange) -> Void = { _ in },
        _ body: @Sendable (_ port: Int, _ world: APIWorld) async throws -> Void
    ) async throws {
        var wanted = CareEnvironmentChange()
        change(&wanted)
        let (limit, connections) = (wanted.bodyBytes, wanted.connections)
        let world = try APIWorld(sets: InterfaceTests.sets) { environment in
            environment.server.port = 0
            environment.server.bodyBytes = limit
            environment.server.connections = connections
        }
        let server = HTTPServer(
            service: world.context, sets: InterfaceTests.sets, headMilliseconds: head, bodyMilliseconds: bodyTime)
        let (ports, found) = AsyncStream<Int>.makeStream()
        let running = Task { try await server.run { found.yield($0) } }
        for await port in ports {
            try await body(port, world)
            break
        }
        server.stop()
        try await running.value
    }

    struct CareEnvironmentChange {
        var bodyBytes = 1 << 20
        var connections = 8_192
    }

    /// Runs what blocks on a thread of its own: the pool's few threads serve.
    static func blocking<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { done in
            if let worker = Worker({ done.resume(returning: body()) }) { worker.detach() }
        }
    }

    /// A connection to a port of this machine; -1: none was to be had.
    static func connect(_ port: Int) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0 else {
            close(descriptor)
            return -1
        }
        var time = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        return descriptor
    }

    /// Sends all of `bytes`; false: the other side has closed.
    @discardableResult
    static func send(_ bytes: [UInt8], _ descriptor: Int32) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    /// What the other side says until it closes, or has said `enough`.
    static func receive(_ descriptor: Int32, until enough: (String) -> Bool = { _ in false }) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while !enough(String(decoding: bytes, as: UTF8.self)) {
            let count = chunk.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The answer to one request as it is written, until the other side closes or has ended its head.
    static func ask(_ text: String, _ port: Int) -> String {
        let descriptor = connect(port)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        send(Array(text.utf8), descriptor)
        return receive(descriptor) { $0.contains("\r\n\r\n") }
    }

    static func lives(_ port: Int) -> Bool {
        ask("GET /health HTTP/1.1\r\nHost: a\r\n\r\n", port).hasPrefix("HTTP/1.1 200")
    }

    @Test func `a body of a gigabyte is refused at its announcement`() async throws {
        try await Self.serving { port, world in
            let token = try world.token(.ingest)
            let answer = await Self.blocking {
                Self.ask(
                    "POST /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 1073741824\r\n\r\n[", port)
            }
            #expect(answer.hasPrefix("HTTP/1.1 413"))
            #expect(await Self.blocking { Self.lives(port) })
        }
    }

    @Test func `a body that never ends is cut off at the limit`() async throws {
        try await Self.serving { port, world in
            let token = try world.token(.ingest)
            let (sent, answer) = await Self.blocking { () -> (Int, String) in
                let descriptor = Self.connect(port)
                defer { close(descriptor) }
                Self.send(
                    Array(
                        "POST /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nTransfer-Encoding: chunked\r\n\r\n"
                            .utf8), descriptor)
                let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 0x20, count: 65_536) + Array("\r\n".utf8)
                var sent = 0
                while sent < 1 << 30, Self.send(chunk, descriptor) { sent += chunk.count }
                return (sent, Self.receive(descriptor))
            }
            // Buffers of the system on both sides hold some.
            #expect(sent < 64 << 20)
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 413"))
            #expect(await Self.blocking { Self.lives(port) })
        }
    }

    @Test func `a request whose head or body does not arrive in time is cut off`() async throws {
        try await Self.serving(head: 200, body: 200) { port, world in
            let token = try world.token(.ingest)
            for beginning in [
                "", "GET /hea", "GET /health HTTP/1.1\r\nHost: a\r\nX-A: b\r\n",
                "POST /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nContent-Length: 100\r\n\r\n[",
            ] {
                let answer = await Self.blocking { () -> String in
                    let descriptor = Self.connect(port)
                    defer { close(descriptor) }
                    Self.send(Array(beginning.utf8), descriptor)
                    return Self.receive(descriptor)
                }
                #expect(!answer.hasPrefix("HTTP/1.1 200"), "\(beginning)")
            }
            #expect(await Self.blocking { Self.lives(port) })
        }
    }

    @Test func `idle connections keep nobody else out`() async throws {
        try await Self.serving { port, _ in
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            // Both ends are of this process.
            let count = min(1_000, (Int(limit.rlim_cur) - 200) / 3)
            let (opened, lives) = await Self.blocking { () -> (Int, Bool) in
                let idle = (0..<count).map { _ in Self.connect(port) }
                defer { for descriptor in idle where descriptor >= 0 { close(descriptor) } }
                return (idle.count { $0 >= 0 }, Self.lives(port))
            }
            #expect(opened == count)
            #expect(lives)
        }
    }

    @Test(
        arguments: [
            ("GET /health HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n", "400"),
            ("GET /health HTTP/1.1\r\nHost: a\r\nX-A: b\u{0}c\r\n\r\n", "400"),
            ("GET /health HTTP/1.1\r\nHost: a\r\nX A: b\r\n\r\n", "400"),
            ("GET /health HTTP/9.9\r\nHost: a\r\n\r\n", "505,400"), ("GET /health\r\n\r\n", "400,200"),
            ("GARBAGE\r\n\r\n", "400"), ("\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n", "400"),
            ("FOO /health HTTP/1.1\r\nHost: a\r\n\r\n", "404,405,400"),
            ("get /health HTTP/1.1\r\nHost: a\r\n\r\n", "404,405,400"),
            ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "404,405,400"),
            ("GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", "404"),
            ("GET /v1/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", "404"),
            ("GET http://evil.example/health HTTP/1.1\r\nHost: a\r\n\r\n", "200,404"),
            ("GET /\(String(repeating: "a", count: 40_000)) HTTP/1.1\r\nHost: a\r\n\r\n", "400,414,431,404"),
            ("GET /health HTTP/1.1\r\nHost: a\r\nX-A: \(String(repeating: "a", count: 40_000))\r\n\r\n", "400,431"),
            (
                "GET /health HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X-A: b\r\n", count: 200) + "\r\n", "400,431"
            ),
            ("POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n[]", "400"),
            (
                "POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n[]",
                "400,401"
            ),
            ("POST /v1/events HTTP/1.1\r\nHost: a\r\nContent-Length: -2\r\n\r\n[]", "400"),
            ("POST /v1/events HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400,401"),
        ]) func `requests that are none are refused, and the service goes on`(
            request: String, statuses: String
        ) async throws
    {
        try await Self.serving { port, _ in
            let answer = await Self.blocking { Self.ask(request, port) }
            let status = answer.split(separator: " ").dropFirst().first.map(String.init) ?? "cut off"
            let wanted = statuses.split(separator: ",").map(String.init) + ["cut off"]
            #expect(wanted.contains(status), "\(request.prefix(80)): \(answer.prefix(200))")
            #expect(!answer.contains("root:"))
            #expect(await Self.blocking { Self.lives(port) })
        }
    }

    // MARK: Without a network

    static let suite = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("CareValuesTests/Fixtures/JSONTestSuite/test_parsing")

    @Test func `every text of the JSON suite as a body is read or refused, on every route that takes one`() async throws
    {
        let world = try APIWorld(sets: InterfaceTests.sets)
        let token = try world.token(.admin)
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.suite.path).sorted()
        #expect(files.count > 300)
        let routes = [
            ("POST", "/v1/events"), ("PUT", "/v1/customers/j"), ("POST", "/v1/campaigns/present/calls"),
            ("POST", "/v1/batch"), ("POST", "/v1/rules/check"), ("PUT", "/api/v1/customers/j"),
            ("PATCH", "/v1/customers/j"), ("POST", "/v1/diff"), ("POST", "/api/v2/batch"),
        ]
        for (number, file) in files.enumerated() {
            let bytes = [UInt8](try Data(contentsOf: Self.suite.appendingPathComponent(file)))
            let (method, path) = routes[number % routes.count]
            let answer = try await world.send(
                method, path, token: token, headers: ["Content-Type": "application/json"], body: bytes)
            #expect(answer.status < 500, "\(file) \(path): \(answer.status)")
            if file.hasPrefix("n_") { #expect(answer.status == 400, "\(file) \(path): \(answer.status)") }
            if file.hasPrefix("y_") { #expect(answer.code != "bad-json", "\(file) \(path): \(answer.text)") }
        }
    }

    static let injections = [
        "' OR 1=1 --", "\"; DROP TABLE customers; --", "') UNION SELECT 1 --", "%' OR '1'='1", "\\", "a\u{1}b", "*",
        "_",
        "${jndi:ldap://x}", "{{7*7}}", "<script>alert(1)</script>", "谢谢\u{202E}", "-1", "1e999", "NaN", "null",
    ]

    @Test(arguments: injections) func `SQL and worse in every filter finds nothing and breaks nothing`(
        text: String
    ) async throws {
        let (world, _, _) = try await InterfaceTests.world()
        let token = try world.token(.admin)
        let escaped = text.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
        let customers = try world.store.read { try $0.customerCount }
        for name in ["destination", "campaign", "customer"] {
            let answer = try await world.send("GET", "/v1/deliveries?\(name)=\(escaped)", token: token)
            #expect(answer.status == 200)
            #expect(answer["items"] == .array([]), "\(name)")
            for verb in ["cancel", "redrive"] {
                let changed = try await world.send("POST", "/v1/deliveries/\(verb)?\(name)=\(escaped)", token: token)
                #expect(changed[verb == "cancel" ? "cancelled" : "redriven"] == .number(0))
            }
        }
        for name in ["state", "from", "until", "limit"] {
            let answer = try await world.send("GET", "/v1/deliveries?\(name)=\(escaped)", token: token)
            #expect(answer.code == "bad-query", "\(name)")
        }
        for name in ["customer", "campaign", "reason"] {
            let answer = try await world.send("GET", "/v1/ledger?\(name)=\(escaped)", token: token)
            #expect(answer.status == 200)
            #expect(answer["items"] == .array([]), "\(name)")
        }
        for name in ["outcome", "from", "until", "limit"] {
            let answer = try await world.send("GET", "/v1/ledger?\(name)=\(escaped)", token: token)
            #expect(answer.code == "bad-query", "\(name)")
        }
        #expect(try await world.send("GET", "/v1/ledger?cursor=\(escaped)", token: token).code == "bad-cursor")
        for path in ["rejects", "audit"] {
            let answer = try await world.send("GET", "/v1/\(path)?limit=\(escaped)", token: token)
            #expect(answer.code == "bad-query", "\(path)")
        }
        for path in ["customers", "deliveries", "campaigns"] {
            #expect(try await world.send("GET", "/v1/\(path)/\(escaped)", token: token).status == 404, "\(path)")
        }
        #expect(try await world.send("GET", "/v1/customers?cursor=\(escaped)", token: token).code == "bad-cursor")
        #expect(try await world.send("POST", "/v1/destinations/\(escaped)/disable", token: token).status == 404)
        #expect(try world.store.read { try $0.customerCount } == customers)
    }

    @Test(arguments: injections) func `a strange id is a customer like any other, or refused`(text: String) async throws
    {
        let world = try APIWorld(sets: InterfaceTests.sets)
        let token = try world.token(.admin)
        let escaped = text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let put = try await world.send(
            "PUT", "/v1/customers/\(escaped)", token: token, json: #"{"attributes":{"tier":"gold"}}"#)
        if text.utf8.contains(where: { $0 < 0x20 }) {
            #expect(put.code == "bad-customer")
        } else {
            #expect(put["result"] == "stored")
            #expect(try await world.send("GET", "/v1/customers/\(escaped)", token: token)["id"] == .string(text))
        }
    }

    @Test func `a method is what the request line says, whatever headers and queries ask for`() async throws {
        let world = try APIWorld(sets: InterfaceTests.sets)
        let token = try world.token(.admin)
        _ = try await world.send("PUT", "/v1/customers/c1", token: token, json: #"{"attributes":{"tier":"gold"}}"#)
        for header in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"] {
            let answer = try await world.send(
                "POST", "/v1/customers/c1?_method=DELETE", token: token, headers: [header: "DELETE"], json: "{}")
            #expect(answer.status == 405)
        }
        #expect(try await world.send("GET", "/v1/customers/c1", token: token).status == 200)
    }

    @Test(arguments: [
        "text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=latin1", "*/*",
        "é",
    ])
    func `a body of another type is never more than what it says`(type: String) async throws {
        let world = try APIWorld(sets: InterfaceTests.sets)
        let token = try world.token(.admin)
        let bodies = [
            "<a/>", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--", "a=b&c=d", "\u{FEFF}{}", "",
        ]
        for (operation, _) in try InterfaceTests.described().sorted(by: { $0.key < $1.key }) {
            let parts = operation.split(separator: " ").map(String.init)
            guard parts[0] != "GET" else { continue }
            let path = parts[1].replacing(":id", with: "x").replacing(":name", with: "x")
            for body in bodies {
                let answer = try await world.send(
                    parts[0], path, token: token, headers: ["Content-Type": type], body: Array(body.utf8))
                #expect(answer.status < 500, "\(operation) \(type) \(body): \(answer.text)")
            }
        }
    }

    @Test func `headers that would split an answer do not`() async throws {
        let world = try APIWorld(sets: InterfaceTests.sets)
        let answer = try await world.send("GET", "/health", headers: ["X-Request-Id": "a%0d%0aSet-Cookie: x"])
        #expect(answer.headers["set-cookie"] == nil)
        #expect(answer.headers["x-request-id"]?.hasPrefix("req_") == true)
    }
}

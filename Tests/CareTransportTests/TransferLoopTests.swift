import CareThreads
import CareTransport
import Glibc
import LoopbackServer
import Testing

/// Exchanges against a server on loopback; where time is part of the case, a fraction of a second of it passes.
@Suite struct TransferLoopTests {
    /// Runs `requests` in a loop of their own; the results in the order of the requests.
    static func exchange(
        _ requests: [HTTPRequest], resolver: Resolver = Resolver(lookup: { _ in [] })
    ) throws -> [TransferResult] {
        let loop = try #require(TransferLoop(resolver: resolver, capacity: max(requests.count, 1)))
        for (index, request) in requests.enumerated() { loop.submit(.http(request), tag: index) }
        var results: [Int: TransferResult] = [:]
        while loop.inFlight > 0 {
            let isWhole = loop.run(timeoutMilliseconds: 5_000) { tag, result, _ in
                #expect(results[tag] == nil, "a result came twice")
                results[tag] = result
            }
            #expect(isWhole)
        }
        return try requests.indices.map { try #require(results[$0]) }
    }

    static func request(
        _ url: String, headers: [(name: String, value: String)] = [], body: String = "{}", timeout: Int64 = 5_000,
        addresses: AddressPolicy = .publicAndPrivate
    ) throws -> HTTPRequest {
        HTTPRequest(
            method: "POST", url: try TargetURL(url), headers: headers, body: Array(body.utf8),
            timeoutMilliseconds: timeout, addresses: addresses)
    }

    @Test func `sends the body and headers as they are, over one connection`() throws {
        let server = LoopbackServer { _ in .status(204) }
        let loop = try #require(TransferLoop(resolver: Resolver(lookup: { _ in [] }), capacity: 4))
        for index in 0..<5 {
            let headers = [(name: "x-n", value: "\(index)"), (name: "x-empty", value: "")]
            loop.submit(
                .http(try Self.request(server.url("/hook"), headers: headers, body: "生日快乐 \(index)")), tag: index)
            while loop.inFlight > 0 {
                loop.run(timeoutMilliseconds: 5_000) { _, result, _ in
                    #expect(
                        result == .response(HTTPResponse(status: 204, retryAfter: nil, body: [], bodyIsComplete: true)))
                }
            }
        }
        #expect(server.received.map(\.text) == (0..<5).map { "生日快乐 \($0)" })
        #expect(server.received.compactMap { $0.header("x-n") } == ["0", "1", "2", "3", "4"])
        #expect(server.received.first?.header("x-empty") == "")
        #expect(server.received.first?.header("expect") == nil)
        #expect(server.connections == 1)
    }

    /// libcurl would take them for the answer to the next request, which then would count as delivered and never be sent.
    @Test(arguments: [true, false])
    func `takes nothing said unasked on a resting connection for the answer to the next request`(hangsUp: Bool) throws {
        let peer = LoopbackPeer { _, connection in
            .bytes(Array("HTTP/1.1 2\(connection + 10) Yes\r\nContent-Length: 0\r\n\r\n".utf8))
        }
        defer { peer.stop() }
        let loop = try #require(TransferLoop(resolver: Resolver(lookup: { _ in [] }), capacity: 2))
        var statuses: [Int] = []
        // One handle serves them all: libcurl gives up at its sixth dead connection.
        for turn in 0..<9 {
            loop.submit(.http(try Self.request("http://127.0.0.1:\(peer.port)/", body: "turn \(turn)")), tag: turn)
            while loop.inFlight > 0 {
                loop.run(timeoutMilliseconds: 5_000) { _, result, _ in
                    if case .response(let response) = result { statuses.append(response.status) }
                }
            }
            peer.say(Array("HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n".utf8), hangsUp: hangsUp)
            loop.run(timeoutMilliseconds: 1_000) { _, _, _ in }
        }
        #expect(statuses == Array(211...219))
        #expect(peer.connections == 9)
        let heard = String(decoding: peer.received, as: UTF8.self)
        #expect((0..<9).allSatisfy { heard.contains("turn \($0)") })
    }

    @Test func `runs many at once and gives each its own answer`() throws {
        let server = LoopbackServer { .status(200, body: $0.text) }
        let results = try Self.exchange(try (0..<200).map { try Self.request(server.url("/"), body: "n\($0)") })
        for (index, result) in results.enumerated() {
            guard case .response(let response) = result else {
                Issue.record("\(result)")
                continue
            }
            #expect(String(decoding: response.body, as: UTF8.self) == "n\(index)")
        }
    }

    static let answers: [(LoopbackServer.Answer, Int, String?)] = [
        (.status(200, body: "ok"), 200, nil), (.status(500), 500, nil),
        (.status(429, headers: ["Retry-After: 120"]), 429, "120"),
        (
            .status(503, headers: ["retry-after:   Wed, 21 Oct 2026 07:28:00 GMT  "]), 503,
            "Wed, 21 Oct 2026 07:28:00 GMT"
        ),
        (.status(301, headers: ["Location: http://127.0.0.1:1/"]), 301, nil), (.status(410), 410, nil),
        (.raw("HTTP/1.1 503 X\nRetry-After: 5\nContent-Length: 0\n\n"), 503, "5"),
        (.raw("HTTP/1.1 103 Early\r\nRetry-After: 9\r\n\r\nHTTP/1.1 202 X\r\nContent-Length: 0\r\n\r\n"), 202, nil),
    ]

    @Test(arguments: answers) func `gives status and Retry-After, and follows no redirect`(
        _ answer: LoopbackServer.Answer, _ status: Int, _ retryAfter: String?
    ) throws {
        let server = LoopbackServer { _ in answer }
        let result = try #require(try Self.exchange([try Self.request(server.url("/"))]).first)
        guard case .response(let response) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(response.status == status)
        #expect(response.retryAfter == retryAfter)
        #expect(server.received.count == 1)
    }

    static let failures: [(LoopbackServer.Answer, TransportError.Kind, TransportError.Class)] = [
        (.silence, .answerTimeout, .unknown), (.hangUp, .connectionLost, .unknown),
        (.raw("HTTP/1.1 204"), .connectionLost, .unknown), (.raw("SSH-2.0-x\r\n"), .connectionLost, .unknown),
    ]

    @Test(arguments: failures) func `says that an answer was lost when the request had left`(
        _ answer: LoopbackServer.Answer, _ kind: TransportError.Kind, _ classification: TransportError.Class
    ) throws {
        let server = LoopbackServer { _ in answer }
        let result = try #require(try Self.exchange([try Self.request(server.url("/"), timeout: 300)]).first)
        guard case .failure(let error) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(error.classification == classification)
        if kind == .answerTimeout { #expect(error.kind == kind) }
    }

    @Test(arguments: [LoopbackServer.Answer.endless(status: 200), .stalled(status: 200)])
    func `counts an answer whose head came whole, and reads a bounded part of its body`(
        _ answer: LoopbackServer.Answer
    ) throws {
        let server = LoopbackServer { _ in answer }
        let result = try #require(try Self.exchange([try Self.request(server.url("/"), timeout: 300)]).first)
        guard case .response(let response) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(response.status == 200)
        #expect(!response.bodyIsComplete)
        #expect(response.body.count <= 4_096)
    }

    @Test(arguments: [(4_095, true), (4_096, true), (4_097, false)])
    func `says whether all of an answer's body was kept`(_ length: Int, _ isComplete: Bool) throws {
        let server = LoopbackServer { _ in .status(200, body: String(repeating: "x", count: length)) }
        let result = try #require(try Self.exchange([try Self.request(server.url("/"))]).first)
        guard case .response(let response) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(response.body.count == min(length, 4_096))
        #expect(response.bodyIsComplete == isComplete)
    }

    @Test func `reports a refused connection as transient`() throws {
        let server = LoopbackServer { _ in .status(204) }
        let url = server.url("/")
        server.stop()
        let results = try Self.exchange([try Self.request(url)])
        #expect(results.first == .failure(TransportError(.notConnected, requestBegun: false, code: 7)))
    }

    static let loopback = [
        "http://127.0.0.1:1/", "http://2130706433:1/", "http://0x7f.1:1/", "http://017700000001:1/", "http://[::1]:1/",
        "http://[::ffff:127.0.0.1]:1/", "http://[::ffff:7f00:1]:1/", "http://10.0.0.1:1/", "http://169.254.169.254/",
        "http://0.0.0.0:1/", "http://[fd00:ec2::254]/", "http://localhost.test:1/",
    ]

    @Test(arguments: loopback) func `dials no private address unless it is allowed`(_ url: String) throws {
        let resolver = Resolver(lookup: { _ in ["127.0.0.1", "::1"] })
        let request = try Self.request(url, timeout: 2_000, addresses: .publicOnly)
        let result = try #require(try Self.exchange([request], resolver: resolver).first)
        guard case .failure(let error) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(error.kind == .addressRefused)
        #expect(error.classification == .permanent)
        #expect(!error.requestBegun)
    }

    @Test func `sends nothing over a connection that another request was allowed to open`() throws {
        let server = LoopbackServer { _ in .status(204) }
        let loop = try #require(TransferLoop(resolver: Resolver(lookup: { _ in ["127.0.0.1"] }), capacity: 1))
        let url = "http://crm.example:\(server.port)/"
        for addresses in [AddressPolicy.publicAndPrivate, .publicOnly, .publicAndPrivate] {
            loop.submit(.http(try Self.request(url, addresses: addresses)), tag: 0)
            while loop.inFlight > 0 {
                loop.run(timeoutMilliseconds: 5_000) { _, result, _ in
                    if addresses.allowsPrivate {
                        #expect(
                            result
                                == .response(
                                    HTTPResponse(status: 204, retryAfter: nil, body: [], bodyIsComplete: true)))
                    } else if case .failure(let error) = result {
                        #expect(error.kind == .addressRefused && !error.requestBegun)
                    } else {
                        Issue.record("\(result)")
                    }
                }
            }
        }
        #expect(server.received.count == 2)
    }

    @Test(arguments: [true, false]) func `sends once what must not come twice, though the connection has died`(
        _ isSentOnce: Bool
    ) throws {
        // The second request is taken, and its connection ends without a word.
        let count = Lock(0)
        let dying = LoopbackServer { request in
            guard request.text == "second" else { return .status(204) }
            return count.withLock {
                $0 += 1
                return $0 == 1
            } ? .hangUp : .status(204)
        }
        let loop = try #require(TransferLoop(resolver: Resolver(lookup: { _ in [] }), capacity: 1))
        var last: TransferResult?
        for body in ["first", "second"] {
            var request = try Self.request(dying.url("/"), body: body)
            request.isSentOnce = isSentOnce
            loop.submit(.http(request), tag: 0)
            while loop.inFlight > 0 { loop.run(timeoutMilliseconds: 5_000) { _, result, _ in last = result } }
        }
        // So libcurl does where nothing forbids it.
        #expect(dying.received.count { $0.text == "second" } == (isSentOnce ? 1 : 2))
        if isSentOnce {
            guard case .failure(let error)? = last else {
                Issue.record("\(String(describing: last))")
                return
            }
            #expect(error.classification == .unknown)
        }
    }

    @Test func `sends nothing any more when there is no connection in time`() throws {
        let server = LoopbackServer { _ in .status(204) }
        let isKnown = Monitor(false)
        let resolver = Resolver(lookup: { _ in
            _ = isKnown.wait(milliseconds: nil) { $0 ? true : nil }
            return ["127.0.0.1"]
        })
        let loop = try #require(TransferLoop(resolver: resolver, capacity: 2))
        let limits: [Int64?] = [nil, 1]
        for (tag, within) in limits.enumerated() {
            var request = TransferRequest.http(try Self.request("http://crm.example:\(server.port)/\(tag)"))
            if let within { request.limit(sendWithin: within) }
            loop.submit(request, tag: tag)
        }
        // The name is known when a millisecond is over.
        loop.run(timeoutMilliseconds: 20) { _, _, _ in }
        isKnown.update { $0 = true }
        var results: [Int: TransferResult] = [:]
        while loop.inFlight > 0 {
            loop.run(timeoutMilliseconds: 5_000) { tag, result, _ in results[tag] = result }
        }
        #expect(results[0] == .response(HTTPResponse(status: 204, retryAfter: nil, body: [], bodyIsComplete: true)))
        #expect(results[1] == .failure(TransportError(.connectTimeout)))
        #expect(server.received.map(\.path) == ["/0"])
    }

    @Test func `dials a private address of an allowed block only`() throws {
        let server = LoopbackServer { _ in .status(204) }
        let inside = try #require(AddressPolicy(allowing: ["127.0.0.0/8"]))
        let outside = try #require(AddressPolicy(allowing: ["10.0.0.0/8"]))
        let results = try Self.exchange([
            try Self.request(server.url("/"), addresses: inside), try Self.request(server.url("/"), addresses: outside),
        ])
        #expect(results.first == .response(HTTPResponse(status: 204, retryAfter: nil, body: [], bodyIsComplete: true)))
        guard case .failure(let error)? = results.last else {
            Issue.record("was dialled")
            return
        }
        #expect(error.kind == .addressRefused)
        #expect(server.connections == 1)
    }

    @Test(arguments: ["169.254.169.254", "100.100.100.200", "168.63.129.16", "[fd00:ec2::254]"])
    func `keeps addresses of metadata services refused where private ones are allowed`(_ host: String) throws {
        let request = try Self.request("http://\(host)/", addresses: .publicAndPrivate)
        guard case .failure(let error)? = try Self.exchange([request]).first else {
            Issue.record("was dialled")
            return
        }
        #expect(error.kind == .addressRefused)
    }

    static let badHeaders: [(name: String, value: String)] = [
        ("x-a", "1\r\nx-b: 2"), ("x-a", "1\nx-b: 2"), ("x-a", "1\u{0}2"), ("x-a\r\nx-b", "1"), ("x a", "1"), ("", "1"),
        ("x-a", "\u{7f}"), ("x:a", "1"),
    ]

    @Test(arguments: badHeaders) func `refuses a header that would become two`(_ name: String, _ value: String) throws {
        let server = LoopbackServer { _ in .status(204) }
        let loop = try #require(TransferLoop(resolver: Resolver(lookup: { _ in [] }), capacity: 1))
        loop.submit(.http(try Self.request(server.url("/bad"), headers: [("x-ok", "1"), (name, value)])), tag: 1)
        while loop.inFlight > 0 {
            loop.run(timeoutMilliseconds: 1_000) { _, result, _ in
                guard case .failure(let error) = result else {
                    Issue.record("was sent")
                    return
                }
                #expect(error.kind == .badRequest)
                #expect(error.classification == .permanent)
            }
        }
        // What was refused leaves nothing behind in the next request.
        loop.submit(.http(try Self.request(server.url("/good"))), tag: 2)
        while loop.inFlight > 0 { loop.run(timeoutMilliseconds: 1_000) { _, _, _ in } }
        #expect(server.received.map(\.path) == ["/good"])
        #expect(server.received.first?.header("x-ok") == nil)
    }

    @Test func `lets a waker end the wait`() throws {
        let loop = try #require(TransferLoop(resolver: Resolver(lookup: { _ in [] }), capacity: 1))
        let waker = loop.waker
        let worker = try #require(Worker { waker.wake() })
        loop.run(timeoutMilliseconds: nil) { _, _, _ in }
        worker.join()
    }

    @Test func `ignores proxies of the environment`() throws {
        setenv("http_proxy", "http://127.0.0.1:1", 1)
        setenv("ALL_PROXY", "http://127.0.0.1:1", 1)
        defer {
            unsetenv("http_proxy")
            unsetenv("ALL_PROXY")
        }
        let server = LoopbackServer { _ in .status(204) }
        let results = try Self.exchange([try Self.request(server.url("/"))])
        #expect(results.first == .response(HTTPResponse(status: 204, retryAfter: nil, body: [], bodyIsComplete: true)))
    }
}

import CareThreads
import CareTransport
import Glibc
import LoopbackServer
import Testing

/// Connections that a proxy makes. The server on loopback is proxy and receiver in one: behind CONNECT it goes on with HTTP.
@Suite struct ProxyTests {
    static func proxy(
        _ url: String, login: (String, String)? = nil, addresses: AddressPolicy = .publicAndPrivate
    ) throws -> TransferProxy {
        TransferProxy(
            url: try TargetURL(url, schemes: TransferProxy.schemes), user: login?.0, password: login?.1,
            addresses: addresses)
    }

    static func request(
        _ url: String, by proxy: TransferProxy, addresses: AddressPolicy = .publicOnly, timeout: Int64 = 5_000
    ) throws -> HTTPRequest {
        var request = try TransferLoopTests.request(url, timeout: timeout, addresses: addresses)
        request.target.proxy = proxy
        return request
    }

    static func server(_ connect: LoopbackServer.Answer = .status(200)) -> LoopbackServer {
        LoopbackServer { $0.method == "CONNECT" ? connect : .status(202) }
    }

    static func status(_ result: TransferResult?) -> Int? {
        if case .response(let response) = result { response.status } else { nil }
    }

    @Test func `asks the proxy for a connection, by name, and keeps it`() throws {
        let server = Self.server()
        let proxy = try Self.proxy("http://127.0.0.1:\(server.port)", login: ("care", "p:ä"))
        let request = try Self.request("http://crm.example/hook", by: proxy)
        let loop = try #require(TransferLoop(resolver: Resolver(lookup: { _ in [] }), capacity: 1))
        for tag in 0..<3 {
            loop.submit(.http(request), tag: tag)
            while loop.inFlight > 0 {
                loop.run(timeoutMilliseconds: 5_000) { _, result, _ in #expect(Self.status(result) == 202) }
            }
        }
        #expect(server.received.map(\.method) == ["CONNECT", "POST", "POST", "POST"])
        #expect(server.received.map(\.path) == ["crm.example:80", "/hook", "/hook", "/hook"])
        // The login is for the proxy alone.
        #expect(
            server.received.map { $0.header("proxy-authorization") } == ["Basic Y2FyZTpwOsOk", nil, nil, nil])
        #expect(server.connections == 1)
    }

    @Test func `looks up the proxy's name, and filters its addresses`() throws {
        let server = Self.server()
        let resolver = Resolver(lookup: { $0 == "proxy.test" ? ["127.0.0.1"] : [] })
        for (addresses, expected) in [
            (AddressPolicy.publicAndPrivate, nil), (.publicOnly, TransportError.Kind.addressRefused),
        ] {
            let proxy = try Self.proxy("http://proxy.test:\(server.port)", addresses: addresses)
            // Whether the receiver may have private addresses does not matter to that.
            let request = try Self.request("http://crm.example/", by: proxy, addresses: .publicAndPrivate)
            let result = try TransferLoopTests.exchange([request], resolver: resolver).first
            #expect(ConnectionTests.error(result)?.kind == expected)
            #expect(Self.status(result) == (expected == nil ? 202 : nil))
        }
        let unknown = try Self.request("http://crm.example/", by: try Self.proxy("http://nobody.test:1"))
        #expect(
            ConnectionTests.error(try TransferLoopTests.exchange([unknown], resolver: resolver).first)?.kind
                == .nameNotResolved)
        #expect(server.received.count == 2)
    }

    static let unseen = [
        "http://127.0.0.1/", "http://127.0.0.1./", "http://2130706433/", "http://10.0.0.1/", "http://169.254.169.254/",
        "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://localhost/", "http://LOCALHOST./", "http://a.localhost/",
    ]

    @Test(arguments: unseen) func `asks no proxy for what is known to be refused`(_ url: String) throws {
        let server = Self.server()
        let proxy = try Self.proxy("http://127.0.0.1:\(server.port)")
        let refused = try TransferLoopTests.exchange([try Self.request(url, by: proxy)]).first
        #expect(ConnectionTests.error(refused)?.kind == .addressRefused)
        #expect(server.received.isEmpty)
        let allowed = try TransferLoopTests.exchange([try Self.request(url, by: proxy, addresses: .publicAndPrivate)])
        #expect(Self.status(allowed.first) == (url.contains("169.254") ? nil : 202))
    }

    static let refusals: [(LoopbackServer.Answer, TransportError.Kind, String)] = [
        (.status(403, body: "no"), .proxyRefused, "the proxy answered 403"),
        (.status(407), .proxyRefused, "the proxy answered 407"),
        (.raw("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"), .proxyRefused, "the proxy answered 502"),
        (.hangUp, .connectionLost, "connection lost"), (.silence, .connectTimeout, "no connection in time"),
    ]

    @Test(arguments: refusals) func `knows that nothing was sent when the proxy makes no connection`(
        _ answer: LoopbackServer.Answer, _ kind: TransportError.Kind, _ message: String
    ) throws {
        let server = Self.server(answer)
        let proxy = try Self.proxy("http://127.0.0.1:\(server.port)")
        let request = try Self.request("http://crm.example/", by: proxy, timeout: 300)
        let error = try #require(ConnectionTests.error(try TransferLoopTests.exchange([request]).first))
        #expect(error.kind == kind)
        #expect(error.message == message)
        #expect(!error.requestBegun)
        #expect(error.classification == .transient)
        #expect(server.received.map(\.method) == ["CONNECT"])
    }

    @Test func `knows that a request may have arrived when its answer is lost behind the proxy`() throws {
        let server = LoopbackServer { $0.method == "CONNECT" ? .status(200) : .hangUp }
        let proxy = try Self.proxy("http://127.0.0.1:\(server.port)")
        let request = try Self.request("http://crm.example/", by: proxy)
        let error = try #require(ConnectionTests.error(try TransferLoopTests.exchange([request]).first))
        #expect(error.kind == .connectionLost)
        #expect(error.requestBegun)
    }

    @Test func `knows that nothing was sent when TLS fails behind the proxy`() throws {
        // The proxy says yes, and then nothing speaks TLS: silence, or what is not TLS.
        for (answer, kind) in [("", TransportError.Kind.connectTimeout), ("no TLS\r\n", .tlsFailed)] {
            let peer = LoopbackPeer { piece, _ in
                String(decoding: piece, as: UTF8.self).hasPrefix("CONNECT")
                    ? .bytes(Array("HTTP/1.1 200 X\r\n\r\n".utf8))
                    : answer.isEmpty ? .silence : .bytes(Array(answer.utf8))
            }
            let proxy = try Self.proxy("http://127.0.0.1:\(peer.port)")
            let request = try Self.request("https://crm.example/", by: proxy, timeout: 400)
            let error = try #require(ConnectionTests.error(try TransferLoopTests.exchange([request]).first))
            #expect(error.kind == kind)
            #expect(!error.requestBegun)
            peer.stop()
        }
    }

    @Test func `leaves the environment's proxies alone, no_proxy too`() throws {
        // Set for this process: no other test looks at them, as nothing in the transport reads them.
        let server = Self.server()
        for name in ["http_proxy", "all_proxy", "ALL_PROXY"] { setenv(name, "http://127.0.0.1:1", 1) }
        for name in ["no_proxy", "NO_PROXY"] { setenv(name, "*", 1) }
        defer { for name in ["http_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] { unsetenv(name) } }
        let direct = try TransferLoopTests.request(server.url("/"))
        #expect(Self.status(try TransferLoopTests.exchange([direct]).first) == 202)
        let proxy = try Self.proxy("http://127.0.0.1:\(server.port)")
        let request = try Self.request("http://crm.example/", by: proxy)
        #expect(Self.status(try TransferLoopTests.exchange([request]).first) == 202)
        #expect(server.received.map(\.method) == ["POST", "CONNECT", "POST"])
    }

    // MARK: Other protocols

    /// SOCKS 5 with a login, then what `after` answers.
    static func socks(_ after: @escaping @Sendable (String) -> String) -> LoopbackPeer {
        let steps = Lock(0)
        return LoopbackPeer { piece, _ in
            switch steps.withLock({ step in
                step += 1
                return step
            }) {
            case 1: .bytes([5, 2])
            case 2: .bytes([1, 0])
            case 3: .bytes([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
            default: .bytes(Array(after(String(decoding: piece, as: UTF8.self)).utf8))
            }
        }
    }

    @Test func `speaks SOCKS 5 and leaves the name to the proxy`() throws {
        let peer = Self.socks { _ in "HTTP/1.1 202 X\r\nContent-Length: 0\r\n\r\n" }
        let proxy = try Self.proxy("socks5h://127.0.0.1:\(peer.port)", login: ("care", "secret"))
        let request = try Self.request("http://crm.example/", by: proxy)
        #expect(Self.status(try TransferLoopTests.exchange([request]).first) == 202)
        let sent = String(decoding: peer.received, as: UTF8.self)
        #expect(sent.contains("\u{4}care\u{6}secret"))
        #expect(sent.contains("\u{3}\u{B}crm.example\u{0}PPOST / HTTP/1.1"))
    }

    @Test func `says that a SOCKS proxy refuses`() throws {
        let peer = LoopbackPeer { piece, _ in piece.count < 5 ? .bytes([5, 0]) : .last([5, 5, 0, 1, 0, 0, 0, 0, 0, 0]) }
        let request = try Self.request("http://crm.example/", by: try Self.proxy("socks5h://127.0.0.1:\(peer.port)"))
        let error = try #require(ConnectionTests.error(try TransferLoopTests.exchange([request]).first))
        #expect(error.kind == .proxyRefused)
        #expect(error.message == "no connection by the proxy")
        #expect(!error.requestBegun)
    }

    @Test(arguments: ["http", "socks5h"]) func `carries conversations through the proxy`(_ scheme: String) throws {
        @Sendable func answer(_ text: String) -> String {
            text.split(whereSeparator: \.isNewline).map { line in
                line == "hi" ? "welcome\r\n" : line.hasPrefix("say ") ? "ok \(line.dropFirst(4))\r\n" : ""
            }.joined()
        }
        let peer =
            scheme == "http"
            ? LoopbackPeer { piece, _ in
                let text = String(decoding: piece, as: UTF8.self)
                return .bytes(Array((text.hasPrefix("CONNECT") ? "HTTP/1.1 200 X\r\n\r\n" : answer(text)).utf8))
            } : Self.socks(answer)
        var target = TransferTarget(
            url: try TargetURL("lines://broker.example:7", schemes: [TargetURL.Scheme("lines", port: 1)]))
        target.proxy = try Self.proxy("\(scheme)://127.0.0.1:\(peer.port)", login: ("care", "secret"))
        let endpoint = ConversationEndpoint(target: target) { ConnectionTests.Lines(depth: 4) }
        let loop = try ConnectionTests.loop()
        let requests = (0..<3).map { ConnectionTests.say("m\($0)", to: endpoint) }
        #expect(try ConnectionTests.exchange(requests, loop) == [.accepted, .accepted, .accepted])
        #expect(peer.connections == 1)
        let sent = String(decoding: peer.received, as: UTF8.self)
        #expect(sent.contains("broker.example"))
        #expect(sent.hasSuffix("hi\r\nsay m0\r\nsay m1\r\nsay m2\r\n"))
    }

    @Test func `ends a message at once, and as not sent, when the proxy makes no connection for it`() throws {
        let server = Self.server(.status(403))
        var target = TransferTarget(
            url: try TargetURL("lines://broker.example:7", schemes: [TargetURL.Scheme("lines", port: 1)]))
        target.proxy = try Self.proxy("http://127.0.0.1:\(server.port)")
        let endpoint = ConversationEndpoint(target: target) { ConnectionTests.Lines(depth: 4) }
        let result = try ConnectionTests.exchange([ConnectionTests.say("m", to: endpoint)], try ConnectionTests.loop())
        let error = try #require(ConnectionTests.error(result.first))
        #expect(error.kind == .proxyRefused)
        #expect(!error.requestBegun)
    }
}

import CareThreads
import CareTransport
import LoopbackServer
import Testing

/// Conversations against a peer on loopback, in a protocol of one line for each message.
@Suite struct ConnectionTests {
    /// "hi" and "welcome" once, then "say BODY" and "ok BODY" or "no BODY".
    struct Lines: Conversation {
        var depth = 4
        var isReady = false
        private var input = ConversationInput()
        private var tickets: [(ticket: Int, body: String)] = []

        init(depth: Int) { self.depth = depth }

        mutating func open(into output: inout [UInt8]) { output += "hi\r\n".utf8 }

        mutating func send(
            _ message: ConversationMessage, ticket: Int, into output: inout [UInt8]
        ) -> ConversationOutcome? {
            if message.body.isEmpty { return .refused(code: 1, detail: "empty") }
            output += "say ".utf8 + message.body + "\r\n".utf8
            tickets.append((ticket, String(decoding: message.body, as: UTF8.self)))
            return nil
        }

        mutating func receive(
            _ bytes: [UInt8], into output: inout [UInt8], ended: inout [ConversationEnd]
        ) throws(ConversationProblem) {
            input.append(bytes)
            while let line = try input.takeLine(limit: 100) {
                let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
                switch words.first ?? "" {
                case "welcome": isReady = true
                case "go": throw .refused(code: 7, detail: "go away")
                case "note": break
                case "ping": output += (String(repeating: "pong", count: 25) + "\r\n").utf8
                case "ok", "no":
                    guard let place = tickets.firstIndex(where: { $0.body == words.last }) else { throw .garbled }
                    let outcome: ConversationOutcome = words[0] == "ok" ? .accepted : .refused(code: 2, detail: "no")
                    ended.append(ConversationEnd(ticket: tickets.remove(at: place).ticket, outcome))
                default: throw .garbled
                }
            }
        }

        mutating func close(into output: inout [UInt8]) { output += "bye\r\n".utf8 }
    }

    static func endpoint(
        _ port: Int, host: String = "127.0.0.1", timeout: Int64 = 5_000, depth: Int = 4,
        addresses: AddressPolicy = .publicAndPrivate
    ) throws -> ConversationEndpoint {
        let lines = [TargetURL.Scheme("lines", port: 1)]
        return ConversationEndpoint(
            target: TransferTarget(
                url: try TargetURL("lines://\(host):\(port)", schemes: lines), timeoutMilliseconds: timeout,
                addresses: addresses)
        ) { Lines(depth: depth) }
    }

    static func say(_ body: String, to endpoint: ConversationEndpoint) -> TransferRequest {
        .conversation(
            ConversationRequest(
                endpoint: endpoint, message: ConversationMessage(id: body, subject: "", body: Array(body.utf8))))
    }

    static func loop(resolver: Resolver = Resolver(lookup: { _ in [] })) throws -> TransferLoop {
        try #require(TransferLoop(resolver: resolver, capacity: 256))
    }

    /// The results in the order of the requests.
    static func exchange(_ requests: [TransferRequest], _ loop: TransferLoop) throws -> [TransferResult] {
        for (index, request) in requests.enumerated() { loop.submit(request, tag: index) }
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

    static func error(_ result: TransferResult?) -> TransportError? {
        if case .failure(let error) = result { error } else { nil }
    }

    /// Answers each line that has come whole.
    static func peer(_ reply: @escaping @Sendable (String) -> String = { "ok \($0)\r\n" }) -> LoopbackPeer {
        LoopbackPeer { piece, _ in
            let lines = String(decoding: piece, as: UTF8.self).split(whereSeparator: \.isNewline)
            let answer = lines.map { line in
                line == "hi" ? "welcome\r\n" : line.hasPrefix("say ") ? reply(String(line.dropFirst(4))) : ""
            }
            return .bytes(Array(answer.joined().utf8))
        }
    }

    @Test func `keeps a connection, greets once, and says good-bye`() throws {
        let peer = Self.peer()
        do {
            let loop = try Self.loop()
            let endpoint = try Self.endpoint(peer.port)
            for number in 0..<3 {
                #expect(try Self.exchange([Self.say("m\(number)", to: endpoint)], loop) == [.accepted])
            }
            #expect(peer.connections == 1)
        }
        while peer.ended == 0 {}
        #expect(String(decoding: peer.received, as: UTF8.self) == "hi\r\nsay m0\r\nsay m1\r\nsay m2\r\nbye\r\n")
    }

    @Test func `has so many messages under way on a connection as the protocol allows, and makes more connections`()
        throws
    {
        let peer = Self.peer()
        let loop = try Self.loop()
        let endpoint = try Self.endpoint(peer.port, depth: 4)
        let results = try Self.exchange((0..<10).map { Self.say("m\($0)", to: endpoint) }, loop)
        #expect(results == Array(repeating: .accepted, count: 10))
        #expect(peer.connections == 3)
        #expect(try Self.exchange((0..<12).map { Self.say("n\($0)", to: endpoint) }, loop).count == 12)
        #expect(peer.connections == 3)
    }

    @Test func `gives each message its own outcome`() throws {
        let peer = Self.peer { $0 == "m1" ? "ping\r\nno m1\r\n" : "ok \($0)\r\n" }
        let endpoint = try Self.endpoint(peer.port)
        let results = try Self.exchange(
            ["m0", "m1", "", "m2"].map { Self.say($0, to: endpoint) }, try Self.loop())
        #expect(
            results == [.accepted, .refused(code: 2, detail: "no"), .refused(code: 1, detail: "empty"), .accepted])
    }

    @Test func `passes a refusal at the door on to what waits`() throws {
        let peer = LoopbackPeer { _, _ in .last(Array("go away\r\n".utf8)) }
        let endpoint = try Self.endpoint(peer.port)
        let results = try Self.exchange([Self.say("a", to: endpoint), Self.say("b", to: endpoint)], try Self.loop())
        #expect(results == Array(repeating: .refused(code: 7, detail: "go away"), count: 2))
    }

    /// What a peer does after the greeting, and what becomes of a message by then sent.
    static let failures: [(String, LoopbackPeer.Answer, TransportError.Kind)] = [
        ("hangs up", .last([]), .connectionLost), ("says nothing", .silence, .answerTimeout),
        ("sends garbage", .bytes(Array("HTTP/1.1 400\r\n".utf8)), .badAnswer),
        ("sends a line without end", .bytes(Array(repeating: 0x61, count: 5_000)), .badAnswer),
        ("sends without end", .endless(Array("ping\r\n".utf8)), .badAnswer),
        ("refuses afterwards", .bytes(Array("go away\r\n".utf8)), .connectionLost),
    ]

    @Test(arguments: failures) func `does not know what became of a message when the peer`(
        _ name: String, _ answer: LoopbackPeer.Answer, _ kind: TransportError.Kind
    ) throws {
        let peer = LoopbackPeer { piece, _ in
            piece.starts(with: "hi".utf8) ? .bytes(Array("welcome\r\n".utf8)) : answer
        }
        let endpoint = try Self.endpoint(peer.port, timeout: kind == .answerTimeout ? 300 : 120_000)
        let error = Self.error(try Self.exchange([Self.say("a", to: endpoint)], try Self.loop()).first)
        #expect(error?.kind == kind && error?.classification == .unknown)
    }

    @Test func `reads on in the next pass when much comes at once`() throws {
        // More than twice what one pass reads.
        let talk = String(repeating: "note \(String(repeating: "x", count: 90))\r\n", count: 25_000)
        let peer = Self.peer { "\(talk)ok \($0)\r\n" }
        let endpoint = try Self.endpoint(peer.port, timeout: 120_000)
        let loop = try Self.loop()
        for body in ["a", "b"] {
            #expect(try Self.exchange([Self.say(body, to: endpoint)], loop) == [.accepted])
        }
        #expect(peer.connections == 1)
    }

    @Test func `does not send a message whose time has come before the login is over`() throws {
        let peer = LoopbackPeer { piece, _ in piece.starts(with: "hi".utf8) ? .silence : .bytes([]) }
        let endpoint = try Self.endpoint(peer.port, timeout: 60_000)
        var request = Self.say("a", to: endpoint)
        request.limit(sendWithin: 100)
        let error = Self.error(try Self.exchange([request], try Self.loop()).first)
        #expect(error?.kind == .connectTimeout && error?.classification == .transient)
        #expect(!String(decoding: peer.received, as: UTF8.self).contains("say"))
    }

    @Test func `keeps the connection that came too late for one message for the next`() throws {
        let isOpen = Monitor(false)
        let peer = LoopbackPeer { piece, _ in
            if piece.starts(with: "hi".utf8) {
                _ = isOpen.wait(milliseconds: nil) { $0 ? true : nil }
                return .bytes(Array("welcome\r\n".utf8))
            }
            return .bytes(Array("ok b\r\n".utf8))
        }
        let endpoint = try Self.endpoint(peer.port, timeout: 60_000)
        let loop = try Self.loop()
        var late = Self.say("a", to: endpoint)
        late.limit(sendWithin: 50)
        loop.submit(late, tag: 0)
        loop.submit(Self.say("b", to: endpoint), tag: 1)
        var results: [Int: TransferResult] = [:]
        while loop.inFlight > 0 {
            loop.run(timeoutMilliseconds: 5_000) { tag, result, _ in
                results[tag] = result
                if tag == 0 { isOpen.update { $0 = true } }
            }
        }
        #expect(results == [0: .failure(TransportError(.connectTimeout)), 1: .accepted])
        #expect(peer.connections == 1)
    }

    @Test(arguments: [LoopbackPeer.Answer.last([]), .silence, .bytes([0x0A])])
    func `knows that a message was not sent before the login was over`(_ answer: LoopbackPeer.Answer) throws {
        let peer = LoopbackPeer { _, _ in answer }
        let endpoint = try Self.endpoint(peer.port, timeout: 300)
        let error = Self.error(try Self.exchange([Self.say("a", to: endpoint)], try Self.loop()).first)
        #expect(error?.requestBegun == false && error?.classification == .transient)
    }

    @Test func `makes a new connection when the peer has closed the old one meanwhile`() throws {
        let peer = Self.peer()
        let loop = try Self.loop()
        let endpoint = try Self.endpoint(peer.port)
        #expect(try Self.exchange([Self.say("a", to: endpoint)], loop) == [.accepted])
        peer.hangUp()
        while peer.ended == 0 {}
        #expect(try Self.exchange([Self.say("b", to: endpoint)], loop) == [.accepted])
        #expect(peer.connections == 2)
    }

    @Test func `sends nothing more over a connection that did not answer in time`() throws {
        let peer = LoopbackPeer { piece, connection in
            let text = String(decoding: piece, as: UTF8.self)
            if text.hasPrefix("hi") { return .bytes(Array("welcome\r\n".utf8)) }
            return connection == 1 ? .silence : .bytes(Array("ok b\r\n".utf8))
        }
        let loop = try Self.loop()
        let endpoint = try Self.endpoint(peer.port, timeout: 200)
        #expect(Self.error(try Self.exchange([Self.say("a", to: endpoint)], loop).first)?.kind == .answerTimeout)
        #expect(try Self.exchange([Self.say("b", to: endpoint)], loop) == [.accepted])
        #expect(peer.connections == 2)
    }

    @Test func `reports a refused connection, a refused address and a name without one`() throws {
        let peer = Self.peer()
        let port = peer.port
        peer.stop()
        let loop = try Self.loop()
        let closed = Self.error(try Self.exchange([Self.say("a", to: try Self.endpoint(port))], loop).first)
        #expect(closed?.kind == .notConnected && closed?.classification == .transient)
        let inside = try Self.endpoint(port, addresses: .publicOnly)
        #expect(Self.error(try Self.exchange([Self.say("a", to: inside)], loop).first)?.kind == .addressRefused)
        let nameless = try Self.endpoint(port, host: "gone.test")
        #expect(Self.error(try Self.exchange([Self.say("a", to: nameless)], loop).first)?.kind == .nameNotResolved)
    }

    @Test func `dials the address that was looked up`() throws {
        let peer = Self.peer()
        let endpoint = try Self.endpoint(peer.port, host: "mq.test")
        let loop = try Self.loop(resolver: Resolver(lookup: { $0 == "mq.test" ? ["127.0.0.1"] : [] }))
        #expect(
            try Self.exchange((0..<3).map { Self.say("m\($0)", to: endpoint) }, loop)
                == [.accepted, .accepted, .accepted])
        #expect(peer.connections == 1)
    }

    @Test func `serves many endpoints and HTTP beside them`() throws {
        let server = LoopbackServer { _ in .status(204) }
        let peers = (0..<20).map { _ in Self.peer() }
        let loop = try Self.loop()
        var requests: [TransferRequest] = []
        for peer in peers {
            let endpoint = try Self.endpoint(peer.port)
            requests += (0..<5).map { Self.say("m\($0)", to: endpoint) }
            requests.append(.http(try TransferLoopTests.request(server.url("/"))))
        }
        let results = try Self.exchange(requests, loop)
        #expect(results.count { $0 == .accepted } == 100)
        #expect(server.received.count == 20)
    }

    @Test func `carries a message larger than any buffer`() throws {
        let received = Lock(0)
        let peer = LoopbackPeer { piece, _ in
            if piece.starts(with: "hi".utf8) { return .bytes(Array("welcome\r\n".utf8)) }
            return received.withLock { count in
                count += piece.count
                return count == 8_000_006 ? .bytes(Array("no m\r\n".utf8)) : .silence
            }
        }
        let endpoint = try Self.endpoint(peer.port)
        let result = try Self.exchange(
            [Self.say(String(repeating: "x", count: 8_000_000), to: endpoint)], try Self.loop())
        // The peer does not know the message: whatever it says, all bytes have come.
        #expect(received.withLock { $0 } == 8_000_006)
        #expect(Self.error(result.first)?.kind == .badAnswer)
    }
}

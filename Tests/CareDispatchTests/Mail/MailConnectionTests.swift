import CareThreads
import CareTransport
import LoopbackServer
import Testing

@testable import CareDispatch

/// Mails over real connections, to a server on loopback that does as a test wants.
@Suite struct MailConnectionTests {
    /// A mail server; `reply` gives another answer to a command, or what stands for the end of a mail, `.`.
    static func server(
        greeting: String = "220 trial\r\n",
        _ reply: @escaping @Sendable (_ command: String) -> LoopbackPeer.Answer? = { _ in nil }
    ) -> LoopbackPeer {
        let isInMail = Lock(Set<Int>())
        return LoopbackPeer(greeting: Array(greeting.utf8)) { piece, connection in
            let text = String(decoding: piece, as: UTF8.self)
            var command = String(text.prefix { $0 != " " && $0 != "\r\n" })
            if isInMail.withLock({ $0.contains(connection) }) {
                guard text.hasSuffix("\r\n.\r\n") else { return .silence }
                command = "."
                isInMail.withLock { _ = $0.remove(connection) }
            }
            let other = reply(command)
            if command == "DATA", other == nil { isInMail.withLock { _ = $0.insert(connection) } }
            let usual = ["EHLO": "250 trial", "DATA": "354 go", "QUIT": "221 bye"][command] ?? "250 2.0.0 ok"
            return other ?? .bytes(Array("\(usual)\r\n".utf8))
        }
    }

    static func endpoint(
        _ server: LoopbackPeer, timeout: Int64 = 5_000, requiresTLS: Bool = false
    ) throws -> ConversationEndpoint {
        let target = TransferTarget(
            url: try TargetURL("smtp://127.0.0.1:\(server.port)", schemes: MailSettings.schemes),
            timeoutMilliseconds: timeout, addresses: .publicAndPrivate)
        let greeting = MailGreeting(helo: "care.acme.example", requiresTLS: requiresTLS)
        return ConversationEndpoint(target: target, mail: greeting) { SMTPConversation(returnPath: "b@acme.example") }
    }

    static func mail(_ to: String = "ann", over endpoint: ConversationEndpoint) -> TransferRequest {
        .conversation(
            ConversationRequest(
                endpoint: endpoint,
                message: ConversationMessage(
                    id: "dlv_a", subject: "\(to)@example.com", body: Array("Subject: x\r\n\r\nhi\r\n".utf8))))
    }

    /// The results by tag, and in which order they came.
    static func send(
        _ requests: [TransferRequest], _ loop: TransferLoop
    ) -> (results: [Int: TransferResult], order: [Int]) {
        for (index, request) in requests.enumerated() { loop.submit(request, tag: index) }
        var results: [Int: TransferResult] = [:]
        var order: [Int] = []
        while loop.inFlight > 0 {
            let isWhole = loop.run(timeoutMilliseconds: 5_000) { tag, result, _ in
                results[tag] = result
                order.append(tag)
            }
            #expect(isWhole)
        }
        return (results, order)
    }

    static func loop() throws -> TransferLoop {
        try #require(TransferLoop(resolver: Resolver(lookup: { _ in [] }), capacity: 64))
    }

    @Test func `greets once for many mails, and says good-bye`() throws {
        let server = Self.server()
        do {
            let loop = try Self.loop()
            let endpoint = try Self.endpoint(server)
            for _ in 0..<3 { #expect(Self.send([Self.mail(over: endpoint)], loop).results == [0: .accepted]) }
        }
        while server.ended == 0 {}
        let one = "MAIL FROM:<b@acme.example>\r\nRCPT TO:<ann@example.com>\r\nDATA\r\nSubject: x\r\n\r\nhi\r\n.\r\n"
        let all = String(decoding: server.received, as: UTF8.self)
        #expect(all == "EHLO care.acme.example\r\n\(one)\(one)\(one)QUIT\r\n")
        #expect(server.connections == 1)
    }

    @Test func `goes on over the same connection behind a refused mail`() throws {
        let server = Self.server { $0 == "RCPT" ? .bytes(Array("550 5.1.1 who\r\n".utf8)) : nil }
        let loop = try Self.loop()
        let endpoint = try Self.endpoint(server)
        for _ in 0..<2 {
            #expect(
                Self.send([Self.mail(over: endpoint)], loop).results == [
                    0: .refused(code: 550, detail: "5.1.1 to RCPT TO")
                ])
        }
        #expect(server.connections == 1)
    }

    static let greetings: [(greeting: String, code: Int, detail: String)] = [
        ("554 5.7.1 not you\r\n", 554, "5.7.1 to the connection"),
        ("421 4.3.2 closing\r\n", 421, "4.3.2 to the connection"),
        ("450-wait\r\n450 a bit\r\n", 450, "to the connection"),
    ]

    @Test(arguments: greetings) func `hears that it is not let in`(
        _ test: (greeting: String, code: Int, detail: String)
    ) throws {
        let server = Self.server(greeting: test.greeting)
        let result = Self.send([Self.mail(over: try Self.endpoint(server))], try Self.loop()).results[0]
        #expect(result == .refused(code: test.code, detail: test.detail))
    }

    static let losses: [(command: String, requestBegun: Bool)] = [
        ("EHLO", false), ("MAIL", false), ("RCPT", false), ("DATA", false), (".", true),
    ]

    @Test(arguments: losses) func `knows that a mail has not arrived when the line is cut before its end`(
        _ test: (command: String, requestBegun: Bool)
    ) throws {
        let server = Self.server { $0 == test.command ? .last([]) : nil }
        let result = Self.send([Self.mail(over: try Self.endpoint(server))], try Self.loop()).results[0]
        guard case .failure(let error)? = result else {
            Issue.record("\(String(describing: result))")
            return
        }
        #expect(error.requestBegun == test.requestBegun)
        #expect(error.classification == (test.requestBegun ? .unknown : .transient))
    }

    @Test(arguments: losses) func `knows so, too, when the time is over`(
        _ test: (command: String, requestBegun: Bool)
    ) throws {
        let server = Self.server { $0 == test.command ? .silence : nil }
        let result = Self.send([Self.mail(over: try Self.endpoint(server, timeout: 300))], try Self.loop()).results[0]
        guard case .failure(let error)? = result else {
            Issue.record("\(String(describing: result))")
            return
        }
        #expect(error.classification == (test.requestBegun ? .unknown : .transient))
    }

    @Test(arguments: ["EHLO", "MAIL", ".", "QUIT"]) func `a server that takes its time holds up no other`(
        _ command: String
    ) throws {
        let slow = Self.server { $0 == command ? .silence : nil }
        let quick = Self.server()
        let started = ContinuousClock.now
        do {
            let loop = try Self.loop()
            let slowOnes = [Self.mail(over: try Self.endpoint(slow, timeout: 2_000))]
            let quickOne = try Self.endpoint(quick)
            let quickOnes = (0..<20).map { _ in Self.mail(over: quickOne) }
            let (results, order) = Self.send(slowOnes + quickOnes, loop)
            for tag in 1...20 { #expect(results[tag] == .accepted) }
            #expect(command == "QUIT" || order.last == 0)
        }
        // One wait, that of the slow one itself; hanging up waits for nobody.
        #expect(ContinuousClock.now - started < .milliseconds(command == "QUIT" ? 1_500 : 3_500))
    }

    @Test func `sends nothing in clear text where TLS must be`() throws {
        let server = Self.server()
        let result = Self.send([Self.mail(over: try Self.endpoint(server, requiresTLS: true))], try Self.loop())
            .results[0]
        guard case .failure(let error)? = result else {
            Issue.record("\(String(describing: result))")
            return
        }
        #expect(error.kind == .tlsFailed)
        #expect(!String(decoding: server.received, as: UTF8.self).contains("MAIL"))
    }
}

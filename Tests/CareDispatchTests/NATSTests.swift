import CareTransport
import CareValues
import Testing

@testable import CareDispatch

@Suite struct NATSTests {
    static func conversation(_ change: (inout NATSConversation.Settings) -> Void = { _ in }) -> NATSConversation {
        var settings = NATSConversation.Settings(
            inbox: "_INBOX.x", user: "care", password: "p\"w", isTLS: false,
            contentType: "application/cloudevents+json")
        change(&settings)
        return NATSConversation(settings)
    }

    // What nats-server 2.15.1 says, shortened.
    static let info =
        #"INFO {"server_id":"NB4Y","version":"2.15.1","proto":1,"host":"127.0.0.1","port":14222,"headers":true,"auth_required":true,"max_payload":4000,"jetstream":true,"nonce":"nonce-1"} "#
        + "\r\n"
    static let login = Array((info + "PONG\r\n" + info).utf8)

    static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func `introduces itself when the server has spoken`() {
        var play = ConversationPlay(Self.conversation())
        #expect(play.said().isEmpty)
        play.hear(Self.text(Self.info))
        #expect(
            play.saidText()
                == #"CONNECT {"verbose":false,"pedantic":false,"tls_required":false,"lang":"swift","version":"1","name":"care","protocol":1,"headers":true,"no_responders":true,"user":"care","pass":"p\"w"}"#
                + "\r\nSUB _INBOX.x.* 1\r\nPING\r\n")
        #expect(!play.conversation.isReady)
        play.hear(Self.text("PONG\r\n"))
        #expect(play.conversation.isReady)
    }

    /// The vectors are those of nkeys 0.2.1 for the seed of the bytes 0 … 31.
    @Test func `signs the nonce by a seed`() throws {
        let key = try NKey(seed: "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y")
        #expect(key.publicKey == "UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK")
        #expect(
            key.signature(of: "nonce-1")
                == "Aj_HcjDZwFlZktcyYu97JAgWYctxzcaFc0SikCYG0tfchHcFVhub4zZnHvakWWBUcdmRZEtv5hiISSzXSYZ5BA")
        let conversation = Self.conversation { settings in
            settings.nkey = key
            settings.user = nil
            settings.password = nil
        }
        var play = ConversationPlay(conversation)
        play.hear(Self.text(Self.info))
        let said = play.saidText()
        #expect(said.contains(#""nkey":"UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK","sig":""#))
        for (text, problem) in [
            ("SAAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4HYMHI", NKey.Problem.notUser),
            ("SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776A", .malformed), ("", .malformed),
            ("SU1", .malformed),
            ("UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK", .malformed),
        ] {
            #expect(throws: problem) { try NKey(seed: text) }
        }
    }

    @Test func `publishes with the delivery id as message id, and a reply subject of its own`() {
        var play = ConversationPlay(Self.conversation { $0.stream = "CARE" })
        play.hear(Self.login)
        _ = play.said()
        play.send("care.a", #"{"a":1}"#, id: "dlv_1")
        let headers =
            "NATS/1.0\r\nNats-Msg-Id: dlv_1\r\nContent-Type: application/cloudevents+json\r\nNats-Expected-Stream: CARE\r\n\r\n"
        let (length, total) = (headers.utf8.count, headers.utf8.count + 7)
        #expect(play.saidText() == "HPUB care.a _INBOX.x.1 \(length) \(total)\r\n\(headers){\"a\":1}\r\n")
    }

    static let answers =
        "MSG _INBOX.x.1 1 25\r\n{\"stream\":\"CARE\",\"seq\":1}\r\n"
        + "MSG _INBOX.x.2 1 43\r\n{\"stream\":\"CARE\",\"seq\":1,\"duplicate\": true}\r\nPING\r\n"
        + "HMSG _INBOX.x.3 1 38 38\r\nNATS/1.0 503\r\nNats-Subject: none.a\r\n\r\n\r\n"
        + "-ERR 'Permissions Violation for Publish to \"secret.a\"'\r\n"
        + "MSG _INBOX.x.6 1 105\r\n{\"error\":{\"code\":503,\"err_code\":10077,\"description\":\"maximum messages exceeded\"},\"stream\":\"CARE\",\"seq\":0}\r\n"
        + "MSG _INBOX.x.5 1 2\r\nok\r\nMSG _INBOX.x.7 1 27\r\n{\"stream\":\"CARE\",\"seq\":\"1\"}\r\n"

    static func messages(_ play: inout ConversationPlay) {
        for (ticket, subject) in ["care.a", "care.a", "none.a", "secret.a", "care.b", "care.c", "care.d"].enumerated() {
            play.send(subject, ticket: ticket + 1)
        }
    }

    @Test func `takes acknowledgements in any order, cut anywhere`() {
        ConversationPlay.cuts(
            { Self.conversation() }, login: Self.login, messages: Self.messages, answers: Self.text(Self.answers),
            ends: [
                .accepted(1), .accepted(2), .refused(3, "503, no stream takes the subject", code: 503),
                .refused(4, "permissions violation"), .refused(6, "503, err_code 10077", code: 10_077),
                .refused(5, "not an answer of JetStream"), .refused(7, "not an answer of JetStream"),
            ])
    }

    @Test func `answers a ping at any time`() {
        var play = ConversationPlay(Self.conversation())
        play.hear(Self.login)
        _ = play.said()
        play.hear(Self.text("PING\r\nPI"))
        #expect(play.saidText() == "PONG\r\n")
        play.hear(Self.text("NG\r\n+OK\r\n"))
        #expect(play.saidText() == "PONG\r\n" && play.problem == nil)
    }

    static let problems: [(String, ConversationProblem)] = [
        ("-ERR 'Authorization Violation'\r\n", .refused(code: 0, detail: "authorization violation")),
        ("-ERR 'Maximum Payload Violation'\r\n", .refused(code: 0, detail: "maximum payload violation")),
        ("-ERR 'c2077 said something'\r\n", .refused(code: 0, detail: "server error")),
        (
            "-ERR 'Permissions Violation for Subscription to \"_INBOX.x.*\"'\r\n",
            .refused(code: 0, detail: "permissions violation")
        ),
        ("HTTP/1.1 400 Bad Request\r\n", .garbled), ("INFO {\r\n", .garbled), ("MSG a 1\r\n", .garbled),
        ("MSG _INBOX.y.1 1 0\r\n\r\n", .garbled), ("MSG _INBOX.x.1 1 -1\r\n", .garbled),
        ("MSG _INBOX.x.1 1 99999999\r\n", .garbled), ("HMSG _INBOX.x.1 1 9 8\r\n", .garbled),
        ("MSG _INBOX.x.1 1 2\r\nokay", .garbled), ("PING\n", .garbled), ("PING\rx", .garbled), ("\r\n", .garbled),
        (String(repeating: "I", count: 70_000), .garbled),
    ]

    @Test(arguments: problems) func `knows an end and garbage`(_ text: String, _ problem: ConversationProblem) {
        for size in [0, 1] {
            var play = ConversationPlay(Self.conversation())
            play.hear(Self.login)
            play.hear(Self.text(text), cut: size)
            #expect(play.problem == problem)
        }
    }

    @Test func `is not let in without TLS or headers`() {
        var wantsTLS = ConversationPlay(Self.conversation())
        wantsTLS.hear(Self.text("INFO {\"headers\":true,\"tls_required\":true}\r\n"))
        #expect(wantsTLS.problem == .refused(code: 0, detail: "server wants TLS: tls:// and handshake_first"))
        #expect(wantsTLS.output.isEmpty, "a password must not be said in the open")
        var old = ConversationPlay(Self.conversation())
        old.hear(Self.text("INFO {\"version\":\"2.0\"}\r\n"))
        #expect(old.problem == .refused(code: 0, detail: "server without headers"))
    }

    @Test func `sends nothing that the server would refuse`() {
        var play = ConversationPlay(Self.conversation())
        play.hear(Self.login)
        play.send("care.a", String(repeating: "x", count: 4_000), ticket: 1)
        for (ticket, subject) in ["", "a b", "a..b", ".a", "a.*", "a.>", "a\r\nb"].enumerated() {
            play.send(subject, ticket: ticket + 2)
        }
        #expect(play.ends.first == .refused(1, "message too large"))
        #expect(play.ends.dropFirst() == (2...8).map { .refused($0, "invalid subject") }[...])
    }

    @Test(arguments: [1, 2] as [UInt64]) func `survives garbage`(_ seed: UInt64) {
        ConversationPlay.garbage(
            { Self.conversation() }, login: Self.login, messages: Self.messages, answers: Self.text(Self.answers),
            seed: seed)
    }

    static func channel(_ keys: String) throws -> any Channel {
        let (settings, findings) = try DestinationSettingsTests.read(#"{ "d": { "type": "nats", \#(keys) } }"#)
        #expect(findings.isEmpty)
        let values = ["PW": "pw", "SEED": "SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y"]
        return try Destination(
            try #require(settings.first), secrets: SecretSource(environment: { values[$0] }, file: { _ in nil })
        ).channel
    }

    @Test func `fills the subject: a type may have levels, a customer not`() throws {
        let channel = try Self.channel(
            #""url": "tls://mq.example", "subject": "care.{{customer}}.{{type}}", "nkey": "env:SEED""#)
        let order = ChannelTests.order(customer: "a.b > *")
        let request = try #require(channel.request(for: order, body: [], now: order.decidedAt).conversation)
        #expect(request.message.subject == "care.a%2Eb%20%3E%20%2A.care.birthday")
        #expect(request.endpoint.target.url.port == 4222 && request.endpoint.target.url.isTLS)
    }

    static let results: [(TransferResult, AttemptResult.Kind)] = [
        (.accepted, .delivered), (.refused(code: 503, detail: "503"), .failed),
        (.refused(code: 10_077, detail: "503, err_code 10077"), .throttled),
        (.refused(code: 10_054, detail: "400, err_code 10054"), .permanent),
        (.refused(code: 0, detail: "message too large"), .permanent),
        (.refused(code: 0, detail: "authorization violation"), .failed),
        (.failure(TransportError(.answerTimeout, requestBegun: true)), .unknown),
    ]

    @Test(arguments: results) func `judges what the server says`(
        _ result: TransferResult, _ kind: AttemptResult.Kind
    ) throws {
        let channel = try Self.channel(#""url": "nats://mq.example", "subject": "care""#)
        #expect(channel.result(of: result, now: Timestamp(milliseconds: 0)).kind == kind)
    }

    static let mistakes: [(String, String)] = [
        (#""url": "nats://a""#, "destination 'd' has no subject"),
        (#""url": "nats://a", "subject": "a b""#, "the subject of destination 'd' cannot be published to"),
        (#""url": "nats://a", "subject": "a", "stream": "A.B""#, "not a stream's name"),
        (
            #""url": "nats://a", "subject": "a", "token": "env:T", "nkey": "env:S""#,
            "destination 'd' logs in in more than one way"
        ),
        (#""url": "nats://a", "subject": "a", "jwt": "env:T""#, "destination 'd' has a jwt but no nkey"),
        (#""url": "nats://a", "subject": "a", "token": "plain""#, "token of destination 'd' must be a reference"),
    ]

    @Test(arguments: mistakes) func `says what is wrong with the settings`(_ keys: String, _ message: String) throws {
        let (_, findings) = try DestinationSettingsTests.read(#"{ "d": { "type": "nats", \#(keys) } }"#)
        #expect(findings.map(\.message) == [message])
    }
}

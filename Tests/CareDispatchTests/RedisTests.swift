import CareTransport
import CareValues
import Testing

@testable import CareDispatch

@Suite struct RedisTests {
    static func conversation(_ change: (inout RedisConversation.Settings) -> Void = { _ in }) -> RedisConversation {
        var settings = RedisConversation.Settings()
        change(&settings)
        return RedisConversation(settings)
    }

    static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    static func withLogin() -> RedisConversation {
        conversation {
            $0.password = "pä"
            $0.database = 2
        }
    }

    @Test func `logs in once, as a user or the default one, and selects a database`() {
        #expect(ConversationPlay(Self.conversation()).output.isEmpty)
        #expect(ConversationPlay(Self.conversation()).conversation.isReady)
        var play = ConversationPlay(Self.withLogin())
        #expect(play.saidText() == "*2\r\n$4\r\nAUTH\r\n$3\r\npä\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n2\r\n")
        play.hear(Self.text("+OK\r\n"))
        #expect(!play.conversation.isReady)
        play.hear(Self.text("+OK\r\n"))
        #expect(play.conversation.isReady)
        var named = ConversationPlay(
            Self.conversation { settings in
                settings.user = "care"
                settings.password = "p"
            })
        #expect(named.saidText() == "*3\r\n$4\r\nAUTH\r\n$4\r\ncare\r\n$1\r\np\r\n")
    }

    @Test func `adds an entry with the delivery id, lengths in bytes`() {
        var play = ConversationPlay(
            Self.conversation { settings in
                settings.maximumLength = 1_000
                settings.makesStreams = false
            })
        play.send("客", "{\"ü\":1}", id: "dlv_1")
        #expect(
            play.saidText()
                == "*11\r\n$4\r\nXADD\r\n$3\r\n客\r\n$10\r\nNOMKSTREAM\r\n$6\r\nMAXLEN\r\n$1\r\n~\r\n$4\r\n1000\r\n$1\r\n*\r\n$2\r\nid\r\n$5\r\ndlv_1\r\n$5\r\nevent\r\n$8\r\n{\"ü\":1}\r\n"
        )
    }

    // What redis-server 7.0 says.
    static let answers =
        "$15\r\n1795894164614-0\r\n+1795894164614-1\r\n-WRONGTYPE Operation against a key holding the wrong kind of value\r\n$-1\r\n"
        + "-OOM command not allowed when used memory > 'maxmemory'.\r\n-c2077 odd\r\n$15\r\n1795894164614-2\r\n"

    static func messages(_ play: inout ConversationPlay) {
        for ticket in 1...7 { play.send("s", ticket: ticket) }
    }

    @Test func `takes answers in the order of the commands, cut anywhere`() {
        ConversationPlay.cuts(
            { Self.withLogin() }, login: Self.text("+OK\r\n+OK\r\n"), messages: Self.messages,
            answers: Self.text(Self.answers),
            ends: [
                .accepted(1), .accepted(2), .refused(3, "WRONGTYPE"), .refused(4, "no such stream"),
                .refused(5, "OOM"), .refused(6, "ERR"), .accepted(7),
            ])
    }

    static let problems: [(String, ConversationProblem)] = [
        ("-WRONGPASS invalid username-password pair or user is disabled.\r\n", .refused(code: 0, detail: "WRONGPASS")),
        ("-NOAUTH Authentication required.\r\n", .refused(code: 0, detail: "NOAUTH")),
        ("+OK\r\n-ERR DB index is out of range\r\n", .refused(code: 0, detail: "ERR")),
        ("+OK\r\n+OK\r\n-ERR max number of clients reached\r\n", .refused(code: 0, detail: "ERR")),
        ("+OK\r\n+OK\r\n+OK\r\n", .garbled), ("$-1\r\n", .garbled), (":1\r\n", .garbled), ("*1\r\n", .garbled),
        ("HTTP/1.1 400 Bad Request\r\n", .garbled), ("$\r\n", .garbled), ("$9999\r\n", .garbled), ("$1x\r\n", .garbled),
        ("$2\r\nabcd", .garbled), ("+OK\n", .garbled), ("\r\n", .garbled),
        ("+" + String(repeating: "x", count: 5_000), .garbled),
    ]

    @Test(arguments: problems) func `knows an end and garbage`(_ text: String, _ problem: ConversationProblem) {
        for size in [0, 1] {
            var play = ConversationPlay(Self.withLogin())
            play.hear(Self.text(text), cut: size)
            #expect(play.problem == problem)
        }
    }

    @Test(arguments: [1, 2] as [UInt64]) func `survives garbage`(_ seed: UInt64) {
        ConversationPlay.garbage(
            { Self.withLogin() }, login: Self.text("+OK\r\n+OK\r\n"), messages: Self.messages,
            answers: Self.text(Self.answers), seed: seed)
    }

    static func channel(_ keys: String) throws -> any Channel {
        let (settings, findings) = try DestinationSettingsTests.read(#"{ "d": { "type": "redis", \#(keys) } }"#)
        #expect(findings.isEmpty)
        return try Destination(
            try #require(settings.first), secrets: SecretSource(environment: { _ in "pw" }, file: { _ in nil })
        ).channel
    }

    @Test func `fills the key`() throws {
        let channel = try Self.channel(
            #""url": "rediss://r.example:6390", "stream": "care:{{customer}}", "password": "env:P", "database": 3, "maxLength": 10, "createStream": false"#
        )
        let order = ChannelTests.order(customer: "a:b 客")
        let request = try #require(channel.request(for: order, body: [], now: order.decidedAt).conversation)
        #expect(request.message.subject == "care:a%3Ab 客")
        #expect(request.endpoint.target.url.port == 6390 && request.endpoint.target.url.isTLS)
    }

    static let results: [(String, AttemptResult.Kind)] = [
        ("WRONGTYPE", .permanent), ("OOM", .throttled), ("LOADING", .throttled), ("BUSY", .throttled),
        ("READONLY", .failed), ("MOVED", .failed), ("NOAUTH", .failed), ("WRONGPASS", .failed), ("NOPERM", .failed),
        ("MISCONF", .failed), ("CLUSTERDOWN", .failed), ("no such stream", .failed), ("ERR", .failed),
    ]

    @Test(arguments: results) func `judges an error by its word`(_ word: String, _ kind: AttemptResult.Kind) throws {
        let channel = try Self.channel(#""url": "redis://r.example", "stream": "care""#)
        let result = channel.result(of: .refused(code: 0, detail: word), now: Timestamp(milliseconds: 0))
        #expect(result.kind == kind && result.detail == word)
        #expect(channel.result(of: .accepted, now: Timestamp(milliseconds: 0)).kind == .delivered)
    }

    static let mistakes: [(String, String)] = [
        (#""url": "redis://a""#, "destination 'd' has no stream"),
        (#""url": "redis://a", "stream": "s", "database": -1"#, "must be a whole number from 0 to 65535"),
        (#""url": "redis://a", "stream": "s", "maxLength": 0"#, "must be a whole number from 1 to 1000000000"),
        (
            #""url": "redis://a/2", "stream": "s""#,
            "the url of destination 'd' has a path, which means nothing to such a broker"
        ),
        (#""url": "redis://a", "stream": "s", "topic": "t""#, "unknown key 'topic' in destination 'd'"),
    ]

    @Test(arguments: mistakes) func `says what is wrong with the settings`(_ keys: String, _ message: String) throws {
        let (_, findings) = try DestinationSettingsTests.read(#"{ "d": { "type": "redis", \#(keys) } }"#)
        #expect(findings.map(\.message) == [message])
    }
}

import CareTransport
import CareValues
import Testing

@testable import CareDispatch

@Suite struct MQTTTests {
    static func conversation(
        _ version: MQTTSettings.Version = .v5, quality: UInt8 = 1, user: String? = "care"
    ) -> MQTTConversation {
        MQTTConversation(
            .init(
                version: version, clientID: "care-1", user: user, password: user.map { _ in "pw" }, quality: quality,
                contentType: "application/cloudevents+json"))
    }

    // What mosquitto 2.0.11 says.
    static let connack5 = bytes("20 0e 00 00 0b 22 00 0a 27 00 00 0f a0 21 00 14")
    static let connack311 = bytes("20 02 00 00")

    @Test func `introduces itself by version 5`() {
        let play = ConversationPlay(Self.conversation())
        #expect(
            play.output
                == bytes("10 22 00 04 4d 51 54 54 05 c2 00 78 05 27 00 01 00 00 00 06 63 61 72 65 2d 31")
                + bytes("00 04 63 61 72 65 00 02 70 77"))
    }

    @Test func `introduces itself by version 3.1.1, without a login`() {
        let play = ConversationPlay(Self.conversation(.v311, user: nil))
        #expect(play.output == bytes("10 12 00 04 4d 51 54 54 04 02 00 78 00 06 63 61 72 65 2d 31"))
    }

    @Test func `publishes with identifiers, and with the delivery id where the version has a place for it`() {
        var play = ConversationPlay(Self.conversation())
        play.hear(Self.connack5)
        _ = play.said()
        play.send("care/a", "{}", id: "d1")
        #expect(
            play.said()
                == bytes("32 3f 00 06 63 61 72 65 2f 61 00 01 32 01 01 03 00 1c")
                + Array("application/cloudevents+json".utf8)
                + bytes("26 00 0a") + Array("webhook-id".utf8) + bytes("00 02 64 31 7b 7d"))
        var older = ConversationPlay(Self.conversation(.v311))
        older.hear(Self.connack311)
        _ = older.said()
        older.send("care/a", "{}")
        #expect(older.said() == bytes("32 0c 00 06 63 61 72 65 2f 61 00 01 7b 7d"))
    }

    @Test func `takes acknowledgements in any order, cut anywhere`() {
        ConversationPlay.cuts(
            { Self.conversation() }, login: Self.connack5,
            messages: { play in
                for ticket in 1...4 { play.send("care/\(ticket)", ticket: ticket) }
            },
            answers: bytes("40 03 00 02 87 40 03 00 04 10 40 02 00 01 40 04 00 03 00 00"),
            ends: [
                .refused(2, "not authorized", code: 0x87), .refused(4, "no subscriber", code: 0x10), .accepted(1),
                .accepted(3),
            ])
        ConversationPlay.cuts(
            { Self.conversation(.v311) }, login: Self.connack311, messages: { $0.send("care/a") },
            answers: bytes("40 02 00 01"), ends: [.accepted(1)])
    }

    @Test func `has a message of quality 0 read before it counts`() {
        var play = ConversationPlay(Self.conversation(.v311, quality: 0))
        play.hear(Self.connack311)
        _ = play.said()
        play.send("a", "x", ticket: 1)
        play.send("a", "y", ticket: 2)
        #expect(play.said() == bytes("30 04 00 01 61 78 c0 00 30 04 00 01 61 79 c0 00"))
        play.hear(bytes("d0 00"))
        #expect(play.ends == [.accepted(1)])
        play.hear(bytes("d0 00"))
        #expect(play.ends == [.accepted(1), .accepted(2)])
        play.hear(bytes("d0 00"))
        #expect(play.problem == .garbled)
    }

    static let refusals: [(MQTTSettings.Version, String, ConversationProblem)] = [
        (.v5, "20 03 00 87 00", .refused(code: 0x87, detail: "not authorized")),
        (.v5, "20 03 00 86 00", .refused(code: 0x86, detail: "bad user name or password")),
        (.v5, "e0 01 8b", .refused(code: 0x8B, detail: "server shutting down")),
        (.v5, "e0 01 f7", .refused(code: 0xF7, detail: "reason code 247")),
        (.v311, "20 02 00 05", .refused(code: 5, detail: "not authorized")),
        (.v311, "20 02 00 03", .refused(code: 3, detail: "server unavailable")),
        (.v311, "e0 00", .garbled), (.v5, "40 02 00 01", .garbled), (.v5, "20 02 02 00", .garbled),
        (.v5, "20 02 00 00", .garbled), (.v311, "20 03 00 00 00", .garbled), (.v5, "20 04 00 00 01 ff", .garbled),
        (.v5, "20 ff ff ff ff", .garbled), (.v5, "20 ff ff 7f", .garbled), (.v5, "48 54 54 50", .garbled),
        (.v5, "20 05 00 00 02 21 00", .garbled),
    ]

    @Test(arguments: refusals) func `knows who is not let in, and what is no MQTT`(
        _ version: MQTTSettings.Version, _ hex: String, _ problem: ConversationProblem
    ) {
        for size in [0, 1] {
            var play = ConversationPlay(Self.conversation(version))
            play.hear(bytes(hex) + (hex == "48 54 54 50" ? Array(repeating: 0, count: 200) : []), cut: size)
            #expect(play.problem == problem)
        }
    }

    @Test func `keeps to what the broker allows`() {
        var play = ConversationPlay(Self.conversation())
        #expect(play.conversation.depth == 32)
        play.hear(Self.connack5)
        #expect(play.conversation.depth == 20)
        // 4,000 bytes at most, and never a wildcard.
        play.send("care/a", String(repeating: "x", count: 4_000), ticket: 1)
        play.send("care/#", ticket: 2)
        play.send("", ticket: 3)
        #expect(
            play.ends == [
                .refused(1, "packet too large", code: 0x95), .refused(2, "topic name invalid", code: 0x90),
                .refused(3, "topic name invalid", code: 0x90),
            ])
        // Maximum QoS 0.
        var low = ConversationPlay(Self.conversation())
        low.hear(bytes("20 05 00 00 02 24 00"))
        low.send("care/a")
        #expect(low.ends == [.refused(1, "QoS not supported", code: 0x9B)])
    }

    @Test func `reuses identifiers only when they are free`() {
        var play = ConversationPlay(Self.conversation(.v311))
        play.hear(Self.connack311)
        play.send("a", ticket: 0)  // identifier 1 stays under way
        _ = play.said()
        for ticket in 1...65_535 {
            play.send("a", "", ticket: ticket)
            let packet = play.said()
            play.hear([0x40, 2, packet[5], packet[6]])
        }
        #expect(play.problem == nil && play.ends.count == 65_535)
        #expect(!play.ends.contains { $0.ticket == 0 })
    }

    @Test(arguments: [1, 2] as [UInt64]) func `survives garbage`(_ seed: UInt64) {
        ConversationPlay.garbage(
            { Self.conversation() }, login: Self.connack5,
            messages: { play in for ticket in 1...3 { play.send("care/a", ticket: ticket) } },
            answers: bytes("40 02 00 01 40 04 00 02 10 00 40 02 00 03"), seed: seed)
    }

    static func channel(_ keys: String) throws -> any Channel {
        let (settings, findings) = try DestinationSettingsTests.read(#"{ "d": { "type": "mqtt", \#(keys) } }"#)
        #expect(findings.isEmpty)
        let secrets = SecretSource(environment: { $0 == "PW" ? "pw" : nil }, file: { _ in nil })
        return try Destination(try #require(settings.first), secrets: secrets).channel
    }

    @Test func `fills the topic, so that no customer makes a level or a wildcard`() throws {
        let channel = try Self.channel(
            #""url": "mqtts://mq.example", "topic": "care/{{campaign}}/{{ customer }}/{{type}}", "user": "care", "password": "env:PW""#
        )
        let order = ChannelTests.order(customer: "a/+#% ü")
        let request = try #require(
            channel.request(for: order, body: channel.body(of: order), now: order.decidedAt).conversation)
        #expect(request.message.subject == "care/birthday-gold/a%2F%2B%23%25%20ü/care.birthday")
        #expect(request.message.id == order.id.text)
        #expect(request.message.body == CloudEvent.body(of: order, source: "/care"))
        #expect(request.endpoint.target.url.port == 8883 && request.endpoint.target.url.isTLS)
    }

    static let results: [(TransferResult, AttemptResult.Kind)] = [
        (.accepted, .delivered), (.refused(code: 0x10, detail: "no subscriber"), .failed),
        (.refused(code: 0x87, detail: "not authorized"), .failed), (.refused(code: 0x97, detail: "q"), .throttled),
        (.refused(code: 0x95, detail: "packet too large"), .permanent), (.refused(code: 5, detail: "n"), .failed),
        (.failure(TransportError(.connectionLost, requestBegun: true)), .unknown),
        (.failure(TransportError(.connectionLost)), .failed),
        (.failure(TransportError(.addressRefused)), .permanent),
    ]

    @Test(arguments: results) func `judges what the broker says`(
        _ result: TransferResult, _ kind: AttemptResult.Kind
    ) throws {
        let channel = try Self.channel(#""url": "mqtt://mq.example", "topic": "care""#)
        #expect(channel.result(of: result, now: Timestamp(milliseconds: 0)).kind == kind)
    }

    static let mistakes: [(String, String)] = [
        (#""url": "mqtt://a""#, "destination 'd' has no topic"),
        (#""url": "http://a", "topic": "t""#, "the url of destination 'd' begins with none of mqtt:// and mqtts://"),
        (
            #""url": "mqtt://a/x", "topic": "t""#,
            "the url of destination 'd' has a path, which means nothing to such a broker"
        ),
        (#""url": "mqtt://u:p@a", "topic": "t""#, "the url of destination 'd' holds a user name or password"),
        (#""url": "mqtt://a", "topic": "t/#""#, "the topic of destination 'd' cannot be published to"),
        (
            #""url": "mqtt://a", "topic": "t/{{name}}""#,
            "the topic of destination 'd' names what a delivery does not have"
        ),
        (
            #""url": "mqtt://a", "topic": "t/{{type""#,
            "the topic of destination 'd' names what a delivery does not have"
        ),
        (#""url": "mqtt://a", "topic": "t", "qos": 2"#, "must be a whole number from 0 to 1"),
        (#""url": "mqtt://a", "topic": "t", "version": "4""#, "must be one of 5 and 3.1.1"),
        (#""url": "mqtt://a", "topic": "t", "user": "u""#, "destination 'd' has a user but no password"),
        (#""url": "mqtt://a", "topic": "t", "password": "env:P""#, "destination 'd' has a password but no user"),
        (
            #""url": "mqtt://a", "topic": "t", "user": "u", "password": "secret""#,
            "password of destination 'd' must be a reference"
        ),
        (
            #""url": "mqtt://a", "topic": "t", "clientId": "a b""#,
            "clientId must be up to 200 printable characters of ASCII"
        ),
    ]

    @Test(arguments: mistakes) func `says what is wrong with the settings`(_ keys: String, _ message: String) throws {
        let (settings, findings) = try DestinationSettingsTests.read(#"{ "d": { "type": "mqtt", \#(keys) } }"#)
        #expect(findings.map(\.message) == [message])
        #expect(settings.isEmpty)
    }
}

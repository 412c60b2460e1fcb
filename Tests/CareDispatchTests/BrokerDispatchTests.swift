import CareStore
import CareThreads
import CareTransport
import CareValues
import LoopbackServer
import Testing

@testable import CareDispatch

/// Deliveries to a broker on loopback that speaks MQTT 3.1.1, and does not always do what it should.
@Suite struct BrokerDispatchTests {
    /// What the broker does about a message, the first being 1.
    enum Conduct: Sendable {
        case acknowledge, hangUp, silence
        case say([UInt8])
    }

    /// Reads packets off connections and answers them.
    final class Broker: Sendable {
        private struct State {
            var unread: [Int: [UInt8]] = [:]
            var messages: [(topic: String, body: String)] = []
        }

        private let state = Lock(State())
        private let connack: LoopbackPeer.Answer
        private let conduct: @Sendable (_ message: Int) -> Conduct

        init(
            connack: LoopbackPeer.Answer = .bytes(bytes("20 02 00 00")),
            conduct: @escaping @Sendable (_ message: Int) -> Conduct = { _ in .acknowledge }
        ) {
            self.connack = connack
            self.conduct = conduct
        }

        /// Every message, in the order they came.
        var messages: [(topic: String, body: String)] { state.withLock { $0.messages } }

        func peer() -> LoopbackPeer { LoopbackPeer { self.answer($0, $1) } }

        private func answer(_ piece: [UInt8], _ connection: Int) -> LoopbackPeer.Answer {
            state.withLock { state in
                var rest = (state.unread.removeValue(forKey: connection) ?? []) + piece
                defer { state.unread[connection] = rest }
                var answers: [UInt8] = []
                while let (type, packet, length) = Self.packet(rest) {
                    rest.removeFirst(length)
                    if type == 0x10 {
                        guard case .bytes(let connack) = connack else { return connack }
                        answers += connack
                    } else if type & 0xF0 == 0x30 {
                        let end = 2 + Int(packet[0]) << 8 + Int(packet[1])
                        state.messages.append(
                            (
                                String(decoding: packet[2..<end], as: UTF8.self),
                                String(decoding: packet[(end + 2)...], as: UTF8.self)
                            ))
                        switch conduct(state.messages.count) {
                        case .acknowledge: answers += [0x40, 2, packet[end], packet[end + 1]]
                        case .hangUp: return .last(answers)
                        case .silence: break
                        case .say(let other): answers += other
                        }
                    }
                }
                return .bytes(answers)
            }
        }

        private static func packet(_ bytes: [UInt8]) -> (type: UInt8, packet: [UInt8], length: Int)? {
            var (length, shift, place) = (0, 0, 1)
            while true {
                guard place < bytes.count else { return nil }
                length |= Int(bytes[place] & 0x7F) << shift
                shift += 7
                place += 1
                if bytes[place - 1] < 0x80 { break }
            }
            guard bytes.count >= place + length else { return nil }
            return (bytes[0], Array(bytes[place..<(place + length)]), place + length)
        }
    }

    static func settings(
        _ peer: LoopbackPeer, name: String = "crm", timeout: String = "PT0.4S"
    ) throws -> DestinationSettings {
        let (settings, findings) = try DestinationSettingsTests.read(
            #"{ "\#(name)": { "type": "mqtt", "version": "3.1.1", "url": "mqtt://127.0.0.1:\#(peer.port)", "topic": "care/{{customer}}", "allowPrivateAddresses": true, "timeout": "\#(timeout)" } }"#
        )
        #expect(findings.isEmpty)
        return try #require(settings.first)
    }

    @Test func `delivers many over one connection`() throws {
        let world = try DispatchWorld()
        let broker = Broker()
        let peer = broker.peer()
        let ids = try world.enqueue(0..<300)
        #expect(try world.run(try Self.settings(peer, timeout: "PT5S")).delivered == 300)
        #expect(peer.connections == 1)
        #expect(Set(broker.messages.map(\.topic)) == Set((0..<300).map { "care/c\($0)" }))
        #expect(Set(broker.messages.map(\.body)).count == 300)
        let attempt = try #require(try world.attempts(ids[0]).first)
        #expect(attempt.outcome == .ok && attempt.status == 0 && attempt.detail.isEmpty)
    }

    static let lost: [(String, Conduct, String)] = [
        ("closes", .hangUp, "connection lost"), ("hangs", .silence, "no answer in time"),
        ("talks nonsense", .say(bytes("ff ff ff ff ff")), "answer not understood"),
        ("acknowledges what was not sent", .say(bytes("40 02 00 63")), "answer not understood"),
    ]

    @Test(arguments: lost) func `sends the same message again to a broker that, while it is published,`(
        _ name: String, _ conduct: Conduct, _ detail: String
    ) throws {
        let world = try DispatchWorld()
        let broker = Broker { $0 == 1 ? conduct : .acknowledge }
        let settings = try Self.settings(broker.peer())
        let id = try #require(try world.enqueue([1]).first)
        #expect(try world.run(settings).delivered == 0)
        let first = try #require(try world.attempts(id).first)
        #expect(first.outcome == .unknown && first.detail == detail)
        world.clock.advance(10_000)
        #expect(try world.run(settings).delivered == 1)
        #expect(broker.messages.count == 2)
        #expect(broker.messages.first?.body == broker.messages.last?.body)
        #expect(broker.messages.first?.body.contains(id.text) == true)
    }

    static let closed: [(String, LoopbackPeer.Answer, String, Int)] = [
        ("knows another password", .bytes(bytes("20 02 00 04")), "bad user name or password", 4),
        ("does not know it", .bytes(bytes("20 02 00 05")), "not authorized", 5),
        ("hangs", .silence, "no answer in time", 0),
        ("hangs up", .last([]), "connection lost", 0),
        // Its "H" begins an acknowledgement, its "T" says how long that is: longer than what comes.
        ("is a web server", .last(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)), "connection lost", 0),
    ]

    @Test(arguments: closed) func `knows that nothing was delivered to a broker that, at the door,`(
        _ name: String, _ connack: LoopbackPeer.Answer, _ detail: String, _ code: Int
    ) throws {
        let world = try DispatchWorld()
        let broker = Broker(connack: connack)
        let ids = try world.enqueue(0..<3)
        #expect(try world.run(try Self.settings(broker.peer())).delivered == 0)
        for id in ids {
            let attempt = try #require(try world.attempts(id).first)
            #expect(attempt.outcome == .failed && attempt.detail == detail && attempt.status == code)
        }
        #expect(broker.messages.isEmpty)
    }

    @Test func `does not let a broker that hangs delay another destination`() throws {
        let world = try DispatchWorld()
        let hung = Broker { _ in .silence }
        let healthy = LoopbackServer { _ in .status(204) }
        try world.enqueue(0..<40, to: "hung")
        try world.enqueue(100..<300)
        let summary = try world.run(
            try Self.settings(hung.peer(), name: "hung"), try DispatchWorld.settings("crm", healthy.url("/")))
        #expect(summary.delivered == 200)
        #expect(healthy.received.count == 200)
    }
}

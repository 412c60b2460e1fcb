import CareStore
import CareTransport
import CareValues
import LoopbackServer
import Testing

@testable import CareDispatch

/// Mails from the outbox to the server and back, as the ledger of attempts tells it.
@Suite struct MailDeliveryTests {
    static let template = ["t.txt": "Subject: Hello\n\nDear {{data.name}}"]

    static func destination(_ server: LoopbackPeer, retry: [Int64] = [], timeout: Int64 = 5_000) throws -> Destination {
        let text = #"{ "m": { "type": "mail", "server": "smtp://127.0.0.1:\#(server.port)", "tls": "never", "#
        let more = #""from": "a@b.example", "template": "t", "allowPrivateAddresses": true, "concurrency": 1 } }"#
        let (settings, findings) = try DestinationSettingsTests.read(text + more)
        #expect(findings == [])
        var mail = try #require(settings.first)
        mail.retry.waits = retry
        mail.timeoutMilliseconds = timeout
        return try Destination(
            mail, secrets: DispatchWorld.secrets, templates: try TemplateTests.templates(template))
    }

    /// Orders with these addresses and names, nil for none.
    static func enqueue(_ orders: [(address: String, name: String?)], in world: DispatchWorld) throws -> [DeliveryID] {
        var ids: [DeliveryID] = []
        try world.store.write { transaction in
            for (number, order) in orders.enumerated() {
                var delivery = world.order(number, to: "m")
                delivery.address = order.address
                delivery.data = order.name.map { #"{"name":"\#($0)"}"# } ?? "{}"
                try transaction.enqueue(delivery, firstAttemptAt: world.clock.now())
                ids.append(delivery.id)
            }
        }
        return ids
    }

    static func run(_ destination: Destination, in world: DispatchWorld) throws -> DispatchSummary {
        var options = Dispatcher.Options()
        options.random = { 0.5 }
        return try Dispatcher(store: world.store, destinations: [destination], clock: world.clock, options: options)
            .run(until: .outboxEmptyOrWaiting)
    }

    @Test func `what cannot be sent is a dead letter at once, and the others go out`() throws {
        let world = try DispatchWorld()
        let server = MailConnectionTests.server()
        var orders: [(address: String, name: String?)] = [("ann@example.com", "Ann")]
        // More than open a breaker.
        orders += Array(repeating: ("ann@example.com", nil), count: 12)
        orders += [("ann@example.com\r\nRCPT TO:<x@y.z>", "Ann"), ("bob@example.com", "Bob")]
        let ids = try Self.enqueue(orders, in: world)
        let summary = try Self.run(try Self.destination(server, retry: [1_000]), in: world)
        #expect(summary.delivered == 2)
        let reasons = [
            "template t.txt: no value for data.name", "to: the address must be one, without a name: ann@example.com",
        ]
        #expect(summary.dead == [reasons[0]: 12, reasons[1]: 1])
        let attempt = try #require(try world.attempts(ids[1]).first)
        #expect(attempt.outcome == .failed && attempt.status == 0 && attempt.detail == reasons[0])
        let said = String(decoding: server.received, as: UTF8.self)
        #expect(said.split(separator: "\r\n").count { $0.hasPrefix("RCPT TO:") } == 2)
        #expect(!said.contains("x@y.z"))
    }

    @Test func `full mailboxes say nothing about the server`() throws {
        let world = try DispatchWorld()
        let server = MailConnectionTests.server { $0 == "RCPT" ? .bytes(Array("452 4.2.2 full\r\n".utf8)) : nil }
        let ids = try Self.enqueue(Array(repeating: ("ann@example.com", "Ann"), count: 15), in: world)
        let summary = try Self.run(try Self.destination(server, retry: [1_000]), in: world)
        #expect(summary.attempts == 15 && summary.waitingCount == 15)
        #expect(try world.delivery(ids[14]).reason == "452 4.2.2 to RCPT TO: the mailbox is full")
        #expect(server.connections == 1)
    }

    @Test func `a wrong password is tried once, and parks what waits`() throws {
        let world = try DispatchWorld()
        let server = MailConnectionTests.server {
            $0 == "MAIL" ? .bytes(Array("530 5.7.0 log in first\r\n".utf8)) : nil
        }
        let ids = try Self.enqueue(Array(repeating: ("ann@example.com", "Ann"), count: 5), in: world)
        let summary = try Self.run(try Self.destination(server, retry: [1_000]), in: world)
        #expect(summary.attempts == 1)
        #expect(try world.counts() == [.parked: 5])
        #expect(try world.delivery(ids[0]).reason == "530 5.7.0 to MAIL FROM: refused by policy")
    }

    @Test func `a lost answer is unknown, and the same mail is sent again`() throws {
        let world = try DispatchWorld()
        let server = MailConnectionTests.server { command in command == "." ? .last([]) : nil }
        let id = try #require(try Self.enqueue([("ann@example.com", "Ann")], in: world).first)
        let destination = try Self.destination(server, retry: [1_000, 1_000])
        _ = try Self.run(destination, in: world)
        world.clock.advance(1_000)
        _ = try Self.run(destination, in: world)
        #expect(try world.attempts(id).map(\.outcome) == [.unknown, .unknown])
        let said = String(decoding: server.received, as: UTF8.self)
        let mails = said.split(separator: "DATA\r\n").dropFirst()
        #expect(mails.count == 2)
        let texts = mails.map { String($0.split(separator: "\r\n.\r\n")[0]) }
        #expect(texts[0] == texts[1] && texts[0].contains("Message-ID: <\(id.text)@b.example>"))
    }
}

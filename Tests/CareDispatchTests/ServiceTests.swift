import CareDispatch
import CareStore
import CareThreads
import CareTransport
import CareValues
import Foundation
import LoopbackServer
import Testing

/// Against services and libraries that are not ours; each runs where its environment variable names one.
@Suite struct ServiceTests {
    static let environment = ProcessInfo.processInfo.environment

    @Test(.enabled(if: environment["RABBITMQ_URL"] != nil))
    func `publishes to a real RabbitMQ and calls an unroutable message a failure`() throws {
        let url = try #require(Self.environment["RABBITMQ_URL"])
        let user = Self.environment["RABBITMQ_USER"] ?? "guest"
        let password = Self.environment["RABBITMQ_PASSWORD"] ?? "guest"
        let queue = "care-test-\(UInt32.random(in: 0 ... .max))"
        try Self.ask("PUT", "\(url)/api/queues/%2F/\(queue)", #"{"durable":true}"#, user, password)
        defer { _ = try? Self.ask("DELETE", "\(url)/api/queues/%2F/\(queue)", "", user, password) }
        let world = try DispatchWorld()
        func destination(_ name: String, _ key: String) throws -> Destination {
            var settings = QueueSettings(
                url: try TargetURL(url), user: .literal(user), password: .environment("P"), routingKey: key)
            settings.http.target.privateAddresses = .allowed
            return try Destination(
                DestinationSettings(name: name, channel: settings),
                secrets: SecretSource(environment: { _ in password }, file: { _ in nil }))
        }
        let routed = try world.enqueue(0..<10, to: "erp")
        let lost = try #require(try world.enqueue([100], to: "lost").first)
        let dispatcher = Dispatcher(
            store: world.store,
            destinations: [try destination("erp", queue), try destination("lost", queue + "-none")],
            clock: world.clock)
        let summary = try dispatcher.run(until: .outboxEmptyOrWaiting)
        #expect(summary.delivered == 10)
        #expect(try world.delivery(lost).reason == "not routed: no queue is bound to the key")
        let answer = try Self.ask(
            "POST", "\(url)/api/queues/%2F/\(queue)/get",
            #"{"count":100,"ackmode":"ack_requeue_false","encoding":"auto"}"#,
            user, password)
        guard case .array(let messages)? = JSONValue(jsonText: answer) else {
            Issue.record("no messages: \(answer.prefix(200))")
            return
        }
        let ids = messages.compactMap { message -> String? in
            guard case .object(let message) = message, case .object(let properties)? = message["properties"],
                case .string(let id)? = properties["message_id"], properties["delivery_mode"] == .number(2)
            else { return nil }
            return id
        }
        #expect(Set(ids) == Set(routed.map(\.text)))
    }

    @discardableResult
    static func ask(
        _ method: String, _ url: String, _ body: String, _ user: String, _ password: String
    ) throws -> String {
        var request = HTTPRequest(
            method: method, url: try TargetURL(url), headers: [("content-type", "application/json")],
            body: Array(body.utf8),
            addresses: .publicAndPrivate, basic: (user, password))
        request.keptAnswerBytes = 1 << 20
        request.maximumAnswerBytes = 1 << 20
        guard case .response(let response)? = try TransferLoopOnce.run(request), response.status < 300 else {
            Issue.record("\(method) was refused")
            return ""
        }
        return String(decoding: response.body, as: UTF8.self)
    }

    @Test(.enabled(if: environment["CARE_TEST_PYTHON"] != nil))
    func `is verified by standardwebhooks and parsed by cloudevents`() throws {
        let python = try #require(Self.environment["CARE_TEST_PYTHON"])
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        let orders = ["c1", "顾客 2", "quote\"back\\slash", "line\nend\u{85}", "🎂"].map { customer in
            let key = CanonicalJSON.array(of: ["birthday", customer, "2027/1", "1", "1"])
            return NewDelivery(
                id: DeliveryID(hashing: key), customer: customer, campaign: "birthday", key: key, destination: "crm",
                address: "", type: "care.birthday", data: #"{"name":"生日快乐🎂"}"#, decidedAt: world.clock.now(),
                expiresAt: nil)
        }
        try world.store.write { transaction in
            for order in orders { try transaction.enqueue(order, firstAttemptAt: world.clock.now()) }
        }
        // The oracle judges by the real clock.
        let dispatcher = Dispatcher(
            store: world.store,
            destinations: [
                try Destination(try DispatchWorld.settings("crm", server.url("/")), secrets: DispatchWorld.secrets)
            ],
            clock: SystemDispatchClock())
        #expect(try dispatcher.run(until: .outboxEmptyOrWaiting).delivered == orders.count)
        var lines = ""
        for request in server.received {
            let headers = JSONObject(
                uniqueMembers: request.headers.map { ($0.name, .string($0.value)) })
            lines +=
                JSONValue.object(["headers": .object(headers), "body": .string(request.text)]).canonicalText + "\n"
        }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [root.appending(path: "Scripts/integration/verify_webhook.py").path, DispatchWorld.secret]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        input.fileHandleForWriting.write(Data(lines.utf8))
        try input.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(said == "\(orders.count) verified\n")
    }
}

/// One exchange in a loop of its own.
enum TransferLoopOnce {
    static func run(_ request: HTTPRequest) throws -> TransferResult? {
        let loop = try #require(TransferLoop(resolver: Resolver(), capacity: 1))
        loop.submit(.http(request), tag: 0)
        var result: TransferResult?
        while loop.inFlight > 0 { loop.run(timeoutMilliseconds: 5_000) { _, one, _ in result = one } }
        return result
    }
}

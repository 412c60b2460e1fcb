import CareDispatch
import CareThreads
import CareTransport
import CareValues
import Testing

@testable import CareAPI

/// The receiver on a free port, asked by our own transport.
@Suite struct WebhookReceiverTests {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let old = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"

    struct StandingClock: DispatchClock {
        var decisionOffsetMilliseconds: Int64 { 0 }
        func now() -> Timestamp { Timestamp(milliseconds: 1_781_514_000_318) }
    }

    static let event =
        #"{"specversion":"1.0","id":"dlv_x","source":"/care","type":"care.birthday","subject":"c2077","data":{"turns":38,"customer":"c2077"}}"#

    /// Signed by `secret` for `seconds`.
    static func headers(
        _ body: String, secret: String = secret, seconds: Int64 = 1_781_514_000
    ) throws -> [(name: String, value: String)] {
        [
            ("webhook-id", "dlv_x"), ("webhook-timestamp", "\(seconds)"),
            (
                "webhook-signature",
                StandardWebhooks.signature(
                    id: "dlv_x", timestamp: seconds, body: Array(body.utf8), keys: [try SigningKey(secret)])
            ),
        ]
    }

    /// Posts to a receiver that runs meanwhile; what was answered, and what it told.
    static func exchange(
        _ requests: [(headers: [(name: String, value: String)], body: String)],
        _ change: (inout WebhookReceiver.Options) -> Void = { _ in }
    ) async throws -> (answers: [HTTPResponse], received: [ReceivedWebhook], counts: WebhookReceiver.Counts) {
        var options = WebhookReceiver.Options(keys: [try SigningKey(secret), try SigningKey(old)])
        options.port = 0
        options.clock = StandingClock()
        change(&options)
        let received = Lock<[ReceivedWebhook]>([])
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let receiver = WebhookReceiver(
            options: options, onListening: { continuation.yield($0) },
            onReceive: { one in received.withLock { $0.append(one) } })
        let answers = try await withThrowingTaskGroup(of: [HTTPResponse].self) { group in
            group.addTask {
                try await receiver.run()
                return []
            }
            group.addTask {
                for await port in ports {
                    // Blocks, so on a thread of its own: the pool's few threads must serve the receiver.
                    return try await withCheckedThrowingContinuation { done in
                        let worker = Worker { done.resume(with: Result { try post(requests, port) }) }
                        if let worker { worker.detach() } else { done.resume(returning: []) }
                    }
                }
                return []
            }
            let answers = try await group.next() ?? []
            group.cancelAll()
            return answers
        }
        return (answers, received.withLock { $0 }, receiver.counts)
    }

    @Sendable static func post(
        _ requests: [(headers: [(name: String, value: String)], body: String)], _ port: Int
    ) throws -> [HTTPResponse] {
        let loop = try #require(TransferLoop(resolver: Resolver(lookup: { _ in [] }), capacity: 1))
        var answers: [HTTPResponse] = []
        for request in requests {
            loop.submit(
                .http(
                    HTTPRequest(
                        method: "POST", url: try TargetURL("http://127.0.0.1:\(port)/crm"), headers: request.headers,
                        body: Array(request.body.utf8), addresses: .publicAndPrivate)), tag: 0)
            while loop.inFlight > 0 {
                loop.run(timeoutMilliseconds: 5_000) { _, result, _ in
                    if case .response(let response) = result { answers.append(response) }
                }
            }
        }
        return answers
    }

    @Test func `answers 204 to a good signature of any of its secrets and shows what came`() async throws {
        let (answers, received, counts) = try await Self.exchange([
            (try Self.headers(Self.event), Self.event), (try Self.headers(Self.event, secret: Self.old), Self.event),
        ])
        #expect(answers.map(\.status) == [204, 204])
        #expect(counts == WebhookReceiver.Counts(verified: 2, refused: 0))
        #expect(received.first?.path == "/crm")
        #expect(
            received.first?.text(time: "21:00:00.318")
                == """
                21:00:00.318  care.birthday  c2077  signature ok (v1, 0 s old)  dlv_x
                              {"customer":"c2077","turns":38}
                """)
    }

    @Test func `answers 401 to a bad one and shows nothing of it`() async throws {
        let other = Self.event.replacing("c2077", with: "c6666")
        let (answers, received, counts) = try await Self.exchange([
            (try Self.headers(Self.event), other), (try Self.headers(Self.event, seconds: 1_781_513_699), Self.event),
            ([], Self.event),
        ])
        #expect(answers.map(\.status) == [401, 401, 401])
        #expect(counts == WebhookReceiver.Counts(verified: 0, refused: 3))
        #expect(
            received.map { $0.text(time: "21:04:12.906") } == [
                "21:04:12.906  signature BAD: no secret matches; answered 401, body not shown",
                "21:04:12.906  signature BAD: 301 s old, more than 300; answered 401, body not shown",
                "21:04:12.906  signature BAD: no header webhook-id; answered 401, body not shown",
            ])
        #expect(!received.contains { $0.data.contains("c6666") || $0.subject.contains("c6666") })
    }

    @Test func `answers as told, for trials`() async throws {
        let (answers, received, _) = try await Self.exchange([(try Self.headers(Self.event), Self.event)]) { options in
            options.respondStatus = 503
            options.respondRetryAfter = "60"
        }
        #expect(answers.first?.status == 503)
        #expect(answers.first?.retryAfter == "60")
        #expect(
            received.first?.text(time: "t").hasPrefix(
                "t  care.birthday  c2077  signature ok (v1, 0 s old)  dlv_x  answered 503") == true)
    }

    @Test func `takes a signed body that is no event, and refuses one that is too long`() async throws {
        let long = String(repeating: "x", count: 2_000)
        let (answers, received, _) = try await Self.exchange([
            (try Self.headers("hello"), "hello"), (try Self.headers(long), long),
        ]) { $0.maximumBodyBytes = 1_000 }
        #expect(answers.map(\.status) == [204, 413])
        #expect(received.count == 1)
        #expect(received.first?.text(time: "t") == "t  no CloudEvent  signature ok (v1, 0 s old)  dlv_x")
    }

    @Test func `never lets what came steer the terminal`() {
        let received = ReceivedWebhook(
            receivedAt: Timestamp(milliseconds: 0), path: "/", verdict: .valid(ageSeconds: 0, version: "v1"),
            status: 204, id: "x\u{1b}[2J",
            type: "a\u{9b}b", subject: "c\u{202e}d", data: "\"\u{7f}\"")
        let text = received.text(time: "t")
        #expect(text == "t  a\\u{9b}b  c\\u{202e}d  signature ok (v1, 0 s old)  x\\u{1b}[2J\n   \"\\u{7f}\"")
    }
}

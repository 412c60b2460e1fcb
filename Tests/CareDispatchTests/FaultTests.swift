import CareDispatch
import CareStore
import CareThreads
import CareTransport
import CareValues
import Glibc
import LoopbackServer
import Testing

/// What a receiver, a name service or a disk can do wrong: nothing is lost, nothing is taken for delivered that is not.
@Suite struct FaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: LoopbackServer.Answer
        var state = DeliveryState.waiting
        var outcome: StoredAttempt.Outcome
        var detail: String
    }

    static let faults = [
        Fault(
            testDescription: "reset after the request", answer: .reset(""), outcome: .unknown, detail: "connection lost"
        ),
        Fault(
            testDescription: "reset in the middle of the head", answer: .reset("HTTP/1.1 204 No Con"),
            outcome: .unknown,
            detail: "connection lost"),
        Fault(
            testDescription: "reset in the middle of a success's body",
            answer: .reset("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"),
            state: .delivered, outcome: .ok, detail: ""),
        Fault(
            testDescription: "endless body of a success", answer: .endless(status: 200), state: .delivered,
            outcome: .ok, detail: ""),
        Fault(
            testDescription: "endless body of a failure", answer: .endless(status: 500), outcome: .failed,
            detail: "500 Internal Server Error"),
        Fault(
            testDescription: "endless chunked body",
            answer: .flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", piece: "4\r\nabcd\r\n"),
            state: .delivered,
            outcome: .ok, detail: ""),
        Fault(
            testDescription: "header flood", answer: .flood("HTTP/1.1 200 OK\r\n", piece: "X-Flood: 0123456789\r\n"),
            outcome: .unknown, detail: "answer not understood"),
        Fault(
            testDescription: "one header without an end",
            answer: .flood("HTTP/1.1 200 OK\r\nX-Flood: ", piece: "0123456789"),
            outcome: .unknown, detail: "answer not understood"),
        Fault(
            testDescription: "flood of 100 Continue", answer: .flood("", piece: "HTTP/1.1 100 Continue\r\n\r\n"),
            outcome: .unknown,
            detail: "answer not understood"),
        Fault(
            testDescription: "flood of 103 Early Hints",
            answer: .flood("", piece: "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"), outcome: .unknown,
            detail: "answer not understood"),
        Fault(
            testDescription: "slow trickle of a head",
            answer: .trickle("HTTP/1.1 204 No Content\r\n\r\n", milliseconds: 60),
            outcome: .unknown, detail: "no answer in time"),
        Fault(
            testDescription: "gzip bomb",
            answer: .flood(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\u{1F}",
                piece: "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}"),
            state: .delivered, outcome: .ok, detail: ""),
        Fault(
            testDescription: "no HTTP", answer: .raw("SSH-2.0-OpenSSH_9\r\n"), outcome: .unknown,
            detail: "answer not understood"),
        Fault(
            testDescription: "status of letters", answer: .raw("HTTP/1.1 abc X\r\n\r\n"), outcome: .unknown, detail: "*"
        ),
        Fault(
            testDescription: "redirect to the metadata service",
            answer: .status(302, headers: ["Location: http://169.254.169.254/latest/"]), outcome: .failed,
            detail: "302 Found"),
        Fault(
            testDescription: "redirect that keeps the method",
            answer: .status(308, headers: ["Location: http://127.0.0.1:1/"]), outcome: .failed,
            detail: "308 Permanent Redirect"),
        Fault(
            testDescription: "negative content length", answer: .raw("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"),
            outcome: .unknown, detail: "*"),
    ]

    @Test(arguments: faults) func `survives what a receiver does wrong`(_ fault: Fault) throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { request in request.path == "/bad" ? fault.answer : .status(204) }
        let id = try #require(try world.enqueue([1], to: "bad").first)
        try world.enqueue([2], to: "well")
        let settings = try ["bad", "well"].map { try DispatchWorld.settings($0, server.url("/\($0)")) }
        let summary = try world.dispatcher(settings).run(until: .outboxEmptyOrWaiting)
        let attempt = try #require(try world.attempts(id).first)
        #expect(attempt.outcome == fault.outcome)
        if fault.detail != "*" { #expect(attempt.detail == fault.detail) }
        #expect(try world.delivery(id).state == fault.state)
        #expect(summary.delivered == (fault.state == .delivered ? 2 : 1))
        #expect(server.received.count == 2, "tried once each, and followed nowhere")
        // The receiver's words never get into the store.
        #expect(!attempt.detail.contains("flood") && !attempt.detail.contains("169"))
    }

    @Test func `waits with a destination whose name is not found, or nobody answers at`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        let refused = server.url("/")
        server.stop()
        let ids = try world.enqueue([1], to: "down") + world.enqueue([2], to: "nameless")
        var nameless = try DispatchWorld.settings("nameless", "http://no-such-host.invalid/")
        nameless.timeoutMilliseconds = 3_000
        try world.run(try DispatchWorld.settings("down", refused), nameless)
        #expect(try ids.map { try world.attempts($0).map(\.detail) } == [["no connection"], ["name not resolved"]])
        #expect(try world.counts() == [.waiting: 2])
    }

    @Test func `counts no attempt when the system has no descriptors left, and goes on when it has`() async {
        // In a process of its own: the descriptors are everybody's.
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 200, rlim_max: 200)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let world = try DispatchWorld()
            // Each attempt needs a socket of its own.
            let server = LoopbackServer { _ in .raw("HTTP/1.1 204 X\r\nConnection: close\r\n\r\n") }
            let dispatcher = try world.dispatcher([try DispatchWorld.settings("crm", server.url("/"))])
            try world.enqueue([0])
            try world.running(dispatcher) {
                // Only what runs already has all that it needs itself.
                try DispatchWorld.wait { try world.counts() == [.delivered: 1] }
                var taken: [Int32] = []
                var count = 1
                let isExhausted: (DispatchEvent) -> Bool = { if case .resourcesExhausted = $0 { true } else { false } }
                try DispatchWorld.wait {
                    while true {
                        let descriptor = open("/dev/null", O_RDONLY)
                        if descriptor < 0 { break }
                        taken.append(descriptor)
                    }
                    // What the connection before has just given back may be enough for one more.
                    if try world.counts() == [.delivered: count] {
                        try world.enqueue([count])
                        count += 1
                    }
                    dispatcher.wake()
                    return world.events.contains(where: isExhausted)
                }
                let last = world.order(count - 1, to: "crm").id
                try DispatchWorld.wait { try world.delivery(last).state == .waiting }
                guard try world.attempts(last).isEmpty, try world.delivery(last).attempts == 0 else { exit(3) }
                for descriptor in taken { close(descriptor) }
                world.clock.advance(1_000)
                try DispatchWorld.wait {
                    dispatcher.wake()
                    return try world.counts() == [.delivered: count]
                }
            }
        }
    }

    @Test func `keeps the outbox whole while the disk is full, and sends nothing twice when there is room again`()
        throws
    {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        try world.enqueue(0..<40)
        let store = FullStore(world.store)
        var options = Dispatcher.Options()
        let fulls = Lock(0)
        options.observe = { event in if event == .storeFull { fulls.withLock { $0 += 1 } } }
        let settings = try DispatchWorld.settings("crm", server.url("/"))
        let dispatcher = Dispatcher(
            store: store, destinations: [try Destination(settings, secrets: DispatchWorld.secrets)], clock: world.clock,
            options: options)
        try world.running(dispatcher) {
            try DispatchWorld.wait { server.received.count > 0 }
            store.isFull.withLock { $0 = true }
            try DispatchWorld.wait { fulls.withLock { $0 } > 0 }
            // What was sent meanwhile is not recorded, and not forgotten.
            #expect(try world.counts()[.waiting, default: 0] + world.counts()[.sending, default: 0] > 0)
            store.isFull.withLock { $0 = false }
            try DispatchWorld.wait { try world.counts() == [.delivered: 40] }
        }
        #expect(server.received.count == 40)
        #expect(Set(server.received.compactMap { $0.header("webhook-id") }).count == 40)
    }

    /// It stays claimed, and is sent again under its id at the next start.
    @Test func `a stop waits no longer than its time for room for what was sent`() throws {
        let world = try DispatchWorld()
        let store = FullStore(world.store)
        let server = LoopbackServer { _ in
            store.isFull.withLock { $0 = true }
            return .status(204)
        }
        try world.enqueue(0..<4)
        let fulls = Lock(0)
        var options = Dispatcher.Options()
        options.graceMilliseconds = 0
        options.observe = { event in if event == .storeFull { fulls.withLock { $0 += 1 } } }
        let settings = try DispatchWorld.settings("crm", server.url("/"))
        let dispatcher = Dispatcher(
            store: store, destinations: [try Destination(settings, secrets: DispatchWorld.secrets)], clock: world.clock,
            options: options)
        let end = Lock<Result<DispatchSummary, any Error>?>(nil)
        let worker = try #require(
            Worker {
                let result = Result { try dispatcher.run(until: .stopped) }
                end.withLock { $0 = result }
            })
        try DispatchWorld.wait { fulls.withLock { $0 } > 0 }
        dispatcher.stop()
        worker.join()
        let error = end.withLock { result -> StoreError? in
            if case .failure(let error)? = result { error as? StoreError } else { nil }
        }
        #expect(error?.code == .full)
        #expect(try world.counts()[.delivered] == nil)
    }
}

/// A store whose disk is full while a test says so.
final class FullStore: CareStore {
    let isFull = Lock(false)
    private let store: any CareStore

    init(_ store: any CareStore) {
        self.store = store
    }

    func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result {
        try store.write { transaction in
            let result = try body(transaction)
            // At the commit, when all is written and nothing kept.
            if isFull.withLock({ $0 }) { throw StoreError(.full, "no space left for the store") }
            return result
        }
    }

    func read<Result>(_ body: (any StoreSnapshot) throws -> Result) throws -> Result { try store.read(body) }
    func checkpoint() throws { try store.checkpoint() }
    func close() throws { try store.close() }
}

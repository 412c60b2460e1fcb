import CareDispatch
import CareStore
import CareThreads
import CareTransport
import CareValues
import LoopbackServer
import Testing

@Suite struct DispatcherTests {
    @Test func `delivers, signs and records`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        let ids = try world.enqueue(0..<300)
        let summary = try world.run(try DispatchWorld.settings("crm", server.url("/crm")))
        #expect(summary.delivered == 300)
        #expect(summary.attempts == 300)
        #expect(summary.waiting.isEmpty)
        #expect(try world.counts() == [.delivered: 300])
        #expect(server.received.count == 300)
        #expect(server.connections <= 16)
        let secret = try SigningKey(DispatchWorld.secret)
        for request in server.received {
            let verdict = StandardWebhooks.verify(
                id: request.header("webhook-id"), timestamp: request.header("webhook-timestamp"),
                signature: request.header("webhook-signature"), body: request.body, keys: [secret],
                nowSeconds: world.clock.now().milliseconds / 1000)
            #expect(verdict == .valid(ageSeconds: 0, version: "v1"))
            #expect(request.header("content-type") == "application/cloudevents+json; charset=UTF-8")
        }
        #expect(Set(server.received.compactMap { $0.header("webhook-id") }) == Set(ids.map(\.text)))
        let attempt = try #require(try world.attempts(ids[0]).first)
        #expect(attempt.outcome == .ok)
        #expect(attempt.status == 204)
        #expect(attempt.number == 1)
        #expect(attempt.startedAt == world.clock.now())
        #expect(try world.delivery(ids[0]).attempts == 1)
    }

    @Test func `tries again when it is due, with the same id and a new signature, until it is delivered`() throws {
        let world = try DispatchWorld()
        let count = Lock(0)
        let server = LoopbackServer { _ in
            count.withLock {
                $0 += 1
                return $0
            } < 3 ? .status(500) : .status(204)
        }
        let settings = try DispatchWorld.settings("crm", server.url("/"))
        let id = try #require(try world.enqueue([1]).first)
        var summary = try world.run(settings)
        #expect(summary.delivered == 0)
        #expect(
            summary.waiting == [
                .init(
                    destination: "crm", count: 1, nextAttemptAt: world.clock.now().advanced(byMilliseconds: 5_000),
                    reason: "500 Internal Server Error")
            ])
        world.clock.advance(4_999)
        #expect(try world.run(settings).attempts == 0)
        world.clock.advance(1)
        #expect(try world.run(settings).attempts == 1)
        world.clock.advance(299_999)
        #expect(try world.run(settings).attempts == 0)
        world.clock.advance(1)
        summary = try world.run(settings)
        #expect(summary.delivered == 1)
        #expect(try world.attempts(id).map(\.outcome) == [.failed, .failed, .ok])
        #expect(try world.attempts(id).map(\.number) == [1, 2, 3])
        #expect(Set(server.received.map { $0.header("webhook-id") }) == [id.text])
        #expect(Set(server.received.map { $0.header("webhook-timestamp") }).count == 3)
        #expect(Set(server.received.map(\.text)).count == 1)
    }

    @Test func `gives up after the tenth attempt`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(500) }
        let settings = try DispatchWorld.settings("crm", server.url("/"))
        let id = try #require(try world.enqueue([1]).first)
        for attempt in 1...10 {
            let summary = try world.run(settings)
            #expect(summary.attempts == 1)
            #expect(summary.dead == (attempt == 10 ? ["attempts exhausted: 500 Internal Server Error": 1] : [:]))
            if let next = summary.nextAttemptAt { world.clock.advance(next.milliseconds(since: world.clock.now())) }
        }
        #expect(try world.delivery(id).state == .dead)
        #expect(try world.attempts(id).count == 10)
        #expect(server.received.count == 10)
    }

    @Test func `spares a destination that said 429 for as long as it asked, over a restart too`() throws {
        let world = try DispatchWorld()
        let isOver = Lock(false)
        let server = LoopbackServer { _ in
            isOver.withLock { $0 } ? .status(204) : .status(429, headers: ["Retry-After: 120"])
        }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.concurrency = 1
        try world.enqueue(0..<50)
        let summary = try world.run(settings)
        #expect(summary.attempts == 1)
        #expect(summary.waitingCount == 50)
        #expect(summary.nextAttemptAt == world.clock.now().advanced(byMilliseconds: 120_000))
        try world.enqueue([60])
        world.clock.advance(119_999)
        #expect(try world.run(settings).attempts == 0)
        isOver.withLock { $0 = true }
        world.clock.advance(1)
        #expect(try world.run(settings).delivered == 51)
    }

    @Test func `parks everything for a destination that answered 410, the row that met it too`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(410) }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.concurrency = 1
        let ids = try world.enqueue(0..<100)
        let summary = try world.run(settings)
        #expect(summary.attempts == 1)
        #expect(summary.parked.values.reduce(0, +) >= 1)
        #expect(try world.counts() == [.parked: 100])
        #expect(try world.delivery(ids[99]).reason == "410 Gone")
        let disabled = try world.store.read { try $0.disabledDestinations() }
        #expect(disabled.map(\.name) == ["crm"])
        #expect(disabled.first?.reason == "410 Gone")
        // Nothing is sent before somebody enables it; then everything goes out.
        #expect(try world.run(settings).attempts == 0)
        try world.store.write { try $0.setDestination("crm", disabled: false, since: world.clock.now(), reason: "") }
        let healthy = LoopbackServer { _ in .status(204) }
        settings.webhook.http.url = try TargetURL(healthy.url("/"))
        #expect(try world.run(settings).delivered == 100)
    }

    @Test func `leaves alone over a restart what failed ten times in a row, then tries one`() throws {
        let world = try DispatchWorld()
        let isWell = Lock(false)
        let server = LoopbackServer { _ in .status(isWell.withLock { $0 } ? 204 : 500) }
        let settings = try DispatchWorld.settings("crm", server.url("/"))
        func standing() throws -> DestinationStanding {
            try #require(
                try world.store.read { try DestinationStanding.all([settings], in: $0, now: world.clock.now()) }.first)
        }
        try world.enqueue(0..<30)
        #expect(try world.run(settings).attempts >= 10)
        let opened = world.clock.now().advanced(byMilliseconds: 30_000)
        #expect(try standing().breaker == .open)
        #expect(try standing().breakerUntil == opened)
        #expect(try standing().state == .fails)
        try world.enqueue(30..<40)
        world.clock.advance(29_999)
        #expect(try world.run(settings).attempts == 0)
        world.clock.advance(1)
        #expect(try standing().breaker == .halfOpen)
        #expect(try world.run(settings).attempts == 1)
        #expect(try standing().breakerUntil == opened.advanced(byMilliseconds: 60_000))
        world.clock.advance(60_000)
        isWell.withLock { $0 = true }
        #expect(try world.run(settings).delivered == 40)
        #expect(try standing().breaker == .closed)
        #expect(try standing().state == .delivers)
    }

    @Test func `tries a failing destination at once when somebody enables it, those given back too`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(500) }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        try world.enqueue(0..<30)
        let attempts = try world.run(settings).attempts
        let well = LoopbackServer { _ in .status(204) }
        settings.webhook.http.url = try TargetURL(well.url("/"))
        #expect(try world.run(settings).attempts == 0)
        let now = world.clock.now()
        try world.store.write { try $0.switchDestination("crm", disabledReason: nil, now: now) }
        // Those that failed wait for their next attempt, all others are due.
        #expect(try world.run(settings).delivered == 30 - attempts)
    }

    @Test func `sends again to a destination that was gone as soon as it is enabled, and stops when it is disabled`()
        throws
    {
        let world = try DispatchWorld()
        let isBack = Lock(false)
        let server = LoopbackServer { _ in .status(isBack.withLock { $0 } ? 204 : 410) }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.concurrency = 1
        try world.enqueue(0..<20)
        let dispatcher = try world.dispatcher([settings])
        func turn(_ reason: String?) throws {
            try world.store.write { try $0.switchDestination("crm", disabledReason: reason, now: world.clock.now()) }
            dispatcher.set("crm", disabledReason: reason)
        }
        try world.running(dispatcher) {
            try DispatchWorld.wait { try world.counts() == [.parked: 20] }
            isBack.withLock { $0 = true }
            try turn(nil)
            try DispatchWorld.wait { try world.counts() == [.delivered: 20] }
            try turn("maintenance")
            try world.enqueue(20..<30)
            dispatcher.wake()
            try DispatchWorld.wait { try dispatcher.metrics().allSatisfy(\.isDisabled) }
            #expect(try world.counts() == [.delivered: 20, .parked: 10])
            try turn(nil)
            try DispatchWorld.wait { try world.counts() == [.delivered: 30] }
        }
    }

    static let losses: [(LoopbackServer.Answer, StoredAttempt.Outcome, String)] = [
        (.silence, .unknown, "no answer in time"), (.hangUp, .unknown, "connection lost"),
        (.raw("nonsense\r\n\r\n"), .unknown, "answer not understood"),
        (.status(404), .failed, "404 Not Found"),
        (.status(302, headers: ["Location: http://127.0.0.1:1/"]), .failed, "302 Found"),
        (
            .raw("HTTP/1.1 503 X\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"), .failed,
            "503 Service Unavailable, Retry-After 1"
        ),
    ]

    @Test(arguments: losses) func `records how an attempt failed, and tries again`(
        _ answer: LoopbackServer.Answer, _ outcome: StoredAttempt.Outcome, _ detail: String
    ) throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in answer }
        let id = try #require(try world.enqueue([1]).first)
        try world.run(try DispatchWorld.settings("crm", server.url("/")))
        let attempt = try #require(try world.attempts(id).first)
        #expect(attempt.outcome == outcome)
        #expect(attempt.detail == detail)
        let delivery = try world.delivery(id)
        #expect(delivery.state == .waiting)
        #expect(delivery.reason == detail)
    }

    @Test(arguments: [LoopbackServer.Answer.endless(status: 200), .stalled(status: 202)])
    func `counts a success whose body never ends`(_ answer: LoopbackServer.Answer) throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in answer }
        try world.enqueue([1])
        #expect(try world.run(try DispatchWorld.settings("crm", server.url("/"))).delivered == 1)
    }

    @Test func `calls a refused connection failed, not lost`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        let settings = try DispatchWorld.settings("crm", server.url("/"))
        server.stop()
        let id = try #require(try world.enqueue([1]).first)
        try world.run(settings)
        #expect(try world.attempts(id).map(\.outcome) == [.failed])
        #expect(try world.attempts(id).map(\.detail) == ["no connection"])
    }

    @Test(arguments: ["http://127.0.0.1:9/", "http://[::ffff:127.0.0.1]:9/", "http://2130706433:9/"])
    func `never dials loopback for a destination that does not allow it`(_ url: String) throws {
        let world = try DispatchWorld()
        var settings = try DispatchWorld.settings("crm", url)
        settings.webhook.http.target.privateAddresses = .refused
        let id = try #require(try world.enqueue([1]).first)
        let summary = try world.run(settings)
        #expect(summary.dead == ["address refused": 1])
        #expect(try world.delivery(id).state == .dead)
    }

    @Test func `makes no attempt from the expiry of the decision clock on`() throws {
        let world = try DispatchWorld(decisionOffset: 86_400_000)
        let server = LoopbackServer { _ in .status(204) }
        let settings = try DispatchWorld.settings("crm", server.url("/"))
        try world.enqueue([1], expiresIn: 1_000)
        try world.enqueue([2], expiresIn: 1_001)
        world.clock.advance(1_000)
        let summary = try world.run(settings)
        #expect(summary.delivered == 1)
        #expect(summary.dead == ["expired": 1])
        #expect(server.received.count == 1)
    }

    @Test func `opens the breaker after ten failures and leaves the rest untried`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(500) }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.concurrency = 1
        try world.enqueue(0..<200)
        let summary = try world.run(settings)
        #expect(summary.attempts == 10)
        #expect(summary.waitingCount == 200)
        #expect(world.events.contains(.breakerOpened("crm", until: world.clock.now().advanced(byMilliseconds: 30_000))))
        let healthy = LoopbackServer { _ in .status(204) }
        settings.webhook.http.url = try TargetURL(healthy.url("/"))
        world.clock.advance(30_000)
        #expect(try world.run(settings).delivered == 200)
    }

    @Test func `keeps a dead destination from delaying a healthy one`() throws {
        let world = try DispatchWorld()
        let hung = LoopbackServer { _ in .silence }
        let healthy = LoopbackServer { _ in .status(204) }
        var dead = try DispatchWorld.settings("dead", hung.url("/"))
        dead.timeoutMilliseconds = 120_000
        try world.enqueue(0..<500, to: "dead")
        try world.enqueue(1_000..<2_000, to: "well")
        let dispatcher = try world.dispatcher([dead, try DispatchWorld.settings("well", healthy.url("/"))])
        let worker = try #require(Worker { _ = try? dispatcher.run(until: .stopped) })
        while try world.counts()[.delivered, default: 0] < 1_000 {}
        #expect(hung.received.count <= 16)
        dispatcher.stop()
        hung.stop()
        worker.join()
        #expect(healthy.received.count == 1_000)
    }

    @Test func `rescues what an earlier process had claimed, at once`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        try world.enqueue(0..<10)
        let now = world.clock.now()
        let claimed = try world.store.write {
            try $0.claim(destination: "crm", now: now, leaseUntil: now.advanced(byMilliseconds: 300_000), limit: 7)
        }
        #expect(claimed.count == 7)
        let summary = try world.run(try DispatchWorld.settings("crm", server.url("/")))
        #expect(summary.rescued == 7)
        #expect(summary.delivered == 10)
    }

    @Test func `leaves rows alone whose destination is not set, and names it`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        try world.enqueue([1], to: "crm")
        try world.enqueue([2, 3], to: "gone")
        let summary = try world.run(try DispatchWorld.settings("crm", server.url("/")))
        #expect(summary.delivered == 1)
        #expect(summary.unknownDestinations == ["gone"])
        #expect(summary.waiting == [.init(destination: "gone", count: 2, nextAttemptAt: nil, reason: "")])
    }

    @Test func `counts all that waits, however much it is`() throws {
        let world = try DispatchWorld()
        try world.enqueue(0..<10_001, to: "gone")
        let summary = try world.run(try DispatchWorld.settings("crm", "http://127.0.0.1:9/"))
        #expect(summary.waiting == [.init(destination: "gone", count: 10_001, nextAttemptAt: nil, reason: "")])
        #expect(summary.waitingCount == 10_001)
    }

    @Test func `takes up new rows when woken and ends when stopped`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        let dispatcher = try world.dispatcher([try DispatchWorld.settings("crm", server.url("/"))])
        let result = Monitor<DispatchSummary?>(nil)
        let worker = try #require(
            Worker {
                let summary = try? dispatcher.run(until: .stopped)
                result.update { $0 = summary }
            })
        for number in 0..<5 {
            try world.enqueue([number])
            dispatcher.wake()
            while try world.counts()[.delivered, default: 0] <= number {}
        }
        dispatcher.stop()
        worker.join()
        #expect(result.withLock { $0?.delivered } == 5)
    }

    @Test func `begins no more than the rate allows`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.attemptsPerSecond = 10
        try world.enqueue(0..<5)
        let dispatcher = try world.dispatcher([settings])
        let worker = try #require(Worker { _ = try? dispatcher.run(until: .stopped) })
        for sent in 1...5 {
            while try world.counts()[.delivered, default: 0] < sent {}
            #expect(server.received.count == sent)
            world.clock.advance(100)
            dispatcher.wake()
        }
        dispatcher.stop()
        worker.join()
    }

    @Test func `returns what it had claimed when stopped before its turn`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .silence }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.concurrency = 2
        try world.enqueue(0..<40)
        let dispatcher = try world.dispatcher([settings])
        let worker = try #require(Worker { _ = try? dispatcher.run(until: .stopped) })
        while server.received.count < 2 {}
        dispatcher.stop()
        worker.join()
        #expect(try world.counts() == [.waiting: 40])
        #expect(try world.store.read { try $0.nextAttemptAt() } == world.clock.now())
        #expect(server.received.count == 2)
    }
}

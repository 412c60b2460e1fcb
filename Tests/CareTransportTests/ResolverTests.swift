import CareThreads
import CareTransport
import LoopbackServer
import Testing

@Suite struct ResolverTests {
    /// A name service and a clock that a test moves by hand.
    final class World: Sendable {
        struct State {
            var addresses: [String: [String]] = [:]
            var hung: Set<String> = []
            var asked: [String] = []
            var milliseconds: Int64 = 0
        }
        let state = Monitor(State())

        func resolver(threads: Int = 8) -> Resolver {
            let state = state
            return Resolver(threads: threads, now: { state.withLock { $0.milliseconds } }) { host in
                state.update { $0.asked.append(host) }
                return state.wait(milliseconds: nil) { state in
                    state.hung.contains(host) ? nil : state.addresses[host] ?? []
                } ?? []
            }
        }

        func advance(_ milliseconds: Int64) { state.update { $0.milliseconds += milliseconds } }
        func set(_ host: String, _ addresses: [String]) { state.update { $0.addresses[host] = addresses } }
        func hang(_ host: String, _ isHung: Bool) {
            state.update { state in
                if isHung { state.hung.insert(host) } else { state.hung.remove(host) }
            }
        }
        func asked(_ host: String) -> Int { state.withLock { $0.asked.count { $0 == host } } }
    }

    /// The answer, waited for as a loop would.
    static func settled(_ resolver: Resolver, _ host: String, _ loop: TransferLoop) -> Resolver.Answer {
        while true {
            let answer = resolver.answer(for: host, waking: loop.waker)
            if answer != .pending { return answer }
            loop.run(timeoutMilliseconds: 1_000) { _, _, _ in }
        }
    }

    @Test func `asks once, remembers for a minute, then asks again without making anyone wait`() throws {
        let world = World()
        world.set("a.test", ["192.0.2.1"])
        let resolver = world.resolver()
        let loop = try #require(TransferLoop(resolver: resolver, capacity: 1))
        guard case .addresses(["192.0.2.1"], let version) = Self.settled(resolver, "a.test", loop) else {
            Issue.record("not resolved")
            return
        }
        world.advance(59_999)
        #expect(resolver.answer(for: "a.test", waking: loop.waker) == .addresses(["192.0.2.1"], version: version))
        #expect(world.asked("a.test") == 1)
        world.hang("a.test", true)
        world.advance(1)
        for _ in 0..<3 {
            #expect(resolver.answer(for: "a.test", waking: loop.waker) == .addresses(["192.0.2.1"], version: version))
        }
        world.set("a.test", ["192.0.2.2"])
        world.hang("a.test", false)
        while case .addresses(["192.0.2.1"], _) = resolver.answer(for: "a.test", waking: loop.waker) {}
        guard case .addresses(["192.0.2.2"], let next) = Self.settled(resolver, "a.test", loop) else {
            Issue.record("not renewed")
            return
        }
        #expect(next != version)
        #expect(world.asked("a.test") == 2)
    }

    @Test func `remembers a failure for five seconds`() throws {
        let world = World()
        let resolver = world.resolver()
        let loop = try #require(TransferLoop(resolver: resolver, capacity: 1))
        #expect(Self.settled(resolver, "gone.test", loop) == .failed)
        world.advance(4_999)
        #expect(resolver.answer(for: "gone.test", waking: loop.waker) == .failed)
        #expect(world.asked("gone.test") == 1)
        world.advance(1)
        world.set("gone.test", ["192.0.2.9"])
        guard case .addresses(["192.0.2.9"], _) = Self.settled(resolver, "gone.test", loop) else {
            Issue.record("not asked again")
            return
        }
    }

    @Test func `lets names that failed before hang on half of the threads only`() throws {
        let world = World()
        let resolver = world.resolver(threads: 4)
        let loop = try #require(TransferLoop(resolver: resolver, capacity: 1))
        let dead = (0..<10).map { "dead\($0).test" }
        for host in dead { #expect(Self.settled(resolver, host, loop) == .failed) }
        world.advance(5_000)
        for host in dead { world.hang(host, true) }
        for host in dead { #expect(resolver.answer(for: host, waking: loop.waker) == .pending) }
        world.set("well.test", ["192.0.2.7"])
        guard case .addresses(["192.0.2.7"], _) = Self.settled(resolver, "well.test", loop) else {
            Issue.record("a dead name kept a healthy one waiting")
            return
        }
        for host in dead { world.hang(host, false) }
    }

    @Test func `dials the address that was looked up, by the name's own Host header`() throws {
        let server = LoopbackServer { _ in .status(204) }
        let world = World()
        world.set("crm.test", ["127.0.0.1"])
        let request = try TransferLoopTests.request("http://CRM.test:\(server.port)/hook")
        let results = try TransferLoopTests.exchange([request, request], resolver: world.resolver())
        #expect(results.count == 2)
        #expect(
            server.received.map { $0.header("host")?.lowercased() }
                == Array(repeating: "crm.test:\(server.port)", count: 2))
        #expect(world.asked("crm.test") == 1)
    }

    @Test func `fails a request whose name is not there, or hangs beyond its time`() throws {
        let world = World()
        world.hang("hung.test", true)
        let results = try TransferLoopTests.exchange(
            [
                try TransferLoopTests.request("http://gone.test/"),
                try TransferLoopTests.request("http://hung.test/", timeout: 200),
            ], resolver: world.resolver())
        #expect(results == Array(repeating: .failure(TransportError(.nameNotResolved)), count: 2))
        world.hang("hung.test", false)
    }
}

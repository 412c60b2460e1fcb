import CareDispatch
import CareStore
import CareThreads
import CareValues
import Testing

@testable import CareEngine

/// The loop of a running service: what it does however busy it is, and what it does not leave waiting.
@Suite struct ServiceTests {
    /// A service on `world`, and what it tells.
    static func service(
        _ world: EngineWorld, rules: String, recoveryRate: Int = 1_000, live: LiveEngine? = nil,
        housekeeping: Housekeeping? = nil
    ) throws -> (service: Service, told: Lock<[Service.Event]>) {
        let told = Lock<[Service.Event]>([])
        let candidate = try EngineWorld.candidate(rules, world.zone)
        let service = Service(
            store: world.store, clock: world.clock, zones: EngineWorld.zones, recoveryRate: recoveryRate,
            dispatcher: Dispatcher(store: world.store, destinations: [], clock: world.clock),
            ports: Service.Ports(
                loadRules: { candidate }, observe: { event in told.withLock { $0.append(event) } }, beat: { _ in }),
            live: live, housekeeping: housekeeping, housekeepingMilliseconds: 0)
        return (service, told)
    }

    @Test(.timeLimit(.minutes(1))) func `housekeeping has its turn in the midst of a pass that lasts for hours`()
        async throws
    {
        let (world, now) = try CatchingUpTests.world()
        world.time.withLock { $0 = now.advanced(byMilliseconds: 40 * 86_400_000) }
        try world.store.write { store in
            let customer = try store.dueCustomers(after: nil, at: now, limit: 1)[0].id
            try store.enqueue(
                NewDelivery(
                    id: DeliveryID(high: 1, low: 1), customer: customer, campaign: "later", key: "k",
                    destination: "crm",
                    address: "", type: "t", data: "{}", decidedAt: CatchingUpTests.start, expiresAt: nil),
                firstAttemptAt: now)
            _ = try store.cancel(DeliveryFilter(campaign: "later"), reason: "over")
        }
        // Three hundred customers at one a second: nothing else would be done for five minutes.
        let housekeeping = Housekeeping(Retention(deliveries: ISODuration(days: 30)), zone: world.zone)
        let (service, told) = try Self.service(
            world, rules: CatchingUpTests.rules(), recoveryRate: 1, housekeeping: housekeeping)
        let worker = try #require(Worker { try? service.run() })
        func pruned() -> Int? {
            told.withLock { events in
                events.compactMap { event -> Int? in
                    if case .pruned(let summary) = event { summary.deliveries } else { nil }
                }.first
            }
        }
        while pruned() == nil { await Task.yield() }
        #expect(pruned() == 1)
        service.stop()
        worker.join()
    }

    @Test func `a reload that comes while the service ends is answered at once`() throws {
        let world = try EngineWorld(rules: CatchingUpTests.rules(), at: CatchingUpTests.start)
        let live = LiveEngine(store: world.store, clock: world.clock)
        let (service, _) = try Self.service(world, rules: CatchingUpTests.rules(), live: live)
        let answers = Lock(0)
        func ask() {
            service.reload(answering: { answer in
                if case .failure(LiveRefusal.notRunning) = answer { answers.withLock { $0 += 1 } }
            })
        }
        service.stop()
        ask()
        #expect(answers.withLock { $0 } == 1)
        try service.run()
        ask()
        #expect(answers.withLock { $0 } == 2)
    }
}

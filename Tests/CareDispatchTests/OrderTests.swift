import CareDispatch
import CareStore
import CareThreads
import CareValues
import LoopbackServer
import Testing

/// Order for each customer, and turns among destinations.
@Suite struct OrderTests {
    static func ordered(_ url: String, retry: [Int64] = [5_000]) throws -> DestinationSettings {
        var settings = try DispatchWorld.settings("crm", url)
        settings.isOrdered = true
        settings.retry = RetrySchedule(waits: retry)
        return settings
    }

    /// The numbers of the rows in the order in which they arrived, by customer.
    static func arrivals(_ server: LoopbackServer, _ orders: [NewDelivery]) -> [String: [Int]] {
        let numbers = Dictionary(uniqueKeysWithValues: orders.enumerated().map { ($0.element.id.text, $0.offset) })
        var arrivals: [String: [Int]] = [:]
        for request in server.received {
            guard let number = request.header("webhook-id").flatMap({ numbers[$0] }) else { continue }
            arrivals[orders[number].customer, default: []].append(number)
        }
        return arrivals
    }

    @Test func `sends each customer's deliveries in the order of the outbox, customers side by side`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        let orders = (0..<400).map { world.order($0, to: "crm", customer: "c\($0 % 23)") }
        try world.enqueue(orders)
        #expect(try world.run(Self.ordered(server.url("/"))).delivered == 400)
        let arrivals = Self.arrivals(server, orders)
        #expect(arrivals.count == 23)
        for (customer, numbers) in arrivals { #expect(numbers == numbers.sorted(), "\(customer)") }
        #expect(server.connections > 1, "one after another would be order too")
    }

    @Test func `lets a delivery that fails hold up its own customer only, until it is delivered`() throws {
        let world = try DispatchWorld()
        let isOver = Lock(false)
        let orders = (0..<60).map { world.order($0, to: "crm", customer: "c\($0 % 6)") }
        let poison = orders[0].id.text
        let server = LoopbackServer { request in
            request.header("webhook-id") == poison && !isOver.withLock { $0 } ? .status(500) : .status(204)
        }
        let settings = try Self.ordered(server.url("/"))
        try world.enqueue(orders)
        #expect(try world.run(settings).delivered == 50)
        #expect(Self.arrivals(server, orders)["c0"] == [0])
        world.clock.advance(4_999)
        #expect(try world.run(settings).attempts == 0)
        isOver.withLock { $0 = true }
        world.clock.advance(1)
        #expect(try world.run(settings).delivered == 10)
        #expect(Self.arrivals(server, orders)["c0"] == [0] + Array(stride(from: 0, to: 60, by: 6)))
    }

    @Test func `goes past what is dead or parked, and takes up a redriven one at the end`() throws {
        let world = try DispatchWorld()
        let isOver = Lock(false)
        let orders = (0..<5).map { world.order($0, to: "crm", customer: "ada") }
        let refused = orders.prefix(2).map(\.id.text)
        let server = LoopbackServer { request in
            let isRefused = refused.contains(request.header("webhook-id") ?? "")
            return isRefused && !isOver.withLock { $0 } ? .status(413) : .status(204)
        }
        let settings = try Self.ordered(server.url("/"), retry: [])
        try world.enqueue(Array(orders.prefix(4)))
        let summary = try world.run(settings)
        #expect(summary.delivered == 2)
        #expect(summary.dead == ["413 Content Too Large": 2])
        isOver.withLock { $0 = true }
        try world.store.write { transaction in
            for index in [1, 0] {
                try transaction.redrive(orders[index].id, nextAttemptAt: world.clock.now(), ignoringExpiry: false)
            }
            try transaction.enqueue(orders[4], firstAttemptAt: world.clock.now().advanced(byMilliseconds: -1))
        }
        #expect(try world.run(settings).delivered == 3)
        // The new one comes after those that were redriven before it, though it was due earlier.
        #expect(Self.arrivals(server, orders)["ada"] == [0, 1, 2, 3, 0, 1, 4])
    }

    @Test func `takes turns: who has much does not make who has little wait`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        try world.enqueue(0..<3_000, to: "much")
        try world.enqueue(3_000..<3_020, to: "little")
        let settings = try ["much", "little"].map { try DispatchWorld.settings($0, server.url("/\($0)")) }
        let dispatcher = try world.dispatcher(settings) { $0.capacity = 8 }
        #expect(try dispatcher.run(until: .outboxEmptyOrWaiting).delivered == 3_020)
        let last = try #require(server.received.lastIndex { $0.path == "/little" })
        #expect(last < 200, "the last of 20 came as number \(last) of 3,020")
    }

    @Test func `leaves what was claimed of a customer in its place when the destination pauses`() throws {
        let world = try DispatchWorld()
        let isOver = Lock(false)
        let orders = (0..<30).map { world.order($0, to: "crm", customer: "c\($0 % 3)") }
        let server = LoopbackServer { _ in
            isOver.withLock { $0 } ? .status(204) : .status(429, headers: ["Retry-After: 60"])
        }
        var settings = try Self.ordered(server.url("/"), retry: [5_000])
        settings.concurrency = 1
        try world.enqueue(orders)
        #expect(try world.run(settings).attempts == 1)
        isOver.withLock { $0 = true }
        world.clock.advance(60_000)
        #expect(try world.run(settings).delivered == 30)
        for (customer, numbers) in Self.arrivals(server, orders) { #expect(numbers == numbers.sorted(), "\(customer)") }
    }
}

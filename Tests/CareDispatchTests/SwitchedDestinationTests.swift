import CareStore
import CareThreads
import CareTransport
import CareValues
import LoopbackServer
import Testing

@testable import CareDispatch

/// Destinations that somebody disables and enables while the dispatcher runs, and sides that hand over to each other.
@Suite struct SwitchedDestinationTests {
    @Test func `stops what is claimed when a destination is disabled, and goes on when it is enabled`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.attemptsPerSecond = 10
        try world.enqueue(0..<4)
        let dispatcher = try world.dispatcher([settings])
        try world.running(dispatcher) {
            try DispatchWorld.wait { try world.counts()[.delivered] == 1 }
            #expect(try world.counts()[.sending] == 3)
            let now = world.clock.now()
            try world.store.write { try $0.setDestination("crm", disabled: true, since: now, reason: "by hand") }
            dispatcher.set("crm", disabledReason: "by hand")
            try DispatchWorld.wait { try world.counts() == [.delivered: 1, .parked: 3] }
            #expect(try dispatcher.metrics()[0].isDisabled)
            world.clock.advance(1_000)
            try world.store.write { try $0.setDestination("crm", disabled: false, since: now, reason: "") }
            dispatcher.set("crm", disabledReason: nil)
            try DispatchWorld.wait {
                world.clock.advance(100)
                dispatcher.wake()
                return try world.counts() == [.delivered: 4]
            }
            #expect(try !dispatcher.metrics()[0].isDisabled)
        }
        #expect(server.received.count == 4)
    }

    @Test func `goes on after a 410 when somebody enables the destination, without a restart`() throws {
        let world = try DispatchWorld()
        let isGone = Lock(true)
        let server = LoopbackServer { _ in isGone.withLock { $0 } ? .status(410) : .status(204) }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.concurrency = 1
        try world.enqueue(0..<20)
        let dispatcher = try world.dispatcher([settings])
        try world.running(dispatcher) {
            try DispatchWorld.wait { try world.counts() == [.parked: 20] }
            #expect(server.received.count == 1)
            isGone.withLock { $0 = false }
            try world.store.write {
                try $0.setDestination("crm", disabled: false, since: world.clock.now(), reason: "")
            }
            dispatcher.set("crm", disabledReason: nil)
            try DispatchWorld.wait { try world.counts() == [.delivered: 20] }
        }
    }

    @Test func `knows at the start of a destination that it is disabled and pauses`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        let dispatcher = try world.dispatcher([try DispatchWorld.settings("crm", server.url("/"))])
        let now = world.clock.now()
        let until = now.advanced(byMilliseconds: 60_000)
        try world.store.write { transaction in
            try transaction.setDestination("crm", disabled: true, since: now, reason: "by hand")
            try DestinationMemory.setPaused(until: until, "crm", in: transaction)
        }
        try dispatcher.run(until: .outboxEmptyOrWaiting)
        #expect(try dispatcher.metrics()[0].isDisabled)
        #expect(try dispatcher.metrics()[0].pausedUntil == until)
    }

    @Test func `gives back on the other side what had no descriptor after its destination was moved`() throws {
        let world = try DispatchWorld()
        let order = world.order(1, to: "crm")
        try world.enqueue([order])
        let now = world.clock.now()
        let dispatcher = try world.dispatcher([try DispatchWorld.settings("crm", "http://127.0.0.1:9/")])
        let claimed = try world.store.write {
            try $0.claim(destination: "crm", now: now, leaseUntil: now.advanced(byMilliseconds: 300_000), limit: 1)
        }
        let sides = Sides()
        func side(_ which: Sides.Side) throws -> NetworkSide {
            let loop = try #require(TransferLoop(resolver: Resolver(), capacity: 4))
            return NetworkSide(
                which, of: dispatcher, sides: sides, loop: loop, exchange: Exchange(waker: loop.waker), end: .stopped,
                capacity: 4)
        }
        var quick = try side(.quick)
        var slow = try side(.slow)
        var machine = DeliveryMachine(attempts: 0, notBefore: now)
        machine.claimed(leaseUntil: now.advanced(byMilliseconds: 200_000))
        quick.lanes[0].take(
            claimed.map { Job(delivery: $0, body: .success([1]), machine: machine) }, asked: 1, now: now, next: now)
        quick.startAttempts(now)
        #expect(quick.hereInFlight == 1 && quick.lanes[0].inFlight == 1)
        quick.move(0, now)
        slow.readMail(now)
        #expect(slow.hereInFlight == 1 && slow.lanes[0].isBusy)
        quick.finish(0, .failure(TransportError(.resources)), 0, now)
        slow.readMail(now)
        #expect(quick.hereInFlight == 0 && slow.hereInFlight == 0 && !slow.lanes[0].isBusy)
        #expect(quick.work.moves.isEmpty)
        #expect(slow.work.moves.map(\.id) == [order.id] && slow.work.moves.map(\.state) == [.waiting])
    }
}

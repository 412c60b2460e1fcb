import CareDispatch
import CareStore
import CareThreads
import CareValues
import LoopbackServer
import Testing

/// Destinations that hang: they are served apart, and cost the others nothing.
@Suite struct SlowDestinationTests {
    @Test func `serves a healthy destination beside more hung ones than there are places`() throws {
        let world = try DispatchWorld()
        let hung = LoopbackServer { _ in .silence }
        let healthy = LoopbackServer { _ in .status(204) }
        var all = [try DispatchWorld.settings("well", healthy.url("/"))]
        for number in 0..<40 {
            var settings = try DispatchWorld.settings("hung\(number)", hung.url("/\(number)"))
            settings.timeoutMilliseconds = 120_000
            all.append(settings)
            try world.enqueue((number * 3)..<(number * 3 + 3), to: settings.name)
        }
        let dispatcher = try world.dispatcher(all) {
            // The hung ones alone could take eighty.
            $0.capacity = 16
            $0.graceMilliseconds = 0
        }
        try world.running(dispatcher) {
            try DispatchWorld.wait { hung.received.count >= 15 }
            try world.enqueue(1_000..<1_300, to: "well")
            dispatcher.wake()
            try DispatchWorld.wait { try world.counts()[.delivered, default: 0] == 300 }
            try DispatchWorld.wait { try dispatcher.metrics().filter(\.isSlow).count == 40 }
            #expect(try dispatcher.metrics().first?.isSlow == false)
        }
        #expect(healthy.received.count == 300)
        // What hung when it was stopped counts as lost, and waits.
        #expect(try world.counts() == [.delivered: 300, .waiting: 120])
        hung.stop()
    }

    @Test func `keeps places for who has answered, while many hang that never did`() throws {
        let world = try DispatchWorld()
        let hung = LoopbackServer { _ in .silence }
        let healthy = LoopbackServer { _ in .status(204) }
        var all = [try DispatchWorld.settings("well", healthy.url("/"))]
        for number in 0..<200 {
            var settings = try DispatchWorld.settings("hung\(number)", hung.url("/\(number)"))
            settings.timeoutMilliseconds = 120_000
            settings.concurrency = 1
            all.append(settings)
        }
        let dispatcher = try world.dispatcher(all) {
            // Places for 8 at once, and for 16 that hang where they began: two hundred would take all of them for ever.
            $0.capacity = 8
            $0.slowCapacity = 16
            $0.graceMilliseconds = 0
        }
        try world.running(dispatcher) {
            try world.enqueue(0..<1, to: "well")
            dispatcher.wake()
            try DispatchWorld.wait { try world.counts()[.delivered, default: 0] == 1 }
            for number in 0..<200 { try world.enqueue(10_000 + number..<10_001 + number, to: "hung\(number)") }
            dispatcher.wake()
            // As many as never answered may have: the loop's 24 places but 4.
            try DispatchWorld.wait { hung.received.count >= 20 }
            // Each is counted when it begins: those that hang may never end. With one more the healthy one would wait below for
            // ever, and the test with it.
            try #require(dispatcher.metrics().reduce(0) { $0 + $1.inFlight } == 20)
            try world.enqueue(1..<101, to: "well")
            dispatcher.wake()
            try DispatchWorld.wait { try world.counts()[.delivered, default: 0] == 101 }
            #expect(hung.received.count == 20)
        }
        hung.stop()
    }

    @Test func `takes a destination back that answers quickly again`() throws {
        let world = try DispatchWorld()
        let isHung = Lock(true)
        let server = LoopbackServer { _ in isHung.withLock { $0 } ? .silence : .status(204) }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.timeoutMilliseconds = 1_500
        settings.retry = RetrySchedule(waits: Array(repeating: 0, count: 20))
        try world.enqueue(0..<2)
        let dispatcher = try world.dispatcher([settings])
        try world.running(dispatcher) {
            try DispatchWorld.wait { try dispatcher.metrics()[0].isSlow }
            isHung.withLock { $0 = false }
            try DispatchWorld.wait { try world.counts()[.delivered, default: 0] == 2 }
            // Sixteen quick answers, and something under way when it is looked for.
            var number = 10
            while try dispatcher.metrics()[0].isSlow {
                try world.enqueue(number..<(number + 20))
                number += 20
                dispatcher.wake()
                let all = 2 + number - 10
                try DispatchWorld.wait { try world.counts()[.delivered] == all }
            }
        }
        #expect(try dispatcher.metrics()[0].attempts[.unknown] == 2)
        #expect(try world.counts()[.waiting] == nil)
    }

    @Test func `ends a tick whose destination hangs, with everything recorded`() throws {
        let world = try DispatchWorld()
        let hung = LoopbackServer { _ in .silence }
        let healthy = LoopbackServer { _ in .status(204) }
        var slow = try DispatchWorld.settings("hung", hung.url("/"))
        slow.timeoutMilliseconds = 1_300
        slow.concurrency = 4
        try world.enqueue(0..<3, to: "hung")
        try world.enqueue(10..<40, to: "well")
        let summary = try world.run(slow, try DispatchWorld.settings("well", healthy.url("/")))
        #expect(summary.delivered == 30)
        #expect(summary.attempts == 33)
        #expect(try world.counts() == [.delivered: 30, .waiting: 3])
        #expect(try world.attempts(world.order(0, to: "hung").id).map(\.outcome) == [.unknown])
    }
}

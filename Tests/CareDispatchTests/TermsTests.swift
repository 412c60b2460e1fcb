import CareDispatch
import CareStore
import CareThreads
import CareValues
import LoopbackServer
import Testing

/// What binds every attempt: lost answers, quiet hours, what was taken back, the end of the run, the clock.
@Suite struct TermsTests {
    // MARK: Lost answers

    @Test(arguments: [true, false]) func `repeats a lost answer or parks it, as the destination says`(
        _ repeats: Bool
    ) throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .hangUp }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.repeatsLostAnswers = repeats
        let id = try #require(try world.enqueue([1]).first)
        try world.run(settings)
        #expect(try world.attempts(id).map(\.outcome) == [.unknown])
        #expect(try world.delivery(id).state == (repeats ? .waiting : .parked))
        let lost = try world.store.read { try $0.deliveries(DeliveryFilter(answerLost: true), limit: 9) }
        #expect(lost.map(\.order.id) == (repeats ? [] : [id]))
    }

    @Test func `parks what was being sent when the program was killed, where repeating is not safe`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        try world.enqueue(0..<5, to: "sms")
        try world.enqueue(10..<15, to: "crm")
        let now = world.clock.now()
        for name in ["sms", "crm"] {
            _ = try world.store.write {
                try $0.claim(destination: name, now: now, leaseUntil: now.advanced(byMilliseconds: 300_000), limit: 2)
            }
        }
        var sms = try DispatchWorld.settings("sms", server.url("/sms"))
        sms.repeatsLostAnswers = false
        let summary = try world.run(sms, try DispatchWorld.settings("crm", server.url("/crm")))
        #expect(summary.delivered == 8)
        #expect(summary.parked == ["answer lost: the program ended meanwhile": 2])
        #expect(try world.counts() == [.delivered: 8, .parked: 2])
        #expect(server.received.count { $0.path == "/sms" } == 3)
        // Enabling the destination does not send them; only somebody who redrives them does.
        try world.store.write { try $0.setDestination("sms", disabled: false, since: now, reason: "") }
        #expect(try world.run(sms).attempts == 0)
    }

    @Test func `parks what was being sent to a destination that care.json no longer names`() throws {
        let world = try DispatchWorld()
        let id = try #require(try world.enqueue([1], to: "gone").first)
        let now = world.clock.now()
        _ = try world.store.write {
            try $0.claim(destination: "gone", now: now, leaseUntil: now.advanced(byMilliseconds: 300_000), limit: 1)
        }
        let summary = try world.run(try DispatchWorld.settings("crm", "http://127.0.0.1:9/"))
        #expect(summary.parked == ["answer lost: the program ended meanwhile": 1])
        #expect(
            try world.store.read { try $0.deliveries(DeliveryFilter(answerLost: true), limit: 9) }.map(\.order.id) == [
                id
            ])
    }

    @Test(arguments: [true, false]) func `sends nothing again whose lease ends while the answer is waited for`(
        _ repeats: Bool
    ) throws {
        let world = try DispatchWorld()
        let goes = Monitor(false)
        let server = LoopbackServer { request in
            if request.path == "/slow" { _ = goes.wait(milliseconds: nil) { $0 ? true : nil } }
            return .status(204)
        }
        var slow = try DispatchWorld.settings("slow", server.url("/slow"))
        slow.repeatsLostAnswers = repeats
        slow.timeoutMilliseconds = 120_000
        let id = try #require(try world.enqueue([1], to: "slow").first)
        let dispatcher = try world.dispatcher([slow, try DispatchWorld.settings("well", server.url("/well"))])
        try world.running(dispatcher) {
            try DispatchWorld.wait { server.received.count == 1 }
            // As a machine does that was asleep.
            world.clock.advance(3_600_000)
            for number in 2..<5 {
                try world.enqueue([number], to: "well")
                dispatcher.wake()
                try DispatchWorld.wait { try world.counts()[.delivered] == number - 1 }
                #expect(try world.delivery(id).state == .sending)
            }
            goes.update { $0 = true }
            try DispatchWorld.wait { try world.delivery(id).state == .delivered }
        }
        #expect(server.received.count { $0.path == "/slow" } == 1)
        #expect(try world.attempts(id).map(\.outcome) == [.ok])
    }

    @Test func `claims anew what was not begun before its lease was over`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.attemptsPerSecond = 10
        try world.enqueue(0..<3)
        let dispatcher = try world.dispatcher([settings])
        try world.running(dispatcher) {
            try DispatchWorld.wait { try world.counts()[.delivered] == 1 }
            world.clock.advance(3_600_000)
            dispatcher.wake()
            try DispatchWorld.wait {
                world.clock.advance(100)
                dispatcher.wake()
                return try world.counts() == [.delivered: 3]
            }
        }
        #expect(server.received.count == 3)
    }

    @Test func `claims no more than can begin, where repeating is not safe`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .silence }
        var settings = try DispatchWorld.settings("sms", server.url("/"))
        settings.repeatsLostAnswers = false
        settings.concurrency = 2
        settings.timeoutMilliseconds = 120_000
        try world.enqueue(0..<40, to: "sms")
        let dispatcher = try world.dispatcher([settings]) { $0.graceMilliseconds = 0 }
        try world.running(dispatcher) {
            try DispatchWorld.wait { server.received.count == 2 }
            #expect(try world.counts() == [.sending: 2, .waiting: 38])
        }
        #expect(try world.counts() == [.parked: 2, .waiting: 38])
        server.stop()
    }

    // MARK: Quiet hours, and what was taken back

    @Test func `keeps the customer's quiet hours with the first attempt too`() throws {
        // 09:00 UTC is 18:00 in Tokyo.
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        let settings = try DispatchWorld.settings("crm", server.url("/"))
        var orders = (0..<3).map { world.order($0, to: "crm", expiresIn: [nil, 7_200_000, 7_200_001][$0]) }
        for index in orders.indices {
            orders[index].quietTimes = QuietTimes(text: "Asia/Tokyo 17:00-20:00,12:00-13:00")
        }
        try world.enqueue(orders)
        let summary = try world.run(settings)
        #expect(summary.attempts == 0)
        // Quiet until it expires: it is not waited for.
        #expect(summary.dead == ["expired": 1])
        #expect(try world.delivery(orders[1].id).state == .dead)
        let waiting = try world.delivery(orders[0].id)
        #expect(waiting.nextAttemptAt == world.clock.now().advanced(byMilliseconds: 7_200_000))
        #expect(waiting.reason == "quiet hours")
        #expect(waiting.attempts == 0)
        world.clock.advance(7_199_999)
        #expect(try world.run(settings).attempts == 0)
        world.clock.advance(1)
        #expect(try world.run(settings).delivered == 2)
    }

    @Test func `begins no attempt at what was taken back after it was claimed`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.attemptsPerSecond = 10
        let ids = try world.enqueue(0..<4)
        let dispatcher = try world.dispatcher([settings])
        try world.running(dispatcher) {
            try DispatchWorld.wait { try world.counts()[.delivered, default: 0] == 1 }
            #expect(try world.delivery(ids[2]).state == .sending)
            try world.store.write {
                try $0.setDelivery(
                    ids[2], state: .cancelled, nextAttemptAt: world.clock.now(), reason: "consent withdrawn")
            }
            #expect(dispatcher.revoke([ids[2]], waitMilliseconds: 10_000))
            for _ in 0..<2 {
                let count = server.received.count
                world.clock.advance(100)
                dispatcher.wake()
                try DispatchWorld.wait { server.received.count > count }
            }
            try DispatchWorld.wait { try world.counts()[.delivered] == 3 }
        }
        #expect(server.received.compactMap { $0.header("webhook-id") } == [0, 1, 3].map { ids[$0].text })
        #expect(try world.counts() == [.delivered: 3, .cancelled: 1])
    }

    @Test func `gives back nothing that was cancelled after it was claimed`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .status(204) }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.attemptsPerSecond = 10
        let ids = try world.enqueue(0..<4)
        let dispatcher = try world.dispatcher([settings])
        try world.running(dispatcher) {
            try DispatchWorld.wait { try world.counts()[.delivered] == 1 }
            var filter = DeliveryFilter()
            filter.ids = [ids[2]]
            let cancelled = try world.store.write { try $0.cancel(filter, reason: "by hand") }
            #expect(cancelled.count == 1 && cancelled.claimed == [ids[2]])
            // Nobody tells the dispatcher.
        }
        #expect(try world.counts() == [.delivered: 1, .waiting: 2, .cancelled: 1])
        #expect(try world.delivery(ids[2]).reason == "by hand")
    }

    @Test func `knows at once what was taken back, though an attempt at it is under way`() throws {
        let world = try DispatchWorld()
        let goes = Monitor(false)
        let server = LoopbackServer { _ in
            _ = goes.wait(milliseconds: nil) { $0 ? true : nil }
            return .status(204)
        }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.timeoutMilliseconds = 120_000
        let id = try #require(try world.enqueue([1]).first)
        let dispatcher = try world.dispatcher([settings])
        try world.running(dispatcher) {
            try DispatchWorld.wait { server.received.count == 1 }
            #expect(dispatcher.revoke([id], noticedWithin: 60_000))
            #expect(!dispatcher.revoke([id], waitMilliseconds: 20))
            goes.update { $0 = true }
        }
        #expect(dispatcher.revoke([id], noticedWithin: 60_000), "nothing runs any more")
    }

    @Test func `says whether an attempt at what was taken back is under way still`() throws {
        let world = try DispatchWorld()
        let goes = Monitor(false)
        let server = LoopbackServer { _ in
            _ = goes.wait(milliseconds: nil) { $0 ? true : nil }
            return .status(204)
        }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.timeoutMilliseconds = 120_000
        let id = try #require(try world.enqueue([1]).first)
        let dispatcher = try world.dispatcher([settings])
        try world.running(dispatcher) {
            try DispatchWorld.wait { server.received.count == 1 }
            #expect(!dispatcher.revoke([id], waitMilliseconds: 20))
            goes.update { $0 = true }
            #expect(dispatcher.revoke([id], waitMilliseconds: 10_000))
        }
        #expect(dispatcher.revoke([id], waitMilliseconds: 10_000), "nothing runs any more")
    }

    // MARK: The end

    @Test func `lets attempts under way end when it is stopped`() throws {
        let world = try DispatchWorld()
        let goes = Monitor(false)
        let server = LoopbackServer { _ in
            _ = goes.wait(milliseconds: nil) { $0 ? true : nil }
            return .status(204)
        }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.concurrency = 2
        settings.timeoutMilliseconds = 120_000
        try world.enqueue(0..<10)
        let dispatcher = try world.dispatcher([settings])
        try world.running(dispatcher) {
            try DispatchWorld.wait { server.received.count == 2 }
            dispatcher.stop()
            // What is only claimed is given back at once, before the answers come.
            try DispatchWorld.wait { try world.counts() == [.sending: 2, .waiting: 8] }
            goes.update { $0 = true }
        }
        #expect(try world.counts() == [.delivered: 2, .waiting: 8])
    }

    @Test func `calls an attempt lost that has not ended when the grace time is over`() throws {
        let world = try DispatchWorld()
        let server = LoopbackServer { _ in .silence }
        var settings = try DispatchWorld.settings("crm", server.url("/"))
        settings.timeoutMilliseconds = 120_000
        let id = try #require(try world.enqueue([1]).first)
        let dispatcher = try world.dispatcher([settings]) { $0.graceMilliseconds = 20 }
        try world.running(dispatcher) { try DispatchWorld.wait { server.received.count == 1 } }
        #expect(try world.delivery(id).state == .waiting)
        #expect(try world.attempts(id).map(\.detail) == ["stopped before the answer"])
        #expect(try world.attempts(id).map(\.outcome) == [.unknown])
        server.stop()
    }

    // MARK: The clock

    @Test func `takes what waits along when the clock is set back an hour`() throws {
        let world = try DispatchWorld()
        let isDown = Lock(true)
        let server = LoopbackServer { _ in isDown.withLock { $0 } ? .status(500) : .status(204) }
        let settings = try DispatchWorld.settings("crm", server.url("/"))
        let old = try #require(try world.enqueue([1]).first)
        let dispatcher = try world.dispatcher([settings])
        try world.running(dispatcher) {
            try DispatchWorld.wait { try world.delivery(old).attempts == 1 }
            world.clock.advance(-3_600_000)
            dispatcher.wake()
            let again = world.clock.now().advanced(byMilliseconds: 5_000)
            // The clock stood still while the test went on: that counts as set back too.
            try DispatchWorld.wait { try world.delivery(old).nextAttemptAt <= again }
            #expect(try world.delivery(old).nextAttemptAt > again.advanced(byMilliseconds: -60_000))
            isDown.withLock { $0 = false }
            // What is new goes out at once, what waits when it would have.
            let new = try #require(try world.enqueue([2]).first)
            dispatcher.wake()
            try DispatchWorld.wait { try world.delivery(new).state == .delivered }
            #expect(try world.delivery(old).state == .waiting)
            world.clock.advance(5_000)
            dispatcher.wake()
            try DispatchWorld.wait { try world.delivery(old).state == .delivered }
        }
        #expect(server.received.count == 3)
        let isStep: (DispatchEvent) -> Bool = {
            if case .clockSetBack(milliseconds: 3_600_000...) = $0 { true } else { false }
        }
        #expect(world.events.contains(where: isStep))
    }
}

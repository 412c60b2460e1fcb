import CareStore
import CareValues
import Testing

@testable import care

/// What `care tick` says last.
@Suite struct StillWaitingTests {
    @Test func `a tick says what still waits, for which destination, until when and why`() async throws {
        let world = try DeliveryWorld.full()
        try world.world.write("rules/none.json", "{}")
        try world.write { store in
            try store.setNote("destination.paused:sms", String(try DeliveryWorld.at("21T00:40:00").milliseconds))
            for (name, destination) in [("text", "sms"), ("other", "crmm")] {
                let order = try DeliveryWorld.order(name, to: destination, decided: "21T00:25:00")
                try store.enqueue(order, firstAttemptAt: order.decidedAt)
            }
        }
        let first = await world.care("tick --decide-only")
        #expect(
            first.output == """
                Mon 21 Sep 2026 08:30:00 Asia/Shanghai: nothing was due.
                No customer has a wake-up.
                1 delivery waits for crm until 08:46:00: no answer in time
                1 delivery is parked for helpdesk: it is disabled since 08:00:01 (410 Gone). Mend it, then: care destinations enable helpdesk
                1 delivery waits for sms until 08:40:00: it asked to be spared, last: connection lost
                1 delivery waits for crmm: care.json names no such destination

                """, "\(first.error)")
        let until = try DeliveryWorld.at("21T18:00:00").milliseconds
        try world.write { try $0.setNote("destination.breaker:crm", "\(until) 3") }
        let second = await world.care("tick --decide-only")
        #expect(
            second.output.contains(
                "\n1 delivery waits for crm until Tue 22 Sep 2026 02:00: it failed many times in a row, last: no answer in time. To try it at once: care destinations enable crm\n"
            ), "\(second.output)")
        let json = await world.care("tick --decide-only --format json")
        #expect(
            json.output.contains(
                #""waiting":[{"destination":"crm","count":1,"nextAttemptAt":"2026-09-21T18:00:00.000Z","reason":"no answer in time","state":"fails","parked":0},{"destination":"helpdesk","count":0,"nextAttemptAt":null,"#
            ), "\(json.output)")
    }

    /// A delivery to `crm` whose first attempt failed, and that waits until 08:36.
    private static func fail(_ name: String, _ answer: String, in store: any StoreTransaction) throws {
        let order = try DeliveryWorld.order(name, to: "crm", decided: "21T00:10:00")
        let later = try DeliveryWorld.at("21T00:36:00")
        try store.enqueue(order, firstAttemptAt: order.decidedAt)
        try store.setDelivery(order.id, state: .sending, nextAttemptAt: later, reason: "")
        let attempt = StoredAttempt(
            delivery: order.id, number: 1, startedAt: order.decidedAt, durationMilliseconds: 12, outcome: .failed,
            status: 500, detail: answer)
        try store.record(attempt, state: .waiting, nextAttemptAt: later, reason: answer)
    }

    @Test func `of an ordered destination it is said until when the first of its line waits, and why`() async throws {
        let world = try DeliveryWorld()
        try world.world.write("rules/none.json", "{}")
        try world.write { store in
            try store.setOrdered("crm", true)
            try Self.fail("first", "500 Internal Server Error", in: store)
            for name in ["second", "third"] {
                let order = try DeliveryWorld.order(name, to: "crm", decided: "21T00:11:00")
                try store.enqueue(order, firstAttemptAt: order.decidedAt)
            }
        }
        let behind = await world.care("tick --decide-only")
        #expect(
            behind.output.hasSuffix("\n3 deliveries wait for crm until 08:36:00: answered 500 Internal Server Error\n"),
            "\(behind.output)\(behind.error)")
        let json = await world.care("tick --decide-only --format json")
        #expect(
            json.output.contains(
                #""count":3,"nextAttemptAt":"2026-09-21T00:36:00.000Z","reason":"500 Internal Server Error""#),
            "\(json.output)")
        // Another customer's line begins with what is due.
        try world.write { store in
            let order = try DeliveryWorld.order("other", to: "crm", customer: "c7", decided: "21T00:12:00")
            try store.enqueue(order, firstAttemptAt: order.decidedAt)
        }
        let due = await world.care("tick --decide-only")
        #expect(
            due.output.hasSuffix("\n4 deliveries wait for crm: --decide-only delivers nothing\n"), "\(due.output)")
        let later = try DeliveryWorld.at("21T00:40:00")
        try world.write { store in
            for name in ["first", "other"] {
                try store.setDelivery(DeliveryWorld.id(name), state: .sending, nextAttemptAt: later, reason: "")
            }
        }
        let sending = await world.care("tick --decide-only")
        #expect(
            sending.output.hasSuffix(
                "\n2 deliveries wait for crm: behind another of the same customer, which is being sent\n"),
            "\(sending.output)")
    }

    @Test func `what is parked is called so, and what enabling does not return is told apart`() async throws {
        let world = try DeliveryWorld()
        try world.world.write("rules/none.json", "{}")
        let since = try DeliveryWorld.at("21T00:00:01")
        try world.write { store in
            for (name, destination) in [("a", "helpdesk"), ("b", "helpdesk"), ("c", "crmm"), ("d", "crmm")] {
                let order = try DeliveryWorld.order(name, to: destination, decided: "21T00:00:00")
                try store.enqueue(order, firstAttemptAt: order.decidedAt)
            }
            try store.parkLost(DeliveryWorld.id("a"), reason: "answer lost: line cut")
            try store.parkLost(DeliveryWorld.id("c"), reason: "answer lost: line cut")
            try store.setDestination("helpdesk", disabled: true, since: since, reason: "maintenance")
        }
        let first = await world.care("tick --decide-only")
        #expect(
            first.output.hasSuffix(
                """
                1 delivery is parked for helpdesk: it is disabled since 08:00:01 (maintenance). Mend it, then: care destinations enable helpdesk
                1 stays parked for helpdesk: the answer was lost. See: care deliveries list --unknown
                1 delivery waits and 1 is parked for crmm: care.json names no such destination

                """), "\(first.output)\(first.error)")
        let json = await world.care("tick --decide-only --format json")
        #expect(json.output.contains(#""destination":"helpdesk","count":0,"#), "\(json.output)")
        #expect(json.output.contains(#""state":"disabled","parked":2}"#), "\(json.output)")
        try world.write { store in
            try store.setDelivery(DeliveryWorld.id("b"), state: .delivered, nextAttemptAt: since, reason: "")
            try store.setDelivery(DeliveryWorld.id("d"), state: .delivered, nextAttemptAt: since, reason: "")
        }
        let second = await world.care("tick --decide-only")
        #expect(
            second.output.hasSuffix(
                """
                No customer has a wake-up.
                1 stays parked for helpdesk: the answer was lost. See: care deliveries list --unknown
                1 delivery is parked for crmm: care.json names no such destination

                """), "\(second.output)")
    }

    @Test func `a pause is told with the failure that it came from`() async throws {
        let world = try DeliveryWorld()
        try world.world.write("rules/none.json", "{}")
        let until = try DeliveryWorld.at("21T00:40:00").milliseconds
        try world.write { store in
            try Self.fail("one", "503 Service Unavailable", in: store)
            try store.setNote("destination.paused:crm", String(until))
        }
        let answer = await world.care("tick --decide-only")
        #expect(
            answer.output.hasSuffix(
                "\n1 delivery waits for crm until 08:40:00: it asked to be spared, last: answered 503 Service Unavailable\n"
            ), "\(answer.output)\(answer.error)")
    }

    @Test func `the doctor warns of what lies for a destination that is not named any more`() async throws {
        let world = try DeliveryWorld()
        try world.world.write("rules/none.json", "{}")
        try world.write { store in
            for (name, destination) in [("a", "crmm"), ("b", "crmm"), ("c", "crmm"), ("d", "gone"), ("e", "crm")] {
                let order = try DeliveryWorld.order(name, to: destination, decided: "21T00:25:00")
                try store.enqueue(order, firstAttemptAt: order.decidedAt)
            }
            try store.parkLost(DeliveryWorld.id("c"), reason: "answer lost: line cut")
            // A dead letter alone is told as such.
            let over = try DeliveryWorld.at("21T00:26:00")
            try store.setDelivery(DeliveryWorld.id("d"), state: .dead, nextAttemptAt: over, reason: "expired")
        }
        let answer = await world.care("doctor --offline --quick")
        let named = answer.output.split(separator: "\n").filter { $0.contains("names no such destination") }
        #expect(named.count == 1 && named.allSatisfy { $0.hasPrefix("  warn  crmm ") }, "\(answer.output)")
        #expect(
            answer.output.contains(
                " care.json names no such destination; 2 deliveries wait, 1 delivery is parked. Add it there, or: care deliveries cancel --destination crmm\n"
            ), "\(answer.output)\(answer.error)")
    }
}

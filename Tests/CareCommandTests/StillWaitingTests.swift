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
                1 delivery waits for helpdesk: it is disabled since 08:00:01 (410 Gone). Mend it, then: care destinations enable helpdesk
                1 delivery waits for sms until 08:40:00: it asked to be spared
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
}

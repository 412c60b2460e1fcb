import CareDecisions
import CareValues
import Testing

/// The stories that rule authors reason by, each run at every due instant, by ticks of ten minutes, and as a
/// plan of every stretch between two facts.
@Suite struct StoryTests {
    static let paces: [World.Pace] = [.everyDueInstant, .every(minutes: 10), .planned]

    @Test(arguments: paces)
    func `a silence is greeted, ends with a purchase and is greeted anew`(pace: World.Pace) throws {
        var world = try World(rules: Rules.winBackAndFirstPurchase, start: "2026-01-01 00:00", pace: pace)
        try world.event("purchase", ["orderId": "o1"], at: "2026-01-02 12:00")
        try world.event("purchase", ["orderId": "o2"], at: "2026-03-20 12:00")
        try world.pass(until: "2026-07-31 00:00")
        #expect(
            world.log == [
                "01-02 12:00 first-purchase-thanks/thanks act",
                "01-17 10:00 first-purchase-thanks/nudge act",
                "03-04 10:00 win-back/hello act",
                "03-20 12:00 win-back skip exited",
                "05-20 10:00 win-back/hello act",
                "06-19 10:00 win-back/coupon act",
            ])
    }

    @Test(arguments: paces)
    func `an offer waits ten days and then for ten o'clock, and is not late`(pace: World.Pace) throws {
        var world = try World(rules: Rules.crossSell, start: "2026-01-01 00:00", pace: pace)
        try world.set(["accessoryInStock": .bool(true)], at: "2026-01-01 09:00")
        try world.event("purchase", ["sku": "camera-x", "orderId": "o1"], at: "2026-01-06 12:00")
        try world.pass(until: "2026-02-01 00:00")
        #expect(world.log == ["01-17 10:00 cross-sell-accessory/offer act"])
    }

    @Test(arguments: paces)
    func `a rescue is called off when the tier comes back`(pace: World.Pace) throws {
        var world = try World(rules: Rules.tierRescue, start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "gold"], at: "2026-05-01 09:00")
        try world.set(["tier": "silver"], at: "2026-05-18 15:00")
        try world.set(["tier": "gold"], at: "2026-05-18 20:00")
        try world.set(["tier": "silver"], at: "2026-05-21 15:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log == [
                "05-18 20:00 tier-downgrade-rescue skip exited", "05-23 10:00 tier-downgrade-rescue/rescue act",
            ])
    }

    @Test(arguments: paces)
    func `a second fall while the first entry lives is refused`(pace: World.Pace) throws {
        var world = try World(rules: Rules.tierRescue, start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "platinum"], at: "2026-05-01 09:00")
        try world.set(["tier": "gold"], at: "2026-05-18 15:00")
        try world.set(["tier": "silver"], at: "2026-05-18 17:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log == [
                "05-18 17:00 tier-downgrade-rescue suppress reentry", "05-20 10:00 tier-downgrade-rescue/rescue act",
            ])
    }

    @Test(arguments: paces)
    func `a promoter is invited once`(pace: World.Pace) throws {
        var world = try World(rules: Rules.promoter, start: "2026-05-01 00:00", pace: pace)
        try world.set(["email": "lin@example.com"], at: "2026-05-01 09:00")
        try world.event("survey.nps", ["score": .number(9)], at: "2026-05-18 10:00")
        try world.event("survey.nps", ["score": .number(10)], at: "2026-05-18 12:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log == [
                "05-18 12:00 promoter-referral suppress reentry", "05-19 10:00 promoter-referral/invite act",
            ])
    }

    @Test(arguments: paces)
    func `an event older than the one that began an entry does not exit it`(pace: World.Pace) throws {
        var world = try World(rules: Rules.ladder, start: "2026-05-01 00:00", pace: pace)
        try world.event("complaint.reopened", ["ticketId": "T1"], at: "2026-05-18 10:00")
        try world.event(
            "complaint.resolved", ["ticketId": "T1"], at: "2026-05-18 10:05", happened: "2026-05-18 09:00")
        try world.pass(until: "2026-05-20 00:00")
        #expect(
            world.log == [
                "05-18 10:00 complaint-ladder/ack act", "05-19 10:00 complaint-ladder/escalate act",
            ])
    }

    @Test(arguments: paces)
    func `resolved that arrives before opened escalates nothing`(pace: World.Pace) throws {
        var world = try World(rules: Rules.ladder, start: "2026-05-01 00:00", pace: pace)
        try world.event(
            "complaint.resolved", ["ticketId": "T1"], at: "2026-05-18 11:05", happened: "2026-05-18 11:00")
        try world.event(
            "complaint.opened", ["ticketId": "T1"], at: "2026-05-18 11:10", happened: "2026-05-18 10:00")
        try world.pass(until: "2026-05-30 00:00")
        #expect(world.log == ["05-18 11:10 complaint-ladder skip exited"])
    }

    @Test(arguments: paces, [false, true])
    func `a move to an earlier zone makes the morning's birthday due at once`(
        pace: World.Pace, hasPageView: Bool
    ) throws {
        var world = try World(rules: Rules.birthdayGold, start: "2026-05-01 00:00", pace: pace)
        try world.set(
            ["tier": "gold", "birthday": "1990-05-30", "timeZone": "America/New_York"], at: "2026-05-01 09:00")
        if hasPageView { try world.event("page.viewed", at: "2026-05-23 09:30") }
        try world.set(["timeZone": "Asia/Shanghai"], at: "2026-05-23 10:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(world.log == ["05-23 10:00 birthday-gold/1 act"])
    }

    @Test func `a birthday greeting missed in a downtime goes out while it is in time`() throws {
        var world = try World(rules: Rules.birthdayGold, start: "2026-05-01 00:00")
        try world.set(["tier": "gold", "birthday": "1990-05-30"], at: "2026-05-01 09:00")
        try world.tick(at: "2026-05-24 12:00")
        #expect(world.log == ["05-24 12:00 birthday-gold/1 act"])
    }

    @Test func `two requests committed together are two touches, one request with both is one`() throws {
        var apart = try World(rules: Rules.oneStepAfterExit, start: "2026-05-01 00:00")
        try apart.event("purchase", at: "2026-05-18 12:00")
        try apart.event("purchase", at: "2026-05-18 12:01")
        #expect(apart.log == ["05-18 12:00 thanks/1 act", "05-18 12:01 thanks/1 act"])

        var together = try World(rules: Rules.oneStepAfterExit, start: "2026-05-01 00:00")
        let first = try together.instant("2026-05-18 12:00")
        let events = (0..<2).map { number in
            Fact.event(
                Event(
                    type: "purchase", source: "test", id: "p\(number)",
                    time: first.advanced(byMilliseconds: Int64(number) * 60_000), receivedAt: first,
                    properties: [:]))
        }
        try together.request(events, at: "2026-05-18 12:01")
        #expect(together.log == ["05-18 12:01 thanks suppress reentry", "05-18 12:01 thanks/1 act"])
    }

    @Test(arguments: paces)
    func `an inserted step that stands before the last one done is left out`(pace: World.Pace) throws {
        var world = try World(rules: Rules.threeSteps(inserted: false), start: "2026-05-01 00:00", pace: pace)
        try world.event("signup", at: "2026-05-10 10:00")
        try world.activate(Rules.threeSteps(inserted: true), at: "2026-05-12 09:00")
        try world.event("signup", at: "2026-06-20 10:00")
        try world.pass(until: "2026-07-10 00:00")
        #expect(
            world.log == [
                "05-10 10:00 course/a act", "05-11 10:00 course/c act", "05-13 10:00 course/b act",
                "06-20 10:00 course/a act", "06-21 10:00 course/n act", "06-21 10:00 course/c act",
                "06-24 10:00 course/b act",
            ])
    }

    @Test(arguments: paces)
    func `a template without its value is an error once, and an act when the value comes`(pace: World.Pace) throws {
        var world = try World(rules: Rules.address, start: "2026-05-01 00:00", pace: pace)
        try world.event("signup", at: "2026-05-10 10:00")
        try world.event("page.viewed", at: "2026-05-10 12:00")
        try world.set(["addr": "1 Main Street"], at: "2026-05-11 09:00")
        try world.activate(Rules.address, at: "2026-05-12 22:00")
        try world.pass(until: "2026-05-20 00:00")
        #expect(world.log == ["05-10 10:00 welcome/1 error template_error", "05-11 09:00 welcome/1 act"])
    }

    @Test(arguments: paces)
    func `a template whose value never comes is given up as too late`(pace: World.Pace) throws {
        var world = try World(rules: Rules.address, start: "2026-05-01 00:00", pace: pace)
        try world.event("signup", at: "2026-05-10 10:00")
        try world.pass(until: "2026-05-20 00:00")
        #expect(
            world.log == ["05-10 10:00 welcome/1 error template_error", "05-13 10:00 welcome/1 skip too_late"])
    }

    @Test(arguments: paces)
    func `a removed campaign ends its entries, and does not go on when it comes back`(pace: World.Pace) throws {
        var world = try World(rules: Rules.ladder, start: "2026-05-01 00:00", pace: pace)
        try world.event("complaint.opened", ["ticketId": "T1"], at: "2026-05-22 17:30")
        try world.activate(Rules.base, at: "2026-05-23 09:31")
        try world.activate(Rules.ladder, at: "2026-05-23 09:35")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log == [
                "05-22 17:30 complaint-ladder/ack act", "05-23 09:31 complaint-ladder skip campaign_removed",
            ])
    }

    /// The ladder with one more step to do after `escalate`, which may be renamed, and perhaps one put in before it.
    static func longLadder(renamed: Bool, inserted: Bool) -> String {
        let call =
            #"{ "name": "call", "sinceEntry": "PT1H", "actions": [{ "send": "desk", "type": "c", "data": {} }] },"#
        return Rules.file(
            """
            "ladder": { "trigger": { "event": "complaint.opened" }, "reentry": "afterExit", "maxLateness": "P9D", "steps": [
              { "name": "ack", "actions": [{ "send": "desk", "type": "a", "data": {} }] },
              \(inserted ? call : "")
              { "name": "\(renamed ? "escalate-desk" : "escalate")", "sinceEntry": "P1D",
                "actions": [{ "send": "desk", "type": "e", "data": {} }] },
              { "name": "follow-up", "sinceEntry": "P3D", "actions": [{ "send": "desk", "type": "f", "data": {} }] } ] }
            """)
    }

    @Test(arguments: paces, [(true, false), (false, true)])
    func `a renamed step is not done again, one put in before the last one done is left out`(
        pace: World.Pace, edit: (renamed: Bool, inserted: Bool)
    ) throws {
        var world = try World(
            rules: Self.longLadder(renamed: false, inserted: false), start: "2026-05-01 00:00", pace: pace)
        try world.event("complaint.opened", ["ticketId": "T1"], at: "2026-05-18 10:00")
        try world.activate(
            Self.longLadder(renamed: edit.renamed, inserted: edit.inserted), at: "2026-05-19 11:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(
            world.log == [
                "05-18 10:00 ladder/ack act", "05-19 10:00 ladder/escalate act", "05-21 10:00 ladder/follow-up act",
            ])
    }

    @Test(arguments: paces)
    func `two tickets are two ladders, one ticket reported twice is one`(pace: World.Pace) throws {
        var world = try World(rules: Rules.ladder, start: "2026-05-01 00:00", pace: pace)
        try world.event("complaint.opened", ["ticketId": "T1"], at: "2026-05-18 10:00")
        try world.event("complaint.opened", ["ticketId": "T2"], at: "2026-05-18 11:00")
        try world.event("complaint.opened", ["ticketId": "T1"], at: "2026-05-18 12:00")
        try world.event("complaint.resolved", ["ticketId": "T2"], at: "2026-05-18 13:00")
        try world.pass(until: "2026-05-20 00:00")
        #expect(
            world.log == [
                "05-18 10:00 complaint-ladder/ack act", "05-18 11:00 complaint-ladder/ack act",
                "05-18 12:00 complaint-ladder suppress reentry", "05-18 13:00 complaint-ladder skip exited",
                "05-19 10:00 complaint-ladder/escalate act",
            ])
    }
}

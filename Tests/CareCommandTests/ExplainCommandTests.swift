import CareValues
import Testing

@testable import care

/// `care explain`: which gate objects, and what would have to be otherwise.
struct ExplainCommandTests {
    static let rules = #"""
        {
          "attributes": {
            "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold", "platinum"] },
            "birthday": { "type": "birthday" }, "email": { "type": "string", "pii": true },
            "emailConsent": { "type": "consent", "channel": "email" }
          },
          "events": { "complaint.opened": { "properties": { "ticketId": { "type": "string" } } } },
          "traits": {
            "lastPurchaseAt": { "last": { "event": "purchase" } },
            "openComplaints": { "open": { "opened": "complaint.opened", "closed": "complaint.resolved", "by": "ticketId" } }
          },
          "segments": { "vip": { ">=": [{ "var": "tier" }, "gold"] } },
          "policies": {
            "caps": [{ "name": "marketing", "tags": ["marketing"], "max": 2, "per": { "rolling": "P7D" } }],
            "pauses": [{ "name": "open-complaint", "when": { ">": [{ "var": "openComplaints" }, 0] }, "tags": ["marketing"], "then": "hold" }]
          },
          "campaigns": {
            "birthday-gold": {
              "trigger": { "anniversary": { "of": "birthday", "offset": "-P7D", "at": "09:00" } },
              "condition": { "segment": "vip" }, "tags": ["marketing"], "maxLateness": "P5D",
              "actions": [{ "send": "crm", "to": { "var": "email" }, "consent": "email", "type": "care.birthday",
                "data": { "mail": "{{email}}", "text": "for {{email}}", "turns": { "$value": { "var": "entry.years" } } } }]
            },
            "asleep": {
              "trigger": { "event": "visit" },
              "condition": { ">": [{ "days_since": { "var": "lastPurchaseAt" } }, 30] },
              "actions": [{ "send": "crm", "type": "care.asleep" }]
            }
          }
        }
        """#

    /// c1 has an open complaint, c2 is silver, c3 lives in New York.
    static func world() async throws -> World {
        let world = try World.shop()
        try world.write("rules/shop.json", rules)
        try world.write(
            "c.csv",
            "customer,tier,birthday,email,emailConsent\nc1,gold,1990-09-28,lin@example.com,granted\n"
                + "c2,silver,1990-09-28,wu@example.com,granted\nc3,gold,1990-09-29,ada@example.com,granted\n")
        try world.write(
            "e.csv",
            "customer,type,time,id,ticketId\nc1,complaint.opened,2026-09-19T10:00:00Z,o1,T-5521\n"
                + "c1,purchase,2026-09-10T10:00:00Z,o2,\n")
        #expect(await world.care("import customers c.csv --history-until 2026-09-20T23:00").code == 0)
        #expect(await world.care("import events e.csv --history-until 2026-09-20T23:00").code == 0)
        return world
    }

    @Test func `a held action names the gate, what passed before it, what was not reached, and the way out`()
        async throws
    {
        let world = try await Self.world()
        #expect(await world.care("tick --at 2026-09-21T09:00:01 --decide-only").code == 0)
        let answer = await world.care("explain c1 birthday-gold")
        #expect(
            answer.output.hasPrefix("Not sent yet: held since Mon 21 Sep 2026 09:00: paused (pause open-complaint).\n"))
        let lines = answer.output.split(separator: "\n").map(String.init)
        func place(_ text: String) -> Int { lines.lastIndex { $0.contains(text) } ?? -1 }
        // In the order of the gates.
        let passed = place("too_late, exited")
        let consent = place("no_consent")
        let pause = place("pause open-complaint")
        let rest = place("not reached")
        #expect(passed > 0 && passed < consent && consent < pause && pause < rest, "\(answer.output)")
        #expect(lines[max(pause, 0)].contains("HOLD paused"))
        #expect(answer.output.contains("openComplaints 1, 0"))
        #expect(lines[max(rest, 0)].contains("cap marketing"))
        #expect(
            answer.output.contains(
                "To change it:  openComplaints at most 0 instead of 1 (complaint.opened, complaint.resolved)"))
        #expect(answer.output.contains("Otherwise:     skip too_late, Sat 26 Sep 2026 09:00"))
        #expect(answer.output.contains("Next chance:   occurrence 2027/1, Tue 21 Sep 2027 09:00"))
        #expect(!answer.output.contains("lin@example.com"), "personal")
        #expect(await world.care("explain c1 birthday-gold --show-pii").output.contains("lin@example.com"))
    }

    @Test func `a condition that is false says the least that would make it true`() async throws {
        let world = try await Self.world()
        let answer = await world.care("explain c2 birthday-gold")
        #expect(answer.output.contains("To change it:  tier gold instead of silver"), "\(answer.output)")
        #expect(
            answer.output.contains("Next chance:   occurrence 2026/1, Mon 21 Sep 2026 09:00; as things are: no match"))
        let json = await world.care("explain c2 birthday-gold --format json")
        #expect(json.output.contains(#""change":["tier gold instead of silver"]"#))
    }

    @Test func `what time alone brings says when, and what must not come before`() async throws {
        let world = try await Self.world()
        let answer = await world.care("explain c1 asleep")
        // 10 September and 31 days: 11 October.
        #expect(
            answer.output.contains("To change it:  in 21 days, if no purchase: Sun 11 Oct 2026 00:00"),
            "\(answer.output)")
    }

    @Test func `a past decision shows what was known then beside now`() async throws {
        let world = try await Self.world()
        try world.write(
            "e2.csv", "customer,type,time,id,ticketId\nc1,complaint.resolved,2026-09-21T02:00:00Z,o3,T-5521\n")
        #expect(await world.care("tick --at 2026-09-21T09:00:01 --decide-only").code == 0)
        try world.setClock("2026-09-21T02:30:00Z")
        #expect(await world.care("import events e2.csv --fire").code == 0)
        #expect(await world.care("tick --at 2026-09-21T10:31 --decide-only").code == 0)
        try world.write("c2.csv", "customer,tier,emailConsent\nc1,silver,denied\n")
        try world.setClock("2026-09-22T02:30:00Z")
        #expect(await world.care("import customers c2.csv --fire").code == 0)
        let answer = await world.care("explain c1 birthday-gold")
        // Decided with a consent that was taken back before it was sent.
        #expect(
            answer.output.hasPrefix(
                "Not delivered: decided Mon 21 Sep 2026 10:30, no gate objected; the delivery is cancelled (consent withdrawn).\n"
            ), "\(answer.output)")
        #expect(answer.output.contains("As it was Mon 21 Sep 2026 10:30 (epoch 1), from the facts known then"))
        #expect(answer.output.contains(#"emailConsent  "granted"         "denied""#), "\(answer.output)")
        #expect(answer.output.contains(#"tier          "gold"            "silver""#))
        #expect(answer.output.contains("email         l•••@example.com"))

        let then = await world.care("explain c1 birthday-gold --at 2026-09-21T09:30")
        #expect(
            then.output.hasPrefix("Not sent yet: held since Mon 21 Sep 2026 09:00: paused (pause open-complaint).\n"),
            "\(then.output)")
        #expect(then.output.contains("as of Mon 21 Sep 2026 09:30"))
        #expect(then.output.contains(#"tier "gold", "gold""#))
    }

    static let looks = #"""
        {
          "attributes": { "tier": { "type": "string" }, "birthday": { "type": "birthday" }, "country": { "type": "string" },
            "endsOn": { "type": "date" } },
          "events": { "purchase": { "properties": { "amount": { "type": "number" } } } },
          "traits": { "bought": { "count": { "event": "purchase" } } },
          "campaigns": {
            "big": { "trigger": { "event": "purchase", "where": { ">": [{ "var": "event.amount" }, 100] } },
              "condition": { "==": [{ "var": "bought" }, 1] }, "actions": [{ "send": "crm", "type": "t" }] },
            "once": { "trigger": { "event": "signup" }, "reentry": "once", "actions": [{ "send": "crm", "type": "t" }] },
            "moms": { "trigger": { "holiday": { "name": "mothers-day", "region": { "var": "country" } } },
              "actions": [{ "send": "crm", "type": "t" }] },
            "moon": { "trigger": { "anniversary": { "of": "birthday", "calendar": "chinese" } },
              "actions": [{ "send": "crm", "type": "t" }] },
            "ends": { "trigger": { "date": { "of": "endsOn" } }, "actions": [{ "send": "crm", "type": "t" }] },
            "quiet": { "trigger": { "inactivity": { "of": "signup", "for": "PT1S" } },
              "actions": [{ "send": "crm", "type": "t" }] },
            "rest": { "paused": true, "trigger": { "inactivity": { "of": "signup", "for": "P1D", "every": "PT1H" } },
              "actions": [{ "send": "crm", "type": "t" }] },
            "gone": { "activeUntil": "2026-09-20", "trigger": { "date": { "of": "endsOn" } },
              "actions": [{ "send": "crm", "type": "t" }] }
          }
        }
        """#

    @Test func `an event that began nothing is shown with the where and the condition as they were then`() async throws
    {
        let world = try World.shop()
        try world.write("rules/shop.json", Self.looks)
        try world.write("c.csv", "customer\nc1\nc2\n")
        try world.write("e.csv", "customer,type,time,id,amount\nc1,purchase,2026-09-20T10:00:00Z,o0,900\n")
        #expect(await world.care("import customers c.csv --history-until 2026-09-20T23:00").code == 0)
        #expect(await world.care("import events e.csv --history-until 2026-09-20T23:00").code == 0)
        let before = await world.care("explain c1 big")
        #expect(
            before.output.hasPrefix(
                "Not entered: the last purchase, Sun 20 Sep 2026 18:00, came before the campaign was as it is, "),
            "\(before.output)")
        func fire(_ customer: String, _ id: String, _ amount: Int) async throws {
            try world.write(
                "f.csv", "customer,type,time,id,amount\n\(customer),purchase,2026-09-20T23:59:00Z,\(id),\(amount)\n")
            #expect(await world.care("import events f.csv --fire").code == 0)
        }
        try await fire("c2", "o1", 100)
        let small = await world.care("explain c2 big")
        #expect(
            small.output.hasPrefix(
                "Not entered: the last purchase, Mon 21 Sep 2026 08:30, did not meet the trigger's where."),
            "\(small.output)")
        #expect(small.output.contains("> event.amount 100, 100"))
        #expect(small.output.contains(#"the last came Mon 21 Sep 2026 08:30 (["import","o1"])"#))
        try world.setClock("2026-09-21T00:40:00Z")
        try await fire("c2", "o2", 101)
        let second = await world.care("explain c2 big")
        #expect(
            second.output.hasPrefix(
                "Not entered: when the last purchase, Mon 21 Sep 2026 08:40, came, the condition was not met."),
            "\(second.output)")
        #expect(second.output.contains("condition then") && second.output.contains("== bought 2, 1"))
    }

    @Test func `where nothing comes next it is said why`() async throws {
        let world = try World.shop()
        try world.write("rules/shop.json", Self.looks)
        try world.write(
            "c.csv", "customer,birthday,country,endsOn\nc1,--05-20,XX,2026-09-01\nc2,,,\nc3,1990-05-20,UK,\n")
        #expect(await world.care("import customers c.csv --history-until 2026-09-20T23:00").code == 0)
        try world.write("f.csv", "customer,type,time\nc1,signup,2026-09-20T23:59:00Z\n")
        #expect(await world.care("import events f.csv --fire").code == 0)
        try world.setClock("2026-09-21T00:31:00Z")
        #expect(await world.care("tick --decide-only").code == 0)
        for (question, answer) in [
            ("c1 once", "none: it is entered once"), ("c1 moms", "none: no holidays of a region 'XX' are known"),
            ("c2 moms", "none: country is missing"), ("c3 moms", "occurrence mothers-day/2027/1"),
            ("c1 moon", "none: birthday has no year, and without it no day in another calendar"),
            ("c2 moon", "none: birthday is missing"), ("c3 moon", "occurrence 2027/1"),
            ("c1 ends", "none: endsOn is over; another value of it would be another occurrence"),
            ("c2 ends", "none: endsOn is missing"), ("c2 quiet", "none: signup is missing"),
            ("c1 quiet", "none: this silence has fired; the next begins with the next event"),
            ("c1 rest", "none while it is paused; what it has begun waits"),
            ("c2 once", "when signup comes"),
            ("c3 gone", "none: its trigger counts no more since Sun 20 Sep 2026 00:00"),
        ] {
            let output = await world.care("explain \(question)").output
            #expect(output.contains("Next chance:   \(answer)"), "\(question): \(output)")
        }
    }

    @Test func `a plan masks what came from a personal attribute, on the customer's own clock`() async throws {
        let world = try await Self.world()
        let answer = await world.care("plan --at 2026-09-21T08:30 --customer c3")
        #expect(
            answer.output.contains(
                #"{"mail":"a•••@example.com","text":"for •••","turns":36}"#), "\(answer.output)")
        let shown = await world.care("plan --at 2026-09-21T08:30 --customer c3 --show-pii")
        #expect(shown.output.contains(#"{"mail":"ada@example.com","text":"for ada@example.com","turns":36}"#))
    }
}

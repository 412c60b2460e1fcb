import CareDecisions
import CareValues
import Testing

/// Gate `holdout`, and group and sentinel dates at entry.
@Suite struct HoldoutTests {
    static func acts(_ holdout: String, campaign: String = "hello") throws -> Set<Int> {
        let rules = try World.load(GateRules.file(GateRules.oneAction(campaign, holdout), policies: ""))
        let decider = Decider(
            ActiveRules(
                rules: rules, epoch: 1, activatedAt: .distantPast, starts: [:], projectZone: .utc, zones: World.zones))
        let now = Timestamp(milliseconds: 1_780_000_000_000)
        var acted: Set<Int> = []
        for number in 0..<2_000 {
            let event = Event(type: campaign, source: "s", id: "1", time: now, receivedAt: now, properties: [:])
            let row = decider.newRow(customer: "c\(number)", asOf: now)
            let outcome = decider.touch(row, facts: [.event(event)], clock: now).outcome
            #expect(outcome.decisions.count == 1)
            if outcome.decisions.first?.outcome == .act { acted.insert(number) }
        }
        return acted
    }

    @Test func `a holdout keeps a stable fraction back, the share of holdout: and the campaign or salt`() throws {
        let acted = try Self.acts(#""holdout": 0.1"#)
        for number in 0..<2_000 {
            #expect(acted.contains(number) == (Bucket.share(of: ["holdout:hello", "c\(number)"]) >= 0.1))
        }
        #expect((1_740...1_860).contains(acted.count))
        #expect(try Self.acts(#""holdout": { "fraction": 0.1, "salt": "spring" }"#) != acted)
        #expect(
            try Self.acts(#""holdout": { "fraction": 0.1, "salt": "spring" }"#)
                == Self.acts(#""holdout": { "fraction": 0.1, "salt": "spring" }"#, campaign: "other"))
        // Who is held out at a tenth is held out at a fifth.
        #expect(try Self.acts(#""holdout": 0.2"#).isSubset(of: acted))
    }

    @Test func `a fraction of 0 holds nobody out, one of 1 everybody`() throws {
        #expect(try Self.acts(#""holdout": 0"#).count == 2_000)
        #expect(try Self.acts(#""holdout": 1"#).isEmpty)
    }

    static func log(_ members: String, policies: String, action: String, at time: String = "10:00") throws -> [String] {
        var world = try World(
            rules: GateRules.file(
                GateRules.oneAction("hello", members, action: action), policies: policies), start: "2026-05-01 00:00")
        try world.event("hello", at: "2026-05-10 " + time)
        try world.event("hello", at: "2026-05-10 " + time)
        try world.pass(until: "2026-05-12 00:00")
        return world.log
    }

    @Test func `holdout is the last gate: what another gate refuses is not held out`() throws {
        let action = #""send": "crm", "type": "t""#
        #expect(
            try Self.log(
                #""holdout": 1"#, policies: #""quietHours": { "from": "21:00", "until": "08:00", "then": "suppress" }"#,
                action: action, at: "22:00"
            ).first == "05-10 22:00 hello/1 suppress quiet_hours")
        #expect(
            try Self.log(
                #""holdout": 1"#, policies: "", action: #""send": "crm", "type": "t", "data": { "a": "{{addr}}" }"#
            )
            .first == "05-10 10:00 hello/1 error template_error")
    }

    @Test func `holdout reserves nothing, and binds actions for staff too`() throws {
        let cap = #""caps": [{ "name": "one", "max": 1, "per": { "calendar": "year" } }]"#
        #expect(
            try Self.log(#""holdout": 1"#, policies: cap, action: #""send": "crm", "type": "t""#) == [
                "05-10 10:00 hello/1 suppress holdout", "05-10 10:00 hello/1 suppress holdout",
            ])
        #expect(
            try Self.log(
                #""holdout": 1"#, policies: "", action: #""send": "crm", "type": "t", "audience": "staff""#
            ).first == "05-10 10:00 hello/1 suppress holdout")
        // No act: a cooldown since the last act has not begun.
        #expect(
            try Self.log(
                #""holdout": 1, "reentry": { "cooldown": "P30D", "since": "act" }"#, policies: "",
                action: #""send": "crm", "type": "t""#
            ).last == "05-10 10:00 hello/1 suppress holdout")
    }
}

/// Gates `sentinel_date` and `excluded`, at entry.
@Suite struct EntryGateTests {
    static func group(_ name: String, priority: Int, group: String = "retention") -> String {
        """
        "\(name)": { "trigger": { "event": "\(name)" }, "group": "\(group)", "priority": \(priority), "steps": [
          { "name": "s", "actions": [{ "send": "crm", "type": "t" }] },
          { "name": "later", "after": "P1D", "actions": [{ "send": "crm", "type": "t" }] } ] }
        """
    }

    static func world(_ campaigns: [String]) throws -> World {
        try World(
            rules: GateRules.file(
                campaigns.joined(separator: ","), policies: #""quietHours": { "from": "21:00", "until": "08:00" }"#),
            start: "2026-05-01 00:00")
    }

    @Test(arguments: [(10, 10, "excluded"), (10, 9, "excluded"), (9, 10, "displaced")])
    func `of a group one entry lives: a higher priority displaces it, any other is excluded`(
        first: Int, second: Int, expected: String
    ) throws {
        var world = try Self.world([Self.group("a", priority: first), Self.group("b", priority: second)])
        try world.event("a", at: "2026-05-10 10:00")
        try world.event("b", at: "2026-05-10 11:00")
        try world.pass(until: "2026-05-12 00:00")
        #expect(
            world.log
                == (expected == "excluded"
                    ? ["05-10 10:00 a/s act", "05-10 11:00 b suppress excluded", "05-11 10:00 a/later act"]
                    : [
                        "05-10 10:00 a/s act", "05-10 11:00 a skip displaced", "05-10 11:00 b/s act",
                        "05-11 11:00 b/later act",
                    ]))
    }

    @Test func `a campaign's own entry counts, another group does not, and an entry that is over does not`() throws {
        var world = try Self.world([
            Self.group("a", priority: 1), Self.group("b", priority: 1, group: "other"), Self.group("c", priority: 1),
        ])
        try world.event("a", at: "2026-05-10 10:00")
        try world.event("a", at: "2026-05-10 11:00")
        try world.event("b", at: "2026-05-10 12:00")
        try world.event("c", at: "2026-05-11 09:59")
        try world.event("c", at: "2026-05-11 10:00:01")
        try world.pass(until: "2026-05-11 11:00")
        #expect(
            world.log == [
                "05-10 10:00 a/s act", "05-10 11:00 a suppress excluded", "05-10 12:00 b/s act",
                "05-11 09:59 c suppress excluded", "05-11 10:00 a/later act", "05-11 10:00:01 c/s act",
            ])
    }

    @Test func `a displaced entry has one skip for each action still held`() throws {
        var world = try Self.world([Self.group("a", priority: 1), Self.group("b", priority: 2)])
        try world.event("a", at: "2026-05-10 22:00")
        try world.event("b", at: "2026-05-10 22:30")
        #expect(
            world.log == [
                "05-10 22:00 a/s hold quiet_hours", "05-10 22:30 a/s skip displaced",
                "05-10 22:30 b/s hold quiet_hours",
            ])
    }

    @Test func `re-entry is asked before the group`() throws {
        let once = Self.group("a", priority: 5).replacing(#""group""#, with: #""reentry": "once", "group""#)
        var world = try Self.world([once, Self.group("b", priority: 1)])
        try world.event("a", at: "2026-05-10 10:00")
        try world.event("a", at: "2026-05-10 11:00")
        #expect(world.log.last == "05-10 11:00 a suppress reentry")
    }

    @Test(arguments: [
        ("1900-01-01", "suppress sentinel_date"), ("1970-01-01", "suppress sentinel_date"),
        ("0001-01-01", "suppress sentinel_date"), ("1971-01-01", "act"), ("1899-01-01", "act"),
    ])
    func `a sentinel date does not greet`(birthday: String, expected: String) throws {
        let rules = GateRules.file(
            """
            "b": { "trigger": { "anniversary": { "of": "birthday" } }, "actions": [{ "send": "crm", "type": "t" }] }
            """)
        var world = try World(rules: rules, start: "2026-01-01 00:00")
        try world.set(["birthday": .string(birthday)], at: "2026-01-01 00:01")
        try world.pass(until: "2026-01-03 00:00")
        #expect(world.log == ["01-01 09:00 b\(expected == "act" ? "/1" : "") \(expected)"])
    }
}

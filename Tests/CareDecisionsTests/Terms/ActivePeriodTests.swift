import CareDecisions
import CareValues
import Testing

/// `activeFrom`, `activeUntil` and `paused`: when a campaign's trigger counts, and what waits meanwhile.
@Suite struct ActivePeriodTests {
    static let paces = StoryTests.paces

    static func daily(_ members: String, at: String = "09:00") -> String {
        GateRules.file(
            """
            "greet": { \(members)
              "trigger": { "anniversary": { "of": "birthday", "at": "\(at)" } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
    }

    struct Moment: CustomTestStringConvertible {
        var members: String
        var birthday: String
        var greets: Bool
        var testDescription: String { "\(members) \(birthday)" }
    }

    static let moments = [
        Moment(members: #""activeFrom": "2026-06-01T09:00","#, birthday: "--06-01", greets: true),
        Moment(members: #""activeFrom": "2026-06-01T09:01","#, birthday: "--06-01", greets: false),
        Moment(members: #""activeFrom": "2026-06-01","#, birthday: "--05-31", greets: false),
        Moment(members: #""activeFrom": "2026-06-01","#, birthday: "--06-01", greets: true),
        Moment(members: #""activeUntil": "2026-06-01T09:00","#, birthday: "--06-01", greets: false),
        Moment(members: #""activeUntil": "2026-06-01T09:01","#, birthday: "--06-01", greets: true),
        Moment(members: #""activeUntil": "2026-06-01","#, birthday: "--05-31", greets: true),
        Moment(members: #""activeUntil": "2026-06-01","#, birthday: "--06-01", greets: false),
        // 09:00 in Shanghai is 01:00 UTC.
        Moment(members: #""activeFrom": "2026-06-01T01:00:00Z","#, birthday: "--06-01", greets: true),
        Moment(members: #""activeFrom": "2026-06-01T01:00:01Z","#, birthday: "--06-01", greets: false),
        Moment(members: #""activeUntil": "2026-06-01T03:00:00+02:00","#, birthday: "--06-01", greets: false),
    ]

    @Test(arguments: moments, paces)
    func `a trigger counts from activeFrom on and before activeUntil, on the customer's clock or at one instant`(
        _ moment: Moment, pace: World.Pace
    ) throws {
        var world = try World(rules: Self.daily(moment.members), start: "2026-05-01 00:00", pace: pace)
        try world.set(["birthday": .string(moment.birthday)], at: "2026-05-02 09:00")
        try world.pass(until: "2026-07-01 00:00")
        #expect(world.log.isEmpty == !moment.greets)
    }

    @Test func `activeFrom is read on each customer's own clock`() throws {
        var world = try World(rules: Self.daily(#""activeFrom": "2026-06-01","#), start: "2026-05-01 00:00")
        try world.set(["birthday": "--05-31", "timeZone": "America/New_York"], at: "2026-05-02 09:00")
        try world.pass(until: "2026-07-01 00:00")
        // 09:00 of 31 May in New York lies in June in Shanghai.
        #expect(world.log == [])
    }

    static let event = GateRules.file(
        """
        "c": { "activeFrom": "2026-05-10", "activeUntil": "2026-05-20", "trigger": { "event": "e" }, "steps": [
          { "name": "a", "actions": [{ "send": "crm", "type": "t" }] },
          { "name": "b", "after": "P5D", "actions": [{ "send": "crm", "type": "t" }] } ] }
        """, policies: "")

    @Test(arguments: paces)
    func `activeUntil ends triggers, not entries`(pace: World.Pace) throws {
        var world = try World(rules: Self.event, start: "2026-05-01 00:00", pace: pace)
        try world.event("e", at: "2026-05-09 23:59")
        try world.event("e", at: "2026-05-10 00:00")
        try world.event("e", at: "2026-05-19 23:59")
        try world.event("e", at: "2026-05-20 00:00")
        try world.pass(until: "2026-06-01 00:00")
        #expect(
            world.log == [
                "05-10 00:00 c/a act", "05-15 00:00 c/b act", "05-19 23:59 c/a act", "05-24 23:59 c/b act",
            ])
    }

    /// A tick, a change and a silence that fire on 19 May and wait for another day, under rules that end between.
    static func waiting(until: String) -> String {
        GateRules.file(
            """
            "s": { "activeUntil": "\(until)", "maxLateness": "P20D",
              "trigger": { "schedule": { "cron": "0 10 19 5 *", "zone": "customer", "spread": "P9D" } },
              "actions": [{ "send": "crm", "type": "t" }] },
            "t": { "activeUntil": "\(until)", "trigger": { "change": { "of": "tier", "at": "08:00" } },
              "actions": [{ "send": "crm", "type": "t" }] },
            "i": { "activeUntil": "\(until)", "maxLateness": "P20D",
              "trigger": { "inactivity": { "of": "visit", "for": "P9D", "spread": "P9D" } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
    }

    @Test(arguments: paces, [("2026-05-19T10:01", ["i", "s", "t"]), ("2026-05-19T10:00", [])])
    func `what fired before activeUntil and waits for its wall time or its spread goes out after it`(
        pace: World.Pace, until: (at: String, campaigns: [String])
    ) throws {
        var world = try World(rules: Self.waiting(until: until.at), start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "silver"], at: "2026-05-02 09:00")
        try world.event("visit", at: "2026-05-10 10:00")
        try world.set(["tier": "gold"], at: "2026-05-19 10:00")
        try world.pass(until: "2026-06-10 00:00")
        #expect(world.decisions.map(\.key.campaign).sorted() == until.campaigns)
        let first = try world.instant("2026-05-20 00:00")
        #expect(world.decisions.allSatisfy { $0.outcome == .act && $0.now >= first })
    }

    @Test(arguments: paces)
    func `an event that happened before activeFrom counts when it is received after`(pace: World.Pace) throws {
        var world = try World(rules: Self.event, start: "2026-05-01 00:00", pace: pace)
        try world.event("e", at: "2026-05-10 08:00", happened: "2026-05-09 20:00")
        #expect(world.log == ["05-10 08:00 c/a act"])
    }

    static func vip(_ members: String) -> String {
        GateRules.file(
            """
            "vip-hello": { \(members) "trigger": { "segment": { "entered": "vip" } },
              "actions": [{ "send": "crm", "type": "t" }] },
            "tier": { \(members) "trigger": { "change": { "of": "tier" } }, "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
    }

    @Test(arguments: paces)
    func `who is a member before activeFrom is so silently, and enters when left and entered again`(
        pace: World.Pace
    ) throws {
        var world = try World(
            rules: Self.vip(#""activeFrom": "2026-05-10","#), start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "silver"], at: "2026-05-02 09:00")
        try world.set(["tier": "gold"], at: "2026-05-03 09:00")
        try world.pass(until: "2026-05-11 00:00")
        #expect(world.log == [])
        try world.set(["tier": "silver"], at: "2026-05-12 09:00")
        try world.set(["tier": "gold"], at: "2026-05-13 09:00")
        #expect(
            world.log == ["05-12 09:00 tier/1 act", "05-13 09:00 tier/1 act", "05-13 09:00 vip-hello/1 act"])
    }

    @Test(arguments: paces, [false, true])
    func `a birthday due while its campaign is paused is nothing, no row`(pace: World.Pace, viewed: Bool) throws {
        let paused = GateRules.birthdayGold.replacing("\"tags\"", with: "\"paused\": true, \"tags\"")
        var world = try GateStoryTests.customer("gold", rules: GateRules.file(GateRules.birthdayGold), pace: pace)
        try world.activate(GateRules.file(paused), at: "2026-05-23 08:30")
        if viewed { try world.event("page.viewed", at: "2026-05-23 11:00") }
        try world.activate(GateRules.file(GateRules.birthdayGold), at: "2026-05-23 12:00")
        try world.pass(until: "2026-06-30 00:00")
        #expect(world.decisions.isEmpty)
    }

    static func steps(paused: Bool, lateness: String = "") -> String {
        GateRules.file(
            """
            "c": { \(paused ? #""paused": true,"# : "") \(lateness) "trigger": { "event": "e" },
              "exit": { "event": "x" }, "steps": [
              { "name": "a", "actions": [{ "send": "crm", "type": "t" }] },
              { "name": "b", "sinceEntry": "P5D", "actions": [
                { "name": "one", "send": "crm", "type": "t" },
                { "name": "two", "send": "desk", "audience": "staff", "type": "t" } ] } ] }
            """, policies: "")
    }

    @Test(arguments: paces)
    func `a paused campaign's trigger counts nothing, its steps are held and go out when it goes on`(
        pace: World.Pace
    ) throws {
        var world = try World(rules: Self.steps(paused: false), start: "2026-05-01 00:00", pace: pace)
        try world.event("e", at: "2026-05-02 10:00")
        try world.activate(Self.steps(paused: true), at: "2026-05-03 00:00")
        try world.event("e", at: "2026-05-04 10:00")
        try world.event("other", at: "2026-05-08 10:00")
        // A comma changes nothing, and writes nothing.
        try world.activate(Self.steps(paused: true, lateness: #""maxLateness": "P30D","#), at: "2026-05-09 00:00")
        try world.activate(Self.steps(paused: false), at: "2026-05-20 09:00")
        try world.event("e", at: "2026-05-21 10:00")
        #expect(
            world.actionLog == [
                "05-02 10:00 c/a/1 act", "05-07 10:00 c/b/one hold paused", "05-07 10:00 c/b/two hold paused",
                "05-20 09:00 c/b/one act", "05-20 09:00 c/b/two act", "05-21 10:00 c/a/1 act",
            ])
        #expect(world.decisions.first { $0.reason == .paused }?.inputs["paused"] == .string("campaign"))
    }

    @Test(arguments: paces, [("2026-05-09 09:59", "act"), ("2026-05-09 10:00", "skip too_late")])
    func `on resuming lateness applies, from the due instant`(
        pace: World.Pace, resumed: (at: String, outcome: String)
    ) throws {
        let lateness = #""maxLateness": "P2D","#
        var world = try World(
            rules: Self.steps(paused: false, lateness: lateness), start: "2026-05-01 00:00", pace: pace)
        try world.event("e", at: "2026-05-02 10:00")
        try world.activate(Self.steps(paused: true, lateness: lateness), at: "2026-05-03 00:00")
        try world.activate(Self.steps(paused: false, lateness: lateness), at: resumed.at)
        #expect(world.log.suffix(2).allSatisfy { $0.hasSuffix("c/b \(resumed.outcome)") })
    }

    /// An action in error since 2 May 10:00 that has no lateness would be given up on 1 June 10:00.
    static func erring(paused: Bool) -> String {
        GateRules.file(
            """
            "c": { \(paused ? #""paused": true,"# : "") "trigger": { "event": "e" }, "steps": [
              { "name": "a", "sinceEntry": "PT0S", "condition": true, "actions": [{ "send": "crm", "type": "t" }] },
              { "name": "b", "sinceEntry": "PT0S",
                "actions": [{ "send": "crm", "type": "t", "data": { "to": "{{addr}}" } }] } ] }
            """, policies: "")
    }

    @Test(arguments: paces)
    func `time in a paused campaign is not counted in the deadline where there is no lateness`(
        pace: World.Pace
    ) throws {
        var world = try World(rules: Self.erring(paused: false), start: "2026-05-01 00:00", pace: pace)
        try world.event("e", at: "2026-05-02 10:00")
        try world.activate(Self.erring(paused: true), at: "2026-05-10 00:00")
        try world.activate(Self.erring(paused: false), at: "2026-05-15 00:00")
        try world.activate(Self.erring(paused: true), at: "2026-05-20 00:00")
        try world.activate(Self.erring(paused: false), at: "2026-05-22 12:00")
        try world.pass(until: "2026-07-30 00:00")
        // Seven and a half days paused: not 1 June 10:00, but 8 June 22:00.
        #expect(
            world.log == [
                "05-02 10:00 c/a act", "05-02 10:00 c/b error template_error", "05-10 00:00 c/b hold paused",
                "05-15 00:00 c/b error template_error", "05-20 00:00 c/b hold paused",
                "05-22 12:00 c/b error template_error", "06-08 22:00 c/b skip too_late",
            ])
    }

    @Test(arguments: paces)
    func `an exit ends an entry of a paused campaign too`(pace: World.Pace) throws {
        var world = try World(rules: Self.steps(paused: false), start: "2026-05-01 00:00", pace: pace)
        try world.event("e", at: "2026-05-02 10:00")
        try world.activate(Self.steps(paused: true), at: "2026-05-03 00:00")
        try world.event("x", at: "2026-05-08 10:00")
        try world.activate(Self.steps(paused: false), at: "2026-05-20 09:00")
        #expect(
            world.actionLog.suffix(2) == ["05-08 10:00 c/b/one skip exited", "05-08 10:00 c/b/two skip exited"])
    }

    @Test(arguments: paces)
    func `time in a pause is not counted for an occurrence in error either`(pace: World.Pace) throws {
        func rules(paused: Bool) -> String {
            GateRules.file(
                """
                "c": { \(paused ? #""paused": true,"# : "") "maxLateness": "none", "trigger": { "event": "e" },
                  "condition": { "startsWith": [{ "var": "last" }, "a"] }, "actions": [{ "send": "crm", "type": "t" }] }
                """, policies: ""
            ).replacing(
                #""purchases":"#, with: #""last": { "last": { "event": "said", "property": "word" } }, "purchases":"#)
        }
        var world = try World(rules: rules(paused: false), start: "2026-05-01 00:00", pace: pace)
        try world.event("said", ["word": .number(5)], at: "2026-05-02 09:00")
        try world.event("e", at: "2026-05-02 10:00")
        try world.activate(rules(paused: true), at: "2026-05-10 00:00")
        try world.activate(rules(paused: false), at: "2026-05-15 12:00")
        try world.pass(until: "2026-07-30 00:00")
        // Five and a half days paused: not 1 June 10:00, but 6 June 22:00.
        #expect(world.log.first == "05-02 10:00 c error evaluation_error")
        #expect(world.log.last == "06-06 22:00 c skip too_late")
    }

    @Test(arguments: [("2026-05-03T10:00", "2026-05-02T10:00"), ("2026-05-03T10:01", "2026-05-03T10:00")])
    func `a move brings the last tick before activeUntil`(until: String, tick: String) throws {
        let rules = GateRules.file(
            """
            "c": { "activeUntil": "\(until)", "maxLateness": "P3D",
              "trigger": { "schedule": { "cron": "0 10 * * *", "zone": "customer" } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
        // Nobody looks in between.
        var world = try World(rules: rules, start: "2026-04-30 00:00", pace: .every(minutes: 1_000_000))
        try world.set(["timeZone": "America/New_York"], at: "2026-05-01 00:00")
        try world.set(["timeZone": "Asia/Shanghai"], at: "2026-05-03 10:30")
        #expect(world.decisions.map(\.key.occurrence) == [tick])
    }

    @Test(arguments: [(true, "paused"), (false, "quiet hours")])
    func `an explanation looks at held actions by the campaign's identity, on its clock, the pause first`(
        isPaused: Bool, gate: String
    ) throws {
        func rules(_ name: String, _ members: String) -> String {
            GateRules.file(
                """
                "\(name)": { \(members) "zone": "America/New_York", "trigger": { "event": "e" },
                  "actions": [{ "send": "crm", "type": "t" }] }
                """, policies: #""quietHours": { "from": "21:00", "until": "08:00" }"#)
        }
        var world = try World(rules: rules("old", ""), start: "2026-05-01 00:00")
        // Half past noon in Shanghai is half past midnight in New York.
        try world.event("e", at: "2026-05-02 12:30")
        let edited = rules("new", #""formerly": "old","# + (isPaused ? #""paused": true,"# : ""))
        try world.activate(edited, at: "2026-05-02 12:31")
        let looks = world.decider.looks(atActionsOf: 0, row: try #require(world.row))
        let objecting = looks.map { look in
            look.gates.filter { if case .stopped = $0.state { true } else { false } }.map(\.gate)
        }
        #expect(objecting == [[gate]])
    }

    static func delayed(paused: Bool) -> String {
        GateRules.file(
            """
            "c": { \(paused ? #""paused": true,"# : "") "trigger": { "segment": { "entered": "vip", "at": "10:00" } },
              "actions": [{ "send": "crm", "type": "t" }] }
            """, policies: "")
    }

    @Test(
        arguments: paces,
        [
            ("2026-05-04 09:00", ["05-04 09:00 c/1 act"]), ("2026-05-04 10:00", ["05-04 10:00 c skip too_late"]),
        ])
    func `what waits for its wall time waits on in a paused campaign, and may be late then`(
        pace: World.Pace, resumed: (at: String, log: [String])
    ) throws {
        var world = try World(rules: Self.delayed(paused: false), start: "2026-05-01 00:00", pace: pace)
        try world.set(["tier": "gold"], at: "2026-05-02 12:00")
        try world.activate(Self.delayed(paused: true), at: "2026-05-03 00:00")
        try world.activate(Self.delayed(paused: false), at: resumed.at)
        try world.pass(until: "2026-05-10 00:00")
        #expect(world.log == resumed.log)
    }
}

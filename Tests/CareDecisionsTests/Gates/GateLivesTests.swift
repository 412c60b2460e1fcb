import CareDecisions
import CareValues
import Testing

/// Generated lives under all gates: the plan is what ticking makes, and nothing goes out that a gate forbids.
@Suite struct GateLivesTests {
    static let seeds = [UInt64](1...80)

    static let rules = GateRules.file(
        """
        "offer": { "trigger": { "event": "visit" }, "tags": ["marketing"], "priority": 20, "maxLateness": "P9D",
          "group": "g", "exit": { "event": "complaint.resolved" }, "steps": [
            { "name": "one", "actions": [
              { "name": "pick", "firstOf": [
                { "name": "mail", "send": "mail", "to": { "var": "email" }, "consent": "email", "type": "o" },
                { "name": "sms", "condition": { "segment": "vip" }, "send": "sms", "type": "o" },
                { "name": "call", "send": "desk", "audience": "staff", "type": "o" } ] },
              { "name": "plain", "send": "mail", "type": "o2", "data": { "to": "{{addr}}" } } ] },
            { "name": "two", "after": "PT30H", "actions": [
              { "name": "a", "send": "crm", "type": "o3" },
              { "name": "b", "send": "desk", "audience": "staff", "type": "o3" } ] } ] },
        "rescue": { "trigger": { "event": "complaint.opened" }, "group": "g", "priority": 30,
          "quietHours": "ignore", "caps": { "counts": false, "ignores": true }, "steps": [
            { "name": "now", "window": "office", "actions": [{ "send": "desk", "audience": "staff", "type": "r" }] },
            { "name": "soon", "sinceEntry": "PT11H", "countIn": "office", "actions": [{ "send": "crm", "type": "r2" }] },
            { "name": "late", "after": "P2D", "at": "22:00", "window": "night",
              "actions": [{ "send": "crm", "type": "r3" }] } ] },
        "news": { "trigger": { "change": { "of": "tier" } }, "tags": ["marketing"], "maxLateness": "P40D",
          "actions": [{ "send": "mail", "type": "n" }] }
        """,
        policies: """
            "quietHours": [{ "from": "21:30", "until": "08:10" },
              { "from": "12:00", "until": "13:00", "then": "suppress", "destinations": ["sms"] }],
            "windows": {
              "office": { "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "until": "18:00" },
              "night": { "from": "20:00", "until": "04:00", "zone": "customer" } },
            "caps": [
              { "name": "week", "tags": ["marketing"], "max": 2, "per": { "rolling": "P7D" }, "then": "hold" },
              { "name": "month", "destinations": ["mail"], "max": 3, "per": { "calendar": "month" } } ],
            "pauses": [
              { "name": "stopped", "when": { "var": "doNotContact" }, "tags": ["marketing"], "then": "suppress" },
              { "name": "ticket", "when": { ">": [{ "var": "openComplaints" }, 0] }, "tags": ["marketing"],
                "then": "hold" },
              { "name": "busy", "when": { ">": [{ "var": "visits1d" }, 1] }, "tags": ["marketing"], "then": "hold" } ]
            """)

    /// Forty days of one customer, in Shanghai or Berlin, whose clock is put forward meanwhile.
    static func life(seed: UInt64) throws -> World {
        var random = SplitMix64(seed: seed)
        var world = try World(
            rules: rules, start: "2026-03-01 00:00",
            zone: Bool.random(using: &random) ? "Asia/Shanghai" : "Europe/Berlin")
        var values: JSONObject = ["tier": "gold"]
        if Bool.random(using: &random) { values["email"] = "a@b.example" }
        if Bool.random(using: &random) { values["addr"] = "1 Main Street" }
        if Bool.random(using: &random) { values["emailConsent"] = "granted" }
        try world.set(values, at: "2026-03-01 09:00")
        var minutes = (0..<Int.random(in: 6...24, using: &random)).map { _ in
            Int.random(in: 600..<40 * 1_440, using: &random)
        }
        minutes.sort()
        for minute in minutes {
            let day = CivilDate(dayNumber: (CivilDate(text: "2026-03-01")?.dayNumber ?? 0) + Int32(minute / 1_440))
            let time = LocalTime(millisecondsOfDay: Int32(minute % 1_440) * 60_000)
            let at = "\(day.text) \(time.text)"
            switch Int.random(in: 0..<9, using: &random) {
            case 0...3: try world.event("visit", at: at)
            case 4: try world.event("complaint.opened", ["ticketId": "1"], at: at)
            case 5: try world.event("complaint.resolved", ["ticketId": "1"], at: at)
            case 6: try world.set(["tier": ["silver", "gold"].randomElement(using: &random) ?? "gold"], at: at)
            case 7: try world.set(["doNotContact": .bool(Bool.random(using: &random))], at: at)
            default: try world.set(["emailConsent": Bool.random(using: &random) ? "granted" : "denied"], at: at)
            }
        }
        try world.pass(until: "2026-04-10 00:00")
        return world
    }

    @Test(arguments: seeds)
    func `the simulation is what a pass at every due instant makes, and what ticks of ten minutes make`(
        seed: UInt64
    ) throws {
        let world = try Self.life(seed: seed)
        let forecast = world.forecast(days: 30).decisions
        var due = world
        try due.pass(until: "2026-05-10 00:00")
        var cron = try Self.life(seed: seed)
        cron.pace = .every(minutes: 10)
        try cron.pass(until: "2026-05-10 00:00")
        // A period is half-open, a pass takes its last instant in.
        let end = try world.instant("2026-05-10 00:00")
        let known = world.decisions.count
        #expect(due.decisions.dropFirst(known).filter { $0.now < end } == forecast)
        #expect(cron.decisions.dropFirst(known).filter { $0.now < end } == forecast)
    }

    @Test(arguments: seeds)
    func `nothing goes out that a gate forbids, and every key is decided once`(seed: UInt64) throws {
        var world = try Self.life(seed: seed)
        try world.pass(until: "2026-06-10 00:00")
        var rows: [DecisionKey: [Decision]] = [:]
        for decision in world.decisions { rows[decision.key, default: []].append(decision) }
        for (key, decisions) in rows {
            #expect(decisions.filter(\.outcome.isFinal).count <= 1, "\(key.text)")
            #expect(decisions.dropLast().allSatisfy { !$0.outcome.isFinal }, "\(key.text)")
            let numbers = decisions.filter { !$0.outcome.isFinal }.map(\.number)
            #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
            // A row is written only when reason or wake-up differ; both are of the row, so at most equal instants repeat.
            for decision in decisions where decision.outcome == .hold { #expect(decision.reason?.isOfHolds == true) }
        }
        let acts = world.decisions.filter { $0.outcome == .act }
        for act in acts {
            let local = world.zone.local(act.now)
            let minute = Int(local.time.millisecondsOfDay) / 60_000
            let isForStaff = act.destination == "desk"
            if act.key.campaign != "rescue", !isForStaff {
                #expect(minute >= 8 * 60 + 10 && minute < 21 * 60 + 30, "\(act.key.text) at \(local.time.text)")
            }
            if act.destination == "sms" { #expect(minute / 60 != 12) }
            if act.key.step == "now" {
                #expect((9 * 60..<18 * 60).contains(minute) && local.date.isoWeekday <= 5)
            }
            if act.key.step == "late" { #expect(minute == 22 * 60) }
        }
        let marketing = acts.filter { $0.key.campaign != "rescue" && $0.destination != "desk" }
        for act in marketing {
            let today = world.zone.date(at: act.now)
            let week = marketing.filter {
                let date = world.zone.date(at: $0.now)
                return $0.now <= act.now && date > today.advanced(byDays: -7)
            }
            #expect(week.count <= 2)
            let month = marketing.filter {
                let date = world.zone.date(at: $0.now).components
                return $0.destination == "mail" && date.month == today.components.month
            }
            #expect(month.count <= 3)
        }
    }

    @Test func `the lives meet every gate`() throws {
        var seen: Set<String> = []
        for seed in Self.seeds.prefix(60) {
            for decision in try Self.life(seed: seed).decisions {
                seen.insert(decision.outcome.rawValue + " " + (decision.reason?.rawValue ?? ""))
            }
        }
        let expected: Set<String> = [
            "act ", "hold quiet_hours", "hold paused", "hold frequency_cap", "suppress paused", "suppress no_consent",
            "suppress no_address", "suppress not_chosen", "suppress excluded", "skip displaced", "skip exited",
            "error template_error", "skip too_late",
        ]
        #expect(expected.subtracting(seen) == [])
    }
}

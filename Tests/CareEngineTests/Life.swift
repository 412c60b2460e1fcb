import CareDecisions
import CareEngine
import CareValues

/// Customers and events made from a seed, and the rules they live under.
struct Life {
    let seed: UInt64

    /// Every trigger, every kind of wait, every kind of re-entry.
    static let rules = """
        {
          "attributes": {
            "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold", "platinum"] },
            "birthday": { "type": "birthday" }, "joinedOn": { "type": "date" }, "addr": { "type": "string" },
            "timeZone": { "type": "zone" }, "country": { "type": "string" }
          },
          "traits": {
            "purchases": { "count": { "event": "purchase" } },
            "firstPurchaseAt": { "first": { "event": "purchase" } },
            "spend30d": { "sum": { "event": "purchase", "property": "amount", "within": "P30D" } },
            "openTickets": { "open": { "opened": ["opened"], "closed": "closed", "by": "ticketId" } },
            "less": { "value": { "<": [{ "sum": { "event": "purchase", "property": "amount", "within": "P10D" } },
              { "*": [0.5, { "sum": { "event": "purchase", "property": "amount", "between": ["P20D", "P10D"] } }] }] } },
            "stage": { "lifecycle": [
              { "name": "idle", "when": { ">": [{ "days_since": [{ "last": { "event": ["purchase", "visit"] } }] }, 9] } },
              { "name": "dear", "when": { "and": [{ "segment": "vip" }, { ">": [{ "var": "spend30d" }, 15] }] } },
              { "name": "usual", "when": true } ] },
            "rfm": { "rfm": { "event": "purchase", "property": "amount", "within": "P40D", "scores": {
              "recency": [3, 8, 15, 30], "frequency": [1, 2, 3, 4], "monetary": [5, 15, 40, 80] } } }
          },
          "segments": { "vip": { ">=": [{ "var": "tier" }, "gold"] } },
          "campaigns": {
            "birthday": { "trigger": { "anniversary": { "of": "birthday", "offset": ["-P7D", "P0D"] } },
              "actions": [{ "send": "crm", "type": "b", "data": { "years": { "$value": { "var": "entry.years" } } } }] },
            "joined": { "trigger": { "anniversary": { "of": "joinedOn", "at": "23:30", "leapDay": "mar1" } },
              "condition": { "or": [{ "segment": "vip" }, { ">": [{ "var": "spend30d" }, 50] }] },
              "actions": [{ "send": "crm", "type": "j", "data": {} }] },
            "first": { "trigger": { "anniversary": { "of": "firstPurchaseAt", "at": "10:00" } },
              "actions": [{ "send": "crm", "type": "f", "data": { "n": { "$value": { "var": "purchases" } } } }] },
            "silence": { "trigger": { "inactivity": { "of": ["purchase"], "for": "P20D", "at": "10:00" } },
              "exit": { "event": "purchase" }, "priority": 5,
              "steps": [
                { "name": "hello", "actions": [{ "send": "crm", "type": "s", "data": {} }] },
                { "name": "coupon", "sinceEntry": "P5D", "condition": { "<": [{ "var": "spend30d" }, 20] },
                  "actions": [{ "send": "crm", "type": "s2", "data": { "addr": "{{addr}}" } }] },
                { "name": "last", "after": "PT36H", "at": "08:15",
                  "actions": [{ "send": "crm", "type": "s3", "data": {} }] } ] },
            "moon": { "trigger": { "anniversary": { "of": "birthday", "calendar": "chinese", "offset": ["-P3D", "P0D"],
                "at": "22:15", "leapMonth": "leap", "shortMonth": "nextDay" } },
              "actions": [{ "send": "crm", "type": "m", "data": { "on": "{{entry.date}}" } }] },
            "quiet": { "trigger": { "inactivity": { "of": ["visit", "purchase"], "for": "P4D", "orSince": "joinedOn",
                "every": "P10D", "at": "11:00", "spread": "P2D" } },
              "actions": [{ "send": "crm", "type": "q", "data": { "n": { "$value": { "var": "entry.repeat" } } } }] },
            "quiet-hours": { "trigger": { "inactivity": { "of": "closed", "for": "PT130H", "every": "PT260H", "spread": "PT5H" } },
              "actions": [{ "send": "crm", "type": "qh", "data": { "since": "{{entry.since}}" } }] },
            "silence-hours": { "trigger": { "inactivity": { "of": ["opened", "visit"], "for": "PT50H" } },
              "maxLateness": "PT1H", "actions": [{ "send": "crm", "type": "h", "data": {} }] },
            "ladder": { "trigger": { "event": "opened" }, "entryKey": { "var": "event.ticketId" },
              "reentry": "afterExit", "priority": 90,
              "exit": { "event": "closed", "where": { "==": [{ "var": "event.ticketId" }, { "var": "entry.ticketId" }] } },
              "steps": [
                { "name": "ack", "actions": [{ "send": "desk", "type": "a", "data": {} }] },
                { "name": "up", "sinceEntry": "P3D", "actions": [{ "send": "desk", "type": "u", "data": {} }] },
                { "name": "again", "after": "P9D", "at": "09:00", "actions": [{ "send": "desk", "type": "g", "data": {} }] } ] },
            "down": { "trigger": { "change": { "of": "tier", "direction": "down" } },
              "reentry": { "cooldown": "P10D", "since": "act" },
              "exit": { "condition": { ">=": [{ "var": "tier" }, { "var": "entry.from" }] } },
              "steps": [{ "name": "rescue", "after": "P12D", "at": "10:00",
                "actions": [{ "send": "crm", "type": "d", "data": { "lost": "{{entry.from}}" } }] }] },
            "thanks": { "trigger": { "event": "purchase", "where": { ">": [{ "var": "event.amount" }, 10] } },
              "reentry": { "cooldown": "P3D" },
              "steps": [{ "name": "a", "actions": [{ "send": "crm", "type": "t", "data": {} }] },
                { "name": "b", "after": "P10D", "actions": [{ "send": "crm", "type": "t2", "data": {} }] }] },
            "cooler": { "trigger": { "change": { "of": "less", "to": true, "at": "09:00" } },
              "actions": [{ "send": "crm", "type": "c", "data": {} }] },
            "stages": { "trigger": { "change": { "of": "stage" } },
              "steps": [{ "name": "now", "actions": [{ "send": "crm", "type": "st", "data": { "to": "{{entry.to}}" } }] },
                { "name": "still", "after": "P2D", "condition": { "==": [{ "var": "stage" }, { "var": "entry.to" }] },
                  "actions": [{ "send": "crm", "type": "st2", "data": { "code": { "$value": { "var": "rfm.code" } } } }] }] },
            "scores": { "trigger": { "change": { "of": "rfm.group", "from": ["loyal", "champions", "new", "promising"] } },
              "actions": [{ "send": "crm", "type": "r", "data": { "was": "{{entry.from}}" } }] },
            "weekly": { "trigger": { "schedule": { "cron": "30 9 * * thu" } },
              "condition": { "segment": "vip" }, "actions": [{ "send": "crm", "type": "w", "data": {} }] },
            "spread": { "trigger": { "schedule": { "cron": "0 22 */9 * *", "zone": "project", "spread": "P3D" } },
              "condition": { "<": [{ "var": "spend30d" }, 60] }, "reentry": { "cooldown": "P6D" },
              "steps": [{ "name": "a", "actions": [{ "send": "crm", "type": "q", "data": {} }] },
                { "name": "b", "after": "P1D", "at": "08:00", "actions": [{ "send": "crm", "type": "q2", "data": {} }] }] },
            "twice": { "trigger": { "schedule": { "cron": "15,45 2 8,26 * *", "spread": "PT40M" } },
              "condition": { ">": [{ "var": "openTickets" }, 1] }, "priority": 3,
              "actions": [{ "send": "desk", "type": "y", "data": {} }] },
            "festival": { "trigger": { "holiday": { "name": "lantern", "region": { "var": "country" }, "offset": ["-P6D", "P0D"], "at": "10:00" } },
              "actions": [{ "send": "crm", "type": "l", "data": { "on": "{{entry.date}}" } }] },
            "girls-day": { "trigger": { "holiday": { "name": "hinamatsuri", "region": "JP", "offset": "-P1D", "at": "07:30" } },
              "condition": { "!=": [{ "var": "country" }, "CN"] },
              "actions": [{ "send": "crm", "type": "g2", "data": {} }] },
            "once": { "trigger": { "event": "visit" }, "reentry": "once",
              "steps": [{ "name": "late", "sinceEntry": "P8D", "actions": [{ "send": "crm", "type": "o", "data": {} }] }] }
          }
        }
        """

    static let zones = ["Asia/Shanghai", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Nowhere/At_All"]

    /// A store in which these customers have lived for sixty days until `until`.
    func world(until: Timestamp) throws -> EngineWorld {
        let world = try EngineWorld(rules: Self.rules, at: Self.beginning(until))
        for happening in happenings(until: until) {
            // The service is up: what is due before is decided before.
            while let next = try world.nextDue(), next < happening.at {
                try world.tick(at: next)
            }
            try world.receive([happening.fact], customer: happening.customer, at: happening.at)
        }
        while let next = try world.nextDue(), next < until { try world.tick(at: next) }
        return world
    }

    /// Sixty days before `until`.
    static func beginning(_ until: Timestamp) -> Timestamp { until.advanced(byMilliseconds: -60 * 86_400_000) }

    /// What is heard of the customers in the sixty days before `until`, in the order received.
    func happenings(until: Timestamp) -> [(at: Timestamp, customer: String, fact: Fact)] {
        var random = SplitMix64(seed: seed)
        let begin = Self.beginning(until)
        var happenings: [(at: Timestamp, customer: String, fact: Fact)] = []
        for number in 1...4 {
            let customer = "c\(number)"
            happenings.append((begin, customer, attributes(&random, at: begin)))
            // A first purchase about a year before the planned fortnight.
            let year = until.advanced(byMilliseconds: (Int64.random(in: -3...14, using: &random) - 365) * 86_400_000)
            happenings.append(
                (
                    begin.advanced(byMilliseconds: 60_000), customer,
                    .event(
                        Event(
                            type: "purchase", source: "shop", id: "\(customer)-first", time: year, receivedAt: begin,
                            properties: ["amount": .number(12.5)]))
                ))
            for index in 0..<Int.random(in: 3...10, using: &random) {
                let at = begin.advanced(byMilliseconds: Int64.random(in: 1..<60 * 86_400_000, using: &random))
                happenings.append((at, customer, fact(&random, at: at, index: index, customer: customer)))
            }
        }
        happenings.sort { $0.at < $1.at }
        return happenings
    }

    private func attributes(_ random: inout SplitMix64, at: Timestamp) -> Fact {
        var values: JSONObject = [
            "tier": .string(["bronze", "silver", "gold", "platinum"].randomElement(using: &random) ?? "gold")
        ]
        // Around the planned fortnight, so that most have something to plan.
        let day = CivilDate(dayNumber: Int32(20_504 + Int.random(in: -10...40, using: &random))).components
        if Int.random(in: 0..<3, using: &random) == 0 {
            let lunar = ChineseCalendar.date(
                of: CivilDate(year: 2026, month: day.month, day: min(day.day, 28)) ?? CivilDate(dayNumber: 0))
            values["birthday"] = .string("chinese:-" + (lunar?.text.dropFirst(4) ?? "-02-01"))
        } else if Bool.random(using: &random) {
            values["birthday"] = .string(
                CivilDate(year: Int.random(in: 1950...2005, using: &random), month: day.month, day: min(day.day, 28))?
                    .text ?? "")
        } else {
            values["joinedOn"] = .string("2020-02-29")
        }
        if Bool.random(using: &random) {
            values["timeZone"] = .string(Self.zones.randomElement(using: &random) ?? "UTC")
        }
        if Bool.random(using: &random) { values["addr"] = "1 Main Street" }
        if Bool.random(using: &random) {
            values["country"] = .string(["CN", "JP", "XX"].randomElement(using: &random) ?? "CN")
        }
        return .attributes(AttributeFact(values: values, time: at, receivedAt: at, hasOwnTime: false))
    }

    private func fact(_ random: inout SplitMix64, at: Timestamp, index: Int, customer: String) -> Fact {
        let late = Int.random(in: 0..<5, using: &random) == 0
        let ahead = Int.random(in: 0..<12, using: &random) == 0
        let shift: Int64 = late ? -Int64.random(in: 0..<5 * 86_400_000, using: &random) : ahead ? 3 * 86_400_000 : 0
        let time = at.advanced(byMilliseconds: shift)
        var properties: JSONObject = [:]
        let types = ["purchase", "purchase", "opened", "closed", "visit", "tier", "timeZone", "country"]
        let type = types.randomElement(using: &random) ?? "visit"
        switch type {
        case "purchase": properties["amount"] = .number(Double(Int.random(in: 1...4000, using: &random)) / 100)
        case "opened", "closed": properties["ticketId"] = .string("T\(Int.random(in: 1...2, using: &random))")
        case "timeZone", "country":
            let words = type == "country" ? ["CN", "JP"] : Self.zones
            return .attributes(
                AttributeFact(
                    values: JSONObject(uniqueMembers: [(type, .string(words.randomElement(using: &random) ?? "CN"))]),
                    time: at, receivedAt: at, hasOwnTime: false))
        case "tier":
            return .attributes(
                AttributeFact(
                    values: ["tier": .string(["bronze", "silver", "gold"].randomElement(using: &random) ?? "gold")],
                    time: at, receivedAt: at, hasOwnTime: false))
        default: break
        }
        return .event(
            Event(
                type: type, source: "shop", id: "\(customer)-\(index)", time: time, receivedAt: at,
                properties: properties))
    }
}

import CareValues

/// A generated rule set and life, in parts that can be left out one by one.
struct ExactnessCase {
    /// One campaign: its name and the members of its object, each as JSON text.
    struct CampaignText {
        var name: String
        var trigger: String
        var members: [String]
        var steps: [String]
    }
    var campaigns: [CampaignText]
    /// Members of `policies` that can be left out.
    var policies: [String]
    /// What is heard of the customer before the plan, in the order received.
    var facts: [Fact]
    /// How many days are planned.
    var days: Int32
    /// The customer's id, which holdouts and spreads go by.
    var customer = "c"

    /// The rule file.
    var rules: String {
        let campaigns = campaigns.map { campaign -> String in
            var members: [String] = ["\"trigger\": { \(campaign.trigger) }"]
            members.append(contentsOf: campaign.members)
            members.append("\"steps\": [\(campaign.steps.joined(separator: ", "))]")
            return "\"\(campaign.name)\": { \(members.joined(separator: ", ")) }"
        }.joined(separator: ",\n")
        let policies = ([Self.windows] + policies).joined(separator: ", ")
        let text = campaigns + policies
        var traits: [(name: String, text: String)] = []
        var isGrowing = true
        while isGrowing {
            isGrowing = false
            let known = text + traits.map(\.text).joined()
            for (name, definition) in Self.traits
            where known.contains(name) && !traits.contains(where: { $0.name == name }) {
                traits.append((name, definition))
                isGrowing = true
            }
        }
        let declared = traits.map { "\"\($0.name)\": \($0.text)" }.joined(separator: ", ")
        return """
            { \(Self.declarations), "traits": { \(declared) }, "policies": { \(policies) },
              "campaigns": { \(campaigns) } }
            """
    }

    private static let declarations = """
        "attributes": { "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold"] },
          "birthday": { "type": "birthday" }, "joinedOn": { "type": "date" }, "renewsAt": { "type": "instant" },
          "score": { "type": "number" }, "vipFlag": { "type": "boolean", "default": false }, "addr": { "type": "string" },
          "timeZone": { "type": "zone" }, "country": { "type": "string" }, "mails": { "type": "consent", "channel": "email" } },
        "segments": { "vip": { "or": [{ "var": "vipFlag" }, { ">=": [{ "var": "tier" }, "gold"] }] },
          "idle": { ">": [{ "days_since": [{ "last": { "event": ["purchase", "visit"] } }] }, 6] } }
        """
    private static let windows = """
        "windows": { "office": { "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "until": "17:30" },
          "late": { "from": "16:00", "until": "23:00", "zone": "project" },
          "shop": { "days": ["mon", "wed", "sat", "sun"], "from": "10:00", "until": "20:00", "holidays": "CN" } }
        """

    /// Every kind of trait, each with every kind of window.
    private static let traits: [(String, String)] = [
        ("purchases", #"{ "count": { "event": "purchase" } }"#),
        ("visits3d", #"{ "count": { "event": "visit", "within": "P3D" } }"#),
        ("spend5d", #"{ "sum": { "event": "purchase", "property": "amount", "within": "P5D" } }"#),
        ("spendBefore", #"{ "sum": { "event": "purchase", "property": "amount", "between": ["P14D", "P7D"] } }"#),
        ("meanMonth", #"{ "avg": { "event": "purchase", "property": "amount", "calendar": "month" } }"#),
        ("least", #"{ "min": { "event": "purchase", "property": "amount", "within": "P10D" } }"#),
        (
            "most",
            #"{ "max": { "event": "purchase", "property": "amount", "where": { ">": [{ "var": "event.amount" }, 2] } } }"#
        ),
        ("kinds", #"{ "distinct": { "event": "purchase", "property": "kind", "calendar": "week" } }"#),
        ("firstAt", #"{ "first": { "event": "purchase" } }"#),
        ("lastKind", #"{ "last": { "event": "purchase", "property": "kind", "within": "P9D" } }"#),
        ("tickets", #"{ "open": { "opened": "opened", "closed": "closed", "by": "ticket" } }"#),
        ("better", #"{ "value": { ">": [{ "var": "spend5d" }, { "var": "spendBefore" }] } }"#),
        (
            "stage",
            #"{ "lifecycle": [{ "name": "idle", "when": { "segment": "idle" } }, { "name": "dear", "when": { ">": [{ "var": "spend5d" }, 20] } }, { "name": "usual", "when": true }] }"#
        ),
        (
            "rfm",
            #"{ "rfm": { "event": "purchase", "property": "amount", "within": "P20D", "scores": { "recency": [2, 4, 8, 12], "frequency": [1, 2, 3, 4], "monetary": [5, 15, 30, 60] } } }"#
        ),
    ]
}

/// Makes cases: every trigger, trait, gate and kind of step comes up.
struct CaseMaker {
    private var random: SplitMix64
    /// The planned period begins here.
    static let start = Timestamp(iso8601: "2026-02-20T01:30:00.000Z") ?? .distantPast

    init(seed: UInt64) { random = SplitMix64(seed: seed &* 0x9E37_79B9_7F4A_7C15) }

    /// The rules of a seed, with so many lives under them.
    static func make(_ seed: UInt64, lives: Int) -> [ExactnessCase] {
        var maker = CaseMaker(seed: seed)
        let campaigns = (0..<maker.pick([1, 1, 2, 2, 3])).map { maker.campaign("c\($0)") }
        let policies = maker.policies()
        return (0..<lives).map { life in
            ExactnessCase(
                campaigns: campaigns, policies: policies, facts: maker.facts(), days: maker.pick([3, 8, 14, 20]),
                customer: "k\(seed)-\(life)")
        }
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value {
        values[Int.random(in: values.indices, using: &random)]
    }
    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }
    private mutating func some(_ one: Int, _ text: String) -> [String] { chance(one) ? [text] : [] }

    // MARK: Rules

    private mutating func trigger() -> String {
        let offset = pick([#""-P7D""#, #"["-P3D", "P0D"]"#, #""P5D""#, #""PT30H""#, #"["P0D", "P2D", "P9D"]"#])
        let at = pick(["", #", "at": "10:00""#, #", "at": "22:40""#])
        let spread = pick(["", "", #", "spread": "P2D""#, #", "spread": "PT7H""#])
        switch Int.random(in: 0..<14, using: &random) {
        case 0: return #""anniversary": { "of": "birthday", "offset": \#(offset)\#(at) }"#
        case 1:
            return
                #""anniversary": { "of": "birthday", "calendar": "chinese", "offset": \#(offset)\#(at), "leapMonth": "leap" }"#
        case 2: return #""anniversary": { "of": "firstAt", "offset": \#(offset)\#(at), "leapDay": "mar1" }"#
        case 3: return #""date": { "of": "\#(pick(["renewsAt", "joinedOn"]))", "offset": \#(offset)\#(at) }"#
        case 4:
            let holiday = pick([
                #""lantern", "region": "CN""#, #""hinamatsuri", "region": "JP""#, #""spring-festival", "region": "CN""#,
                #""lantern", "region": { "var": "country" }"#, #""hinamatsuri", "region": { "var": "country" }"#,
            ])
            return #""holiday": { "name": \#(holiday), "offset": \#(offset)\#(at) }"#
        case 5:
            return
                #""schedule": { "cron": "\#(pick(["30 9 * * thu", "0 22 */3 * *", "15,45 2 8,26 * *", "5 */9 * * *"]))"\#(pick(["", #", "zone": "project""#]))\#(spread) }"#
        case 6:
            return
                #""inactivity": { "of": ["purchase"], "for": "\#(pick(["P5D", "PT50H", "P20D"]))", "orSince": "joinedOn"\#(pick(["", #", "every": "P4D""#]))\#(at)\#(spread) }"#
        case 7: return #""change": { "of": "\#(pick(["stage", "better", "rfm.group", "lastKind", "tickets"]))"\#(at) }"#
        case 8: return #""change": { "of": "tier", "direction": "\#(pick(["up", "down"]))"\#(at) }"#
        case 9: return #""segment": { "\#(pick(["entered", "left"]))": "\#(pick(["vip", "idle"]))"\#(at) }"#
        case 10: return #""event": ["opened", "visit"]"#
        case 11:
            return
                #""event": "purchase", "where": \#(pick([#"{ ">": [{ "var": "event.amount" }, 8] }"#, #"{ "==": [{ "var": "purchases" }, 2] }"#]))"#
        default: return #""api": {}"#  // Twice as often: calls come seldom.
        }
    }

    private mutating func condition() -> String {
        pick([
            #"{ "segment": "vip" }"#, #"{ "!": [{ "segment": "idle" }] }"#, #"{ "<": [{ "var": "spend5d" }, 15] }"#,
            #"{ ">": [{ "var": "purchases" }, 1] }"#, #"{ "<": [{ "var": "visits3d" }, 2] }"#,
            #"{ "!=": [{ "var": "stage" }, "idle"] }"#,
            #"{ "or": [{ ">": [{ "var": "most" }, 20] }, { "var": "better" }] }"#,
            #"{ "<": [{ "var": "least" }, { "var": "meanMonth" }] }"#, #"{ ">=": [{ "var": "rfm.r" }, 2] }"#,
            #"{ "==": [{ "var": "tickets" }, 0] }"#, #"{ "in": [{ "var": "country" }, ["CN", "JP"]] }"#,
            #"{ "<": [{ "bucket": ["x"] }, 0.6] }"#, #"{ ">": [{ "days_since": [{ "var": "joinedOn" }] }, 12] }"#,
            #"{ "<": [{ "days_until": [{ "var": "renewsAt" }] }, 9] }"#, #"{ ">": [{ "var": "kinds" }, 0] }"#,
            #"{ "within": [{ "var": "renewsAt" }, "P30D"] }"#, #"{ ">=": [{ "age": [{ "var": "birthday" }] }, 30] }"#,
        ])
    }

    private mutating func campaign(_ name: String) -> ExactnessCase.CampaignText {
        var members: [String] = []
        let trigger = trigger()
        if chance(3) { members.append("\"condition\": \(condition())") }
        members += some(3, #""tags": ["marketing"]"#)
        members += some(4, "\"priority\": \(pick([-5, 10, 50]))")
        members += some(
            3,
            "\"reentry\": "
                + pick([
                    #""once""#, #""afterExit""#, #"{ "cooldown": "P4D" }"#, #"{ "cooldown": "P2D", "since": "act" }"#,
                ]))
        members += some(6, #""group": "g""#)
        members += some(5, "\"holdout\": " + pick(["0.3", #"{ "fraction": 0.5, "salt": "s" }"#]))
        members += some(5, "\"maxLateness\": " + pick([#""P2D""#, #""PT3H""#, #""none""#]))
        members += some(6, "\"zone\": " + pick([#""Europe/Berlin""#, #"{ "fixed": "America/New_York" }"#]))
        members += some(6, #""quietHours": "ignore""#)
        members += some(6, "\"caps\": " + pick([#"{ "counts": false }"#, #"{ "ignores": true }"#]))
        members += some(8, #""activeUntil": "2026-03-01T00:00""#)
        members += some(12, #""paused": true"#)
        members += some(8, #""goal": { "event": "purchase", "within": "P5D" }"#)
        if chance(3) {
            members.append(
                "\"exit\": "
                    + pick([
                        #"{ "event": "purchase" }"#, "{ \"condition\": \(condition()) }",
                        #"[{ "event": "closed" }, { "event": "visit" }]"#,
                    ]))
        }
        let steps = (0..<pick([1, 1, 2, 3])).map { step("s\($0)", isFirst: $0 == 0) }
        return ExactnessCase.CampaignText(name: name, trigger: trigger, members: members, steps: steps)
    }

    private mutating func step(_ name: String, isFirst: Bool) -> String {
        var parts = ["\"name\": \"\(name)\""]
        if !isFirst || chance(4) {
            let isElapsed = chance(3)
            let wait = isElapsed ? pick(["PT20H", "PT90M"]) : pick(["P1D", "P3D", "P1W"])
            parts.append("\"\(pick(["after", "sinceEntry"]))\": \"\(wait)\"")
            if isElapsed, chance(2) {
                parts.append(#""countIn": "office""#)
            } else if chance(3) {
                parts.append(#""at": "11:15""#)
            }
        }
        parts += some(4, "\"window\": \"\(pick(["office", "late", "shop"]))\"")
        if chance(4) { parts.append("\"condition\": \(condition())") }
        let actions = (0..<pick([1, 1, 2])).map { action("a\($0)") }.joined(separator: ", ")
        parts.append("\"actions\": [\(actions)]")
        return "{ \(parts.joined(separator: ", ")) }"
    }

    private mutating func action(_ name: String) -> String {
        func one(_ name: String, _ more: [String]) -> String {
            (["\"name\": \"\(name)\"", #""send": "crm""#, #""type": "t""#] + more).joined(separator: ", ")
        }
        var more: [String] = []
        more += some(4, #""audience": "staff""#)
        if more.isEmpty { more += some(4, #""consent": "email""#) }
        more += some(5, #""to": { "var": "addr" }"#)
        if chance(6) { more.append("\"condition\": \(condition())") }
        more += some(
            3,
            "\"data\": "
                + pick([
                    #"{ "n": { "$value": { "var": "purchases" } } }"#, #"{ "a": "{{addr}}" }"#,
                    #"{ "s": "{{stage}}", "t": { "$value": { "var": "tier" } } }"#,
                ]))
        guard chance(6) else { return "{ \(one(name, more)) }" }
        return """
            { "name": "\(name)", "firstOf": [{ \(one(name + "x", [#""consent": "email""#])) },
              { \(one(name + "y", [#""to": { "var": "addr" }"#])) }, { \(one(name + "z", more)) }] }
            """
    }

    private mutating func policies() -> [String] {
        var parts: [String] = []
        parts += some(
            2,
            "\"quietHours\": "
                + pick([
                    #"{ "from": "21:00", "until": "08:00", "then": "hold" }"#,
                    #"{ "from": "08:30", "until": "10:30", "then": "suppress" }"#,
                ]))
        if chance(2) {
            parts.append(
                "\"caps\": ["
                    + pick([
                        #"{ "name": "m", "tags": ["marketing"], "max": 1, "per": { "rolling": "P3D" } }"#,
                        #"{ "name": "d", "destinations": ["crm"], "max": 2, "per": { "calendar": "week" }, "then": "hold" }"#,
                        #"{ "name": "h", "destinations": ["crm"], "max": 1, "per": { "rolling": "PT30H" }, "then": "hold" }"#,
                    ]) + "]")
        }
        if chance(3) {
            parts.append(
                "\"pauses\": [{ \"name\": \"p\", \"when\": \(condition()), \"then\": \"\(pick(["hold", "suppress"]))\" }]"
            )
        }
        parts += some(4, #""at": "07:45""#)
        return parts
    }

    // MARK: The life

    private mutating func facts() -> [Fact] {
        let begin = Self.start.advanced(byMilliseconds: -30 * 86_400_000)
        var facts: [Fact] = [attributes(at: begin)]
        var times = (0..<pick([0, 2, 5, 9])).map { _ in
            begin.advanced(byMilliseconds: Int64.random(in: 60_000..<30 * 86_400_000, using: &random))
        }
        times.sort()
        for (number, at) in times.enumerated() { facts.append(fact(number, at: at)) }
        return facts
    }

    private mutating func attributes(at: Timestamp) -> Fact {
        var values: JSONObject = ["tier": .string(pick(["bronze", "silver", "gold"]))]
        let day = CivilDate(dayNumber: 20_504 + Int32.random(in: -9...30, using: &random))
        let parts = day.components
        values["birthday"] = .string(
            chance(3)
                ? "chinese:--01-\(parts.day < 10 ? "0" : "")\(min(parts.day, 29))"
                : CivilDate(year: 1988, month: parts.month, day: min(parts.day, 28))?.text ?? "1988-02-28")
        values["joinedOn"] = .string(day.advanced(byDays: -pick([0, 3, 30, 372])).text)
        values["renewsAt"] = .string(
            Self.start.advanced(byMilliseconds: Int64.random(in: -10...20, using: &random) * 50_000_000).iso8601)
        if chance(2) { values["addr"] = "x" }
        if chance(2) {
            values["timeZone"] = .string(pick(["America/New_York", "Europe/Berlin", "Asia/Kolkata", "No/Where"]))
        }
        if chance(2) { values["country"] = .string(pick(["CN", "JP"])) }
        if chance(2) { values["mails"] = .string(pick(["granted", "denied"])) }
        return .attributes(AttributeFact(values: values, time: at, receivedAt: at, hasOwnTime: false))
    }

    private mutating func fact(_ number: Int, at: Timestamp) -> Fact {
        let type = pick(["purchase", "purchase", "visit", "opened", "closed", "set", "call"])
        if type == "set" {
            let values: [(name: String, value: JSONValue)] = [
                ("tier", .string("gold")), ("tier", .string("bronze")), ("timeZone", .string("Asia/Tokyo")),
                ("vipFlag", .bool(true)), ("country", .string("JP")), ("mails", .string("denied")),
                ("joinedOn", .string("2026-02-21")),
            ]
            let value = pick(values)
            return .attributes(
                AttributeFact(values: JSONObject(uniqueMembers: [value]), time: at, receivedAt: at, hasOwnTime: false))
        }
        if type == "call" {
            return .event(
                Event(callOf: pick(["c0", "c1"]), key: "k\(number)", properties: [:], time: at, receivedAt: at))
        }
        let shift: Int64 = chance(5) ? -200_000_000 : chance(5) ? 400_000_000 : 0
        var properties: JSONObject = [:]
        if type == "purchase" {
            properties["amount"] = .number(Double(Int.random(in: 1...40, using: &random)) / 2)
            properties["kind"] = .string(pick(["a", "b"]))
        } else if type != "visit" {
            properties["ticket"] = .string(pick(["t1", "t2"]))
        }
        return .event(
            Event(
                type: type, source: "s", id: "e\(number)", time: at.advanced(byMilliseconds: shift), receivedAt: at,
                properties: properties))
    }
}

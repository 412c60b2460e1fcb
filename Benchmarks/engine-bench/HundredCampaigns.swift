/// As many campaigns as are asked for, on every trigger there is: a mix as a shop would have it.
enum HundredCampaigns {
    private static let tiers = ["bronze", "silver", "gold", "platinum"]
    private static let countries = ["US", "DE", "FR", "GB", "ES", "IT", "PL", "NL", "BE", "AT"]

    /// A rule file of `count` campaigns.
    static func text(_ count: Int, edited: Bool = false) -> String {
        let campaigns = (0..<count).map { campaign($0, edited: edited && $0 == 0) }
        return """
            {
              "attributes": {
                "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold", "platinum"] },
                "country": { "type": "string" }, "city": { "type": "string" }, "birthday": { "type": "birthday" },
                "orders90d": { "type": "number" }, "spend90d": { "type": "number" }, "nps": { "type": "number" },
                "openComplaints": { "type": "number" }, "consentEmail": { "type": "boolean" }, "vip": { "type": "boolean" }
              },
              "traits": {
                "purchases": { "count": { "event": "purchase" } },
                "firstPurchaseAt": { "first": { "event": "purchase" } },
                "spend30d": { "sum": { "event": "purchase", "property": "amount", "within": "P30D" } }
              },
              "segments": {
                "keen": { ">": [{ "var": "orders90d" }, 5] }, "dear": { ">": [{ "var": "spend90d" }, 400] },
                "unhappy": { "<": [{ "var": "nps" }, 4] }
              },
              "policies": {
                "quietHours": { "from": "21:00", "until": "08:00", "then": "hold" },
                "caps": [{ "name": "marketing", "tags": ["marketing"], "max": 4, "per": { "rolling": "P7D" } }],
                "pauses": [{ "name": "open", "when": { ">": [{ "var": "openComplaints" }, 2] }, "tags": ["marketing"], "then": "suppress" }]
              },
              "campaigns": { \(campaigns.joined(separator: ",\n")) }
            }
            """
    }

    /// One campaign: of ten, two on birthdays and first purchases, two on silences, four on events, one on a change; of a
    /// hundred ten on segments, calls, schedules and holidays.
    private static func campaign(_ index: Int, edited: Bool) -> String {
        let trigger: String
        let round = index / 10
        switch index % 10 {
        case 0: trigger = #""anniversary": { "of": "birthday", "offset": "-P\#(edited ? round + 3 : round)D" }"#
        case 1:
            let date = round % 2 == 0 ? "firstPurchaseAt" : "birthday"
            trigger = #""anniversary": { "of": "\#(date)", "offset": "P\#(round)D", "at": "10:00" }"#
        case 2: trigger = #""inactivity": { "of": "purchase", "for": "P\#(40 + round * 20)D", "at": "10:00" }"#
        case 3:
            let length = "P\(20 + round * 15)D"
            trigger = #""inactivity": { "of": ["purchase", "login"], "for": "\#(length)", "at": "11:00" }"#
        case 4: trigger = #""event": "purchase", "where": { ">": [{ "var": "event.amount" }, \#(50 + round * 10)] }"#
        case 5: trigger = #""event": "login", "where": { ">=": [{ "var": "nps" }, \#(round)] }"#
        case 6: trigger = #""event": ["complaint", "refund"]"#
        case 7: trigger = #""event": "support""#
        case 8: trigger = #""change": { "of": "\#(round % 2 == 0 ? "tier" : "country")" }"#
        default:
            switch round {
            case 0: trigger = #""schedule": { "cron": "0 10 * * mon" }"#
            case 1: trigger = #""schedule": { "cron": "0 11 1 * *" }"#
            case 2: trigger = #""holiday": { "name": "christmas", "region": "DE" }"#
            case 3: trigger = #""holiday": { "name": "independence-day", "region": "US" }"#
            case 4, 5, 6: trigger = #""segment": { "entered": "\#(["keen", "dear", "unhappy"][round - 4])" }"#
            default: trigger = #""api": {}"#
            }
        }
        let condition: String
        switch index % 4 {
        case 0: condition = #"{ ">=": [{ "var": "tier" }, "\#(tiers[index / 4 % 4])"] }"#
        case 1:
            condition =
                #"{ "and": [{ "var": "consentEmail" }, { "in": [{ "var": "country" }, ["\#(countries[index % 10])", "\#(countries[(index + 3) % 10])"]] }] }"#
        case 2:
            condition =
                #"{ "and": [{ ">": [{ "var": "spend90d" }, \#(index * 3)] }, { "<": [{ "var": "openComplaints" }, 2] }] }"#
        default: condition = #"{ "or": [{ "var": "vip" }, { ">=": [{ "var": "orders90d" }, \#(1 + index % 7)] }] }"#
        }
        let tags = index % 3 == 0 ? #""tags": ["marketing"],"# : ""
        let second =
            index % 5 == 0
            ? #", { "name": "again", "after": "P10D", "actions": [{ "send": "crm", "type": "again" }] }"# : ""
        return """
            "c\(index < 10 ? "0" : "")\(index)": { "trigger": { \(trigger) }, "condition": \(condition), \(tags)
              "steps": [{ "name": "first", "actions": [{ "send": "crm", "type": "first", "data": { "tier": "{{tier}}" } }] }\(second)] }
            """
    }
}

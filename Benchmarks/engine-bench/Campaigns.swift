/// Twenty campaigns over the generated customers: ten on dates and silence, ten on events and changes.
enum Campaigns {
    static let text: String = {
        var campaigns: [String] = []
        func add(_ name: String, _ trigger: String, _ condition: String, _ rest: String = "") {
            campaigns.append(
                """
                "\(name)": { "trigger": { \(trigger) }, "condition": \(condition), \(rest)
                  "actions": [{ "send": "crm", "type": "care.\(name)", "data": { "customer": "{{customer.id}}", "tier": "{{tier}}" } }] }
                """)
        }
        let consent = #"{ "var": "consentEmail" }"#
        add("birthday-week", #""anniversary": { "of": "birthday", "offset": "-P7D" }"#, consent)
        add("birthday-vip", #""anniversary": { "of": "birthday" }"#, #"{ "var": "vip" }"#)
        add("birthday-high-tier", #""anniversary": { "of": "birthday", "offset": "-P3D", "at": "10:00" }"#,
            #"{ ">=": [{ "var": "tier" }, "gold"] }"#)
        add("birthday-region", #""anniversary": { "of": "birthday", "offset": "-P1D" }"#,
            #"{ "and": [{ "in": [{ "var": "country" }, ["DE", "AT", "CH"]] }, { "var": "consentEmail" }] }"#)
        add("purchase-anniversary", #""anniversary": { "of": "firstPurchaseAt" }"#, consent)
        add("win-back-60", #""inactivity": { "of": "purchase", "for": "P60D", "at": "10:00" }"#,
            #"{ "and": [{ "var": "consentEmail" }, { "==": [{ "var": "openComplaints" }, 0] }] }"#)
        add("win-back-90", #""inactivity": { "of": "purchase", "for": "P90D", "at": "10:00" }"#,
            #"{ "in": [{ "var": "tier" }, ["gold", "platinum"]] }"#)
        add("win-back-180", #""inactivity": { "of": "purchase", "for": "P180D", "at": "10:00" }"#, consent)
        add("quiet-30", #""inactivity": { "of": ["purchase", "login"], "for": "P30D", "at": "11:00" }"#,
            #"{ "and": [{ ">": [{ "var": "spend90d" }, 100] }, { "var": "consentEmail" }] }"#)
        add("quiet-45", #""inactivity": { "of": "login", "for": "P45D", "at": "11:00" }"#,
            #"{ ">=": [{ "var": "orders90d" }, 3] }"#)
        add("first-thanks", #""event": "purchase", "where": { "==": [{ "var": "purchases" }, 1] }"#, "true")
        add("big-order", #""event": "purchase", "where": { ">": [{ "var": "event.amount" }, 100] }"#, "true",
            #""reentry": { "cooldown": "P30D" },"#)
        add("regular", #""event": "purchase", "where": { ">=": [{ "var": "spend30d" }, 200] }"#, consent,
            #""reentry": { "cooldown": "P90D" },"#)
        add("complaint", #""event": "complaint""#, "true")
        add("complaint-vip", #""event": "complaint""#, #"{ "var": "vip" }"#, #""priority": 90,"#)
        add("refund", #""event": "refund", "where": { ">": [{ "var": "event.amount" }, 50] }"#, consent)
        add("support-detractor", #""event": "support", "where": { "<=": [{ "var": "nps" }, 6] }"#, "true")
        add("login-promoter", #""event": "login", "where": { "and": [{ ">=": [{ "var": "nps" }, 9] }, { ">": [{ "var": "orders90d" }, 4] }] }"#,
            #"{ ">=": [{ "var": "tier" }, "gold"] }"#, #""reentry": "once","#)
        add("tier-up", #""change": { "of": "tier", "direction": "up" }"#, "true")
        add("tier-down", #""change": { "of": "tier", "direction": "down" }"#, consent)
        return """
            {
              "attributes": {
                "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold", "platinum"] },
                "country": { "type": "string" }, "city": { "type": "string" }, "birthday": { "type": "birthday" },
                "orders90d": { "type": "number" }, "spend90d": { "type": "number" }, "nps": { "type": "number" },
                "openComplaints": { "type": "number" }, "consentEmail": { "type": "boolean" }, "vip": { "type": "boolean" }
              },
              "events": { "purchase": { "properties": { "amount": { "type": "number" } } },
                          "refund": { "properties": { "amount": { "type": "number" } } } },
              "traits": {
                "purchases": { "count": { "event": "purchase" } },
                "firstPurchaseAt": { "first": { "event": "purchase" } },
                "spend30d": { "sum": { "event": "purchase", "property": "amount", "within": "P30D" } }
              },
              "campaigns": { \(campaigns.joined(separator: ",\n")) }
            }
            """
    }()
}

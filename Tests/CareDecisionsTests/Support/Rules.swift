/// The rule files of the stories.
enum Rules {
    /// Attributes, events, traits and segments; no campaign.
    static let base = file("")

    /// A rule file with these campaigns and the common declarations.
    static func file(_ campaigns: String) -> String {
        """
        {
          "attributes": {
            "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold", "platinum"] },
            "birthday": { "type": "birthday" }, "joinedOn": { "type": "date" },
            "email": { "type": "string", "pii": true }, "addr": { "type": "string" },
            "timeZone": { "type": "zone" }, "accessoryInStock": { "type": "boolean" }
          },
          "events": {
            "purchase": { "properties": { "orderId": { "type": "string" }, "amount": { "type": "number" },
              "sku": { "type": "string" }, "category": { "type": "string" } } },
            "complaint.opened": { "properties": { "ticketId": { "type": "string" } } },
            "survey.nps": { "properties": { "score": { "type": "number" } } }
          },
          "traits": {
            "purchases": { "count": { "event": "purchase" } },
            "firstPurchaseAt": { "first": { "event": "purchase" } },
            "spend30d": { "sum": { "event": "purchase", "property": "amount", "within": "P30D" } },
            "openComplaints": { "open": { "opened": ["complaint.opened", "complaint.reopened"],
              "closed": "complaint.resolved", "by": "ticketId" } }
          },
          "segments": { "vip": { ">=": [{ "var": "tier" }, "gold"] } },
          "campaigns": { \(campaigns) }
        }
        """
    }

    static let winBack = """
        "win-back": {
          "trigger": { "inactivity": { "of": ["purchase"], "for": "P60D", "at": "10:00" } },
          "exit": { "event": "purchase" },
          "steps": [
            { "name": "hello", "actions": [{ "send": "crm", "type": "care.winback.hello", "data": {} }] },
            { "name": "coupon", "sinceEntry": "P30D",
              "actions": [{ "send": "crm", "type": "care.winback.coupon", "data": { "coupon": "BACK20" } }] }
          ] }
        """

    static let firstPurchase = """
        "first-purchase-thanks": {
          "trigger": { "event": "purchase", "where": { "==": [{ "var": "purchases" }, 1] } },
          "reentry": "always",
          "steps": [
            { "name": "thanks", "actions": [{ "send": "crm", "type": "care.thanks",
              "data": { "order": "{{entry.orderId}}" } }] },
            { "name": "nudge", "sinceEntry": "P14D", "at": "10:00", "condition": { "==": [{ "var": "purchases" }, 1] },
              "actions": [{ "send": "crm", "type": "care.second-purchase", "data": {} }] } ] }
        """

    static let winBackAndFirstPurchase = file(winBack + "," + firstPurchase)

    static let crossSell = file(
        """
        "cross-sell-accessory": {
          "trigger": { "event": "purchase", "where": { "==": [{ "var": "event.sku" }, "camera-x"] } },
          "reentry": "afterExit",
          "exit": { "event": "purchase", "where": { "==": [{ "var": "event.category" }, "camera-accessory"] } },
          "steps": [ { "name": "offer", "after": "P10D", "at": "10:00", "condition": { "var": "accessoryInStock" },
            "actions": [{ "send": "crm", "type": "care.cross-sell", "data": { "boughtIn": "{{entry.orderId}}" } }] } ] }
        """)

    static let tierRescue = file(
        """
        "tier-downgrade-rescue": {
          "trigger": { "change": { "of": "tier", "from": ["gold", "platinum"], "direction": "down" } },
          "reentry": { "cooldown": "P6M", "since": "act" }, "priority": 80,
          "exit": { "condition": { ">=": [{ "var": "tier" }, { "var": "entry.from" }] } },
          "steps": [{ "name": "rescue", "after": "P1D", "at": "10:00",
            "actions": [{ "send": "crm", "type": "care.tier.rescue", "data": { "lost": "{{entry.from}}" } }] }] }
        """)

    static let promoter = file(
        """
        "promoter-referral": {
          "trigger": { "event": "survey.nps", "where": { ">=": [{ "var": "event.score" }, 9] } },
          "reentry": { "cooldown": "P1Y", "since": "act" },
          "steps": [{ "name": "invite", "after": "P1D", "actions": [
            { "send": "mail", "to": { "var": "email" }, "type": "care.referral.invite", "data": {} }] }] }
        """)

    static let ladder = file(
        """
        "complaint-ladder": {
          "trigger": { "event": ["complaint.opened", "complaint.reopened"] },
          "entryKey": { "var": "event.ticketId" }, "reentry": "afterExit", "maxLateness": "P7D", "priority": 90,
          "exit": { "event": "complaint.resolved",
                    "where": { "==": [{ "var": "event.ticketId" }, { "var": "entry.ticketId" }] } },
          "steps": [
            { "name": "ack", "actions": [{ "send": "helpdesk", "audience": "staff", "type": "care.complaint.opened",
              "data": { "ticket": "{{entry.ticketId}}" } }] },
            { "name": "escalate", "sinceEntry": "P1D", "actions": [{ "send": "escalations", "audience": "staff",
              "type": "care.complaint.escalated", "data": { "ticket": "{{entry.ticketId}}" } }] } ] }
        """)

    static let birthdayGold = file(
        """
        "birthday-gold": {
          "trigger": { "anniversary": { "of": "birthday", "offset": "-P7D", "at": "09:00", "leapDay": "feb28" } },
          "condition": { "segment": "vip" }, "priority": 60, "maxLateness": "P5D",
          "actions": [{ "send": "crm", "type": "care.birthday",
            "data": { "customer": "{{customer.id}}", "turns": { "$value": { "var": "entry.years" } } } }] }
        """)

    static let oneStepAfterExit = file(
        """
        "thanks": { "trigger": { "event": "purchase" }, "reentry": "afterExit",
          "actions": [{ "send": "crm", "type": "care.thanks", "data": {} }] }
        """)

    static func threeSteps(inserted: Bool) -> String {
        let new = """
            { "name": "n", "after": "P1D", "actions": [{ "send": "crm", "type": "care.n", "data": {} }] },
            """
        return file(
            """
            "course": { "trigger": { "event": "signup" }, "reentry": "afterExit", "steps": [
              { "name": "a", "actions": [{ "send": "crm", "type": "care.a", "data": {} }] },
              \(inserted ? new : "")
              { "name": "b", "after": "P3D", "actions": [{ "send": "crm", "type": "care.b", "data": {} }] },
              { "name": "c", "sinceEntry": "P1D", "actions": [{ "send": "crm", "type": "care.c", "data": {} }] } ] }
            """)
    }

    static let address = file(
        """
        "welcome": { "trigger": { "event": "signup" }, "actions": [
          { "send": "crm", "type": "care.welcome", "data": { "to": "{{addr}}" } }] }
        """)
}

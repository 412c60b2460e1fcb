/// Rule files with policies.
enum GateRules {
    /// The policies that the stories are told under: quiet hours, office hours, two caps, two pauses.
    static let office = """
        "quietHours": { "from": "21:00", "until": "08:00", "then": "hold" },
        "windows": { "business": { "days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "until": "18:00",
          "zone": "project" } },
        "caps": [
          { "name": "marketing", "tags": ["marketing"], "max": 2, "per": { "rolling": "P7D" }, "then": "suppress" },
          { "name": "one-survey-a-quarter", "tags": ["survey"], "max": 1, "per": { "calendar": "quarter" } } ],
        "pauses": [
          { "name": "do-not-contact", "when": { "var": "doNotContact" }, "then": "suppress" },
          { "name": "open-complaint", "when": { ">": [{ "var": "openComplaints" }, 0] },
            "tags": ["marketing", "survey"], "then": "hold" } ]
        """

    /// A rule file with these campaigns and policies.
    static func file(_ campaigns: String, policies: String = office) -> String {
        """
        {
          "attributes": {
            "tier": { "type": "ordinal", "values": ["bronze", "silver", "gold", "platinum"] },
            "birthday": { "type": "birthday" }, "joinedOn": { "type": "date" }, "timeZone": { "type": "zone" },
            "email": { "type": "string" }, "mobile": { "type": "string" }, "addr": { "type": "string" },
            "emailConsent": { "type": "consent", "channel": "email" },
            "smsConsent": { "type": "consent", "channel": "sms" },
            "doNotContact": { "type": "boolean", "default": false },
            "pausedUntil": { "type": "instant" }, "ownerId": { "type": "string", "default": "unassigned" }
          },
          "traits": {
            "purchases": { "count": { "event": "purchase" } },
            "visits1d": { "count": { "event": "visit", "within": "P1D" } },
            "openComplaints": { "open": { "opened": ["complaint.opened", "complaint.reopened"],
              "closed": "complaint.resolved", "by": "ticketId" } }
          },
          "segments": { "vip": { ">=": [{ "var": "tier" }, "gold"] } },
          "policies": { \(policies) },
          "campaigns": { \(campaigns) }
        }
        """
    }

    /// A campaign of one action on the event of its own name, with more members before `trigger`.
    static func oneAction(
        _ name: String, _ members: String = "", action: String = #""send": "crm", "type": "t""#
    ) -> String {
        """
        "\(name)": { \(members.isEmpty ? "" : members + ",") "trigger": { "event": "\(name)" },
          "actions": [{ \(action) }] }
        """
    }

    static let complaintLadder = """
        "complaint-ladder": {
          "trigger": { "event": ["complaint.opened", "complaint.reopened"] },
          "entryKey": { "var": "event.ticketId" }, "reentry": "afterExit", "maxLateness": "P7D",
          "tags": ["service"], "priority": 90, "quietHours": "ignore", "caps": { "counts": false, "ignores": true },
          "exit": { "event": "complaint.resolved",
                    "where": { "==": [{ "var": "event.ticketId" }, { "var": "entry.ticketId" }] } },
          "steps": [
            { "name": "ack", "actions": [
              { "name": "customer", "send": "mail", "to": { "var": "email" }, "type": "care.complaint.ack",
                "data": { "ticket": "{{entry.ticketId}}" } },
              { "name": "desk", "send": "helpdesk", "audience": "staff", "type": "care.complaint.opened",
                "data": { "ticket": "{{entry.ticketId}}" } }] },
            INSERTED
            { "name": "escalate-vip", "sinceEntry": "PT2H", "countIn": "business", "condition": { "segment": "vip" },
              "actions": [{ "send": "escalations", "audience": "staff", "type": "care.complaint.escalated",
                "data": { "ticket": "{{entry.ticketId}}", "vip": true } }] },
            { "name": "ESCALATE", "sinceEntry": "P1D", "window": "business",
              "condition": { "!": [{ "segment": "vip" }] },
              "actions": [{ "send": "escalations", "audience": "staff", "type": "care.complaint.escalated",
                "data": { "ticket": "{{entry.ticketId}}", "vip": false } }] },
            { "name": "follow-up", "sinceEntry": "P3D", "window": "business",
              "actions": [{ "send": "tasks", "audience": "staff", "type": "care.complaint.follow-up",
                "data": { "ticket": "{{entry.ticketId}}", "owner": "{{ownerId}}" } }] }
            LAST
          ] }
        """

    /// The ladder, perhaps with a step put in after `ack` or at the end, and its step `escalate` renamed.
    static func ladder(inserted: String = "", escalate: String = "escalate", last: String = "") -> String {
        complaintLadder.replacing("INSERTED", with: inserted).replacing("ESCALATE", with: escalate)
            .replacing("LAST", with: last)
    }

    static let birthdayGold = """
        "birthday-gold": {
          "trigger": { "anniversary": { "of": "birthday", "offset": "-P7D", "at": "09:00", "leapDay": "feb28" } },
          "condition": { "segment": "vip" },
          "tags": ["marketing", "greeting"], "priority": 60, "maxLateness": "P5D",
          "actions": [{ "send": "crm", "type": "care.birthday", "data": { "customer": "{{customer.id}}" } }] }
        """
}

import CareLogic
import CareRules
import CareValues

extension Session {
    /// The occurrence of one anniversary.
    func anniversaryOccurrence(
        _ instant: AnniversaryInstants.Instant, _ instants: AnniversaryInstants, campaign: Campaign
    ) -> Occurrence {
        var members: [(name: String, value: JSONValue)] = []
        members.reserveCapacity(3)
        if let day = instants.anniversary(in: instant.year) { members.append(("date", .string(day.text))) }
        if let baseYear = instants.baseYear { members.append(("years", .number(Double(instant.year - baseYear)))) }
        members.append(("offset", .string(instants.trigger.offsets[instant.position - 1].text)))
        return Occurrence(
            campaign: campaign.identity,
            key: AnniversaryInstants.key(year: instant.year, position: instant.position), due: instant.due,
            instant: instant.due, values: JSONObject(uniqueMembers: members), event: nil)
    }

    /// The occurrence of a date for the offset at `position`.
    func dateOccurrence(_ position: Int, _ instants: DateInstants, campaign: Campaign) -> Occurrence {
        let due = instants.due(position: position)
        return Occurrence(
            campaign: campaign.identity, key: instants.key(position: position), due: due, instant: due,
            values: [
                "date": .string(instants.date.text), "offset": .string(instants.trigger.offsets[position - 1].text),
            ], event: nil)
    }

    /// The occurrence of an event, received at the customer's `now`.
    func eventOccurrence(_ event: Event, campaign: Campaign) -> Occurrence {
        let isCall = if case .api = campaign.trigger { true } else { false }
        return Occurrence(
            campaign: campaign.identity,
            key: isCall ? event.callKey ?? event.id : CanonicalJSON.array(of: [event.source, event.id]),
            due: event.time, instant: row.asOf, values: Self.entryValues(of: event), event: event)
    }

    /// What `entry.*` reads of an event: its properties, and id, type and time; a property of one of those names is
    /// under `properties`.
    static func entryValues(of event: Event) -> JSONObject {
        var members: [(name: String, value: JSONValue)] = []
        var shadowed: [(name: String, value: JSONValue)] = []
        for member in event.properties.members {
            switch member.name {
            case "id", "type", "time", "properties": shadowed.append(member)
            default: members.append(member)
            }
        }
        members.append(("id", .string(event.callKey ?? event.id)))
        members.append(("type", .string(event.type)))
        members.append(("time", .string(event.time.iso8601)))
        if !shadowed.isEmpty { members.append(("properties", .object(JSONObject(uniqueMembers: shadowed)))) }
        return JSONObject(uniqueMembers: members)
    }

    /// The occurrence of an attribute's change.
    func changeOccurrence(
        of name: String, from: LogicValue, to: LogicValue, fact: AttributeFact, campaign: Campaign
    ) -> Occurrence {
        let time = fact.hasOwnTime ? fact.time : fact.receivedAt
        return Occurrence(
            campaign: campaign.identity,
            key: "\(name):\(from.text ?? "null")>\(to.text ?? "null")@\(time.iso8601)", due: row.asOf,
            instant: row.asOf,
            values: ["from": from.jsonValue, "to": to.jsonValue], event: nil)
    }
}

import CareDecisions
import CareEngine
import CarePlanning
import CareRules
import CareValues

/// The decisions of a plan, one a line: as JSON objects, or as CSV.
struct DecisionLines {
    /// The rules they were made with: decisions carry identities, lines carry names.
    let rules: RuleSet
    /// Whether personal attributes are shown.
    let showsPII: Bool
    /// Which life each customer is in: its deliveries are named by it.
    let lives: CustomerLives

    /// The line of a JSON object, without its end.
    func json(_ decision: Decision, _ basis: PlanBasis) -> String {
        var decision = decision
        if !showsPII { decision.maskPersonalValues(under: rules) }
        var members: [(name: String, value: JSONValue)] = [
            ("now", .string(decision.now.iso8601)), ("due", .string(decision.due.iso8601)),
            ("customer", .string(decision.key.customer)), ("campaign", .string(name(decision))),
            ("occurrence", .string(occurrence(decision))), ("step", .string(decision.key.step)),
            ("action", .string(decision.key.action)), ("basis", .string(basis.rawValue)),
            ("outcome", .string(decision.outcome.rawValue)),
            ("reason", decision.reason.map { .string($0.rawValue) } ?? .null),
            ("delivery", .string(delivery(decision.key))),
        ]
        if let order = decision.order {
            members.append(("destination", .string(order.destination)))
            members.append(("type", .string(order.type)))
            members.append(("data", order.data))
            members.append(("expiresAt", order.expiresAt.map { .string($0.iso8601) } ?? .null))
        }
        return JSONWriter.text(.object(JSONObject(uniqueMembers: members)))
    }

    /// The first line of a CSV file, without its end.
    static let csvHead =
        "now,due,customer,campaign,occurrence,step,action,basis,outcome,reason,delivery,destination,type,data"

    /// The line of a CSV file (RFC 4180), without its end.
    func csv(_ decision: Decision, _ basis: PlanBasis) -> String {
        var decision = decision
        if !showsPII { decision.maskPersonalValues(under: rules) }
        let key = decision.key
        let cells = [
            decision.now.iso8601, decision.due.iso8601, key.customer, name(decision), occurrence(decision), key.step,
            key.action, basis.rawValue, decision.outcome.rawValue, decision.reason?.rawValue ?? "",
            delivery(key), decision.order?.destination ?? "", decision.order?.type ?? "",
            decision.order.map { JSONWriter.text($0.data) } ?? "",
        ]
        return cells.map(Self.quoted).joined(separator: ",")
    }

    private func occurrence(_ decision: Decision) -> String {
        showsPII ? decision.key.occurrence : Mask.occurrence(decision.key.occurrence, rules.schema)
    }

    private func delivery(_ key: DecisionKey) -> String {
        DeliveryID(hashing: key.text(generation: lives.generation(of: key.customer))).text
    }

    private func name(_ decision: Decision) -> String {
        rules.index(ofIdentity: decision.key.campaign).map { rules.campaigns[$0].name } ?? decision.key.campaign
    }

    private static func quoted(_ cell: String) -> String {
        guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }
}

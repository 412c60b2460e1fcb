import CareEngine
import CareValues

/// Customers forgotten and let in again, as Customer.io's clients ask for it.
struct CustomerIOPeople: Sendable {
    let answers: any CommandAnswers

    /// Forgets a customer; later facts make a new one. Whom there is not, or who is kept out, needs nothing.
    func delete(_ id: String, _ call: Call) async throws {
        let wasThere = try await call.service.work.run(.heavy) {
            do {
                guard case .object(let answer) = try answers.erase(customer: id), answer["facts"] != nil else {
                    return false
                }
                _ = try answers.readmit(customer: id)
                return true
            } catch let problem as Problem where problem.status == 404 {
                return false
            }
        }
        if wasThere { try await call.note("customers.delete") }
    }

    /// Forgets a customer and keeps it out. - Throws: a ``Problem`` of status 404 when there is none.
    func suppress(_ id: String, _ call: Call) async throws {
        _ = try await call.service.work.run(.deed) { try answers.erase(customer: id) }
        try await call.note("customers.erase")
    }

    /// Lets a customer in again that was kept out; others are let in anyway.
    func unsuppress(_ id: String, _ call: Call) async throws {
        let wasOut = try await call.service.work.run(.heavy) {
            do {
                _ = try answers.readmit(customer: id)
                return true
            } catch let problem as Problem where problem.code == "not-erased" {
                return false
            }
        }
        if wasOut { try await call.note("customers.readmit") }
    }
}

/// The operations of one request, in their order. Facts that follow one another are taken in together.
struct CustomerIOOperations {
    /// Why one of them was not carried out.
    struct Refusal {
        /// Its place in the request, from 0 on.
        var place: Int
        var reason: ItemRefusal

        /// As Customer.io's clients read it.
        var json: JSONValue {
            [
                "batch_index": .number(Double(place)), "reason": .string(reason.code),
                "message": .string(reason.reason),
            ]
        }
    }

    let call: Call
    let people: CustomerIOPeople

    private enum Operation {
        case fact(IntakeItem)
        case forget(id: String, action: String)
    }

    /// Carries them out; what was refused, by place.
    func perform(_ nodes: [JSONNode]) async throws -> [Refusal] {
        let reader = CustomerIOReader(facts: try Intake(call: call).reader)
        var refusals: [Refusal] = []
        var waiting: [(place: Int, item: IntakeItem)] = []
        for (place, node) in nodes.enumerated() {
            do {
                switch try Self.operation(node, reader) {
                case .fact(let item): waiting.append((place, item))
                case .forget(let id, let action):
                    try await take(&waiting, &refusals)
                    try await forget(id, action)
                }
            } catch let refusal as ItemRefusal {
                refusals.append(Refusal(place: place, reason: refusal))
            }
        }
        try await take(&waiting, &refusals)
        return refusals.sorted { $0.place < $1.place }
    }

    private func take(_ waiting: inout [(place: Int, item: IntakeItem)], _ refusals: inout [Refusal]) async throws {
        guard !waiting.isEmpty else { return }
        let answers = try await Intake(call: call).take(waiting.map { .success($0.item) })
        for (one, answer) in zip(waiting, answers) {
            if let refusal = answer.refusal { refusals.append(Refusal(place: one.place, reason: refusal)) }
        }
        waiting = []
    }

    private func forget(_ id: String, _ action: String) async throws {
        guard call.identity?.may(.admin) == true else {
            throw ItemRefusal("forbidden", "\(action) takes a token with the scope admin")
        }
        do {
            switch action {
            case "delete": try await people.delete(id, call)
            case "suppress": try await people.suppress(id, call)
            default: try await people.unsuppress(id, call)
            }
        } catch let problem as Problem where problem.status == 404 {
            throw ItemRefusal(problem.code, problem.detail)
        }
    }

    private static func operation(_ node: JSONNode, _ reader: CustomerIOReader) throws(ItemRefusal) -> Operation {
        guard node.kind == .object else { throw ItemRefusal("bad-call", "an operation is an object") }
        guard node["type"]?.string == "person" else {
            throw ItemRefusal("not-supported", "type is person: nothing else is kept")
        }
        let id = try id(node["identifiers"])
        let action = node["action"]?.string ?? ""
        switch action {
        case "identify":
            var values = JSONObject()
            if let given = node["attributes"], !given.isNull {
                guard case .object(let object) = given.value else {
                    throw ItemRefusal("bad-data", "attributes is an object")
                }
                values = object
            }
            return .fact(try reader.person(id, values))
        case "event": return .fact(try reader.event(node, of: id, view: nil, data: "attributes"))
        case "page", "screen": return .fact(try reader.event(node, of: id, view: action, data: "attributes"))
        case "delete", "suppress", "unsuppress": return .forget(id: id, action: action)
        default:
            throw ItemRefusal(
                "not-supported", "action is identify, event, page, screen, delete, suppress or unsuppress")
        }
    }

    /// The id: customers are known by nothing else.
    private static func id(_ node: JSONNode?) throws(ItemRefusal) -> String {
        if let text = node?["id"]?.string { return text }
        if let number = node?["id"]?.number, let whole = Int64(exactly: number) { return String(whole) }
        throw ItemRefusal("bad-customer", "identifiers.id is missing: customers are known by their id")
    }
}

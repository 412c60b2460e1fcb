import CareDecisions
import CarePlanning
import CareValues

/// The gates before a held action, in their order: neighbours that pass share a line, and so do those not reached.
struct GateBranches {
    let action: Explanation.HeldAction
    let time: TimeText

    var branch: TextTree.Branch {
        let look = action.look
        var branch = TextTree.Branch("action \(look.step)/\(look.action.name)", "to \(look.action.destination)", "")
        var names: [String] = []
        var state = ""
        func flush() {
            if !names.isEmpty { branch.children.append(TextTree.Branch(names.joined(separator: ", "), "", state)) }
            names = []
        }
        for gate in action.gates {
            let text = stateText(gate.look.state)
            if gate.node == nil, gate.look.detail.isEmpty, !gate.objects {
                if text != state { flush() }
                state = text
                names.append(Self.name(gate.look))
                continue
            }
            flush()
            state = ""
            var own = TextTree.Branch(Self.name(gate.look), gate.look.detail, text)
            if let node = gate.node {
                own.children.append(TextTree.Branch(Self.asked[gate.look.gate] ?? gate.look.gate, node))
            }
            if case .notReached = gate.look.state { own = TextTree.Branch(Self.name(gate.look), "", text) }
            branch.children.append(own)
        }
        flush()
        return branch
    }

    private func stateText(_ state: GateLook.State) -> String {
        switch state {
        case .passed: "passed"
        case .notReached: "not reached"
        case .error(let message): "ERROR: \(message)"
        case .stopped(let outcome, let reason, let until):
            "\(outcome.rawValue.uppercased()) \(reason.rawValue)" + (until.map { ", until \(time.full($0))" } ?? "")
        }
    }

    /// What a gate's condition is called in the rule file.
    private static let asked = ["pause": "when", "no_address": "to"]

    /// `pause open-complaint`
    static func name(_ look: GateLook) -> String { look.name.isEmpty ? look.gate : "\(look.gate) \(look.name)" }

    // MARK: JSON

    static func json(_ held: [Explanation.HeldAction]) -> JSONValue {
        .array(
            held.map { action in
                .object(
                    JSONObject(uniqueMembers: [
                        ("occurrence", .string(action.look.occurrence)), ("step", .string(action.look.step)),
                        ("action", .string(action.look.action.name)), ("due", .string(action.look.due.iso8601)),
                        ("deadline", action.look.deadline.map { .string($0.iso8601) } ?? .null),
                        ("gates", json(action.gates)),
                    ]))
            })
    }

    static func json(_ gates: [Explanation.Gate]) -> JSONValue { .array(gates.map { json($0) }) }

    static func json(_ gate: Explanation.Gate) -> JSONValue {
        var members: [(name: String, value: JSONValue)] = [("gate", .string(gate.look.gate))]
        if !gate.look.name.isEmpty { members.append(("name", .string(gate.look.name))) }
        if !gate.look.detail.isEmpty { members.append(("detail", .string(gate.look.detail))) }
        switch gate.look.state {
        case .passed: members.append(("state", .string("passed")))
        case .notReached: members.append(("state", .string("not reached")))
        case .error(let message):
            members.append(("state", .string("error")))
            members.append(("message", .string(message)))
        case .stopped(let outcome, let reason, let until):
            members.append(("state", .string("stopped")))
            members.append(("outcome", .string(outcome.rawValue)))
            members.append(("reason", .string(reason.rawValue)))
            members.append(("until", until.map { .string($0.iso8601) } ?? .null))
        }
        if let node = gate.node { members.append(("condition", node.json)) }
        return .object(JSONObject(uniqueMembers: members))
    }
}

import CareLogic
import CareValues

extension TextTree.Branch {
    /// A condition's tree: the root under the name `name`, its operators below.
    init(_ name: String, _ node: ExplanationNode) {
        self.init(name, node.detail.isEmpty ? node.label : "\(node.label) \(node.detail)", node.result)
        children = node.children.map { TextTree.Branch(operand: $0) }
    }

    private init(operand node: ExplanationNode) {
        self.init(node.label, node.detail, node.result)
        children = node.children.map { TextTree.Branch(operand: $0) }
    }
}

extension ExplanationNode {
    /// The value as the tree shows it.
    var result: String {
        if let error { return "error: \(error)" }
        return value.isMissing ? "missing" : value.text ?? JSONWriter.text(value.jsonValue)
    }

    /// The tree as JSON.
    var json: JSONValue {
        var members: [(name: String, value: JSONValue)] = [("operator", .string(label)), ("operands", .string(detail))]
        members.append(("value", value.isMissing ? .null : value.jsonValue))
        if let error { members.append(("error", .string(error))) }
        if !children.isEmpty { members.append(("children", .array(children.map(\.json)))) }
        return .object(JSONObject(uniqueMembers: members))
    }
}

import CareLogic
import CareValues

/// What rule files say that only a store can tell the weight of: how many customers it concerns.
public struct CustomerQuestions: Sendable {
    /// A condition where a plain JsonLogic engine could answer otherwise.
    public struct Condition: Sendable {
        /// The whole condition.
        public var node: JSONNode
        /// The note without a number: where the dialects part, and why.
        public var note: Diagnostic
    }

    /// Where the two dialects may differ, by place.
    public var conditions: [Condition] = []
    /// Warnings of values that may be missing, with the attribute or trait.
    public var missing: [(name: String, warning: Diagnostic)] = []
    /// Dates that a trigger greets, with the place that names them.
    public var dates: [(name: String, node: JSONNode)] = []
    /// The segments as they are written, by name.
    public var segments: [String: JSONNode] = [:]

    /// The questions of rule files that have no errors.
    ///
    /// - Parameters:
    ///   - schema: of the rule set made of the same files.
    ///   - warnings: what the check has found.
    public init(_ sources: [RuleSource], schema: Schema, warnings: [Diagnostic]) {
        var findings = Findings()
        var files = MergedFiles()
        var documents: [String: JSONDocument] = [:]
        for source in sources {
            guard
                let document = JSONDocument.read(file: source.file, bytes: source.bytes, limits: .ruleFile).document
            else { continue }
            documents[source.file] = document
            files.add(document.root, &findings)
        }
        for segment in files.segments { segments[segment.key.string ?? ""] = segment.value }
        var places = files.segments.map(\.value)
        for policy in files.policies where policy.key.string == "pauses" && policy.value.kind == .array {
            places += policy.value.elements.compactMap { $0.member("when") }
        }
        for campaign in files.campaigns {
            places += conditions(of: campaign.value)
            if let (name, node) = Self.date(of: campaign.value) { dates.append((name, node)) }
        }
        for place in places {
            guard let note = Self.note(place, schema) else { continue }
            conditions.append(Condition(node: place, note: note))
        }
        for warning in warnings where warning.code == "rule.missing-value" {
            if let name = documents[warning.file]?.node(at: warning.path)?.string { missing.append((name, warning)) }
        }
    }

    private func conditions(of campaign: JSONNode) -> [JSONNode] {
        var places = [campaign.member("condition")]
        let exits = campaign.member("exit").map { $0.kind == .array ? Array($0.elements) : [$0] } ?? []
        places += exits.map { $0.member("condition") }
        for step in campaign.member("steps")?.elements.map({ $0 }) ?? [campaign] {
            if step != campaign { places.append(step.member("condition")) }
            for action in step.member("actions")?.elements.map({ $0 }) ?? [] {
                places.append(action.member("condition"))
                places += action.member("firstOf")?.elements.map { $0.member("condition") } ?? []
            }
        }
        return places.compactMap { $0 }
    }

    private static func date(of campaign: JSONNode) -> (String, JSONNode)? {
        guard let trigger = campaign.member("trigger") else { return nil }
        for kind in ["anniversary", "date"] {
            if let place = trigger.member(kind)?.member("of"), let name = place.string { return (name, place) }
        }
        return nil
    }

    // MARK: Where the dialects part

    private static let arithmetic: Set<String> = ["+", "-", "*", "/", "%", "min", "max"]

    /// The first place of a condition where the dialects part; segments are looked at where they stand.
    private static func note(_ node: JSONNode, _ schema: Schema) -> Diagnostic? {
        guard node.kind == .object || node.kind == .array else { return nil }
        if node.kind == .array {
            for element in node.elements {
                if let found = note(element, schema) { return found }
            }
            return nil
        }
        for (key, value) in node.members {
            let operands = value.kind == .array ? Array(value.elements) : [value]
            let isOrdered = ["<", "<=", ">", ">="].contains(key.string)
            for operand in operands where isOrdered || arithmetic.contains(key.string ?? "") {
                guard let place = operand.member("var"), let name = place.string, let term = Term(operand, schema)
                else { continue }
                if isOrdered, term.words != nil {
                    return place.document.diagnostic(
                        at: place, severity: .note, code: "rule.dialect",
                        message: "pure JsonLogic compares the words of '\(name)' by the alphabet")
                }
                if term.mayBeMissing {
                    return place.document.diagnostic(
                        at: place, severity: .note, code: "rule.dialect",
                        message: "pure JsonLogic takes a missing '\(name)' for 0")
                }
            }
            if let found = note(value, schema) { return found }
        }
        return nil
    }
}

extension JSONDocument {
    /// The value at a JSON Pointer; nil: there is none.
    fileprivate func node(at path: String) -> JSONNode? {
        var node = root
        for token in path.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = String(token).replacing("~1", with: "/").replacing("~0", with: "~")
            let inner: JSONNode?
            switch node.kind {
            case .object: inner = node[name]
            case .array: inner = Int(name).flatMap { index in index < node.count ? Array(node.elements)[index] : nil }
            default: inner = nil
            }
            guard let inner else { return nil }
            node = inner
        }
        return node
    }
}

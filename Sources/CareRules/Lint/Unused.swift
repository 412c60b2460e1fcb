import CareValues

/// Traits and segments that nothing reads: they cost, and often are a slip of the pen elsewhere.
struct UnusedNames {
    /// Keys whose texts are the author's own words, and name nothing.
    private static let freeText: Set<String> = ["description", "tags", "type", "send", "name", "salt"]

    /// One finding for each trait and segment that no campaign and no policy uses, also through others. Attributes
    /// are what is known of a customer: one that no rule reads is no mistake.
    static func find(in files: MergedFiles, _ findings: inout Findings) {
        guard !files.campaigns.isEmpty, !files.traits.isEmpty || !files.segments.isEmpty else { return }
        var definitions: [String: [JSONNode]] = [:]
        for member in files.traits + files.segments {
            definitions[member.key.string ?? "", default: []].append(member.value)
        }
        var used: Set<String> = []
        var open: [JSONNode] = files.campaigns.map(\.value) + files.policies.map(\.value)
        while let node = open.popLast() {
            forEachText(node) { text in
                for name in names(in: text) where definitions[name] != nil && used.insert(name).inserted {
                    open += definitions[name] ?? []
                }
            }
        }
        for (noun, members) in [("trait", files.traits), ("segment", files.segments)] {
            for member in members {
                guard let name = member.key.string, !used.contains(name) else { continue }
                findings.warning(
                    "rule.unused", at: member.key, "nothing uses the \(noun) '\(name)'",
                    help: "take it out, unless it is kept for later")
            }
        }
    }

    private static func forEachText(_ node: JSONNode, _ body: (String) -> Void) {
        switch node.kind {
        case .string: body(node.string ?? "")
        case .array: for element in node.elements { forEachText(element, body) }
        case .object:
            for (key, value) in node.members where !freeText.contains(key.string ?? "") || value.kind == .object {
                forEachText(value, body)
            }
        case .null, .bool, .number: break
        }
    }

    /// The names that a text may read: itself, what stands before its first dot, and what `{{…}}` holds.
    private static func names(in text: String) -> [String] {
        var names = [text]
        if let dot = text.firstIndex(of: ".") { names.append(String(text[..<dot])) }
        var rest = text[...]
        while let start = rest.firstRange(of: "{{"), let end = rest[start.upperBound...].firstRange(of: "}}") {
            let path = String(rest[start.upperBound..<end.lowerBound])
            names.append(path)
            if let dot = path.firstIndex(of: ".") { names.append(String(path[..<dot])) }
            rest = rest[end.upperBound...]
        }
        return names
    }
}

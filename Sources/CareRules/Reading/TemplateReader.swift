import CareLogic
import CareValues

extension CampaignReader {
    /// `data`: literals, texts with `{{path}}`, and `{ "$value": JsonLogic }`; nil when something in it is broken.
    mutating func readData(_ node: JSONNode) -> DataTemplate? {
        guard node.kind == .object else {
            findings.wrongType(node, "data", needs: "an object", example: "{ \"customer\": \"{{customer.id}}\" }")
            return nil
        }
        return readTemplate(node)
    }

    private mutating func readTemplate(_ node: JSONNode) -> DataTemplate? {
        switch node.kind {
        case .null, .bool, .number: return .literal(node.value)
        case .string: return readText(node)
        case .array:
            let nodes = Array(node.elements)
            var parts: [DataTemplate] = []
            for node in nodes {
                if let part = readTemplate(node) { parts.append(part) }
            }
            guard parts.count == nodes.count else { return nil }
            return parts.allSatisfy(\.isLiteral) ? .literal(node.value) : .array(parts)
        case .object:
            let members = Array(node.members)
            if let special = members.first(where: { $0.key.string == "$value" }) {
                if let other = members.first(where: { $0.key.string != "$value" }) {
                    findings.error(
                        "rule.bad-template", at: other.key, "'\(other.key.string ?? "")' stands beside '$value'",
                        help: "'$value' is the only member of its object; name the value one level up")
                    return nil
                }
                return expression(special.value, .entered, .any).map(DataTemplate.value)
            }
            var parts: [(name: String, value: DataTemplate)] = []
            for (key, value) in members {
                guard let name = key.string else { continue }
                if name.contains("{{") {
                    findings.error(
                        "rule.bad-template", at: key, "names in data are not filled",
                        help: "put the place into the value")
                }
                if let part = readTemplate(value) { parts.append((name, part)) }
            }
            guard parts.count == members.count else { return nil }
            return parts.allSatisfy({ $0.value.isLiteral }) ? .literal(node.value) : .object(parts)
        }
    }

    /// A text with places; each path is compiled as `{ "var": path }`, and what is wrong with it is told at its place.
    private mutating func readText(_ node: JSONNode) -> DataTemplate? {
        guard let text = node.string else { return nil }
        let pieces: [TemplateText.Piece]
        do {
            pieces = try TemplateText(text).pieces
        } catch {
            findings.error("rule.bad-template", inside: node, error.bytes, error.message, help: error.help)
            return nil
        }
        var parts: [DataTemplate.TextPart] = []
        for piece in pieces {
            switch piece {
            case .literal(let literal): parts.append(.literal(literal))
            case .place(let path, let bytes):
                guard let expression = readPath(path, bytes, in: node) else { continue }
                parts.append(.place(path: path, expression: expression))
            }
        }
        guard parts.count == pieces.count else { return nil }
        let isLiteral = parts.allSatisfy { if case .literal = $0 { true } else { false } }
        return isLiteral ? .literal(.string(text)) : .text(parts)
    }

    private mutating func readPath(
        _ path: String, _ bytes: Range<Int>, in node: JSONNode
    ) -> Expression? {
        if path == "event" || path.hasPrefix("event.") {
            findings.error(
                "rule.unknown-name", inside: node, bytes,
                "'\(path)' is not known here: the event is over when data is filled",
                help: "write {{entry\(path.dropFirst(5))}}: what began the entry is kept")
            return nil
        }
        guard let schema else { return nil }
        let source = CanonicalJSON.bytes(.object(["var": .string(path)]))
        guard let document = JSONDocument.read(file: node.document.file, bytes: source).document else { return nil }
        var inner = Findings()
        let expression = schema.compile(
            document.root, in: document, scope: .entered, expecting: .any,
            diagnostics: &inner.diagnostics)
        checkEntryNames(document.root, entry: entry, schema: schema, &inner)
        for finding in inner.diagnostics {
            findings.add(
                finding.severity, finding.code, inside: node, bytes, finding.message, help: finding.help)
        }
        return inner.hasErrors ? nil : expression
    }
}

extension DataTemplate {
    /// Whether nothing in it is to be filled.
    var isLiteral: Bool {
        if case .literal = self { true } else { false }
    }
}

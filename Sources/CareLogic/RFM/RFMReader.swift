import CareValues

extension DeclarationReader {
    /// `rfm: { event, property, within, scores }`: one trait for each part.
    mutating func readRFM(_ node: JSONNode, name: String) -> Bool {
        findings.checkKeys(node, known: ["event", "property", "within", "scores"], of: "'rfm'")
        var isWhole = true
        for (key, example) in [
            ("event", #""event": "purchase""#), ("property", #""property": "amount""#),
            ("scores", #""scores": "quantiles""#),
        ] where node[key] == nil {
            findings.error("rule.missing-key", at: node, "'rfm' has no '\(key)'", help: "for example " + example)
            isWhole = false
        }
        guard isWhole, let eventNode = node["event"], let propertyNode = node["property"], let scores = node["scores"],
            let types = findings.texts(eventNode, "'event'"), let property = findings.text(propertyNode, "'property'")
        else { return false }
        if let type = propertyType(property, of: types, events: events), type != .number {
            findings.error(
                "rule.type-mismatch", at: propertyNode,
                "'rfm' needs a number, \(property) is \(StaticType(type).phrase)")
            return false
        }
        var definition = RFMDefinition(name: name, types: types, property: property)
        if let within = node["within"] {
            guard let window = findings.window(within, "'within'") else { return false }
            definition.windowMilliseconds = window
        }
        switch scores.kind {
        case .string where scores.string == "quantiles": break
        case .object:
            guard let fixed = readCutPoints(scores) else { return false }
            definition.fixed = fixed
        default:
            findings.error(
                "rule.wrong-value", at: scores, "'scores' must be \"quantiles\" or cut points",
                help:
                    #"for example { "recency": [30, 90, 180, 365], "frequency": [1, 2, 4, 8], "monetary": [50, 100, 500, 1000] }"#
            )
            return false
        }
        for part in RFMPart.allCases {
            traits.append(
                TraitDeclaration(
                    name: "\(name).\(part.rawValue)", definition: .rfm(definition, part), isHidden: false))
        }
        return true
    }

    private mutating func readCutPoints(_ node: JSONNode) -> RFMCutPoints? {
        let keys = ["recency", "frequency", "monetary"]
        findings.checkKeys(node, known: keys, of: "'scores'")
        var lists: [[Double]] = []
        for key in keys {
            guard let list = node[key] else {
                findings.error(
                    "rule.missing-key", at: node, "'scores' has no '\(key)'",
                    help: "for example \"\(key)\": [1, 2, 4, 8]"
                )
                continue
            }
            if let points = readPoints(list, key) { lists.append(points) }
        }
        guard lists.count == 3 else { return nil }
        return RFMCutPoints(recency: lists[0], frequency: lists[1], monetary: lists[2])
    }

    private mutating func readPoints(_ node: JSONNode, _ key: String) -> [Double]? {
        guard node.kind == .array, node.count == RFMCutPoints.count else {
            findings.error(
                "rule.wrong-type", at: node, "'\(key)' must be a list of \(RFMCutPoints.count) cut points",
                help: "four make five scores")
            return nil
        }
        var points: [Double] = []
        for element in node.elements {
            guard let number = element.number, number.isFinite else {
                findings.error(
                    "rule.wrong-type", at: element, "a cut point must be a number, not \(element.kind.noun)")
                return nil
            }
            if let last = points.last, number <= last {
                findings.error(
                    "rule.wrong-value", at: element, "cut points must ascend, \(element.text) does not",
                    help: key == "recency" ? "of days the least first: \"recency\": [30, 90, 180, 365]" : nil)
                return nil
            }
            points.append(number)
        }
        return points
    }
}

extension Schema {
    /// What to say of a name that is an RFM trait without a part, or with one that there is not; nil: it is none.
    public func partsFinding(_ name: String) -> (message: String, help: String)? {
        let head = pathParts(name)[0]
        guard traitIndex("\(head).\(RFMPart.code.rawValue)") != nil else { return nil }
        let parts = RFMPart.allCases.map { "\(head).\($0.rawValue)" }.joined(separator: ", ")
        let message =
            head == name
            ? "'\(name)' is read by its parts" : "'\(head)' has no part '\(name.dropFirst(head.count + 1))'"
        return (message, "one of " + parts)
    }
}

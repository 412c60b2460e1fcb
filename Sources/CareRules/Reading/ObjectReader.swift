import CareValues

extension Findings {
    /// The members of an object whose keys `table` knows; every other key is a finding.
    ///
    /// - Returns: nil when `node` is no object, which is a finding too.
    mutating func members(of node: JSONNode, _ table: KeyTable, subject: String, example: String) -> [String: JSONNode]?
    {
        guard node.kind == .object else {
            wrongType(node, subject, needs: "an object", example: example)
            return nil
        }
        var found: [String: JSONNode] = [:]
        for (key, value) in node.members {
            guard let name = key.string else { continue }
            if table.keys.contains(name) {
                found[name] = value
            } else if let advice = table.later[name] {
                error("rule.not-supported", at: key, "'\(name)' of \(table.noun) is not supported yet", help: advice)
            } else {
                let help =
                    suggestion(for: name, among: table.keys)
                    ?? "\(table.noun) may have \(table.keys.joined(separator: ", "))"
                error("rule.unknown-key", at: key, "unknown key '\(name)' in \(table.noun)", help: help)
            }
        }
        return found
    }

    /// Text that is not empty.
    mutating func text(_ node: JSONNode, _ subject: String, example: String) -> String? {
        guard let text = node.string else {
            wrongType(node, subject, needs: "text", example: example)
            return nil
        }
        guard !text.isEmpty else {
            error("rule.wrong-type", at: node, "\(subject) must not be empty", help: "for example \(example)")
            return nil
        }
        return text
    }

    /// A name: not empty, without `.` and control characters, of bounded length.
    mutating func checkName(_ name: String, at node: JSONNode, _ subject: String) {
        if name.isEmpty {
            error("rule.bad-name", at: node, "\(subject) has an empty name", help: "any Unicode text without '.'")
        } else if name.unicodeScalars.count > RuleLimits.nameLength {
            error(
                "rule.bad-name", at: node, "the name of \(subject) is longer than \(RuleLimits.nameLength) characters",
                help: "shorten it; 'description' has room")
        } else if name.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            error("rule.bad-name", at: node, "the name of \(subject) holds a control character", help: "take it out")
        } else if name.unicodeScalars.contains(".") {
            error(
                "rule.bad-name", at: node, "the name of \(subject) holds a '.'",
                help: "write '\(String(name.map { $0 == "." ? "-" : $0 }))'")
        }
    }

    /// One text or a list of at least one.
    mutating func oneOrList(_ node: JSONNode, _ subject: String, example: String) -> [(text: String, node: JSONNode)]? {
        if node.kind == .string { return text(node, subject, example: example).map { [($0, node)] } }
        guard node.kind == .array else {
            wrongType(node, subject, needs: "text or a list of texts", example: example)
            return nil
        }
        return list(node, subject, example: example, mayBeEmpty: false)
    }

    /// A list of texts without repetition.
    mutating func list(
        _ node: JSONNode, _ subject: String, example: String, mayBeEmpty: Bool
    ) -> [(text: String, node: JSONNode)]? {
        guard node.kind == .array else {
            wrongType(node, subject, needs: "a list of texts", example: example)
            return nil
        }
        let elements = Array(node.elements)
        guard mayBeEmpty || !elements.isEmpty else {
            error("rule.wrong-type", at: node, "\(subject) must not be an empty list", help: "for example \(example)")
            return nil
        }
        guard withinLimit(elements.count, RuleLimits.list, "values in \(subject)", at: node) else { return nil }
        var result: [(text: String, node: JSONNode)] = []
        var isSound = true
        for element in elements {
            guard let text = text(element, "each value of \(subject)", example: example) else {
                isSound = false
                continue
            }
            if result.contains(where: { $0.text == text }) {
                error("rule.duplicate-name", at: element, "'\(text)' stands twice in \(subject)", help: "take one out")
                isSound = false
            } else {
                result.append((text, element))
            }
        }
        return isSound ? result : nil
    }

    /// One word of a closed set.
    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ node: JSONNode, _ subject: String, as type: Word.Type
    ) -> Word? where Word.RawValue == String {
        let words = Word.allCases.map(\.rawValue)
        guard let text = node.string else {
            wrongType(node, subject, needs: alternatives(words), example: "\"\(words.first ?? "")\"")
            return nil
        }
        if let word = Word(rawValue: text) { return word }
        error(
            "rule.wrong-value", at: node, "\(subject) must be \(alternatives(words)), not '\(text)'",
            help: suggestion(for: text, among: words))
        return nil
    }

    /// Whether `count` keeps a limit; one beyond is a finding at `node`.
    mutating func withinLimit(_ count: Int, _ limit: Int, _ what: String, at node: JSONNode) -> Bool {
        guard count > limit else { return true }
        error("rule.limit", at: node, "\(count) \(what): at most \(limit) are allowed", help: "split it up")
        return false
    }

    /// That a key must be there.
    mutating func missing(_ key: String, in node: JSONNode, _ subject: String, example: String) {
        error("rule.missing-key", at: node, "\(subject) needs '\(key)'", help: "add \(example)")
    }

    /// That two keys exclude each other; the finding stands at the later one.
    mutating func conflict(_ first: String, _ second: String, in node: JSONNode, _ subject: String, help: String) {
        let keys = node.members.map(\.key).filter { $0.string == first || $0.string == second }
        guard keys.count == 2, let earlier = keys[0].string, let later = keys[1].string else { return }
        error("rule.conflict", at: keys[1], "\(subject) has both '\(earlier)' and '\(later)'", help: help)
    }
}

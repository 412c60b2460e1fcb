import CareValues

extension DestinationReader {
    /// Notes an error.
    mutating func fail(_ node: JSONNode, _ code: String, _ message: String, _ help: String? = nil) {
        findings.append(document.diagnostic(at: node, code: code, message: message, help: help))
    }

    /// Notes a warning.
    mutating func warn(_ node: JSONNode, _ code: String, _ message: String, _ help: String? = nil) {
        findings.append(document.diagnostic(at: node, severity: .warning, code: code, message: message, help: help))
    }

    /// `a, b and c`.
    func list(_ words: [String]) -> String {
        guard words.count > 1, let last = words.last else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " and " + last
    }

    private mutating func wrongType(_ node: JSONNode, _ wanted: String) {
        let place = node.path.split(separator: "/").last.map(String.init) ?? ""
        fail(node, "config.wrong-type", "'\(place)' must be \(wanted), not \(node.kind.noun)")
    }

    /// A text that is not empty.
    mutating func string(_ node: JSONNode) -> String? {
        guard let text = node.string else {
            wrongType(node, "a string")
            return nil
        }
        guard !text.isEmpty else {
            fail(node, "config.bad-value", "must not be empty")
            return nil
        }
        return text
    }

    /// A text or a reference.
    mutating func text(_ node: JSONNode) -> SettingText? {
        guard let text = string(node) else { return nil }
        return SecretReference(text).map { .secret($0) } ?? .literal(text)
    }

    /// A reference; the text itself, which may be a secret, is not repeated.
    mutating func reference(_ node: JSONNode, _ key: String) -> SecretReference? {
        guard let text = string(node) else { return nil }
        guard let reference = SecretReference(text) else {
            var finding = document.diagnostic(
                at: node, code: "config.plain-secret", message: "\(key) of destination '\(name)' must be a reference",
                help: "write env:NAME or file:PATH; a secret does not belong into this file")
            // The line holds what is perhaps a secret: it must not be shown.
            finding.sourceLine = ""
            findings.append(finding)
            return nil
        }
        return reference
    }

    /// One of a few words.
    mutating func word(_ node: JSONNode, of words: [String]) -> String? {
        guard let text = string(node) else { return nil }
        guard words.contains(text) else {
            fail(
                node, "config.bad-value", "must be one of \(list(words))",
                nearest(text, in: words).map { "did you mean '\($0)'?" })
            return nil
        }
        return text
    }

    /// Notes every key of an object that it does not have; false: it is not an object.
    mutating func refuseOtherKeys(_ node: JSONNode, than keys: [String], in object: String) -> Bool {
        guard node.kind == .object else { return false }
        for (key, _) in node.members {
            guard let text = key.string, !keys.contains(text) else { continue }
            fail(
                key, "config.unknown-key", "unknown key '\(text)' in \(object)",
                nearest(text, in: keys).map { "did you mean '\($0)'?" } ?? "known keys: \(list(keys))")
        }
        return true
    }

    mutating func boolean(_ node: JSONNode) -> Bool? {
        if node.bool == nil { wrongType(node, "true or false") }
        return node.bool
    }

    /// A whole number within `range`.
    mutating func integer(_ node: JSONNode, _ range: ClosedRange<Int>) -> Int? {
        guard let number = node.number else {
            wrongType(node, "a number")
            return nil
        }
        guard let value = Int(exactly: number), range.contains(value) else {
            fail(node, "config.bad-value", "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    /// A number in `(above, through]`.
    mutating func number(_ node: JSONNode, above: Double, through: Double) -> Double? {
        guard let value = node.number else {
            wrongType(node, "a number")
            return nil
        }
        guard value > above, value <= through else {
            fail(node, "config.bad-value", "must be more than \(above) and at most \(through)")
            return nil
        }
        return value
    }

    /// A duration without months and years, in milliseconds within `range`.
    mutating func duration(_ node: JSONNode, _ range: ClosedRange<Int64>) -> Int64? {
        guard let text = string(node) else { return nil }
        guard let value = ISODuration(text: text)?.fixedMilliseconds, range.contains(value) else {
            let (low, high) = (Double(range.lowerBound) / 1000, Double(range.upperBound) / 1000)
            fail(
                node, "config.bad-value", "must be a duration from \(low) to \(high) seconds",
                "for example PT15S or PT5M")
            return nil
        }
        return value
    }
}

/// What may stand in a header.
enum HeaderText {
    /// A token of RFC 9110, section 5.6.2.
    static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// No control character but the tabulator.
    static func isValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
    }
}

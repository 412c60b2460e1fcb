import CareValues

/// What a check of rule text has found so far.
struct RuleFindings {
    var diagnostics: [Diagnostic] = []

    /// Whether one of them makes the rules unusable.
    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// So many findings are kept of one part; of more than that only the first error.
    private static let maximum = 2_000

    mutating func error(_ code: String, at node: JSONNode, _ message: String, help: String? = nil) {
        guard diagnostics.count < Self.maximum || !hasErrors else { return }
        diagnostics.append(
            node.document.diagnostic(at: node, severity: .error, code: code, message: message, help: help))
    }

    mutating func warning(_ code: String, at node: JSONNode, _ message: String, help: String? = nil) {
        guard diagnostics.count < Self.maximum else { return }
        diagnostics.append(
            node.document.diagnostic(at: node, severity: .warning, code: code, message: message, help: help))
    }

    /// The text of a string node, or a finding.
    mutating func text(_ node: JSONNode, _ what: String) -> String? {
        if let text = node.string, !text.isEmpty { return text }
        error(
            "rule.wrong-type", at: node, "\(what) must be text, not \(node.kind == .string ? "empty" : node.kind.noun)")
        return nil
    }

    /// One text or a list of texts, sorted, each once.
    mutating func texts(_ node: JSONNode, _ what: String) -> [String]? {
        if node.kind != .array { return text(node, what).map { [$0] } }
        guard node.count > 0 else {
            error("rule.wrong-type", at: node, "\(what) must name at least one")
            return nil
        }
        var result: Set<String> = []
        var isWhole = true
        for element in node.elements {
            if let one = text(element, what) { result.insert(one) } else { isWhole = false }
        }
        return isWhole ? result.sorted(by: textPrecedes) : nil
    }

    /// A positive duration without months and years, in milliseconds of 24-hour days.
    mutating func window(_ node: JSONNode, _ what: String) -> Int64? {
        guard let text = text(node, what) else { return nil }
        guard let duration = ISODuration(text: text) else {
            error(
                "rule.bad-duration", at: node, "'\(text)' is not a duration",
                help: "write days as P90D, hours as PT12H")
            return nil
        }
        guard let milliseconds = duration.fixedMilliseconds else {
            error(
                "rule.bad-duration", at: node, "\(what) cannot be in months or years: their lengths differ",
                help: "write days: P30D, P365D")
            return nil
        }
        guard milliseconds > 0 else {
            error("rule.bad-duration", at: node, "\(what) must be longer than nothing", help: "for example P30D")
            return nil
        }
        return milliseconds
    }

    /// `did you mean 'x'?`, or the other help.
    static func suggestion(_ word: String, _ candidates: [String], otherwise help: String? = nil) -> String? {
        meant(word, among: candidates).map { "did you mean '\($0)'?" } ?? help
    }

    /// Notes each member that is none of `known`; those of `later` are told to be not supported yet.
    mutating func checkKeys(_ node: JSONNode, known: [String], later: [String] = [], of what: String) {
        for (key, _) in node.members {
            guard let name = key.string, !known.contains(name) else { continue }
            if later.contains(name) {
                error("rule.not-supported", at: key, "'\(name)' is not supported yet")
            } else {
                error(
                    "rule.unknown-key", at: key, "\(what) has no key '\(name)'",
                    help: RuleFindings.suggestion(name, known, otherwise: "known: " + known.joined(separator: ", ")))
            }
        }
    }
}

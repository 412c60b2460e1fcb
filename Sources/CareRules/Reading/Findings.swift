import CareValues

/// What has been found in the rule files so far. Nothing stops at the first finding.
struct Findings {
    /// The findings in the order in which they were made; of very many the first.
    var diagnostics: [Diagnostic] = [] {
        didSet { if diagnostics.count > RuleLimits.findings { leaveOut() } }
    }
    /// The zones that rules can name; nil: names of zones are not checked.
    var zones: (any ZoneDirectory)?
    /// Whether an error was left out because there are too many findings.
    private var leftOutErrors = false

    /// Whether one of them makes the rules unusable.
    var hasErrors: Bool { leftOutErrors || diagnostics.contains { $0.severity == .error } }

    /// Whether one more would be kept. What would not is not made: where a finding stands costs a walk through the file.
    private var hasRoom: Bool { diagnostics.count < RuleLimits.findings }

    private mutating func leaveOut() {
        let rest = diagnostics[RuleLimits.findings...]
        leftOutErrors = leftOutErrors || rest.contains { $0.severity == .error }
        diagnostics.removeLast(rest.count)
    }

    /// Whether `name` is that of a zone, as far as that can be checked; a finding when it is not.
    mutating func isZone(_ name: String, at node: JSONNode) -> Bool {
        guard let zones, zones.zone(named: name) == nil else { return true }
        error(
            "rule.unknown-zone", at: node, "no time zone '\(name)'",
            help: "write an IANA name: \"Asia/Shanghai\"")
        return false
    }

    /// Records an error at a value.
    mutating func error(_ code: String, at node: JSONNode, _ message: String, help: String? = nil) {
        guard hasRoom || !hasErrors else { return }
        diagnostics.append(
            node.document.diagnostic(at: node, severity: .error, code: code, message: message, help: help))
    }

    /// Records a warning at a value.
    mutating func warning(_ code: String, at node: JSONNode, _ message: String, help: String? = nil) {
        guard hasRoom else { return }
        diagnostics.append(
            node.document.diagnostic(at: node, severity: .warning, code: code, message: message, help: help))
    }

    /// Records an error at a part of a text, given in UTF-8 bytes of the text as it reads.
    mutating func error(
        _ code: String, inside node: JSONNode, _ bytes: Range<Int>, _ message: String, help: String? = nil
    ) {
        add(.error, code, inside: node, bytes, message, help: help)
    }

    /// Records a finding at a part of a text, given in UTF-8 bytes of the text as it reads.
    mutating func add(
        _ severity: Diagnostic.Severity, _ code: String, inside node: JSONNode, _ bytes: Range<Int>,
        _ message: String, help: String?
    ) {
        guard hasRoom || (severity == .error && !hasErrors) else { return }
        let range = node.sourceRange(ofText: bytes)
        diagnostics.append(
            node.document.source.diagnostic(
                at: range, severity: severity, code: code, message: message, help: help, path: node.path))
    }

    /// The findings by place.
    var sorted: [Diagnostic] {
        // Without an error among those that are kept, the files would look usable.
        guard leftOutErrors, !diagnostics.hasErrors, var last = diagnostics.last else { return diagnostics.sorted() }
        last.severity = .error
        last.code = "rule.limit"
        last.message = "more than \(RuleLimits.findings) findings, errors among them: mend these first"
        last.help = nil
        return (diagnostics.dropLast() + [last]).sorted()
    }

    /// Takes out the findings about unknown names that have no near neighbour: with a file that could not be read, the
    /// name may well stand there.
    mutating func dropDoubtfulNames() {
        diagnostics.removeAll {
            ($0.code == "rule.unknown-name" || $0.code == "rule.unknown-segment")
                && !($0.help?.hasPrefix("did you mean") ?? false)
        }
    }

    /// `value must be text` and the like: the value has another JSON type than its key asks for.
    mutating func wrongType(_ node: JSONNode, _ subject: String, needs: String, example: String) {
        error(
            "rule.wrong-type", at: node, "\(subject) must be \(needs), not \(node.kind.phrase)",
            help: "for example \(example)")
    }
}

extension JSONKind {
    /// The kind with its article, for sentences.
    var phrase: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSONNode {
    /// The members of an object by name; empty for anything else.
    func member(_ name: String) -> JSONNode? {
        kind == .object ? self[name] : nil
    }
}

/// `'a', 'b' or 'c'`.
func alternatives(_ words: [String]) -> String {
    let quoted = words.map { "'\($0)'" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
    return quoted.dropLast().joined(separator: ", ") + " or " + last
}

/// `did you mean 'x'?`, or nil when nothing is near.
func suggestion(for word: String, among candidates: [String]) -> String? {
    meant(word, among: candidates).map { "did you mean '\($0)'?" }
}

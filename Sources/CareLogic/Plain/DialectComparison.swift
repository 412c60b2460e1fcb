import CareValues

/// A condition of a rule file beside what a plain JsonLogic engine would make of it, for one customer after another.
///
/// Plain engines have no segments and no time functions: segments are written out, and what only Care can compute is
/// handed over as a value, so that the two differ only in what both dialects have.
public struct DialectComparison: Sendable {
    private let care: Expression
    private let plain: PlainProgram
    /// What the plain rule reads, and what it is called in the data.
    private var reads: [(name: String, expression: Expression)] = []

    private static let plainOperators: Set<String> = [
        "var", "missing", "missing_some", "if", "?:", "==", "===", "!=", "!==", "!", "!!", "or", "and", ">", ">=", "<",
        "<=", "max", "min", "+", "-", "*", "/", "%", "map", "filter", "reduce", "all", "none", "some", "merge", "in",
        "cat", "substr",
    ]

    /// The comparison for a condition that reads the customer only; nil for one that reads `event.*` or `entry.*`, or
    /// that is too deep for a plain engine.
    ///
    /// - Parameter segments: the segments as they are written, without circles.
    public init?(_ node: JSONNode, segments: [String: JSONNode], schema: Schema) {
        var ignored: [Diagnostic] = []
        guard
            let care = schema.compile(
                node, in: node.document, scope: .none, expecting: .condition, diagnostics: &ignored)
        else { return nil }
        var translation = Translation(segments: segments)
        let rule = translation.plain(node, depth: 0)
        guard !translation.isTooLarge, let program = try? PlainProgram(rule) else { return nil }
        self.care = care
        plain = program
        for (name, part) in translation.reads {
            // What is no name of the customer's is that of an element, inside `map` and its like.
            if let expression = schema.compile(
                part, in: part.document, scope: .none, expecting: .any, diagnostics: &ignored)
            {
                reads.append((name, expression))
            }
        }
    }

    /// Whether the two dialects answer differently for a customer; an error is no match.
    public func differs(_ context: EvaluationContext) -> Bool {
        let ours = (try? care.isTrue(context).isTrue) ?? false
        var data: [(name: String, value: JSONValue)] = []
        for read in reads {
            let value = (try? read.expression.evaluate(context).value) ?? .missing
            if !value.isMissing { data.append((read.name, value.jsonValue)) }
        }
        let theirs = (try? plain.evaluate(.object(JSONObject(uniqueMembers: data)))) ?? .null
        return ours != JavaScript.isTruthy(theirs)
    }

    /// Writes a condition for a plain engine.
    private struct Translation {
        let segments: [String: JSONNode]
        var reads: [(name: String, node: JSONNode)] = []
        private var known: Set<String> = []
        private var size = 0
        /// Segments written out can grow beyond any measure.
        private static let maximumSize = 10_000

        init(segments: [String: JSONNode]) { self.segments = segments }

        var isTooLarge: Bool { size > Self.maximumSize }

        mutating func plain(_ node: JSONNode, depth: Int) -> JSONValue {
            size += 1
            guard !isTooLarge, depth < LogicLimits.plainDepth else {
                size = Self.maximumSize + 1
                return .null
            }
            switch node.kind {
            case .null, .bool, .number, .string: return node.value
            case .array: return .array(node.elements.map { plain($0, depth: depth + 1) })
            case .object: break
            }
            guard let (key, value) = node.members.first(where: { _ in true }), let name = key.string
            else { return .null }
            let first = value.kind == .array ? value.elements.first { _ in true } : value
            switch name {
            case "segment":
                return first?.string.flatMap { segments[$0] }.map { plain($0, depth: depth + 1) } ?? .bool(false)
            case "var":
                if let path = first?.string, known.insert(path).inserted, !path.isEmpty { note(path, node) }
                return node.value
            case _ where DialectComparison.plainOperators.contains(name) && !InlineTraits.isInline(name, value):
                return .object(JSONObject(uniqueMembers: [(name, plain(value, depth: depth + 1))]))
            default:
                let name = "\u{0}\(reads.count)"
                reads.append((name, node))
                return .object(["var": .string(name)])
            }
        }

        private mutating func note(_ path: String, _ node: JSONNode) {
            guard
                let document = try? JSONDocument(
                    file: "", bytes: CanonicalJSON.bytes(.object(["var": .string(path)])))
            else { return }
            reads.append((path, document.root))
        }
    }
}

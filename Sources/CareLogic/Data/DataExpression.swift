import CareValues

/// Why an expression has no value over the data it was tried on.
public struct DataLogicError: Error, Sendable, Hashable {
    /// The closed kinds; the raw values are what programs read.
    public enum Kind: String, Sendable, CaseIterable {
        /// The operator counts a customer's events, and there are none here.
        case needsEvents = "needs-events"
        /// The operator asks what rule files declare, and there are none here.
        case needsRules = "needs-rules"
        /// No such operator.
        case unknownOperator = "unknown-operator"
        /// Wrong for another reason: its number of operands, its form.
        case badRule = "bad-rule"
        /// An operator met a value it cannot work with.
        case typeMismatch = "type-mismatch"
        /// Nested too deep, or too large.
        case limit
    }
    /// What kind of error it is.
    public var kind: Kind
    /// One sentence without a full stop.
    public var message: String
    /// Where in the rule and what to do about it, where the rule itself is wrong.
    public var finding: Diagnostic?
}

/// An expression of the care dialect that is tried on data instead of a customer: every `var` reads the data, by its
/// path, untyped.
public struct DataExpression: Sendable {
    private let expression: Expression

    /// Operators whose value is what a customer's events are.
    static let operatorsOfEvents: Set<String> = ["last", "first", "count", "sum", "avg", "distinct", "open"]

    /// Checks and compiles `rule`.
    ///
    /// - Throws: ``DataLogicError``; the first finding of several.
    public init(_ rule: JSONNode) throws(DataLogicError) {
        try Self.refuseWhatNeedsMore(rule)
        var compiler = ExpressionCompiler(schema: .empty, scope: ExpressionScope(allowsEvent: false, allowsEntry: true))
        compiler.readsData = true
        guard let expression = compiler.compile(rule, expecting: .any) else {
            let finding = compiler.findings.diagnostics.first { $0.severity == .error }
            let kind: DataLogicError.Kind =
                switch finding?.code {
                case "rule.unknown-operator": .unknownOperator
                case "rule.too-deep": .limit
                case "rule.type-mismatch": .typeMismatch
                default: .badRule
                }
            throw DataLogicError(kind: kind, message: finding?.message ?? "no expression", finding: finding)
        }
        self.expression = expression
    }

    /// The value over `data` at `now`; null when missing.
    ///
    /// - Parameters:
    ///   - zone: whose local dates count.
    ///   - customer: the id that `bucket` draws by.
    /// - Throws: ``DataLogicError``.
    public func evaluate(
        _ data: JSONObject, now: Timestamp, zone: Zone, customer: String
    ) throws(DataLogicError) -> JSONValue {
        do {
            return try expression.evaluate(Self.context(data, now, zone, customer)).value.jsonValue
        } catch {
            throw DataLogicError(kind: .typeMismatch, message: error.message)
        }
    }

    /// The tree of operators with operands and results.
    public func explain(_ data: JSONObject, now: Timestamp, zone: Zone, customer: String) -> ExplanationNode {
        expression.explain(Self.context(data, now, zone, customer))
    }

    private static func context(
        _ data: JSONObject, _ now: Timestamp, _ zone: Zone, _ customer: String
    ) -> EvaluationContext {
        EvaluationContext(
            schema: .empty, cache: noFacts, customer: customer, now: now, zone: zone, entry: data)
    }

    private static let noFacts = FactCache.empty

    private static func refuseWhatNeedsMore(_ node: JSONNode) throws(DataLogicError) {
        switch node.kind {
        case .array:
            for element in node.elements { try refuseWhatNeedsMore(element) }
        case .object:
            for (key, value) in node.members {
                let name = key.string ?? ""
                let countsEvents =
                    operatorsOfEvents.contains(name)
                    || ((name == "min" || name == "max") && value.kind == .object && value["event"] != nil)
                if countsEvents {
                    let message = "'\(name)' counts a customer's events, and there are none here"
                    throw DataLogicError(
                        kind: .needsEvents, message: message,
                        finding: node.document.diagnostic(
                            at: key, code: "eval.needs-events", message: message,
                            help: "put its value into the data and read it by var"))
                }
                if name == "segment" {
                    let message = "'segment' asks what rule files declare, and there are none here"
                    throw DataLogicError(
                        kind: .needsRules, message: message,
                        finding: node.document.diagnostic(
                            at: key, code: "eval.needs-rules", message: message,
                            help: "write the segment's condition in its place"))
                }
                try refuseWhatNeedsMore(value)
            }
        default: break
        }
    }
}

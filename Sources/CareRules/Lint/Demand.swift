import CareLogic
import CareValues

/// What must hold of one term for a condition to be true.
package struct Demand {
    /// What it speaks of.
    package var term: Term
    /// The values that pass; nil: all, only not missing.
    package var domain: Domain?
    /// Whether a missing value passes too.
    package var acceptsMissing: Bool
    /// The literal as it is written, for the reader.
    package var literal: String
    /// The segment that asks it, or nil.
    package var segment: String?

    /// The demands of `{ operation: operands }`, or of its opposite; nil when it is none of this kind.
    package static func of(_ operation: String, _ operands: [JSONNode], isNegated: Bool, _ schema: Schema) -> [Demand]?
    {
        if operation == "in", operands.count == 2 {
            return membership(operands[0], operands[1], isNegated: isNegated, schema).map { [$0] }
        }
        guard let meant = isNegated ? opposite[operation] : operation else { return nil }
        if operands.count == 3, !isNegated {
            guard let lower = comparison(meant, operands[0], operands[1], schema),
                let upper = comparison(meant, operands[1], operands[2], schema)
            else { return nil }
            return [lower, upper]
        }
        guard operands.count == 2 else { return nil }
        return comparison(meant, operands[0], operands[1], schema).map { [$0] }
    }

    /// The demand that `var` of a boolean, or its opposite, makes; nil for other types.
    package static func flag(_ node: JSONNode, isNegated: Bool, _ schema: Schema) -> Demand? {
        guard node.member("var") != nil, let term = Term(node, schema), term.type == .boolean else { return nil }
        return Demand(
            term: term, domain: .flags([!isNegated]), acceptsMissing: false, literal: isNegated ? "false" : "true")
    }

    private static let opposite = [
        "<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "==", "===": "!==", "!==": "===",
    ]
    private static let mirrored = ["<": ">", "<=": ">=", ">": "<", ">=": "<="]

    private static func comparison(
        _ operation: String, _ left: JSONNode, _ right: JSONNode, _ schema: Schema
    )
        -> Demand?
    {
        let isSwapped = left.kind != .object
        let (place, literal) = isSwapped ? (right, left) : (left, right)
        guard literal.kind != .object, let term = Term(place, schema) else { return nil }
        let operation = isSwapped ? mirrored[operation] ?? operation : operation
        let isUnequal = operation == "!=" || operation == "!=="
        if literal.kind == .null {
            guard isUnequal || operation == "==" || operation == "===" else { return nil }
            return Demand(
                term: term, domain: isUnequal ? nil : .texts([]), acceptsMissing: !isUnequal, literal: "null")
        }
        guard let value = term.domain(of: literal) else { return nil }
        var demand = Demand(term: term, domain: nil, acceptsMissing: isUnequal, literal: literal.text)
        switch value {
        case .numbers(let span):
            guard let asked = Span(operation, span.low) else { return nil }
            demand.domain = .numbers(asked)
        case .flags(let flags):
            if isUnequal {
                demand.domain = .flags(Set([true, false]).subtracting(flags))
            } else {
                guard operation == "==" || operation == "===" else { return nil }
                demand.domain = value
            }
        case .texts(let texts):
            guard let domain = domain(operation, texts.first ?? "", of: term) else { return nil }
            demand.domain = domain
        }
        return demand
    }

    /// The words for which `word operation literal` holds.
    private static func domain(_ operation: String, _ word: String, of term: Term) -> Domain? {
        if operation == "==" || operation == "===" { return .texts([word]) }
        guard let words = term.words, let rank = words.firstIndex(of: word) else { return nil }
        switch operation {
        case "!=", "!==": return .texts(Set(words).subtracting([word]))
        case ">=": return .texts(Set(words[rank...]))
        case ">": return .texts(Set(words[(rank + 1)...]))
        case "<=": return .texts(Set(words[...rank]))
        case "<": return .texts(Set(words[..<rank]))
        default: return nil
        }
    }

    private static func membership(_ needle: JSONNode, _ list: JSONNode, isNegated: Bool, _ schema: Schema) -> Demand? {
        guard list.kind == .array, let term = Term(needle, schema),
            term.type.map({ $0 == .string || $0.words != nil }) ?? true
        else { return nil }
        var texts: Set<String> = []
        for element in list.elements {
            guard let text = element.string else { return nil }
            texts.insert(text)
        }
        if isNegated {
            guard let words = term.words else { return nil }
            texts = Set(words).subtracting(texts)
        }
        return Demand(term: term, domain: .texts(texts), acceptsMissing: isNegated, literal: list.text)
    }
}

extension Demand {
    /// What it and the one already known ask together.
    ///
    /// - Returns: false when no value passes both.
    mutating func join(_ other: Demand) -> Bool {
        acceptsMissing = acceptsMissing && other.acceptsMissing
        if let asked = other.domain {
            guard let known = domain else {
                domain = asked
                return isPossible
            }
            // `== null` asks for no value of whatever kind.
            if let both = known.intersection(asked) {
                domain = both
            } else if known.isEmpty || asked.isEmpty {
                domain = .texts([])
            }
        }
        return isPossible
    }

    /// Whether a value passes, or a missing one.
    var isPossible: Bool {
        if acceptsMissing, term.mayBeMissing { return true }
        guard let domain else { return true }
        guard let base = term.base, let left = base.intersection(domain) else { return !domain.isEmpty }
        return !left.isEmpty
    }

    /// Whether every value passes, and a missing one where there may be one.
    var isCertain: Bool {
        guard acceptsMissing || !term.mayBeMissing, let domain else { return domain == nil && !term.mayBeMissing }
        guard let base = term.base else { return false }
        return domain.contains(base)
    }

    /// `vip is gold or above`, `purchases is more than 5`.
    var phrase: String {
        let subject = segment ?? term.label
        guard let domain else { return "\(subject) is there" }
        switch domain {
        case .texts(let texts):
            if texts.isEmpty { return literal == "null" ? "\(subject) is missing" : "\(subject) is none of its values" }
            return "\(subject) is " + phrase(of: texts)
        case .flags(let flags): return "\(subject) is " + (flags.first.map { $0 ? "true" : "false" } ?? "neither")
        case .numbers(let span):
            if span.low == span.high { return "\(subject) is \(literal)" }
            if span.low.isFinite { return "\(subject) is " + (span.isOpenLow ? "more than " : "at least ") + literal }
            return "\(subject) is " + (span.isOpenHigh ? "less than " : "at most ") + literal
        }
    }

    private func phrase(of texts: Set<String>) -> String {
        let all = term.words ?? texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let passing = all.filter(texts.contains)
        guard let first = passing.first, let last = passing.last else { return "none of its values" }
        if passing.count == 1 { return first }
        if term.words != nil, last == all.last, passing == Array(all.suffix(passing.count)) {
            return "\(first) or above"
        }
        if term.words != nil, first == all.first, passing == Array(all.prefix(passing.count)) {
            return "\(last) or below"
        }
        return passing.dropLast().joined(separator: ", ") + " or " + last
    }
}

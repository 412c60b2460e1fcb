import CareLogic
import CareValues

/// What conditions can come out as, for whatever customer: finds those that are always or never true.
///
/// Everything it does not understand it takes as possible. So it finds slips, and never speaks of a condition that can
/// be met. Segments are looked into once each.
struct ConditionAnalysis {
    let schema: Schema
    /// The segments as they are written, by name.
    let segments: [String: JSONNode]
    private var known: [String: Outcomes] = [:]
    private var underWay: Set<String> = []

    init(schema: Schema, segments: [String: JSONNode]) {
        self.schema = schema
        self.segments = segments
    }

    /// A part of a condition that comes out the same for everybody.
    struct Constant {
        /// Where it stands.
        var place: JSONNode
        /// Whether it is always true; else it never is.
        var isTrue: Bool
        /// Why, a clause; nil where the text itself says it.
        var reason: String?
    }

    // MARK: Outcomes

    /// What `node` can come out as; the innermost constant parts are appended to `constants`.
    mutating func outcomes(_ node: JSONNode, _ constants: inout [Constant]) -> Outcomes {
        switch node.kind {
        case .null: return .missing
        case .bool: return node.bool == true ? .yes : .no
        case .number: return node.number == 0 ? .no : .yes
        case .string: return node.string?.isEmpty == true ? .no : .yes
        case .array: return node.count == 0 ? .no : .yes
        case .object: break
        }
        guard node.count == 1, let (key, value) = node.members.first(where: { _ in true }), let name = key.string
        else { return .any }
        let operands = value.kind == .array ? Array(value.elements) : [value]
        let before = constants.count
        var reason: String?
        let result: Outcomes
        switch name {
        case "and", "or":
            var parts: [Outcomes] = []
            for operand in operands { parts.append(outcomes(operand, &constants)) }
            result = joined(name, operands, parts, &reason)
        case "!":
            guard let operand = operands.first else { return .any }
            let part = outcomes(operand, &constants)
            result = [
                part.contains(.yes) ? .no : [], part.contains(.no) ? .yes : [], part.intersection(.missing),
            ]
        case "!!":
            guard let operand = operands.first else { return .any }
            let part = outcomes(operand, &constants)
            result = part == .yes ? .yes : part.contains(.yes) ? [.yes, .no] : .no
        case "if", "?:": result = branches(operands, &constants)
        case "segment":
            // What is odd about a segment is said there, once.
            guard let segment = operands.first?.string else { return .any }
            return outcomes(ofSegment: segment)
        case "var":
            guard let term = Term(node, schema) else { return .any }
            return term.mayBeMissing ? .any : [.yes, .no]
        default: result = comparison(name, operands, &reason)
        }
        if constants.count == before, !result.isEmpty, result == .yes || !result.contains(.yes) {
            constants.append(Constant(place: key, isTrue: result == .yes, reason: reason))
        }
        return result
    }

    /// A segment is true or false.
    private mutating func outcomes(ofSegment name: String) -> Outcomes {
        if let known = known[name] { return known }
        guard let node = segments[name], underWay.insert(name).inserted else { return [.yes, .no] }
        var ignored: [Constant] = []
        let inner = outcomes(node, &ignored)
        underWay.remove(name)
        var result = inner.intersection([.yes, .no])
        if inner.contains(.missing) { result.insert(.no) }
        if !canBeTrue(node) { result = .no }
        known[name] = result
        return result
    }

    private func joined(
        _ name: String, _ operands: [JSONNode], _ parts: [Outcomes], _ reason: inout String?
    )
        -> Outcomes
    {
        let (strong, weak): (Outcomes, Outcomes) = name == "and" ? (.no, .yes) : (.yes, .no)
        var result: Outcomes = []
        if parts.contains(where: { $0.contains(strong) }) { result.insert(strong) }
        if !parts.contains(strong) {
            if parts.allSatisfy({ $0.contains(weak) }) { result.insert(weak) }
            if parts.contains(where: { $0.contains(.missing) }) { result.insert(.missing) }
        }
        if name == "or", let pair = tautology(operands) {
            reason = "one of the two always holds: " + pair
            return .yes
        }
        if let literal = operands.first(where: { $0.bool == (name == "or") }) {
            reason = "one of its parts is '\(literal.text)'"
        }
        return result.isEmpty ? .any : result
    }

    private mutating func branches(_ operands: [JSONNode], _ constants: inout [Constant]) -> Outcomes {
        var result: Outcomes = []
        var position = 0
        while position + 1 < operands.count {
            let condition = outcomes(operands[position], &constants)
            let branch = outcomes(operands[position + 1], &constants)
            if condition.contains(.yes) { result.formUnion(branch) }
            if condition == .yes { return result }
            position += 2
        }
        result.formUnion(position < operands.count ? outcomes(operands[position], &constants) : .missing)
        return result
    }

    private func comparison(_ name: String, _ operands: [JSONNode], _ reason: inout String?) -> Outcomes {
        if let outcome = ofLiterals(name, operands) ?? ofEquals(name, operands) { return outcome }
        guard let demands = Demand.of(name, operands, isNegated: false, schema), let first = demands.first else {
            return name == "in" ? [.yes, .no] : .any
        }
        var joined = first
        var canHold = joined.isPossible
        for demand in demands.dropFirst() where demand.term.key == first.term.key {
            canHold = joined.join(demand) && canHold
        }
        let isCertain = demands.allSatisfy(\.isCertain)
        guard !canHold || isCertain else { return .any }
        reason = first.term.rangePhrase
        if isCertain { return .yes }
        return first.term.mayBeMissing ? [.no, .missing] : .no
    }

    /// `1 < 2`, `"a" == "b"`
    private func ofLiterals(_ name: String, _ operands: [JSONNode]) -> Outcomes? {
        if name == "in", operands.count == 2, operands[1].kind == .array, operands[1].count == 0 { return .no }
        guard operands.count == 2 else { return nil }
        if let left = operands[0].number, let right = operands[1].number {
            switch name {
            case "!=", "!==": return left != right ? .yes : .no
            default: return Span(name, right).map { Span(low: left, high: left).intersection($0).isEmpty ? .no : .yes }
            }
        }
        if let left = operands[0].string, let right = operands[1].string {
            switch name {
            case "==", "===": return left == right ? .yes : .no
            case "!=", "!==": return left != right ? .yes : .no
            default: return nil
            }
        }
        return nil
    }

    /// A value compared with itself.
    private func ofEquals(_ name: String, _ operands: [JSONNode]) -> Outcomes? {
        guard operands.count == 2, operands[0].kind == .object, operands[1].kind == .object,
            let left = Term(operands[0], schema), let right = Term(operands[1], schema), left.key == right.key
        else { return nil }
        switch name {
        case "==", "===": return .yes
        case "!=", "!==": return .no
        case "<", ">": return left.mayBeMissing ? [.no, .missing] : .no
        case "<=", ">=": return left.mayBeMissing ? nil : .yes
        default: return nil
        }
    }

    /// Two comparisons of one term joined by `or`, of which one always holds.
    private func tautology(_ operands: [JSONNode]) -> String? {
        var earlier: [(opposite: Demand, plain: Demand)] = []
        for operand in operands {
            guard operand.kind == .object, let (key, value) = operand.members.first(where: { _ in true }),
                let name = key.string, value.kind == .array,
                var opposite = Demand.of(name, Array(value.elements), isNegated: true, schema)?.first,
                let plain = Demand.of(name, Array(value.elements), isNegated: false, schema)?.first
            else { continue }
            opposite.acceptsMissing = false
            for other in earlier where other.plain.term.key == plain.term.key {
                // Of a missing value one of the two must speak.
                guard !plain.term.mayBeMissing || plain.acceptsMissing || other.plain.acceptsMissing else { continue }
                var neither = other.opposite
                if !neither.join(opposite) { return other.plain.phrase + ", " + plain.phrase }
            }
            earlier.append((opposite, plain))
        }
        return nil
    }

    // MARK: Contradictions

    /// What must hold all at once, with what no value can meet; nil: nothing found.
    func contradiction(_ nodes: [JSONNode], beside more: [Demand] = []) -> String? {
        var demands = more
        var seen: Set<String> = []
        for node in nodes { collect(node, via: nil, &seen, &demands) }
        var joined: [String: Demand] = [:]
        for (position, demand) in demands.enumerated() {
            guard var sum = joined[demand.term.key] else {
                joined[demand.term.key] = demand
                continue
            }
            let wasPossible = sum.isPossible
            if !sum.join(demand), wasPossible {
                let earlier = demands[..<position].filter { $0.term.key == demand.term.key }
                let opponent =
                    earlier.first {
                        var pair = $0
                        return !pair.join(demand)
                    } ?? earlier[0]
                return opponent.phrase + ", " + demand.phrase
            }
            joined[demand.term.key] = sum
        }
        return alternatives(nodes, joined)
    }

    /// An `or` of which no branch can hold beside what else must.
    private func alternatives(_ nodes: [JSONNode], _ asked: [String: Demand]) -> String? {
        for node in nodes {
            guard node.kind == .object, let (key, value) = node.members.first(where: { _ in true }),
                value.kind == .array
            else { continue }
            let operands = Array(value.elements)
            switch key.string {
            case "and":
                if let found = alternatives(operands, asked) { return found }
            case "or":
                var refusals: [String] = []
                for operand in operands {
                    var seen: Set<String> = []
                    var demands: [Demand] = []
                    collect(operand, via: nil, &seen, &demands)
                    let refusal = demands.lazy.compactMap { demand -> String? in
                        guard var sum = asked[demand.term.key] else { return nil }
                        let known = sum.phrase
                        return sum.join(demand) ? nil : known + ", " + demand.phrase
                    }.first
                    guard let refusal else { break }
                    refusals.append(refusal)
                }
                if !operands.isEmpty, refusals.count == operands.count { return refusals[0] }
            default: break
            }
        }
        return nil
    }

    private func canBeTrue(_ node: JSONNode) -> Bool { contradiction([node]) == nil }

    /// The demands that must all be met for `node` to be true; each segment is looked into once.
    func collect(_ node: JSONNode, via segment: String?, _ seen: inout Set<String>, _ demands: inout [Demand]) {
        guard node.kind == .object, let (key, value) = node.members.first(where: { _ in true }), let name = key.string
        else { return }
        let operands = value.kind == .array ? Array(value.elements) : [value]
        switch name {
        case "and":
            for operand in operands { collect(operand, via: segment, &seen, &demands) }
        case "segment":
            guard let name = operands.first?.string, let definition = segments[name], seen.insert(name).inserted
            else { return }
            collect(definition, via: segment ?? name, &seen, &demands)
        case "var":
            if let demand = Demand.flag(node, isNegated: false, schema) { add([demand], segment, &demands) }
        case "!":
            guard let operand = operands.first, operand.kind == .object else { return }
            if let demand = Demand.flag(operand, isNegated: true, schema) {
                add([demand], segment, &demands)
            } else if let (key, value) = operand.members.first(where: { _ in true }), let name = key.string,
                value.kind == .array,
                let found = Demand.of(name, Array(value.elements), isNegated: true, schema)
            {
                add(found, segment, &demands)
            }
        default:
            if let found = Demand.of(name, operands, isNegated: false, schema) { add(found, segment, &demands) }
        }
    }

    /// The names that must have a value for `node` to be true, whatever else it asks of them.
    func namesThatMustBeThere(_ node: JSONNode) -> Set<String> {
        var seen: Set<String> = []
        var demands: [Demand] = []
        collect(node, via: nil, &seen, &demands)
        // A flag asked for is no sign that its author thought of those who have none.
        return Set(
            demands.lazy.filter { demand in
                if case .flags? = demand.domain { return false }
                return !demand.acceptsMissing
            }.map(\.term.key))
    }

    private func add(_ found: [Demand], _ segment: String?, _ demands: inout [Demand]) {
        for var demand in found {
            demand.segment = segment
            demands.append(demand)
        }
    }
}

extension Term {
    /// What is known of its values: `purchases is 0 or more`; nil: nothing.
    var rangePhrase: String? {
        switch base {
        case .numbers(let span)? where span.low.isFinite && span.high.isFinite:
            "\(label) is from \(Int(span.low)) to \(span.isOpenHigh ? "less than " : "")\(Int(span.high))"
        case .numbers(let span)? where span.low.isFinite: "\(label) is \(Int(span.low)) or more"
        case .texts?: words.map { "\(label) is one of " + $0.joined(separator: ", ") }
        case .numbers?, .flags?, nil: nil
        }
    }
}

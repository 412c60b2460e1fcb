import CareDecisions
import CareLogic
import CareRules
import CareValues

/// What would have to be otherwise for a condition to come out the other way: the least that was found.
public struct LeastChange: Sendable {
    /// One thing that would have to be otherwise.
    public enum Change: Sendable, Hashable {
        /// An attribute: `tier gold instead of silver`. The value it has is told apart from the text, for masks.
        case attribute(name: String, needed: String, index: Int)
        /// A trait, which events of these types move.
        case trait(name: String, needed: String, index: Int, events: [String])
    }

    /// What would have to change all at once; empty: nothing was found.
    public var changes: [Change] = []
    /// When time alone brings it, and the events that must not come before; nil: time alone does not.
    public var byTime: (at: Timestamp, unless: [String])?

    /// Further into the future nothing is looked for.
    static let horizonDays: Int64 = 2 * 366
    /// So many turns of a condition are followed.
    static let maximumTurns = 400

    /// What would make `condition` come out as `wanted` for a customer.
    ///
    /// - Parameter context: the customer as of now, with the entry's values.
    public init(_ condition: Expression, wanted: Bool, _ context: EvaluationContext) {
        let bytes = CanonicalJSON.bytes(condition.source)
        guard let document = try? JSONDocument(file: "", bytes: bytes) else { return }
        let search = Search(context: context)
        if let found = search.repair(document.root, wanted: wanted, depth: 0),
            search.brings(found, condition, wanted)
        {
            changes = Self.joined(found)
        }
        byTime = Self.turn(condition, wanted: wanted, context)
    }

    /// The first instant at which time alone makes the condition come out as wanted.
    private static func turn(
        _ condition: Expression, wanted: Bool, _ context: EvaluationContext
    )
        -> (at: Timestamp, unless: [String])?
    {
        let horizon = context.now.advanced(byMilliseconds: horizonDays * 86_400_000)
        var at = context.now
        for _ in 0..<maximumTurns {
            let then = EvaluationContext(
                schema: context.schema, cache: context.cache, customer: context.customer, now: at, zone: context.zone,
                entry: context.entry)
            guard let (isTrue, validUntil) = try? condition.isTrue(then) else { return nil }
            if isTrue == wanted {
                return at == context.now ? nil : (at, context.schema.eventTypes(readBy: condition))
            }
            guard validUntil < horizon, validUntil > at else { return nil }
            at = validUntil
        }
        return nil
    }

    /// Several demands on one attribute are one change: the last, which is the narrowest, is told.
    private static func joined(_ found: [Found]) -> [Change] {
        var changes: [Change] = []
        var names: Set<String> = []
        for one in found.reversed() where names.insert(one.name).inserted { changes.insert(one.change, at: 0) }
        return changes
    }
}

/// A change, and a value that would bring it.
private struct Found {
    var name: String
    var change: LeastChange.Change
    /// A value that meets the demand; nil: none can be tried.
    var example: JSONValue?
}

/// Walks a condition for the least number of things that would have to be otherwise.
private struct Search {
    let context: EvaluationContext

    func repair(_ node: JSONNode, wanted: Bool, depth: Int) -> [Found]? {
        guard depth < LogicLimits.segmentDepth + LogicLimits.expressionDepth else { return nil }
        guard node.kind == .object, let (key, value) = node.members.first(where: { _ in true }), let name = key.string
        else { return isTrue(node) == wanted ? [] : nil }
        if isTrue(node) == wanted { return [] }
        let operands = value.kind == .array ? Array(value.elements) : [value]
        switch name {
        case "and", "or":
            let parts = operands.map { repair($0, wanted: wanted, depth: depth + 1) }
            guard (name == "and") == wanted else {
                return parts.compactMap { $0 }.min { $0.count < $1.count }
            }
            guard parts.allSatisfy({ $0 != nil }) else { return nil }
            return parts.flatMap { $0 ?? [] }
        case "!":
            return operands.first.flatMap { repair($0, wanted: !wanted, depth: depth + 1) }
        case "segment":
            guard let name = operands.first?.string, let index = context.schema.segmentIndex(name),
                let document = try? JSONDocument(
                    file: "", bytes: CanonicalJSON.bytes(context.schema.segments[index].condition.source))
            else { return nil }
            return repair(document.root, wanted: wanted, depth: depth + 1)
        default:
            let demands =
                Demand.flag(node, isNegated: !wanted, context.schema).map { [$0] }
                ?? Demand.of(name, operands, isNegated: !wanted, context.schema)
            return demands.flatMap { found($0) }
        }
    }

    private func found(_ demands: [Demand]) -> [Found]? {
        var result: [Found] = []
        for demand in demands {
            let name = demand.term.key
            let (needed, example) = need(demand)
            if let index = context.schema.attributeIndex(name) {
                result.append(
                    Found(
                        name: name, change: .attribute(name: name, needed: needed, index: index), example: example))
            } else if let index = context.schema.traitIndex(name) {
                let events = context.schema.inputs(ofTrait: index).eventTypes.sorted()
                result.append(
                    Found(
                        name: name, change: .trait(name: name, needed: needed, index: index, events: events),
                        example: nil))
            } else {
                return nil
            }
        }
        return result
    }

    /// What a demand asks for in words, and a value that meets it: of words the one nearest to what is there.
    private func need(_ demand: Demand) -> (String, JSONValue?) {
        guard let domain = demand.domain else { return ("any value", nil) }
        switch domain {
        case .texts(let texts):
            let all = demand.term.words ?? texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            let now = context.schema.attributeIndex(demand.term.key).flatMap {
                context.cache.attribute($0, schema: context.schema).text
            }
            let rank = now.flatMap { all.firstIndex(of: $0) } ?? 0
            let passing = all.indices.filter { texts.contains(all[$0]) }
            guard let nearest = passing.min(by: { abs($0 - rank) < abs($1 - rank) }) else { return ("no value", .null) }
            return (all[nearest], .string(all[nearest]))
        case .flags(let flags):
            let flag = flags.contains(true)
            return (flag ? "true" : "false", .bool(flag))
        case .numbers(let span):
            let isNumber = demand.term.type == .number
            func tried(_ number: Double) -> JSONValue? { isNumber ? .number(number) : nil }
            if span.low == span.high { return (demand.literal, tried(span.low)) }
            if span.low.isFinite {
                return (
                    (span.isOpenLow ? "more than " : "at least ") + demand.literal,
                    tried(span.isOpenLow ? span.low + 1 : span.low)
                )
            }
            return (
                (span.isOpenHigh ? "less than " : "at most ") + demand.literal,
                tried(span.isOpenHigh ? span.high - 1 : span.high)
            )
        }
    }

    /// Whether the changes bring what is wanted, as far as they can be tried: those of attributes can.
    func brings(_ found: [Found], _ condition: Expression, _ wanted: Bool) -> Bool {
        var values: [(name: String, value: JSONValue)] = []
        for one in found {
            guard case .attribute = one.change, let example = one.example else { return !found.isEmpty }
            if values.contains(where: { $0.name == one.name }) { return true }
            values.append((one.name, example))
        }
        guard !values.isEmpty else { return false }
        var cache = context.cache
        let latest = Timestamp(milliseconds: max(context.now.milliseconds, 0) + 1)
        _ = cache.apply(
            AttributeFact(
                values: JSONObject(uniqueMembers: values), time: latest, receivedAt: latest, hasOwnTime: false),
            schema: context.schema)
        let then = EvaluationContext(
            schema: context.schema, cache: cache, customer: context.customer, now: context.now, zone: context.zone,
            entry: context.entry)
        return (try? condition.isTrue(then).isTrue) == wanted
    }

    private func isTrue(_ node: JSONNode) -> Bool {
        var ignored: [Diagnostic] = []
        let scope = ExpressionScope(allowsEvent: false, allowsEntry: context.entry != nil)
        let expression = context.schema.compile(
            node, in: node.document, scope: scope, expecting: .any, diagnostics: &ignored)
        return (try? expression?.isTrue(context).isTrue) ?? false
    }
}

extension Schema {
    /// The types of events that move what a condition reads, through traits and segments, sorted.
    func eventTypes(readBy condition: Expression) -> [String] {
        var types: Set<String> = []
        var seen: Set<Int> = []
        var open = [condition]
        while let next = open.popLast() {
            for trait in next.uses.traits { types.formUnion(inputs(ofTrait: trait).eventTypes) }
            for segment in next.uses.segments where seen.insert(segment).inserted {
                open.append(segments[segment].condition)
            }
        }
        return types.sorted()
    }
}

import CareLogic
import CareValues

extension CampaignReader {
    /// A condition that no customer can meet, because it asks two things of one ordinal or enum that no value has.
    ///
    /// Looks at what is joined by `and`, through segments; everything else is taken as possible. So it finds slips,
    /// and never speaks of a condition that can be met.
    mutating func warnAboutNeverFiring(_ condition: JSONNode, _ subject: String) {
        guard let schema else { return }
        var demands: [Demand] = []
        var seen: Set<String> = []
        collectDemands(condition, via: nil, schema, &seen, &demands)
        for (position, demand) in demands.enumerated() {
            let earlier = demands[..<position].filter { $0.name == demand.name }
            guard let opponent = earlier.first(where: { $0.words.isDisjoint(with: demand.words) }),
                let place = condition.members.first(where: { _ in true })?.key
            else { continue }
            findings.warning(
                "rule.never-fires", at: place, "\(subject) can never fire",
                help: "never both: " + opponent.phrase(in: schema) + ", " + demand.phrase(in: schema))
            return
        }
    }

    /// The demands that must all be met for `node` to be true; each segment is looked into once.
    private func collectDemands(
        _ node: JSONNode, via segment: String?, _ schema: Schema, _ seen: inout Set<String>, _ demands: inout [Demand]
    ) {
        guard node.kind == .object, let (key, value) = node.members.first(where: { _ in true }) else { return }
        let operands = value.kind == .array ? Array(value.elements) : [value]
        switch key.string {
        case "and":
            for operand in operands { collectDemands(operand, via: segment, schema, &seen, &demands) }
        case "segment":
            guard let name = operands.first?.string, let definition = segments[name], seen.insert(name).inserted
            else { return }
            collectDemands(definition, via: segment ?? name, schema, &seen, &demands)
        default:
            if let demand = Demand(key.string ?? "", operands, via: segment, schema) { demands.append(demand) }
        }
    }
}

/// What a comparison asks of an attribute that has a closed set of words.
struct Demand {
    /// The attribute.
    var name: String
    /// The words that pass.
    var words: Set<String>
    /// The segment that asks it, or nil.
    var segment: String?

    /// The demand of `{ operation: operands }`, or nil when it is none of this kind.
    init?(_ operation: String, _ operands: [JSONNode], via segment: String?, _ schema: Schema) {
        guard operands.count == 2 else { return nil }
        let isSwapped = operands[0].member("var") == nil
        let (place, literal) = isSwapped ? (operands[1], operands[0]) : (operands[0], operands[1])
        guard let name = place.member("var")?.string, let index = schema.attributeIndex(name),
            let words = schema.attributes[index].type.words
        else { return nil }
        self.name = name
        self.segment = segment
        if operation == "in" {
            guard !isSwapped, literal.kind == .array else { return nil }
            self.words = Set(words).intersection(literal.elements.compactMap(\.string))
            return
        }
        guard let word = literal.string, let rank = words.firstIndex(of: word) else { return nil }
        switch (operation, isSwapped) {
        case ("==", _), ("===", _): self.words = [word]
        case (">=", false), ("<=", true): self.words = Set(words[rank...])
        case (">", false), ("<", true): self.words = Set(words[(rank + 1)...])
        case ("<=", false), (">=", true): self.words = Set(words[...rank])
        case ("<", false), (">", true): self.words = Set(words[..<rank])
        default: return nil
        }
    }

    /// `vip is gold or above`, `tier is bronze`.
    func phrase(in schema: Schema) -> String {
        let all = schema.attributeIndex(name).flatMap { schema.attributes[$0].type.words } ?? []
        let passing = all.filter(words.contains)
        let subject = segment ?? name
        guard let first = passing.first, let last = passing.last else { return "\(subject) is none of its values" }
        if passing.count == 1 { return "\(subject) is \(first)" }
        if last == all.last, passing == Array(all.suffix(passing.count)) { return "\(subject) is \(first) or above" }
        if first == all.first, passing == Array(all.prefix(passing.count)) { return "\(subject) is \(last) or below" }
        return "\(subject) is " + passing.dropLast().joined(separator: ", ") + " or " + last
    }
}

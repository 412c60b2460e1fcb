import CareLogic
import CareValues

extension CampaignReader {
    /// A campaign on events, of several steps, that does not say whether a customer may enter while under way.
    mutating func warnAboutEntries(
        _ trigger: ReadTrigger, _ members: [String: JSONNode], _ key: JSONNode, steps: Int
    ) {
        guard let types = trigger.entry.eventTypes, steps > 1, members["reentry"] == nil, members["entryKey"] == nil,
            !firesOnce(members["trigger"]?.member("where"), types)
        else { return }
        findings.warning(
            "rule.reentry-not-said", at: key,
            "campaign '\(key.string ?? "")' has several steps and starts anew at every event",
            help: "say \"reentry\": \"afterExit\", or \"always\" if that is meant; 'entryKey' counts per value")
    }

    /// Whether `where` asks for one value of a count that every such event moves on: the first purchase comes once.
    private func firesOnce(_ place: JSONNode?, _ types: [String]) -> Bool {
        guard let place, let schema, let analysis else { return false }
        var seen: Set<String> = []
        var demands: [Demand] = []
        analysis.collect(place, via: nil, &seen, &demands)
        return demands.contains { demand in
            guard case .numbers(let span)? = demand.domain, span.low == span.high,
                let index = schema.traitIndex(demand.term.key),
                case .aggregate(.count, let selection) = schema.traits[index].definition
            else { return false }
            return selection.window == nil && selection.filter == nil && Set(types).isSubset(of: selection.types)
        }
    }

    /// An event type that is declared nowhere and one slip away from one that is.
    mutating func warnAboutEventType(_ type: String, at node: JSONNode) {
        guard let schema, schema.events[type] == nil else { return }
        let near = schema.events.keys.sorted().filter { isOneSlipAway(type, $0) }
        guard let meant = near.first else { return }
        findings.warning(
            "rule.undeclared-event", at: node, "no event type '\(type)' is declared", help: "did you mean '\(meant)'?")
    }

    /// `!=` and `!` over an attribute or a trait that may be missing: people forget those customers.
    ///
    /// - Parameter present: names that cannot be missing where the condition is asked.
    mutating func warnAboutMissing(in node: JSONNode, present: Set<String> = []) {
        guard let analysis else { return }
        switch node.kind {
        case .array:
            for element in node.elements { warnAboutMissing(in: element, present: present) }
        case .object:
            for (key, value) in node.members {
                let operands = value.kind == .array ? Array(value.elements) : [value]
                var present = present
                switch key.string {
                case "and": present.formUnion(analysis.namesThatMustBeThere(node))
                case "!=", "!==":
                    // Comparing with null asks about missing values: the author has thought of them.
                    guard !operands.contains(where: { $0.kind == .null }) else { break }
                    for operand in operands {
                        guard let (name, place) = mayBeMissing(operand, present) else { continue }
                        findings.warning(
                            "rule.missing-value", at: place, "'\(name)' may be missing, and '!=' is then true",
                            help: "give it a 'default', or add { \"!=\": [{ \"var\": \"\(name)\" }, null] }")
                    }
                case "!":
                    guard let operand = operands.first, let (name, place) = mayBeMissing(operand, present) else {
                        break
                    }
                    // What is no flag cannot be compared with false.
                    let other = isFlag(name) ? "compare: " : "ask for it: "
                    let value = isFlag(name) ? "false" : "null"
                    findings.warning(
                        "rule.missing-value", at: place, "'\(name)' may be missing, and '!' of it never matches then",
                        help: "give it a 'default', or \(other){ \"==\": [{ \"var\": \"\(name)\" }, \(value)] }")
                default: break
                }
                warnAboutMissing(in: value, present: present)
            }
        case .null, .bool, .number, .string: break
        }
    }

    /// The attributes and traits without which the trigger would not have fired.
    func namesThatTriggerNeeds(_ trigger: JSONNode?) -> Set<String> {
        guard let trigger, trigger.kind == .object else { return [] }
        var names: Set<String> = []
        for (key, value) in trigger.members where key.string != "where" && value.kind == .object {
            if key.string != "inactivity", let name = value.member("of")?.string { names.insert(name) }
            if let name = value.member("region")?.member("var")?.string { names.insert(name) }
        }
        return names
    }

    /// Whether a name is that of an attribute which is true or false.
    private func isFlag(_ name: String) -> Bool {
        guard let schema, let index = schema.attributeIndex(name) else { return false }
        return schema.attributes[index].type == .boolean
    }

    /// The name that `{ "var": name }` reads and its place, when a customer may lack the value.
    private func mayBeMissing(_ node: JSONNode, _ present: Set<String>) -> (String, JSONNode)? {
        guard let schema, let place = node.member("var"), let name = place.string, !present.contains(name)
        else { return nil }
        if let index = schema.attributeIndex(name) {
            return schema.attributes[index].defaultValue == nil ? (name, place) : nil
        }
        guard let index = schema.traitIndex(name) else { return nil }
        return schema.mayBeMissing(trait: index) ? (name, place) : nil
    }
}

/// Whether one insertion, deletion, replacement or swap of neighbours turns one word into the other.
func isOneSlipAway(_ left: String, _ right: String) -> Bool {
    let a = Array(left.unicodeScalars)
    let b = Array(right.unicodeScalars)
    guard abs(a.count - b.count) <= 1, a != b else { return false }
    var start = 0
    while start < min(a.count, b.count), a[start] == b[start] { start += 1 }
    var end = 0
    while end < min(a.count, b.count) - start, a[a.count - 1 - end] == b[b.count - 1 - end] { end += 1 }
    let restA = a[start..<(a.count - end)]
    let restB = b[start..<(b.count - end)]
    if restA.count <= 1, restB.count <= 1 { return true }
    return restA.count == 2 && restB.count == 2 && Array(restA.reversed()) == Array(restB)
}

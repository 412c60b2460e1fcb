import CareValues

/// Makes a failing pair smaller as long as it fails.
enum Shrinker {
    static func shrink(
        _ rule: RuleWorld.Rule, _ customer: RuleWorld.Customer, limit: Int = 3_000,
        fails: (RuleWorld.Rule, RuleWorld.Customer) throws -> Bool
    ) rethrows -> (RuleWorld.Rule, RuleWorld.Customer) {
        var rule = rule
        var customer = customer
        var tries = 0
        var hasShrunk = true
        while hasShrunk, tries < limit {
            hasShrunk = false
            for smaller in candidates(rule.json) {
                tries += 1
                var other = rule
                other.json = smaller
                guard try fails(other, customer) else { continue }
                rule = other
                hasShrunk = true
                break
            }
            for other in candidates(customer) {
                tries += 1
                guard try fails(rule, other) else { continue }
                customer = other
                hasShrunk = true
                break
            }
        }
        return (rule, customer)
    }

    /// The parts of a value, and the value with one part made smaller.
    static func candidates(_ json: JSONValue) -> [JSONValue] {
        switch json {
        case .null: return []
        case .bool, .number: return [.null]
        case .string(let text): return text.isEmpty ? [] : ["", .null]
        case .array(let elements):
            var all: [JSONValue] = elements
            for index in elements.indices {
                var fewer = elements
                fewer.remove(at: index)
                all.append(.array(fewer))
            }
            for (index, element) in elements.enumerated() {
                for smaller in candidates(element) {
                    var changed = elements
                    changed[index] = smaller
                    all.append(.array(changed))
                }
            }
            return all
        case .object(let object):
            var all: [JSONValue] = []
            for member in object.members {
                if case .array(let operands) = member.value { all += operands } else { all.append(member.value) }
                for smaller in candidates(member.value) {
                    var changed = object
                    changed[member.name] = smaller
                    all.append(.object(changed))
                }
            }
            return all
        }
    }

    private static func candidates(_ customer: RuleWorld.Customer) -> [RuleWorld.Customer] {
        var all: [RuleWorld.Customer] = []
        for member in customer.attributes.members {
            var other = customer
            other.attributes[member.name] = nil
            all.append(other)
        }
        for index in customer.events.indices {
            var other = customer
            other.events.remove(at: index)
            other.hasEvent = other.hasEvent && !other.events.isEmpty
            all.append(other)
        }
        for index in customer.events.indices {
            for member in customer.events[index].properties.members {
                var other = customer
                other.events[index].properties[member.name] = nil
                all.append(other)
            }
        }
        if let entry = customer.entry {
            for smaller in candidates(.object(entry)) {
                guard case .object(let object) = smaller else { continue }
                var other = customer
                other.entry = object
                all.append(other)
            }
        }
        return all
    }
}

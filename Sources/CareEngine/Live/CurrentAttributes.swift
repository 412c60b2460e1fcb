import CareLogic
import CareStore
import CareValues

/// A customer's attributes as they are: of each the value of the newest fact that names it, declared or not.
public struct CurrentAttributes: Sendable {
    private struct Value {
        var time: Timestamp
        var receivedAt: Timestamp
        var value: JSONValue
    }

    private var newest: [String: Value] = [:]
    /// When the last fact came that is known here.
    private var lastReceivedAt = Timestamp.distantPast

    /// What `facts` say; of two of one time the one received later counts.
    public init(of facts: [Fact]) {
        for fact in facts.compactMap({ FactBase($0) }).flatMap(\.attributeFacts) { apply(fact) }
        for fact in facts {
            lastReceivedAt = max(lastReceivedAt, fact.receivedAt)
            if case .attributes(let attributes) = fact { apply(attributes) }
        }
    }

    /// The values there are, by name; one that was taken away is not among them.
    public var values: JSONObject {
        JSONObject(
            uniqueMembers: newest.filter { $0.value.value != .null }.sorted { $0.key < $1.key }
                .map { (name: $0.key, value: $0.value.value) })
    }

    /// Changes whenever the attributes do, and only then: 16 hex digits.
    public var tag: String {
        let hex = String(XXH64.hash(CanonicalJSON.bytes(.object(values))), radix: 16)
        return String(repeating: "0", count: 16 - hex.count) + hex
    }

    /// The values of `setting` that are not so already, those taken away by replacing included.
    func missing(from setting: AttributeSetting) -> JSONObject {
        var missing = setting.values.members.filter { (newest[$0.name]?.value ?? .null) != $0.value }
        if setting.replacesAll {
            for (name, _) in values.members where setting.values[name] == nil { missing.append((name, .null)) }
        }
        return JSONObject(uniqueMembers: missing)
    }

    /// Takes over what is said after all that is known here, at `now` or later: without a time of its own it is newer
    /// than what came before, as it is once it is stored.
    mutating func take(_ fact: AttributeFact, at now: Timestamp) {
        let at = max(now, lastReceivedAt.advanced(byMilliseconds: 1))
        var fact = fact
        fact.receivedAt = at
        if !fact.hasOwnTime { fact.time = at }
        lastReceivedAt = at
        apply(fact)
    }

    private mutating func apply(_ fact: AttributeFact) {
        for (name, value) in fact.values.members {
            if let known = newest[name], (known.time, known.receivedAt) > (fact.time, fact.receivedAt) { continue }
            newest[name] = Value(time: fact.time, receivedAt: fact.receivedAt, value: value)
        }
    }
}

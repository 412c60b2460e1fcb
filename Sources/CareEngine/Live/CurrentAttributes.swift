import CareLogic
import CareStore
import CareValues

/// A customer's attributes as they are: of each the value of the newest fact that names it, declared or not.
public struct CurrentAttributes: Sendable, Hashable {
    /// The values there are, by name; one that was taken away is not among them.
    public var values: JSONObject

    /// What `facts` say; of two of one time the one received later counts.
    public init(of facts: [Fact]) {
        var newest: [String: (time: Timestamp, receivedAt: Timestamp, value: JSONValue)] = [:]
        let folded = facts.compactMap { FactBase($0) }.flatMap(\.attributeFacts)
        let all = facts.compactMap { if case .attributes(let fact) = $0 { fact } else { nil } }
        for fact in folded + all {
            for (name, value) in fact.values.members {
                if let known = newest[name], (known.time, known.receivedAt) > (fact.time, fact.receivedAt) { continue }
                newest[name] = (fact.time, fact.receivedAt, value)
            }
        }
        values = JSONObject(
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
        var missing = setting.values.members.filter { (values[$0.name] ?? .null) != $0.value }
        if setting.replacesAll {
            for (name, _) in values.members where setting.values[name] == nil { missing.append((name, .null)) }
        }
        return JSONObject(uniqueMembers: missing)
    }
}

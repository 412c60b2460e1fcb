import CareValues

/// Where two rule sets differ, as paths with both texts: `vip-monthly-offer: holdout 0.1 → 0.05`.
public struct ChangedPlace: Sendable, Hashable {
    /// The part of the file: `campaigns`, `segments`.
    public var part: String
    /// The name in it, `vip-monthly-offer`; empty: the part has none.
    public var name: String
    /// The path inside, joined by points; empty: all of it.
    public var path: String
    /// What was there; nil: nothing.
    public var old: JSONValue?
    /// What is there; nil: nothing.
    public var new: JSONValue?

    /// The differing places of two canonical texts of rules, by part, name and path.
    public static func between(_ old: String, _ new: String) -> [ChangedPlace] {
        guard let old = JSONValue(storedText: old), let new = JSONValue(storedText: new) else { return [] }
        var found: [ChangedPlace] = []
        compare(old, new, [], &found)
        return found
    }

    /// Arrays and what stands under `condition` and its like are compared whole; objects member by member, six deep.
    private static func compare(_ old: JSONValue?, _ new: JSONValue?, _ path: [String], _ found: inout [ChangedPlace]) {
        if old == new { return }
        let isWhole = ["condition", "where", "value", "when", "data", "lifecycle"].contains(path.last ?? "")
        if path.count < 6, !isWhole || path.count < 3, case .object(let left)? = old, case .object(let right)? = new {
            for name in Set(left.members.map(\.name) + right.members.map(\.name)).sorted() {
                compare(left[name], right[name], path + [name], &found)
            }
            return
        }
        found.append(
            ChangedPlace(
                part: path.first ?? "", name: path.dropFirst().first ?? "",
                path: path.dropFirst(2).joined(separator: "."), old: old, new: new))
    }

    /// `holdout 0.1 → 0.05`, cut to `width` code points a side.
    public func text(width: Int = 40) -> String {
        func short(_ value: JSONValue?) -> String {
            guard let value else { return "-" }
            let text = value.canonicalText
            return text.count <= width ? text : String(text.prefix(width - 1)) + "…"
        }
        let place = path.isEmpty ? "" : path + " "
        switch (old, new) {
        case (nil, _) where path.isEmpty: return "new"
        case (_, nil) where path.isEmpty: return "removed"
        default: return "\(place)\(short(old)) → \(short(new))"
        }
    }
}

/// Which template files include which, all of one kind and as one language reads them.
struct TemplateInclusions {
    /// How often one template may include others, those within the others counted too: each is filled anew.
    static let most = 1_000

    /// For each file those that it includes, as often as it does.
    var includes: [TemplateFileName: [TemplateFileName]] = [:]
    /// How often each includes others, in all, at most one more than ``most``; those that never end are not among it.
    private(set) var counts: [TemplateFileName: Int] = [:]

    /// Counts, from those that include nothing upwards: what is left over leads round and round.
    mutating func count() {
        var open = includes.mapValues { Set($0).count }
        var includers: [TemplateFileName: [TemplateFileName]] = [:]
        for (name, included) in includes {
            for one in Set(included) { includers[one, default: []].append(name) }
        }
        var ready = open.filter { $0.value == 0 }.map(\.key)
        while let name = ready.popLast() {
            var count = 0
            for one in includes[name] ?? [] { count = min(count + 1 + (counts[one] ?? 0), Self.most + 1) }
            counts[name] = count
            for includer in includers[name] ?? [] {
                guard let left = open[includer] else { continue }
                open[includer] = left - 1
                if left == 1 { ready.append(includer) }
            }
        }
    }

    /// These and all that they lead to.
    func reachable(from names: some Sequence<TemplateFileName>) -> Set<TemplateFileName> {
        var seen = Set(names)
        var rest = Array(seen)
        while let name = rest.popLast() {
            for next in includes[name] ?? [] where seen.insert(next).inserted { rest.append(next) }
        }
        return seen
    }

    /// Whether `name` includes `other`, however many are between them, or is the same.
    func leads(from name: TemplateFileName, to other: TemplateFileName) -> Bool {
        counts[name] == nil && reachable(from: [name]).contains(other)
    }
}

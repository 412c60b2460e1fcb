import CareValues

/// Collects declarations from rule files and checks them whole: every finding, not only the first.
public struct SchemaBuilder {
    /// A named definition: its name's and its value's place.
    public typealias Member = (key: JSONNode, value: JSONNode)

    var attributes: [Member] = []
    var events: [Member] = []
    var traits: [Member] = []
    var segments: [Member] = []
    var hidden: [TraitDeclaration] = []
    /// Where else aggregates may stand inline.
    var conditions: [JSONNode] = []

    /// Nothing declared yet.
    public init() {}

    /// Takes in the members of these sections. Names are unique per section (attributes and traits share one room);
    /// the caller sees to that, of two the first is taken.
    public mutating func add(attributes: [Member], events: [Member], traits: [Member], segments: [Member]) {
        self.attributes += attributes
        self.events += events
        self.traits += traits
        self.segments += segments
    }

    /// Notes places below which conditions stand, campaigns and policies: the aggregates inline in them become traits
    /// that no rule file names, as those inline in segments and traits do.
    public mutating func addConditions(in nodes: [JSONNode]) {
        conditions += nodes
    }

    /// Adds a trait that no rule file names: the instant of the newest event of one of `types`.
    ///
    /// - Returns: its index in the schema; the same for the same types.
    public mutating func addHiddenLast(types: [String]) -> Int {
        let sorted = Set(types).sorted(by: textPrecedes)
        let name = "last " + CanonicalJSON.array(of: sorted)
        if let known = hidden.firstIndex(where: { $0.name == name }) { return known }
        let selection = EventSelection(types: sorted, property: nil, propertyType: nil, filter: nil, window: nil)
        hidden.append(TraitDeclaration(name: name, definition: .aggregate(.last, selection), isHidden: true))
        return hidden.count - 1
    }

    /// The schema of all that was added; what is wrong is in `diagnostics`, and left out of the schema.
    ///
    /// With an error among them the schema serves only to check the rest of the rules.
    public func build(diagnostics: inout [Diagnostic]) -> Schema? {
        var reader = DeclarationReader()
        for member in sortedByName(attributes) { reader.readAttribute(member) }
        for member in sortedByName(events) { reader.readEvent(member) }
        for member in sortedByName(traits) { reader.readTrait(member) }
        let hidden = reader.withInline(hidden, in: segments.map(\.value) + traits.map(\.value) + conditions)
        // A trait of several parts has brought several names.
        reader.traits.sort { textPrecedes($0.name, $1.name) }

        let orderedSegments = sortedByName(segments)
        var indexes: [String: Int] = [:]
        for (index, member) in orderedSegments.enumerated() { indexes[member.key.string ?? ""] = index }
        var graph = DependencyGraph()
        let bare = Schema(
            attributes: reader.attributes, traits: hidden + reader.traits, segments: [], events: reader.events,
            brokenNames: reader.broken)
        let whole = reader.compilePending(over: bare, segmentIndexes: indexes, graph: &graph)
        let typed =
            reader.pending.isEmpty
            ? bare
            : Schema(
                attributes: reader.attributes, traits: whole, segments: [], events: reader.events,
                brokenNames: reader.broken)
        let compiled = reader.compileSegments(orderedSegments, over: typed, indexes: indexes, graph: &graph)
        graph.refuseCircles(&reader.findings)
        diagnostics += reader.findings.diagnostics
        return Schema(
            attributes: reader.attributes, traits: whole, segments: compiled, events: reader.events,
            brokenNames: reader.broken)
    }

    private func sortedByName(_ members: [Member]) -> [Member] {
        var seen: Set<String> = []
        return members.filter { seen.insert($0.key.string ?? "").inserted }
            .sorted { textPrecedes($0.key.string ?? "", $1.key.string ?? "") }
    }
}

/// Words that `var` reads otherwise.
let reservedNames: Set<String> = ["event", "entry", "customer", "now"]

extension RuleFindings {
    /// Whether a name can be read by `var`.
    mutating func isGoodName(_ key: JSONNode, _ what: String) -> Bool {
        let name = key.string ?? ""
        if name.isEmpty {
            error("rule.bad-name", at: key, "\(what) needs a name")
        } else if name.contains(".") {
            error("rule.bad-name", at: key, "the name '\(name)' has a dot; dots separate the parts of a path")
        } else if reservedNames.contains(name) {
            error("rule.bad-name", at: key, "the name '\(name)' is reserved")
        } else {
            return true
        }
        return false
    }
}

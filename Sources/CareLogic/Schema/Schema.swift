import CareValues

/// All that rule files declare about customers: attributes, events, traits, segments, each with an index.
///
/// Attributes, declared traits and segments are in ascending order of their names (Unicode scalars), so that the same
/// declarations give the same indexes whatever file they stand in; hidden traits come before the declared ones.
public final class Schema: Sendable {
    /// The attributes by index.
    public let attributes: [AttributeDeclaration]
    /// The traits by index, hidden ones first.
    public let traits: [TraitDeclaration]
    /// The segments by index.
    public let segments: [SegmentDeclaration]
    /// The declared events by type.
    public let events: [String: EventDeclaration]
    /// The attribute of type `zone`, if one is declared.
    public let zoneAttribute: Int?
    /// The attribute of type `language`, if one is declared.
    public let languageAttribute: Int?
    /// Changes whenever the definition of an attribute or trait changes: a ``FactCache`` of another layout is rebuilt
    /// from the facts.
    public let layoutHash: UInt64

    /// Attributes and traits whose declaration has an error: nothing more is said about them.
    let brokenNames: Set<String>
    let plan: FactPlan
    /// The cut points that quantile scores are read by; nil: none were computed.
    public let cutPoints: CutPointSet?
    /// The cut points of each RFM trait by index: fixed ones, or those of ``cutPoints`` if they fit the definition.
    let cuts: [Int: RFMCutPoints]
    private let hiddenIndexes: [String: Int]
    private let attributeIndexes: [String: Int]
    private let traitIndexes: [String: Int]
    private let segmentIndexes: [String: Int]

    /// Nothing declared.
    public static let empty = Schema(attributes: [], traits: [], segments: [], events: [:])

    init(
        attributes: [AttributeDeclaration], traits: [TraitDeclaration], segments: [SegmentDeclaration],
        events: [String: EventDeclaration], brokenNames: Set<String> = [], cutPoints: CutPointSet? = nil
    ) {
        self.brokenNames = brokenNames
        self.cutPoints = cutPoints
        cuts = Schema.cuts(traits, cutPoints)
        hiddenIndexes = Schema.indexes(
            traits.map { $0.isHidden ? InlineTraits.content($0.definition) : "" })
        self.attributes = attributes
        self.traits = traits
        self.segments = segments
        self.events = events
        zoneAttribute = attributes.firstIndex { $0.type == .zone }
        languageAttribute = attributes.firstIndex { $0.type == .language }
        attributeIndexes = Schema.indexes(attributes.map(\.name))
        traitIndexes = Schema.indexes(traits.map { $0.isHidden ? "" : $0.name })
        segmentIndexes = Schema.indexes(segments.map(\.name))
        plan = FactPlan(traits: traits)
        layoutHash = Schema.layoutHash(attributes: attributes, traits: traits)
    }

    /// The index of a declared attribute, or nil.
    public func attributeIndex(_ name: String) -> Int? { attributeIndexes[name] }

    /// The index of a declared trait, or nil.
    public func traitIndex(_ name: String) -> Int? { traitIndexes[name] }

    /// The index of the hidden trait of that content; see ``InlineTraits/content(_:)``.
    func hiddenIndex(_ content: String) -> Int? { hiddenIndexes[content] }

    /// The index of a segment, or nil.
    public func segmentIndex(_ name: String) -> Int? { segmentIndexes[name] }

    /// Whether an attribute or trait of that name is declared, but wrongly: nothing more needs to be said about it.
    public func isBroken(_ name: String) -> Bool { brokenNames.contains(name) }

    /// Whether an event of this type changes a trait.
    public func isRead(eventType: String) -> Bool { plan.sourcesByType[eventType] != nil }

    private static func indexes(_ names: [String]) -> [String: Int] {
        var result: [String: Int] = [:]
        for (index, name) in names.enumerated() where !name.isEmpty { result[name] = index }
        return result
    }

    private static func layoutHash(attributes: [AttributeDeclaration], traits: [TraitDeclaration]) -> UInt64 {
        let attributeValues = attributes.map { attribute -> JSONValue in
            .array([
                .string(attribute.name), .string(attribute.type.name),
                .array((attribute.type.words ?? []).map(JSONValue.string)),
            ])
        }
        // What is computed from other traits has no place, and how a score is cut leaves no trace in its measures.
        let traitValues = traits.compactMap { trait -> JSONValue? in
            switch trait.definition {
            case .aggregate, .open: definitionValue(trait.definition)
            case .rfm(let definition, .code): definition.measureValue
            case .rfm, .value, .lifecycle: nil
            }
        }
        // The first element is the version of the layout itself.
        let all = JSONValue.array([.number(2), .array(attributeValues), .array(traitValues)])
        return XXH64.hash(CanonicalJSON.bytes(all), seed: 0)
    }

    /// What a trait computes, as a JSON value: equal values mean equal definitions.
    static func definitionValue(_ definition: TraitDefinition) -> JSONValue {
        switch definition {
        case .aggregate(let aggregate, let selection):
            .array([
                .string(aggregate.rawValue), .array(selection.types.map(JSONValue.string)),
                selection.property.map(JSONValue.string) ?? .null,
                .string(selection.propertyType?.name ?? ""),
                .array((selection.propertyType?.words ?? []).map(JSONValue.string)),
                selection.filter?.source ?? .null, selection.window.map(windowValue) ?? .null,
            ])
        case .open(let selection):
            .array([
                .string("open"), .array(selection.opened.map(JSONValue.string)),
                .array(selection.closed.map(JSONValue.string)), .string(selection.idProperty),
            ])
        case .value(let value):
            .array([.string("value"), value.expression.source])
        case .lifecycle(let stages):
            .array([.string("lifecycle")] + stages.map { .array([.string($0.name), $0.condition.source]) })
        case .rfm(let definition, let part):
            .array([definition.measureValue, definition.fixed?.jsonValue ?? .null, .string(part.rawValue)])
        }
    }

    private static func windowValue(_ window: EventWindow) -> JSONValue {
        switch window {
        case .ages(let newer, let older): .array([.string(String(newer)), .string(String(older))])
        case .calendar(let period): .string(period.rawValue)
        }
    }
}

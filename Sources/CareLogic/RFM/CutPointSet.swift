import CareValues

/// The quantile cut points that were computed over the population at one instant, of every RFM trait that asks for them.
///
/// A set has a version and is never edited: a new computation makes a new set.
public struct CutPointSet: Sendable, Hashable {
    /// The cut points of one trait.
    public struct Entry: Sendable, Hashable {
        /// The trait's name.
        public var trait: String
        /// ``RFMDefinition/fingerprint`` of what was measured: by another definition these are not read.
        public var fingerprint: String
        /// The instant that customers were measured at.
        public var asOf: Timestamp
        /// How many customers had a score to give.
        public var customers: Int
        /// The cut points.
        public var points: RFMCutPoints

        /// Cut points with all their parts.
        public init(trait: String, fingerprint: String, asOf: Timestamp, customers: Int, points: RFMCutPoints) {
            self.trait = trait
            self.fingerprint = fingerprint
            self.asOf = asOf
            self.customers = customers
            self.points = points
        }
    }

    /// 1 for the first; each set that is stored adds one.
    public var version: Int64
    /// One for each trait, by name ascending.
    public var entries: [Entry]

    /// A set of these entries, in any order.
    public init(version: Int64, entries: [Entry]) {
        self.version = version
        self.entries = entries.sorted { textPrecedes($0.trait, $1.trait) }
    }

    /// The cut points of a trait, or nil.
    public func entry(_ trait: String) -> Entry? { entries.first { sameText($0.trait, trait) } }

    /// The entries as canonical JSON: what the store keeps.
    public var text: String {
        CanonicalJSON.text(
            .array(
                entries.map { entry in
                    .object(
                        JSONObject(uniqueMembers: [
                            ("trait", .string(entry.trait)), ("fingerprint", .string(entry.fingerprint)),
                            ("asOf", .string(entry.asOf.iso8601)), ("customers", .number(Double(entry.customers))),
                            ("points", entry.points.jsonValue),
                        ]))
                }))
    }

    /// Reads ``text``; nil: it is none.
    public init?(version: Int64, text: String) {
        guard case .array(let values)? = JSONValue(storedText: text) else { return nil }
        var entries: [Entry] = []
        for case .object(let object) in values {
            guard case .string(let trait)? = object["trait"], case .string(let fingerprint)? = object["fingerprint"],
                case .string(let instant)? = object["asOf"], let asOf = Timestamp(iso8601: instant),
                case .number(let number)? = object["customers"], let customers = Int(exactly: number),
                let points = object["points"].flatMap(RFMCutPoints.init)
            else { return nil }
            entries.append(
                Entry(
                    trait: trait, fingerprint: fingerprint, asOf: asOf, customers: customers, points: points))
        }
        guard entries.count == values.count else { return nil }
        self.init(version: version, entries: entries)
    }
}

extension Schema {
    /// The RFM traits, each once, by name ascending.
    public var rfmDefinitions: [RFMDefinition] {
        traits.compactMap { trait in
            if case .rfm(let definition, .code) = trait.definition { definition } else { nil }
        }
    }

    /// Whether an RFM trait asks for the quantiles of the population.
    public var asksForCutPoints: Bool { rfmDefinitions.contains { $0.fixed == nil } }

    /// The entries of a set that these declarations read: those of their quantile traits, computed for what these
    /// measure.
    public func entries(of set: CutPointSet?) -> [CutPointSet.Entry] {
        rfmDefinitions.compactMap { definition in
            guard definition.fixed == nil, let entry = set?.entry(definition.name),
                entry.fingerprint == definition.fingerprint
            else { return nil }
            return entry
        }
    }

    /// The same declarations, with quantile scores read by `set`; by none: they are missing.
    ///
    /// Indexes and layout are the same: expressions compiled against the one can be evaluated against the other.
    public func scoring(by set: CutPointSet?) -> Schema {
        guard asksForCutPoints, set != cutPoints else { return self }
        return Schema(
            attributes: attributes, traits: traits, segments: segments, events: events, brokenNames: brokenNames,
            cutPoints: set)
    }

    static func cuts(_ traits: [TraitDeclaration], _ set: CutPointSet?) -> [Int: RFMCutPoints] {
        var cuts: [Int: RFMCutPoints] = [:]
        for (index, trait) in traits.enumerated() {
            guard case .rfm(let definition, _) = trait.definition else { continue }
            if let fixed = definition.fixed {
                cuts[index] = fixed
            } else if let entry = set?.entry(definition.name), entry.fingerprint == definition.fingerprint {
                cuts[index] = entry.points
            }
        }
        return cuts
    }
}

import CareValues

/// Computes ``Campaign/definitionHash`` from the merged rules.
struct DefinitionHasher {
    /// `attributes` of the merged rules.
    let attributes: JSONObject
    /// `traits` of the merged rules.
    let traits: JSONObject
    /// `segments` of the merged rules.
    let segments: JSONObject
    /// The wall time that an anniversary without `at` takes.
    let defaultAt: LocalTime

    /// The hash of a campaign as it stands in the merged rules, without its description, its goal and its former name,
    /// together with the attributes, traits and segments it reads, directly or through others.
    ///
    /// XXH64, seed 0, of the canonical JSON of `{ campaign, attributes, traits, segments, at }`, `at` being
    /// `policies.at` where the campaign takes it.
    func hash(_ campaign: JSONObject) -> UInt64 {
        var own = campaign
        // What is only recorded, or only leads to the ledger, makes no other campaign.
        for key in ["description", "goal", "formerly"] { own[key] = nil }
        var names = NameWalk()
        names.walkCampaign(own)
        var whole = expanded(names)
        whole["campaign"] = .object(own)
        if case .object(let trigger)? = campaign["trigger"], takesDefaultAt(trigger) {
            whole["at"] = .string(defaultAt.text)
        }
        return XXH64.hash(CanonicalJSON.bytes(.object(whole)), seed: 0)
    }

    /// The hash of the definition of a trait or segment together with the attributes, traits and segments it reads: what
    /// a trigger watches is another value when it differs.
    func hash(of name: NameWalk.Name) -> UInt64 {
        XXH64.hash(CanonicalJSON.bytes(.object(expanded(NameWalk(pending: [name])))), seed: 0)
    }

    /// Whether the trigger is of a kind with a wall time of its own, and says none.
    private func takesDefaultAt(_ trigger: JSONObject) -> Bool {
        ["anniversary", "date", "holiday"].contains { kind in
            if case .object(let parts)? = trigger[kind] { parts["at"] == nil } else { false }
        }
    }

    /// The attributes, traits and segments that `names` read, directly or through others.
    private func expanded(_ names: NameWalk) -> JSONObject {
        var names = names
        var usedAttributes: [String: JSONValue] = [:]
        var usedTraits: [String: JSONValue] = [:]
        var usedSegments: [String: JSONValue] = [:]
        while let name = names.pending.popFirst() {
            switch name {
            case .value(let name):
                if case .object(var attribute)? = attributes[name] {
                    // Who may see a value does not change it.
                    attribute["pii"] = nil
                    usedAttributes[name] = .object(attribute)
                }
                guard usedTraits[name] == nil, let trait = traits[name] else { continue }
                usedTraits[name] = trait
                names.walk(trait)
            case .segment(let name):
                guard usedSegments[name] == nil, let segment = segments[name] else { continue }
                usedSegments[name] = segment
                names.walk(segment)
            }
        }
        var whole = JSONObject()
        whole["attributes"] = .object(JSONObject(uniqueMembers: usedAttributes.map { ($0.key, $0.value) }))
        whole["traits"] = .object(JSONObject(uniqueMembers: usedTraits.map { ($0.key, $0.value) }))
        whole["segments"] = .object(JSONObject(uniqueMembers: usedSegments.map { ($0.key, $0.value) }))
        return whole
    }
}

/// Collects the names that a definition reads.
///
/// What merely looks like a name costs nothing: only attributes, traits and segments that exist are taken.
struct NameWalk {
    /// A name that something reads.
    enum Name: Hashable {
        /// An attribute or a trait.
        case value(String)
        /// A segment.
        case segment(String)
    }
    /// The names found and not yet looked at.
    var pending: Set<Name> = []

    /// A whole campaign: what its trigger watches, its expressions, and its data.
    mutating func walkCampaign(_ campaign: JSONObject) {
        for member in campaign.members { walk(member.value) }
        if case .object(let trigger)? = campaign["trigger"] {
            for kind in trigger.members {
                guard case .object(let parts) = kind.value else { continue }
                if case .string(let name)? = parts["of"] { insertPath(name) }
                guard kind.name == "segment" else { continue }
                for edge in SegmentTrigger.Edge.allCases {
                    if case .string(let name)? = parts[edge.rawValue] { pending.insert(.segment(name)) }
                }
            }
        }
    }

    /// Every `var`, every `segment` and every `{{path}}` below a value.
    mutating func walk(_ value: JSONValue) {
        switch value {
        case .string(let text):
            guard text.contains("{{"), let pieces = try? TemplateText(text).pieces else { return }
            for case .place(let path, _) in pieces { insertPath(path) }
        case .array(let elements):
            for element in elements { walk(element) }
        case .object(let object):
            for member in object.members {
                switch (member.name, member.value) {
                case ("var", .string(let path)): insertPath(path)
                case ("var", .array(let operands)):
                    if case .string(let path)? = operands.first { insertPath(path) }
                case ("segment", .string(let name)): pending.insert(.segment(name))
                case ("segment", .array(let operands)):
                    if case .string(let name)? = operands.first { pending.insert(.segment(name)) }
                default: break
                }
                walk(member.value)
            }
        case .null, .bool, .number: break
        }
    }

    private mutating func insertPath(_ path: String) {
        let head =
            path.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? path
        pending.insert(.value(head))
    }
}

import CareValues

/// A member of a JSON record that is wanted.
struct WantedMember {
    /// How messages call it.
    var label: String
    /// The member's name.
    var key: JSONKey
    /// The names on the way to a member inside of members, when the name has points; tried when there is no ``key``.
    var path: [JSONKey]
    /// Always this, whatever the record says.
    var constant: JSONValue?
    /// What it becomes, as the mapping says; nil: what is declared.
    var type: FieldType?
    /// What is declared for it; nil: by the event's type, or not at all.
    var declared: FieldType?
    var values: [String: JSONValue]?
    /// Whether no record has it, whatever its members are called.
    var isAbsent = false

    init(_ source: FieldSource?, or name: String) {
        var name = name
        switch source?.column {
        case .name(let given)?: name = given
        case .position(let position)?: name = String(position)
        case .constant(let value)?: constant = value
        case nil: break
        }
        label = name
        key = JSONKey(name)
        path = name.contains(".") ? name.split(separator: ".").map { JSONKey(String($0)) } : []
        type = source?.type
        values = source?.values
    }

    /// Its value in a record; nil: there is none.
    func node(in root: JSONTapeNode) -> JSONTapeNode? {
        if isAbsent { return nil }
        if let found = root[key] { return found }
        guard !path.isEmpty else { return nil }
        var node: JSONTapeNode? = root
        for key in path { node = node?[key] }
        return node
    }
}

/// Which member is what.
struct MemberPlan {
    /// In this order: the first that is there.
    var customer: [WantedMember]
    var type: WantedMember
    var time: WantedMember
    var id: WantedMember
    var source: WantedMember
    /// The wanted attributes or properties; nil: all that are left over.
    var members: [(name: String, member: WantedMember)]?
    /// Members that are no attributes or properties.
    var reserved: [JSONKey]
    /// The member whose members stand for those of the record itself.
    var nested: JSONKey
    let kind: IntakeKind
    let declared: DeclaredTypes

    init(mapping: IntakeMapping, kind: IntakeKind, declared: DeclaredTypes) {
        self.kind = kind
        self.declared = declared
        // A member that the mapping gives a role has no other one by convention.
        var taken: Set<String> = []
        for source in [mapping.customer, mapping.type, mapping.time, mapping.id, mapping.source] {
            if case .name(let name)? = source?.column { taken.insert(name) }
        }
        func member(_ source: FieldSource?, _ name: String) -> WantedMember {
            var member = WantedMember(source, or: name)
            member.isAbsent = source == nil && taken.contains(name)
            return member
        }
        customer = [member(mapping.customer, "customer")]
        if mapping.customer == nil, kind == .customers { customer.append(member(nil, "id")) }
        type = member(mapping.type, "type")
        time = member(mapping.time, "time")
        id = member(mapping.id, "id")
        source = member(mapping.source, "source")
        nested = kind == .customers ? "attributes" : "properties"
        var roles = customer + [time]
        if kind == .events { roles += [type, id, source] }
        reserved = roles.filter { $0.constant == nil }.map(\.key)
        members = mapping.members?.map { wanted in
            var member = WantedMember(wanted.source, or: wanted.name)
            if kind == .customers { member.declared = declared.attribute(wanted.name) }
            return (wanted.name, member)
        }
    }
}

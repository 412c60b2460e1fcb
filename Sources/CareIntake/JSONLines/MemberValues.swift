import CareValues

/// Reads the members of one JSON record after another.
struct MemberValues {
    private var reading: FieldReading
    /// The first member of the record at hand that holds a sentinel date.
    private(set) var sentinelField: String?
    /// Members that are no attributes, by name; the first 50.
    private(set) var ignored: Set<String> = []

    init(zone: Zone) {
        reading = FieldReading(zone: zone)
    }

    mutating func startRecord() {
        sentinelField = nil
    }

    /// The identifier in the first of `wanted` that is there; numbers are their own text; nil: none, or empty.
    func identifier(
        _ root: JSONTapeNode, _ wanted: [WantedMember], _ code: RefusalCode, _ extent: RowExtent
    ) throws(Refusal) -> String? {
        for member in wanted {
            if case .string(let text)? = member.constant { return text }
            guard let node = member.node(in: root), !node.isNull else { continue }
            do throws(FieldFault) {
                guard let text = try MemberValues.identifier(node, code) else { return nil }
                guard let values = member.values else { return text }
                guard case .string(let replaced)? = values[text] else {
                    throw FieldFault(code: code, reason: "not among the mapping's values", shown: clipped(text))
                }
                return replaced
            } catch {
                throw Refusal(extent, member.label, error)
            }
        }
        return nil
    }

    private static func identifier(_ node: JSONTapeNode, _ code: RefusalCode) throws(FieldFault) -> String? {
        if let plain = node.plainBytes {
            return try FieldReading.identifier(UnsafeRawBufferPointer(plain), code: code)
        }
        if let number = node.number { return CanonicalJSON.numberText(number) }
        guard let text = node.string else {
            throw FieldFault(code: code, reason: "neither text nor a number")
        }
        return try withBytes(of: text) { bytes throws(FieldFault) in try FieldReading.identifier(bytes, code: code) }
    }

    /// The instant of `wanted`; nil: it is not there, or null.
    mutating func instant(
        _ root: JSONTapeNode, _ wanted: WantedMember, _ extent: RowExtent
    ) throws(Refusal) -> Timestamp? {
        guard wanted.constant == nil, let node = wanted.node(in: root), !node.isNull else { return nil }
        var format = TimeFormat.iso8601
        if case .instant(let given)? = wanted.type { format = given }
        reading.sawSentinel = false
        do throws(FieldFault) {
            let text = node.plainBytes ?? node.sourceBytes
            let instant = try reading.instant(UnsafeRawBufferPointer(text), format: format)
            if reading.sawSentinel { sentinelField = wanted.label }
            return instant
        } catch {
            throw Refusal(extent, wanted.label, error)
        }
    }

    /// The attributes or properties of the record.
    mutating func members(
        _ root: JSONTapeNode, _ plan: MemberPlan, eventType: String?, _ extent: RowExtent
    ) throws(Refusal) -> JSONObject {
        var result: [(name: String, value: JSONValue)] = []
        result.reserveCapacity(root.count)
        if let wanted = plan.members {
            for (name, member) in wanted {
                if let constant = member.constant {
                    result.append((name, constant))
                } else if let node = member.node(in: root) {
                    let declared = member.declared ?? eventType.flatMap { plan.declared.property($0, name) }
                    result.append((name, try value(node, member, name, declared, extent)))
                }
            }
            return JSONObject(uniqueMembers: result)
        }
        try root.forEachMember { key, node throws(Refusal) in
            for reserved in plan.reserved where key.isString(reserved) { return }
            if key.isString(plan.nested), node.kind == .object {
                try node.forEachMember { key, node throws(Refusal) in
                    try self.add(key, node, plan, eventType, extent, to: &result)
                }
            } else {
                try self.add(key, node, plan, eventType, extent, to: &result)
            }
        }
        return JSONObject(uniqueMembers: result)
    }

    private mutating func add(
        _ key: JSONTapeNode, _ node: JSONTapeNode, _ plan: MemberPlan, _ eventType: String?, _ extent: RowExtent,
        to result: inout [(name: String, value: JSONValue)]
    ) throws(Refusal) {
        let name = key.string ?? ""
        let declared: FieldType?
        if let eventType {
            declared = plan.declared.property(eventType, name)
        } else {
            declared = plan.declared.attribute(name)
            if declared == nil {
                if ignored.count < 50 { ignored.insert(name) }
                return
            }
        }
        let value = try value(node, nil, name, declared, extent)
        // Of two members of one name the last wins, as everywhere in data.
        if let index = result.firstIndex(where: { $0.name == name }) {
            result[index].value = value
        } else {
            result.append((name, value))
        }
    }

    private mutating func value(
        _ node: JSONTapeNode, _ member: WantedMember?, _ label: String, _ declared: FieldType?, _ extent: RowExtent
    ) throws(Refusal) -> JSONValue {
        reading.sawSentinel = false
        defer { if reading.sawSentinel, sentinelField == nil { sentinelField = label } }
        do throws(FieldFault) {
            if node.isNull { return .null }
            if let values = member?.values {
                let text = try MemberValues.identifier(node, .badValue) ?? ""
                guard let value = values[text] else {
                    throw FieldFault(code: .badValue, reason: "not among the mapping's values", shown: clipped(text))
                }
                return value
            }
            if let type = member?.type { return try converted(node, type) }
            switch declared {
            case .date?, .instant?, .birthday?:
                return node.kind == .string ? try converted(node, declared ?? .text) : node.value
            default: return node.value
            }
        } catch {
            throw Refusal(extent, label, error)
        }
    }

    private mutating func converted(_ node: JSONTapeNode, _ type: FieldType) throws(FieldFault) -> JSONValue {
        if let plain = node.plainBytes {
            return try reading.value(UnsafeRawBufferPointer(plain), type: type) ?? .null
        }
        if let text = node.string {
            return try withBytes(of: text) { bytes throws(FieldFault) in try reading.value(bytes, type: type) ?? .null }
        }
        switch type {
        case .date, .instant:
            guard node.kind == .number else { return node.value }
            return try reading.value(UnsafeRawBufferPointer(node.sourceBytes), type: type) ?? .null
        case .text:
            return node.number.map { .string(CanonicalJSON.numberText($0)) } ?? node.value
        case .number, .boolean, .birthday, .list: return node.value
        }
    }

    private func clipped(_ text: String) -> String {
        withBytes(of: text) { FieldReading.shown($0) }
    }
}

/// Runs `body` on the UTF-8 bytes of `text`.
private func withBytes<Result, Failure: Error>(
    of text: String, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
) throws(Failure) -> Result {
    let bytes = Array(text.utf8)
    return try bytes.withUnsafeBufferPointer { buffer throws(Failure) in try body(UnsafeRawBufferPointer(buffer)) }
}

import CareIntake
import CareLogic
import CareRules
import CareValues

/// Holds records against what the rule files declare.
struct ImportTyping: Sendable {
    let schema: Schema
    /// The zones there are.
    let zones: any ZoneDirectory
    /// The zones found so far, and some of the names that are none.
    private var knownZones: [String: Bool] = [:]

    /// The event types that the rules declare or name; nil: they declare none.
    private let namedTypes: Set<String>?

    /// A typing by what `rules` declare, with the zones of `zones`.
    init(rules: RuleSet, zones: any ZoneDirectory) {
        schema = rules.schema
        self.zones = zones
        namedTypes = rules.schema.events.isEmpty ? nil : rules.namedEventTypes
    }

    /// Notes what is odd about a row that is taken all the same.
    mutating func note(_ row: inout ImportRow) {
        switch row.fact {
        case .event(let event):
            guard let namedTypes else { return }
            row.isUndeclared = !namedTypes.contains(event.type) && !schema.isRead(eventType: event.type)
        case .attributes(let attributes):
            guard let index = schema.zoneAttribute,
                case .string(let name)? = attributes.values[schema.attributes[index].name], !isZone(name)
            else { return }
            row.zoneField = schema.attributes[index].name
        }
    }

    private mutating func isZone(_ name: String) -> Bool {
        if let known = knownZones[name] { return known }
        let isZone = zones.zone(named: name) != nil
        // Names that are none come from customers' data and have no end.
        if isZone || knownZones.count < 10_000 { knownZones[name] = isZone }
        return isZone
    }

    /// What a file's text becomes, by the declared types.
    var declared: DeclaredTypes {
        let attributes = Dictionary(
            schema.attributes.map { ($0.name, FieldType($0.type)) }, uniquingKeysWith: { first, _ in first })
        let properties = schema.events.mapValues { $0.properties.mapValues { FieldType($0) } }
        return DeclaredTypes(attribute: { attributes[$0] }, property: { properties[$0]?[$1] })
    }

    /// The refusal of a record with a value that does not fit its declared type; nil: all fit.
    func refusal(of record: IntakeRecord) -> Refusal? {
        switch record.content {
        case .event(let type, _, _, _, let properties):
            guard let declared = schema.events[type]?.properties else { return nil }
            for (name, value) in properties.members {
                guard let property = declared[name], let reason = property.refusal(value) else { continue }
                return refusal(record, name, value, property, reason, isPII: false)
            }
        case .attributes(let values, _):
            for (name, value) in values.members {
                guard let index = schema.attributeIndex(name) else { continue }
                let attribute = schema.attributes[index]
                guard let reason = attribute.type.refusal(value) else { continue }
                return refusal(record, name, value, attribute.type, reason, isPII: attribute.isPII)
            }
        }
        return nil
    }

    private func refusal(
        _ record: IntakeRecord, _ name: String, _ value: JSONValue, _ type: AttributeType, _ reason: String, isPII: Bool
    ) -> Refusal {
        let code: RefusalCode
        switch type {
        case .date, .instant, .birthday: code = .badDate
        case .number: code = .badNumber
        default: code = .badValue
        }
        var shown: String?
        if case .string(let text) = value, !isPII { shown = String(text.prefix(40)) }
        return Refusal(extent: record.extent, field: name, code: code, reason: reason, shown: shown)
    }
}

extension RuleSet {
    /// The event types that are declared, or that a trigger, an exit or a goal names.
    fileprivate var namedEventTypes: Set<String> {
        var types = Set(schema.events.keys)
        for campaign in campaigns {
            if case .event(let named) = campaign.trigger { types.formUnion(named) }
            for case .event(let named, _) in campaign.exits { types.formUnion(named) }
            types.formUnion(campaign.terms.goal?.types ?? [])
        }
        return types
    }
}

extension FieldType {
    /// What a file's text becomes for a declared type.
    init(_ type: AttributeType) {
        switch type {
        case .number: self = .number(decimalComma: false)
        case .boolean: self = .boolean
        case .date: self = .date(.iso8601)
        case .instant: self = .instant(.iso8601)
        case .birthday: self = .birthday
        case .list: self = .list(separator: ";")
        case .string, .ordinal, .enumeration, .zone, .language, .consent: self = .text
        }
    }
}

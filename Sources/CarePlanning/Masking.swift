import CareDecisions
import CareLogic
import CareRules
import CareValues

/// Hides personal values in what people see.
public enum Mask {
    /// A filled `data` in which what came from a personal attribute is masked.
    ///
    /// - Parameter template: what `data` was filled from.
    public static func data(
        _ data: JSONValue, filledFrom template: DataTemplate, of campaign: Campaign, _ schema: Schema
    )
        -> JSONValue
    {
        switch (template, data) {
        case (.literal, _): return data
        case (.value(let expression), _):
            return isPersonal(expression, campaign, schema) ? hidden(data) : data
        case (.text(let parts), .string(let text)):
            return .string(masked(text, parts, campaign, schema))
        case (.array(let templates), .array(let values)) where templates.count == values.count:
            return .array(zip(templates, values).map { Mask.data($1, filledFrom: $0, of: campaign, schema) })
        case (.object(let members), .object(let object)):
            return .object(
                JSONObject(
                    uniqueMembers: object.members.map { member in
                        guard let template = members.first(where: { $0.name == member.name })?.value else {
                            return (member.name, member.value)
                        }
                        return (member.name, Mask.data(member.value, filledFrom: template, of: campaign, schema))
                    }))
        default: return data
        }
    }

    /// A text of one place is masked by its value; of a longer one every place that is personal becomes the mark.
    private static func masked(
        _ text: String, _ parts: [DataTemplate.TextPart], _ campaign: Campaign, _ schema: Schema
    ) -> String {
        var isAnyPersonal = false
        var isWhole = true
        for part in parts {
            switch part {
            case .literal: isWhole = false
            case .place(_, let expression):
                if isPersonal(expression, campaign, schema) { isAnyPersonal = true } else { isWhole = false }
            }
        }
        guard isAnyPersonal else { return text }
        if isWhole, parts.count == 1 { return PersonalText.masked(text) }
        // Where one place ends and the next begins is not told by the filled text: the literals are kept.
        return parts.reduce(into: "") { result, part in
            switch part {
            case .literal(let literal): result += literal
            case .place: result += PersonalText.mark
            }
        }
    }

    /// An occurrence's key in which the values of a personal attribute's change are masked: `email:•••@2026-05-01T…`.
    ///
    /// Whose campaign it is does not matter: the key begins with what changed.
    public static func occurrence(_ key: String, _ schema: Schema) -> String {
        guard let colon = key.firstIndex(of: ":"), let at = key.lastIndex(of: "@"), colon < at else { return key }
        let name = String(key[..<colon])
        let isPersonal =
            schema.attributeIndex(name).map { schema.attributes[$0].isPII }
            ?? schema.traitIndex(name).map(schema.isPersonal) ?? false
        return isPersonal ? key[...colon] + PersonalText.mark + key[at...] : key
    }

    /// A decision's key, ``DecisionKey/text``, with its occurrence masked likewise.
    public static func key(_ text: String, _ schema: Schema) -> String {
        guard case .array(var parts)? = JSONValue(jsonText: text), parts.count == 5,
            case .string(let occurrence) = parts[2]
        else { return text }
        parts[2] = .string(Mask.occurrence(occurrence, schema))
        return JSONValue.array(parts).canonicalText
    }

    private static func hidden(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null: .null
        case .string(let text): .string(PersonalText.masked(text))
        default: .string(PersonalText.mark)
        }
    }

    /// Whether an expression reads a personal attribute: directly, through a segment or a trait, or as the value that a
    /// change of one has left in the entry.
    static func isPersonal(_ expression: Expression, _ campaign: Campaign, _ schema: Schema) -> Bool {
        func isPII(_ attribute: Int) -> Bool { schema.attributes[attribute].isPII }
        if expression.uses.attributes.contains(where: isPII) { return true }
        if expression.uses.traits.contains(where: schema.isPersonal) { return true }
        guard expression.uses.entry, expression.source != .object(["var": .string("entry.offset")]) else {
            return false
        }
        switch campaign.trigger {
        case .change(let change):
            if case .attribute(let index) = change.of { return isPII(index) }
        case .date(let date):
            if case .attribute(let index) = date.of { return isPII(index) }
        case .anniversary(let anniversary):
            if case .attribute(let index) = anniversary.of { return isPII(index) }
        default: break
        }
        return false
    }
}

extension Plan {
    /// Masks what came from personal attributes in the payloads.
    public mutating func maskPersonalValues(under rules: RuleSet) {
        for index in decisions.indices { decisions[index].maskPersonalValues(under: rules) }
    }
}

extension RulesDiff {
    /// Masks the values of personal attributes in the occurrences of the samples.
    ///
    /// - Parameter schemas: of both rules: what is personal under either is masked.
    public mutating func maskPersonalValues(under schemas: [Schema]) {
        for index in samples.indices {
            samples[index].key.occurrence = schemas.reduce(samples[index].key.occurrence) { Mask.occurrence($0, $1) }
        }
    }
}

extension Decision {
    /// Masks what its message would carry of personal attributes.
    public mutating func maskPersonalValues(under rules: RuleSet) {
        guard let data = order?.data, let place = rules.index(ofIdentity: key.campaign),
            let step = rules.campaigns[place].steps.first(where: { $0.name == key.step }),
            let action = step.actions.first(where: { $0.name == key.action })
        else { return }
        order?.data = Mask.data(data, filledFrom: action.data, of: rules.campaigns[place], rules.schema)
    }
}

extension Campaign {
    /// The attributes and traits that the campaign's conditions, addresses and consents read, by name ascending.
    public func namesRead(in schema: Schema) -> [String] {
        var names: Set<String> = []
        var seen: Set<Int> = []
        var open: [Expression] = [triggerWhere, condition].compactMap { $0 }
        for step in steps {
            if let condition = step.condition { open.append(condition) }
            for action in step.actions {
                open += [action.condition, action.to].compactMap { $0 }
                for consent in action.consents { names.insert(schema.attributes[consent].name) }
            }
        }
        while let next = open.popLast() {
            for attribute in next.uses.attributes { names.insert(schema.attributes[attribute].name) }
            for trait in next.uses.traits where !schema.traits[trait].isHidden {
                names.insert(schema.traits[trait].name)
            }
            for segment in next.uses.segments where seen.insert(segment).inserted {
                open.append(schema.segments[segment].condition)
            }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

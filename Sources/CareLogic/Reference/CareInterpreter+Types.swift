import CareValues

/// What declarations say: types of attributes, properties and traits, and the order of words.
extension CareInterpreter {
    /// The type that a declaration names; nil: none that there is.
    static func type(_ declaration: JSONObject) -> AttributeType? {
        let words = listed(declaration["values"] ?? .null).compactMap {
            if case .string(let word) = $0 { word } else { nil }
        }
        guard case .string(let name)? = declaration["type"] else { return nil }
        switch name {
        case "string": return .string
        case "number": return .number
        case "boolean": return .boolean
        case "date": return .date
        case "instant": return .instant
        case "ordinal": return .ordinal(words)
        case "enum": return .enumeration(words)
        case "list": return .list
        case "birthday": return .birthday
        case "zone": return .zone
        case "language": return .language
        case "consent": return .consent(channel: "")
        default: return nil
        }
    }

    /// The type that every one of these event types declares for a property; nil: there is no such one.
    func propertyType(_ name: String, of types: [String]) -> AttributeType? {
        var common: AttributeType?
        for eventType in types {
            guard case .object(let event)? = events[eventType], case .object(let properties)? = event["properties"],
                case .object(let declaration)? = properties[name], let type = Self.type(declaration),
                common == nil || common == type
            else { return nil }
            common = type
        }
        return common
    }

    /// The declared type of what a path of the customer names; nil: none is declared.
    func type(_ path: [String], _ customer: Customer) -> AttributeType? {
        switch path.first {
        case "event":
            if path == ["event", "time"] { return .instant }
            let inner = path.count > 2 && path[1] == "properties" ? path.dropFirst(2) : path.dropFirst()
            return propertyType(inner.joined(separator: "."), of: customer.eventTypes)
        case "entry", "customer", nil: return nil
        default: break
        }
        let name = path.joined(separator: ".")
        if case .object(let declaration)? = attributes[name] { return Self.type(declaration) }
        guard case .object(let trait)? = traits[name], let (kind, body) = trait.members.first,
            ["last", "first", "min", "max"].contains(kind), case .object(let selection) = body
        else { return nil }
        guard case .string(let property)? = selection["property"] else { return .instant }
        return propertyType(property, of: Self.texts(selection["event"]))
    }

    /// One text or a list of them.
    static func texts(_ json: JSONValue?) -> [String] {
        listed(json ?? .null).compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    // MARK: Order

    /// The words that the values of an expression come from: an ordinal's, an enumeration's, a consent's.
    struct Words: Equatable {
        var words: [String]
        var isOrdered: Bool
        var typeName: String
    }

    /// The order in which the operands of a comparison are compared: the first ordinal's among them; nil: as texts.
    func order(_ operands: [JSONValue], _ scene: Scene) -> [String]? {
        guard scene.element == nil else { return nil }
        for operand in operands {
            if let words = words(operand, scene.customer), words.isOrdered { return words.words }
        }
        return nil
    }

    /// An attribute has its declaration's words; a choice has them when all that can be chosen is of that declaration,
    /// null, or written as one of the words.
    private func words(_ rule: JSONValue, _ customer: Customer) -> Words? {
        guard case .object(let object) = rule, object.count == 1, let (name, operand) = object.members.first else {
            return nil
        }
        let operands = Self.listed(operand)
        switch name {
        case "var":
            let own = operands.first.flatMap { type(Self.path($0), customer) }.flatMap { Self.words($0) }
            guard operands.count > 1 else { return own }
            return chosen([own] + [words(operands[1], customer)], of: [nil, operands[1]])
        case "and", "or":
            return chosen(operands.map { words($0, customer) }, of: operands)
        case "if", "?:":
            let branches = operands.indices.filter { $0 % 2 == 1 || $0 == operands.count - 1 }.map { operands[$0] }
            return chosen(branches.map { words($0, customer) }, of: branches)
        default: return nil
        }
    }

    private func chosen(_ all: [Words?], of rules: [JSONValue?]) -> Words? {
        guard let first = all.compactMap({ $0 }).first else { return nil }
        for (words, rule) in zip(all, rules) {
            if let words, words == first { continue }
            switch rule {
            case let rule? where Self.isNothing(rule): continue
            case .string(let text)? where first.words.contains { $0.utf8.elementsEqual(text.utf8) }: continue
            default: return nil
            }
        }
        return first
    }

    /// Whether nothing but null can be chosen by a rule: it is written as null, or as a choice among such.
    private static func isNothing(_ rule: JSONValue) -> Bool {
        if rule == .null { return true }
        guard case .object(let object) = rule, object.count == 1, let (name, operand) = object.members.first else {
            return false
        }
        let operands = listed(operand)
        switch name {
        case "and", "or": return !operands.isEmpty && operands.allSatisfy(isNothing)
        case "if", "?:":
            let branches = operands.indices.filter { $0 % 2 == 1 || $0 == operands.count - 1 }
            return branches.allSatisfy { isNothing(operands[$0]) }
        default: return false
        }
    }

    private static func words(_ type: AttributeType) -> Words? {
        switch type {
        case .ordinal(let words): Words(words: words, isOrdered: true, typeName: "ordinal")
        case .enumeration(let words): Words(words: words, isOrdered: false, typeName: "enum")
        case .consent: Words(words: ["denied", "granted"], isOrdered: false, typeName: "consent")
        default: nil
        }
    }
}

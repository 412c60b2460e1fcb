import CareValues

/// Evaluates conditions of rule files straight from their JSON: slow, obvious, the judge of every quicker form.
///
/// It has nothing in common with ``Expression``: no types are derived beforehand, nothing is laid out or kept, and every
/// operator is written down once more, as `docs/operators.md` has it. What the checks of rule files refuse has no
/// meaning here: such rules throw, or give any value.
public struct CareInterpreter: Sendable {
    /// The sections of rule files by the names they have there.
    let attributes: JSONObject
    let events: JSONObject
    let traits: JSONObject
    let segments: JSONObject

    /// The declarations of a rule file: its members `attributes`, `events`, `traits` and `segments`; others are not
    /// looked at.
    public init(declarations: JSONObject) {
        func section(_ name: String) -> JSONObject {
            if case .object(let object)? = declarations[name] { object } else { [:] }
        }
        attributes = section("attributes")
        events = section("events")
        traits = section("traits")
        segments = section("segments")
    }

    /// One customer at one instant.
    public struct Customer: Sendable {
        var id: String
        var attributes: JSONObject
        /// The aggregates; what is computed from other traits is computed when it is read.
        var traits: [(name: String, value: LogicValue)] = []
        var happened: [Event]
        var now: Timestamp
        var zone: Zone
        var event: Event?
        var eventTypes: [String]
        var entry: JSONObject?
    }

    /// A customer, with the traits that these events give.
    ///
    /// - Parameters:
    ///   - attributes: the current values as they are sent in; what does not fit its type is missing.
    ///   - happened: all events whose time has come, the one at hand too, in the order in which they came.
    ///   - event: the event at hand, what `event.*` reads.
    ///   - eventTypes: the types that the event at hand may have, as far as the rule knows.
    ///   - entry: what `entry.*` reads.
    public func customer(
        id: String, attributes: JSONObject, happened: [Event], now: Timestamp, zone: Zone, event: Event? = nil,
        eventTypes: [String] = [], entry: JSONObject? = nil
    ) -> Customer {
        var customer = Customer(
            id: id, attributes: attributes, happened: happened, now: now, zone: zone, event: event,
            eventTypes: eventTypes, entry: entry)
        for member in traits.members {
            guard case .object(let object) = member.value, let (kind, body) = object.members.first,
                let value = aggregate(kind, body, customer)
            else { continue }
            customer.traits.append((member.name, value))
        }
        return customer
    }

    /// The value of an expression; missing where there is none.
    ///
    /// - Throws: ``LogicError`` when an operator meets what it cannot work with.
    public func value(_ rule: JSONValue, for customer: Customer) throws(LogicError) -> LogicValue {
        try value(rule, Scene(customer: customer, element: nil))
    }

    /// Whether a condition is true; missing is not.
    ///
    /// - Throws: ``LogicError`` when an operator meets what it cannot work with.
    public func isTrue(_ rule: JSONValue, for customer: Customer) throws(LogicError) -> Bool {
        Self.truth(try value(rule, for: customer)) ?? false
    }

    // MARK: Parts

    /// What `var` reads: the customer, or inside `map`, `filter` and their kind the element.
    struct Scene {
        var customer: Customer
        var element: LogicValue?
        var depth = 0
    }

    func value(_ rule: JSONValue, _ outer: Scene) throws(LogicError) -> LogicValue {
        var scene = outer
        scene.depth += 1
        guard scene.depth <= LogicLimits.plainDepth else { throw .typeMismatch(operator: "too deep") }
        switch rule {
        case .null: return .missing
        case .bool(let value): return .bool(value)
        case .number(let value): return value.isFinite ? .number(value) : .missing
        case .string(let text): return .string(text)
        case .array(let rules): return .list(try values(rules, scene))
        case .object(let object):
            guard object.count == 1, let (name, operand) = object.members.first else {
                throw .typeMismatch(operator: "{}")
            }
            return try operation(name, Self.listed(operand), scene)
        }
    }

    func values(_ rules: [JSONValue], _ scene: Scene) throws(LogicError) -> [LogicValue] {
        var values: [LogicValue] = []
        for rule in rules { values.append(try value(rule, scene)) }
        return values
    }

    /// A list's elements, or the one value.
    static func listed(_ json: JSONValue) -> [JSONValue] {
        if case .array(let elements) = json { elements } else { [json] }
    }

    /// Whether a condition takes it as true; nil: it is missing.
    static func truth(_ value: LogicValue) -> Bool? {
        switch value {
        case .missing: nil
        case .bool(let flag): flag
        case .number(let number): number != 0
        case .string(let text): text != ""
        case .list(let elements): elements.count > 0
        default: true
        }
    }

    /// The value a JSON value is without a declared type.
    static func untyped(_ json: JSONValue) -> LogicValue {
        switch json {
        case .null: .missing
        case .bool(let flag): .bool(flag)
        case .number(let number): number.isFinite ? .number(number) : .missing
        case .string(let text): .string(text)
        case .array(let elements): .list(elements.map { untyped($0) })
        case .object(let object): .object(object)
        }
    }

    // MARK: Reads

    /// `{"var": [path, default]}`
    func read(_ operands: [JSONValue], _ scene: Scene) throws(LogicError) -> LogicValue {
        let path = Self.path(operands.first ?? .null)
        let found = try read(path, scene)
        guard found == .missing, operands.count > 1 else { return found }
        // A text written as the default of a date is a date.
        let other = try value(operands[1], scene)
        guard scene.element == nil, case .string = operands[1], let type = type(path, scene.customer) else {
            return other
        }
        return type.read(operands[1]) ?? other
    }

    /// The parts of a path; none of the empty one, which is the element itself.
    static func path(_ json: JSONValue) -> [String] {
        switch json {
        case .string(""), .null: []
        case .string(let text): text.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        default: [json.canonicalText]
        }
    }

    func read(_ path: [String], _ scene: Scene) throws(LogicError) -> LogicValue {
        let customer = scene.customer
        if let element = scene.element { return Self.descend(path, into: element) }
        guard let first = path.first else { return .missing }
        let rest = Array(path.dropFirst())
        switch first {
        case "customer": return .string(customer.id)
        case "entry": return Self.descend(rest, into: .object(customer.entry ?? [:]))
        case "event":
            guard let event = customer.event else { return .missing }
            switch rest {
            case ["id"]: return .string(event.id)
            case ["type"]: return .string(event.type)
            case ["source"]: return .string(event.source)
            case ["time"]: return .instant(event.time)
            default:
                let inner = rest.first == "properties" && rest.count > 1 ? Array(rest.dropFirst()) : rest
                return property(inner, of: event, types: customer.eventTypes)
            }
        default: break
        }
        let name = path.joined(separator: ".")
        if let trait = customer.traits.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) { return trait.value }
        if let value = try computed(path, scene) { return value }
        guard case .object(let declaration)? = attributes[name], let type = Self.type(declaration) else {
            return .missing
        }
        if let known = type.read(customer.attributes[name] ?? .null), known != .missing { return known }
        if let other = declaration["default"] { return type.read(other) ?? .missing }
        if case .consent = type { return .string("denied") }
        return .missing
    }

    /// A property under the type that all the event types declare alike, or as it is.
    func property(_ path: [String], of event: Event, types: [String]) -> LogicValue {
        let json = Self.descend(path, into: .object(event.properties))
        guard let type = propertyType(path.joined(separator: "."), of: types) else { return json }
        return type.read(json.jsonValue) ?? .missing
    }

    /// What is found by going down member by member, in lists by position; missing: nothing.
    static func descend(_ path: [String], into value: LogicValue) -> LogicValue {
        guard let name = path.first else { return value }
        let rest = Array(path.dropFirst())
        switch value {
        case .object(let object): return object[name].map { descend(rest, into: untyped($0)) } ?? .missing
        case .list(let elements):
            guard let index = Int(name), elements.indices.contains(index) else { return .missing }
            return descend(rest, into: elements[index])
        default: return .missing
        }
    }

    /// `{"missing": names}` gives those that have no value or an empty text.
    func missing(_ names: [JSONValue], _ scene: Scene) throws(LogicError) -> [LogicValue] {
        var absent: [LogicValue] = []
        for name in names {
            if [.missing, .string("")].contains(try read(Self.path(name), scene)) { absent.append(Self.untyped(name)) }
        }
        return absent
    }
}

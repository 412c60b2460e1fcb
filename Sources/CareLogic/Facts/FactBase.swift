import CareValues

/// What facts that are not kept any more come to: a customer's attributes, and the traits that look at all time, as
/// these facts left them.
///
/// It stands among the facts of its customer as an event with an empty type, which nobody can send. A trait is found
/// again by its definition, whatever it is called; one that the rules of then did not have counts from ``until`` on.
public struct FactBase: Sendable, Hashable {
    /// One trait's share.
    struct State: Sendable, Hashable {
        /// Since when it counts; nil: since ever.
        var since: Timestamp?
        /// Its place in the cache, as bytes.
        var bytes: [UInt8]
    }

    /// An attribute as the newest folded fact that names it has it; not typed, so that a later declaration finds it.
    struct Attribute: Sendable, Hashable {
        var value: JSONValue
        var time: Timestamp
        var receivedAt: Timestamp
    }

    /// Facts before this instant are folded; what is as old and comes now is too old.
    public var until: Timestamp
    var newestEventTime: Timestamp?
    /// By ``Schema/definitionText(ofTrait:)``.
    var states: [String: State] = [:]
    var attributes: [String: Attribute] = [:]

    /// The source of the event that a base is stored as.
    static let source = "care.base"

    /// What `facts` come to, which may hold an older base.
    ///
    /// - Returns: nil: a trait is over its limit, and nothing can stand for its facts.
    public init?(folding facts: [Fact], until: Timestamp, schema: Schema) {
        self.until = until
        let older = facts.lazy.compactMap(FactBase.init).first
        let cache = FactCache.rebuilt(from: facts, schema: schema)
        guard cache.overflows.isEmpty else { return nil }
        newestEventTime = cache.newestEventTime
        for index in schema.traits.indices {
            guard let bytes = cache.placeBytes(ofTrait: index, schema: schema) else { continue }
            let text = schema.definitionText(ofTrait: index)
            let since = older.map { base in base.states[text].map(\.since) ?? base.until }
            states[text] = State(since: since ?? nil, bytes: bytes)
        }
        attributes = older?.attributes ?? [:]
        for case .attributes(let fact) in facts {
            for member in fact.values.members {
                if let known = attributes[member.name],
                    (known.time, known.receivedAt) > (fact.time, fact.receivedAt)
                {
                    continue
                }
                attributes[member.name] = Attribute(
                    value: member.value, time: fact.time, receivedAt: fact.receivedAt)
            }
        }
    }

    /// Since when a trait counts for a customer with this base; nil: since ever, or by what other traits say.
    public func since(ofTrait index: Int, schema: Schema) -> Timestamp? {
        guard schema.plan.slots[index] != nil, !schema.isWindowed(trait: index) else { return nil }
        guard let state = states[schema.definitionText(ofTrait: index)] else { return until }
        return state.since
    }

    /// The attributes as facts, one each, by name.
    public var attributeFacts: [AttributeFact] {
        attributes.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { name, attribute in
            AttributeFact(
                values: JSONObject(uniqueMembers: [(name, attribute.value)]), time: attribute.time,
                receivedAt: attribute.receivedAt, hasOwnTime: true)
        }
    }

    // MARK: As a fact

    /// The base that a fact is; nil: it is another fact.
    public init?(_ fact: Fact) {
        guard case .event(let event) = fact, event.type.isEmpty, event.source == Self.source else { return nil }
        let object = event.properties
        func instant(_ value: JSONValue?) -> Timestamp? {
            if case .number(let number)? = value { Timestamp(milliseconds: Int64(number)) } else { nil }
        }
        guard let until = instant(object["until"]), case .object(let states)? = object["states"],
            case .object(let attributes)? = object["attributes"]
        else { return nil }
        self.until = until
        newestEventTime = instant(object["newestEventTime"])
        for member in states.members {
            guard case .object(let state) = member.value, case .string(let text)? = state["state"],
                let bytes = Self.bytes(hex: text)
            else { return nil }
            self.states[member.name] = State(since: instant(state["since"]), bytes: bytes)
        }
        for member in attributes.members {
            guard case .object(let attribute) = member.value, let value = attribute["value"],
                let time = instant(attribute["time"]), let receivedAt = instant(attribute["receivedAt"])
            else { return nil }
            self.attributes[member.name] = Attribute(value: value, time: time, receivedAt: receivedAt)
        }
    }

    /// The fact that it is stored as, before all that are kept.
    public var fact: Fact {
        func number(_ instant: Timestamp?) -> JSONValue { instant.map { .number(Double($0.milliseconds)) } ?? .null }
        let states = self.states.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { text, state in
            (
                name: text,
                value: JSONValue.object(
                    JSONObject(uniqueMembers: [
                        ("since", number(state.since)), ("state", .string(Self.hex(state.bytes))),
                    ]))
            )
        }
        let attributes = self.attributes.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
            name, one in
            (
                name: name,
                value: JSONValue.object(
                    JSONObject(uniqueMembers: [
                        ("value", one.value), ("time", number(one.time)), ("receivedAt", number(one.receivedAt)),
                    ]))
            )
        }
        let time = until.advanced(byMilliseconds: -1)
        return .event(
            Event(
                type: "", source: Self.source, id: "base", time: time, receivedAt: time,
                properties: JSONObject(uniqueMembers: [
                    ("until", number(until)), ("newestEventTime", number(newestEventTime)),
                    ("attributes", .object(JSONObject(uniqueMembers: attributes))),
                    ("states", .object(JSONObject(uniqueMembers: states))),
                ])))
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    private static func bytes(hex text: String) -> [UInt8]? {
        let digits = text.utf8.map { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            default: nil
            }
        }
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}

extension FactCache {
    /// Begins with what folded facts came to; to be called before any fact is applied. Traits that the base does not
    /// know stay as they are.
    mutating func adopt(_ base: FactBase, schema: Schema) {
        newestEventTime = base.newestEventTime
        for index in schema.traits.indices {
            guard let state = base.states[schema.definitionText(ofTrait: index)] else { continue }
            state.bytes.withUnsafeBytes { bytes in
                var reader = ByteReader(bytes)
                // Written by this program under the same definition: one that cannot be read counts from now on.
                try? readPlace(ofTrait: index, from: &reader, schema: schema)
            }
        }
        for fact in base.attributeFacts { _ = apply(fact, schema: schema) }
    }

    /// The bytes of a trait that looks at all time; nil: it has a window, or is computed from others.
    func placeBytes(ofTrait index: Int, schema: Schema) -> [UInt8]? {
        guard let slot = schema.plan.slots[index] else { return nil }
        var writer = ByteWriter()
        switch slot {
        case .list, .listMeasures: return nil
        case .moment(let place): write(moments[place], to: &writer)
        case .count(let place): writer.signed(counts[place])
        case .sum(let place): writer.decimal(sums[place])
        case .average(let sum, let count):
            writer.decimal(sums[sum])
            writer.signed(counts[count])
        case .measures(let newest, let count, let sum):
            write(moments[newest], to: &writer)
            writer.decimal(sums[sum])
            writer.signed(counts[count])
        case .distinct(let place):
            writer.count(distincts[place].count)
            for value in distincts[place] { writer.string(value) }
        case .open(let place):
            writer.count(opens[place].count)
            for id in opens[place] {
                writer.string(id.id)
                writer.timestamp(id.time)
                writer.timestamp(id.receivedAt)
                writer.bool(id.isOpen)
            }
        }
        return writer.bytes
    }

    private mutating func readPlace(ofTrait index: Int, from reader: inout ByteReader, schema: Schema) throws {
        guard let slot = schema.plan.slots[index] else { return }
        switch slot {
        case .list, .listMeasures: return
        case .moment(let place): moments[place] = try moment(from: &reader)
        case .count(let place): counts[place] = try reader.signed()
        case .sum(let place): sums[place] = try reader.decimal()
        case .average(let sum, let count):
            sums[sum] = try reader.decimal()
            counts[count] = try reader.signed()
        case .measures(let newest, let count, let sum):
            moments[newest] = try moment(from: &reader)
            sums[sum] = try reader.decimal()
            counts[count] = try reader.signed()
        case .distinct(let place):
            var values: [String] = []
            for _ in 0..<(try reader.count()) { values.append(try reader.string()) }
            distincts[place] = values
        case .open(let place):
            var ids: [OpenID] = []
            for _ in 0..<(try reader.count()) {
                ids.append(
                    OpenID(
                        id: try reader.string(), time: try reader.timestamp(), receivedAt: try reader.timestamp(),
                        isOpen: try reader.bool()))
            }
            opens[place] = ids
        }
    }

    private func write(_ moment: Moment?, to writer: inout ByteWriter) {
        writer.bool(moment != nil)
        guard let moment else { return }
        writer.timestamp(moment.time)
        writer.timestamp(moment.receivedAt)
        moment.value.encode(into: &writer)
    }

    private func moment(from reader: inout ByteReader) throws -> Moment? {
        guard try reader.bool() else { return nil }
        let time = try reader.timestamp()
        let receivedAt = try reader.timestamp()
        return Moment(time: time, receivedAt: receivedAt, value: try LogicValue.decode(from: &reader))
    }
}

extension Schema {
    /// What a trait computes, as text: equal texts mean equal definitions.
    func definitionText(ofTrait index: Int) -> String {
        CanonicalJSON.text(Schema.definitionValue(traits[index].definition))
    }

    /// Whether a trait looks at events in a window only.
    func isWindowed(trait index: Int) -> Bool {
        switch plan.slots[index] {
        case .list?, .listMeasures?: true
        default: false
        }
    }

    /// The longest time that a windowed trait looks back at events of a type, in milliseconds; nil: none does.
    public func longestWindow(over type: String) -> Int64? {
        (plan.sourcesByType[type] ?? []).flatMap { plan.sources[$0].consumers }.compactMap { consumer in
            if case .list(let list) = consumer { plan.lists[list].longest } else { nil }
        }.max()
    }
}

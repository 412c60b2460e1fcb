import CareEngine
import CareLogic
import CareValues

/// One item of a request, read and found good.
struct IntakeItem: Sendable {
    var customer: String
    var item: LiveRequest.Item
}

/// Why one item is not taken.
struct ItemRefusal: Error, Sendable, Hashable {
    /// The stable name.
    var code: String
    /// A clause for people; never a customer's value.
    var reason: String

    init(_ code: String, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    /// Something stored of the customer it is about cannot be read: nothing is added to what nobody can decide about.
    static let unreadableCustomer = ItemRefusal(
        "unreadable-customer", "what is stored of this customer cannot be read: care doctor says what, and what to do")
}

/// What one item may be at most.
enum IntakeLimits {
    /// Bytes of a customer's id.
    static let customerBytes = 256
    /// Bytes of an event's type, and of its id.
    static let nameBytes = 256
    /// Bytes of an event's source.
    static let sourceBytes = 1_024
    /// Properties of one event, attributes of one request.
    static let members = 1_000
    /// Items of one request.
    static let items = 1_000
    /// How far ahead of the clock an event may be, in milliseconds.
    static let aheadMilliseconds: Int64 = 10 * 60_000
    /// Bytes of an `Idempotency-Key`.
    static let keyBytes = 255
}

/// Makes facts of what requests say, and holds them against what the rules declare.
struct FactReader: Sendable {
    let schema: Schema
    /// The decision clock, now.
    let now: Timestamp

    /// An event.
    ///
    /// - Parameters:
    ///   - time: when it happened; nil: now.
    ///   - id: its id within `source`; nil: a new one.
    func event(
        customer: String, type: String, source: String, id: String?, time: Timestamp?, properties: JSONObject
    ) throws(ItemRefusal) -> IntakeItem {
        try check(customer: customer)
        try check(type, "type", atMost: IntakeLimits.nameBytes)
        try check(source, "source", atMost: IntakeLimits.sourceBytes)
        guard source != Event.reservedSource else {
            throw ItemRefusal("reserved-source", "the source 'api' is that of calls of campaigns")
        }
        if let id { try check(id, "id", atMost: IntakeLimits.nameBytes) }
        try check(properties, "properties")
        let time = time ?? now
        try check(time)
        if let declared = schema.events[type]?.properties {
            for (name, value) in properties.members {
                guard let property = declared[name], let reason = property.refusal(value) else { continue }
                throw ItemRefusal("bad-value", "the property '\(name)' is \(reason)")
            }
        }
        let event = Event(
            type: type, source: source, id: id ?? "evt_" + Secrets.random(bytes: 16), time: time, receivedAt: now,
            properties: properties)
        return IntakeItem(customer: customer, item: .fact(.event(event)))
    }

    /// A call of a campaign.
    func call(
        of campaign: String, customer: String, key: String, properties: JSONObject
    ) throws(ItemRefusal) -> IntakeItem {
        try check(customer: customer)
        try check(properties, "properties")
        let event = Event(callOf: campaign, key: key, properties: properties, time: now, receivedAt: now)
        return IntakeItem(customer: customer, item: .fact(.event(event)))
    }

    /// Attributes.
    func setting(customer: String, _ setting: AttributeSetting) throws(ItemRefusal) -> IntakeItem {
        try check(customer: customer)
        try check(setting.values, "attributes")
        if let time = setting.time { try check(time) }
        for (name, value) in setting.values.members {
            guard !name.isEmpty, name.utf8.count <= IntakeLimits.nameBytes else {
                throw ItemRefusal("bad-attribute", "an attribute's name has 1 to \(IntakeLimits.nameBytes) bytes")
            }
            guard let index = schema.attributeIndex(name) else { continue }
            if let reason = schema.attributes[index].type.refusal(value) {
                throw ItemRefusal("bad-value", "the attribute '\(name)' is \(reason)")
            }
        }
        return IntakeItem(customer: customer, item: .change(setting))
    }

    private func check(customer: String) throws(ItemRefusal) {
        try check(customer, "customer", atMost: IntakeLimits.customerBytes)
    }

    private func check(_ text: String, _ name: String, atMost limit: Int) throws(ItemRefusal) {
        let isPlain = !text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
        guard !text.isEmpty, text.utf8.count <= limit, isPlain else {
            throw ItemRefusal("bad-\(name)", "\(name) is text of 1 to \(limit) bytes without control characters")
        }
    }

    private func check(_ object: JSONObject, _ name: String) throws(ItemRefusal) {
        guard object.count <= IntakeLimits.members else {
            throw ItemRefusal("too-many-members", "\(name) has more than \(IntakeLimits.members) members")
        }
        guard object.isWithinDepth else {
            throw ItemRefusal("too-deep", "\(name) is nested more than \(FactLimits.depth) deep")
        }
        guard object.isWithinBytes else {
            throw ItemRefusal("too-large", "\(name) has more than \(FactLimits.bytes) bytes as canonical JSON")
        }
    }

    private func check(_ time: Timestamp) throws(ItemRefusal) {
        guard time.milliseconds(since: now) <= IntakeLimits.aheadMilliseconds else {
            throw ItemRefusal("ahead", "its time is more than ten minutes ahead")
        }
    }
}

extension Event {
    /// The source that only calls of campaigns have.
    fileprivate static var reservedSource: String { "api" }
}

import CareIntake
import CareValues

/// A record made ready for the store, on the reader's thread: the writer's time is the scarce one.
struct ImportRow: Sendable {
    /// Whom it is about.
    var customer: String
    /// What it says. An event without an id of its own has an empty one until it is named; attributes without a time
    /// get theirs where they are written.
    var fact: Fact
    /// What names an event that has no id; nil for all else.
    var identity: EventIdentity?
    /// Where it stands.
    var extent: RowExtent
    /// The field that holds a sentinel date, or nil.
    var sentinelField: String?
    /// The field that names a zone which does not exist, or nil.
    var zoneField: String?
    /// Whether it is an event of a type that the rules neither declare nor name, while they declare others.
    var isUndeclared = false

    /// The row of a record whose events are from `source` where they name none.
    init(_ record: IntakeRecord, source: String) {
        customer = record.customer
        extent = record.extent
        sentinelField = record.sentinelField
        switch record.content {
        case .attributes(let values, let time):
            fact = .attributes(
                AttributeFact(
                    values: values, time: time ?? .distantPast, receivedAt: time ?? .distantPast,
                    hasOwnTime: time != nil))
        case .event(let type, let id, let named, let time, let properties):
            fact = .event(
                Event(
                    type: type, source: named ?? source, id: id ?? "", time: time, receivedAt: time,
                    properties: properties))
            if id == nil {
                identity = EventIdentity(customer: customer, type: type, time: time, properties: properties)
            }
        }
    }

    /// The event's time, or since when the attributes are so; nil: the record does not say.
    var time: Timestamp? {
        switch fact {
        case .event(let event): event.time
        case .attributes(let attributes): attributes.hasOwnTime ? attributes.time : nil
        }
    }
}

extension Fact {
    /// The fact, so since `instant` if it is attributes without a time of their own.
    func timed(at instant: Timestamp) -> Fact {
        guard case .attributes(var attributes) = self, !attributes.hasOwnTime else { return self }
        attributes.time = instant
        attributes.receivedAt = instant
        return .attributes(attributes)
    }
}

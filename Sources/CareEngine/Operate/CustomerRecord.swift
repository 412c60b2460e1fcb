import CareDecisions
import CareLogic
import CareRules
import CareStore
import CareValues

/// Everything that is stored about one customer, as of the store's clock.
public struct CustomerRecord: Sendable {
    /// An attribute or a trait.
    public struct Value: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// What it is; nil: missing, or it cannot be computed.
        public var value: JSONValue?
        /// Whether it is personal: marked so, or computed from what is.
        public var isPersonal: Bool
        /// Since when a trait counts, where the facts before were folded without it; nil: since ever.
        public var since: Timestamp?
    }

    /// The customer's row, brought up to the rules in force.
    public var row: CustomerRow
    /// The zone the customer lives by.
    public var zone: Zone
    /// The rules' declared attributes, in their order.
    public var attributes: [Value]
    /// The named traits, in their order.
    public var traits: [Value]
    /// The names of the segments the customer is in.
    public var segments: [String]
    /// All facts, by time.
    public var facts: [Fact]
    /// All decisions, in the order they were taken.
    public var decisions: [LedgerEntry]
    /// The deliveries that were ordered, in the order of the decisions.
    public var deliveries: [StoredDelivery]
    /// The attempts at each, in their order.
    public var attempts: [DeliveryID: [StoredAttempt]]
    /// Hides what is personal.
    public var mask: PersonalMask
    /// Which life this is; 1 unless the customer was erased and taken in again.
    public var generation: Int

    /// The record of a customer by the rules in force; nil: nothing is stored of one.
    ///
    /// - Throws: ``StoreError``; ``EngineError`` when there are no rules, or the row cannot be read.
    public static func read(
        _ id: String, in store: any StoreSnapshot, zones: any ZoneDirectory
    ) throws -> CustomerRecord? {
        guard let stored = try store.customer(id) else { return nil }
        let rules = try RulesInForce(in: store, zones: zones)
        var row = try stored.row.withUnsafeBytes {
            try rules.load(id: id, epoch: stored.epoch, wakeUp: stored.wakeUp, bytes: $0, from: store).row
        }
        row.asOf = max(row.asOf, try store.clock ?? row.asOf)
        let decider = rules.current
        let schema = decider.active.rules.schema
        let context = decider.context(of: row)
        func value(_ name: String, isPersonal: Bool) -> Value {
            let value = StoreCheck.value(name, schema, context)
            return Value(name: name, value: value.isMissing ? nil : value.jsonValue, isPersonal: isPersonal, since: nil)
        }
        let facts = try store.facts(of: id, receivedUntil: nil)
        let base = facts.lazy.compactMap { FactBase($0) }.first
        let decisions = try store.ledger(of: id, campaign: nil)
        var deliveries: [StoredDelivery] = []
        var attempts: [DeliveryID: [StoredAttempt]] = [:]
        for entry in decisions where entry.outcome == Outcome.act.rawValue {
            guard let delivery = try store.deliveries(idPrefix: entry.key.text, limit: 1).first else { continue }
            deliveries.append(delivery)
            attempts[entry.key] = try store.attempts(of: entry.key)
        }
        return CustomerRecord(
            row: row, zone: decider.active.zone(of: row).zone,
            attributes: schema.attributes.map { value($0.name, isPersonal: $0.isPII) },
            traits: schema.traits.indices.filter { !schema.traits[$0].isHidden }.map { index in
                let isPersonal = schema.isPersonal(trait: index)
                var value = value(schema.traits[index].name, isPersonal: isPersonal)
                value.since = base?.since(ofTrait: index, schema: schema)
                return value
            },
            segments: schema.segments.indices.filter { index in
                ((try? schema.segment(index, context))?.isMember) ?? false
            }.map { schema.segments[$0].name },
            facts: facts, decisions: decisions, deliveries: deliveries,
            attempts: attempts, mask: PersonalMask(context),
            generation: try Erasures(in: store).generation(of: id, in: store))
    }
}

import CareStore
import CareValues

/// Looks for customers of whom something stored cannot be read: row, facts, decisions of everybody. Writes nothing.
///
/// Everything else passes such a customer over, or leaves it out and says how many it left out; this names it.
public struct CustomerCheck: Sendable {
    /// A customer who cannot be read.
    public struct Finding: Sendable, Hashable {
        /// The customer's id.
        public var customer: String
        /// What cannot be read; no customer data.
        public var detail: String
    }

    /// So many are named.
    public static let maximumNamed = 5

    /// How many cannot be read.
    public private(set) var count = 0
    /// The first of them, in the store's order.
    public private(set) var named: [Finding] = []

    /// Looks at every customer of a store; at nobody where no rules were ever in force, since there are no rows then.
    ///
    /// - Throws: ``EngineError`` when rules that were in force cannot be read; ``StoreError``.
    public init(in store: any StoreSnapshot, zones: any ZoneDirectory) throws {
        guard try store.activeRuleSet() != nil else { return }
        let rules = try RulesInForce(in: store, zones: zones)
        try store.scanCustomers(wakeUpBefore: nil, after: nil, through: nil) { id, _, epoch, bytes in
            guard let detail = try rules.defect(id: id, epoch: epoch, bytes: bytes, in: store) else { return true }
            count += 1
            if named.count < Self.maximumNamed { named.append(Finding(customer: id, detail: detail)) }
            return true
        }
    }
}

extension RulesInForce {
    /// What is stored of the customer of that id and cannot be read; nil: all can, or there is no such customer.
    func defect(of customer: String, in store: any StoreSnapshot) throws -> String? {
        do {
            guard let stored = try store.customer(customer) else { return nil }
            return try stored.row.withUnsafeBytes {
                try defect(id: stored.id, epoch: stored.epoch, bytes: $0, in: store)
            }
        } catch {
            guard let detail = UnreadableCustomer.detail(of: error) else { throw error }
            return detail
        }
    }

    /// What of a stored customer cannot be read, its row, its facts or its decisions; nil: all can. No customer data.
    func defect(
        id: String, epoch: Int64, bytes: UnsafeRawBufferPointer, in store: any StoreSnapshot
    ) throws -> String? {
        do {
            _ = try facts(id: id, epoch: epoch, bytes: bytes, from: store)
            _ = try store.facts(of: id, receivedUntil: nil)
            _ = try store.ledger(of: id, campaign: nil)
            return nil
        } catch {
            guard let detail = UnreadableCustomer.detail(of: error) else { throw error }
            return detail
        }
    }
}

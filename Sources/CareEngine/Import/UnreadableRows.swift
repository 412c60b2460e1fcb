import CareIntake
import CareStore
import CareValues

/// Customers of whom something stored cannot be read, as far as an import has come upon them: their rows are refused, and
/// cost no other one.
struct UnreadableRows {
    /// What cannot be read, by the bytes of the customer's id: texts are also equal that are only canonically equivalent.
    private var details: [[UInt8]: String] = [:]

    /// Looks for such customers among those of `rows`. All of a customer is read for it: only after a transaction failed.
    ///
    /// - Returns: whether there is one.
    mutating func find(
        among rows: [ImportRow], in store: any StoreSnapshot, zones: any ZoneDirectory
    ) throws -> Bool {
        let rules = try RulesInForce(in: store, zones: zones)
        var seen: Set<[UInt8]> = []
        var hasFound = false
        for row in rows {
            let key = Array(row.customer.utf8)
            guard seen.insert(key).inserted else { continue }
            guard let defect = try rules.defect(of: row.customer, in: store) else { continue }
            details[key] = defect
            hasFound = true
        }
        return hasFound
    }

    /// The rows of all others, and the refusals of those of the customers found so far.
    func parted(_ rows: [ImportRow]) -> (others: [ImportRow], refusals: [Refusal]) {
        guard !details.isEmpty else { return (rows, []) }
        var others: [ImportRow] = []
        var refusals: [Refusal] = []
        for row in rows {
            if let detail = details[Array(row.customer.utf8)] {
                refusals.append(
                    Refusal(
                        extent: row.extent, field: "", code: .unreadableCustomer,
                        reason: "what is stored of the customer cannot be read: \(detail)"))
            } else {
                others.append(row)
            }
        }
        return (others, refusals)
    }
}

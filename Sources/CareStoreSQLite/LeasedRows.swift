import CareValues

/// Where the deliveries lie that were claimed last, so that what became of them is written without looking for them.
///
/// Only a hint: a row is written by its number, id and state together, and looked for where that finds none.
final class LeasedRows {
    /// Beyond so many all are forgotten: those of attempts that take long are looked for.
    private static let limit = 50_000
    private var numbers: [DeliveryID: Int64] = [:]

    func note(_ id: DeliveryID, number: Int64) {
        if numbers.count >= Self.limit { numbers.removeAll(keepingCapacity: true) }
        numbers[id] = number
    }

    /// The row's number, once.
    func take(_ id: DeliveryID) -> Int64? { numbers.removeValue(forKey: id) }
}
